package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"wasl/channels"
)

const (
	pairEvery = 6 * time.Second
	pairBurst = 45
	sendMax   = 1 << 20
)

// waSend is the body of a call that sends a message or marks one as read.
type waSend struct {
	Product       string          `json:"messaging_product"`
	RecipientType string          `json:"recipient_type"`
	To            string          `json:"to"`
	Recipient     string          `json:"recipient"`
	IdentityHash  string          `json:"recipient_identity_key_hash"`
	Type          string          `json:"type"`
	Context       *waSendContext  `json:"context"`
	Opaque        string          `json:"biz_opaque_callback_data"`
	Status        string          `json:"status"`
	MessageID     string          `json:"message_id"`
	Typing        *waTyping       `json:"typing_indicator"`
	Text          *waSendText     `json:"text"`
	Image         *waSendMedia    `json:"image"`
	Video         *waSendMedia    `json:"video"`
	Audio         *waSendMedia    `json:"audio"`
	Document      *waSendMedia    `json:"document"`
	Sticker       *waSendMedia    `json:"sticker"`
	Location      *waLocation     `json:"location"`
	Contacts      []waCard        `json:"contacts"`
	Reaction      *waReaction     `json:"reaction"`
	Interactive   *waSendChoices  `json:"interactive"`
	Template      *waSendTemplate `json:"template"`
}

type (
	waSendContext struct {
		MessageID string `json:"message_id"`
	}
	waTyping struct {
		Type string `json:"type"`
	}
	waSendText struct {
		Body    string `json:"body"`
		Preview bool   `json:"preview_url"`
	}
	waSendMedia struct {
		ID       string `json:"id"`
		Link     string `json:"link"`
		Caption  string `json:"caption"`
		Filename string `json:"filename"`
		Provider string `json:"provider"`
		Voice    bool   `json:"voice"`
	}
	waSendChoices struct {
		Type   string        `json:"type"`
		Header *waSendHeader `json:"header"`
		Body   *waSendPart   `json:"body"`
		Footer *waSendPart   `json:"footer"`
		Action waSendAction  `json:"action"`
	}
	waSendHeader struct {
		Type     string       `json:"type"`
		Text     string       `json:"text"`
		Image    *waSendMedia `json:"image"`
		Video    *waSendMedia `json:"video"`
		Document *waSendMedia `json:"document"`
	}
	waSendPart struct {
		Text string `json:"text"`
	}
	waSendAction struct {
		Name      string          `json:"name"`
		Button    string          `json:"button"`
		Buttons   []waSendButton  `json:"buttons"`
		Sections  []waSendSection `json:"sections"`
		CatalogID string          `json:"catalog_id"`
		ProductID string          `json:"product_retailer_id"`
		Thumbnail string          `json:"thumbnail_product_retailer_id"`
		Params    *waSendParams   `json:"parameters"`
	}
	waSendButton struct {
		Type  string   `json:"type"`
		Reply waChoice `json:"reply"`
	}
	waSendSection struct {
		Title    string          `json:"title"`
		Rows     []waChoice      `json:"rows"`
		Products []waSendProduct `json:"product_items"`
	}
	waSendProduct struct {
		ID string `json:"product_retailer_id"`
	}
	waSendParams struct {
		Display     string          `json:"display_text"`
		URL         string          `json:"url"`
		FlowVersion string          `json:"flow_message_version"`
		FlowID      string          `json:"flow_id"`
		FlowName    string          `json:"flow_name"`
		FlowCTA     string          `json:"flow_cta"`
		FlowToken   string          `json:"flow_token"`
		FlowAction  string          `json:"flow_action"`
		FlowMode    string          `json:"mode"`
		FlowPayload json.RawMessage `json:"flow_action_payload"`
	}
)

