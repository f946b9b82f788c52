package pdf

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// maxParagraph is how many characters are set as one paragraph: a longer one is set as several, each of which begins a line.
const maxParagraph = 2000

// maxToken is how long a number, a code or an address is at most.
const maxToken = 200

// The characters of isolates (UAX 9, 2.4).
const (
	isolateLTR = '\u2066'
	isolateEnd = '\u2069'
)

// paragraph is a line of a text, or as much of it as is set at once.
type paragraph struct {
	runes []rune
	rtl   bool
}

// paragraphs returns the lines of a text as they are set: without what cannot be seen, and without what turns the
// direction of its surroundings, so that nobody can write an amount that reads backwards. A line runs in the direction of
// its first letter that has one; rtl is that of others.
func paragraphs(text string, rtl bool) (all []paragraph) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var line []rune
	direction, begun := rtl, false
	put := func(runes []rune) {
		if !begun {
			direction, begun = rightToLeft(runes, rtl), true
		}
		all = append(all, paragraph{runes, direction})
	}
	for _, r := range text { // what is no UTF-8 comes as U+FFFD
		switch {
		case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			put(line)
			line, begun = nil, false
			continue
		case r == '\t':
			r = ' '
		case unicode.Is(unicode.Cc, r) || r == '\ufeff' || '\u202a' <= r && r <= '\u202e':
			continue
		case !utf8.ValidRune(r) || r&0xfffe == 0xfffe:
			r = utf8.RuneError
		}
		if line = append(line, r); len(line) >= maxParagraph {
			at := breakable(line)
			put(line[:at:at])
			line = append([]rune(nil), line[at:]...)
		}
	}
	put(line)
	return all
}

// breakable is where a line that is too long may end: behind its last space, if that is not too far back.
func breakable(line []rune) int {
	for i := len(line); i > len(line)/2; i-- {
		if line[i-1] == ' ' {
			return i
		}
	}
	return len(line)
}

// classOf returns the bidirectional class of a character.
func classOf(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// rightToLeft returns the direction of a line: that of its first letter that has one, otherwise the one given.
func rightToLeft(line []rune, otherwise bool) bool {
	for _, r := range line {
		switch classOf(r) {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return otherwise
}

// isolated puts what has an order of its own into isolates where the line has letters from right to left: a telephone
// number, an amount with a sign, a date, a code, an address. The rules alone show "+972 50" as "50 972+" there.
func isolated(line []rune, rtl bool) []rune {
	leftward := func(r rune) bool { c := classOf(r); return c == bidi.R || c == bidi.AL }
	if !rtl && !slices.ContainsFunc(line, leftward) {
		return line
	}
	out := make([]rune, 0, len(line)+8)
	for i := 0; i < len(line); {
		n := 0
		if i == 0 || !joined(line[i-1], line[i]) {
			n = token(line[i:])
		}
		if n == 0 {
			out = append(out, line[i])
			i++
			continue
		}
		out = append(out, isolateLTR)
		out = append(out, line[i:i+n]...)
		out = append(out, isolateEnd)
		i += n
	}
	return out
}

// joined reports whether a token cannot begin between two characters: within a word, and at the sign that joins a number
// to a word, such as the hyphen behind a prefix.
func joined(before, r rune) bool {
	if inToken(before) && !strings.ContainsRune("-(:/=", before) {
		return true
	}
	return unicode.IsLetter(before) && !digit(r) && !letter(r)
}

func digit(r rune) bool  { return '0' <= r && r <= '9' }
func letter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// inToken reports whether a character may be part of a number, a code or an address.
func inToken(r rune) bool {
	return digit(r) || letter(r) || strings.ContainsRune("+-./:@#_%&=?~*,()$−–€₪£", r)
}

// token returns the length of what line begins with, if that has an order of its own; otherwise 0.
func token(line []rune) int {
	n := 0
	for n < min(len(line), maxToken) && (inToken(line[n]) || grouped(line, n)) {
		n++
	}
	for n > 0 && !digit(line[n-1]) && !letter(line[n-1]) && !strings.ContainsRune("%/$€₪£", line[n-1]) {
		n-- // the punctuation of the sentence
	}
	digits, joints := 0, 0
	for _, r := range line[:n] {
		switch {
		case digit(r):
			digits++
		case !letter(r) && r != ' ':
			joints++
		}
	}
	text := string(line[:n])
	if strings.HasPrefix(text, "(") && !strings.Contains(text, ")") {
		return 0
	}
	if joints > 0 && (digits > 0 || strings.Contains(text, "@") || strings.Contains(text, "://")) {
		return n
	}
	return 0
}

// grouped reports whether a space stands between groups of an international number.
func grouped(line []rune, at int) bool {
	return line[0] == '+' && line[at] == ' ' && at > 1 && at < 20 && digit(line[at-1]) && at+1 < len(line) && digit(line[at+1])
}

// unseen reports whether a character only guides others: it is neither drawn nor copied.
func unseen(r rune) bool {
	return r == '\u200e' || r == '\u200f' || r == '\u061c' || '\u2066' <= r && r <= '\u2069'
}
