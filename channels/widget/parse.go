package widget

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"strings"

	"wasl/channels"
	"wasl/internal/ids"
)

// identityKind is how visitors are known.
const identityKind = "visitor"

type body struct {
	Visitor string            `json:"visitor"`
	Page    *page             `json:"page"`
	Events  []json.RawMessage `json:"events"`
}

type page struct {
	URL      string `json:"url"`
	Title    string `json:"title"`
	Referrer string `json:"referrer"`
}

type entry struct {
	Type     string   `json:"type"`
	ID       string   `json:"id"`
	Text     string   `json:"text"`
	Files    []string `json:"files"`
	ReplyTo  string   `json:"reply_to"`
	Status   string   `json:"status"`
	Messages []string `json:"messages"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
}

const (
	maxEvents   = 20
	maxWeight   = 100 // of one body: twenty messages, or the receipts for what was missed
	maxFiles    = 10
	maxReceipts = 100
	maxName     = 100
	maxPage     = 1000
)

// Parse turns what a visitor's browser posted into events.
func (*Adapter) Parse(account channels.Account, hook channels.Webhook) ([]channels.Event, error) {
	var b body
	if err := json.Unmarshal(hook.Body, &b); err != nil {
		return nil, fmt.Errorf("%w: %w", channels.ErrBody, err)
	}
	if b.Visitor == "" || len(b.Events) == 0 {
		return nil, fmt.Errorf("%w: no visitor or nothing said", channels.ErrBody)
	}
	if _, err := Weigh(hook.Body); err != nil {
		return nil, err
	}
	p := parser{account: account, body: b}
	for _, raw := range b.Events {
		p.entry(raw)
	}
	return p.events, nil
}

// AMessage is what a message weighs, and everything else that a person does; a receipt weighs one.
const AMessage = 4

// Weigh returns what a body weighs, so that it can be counted, or channels.ErrBody where it says too much at once.
func Weigh(raw []byte) (weight int, err error) {
	var b body
	if json.Unmarshal(raw, &b) != nil { // it says nothing
		return AMessage, nil
	}
	for _, e := range b.Events {
		var said entry
		_ = json.Unmarshal(e, &said) // what is not understood weighs as much as a message
		weight += max(len(said.Messages), AMessage)
	}
	if len(b.Events) > maxEvents || weight > maxWeight {
		return 0, fmt.Errorf("%w: too much at once", channels.ErrBody)
	}
	return max(weight, AMessage), nil
}

type parser struct {
	account channels.Account
	body    body
	events  []channels.Event
}

func (p *parser) entry(raw json.RawMessage) {
	var e entry
	if json.Unmarshal(raw, &e) != nil {
		p.unknown(raw)
		return
	}
	switch {
	case e.Type == "message" && e.ID != "" && (strings.TrimSpace(e.Text) != "" || len(e.Files) > 0) && len(e.Files) <= maxFiles:
		p.message(e)
	case e.Type == "receipt" && (e.Status == "delivered" || e.Status == "read") && len(e.Messages) > 0 && len(e.Messages) <= maxReceipts:
		for _, id := range e.Messages {
			ev := p.event("receipt:" + e.Status + ":" + id)
			ev.Receipt = &channels.Receipt{ProviderID: id, MessageID: id, Status: channels.MessageStatus(e.Status)}
			p.events = append(p.events, ev)
		}
	case e.Type == "details" && (e.Name != "" || e.Email != ""):
		p.details(e, raw)
	default:
		p.unknown(raw)
	}
}

// event begins an event of the visitor. It has no time: a browser's clock proves nothing, so it is the time of arrival.
func (p *parser) event(key string) channels.Event {
	v := p.body.Visitor
	return channels.Event{Key: key, Account: p.account.Credentials[credKey], Contact: &channels.Sender{Identities: []channels.Identity{
		{Kind: identityKind, Scope: p.account.ChannelID, Value: v, Display: "Visitor " + strings.ToUpper(v[max(0, len(v)-4):])},
	}}}
}

// ProviderID is what a visitor's message is called within the channel.
func ProviderID(visitor, id string) string { return visitor + ":" + id }

func (p *parser) message(e entry) {
	ev := p.event("message:" + p.body.Visitor + ":" + e.ID)
	c := channels.Content{Type: "text", Text: strings.TrimSpace(e.Text), Referral: p.referral()}
	for _, id := range e.Files {
		c.Type = "media"
		c.Attachments = append(c.Attachments, channels.Attachment{Kind: "document", UploadID: id})
	}
	ev.Message = &channels.Incoming{ProviderID: ProviderID(p.body.Visitor, e.ID), Content: c, ReplyTo: e.ReplyTo, OpensWindow: true}
	p.events = append(p.events, ev)
}

// referral says on which page the visitor wrote. The browser names it when it is another one than before.
func (p *parser) referral() *channels.Referral {
	if p.body.Page == nil {
		return nil
	}
	u, err := url.Parse(p.body.Page.URL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return nil
	}
	return &channels.Referral{
		Source: "website", URL: clip(p.body.Page.URL, maxPage), Headline: clip(p.body.Page.Title, maxPage), Body: clip(p.body.Page.Referrer,
			maxPage),
	}
}

// details are what the visitor typed into a form: shown to agents, and no proof of who that is.
func (p *parser) details(e entry, raw json.RawMessage) {
	ev := p.event("details:" + p.body.Visitor + ":" + hash(raw))
	name := clip(strings.Join(strings.Fields(e.Name), " "), maxName)
	ev.Contact.Name = name
	ev.Profile = &channels.Profile{Kind: "details", Text: name}
	if a, err := mail.ParseAddress(strings.TrimSpace(e.Email)); err == nil && a.Name == "" && len(a.Address) <= 254 {
		ev.Profile.Emails = []string{strings.ToLower(a.Address)}
		ev.Profile.Text = strings.TrimPrefix(name+" · "+a.Address, " · ")
	}
	p.events = append(p.events, ev)
}

// unknown keeps what is not understood in sight.
func (p *parser) unknown(raw json.RawMessage) {
	id := hash(raw)
	ev := p.event("unknown:" + p.body.Visitor + ":" + id)
	ev.Message = &channels.Incoming{
		ProviderID: ProviderID(p.body.Visitor, "unknown-"+id), Content: channels.Content{Type: "unsupported"}, Raw: bytes.Clone(raw),
	}
	p.events = append(p.events, ev)
}

func hash(raw []byte) string { return strings.TrimPrefix(ids.Derived("x", string(raw)), "x_") }

// clip keeps the beginning, in whole letters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
