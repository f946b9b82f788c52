package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The bodies of Messenger's and Instagram's webhooks, with their keys in the order in which they come on the wire.
type (
	mgBody struct {
		Object string `json:"object"`
		Entry  []any  `json:"entry"`
	}
	mgPageEntry struct {
		ID        string   `json:"id"`
		Time      int64    `json:"time"`
		Messaging []mgItem `json:"messaging,omitempty"`
		Standby   []mgItem `json:"standby,omitempty"` // what happens while another app answers
	}
	mgInstagramEntry struct {
		Time      int64    `json:"time"`
		ID        string   `json:"id"`
		Messaging []mgItem `json:"messaging,omitempty"`
		Standby   []mgItem `json:"standby,omitempty"`
	}
	mgItem struct {
		Sender    mgPerson    `json:"sender"`
		Recipient mgPerson    `json:"recipient"`
		Timestamp int64       `json:"timestamp"`
		Message   *mgMessage  `json:"message,omitempty"`
		Postback  *mgPostback `json:"postback,omitempty"`
		Delivery  *mgDelivery `json:"delivery,omitempty"`
		Read      *mgRead     `json:"read,omitempty"`
		Reaction  *mgReaction `json:"reaction,omitempty"`
		Edit      *mgEdit     `json:"message_edit,omitempty"`
		Pass      *mgThread   `json:"pass_thread_control,omitempty"`
		Take      *mgThread   `json:"take_thread_control,omitempty"`
		Request   *mgRequest  `json:"request_thread_control,omitempty"`
		OptIn     *mgOptIn    `json:"optin,omitempty"`
	}
	mgMessage struct {
		ID          string        `json:"mid"`
		Echo        bool          `json:"is_echo,omitempty"`
		Deleted     bool          `json:"is_deleted,omitempty"`
		AppID       json.Number   `json:"app_id,omitempty"`
		Metadata    string        `json:"metadata,omitempty"`
		Text        string        `json:"text,omitempty"`
		QuickReply  *mgQuickReply `json:"quick_reply,omitempty"`
		ReplyTo     *mgReplyTo    `json:"reply_to,omitempty"`
		Attachments []mgFile      `json:"attachments,omitempty"`
	}
	mgQuickReply struct {
		Payload string `json:"payload"`
	}
	mgReplyTo struct {
		ID    string   `json:"mid,omitempty"`
		Self  *bool    `json:"is_self_reply,omitempty"`
		Story *mgStory `json:"story,omitempty"`
	}
	mgStory struct {
		ID  string `json:"id"`
		URL string `json:"url"`
	}
	mgFile struct {
		Title   *string        `json:"title,omitempty"`
		Type    string         `json:"type"`
		Payload *mgFilePayload `json:"payload,omitempty"`
	}
	mgFilePayload struct {
		StickerID json.Number `json:"sticker_id,omitempty"`
		URL       string      `json:"url,omitempty"`
		Title     string      `json:"title,omitempty"`
		PostID    string      `json:"ig_post_media_id,omitempty"`
		Template  string      `json:"template_type,omitempty"`
		Text      string      `json:"text,omitempty"`
		Buttons   []mgButton  `json:"buttons,omitempty"`
	}
	mgPostback struct {
		ID      string `json:"mid"`
		Title   string `json:"title"`
		Payload string `json:"payload,omitempty"`
	}
	mgThread struct {
		From     string `json:"previous_owner_app_id"`
		To       string `json:"new_owner_app_id"`
		Metadata string `json:"metadata"`
	}
	mgRequest struct {
		By       json.Number `json:"requested_owner_app_id"`
		Metadata string      `json:"metadata"`
	}
	mgOptIn struct {
		Type      string `json:"type"`
		Payload   string `json:"payload"`
		Token     string `json:"notification_messages_token"`
		Frequency string `json:"notification_messages_frequency"`
		Expiry    int64  `json:"token_expiry_timestamp"`
		Refreshed string `json:"user_token_status"`
		Zone      string `json:"notification_messages_timezone"`
		Status    string `json:"notification_messages_status,omitempty"`
		Title     string `json:"title"`
	}
	mgDelivery struct {
		IDs       []string `json:"mids"`
		Watermark int64    `json:"watermark"`
	}
	mgRead struct {
		ID        string `json:"mid,omitempty"`
		Watermark int64  `json:"watermark,omitempty"`
	}
	mgReaction struct {
		Reaction string `json:"reaction,omitempty"`
		Emoji    string `json:"emoji,omitempty"`
		Action   string `json:"action"`
		ID       string `json:"mid"`
	}
	mgEdit struct {
		ID     string `json:"mid"`
		Text   string `json:"text"`
		Number int    `json:"num_edit"`
	}
)

