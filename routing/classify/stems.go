package classify

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// stems appends what a word may be without its prefixes and endings, and the word itself. It strips lightly: what is no stem meets nothing.
func stems(out []string, t token) []string {
	out = append(out, t.word)
	switch t.script {
	case hebrew:
		out = withoutPrefixes(out, t.word, hebrewPrefixes)
		return withoutEndings(out, hebrewEndings)
	case arabic:
		out = withoutPrefixes(out, t.word, arabicPrefixes)
		out = withoutEndings(out, arabicEndings)
		return withoutOwners(out)
	case latin:
		return withoutEndings(out, englishEndings)
	}
	return out[:0]
}

var (
	// Chains of prefixes come from stripping twice. Final letters are not written here: see finals.
	hebrewPrefixes = []string{"ו", "ה", "ב", "כ", "ל", "מ", "ש"}
	hebrewEndings  = []string{"ימ", "ות", "תמ", "תי", "נו", "כמ", "ה", "י", "ת", "נ"}
	arabicPrefixes = []string{"ال", "لل", "عال", "هال", "و", "ف", "ب", "ل", "ك", "ه", "ح", "ع"}
	arabicEndings  = []string{"كم", "كو", "ها", "هم", "نا", "وا", "ون", "ين", "ات", "تو", "لي", "ني", "ه", "ي", "ش", "ت"}
	englishEndings = []string{"ing", "ed", "es", "s", "ly"}
)

const shortestStem = 3 // letters

// withoutPrefixes strips up to two prefixes.
func withoutPrefixes(out []string, word string, prefixes []string) []string {
	for range 2 {
		found := false
		for _, p := range prefixes {
			if rest, ok := strings.CutPrefix(word, p); ok && utf8.RuneCountInString(rest) >= shortestStem {
				out, word, found = append(out, rest), rest, true
				break
			}
		}
		if !found {
			break
		}
	}
	return out
}

// withoutEndings strips one ending of each of the stems.
func withoutEndings(out, endings []string) []string {
	for _, word := range out[:len(out):len(out)] {
		for _, e := range endings {
			if rest, ok := strings.CutSuffix(word, e); ok && utf8.RuneCountInString(rest) >= shortestStem && !slices.Contains(out, rest) {
				out = append(out, rest)
				break
			}
		}
	}
	return out
}

// arabicOwners are endings that say whose something is, after the t that a feminine noun has before them.
var arabicOwners = []string{"تي", "تك", "ته", "تها", "تنا", "تكم", "تكو", "تكن", "تهم"}

// withoutOwners adds feminine nouns as they stand alone: فاتورتي is فاتوره.
func withoutOwners(out []string) []string {
	for _, word := range out[:len(out):len(out)] {
		for _, owner := range arabicOwners {
			if rest, ok := strings.CutSuffix(word, owner); ok && utf8.RuneCountInString(rest) >= shortestStem-1 {
				out = append(out, rest+"ه")
				break
			}
		}
	}
	return out
}

func sqrt(n int) float64 { return math.Sqrt(float64(n)) }
