package channeltest

import (
	"bytes"
	"errors"
	"maps"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"wasl/channels"
)

// signature: only what the provider signed passes, to the byte.
func (s Suite) signature(t *testing.T) {
	a := s.adapter()
	if s.Fetched {
		for name, body := range s.samples(t) {
			if err := a.Verify(s.Account, s.Hook(body)); !errors.Is(err, channels.ErrSignature) {
				t.Errorf("%s by a webhook: %v", name, err)
			}
		}
		return
	}
	for _, v := range s.Vectors {
		hook := s.Hook(v.Body)
		hook.Header.Set(s.SignatureHeader, v.Signature)
		if err := a.Verify(s.Account, hook); (err == nil) != v.Valid {
			t.Errorf("vector %s: %v, want valid %v", v.Name, err, v.Valid)
		}
		s.screen(t, a, hook, v.Valid)
	}
	for name, body := range s.samples(t) {
		if err := a.Verify(s.Account, s.Hook(body)); err != nil {
			t.Errorf("%s: right signature refused: %v", name, err)
		}
		s.screen(t, a, s.Hook(body), true)
		for what, spoil := range s.spoilers() {
			hook := s.Hook(bytes.Clone(body))
			account := s.Account
			account.Credentials = maps.Clone(s.Account.Credentials)
			spoil(&hook, &account)
			if err := a.Verify(account, hook); !errors.Is(err, channels.ErrSignature) {
				t.Errorf("%s with %s: %v", name, what, err)
			}
		}
	}
}

// screen: the header of what is genuine is let in before there is a body, and one without a signature is not.
func (s Suite) screen(t *testing.T, a channels.Adapter, hook channels.Webhook, genuine bool) {
	t.Helper()
	hook.Body = nil
	if err := a.Screen(s.Account, hook); genuine && err != nil {
		t.Errorf("the header of a genuine request is refused: %v", err)
	}
	hook.Header.Del(s.SignatureHeader)
	if err := a.Screen(s.Account, hook); !errors.Is(err, channels.ErrSignature) {
		t.Errorf("a header without a signature: %v", err)
	}
}

func (s Suite) spoilers() map[string]func(*channels.Webhook, *channels.Account) {
	change := func(f func(string) string) func(*channels.Webhook, *channels.Account) {
		return func(h *channels.Webhook, _ *channels.Account) {
			h.Header.Set(s.SignatureHeader, f(h.Header.Get(s.SignatureHeader)))
		}
	}
	spoilers := map[string]func(*channels.Webhook, *channels.Account){
		"no signature":          func(h *channels.Webhook, _ *channels.Account) { h.Header.Del(s.SignatureHeader) },
		"an empty signature":    change(func(string) string { return "" }),
		"a truncated signature": change(func(v string) string { return v[:len(v)-1] }),
		"a longer signature":    change(func(v string) string { return v + "0" }),
		"another signature": change(func(v string) string {
			b := []byte(v)
			b[len(b)-1] ^= 1
			return string(b)
		}),
		"an empty body":  func(h *channels.Webhook, _ *channels.Account) { h.Body = nil },
		"no credentials": func(_ *channels.Webhook, a *channels.Account) { a.Credentials = nil },
		"other credentials": func(_ *channels.Webhook, a *channels.Account) {
			for name := range a.Credentials {
				a.Credentials[name] += "x"
			}
		},
	}
	if !s.Token {
		spoilers["a changed body"] = func(h *channels.Webhook, _ *channels.Account) { h.Body[len(h.Body)/2] ^= 1 }
		spoilers["a longer body"] = func(h *channels.Webhook, _ *channels.Account) { h.Body = append(h.Body, '\n') }
	}
	return spoilers
}

// incoming: every sample gives the events of its golden file, the same ones each time, and nothing given is changed.
func (s Suite) incoming(t *testing.T) {
	a := s.adapter()
	for name, body := range s.samples(t) {
		t.Run(name, func(t *testing.T) {
			hook := s.Hook(bytes.Clone(body))
			account := s.Account
			account.Credentials = maps.Clone(s.Account.Credentials)
			events, err := a.Parse(account, hook)
			if err != nil {
				t.Fatal(err)
			}
			checkEvents(t, events)
			checkKeys(t, events)
			golden(t, filepath.Join(s.Dir, "golden", name+".json"), Dump(events))
			if !bytes.Equal(hook.Body, s.Hook(body).Body) || !maps.Equal(account.Credentials, s.Account.Credentials) {
				t.Error("the input was changed")
			}
			again, err := a.Parse(account, s.Hook(bytes.Clone(body)))
			if err != nil || !reflect.DeepEqual(events, again) {
				t.Errorf("the same body again gave something else: %v", err)
			}
			clear(hook.Body)
			if again, _ := a.Parse(account, s.Hook(body)); !reflect.DeepEqual(events, again) {
				t.Error("events point into the body, which the server uses again")
			}
		})
	}
}

