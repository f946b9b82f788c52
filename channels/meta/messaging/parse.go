package messaging

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"wasl/channels"
	"wasl/channels/meta"
)

// local begins the ids of what has none of the provider's.
const local = "wasl:"

// parser collects the events of one entry.
type parser struct {
	*Dialect
	own     string // the account whose address the body came to
	entry   entry
	standby bool
	events  []channels.Event
}

// Parse turns a webhook into events.
// https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
func (a *Adapter) Parse(account channels.Account, hook channels.Webhook) ([]channels.Event, error) {
	var body envelope
	known, exact := meta.Decode(hook.Body, &body)
	if !known || body.Object != a.dialect.Object || body.Entry == nil {
		return nil, fmt.Errorf("%w: no entries of the object %s", channels.ErrBody, a.dialect.Object)
	}
	own := meta.First(account.Credentials[a.dialect.Account], "unknown")
	var events []channels.Event
	for _, e := range body.Entry {
		p := parser{Dialect: &a.dialect, own: own, entry: e}
		for _, raw := range e.Messaging {
			p.item(raw)
		}
		for _, c := range e.Changes {
			p.change(c)
		}
		p.standby = true
		for _, raw := range e.Standby {
			p.item(raw)
		}
		events = append(events, p.events...)
		exact = exact && len(e.Messaging)+len(e.Changes)+len(e.Standby) > 0
	}
	if !exact {
		p := parser{Dialect: &a.dialect, own: own}
		p.unknown(hook.Body, "A part of a webhook that could not be read")
		events = append(events, p.events...)
	}
	return events, nil
}

// happening is an item on its way to an event.
type happening struct {
	item
	raw  json.RawMessage
	echo bool // of our side
	e    channels.Event
}

// item turns one element of messaging[] or standby[] into events.
func (p *parser) item(raw json.RawMessage) {
	h := happening{raw: raw}
	if ok, _ := meta.Decode(raw, &h.item); !ok {
		p.unknown(raw, "A part of a webhook that could not be read")
		return
	}
	h.echo = h.Message != nil && h.Message.Echo || h.Sender.ID != "" && h.Sender.ID == p.entry.ID
	ours, theirs := h.Recipient.ID, h.Sender.ID
	if h.echo {
		ours, theirs = theirs, ours
	}
	// Instagram accounts behind a page may be named only here, not by the entry.
	h.e = channels.Event{Account: meta.First(ours, p.entry.ID), Contact: p.sender(ours, theirs), At: h.Timestamp.At()}
	if h.e.At.IsZero() {
		h.e.At = p.entry.Time.At()
	}
	switch {
	case p.isTest(h):
		p.notice(raw, channels.Notice{Kind: "test", Title: "Meta's dashboard sent its test: the webhook address works"})
	case h.Message != nil && (h.Message.Self || ours == theirs && ours != ""):
		p.notice(raw, channels.Notice{Kind: "test", Title: "The account wrote a message to itself: the webhook address works"})
	case h.Policy != nil:
		p.policy(h)
	case h.OptIn != nil && h.OptIn.User != "" && h.e.Contact == nil:
		n := channels.Notice{
			Kind:  "account",
			Title: "Somebody allowed messages on your website: who that is shows when they first write",
		}
		if h.OptIn.Ref != "" {
			n.Detail = "It was asked at " + string(h.OptIn.Ref) + "; until then they are " + string(h.OptIn.User) + "."
		}
		p.notice(raw, n)
	case h.AppRoles != nil:
		p.notice(raw, channels.Notice{Kind: "account", Title: "The roles of the apps that answer for this account have changed"})
	case h.Edit != nil && h.Edit.Text == "":
		p.unknown(raw, "A message was named without what it says. Meta does so while the app is in development mode: switch it to live")
	case p.letGo(raw):
	case h.e.Contact == nil:
		p.unknown(raw, "Something about a person whom the webhook does not name")
	default:
		p.happened(h)
	}
}

