package whatsapp

import (
	"encoding/json"

	"wasl/channels"
	"wasl/channels/meta"
)

// status turns one element of statuses[] into a receipt. Their order means nothing and none is certain to come.
// https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages/status
func (p *parser) status(s *status, raw func() json.RawMessage) {
	if s.ID == "" {
		p.unknown(raw(), "A delivery report that could not be read")
		return
	}
	receipt := channels.Receipt{ProviderID: string(s.ID), MessageID: string(s.OpaqueCallbackData), Status: channels.MessageStatus(s.Status)}
	switch s.Status {
	case "sent", "delivered", "read":
	case "played":
		receipt.Status = "read"
	case "failed":
		receipt.Error = failure(s.Errors)
	case "deleted":
		return // named in old pages only; it says nothing about delivery
	default:
		p.unknown(raw(), "A delivery report of a new kind")
		return
	}
	who := ids{s.RecipientID, s.RecipientUserID, text(meta.First(s.ParentRecipientID, s.RecipientParentID, s.ParentID))}
	if s.RecipientType == "group" {
		who = ids{s.ParticipantID, s.ParticipantUserID, who.parent}
	}
	at := s.Timestamp.At()
	e := channels.Event{
		Key:     meta.Key("status", string(s.ID), string(s.Status), meta.First(who.phone, who.user, s.RecipientID), meta.Millis(at)),
		At:      at,
		Contact: p.people.sender(who),
		Receipt: &receipt,
	}
	p.add(e)
	if receipt.Error != nil && receipt.Error.Code == codeMarketingStopped && e.Contact != nil {
		e.Key, e.Receipt = e.Key+":stopped", nil
		e.Profile = &channels.Profile{Kind: "marketing_stopped"}
		p.add(e)
	}
}

// preference reads a choice about marketing messages.
// https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/user_preferences
func (p *parser) preference(raw json.RawMessage) {
	var s struct {
		WaID      text `json:"wa_id"`
		UserID    text `json:"user_id"`
		ParentID  text `json:"parent_user_id"`
		Detail    text `json:"detail"`
		Category  text `json:"category"`
		Value     text `json:"value"`
		Timestamp text `json:"timestamp"`
	}
	decoded, _ := meta.Decode(raw, &s)
	who := p.people.sender(ids{s.WaID, s.UserID, s.ParentID})
	kinds := map[text]channels.ProfileKind{"stop": "marketing_stopped", "resume": "marketing_resumed", "signup": "marketing_resumed"}
	if !decoded || who == nil || kinds[s.Value] == "" || s.Category != "marketing_messages" {
		p.unknown(raw, "A preference of a customer that could not be read")
		return
	}
	at := s.Timestamp.At()
	p.add(channels.Event{
		Key: meta.Key("preference", who.Identities[0].Value, string(s.Category), string(s.Value), meta.Millis(at)),
		At:  at, Contact: who,
		Profile: &channels.Profile{Kind: kinds[s.Value], Text: string(s.Detail)},
	})
}

// stateSync reads a change of the phone app's address book.
// https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/smb_app_state_sync
func (p *parser) stateSync(raw json.RawMessage) {
	var s struct {
		Type    text `json:"type"`
		Action  text `json:"action"`
		Contact struct {
			FullName  text `json:"full_name"`
			FirstName text `json:"first_name"`
			Phone     text `json:"phone_number"`
			UserID    text `json:"user_id"`
		} `json:"contact"`
		Metadata struct {
			Timestamp text `json:"timestamp"`
		} `json:"metadata"`
	}
	decoded, _ := meta.Decode(raw, &s)
	who := p.people.sender(ids{phone: text(digits(string(s.Contact.Phone))), user: s.Contact.UserID})
	kinds := map[text]channels.ProfileKind{"add": "contact_saved", "remove": "contact_removed"}
	if !decoded || who == nil || kinds[s.Action] == "" || s.Type != "contact" {
		p.unknown(raw, "A change of the phone's address book that could not be read")
		return
	}
	if name := meta.First(s.Contact.FullName, s.Contact.FirstName); name != "" {
		who.Name = name
	}
	at := s.Metadata.Timestamp.At()
	p.add(channels.Event{
		Key: meta.Key("contact", who.Identities[0].Value, string(s.Action), meta.Millis(at)),
		At:  at, Contact: who,
		Profile: &channels.Profile{Kind: kinds[s.Action]},
	})
}

// call reads a voice call. A customer's call opens the window as a message does.
// https://developers.facebook.com/docs/whatsapp/cloud-api/calling
func (p *parser) call(raw json.RawMessage) {
	var s struct {
		ID         text `json:"id"`
		From       text `json:"from"`
		FromUserID text `json:"from_user_id"`
		To         text `json:"to"`
		ToUserID   text `json:"to_user_id"`
		Event      text `json:"event"`
		Direction  text `json:"direction"`
		Timestamp  text `json:"timestamp"`
	}
	decoded, _ := meta.Decode(raw, &s)
	ours := s.Direction == "BUSINESS_INITIATED"
	who := ids{phone: s.From, user: s.FromUserID}
	if ours {
		who = ids{phone: s.To, user: s.ToUserID}
	}
	contact := p.people.sender(who)
	if !decoded || s.ID == "" || contact == nil {
		p.unknown(raw, "A call that could not be read")
		return
	}
	p.add(channels.Event{
		Key: meta.Key("call", string(s.ID), string(s.Event)), At: s.Timestamp.At(), Contact: contact,
		Message: &channels.Incoming{
			ProviderID: string(s.ID), Echo: ours, OpensWindow: !ours,
			Content: channels.Content{Type: "system", System: "call", Text: "Voice call"},
		},
	})
}

// history reads imported conversations of a number that is also used in the phone app. It tells nobody, opens no window.
// https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/history
func (p *parser) history(raw json.RawMessage) {
	var h struct {
		Errors  []apiError `json:"errors"`
		Threads list       `json:"threads"`
	}
	if ok, _ := meta.Decode(raw, &h); !ok {
		p.unknown(raw, "Imported history that could not be read")
		return
	}
	if len(h.Errors) > 0 {
		n := errorNotice(h.Errors[0])
		n.Kind, n.Severity = "account", "info"
		p.notice(entry{ID: p.entry.ID}, raw, n)
	}
	for _, rawThread := range h.Threads {
		var t struct {
			ID      text `json:"id"`
			Context struct {
				WaID     text `json:"wa_id"`
				UserID   text `json:"user_id"`
				ParentID text `json:"parent_user_id"`
				Username text `json:"username"`
			} `json:"context"`
			Messages list `json:"messages"`
		}
		if ok, _ := meta.Decode(rawThread, &t); !ok {
			p.unknown(rawThread, "Imported history that could not be read")
			continue
		}
		who := ids{text(meta.First(t.Context.WaID, t.ID)), t.Context.UserID, t.Context.ParentID}
		if id := or(who.user, who.phone); id != "" && t.Context.Username != "" {
			p.people.byID[id] = person{Username: t.Context.Username}
		}
		for _, raw := range t.Messages {
			var m message
			meta.Decode(raw, &m)
			p.message(&m, func() json.RawMessage { return raw }, origin{historic: true, thread: who})
		}
	}
}
