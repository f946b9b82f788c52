package email

import (
	"regexp"
	"strings"

	"wasl/channels"
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
)

// thread says what the mail belongs to: the token in an address that it came to counts most.
func (l *letter) thread() *channels.Thread {
	t := &channels.Thread{References: l.header.references()}
	var to []string
	to = append(to, l.envelope.To...)
	for _, name := range []string{"to", "cc", "delivered-to", "x-original-to", "x-forwarded-to"} {
		to = append(to, l.header[name]...)
	}
	if m := tokenForm.FindStringSubmatch(strings.ToLower(strings.Join(to, " "))); m != nil {
		t.Token = m[1]
	}
	for n := len(t.References) - 1; n >= 0 && t.Token == ""; n-- {
		if m := ownID.FindStringSubmatch(t.References[n]); m != nil {
			t.Token = m[2]
		}
	}
	t.Subject, t.Reply = subjectKey(l.header.text("subject"))
	t.Reply = t.Reply || len(t.References) > 0
	return t
}

// replyMark is how programs of many languages mark an answer or something sent on.
var replyMark = regexp.MustCompile(`^(?i)(re|fwd?|fw|aw|wg|sv|vs|antw|rv|enc|tr|res|ref|rif|odp|r|i|回复|答复|转发|回覆|תשובה|השב|תגובה|הועבר|העבר|הנדון|רד|רע|رد|الرد|إعادة توجيه|اعادة توجيه|إعادة|توجيه|مُعاد توجيهه)(\s?\[\d+\]|\(\d+\))?\s*[:：]\s*`)

// subjectKey returns a subject for comparison, and whether it was marked.
func subjectKey(subject string) (key string, marked bool) {
	key = strings.Join(strings.Fields(strings.Map(visible, subject)), " ")
	for {
		rest := replyMark.ReplaceAllString(key, "")
		if rest == key {
			return strings.ToLower(key), marked
		}
		key, marked = rest, true
	}
}

// visible drops marks of direction.
func visible(r rune) rune {
	if r == 0x200e || r == 0x200f || r == 0x061c || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || r == 0xfeff {
		return -1
	}
	return r
}
