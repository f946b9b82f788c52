package sandbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"wasl/internal/errs"
)

const (
	mailPatience  = 72 * time.Hour
	eventPatience = 24 * time.Hour
	subjectMax    = 300
)

// email is the dialect of SendGrid: mails by its API, inbound mails as forms, events as signed JSON.
type email struct{ s *Sandbox }

func (e *email) credentials(a Account) []Credential {
	if a.Mailbox {
		return e.s.mail.credentials(a)
	}
	return []Credential{{"api_key", a.AccessToken}, {"from_address", a.Address}, {"from_name", a.Name}, {"event_public_key", publicKey(a)}}
}

// signingKey is made of the account's secret, so that it stays the same.
func signingKey(a Account) *ecdsa.PrivateKey {
	seed := sha256.Sum256([]byte(a.AppSecret))
	seed[0] &= 0x7f // below the order of the curve
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		panic(err) // no seed below the order but zero is refused
	}
	return key
}

func publicKey(a Account) string {
	der, _ := x509.MarshalPKIXPublicKey(&signingKey(a).PublicKey) // a P-256 key always can be
	return base64.StdEncoding.EncodeToString(der)
}

// newID is a Message-ID of the customer's mail server.
func (e *email) newID(p Phone, _ Content) string {
	_, domain, _ := strings.Cut(p.Email, "@")
	return hex.EncodeToString(random(12)) + "@mail." + domain
}

func (e *email) address(_ Account, p Phone) string {
	if !p.uses("email") {
		return ""
	}
	return p.Email
}

// confirm asks nothing: SendGrid takes any address.
func (e *email) confirm(context.Context, Account, string, string) error { return nil }

// judge repeats events for a day. A mail that is refused is dropped at once, without a word to anybody; else it is repeated for
// three days.
func (e *email) judge(w *wording, status, _ int, age time.Duration) verdict {
	limit := mailPatience
	if w.URL != "" {
		limit = eventPatience
	}
	switch {
	case status >= 200 && status < 300:
		return taken
	case w.URL == "" && status >= 300 && status < 500, age >= limit:
		return lost
	}
	return again
}

// headers signs events; inbound mails are not signed, the address carries a password instead.
func (e *email) headers(a Account, w *wording, _ string) http.Header {
	h := http.Header{"Content-Type": {w.Type}, "User-Agent": {"Sendlib/1.0 server=sandbox"}}
	if w.URL == "" {
		return h
	}
	at := strconv.FormatInt(e.s.clock.Now().Unix(), 10)
	sum := sha256.Sum256(append([]byte(at), w.Body...))
	signature, err := ecdsa.SignASN1(rand.Reader, signingKey(a), sum[:])
	if err != nil {
		return h // the gateway refuses it, as it should
	}
	h["X-Twilio-Email-Event-Webhook-Signature"] = []string{base64.StdEncoding.EncodeToString(signature)}
	h["X-Twilio-Email-Event-Webhook-Timestamp"] = []string{at}
	return h
}

// webhook words a mail of a customer, or an event about one of the business.
func (e *email) webhook(a Account, h happening) (*wording, error) {
	if a.Mailbox {
		return nil, e.s.mail.happens(a, h)
	}
	switch h.kind {
	case "message":
		return e.inbound(a, h)
	case "status":
		return e.event(a, h, map[string]string{
			StatusSent: "processed", StatusDelivered: "delivered", StatusRead: "open",
			StatusFailed: "bounce",
		}[h.status])
	case "report":
		return e.event(a, h, h.status)
	}
	return nil, nil //nolint:nilnil // there is no such thing in a mail
}

// reports are the events that no phone causes by itself.
func (e *email) reports() map[string]reportKind {
	return map[string]reportKind{
		"deferred": {about: true}, "dropped": {about: true, status: StatusFailed}, "bounce": {
			about:  true,
			status: StatusFailed,
		}, "blocked": {about: true, status: StatusFailed},
		"machine_open": {about: true}, "click": {
			about:  true,
			status: StatusRead,
		}, "spamreport": {about: true}, "unsubscribe": {about: true}, "group_unsubscribe": {about: true},
		"group_resubscribe": {about: true},
	}
}

// eventFields is what an event says beside what all of them do.
func eventFields(name string) map[string]any {
	return map[string]map[string]any{
		"deferred": {
			"response": "450 4.2.1 try again later", "attempt": "2", "ip": "198.51.100.7", "domain": "example.org",
			"tls": 1,
		},
		"delivered": {"response": "250 2.0.0 OK", "ip": "198.51.100.7", "tls": 1},
		"bounce": {
			"reason": "550 5.1.1 User unknown", "status": "5.1.1", "type": "bounce",
			"bounce_classification": "Invalid Address", "ip": "198.51.100.7", "tls": 1,
		},
		"blocked": {
			"event": "bounce", "reason": "554 5.7.1 Message refused by policy", "status": "5.7.1", "type": "blocked",
			"bounce_classification": "Reputation", "ip": "198.51.100.7", "tls": 1,
		},
		"dropped": {"reason": "Bounced Address", "status": "5.0.0"},
		"open":    {"useragent": "Mozilla/5.0", "ip": "203.0.113.9", "sg_machine_open": false, "sg_content_type": "html"},
		"machine_open": {
			"event": "open", "useragent": "Mozilla/5.0", "ip": "203.0.113.10", "sg_machine_open": true,
			"sg_content_type": "html",
		},
		"click": {
			"url": "https://shop.example.com/track", "url_offset": map[string]any{"index": 0, "type": "html"},
			"useragent": "Mozilla/5.0", "ip": "203.0.113.9",
		},
		"group_unsubscribe": {"useragent": "Mozilla/5.0", "ip": "203.0.113.9", "url": "https://u.example.com/x", "asm_group_id": 7},
		"group_resubscribe": {"useragent": "Mozilla/5.0", "ip": "203.0.113.9", "url": "https://u.example.com/x", "asm_group_id": 7},
	}[name]
}

