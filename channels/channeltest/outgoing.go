package channeltest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wasl/channels"
)

// provider records what reaches the stand-in.
type provider struct {
	*httptest.Server
	mu    sync.Mutex
	calls []Call
}

// Call is one request as it reached the provider, for goldens.
type Call struct {
	Request       string // method, path and query
	Authorization string
	ContentType   string // without a boundary
	Body          any
}

// start runs a stand-in; each request is recorded, then answered by the handler, which may read the body again.
func start(t *testing.T, handler http.HandlerFunc) *provider {
	p := &provider{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.mu.Lock()
		p.calls = append(p.calls, record(r, body))
		p.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func record(r *http.Request, body []byte) Call {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	c := Call{Request: r.Method + " " + r.URL.RequestURI(), Authorization: r.Header.Get("Authorization"), ContentType: kind}
	switch kind {
	case "application/json":
		c.Body = json.RawMessage(body)
	case "multipart/form-data":
		var parts []string
		form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
		for part, err := form.NextPart(); err == nil; part, err = form.NextPart() {
			data, _ := io.ReadAll(part)
			parts = append(parts, fmt.Sprintf("%s %q %s: %s", part.FormName(), part.FileName(), part.Header.Get("Content-Type"), data))
		}
		c.Body = parts
	default:
		c.Body = string(body)
	}
	return c
}

// outgoing: every case makes the calls of its golden file and returns the provider's receipt.
func (s Suite) outgoing(t *testing.T) {
	for _, c := range s.Outgoing {
		t.Run(c.Name, func(t *testing.T) {
			if s.Host != nil {
				h := s.Host(t, Healthy)
				sent, err := Send(t.Context(), h.Adapter, h.Account, c.Out)
				if sent.Copy, sent.Answered = nil, ""; err != nil || !reflect.DeepEqual(sent, c.Sent) { // those are the source's matter
					t.Fatalf("sent %+v, want %+v: %v", sent, c.Sent, err)
				}
				golden(t, filepath.Join(s.Dir, "out", c.Name+".json"), Dump(h.Said()))
				return
			}
			p := start(t, s.Provider)
			account := s.Account
			account.BaseURL = p.URL
			sent, err := Send(t.Context(), s.New(p.Client()), account, c.Out)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(sent, c.Sent) {
				t.Errorf("sent %+v, want %+v", sent, c.Sent)
			}
			golden(t, filepath.Join(s.Dir, "out", c.Name+".json"), Dump(p.calls))
		})
	}
}

// Send uploads a message's files, where the channel wants that, and sends it.
func Send(ctx context.Context, adapter channels.Adapter, account channels.Account, out channels.Outgoing) (channels.Sent, error) {
	if adapter.Capabilities().Uploads > 0 {
		out.Content.Attachments = slices.Clone(out.Content.Attachments)
		for n := range out.Content.Attachments {
			file := &out.Content.Attachments[n]
			content, err := out.Open(ctx, *file)
			if err != nil {
				return channels.Sent{}, err
			}
			defer content.Close()
			if file.ProviderID, err = adapter.(channels.Uploader).Upload(ctx, account, *file, content); err != nil {
				return channels.Sent{}, err
			}
		}
	}
	return adapter.Send(ctx, account, out)
}

// fault is one way in which a provider fails, and what that means.
type fault struct {
	answer     http.HandlerFunc
	outcome    channels.Outcome
	retryAfter time.Duration
}

func answer(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp breaks the connection after the request was read.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = conn.Close()
	}
}

func (s Suite) list() map[string]fault {
	const date = "Sun, 22 Nov 2026 08:00:00 GMT"
	return map[string]fault{
		"429 with seconds": {answer(429, "", "Retry-After", "7"), channels.Throttled, 7 * time.Second},
		"429 with a date": {
			answer(429, "", "Retry-After", "Sun, 22 Nov 2026 08:00:30 GMT", "Date", date), channels.Throttled,
			30 * time.Second,
		},
		"500 without a word":   {answer(500, ""), channels.Uncertain, 0},
		"502 of a gateway":     {answer(502, "<html>Bad Gateway</html>"), channels.Uncertain, 0},
		"401":                  {answer(401, s.Unauthorized), channels.Dead, 0},
		"404 of a wrong host":  {answer(404, "<html>"), channels.Refused, 0},
		"a redirect":           {answer(307, "", "Location", "/elsewhere"), channels.Refused, 0},
		"200 with rubbish":     {answer(200, "<html>welcome</html>"), channels.Uncertain, 0},
		"200 with half":        {answer(200, `{"mess`), channels.Uncertain, 0},
		"200 without an id":    {answer(200, `{}`), channels.Uncertain, 0},
		"200 that breaks off":  {answer(200, `{"messages":`, "Content-Length", "5000"), channels.Uncertain, 0},
		"reset after the send": {hangUp, channels.Uncertain, 0},
	}
}

// faults: every failure of the sending call ends in the outcome that it means, and the call is made once.
func (s Suite) faults(t *testing.T) {
	simple := s.Outgoing[0].Out
	for name, f := range s.list() {
		t.Run(name, func(t *testing.T) {
			p := start(t, s.failing(f.answer))
			e := s.send(t, t.Context(), p, simple)
			if e.Outcome != f.outcome || f.retryAfter != 0 && e.RetryAfter != f.retryAfter {
				t.Errorf("outcome %d after %s, want %d after %s: %v", e.Outcome, e.RetryAfter, f.outcome, f.retryAfter, e)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if len(p.calls) != 1 {
				t.Errorf("%d calls, want one", len(p.calls))
			}
		})
	}
	t.Run("no answer in time", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		p := start(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel() // the deadline passes once the provider has the message
			<-r.Context().Done()
		})
		if e := s.send(t, ctx, p, simple); e.Outcome != channels.Uncertain {
			t.Errorf("outcome %d, want uncertain: %v", e.Outcome, e)
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		p := start(t, s.Provider)
		p.Close()
		if e := s.send(t, t.Context(), p, simple); e.Outcome != channels.Down {
			t.Errorf("outcome %d, want down: %v", e.Outcome, e)
		}
	})
	t.Run("too late to begin", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		p := start(t, s.Provider)
		if e := s.send(t, ctx, p, simple); e.Outcome != channels.Down || len(p.calls) != 0 {
			t.Errorf("outcome %d after %d calls, want down after none: %v", e.Outcome, len(p.calls), e)
		}
	})
}

