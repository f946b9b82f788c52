package mailbox_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
	"wasl/internal/clock"
)

// tokens is a provider's sign-in: it gives token1, token2 and so on, for an hour each.
type tokens struct {
	asked  []url.Values
	answer string // instead
	status int
}

func (p *tokens) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	form.Set("url", r.URL.String())
	p.asked = append(p.asked, form)
	status, text := http.StatusOK, p.answer
	if text == "" {
		claims := base64.RawURLEncoding.EncodeToString([]byte(`{"email":"box@example.com"}`))
		text = fmt.Sprintf(`{"access_token":"token%d","refresh_token":"grant%[1]d","expires_in":3600,"id_token":"x.%s.y"}`, len(p.asked), claims)
	}
	if p.status != 0 {
		status = p.status
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func (p *tokens) client(h *host) *mailbox.Client {
	return mailbox.New(mailbox.Options{
		Dial: h.dial, Clock: clock.System{}, HTTP: &http.Client{Transport: p},
		Apps: map[mailbox.Provider]mailbox.App{mailbox.Google: {ID: "app", Secret: "app-secret"}, mailbox.Microsoft: {ID: "ms"}},
	})
}

func (h *host) signedIn(provider string) mailbox.Settings {
	return h.settings("oauth_provider", provider, "oauth_refresh_token", "grant0", "password", "", "imap_host", "evil.example")
}

// taking has the host take one token.
func (h *host) taking(value func() string) {
	h.answer = func(command string) (string, error) {
		if !strings.HasPrefix(command, "AUTHENTICATE") {
			return "", nil
		}
		want := "user=desk@example.com\x01auth=Bearer " + value() + "\x01\x01"
		if command != "AUTHENTICATE XOAUTH2 "+base64.StdEncoding.EncodeToString([]byte(want)) {
			return "%s NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n", nil
		}
		return "", nil
	}
}

func TestATokenSignsInAndIsRenewedBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, p, in := newHost(t), &tokens{}, &intake{}
		good := "token1"
		h.taking(func() string { return good })
		c, set := p.client(h), h.signedIn("google")
		if set.IMAP.Host != "imap.gmail.com" {
			t.Errorf("the token goes to %s", set.IMAP.Host)
		}
		for range 3 {
			if err := read(t, c, set, in, time.Second); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
		}
		if len(p.asked) != 1 || p.asked[0].Get("refresh_token") != "grant0" || p.asked[0].Get("client_secret") != "app-secret" {
			t.Errorf("%v", p.asked)
		}
		time.Sleep(59 * time.Minute)
		good = "token2"
		_ = read(t, c, set, in, time.Second)
		if len(p.asked) != 2 {
			t.Errorf("a token that ends within two minutes is used: %d", len(p.asked))
		}
		good = "token3" // the host revoked the one before
		if err := read(t, c, set, in, time.Second); !errors.Is(err, context.DeadlineExceeded) || len(p.asked) != 3 {
			t.Errorf("%v after %d", err, len(p.asked))
		}
		good = "none"
		if err := read(t, c, set, in, time.Second); code(err) != "oauth_refused" || channels.AsSendError(err).Outcome != channels.Dead {
			t.Errorf("%v", err)
		}
	})
}

// TestEachRefusalOfASignInIsToldInPlainWords: what the provider says instead of a token.
func TestEachRefusalOfASignInIsToldInPlainWords(t *testing.T) {
	for answer, want := range map[string]string{
		`{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`:                    "grant_withdrawn",
		`{"error":"invalid_grant","error_description":"AADSTS50173: The provided grant has expired due to it"}`: "grant_withdrawn",
		`{"error":"invalid_grant","error_description":"AADSTS50076: you must use multi-factor authentication"}`: "sign_in_again",
		`{"error":"invalid_grant","error_description":"AADSTS65001: The user has not consented"}`:               "consent_needed",
		`{"error":"interaction_required","error_description":"x"}`:                                              "sign_in_again",
		`{"error":"invalid_client","error_description":"The OAuth client was not found."}`:                      "oauth_app_invalid",
		`{"error":"temporarily_unavailable"}`:                                                                   "mailbox_unreachable",
		`<html>bad gateway</html>`:                                                                              "mailbox_unreachable",
	} {
		synctest.Test(t, func(t *testing.T) {
			h, p := newHost(t), &tokens{answer: answer, status: 400}
			if strings.HasPrefix(answer, "<") {
				p.status = 502
			}
			err := read(t, p.client(h), h.signedIn("microsoft"), &intake{}, time.Second)
			e := channels.AsSendError(err)
			dead := want != "mailbox_unreachable"
			if e.Code != want || (e.Outcome == channels.Dead) != dead || e.Detail == "" || h.logins > 0 {
				t.Errorf("%s: %v", answer, err)
			}
			if strings.Contains(e.Error(), "grant0") {
				t.Error("the log gets the grant")
			}
		})
	}
	if e := mailbox.RefusedPage("access_denied", "The user denied"); e.Code != "access_denied" {
		t.Error(e)
	}
}

