package whatsapp

import (
	"bytes"
	"encoding/json"
	"strings"

	"wasl/channels"
	"wasl/channels/meta"
)

// origin says where a message stands in a body.
type origin struct {
	echo     bool // sent by our side from the phone app
	historic bool
	thread   ids // whose thread of the imported history
}

// message turns one element of messages[] or message_echoes[] into an event.
// https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages
func (p *parser) message(m *message, raw func() json.RawMessage, o origin) {
	if m.ID == "" {
		p.unknown(raw(), "A message that could not be read")
		return
	}
	if o.historic && (m.To != "" || m.ToUserID != "" || (p.number != "" && digits(string(m.From)) == p.number)) {
		o.echo = true
	}
	e := channels.Event{Key: "message:" + string(m.ID), At: m.Timestamp.At(), Contact: p.people.sender(m.person(o))}
	if e.Contact == nil {
		p.unknown(raw(), "A message whose sender could not be read")
		return
	}
	switch {
	case m.Type == "reaction" && m.Reaction != nil && m.Reaction.MessageID != "":
		e.Reaction = &channels.Reaction{MessageProviderID: string(m.Reaction.MessageID), Emoji: string(m.Reaction.Emoji), Echo: o.echo}
	case m.Type == "revoke" && m.Revoke != nil && m.Revoke.OriginalID != "":
		e.Deletion = &channels.Deletion{MessageProviderID: string(m.Revoke.OriginalID), Echo: o.echo}
	case m.Type == "edit" && m.edited() != nil:
		e.Edit = &channels.Edit{MessageProviderID: string(m.Edit.OriginalID), Content: *m.edited(), Echo: o.echo}
	case m.Type == "system" && m.profile(p.people, &e):
	default:
		e.Message = m.incoming(raw, o)
		if o.historic && m.Type == "media_placeholder" {
			e.Key += ":placeholder"
		}
		m.shared(e.Contact)
	}
	p.add(e)
}

// person gives the ids of the other side.
func (m *message) person(o origin) ids {
	switch {
	case !o.thread.empty():
		return o.thread
	case o.echo:
		return ids{m.To, m.ToUserID, m.ToParentID}
	case m.Type == "system" && m.System != nil: // such a notice has no contacts and, of people without a visible number, no from
		s := m.System
		was := ids{or(m.From, s.Customer), or(m.FromUserID, s.PreviousID), or(m.FromParentID, s.PreviousParentID)}
		if was.empty() {
			return ids{or(s.WaID, s.NewWaID), s.UserID, s.ParentID}
		}
		return was
	default:
		return ids{m.From, m.FromUserID, m.FromParentID}
	}
}

func (m *message) incoming(raw func() json.RawMessage, o origin) *channels.Incoming {
	in := &channels.Incoming{
		ProviderID:  string(m.ID),
		Echo:        o.echo,
		Historic:    o.historic,
		Group:       string(m.GroupID),
		OpensWindow: !o.echo && !o.historic && m.GroupID == "" && m.Type != "system",
	}
	content, ok := m.content(m.Type)
	if !ok {
		content = m.unsupported()
		in.Raw = bytes.Clone(raw())
	}
	in.Content = content
	if c := m.Context; c != nil {
		in.ReplyTo = string(c.ID)
		in.Content.Forwarded = c.forwarded()
		if c.Product != nil {
			in.Content.Product = &channels.Product{CatalogID: string(c.Product.CatalogID), ProductID: string(c.Product.ProductID)}
		}
	}
	if m.Referral != nil && *m.Referral != (referralPart{}) {
		in.Content.Referral = m.Referral.referral()
	}
	if o.historic && o.echo {
		in.Status = historicStatus(m.History.Status)
	}
	return in
}

// historicStatus is the state of one of our own messages in the imported history.
func historicStatus(s text) channels.MessageStatus {
	switch s {
	case "READ", "PLAYED":
		return "read"
	case "DELIVERED":
		return "delivered"
	case "SENT", "PENDING":
		return "sent"
	case "ERROR":
		return "failed"
	}
	return ""
}

func (c contextPart) forwarded() string {
	switch {
	case c.FrequentlyForwarded:
		return "often"
	case c.Forwarded:
		return "once"
	}
	return ""
}

// edited is the new content of an edited message; nil if the edit cannot be read.
func (m *message) edited() *channels.Content {
	var inner message
	if m.Edit == nil || m.Edit.OriginalID == "" {
		return nil
	}
	meta.Decode(m.Edit.Message, &inner)
	content, ok := inner.content(inner.Type)
	if !ok {
		return nil
	}
	return &content
}

// shared adds the number that a person gave at our request: only such a card is the sender's own for certain. A card
// that was forwarded by hand has no origin and proves nothing.
func (m *message) shared(who *channels.Sender) {
	if !strings.HasPrefix(string(m.Origin), "contact_request/") || m.Type != "contacts" || len(m.Contacts) != 1 {
		return
	}
	for _, phone := range m.Contacts[0].Phones {
		id := meta.First(phone.WaID, text(digits(string(phone.Phone))))
		if id == "" || hasKind(who.Identities, kindPhone) {
			continue
		}
		who.Identities = append(who.Identities, phoneIdentity(id))
	}
}

func hasKind(identities []channels.Identity, kind string) bool {
	for _, i := range identities {
		if i.Kind == kind {
			return true
		}
	}
	return false
}

// profile reads a system notice about the person; false if it is of another sort.
func (m *message) profile(known people, e *channels.Event) bool {
	s := m.System
	if s == nil {
		return false
	}
	profile := channels.Profile{Text: string(s.Body)}
	switch s.Type {
	case "user_changed_number", "customer_changed_number":
		profile.Kind = "number_changed"
	case "user_changed_user_id":
		profile.Kind = "id_changed"
	case "customer_identity_changed":
		profile.Kind = "identity_changed"
		e.Profile = &profile
		return true
	default:
		return false
	}
	next := ids{phone: text(meta.First(s.WaID, s.NewWaID)), user: s.UserID, parent: s.ParentID}
	old := ids{phone: text(meta.First(m.From, s.Customer)), user: s.PreviousID, parent: s.PreviousParentID}.sort()
	if profile.Kind == "id_changed" {
		next.phone, old.phone = "", ""
	}
	if old.user == "" && m.FromUserID != s.UserID {
		old.user = m.FromUserID
	}
	if next.empty() {
		return false
	}
	profile.Previous = old.identities(known.waba)
	name, username := e.Contact.Name, e.Contact.Username
	e.Contact = &channels.Sender{Identities: next.identities(known.waba), Name: name, Username: username}
	e.Profile = &profile
	return true
}
