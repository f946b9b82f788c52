package email

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"wasl/channels"
	"wasl/channels/mailbox"
	"wasl/internal/filetype"
	"wasl/internal/mail"
)

// maxText bounds what is kept of a text in the message.
const maxText = 500_000

// Parse reads a mail, or a batch of reports.
func (a *Adapter) Parse(account channels.Account, hook channels.Webhook) ([]channels.Event, error) {
	own, _ := a.Account(account.Credentials)
	if hook.Suffix == mailbox.Suffix {
		return parseFetched(own, hook)
	}
	if hook.Suffix == "events" || bytes.HasPrefix(bytes.TrimSpace(hook.Body), []byte("[")) {
		return parseEvents(own, hook.Body)
	}
	f, err := readForm(hook.Header.Get("Content-Type"), hook.Body)
	if err != nil {
		return nil, err
	}
	m := f.read(own)
	if empty(m) {
		return nil, channels.ErrBody
	}
	if m.ID == "" {
		m.ID = f.id()
	}
	return []channels.Event{event(m, f.envelope(), own)}, nil
}

// empty reports whether nothing of a mail could be read.
func empty(m *mail.Mail) bool {
	return m.From == (mail.Address{}) && m.Subject == "" && m.Text == "" && m.ID == "" && len(m.Files) == 0
}

// event is what a mail says that came in.
func event(m *mail.Mail, envelope mail.Envelope, own string) channels.Event {
	e := channels.Event{Key: m.ID + " " + m.Digest(), Account: own, At: m.Date, Contact: sender(m)}
	e.Message = message(m, envelope)
	e.Message.Content.Mail.BCC = hidden(m, envelope, own)
	e.Receipt = receipt(m)
	if id := answered(m); m.Reaction != "" && id != "" {
		e.Reaction = &channels.Reaction{MessageProviderID: id, Emoji: m.Reaction}
	}
	return e
}

// identity of an address. Upper and lower case are one, as everywhere in practice; what else providers take for one is not guessed.
func identity(address string) channels.Identity {
	return channels.Identity{Kind: "email", Value: strings.ToLower(address), Display: address}
}

// sender is who wrote the mail. Somebody without an address is nobody else: each such mail has a sender of its own.
func sender(m *mail.Mail) *channels.Sender {
	s := &channels.Sender{Identities: []channels.Identity{identity(m.Person.Address)}, Name: m.Person.Name}
	if m.Person.Address == "" {
		local, _, _ := strings.Cut(m.ID, "@")
		s.Identities[0] = channels.Identity{
			Kind: "email", Value: "unknown." + strings.ToLower(local) + "@" + nowhere,
			Display: cmp.Or(s.Name, "?"),
		}
	}
	return s
}

// nowhere is the domain of senders without an address. https://www.rfc-editor.org/rfc/rfc2606
const nowhere = "unknown.invalid"

func message(m *mail.Mail, envelope mail.Envelope) *channels.Incoming {
	in := &channels.Incoming{ProviderID: m.ID, Digest: m.Digest(), Thread: threadOf(m, envelope), Content: channels.Content{
		Type: "text", Text: cut(m.Text), Mail: &channels.Mail{
			Subject: m.Subject, From: m.Person.Address, To: addresses(m.To), CC: addresses(m.CC), Quoted: cut(m.Folded),
			Auto: string(m.Auto), Unproven: m.Unverified,
			HTML: m.HTML, HasHTML: m.HTML != "",
		},
	}}
	for _, f := range m.Files {
		in.Content.Attachments = append(in.Content.Attachments, channels.Attachment{
			Kind: filetype.Kind(f.Type), MIME: f.Type, Name: f.Name, Size: int64(len(f.Data)), ProviderID: f.Ref, ContentID: f.ContentID,
			Inline: f.Inline, Data: f.Data,
		})
	}
	if len(m.Files) > 0 {
		in.Content.Type = "media"
	}
	if in.Content.Type == "text" && in.Content.Text == "" && m.Reaction != "" {
		in.Content.Text = m.Reaction
	}
	if m.AnswerTo != "" && !strings.EqualFold(m.AnswerTo, m.Person.Address) {
		to := identity(m.AnswerTo)
		in.AnswerTo = &to
	}
	if in.OpensWindow = m.Auto == ""; in.OpensWindow && !m.Unverified {
		in.Consent = "start" // who writes wants an answer
	}
	return in
}

func addresses(list []mail.Address) []channels.Address {
	var out []channels.Address
	for _, a := range list {
		out = append(out, channels.Address{Name: a.Name, Address: a.Address})
	}
	return out
}

// hidden are the recipients whom only the envelope names. Where the mailbox itself is named it was sent on to there, not hidden.
func hidden(m *mail.Mail, envelope mail.Envelope, own string) []channels.Address {
	named := tokenForm.ReplaceAllString(strings.ToLower(strings.Join(slices.Concat(m.Header.All("to"), m.Header.All("cc")), " ")), "@")
	if strings.Contains(named, own) {
		return nil
	}
	var out []channels.Address
	for _, to := range envelope.To {
		bare := tokenForm.ReplaceAllString(strings.ToLower(to), "@")
		if bare != own && !strings.Contains(named, bare) && strings.Contains(to, "@") && len(out) < 50 {
			out = append(out, channels.Address{Address: mail.OneLine(to)})
		}
	}
	return out
}

func cut(s string) string {
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

// receipt is what a report says of a mail of ours. One that names no mail at all may be about the last one to its recipient; one that
// names a mail of somebody else is about that.
func receipt(m *mail.Mail) *channels.Receipt {
	if m.Report == nil {
		return nil
	}
	r := &channels.Receipt{MessageID: ourMessage(m.Report.Of), Recipient: m.Report.Recipient}
	if r.MessageID != "" {
		r.ProviderID = m.Report.Of
	} else if m.Report.Of != "" || m.Report.Kind != mail.Failed || r.Recipient == "" {
		return nil
	}
	switch m.Report.Kind {
	case mail.Failed:
		r.Status, r.Bounced, r.Error = "failed", true, bounced(m.Report.Status, "")
	case mail.Delayed:
		r.Status = "sent"
	case mail.Delivered:
		r.Status = "delivered"
	case mail.Seen:
		r.Status = "read"
	}
	return r
}

// answered is the mail that this one answers.
func answered(m *mail.Mail) string {
	if n := len(m.References); n > 0 {
		return m.References[n-1]
	}
	return ""
}
