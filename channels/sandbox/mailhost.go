package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"wasl/internal/mail"
	"wasl/internal/selfsigned"
)

// MailServers are where mailboxes are read and sent from; nil: there are none.
type MailServers struct{ IMAP, SMTP net.Listener }

// mailHost is the host of the accounts that are mailboxes: IMAP and SMTP, with a certificate that it signed itself.
type mailHost struct {
	e        *email
	at       MailServers
	tls      *tls.Config
	pin      string
	validity uint32 // of the folders: they are other ones after each start
	users    map[string]*imapmemserver.User
}

func newMailHost(e *email, at MailServers) (*mailHost, error) {
	now := e.s.clock.Now()
	made, pin, err := selfsigned.New("mail.sandbox.example", now)
	if err != nil {
		return nil, err
	}
	return &mailHost{
		e: e, at: at, pin: pin, validity: uint32(now.Unix()), //nolint:gosec // until 2106
		tls:   &tls.Config{Certificates: []tls.Certificate{made}, MinVersion: tls.VersionTLS12},
		users: map[string]*imapmemserver.User{},
	}, nil
}

// credentials are what a business connects its mailbox with.
func (h *mailHost) credentials(a Account) []Credential {
	port := func(l net.Listener) string {
		return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // we listen on TCP
	}
	return []Credential{
		{"from_address", a.Address}, {"from_name", a.Name}, {"password", a.AccessToken}, {"username", a.Address},
		{"imap_host", "127.0.0.1"}, {"imap_port", port(h.at.IMAP)}, {"smtp_host", "127.0.0.1"}, {"smtp_port", port(h.at.SMTP)},
		{"tls_fingerprint", h.pin},
	}
}

// open makes an account's mailbox, with the mails that customers wrote before the last stop.
func (h *mailHost) open(a Account) error {
	user := imapmemserver.NewUser(a.Address, a.AccessToken)
	for _, folder := range []string{"INBOX", "Sent", "Drafts"} {
		if err := user.Create(folder, nil); err != nil {
			return err
		}
	}
	h.users[a.Address] = user
	_, before := h.e.s.book.snapshot()
	for _, m := range before {
		p, known := h.e.s.book.phone(m.Phone)
		if known && m.Account == a.ID && m.From == FromCustomer && m.Content.Mail != nil {
			if err := h.arrive(a, happening{kind: "message", phone: p, message: m}); err != nil {
				return err
			}
		}
	}
	return nil
}

// happens puts what happens into the mailbox: a customer's mail, what the business wrote in another program, and what came back.
func (h *mailHost) happens(a Account, what happening) error {
	switch {
	case what.kind == "message":
		return h.arrive(a, what)
	case what.kind == "echo":
		return h.wrote(a, what)
	case what.kind == "status" && what.status == StatusFailed:
		return h.bounce(a, what)
	}
	return nil
}

// wrote puts a mail of the business' own mail program among what was sent.
func (h *mailHost) wrote(a Account, what happening) error {
	head := fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nMessage-ID: <%s>\nDate: %s\n", header(a.Name, a.Address),
		header(what.phone.Name, what.phone.Email), "Re:", what.message.ID, what.message.At.UTC().Format(time.RFC1123Z))
	for _, m := range slices.Backward(h.e.s.book.chat(what.phone.Key)) {
		if m.From == FromCustomer && m.Account == a.ID && m.Content.Mail != nil {
			head = strings.Replace(head, "Subject: Re:", "Subject: Re: "+mime.QEncoding.Encode("utf-8", m.Content.Mail.Subject), 1) +
				"In-Reply-To: <" + m.Content.Mail.MessageID + ">\n"
			break
		}
	}
	raw := head + "Content-Type: text/plain; charset=utf-8\n\n" + what.message.Content.Text + "\n"
	return h.putInto(a, "Sent", raw, what.message.At)
}

// arrive puts a customer's mail into the inbox.
func (h *mailHost) arrive(a Account, what happening) error {
	raw, err := h.e.raw(what)
	if err != nil {
		return err
	}
	from := what.phone.Email
	return h.put(a, "Return-Path: <"+from+">\nDelivered-To: "+a.Address+"\nAuthentication-Results: mail.sandbox.example; spf=pass "+
		"smtp.mailfrom="+from+"; dkim=pass header.d="+from[strings.LastIndexByte(from, '@')+1:]+"\n"+raw, what.message.At)
}

// bounce puts a report into the inbox that a mail could not be delivered.
func (h *mailHost) bounce(a Account, what happening) error {
	at := h.e.s.clock.Now()
	return h.put(a, fmt.Sprintf(`Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mail.sandbox.example>
To: %s
Subject: Undelivered Mail Returned to Sender
Message-ID: <%s@mail.sandbox.example>
Date: %s
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: text/plain

This address does not exist.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.sandbox.example

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1

--r
Content-Type: text/rfc822-headers

Message-ID: <%s>
--r--
`, a.Address, hex.EncodeToString(random(12)), at.UTC().Format(time.RFC1123Z), what.phone.Email, what.message.Content.Mail.MessageID), at)
}

func (h *mailHost) put(a Account, raw string, at time.Time) error {
	return h.putInto(a, "INBOX", raw, at)
}

