package email

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
	"wasl/internal/mail"
)

const (
	// lateBy is how much earlier than it came a mail may say that it was sent: servers try for five days. What says more is not believed.
	lateBy = 7 * 24 * time.Hour
	// earlyBy likewise how much later: clocks differ.
	earlyBy = time.Hour
)

// parseFetched reads a mail that lay in a mailbox.
func parseFetched(own string, hook channels.Webhook) ([]channels.Event, error) {
	said := hook.Query
	if said.Get(mailbox.AskLost) != "" {
		return []channels.Event{lost(own, said.Get(mailbox.AskUID))}, nil
	}
	envelope := mail.EnvelopeOf(hook.Body)
	m := mail.Read(hook.Body, mail.Options{Own: own, OurID: ownIDs, LoopHeader: loopHeader, Envelope: envelope})
	if said.Get(mailbox.AskHead) != "" {
		return []channels.Event{confirmed(own, m)}, nil
	}
	if empty(m) {
		return nil, channels.ErrBody
	}
	if m.ID == "" {
		sum := sha256.Sum256(hook.Body)
		m.ID = hex.EncodeToString(sum[:16]) + "@local"
	}
	if size, err := strconv.ParseInt(said.Get(mailbox.AskSize), 10, 64); err == nil {
		m.Files = nil // the last of them was cut, and nobody knows which that is
		m.Text = strings.TrimSpace(m.Text + "\n\n" + inPart(size))
	}
	came, _ := strconv.ParseInt(said.Get(mailbox.AskDate), 10, 64)
	old := said.Get(mailbox.AskOld) != ""
	m.Date = believed(m.Date, came, old)
	read := event
	if said.Get(mailbox.AskFolder) == "sent" {
		read = echo
	}
	e := read(m, envelope, own)
	if old {
		e.Message.Historic, e.Message.OpensWindow, e.Message.Consent, e.Receipt, e.Reaction = true, false, "", nil, nil
	}
	return []channels.Event{e}, nil
}

// inPart says that only the beginning of a mail is here.
func inPart(size int64) string {
	if size > mailbox.MaxMail {
		return fmt.Sprintf("[This mail has %d MB, too many to be fetched: its files lie in the mailbox.]", size>>20)
	}
	return "[The mail server gave only a part of this mail: the rest lies in the mailbox.]"
}

// believed is when a mail was sent, as far as it can be believed: it came into the mailbox at a time that its sender cannot choose. Old
// mails may have moved there from elsewhere.
func believed(says time.Time, came int64, old bool) time.Time {
	if came <= 0 || came > 1<<36 {
		return says
	}
	at := time.Unix(came, 0).UTC()
	if says.Before(at.Add(-lateBy)) && !old || says.IsZero() || says.After(at.Add(earlyBy)) {
		return at
	}
	return says
}

// lost says that a mail cannot be fetched.
func lost(own, uid string) channels.Event {
	return channels.Event{Key: "lost " + clean(uid), Account: own, Notice: &channels.Notice{
		Kind: "error", Severity: "warning", Title: "A mail cannot be fetched from the mailbox",
		Detail: "The mail server breaks off each time that it is asked for. Look into the mailbox with another program.",
	}}
}

// confirmed says that a mail of ours lies among what was sent: whatever was not known about it, it went out.
func confirmed(own string, m *mail.Mail) channels.Event {
	return channels.Event{Key: "sent " + m.ID, Account: own, Receipt: &channels.Receipt{
		MessageID: ours(m.ID, m.Header.Get(strings.ToLower(headMessage))), ProviderID: m.ID, Status: "sent",
	}}
}

// echo is what a mail says that somebody sent from another program. It belongs to whom it went to first.
func echo(m *mail.Mail, envelope mail.Envelope, own string) channels.Event {
	e := channels.Event{Key: m.ID + " " + m.Digest(), Account: own, At: m.Date, Message: message(m, envelope)}
	e.Message.Echo, e.Message.AnswerTo, e.Message.Consent, e.Message.OpensWindow = true, nil, "", false
	e.Message.Content.Mail.BCC, e.Message.Content.Mail.Unproven = addresses(m.Header.Addresses("bcc")), false
	e.Contact = &channels.Sender{Identities: []channels.Identity{{
		Kind: "email", Value: "unknown." + strings.ToLower(m.ID) + "@" + nowhere, Display: "?",
	}}}
	for _, list := range [][]mail.Address{m.To, m.CC, m.Header.Addresses("bcc")} {
		for _, to := range list {
			if !strings.EqualFold(to.Address, own) && strings.Contains(to.Address, "@") {
				e.Contact = &channels.Sender{Identities: []channels.Identity{identity(to.Address)}, Name: to.Name}
				return e
			}
		}
	}
	return e
}