// event words what became of a mail.
func (e *email) event(a Account, h happening, name string) (*wording, error) {
	if name == "" || a.Reports == "" {
		return nil, nil //nolint:nilnil // nobody wants to know
	}
	m := h.message
	ev := map[string]any{}
	if m.Opaque != "" {
		if err := json.Unmarshal([]byte(m.Opaque), &ev); err != nil {
			return nil, fmt.Errorf("custom arguments: %w", err)
		}
	}
	sent, _, _ := strings.Cut(m.ID, ".")
	ev["email"], ev["timestamp"], ev["event"] = h.phone.Email, e.s.clock.Now().Unix(), name
	ev["sg_event_id"] = base64.RawURLEncoding.EncodeToString(random(24))
	ev["sg_message_id"] = sent + ".recvd-sandbox-1-00000000-0.0"
	ev["smtp-id"] = "<" + m.Content.Mail.MessageID + ">"
	if m.Category != "" {
		ev["category"] = strings.Split(m.Category, ",")
	}
	maps.Copy(ev, eventFields(name))
	body, err := json.Marshal([]any{ev})
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	return &wording{Body: append(body, "\r\n"...), Type: "application/json", URL: a.Reports}, nil
}

// compose gives a customer's mail its headers, and under an answer the mail that it answers.
func (e *email) compose(a Account, p Phone, m *Message) error {
	if m.Content.Type != "mail" {
		m.Content.Type, m.Content.Files, m.Content.Media = "mail", filesOf(m.Content), nil
	}
	given := Mail{}
	if m.Content.Mail != nil {
		given = *m.Content.Mail
	}
	if len(given.Subject) > subjectMax || strings.ContainsAny(given.Subject, "\r\n") {
		return errs.InvalidField("subject_invalid", "mail", "A subject is one line of 300 characters.")
	}
	for _, cc := range given.CC {
		if _, err := mail.ParseAddress(cc); err != nil {
			return errs.InvalidField("cc_invalid", "mail", "A copy goes to a mail address.")
		}
	}
	given.MessageID, given.From, given.To = m.ID, header(p.Name, p.Email), []string{a.Address}
	if q, ok := e.s.book.message(m.ReplyTo); ok && q.Content.Mail != nil && q.Account == a.ID {
		answerMail(&given, m, q, p)
	}
	if given.HTML == "" && !given.Automatic {
		given.HTML = `<div dir="auto">` + strings.ReplaceAll(html.EscapeString(m.Content.Text), "\n", "<br>") + "</div>"
	}
	m.Content.Mail = &given
	return nil
}

// wrote introduces what is quoted, in the language of the phone.
var wrote = map[string]string{"en": "On %s, %s wrote:", "he": "ב-%s, %s כתב/ה:", "ar": "في %s، كتب %s:"}

// answerMail makes a mail the answer to another.
func answerMail(given *Mail, m *Message, q Message, p Phone) {
	given.InReplyTo = q.Content.Mail.MessageID
	given.References = append(slices.Clone(q.Content.Mail.References), given.InReplyTo)
	if given.Subject == "" {
		given.Subject = q.Content.Mail.Subject
		if !strings.HasPrefix(strings.ToLower(given.Subject), "re:") {
			given.Subject = "Re: " + given.Subject
		}
	}
	if q.From == FromBusiness {
		given.To = []string{q.Content.Mail.From}
		if q.Content.Mail.ReplyTo != "" {
			given.To = []string{q.Content.Mail.ReplyTo}
		}
	}
	introduces := wrote[p.Language]
	if introduces == "" {
		introduces = wrote["en"]
	}
	line := fmt.Sprintf(introduces, q.At.UTC().Format("2 Jan 2006 15:04"), q.Content.Mail.From)
	before := q.Content.Mail.HTML
	if before == "" {
		before = "<div>" + strings.ReplaceAll(html.EscapeString(q.Content.Text), "\n", "<br>") + "</div>"
	}
	given.HTML = `<div dir="auto">` + strings.ReplaceAll(html.EscapeString(m.Content.Text), "\n", "<br>") +
		`</div><br><div class="gmail_quote"><div dir="auto" class="gmail_attr">` +
		html.EscapeString(line) +
		`<br></div><blockquote class="gmail_quote" style="margin:0 .8ex;border-inline-start:1px solid #ccc;padding-inline-start:1ex">` +
		before + "</blockquote></div>"
	m.Content.Text += "\n\n" + line + "\n> " + strings.ReplaceAll(q.Content.Text, "\n", "\n> ")
}

// header spells an address with its name.
func header(name, address string) string {
	return (&mail.Address{Name: name, Address: address}).String()
}