func (h *mailHost) putInto(a Account, folder, raw string, at time.Time) error {
	text := strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")
	_, err := h.users[a.Address].Append(folder, strings.NewReader(text), &imap.AppendOptions{Time: at})
	return err
}

// run serves both protocols until the context ends.
func (h *mailHost) run(ctx context.Context) {
	readers := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &reader{host: h}, nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapIdle: {}, imap.CapUIDPlus: {}, imap.CapSpecialUse: {}, imap.CapESearch: {},
		},
	})
	writers := smtp.NewServer(h)
	writers.Domain, writers.MaxMessageBytes, writers.AllowInsecureAuth = "mail.sandbox.example", mailMax, true
	done := make(chan error, 2)
	go func() { done <- readers.Serve(tls.NewListener(h.at.IMAP, h.tls)) }()
	go func() { done <- writers.Serve(tls.NewListener(h.at.SMTP, h.tls)) }()
	<-ctx.Done()
	_, _ = readers.Close(), writers.Close()
	for range 2 {
		if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, smtp.ErrServerClosed) {
			h.e.s.log.Warn().Err(err).Msg("a mail server ended")
		}
	}
}

// reader is one connection to a mailbox.
type reader struct {
	*imapmemserver.UserSession
	host *mailHost
}

// Login takes the account's address and password.
func (r *reader) Login(username, password string) error {
	user := r.host.users[username]
	if user == nil {
		return imapserver.ErrAuthFailed
	}
	if err := user.Login(username, password); err != nil {
		return err
	}
	r.UserSession = imapmemserver.NewUserSession(user)
	return nil
}

// Close ends the connection, which may not have signed in.
func (r *reader) Close() error {
	if r.UserSession == nil {
		return nil
	}
	return r.UserSession.Close()
}

// Select opens a folder; its numbers are other ones after each start.
func (r *reader) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := r.UserSession.Select(name, options)
	if err == nil {
		data.UIDValidity = r.host.validity
	}
	return data, err
}

// Status tells the same numbers.
func (r *reader) Status(name string, options *imap.StatusOptions) (*imap.StatusData, error) {
	data, err := r.UserSession.Status(name, options)
	if err == nil && options.UIDValidity {
		data.UIDValidity = r.host.validity
	}
	return data, err
}

// NewSession begins a connection that sends.
func (h *mailHost) NewSession(*smtp.Conn) (smtp.Session, error) { return &writer{host: h}, nil }

// writer is one connection that sends.
type writer struct {
	host *mailHost
	a    *Account
	to   []string
}

// AuthMechanisms are how one signs in.
func (*writer) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth takes the account's address and password.
func (w *writer) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		for _, a := range w.host.e.s.Accounts() {
			if a.Mailbox && a.Address == username && a.AccessToken == password {
				w.a = &a
				return nil
			}
		}
		return smtp.ErrAuthFailed
	}), nil
}

// Mail begins a mail, of the mailbox's own address only.
func (w *writer) Mail(from string, _ *smtp.MailOptions) error {
	if w.a == nil {
		return smtp.ErrAuthRequired
	}
	if from != w.a.Address {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Sender address rejected: not owned by user"}
	}
	return nil
}

// Rcpt adds a recipient.
func (w *writer) Rcpt(to string, _ *smtp.RcptOptions) error {
	w.to = append(w.to, to)
	return nil
}

// Data delivers the mail to the phones of its recipients.
func (w *writer) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return w.host.e.mailed(*w.a, slices.Clone(w.to), raw)
}

// Reset forgets a mail that was begun.
func (w *writer) Reset() { w.to = nil }

// Logout ends the connection.
func (*writer) Logout() error { return nil }

// mailed puts a mail that went out by SMTP onto phones.
func (e *email) mailed(a Account, to []string, raw []byte) error {
	m := mail.Read(bytes.Clone(raw), mail.Options{})
	in := &sgSend{
		From: sgAddress{Email: m.From.Address, Name: m.From.Name}, Subject: m.Subject, Headers: map[string]string{
			"message-id": m.ID, "in-reply-to": m.Header.Get("in-reply-to"), "references": m.Header.Get("references"),
			"auto-submitted": m.Header.Get("auto-submitted"),
		},
		Content: []sgContent{{"text/plain", strings.TrimSpace(m.Text + "\n\n" + m.Folded)}, {"text/html", m.HTML}},
	}
	person := sgPerson{}
	for _, list := range []struct {
		from []mail.Address
		into *[]sgAddress
	}{{m.To, &person.To}, {m.CC, &person.CC}} {
		for _, at := range list.from {
			*list.into = append(*list.into, sgAddress{Email: at.Address, Name: at.Name})
		}
	}
	var files []Media
	for _, f := range m.Files {
		kept, err := e.s.AddMedia(FromBusiness, f.Type, f.Name, f.Data)
		if err != nil {
			return err
		}
		kept.CID = f.ContentID
		files = append(files, kept)
	}
	id := hex.EncodeToString(random(12))
	for n, each := range to {
		e.post(a, in, person, sgAddress{Email: each}, Message{ID: numbered(id, n), Content: Content{Type: "mail", Files: files}})
	}
	return nil
}