// checkEvents checks what holds for every event.
func checkEvents(t *testing.T, events []channels.Event) {
	t.Helper()
	for _, e := range events {
		if e.Key == "" || e.Account == "" {
			t.Errorf("an event without key or account: %s", Dump(e))
		}
		if n := parts(e); n != 1 && !(n == 2 && e.Message != nil && (e.Receipt != nil || e.Reaction != nil)) {
			t.Errorf("%s has %d parts, want one", e.Key, n)
		}
		if e.Notice == nil && e.Receipt == nil && (e.Contact == nil || len(e.Contact.Identities) == 0) {
			t.Errorf("%s is about nobody", e.Key)
		}
		if e.Contact != nil {
			for _, i := range e.Contact.Identities {
				if i.Kind == "" || i.Value == "" || i.Display == "" {
					t.Errorf("%s: incomplete identity %+v", e.Key, i)
				}
			}
		}
		if m := e.Message; m != nil && (m.ProviderID == "" || m.Content.Type == "") {
			t.Errorf("%s: a message without id or type", e.Key)
		}
		if y := e.At.Year(); !e.At.IsZero() && (y < 1970 || y > 9999) {
			t.Errorf("%s: at %s", e.Key, e.At)
		}
	}
}

// checkKeys: a key stands for one happening.
func checkKeys(t *testing.T, events []channels.Event) {
	t.Helper()
	seen := map[string]channels.Event{}
	for _, e := range events {
		if twin, ok := seen[e.Key]; ok && !reflect.DeepEqual(twin, e) {
			t.Errorf("two happenings with the key %s", e.Key)
		}
		seen[e.Key] = e
	}
}

func parts(e channels.Event) (n int) {
	for _, set := range []bool{
		e.Message != nil, e.Receipt != nil, e.Reaction != nil, e.Edit != nil, e.Deletion != nil, e.Profile != nil,
		e.Notice != nil,
	} {
		if set {
			n++
		}
	}
	return n
}

// Check parses any body and checks what holds for whatever comes of it; fuzzing uses it too.
func Check(t *testing.T, a channels.Adapter, account channels.Account, hook channels.Webhook) {
	t.Helper()
	events, err := a.Parse(account, hook)
	if err != nil && !errors.Is(err, channels.ErrBody) {
		t.Errorf("a body that cannot be read must be ErrBody, not %v", err)
	}
	checkEvents(t, events)
}

// broken: bodies that end early or hold rubbish are refused or understood in part, never a panic.
func (s Suite) broken(t *testing.T) {
	a := s.adapter()
	for _, body := range s.samples(t) {
		for cut := 0; cut < len(body); cut += 1 + len(body)/40 {
			Check(t, a, s.Account, s.Hook(bytes.Clone(body[:cut])))
			flipped := bytes.Clone(body)
			flipped[cut] ^= 0x15
			Check(t, a, s.Account, s.Hook(flipped))
		}
	}
}

// unknown: what nobody knows yet stays visible.
func (s Suite) unknown(t *testing.T) {
	a := s.adapter()
	for name, body := range s.Unknown {
		events, err := a.Parse(s.Account, s.Hook([]byte(body)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkEvents(t, events)
		visible := false
		for _, e := range events {
			visible = visible || e.Message != nil && e.Message.Content.Type == "unsupported" && len(e.Message.Raw) > 0 ||
				e.Notice != nil && e.Notice.Kind == "unknown" && len(e.Notice.Raw) > 0
		}
		if !visible {
			t.Errorf("%s vanished: %s", name, Dump(events))
		}
	}
}

// many: a large body gives every one of its messages.
func (s Suite) many(t *testing.T) {
	const n = 3000
	events, err := s.adapter().Parse(s.Account, s.Hook(s.Many(n)))
	if err != nil || len(events) != n {
		t.Fatalf("%d events, want %d: %v", len(events), n, err)
	}
	checkEvents(t, events)
	keys := map[string]bool{}
	for _, e := range events {
		keys[e.Key] = true
	}
	if len(keys) != n {
		t.Errorf("%d keys for %d messages", len(keys), n)
	}
}

// concurrent: one adapter serves all channels at once.
func (s Suite) concurrent(t *testing.T) {
	a := s.adapter()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, body := range s.samples(t) {
				if !s.Fetched && a.Verify(s.Account, s.Hook(body)) != nil {
					t.Error("refused")
				}
				_, _ = a.Parse(s.Account, s.Hook(body))
			}
		})
	}
	wg.Wait()
}
