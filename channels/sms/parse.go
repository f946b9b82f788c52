package sms

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"wasl/channels"
)

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
	known := account.Credentials[credSID]
	e := channels.Event{Account: own}
	sid := cmp.Or(p.get("MessageSid"), p.get("SmsSid"))
	switch status := cmp.Or(p.get("MessageStatus"), p.get("SmsStatus")); {
	case sid == "":
		return []channels.Event{notUnderstood(own, p.Encode(), "a webhook without a message", p.raw())}, nil
	case p.get("MessageStatus") == "" && (status == "received" || status == "receiving" || status == ""):
		if e.Contact = sender(p, known); e.Contact == nil {
			return []channels.Event{notUnderstood(own, sid, "a message from nobody", p.raw())}, nil
		}
		e.Key, e.Message = sid, message(sid, p)
	default:
		r := receipt(sid, status, p)
		if r == nil {
			return []channels.Event{notUnderstood(own, sid+" "+status, "the status "+status, p.raw())}, nil
		}
		r.MessageID = hook.Query.Get(messageParam)
		e.Key, e.Receipt = sid+" "+status, r
		if to := p.get("To"); to != "" {
			e.Contact = &channels.Sender{Identities: []channels.Identity{identity(to, known)}} // in the lane of the customer's own messages
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

// get returns a parameter as a store and a page can hold it: some phones end texts with NUL.
func (p params) get(name string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(p.Get(name), "\uFFFD"), "\x00", "")
}

// raw keeps them for people.
func (p params) raw() json.RawMessage {
	flat := map[string]string{}
	for name := range p.Values {
		flat[strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "")] = p.get(name)
	}
	out, _ := json.Marshal(flat) // strings always encode
	return out
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
