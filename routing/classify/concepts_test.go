package classify

import (
	"slices"
	"testing"
)

// classesIn names the classes of all words of a text.
func classesIn(text string) (names []string) {
	s := new(scratch)
	s.read(text)
	for _, found := range meanings(nil, s, s.language()) {
		found.each(0, func(c int) { names = append(names, classNames[c]) })
	}
	return names
}

// A word belongs to its class however it is spelled: with clitics, with endings, negated on both sides, in Latin letters.
func TestWordsMeetTheirClasses(t *testing.T) {
	for text, want := range map[string]string{
		"فاتورة":                  "document",
		"الفاتورة ":               "document",
		"وفاتورتكم":               "document", // and, your; the ه is written ت before the ending
		"معرفتش":                  "not",      // ما ... ش around the verb
		"بتبيعوا":                 "doyou2",
		"wain el fatoora momken":  "document",
		"3ayez tawsil bokra":      "delivery", // as توصيل, which the file has in Arabic letters only
		"efo hachavila sheli":     "delivery", // as חבילה
		"ve hamishloach lo higia": "delivery",
		"המשלוחים":                "delivery",
		"الفاتورة":                "definite", // a prefix, which leaves the word its own class
		"הראוטר":                  "definite",
	} {
		if got := classesIn(text); !slices.Contains(got, want) {
			t.Errorf("%q has the classes %q, not %q", text, got, want)
		}
	}
}

// English words are not taken for Arabic or Hebrew ones of the same consonants.
func TestConsonantsDoNotCountInEnglish(t *testing.T) {
	if got := classesIn("the hovel is my chapel"); slices.Contains(got, "delivery") {
		t.Errorf("English words have the classes %q", got)
	}
}
