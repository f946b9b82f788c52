package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The body of a call that sends to a person on Messenger or Instagram.
type (
	mgSend struct {
		Type      string   `json:"messaging_type"`
		Tag       string   `json:"tag"`
		Recipient mgPerson `json:"recipient"`
		Message   *mgOut   `json:"message"`
		Action    string   `json:"sender_action"`
		Payload   *struct {
			MessageID string `json:"message_id"`
			Reaction  string `json:"reaction"`
		} `json:"payload"`
		ReplyTo *struct {
			ID string `json:"mid"`
		} `json:"reply_to"`
		Notification string `json:"notification_type"`
	}
	mgPerson struct {
		ID string `json:"id"`
	}
	mgOut struct {
		Text        string         `json:"text"`
		Metadata    string         `json:"metadata"`
		Answers     []mgAnswer     `json:"quick_replies"`
		Attachment  *mgAttachment  `json:"attachment"`
		Attachments []mgAttachment `json:"attachments"`
		StickerID   json.Number    `json:"sticker_id"`
	}
	mgAnswer struct {
		Type    string `json:"content_type"`
		Title   string `json:"title"`
		Payload string `json:"payload"`
		Image   string `json:"image_url"`
	}
	mgAttachment struct {
		Type    string    `json:"type"`
		Payload mgPayload `json:"payload"`
	}
	mgPayload struct {
		URL      string      `json:"url"`
		ID       string      `json:"attachment_id"`
		Reusable bool        `json:"is_reusable"`
		Post     string      `json:"id"`
		Template string      `json:"template_type"`
		Text     string      `json:"text"`
		Buttons  []mgButton  `json:"buttons"`
		Elements []mgElement `json:"elements"`
	}
	mgButton struct {
		Type    string `json:"type"`
		Title   string `json:"title"`
		Payload string `json:"payload,omitempty"`
		URL     string `json:"url,omitempty"`
	}
	mgElement struct {
		Title    string     `json:"title"`
		Subtitle string     `json:"subtitle"`
		Image    string     `json:"image_url"`
		Action   *mgButton  `json:"default_action"`
		Buttons  []mgButton `json:"buttons"`
	}
)

// send checks and takes what the business sends or does.
func (m *messaging) send(c graphCall) (any, *graphError) {
	if c.id != c.account.ID {
		return nil, noObject(c.id)
	}
	body, err := io.ReadAll(io.LimitReader(c.r.Body, sendMax))
	if err != nil {
		return nil, refuse(100, 0, "(#100) The body could not be read.")
	}
	var in mgSend
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return nil, refuse(100, 0, "(#100) Unexpected body: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	if in.Recipient.ID == "" {
		return nil, refuse(100, 0, "(#100) The parameter recipient is required.")
	}
	p, known := m.s.recipient(c.account, in.Recipient.ID)
	age, wrote := m.s.silence(p, c.account)
	if !known || !wrote {
		if m.instagram() {
			return nil, refuse(100, 2534014, "(#100) The requested user cannot be found.")
		}
		return nil, refuse(100, 2018001, "(#100) No matching user found")
	}
	if in.Action != "" {
		return m.act(c.account, p, &in)
	}
	if err := m.checkSend(c.account, &in, age); err != nil {
		return nil, err
	}
	content, problem := m.neutral(c, p, in.Message)
	if problem != nil {
		return nil, problem
	}
	message := Message{ID: m.newID(p, content), Content: content, Opaque: in.Message.Metadata}
	if in.ReplyTo != nil {
		if q, ok := m.s.book.message(in.ReplyTo.ID); !ok || q.Phone != p.Key {
			return nil, refuse(100, 0, "(#100) Invalid parameter: reply_to.mid")
		}
		message.ReplyTo = in.ReplyTo.ID
	}
	m.s.handOver(p.Key, c.account.ID, false) // who answers takes the chat over
	p.Held = slices.DeleteFunc(slices.Clone(p.Held), func(id string) bool { return id == c.account.ID })
	m.s.deliver(c.account, p, message)
	return map[string]string{"recipient_id": in.Recipient.ID, "message_id": message.ID}, nil
}

