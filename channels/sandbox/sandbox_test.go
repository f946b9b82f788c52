package sandbox_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"wasl/channels/sandbox"
)

const (
	token  = "sandbox-token"
	secret = "fixture-app-secret-0123456789abcdef"
)

// gateway is the business' side: it keeps what the webhooks say.
type gateway struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
	news   chan []byte
	answer func(n int) int // status of the n-th webhook
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{news: make(chan []byte, 1000), answer: func(int) int { return http.StatusOK }}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if r.URL.Query().Get("hub.verify_token") != "verify-me" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
			return
		}
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if r.Header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
			t.Error("signature is wrong")
		}
		g.mu.Lock()
		status := g.answer(len(g.bodies))
		g.bodies = append(g.bodies, body)
		g.mu.Unlock()
		w.WriteHeader(status)
		g.news <- body
	}))
	t.Cleanup(g.Close)
	return g
}

// hook is the part of a webhook that the tests look at.
type hook struct {
	Entry []struct {
		ID      string
		Changes []struct {
			Field string
			Value struct {
				Metadata struct {
					PhoneID string `json:"phone_number_id"`
				}
				Contacts []struct {
					WaID    string `json:"wa_id"`
					UserID  string `json:"user_id"`
					Profile struct{ Name, Username string }
				}
				Messages []json.RawMessage
				Echoes   []json.RawMessage `json:"message_echoes"`
				Statuses []struct {
					ID, Status string
					Opaque     string `json:"biz_opaque_callback_data"`
					Errors     []struct{ Code int }
				}
			}
		}
	}
}

// next waits for a webhook.
func (g *gateway) next(t *testing.T) hook {
	t.Helper()
	select {
	case body := <-g.news:
		var h hook
		if err := json.Unmarshal(body, &h); err != nil {
			t.Fatalf("webhook is no JSON: %v", err)
		}
		return h
	case <-time.After(10 * time.Second):
		t.Fatal("no webhook came")
	}
	return hook{}
}

// status waits for a report and returns the message and what became of it.
func (g *gateway) status(t *testing.T) (id, status string) {
	t.Helper()
	for {
		if s := g.next(t).Entry[0].Changes[0].Value.Statuses; len(s) > 0 {
			return s[0].ID, s[0].Status
		}
	}
}

var people = []sandbox.Customer{
	{Key: "noa", Name: "Noa Levi", Phone: "972501234567", UserID: "IL.7000000000000000001", Language: "he"},
	{Key: "ghost", Name: "Rami", UserID: "JO.7000000000000000002", Username: "@rami", Language: "ar"},
}

func account(callback string) sandbox.Account {
	return sandbox.Account{
		ID: "800000000000001", BusinessID: "900000000000001", Name: "Meridian", Address: "+1 202-555-0100",
		AccessToken: token, AppSecret: secret, VerifyToken: "verify-me", Callback: callback,
	}
}

// bench is a sandbox with its API on a socket and a gateway behind it.
type bench struct {
	*sandbox.Sandbox
	api  *httptest.Server
	gate *gateway
}

func newBench(t *testing.T, change ...func(*sandbox.Options)) *bench {
	t.Helper()
	gate := newGateway(t)
	o := sandbox.Options{Accounts: []sandbox.Account{account(gate.URL)}, Customers: people}
	for _, f := range change {
		f(&o)
	}
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx) }()
	api := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		cancel()
		<-done
		api.CloseClientConnections()
		api.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{s, api, gate}
}

// answer is what the API said.
type answer struct {
	status   int
	header   http.Header
	raw      []byte
	Messages []struct {
		ID     string
		Status string `json:"message_status"`
	}
	Contacts []map[string]string
	Success  bool
	ID       string
	Error    struct {
		Code    int
		Subcode int `json:"error_subcode"`
		Message string
		Data    struct{ Details string } `json:"error_data"`
	}
}

func (b *bench) call(t *testing.T, method, path, body string) answer {
	t.Helper()
	a, err := b.try(method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b *bench) try(method, path, body string) (answer, error) {
	req, err := http.NewRequest(method, b.api.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := b.api.Client().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		return a, err
	}
	_ = json.Unmarshal(a.raw, &a)
	return a, nil
}

func (b *bench) send(t *testing.T, body string) answer {
	t.Helper()
	return b.call(t, http.MethodPost, "/v26.0/800000000000001/messages", body)
}

// text is a text message to Noa.
func text(body string) string {
	return `{"messaging_product":"whatsapp","to":"+972501234567","type":"text","text":{"body":"` + body +
		`"},"biz_opaque_callback_data":"msg_1"}`
}

func (b *bench) say(t *testing.T, phone, words string) sandbox.Message {
	t.Helper()
	m, err := b.Say(sandbox.Message{Phone: phone, Content: sandbox.Content{Type: "text", Text: words}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTextGoesBothWaysWithItsReports(t *testing.T) {
	b := newBench(t)
	m := b.say(t, "noa", "שלום")
	in := b.gate.next(t).Entry[0].Changes[0].Value
	if len(in.Messages) != 1 || in.Contacts[0].WaID != "972501234567" || in.Metadata.PhoneID != "800000000000001" {
		t.Fatalf("not the message of Noa: %+v", in)
	}
	a := b.send(t, text("Hello"))
	if a.status != 200 || len(a.Messages) != 1 || a.Contacts[0]["wa_id"] != "972501234567" {
		t.Fatalf("not taken: %s", a.raw)
	}
	for _, want := range []string{"sent", "delivered", "read"} {
		if id, status := b.gate.status(t); id != a.Messages[0].ID || status != want {
			t.Fatalf("want %s of %s, got %s of %s", want, a.Messages[0].ID, status, id)
		}
	}
	chat := b.Chat("noa")
	if len(chat) != 2 || chat[0].ID != m.ID || chat[0].Status != sandbox.StatusDelivered || chat[1].Content.Text != "Hello" ||
		chat[1].Status != sandbox.StatusRead {
		t.Fatalf("the phone shows %+v", chat)
	}
}
