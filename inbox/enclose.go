package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"wasl/internal/richtext"
	"wasl/internal/text"
	"wasl/store"
)

const (
	// maxQuoted bounds what is repeated of the mails before, in bytes of plain text.
	maxQuoted = 20_000
	// maxQuotedHTML likewise; a longer formatted text is repeated as a plain one.
	maxQuotedHTML = 150_000
)

// enclose adds what stands below the writer's words: the signature, and the mail that is answered. People see it folded, and it is
// not searched.
func (s *Service) enclose(ctx context.Context, conv *Conversation, m *Message, unsigned bool) error {
	signature := ""
	if !unsigned && m.Author.Type == ByAgent {
		u, err := s.Users.User(ctx, m.WorkspaceID, m.Author.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil {
			signature = u.SignatureOn(m.ChannelID)
		}
	}
	answered, err := s.answeredMail(ctx, conv, m)
	if err != nil || (signature == "" && answered == nil) {
		return err
	}
	if m.Mail.HTML == "" {
		m.Mail.HTML = richtext.FromText(m.Text)
	}
	m.Mail.HTML = richtext.Whole(m.Mail.HTML)
	var below []string
	if signature != "" {
		below = append(below, "-- \n"+richtext.Text(signature))
		m.Mail.HTML += `<div dir="auto">-- <br>` + richtext.Whole(signature) + `</div>`
	}
	if answered != nil {
		plain, formatted, err := s.quote(ctx, m, answered)
		if err != nil {
			return err
		}
		below = append(below, plain)
		m.Mail.HTML += formatted
	}
	m.Mail.Quoted = strings.Join(below, "\n\n")
	return nil
}

// answeredMail is the mail that the message answers: the one that its writer chose, else the newest that came in; nil: none.
func (s *Service) answeredMail(ctx context.Context, conv *Conversation, m *Message) (*Message, error) {
	id := m.ReplyTo
	if id == "" && conv.LastInbound != "" {
		id = inboundID(conv.ChannelID, conv.LastInbound)
	}
	if id == "" {
		return nil, nil //nolint:nilnil // absence is an ordinary answer here
	}
	q, err := s.messages.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (q.Mail == nil || q.DeletedAt != nil) {
		return nil, nil //nolint:nilnil // likewise
	}
	return q, err
}

// quote repeats a mail below the answer to it, as mail programs do, without its pictures: the writer of the answer sends no trackers.
func (s *Service) quote(ctx context.Context, m, answered *Message) (plain, formatted string, err error) {
	introduction, err := s.attribution(ctx, m, answered)
	if err != nil {
		return "", "", err
	}
	said := answered.Text
	if answered.Mail.Quoted != "" {
		said += "\n\n" + answered.Mail.Quoted
	}
	said = shorten(said, maxQuoted)
	source, err := s.html(ctx, answered)
	if err != nil {
		return "", "", err
	}
	if source != "" && len(source) <= maxQuotedHTML {
		source = richtext.Whole(richtext.Sanitize(source, richtext.Images{}))
	} else {
		source = richtext.FromText(said)
	}
	formatted = `<div class="gmail_quote"><div dir="auto">` + html.EscapeString(introduction) +
		`</div><blockquote type="cite" dir="auto" style="margin:0;padding-inline-start:1ex;border-inline-start:1px solid #ccc">` + source +
		`</blockquote></div>`
	return introduction + "\n" + marked(said), formatted, nil
}

// attributions introduce a quotation in the language of the conversation: when it was written, and by whom.
var attributions = map[string]string{
	"en": "On %s, %s wrote:",
	"he": "בתאריך %s, מאת %s:",
	"ar": "في %s، كتب %s:",
}

func (s *Service) attribution(ctx context.Context, m, answered *Message) (string, error) {
	at, address := answered.SentAt.UTC().Format("2006-01-02 15:04 UTC"), answered.Mail.From
	if answered.Direction == Out {
		ch, err := s.Channels.Of(ctx, m.WorkspaceID, m.ChannelID)
		if err != nil {
			return "", err
		}
		address = ch.Channel.Account
	}
	by := "<" + address + ">"
	if name := strings.Join(strings.Fields(answered.Author.Name), " "); name != "" && name != address {
		by = name + " " + by
	}
	return fmt.Sprintf(attributions[text.Language(cmp.Or(m.Text, answered.Text))], at, by), nil
}

// marked puts the sign of a quotation before every line.
func marked(said string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(said, "\n"), "\n") {
		b.WriteString(">")
		if line != "" && line[0] != '>' {
			b.WriteString(" ")
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// shorten cuts a text that is longer than this many bytes.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}
