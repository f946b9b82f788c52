package sandbox

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

const errorsHref = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

// webhook words a happening as WhatsApp does.
func (g *whatsApp) webhook(a Account, h happening) (*wording, error) {
	value := waValue{Product: "whatsapp", Metadata: waMetadata{digits(a.Address), a.ID}}
	value.Contacts = []waContact{{Profile: waProfile{h.phone.Name, h.phone.Username}, WaID: h.phone.Phone, UserID: h.phone.UserID}}
	field := "messages"
	if h.kind == "status" {
		value.Contacts[0].Profile.Username = ""
		if h.status == StatusFailed {
			value.Contacts = nil
		}
		value.Statuses = []waStatus{g.status(h)}
	} else {
		m, err := g.message(a, h)
		if err != nil {
			return nil, err
		}
		if h.kind == "echo" {
			field, value.Echoes = "smb_message_echoes", []*waMessage{m}
		} else {
			value.Messages = []*waMessage{m}
		}
	}
	body, err := encodeLikeMeta(waBody{"whatsapp_business_account", []waEntry{{a.BusinessID, []waChange{{value, field}}}}})
	if err != nil {
		return nil, fmt.Errorf("whatsapp webhook: %w", err)
	}
	return &wording{Body: body}, nil
}

// message words what a customer did, or as an echo what the business wrote in its own app.
func (g *whatsApp) message(a Account, h happening) (*waMessage, error) {
	if h.at.IsZero() {
		h.at = g.s.clock.Now()
	}
	m := &waMessage{From: h.phone.Phone, FromUserID: h.phone.UserID, ID: h.id, Timestamp: unix(h.at)}
	switch h.kind {
	case "reaction":
		m.Type, m.Reaction = "reaction", &waReaction{h.message.ID, h.emoji}
	case "edit":
		inner := &waMessage{}
		if err := g.content(inner, h.message.Content); err != nil {
			return nil, err
		}
		inner.Context = &waContext{ID: h.message.ID}
		m.Type, m.Edit = "edit", &waEdit{h.message.ID, inner}
	case "deletion":
		m.Type, m.Revoke = "revoke", &waRevoke{h.message.ID}
	default: // message, echo
		m.ID, m.Timestamp = h.message.ID, unix(h.message.At)
		m.Context = quote(a, h)
		if h.kind == "echo" {
			m.From, m.To, m.FromUserID, m.ToUserID = digits(a.Address), h.phone.Phone, "", h.phone.UserID
		}
		return m, g.content(m, h.message.Content)
	}
	return m, nil
}

// quote names the message that is answered, and who wrote it.
func quote(a Account, h happening) *waContext {
	if h.message.ReplyTo == "" {
		return nil
	}
	if h.quoted != nil && h.quoted.From == FromCustomer {
		return &waContext{From: h.phone.Phone, FromUserID: h.phone.UserID, ID: h.message.ReplyTo}
	}
	return &waContext{From: digits(a.Address), ID: h.message.ReplyTo}
}

// content fills in the part of a message that its type names.
func (g *whatsApp) content(m *waMessage, c Content) error {
	m.Type = c.Type
	switch c.Type {
	case "text", "template", "choices":
		m.Type, m.Text = "text", &waText{c.Text}
	case "image", "video", "document", "audio", "voice", "sticker":
		return g.mediaContent(m, c)
	case "location":
		l := c.Location
		m.Location = &waLocation{l.Latitude, l.Longitude, l.Name, l.Address, l.URL}
	case "contacts":
		m.Contacts = toWhatsApp(c.Contacts)
	case "contact_share":
		m.Type, m.Origin, m.Contacts = "contacts", "contact_request/other", toWhatsApp(c.Contacts)
		m.Contacts[0].VCard = fmt.Sprintf("BEGIN:VCARD\nVERSION:3.0\nFN:%s\nTEL;TYPE=CELL:%s\nEND:VCARD", c.Contacts[0].Name,
			c.Contacts[0].Phones[0].Phone)
		m.Contacts[0].Name = nil
	case "answer":
		return answer(m, c.Answer, g.s.clock.Now())
	case "order":
		m.Order = &waOrder{CatalogID: c.Order.CatalogID, Text: c.Text}
		for _, i := range c.Order.Items {
			m.Order.Items = append(m.Order.Items, waOrderItem{i.ProductID, i.Quantity, json.Number(i.Price), i.Currency})
		}
	default:
		return fmt.Errorf("whatsapp has no message type %q", c.Type)
	}
	return nil
}

