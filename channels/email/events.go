package email

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"wasl/channels"
)

// report is one entry of the Event Webhook. The arguments that we gave stand among its own fields.
// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
type report struct {
	Event     string          `json:"event"`
	ID        string          `json:"sg_event_id"`
	Email     string          `json:"email"`
	Time      json.Number     `json:"timestamp"`
	SMTPID    string          `json:"smtp-id"`
	Message   string          `json:"wasl_message"`
	Status    string          `json:"status"`
	Reason    string          `json:"reason"`
	Type      string          `json:"type"`
	Machine   bool            `json:"sg_machine_open"`
	SendGrid  string          `json:"sg_message_id"`
	GroupSaid json.RawMessage `json:"asm_group_id"`
}

func parseEvents(own string, body []byte) ([]channels.Event, error) {
	var entries []json.RawMessage
	if err := json.Unmarshal(body, &entries); err != nil {
		return nil, channels.ErrBody
	}
	var out []channels.Event
	for _, entry := range entries {
		var r report
		if json.Unmarshal(entry, &r) != nil || r.Event == "" {
			out = append(out, notUnderstood(own, entry, "an entry that is no event"))
			continue
		}
		e := channels.Event{Key: clean(cmp.Or(r.ID, r.Event+" "+string(entry))), Account: own}
		if seconds, err := r.Time.Int64(); err == nil && seconds > 0 && seconds < 1<<36 {
			e.At = time.Unix(seconds, 0).UTC()
		}
		if strings.Contains(r.Email, "@") {
			e.Contact = &channels.Sender{Identities: []channels.Identity{identity(clean(r.Email))}}
		}
		switch known := r.fill(&e); {
		case !known:
			e = notUnderstood(own, entry, "the event "+clean(r.Event))
		case r.foreign(e.Receipt):
			continue
		}
		out = append(out, e)
	}
	return out, nil
}

// foreign reports whether the event is about a mail that somebody else sent through the account. What asks for no more mails counts for the
// address all the same, and some bounces that come late name no mail at all.
func (r report) foreign(of *channels.Receipt) bool {
	return of != nil && of.ProviderID == "" && of.MessageID == "" && of.Consent == "" && (!of.Bounced || r.SendGrid != "")
}

// fill says what the report means; false: it is not known.
func (r report) fill(e *channels.Event) bool {
	if r.Event == "account_status_change" {
		e.Contact = nil
		e.Notice = &channels.Notice{
			Kind: "account", Severity: "critical", Title: "SendGrid changed the state of the account", Detail: "It says: " + clean(r.Type) +
				". An administrator should look into it.",
		}
		return true
	}
	id := clean(strings.Trim(r.SMTPID, "<>"))
	receipt := &channels.Receipt{
		ProviderID: id, MessageID: cmp.Or(clean(r.Message), ourMessage(id)),
		Recipient: strings.ToLower(clean(r.Email)),
	}
	switch r.Event {
	case "processed", "deferred":
		receipt.Status = "sent"
	case "delivered":
		receipt.Status = "delivered"
	case "open":
		if receipt.Status = "read"; r.Machine {
			receipt.Status = "delivered" // a program loaded the pictures
		}
	case "click":
		receipt.Status = "read"
	case "bounce":
		receipt.Status, receipt.Bounced, receipt.Error = "failed", true, bounced(r.Status, r.Type)
	case "dropped":
		receipt.Status, receipt.Bounced, receipt.Error = "failed", true, dropped(r.Reason)
	case "spamreport", "unsubscribe", "group_unsubscribe":
		receipt.Consent = "stop"
	case "group_resubscribe":
		receipt.Consent = "start"
	default:
		return false
	}
	e.Receipt = receipt
	return true
}

func notUnderstood(own string, entry json.RawMessage, what string) channels.Event {
	return channels.Event{Key: "unknown " + clean(string(entry)), Account: own, Notice: &channels.Notice{
		Kind: "unknown", Severity: "warning", Title: "SendGrid sent " +
			what, Detail: "It is kept as it came.", Raw: append(json.RawMessage(nil), entry...),
	}}
}

// clean keeps what a store and a page can hold.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
