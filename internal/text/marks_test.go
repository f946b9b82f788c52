package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// marked shows a text with its marks in brackets.
func marked(s string, marks []Mark) string {
	var out strings.Builder
	for n, r := range []rune(s) {
		for _, m := range marks {
			if m.Start == n {
				out.WriteByte('[')
			}
			if m.End == n {
				out.WriteByte(']')
			}
		}
		out.WriteRune(r)
	}
	for _, m := range marks {
		if m.End == utf8.RuneCountInString(s) {
			out.WriteByte(']')
		}
	}
	return out.String()
}

// What was looked for is marked where people see it: through case, niqqud, tashkeel, letter forms and scripts of digits, in characters.
func TestMarksStandWherePeopleSeeTheWord(t *testing.T) {
	for _, c := range []struct{ query, text, want string }{
		{"order", "My ORDER, the order-form", "My [ORDER], the [order]-form"},
		{"inv-2026-7", "see INV-2026-7!", "see [INV-2026-7]!"},
		{"2026", "see INV-2026-7", "see INV-[2026]-7"},
		{"broken pack", "the package is broken", "the [pack]age is [broken]"},
		{"pack", "a pack of packages", "a [pack] of packages"},
		{"שלום", "שָׁלוֹם, איפה", "[שָׁלוֹם], איפה"},
		{"של", "שָׁלוֹם, איפה", "[שָׁל]וֹם, איפה"},
		{"مرحبا", "مَرحَباً بك", "[مَرحَباً] بك"},
		{"احمد", "قال أحمد إن", "قال [أحمد] إن"},
		{"42", "رقم ٤٢؟", "رقم [٤٢]؟"},
		{"koln", "Grüße aus Köln", "Grüße aus [Köln]"},
		{"f", "ﬁne", "[ﬁ]ne"},
		{"b", "<b>bold</b> 👩‍👧 b", "<[b]>bold</[b]> 👩‍👧 [b]"},
		{"ann", "👩‍👧 Ann", "👩‍👧 [Ann]"},
		{"nothing", "something else", "something else"},
		{"", "anything", "anything"},
	} {
		if got := marked(c.text, Marks(c.text, Terms(c.query))); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.query, c.text, got, c.want)
		}
	}
}

// Whatever is written, a text that has a term is marked, marks lie in the text, in order and apart, and each says the term.
func TestMarksAreOfWhatIsFound(t *testing.T) {
	letters := []rune("abאבשָَُّ֑אإأةهىي٤4ﬁÅ-./@ \u200f<&ـ👩‍")
	rapid.Check(t, func(rt *rapid.T) {
		s := string(rapid.SliceOfN(rapid.SampledFrom(letters), 0, 30).Draw(rt, "text"))
		words := Tokens(s)
		query := Terms(string(rapid.SliceOfN(rapid.SampledFrom(letters), 1, 3).Draw(rt, "query")))
		if len(words) > 0 && rapid.Bool().Draw(rt, "of the text") {
			query = []string{rapid.SampledFrom(words).Draw(rt, "word")}
		}
		marks := Marks(s, query)
		runes, end := []rune(s), 0
		for _, m := range marks {
			if m.Start < end || m.End <= m.Start || m.End > len(runes) {
				rt.Fatalf("%v lies outside of %q or of the order", m, s)
			}
			end = m.End
			said := strings.Join(Tokens(string(runes[m.Start:m.End])), " ")
			if !slices.ContainsFunc(query, func(term string) bool { return strings.Contains(said, term) }) {
				rt.Fatalf("%q of %q does not say %q", said, s, query)
			}
		}
		has := len(query) == 1 && slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, query[0]) })
		if has != (len(marks) > 0) && len(query) == 1 {
			rt.Fatalf("%q with %q has %d marks, found: %v", s, query, len(marks), has)
		}
	})
}

func TestAnExcerptIsAroundTheWord(t *testing.T) {
	long := strings.Repeat("lorem ipsum ", 50) + "the needle\n\nis here " + strings.Repeat("dolor sit ", 50)
	got := Around(long, Terms("needle"), 120)
	if show := marked(got.Text, got.Marks); !strings.Contains(show, "the [needle] is here") || !strings.HasPrefix(got.Text, "…") ||
		!strings.HasSuffix(got.Text, "…") || utf8.RuneCountInString(got.Text) > 122 {
		t.Errorf("%q", show)
	}
	if got := Around("a short\ntext", Terms("absent"), 120); got.Text != "a short text" || got.Marks == nil || len(got.Marks) > 0 {
		t.Errorf("%+v", got)
	}
}

func BenchmarkMarks(b *testing.B) {
	s, terms := strings.Repeat("שָׁלוֹם איפה ההזמנה my order أين طلبي ", 10), Terms("absent")
	for b.Loop() {
		Marks(s, terms)
	}
}
