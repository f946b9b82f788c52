package widget_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/widget"
)

type fixed struct{}

// Now is always the same moment.
func (fixed) Now() time.Time { return time.Unix(1795000000, 0).UTC() }

const (
	secret  = "the-secret-of-the-test-account-0123456789"
	someone = "vis_0123456789abcdefghjkmnpqrs"
	// Tokens that openssl made.
	token = "visit.vis_0123456789abcdefghjkmnpqrs.1830000000.ug9B-Y2cP18At1Z5pw2yWnFjPQ0E6cOEyL5oZ4fJleA"
)

var account = channels.Account{ChannelID: "chn_site", Credentials: map[string]string{
	"site_key": "shop", "secret": secret, "origins": "https://shop.example",
}}

func hook(body []byte) channels.Webhook {
	return channels.Webhook{Method: http.MethodPost, Header: http.Header{"Authorization": {"Bearer " + token}}, Body: body}
}

func TestConformance(t *testing.T) {
	text, err := os.ReadFile("testdata/in/text.json")
	if err != nil {
		t.Fatal(err)
	}
	channeltest.Run(t, channeltest.Suite{
		New:     func(*http.Client) channels.Adapter { return widget.New(fixed{}) },
		Account: account, Dir: "testdata", Hook: hook, SignatureHeader: "Authorization", Token: true,
		Vectors: []channeltest.Vector{
			{Name: "a visitor's", Body: text, Signature: "Bearer " + token, Valid: true},
			{Name: "without Bearer", Body: text, Signature: token},
			{
				Name: "for files only", Body: text,
				Signature: "Bearer files.vis_0123456789abcdefghjkmnpqrs.1830000000.KeO2yx86I4iD86mTevDQXKrytjmQ1hE_T2hHHxMnZgo",
			},
			{
				Name: "too old", Body: text,
				Signature: "Bearer visit.vis_0123456789abcdefghjkmnpqrs.1790000000.XlnUxbfA1LNkkwzUbgvf2UNyIHQlsndF6Owc-5O1qTc",
			},
			{
				Name: "of another visitor", Body: text,
				Signature: "Bearer visit.vis_another.1830000000.m55LNoB9KBZ9vLoymLjPakDGYxJGviQswaZKDWdJUP4",
			},
			{
				Name: "without an end", Body: text,
				Signature: "Bearer visit.vis_0123456789abcdefghjkmnpqrs.soon.hE7PhOqsUzbxkE0rebe7wwWQ8huF2ePFNqoSJF3i8XA",
			},
			{
				Name: "for something else", Body: text,
				Signature: "Bearer other.vis_0123456789abcdefghjkmnpqrs.1830000000.TCsXxjooNATTTT_WQSUEGhABOeuOHj4_38BIuLs8BSA",
			},
		},
		Unknown: map[string]string{"an event of another kind": fmt.Sprintf(`{"visitor":%q,"events":[{"type":"dance"}]}`, someone)},
		Outgoing: []channeltest.Case{{
			Name: "text", Out: channels.Outgoing{MessageID: "msg_01", Content: channels.Content{Type: "text", Text: "Yes"}},
			Sent: channels.Sent{ProviderID: "msg_01"},
		}},
	})
}

