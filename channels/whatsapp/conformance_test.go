package whatsapp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/meta"
	"wasl/channels/whatsapp"
)

func TestConformance(t *testing.T) {
	channeltest.Run(t, channeltest.Suite{
		New:             func(h *http.Client) channels.Adapter { return whatsapp.New(whatsapp.Options{HTTP: h}) },
		Account:         account,
		Dir:             "testdata",
		Hook:            signed,
		SignatureHeader: "X-Hub-Signature-256",
		Vectors:         vectors(t),
		Unknown:         unknown(),
		Many:            many,
		Outgoing:        outgoing(),
		Provider:        graph,
		IsSend:          func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/messages") },
		Unauthorized:    string(file("testdata/api/meta-error-190-expired-token.json")),
	})
}

func signed(body []byte) channels.Webhook {
	h := http.Header{}
	h.Set("X-Hub-Signature-256", meta.Sign(account.Credentials["app_secret"], body))
	return channels.Webhook{Method: http.MethodPost, Header: h, Query: url.Values{}, Body: body}
}

func file(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return data
}

// vectors are signatures that another program made, and the one that decoding and encoding again would make.
func vectors(t *testing.T) []channeltest.Vector {
	var in struct {
		Secret     string            `json:"app_secret"`
		Signatures map[string]string `json:"signatures"`
		Wrong      map[string]string `json:"wrong"`
	}
	if err := json.Unmarshal(file("testdata/vectors.json"), &in); err != nil || in.Secret != account.Credentials["app_secret"] {
		t.Fatal("vectors.json is not for the test account", err)
	}
	var out []channeltest.Vector
	for name, signature := range in.Signatures {
		dir := "testdata/in/"
		if strings.HasPrefix(name, "whatsapp-api-") {
			dir = "testdata/api/"
		}
		out = append(out, channeltest.Vector{Name: name, Body: file(dir + name), Signature: signature, Valid: true})
	}
	for name, signature := range in.Wrong {
		out = append(out, channeltest.Vector{Name: name + " encoded again", Body: file("testdata/in/" + name), Signature: signature})
	}
	return out
}

// change makes a body with one change.
func change(field, value string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"900000000000001","changes":[{"field":%q,"value":%s}]}]}`,
		field, value)
}

// messages makes a body with these messages, statuses and so on inside the usual value.
func messages(inner string) string {
	return change("messages",
		`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"12025550100","phone_number_id":"800000000000001"},`+
			`"contacts":[{"profile":{"name":"Ines Valdoro"},"wa_id":"12025550143","user_id":"US.7000000000000000001"}],`+inner+`}`)
}

func unknown() map[string]string {
	const from = `"from":"12025550143","timestamp":"1790000001"`
	return map[string]string{
		"a type":                 messages(`"messages":[{"id":"wamid.X1",` + from + `,"type":"hologram","hologram":{"x":1}}]`),
		"a type without a name":  messages(`"messages":[{"id":"wamid.X1",` + from + `}]`),
		"a type of another type": messages(`"messages":[{"id":"wamid.X1",` + from + `,"type":7}]`),
		"an interactive type": messages(`"messages":[{"id":"wamid.X1",` + from +
			`,"type":"interactive","interactive":{"type":"product_reply","product_reply":{}}}]`),
		"a missing part":         messages(`"messages":[{"id":"wamid.X1",` + from + `,"type":"image"}]`),
		"a media without an id":  messages(`"messages":[{"id":"wamid.X1",` + from + `,"type":"image","image":{"mime_type":"image/png"}}]`),
		"a message without id":   messages(`"messages":[{` + from + `,"type":"text","text":{"body":"x"}}]`),
		"a message that is none": messages(`"messages":["?"]`),
		"messages that are none": messages(`"messages":{"id":1}`),
		"an edit of nothing":     messages(`"messages":[{"id":"wamid.X1",` + from + `,"type":"edit","edit":{}}]`),
		"a status":               messages(`"statuses":[{"id":"wamid.X1","status":"pondered","timestamp":"1790000001"}]`),
		"a status without id":    messages(`"statuses":[{"status":"read"}]`),
		"a field":                change("weather_update", `{"sun":true}`),
		"a field without value":  change("weather_update", `null`),
		"an entry that is none":  `{"object":"whatsapp_business_account","entry":[7]}`,
		"a change that is none":  `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[7]}]}`,
		"changes that are none":  `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":7}]}`,
		"a preference": change("user_preferences",
			`{"user_preferences":[{"wa_id":"12025550143","category":"tea","value":"stop"}]}`),
		"a call":             change("calls", `{"calls":[{"event":"connect"}]}`),
		"an address book":    change("smb_app_state_sync", `{"state_sync":[{"type":"contact","action":"fold"}]}`),
		"a history":          change("history", `{"history":[7]}`),
		"a history's thread": change("history", `{"history":[{"threads":[7]}]}`),
	}
}

