package sms

import (
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"wasl/channels"
)

// maxFiles is more than a message can carry.
const maxFiles = 20

// Parse reads one message or one report. Twilio states no times: they are those of the arrival.
// https://www.twilio.com/docs/messaging/guides/webhook-request
func (a *Adapter) Parse(account channels.Account, hook channels.Webhook) ([]channels.Event, error) {
	own, _ := a.Account(account.Credentials)
	if json.Valid(hook.Body) {
		raw := json.RawMessage(strings.Clone(string(hook.Body)))
		return []channels.Event{notUnderstood(own, string(raw), "an event stream", raw)}, nil
	}
	form, err := url.ParseQuery(string(hook.Body))
	if err != nil || len(form) == 0 || !utf8.Valid(hook.Body) {
		return nil, channels.ErrBody
	}
	p := params{form}
	e := channels.Event{Account: own}
	sid := first(p.get("MessageSid"), p.get("SmsSid"))
	switch status := first(p.get("MessageStatus"), p.get("SmsStatus")); {
	case sid == "":
		return []channels.Event{notUnderstood(own, p.Encode(), "a webhook without a message", p.raw())}, nil
	case p.get("MessageStatus") == "" && (status == "received" || status == "receiving" || status == ""):
		if p.get("From") == "" {
			return []channels.Event{notUnderstood(own, sid, "a message from nobody", p.raw())}, nil
		}
		e.Key, e.Contact, e.Message = sid, sender(p), message(sid, p)
	default:
		r := receipt(sid, status, p)
		if r == nil {
			return []channels.Event{notUnderstood(own, sid+" "+status, "the status "+status, p.raw())}, nil
		}
		r.MessageID = hook.Query.Get(messageParam)
		e.Key, e.Receipt = sid+" "+status, r
		if to := identity(p.get("To")); to.Value != "" {
			e.Contact = &channels.Sender{Identities: []channels.Identity{to}} // in the lane of the customer's own messages
		}
	}
	return []channels.Event{e}, nil
}

func notUnderstood(account, key, what string, raw json.RawMessage) channels.Event {
	return channels.Event{Key: "unknown " + key, Account: account, Notice: &channels.Notice{
		Kind: "unknown", Severity: "warning", Title: "Twilio sent " + what, Detail: "It is kept as it came.", Raw: raw,
	}}
}

// params are the parameters of a webhook.
type params struct{ url.Values }

func (p params) get(name string) string { return strings.ToValidUTF8(p.Get(name), "\uFFFD") }

// raw keeps them for people.
func (p params) raw() json.RawMessage {
	flat := map[string]string{}
	for name := range p.Values {
		flat[strings.ToValidUTF8(name, "\uFFFD")] = p.get(name)
	}
	out, _ := json.Marshal(flat) // strings always encode
	return out
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func message(sid string, p params) *channels.Incoming {
	m := &channels.Incoming{ProviderID: sid, OpensWindow: true, Content: channels.Content{Type: "text", Text: p.get("Body")}}
	m.Consent = consent(m.Content.Text, p.get("OptOutType"))
	m.ReplyTo = p.get("OriginalRepliedMessageSid") // this and places: of WhatsApp by way of Twilio
	latitude, north := strconv.ParseFloat(p.get("Latitude"), 64)
	longitude, east := strconv.ParseFloat(p.get("Longitude"), 64)
	if north == nil && east == nil && math.Abs(latitude) <= 90 && math.Abs(longitude) <= 180 {
		m.Content.Type, m.Content.Location = "location", &channels.Location{
			Latitude: latitude, Longitude: longitude, Name: p.get("Label"),
			Address: p.get("Address"),
		}
		m.Content.Text = first(m.Content.Text, p.get("Label"), p.get("Address"), p.get("Latitude")+", "+p.get("Longitude"))
	}
	count, _ := strconv.Atoi(p.get("NumMedia"))
	for n := range min(count, maxFiles) {
		index := strconv.Itoa(n)
		address := p.get("MediaUrl" + index)
		if address == "" {
			continue
		}
		mime, _, _ := strings.Cut(strings.ToLower(p.get("MediaContentType"+index)), ";")
		m.Content.Attachments = append(m.Content.Attachments, channels.Attachment{
			Kind: kindOf(mime), MIME: strings.TrimSpace(mime), SourceURL: address, ProviderID: address[strings.LastIndex(address, "/")+1:],
		})
	}
	if len(m.Content.Attachments) > 0 {
		m.Content.Type = "media"
	}
	return m
}

func kindOf(mime string) string {
	switch major, _, _ := strings.Cut(mime, "/"); {
	case mime == "image/jpeg", mime == "image/png", mime == "image/gif", mime == "image/webp":
		return "image"
	case major == "video", major == "audio":
		return major
	}
	return "document"
}

// sender says who wrote. Cities and postcodes are the phone company's guesses about the number and are left out.
func sender(p params) *channels.Sender {
	return &channels.Sender{Identities: []channels.Identity{identity(p.get("From"))}, Name: strings.TrimSpace(p.get("ProfileName"))}
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)

// identity of an address. Short codes and names are unique in no larger a place than the country, and belong to no person: they
// have a kind of their own, which is never matched with another channel's.
func identity(address string) channels.Identity {
	kind, value := "sms_sender", address
	if number, ok := strings.CutPrefix(address, "whatsapp:"); ok && e164.MatchString(number) {
		kind, value = "whatsapp_phone", strings.TrimPrefix(number, "+")
		address = number
	} else if e164.MatchString(address) {
		kind = "phone"
	}
	display := address
	if kind != "sms_sender" {
		if n, err := phonenumbers.Parse(address, ""); err == nil {
			display = phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
		}
	}
	return channels.Identity{Kind: kind, Value: value, Display: display}
}

// receipt reads a report; nil: the status is not known.
func receipt(sid, status string, p params) *channels.Receipt {
	r := &channels.Receipt{ProviderID: sid}
	switch status {
	case "accepted", "scheduled", "queued", "sending", "sent", "partially_delivered":
		r.Status = "sent"
	case "delivered", "read":
		r.Status = channels.MessageStatus(status)
	case "undelivered", "failed":
		code, _ := strconv.Atoi(p.get("ErrorCode"))
		r.Status, r.Error = "failed", explained(code)
	case "canceled":
		r.Status, r.Error = "failed", &channels.SendError{
			Outcome: channels.Refused, Code: "canceled", Title: "The message was canceled at Twilio",
			Detail: "Send it again if it is still wanted.",
		}
	default:
		return nil
	}
	return r
}