// The apps that answer for an account: the one that the gateway's calls come from, and others.
const (
	sandboxApp = "1000000000000099"
	inboxApp   = "263902037430900" // the Page inbox
	otherApp   = "1000000000000098"
)

// webhook words a happening as Messenger and Instagram do.
func (m *messaging) webhook(a Account, h happening) (*wording, error) {
	item, err := m.item(a, h)
	if err != nil || item == nil {
		return nil, err
	}
	now, messaging, standby := millis(m.s.clock.Now()), []mgItem{*item}, []mgItem(nil)
	if h.kind != "report" && slices.Contains(h.phone.Held, a.ID) {
		if item.Postback != nil {
			item.Postback.Payload = "" // is told only to the app that sent the button
		}
		messaging, standby = nil, []mgItem{*item}
	}
	var entry any = mgPageEntry{a.ID, now, messaging, standby}
	if m.instagram() {
		entry = mgInstagramEntry{now, a.ID, messaging, standby}
	}
	body, err := encodeLikeMeta(mgBody{m.object, []any{entry}})
	if err != nil {
		return nil, fmt.Errorf("%s webhook: %w", m.kind, err)
	}
	return &wording{Body: body}, nil
}

// item is the happening; nil where the provider says nothing about it.
func (m *messaging) item(a Account, h happening) (*mgItem, error) {
	if h.at.IsZero() {
		h.at = m.s.clock.Now()
	}
	item := &mgItem{Sender: mgPerson{m.address(a, h.phone)}, Recipient: mgPerson{a.ID}, Timestamp: millis(h.at)}
	switch h.kind {
	case "reaction":
		item.Reaction = m.reaction(h)
	case "edit":
		item.Edit = &mgEdit{h.message.ID, h.message.Content.Text, max(h.message.Edits, 1)}
	case "deletion":
		item.Message = &mgMessage{ID: h.message.ID, Deleted: true}
	case "status":
		return m.status(item, h)
	case "report":
		m.report(item, h.status)
	default: // message, echo
		item.Timestamp = millis(h.message.At)
		if answer := h.message.Content.Answer; answer != nil && answer.Kind == "reply" {
			item.Postback = &mgPostback{h.message.ID, answer.Title, answer.ID}
			return item, nil
		}
		if h.kind == "echo" {
			item.Sender, item.Recipient = item.Recipient, item.Sender
		}
		var err error
		item.Message, err = m.message(h)
		return item, err
	}
	return item, nil
}

func (m *messaging) reaction(h happening) *mgReaction {
	if h.emoji == "" {
		return &mgReaction{Action: "unreact", ID: h.message.ID}
	}
	name := "other"
	for _, known := range slices.Sorted(maps.Keys(m.reactions)) {
		if plainEmoji(m.reactions[known]) == plainEmoji(h.emoji) {
			name = known
		}
	}
	return &mgReaction{name, h.emoji, "react", h.message.ID}
}

// reports are what happens to a chat beside messages. Instagram has no notification messages.
func (m *messaging) reports() map[string]reportKind {
	all := map[string]reportKind{
		"pass_thread_control": {thread: "free"}, "take_thread_control": {thread: "held"}, "request_thread_control": {},
	}
	if !m.instagram() {
		all["optin"], all["optin_stop"] = reportKind{}, reportKind{}
	}
	return all
}

func (m *messaging) report(item *mgItem, name string) {
	switch name {
	case "pass_thread_control":
		item.Pass = &mgThread{inboxApp, sandboxApp, "handoff"}
	case "take_thread_control":
		item.Take = &mgThread{sandboxApp, inboxApp, ""}
	case "request_thread_control":
		item.Request = &mgRequest{otherApp, "need it"}
	case "optin", "optin_stop":
		item.OptIn = &mgOptIn{
			Type: "notification_messages", Payload: "news", Token: "7000000000000000001", Frequency: "DAILY", Expiry: 1900000000000,
			Refreshed: "NOT_REFRESHED", Zone: "UTC", Title: "News",
		}
		if name == "optin_stop" {
			item.OptIn.Status = "STOP_NOTIFICATIONS"
		}
	}
}

