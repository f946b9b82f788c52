package sandbox

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"wasl/channels"
)

// The bodies of WhatsApp's webhooks, with their keys in the order in which they come on the wire.
type (
	waBody struct {
		Object string    `json:"object"`
		Entry  []waEntry `json:"entry"`
	}
	waEntry struct {
		ID      string     `json:"id"`
		Changes []waChange `json:"changes"`
	}
	waChange struct {
		Value waValue `json:"value"`
		Field string  `json:"field"`
	}
	waValue struct {
		Product  string       `json:"messaging_product"`
		Metadata waMetadata   `json:"metadata"`
		Contacts []waContact  `json:"contacts,omitempty"`
		Messages []*waMessage `json:"messages,omitempty"`
		Statuses []waStatus   `json:"statuses,omitempty"`
		Echoes   []*waMessage `json:"message_echoes,omitempty"`
	}
	waMetadata struct {
		Display string `json:"display_phone_number"`
		PhoneID string `json:"phone_number_id"`
	}
	waContact struct {
		Profile waProfile `json:"profile"`
		WaID    string    `json:"wa_id,omitempty"`
		UserID  string    `json:"user_id,omitempty"`
	}
	waProfile struct {
		Name     string `json:"name"`
		Username string `json:"username,omitempty"`
	}
	waMessage struct {
		Context     *waContext     `json:"context,omitempty"`
		From        string         `json:"from,omitempty"`
		To          string         `json:"to,omitempty"`
		FromUserID  string         `json:"from_user_id,omitempty"`
		ToUserID    string         `json:"to_user_id,omitempty"`
		ID          string         `json:"id,omitempty"`
		Timestamp   string         `json:"timestamp,omitempty"`
		Type        string         `json:"type"`
		Origin      string         `json:"origin,omitempty"`
		Text        *waText        `json:"text,omitempty"`
		Image       *waMedia       `json:"image,omitempty"`
		Video       *waMedia       `json:"video,omitempty"`
		Audio       *waMedia       `json:"audio,omitempty"`
		Document    *waMedia       `json:"document,omitempty"`
		Sticker     *waMedia       `json:"sticker,omitempty"`
		Location    *waLocation    `json:"location,omitempty"`
		Contacts    []waCard       `json:"contacts,omitempty"`
		Reaction    *waReaction    `json:"reaction,omitempty"`
		Interactive *waInteractive `json:"interactive,omitempty"`
		Button      *waButton      `json:"button,omitempty"`
		Order       *waOrder       `json:"order,omitempty"`
		Edit        *waEdit        `json:"edit,omitempty"`
		Revoke      *waRevoke      `json:"revoke,omitempty"`
	}
	waContext struct {
		From       string `json:"from,omitempty"`
		FromUserID string `json:"from_user_id,omitempty"`
		ID         string `json:"id,omitempty"`
	}
	waText struct {
		Body string `json:"body"`
	}
	waMedia struct {
		MIME     string `json:"mime_type"`
		SHA256   string `json:"sha256"`
		ID       string `json:"id"`
		Filename string `json:"filename,omitempty"`
		Caption  string `json:"caption,omitempty"`
		Voice    *bool  `json:"voice,omitempty"`
		Animated *bool  `json:"animated,omitempty"`
		URL      string `json:"url,omitempty"`
	}
	waLocation struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
		Name      string  `json:"name,omitempty"`
		Address   string  `json:"address,omitempty"`
		URL       string  `json:"url,omitempty"`
	}
	waReaction struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"`
	}
	waInteractive struct {
		Type       string            `json:"type"`
		Button     *waChoice         `json:"button_reply,omitempty"`
		List       *waChoice         `json:"list_reply,omitempty"`
		Form       *waForm           `json:"nfm_reply,omitempty"`
		Permission *waCallPermission `json:"call_permission_reply,omitempty"`
	}
	waChoice struct {
		ID          string `json:"id"`
		Title       string `json:"title"`
		Description string `json:"description,omitempty"`
	}
	waForm struct {
		Name     string `json:"name"`
		Body     string `json:"body"`
		Response string `json:"response_json"`
	}
	waCallPermission struct {
		Response string `json:"response"`
		Source   string `json:"response_source"`
		Expires  int64  `json:"expiration_timestamp,omitempty"`
	}
	waButton struct {
		Payload string `json:"payload"`
		Text    string `json:"text"`
	}
	waOrder struct {
		CatalogID string        `json:"catalog_id"`
		Text      string        `json:"text,omitempty"`
		Items     []waOrderItem `json:"product_items"`
	}
	waOrderItem struct {
		ProductID string      `json:"product_retailer_id"`
		Quantity  int64       `json:"quantity"`
		Price     json.Number `json:"item_price"`
		Currency  string      `json:"currency"`
	}
	waEdit struct {
		Original string     `json:"original_message_id"`
		Message  *waMessage `json:"message"`
	}
	waRevoke struct {
		Original string `json:"original_message_id"`
	}
	waStatus struct {
		ID              string        `json:"id"`
		Status          string        `json:"status"`
		Timestamp       string        `json:"timestamp"`
		RecipientID     string        `json:"recipient_id,omitempty"`
		RecipientUserID string        `json:"recipient_user_id,omitempty"`
		Pricing         *waPricing    `json:"pricing,omitempty"`
		Opaque          string        `json:"biz_opaque_callback_data,omitempty"`
		Errors          []waHookError `json:"errors,omitempty"`
	}
	waPricing struct {
		Billable bool   `json:"billable"`
		Model    string `json:"pricing_model"`
		Type     string `json:"type"`
		Category string `json:"category"`
	}
	waHookError struct {
		Code    int               `json:"code"`
		Title   string            `json:"title"`
		Message string            `json:"message"`
		Data    map[string]string `json:"error_data,omitempty"`
		Href    string            `json:"href"`
	}
)

