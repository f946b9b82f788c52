package email

import (
	"regexp"
	"strings"

	"wasl/channels"
	"wasl/internal/mail"
)

const (
	// loopHeader marks what we send, so that it is known when it comes back.
	loopHeader = "x-wasl-loop"
	// tokenMark stands before the token in an address.
	tokenMark = "+w"
)

var (
	tokenForm = regexp.MustCompile(`\+w([0-9a-hjkmnp-tv-z]{26})@`)
	// ownID is the form of our Message-IDs: the message, the conversation's token.
	ownID = regexp.MustCompile(`^(msg_[0-9a-z]{26})\.([0-9a-z]{26})\.wasl@`)
	// messageForm is the form of our ids of messages.
	messageForm = regexp.MustCompile(`^msg_[0-9a-z]{26}$`)
	// ownIDs finds them in texts.
	ownIDs = regexp.MustCompile(`msg_[0-9a-z]{26}\.[0-9a-z]{26}\.wasl@[A-Za-z0-9.-]*[A-Za-z0-9]`)
)

// threadOf says what the mail belongs to: the token in an address that it came to counts most. A report belongs to nothing by what it
// repeats or how it is called: its subject and its references are those of all the others.
func threadOf(m *mail.Mail, envelope mail.Envelope) *channels.Thread {
	t := &channels.Thread{}
	var to []string
	to = append(to, envelope.To...)
	for _, name := range []string{"to", "cc", "delivered-to", "x-original-to", "x-forwarded-to"} {
		to = append(to, m.Header.All(name)...)
	}
	if found := tokenForm.FindStringSubmatch(strings.ToLower(strings.Join(to, " "))); found != nil {
		t.Token = found[1]
	}
	if m.Report != nil {
		return t
	}
	t.References = m.References
	for n := len(t.References) - 1; n >= 0 && t.Token == ""; n-- {
		if found := ownID.FindStringSubmatch(t.References[n]); found != nil {
			t.Token = found[2]
		}
	}
	key, answer, forward := mail.SubjectKey(m.Subject)
	t.Subject, t.Reply = key, answer || forward || len(t.References) > 0
	return t
}

// ourMessage returns the message that a Message-ID of ours names.
func ourMessage(id string) string {
	if m := ownID.FindStringSubmatch(id); m != nil {
		return m[1]
	}
	return ""
}
