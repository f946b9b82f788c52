package main

import (
	"fmt"
	"os"
	"path/filepath"

	"wasl/routing/classify"
)

var languages = []string{"en", "he", "ar"}

// readSets reads the examples of each language in a folder, and the digest of the files.
func readSets(folder string) ([][]classify.Example, classify.Digest, error) {
	var sets [][]classify.Example
	var files [][]byte
	for _, language := range languages {
		path := filepath.Join(folder, language+".tsv")
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, classify.Digest{}, err
		}
		examples, err := classify.ReadExamples(file)
		if err != nil {
			return nil, classify.Digest{}, fmt.Errorf("%s: %w", path, err)
		}
		sets, files = append(sets, examples), append(files, file)
	}
	return sets, classify.SourcesOf(files...), nil
}

// figures of the answers to one set of messages, as shares.
type figures struct {
	messages          int
	typeAccuracy      float64
	macroF1           float64 // the mean over the types of F1
	sentimentAccuracy float64
	angryRecall       float64
	angryPrecision    float64
}

const heading = "                       messages   type  macro-F1  sentiment  angry recall  precision\n"

func (f figures) line(set, language string) string {
	return fmt.Sprintf("%-18s %s %9d  %.3f     %.3f      %.3f         %.3f      %.3f\n",
		set, language, f.messages, f.typeAccuracy, f.macroF1, f.sentimentAccuracy, f.angryRecall, f.angryPrecision)
}

// tally counts one class.
type tally struct{ hit, said, is float64 }

func (t tally) recall() float64    { return t.hit / max(t.is, 1) }
func (t tally) precision() float64 { return t.hit / max(t.said, 1) }
func (t tally) f1() float64        { return 2 * t.hit / max(t.said+t.is, 1) }

func measure(set []classify.Example, answers []classify.Result) figures {
	f := figures{messages: len(set)}
	byType, bySentiment := map[string]tally{}, map[string]tally{}
	for i, e := range set {
		is := e.Type
		if answers[i].Type == e.Also {
			is = e.Also
		}
		count(byType, is, answers[i].Type)
		count(bySentiment, e.Sentiment, answers[i].Sentiment)
	}
	for _, t := range byType {
		f.typeAccuracy += t.hit / float64(len(set))
		f.macroF1 += t.f1() / float64(len(byType))
	}
	for _, t := range bySentiment {
		f.sentimentAccuracy += t.hit / float64(len(set))
	}
	f.angryRecall, f.angryPrecision = bySentiment[classify.Angry].recall(), bySentiment[classify.Angry].precision()
	return f
}

func count(all map[string]tally, is, said string) {
	for class, add := range map[string]tally{is: {is: 1}, said: {said: 1}} {
		if is == said {
			add = tally{hit: 1, said: 1, is: 1}
		}
		t := all[class]
		all[class] = tally{hit: t.hit + add.hit, said: t.said + add.said, is: t.is + add.is}
	}
}
