package email

import (
	"context"
	"errors"
	"net/http"
	"net/mail"
	"strings"

	"wasl/channels"
	"wasl/channels/provider"
)

// Kind is this channel's kind.
const Kind channels.Kind = "email"

// The names of the credentials.
const (
	credKey      = "api_key"
	credFrom     = "from_address"
	credName     = "from_name"
	credUser     = "inbound_user"
	credPassword = "inbound_password"
	credEvents   = "event_public_key"
)

const apiBase = "https://api.sendgrid.com"

// Adapter speaks to SendGrid for any number of mailboxes. It keeps no state.
type Adapter struct{ http *http.Client }

var (
	_ channels.Adapter    = (*Adapter)(nil)
	_ channels.Identifier = (*Adapter)(nil)
	_ channels.Checker    = (*Adapter)(nil)
)

// New returns the adapter; the client makes all calls, see internal/httpclient.
func New(h *http.Client) *Adapter { return &Adapter{http: h} }

// Kind returns "email".
func (*Adapter) Kind() channels.Kind { return Kind }

// Credentials returns what a mailbox is connected with.
func (*Adapter) Credentials() []channels.Credential {
	return []channels.Credential{
		{Name: credKey, Required: true, Secret: true},
		{Name: credFrom, Required: true},
		{Name: credName},
		{Name: credUser, Required: true, Secret: true},
		{Name: credPassword, Required: true, Secret: true},
		{Name: credEvents},
	}
}

// Account returns the mailbox.
func (*Adapter) Account(credentials map[string]string) (account, missing string) {
	at, err := mail.ParseAddress(strings.TrimSpace(credentials[credFrom]))
	if err != nil {
		return "", credFrom
	}
	return strings.ToLower(at.Address), ""
}

const megabyte = 1 << 20

// Capabilities returns the platform's limits: a mail has 30 MB at most, in which files take four thirds of their size.
func (*Adapter) Capabilities() channels.Capabilities {
	return channels.Capabilities{
		Mail: true, Format: "html", FilesMax: 10, Replies: true,
		Media: []channels.MediaRule{
			{Kind: "image", MIME: []string{"image/*"}, MaxBytes: 20 * megabyte},
			{Kind: "video", MIME: []string{"video/*"}, MaxBytes: 20 * megabyte},
			{Kind: "audio", MIME: []string{"audio/*"}, MaxBytes: 20 * megabyte},
			{Kind: "voice", MIME: []string{"audio/*"}, MaxBytes: 20 * megabyte},
			{Kind: "document", MIME: []string{"*/*"}, MaxBytes: 20 * megabyte},
		},
		Rate: channels.RateLimits{PerSecond: 50},
	}
}

// Check asks SendGrid what the key may do.
func (a *Adapter) Check(ctx context.Context, account channels.Account) error {
	call := a.call(account)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, apiBase+"/v3/scopes", http.NoBody)
	if err != nil {
		return call.Failure(err)
	}
	resp, err := call.Client(ctx).Do(req)
	if err == nil {
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
		err = errors.New("not the scopes")
	}
	e := call.Failure(err)
	if e.Outcome == channels.Uncertain {
		e.Outcome, e.Code, e.Title, e.Detail = channels.Down, "provider_down", "The provider has a passing problem",
			"It is tried again by itself."
	}
	return e
}

func (a *Adapter) call(account channels.Account) *provider.Call {
	return &provider.Call{HTTP: a.http, BaseURL: account.BaseURL, Authorize: func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+account.Credentials[credKey])
	}}
}
