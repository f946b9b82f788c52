package main

import (
	"testing"

	"wasl/routing/classify"
)

// A held-back message that is truly ambiguous accepts either of its two types, and no third.
func TestAmbiguousMessagesAcceptTwoTypes(t *testing.T) {
	set, err := classify.ReadExamples([]byte("sales|support\tneutral\tg\thow long does delivery take\n"))
	if err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]float64{classify.Sales: 1, classify.Support: 1, classify.Complaint: 0} {
		f := measure(set, []classify.Result{{Type: answer, Sentiment: classify.Neutral}})
		if f.typeAccuracy != want {
			t.Errorf("%s is right in %v of the cases, want %v", answer, f.typeAccuracy, want)
		}
	}
	for _, wrong := range []string{"sales|\tneutral\tg\tx", "|support\tneutral\tg\tx", "sales|price\tneutral\tg\tx"} {
		if _, err := classify.ReadExamples([]byte(wrong)); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}
