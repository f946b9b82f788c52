package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// headMessage is the field that carries the gateway's id of a message.
const headMessage = "X-Wasl-Message"

// replyForm finds the reply that a mail is.
var replyForm = regexp.MustCompile(`reply r[0-9]+q`)

var errCut = errors.New("cut")

// NewSession begins a connection that sends.
func (h *mailHost) NewSession(c *smtp.Conn) (smtp.Session, error) { return &sender{h: h, conn: c}, nil }

// sender is one connection that sends.
type sender struct {
	h    *mailHost
	conn *smtp.Conn
	to   string
}

// AuthMechanisms are how one signs in.
func (*sender) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth takes the mailbox's address and password.
func (*sender) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, secret string) error {
		if username != ownMail || secret != password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// Mail begins a mail.
func (*sender) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt names its recipient.
func (s *sender) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

// Reset forgets a mail that was begun.
func (*sender) Reset() {}

// Logout ends the connection.
func (*sender) Logout() error { return nil }

// Data takes a reply, or does to it what the weather wants.
func (s *sender) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "unreadable"}
	}
	p, text, ours := s.h.w.provider, string(replyForm.Find(raw)), m.Header.Get(headMessage)
	known, try := p.asked(text, strings.ToLower(s.to), ours)
	if known == nil {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "who?"}
	}
	p.w.book.mu.Lock()
	known.mail = raw
	p.w.book.mu.Unlock()
	what := p.meet(p.w.ctx, known, try, ours)
	switch what {
	case throttled:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "slow down"}
	case broken:
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "something went wrong"}
	case cutBefore, cutLate:
		return s.cut()
	}
	p.accept(known, ours, try, what == cutAfter)
	if what == cutAfter || p.struck("accepted") {
		return s.cut()
	}
	return nil
}

// cut ends the connection without an answer.
func (s *sender) cut() error {
	_ = s.conn.Conn().Close()
	return errCut
}

// sent is what follows once a mail went out: some hosts keep a copy themselves, and some mails come back.
func (h *mailHost) sent(r *reply, ours string) {
	p, book := h.w.provider, h.w.book
	if p.chance(2, "copy", r.key) == 0 {
		h.put(sentFolder, r.mail)
		book.mu.Lock()
		r.reported["sent"] = true
		book.mu.Unlock()
	}
	if p.chance(10, "bounce", r.key) > 0 {
		return
	}
	after := time.Duration(p.chance(3000, "bounced after", r.key)) * time.Millisecond
	p.reports.Go(func() {
		if wait(h.w.ctx, after); h.put(inbox, bounce(r)) {
			book.mu.Lock()
			r.reported["failed"] = true
			book.mu.Unlock()
		}
	})
}

// bounce words that a mail could not be delivered.
func bounce(r *reply) []byte {
	m, _ := netmail.ReadMessage(bytes.NewReader(r.mail)) // it was read before
	text := fmt.Sprintf(`Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mail.torture.example>
To: %s
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-of-%s@mail.torture.example>
Date: %s
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: text/plain

This address does not exist.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.torture.example

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1

--r
Content-Type: text/rfc822-headers

Message-ID: %s
--r--
`, ownMail, strings.ReplaceAll(r.key, " ", "-"), time.Now().UTC().Format(time.RFC1123Z), r.to, m.Header.Get("Message-ID"))
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}

// mail words what a customer wrote, or what somebody of the business wrote to one in a mail program.
func (m *message) mail() []byte {
	who := fmt.Sprintf("%s <%s>", name(m.customer), identity(m.customer))
	from, to := who, ownMail
	head := ""
	if m.echo {
		from, to = ownMail, who
	} else {
		head = "Return-Path: <" + identity(m.customer) + ">\nDelivered-To: " + ownMail + "\n" +
			"Authentication-Results: mail.torture.example; dkim=pass header.d=people.example\n"
	}
	if m.follows != "" {
		head += "In-Reply-To: <" + m.follows + ">\nReferences: <" + m.follows + ">\n"
	}
	text := fmt.Sprintf("%sFrom: %s\nTo: %s\nSubject: Question of %s\nMessage-ID: <%s>\nDate: %s\nContent-Type: text/plain\n\n%s\n",
		head, from, to, name(m.customer), m.id, time.Unix(m.at, 0).UTC().Format(time.RFC1123Z), m.text)
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}
