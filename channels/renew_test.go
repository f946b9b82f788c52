package channels_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/channels/instagram"
	"wasl/internal/secret"
	"wasl/store"
)

const day = 24 * time.Hour

// tokens is Instagram as far as its tokens go: renewed ones are IG1, IG2 and so on.
type tokens struct {
	mu     sync.Mutex
	asked  []string // with which tokens renewal was asked for
	answer string   // instead, with its status
	status int
	dead   bool // the token is good for nothing any more
	during func()
}

func (p *tokens) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	status, body := http.StatusOK, `{"id":"9","user_id":"178"}`
	switch {
	case r.URL.Host != "graph.instagram.com" && r.URL.Host != "graph.facebook.com":
		return nil, fmt.Errorf("called %s", r.URL.Host)
	case r.URL.Path == "/refresh_access_token" && r.URL.Query().Get("grant_type") == "ig_refresh_token":
		p.asked = append(p.asked, r.URL.Query().Get("access_token"))
		status, body = p.status, p.answer
		if status == 0 {
			status, body = http.StatusOK, fmt.Sprintf(`{"access_token":"IG%d","token_type":"bearer","expires_in":5184000}`, len(p.asked))
		}
		if p.during != nil {
			p.during()
		}
	case p.dead:
		status, body = http.StatusUnauthorized, `{"error":{"code":190}}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (p *tokens) calls() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

func (p *tokens) become(status int, answer string, dead bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.answer, p.dead = status, answer, dead
}

func (i *instance) account(t *testing.T, token string) *channels.Channel {
	t.Helper()
	ch, err := i.Create(t.Context(), "w", channels.New{Kind: instagram.Kind, Name: "Shop", Credentials: map[string]string{
		"account_id": "178", "access_token": token, "app_secret": "s", "verify_token": "v",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func (i *instance) token(t *testing.T, id string) string {
	t.Helper()
	c, err := i.Connected(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.Account.Credentials {
		if name != "access_token" && value == "" {
			t.Errorf("%s is gone", name)
		}
		if bytes.Contains(c.Sealed, []byte(value)) && len(value) > 2 {
			t.Errorf("%s is stored in the clear", name)
		}
	}
	return c.Account.Credentials["access_token"]
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestATokenThatEndsIsRenewedEveryWeekByOneInstance(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &tokens{}
		one, two := startWith(t, disk, box, provider), startWith(t, disk, box, provider)
		one.connect(t) // of a kind whose tokens do not end
		ch := one.account(t, "IGfirst")
		pass(24 * time.Hour)
		if asked := provider.calls(); len(asked) != 0 {
			t.Errorf("renewed before the provider allows it: %v", asked)
		}
		pass(2 * time.Hour)
		if got := one.token(t, ch.ID) + two.token(t, ch.ID); got != "IG1IG1" {
			t.Errorf("after a day: %s", got)
		}
		v := two.health(t, ch.ID)
		if left := time.Until(v.TokenEndsAt.Time); left < 59*day || left > 60*day || v.State != "new" || v.Problem != nil {
			t.Errorf("%+v", v)
		}
		one.stop()
		two.stop()
		pass(6 * day)
		one, two = startWith(t, disk, box, provider), startWith(t, disk, box, provider)
		if asked := provider.calls(); !slices.Equal(asked, []string{"IGfirst"}) {
			t.Errorf("asked with %v", asked)
		}
		pass(day + time.Hour)
		if asked := provider.calls(); !slices.Equal(asked, []string{"IGfirst", "IG1"}) || one.token(t, ch.ID) != "IG2" {
			t.Errorf("asked with %v", asked)
		}
		if told := slices.Concat(one.kinds(), two.kinds()); len(told) != 0 {
			t.Errorf("told %v", told)
		}
	})
}

func TestATokenOfAPageIsLeftAlone(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &tokens{}
		one := startWith(t, disk, box, provider)
		ch := one.account(t, "EAApage")
		pass(27 * time.Hour)
		if asked := provider.calls(); len(asked) != 0 || one.token(t, ch.ID) != "EAApage" {
			t.Errorf("asked with %v", asked)
		}
		fresh := "IGown" // the account changes to its own login
		if _, err := one.Change(t.Context(), "w", ch.ID,
			channels.Patch{Credentials: map[string]string{"access_token": fresh}}); err != nil {
			t.Fatal(err)
		}
		pass(26 * time.Hour)
		if asked := provider.calls(); !slices.Equal(asked, []string{fresh}) {
			t.Errorf("asked with %v", asked)
		}
	})
}

func TestARefusalIsShownUntilTheTokenIsRenewed(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &tokens{}
		provider.become(400, `{"error":{"code":10,"message":"no"}}`, false)
		one := startWith(t, disk, box, provider)
		ch := one.account(t, "IGfirst")
		pass(26 * time.Hour)
		v := one.health(t, ch.ID)
		if v.State != "ending" || v.Problem == nil || v.Problem.Code != "token_not_renewed" || v.LastError == nil ||
			v.LastError.Code != "permission_missing" {
			t.Errorf("%+v", v)
		}
		pass(24 * time.Hour)
		if asked, told := provider.calls(), one.kinds(); len(asked) != 2 || !slices.Equal(told, []string{"channel_ending"}) {
			t.Errorf("asked with %v, told %v", asked, told)
		}
		provider.become(0, "", false)
		pass(24 * time.Hour)
		if v := one.health(t, ch.ID); v.State != "new" || v.Problem != nil || one.token(t, ch.ID) != "IG3" {
			t.Errorf("renewed after all: %+v", v)
		}
	})
}

func TestATokenThatIsDeadStopsTheChannel(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &tokens{}
		provider.become(401, `{"error":{"code":190}}`, true)
		one := startWith(t, disk, box, provider)
		ch := one.account(t, "IGfirst")
		pass(26 * time.Hour)
		if v := one.health(t, ch.ID); v.State != "stopped" || v.Problem.Code != "token_invalid" {
			t.Errorf("the token is dead: %+v", v)
		}
		if told := one.kinds(); !slices.Equal(told, []string{"channel_stopped"}) {
			t.Errorf("told %v", told)
		}
	})
}

func TestAPassingProblemIsTriedAgainWithinTheHour(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &tokens{}
		provider.become(500, "oops", false)
		one := startWith(t, disk, box, provider)
		ch := one.account(t, "IGfirst")
		pass(25*time.Hour + 2*time.Minute)
		provider.become(0, "", false)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = one.runner.Serve(ctx, true) })
		pass(time.Hour)
		cancel()
		wg.Wait()
		if got := one.token(t, ch.ID); got != "IG2" || one.health(t, ch.ID).Problem != nil || len(one.kinds()) != 0 {
			t.Errorf("token %s, told %v", got, one.kinds())
		}
	})
}

func TestWhatAPersonEntersDuringARenewalStays(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &tokens{}
		one := startWith(t, disk, box, provider)
		other := startWith(t, disk, box, &tokens{})
		ch := one.account(t, "IGfirst")
		provider.during = func() {
			if _, err := other.Change(t.Context(), "w", ch.ID,
				channels.Patch{Credentials: map[string]string{"access_token": "IGtyped"}}); err != nil {
				t.Error(err)
			}
		}
		other.stop() // leaves the renewal to the first
		pass(26 * time.Hour)
		if got, asked := one.token(t, ch.ID), provider.calls(); got != "IGtyped" || len(asked) != 1 {
			t.Errorf("token %s, asked with %v", got, asked)
		}
	})
}