var bsuid = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// send checks and takes one message.
func (g *whatsApp) send(c graphCall) (any, *graphError) {
	if c.id != c.account.ID {
		return nil, noObject(c.id)
	}
	m, err := readSend(c.r)
	if err != nil {
		return nil, err
	}
	if m.Product != "whatsapp" {
		return nil, fail(100, "messaging_product is required and must be whatsapp.")
	}
	if m.Status != "" || m.Typing != nil {
		return g.markRead(c.account, m)
	}
	p, err := g.recipient(c.account, m)
	if err != nil {
		return nil, err
	}
	if err := g.check(c.account, p, m); err != nil {
		return nil, err
	}
	if m.Type == "" {
		m.Type = "text"
	}
	message := Message{ID: g.newID(p, Content{}), Opaque: m.Opaque}
	if m.Context != nil {
		message.ReplyTo = m.Context.MessageID
	}
	if m.Type == "template" {
		t := g.template(m.Template.Name, m.Template.Language.Code)
		message.Category = strings.ToLower(t.Category)
	}
	if m.Type == "reaction" {
		g.react(c.account, p, message, m.Reaction)
	} else {
		message.Content = g.neutral(m)
		g.s.deliver(c.account, p, message)
	}
	sent := map[string]string{"id": message.ID}
	if m.Type == "template" {
		sent["message_status"] = "accepted"
	}
	contact := map[string]string{"input": m.To, "wa_id": p.Phone}
	if m.To == "" {
		contact = map[string]string{"input": m.Recipient, "user_id": m.Recipient}
	}
	return map[string]any{"messaging_product": "whatsapp", "contacts": []any{contact}, "messages": []any{sent}}, nil
}

// react puts the business' emoji on a message. There is a report that it was sent and none after it.
func (g *whatsApp) react(a Account, p Phone, m Message, r *waReaction) {
	g.s.book.change(r.MessageID, func(m *Message) bool { return setReaction(m, FromBusiness, r.Emoji) })
	m.Account = a.ID
	g.s.out.send(a, happening{kind: "status", phone: p, message: m, status: StatusSent, inside: true})
}

// readSend reads the body and names the first key that does not belong there.
func readSend(r *http.Request) (*waSend, *graphError) {
	if bareType(r.Header.Get("Content-Type")) != "application/json" {
		return nil, fail(100, "Content-Type must be application/json.")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, sendMax+1))
	if err != nil || len(body) > sendMax {
		return nil, fail(100, "The body could not be read.")
	}
	var m waSend
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, fail(100, "Param %s must be of type %s.", wrong.Field, wrong.Type.Kind())
		}
		return nil, fail(100, "Unexpected body: %s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	return &m, nil
}

// recipient finds the phone that a message is for.
func (g *whatsApp) recipient(a Account, m *waSend) (Phone, *graphError) {
	if m.RecipientType != "" && m.RecipientType != "individual" {
		return Phone{}, fail(131009, "recipient_type must be individual.")
	}
	if m.To != "" {
		number := digits(m.To)
		if len(number) < 7 || strings.ContainsFunc(m.To, func(r rune) bool { return !strings.ContainsRune("0123456789+-() ", r) }) {
			return Phone{}, fail(131009, "to is no phone number; a user id goes into recipient.")
		}
		if number == digits(a.Address) {
			return Phone{}, fail(131021, "The recipient's number is the sender's.")
		}
		if p, ok := g.s.recipient(a, number); ok {
			return p, nil
		}
		return Phone{}, fail(131026, "The recipient's number is not on WhatsApp.")
	}
	switch {
	case m.Recipient == "":
		return Phone{}, fail(131008, "to or recipient is required.")
	case !bsuid.MatchString(m.Recipient):
		return Phone{}, fail(131009, "recipient is no user id.")
	}
	if p, ok := g.s.book.find(Customer{UserID: m.Recipient}); ok && p.uses("whatsapp") {
		return p, nil
	}
	return Phone{}, fail(131026, "The user id is unknown to this business.")
}

// markRead marks what the customer wrote as read, up to the named message, and shows that the business writes.
func (g *whatsApp) markRead(a Account, m *waSend) (any, *graphError) {
	if m.Status != "read" {
		return nil, fail(131009, "status must be read.")
	}
	if m.MessageID == "" {
		return nil, fail(131008, "message_id is required.")
	}
	if m.Typing != nil && m.Typing.Type != "text" {
		return nil, fail(131009, "typing_indicator.type must be text.")
	}
	message, ok := g.s.book.message(m.MessageID)
	if !ok || message.Account != a.ID || message.From != FromCustomer {
		return nil, fail(131009, "message_id is no message of a customer to this number.")
	}
	g.s.read(message)
	if m.Typing != nil {
		g.s.book.publish("typing", map[string]string{"phone": message.Phone, "account": a.ID})
	}
	return map[string]bool{"success": true}, nil
}

