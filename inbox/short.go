package inbox

import (
	"context"
	"slices"
	"strings"

	"wasl/channels"
	"wasl/internal/text"
)

// Words that customers say in passing, as the search sees them.
var (
	thanking = wordSet("thanks thank thx ty thankyou cheers תודה תודות شكرا مشكور مشكورة مشكورين متشكر تسلم")
	polite   = wordSet(`ok okay great perfect very much you so a lot many all again dear super nice cool
		רבה לך לכם מאוד המון אלף ענקית על הכל סבבה מעולה אחלה
		لك لكم جزيلا كثيرا جدا الف تمام ممتاز على كل شيء الله يعطيك العافية`)
	agreeing = wordSet(`ok okay yes yep yeah sure fine no nope good great perfect agreed
		כן לא אוקיי אוקי סבבה בסדר מעולה אחלה בטח מתאים
		نعم لا تمام اوكي ايوه ماشي حسنا طيب اكيد موافق`)
	// nods are what stands for a word.
	nods = []string{"👍", "👌", "🙏", "❤️", "❤", "✅", "👎", "😊", "🙂"}
)

// wordSet is the set of words of a text.
func wordSet(all string) map[string]bool {
	set := map[string]bool{}
	for _, token := range text.Tokens(all) {
		set[token] = true
	}
	return set
}

// maxShort is how many words are said in passing.
const maxShort = 6

// said is the message's words, where it is a short text and nothing else; the second is false where it is not.
func (m *Message) said() ([]string, bool) {
	if m.Direction != In || m.Type != channels.TypeText || len(m.Text) > 200 || m.Mail != nil {
		return nil, false
	}
	tokens := text.Tokens(m.Text)
	return tokens, len(tokens) <= maxShort
}

// nod reports whether the message is one sign that stands for a word.
func (m *Message) nod() bool {
	return m.Direction == In && m.Type == channels.TypeText && slices.Contains(nods, strings.TrimFunc(strings.TrimSpace(m.Text), skinTone))
}

// skinTone reports whether the sign only colours another one. Unicode, emoji modifiers.
func skinTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

// merelyThanks reports whether the message thanks, and says nothing else.
func (m *Message) merelyThanks() bool {
	tokens, short := m.said()
	if !short {
		return false
	}
	if len(tokens) == 0 {
		return m.nod() && !strings.Contains(m.Text, "👎")
	}
	thanked := false
	for _, token := range tokens {
		if !thanking[token] && !polite[token] {
			return false
		}
		thanked = thanked || thanking[token]
	}
	return thanked && !asks(m.Text)
}

// merelyAnswers reports whether the message says yes or no, and nothing else.
func (m *Message) merelyAnswers() bool {
	tokens, short := m.said()
	if !short || len(tokens) == 0 {
		return short && m.nod()
	}
	return !slices.ContainsFunc(tokens, func(token string) bool { return !agreeing[token] && !thanking[token] && !polite[token] }) &&
		slices.ContainsFunc(tokens, func(token string) bool { return agreeing[token] })
}

// asks reports whether a text ends with a question.
func asks(said string) bool {
	return strings.ContainsAny(said, "?؟")
}

// heedShort looks at what came in while it is not placed yet: a word that answers a question of ours, which is the last thing that was
// said, is shown as the answer to it; and of a conversation that was resolved it notes whether the customer only says thanks, where that
// is not to open it.
func (s *Service) heedShort(ctx context.Context, conv *Conversation, m *Message) error {
	if m.ReplyTo == "" && conv.LastMessageID != "" && m.merelyAnswers() {
		last, err := s.messages.GetMany(ctx, conv.LastMessageID)
		if err != nil {
			return err
		}
		if len(last) > 0 && last[0].Direction == Out && last[0].Type != channels.TypeNote && asks(last[0].Text) {
			m.ReplyTo = last[0].ID
			return nil // it is news
		}
	}
	if conv.Status != Resolved || !m.merelyThanks() {
		return nil
	}
	w, err := s.Users.Settings(ctx, conv.WorkspaceID)
	conv.thanked = err == nil && !w.ThanksReopen
	return err
}
