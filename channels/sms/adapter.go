package sms

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"wasl/channels"
	"wasl/channels/provider"
	"wasl/internal/httpclient"
)

// Kind is this channel's kind.
const Kind channels.Kind = "sms"

// The names of the credentials.
const (
	credSID     = "account_sid"
	credToken   = "auth_token"
	credFrom    = "from_number"
	credService = "messaging_service_sid"
)

const apiBase = "https://api.twilio.com"

// Adapter speaks to Twilio for any number of accounts. It keeps no state.
type Adapter struct{ http *http.Client }

var (
	_ channels.Adapter      = (*Adapter)(nil)
	_ channels.Identifier   = (*Adapter)(nil)
	_ channels.Acknowledger = (*Adapter)(nil)
	_ channels.MediaFetcher = (*Adapter)(nil)
	_ channels.Checker      = (*Adapter)(nil)
)

// New returns the adapter; the client makes all calls, see internal/httpclient.
func New(h *http.Client) *Adapter { return &Adapter{http: h} }

// Kind returns "sms".
func (*Adapter) Kind() channels.Kind { return Kind }

// Credentials returns what a number or messaging service is connected with.
func (*Adapter) Credentials() []channels.Credential {
	return []channels.Credential{
		{Name: credSID, Required: true},
		{Name: credToken, Required: true, Secret: true},
		{Name: credFrom},
		{Name: credService},
	}
}

// Account returns what the channel sends from: one Twilio account may have many numbers, each a channel.
func (*Adapter) Account(credentials map[string]string) (account, missing string) {
	if service := strings.TrimSpace(credentials[credService]); service != "" {
		return service, ""
	}
	if from := strings.TrimSpace(credentials[credFrom]); from != "" {
		return from, ""
	}
	return "", credFrom
}

const megabyte = 1 << 20

// Capabilities returns the platform's limits. https://www.twilio.com/docs/messaging/guides/accepted-mime-types
func (*Adapter) Capabilities() channels.Capabilities {
	return channels.Capabilities{
		TextMax: 1600, CaptionMax: 1600, Segments: true, FilesMax: 10,
		Media: []channels.MediaRule{
			{Kind: "image", MIME: []string{"image/jpeg", "image/png", "image/gif"}, MaxBytes: 5 * megabyte},
			{Kind: "video", MIME: []string{"video/mp4", "video/3gpp"}, MaxBytes: 5 * megabyte},
			{Kind: "audio", MIME: []string{"audio/*"}, MaxBytes: 5 * megabyte},
			{
				Kind: "document", MIME: []string{"application/pdf", "text/vcard", "text/x-vcard", "text/calendar", "image/*"},
				MaxBytes: 5 * megabyte,
			},
		},
		Rate: channels.RateLimits{PerSecond: 20},
	}
}

// Acknowledge answers with an empty document: any other text would be sent to the customer.
func (*Adapter) Acknowledge(channels.Webhook) (contentType, body string) {
	return "text/xml; charset=utf-8", `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`
}

// Check asks Twilio for the account, which proves the id and the token.
func (a *Adapter) Check(ctx context.Context, account channels.Account) error {
	call := a.call(account)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		apiBase+"/2010-04-01/Accounts/"+url.PathEscape(account.Credentials[credSID])+".json", http.NoBody)
	if err != nil {
		return call.Failure(err)
	}
	resp, err := call.Client(ctx).Do(req)
	if err != nil {
		return repeatable(call.Failure(err))
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return repeatable(call.Failure(errors.New("not the account")))
	}
	data, err := httpclient.ReadAll(resp.Body, megabyte)
	var answer struct {
		Status string `json:"status"`
	}
	if err == nil {
		err = json.Unmarshal(data, &answer)
	}
	if err != nil {
		return repeatable(call.Failure(err))
	}
	if answer.Status == "suspended" || answer.Status == "closed" {
		return explained(30002)
	}
	return nil
}

// repeatable makes a failure certain where nothing comes of doing the call twice.
func repeatable(e *channels.SendError) *channels.SendError {
	if e.Outcome == channels.Uncertain {
		e.Outcome, e.Code, e.Title, e.Detail = channels.Down, "provider_down", "The provider has a passing problem",
			"It is tried again by itself."
	}
	return e
}

func (a *Adapter) call(account channels.Account) *provider.Call {
	return &provider.Call{HTTP: a.http, BaseURL: account.BaseURL, Authorize: func(r *http.Request) {
		r.SetBasicAuth(account.Credentials[credSID], account.Credentials[credToken])
	}}
}
