package inbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"wasl/internal/access"
)

// resolving is a text with which the conversation is resolved.
func resolving(key, said string, undo int) NewMessage {
	n := words(key, said)
	n.Undo, n.Then = undo, &Afterwards{Status: Resolved}
	return n
}

// TestSendAndResolve: the conversation is resolved when the answer leaves, in the same write; taking the answer back takes the resolving
// back, and what the customer writes meanwhile does too. An answer that does not arrive opens it again.
func TestSendAndResolve(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		taken := p.write(ann, id, resolving("1", "one", 5))
		settle(4 * time.Second)
		if c := w.only(); c.Status != Open || c.WaitingSince == nil {
			t.Errorf("%s while it can be taken back", c.Status)
		}
		if _, err := p.Cancel(t.Context(), ann, taken.ID); err != nil {
			t.Fatal(err)
		}
		settle(time.Minute)
		if c := w.only(); c.Status != Open || c.WaitingSince == nil {
			t.Errorf("%s after it was taken back", c.Status)
		}
		p.write(ann, id, resolving("2", "two", 5))
		settle(2 * time.Second)
		p.receive(says(ines, "wamid.IN2", "one more thing", 60))
		settle(time.Minute)
		if c := w.only(); c.Status != Open {
			t.Errorf("%s although the customer wrote meanwhile", c.Status)
		}
		p.write(ann, id, resolving("3", "three", 5))
		p.write(ann, id, resolving("3", "three", 5)) // the same key is the same message
		settle(time.Minute)
		if c := w.only(); c.Status != Resolved || c.WaitingSince != nil {
			t.Errorf("%s after the answer left", c.Status)
		}
		p.receive(says(ines, "wamid.IN3", "and?", 120))
		w.provider.answer = func(map[string]any) *reply { return graphError(http.StatusBadRequest, 131026) }
		p.write(ann, id, resolving("4", "four", 0))
		if c := w.only(); c.Status != Resolved {
			t.Errorf("%s without an undo time", c.Status)
		}
		settle(time.Minute)
		if c := w.only(); c.Status != Open || w.message("four").Status != FailedMsg {
			t.Errorf("%s after the answer failed, which is %s", c.Status, w.message("four").Status)
		}
		w.provider.answer = nil
		later := words("5", "five")
		until := p.Clock.Now().Add(time.Hour)
		later.Then = &Afterwards{Status: Snoozed, SnoozedUntil: &until}
		p.write(ann, id, later)
		if c := w.only(); c.Status != Snoozed || !c.SnoozedUntil.Equal(until.Truncate(time.Millisecond)) {
			t.Errorf("%s until %v", c.Status, c.SnoozedUntil)
		}
		past := words("6", "six")
		past.Then = &Afterwards{Status: Snoozed, SnoozedUntil: &sampleTime}
		if _, _, err := p.Reply(t.Context(), ann, id, past); code(err) != "snooze_in_the_past" {
			t.Errorf("snoozing into the past: %v", err)
		}
		w.outboxes()
	})
}

// TestWhoAnswersTakesIt where the workspace wants that, when the answer leaves; a note is no answer, and what somebody has stays theirs.
func TestWhoAnswersTakesIt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		agent, other := s.user("agent", "w", access.Agent), s.user("other", "w", access.Agent)
		conv := w.only()
		status, _, answer := s.call("owner", http.MethodPatch, "/api/v1/workspace", `{"assign_on_reply":true}`)
		if status != http.StatusOK {
			t.Fatal(answer)
		}
		post := func(by, key, kind string, undo int) {
			t.Helper()
			body := fmt.Sprintf(`{"client_id":%q,"type":%q,"text":"x","undo_seconds":%d}`, key, kind, undo)
			status, _, answer := s.call(by, http.MethodPost, "/api/v1/conversations/"+conv.ID+"/messages", body)
			if status != http.StatusCreated {
				t.Fatal(answer)
			}
		}
		post("agent", "1", "note", 0)
		post("agent", "2", "text", 5)
		if c := w.only(); c.AssigneeID != "" {
			t.Errorf("%s has it before the answer left", c.AssigneeID)
		}
		settle(10 * time.Second)
		if c := w.only(); c.AssigneeID != agent.UserID {
			t.Errorf("%q has it", c.AssigneeID)
		}
		s.edit(agent, conv.ID, Edit{Assignment: Assignment{AgentID: &other.UserID}})
		post("agent", "3", "text", 0)
		if c := w.only(); c.AssigneeID != other.UserID {
			t.Errorf("%q has what the other one had", c.AssigneeID)
		}
	})
}