func TestASignInGivesTheCredentialsOfAMailbox(t *testing.T) {
	p := &tokens{}
	c := p.client(newHost(t))
	for provider, imap := range map[mailbox.Provider]string{mailbox.Google: "imap.gmail.com", mailbox.Microsoft: "outlook.office365.com"} {
		page, is := c.SignInPage(provider, channels.AuthorizationRequest{
			State: "aut_1", Challenge: "ch", Redirect: "https://inbox.example/back", Hint: "box@example.com",
		})
		u, err := url.Parse(page)
		if err != nil || !is {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"state": "aut_1", "code_challenge": "ch", "code_challenge_method": "S256", "redirect_uri": "https://inbox.example/back",
			"response_type": "code", "login_hint": "box@example.com",
		} {
			if got := u.Query().Get(name); got != want {
				t.Errorf("%s %s: %q", provider, name, got)
			}
		}
		done := channels.AuthorizationResult{Code: "co", Verifier: "ve", Redirect: "https://inbox.example/back"}
		got, err := c.Exchange(t.Context(), provider, done)
		if err != nil || got["imap_host"] != imap || got["from_address"] != "box@example.com" || got["oauth_refresh_token"] == "" {
			t.Errorf("%v: %v", err, got)
		}
		if asked := p.asked[len(p.asked)-1]; asked.Get("code_verifier") != "ve" || asked.Get("code") != "co" {
			t.Errorf("%v", asked)
		}
		if set, err := mailbox.Parse(got); err != nil || set.OAuth != provider {
			t.Errorf("%v: %+v", err, set)
		}
	}
	p.answer = `{"access_token":"x","expires_in":10}`
	if _, err := c.Exchange(t.Context(), mailbox.Google, channels.AuthorizationResult{Code: "co"}); code(err) != "grant_incomplete" {
		t.Errorf("%v", err)
	}
	if _, is := mailbox.New(mailbox.Options{}).SignInPage(mailbox.Google, channels.AuthorizationRequest{}); is {
		t.Error("a sign-in at a provider that does not know us")
	}
}

// names answers about domains.
type names struct {
	mx  map[string][]string
	srv map[string]string
}

func (n names) LookupMX(_ context.Context, name string) (out []*net.MX, err error) {
	for _, host := range n.mx[name] {
		out = append(out, &net.MX{Host: host})
	}
	return out, nil
}

func (n names) LookupSRV(_ context.Context, service, _, name string) (string, []*net.SRV, error) {
	target := n.srv[service+" "+name]
	if target == "" {
		return "", nil, errors.New("none")
	}
	return "", []*net.SRV{{Target: target, Port: 993}}, nil
}

func TestServersAreFoundWhereThatIsCertainAndNeverGuessed(t *testing.T) {
	c := mailbox.New(mailbox.Options{
		Apps: map[mailbox.Provider]mailbox.App{mailbox.Google: {ID: "app"}},
		Resolver: names{
			mx: map[string][]string{
				"firm.example":  {"aspmx.l.google.com.", "alt1.aspmx.l.google.com."},
				"split.example": {"aspmx.l.google.com.", "mx.split.example."},
				"ms.example":    {"ms-example.mail.protection.outlook.com."},
				"evil.example":  {"mx.google.com.evil.example."},
				"xn--4dbrk0ce":  {"mx.x."},
			},
			srv: map[string]string{
				"imaps own.example": "mail.own.example.", "submissions own.example": "mail.own.example.",
				"imaps away.example": "mail.elsewhere.example.", "submissions away.example": "mail.elsewhere.example.",
				"imaps half.example": "mail.half.example.",
			},
		},
	})
	for address, want := range map[string]string{
		"Ann <ann@gmail.com>": "imap.gmail.com google", "a@firm.example": "imap.gmail.com google", "a@ms.example": "outlook.office365.com ",
		"a@outlook.com": "outlook.office365.com ", "a@ICLOUD.com": "imap.mail.me.com ", "a@own.example": "mail.own.example ",
		"a@split.example": "", "a@evil.example": "", "a@away.example": "", "a@half.example": "", "a@nowhere.example": "", "nonsense": "",
	} {
		h, certain := c.Discover(t.Context(), address)
		got := ""
		if certain {
			got = h.IMAPHost + " " + h.SignIn
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