// neutral turns a checked message into what the phone shows.
func (g *whatsApp) neutral(m *waSend) Content {
	switch m.Type {
	case "image":
		return g.file("image", m.Image)
	case "video":
		return g.file("video", m.Video)
	case "document":
		return g.file("document", m.Document)
	case "sticker":
		return g.file("sticker", m.Sticker)
	case "audio":
		if m.Audio.Voice {
			return g.file("voice", m.Audio)
		}
		return g.file("audio", m.Audio)
	case "location":
		l := m.Location
		return Content{Type: "location", Location: &channels.Location{
			Latitude: l.Latitude, Longitude: l.Longitude, Name: l.Name,
			Address: l.Address, URL: l.URL,
		}}
	case "contacts":
		return Content{Type: "contacts", Contacts: fromWhatsApp(m.Contacts)}
	case "interactive":
		return g.choices(m.Interactive)
	case "template":
		return g.render(m.Template)
	}
	return Content{Type: "text", Text: m.Text.Body}
}

// file is a media message: with what was uploaded, or with a link that the sandbox does not follow.
func (g *whatsApp) file(kind string, m *waSendMedia) Content {
	media := &Media{Link: m.Link}
	if m.ID != "" {
		if known, ok := g.s.book.mediaInfo(m.ID); ok {
			media = &known
		}
	}
	if m.Filename != "" {
		media.Name = m.Filename
	}
	return Content{Type: kind, Text: m.Caption, Media: media}
}

// choices is an interactive message as the phone shows it.
func (g *whatsApp) choices(i *waSendChoices) Content {
	c := Content{Type: "choices", Choices: &Choices{}}
	if i.Body != nil {
		c.Text = i.Body.Text
	}
	if i.Footer != nil {
		c.Choices.Footer = i.Footer.Text
	}
	if h := i.Header; h != nil {
		c.Choices.Header = h.Text
		if m := h.media(); m != nil {
			c.Media = g.file(h.Type, m).Media
		}
	}
	button := func(b Button) { c.Choices.Buttons = append(c.Choices.Buttons, b) }
	switch i.Type {
	case "button":
		for _, b := range i.Action.Buttons {
			button(Button{Kind: "reply", ID: b.Reply.ID, Title: b.Reply.Title})
		}
	case "list":
		c.Choices.Open = i.Action.Button
		c.Choices.Sections = rows(i.Action.Sections)
	case "cta_url":
		button(Button{Kind: "url", Title: i.Action.Params.Display, Value: i.Action.Params.URL})
	case "location_request_message":
		button(Button{Kind: "location", Title: "Send location"})
	case "request_contact_info":
		button(Button{Kind: "contact", Title: "Share contact info"})
	case "flow":
		button(Button{Kind: "form", ID: i.Action.Params.FlowToken, Title: i.Action.Params.FlowCTA})
	case "call_permission_request":
		button(Button{Kind: "call_permission", ID: "accept", Title: "Allow"})
		button(Button{Kind: "call_permission", ID: "reject", Title: "Decline"})
	case "product":
		c.Choices.Open = "View product"
		c.Choices.Sections = []Section{{Rows: []channels.Choice{{ID: i.Action.ProductID, Title: i.Action.ProductID}}}}
	case "product_list":
		c.Choices.Open = "View items"
		c.Choices.Sections = rows(i.Action.Sections)
	}
	return c
}

func rows(sections []waSendSection) []Section {
	var out []Section
	for _, s := range sections {
		section := Section{Title: s.Title}
		for _, r := range s.Rows {
			section.Rows = append(section.Rows, channels.Choice{ID: r.ID, Title: r.Title, Description: r.Description})
		}
		for _, p := range s.Products {
			section.Rows = append(section.Rows, channels.Choice{ID: p.ID, Title: p.ID})
		}
		out = append(out, section)
	}
	return out
}

// media is the file of a header that has one.
func (h *waSendHeader) media() *waSendMedia {
	switch h.Type {
	case "image":
		return h.Image
	case "video":
		return h.Video
	case "document":
		return h.Document
	}
	return nil
}
