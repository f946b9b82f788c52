package email

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"strings"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"wasl/channels"
	"wasl/channels/mailbox"
)

// headAutomatic says of a mail that nobody wrote it, so that no program answers it. https://www.rfc-editor.org/rfc/rfc3834#section-5
const headAutomatic, autoReplied = "Auto-Submitted", "auto-replied"

// headMessage carries our id of a message, for hosts that give mails ids of their own.
const headMessage = "X-Wasl-Message"

// Source names the mailbox that is fetched from; empty: SendGrid brings the mails.
func (*Adapter) Source(credentials map[string]string) string {
	set, err := mailbox.Parse(credentials)
	if !mailbox.Is(credentials) || err != nil {
		return ""
	}
	return set.Source(credentials[credFrom])
}

// Begin signs in to both servers of a mailbox, and remembers what lies there.
func (a *Adapter) Begin(ctx context.Context, account channels.Account) (state []byte, err error) {
	set, err := mailbox.Parse(account.Credentials)
	if err != nil {
		return nil, unusable(err)
	}
	return a.box.Begin(ctx, set)
}

// Fetch hands over the mails of a mailbox.
func (a *Adapter) Fetch(ctx context.Context, account channels.Account, in channels.Intake) error {
	set, err := mailbox.Parse(account.Credentials)
	if err != nil {
		return unusable(err)
	}
	return a.box.Fetch(ctx, account.ChannelID, set, in)
}

// Progress is how far the import of earlier mails has come.
func (*Adapter) Progress(state []byte) (done, total int, is bool) { return mailbox.Progress(state) }

// unusable says that credentials from before cannot be used any more.
func unusable(err error) *channels.SendError {
	return &channels.SendError{
		Outcome: channels.Dead, Code: "credentials_invalid", Title: "The mailbox's settings are incomplete",
		Detail: "An administrator has to enter them anew.", Cause: err,
	}
}

// sendByHost sends a mail through the mailbox's own host.
func (a *Adapter) sendByHost(ctx context.Context, account channels.Account, l *letter) (channels.Sent, error) {
	set, err := mailbox.Parse(account.Credentials)
	if err != nil {
		return channels.Sent{}, unusable(err)
	}
	raw, err := a.raw(l)
	if err != nil {
		return channels.Sent{}, refused("invalid_request", "The mail cannot be written", "Change its subject, its addresses or its files.")
	}
	m := mailbox.Mail{From: l.from.Address, Raw: raw}
	for _, list := range [][]channels.Address{l.to, l.cc, l.bcc} {
		for _, to := range list {
			m.To = append(m.To, to.Address)
		}
	}
	if err := a.box.Send(ctx, account.ChannelID, set, m); err != nil {
		return channels.Sent{}, err
	}
	sent := channels.Sent{ProviderID: l.id, Answered: l.answered}
	if !set.KeepsSent() {
		sent.Copy = raw
		if len(l.bcc) > 0 { // only its sender sees who else got it
			sent.Copy = append([]byte(bccField(l.bcc)), raw...)
		}
	}
	return sent, nil
}

// bccField is the field that names the hidden recipients.
func bccField(bcc []channels.Address) string {
	var list []string
	for _, a := range forHost(bcc) {
		list = append(list, a.String())
	}
	return "Bcc: " + strings.Join(list, ",\r\n ") + "\r\n"
}

// raw is the mail as it goes over the wire. Hidden recipients do not stand in it.
func (a *Adapter) raw(l *letter) ([]byte, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&netmail.Address{Name: l.from.Name, Address: l.from.Address})
	m.ToMailAddress(forHost(l.to)...)
	if len(l.cc) > 0 {
		m.CcMailAddress(forHost(l.cc)...)
	}
	m.Subject(l.subject)
	m.SetDateWithValue(a.clock.Now())
	m.SetMessageIDWithValue(l.id)
	m.SetGenHeader(headMessage, l.message)
	m.SetGenHeader("X-Wasl-Loop", "1")
	if l.automatic {
		m.SetGenHeader(headAutomatic, autoReplied)
	}
	if l.answered != "" {
		m.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, "<"+l.answered+">")
		m.SetGenHeaderPreformatted(gomail.HeaderReferences, "<"+strings.Join(l.references, ">\r\n <")+">")
	}
	m.SetBodyString(gomail.TypeTextPlain, l.text)
	if l.html != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, l.html)
	}
	for _, f := range l.files {
		attach, disposition, options := m.AttachReadSeeker, "attachment", []gomail.FileOption{}
		if f.contentID != "" {
			attach, disposition = m.EmbedReadSeeker, "inline"
			options = append(options, gomail.WithFileContentID("<"+f.contentID+">"))
		}
		name := fileName(f.name)
		options = append(options, gomail.WithFileContentType(gomail.ContentType(f.mime)), func(file *gomail.File) {
			file.Header.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
		})
		attach(name, bytes.NewReader(f.data), options...)
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, err
	}
	// the library breaks the line before the id, which not every program reads
	return bytes.Replace(b.Bytes(), []byte("\nMessage-ID:\r\n "), []byte("\nMessage-ID: "), 1), nil
}

// longestName is how many bytes of a file's name fit into a line of a mail, once each is written as three.
const longestName = 240

// fileName cuts a name that would make a line too long; its ending stays.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\"`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if len(name) <= longestName {
		return name
	}
	end := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 20 {
		name, end = name[:dot], name[dot:]
	}
	name = name[:longestName-len(end)]
	for !utf8.ValidString(name) {
		name = name[:len(name)-1]
	}
	return name + end
}

func forHost(list []channels.Address) []*netmail.Address {
	var out []*netmail.Address
	for _, a := range list {
		out = append(out, &netmail.Address{Name: a.Name, Address: a.Address})
	}
	return out
}

// isOurs reports whether a mail with these fields of its head was sent from here.
func isOurs(head []byte) bool {
	m, err := netmail.ReadMessage(io.MultiReader(bytes.NewReader(bytes.TrimRight(head, "\r\n")), strings.NewReader("\r\n\r\n")))
	return err == nil && ours(m.Header.Get("Message-ID"), m.Header.Get(headMessage)) != ""
}

// ours returns the message of ours that a mail is: by our own field of its head before its Message-ID, which some hosts replace.
func ours(messageID, field string) string {
	if field = strings.TrimSpace(field); messageForm.MatchString(field) {
		return field
	}
	return ourMessage(strings.Trim(messageID, "<> "))
}

// checkMailbox signs in to the mailbox's servers.
func (a *Adapter) checkMailbox(ctx context.Context, account channels.Account) error {
	set, err := mailbox.Parse(account.Credentials)
	if err != nil {
		return unusable(err)
	}
	var e *channels.SendError
	if err = a.box.Check(ctx, set); err != nil && !errors.As(err, &e) {
		return fmt.Errorf("check: %w", err)
	}
	return err
}
