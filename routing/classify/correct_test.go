package classify_test

import (
	"fmt"
	"testing"

	"wasl/routing/classify"
)

// What a message means in a workspace is what its people say.
func TestCorrectionsAreLearned(t *testing.T) {
	m := load(t)
	const text = "the blue monday thing pls"
	wanted := classify.Support
	if m.Classify(text).Type == wanted {
		wanted = classify.Sales
	}
	c := m.WithCorrections([]classify.Correction{{Text: text, Type: wanted, Sentiment: classify.Negative}})
	if r := c.Classify(text); r.Type != wanted || r.Sentiment != classify.Negative {
		t.Errorf("after the correction it is %s/%s", r.Type, r.Sentiment)
	}
	if r := c.Classify("the blue monday thing please 👍"); r.Type != wanted {
		t.Errorf("what is nearly the same is %s", r.Type)
	}
	if r := m.Classify(text); r.Type == wanted {
		t.Error("the workspace's correction changed the model of others")
	}
}

// One correction must not turn what has little to do with it.
func TestCorrectionsLeaveTheRestAlone(t *testing.T) {
	m := load(t)
	var wrong []classify.Correction
	for i := range 20 {
		wrong = append(wrong, classify.Correction{Text: fmt.Sprintf("blue monday %d", i), Type: classify.Complaint})
	}
	c := m.WithCorrections(wrong)
	changed := 0
	for _, b := range borderCases {
		if m.Classify(b.text).Type != c.Classify(b.text).Type {
			changed++
		}
	}
	if changed*20 > len(borderCases) {
		t.Errorf("%d of %d other texts changed their type", changed, len(borderCases))
	}
}

// The last correction of a text wins; the same corrections give the same model.
func TestCorrectionsAreDeterministic(t *testing.T) {
	m := load(t)
	var many []classify.Correction
	for i := range 600 {
		wanted := []string{classify.Sales, classify.Other}[i%2]
		many = append(many, classify.Correction{Text: fmt.Sprintf("model %d in oak", i), Type: wanted})
	}
	many = append(many, classify.Correction{Text: "oak", Type: classify.Complaint}, classify.Correction{Text: "oak", Type: classify.Other},
		classify.Correction{Text: "", Type: classify.Sales}, classify.Correction{Text: "x", Type: "nonsense"})
	a, b := m.WithCorrections(many), m.WithCorrections(many)
	for _, text := range []string{"oak", "model 7 in oak", "where is my order"} {
		if a.Classify(text) != b.Classify(text) {
			t.Errorf("%q differs between two models of the same corrections", text)
		}
	}
	if r := a.Classify("oak"); r.Type != classify.Other {
		t.Errorf("the later correction said other, the model says %s", r.Type)
	}
}