// A browser says a little at a time. What says more, in whatever form, becomes no events at all.
func TestABodySaysALittleAtATime(t *testing.T) {
	receipts := func(n int) string {
		return `{"type":"receipt","status":"read","messages":["msg_1"` + strings.Repeat(`,"msg_1"`, n-1) + `]}`
	}
	const message, odd = `{"type":"message","id":"m","text":"t"}`, `{"type":"receipt","messages":7}`
	repeat := func(event string, n int) string { return event + strings.Repeat(","+event, n-1) }
	for name, c := range map[string]struct {
		events string
		weight int // 0: too much
	}{
		"a message":                          {message, 4},
		"twenty messages":                    {repeat(message, 20), 80},
		"the receipts for a hundred":         {receipts(100), 100},
		"a receipt":                          {receipts(1), 4},
		"what nobody understands":            {`7,{"type":"dance"}`, 8},
		"too many messages":                  {repeat(message, 21), 0},
		"too many receipts":                  {receipts(101), 0},
		"too many receipts in several":       {receipts(60) + "," + receipts(60), 0},
		"2,900 events":                       {repeat(receipts(200), 15), 0},
		"2,900 events beside an odd one":     {repeat(receipts(200), 15) + "," + odd, 0},
		"many odd ones":                      {repeat(odd, 2900), 0},
		"many of which nobody knows the key": {repeat(`{}`, 2900), 0},
	} {
		body := fmt.Appendf(nil, `{"visitor":%q,"events":[%s]}`, someone, c.events)
		weight, err := widget.Weigh(body)
		events, parsed := widget.New(fixed{}).Parse(account, hook(body))
		if weight != c.weight || (err == nil) != (c.weight > 0) || (parsed == nil) != (err == nil) || len(events) > max(0, c.weight) {
			t.Errorf("%s: weighs %d (%v), %d events (%v)", name, weight, err, len(events), parsed)
		}
	}
}

// A token lasts, the key to files stays the same for a day, and neither is the other.
func TestTokens(t *testing.T) {
	now := fixed{}.Now()
	whole, files := widget.Tokens(account, someone, now)
	for name, c := range map[string]struct {
		token string
		after time.Duration
		files bool
		valid bool
	}{
		"at once": {whole, 0, false, true}, "a year later": {whole, 365 * 24 * time.Hour, false, true}, "too late": {
			whole,
			400 * 24 * time.Hour, false, false,
		},
		"files": {files, 0, true, true}, "files tomorrow": {files, 24 * time.Hour, true, true}, "files in three days": {
			files,
			72 * time.Hour, true, false,
		},
	} {
		got, err := widget.Read(secret, c.token, now.Add(c.after))
		if (err == nil) != c.valid || (c.valid && (got.Visitor != someone || got.FilesOnly != c.files)) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	if _, again := widget.Tokens(account, someone, now.Add(time.Minute)); again != files {
		t.Error("the key to files changes within the day")
	}
	if _, err := widget.Read("", whole, now); err == nil {
		t.Error("without a secret everybody is let in")
	}
}

func TestComplete(t *testing.T) {
	a := widget.New(fixed{})
	made, err := a.Complete(map[string]string{"origins": "https://Shop.example/ , http://localhost:3000"})
	if err != nil || made["origins"] != "https://shop.example http://localhost:3000" || len(made["secret"]) < 32 || made["site_key"] == "" {
		t.Errorf("%v %v", made, err)
	}
	for _, origins := range []string{
		"shop.example", "ftp://shop.example", "https://shop.example/path", "https://u:p@shop.example",
		"https://",
	} {
		if _, err := a.Complete(map[string]string{"origins": origins}); err == nil {
			t.Errorf("%s is taken", origins)
		}
	}
	is := widget.SettingsOf(channels.Account{Credentials: made})
	for origin, want := range map[string]bool{
		"https://shop.example": true, "http://localhost:3000": true,
		"https://shop.example.evil.example": false, "": false, "null": false,
	} {
		if is.Allows(origin) != want {
			t.Errorf("%q: %v", origin, !want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"text", "files", "receipts", "details", "odd"} {
		body, err := os.ReadFile("testdata/in/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := bytes.Clone(body)
		channeltest.Check(t, widget.New(fixed{}), account, hook(body))
		if !bytes.Equal(kept, body) {
			t.Error("the body was changed")
		}
	})
}

// Nobody gets in without the secret, whatever the token looks like.
func FuzzVerify(f *testing.F) {
	body := fmt.Appendf(nil, `{"visitor":%q}`, someone)
	f.Add("Bearer "+token[:len(token)-3], body)
	f.Add("Bearer ....", body)
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		h := channels.Webhook{Header: http.Header{"Authorization": {header}}, Body: body}
		if widget.New(fixed{}).Verify(account, h) == nil && header != "Bearer "+token {
			t.Errorf("%q is let in", header)
		}
	})
}
