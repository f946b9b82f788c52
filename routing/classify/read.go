package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"wasl/internal/text"
)

// Budgets of one text.
const (
	maxBytes    = 8 << 10
	maxTokens   = 100
	maxLetters  = 24 // of one word; the rest of a longer one is not looked at
	maxFeatures = 12_000
)

type script uint8

const (
	noScript script = iota
	latin
	hebrew
	arabic
	otherScript
)

// token is a word: as it was written and as it is compared.
type token struct {
	raw    string
	word   string
	script script
	digits int // how many digits it has
}

// scratch is the memory that one call works with; it is used again by others.
type scratch struct {
	tokens   []token
	signs    []string // names of signs that are not words: see signsOf
	features []feature
	stems    []string
	runes    []rune
	concepts []classSet // of each token
	votes    []float32
	letters  [otherScript + 1]int
	block    int // where the block of features begins that is being filled
}

// read cuts the text into words and signs.
func (s *scratch) read(original string) {
	s.tokens, s.signs, s.letters = s.tokens[:0], s.signs[:0], [otherScript + 1]int{}
	original = text.Cut(original, maxBytes)
	var seen signCounter
	start, before := -1, rune(0)
	for i, size := 0, 0; i < len(original); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(original[i:])
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || start >= 0 && (unicode.IsMark(r) || unicode.Is(unicode.Cf, r))
		if !inside && start >= 0 && joins(r, before, original[i+size:]) {
			inside = true
		}
		if inside {
			if start < 0 {
				start = i
			}
			s.letters[scriptOf(r)]++
			before = r
			continue
		}
		if start >= 0 {
			s.add(original[start:i], &seen)
			start = -1
		}
		before = r
		seen.sign(r)
	}
	if start >= 0 {
		s.add(original[start:], &seen)
	}
	s.signs = seen.names(s.signs, original, len(s.tokens))
}

// joins says whether a mark between two letters belongs to their word: an apostrophe, and a quotation mark between Hebrew letters.
func joins(r, before rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	switch r {
	case '\'', '’', '‘', '׳', '`':
		return unicode.IsLetter(before) && unicode.IsLetter(next)
	case '"', '״', '”', '“':
		return unicode.Is(unicode.Hebrew, before) && unicode.Is(unicode.Hebrew, next)
	}
	return false
}

func (s *scratch) add(raw string, seen *signCounter) {
	if len(s.tokens) >= maxTokens {
		return
	}
	t := token{raw: raw}
	var long bool
	t.word, long = compared(raw)
	if t.word == "" {
		return
	}
	for _, r := range t.word {
		if unicode.IsDigit(r) {
			t.digits++
		} else if t.script == noScript {
			t.script = scriptOf(r)
		}
	}
	seen.word(raw, t, long)
	s.tokens = append(s.tokens, t)
}

// finals are the Hebrew letters that have another form at the end of a word.
var finals = map[rune]rune{'ך': 'כ', 'ם': 'מ', 'ן': 'נ', 'ף': 'פ', 'ץ': 'צ'}

// compared is a word as it is compared: letters and digits only, one case and form, repeated letters once. A Latin letter may stand twice.
// long: a letter was drawn out.
func compared(raw string) (word string, long bool) {
	var b strings.Builder
	last, run, n := rune(0), 0, 0
	folded := text.Fold(raw)
	for _, r := range folded {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		if f, ok := finals[r]; ok {
			r = f
		}
		if r == last && !unicode.IsDigit(r) {
			run++
			if run == 3 {
				long = true
			}
			continue
		}
		if run == 2 && last < utf8.RuneSelf {
			b.WriteRune(last)
		}
		if n++; n > maxLetters {
			break
		}
		b.WriteRune(r)
		last, run = r, 1
	}
	if run == 2 && last < utf8.RuneSelf {
		b.WriteRune(last)
	}
	return b.String(), long
}

func scriptOf(r rune) script {
	switch {
	case r < utf8.RuneSelf:
		if unicode.IsLetter(r) {
			return latin
		}
		return noScript
	case unicode.Is(unicode.Hebrew, r):
		return hebrew
	case unicode.Is(unicode.Arabic, r):
		return arabic
	case unicode.Is(unicode.Latin, r):
		return latin
	case unicode.IsLetter(r):
		return otherScript
	}
	return noScript
}
