package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
)

// TranscriptFormat is a form of a transcript.
type TranscriptFormat string

// The forms of a transcript.
const (
	TranscriptHTML TranscriptFormat = "html"
	TranscriptText TranscriptFormat = "txt"
	TranscriptPDF  TranscriptFormat = "pdf"
)

// maxTranscript is how many messages a transcript has, the newest.
const maxTranscript = 5000

// Transcript is what was said in a conversation with its customer, to be handed on: without notes, what is only told among colleagues, and
// what has not left.
type Transcript struct {
	Title    string
	Language string // en, he or ar
	Zone     *time.Location
	Lines    []TranscriptLine // oldest first
	Cut      bool             // there is more before
}

// TranscriptLine is one message.
type TranscriptLine struct {
	At      time.Time
	Name    string
	In      bool
	Text    string
	Files   []string
	Deleted bool
	Failed  bool
}

// Transcript returns what was said in a conversation that the viewer may see, in a language (empty: the customer's) and with times of a
// zone of the IANA database (empty: UTC).
func (s *Service) Transcript(ctx context.Context, v access.Viewer, id, language, zone string) (*Transcript, error) {
	conv, err := s.Conversation(ctx, v, id)
	if err != nil {
		return nil, err
	}
	at, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, errs.InvalidField("invalid_time_zone", "time_zone", "a zone of the IANA database, such as Asia/Jerusalem")
	}
	person, err := s.Contacts.Contact(ctx, conv.WorkspaceID, conv.Origin)
	if err != nil {
		return nil, err
	}
	t := &Transcript{Language: cmp.Or(language, conv.Classified.Language), Zone: at}
	if transcriptWords[t.Language] == nil {
		t.Language = "en"
	}
	t.Title = fmt.Sprintf(t.word("title"), isolate(person.Name))
	q := store.Query{Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Limit: 500}
	for len(t.Lines) < maxTranscript {
		found, next, err := s.messages.Find(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if m.handedOn() {
				t.Lines = append(t.Lines, t.line(m, person.Name))
			}
		}
		t.Cut, q.Cursor = next != "", next
		if next == "" {
			break
		}
	}
	slices.Reverse(t.Lines)
	return t, nil
}

// handedOn reports whether the customer may read the message in a transcript.
func (m *Message) handedOn() bool {
	return m.Type != channels.TypeNote && m.Type != channels.TypeSystem && m.Type != channels.TypeUnsupported && !m.unsaid()
}

// line is a message as a transcript has it.
func (t *Transcript) line(m *Message, customer string) TranscriptLine {
	l := TranscriptLine{
		At: m.SentAt, Name: m.Author.Name, In: m.Direction == In, Text: strings.TrimSpace(m.Text), Deleted: m.DeletedAt != nil,
		Failed: m.Status == FailedMsg,
	}
	if l.In && m.Author.ID == m.ContactID {
		l.Name = customer
	}
	if l.Deleted {
		return l
	}
	for _, a := range m.Attachments {
		l.Files = append(l.Files, cmp.Or(a.Name, t.word(a.Kind), a.Kind))
	}
	if m.Location != nil {
		l.Files = append(l.Files, cmp.Or(m.Location.Name, m.Location.Address, t.word("location")))
	}
	for _, c := range m.Content.Contacts {
		l.Files = append(l.Files, c.Name)
	}
	return l
}

// isolate has a name keep its own direction within a line of another one.
func isolate(name string) string { return "\u2068" + name + "\u2069" }

// when is a moment with its zone.
func (t *Transcript) when(at time.Time) string { return at.In(t.Zone).Format("2006-01-02 15:04 MST") }

// Text is the transcript as plain text.
func (t *Transcript) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", t.Title)
	if t.Cut {
		fmt.Fprintf(&b, "%s\n", t.word("cut"))
	}
	for _, l := range t.Lines {
		fmt.Fprintf(&b, "\n%s  %s\n", isolate(t.when(l.At)), isolate(l.Name))
		for _, said := range t.said(l) {
			fmt.Fprintf(&b, "%s\n", said)
		}
	}
	return b.String()
}

