package classify

import (
	_ "embed"
	"fmt"
	"math/bits"
	"strings"
)

//go:embed concepts.txt
var conceptsFile string

// classSet is a set of classes, by their places in the file.
type classSet [4]uint64

const maxClasses = 64 * len(classSet{})

func (s classSet) with(o classSet) classSet {
	return classSet{s[0] | o[0], s[1] | o[1], s[2] | o[2], s[3] | o[3]}
}

func (s classSet) empty() bool { return s[0]|s[1]|s[2]|s[3] == 0 }

// each calls fn with the members from the given place on, in order.
func (s classSet) each(from int, fn func(int)) {
	for half, mask := range s {
		for ; mask != 0; mask &= mask - 1 {
			if c := half*64 + bits.TrailingZeros64(mask); c >= from {
				fn(c)
			}
		}
	}
}

// lexicon has the classes of a word, of its beginning or end, and of two words in a row.
type lexicon struct {
	exact, begins, ends map[string]classSet
	pairs               map[uint64]classSet
	around              []around
	bones               [2]map[string]classSet // of Arabic and of Hebrew words, by how they are spelled in Latin letters
}

// around has the classes of words that begin and end in a certain way, such as verbs that are negated on both sides.
type around struct {
	begin, end string
	classes    classSet
}

var (
	classNames []string
	meaning    = readConcepts(conceptsFile)
)

// readConcepts reads lines of "class: word begins* prefix** *ends begins*ends two_words"; a line that begins with + goes on. It panics on
// what it does not understand: the file is part of the program.
func readConcepts(file string) lexicon {
	l := lexicon{exact: map[string]classSet{}, begins: map[string]classSet{}, ends: map[string]classSet{}, pairs: map[uint64]classSet{}}
	l.bones = [2]map[string]classSet{{}, {}}
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words, more := strings.CutPrefix(line, "+")
		if !more {
			name, rest, ok := strings.Cut(line, ":")
			if !ok || len(classNames) == maxClasses {
				panic(fmt.Sprintf("concepts.txt: %q", line))
			}
			classNames, words = append(classNames, name), rest
		}
		var bit classSet
		bit[(len(classNames)-1)/64] = 1 << ((len(classNames) - 1) % 64)
		for _, w := range strings.Fields(words) {
			l.add(w, bit)
		}
	}
	return l
}

// add gives a class to what a word of the file stands for.
func (l *lexicon) add(word string, class classSet) {
	first, second, two := strings.Cut(word, "_")
	a, _ := compared(first)
	b, _ := compared(second)
	if two {
		l.pairs[pairOf(a, b)] = l.pairs[pairOf(a, b)].with(class)
		return
	}
	begin, end, starred := strings.Cut(word, "*")
	a, _ = compared(begin)
	b, _ = compared(end)
	switch {
	case !starred:
		l.exact[a] = l.exact[a].with(class)
		l.addBones(a, class)
	case end == "*":
		l.around = append(l.around, around{begin: a, classes: class})
	case b == "":
		l.begins[a] = l.begins[a].with(class)
		l.addBones(a, class)
	case a == "":
		l.ends[b] = l.ends[b].with(class)
	default:
		l.around = append(l.around, around{begin: a, end: b, classes: class})
	}
}

// addBones gives a class to the spellings of an Arabic or Hebrew word in Latin letters.
func (l *lexicon) addBones(word string, class classSet) {
	for i, letters := range [2]map[rune][]string{arabicSounds, hebrewSounds} {
		for _, bones := range spellings(word, letters) {
			l.bones[i][bones] = l.bones[i][bones].with(class)
		}
	}
}

func pairOf(a, b string) uint64 { return hash(hash(offset, a), b) }

// meanings appends the classes of each word.
func meanings(out []classSet, s *scratch, language string) []classSet {
	for i := range s.tokens {
		t := &s.tokens[i]
		mask := meaning.of(t.word)
		s.stems = s.stems[:0]
		if t.script == hebrew || t.script == arabic {
			s.stems = stems(s.stems, *t)
		}
		for _, stem := range s.stems {
			if !mask.empty() {
				break
			}
			mask = meaning.of(stem)
		}
		mask = mask.with(meaning.ofForm(t.word))
		if t.script == latin {
			mask = mask.with(meaning.ofSpelling(t.word, language))
		}
		if i > 0 {
			mask = mask.with(meaning.pairs[pairOf(s.tokens[i-1].word, t.word)])
		}
		out = append(out, mask)
	}
	return out
}

// ofSpelling returns the classes of an Arabic or Hebrew word in Latin letters. In Hebrew it may have the article before it.
func (l *lexicon) ofSpelling(word, language string) classSet {
	bones := consonants(word)
	switch language {
	case "ar":
		return l.bones[0][bones]
	case "he":
		found := l.bones[1][bones]
		if rest, ok := strings.CutPrefix(bones, "h"); ok && found.empty() {
			found = l.bones[1][rest]
		}
		return found
	}
	return classSet{}
}

// of returns the classes of a word and of how it begins.
func (l *lexicon) of(word string) classSet {
	found := l.exact[word]
	n := 0
	for i := range word {
		if n >= 2 {
			found = found.with(l.begins[word[:i]])
		}
		n++
	}
	if n >= 2 {
		found = found.with(l.begins[word])
	}
	return found
}

// ofForm returns the classes of how a word ends, and of how it begins and ends.
func (l *lexicon) ofForm(word string) (found classSet) {
	n := 0
	for i := range word {
		if n >= 2 {
			found = found.with(l.ends[word[i:]])
		}
		n++
	}
	for _, a := range l.around {
		if len(word) > len(a.begin)+len(a.end) && strings.HasPrefix(word, a.begin) && strings.HasSuffix(word, a.end) {
			found = found.with(a.classes)
		}
	}
	return found
}
