package channels_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/channels/meta"
	"wasl/channels/whatsapp"
	"wasl/internal/errs"
	"wasl/internal/secret"
	"wasl/store"
)

// graph answers about the number 1 as Meta does.
type graph struct {
	mu     sync.Mutex
	dead   map[string]bool // tokens
	hosts  map[string]string
	list   string
	during func() // while the provider is asked
}

func (p *graph) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	during, token := p.during, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.during = nil
	status, body := http.StatusOK, `{"id":"1","data":[`+p.list+`]}`
	if p.dead[token] {
		status, body = http.StatusUnauthorized, `{"error":{"code":190,"message":"m"}}`
	}
	if p.hosts == nil {
		p.hosts = map[string]string{}
	}
	p.hosts[r.URL.Host] += token + " "
	p.mu.Unlock()
	if during != nil {
		during()
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// meanwhile has something happen while the provider is asked next, once nothing else asks it.
func (p *graph) meanwhile(fn func()) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.during = fn
}

// kill makes a token good for nothing.
func (p *graph) kill(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = map[string]bool{token: true}
}

// seen is which tokens a host was shown.
func (p *graph) seen(host string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hosts[host]
}

func (i *instance) change(t *testing.T, id string, p channels.Patch) {
	t.Helper()
	if _, err := i.Change(t.Context(), "w", id, p); err != nil {
		t.Fatal(err)
	}
}

func named(credentials ...string) map[string]string {
	out := map[string]string{}
	for n := 0; n < len(credentials); n += 2 {
		out[credentials[n]] = credentials[n+1]
	}
	return out
}

var deadToken = channels.Trouble{Code: "token_invalid", Title: "The token is dead", Detail: "Make a new one."}

// What was found out under an old token says nothing about the new one, wherever it was found out.
func TestALateFailureStopsNoChannelThatWasMended(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &graph{}
		one, two := startWith(t, disk, box, provider), startWith(t, disk, box, provider)
		ch := one.connect(t)
		sending := one.read(t, ch.ID)
		two.change(t, ch.ID, channels.Patch{Credentials: named("access_token", "fresh")}) // elsewhere: nothing is forgotten here
		if err := one.Fail(t.Context(), sending, deadToken); err != nil {
			t.Fatal(err)
		}
		if now := one.read(t, ch.ID); now.Status != channels.Active || now.Account.Credentials["access_token"] != "fresh" {
			t.Errorf("a send of before stopped it: %s", now.Status)
		}

		asking := one.read(t, ch.ID)
		provider.kill("fresh")
		provider.meanwhile(func() { two.change(t, ch.ID, channels.Patch{Credentials: named("access_token", "fresher")}) })
		if trouble, err := one.Check(t.Context(), "w", ch.ID); err != nil || trouble != nil {
			t.Errorf("a check of before: %v %v", trouble, err)
		}
		if now := one.read(t, ch.ID); now.Status != channels.Active {
			t.Errorf("a check of before stopped it: %s", now.Status)
		}

		paused := channels.Paused
		two.change(t, ch.ID, channels.Patch{Status: &paused})
		for _, before := range []*channels.Connected{asking, one.read(t, ch.ID)} {
			if err := one.Fail(t.Context(), before, deadToken); err != nil {
				t.Fatal(err)
			}
		}
		if now := one.read(t, ch.ID); now.Status != channels.Paused {
			t.Errorf("a person paused it, and it is %s", now.Status)
		}
		if told := append(one.kinds(), two.kinds()...); len(told) != 0 {
			t.Errorf("told %v", told)
		}

		active := channels.Active
		one.change(t, ch.ID, channels.Patch{Status: &active})
		if err := one.Fail(t.Context(), one.read(t, ch.ID), deadToken); err != nil {
			t.Fatal(err)
		}
		if now := one.read(t, ch.ID); now.Status != channels.Failed {
			t.Errorf("the present token is dead, and it is %s", now.Status)
		}
	})
}

// A check that found the channel working does not switch on what a person paused meanwhile.
func TestALateSuccessSwitchesNothingOn(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &graph{}
		one, two := startWith(t, disk, box, provider), startWith(t, disk, box, provider)
		ch := one.connect(t)
		if err := one.Fail(t.Context(), one.read(t, ch.ID), deadToken); err != nil {
			t.Fatal(err)
		}
		provider.meanwhile(func() {
			paused := channels.Paused
			two.change(t, ch.ID, channels.Patch{Status: &paused})
		})
		if _, err := one.Check(t.Context(), "w", ch.ID); err != nil {
			t.Fatal(err)
		}
		if now := one.read(t, ch.ID); now.Status != channels.Paused {
			t.Errorf("it is %s", now.Status)
		}
	})
}

