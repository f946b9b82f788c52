package whatsapp

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"wasl/channels"
	"wasl/channels/meta"
)

// Kind is this channel's kind.
const Kind channels.Kind = "whatsapp"

// The names of the credentials.
const (
	credPhone  = "phone_number_id"
	credWABA   = "business_account_id"
	credToken  = "access_token"
	credSecret = "app_secret"
	credVerify = "verify_token"
)

// Options configure the adapter.
type Options struct {
	HTTP         *http.Client // for all calls; see internal/httpclient
	GraphVersion string       // empty: meta.DefaultVersion
}

// Adapter speaks the Cloud API for any number of accounts. It keeps no state.
type Adapter struct {
	graph *meta.Client
}

var (
	_ channels.Adapter        = (*Adapter)(nil)
	_ channels.Handshaker     = (*Adapter)(nil)
	_ channels.MediaFetcher   = (*Adapter)(nil)
	_ channels.ReadMarker     = (*Adapter)(nil)
	_ channels.TemplateLister = (*Adapter)(nil)
	_ channels.Checker        = (*Adapter)(nil)
)

// New returns the adapter.
func New(o Options) *Adapter { return &Adapter{graph: meta.NewClient(o.HTTP, o.GraphVersion)} }

// Kind returns "whatsapp".
func (*Adapter) Kind() channels.Kind { return Kind }

// Credentials returns what a number is connected with.
func (*Adapter) Credentials() []channels.Credential {
	return []channels.Credential{
		{Name: credPhone, Required: true},
		{Name: credWABA, Required: true},
		{Name: credToken, Required: true, Secret: true},
		{Name: credSecret, Required: true, Secret: true},
		{Name: credVerify, Required: true, Secret: true},
	}
}

const (
	megabyte = 1 << 20
	maxMedia = 100 * megabyte
)

// Capabilities returns the platform's limits.
// https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types
// https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput
func (*Adapter) Capabilities() channels.Capabilities {
	return channels.Capabilities{
		Precision:  time.Second,
		Window:     24 * time.Hour,
		TextMax:    4096,
		CaptionMax: 1024,
		Uploads:    uploadsLast,
		Media: []channels.MediaRule{
			{Kind: "image", MIME: []string{"image/jpeg", "image/png"}, MaxBytes: 5 * megabyte},
			{Kind: "video", MIME: []string{"video/mp4", "video/3gpp"}, MaxBytes: 16 * megabyte},
			{Kind: "voice", MIME: []string{"audio/ogg"}, MaxBytes: 16 * megabyte, NoCaption: true},
			{
				Kind: "audio", MIME: []string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, MaxBytes: 16 * megabyte,
				NoCaption: true,
			},
			{Kind: "sticker", MIME: []string{"image/webp"}, MaxBytes: 500 << 10, NoCaption: true},
			{Kind: "document", MIME: []string{"*/*"}, MaxBytes: maxMedia},
		},
		Templates: true,
		Interactive: channels.InteractiveRules{
			Buttons: 3, ButtonTitleMax: 20,
			Rows: 10, RowTitleMax: 24, RowTextMax: 72, SectionTitleMax: 24,
			BodyMax: 1024, HeaderMax: 60, FooterMax: 60,
			Link: true, LocationRequest: true, ContactRequest: true,
		},
		Location: true, Contacts: true, Reactions: true, Replies: true, ReadReceipts: true, Typing: true,
		Format: "whatsapp",
		Rate:   channels.RateLimits{PerSecond: 80, PairEvery: 6 * time.Second, PairBurst: 45},
	}
}

// Screen wants Meta's signature.
func (*Adapter) Screen(_ channels.Account, hook channels.Webhook) error { return meta.Screen(hook) }

// Verify checks the signature with the app secret.
func (*Adapter) Verify(account channels.Account, hook channels.Webhook) error {
	return meta.Verify(account.Credentials[credSecret], hook)
}

// Handshake answers Meta's check of the webhook address.
func (*Adapter) Handshake(account channels.Account, hook channels.Webhook) (string, error) {
	return meta.Handshake(account.Credentials[credVerify], hook)
}

// Check asks Graph for the number, which proves the token, its permission and the id.
// https://developers.facebook.com/docs/whatsapp/business-management-api/manage-phone-numbers
func (a *Adapter) Check(ctx context.Context, account channels.Account) error {
	r := request(account, http.MethodGet, url.PathEscape(account.Credentials[credPhone]))
	r.Query = url.Values{"fields": {"id,display_phone_number,verified_name,quality_rating"}}
	var answer struct {
		ID text `json:"id"`
	}
	if err := a.graph.Call(ctx, r, &answer); err != nil {
		return explain(err, true)
	}
	if string(answer.ID) != account.Credentials[credPhone] {
		return &channels.SendError{
			Outcome: channels.Dead, Code: "account_mismatch", Title: "The phone number id belongs to nothing that this token may use",
			Detail: "Compare the phone number id with the one on the WhatsApp page of the app.",
		}
	}
	return nil
}

// MarkRead marks the message and all earlier ones read and, with typing, shows that an answer is being written, for at
// most 25 s. https://developers.facebook.com/docs/whatsapp/cloud-api/typing-indicators
func (a *Adapter) MarkRead(ctx context.Context, account channels.Account, mark channels.ReadMark) error {
	body := map[string]any{"messaging_product": "whatsapp", "status": "read", "message_id": mark.ProviderID}
	if mark.Typing {
		body["typing_indicator"] = map[string]string{"type": "text"}
	}
	r := request(account, http.MethodPost, url.PathEscape(account.Credentials[credPhone])+"/messages")
	r.Body = body
	var answer struct{}
	if err := a.graph.Call(ctx, r, &answer); err != nil {
		return explain(err, true)
	}
	return nil
}

func request(account channels.Account, method, path string) meta.Request {
	return meta.Request{BaseURL: account.BaseURL, Token: account.Credentials[credToken], Method: method, Path: path}
}
