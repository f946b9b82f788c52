package email

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"wasl/channels"
	"wasl/internal/richtext"
)

// maxText bounds what is kept of a text in the message; the formatted text is kept beside it.
const maxText = 500_000

// Parse reads a mail, or a batch of reports.
func (a *Adapter) Parse(account channels.Account, hook channels.Webhook) ([]channels.Event, error) {
	own, _ := a.Account(account.Credentials)
	if hook.Suffix == "events" || bytes.HasPrefix(bytes.TrimSpace(hook.Body), []byte("[")) {
		return parseEvents(own, hook.Body)
	}
	l, err := read(hook.Header.Get("Content-Type"), hook.Body)
	if err != nil {
		return nil, err
	}
	from := l.header.addresses("from")
	if len(from) == 0 && strings.Contains(l.envelope.From, "@") {
		from = []channels.Address{{Address: clean(l.envelope.From)}}
	}
	if len(from) == 0 {
		from = []channels.Address{{Address: "unknown@invalid"}}
	}
	e := channels.Event{Key: l.id, Account: own, At: l.header.date(), Contact: &channels.Sender{
		Identities: []channels.Identity{identity(from[0].Address)}, Name: strings.TrimSpace(from[0].Name),
	}}
	auto := l.automatic(own, strings.ToLower(from[0].Address))
	if auto == "bounce" {
		if r := l.bounce(); r != nil {
			e.Receipt = r
			return []channels.Event{e}, nil
		}
	}
	e.Message = l.message(from[0].Address, auto)
	e.Message.Content.Mail.BCC = l.hidden(own)
	if reply := l.header.addresses("reply-to"); auto == "" && len(reply) > 0 && !strings.EqualFold(reply[0].Address, from[0].Address) {
		to := identity(reply[0].Address)
		e.Message.AnswerTo = &to
	}
	return []channels.Event{e}, nil
}

// identity of an address. Upper and lower case are one, as everywhere in practice; what else providers take for one is not guessed.
func identity(address string) channels.Identity {
	return channels.Identity{Kind: "email", Value: strings.ToLower(address), Display: address}
}

func (l *letter) message(from, auto string) *channels.Incoming {
	text := l.text
	if strings.TrimSpace(text) == "" {
		text = richtext.Text(l.html)
	}
	added, quoted := split(cut(text))
	m := &channels.Incoming{ProviderID: l.id, Thread: l.thread(), Content: channels.Content{
		Type: "text", Text: cut(added), Attachments: l.files, Mail: &channels.Mail{
			Subject: l.header.text("subject"), From: from, To: l.header.addresses("to"), CC: l.header.addresses("cc"),
			Quoted: cut(quoted), Auto: auto, Unproven: l.unproven(from), HTML: l.html, HasHTML: l.html != "",
		},
	}}
	if len(l.files) > 0 {
		m.Content.Type = "media"
	}
	if auto == "" {
		m.OpensWindow, m.Consent = true, "start" // who writes wants an answer
	}
	return m
}

// hidden are the recipients whom only the envelope names. Where the mailbox itself is named it was sent on to there, not hidden.
func (l *letter) hidden(own string) []channels.Address {
	named := tokenForm.ReplaceAllString(strings.ToLower(strings.Join(slices.Concat(l.header["to"], l.header["cc"]), " ")), "@")
	if strings.Contains(named, own) {
		return nil
	}
	var out []channels.Address
	for _, to := range l.envelope.To {
		bare := tokenForm.ReplaceAllString(strings.ToLower(to), "@")
		if bare != own && !strings.Contains(named, bare) && strings.Contains(to, "@") && len(out) < 50 {
			out = append(out, channels.Address{Address: clean(to)})
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

var (
	action   = regexp.MustCompile(`(?im)^Action:\s*(failed|delayed|delivered|relayed|expanded)`)
	status   = regexp.MustCompile(`(?im)^Status:\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})`)
	finally  = regexp.MustCompile(`(?im)^Final-Recipient:\s*[^;\n]*;\s*(\S+)`)
	original = regexp.MustCompile(`(?im)^Message-ID:\s*<([^<>\s]+)>`)
)

// bounce reads a report of a mail server about a mail of ours; nil where it does not say about which.
func (l *letter) bounce() *channels.Receipt {
	report, of := "", ""
	for _, f := range l.files {
		switch f.MIME {
		case "message/delivery-status":
			report = string(f.Data)
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers":
			if m := original.FindSubmatch(f.Data); m != nil {
				of = clean(string(m[1]))
			}
		}
	}
	if references := l.header.references(); of == "" && len(references) > 0 {
		of = references[len(references)-1]
	}
	said := action.FindStringSubmatch(report)
	if of == "" || said == nil || !strings.EqualFold(said[1], "failed") {
		return nil
	}
	code := ""
	if m := status.FindStringSubmatch(report); m != nil {
		code = m[1]
	}
	r := &channels.Receipt{ProviderID: of, MessageID: ourMessage(of), Status: "failed", Bounced: true, Error: bounced(code, "")}
	if m := finally.FindStringSubmatch(report); m != nil {
		r.Recipient = strings.ToLower(clean(m[1]))
	}
	return r
}

// ourMessage returns the message that a Message-ID of ours names.
func ourMessage(id string) string {
	if m := ownID.FindStringSubmatch(id); m != nil {
		return m[1]
	}
	return ""
}