// happened reads the part of an item that says what happened between a person and us.
func (p *parser) happened(h happening) {
	switch {
	case h.Message != nil && h.Message.ID != "":
		p.message(h)
	case h.Edit != nil && h.Edit.ID != "":
		h.e.Key = meta.Key("edit", string(h.Edit.ID), string(h.Edit.Number))
		h.e.Edit = &channels.Edit{
			MessageProviderID: string(h.Edit.ID), Content: channels.Content{Type: "text", Text: string(h.Edit.Text)},
			Echo: h.echo,
		}
		p.add(h.e)
	case h.Reaction != nil && h.Reaction.ID != "":
		p.reaction(h)
	case h.Postback != nil:
		p.postback(h)
	case h.Delivery != nil:
		p.delivery(h)
	case h.Read != nil && (h.Read.ID != "" || !h.Read.Watermark.At().IsZero()):
		p.receipt(h.e, "read", h.Read.ID, h.Read.Watermark)
	case h.Referral != nil:
		p.system(h, "referral", "The customer came back by a link")
	case h.OptIn != nil:
		p.optIn(h)
	case h.Pass != nil:
		p.system(h, "thread_passed", "Another app handed the conversation over: it is answered here now", h.Pass.Metadata)
	case h.Take != nil:
		p.system(h, "thread_taken", "Another app took the conversation over: answers from here may be refused", h.Take.Metadata)
	case h.Request != nil:
		p.system(h, "thread_requested", "Another app asks to take the conversation over", h.Request.Metadata)
	case h.Linking != nil && h.Linking.Status == "linked":
		p.system(h, "account_linked", "The customer linked their account with yours")
	case h.Linking != nil:
		p.system(h, "account_unlinked", "The customer ended the link between their account and yours")
	case h.Feedback != nil:
		p.feedback(h)
	default:
		p.unknown(h.raw, p.Name+" sent an update that Wasl does not know")
	}
}

// letGo reports whether an item has no other parts than such as are let go.
func (p *parser) letGo(raw json.RawMessage) bool {
	var parts map[string]json.RawMessage
	_, _ = meta.Decode(raw, &parts)
	for _, about := range []string{"sender", "recipient", "timestamp"} {
		delete(parts, about)
	}
	for name := range parts {
		if !p.LetGo[name] {
			return false
		}
	}
	return len(parts) > 0
}

// isTest recognises what the app dashboard sends at a press of "Test": it must make no conversation.
func (p *parser) isTest(h happening) bool {
	return p.entry.ID == "0" || h.Sender.ID == "12334" && h.Recipient.ID == "23245"
}

// change reads what is not about a conversation, and the form in which the dashboard sends its tests.
func (p *parser) change(c change) {
	var v comment
	ok, _ := meta.Decode(c.Value, &v)
	e := channels.Event{Account: string(p.entry.ID), At: p.entry.Time.At(), Contact: p.sender(p.entry.ID, v.From.ID)}
	switch {
	case p.entry.ID == "0" || bytes.Contains(c.Value, []byte(`"recipient"`)):
		p.item(c.Value)
	case p.LetGo[c.Field]:
	case c.Field == "mentions":
		p.notice(c.Value, channels.Notice{Kind: "account", Title: "The account was mentioned in a post or a comment"})
	case c.Field == "business_integrity":
		p.notice(c.Value, channels.Notice{
			Kind: "account", Severity: "warning", Title: "Meta changed what the account may do",
			Detail: "An administrator should look at the account's quality in Meta Business Suite.",
		})
	case ok && (c.Field == "comments" || c.Field == "live_comments") && e.Contact != nil && v.ID != "" && v.Text != "" &&
		v.From.ID != p.entry.ID:
		e.Contact.Username = string(v.From.Username)
		p.say(happening{e: e}, local+"comment:"+v.ID, channels.Content{Type: "system", System: "comment", Text: "Comment under a post: " +
			string(v.Text)})
	default:
		raw, _ := json.Marshal(c) // what was decoded encodes
		p.unknown(raw, "An update of the field "+c.Field+" that Wasl does not use")
	}
}

