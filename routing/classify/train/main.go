// Command train makes the classifier's model from the messages in data/train and prints how good it is, by language: asked about groups of
// messages that were held out one after another (cross-validation), and about messages that it never learns from (data/held*).
//
//	go run ./routing/classify/train
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"wasl/routing/classify"
)

func main() {
	dir := flag.String("dir", "routing/classify", "the package's folder")
	mistakes := flag.Bool("mistakes", false, "print what cross-validation got wrong")
	flag.Parse()
	if err := run(*dir, *mistakes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string, mistakes bool) error {
	sets, sources, err := readSets(filepath.Join(dir, "data", "train"))
	if err != nil {
		return err
	}
	var all []classify.Example
	for _, s := range sets {
		all = append(all, s...)
	}
	model, answers := classify.Train(all, sources)
	file, err := model.Bytes()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "model.gz"), file, 0o644); err != nil {
		return err
	}
	fmt.Printf("model.gz: %d messages, %d bytes\n\n%s", len(all), len(file), heading)
	for i, s := range sets {
		fmt.Print(measure(s, answers[:len(s)]).line("cross-validation", languages[i]))
		if mistakes {
			printMistakes(s, answers)
		}
		answers = answers[len(s):]
	}
	held, err := filepath.Glob(filepath.Join(dir, "data", "held*"))
	if err != nil {
		return err
	}
	for _, folder := range held {
		sets, _, err := readSets(folder)
		if err != nil {
			return err
		}
		for i, s := range sets {
			fmt.Print(measure(s, classifyAll(model, s)).line(filepath.Base(folder), languages[i]))
		}
	}
	return nil
}

func classifyAll(m *classify.Model, set []classify.Example) []classify.Result {
	out := make([]classify.Result, len(set))
	for i, e := range set {
		out[i] = m.Classify(e.Text)
	}
	return out
}

func printMistakes(set []classify.Example, answers []classify.Result) {
	for i, e := range set {
		if r := answers[i]; r.Type != e.Type || (r.Sentiment == classify.Angry) != (e.Sentiment == classify.Angry) {
			fmt.Printf("  %s/%s, said %s/%s (%.2f): %s\n", e.Type, e.Sentiment, r.Type, r.Sentiment, r.TypeConfidence, e.Text)
		}
	}
}