// plainEmoji is an emoji without the mark that asks for its coloured form.
func plainEmoji(emoji string) string { return strings.TrimSuffix(emoji, "\ufe0f") }

// status words a report on a message of the business. That it was sent is the echo of it.
func (m *messaging) status(item *mgItem, h happening) (*mgItem, error) {
	switch {
	case h.status == StatusSent:
		item.Sender, item.Recipient, item.Timestamp = item.Recipient, item.Sender, millis(h.message.At)
		var err error
		if item.Message, err = m.message(h); err != nil {
			return nil, err
		}
		item.Message.Echo = true
		if !m.instagram() {
			item.Message.AppID, item.Message.Metadata = number(sandboxApp), h.message.Opaque
		}
		return item, nil
	case h.status == StatusRead && m.instagram():
		item.Read = &mgRead{ID: h.message.ID}
	case h.status == StatusRead:
		item.Read = &mgRead{Watermark: millis(h.message.At)}
	case h.status == StatusDelivered && !m.instagram():
		item.Delivery = &mgDelivery{[]string{h.message.ID}, millis(h.message.At)}
	default:
		return nil, nil //nolint:nilnil // nothing to report, and nothing wrong
	}
	return item, nil
}

// message words what a customer wrote, or as an echo what the business did.
func (m *messaging) message(h happening) (*mgMessage, error) {
	c := h.message.Content
	out := &mgMessage{ID: h.message.ID, Echo: h.kind == "echo", Text: c.Text}
	if h.message.ReplyTo != "" && c.Answer == nil {
		self := h.quoted != nil && h.quoted.From == h.message.From
		out.ReplyTo = &mgReplyTo{ID: h.message.ReplyTo}
		if !m.instagram() {
			out.ReplyTo.Self = &self
		}
	}
	file := func(kind string, f Media) {
		out.Attachments = append(out.Attachments, mgFile{Type: kind, Payload: &mgFilePayload{URL: m.s.fileURL(f)}})
	}
	switch c.Type {
	case "text":
	case "image", "video", "audio", "voice", "document":
		kind := map[string]string{"voice": "audio", "document": "file"}[c.Type]
		if kind == "" {
			kind = c.Type
		}
		out.Text = ""
		if c.Media != nil {
			file(kind, *c.Media)
		}
		for _, f := range c.Files {
			file(kind, f)
		}
	case "sticker":
		file("sticker", *c.Media)
		out.Attachments[0].Payload.StickerID = "369239263222822"
	case "answer":
		out.QuickReply = &mgQuickReply{c.Answer.ID}
	case "like":
		out.Text, out.Attachments = "", []mgFile{{Type: "like_heart"}}
	case "story_reply":
		out.ReplyTo = &mgReplyTo{Story: &mgStory{c.Media.ID, m.s.fileURL(*c.Media)}}
	case "story_mention":
		file("story_mention", *c.Media)
	case "share":
		out.Text = ""
		file("ig_post", *c.Media)
		out.Attachments[0].Payload.Title, out.Attachments[0].Payload.PostID = c.Text, c.Media.ID
	case "choices":
		m.echoChoices(out, c)
	default:
		return nil, fmt.Errorf("%s has no message type %q", m.kind, c.Type)
	}
	return out, nil
}

// echoChoices words what the business offered: the answers to choose from are not repeated, buttons are.
func (m *messaging) echoChoices(out *mgMessage, c Content) {
	if len(c.Choices.Buttons) == 0 || c.Choices.Buttons[0].Kind == "quick_reply" {
		return
	}
	empty := ""
	payload := &mgFilePayload{Template: "button", Text: c.Text}
	for _, b := range c.Choices.Buttons {
		kind := map[string]string{"url": "web_url", "phone": "phone_number"}[b.Kind]
		button := mgButton{Type: kind, Title: b.Title, Payload: b.ID}
		if kind == "" {
			button.Type = "postback"
		} else if kind == "web_url" {
			button.URL = b.Value
		}
		payload.Buttons = append(payload.Buttons, button)
	}
	out.Text, out.Attachments = "", []mgFile{{Title: &empty, Type: "template", Payload: payload}}
}
