package whatsapp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"wasl/channels"
	"wasl/channels/meta"
)

// parser collects the events of one change.
type parser struct {
	entry  entry
	phone  string
	number string // the account's own number, digits
	field  string
	body   *original
	apart  *lists

	entryAt, changeAt int
	people            people
	events            []channels.Event
}

// Parse turns a body into events, in its order. One POST may carry several business accounts, numbers, messages and
// statuses. https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components
func (*Adapter) Parse(account channels.Account, hook channels.Webhook) ([]channels.Event, error) {
	var body envelope[*value]
	known, exact := meta.Decode(hook.Body, &body)
	if !known || body.Object != "whatsapp_business_account" || body.Entry == nil {
		return nil, fmt.Errorf("%w: no entries of a WhatsApp business account", channels.ErrBody)
	}
	original := &original{body: hook.Body, exact: exact}
	var events []channels.Event
	for i, e := range body.Entry {
		for j, c := range e.Changes {
			p := parser{entry: e.entry, phone: ownAccount(account, e.ID), field: c.Field, body: original, entryAt: i, changeAt: j}
			if c.Value == nil {
				original.exact, c.Value = false, &value{}
				if p.raw() == nil {
					original.torn = true
					continue
				}
			}
			p.change(account, c.Value)
			events = append(events, p.events...)
		}
	}
	if original.isTorn() {
		p := parser{phone: account.Credentials[credPhone], body: original}
		p.unknown(hook.Body, "A part of a webhook that could not be read")
		events = append(events, p.events...)
	}
	return events, nil
}

func (p *parser) change(account channels.Account, v *value) {
	if isTest(p.entry, v) {
		p.phone = account.Credentials[credPhone]
		p.notice(p.entry, p.raw(), channels.Notice{Kind: "test", Title: "Meta's dashboard sent its test: the webhook address works"})
		return
	}
	if v.Metadata.PhoneID != "" {
		p.phone = string(v.Metadata.PhoneID)
	}
	if !p.body.exact && !p.lists().exact {
		p.unknown(p.raw(), "A part of a webhook that could not be read")
	}
	p.number = digits(string(v.Metadata.Display))
	p.people = newPeople(p.entry.ID, v.Contacts)
	p.people.alone = len(v.Messages)+len(v.Echoes) == 1
	p.values(v)
	if len(v.Errors) > 0 {
		p.notice(p.entry, p.raw(), errorNotice(v.Errors[0]))
	}
	if len(p.events) == 0 && items(v) == 0 && !letGo[p.field] {
		p.account()
	}
}

// ownAccount is the number that news about a whole business account is given to: ours if it is our business account,
// else the foreign id, which no channel has.
func ownAccount(account channels.Account, waba text) string {
	if own := account.Credentials[credWABA]; own != "" && waba != "" && string(waba) != own {
		return string(waba)
	}
	return account.Credentials[credPhone]
}

// isTest recognises what the app dashboard sends at a press of "Test": it must make no conversation.
func isTest(e entry, v *value) bool {
	const dashboardNumber = "123456123"
	return e.ID == "0" && (v.Metadata.PhoneID == "" || v.Metadata.PhoneID == dashboardNumber)
}

// items counts what a change says about people.
func items(v *value) int {
	return len(v.Messages) + len(v.Echoes) + len(v.Statuses) + len(v.History) + len(v.Preferences) + len(v.StateSync) + len(v.Calls)
}

// values reads the lists that concern one number. A change normally has one of them; all are read.
func (p *parser) values(v *value) {
	for n := range v.Messages {
		p.message(&v.Messages[n], func() json.RawMessage { return nth(p.lists().Messages, n) }, p.origin())
	}
	for n := range v.Echoes {
		p.message(&v.Echoes[n], func() json.RawMessage { return nth(p.lists().Echoes, n) }, origin{echo: true})
	}
	for n := range v.Statuses {
		p.status(&v.Statuses[n], func() json.RawMessage { return nth(p.lists().Statuses, n) })
	}
	for _, raw := range v.History {
		p.history(raw)
	}
	for _, raw := range v.Preferences {
		p.preference(raw)
	}
	for _, raw := range v.StateSync {
		p.stateSync(raw)
	}
	for _, raw := range v.Calls {
		p.call(raw)
	}
}

// origin says where the messages of the change stand. While another app answers for the number, what is said comes only to be known.
func (p *parser) origin() origin {
	return origin{historic: p.field == "history" || p.field == "standby"}
}

func (p *parser) add(e channels.Event) {
	e.Account = p.phone
	p.events = append(p.events, e)
}

// unknown reports what nothing else understands, so that it is seen and can be replayed.
func (p *parser) unknown(raw json.RawMessage, title string) {
	p.notice(entry{ID: p.entry.ID}, raw, channels.Notice{Kind: "unknown", Severity: "info", Title: title, Raw: bytes.Clone(raw)})
}

func (p *parser) notice(e entry, raw json.RawMessage, n channels.Notice) {
	if n.Severity == "" {
		n.Severity = "info"
	}
	p.add(channels.Event{
		Key:    strings.Join([]string{"notice", p.field, string(e.ID), string(e.Time), meta.Digest(raw)}, ":"),
		At:     e.Time.At(),
		Notice: &n,
	})
}

func errorNotice(e apiError) channels.Notice {
	return channels.Notice{
		Kind: "error", Severity: "warning",
		Title:  meta.First(e.Title, e.Message, "WhatsApp reports a problem"),
		Detail: meta.First(e.Data.Details, e.Message),
	}
}
