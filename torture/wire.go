package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// The accounts of the business: two numbers of one WhatsApp business account.
const (
	appSecret  = "torture-app-secret"
	businessID = "900000000000042"
)

var numbers = [...]string{"800000000000041", "800000000000042"}

const (
	// mailChannel is the channel after those of the numbers: the mailbox.
	mailChannel = len(numbers)
	// mailFrom is the first customer who writes mails; those before have a phone.
	mailFrom = 1_000_000
)

type object = map[string]any

// sign is how WhatsApp signs a body.
func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// envelope wraps what one number has to report as WhatsApp does.
func envelope(channel int, value object) []byte {
	value["messaging_product"] = "whatsapp"
	value["metadata"] = object{"display_phone_number": "1202555010" + strconv.Itoa(channel), "phone_number_id": numbers[channel]}
	body, _ := json.Marshal(object{"object": "whatsapp_business_account", "entry": []any{
		object{"id": businessID, "changes": []any{object{"field": "messages", "value": value}}},
	}}) // plain values always encode
	return body
}

// phone and name are those of a customer.
func phone(customer int) string { return strconv.Itoa(972500000000 + customer) }
func name(customer int) string  { return "Customer " + strconv.Itoa(customer) }

// item is the wire form of one thing that a customer did.
func (p *part) item() object {
	o := object{"from": phone(p.about.customer), "timestamp": strconv.FormatInt(p.at, 10), "type": p.kind, "id": p.id}
	switch p.kind {
	case "text":
		o["text"] = object{"body": p.text}
	case "edit":
		o["edit"] = object{"original_message_id": p.about.id, "message": object{"type": "text", "text": object{"body": p.text}}}
	case "revoke":
		o["revoke"] = object{"original_message_id": p.about.id}
	case "reaction":
		o["reaction"] = object{"message_id": p.about.id, "emoji": p.text}
	}
	return o
}

// identity is where a customer is reached.
func identity(customer int) string {
	if customer >= mailFrom {
		return "customer" + strconv.Itoa(customer) + "@people.example"
	}
	return phone(customer)
}

// webhook words parts of one channel; of the mailbox it is a mail.
func webhook(channel int, parts []*part) []byte {
	if channel == mailChannel {
		return parts[0].about.mail()
	}
	var people, items []any
	seen := map[int]bool{}
	for _, p := range parts {
		if c := p.about.customer; !seen[c] {
			seen[c] = true
			people = append(people, object{"wa_id": phone(c), "profile": object{"name": name(c)}})
		}
		items = append(items, p.item())
	}
	return envelope(channel, object{"contacts": people, "messages": items})
}

// reportBody words a delivery report.
func reportBody(r *reply, ours, providerID, status string, at int64) []byte {
	s := object{
		"id": providerID, "status": status, "timestamp": strconv.FormatInt(at, 10), "recipient_id": r.to, "biz_opaque_callback_data": ours,
	}
	if status == "failed" {
		s["errors"] = []any{object{"code": 131026, "title": "Message undeliverable"}}
	}
	return envelope(r.channel, object{"statuses": []any{s}})
}
