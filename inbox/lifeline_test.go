package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wasl/internal/access"
	"wasl/store/storetest"
)

// told is a life-line in one line of words: each step, "?" where its time is not known, who, and why.
func (p *process) told(v access.Viewer, id string) string {
	p.w.t.Helper()
	_, line, err := p.Lifeline(p.w.t.Context(), v, id)
	if err != nil {
		p.w.t.Fatal(err)
	}
	var words []string
	for _, step := range line {
		word := step.Kind
		if step.At.IsZero() {
			word += "?"
		}
		if step.By != "" {
			word += "(" + step.By + ")"
		}
		if step.Code != "" {
			word += "[" + step.Code + "]"
		}
		if step.More > 0 {
			word += fmt.Sprint("+", step.More)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestAMessageThatCameInTellsWhereItWas(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("972501234567", "wamid.A", "first", -3), says("972501234567", "wamid.B", "second", -2))
		first, second := w.message("wamid.A"), w.message("wamid.B")
		if got, want := p.told(ann, first.ID), "written received durable stored shown?"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		settle(time.Minute)
		if _, err := p.MarkRead(t.Context(), ann, first.ConversationID); err != nil {
			t.Fatal(err)
		}
		read := time.Now()
		settle(time.Minute)
		if _, err := p.MarkRead(t.Context(), ann, first.ConversationID); err != nil { // nothing new: no other time
			t.Fatal(err)
		}
		_, line, err := p.Lifeline(t.Context(), ann, second.ID)
		if err != nil {
			t.Fatal(err)
		}
		if last := line[len(line)-1]; last.Kind != "seen" || last.By != ann.UserID || !last.At.Equal(read.Truncate(time.Millisecond)) {
			t.Errorf("read at %v: %+v", read, last)
		}
		p.receive(says("972501234567", "wamid.C", "third", 120))
		if got, want := p.told(boss, w.message("wamid.C").ID), "written received durable stored shown?"; got != want {
			t.Errorf("what nobody has read yet: %s", got)
		}
		if _, err := p.MarkRead(t.Context(), ann, first.ConversationID); err != nil {
			t.Fatal(err)
		}
		if got := p.told(ann, first.ID); !strings.HasSuffix(got, "seen?(usr_ann)") {
			t.Errorf("a read mark that a newer one replaced has no time: %s", got)
		}
		times := []time.Time{first.SentAt, first.ReceivedAt, first.CreatedAt}
		if !times[0].Before(times[1]) || times[2].Before(times[1]) {
			t.Errorf("written, received, stored at %v", times)
		}
	})
}

func TestAMessageThatWasInterruptedSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("972501234567", "wamid.0", "in time", -200))
		settle(2*time.Minute + time.Second)               // nothing else is written now
		p.engine.Fail(p.engine.Writes()+1, storetest.Cut) // the message cannot be written at once, its webhook is kept
		p.receive(says("972501234567", "wamid.A", "late", -3))
		p.stop()
		settle(time.Hour)
		p = w.boot().connect()
		settle(time.Second)
		m := w.message("wamid.A")
		if got, want := p.told(ann, m.ID), "written received durable? resumed stored shown?"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if waited := m.CreatedAt.Sub(m.ReceivedAt); waited < time.Hour {
			t.Errorf("it waited an hour, the life-line says %v", waited)
		}
	})
}

func TestAnAnswerTellsWhereItWas(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550143", "wamid.A", "hello", -3))
		conv := w.only()
		down := 3
		w.provider.answer = func(map[string]any) *reply {
			if down--; down >= 0 {
				return graphError(503, 131057)
			}
			return nil
		}
		m, _, err := p.Reply(t.Context(), ann, conv.ID, words("c1", "an answer"))
		if err != nil {
			t.Fatal(err)
		}
		settle(5 * time.Minute)
		sent := w.message("an answer")
		p.receive(status(sent.ProviderID, "delivered", m.ID, 400), status(sent.ProviderID, "read", m.ID, 401))
		if got, want := p.told(ann, m.ID), "queued sending waiting[number_in_maintenance]+2 sending accepted delivered read"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		_, line, err := p.Lifeline(t.Context(), ann, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if line[0].by.ID != ann.UserID {
			t.Errorf("written by %+v", line[0].by)
		}
		delivered := line[len(line)-2]
		if want := sampleTime.Add(400 * time.Second); !delivered.At.Equal(want) || delivered.Came.IsZero() ||
			delivered.Came.Equal(delivered.At) {
			t.Errorf("delivered at %v (provider: %v), reported at %v", delivered.At, want, delivered.Came)
		}
	})
}

func TestAFailedAnswerThatIsSentAgainKeepsItsPast(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550143", "wamid.A", "hello", -3))
		w.provider.answer = func(map[string]any) *reply { return graphError(400, 131051) }
		m, _, err := p.Reply(t.Context(), ann, w.only().ID, words("c1", "an answer"))
		if err != nil {
			t.Fatal(err)
		}
		settle(time.Minute)
		w.provider.answer = nil
		if _, err := p.Retry(t.Context(), boss, w.only().ID, m.ID); err != nil {
			t.Fatal(err)
		}
		settle(time.Minute)
		want := "queued(usr_ann) sending failed[type_not_supported] queued(usr_boss) sending accepted"
		if got := p.told(ann, m.ID); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestALifelineIsForThoseWhoSeeTheConversation(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550143", "wamid.A", "hello", -3))
		m := w.message("wamid.A")
		conv := w.only().toChange()
		conv.AssigneeID = "usr_other"
		if err := p.commit(t.Context(), &change{conv: conv}); err != nil {
			t.Fatal(err)
		}
		for who, v := range map[string]access.Viewer{"an agent": ann, "another workspace": {
			UserID: "x", WorkspaceID: "other",
			Role: access.Owner,
		}} {
			if _, _, err := p.Lifeline(t.Context(), v, m.ID); err == nil {
				t.Errorf("%s is told", who)
			}
		}
		p.told(boss, m.ID)
	})
}

// A provider that is down for a day must not make a message grow without bound.
func TestATrailStaysSmall(t *testing.T) {
	m := &Message{}
	m.addStep(Step{Kind: stepQueued})
	for n := range 500 {
		m.addStep(Step{Kind: stepSending})
		m.addOutcome(stepWaiting, time.Time{}, &SendError{Code: fmt.Sprint(n % 2)})
	}
	if len(m.Trail) > trailMost || m.Trail[0].Kind != stepQueued {
		t.Errorf("%d steps, the first %q", len(m.Trail), m.Trail[0].Kind)
	}
}
