package classify

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Example is a message that people have labelled. Group names its business and writer: examples of one group are never learned from and
// asked about at the same time. Also is a second type that is right too, for a message that is truly ambiguous; training takes the first.
type Example struct {
	Type, Also, Sentiment, Group, Text string
}

// Digest is a SHA-256 of what a model was made from.
type Digest [sha256.Size]byte

// SourcesOf is the digest of training files and of all else that decides what is learned.
func SourcesOf(files ...[]byte) Digest {
	h := sha256.New()
	fmt.Fprintln(h, typeSettings, sentimentSettings, bucketBits, conceptsFile)
	fmt.Fprintln(h, weighWords, weighLetters, weighClasses, weighClassPairs, weighSigns, levels)
	for _, f := range files {
		fmt.Fprintln(h, len(f))
		h.Write(f)
	}
	return Digest(h.Sum(nil))
}

// ReadExamples reads lines of type, sentiment, group and text, with tabs between them. A type may be two: "sales|support".
func ReadExamples(file []byte) ([]Example, error) {
	var out []Example
	n := 0
	for line := range bytes.Lines(file) {
		n++
		fields := strings.SplitN(strings.TrimSuffix(string(line), "\n"), "\t", 4)
		first, also, two := strings.Cut(fields[0], "|")
		known := slices.Contains(types[:], first) && (!two || slices.Contains(types[:], also))
		if len(fields) != 4 || !known || !slices.Contains(sentiments[:], fields[1]) || fields[3] == "" {
			return nil, fmt.Errorf("line %d is not type, sentiment, group, text: %q", n, line)
		}
		out = append(out, Example{Type: first, Also: also, Sentiment: fields[1], Group: fields[2], Text: fields[3]})
	}
	return out, nil
}

// folds is in how many parts the groups are divided for cross-validation.
const folds = 8

// Train makes a model. It also returns, for each example, what a model says of it that was made without the example's group: the
// confidences and the threshold of anger are found on these answers.
func Train(examples []Example, sources Digest) (*Model, []Result) {
	rows := make([][]feature, len(examples))
	labels := [2][]uint8{make([]uint8, len(examples)), make([]uint8, len(examples))}
	for i, e := range examples {
		rows[i] = featuresOf(e.Text)
		labels[0][i] = uint8(slices.Index(types[:], e.Type))
		labels[1][i] = uint8(slices.Index(sentiments[:], e.Sentiment))
	}
	held := make([][columns]float32, len(examples))
	var learning sync.WaitGroup
	atOnce := make(chan struct{}, runtime.GOMAXPROCS(0)) // more would only wait for memory
	for fold := range folds {
		learning.Go(func() {
			atOnce <- struct{}{}
			holdOut(examples, rows, labels, fold, held)
			<-atOnce
		})
	}
	learning.Wait()
	m := learn(rows, labels[0], labels[1])
	m.sources = sources
	m.temperature = [2]float64{temperatureOf(held, labels[0], 0), temperatureOf(held, labels[1], classes)}
	m.angryAbove = thresholdOf(held, labels[1], m.temperature[1])
	answers := make([]Result, len(examples))
	for i := range held {
		answers[i] = m.result(held[i])
	}
	return m, answers
}

// holdOut learns from all groups but those of a fold, and scores these.
func holdOut(examples []Example, rows [][]feature, labels [2][]uint8, fold int, held [][columns]float32) {
	in := make([]int, 0, len(examples))
	for i, e := range examples {
		if foldOf(e.Group) != fold {
			in = append(in, i)
		}
	}
	m := learn(pick(rows, in), pick(labels[0], in), pick(labels[1], in))
	for i, e := range examples {
		if foldOf(e.Group) == fold {
			held[i] = m.scores(rows[i])
		}
	}
}

func foldOf(group string) int {
	h := fnv.New32a()
	h.Write([]byte(group))
	return int(h.Sum32() % folds)
}

func pick[T any](all []T, places []int) []T {
	out := make([]T, len(places))
	for i, p := range places {
		out[i] = all[p]
	}
	return out
}

func featuresOf(text string) []feature {
	s := new(scratch)
	s.read(text)
	s.extract(s.language())
	return s.features
}

// levels are the steps from zero to the largest weight: more of them make the file larger and few answers other.
const levels = 31

// learn fits both questions and rounds the weights.
func learn(rows [][]feature, ofType, ofSentiment []uint8) *Model {
	m := &Model{weights: make([]int8, buckets*columns), temperature: [2]float64{1, 1}, angryAbove: 0.5}
	for part, weights := range [2][]float32{fit(rows, ofType, typeSettings), fit(rows, ofSentiment, sentimentSettings)} {
		var top [classes]float32
		for i, w := range weights {
			top[i%classes] = max(top[i%classes], w, -w)
		}
		for i, w := range weights {
			column := part*classes + i%classes
			m.scale[column] = max(top[i%classes], 1e-6) / levels
			m.weights[i/classes*columns+column] = int8(math.Round(float64(w / m.scale[column])))
		}
	}
	return m
}

// temperatureOf finds what scores are to be divided by so that the answers are as likely as possible.
func temperatureOf(scores [][columns]float32, labels []uint8, from int) float64 {
	best, least := 1.0, math.Inf(1)
	for t := 0.3; t < 6; t *= 1.05 {
		loss := 0.0
		for i, s := range scores {
			loss -= math.Log(max(probabilities(s[from:from+classes], t)[labels[i]], 1e-9))
		}
		if loss < least {
			best, least = t, loss
		}
	}
	return best
}

// leanToRecall is the beta of the F measure by which the threshold of anger is chosen: missing anger costs more than seeing too much.
const leanToRecall = 2.2

// thresholdOf finds from which probability on a text is to count as angry.
func thresholdOf(scores [][columns]float32, labels []uint8, temperature float64) float64 {
	best, most := 0.5, -1.0
	for limit := 0.1; limit < 0.7; limit += 0.01 {
		var hit, found, all float64
		for i, s := range scores {
			is, says := labels[i] == angry, probabilities(s[classes:], temperature)[angry] >= limit
			if is {
				all++
			}
			if says {
				found++
			}
			if is && says {
				hit++
			}
		}
		const b = leanToRecall * leanToRecall
		if f := (1 + b) * hit / max(b*all+found, 1); f > most {
			best, most = limit, f
		}
	}
	return best
}
