package classify

import "unicode/utf8"

const (
	bucketBits = 20
	buckets    = 1 << bucketBits
)

// feature is something that a text has: where its weights are, how much it counts, and the word that it comes from (-1: none).
type feature struct {
	bucket uint32
	value  float32
	token  int32
}

// What a name of a feature begins with, so that kinds do not meet.
const (
	kindWord = iota
	kindStem
	kindPair
	kindSkip
	kindLetters
	kindBones
	kindBonesPair
	kindClass
	kindClassPair
	kindClassNext
	kindSign
	kindLanguage
	kindEdge
	kindMixed
	kindSignClass
)

// How much each block of features counts together; found by cross-validation.
const (
	weighWords      = 1.0
	weighLetters    = 0.5
	weighClasses    = 1.0
	weighClassPairs = 1.0
	weighSigns      = 0.5
)

// extract makes the features of what was read. Each block is scaled to a fixed length, so that long texts do not shout down short ones.
func (s *scratch) extract(language string) {
	s.features, s.block = s.features[:0], 0
	s.wordFeatures()
	if language != "en" {
		s.boneFeatures()
	}
	s.close(weighWords)
	s.letterFeatures()
	s.close(weighLetters)
	s.classFeatures(language)
	s.close(weighClasses)
	s.classPairs()
	s.close(weighClassPairs)
	for _, name := range s.signs {
		s.put(-1, kindSign, name, "")
	}
	s.put(-1, kindLanguage, language, "")
	s.close(weighSigns)
}

// close ends a block.
func (s *scratch) close(weight float64) {
	n := len(s.features) - s.block
	if n > 0 {
		value := float32(weight / sqrt(n))
		for i := s.block; i < len(s.features); i++ {
			s.features[i].value = value
		}
	}
	s.block = len(s.features)
}

// put adds the feature named by a kind and one or two words.
func (s *scratch) put(token int, kind byte, a, b string) {
	if len(s.features) >= maxFeatures {
		return
	}
	h := hash(hash(offset^uint64(kind)*prime, a)^0xff, b)
	s.features = append(s.features, feature{bucket: bucketOf(h), token: int32(token)})
}

// FNV-1a, 64 bits.
const (
	offset uint64 = 14695981039346656037
	prime  uint64 = 1099511628211
)

func hash(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return h * prime
}

func bucketOf(h uint64) uint32 {
	h ^= h >> 32
	h *= 0x9E3779B97F4A7C15
	return uint32(h >> (64 - bucketBits))
}

func (s *scratch) wordFeatures() {
	before, beforeLast := "<", ""
	for i := range s.tokens {
		t := &s.tokens[i]
		word := t.word
		if t.script == noScript {
			word = digitsName(t.digits)
		}
		s.put(i, kindWord, word, "")
		s.put(i, kindPair, before, word)
		if beforeLast != "" {
			s.put(i, kindSkip, beforeLast, word)
		}
		s.stems = stems(s.stems[:0], *t)
		for _, stem := range s.stems {
			s.put(i, kindStem, stem, "")
		}
		beforeLast, before = before, word
	}
	if n := len(s.tokens); n > 0 {
		s.put(n-1, kindPair, before, ">")
	}
}

func digitsName(n int) string { return "########"[:min(n, 8)] }

// letterFeatures are all parts of 2 to 5 letters of each word, its ends marked.
func (s *scratch) letterFeatures() {
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.script == noScript {
			continue
		}
		marked := "<" + t.word + ">"
		for from := 0; from < len(marked); {
			_, first := utf8.DecodeRuneInString(marked[from:])
			to := from + first
			for n := 2; n <= 5 && to < len(marked); n++ {
				_, next := utf8.DecodeRuneInString(marked[to:])
				to += next
				s.put(i, kindLetters, marked[from:to], "")
			}
			from += first
		}
	}
}

// boneFeatures are the consonants of words in Latin letters that are no English: vowels are written freely there.
func (s *scratch) boneFeatures() {
	before := ""
	for i := range s.tokens {
		if s.tokens[i].script != latin {
			before = ""
			continue
		}
		bones := consonants(s.tokens[i].word)
		if bones == "" {
			continue
		}
		s.put(i, kindBones, bones, "")
		if before != "" {
			s.put(i, kindBonesPair, before, bones)
		}
		before = bones
	}
}

// classFeatures are the classes of meaning of the words, and which stand first and last.
func (s *scratch) classFeatures(language string) {
	s.concepts = meanings(s.concepts[:0], s, language)
	first, last := -1, -1
	for i, found := range s.concepts {
		if found.empty() {
			continue
		}
		found.each(0, func(c int) { s.put(i, kindClass, classNames[c], "") })
		if last = i; first < 0 {
			first = i
		}
	}
	if first < 0 {
		s.put(-1, kindClass, "none", "")
		return
	}
	s.concepts[first].each(0, func(c int) { s.put(first, kindEdge, "first", classNames[c]) })
	s.concepts[last].each(0, func(c int) { s.put(last, kindEdge, "last", classNames[c]) })
}

// classPairs are which classes follow one another, which words stand beside a class, and which classes stand in one text.
func (s *scratch) classPairs() {
	var all, before classSet
	for i, found := range s.concepts {
		if found.empty() {
			continue
		}
		found.each(0, func(c int) {
			before.each(0, func(b int) { s.put(i, kindClassNext, classNames[b], classNames[c]) })
		})
		all, before = all.with(found), found
	}
	for i := 1; i < len(s.tokens); i++ {
		s.concepts[i-1].each(0, func(c int) { s.put(i, kindMixed, classNames[c], s.tokens[i].word) })
		s.concepts[i].each(0, func(c int) { s.put(i, kindMixed, s.tokens[i-1].word, classNames[c]) })
	}
	all.each(0, func(a int) {
		for _, sign := range s.signs {
			s.put(-1, kindSignClass, sign, classNames[a])
		}
		all.each(a+1, func(b int) { s.put(-1, kindClassPair, classNames[a], classNames[b]) })
	})
}