// said is what a message says, in paragraphs.
func (t *Transcript) said(l TranscriptLine) (said []string) {
	switch {
	case l.Deleted:
		return []string{"(" + t.word("deleted") + ")"}
	case l.Text != "":
		said = append(said, l.Text)
	}
	for _, name := range l.Files {
		said = append(said, "["+isolate(name)+"]")
	}
	if l.Failed {
		said = append(said, "("+t.word("failed")+")")
	}
	return said
}

// HTML is the transcript as a page of its own, which loads nothing.
func (t *Transcript) HTML() (string, error) {
	direction := "ltr"
	if t.Language != "en" {
		direction = "rtl"
	}
	page := h.Doctype(h.HTML(h.Lang(t.Language), h.Dir(direction),
		h.Head(
			h.Meta(h.Charset("utf-8")), h.Meta(h.Name("viewport"), h.Content("width=device-width")), h.TitleEl(g.Text(t.Title)),
			h.StyleEl(g.Raw(transcriptStyle)),
		),
		h.Body(
			h.H1(g.Text(t.Title)),
			g.If(t.Cut, h.P(g.Text(t.word("cut")))),
			g.Map(t.Lines, t.article),
		),
	))
	var b strings.Builder
	err := page.Render(&b)
	return b.String(), err
}

func (t *Transcript) article(l TranscriptLine) g.Node {
	class := "out"
	if l.In {
		class = "in"
	}
	paragraph := func(said string) g.Node { return h.P(h.Dir("auto"), g.Text(said)) }
	return h.Article(h.Class(class),
		h.Header(h.Strong(g.El("bdi", g.Text(l.Name))), g.Text(" "), h.Time(h.Dir("ltr"), h.DateTime(l.At.UTC().Format(time.RFC3339)),
			g.Text(t.when(l.At)))),
		g.Map(t.said(l), paragraph),
	)
}

const transcriptStyle = `body{max-inline-size:44rem;margin:2rem auto;padding-inline:1rem;font:16px/1.5 system-ui,sans-serif;` +
	`color:#1c1c1e;background:#fff}h1{font-size:1.4rem}article{margin-block:1rem;padding:.6rem .9rem;border-radius:.6rem;background:#f2f2f5;` +
	`break-inside:avoid}article.out{background:#e6f0ff}header{font-size:.85rem;color:#55555c}p{margin:.3rem 0 0;white-space:pre-wrap;` +
	`overflow-wrap:anywhere}`

func (t *Transcript) word(key string) string { return transcriptWords[t.Language][key] }

var transcriptWords = map[string]map[string]string{
	"en": {
		"title": "Conversation with %s", "cut": "Earlier messages are left out.", "deleted": "deleted message", "failed": "not delivered",
		"image": "picture", "video": "video", "audio": "audio", "voice": "voice message", "document": "document", "sticker": "sticker",
		"location": "location", "page": "Page %d of %d",
	},
	"he": {
		"title": "שיחה עם %s", "cut": "הודעות קודמות אינן כלולות.", "deleted": "הודעה שנמחקה", "failed": "לא נמסרה",
		"image": "תמונה", "video": "סרטון", "audio": "קובץ שמע", "voice": "הודעה קולית", "document": "מסמך", "sticker": "מדבקה",
		"location": "מיקום", "page": "עמוד %d מתוך %d",
	},
	"ar": {
		"title": "محادثة مع %s", "cut": "الرسائل السابقة غير مدرجة.", "deleted": "رسالة محذوفة", "failed": "لم تُسلَّم",
		"image": "صورة", "video": "فيديو", "audio": "ملف صوتي", "voice": "رسالة صوتية", "document": "مستند", "sticker": "ملصق",
		"location": "موقع", "page": "صفحة %d من %d",
	},
}
