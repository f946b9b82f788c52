// Package text normalises words for search, in every language that the interface speaks, and cuts texts for previews.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxToken  = 32  // bytes of one token; the rest of a longer word is not searched
	maxTokens = 200 // distinct tokens of one text
)

// Tokens returns the distinct normalised words of the texts: compatibility forms, case, accents, Hebrew niqqud and
// Arabic tashkeel folded, Arabic letter forms unified, digits of any script as 0-9. What joins a number or an
// address together (+972-50…, INV-2026-7, a@b.example) is found both whole and by its parts.
func Tokens(texts ...string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(token string) {
		token = Cut(token, maxToken)
		if token != "" && !seen[token] && len(out) < maxTokens {
			seen[token] = true
			out = append(out, token)
		}
	}
	for _, t := range texts {
		for _, word := range strings.FieldsFunc(Fold(t), func(r rune) bool { return !inWord(r) }) {
			parts := strings.FieldsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			for _, part := range parts {
				add(part)
			}
			if len(parts) > 1 {
				add(strings.Join(parts, ""))
			}
		}
	}
	return out
}

// Terms returns the tokens that a query asks for: all must be found. A word of several parts is asked for whole.
func Terms(query string) []string {
	var out []string
	seen := map[string]bool{}
	for _, word := range strings.FieldsFunc(Fold(query), func(r rune) bool { return !inWord(r) }) {
		term := Cut(strings.Join(strings.FieldsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), ""),
			maxToken)
		if term != "" && !seen[term] && len(out) < 8 {
			seen[term] = true
			out = append(out, term)
		}
	}
	return out
}

// inWord keeps what joins the parts of numbers, codes and addresses.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-./@_+", r)
}

// letterForms unifies Arabic letters that people write for one another.
var letterForms = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ى", "ي", "ة", "ه", "ؤ", "و", "ئ", "ي", "ـ", "", "ی", "ي",
	"ک", "ك")

// Fold returns the text as it is compared: see Tokens.
func Fold(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	s = letterForms.Replace(s)
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			// niqqud, tashkeel, accents; direction marks
		case unicode.IsDigit(r) && r > unicode.MaxASCII:
			b.WriteRune(digit(r))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return letterForms.Replace(b.String())
}

// digit maps a decimal digit of any script to ASCII: their blocks all start at a zero and hold ten in a row.
func digit(r rune) rune {
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return '0' + (r - zero)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Cut shortens to at most n bytes without splitting a character.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Preview returns the beginning of a text on one line, at most n characters.
func Preview(s string, n int) string {
	line := strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(line) <= n {
		return line
	}
	runes := []rune(line)
	return string(runes[:n-1]) + "…"
}

// Name is a name as it may be shown beside others: one line of at most 200 characters, without what cannot be seen and without what turns
// the direction of its surroundings; empty if nothing is left.
func Name(s string) string {
	seen := false
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		seen = seen || !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Mn, r)
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if !seen {
		return ""
	}
	return Preview(s, 200)
}

// Language is the language that most letters are of, as far as scripts tell: he, ar, or en for every other.
func Language(texts ...string) string {
	hebrew, arabic, others := 0, 0, 0
	for _, t := range texts {
		for _, r := range t {
			switch {
			case unicode.Is(unicode.Hebrew, r):
				hebrew++
			case unicode.Is(unicode.Arabic, r):
				arabic++
			case unicode.IsLetter(r):
				others++
			}
		}
	}
	switch {
	case hebrew > max(arabic, others):
		return "he"
	case arabic > max(hebrew, others):
		return "ar"
	}
	return "en"
}
