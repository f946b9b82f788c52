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
type classSet [2]uint64

const maxClasses = 128

func (s classSet) with(o classSet) classSet { return classSet{s[0] | o[0], s[1] | o[1]} }

func (s classSet) empty() bool { return s[0]|s[1] == 0 }

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
}

var (
	classNames []string
	meaning    = readConcepts(conceptsFile)
)

// readConcepts reads lines of "class: word begins* *ends two_words"; a line that begins with + goes on. It panics on what it does not
// understand: the file is part of the program.
func readConcepts(file string) lexicon {
	l := lexicon{exact: map[string]classSet{}, begins: map[string]classSet{}, ends: map[string]classSet{}, pairs: map[uint64]classSet{}}
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
			stem, begins := strings.CutSuffix(w, "*")
			stem, ends := strings.CutPrefix(stem, "*")
			a, b, two := strings.Cut(stem, "_")
			a, _ = compared(a)
			b, _ = compared(b)
			switch {
			case two:
				l.pairs[pairOf(a, b)] = l.pairs[pairOf(a, b)].with(bit)
			case begins:
				l.begins[a] = l.begins[a].with(bit)
			case ends:
				l.ends[a] = l.ends[a].with(bit)
			default:
				l.exact[a] = l.exact[a].with(bit)
			}
		}
	}
	return l
}

func pairOf(a, b string) uint64 { return hash(hash(offset, a), b) }

// meanings appends the classes of each word.
func meanings(out []classSet, s *scratch) []classSet {
	for i := range s.tokens {
		t := &s.tokens[i]
		mask := meaning.of(t.word)
		switch t.script {
		case hebrew:
			s.stems = withoutPrefixes(s.stems[:0], t.word, hebrewPrefixes)
		case arabic:
			s.stems = withoutPrefixes(s.stems[:0], t.word, arabicPrefixes)
		default:
			s.stems = s.stems[:0]
		}
		for _, stem := range s.stems {
			if !mask.empty() {
				break
			}
			mask = meaning.of(stem)
		}
		if i > 0 {
			mask = mask.with(meaning.pairs[pairOf(s.tokens[i-1].word, t.word)])
		}
		out = append(out, mask)
	}
	return out
}

// of returns the classes of a word.
func (l *lexicon) of(word string) classSet {
	found := l.exact[word]
	n := 0
	for i := range word {
		if n >= 2 {
			found = found.with(l.begins[word[:i]]).with(l.ends[word[i:]])
		}
		n++
	}
	if n >= 2 {
		found = found.with(l.begins[word])
	}
	return found
}