// act shows that the business reads or types, or puts its emoji on a message.
func (m *messaging) act(a Account, p Phone, in *mgSend) (any, *graphError) {
	if in.Message != nil {
		return nil, refuse(100, 0, "(#100) sender_action must be the only parameter beside recipient.")
	}
	done := map[string]string{"recipient_id": in.Recipient.ID}
	switch in.Action {
	case "mark_seen":
		for _, said := range m.s.book.chat(p.Key) {
			if said.From == FromCustomer && said.Account == a.ID {
				m.s.read(said)
			}
		}
		return done, nil
	case "typing_on":
		m.s.book.publish("typing", map[string]string{"phone": p.Key, "account": a.ID})
		return done, nil
	case "typing_off":
		return done, nil
	case "react", "unreact":
		if in.Payload == nil {
			return nil, refuse(100, 0, "(#100) payload is required.")
		}
		emoji := ""
		if in.Action == "react" {
			if emoji = m.reactions[in.Payload.Reaction]; emoji == "" {
				return nil, refuse(100, 0, "(#100) Invalid parameter: payload.reaction")
			}
		}
		if said, ok := m.s.book.message(in.Payload.MessageID); !ok || said.Phone != p.Key || said.Account != a.ID {
			return nil, refuse(100, 0, "(#100) Invalid parameter: payload.message_id")
		}
		m.s.book.change(in.Payload.MessageID, func(m *Message) bool { return setReaction(m, FromBusiness, emoji) })
		return done, nil
	}
	return nil, refuse(100, 0, "(#100) Invalid parameter: sender_action")
}

// checkSend checks what may be said, and whether it may be said now.
func (m *messaging) checkSend(a Account, in *mgSend, age time.Duration) *graphError {
	switch {
	case in.Message == nil:
		return refuse(100, 0, "(#100) The parameter message is required.")
	case !slices.Contains([]string{"", "RESPONSE", "UPDATE", "MESSAGE_TAG"}, in.Type):
		return refuse(100, 0, "(#100) Invalid parameter: messaging_type")
	case (in.Type == "MESSAGE_TAG") != (in.Tag != ""), in.Tag != "" && in.Tag != "HUMAN_AGENT":
		return refuse(100, 0, "Invalid parameter") // the other tags are gone
	case age >= humanFor, age >= 24*time.Hour && in.Tag == "":
		if m.instagram() {
			return refuse(10, 2534022, "(#10) This message is sent outside of allowed window.")
		}
		return refuse(10, 2018278, "(#10) This message is sent outside of allowed window.")
	case !m.s.limit("account "+a.ID, 300, time.Second/300):
		return m.spoilt(FaultThrottle)
	}
	return m.checkMessage(in.Message)
}

func (m *messaging) checkMessage(out *mgOut) *graphError {
	parts := 0
	for _, there := range []bool{out.Text != "", out.Attachment != nil, len(out.Attachments) > 0, out.StickerID != ""} {
		if there {
			parts++
		}
	}
	switch {
	case parts != 1:
		return refuse(100, 0, "(#100) Exactly one of text, attachment and attachments must be there.")
	case m.instagram() && len(out.Text) > 1000:
		return refuse(100, 0, "(#100) Length of param message[text] must be less than or equal to 1000")
	case utf8.RuneCountInString(out.Text) > 2000:
		return refuse(100, 0, "(#100) Length of param message[text] must be less than or equal to 2000")
	case len(out.Metadata) > 1000, len(out.Answers) > 13, len(out.Attachments) > 30, m.instagram() && len(out.Attachments) > 10:
		return refuse(100, 0, "(#100) Invalid parameter: too many or too long")
	}
	for _, q := range out.Answers {
		contact := !m.instagram() && (q.Type == "user_phone_number" || q.Type == "user_email")
		if !contact && (q.Type != "text" || q.Title == "" || q.Payload == "" || utf8.RuneCountInString(q.Title) > 20 ||
			len(q.Payload) > 1000) {
			return refuse(100, 0, "(#100) Invalid parameter: message[quick_replies]")
		}
	}
	if out.Attachment != nil && out.Attachment.Type == "template" {
		return checkCards(out.Attachment.Payload)
	}
	return nil
}

func checkCards(t mgPayload) *graphError {
	buttons := func(all []mgButton, least int) bool {
		return len(all) >= least && len(all) <= 3 && !slices.ContainsFunc(all, func(b mgButton) bool {
			return b.Title == "" || utf8.RuneCountInString(b.Title) > 20 || (b.Type == "web_url") != (b.URL != "") ||
				!slices.Contains([]string{"postback", "web_url", "phone_number"}, b.Type)
		})
	}
	switch t.Template {
	case "button":
		if t.Text == "" || utf8.RuneCountInString(t.Text) > 640 || !buttons(t.Buttons, 1) {
			return refuse(100, 0, "(#100) Invalid parameter: a button template has 640 characters and 1 to 3 buttons of 20.")
		}
	case "generic":
		if len(t.Elements) < 1 || len(t.Elements) > 10 || slices.ContainsFunc(t.Elements, func(e mgElement) bool {
			return e.Title == "" || utf8.RuneCountInString(e.Title) > 80 || utf8.RuneCountInString(e.Subtitle) > 80 ||
				!buttons(e.Buttons, 0)
		}) {
			return refuse(100, 0, "(#100) Invalid parameter: a generic template has 1 to 10 elements with a title of 80 characters.")
		}
	default:
		return refuse(100, 0, "(#100) Invalid parameter: payload.template_type")
	}
	return nil
}

