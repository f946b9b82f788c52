package text

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Mark is a part of a text in characters (code points): from Start up to End.
type Mark struct {
	Start int `json:"start" doc:"The first character, counted from 0 in code points"`
	End   int `json:"end" doc:"The character behind the last"`
}

// Excerpt is a part of a text, on one line, with what was looked for. Marks are places, not markup, so that it is safe whatever it says.
type Excerpt struct {
	Text  string `json:"text"`
	Marks []Mark `json:"marks" nullable:"false" doc:"Where the text has what was looked for, in order and apart"`
}

const (
	// maxMarked is how many characters of a text are looked at: what is indexed of a text stands at its beginning (maxTokens).
	maxMarked = 10000
	// lead is how many characters stand before the first mark of an excerpt.
	lead = 24
)

// Around returns the part of a text around the first of the terms, of about n characters. Terms are those of Terms.
func Around(s string, terms []string, n int) Excerpt {
	var runes []rune
	start := 0
	if len(s) > n {
		runes = []rune(s)
		if marks := Marks(s, terms); len(runes) > n && len(marks) > 0 && marks[0].Start > lead {
			start = marks[0].Start - lead
			for at := start; at < marks[0].Start; at++ {
				if unicode.IsSpace(runes[at]) {
					start = at
					break
				}
			}
		}
		s = string(runes[start:min(len(runes), start+n)])
	}
	line := strings.Join(strings.Fields(s), " ")
	if start > 0 {
		line = "…" + line
	}
	if len(runes) > start+n {
		line += "…"
	}
	return Excerpt{Text: line, Marks: Marks(line, terms)}
}

// Marks returns where a text has the terms of a query, as Tokens finds them: whole words, and beginnings of words for the last term where
// no whole word is it.
func Marks(s string, terms []string) []Mark {
	if len(terms) == 0 {
		return []Mark{}
	}
	m := marker{terms: terms}
	m.fold(s)
	for from := 0; from < len(m.folded); from++ {
		if !inWord(m.folded[from]) {
			continue
		}
		to := from
		for to < len(m.folded) && inWord(m.folded[to]) {
			to++
		}
		m.word(from, to)
		from = to
	}
	if !m.whole {
		m.found = append(m.found, m.begun...)
	}
	return apart(m.found)
}

// apart sorts marks and joins those that overlap.
func apart(marks []Mark) []Mark {
	slices.SortFunc(marks, func(a, b Mark) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	out := make([]Mark, 0, len(marks))
	for _, m := range marks {
		if n := len(out); n > 0 && m.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, m.End)
			continue
		}
		out = append(out, m)
	}
	return out
}

// marker looks for terms in a text.
type marker struct {
	terms  []string
	folded []rune
	at     []int  // of each folded character, the character of the text that it comes of; at the end, how many the text has
	found  []Mark // whole words
	begun  []Mark // beginnings of words that the last term is
	whole  bool   // the last term was found whole
}

// fold folds the text character by character, which gives what Fold gives.
func (m *marker) fold(s string) {
	n := 0
	for _, r := range s {
		if n == maxMarked {
			break
		}
		switch {
		case r < utf8.RuneSelf:
			m.folded, m.at = append(m.folded, unicode.ToLower(r)), append(m.at, n)
		default:
			for _, f := range foldRune(r) {
				m.folded, m.at = append(m.folded, f), append(m.at, n)
			}
		}
		n++
	}
	m.at = append(m.at, n)
}

// foldTable has the folded forms of what most texts are written in: Latin, Greek, Cyrillic, Hebrew and Arabic.
var foldTable = sync.OnceValue(func() *[0x700][]rune {
	var table [0x700][]rune
	for r := range rune(len(table)) {
		table[r] = []rune(Fold(string(r)))
	}
	return &table
})

func foldRune(r rune) []rune {
	if r < 0x700 {
		return foldTable()[r]
	}
	return []rune(Fold(string(r)))
}

// word looks at a word by its parts and whole, as Tokens does.
func (m *marker) word(from, to int) {
	parts := 0
	var all []int
	for at := from; at < to; at++ {
		begin := at
		for at < to && (unicode.IsLetter(m.folded[at]) || unicode.IsDigit(m.folded[at])) {
			all = append(all, at)
			at++
		}
		if at > begin {
			parts++
			m.token(all[len(all)-(at-begin):])
		}
	}
	if parts > 1 {
		m.token(all)
	}
}

// token compares a token, whose characters stand at these places of the folded text, with the terms.
func (m *marker) token(places []int) {
	runes := make([]rune, len(places))
	for n, at := range places {
		runes[n] = m.folded[at]
	}
	token := Cut(string(runes), maxToken)
	for n, term := range m.terms {
		switch {
		case token == term:
			m.whole = m.whole || n == len(m.terms)-1
			m.found = append(m.found, m.mark(places))
		case n == len(m.terms)-1 && strings.HasPrefix(token, term):
			m.begun = append(m.begun, m.mark(places[:utf8.RuneCountInString(term)]))
		}
	}
}

// mark is the part of the text that folded characters come of, with the signs that stand on the last of them.
func (m *marker) mark(places []int) Mark {
	last := places[len(places)-1]
	return Mark{m.at[places[0]], max(m.at[last+1], m.at[last]+1)}
}
