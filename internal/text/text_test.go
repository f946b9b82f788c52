package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wasl/internal/text"
)

// Whoever types the query on the left finds the text on the right.
func TestAQueryFindsTheText(t *testing.T) {
	for _, c := range []struct{ query, text string }{
		{"ORDER", "where is my order?"},
		{"cafe", "Café au lait"},
		{"שלום", "שָׁלוֹם לכולם"},
		{"احمد", "أَحْمَد من دبي"},
		{"مكتبه", "المكتبة في مكتبة المدينة"},
		{"50-123-4567", "call +972 50-123-4567 today"},
		{"501234567", "call 50-123-4567"},
		{"1042", "order #1042"},
		{"١٠٤٢", "order 1042"},
		{"INV-2026-00871", "pay inv-2026-00871 now"},
		{"00871", "pay INV-2026-00871 now"},
		{"noa@example.com", "mail noa@example.com"},
		{"example", "mail noa@example.com"},
	} {
		tokens := text.Tokens(c.text)
		for _, term := range text.Terms(c.query) {
			if !slices.Contains(tokens, term) {
				t.Errorf("%q: term %q is not among the tokens %q of %q", c.query, term, tokens, c.text)
			}
		}
	}
}

func TestNothingToSearchForGivesNoTerms(t *testing.T) {
	if got := text.Terms(" --- !? "); got != nil {
		t.Fatalf("got %q", got)
	}
}

func TestANameIsOneVisibleLine(t *testing.T) {
	for given, want := range map[string]string{
		"  Ines\n\tValdoro ": "Ines Valdoro", "a\x00b\x1b[31m": "a b [31m", "\u202egpj.exe\u2066": "gpj.exe", "\u200b \u200f\x00": "",
		"":              "",
		"نوشته\u200cها": "نوشته\u200cها", "👩\u200d🚀": "👩\u200d🚀", "\xff": "\uFFFD", strings.Repeat("я", 201): strings.Repeat("я", 199) +
			"…",
	} {
		if got := text.Name(given); got != want || text.Name(got) != got {
			t.Errorf("%q is shown as %q, want %q", given, got, want)
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("Hello שלום مرحبا 123-456")
	f.Fuzz(func(t *testing.T, s string) {
		for _, token := range text.Tokens(s) {
			if token == "" || len(token) > 32 {
				t.Fatalf("token %q of %q", token, s)
			}
			if utf8.ValidString(s) && !utf8.ValidString(token) {
				t.Fatalf("token %q of %q is cut inside a character", token, s)
			}
		}
		text.Preview(s, 80)
	})
}
