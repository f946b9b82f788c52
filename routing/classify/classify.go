package classify

import (
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// The types of conversations.
const (
	Sales     = "sales"     // wants, or considers, something not yet bought
	Support   = "support"   // has bought, booked or signed, and wants help, information or an act
	Complaint = "complaint" // a reproach, or a demand for redress
	Other     = "other"     // no customer's need
)

// The sentiments.
const (
	Positive = "positive"
	Neutral  = "neutral"
	Negative = "negative"
	Angry    = "angry"
)

// Classes in the order of the weights.
var (
	types      = [classes]string{Sales, Support, Complaint, Other}
	sentiments = [classes]string{Positive, Neutral, Negative, Angry}
)

const (
	classes = 4           // of each of the two questions
	columns = 2 * classes // of a row of weights: types, then sentiments
	angry   = 3           // the place of Angry
	other   = 3           // the place of Other
)

// Result is what the model says of a text. Confidences are between 0 and 1 and calibrated: of the answers with 0.8, about 80 % are right.
// Both are 0 for a text without a word or sign.
type Result struct {
	Type                string
	TypeConfidence      float64
	Sentiment           string
	SentimentConfidence float64
	Language            string // en, he or ar, by script and, in Latin letters, by words; empty without a letter
	Reason              string // for people: the words that decided the type, the strongest first, at most 3
}

// Model is immutable and safe for concurrent use.
type Model struct {
	weights     []int8 // a row of columns for each bucket
	scale       [columns]float32
	temperature [2]float64 // divides the scores of types and of sentiments, so that confidences are true
	angryAbove  float64    // from which probability on a text counts as angry
	sources     Digest
	corrected   map[uint32]*[columns]float32 // what corrections add; nil: none
}

// Sources says what the model was made from.
func (m *Model) Sources() Digest { return m.sources }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// Classify says what a message is about. The text may be anything of any length; what lies beyond maxBytes is not looked at.
func (m *Model) Classify(text string) Result {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.read(text)
	language := s.language()
	if len(s.tokens) == 0 && len(s.signs) == 0 {
		return Result{Type: Other, Sentiment: Neutral, Language: language}
	}
	s.extract(language)
	scores := m.scores(s.features)
	r := m.result(scores)
	r.Language = language
	r.Reason = m.reason(s, slices.Index(types[:], r.Type))
	return r
}

// scores are the sums of the weights of the features, types first.
func (m *Model) scores(features []feature) (sums [columns]float32) {
	for _, f := range features {
		row := m.weights[int(f.bucket)*columns:][:columns]
		for c := range columns {
			sums[c] += f.value * float32(row[c]) * m.scale[c]
		}
		if extra := m.corrected[f.bucket]; extra != nil {
			for c := range columns {
				sums[c] += f.value * extra[c]
			}
		}
	}
	return sums
}

// result turns scores into answers.
func (m *Model) result(scores [columns]float32) Result {
	t := probabilities(scores[:classes], m.temperature[0])
	best := argmax(t)
	s := probabilities(scores[classes:], m.temperature[1])
	mood := angry
	if s[angry] < m.angryAbove {
		mood = argmax([classes]float64{s[0], s[1], s[2]})
	}
	return Result{Type: types[best], TypeConfidence: t[best], Sentiment: sentiments[mood], SentimentConfidence: s[mood]}
}

func probabilities(scores []float32, temperature float64) (p [classes]float64) {
	top := float64(slices.Max(scores))
	sum := 0.0
	for c := range p {
		p[c] = math.Exp((float64(scores[c]) - top) / temperature)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}

func argmax(p [classes]float64) int {
	best := 0
	for c := range p {
		if p[c] > p[best] {
			best = c
		}
	}
	return best
}

const maxReasons = 3

// reason names the words that spoke most for a type against the mean of the others.
func (m *Model) reason(s *scratch, class int) string {
	s.votes = append(s.votes[:0], make([]float32, len(s.tokens))...)
	for _, f := range s.features {
		if f.token < 0 {
			continue
		}
		row := m.weights[int(f.bucket)*columns:][:classes]
		vote := float32(0)
		for c := range classes {
			w := f.value * float32(row[c]) * m.scale[c]
			if extra := m.corrected[f.bucket]; extra != nil {
				w += f.value * extra[c]
			}
			if c == class {
				vote += w
			} else {
				vote -= w / (classes - 1)
			}
		}
		s.votes[f.token] += vote
	}
	words := make([]string, 0, maxReasons)
	for len(words) < maxReasons {
		best := -1
		for i, vote := range s.votes {
			if vote > 0 && (best < 0 || vote > s.votes[best]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		s.votes[best] = 0
		if word := visible(s.tokens[best].raw); word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// visible is a word without marks that turn the direction of what stands beside it.
func visible(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, word)
}