const errorsHref = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

// webhook words a happening as WhatsApp does.
func (g *whatsApp) webhook(a Account, h happening) ([]byte, error) {
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
	return body, nil
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
		m.Contacts = cards(c.Contacts)
	case "contact_share":
		m.Type, m.Origin, m.Contacts = "contacts", "contact_request/other", cards(c.Contacts)
		m.Contacts[0].VCard = fmt.Sprintf("BEGIN:VCARD\nVERSION:3.0\nFN:%s\nTEL;TYPE=CELL:%s\nEND:VCARD", c.Contacts[0].Name, c.Contacts[0].Phones[0].Phone)
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
	s := waStatus{ID: h.message.ID, Status: h.status, Timestamp: unix(g.s.clock.Now()), RecipientID: h.phone.Phone, RecipientUserID: h.phone.UserID, Opaque: h.message.Opaque}
	switch {
	case h.status == StatusFailed:
		code := h.failure
		if code == 0 {
			code = 131026
		}
		e := fail(code, "")
		s.Errors = []waHookError{{Code: code, Title: e.title, Message: e.title, Data: map[string]string{"details": e.title + "."}, Href: errorsHref}}
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

// headers signs the bytes of the body with the app's secret.
func (g *whatsApp) headers(a Account, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(a.AppSecret))
	mac.Write(body)
	return http.Header{
		"Content-Type":        {"application/json"},
		"User-Agent":          {"facebookexternalua"},
		"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))},
	}
}

// encodeLikeMeta writes JSON as Meta puts it on the wire: slashes escaped, everything beyond ASCII as \u in lower case.
func encodeLikeMeta(v any) ([]byte, error) {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	text := bytes.TrimSuffix(plain.Bytes(), []byte("\n"))
	out := make([]byte, 0, len(text)+len(text)/8)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '/': // a slash occurs only inside strings
			out = append(out, '\\', '/')
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
		text = text[size:]
	}
	return out, nil
}

// waCard is a contact card in both directions.
type waCard struct {
	VCard     string       `json:"vcard,omitempty"`
	Name      *waCardName  `json:"name,omitempty"`
	Phones    []waCardItem `json:"phones,omitempty"`
	Emails    []waCardItem `json:"emails,omitempty"`
	Org       *waCardOrg   `json:"org,omitempty"`
	URLs      []waCardItem `json:"urls,omitempty"`
	Addresses []waAddress  `json:"addresses,omitempty"`
	Birthday  string       `json:"birthday,omitempty"`
}

type waCardName struct {
	Formatted string `json:"formatted_name"`
	First     string `json:"first_name,omitempty"`
	Last      string `json:"last_name,omitempty"`
	Middle    string `json:"middle_name,omitempty"`
	Prefix    string `json:"prefix,omitempty"`
	Suffix    string `json:"suffix,omitempty"`
}

type waCardItem struct {
	Phone string `json:"phone,omitempty"`
	WaID  string `json:"wa_id,omitempty"`
	Email string `json:"email,omitempty"`
	URL   string `json:"url,omitempty"`
	Type  string `json:"type,omitempty"`
}

type waCardOrg struct {
	Company    string `json:"company,omitempty"`
	Department string `json:"department,omitempty"`
	Title      string `json:"title,omitempty"`
}

type waAddress struct {
	Street      string `json:"street,omitempty"`
	City        string `json:"city,omitempty"`
	State       string `json:"state,omitempty"`
	Zip         string `json:"zip,omitempty"`
	Country     string `json:"country,omitempty"`
	CountryCode string `json:"country_code,omitempty"`
	Type        string `json:"type,omitempty"`
}

// cards words contact cards for the wire.
func cards(all []channels.Card) []waCard {
	out := make([]waCard, 0, len(all))
	for _, c := range all {
		w := waCard{Name: &waCardName{Formatted: c.Name}, Birthday: c.Birthday}
		w.Name.First, w.Name.Last, _ = strings.Cut(c.Name, " ")
		for _, p := range c.Phones {
			w.Phones = append(w.Phones, waCardItem{Phone: p.Phone, WaID: p.WhatsAppID, Type: p.Type})
		}
		for _, e := range c.Emails {
			w.Emails = append(w.Emails, waCardItem{Email: e, Type: "WORK"})
		}
		if c.Company != "" || c.Title != "" {
			w.Org = &waCardOrg{Company: c.Company, Title: c.Title}
		}
		for _, u := range c.URLs {
			w.URLs = append(w.URLs, waCardItem{URL: u, Type: "WORK"})
		}
		for _, a := range c.Addresses {
			w.Addresses = append(w.Addresses, waAddress{Street: a, Type: "HOME"})
		}
		out = append(out, w)
	}
	return out
}

// fromCards reads contact cards off the wire.
func fromCards(all []waCard) []channels.Card {
	out := make([]channels.Card, 0, len(all))
	for _, w := range all {
		c := channels.Card{Name: w.Name.Formatted, Birthday: w.Birthday}
		for _, p := range w.Phones {
			c.Phones = append(c.Phones, channels.CardPhone{Phone: p.Phone, Type: p.Type, WhatsAppID: p.WaID})
		}
		for _, e := range w.Emails {
			c.Emails = append(c.Emails, e.Email)
		}
		if w.Org != nil {
			c.Company, c.Title = w.Org.Company, w.Org.Title
		}
		for _, u := range w.URLs {
			c.URLs = append(c.URLs, u.URL)
		}
		out = append(out, c)
	}
	return out
}