// mediaContent names a file as WhatsApp does: with its base64 digest and the short-lived address.
func (g *whatsApp) mediaContent(m *waMessage, c Content) error {
	sum, err := hex.DecodeString(c.Media.SHA256)
	if err != nil {
		return fmt.Errorf("digest of media %s: %w", c.Media.ID, err)
	}
	media := &waMedia{MIME: c.Media.MIME, SHA256: base64.StdEncoding.EncodeToString(sum), ID: c.Media.ID, Caption: c.Text}
	if g.s.listen != "" {
		media.URL = g.mediaURL(g.s.listen, c.Media.ID)
	}
	yes, no := true, false
	switch c.Type {
	case "image":
		m.Image = media
	case "video":
		m.Video = media
	case "document":
		media.Filename = c.Media.Name
		m.Document = media
	case "sticker":
		media.Caption, media.Animated = "", &no
		m.Sticker = media
	case "audio":
		media.Caption, media.Voice = "", &no
		m.Audio = media
	case "voice":
		media.Caption, media.Voice = "", &yes
		m.Type, m.Audio = "audio", media
	}
	return nil
}

// answer words the choice that a customer made.
func answer(m *waMessage, a *Answer, now time.Time) error {
	m.Type = "interactive"
	switch a.Kind {
	case "reply":
		m.Interactive = &waInteractive{Type: "button_reply", Button: &waChoice{ID: a.ID, Title: a.Title}}
	case "row":
		m.Interactive = &waInteractive{Type: "list_reply", List: &waChoice{a.ID, a.Title, a.Description}}
	case "quick_reply":
		m.Type, m.Button = "button", &waButton{a.ID, a.Title}
	case "form":
		response, err := json.Marshal(a.Form)
		if err != nil {
			return fmt.Errorf("form: %w", err)
		}
		m.Interactive = &waInteractive{Type: "nfm_reply", Form: &waForm{"flow", "Sent", string(response)}}
	case "call_permission":
		permission := &waCallPermission{Response: a.ID, Source: "user_action"}
		if a.ID == "accept" {
			permission.Expires = now.Add(7 * 24 * time.Hour).Unix()
		}
		m.Interactive = &waInteractive{Type: "call_permission_reply", Permission: permission}
	default:
		return fmt.Errorf("whatsapp has no answer %q", a.Kind)
	}
	return nil
}

// status words a report about a message of the business.
func (g *whatsApp) status(h happening) waStatus {
	s := waStatus{
		ID: h.message.ID, Status: h.status, Timestamp: unix(g.s.clock.Now()), RecipientID: h.phone.Phone,
		RecipientUserID: h.phone.UserID, Opaque: h.message.Opaque,
	}
	switch {
	case h.status == StatusFailed:
		code := h.failure
		if code == 0 {
			code = 131026
		}
		e := fail(code, "")
		s.Errors = []waStatusError{{
			Code: code, Title: e.title, Message: e.title, Data: map[string]string{"details": e.title + "."},
			Href: errorsHref,
		}}
	case h.status == StatusPlayed:
	case h.message.Category != "" && (h.message.Category != "utility" || !h.inside):
		s.Pricing = &waPricing{true, "PMP", "regular", h.message.Category}
	case h.message.Category != "":
		s.Pricing = &waPricing{false, "PMP", "free_customer_service", h.message.Category}
	default:
		s.Pricing = &waPricing{false, "PMP", "free_customer_service", "service"}
	}
	return s
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// judge repeats what was not answered with 200, for seven days.
func (g *whatsApp) judge(_ *wording, status, _ int, age time.Duration) verdict {
	return patient(status, age, retryFor)
}