// sender is the person; nil where the webhook names none. Ids are unique within our account.
func (p *parser) sender(ours, theirs text) *channels.Sender {
	if theirs == "" {
		return nil
	}
	id := string(theirs)
	return &channels.Sender{Identities: []channels.Identity{{Kind: p.Identity, Scope: string(ours), Value: id, Display: p.Name + " …" +
		id[max(0, len(id)-4):]}}}
}

func (p *parser) add(e channels.Event) { p.events = append(p.events, e) }

// unknown reports what nothing else understands, so that it is seen and can be replayed.
func (p *parser) unknown(raw json.RawMessage, title string) {
	p.notice(raw, channels.Notice{Kind: "unknown", Title: title, Raw: bytes.Clone(raw)})
}

func (p *parser) notice(raw json.RawMessage, n channels.Notice) {
	if n.Severity == "" {
		n.Severity = "info"
	}
	account := meta.First(p.entry.ID, text(p.own))
	if n.Kind == "test" {
		account = p.own // which the dashboard does not know
	}
	p.add(channels.Event{
		Key:     meta.Key("notice", string(p.entry.ID), string(p.entry.Time), meta.Digest(raw)),
		Account: account, At: p.entry.Time.At(), Notice: &n,
	})
}

// system is something that happened and that nobody wrote; said adds the provider's words.
func (p *parser) system(h happening, name, title string, said ...text) {
	if words := meta.First(said...); words != "" {
		title += ": " + words
	}
	content := channels.Content{Type: "system", System: name, Text: title}
	if h.Referral != nil {
		h.Referral.tell(&content)
	}
	if h.OptIn != nil {
		h.OptIn.tell(&content)
	}
	p.say(h, "", content)
}

// say adds a message. What the provider gives no id to is told apart by person, time and content.
func (p *parser) say(h happening, id text, content channels.Content) {
	if id == "" {
		id = text(local + meta.Key(h.e.Contact.Identities[0].Value, meta.Millis(h.e.At), meta.Digest(h.raw)))
	}
	h.e.Key = "message:" + string(id)
	h.e.Message = &channels.Incoming{
		ProviderID: string(id), Echo: h.echo, MaybeOurs: h.echo && !p.OwnID, Historic: p.standby, Content: content,
		OpensWindow: !h.echo && (content.Type != "system" || content.System == "referral"),
	}
	if h.Message != nil {
		h.e.Message.ReplyTo = string(h.Message.ReplyTo.ID)
	}
	if h.Prior != nil && content.Referral == nil {
		h.e.Message.Content.Referral = &channels.Referral{Source: string(h.Prior.Source), Ref: string(h.Prior.ID)}
	}
	if content.Type == "unsupported" || h.OptIn != nil {
		h.e.Message.Raw = h.raw
	}
	p.add(h.e)
}

func (p *parser) policy(h happening) {
	n := channels.Notice{Kind: "restriction", Detail: string(h.Policy.Reason)}
	switch h.Policy.Action {
	case "block":
		n.Severity, n.Title, n.Pauses = "critical", "Meta has blocked the account for a violation of its policies", true
	case "unblock":
		n.Title = "Meta has unblocked the account"
	default:
		n.Severity, n.Title = "warning", "Meta warns of a violation of its policies"
	}
	p.notice(h.raw, n)
}

// feedback shows the answers of a customer-feedback form.
func (p *parser) feedback(h happening) {
	form := map[string]string{}
	for _, screen := range h.Feedback.Screens {
		for name, q := range screen.Questions {
			form[channels.FieldName(name)] = meta.First(text(strings.Trim(string(q.Payload+" "+q.FollowUp.Payload), " ")), "–")
		}
	}
	p.say(h, "", channels.Content{
		Type: "interactive", Text: "Feedback",
		Interactive: &channels.Interactive{Kind: "form_reply", Form: form},
	})
}
