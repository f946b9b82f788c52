package mailbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/httpclient"
)

// Provider is a mail host where people sign in themselves, instead of giving a password away.
type Provider string

// The providers.
const (
	Google    Provider = "google"
	Microsoft Provider = "microsoft"
)

// App is how a provider knows this system.
type App struct{ ID, Secret string }

// signIn is how a provider's sign-in works.
// https://developers.google.com/identity/protocols/oauth2/web-server
// https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
type signIn struct {
	page, token, scope string
	extra              url.Values // of the page
	imap, smtp         Server
	lasts              time.Duration // how long a grant holds that nobody uses
}

var signIns = map[Provider]signIn{
	Google: {
		page: "https://accounts.google.com/o/oauth2/v2/auth", token: "https://oauth2.googleapis.com/token",
		scope: "openid email https://mail.google.com/", extra: url.Values{"access_type": {"offline"}, "prompt": {"consent"}},
		imap: Server{Host: "imap.gmail.com", Port: imapTLS}, smtp: Server{Host: "smtp.gmail.com", Port: smtpTLS},
		lasts: 180 * 24 * time.Hour,
	},
	Microsoft: {
		page:  "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
		token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
		scope: "openid email profile offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send",
		extra: url.Values{"prompt": {"select_account"}},
		imap:  Server{Host: "outlook.office365.com", Port: imapTLS}, smtp: Server{Host: "smtp.office365.com", Port: 587, StartTLS: true},
		lasts: 90 * 24 * time.Hour,
	},
}

// SignInPage returns the address of the provider's page on which a person lets us into their mailbox; false: there is no such provider, or
// it does not know this system.
func (c *Client) SignInPage(p Provider, ask channels.AuthorizationRequest) (string, bool) {
	of, known := signIns[p]
	app := c.apps[p]
	if !known || app.ID == "" {
		return "", false
	}
	q := url.Values{
		"client_id": {app.ID}, "redirect_uri": {ask.Redirect}, "response_type": {"code"}, "scope": {of.scope}, "state": {ask.State},
		"code_challenge": {ask.Challenge}, "code_challenge_method": {"S256"},
	}
	for name, values := range of.extra {
		q[name] = values
	}
	if ask.Hint != "" {
		q.Set("login_hint", ask.Hint)
	}
	return of.page + "?" + q.Encode(), true
}

// grant is what a provider gives for a code or an earlier grant.
type grant struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Seconds int64  `json:"expires_in"`
	IDToken string `json:"id_token"`
	Error   string `json:"error"`
	Detail  string `json:"error_description"`
}

// Exchange turns the code that the provider's page returned into credentials. The error is a *channels.SendError.
func (c *Client) Exchange(ctx context.Context, p Provider, done channels.AuthorizationResult) (map[string]string, error) {
	g, err := c.ask(ctx, p, url.Values{
		"grant_type": {"authorization_code"}, "code": {done.Code}, "code_verifier": {done.Verifier}, "redirect_uri": {done.Redirect},
	})
	if err != nil {
		return nil, err
	}
	address := addressIn(g.IDToken)
	if g.Refresh == "" || address == "" {
		return nil, trouble(channels.Refused, "grant_incomplete", "The mail host did not say all that is needed",
			"Sign in once more, and allow everything that the host's page asks for.")
	}
	of := signIns[p]
	return map[string]string{
		CredOAuth: string(p), CredRefresh: g.Refresh, CredUser: address, CredIMAPHost: of.imap.Host, CredSMTPHost: of.smtp.Host,
		"from_address": address,
	}, nil
}

// addressIn returns the address in an identity token. It came from the provider itself, over TLS: that is its proof.
// https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
func addressIn(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Email     string `json:"email"`
		Preferred string `json:"preferred_username"`
	}
	if err != nil || json.Unmarshal(data, &claims) != nil {
		return ""
	}
	for _, address := range []string{claims.Email, claims.Preferred} {
		if strings.Count(address, "@") == 1 && !strings.ContainsAny(address, " <>\r\n") {
			return address
		}
	}
	return ""
}

// Renew returns the grant to use from now on, and how long it holds. The error is a *channels.SendError.
func (c *Client) Renew(ctx context.Context, set Settings) (refresh string, lasts time.Duration, err error) {
	g, err := c.ask(ctx, set.OAuth, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {set.Refresh}})
	if err != nil {
		return "", 0, err
	}
	return g.Refresh, signIns[set.OAuth].lasts, nil
}

// ask asks the provider for tokens.
func (c *Client) ask(ctx context.Context, p Provider, form url.Values) (*grant, error) {
	of, app := signIns[p], c.apps[p]
	if app.ID == "" {
		return nil, appInvalid()
	}
	form.Set("client_id", app.ID)
	if app.Secret != "" {
		form.Set("client_secret", app.Secret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, of.token, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, unreachable(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreachable(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := httpclient.ReadAll(resp.Body, 1<<20)
	var g grant
	if err == nil {
		err = json.Unmarshal(data, &g)
	}
	switch {
	case g.Error != "" || resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusTooManyRequests:
		return nil, refusedGrant(g)
	case err != nil || resp.StatusCode != http.StatusOK || g.Access == "":
		e := trouble(channels.Down, "mailbox_unreachable", "The mail host's sign-in does not answer as it should",
			"It is tried again by itself.")
		e.RetryAfter = httpclient.RetryAfter(resp.Header)
		return nil, e
	}
	return &g, nil
}

func appInvalid() *channels.SendError {
	return trouble(channels.Dead, "oauth_app_invalid", "The mail host does not know this system",
		"Whoever runs it has to register it at the host, and to enter its client id and secret: see the page about email.")
}

// refusedGrant says why a provider gives no tokens.
func refusedGrant(g grant) *channels.SendError {
	e := trouble(channels.Dead, "grant_withdrawn", "Access to the mailbox was withdrawn, or has ended",
		"Sign in at the mail host again in the channel's settings. Nothing is lost: mails wait at the host.")
	switch detail := g.Detail; {
	case g.Error == "temporarily_unavailable", g.Error == "server_error":
		e = trouble(channels.Down, "mailbox_unreachable", "The mail host's sign-in has a passing problem", "It is tried again by itself.")
	case g.Error == "invalid_client", g.Error == "unauthorized_client":
		e = appInvalid()
	case strings.Contains(detail, "AADSTS90094"), strings.Contains(detail, "AADSTS65001"), g.Error == "consent_required":
		e = trouble(channels.Dead, "consent_needed", "The mail host wants an administrator to allow this",
			"Ask an administrator of your organisation's mail to allow this app, then sign in again.")
	case strings.Contains(detail, "AADSTS50076"), strings.Contains(detail, "AADSTS50079"), g.Error == "interaction_required":
		e = trouble(channels.Dead, "sign_in_again", "The mail host wants a second proof of who you are",
			"Sign in at the mail host again in the channel's settings.")
	case g.Error == "access_denied":
		e = trouble(channels.Refused, "access_denied", "The mail host was not allowed to let us in",
			"Sign in again and allow the access, or connect the mailbox in another way.")
	}
	e.Provider = g.Error
	return e
}

// RefusedPage says what the provider's page means that returned an error instead of a code.
func RefusedPage(code, detail string) *channels.SendError {
	return refusedGrant(grant{Error: code, Detail: detail})
}