// hostFaults is faults for a provider that speaks another protocol.
func (s Suite) hostFaults(t *testing.T) {
	for fault, outcome := range meanings {
		t.Run(string(fault), func(t *testing.T) {
			h := s.Host(t, fault)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, err := h.Adapter.Send(ctx, h.Account, s.Outgoing[0].Out)
			e := s.told(t, err)
			if e.Outcome != outcome || outcome == channels.Throttled && e.RetryAfter <= 0 {
				t.Errorf("outcome %d after %s, want %d: %v", e.Outcome, e.RetryAfter, outcome, e)
			}
		})
	}
	t.Run("too late to begin", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		h := s.Host(t, Healthy)
		_, err := h.Adapter.Send(ctx, h.Account, s.Outgoing[0].Out)
		if e := s.told(t, err); e.Outcome != channels.Down || h.Said() != nil {
			t.Errorf("outcome %d, want down after nothing: %v", e.Outcome, e)
		}
	})
}

// failing answers the sending call with the fault and everything before it as the healthy provider does.
func (s Suite) failing(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.IsSend(r) {
			answer(w, r)
			return
		}
		s.Provider(w, r)
	}
}

// send expects a failure, in words that can be shown and without secrets.
func (s Suite) send(t *testing.T, ctx context.Context, p *provider, out channels.Outgoing) *channels.SendError {
	t.Helper()
	account := s.Account
	account.BaseURL = p.URL
	_, err := s.New(p.Client()).Send(ctx, account, out)
	return s.told(t, err)
}

// told wants an error in words that can be shown and without secrets.
func (s Suite) told(t *testing.T, err error) *channels.SendError {
	t.Helper()
	var e *channels.SendError
	if !errors.As(err, &e) {
		t.Fatalf("not a SendError: %v", err)
	}
	if e.Code == "" || e.Title == "" || e.Detail == "" {
		t.Errorf("an agent cannot understand this: %+v", e)
	}
	for name, secret := range s.Account.Credentials {
		if strings.Contains(e.Error()+e.Detail, secret) {
			t.Errorf("the error shows the credential %s", name)
		}
	}
	return e
}
