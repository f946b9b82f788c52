package classify

import "strings"

// sounds are spellings of one sound in Latin letters, the longer first; vowels have none.
var sounds = strings.NewReplacer(
	"sh", "$", "ch", "x", "kh", "x", "tz", "c", "ts", "c", "gh", "g", "th", "t", "dh", "d", "ph", "f", "ou", "w", "oo", "w",
	"2", "", "3", "", "4", "$", "5", "x", "6", "t", "7", "h", "8", "g", "9", "s",
	"q", "k", "c", "k", "v", "b", "p", "b", "z", "z", "j", "g",
	"a", "", "e", "", "i", "", "o", "", "u", "", "y", "",
)

// consonants is a word in Latin letters without what varies in its spelling; empty if too little is left.
func consonants(word string) string {
	bones := sounds.Replace(word)
	if len(bones) < 2 {
		return ""
	}
	return bones
}

// What consonants makes of the Latin spellings of a letter; what is not here has no sound of its own.
var (
	arabicSounds = map[rune][]string{
		'ا': {""}, 'ب': {"b"}, 'ت': {"t"}, 'ث': {"t", "s"}, 'ج': {"g"}, 'ح': {"h"}, 'خ': {"x"}, 'د': {"d"}, 'ذ': {"d", "z"}, 'ر': {"r"},
		'ز': {"z"}, 'س': {"s"}, 'ش': {"$"}, 'ص': {"s"}, 'ض': {"d"}, 'ط': {"t"}, 'ظ': {"z", "d"}, 'ع': {""}, 'غ': {"g"}, 'ف': {"f"},
		'ق': {"k", ""}, 'ك': {"k"}, 'ل': {"l"}, 'م': {"m"}, 'ن': {"n"}, 'ه': {"h", ""}, 'و': {"w", ""}, 'ي': {""}, 'ء': {""}, 'ئ': {""},
	}
	hebrewSounds = map[rune][]string{
		'א': {""}, 'ב': {"b"}, 'ג': {"g"}, 'ד': {"d"}, 'ה': {"h", ""}, 'ו': {"", "b"}, 'ז': {"z"}, 'ח': {"x", "h"}, 'ט': {"t"}, 'י': {""},
		'כ': {"k", "x"}, 'ל': {"l"}, 'מ': {"m"}, 'נ': {"n"}, 'ס': {"s"}, 'ע': {""}, 'פ': {"b", "f"}, 'צ': {"c", "z"}, 'ק': {"k"},
		'ר': {"r"}, 'ש': {"$", "s"}, 'ת': {"t"},
	}
)

const (
	fewestBones   = 3  // shorter ones are of too many words
	mostSpellings = 32 // of one word
)

// spellings are what consonants makes of a word's spellings in Latin letters; none if the word has other letters than these.
func spellings(word string, letters map[rune][]string) []string {
	all := []string{""}
	for _, r := range word {
		ways, known := letters[r]
		if !known {
			return nil
		}
		if len(all)*len(ways) > mostSpellings {
			ways = ways[:1]
		}
		longer := make([]string, 0, len(all)*len(ways))
		for _, w := range ways {
			for _, begun := range all {
				longer = append(longer, begun+w)
			}
		}
		all = longer
	}
	long := all[:0]
	for _, bones := range all {
		if len(bones) >= fewestBones {
			long = append(long, bones)
		}
	}
	return long
}
