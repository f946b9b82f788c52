package messaging_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/channeltest"
)

func TestConformance(t *testing.T) {
	both(t, func(t *testing.T, p platform) {
		channeltest.Run(t, channeltest.Suite{
			New:             p.new,
			Account:         p.account,
			Dir:             p.dir(),
			Hook:            p.signed,
			SignatureHeader: "X-Hub-Signature-256",
			Vectors:         p.vectors(t),
			Unknown:         p.unknown(),
			Many:            p.many,
			Outgoing:        p.outgoing(),
			Provider:        p.graph,
			IsSend:          func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/messages") },
			Unauthorized:    string(file("testdata/messenger/api/meta-error-190-expired-token.json")),
		})
	})
}

// vectors are signatures that another program made.
func (p platform) vectors(t *testing.T) []channeltest.Vector {
	var in struct {
		Secret     string            `json:"app_secret"`
		Signatures map[string]string `json:"signatures"`
	}
	if err := json.Unmarshal(file(p.dir("vectors.json")), &in); err != nil || in.Secret != p.account.Credentials["app_secret"] {
		t.Fatal("vectors.json is not for the test account", err)
	}
	var out []channeltest.Vector
	for name, signature := range in.Signatures {
		folder := "in"
		if strings.Contains(name, "-api-") {
			folder = "api"
		}
		out = append(out, channeltest.Vector{Name: name, Body: file(p.dir(folder, name)), Signature: signature, Valid: true})
	}
	return out
}

func (p platform) unknown() map[string]string {
	return map[string]string{
		"a part":                   p.item(`"hologram":{"x":1}`),
		"an attachment":            p.item(`"message":{"mid":"m_1","attachments":[{"type":"hologram","payload":{"x":1}}]}`),
		"an attachment of nothing": p.item(`"message":{"mid":"m_1","attachments":[{"type":"image"}]}`),
		"a share of nothing":       p.item(`"message":{"mid":"m_1","attachments":[{"type":"ig_post","payload":{}}]}`),
		"a place without a point":  p.item(`"message":{"mid":"m_1","attachments":[{"type":"location","payload":{"coordinates":{"lat":1}}}]}`),
		"an empty message":         p.item(`"message":{"mid":"m_1"}`),
		"a message without id":     p.item(`"message":{"text":"x"}`),
		"a message that is none":   p.item(`"message":7`),
		"a reaction to nothing":    p.item(`"reaction":{"action":"react"}`),
		"an edit of nothing":       p.item(`"message_edit":{"text":"x"}`),
		"a read of nothing":        p.item(`"read":{}`),
		"a delivery of nothing":    p.item(`"delivery":{}`),
		"an item of nothing":       p.item(`"x":1`),
		"an item that is none":     p.entry(`"messaging":[7]`),
		"items that are none":      p.entry(`"messaging":{"a":1}`),
		"a field":                  p.entry(`"changes":[{"field":"weather","value":{"sun":true}}]`),
		"a field without value":    p.entry(`"changes":[{"field":"weather"}]`),
		"a comment of nobody":      p.entry(`"changes":[{"field":"comments","value":{"id":"1","text":"x"}}]`),
		"nobody":                   p.entry(`"messaging":[{"timestamp":1790000001000,"referral":{"ref":"box"}}]`),
		"an empty entry":           p.entry(`"x":1`),
		"an entry that is none":    `{"object":"` + p.object + `","entry":[7]}`,
	}
}

func (p platform) many(n int) []byte {
	items := make([]string, n)
	for i := range items {
		items[i] = p.from(fmt.Sprintf(`"message":{"mid":"m_%d","text":%q}`, i, strings.Repeat("x", 900)))
	}
	return []byte(p.entry(`"messaging":[` + strings.Join(items, ",") + `]`))
}

// graph answers as the healthy platform: what is no message gets no message's id.
func (p platform) graph(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch {
	case strings.HasSuffix(r.URL.Path, "/message_attachments"):
		_, _ = io.WriteString(w, `{"attachment_id":"700000000000099"}`)
	case strings.Contains(string(body), `"sender_action"`):
		_, _ = io.WriteString(w, `{"recipient_id":"`+p.customer.Value+`"}`)
	default:
		_, _ = w.Write(file(p.dir("api", p.name+"-api-send-response.json")))
	}
}

// outgoing is one message of every kind.
func (p platform) outgoing() []channeltest.Case {
	choices := []channels.Choice{{ID: "a", Title: "Yes"}, {ID: "b", Title: "No"}, {ID: "c", Title: "Later"}, {ID: "d", Title: "Call me"}}
	attached := func(kind, mime, name string) channels.Content {
		return channels.Content{
			Type:        "media",
			Attachments: []channels.Attachment{{ID: "med_1", Kind: kind, MIME: mime, Name: name, Size: 4}},
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
		{"image", attached("image", "image/png", "")},
		{"video", attached("video", "video/mp4", "v.mp4")},
		{"audio", attached("audio", "audio/mp4", "a.m4a")},
		{"voice", attached("voice", "audio/mp4", "")},
		{"document", attached("document", "application/pdf", `Rechnung "7" –.pdf`)},
		{"buttons", interactive(channels.Interactive{Kind: "buttons", Buttons: choices[:3]})},
		{"quick-replies", interactive(channels.Interactive{Kind: "buttons", Buttons: choices})},
		{"link", interactive(channels.Interactive{Kind: "link", Button: "Pay", URL: "https://example.com/i/1"})},
		{"reaction", channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{ProviderID: "m_IN", Emoji: "❤️"}}},
		{"reaction-removed", channels.Content{Type: "reaction", Reaction: &channels.ReactionOut{ProviderID: "m_IN"}}},
	}
	if p.name == "messenger" {
		contents = append(contents, struct {
			name    string
			content channels.Content
		}{"contact-request", interactive(channels.Interactive{Kind: "contact_request"})})
	}
	id := map[string]string{"messenger": "m_FIXTUREout01", "instagram": "aWdfFIXTUREOUT01"}[p.name]
	var cases []channeltest.Case
	for _, c := range contents {
		sent := channels.Sent{ProviderID: id, To: []channels.Identity{p.customer}}
		if c.content.Type == "reaction" {
			sent.ProviderID = ""
		}
		cases = append(cases, channeltest.Case{
			Name: c.name, Sent: sent,
			Out: channels.Outgoing{
				MessageID: "msg_1", To: []channels.Identity{p.customer}, Content: c.content, ReplyTo: "m_QUOTED",
				Open: open, Link: link,
			},
		})
	}
	text := channels.Content{Type: "text", Text: "Good morning"}
	return append(cases, channeltest.Case{
		Name: "human-agent", Sent: channels.Sent{ProviderID: id, To: []channels.Identity{p.customer}},
		Out: channels.Outgoing{
			MessageID: "msg_1", To: []channels.Identity{p.customer}, Content: text, Human: true,
			ReplyTo: "wasl:of:a:postback",
		},
	})
}
