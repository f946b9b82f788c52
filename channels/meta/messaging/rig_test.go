package messaging_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/instagram"
	"wasl/channels/messenger"
	"wasl/channels/meta"
)

// platform is one of the two, with the account of its samples and a customer.
type platform struct {
	name     string
	new      func(*http.Client) channels.Adapter
	object   string
	account  channels.Account
	own      string
	customer channels.Identity
}

func platforms() []platform {
	const secret, verify = "fixture-app-secret-0123456789abcdef", "fixture-verify-token"
	return []platform{
		{
			name: "messenger", new: messenger.New, object: "page", own: "100000000000011",
			account: channels.Account{ChannelID: "chn_1", Credentials: map[string]string{
				"page_id": "100000000000011", "page_access_token": "fixture-token", "app_secret": secret, "verify_token": verify,
			}},
			customer: channels.Identity{Kind: "psid", Scope: "100000000000011", Value: "20000000000000021", Display: "Messenger …0021"},
		},
		{
			name: "instagram", new: instagram.New, object: "instagram", own: "17841400000000001",
			account: channels.Account{ChannelID: "chn_1", Credentials: map[string]string{
				"account_id": "17841400000000001", "access_token": "fixture-token", "app_secret": secret, "verify_token": verify,
			}},
			customer: channels.Identity{Kind: "igsid", Scope: "17841400000000001", Value: "30000000000000031", Display: "Instagram …0031"},
		},
	}
}

// both runs a test for each platform.
func both(t *testing.T, fn func(t *testing.T, p platform)) {
	for _, p := range platforms() {
		t.Run(p.name, func(t *testing.T) { fn(t, p) })
	}
}

// Name is what people call the platform.
func (p platform) Name() string { return strings.ToUpper(p.name[:1]) + p.name[1:] }

func (p platform) dir(parts ...string) string {
	return filepath.Join(append([]string{"testdata", p.name}, parts...)...)
}

func file(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return data
}

func (p platform) signed(body []byte) channels.Webhook {
	h := http.Header{}
	h.Set("X-Hub-Signature-256", meta.Sign(p.account.Credentials["app_secret"], body))
	return channels.Webhook{Method: http.MethodPost, Header: h, Query: url.Values{}, Body: body}
}

// entry makes a body with one entry.
func (p platform) entry(inner string) string {
	return `{"object":"` + p.object + `","entry":[{"id":"` + p.own + `","time":1790000002000,` + inner + `}]}`
}

// item makes a body with something that the customer did.
func (p platform) item(inner string) string {
	return p.entry(`"messaging":[` + p.from(inner) + `]`)
}

func (p platform) from(inner string) string {
	return `{"sender":{"id":"` + p.customer.Value + `"},"recipient":{"id":"` + p.own + `"},"timestamp":1790000001000,` + inner + `}`
}

// parse says what the events of a body mean.
func (p platform) parse(t *testing.T, body string) []string {
	t.Helper()
	events, err := p.new(http.DefaultClient).Parse(p.account, channels.Webhook{Body: []byte(body)})
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	out := []string{}
	for _, e := range events {
		out = append(out, p.describe(e))
	}
	return out
}

// describe says what an event means, without what all samples have in common.
func (p platform) describe(e channels.Event) string {
	return strings.NewReplacer(
		p.customer.Kind+":"+p.customer.Value+"/"+p.own, "Ines", "at 179000", "at +",
		"https://cdn.example.com/v/t1/", "cdn:", "https://lookaside.example.com/ig_messaging_cdn/?asset_id=", "cdn:",
	).Replace(channeltest.Describe(e, p.own))
}

func open(context.Context, channels.Attachment) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("file")), nil
}

func link(a channels.Attachment) string { return "https://inbox.example.com/files/" + a.ID }
