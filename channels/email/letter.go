package email

import (
	"cmp"
	"context"
	"errors"
	netmail "net/mail"
	"strings"

	"wasl/channels"
	"wasl/internal/filetype"
	"wasl/internal/httpclient"
	"wasl/internal/mail"
)

// maxFiles is what fits into a mail of 30 MB once it is encoded.
const maxFiles = 20 * megabyte

// letter is a mail on its way out, whoever carries it.
type letter struct {
	id          string // the Message-ID without its brackets: it names the message and the conversation, so that what answers it finds back
	message     string // ours
	from        channels.Address
	to, cc, bcc []channels.Address
	token       string // of the conversation
	subject     string
	answered    string   // the mail that it answers
	references  []string // those before it
	text, html  string
	automatic   bool // nobody wrote it
	files       []letterFile
}

type letterFile struct {
	name, mime, contentID string // contentID: it is shown inside the formatted text
	data                  []byte
}

// compose writes a mail.
func compose(ctx context.Context, own string, account channels.Account, out channels.Outgoing) (*letter, error) {
	extra, thread := out.Content.Mail, out.Thread
	if extra == nil {
		extra = &channels.Mail{}
	}
	if thread == nil {
		thread = &channels.Thread{}
	}
	seen := map[string]bool{}
	_, domain, _ := strings.Cut(own, "@")
	l := &letter{
		id: out.MessageID + "." + thread.Token + ".wasl@" + domain, message: out.MessageID, token: thread.Token,
		from: channels.Address{Name: mail.OneLine(account.Credentials[credName]), Address: own},
		to:   once(recipients(extra, out.To, own), seen), cc: once(extra.CC, seen), bcc: once(extra.BCC, seen),
		subject: cmp.Or(mail.OneLine(extra.Subject), mail.OneLine(thread.Subject), "…"),
		text:    out.Content.Text, automatic: extra.Auto != "",
	}
	if len(l.to) == 0 {
		return nil, refused("no_address", "Nobody reads what is sent to this contact",
			"Name a recipient, or add another address to the contact.")
	}
	if n := len(thread.References); n > 0 {
		for _, id := range thread.References {
			l.references = append(l.references, mail.OneLine(id))
		}
		l.answered = thread.References[n-1]
		if out.ReplyTo != "" {
			l.answered, _, _ = strings.Cut(out.ReplyTo, " ") // the inbox tells mails of one id apart by what follows
		}
		l.answered = mail.OneLine(l.answered)
	}
	if extra.Quoted != "" {
		l.text += "\n\n" + extra.Quoted
	}
	if strings.TrimSpace(l.text) == "" {
		l.text = " " // a part must not be empty
	}
	if extra.HTML != "" {
		l.html = `<div dir="auto">` + extra.HTML + `</div>`
	}
	return l, l.attach(ctx, out)
}

// recipients are those whom the writer named; without such the contact, at an address that somebody else than we reads.
func recipients(extra *channels.Mail, contact []channels.Identity, own string) []channels.Address {
	if len(extra.To) > 0 {
		return extra.To
	}
	for _, i := range contact {
		if i.Kind == "email" && !mail.NoReply(i.Value) && !strings.EqualFold(i.Value, own) {
			return []channels.Address{{Address: i.Value}}
		}
	}
	return nil
}

// once keeps those addresses that a mail can have, each of which may stand there once.
func once(list []channels.Address, seen map[string]bool) []channels.Address {
	var out []channels.Address
	for _, a := range list {
		if at, err := netmail.ParseAddress(a.Address); err == nil && !seen[strings.ToLower(at.Address)] {
			seen[strings.ToLower(at.Address)] = true
			out = append(out, channels.Address{Name: mail.OneLine(a.Name), Address: at.Address})
		}
	}
	return out
}

func (l *letter) attach(ctx context.Context, out channels.Outgoing) error {
	room := int64(maxFiles)
	unreadable := func(err error) error {
		return &channels.SendError{
			Outcome: channels.Down, Code: "file_unavailable", Title: "The file cannot be read at the moment",
			Detail: "It is tried again by itself.", Cause: err,
		}
	}
	for _, file := range out.Content.Attachments {
		r, err := out.Open(ctx, file)
		if err != nil {
			return unreadable(err)
		}
		data, err := httpclient.ReadAll(r, room)
		_ = r.Close()
		if errors.Is(err, httpclient.ErrTooLarge) {
			return refused("mail_too_large", "The files are too large for one mail",
				"All of them together may have 20 MB. Send the others in another mail.")
		}
		if err != nil {
			return unreadable(err)
		}
		room -= int64(len(data))
		f := letterFile{
			name: cmp.Or(mail.OneLine(file.Name), "file"+filetype.Extension(file.MIME)), mime: mail.OneLine(file.MIME), data: data,
		}
		if file.Inline {
			f.contentID = mail.OneLine(file.ContentID)
		}
		l.files = append(l.files, f)
	}
	return nil
}
