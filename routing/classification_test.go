package routing

import (
	"testing"

	"wasl/auth"
	"wasl/channels"
	"wasl/inbox"
	"wasl/internal/events"
)

// What begins has a type, a sentiment and a language before the rules are asked, and rules have the last word.
func TestWhatBeginsIsClassified(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		w.staff("ann", "ben")
		sales, care := p.team("Sales", auth.WorkEdit{}, "ann"), p.team("Care", auth.WorkEdit{}, "ben")
		p.rule(Rule{
			Name: "angry", When: `{"field":"sentiment","op":"is","value":"angry"}`,
			Then: Then{TeamID: care.ID, Type: "complaint", Priority: "urgent"},
		})
		p.rule(Rule{
			Name: "Hebrew sales", When: `{"all":[{"field":"type","op":"is","value":"sales"},{"field":"language","op":"is","value":"he"}]}`,
			Then: Then{TeamID: sales.ID},
		})
		p.arrive("ann", "ben")
		thieves := p.says("972540000001", "You are thieves!!! My lawyer will sue you, I want my money back NOW")
		price := p.says("972540000002", "שלום, כמה עולה הקורס למתחילים?")
		v := p.view(thieves)
		if v.Sentiment != "angry" || v.Language != "en" || v.Type != "complaint" || v.TypeSource != inbox.ClassifiedByRule ||
			v.TypeConfidence != 1 || v.Priority != "urgent" || p.has(thieves) != "ben" {
			t.Errorf("%+v", v)
		}
		v = p.view(price)
		if v.Type != "sales" || v.TypeSource != inbox.ClassifiedByModel || v.TypeConfidence <= 0 || v.TypeReason == "" ||
			v.Language != "he" || v.Sentiment != "neutral" || p.has(price) != "ann" {
			t.Errorf("%+v", v)
		}
	})
}

// An agent's correction is the agent's, and the classifier follows it in what comes after, in that workspace.
func TestCorrectionsAreLearned(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		ann := w.staff("ann")["ann"]
		const said = "is the blue harvest ready"
		first := p.view(p.says("972540000001", said))
		corrected := "complaint"
		if first.Type == corrected {
			t.Fatalf("the test needs another text: %+v", first)
		}
		feels := "negative"
		_, err := p.Inbox.Change(t.Context(), ann, first.ID, inbox.Edit{Type: &corrected, Sentiment: &feels})
		w.ok(err)
		v := p.view(first.ID)
		if v.TypeSource != inbox.ClassifiedByAgent || v.TypeConfidence != 1 || v.TypeReason != "" || v.Sentiment != feels {
			t.Errorf("%+v", v)
		}
		v = p.view(p.says("972540000002", said))
		if v.Type != corrected || v.Sentiment != feels || v.TypeSource != inbox.ClassifiedByModel {
			t.Errorf("%+v", v)
		}
		m, err := p.model(t.Context(), "another")
		w.ok(err)
		if r := m.Classify(said); r.Type != first.Type {
			t.Errorf("another workspace learns from it: %+v", r)
		}
	})
}

// An answer that is quicker than the classifier does not hide what it is an answer to.
func TestAnAnswerHidesNoQuestion(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		ann := w.staff("ann")["ann"]
		id := p.says("972540000001", "what is the price of the course?")
		change := &events.Write{}
		_, err := p.Inbox.Send(t.Context(), change, ann.Actor(), "w", id,
			inbox.NewMessage{ClientID: "1", Content: channels.Content{Type: channels.TypeText, Text: "120"}})
		w.ok(err)
		w.ok(p.Bus.Commit(t.Context(), change))
		if said, err := p.Inbox.Opening(t.Context(), "w", id); err != nil || said != "what is the price of the course?" {
			t.Errorf("%q, %v", said, err)
		}
	})
}

// What says nothing in words has no type.
func TestWhatHasNoWordsIsNotClassified(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		if v := p.view(p.says("972540000001", "")); v.Type != "" || v.TypeSource != "" || v.Sentiment != "" {
			t.Errorf("%+v", v)
		}
	})
}

// view is a conversation as the boss sees it.
func (p *process) view(id string) inbox.ConversationView {
	p.w.t.Helper()
	v, err := p.Inbox.View(p.w.t.Context(), p.boss, id)
	p.w.ok(err)
	return v
}