// fileRules are what Messenger and Instagram take as each type; Messenger takes any content type.
var fileRules = map[string]struct {
	max   int64
	types []string // Instagram's
}{
	"image": {8 << 20, []string{"image/png", "image/jpeg"}},
	"video": {25 << 20, []string{"video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"}},
	"audio": {25 << 20, []string{"audio/aac", "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/wav", "audio/x-wav", "audio/wave"}},
	"file":  {25 << 20, []string{"application/pdf"}},
}

func (m *messaging) checkFile(kind string, f Media) *graphError {
	rule, ok := fileRules[kind]
	switch {
	case !ok:
		return refuse(100, 0, "(#100) Invalid parameter: attachment type")
	case f.Size > rule.max:
		return refuse(100, 2018109, "(#100) Attachment size exceeds allowable limit")
	case m.instagram() && !slices.Contains(rule.types, bareType(f.MIME)), kind != "file" && kind != kindOf(f.MIME):
		return refuse(100, 2018048, "(#100) Upload attachment failure. Type of file not supported.")
	}
	return nil
}

// neutral turns a checked message into what the phone shows.
func (m *messaging) neutral(c graphCall, p Phone, out *mgOut) (Content, *graphError) {
	switch {
	case out.Attachment != nil && out.Attachment.Type == "template":
		return cardsOf(out.Attachment.Payload), nil
	case out.Attachment != nil && m.instagram() && out.Attachment.Type == "like_heart":
		return Content{Type: "like"}, nil
	case out.Attachment != nil:
		f, err := m.file(c, *out.Attachment)
		return Content{Type: kindOf(f.MIME), Media: &f}, err
	case len(out.Attachments) > 0:
		content := Content{Type: "image"}
		for _, a := range out.Attachments {
			f, err := m.file(c, a)
			if err != nil {
				return Content{}, err
			}
			content.Files = append(content.Files, f)
		}
		return content, nil
	case out.StickerID != "":
		return Content{Type: "text", Text: "👍"}, nil
	}
	content := Content{Type: "text", Text: out.Text}
	for _, q := range out.Answers {
		b := Button{Kind: "quick_reply", ID: q.Payload, Title: q.Title}
		switch {
		case q.Type == "user_phone_number" && p.Phone != "":
			b.ID, b.Title = "+"+p.Phone, "+"+p.Phone
		case q.Type == "user_email" && p.Email != "":
			b.ID, b.Title = p.Email, p.Email
		case q.Type != "text":
			continue
		}
		if content.Choices == nil {
			content.Type, content.Choices = "choices", &Choices{}
		}
		content.Choices.Buttons = append(content.Choices.Buttons, b)
	}
	return content, nil
}

// file finds or fetches what a message attaches.
func (m *messaging) file(c graphCall, a mgAttachment) (Media, *graphError) {
	if a.Payload.ID != "" {
		f, ok := m.s.book.mediaInfo(a.Payload.ID)
		if !ok || f.From != FromBusiness {
			return Media{}, refuse(100, 2018074, "(#100) Invalid attachment id.")
		}
		return f, m.checkFile(a.Type, f)
	}
	f, err := m.s.fetch(c.r.Context(), a.Payload.URL)
	if err != nil {
		return Media{}, refuse(100, 2018047, "(#100) Upload attachment failure. The file could not be fetched from its address.")
	}
	return f, m.checkFile(a.Type, f)
}

// cardsOf is a template as the phone shows it.
func cardsOf(t mgPayload) Content {
	c := Content{Type: "choices", Text: t.Text, Choices: &Choices{}}
	add := func(all []mgButton) {
		for _, b := range all {
			kind, value := map[string]string{"web_url": "url", "phone_number": "phone"}[b.Type], b.URL
			if kind == "" {
				kind = "reply"
			} else if kind == "phone" {
				value = b.Payload
			}
			c.Choices.Buttons = append(c.Choices.Buttons, Button{Kind: kind, ID: b.Payload, Title: b.Title, Value: value})
		}
	}
	add(t.Buttons)
	for _, e := range t.Elements {
		c.Text = strings.TrimSpace(c.Text + "\n\n*" + e.Title + "*\n" + e.Subtitle)
		add(e.Buttons)
	}
	return c
}