// News of before the mending, which come late or are tried again, stop nothing; newer ones do.
func TestNewsOfBeforeTheMendingStopNothing(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := startWith(t, disk, box, &graph{})
		ch := one.connect(t)
		said := time.Now()
		pass(time.Minute)
		one.change(t, ch.ID, channels.Patch{Credentials: named("access_token", "fresh")})
		if err := one.Stop(t.Context(), ch.ID, said, deadToken); err != nil {
			t.Fatal(err)
		}
		if now := one.read(t, ch.ID); now.Status != channels.Active {
			t.Errorf("it is %s", now.Status)
		}
		pass(time.Minute)
		if err := one.Stop(t.Context(), ch.ID, time.Now(), deadToken); err != nil {
			t.Fatal(err)
		}
		if now := one.read(t, ch.ID); now.Status != channels.Failed || len(one.kinds()) != 1 {
			t.Errorf("it is %s, told %v", now.Status, one.kinds())
		}
	})
}

// What the provider says last about a template counts, in whatever order it comes.
func TestTemplatesKeepTheNewestWord(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &graph{list: `{"id":"9","name":"order","language":"en","status":"APPROVED","category":"UTILITY"}`}
		one := startWith(t, disk, box, provider)
		ch := one.connect(t)
		sync := func() {
			if err := one.Sync(t.Context(), one.read(t, ch.ID)); err != nil {
				t.Fatal(err)
			}
		}
		say := func(at time.Time, status, quality string) {
			t.Helper()
			change := channels.TemplateChange{Name: "order", Language: "en", Status: status, Quality: quality}
			if err := one.ChangeTemplate(t.Context(), ch.ID, at, change); err != nil {
				t.Fatal(err)
			}
		}
		is := func(when, status, quality string) {
			t.Helper()
			now, err := one.Template(t.Context(), ch.ID, "order", "en")
			if err != nil || now.Status != status || now.Quality != quality {
				t.Errorf("%s: %+v %v", when, now, err)
			}
		}
		sync()
		is("listed", "approved", "")
		pass(time.Minute)
		provider.meanwhile(func() { say(time.Now(), "paused", "") })
		sync()
		is("a notice came while the list was asked for", "paused", "")
		pass(time.Minute)
		say(time.Now(), "", "red")
		say(time.Now().Add(-30*time.Second), "disabled", "green")
		is("an older notice came late", "disabled", "red")
		say(time.Now().Add(-time.Hour), "approved", "")
		is("a notice of long before", "disabled", "red")
		pass(time.Minute)
		sync()
		is("listed anew", "approved", "")
	})
}

// Credentials go in and never come out: not to another server either, whoever names it.
func TestAnotherServerWantsTheSecretsAgain(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		provider := &graph{}
		one := startWith(t, disk, box, provider)
		ch := one.connect(t)
		all := named("access_token", "typed", "app_secret", "s2", "verify_token", "v2")
		base := func(s string) *string { return &s }
		for what, p := range map[string]channels.Patch{
			"no secret":      {BaseURL: base("https://thief.example")},
			"some secrets":   {BaseURL: base("https://thief.example"), Credentials: named("app_secret", "s2", "verify_token", "v2")},
			"what is public": {BaseURL: base("https://thief.example"), Credentials: named("business_account_id", "2")},
		} {
			_, err := one.Change(t.Context(), "w", ch.ID, p)
			var e *errs.Error
			if !errors.As(err, &e) || e.Code != "secrets_required" || len(e.Fields) == 0 {
				t.Errorf("with %s: %v", what, err)
			}
		}
		if seen := provider.seen("thief.example"); seen != "" {
			t.Errorf("another server saw %s", seen)
		}
		one.change(t, ch.ID, channels.Patch{BaseURL: base("https://proxy.example/one"), Credentials: all})
		one.change(t, ch.ID, channels.Patch{BaseURL: base("https://proxy.example/two")}) // the same server
		name := "Renamed"
		one.change(t, ch.ID, channels.Patch{Name: &name, BaseURL: base("https://proxy.example/two")})
		for _, other := range []string{"", "https://proxy.example:8443/two", "https://thief.example/two"} {
			if _, err := one.Change(t.Context(), "w", ch.ID, channels.Patch{BaseURL: base(other)}); err == nil {
				t.Errorf("to %q without a secret", other)
			}
		}
		_, err := one.Check(t.Context(), "w", ch.ID)
		if seen := provider.seen("proxy.example"); err != nil || strings.Trim(strings.ReplaceAll(seen, "typed", ""), " ") != "" {
			t.Errorf("the proxy saw %q, %v", seen, err)
		}
	})
}