func many(n int) []byte {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(`{"from":"12025550143","id":"wamid.%d","timestamp":"1790000001","type":"text","text":{"body":%q}}`, i,
			strings.Repeat("x", 900))
	}
	return []byte(messages(`"messages":[` + strings.Join(items, ",") + `]`))
}

// graph answers as the healthy platform.
func graph(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/media") {
		_, _ = io.WriteString(w, `{"id":"700000000000099"}`)
		return
	}
	var body struct {
		Recipient string `json:"recipient"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	if body.Recipient != "" {
		_, _ = w.Write(file("testdata/api/whatsapp-api-send-response-bsuid.json"))
		return
	}
	_, _ = w.Write(file("testdata/api/whatsapp-api-send-response.json"))
}

func phone() channels.Identity {
	return channels.Identity{Kind: "whatsapp_phone", Value: "12025550143", Display: "+1 202-555-0143"}
}

func bsuid() channels.Identity {
	return channels.Identity{
		Kind: "whatsapp_bsuid", Scope: "900000000000001", Value: "US.7000000000000000001",
		Display: "US.7000000000000000001",
	}
}

func open(context.Context, channels.Attachment) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("file")), nil
}

// outgoing is one message of every kind.
func outgoing() []channeltest.Case {
	choices := []channels.Choice{{ID: "a", Title: "Yes"}, {ID: "b", Title: "No"}}
	attached := func(kind, mime, name, text string) channels.Content {
		return channels.Content{
			Type: "media", Text: text,
			Attachments: []channels.Attachment{{Kind: kind, MIME: mime, Name: name, Size: 4}},
		}
	}
	interactive := func(i channels.Interactive) channels.Content {
		return channels.Content{Type: "interactive", Text: "Choose", Interactive: &i}
	}
	contents := []struct {
		name    string
		content channels.Content
	}{
		{"text", channels.Content{Type: "text", Text: "Shalom שלום <b> & 👋🏽"}},
		{"text-link", channels.Content{Type: "text", Text: "See https://example.com"}},
		{"image", attached("image", "image/png", "", "Look")},
		{"video", attached("video", "video/mp4", "v.mp4", "")},
		{"audio", attached("audio", "audio/mpeg", "a.mp3", "")},
		{"voice", attached("voice", "audio/ogg", "v.ogg", "")},
		{"document", attached("document", "application/pdf", `Rechnung "7" –.pdf`, "Invoice")},
		{"sticker", attached("sticker", "image/webp", "", "")},
		{"location", channels.Content{
			Type:     "location",
			Location: &channels.Location{Latitude: 48.85, Longitude: 2.29, Name: "Tower", Address: "Paris"},
		}},
		{"contacts", channels.Content{Type: "contacts", Contacts: []channels.Card{{
			Name: "Bo van Sample", Phones: []channels.CardPhone{
				{Phone: "+12025550177", Type: "work", WhatsAppID: "12025550177"},
				{Phone: "+12025550178"},
			},
			Emails: []string{"bo@example.com"}, Company: "Example Ltd", Title: "Buyer", URLs: []string{"https://example.com"},
			Addresses: []string{"1 Example St, Exampleton"}, Birthday: "1990-01-31",
		}, {Name: "Solo"}}}},
		{"reaction", channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{ProviderID: "wamid.IN==", Emoji: "👍"}}},
		{"reaction-removed", channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{ProviderID: "wamid.IN=="}}},
		{"buttons", interactive(channels.Interactive{Kind: "buttons", Header: "Head", Footer: "Foot", Buttons: choices})},
		{"list", interactive(channels.Interactive{Kind: "list", Button: "Open", Sections: []channels.Section{
			{Title: "One", Rows: []channels.Choice{{ID: "r1", Title: "Row", Description: "More"}}}, {Title: "Two", Rows: choices},
		}})},
		{"link", interactive(channels.Interactive{Kind: "link", Button: "Pay", URL: "https://example.com/i/1"})},
		{"location-request", interactive(channels.Interactive{Kind: "location_request"})},
		{"contact-request", interactive(channels.Interactive{Kind: "contact_request"})},
	}
	var cases []channeltest.Case
	for _, c := range append(contents, templates()...) {
		cases = append(cases, channeltest.Case{
			Name: c.name,
			Out: channels.Outgoing{
				MessageID: "msg_1", To: []channels.Identity{phone(), bsuid()}, Content: c.content,
				ReplyTo: "wamid.QUOTED==", Open: open,
			},
			Sent: channels.Sent{ProviderID: "wamid.HBgLFIXTUREOUT0100AA==", To: []channels.Identity{phone()}},
		})
	}
	return append(cases, channeltest.Case{
		Name: "text-bsuid",
		Out:  channels.Outgoing{MessageID: "msg_1", To: []channels.Identity{bsuid()}, Content: channels.Content{Type: "text", Text: "Hi"}},
		Sent: channels.Sent{ProviderID: "wamid.HBgLFIXTUREOUT0102AA==", To: []channels.Identity{bsuid()}},
	})
}

func templates() []struct {
	name    string
	content channels.Content
} {
	use := func(u channels.TemplateUse, files ...channels.Attachment) channels.Content {
		u.Name, u.Language = "order_update", "en_US"
		return channels.Content{Type: "template", Text: "rendered", Template: &u, Attachments: files}
	}
	return []struct {
		name    string
		content channels.Content
	}{
		{"template-plain", use(channels.TemplateUse{})},
		{"template-positional", use(channels.TemplateUse{
			Header: []channels.TemplateParam{{Value: "1042"}}, Body: []channels.TemplateParam{{Value: "Ines"}, {Value: "19.99 €"}},
		})},
		{"template-named", use(channels.TemplateUse{Body: []channels.TemplateParam{{Name: "first_name", Value: "Ines"}}})},
		{"template-image", use(channels.TemplateUse{}, channels.Attachment{Kind: "image", MIME: "image/png", Size: 4})},
		{"template-document", use(channels.TemplateUse{},
			channels.Attachment{Kind: "document", MIME: "application/pdf", Name: "a.pdf", Size: 4})},
		{
			"template-location",
			use(channels.TemplateUse{Location: &channels.Location{Latitude: 1, Longitude: 2, Name: "Shop", Address: "Street"}}),
		},
		{"template-buttons", use(channels.TemplateUse{Buttons: []channels.TemplateParam{
			{Index: 0, Type: "url", Value: "1042"},
			{Index: 1, Type: "quick_reply", Value: "RESCHEDULE_1042"},
			{Index: 2, Type: "copy_code", Value: "SAVE5"},
			{Index: 3, Type: "flow", Value: "token"},
		}})},
	}
}
