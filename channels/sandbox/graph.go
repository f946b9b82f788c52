package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// graph is the front of the Graph API, one host for WhatsApp, Messenger and Instagram: whose call it is tells the token.
type graph struct{ s *Sandbox }

// graphCall is one call of the API by somebody who may.
type graphCall struct {
	account Account
	id      string // of the object in the path; "me" is the account's own
	r       *http.Request
}

// edge is a part of the API.
type edge func(graphCall) (any, *graphError)

// graphDialect is a dialect behind this front.
type graphDialect interface {
	dialect
	// edges are the parts of the API, by method and the path behind the object.
	edges() map[string]edge
	// spoilt words a fault of the API: FaultThrottle or FaultError.
	spoilt(kind string) *graphError
}

var graphVersion = regexp.MustCompile(`^v\d{1,3}\.\d$`)

// routes adds the front.
func (g *graph) routes(mux *http.ServeMux) {
	edges := map[string]map[string]edge{}
	for kind, d := range g.s.dialects {
		if d, ok := d.(graphDialect); ok {
			edges[kind] = d.edges()
		}
	}
	mux.HandleFunc("/{version}/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		id, rest, _ := strings.Cut(strings.TrimSuffix(r.PathValue("rest"), "/"), "/")
		if !graphVersion.MatchString(r.PathValue("version")) {
			answerGraph(w, nil, unknownPath(r))
			return
		}
		a, err := g.authorise(r, id)
		if err != nil {
			answerGraph(w, nil, err)
			return
		}
		if id == "me" {
			id = a.ID
		}
		f := edges[a.Kind][r.Method+" "+rest]
		if f == nil {
			answerGraph(w, nil, unknownPath(r))
			return
		}
		g.serve(w, graphCall{account: a, id: id, r: r}, f, rest == "messages")
	})
}

// serve answers a call; those that send are spoilt by the faults.
func (g *graph) serve(w http.ResponseWriter, c graphCall, f edge, sends bool) {
	if sends && g.s.spoil(w, c.r, func(kind string) {
		err := g.s.dialects[c.account.Kind].(graphDialect).spoilt(kind) //nolint:forcetypeassert // it came by this front
		if kind == FaultThrottle {
			err.status = http.StatusTooManyRequests
		}
		answerGraph(w, nil, err)
	}) {
		return
	}
	value, err := f(c)
	if sends && err == nil {
		g.s.vanish()
	}
	answerGraph(w, value, err)
}

func unknownPath(r *http.Request) *graphError {
	err := fail(2500, "")
	err.title += ": " + r.URL.Path
	return err
}

// authorise finds the account whose token this is.
func (g *graph) authorise(r *http.Request, id string) (Account, *graphError) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		token = r.URL.Query().Get("access_token")
	}
	if token == "" {
		err := fail(190, "")
		err.title = "An access token is required to request this resource."
		return Account{}, err
	}
	var found *Account
	for _, a := range g.s.Accounts() {
		if _, ours := g.s.dialects[a.Kind].(graphDialect); !ours || !g.opens(a, token) {
			continue
		}
		if found == nil || id == a.ID || id == a.BusinessID { // a token may belong to several numbers
			found = &a
		}
	}
	if found == nil {
		return Account{}, fail(190, "")
	}
	if proof := r.URL.Query().Get("appsecret_proof"); proof != "" {
		mac := hmac.New(sha256.New, []byte(found.AppSecret))
		mac.Write([]byte(token))
		if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(proof)) {
			err := fail(100, "")
			err.title = "Invalid appsecret_proof provided in the API argument"
			return Account{}, err
		}
	}
	return *found, nil
}

// headers signs the bytes of the body with the app's secret.
func (g *graph) headers(a Account, w *wording, _ string) http.Header {
	mac := hmac.New(sha256.New, []byte(a.AppSecret))
	mac.Write(w.Body)
	return http.Header{
		"Content-Type":        {"application/json"},
		"User-Agent":          {"facebookexternalua"},
		"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))},
	}
}

// confirm asks an address, as Meta does before it sends anything there.
func (g *graph) confirm(ctx context.Context, _ Account, address, verifyToken string) error {
	u, err := url.Parse(g.s.reach(address))
	if err != nil {
		return fmt.Errorf("callback address: %w", err)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1e9))
	if err != nil {
		return fmt.Errorf("challenge: %w", err)
	}
	challenge := n.Add(n, big.NewInt(1e9)).String()
	q := u.Query()
	q.Set("hub.mode", "subscribe")
	q.Set("hub.challenge", challenge)
	q.Set("hub.verify_token", verifyToken)
	u.RawQuery = q.Encode()
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fmt.Errorf("callback request: %w", err)
	}
	req.Header.Set("User-Agent", "facebookplatform/1.0 (+http://developers.facebook.com)")
	res, err := g.s.client.Do(req)
	if err != nil {
		return fmt.Errorf("callback not reached: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("callback answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP Status Code = %d", res.StatusCode)
	}
	if string(body) != challenge {
		return fmt.Errorf("the challenge was not echoed")
	}
	return nil
}

// readForm reads parameters from JSON, or from a form as many clients send them.
func readForm(r *http.Request, into any) *graphError {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		return fail(100, "The body could not be read.")
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || len(body) == 0 {
		form, _ := url.ParseQuery(string(body))
		for name, values := range r.URL.Query() {
			form[name] = values
		}
		flat := map[string]any{}
		for name, values := range form {
			flat[name] = values[0]
			if json.Valid([]byte(values[0])) && strings.HasPrefix(values[0], "{") {
				flat[name] = json.RawMessage(values[0])
			}
		}
		if body, err = json.Marshal(flat); err != nil {
			return fail(100, "The form could not be read.")
		}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fail(100, "The body is not valid JSON.")
	}
	return nil
}

// encodeLikeMeta writes JSON as Meta puts it on the wire: slashes escaped, everything beyond ASCII as \u in lower case.
func encodeLikeMeta(v any) ([]byte, error) {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	text := bytes.TrimSuffix(plain.Bytes(), []byte("\n"))
	out := make([]byte, 0, len(text)+len(text)/8)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '/': // a slash occurs only inside strings
			out = append(out, '\\', '/')
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
		text = text[size:]
	}
	return out, nil
}