// number connects another number with a secret.
func (i *instance) number(t *testing.T, phone, secret string) *channels.Channel {
	t.Helper()
	ch, err := i.Create(t.Context(), "w", channels.New{Kind: whatsapp.Kind, Name: phone, Credentials: named(
		"phone_number_id", phone, "business_account_id", "2", "access_token", "t", "app_secret", secret, "verify_token", "v",
	)})
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// While an app's secret is changed, its channels learn the new one at different times, and its webhooks come to one address. Nothing is
// refused or lost as long as any of them knows both.
func TestASecretThatASiblingHadCounts(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := startWith(t, disk, box, &anyNumber{})
		a, b, c := one.number(t, "1", "old"), one.number(t, "2", "old"), one.number(t, "3", "old")
		other := one.number(t, "9", "of another app")
		taken := func(when string, at *channels.Channel, secret string, want bool) {
			t.Helper()
			hook := channels.Webhook{Body: []byte("{}"), Header: http.Header{"X-Hub-Signature-256": {meta.Sign(secret, []byte("{}"))}}}
			err := one.Verify(t.Context(), one.read(t, at.ID), hook)
			if (err == nil) != want || err != nil && !errors.Is(err, channels.ErrSignature) {
				t.Errorf("%s, at %s signed with %q: %v", when, at.Account, secret, err)
			}
		}
		reaches := func(when string, at, to *channels.Channel, want bool) {
			t.Helper()
			ev := channels.Event{Account: to.Account, Receipt: &channels.Receipt{}}
			found, lost, err := one.Address(t.Context(), one.read(t, at.ID), ev)
			if err != nil || (lost == nil) != want || want && (found == nil || found.ID != to.ID) {
				t.Errorf("%s, from %s to %s: %v, lost %v, %v", when, at.Account, to.Account, found, lost, err)
			}
		}
		one.change(t, a.ID, channels.Patch{Credentials: named("app_secret", "new")})
		one.change(t, a.ID, channels.Patch{Credentials: named("access_token", "u")}) // which takes no secret's time away
		for _, at := range []*channels.Channel{a, b, c} {
			for _, secret := range []string{"old", "new"} {
				taken("during the change", at, secret, true)
			}
			taken("during the change", at, "of another app", false)
			taken("during the change", at, "never", false)
			for _, to := range []*channels.Channel{a, b, c} {
				reaches("during the change", at, to, true)
			}
			reaches("during the change", at, other, false)
		}
		taken("during the change", other, "new", false)
		reaches("during the change", other, a, false)

		pass(20 * time.Hour)
		one.change(t, b.ID, channels.Patch{Credentials: named("app_secret", "new")})
		pass(5 * time.Hour) // a's time is over, b's is not
		taken("a day later", a, "new", true)
		taken("a day later", c, "new", true)
		reaches("a day later", a, c, true)
		pass(20 * time.Hour) // b's as well: nothing says any more that c is of the same app
		taken("two days later", c, "new", false)
		taken("two days later", a, "old", false)
		reaches("two days later", a, c, false)
		reaches("two days later", a, b, true)

		one.change(t, c.ID, channels.Patch{Credentials: named("app_secret", "new")})
		reaches("when all know it", a, c, true)
		one.change(t, c.ID, channels.Patch{EndOld: true})
		taken("an old one was ended", c, "old", false)
	})
}

// A second change within the day takes nothing from the first.
func TestEveryReplacedSecretHasItsDay(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := startWith(t, disk, box, &anyNumber{})
		ch := one.number(t, "1", "first")
		known := func(secret string) bool {
			hook := channels.Webhook{Body: []byte("{}"), Header: http.Header{"X-Hub-Signature-256": {meta.Sign(secret, []byte("{}"))}}}
			return one.Verify(t.Context(), one.read(t, ch.ID), hook) == nil
		}
		one.change(t, ch.ID, channels.Patch{Credentials: named("app_secret", "second")})
		pass(10 * time.Hour)
		one.change(t, ch.ID, channels.Patch{Credentials: named("app_secret", "third")})
		if !known("first") || !known("second") || !known("third") {
			t.Error("one of the day's secrets is refused")
		}
		pass(15 * time.Hour)
		if known("first") || !known("second") || !known("third") {
			t.Error("25 hours after the first was replaced, 15 after the second")
		}
	})
}

// Messages for a number that is not connected need somebody; what else is told about it needs nobody.
func TestAMessageForAnAccountThatIsNotConnectedIsNotDropped(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := start(t, disk, box)
		at := one.read(t, one.connect(t).ID)
		for _, c := range []struct {
			ev   channels.Event
			lost bool
		}{
			{channels.Event{Message: &channels.Incoming{}}, true},
			{channels.Event{Message: &channels.Incoming{Echo: true}}, false},
			{channels.Event{Receipt: &channels.Receipt{}}, false},
			{channels.Event{Notice: &channels.Notice{}}, false},
		} {
			c.ev.Account = "404"
			to, lost, err := one.Address(t.Context(), at, c.ev)
			if to != nil || err != nil || (lost != nil) != c.lost || lost != nil && !errors.Is(lost, store.ErrNotFound) {
				t.Errorf("%+v: %v %v %v", c.ev, to, lost, err)
			}
		}
	})
}

// anyNumber answers about every number.
type anyNumber struct{}

func (anyNumber) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"id":"` + r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + `"}`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}
