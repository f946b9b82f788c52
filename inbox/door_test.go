package inbox

import (
	"errors"
	"testing"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/store"
)

// A rule changes and answers a conversation in one write, under its own name, and either both are there or neither.
func TestAnotherFeatureChangesAndAnswersInOneWrite(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "where is it?", 0))
		id := w.only().ID
		settle(time.Second)
		rule := access.Actor{
			Kind: access.Rule, ID: "rul_1", Name: "Late orders",
			Cause: access.Cause{Kind: access.Event, ID: "evt_1", Depth: 1},
		}
		write := &events.Write{}
		if _, err := p.Edit(t.Context(), write, rule, "w", id, Edit{Priority: ptr("urgent"), Labels: &[]string{"late"}}); err != nil {
			t.Fatal(err)
		}
		if w.only().Priority != "none" {
			t.Error("something was written before the write")
		}
		if err := p.Bus.Commit(t.Context(), write); err != nil {
			t.Fatal(err)
		}
		history, _, err := p.History(t.Context(), boss, id, "", 10)
		if err != nil || len(history) != 2 || history[0].Actor != rule || history[0].Action != actionChanged ||
			len(history[0].Changes) != 2 {
			t.Errorf("the history: %+v, %v", history, err)
		}
		write = &events.Write{}
		answer := NewMessage{ClientID: "1", Content: channels.Content{Type: "text", Text: "on its way"}}
		m, err := p.Send(t.Context(), write, rule, "w", id, answer)
		if err != nil || m.Author != (Author{Type: ByBot, ID: "rul_1", Name: "Late orders"}) {
			t.Fatalf("%+v, %v", m, err)
		}
		if err := p.Bus.Commit(t.Context(), write); err != nil {
			t.Fatal(err)
		}
		write = &events.Write{}
		if same, err := p.Send(t.Context(), write, rule, "w", id, answer); err != nil || same.ID != m.ID || len(write.Changes) != 0 {
			t.Errorf("the same answer again: %v, %d changes", err, len(write.Changes))
		}
		settle(time.Second)
		w.quiet()
		if len(w.provider.sent) != 1 {
			t.Errorf("%d were sent", len(w.provider.sent))
		}
		if _, err := p.Edit(t.Context(), write, rule, "another", id, Edit{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another workspace's conversation: %v", err)
		}
	})
}

// The past of a conversation says who did what, from what and to what, because of what.
func TestTheHistoryOfAConversation(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		settle(time.Second)
		if _, err := p.Assign(t.Context(), boss, id, Assignment{AgentID: ptr("")}); err != nil {
			t.Fatal(err)
		}
		p.edit(boss, id, Edit{Status: ptr(Resolved)})
		settle(time.Second)
		p.receive(says(ines, "wamid.IN2", "again", 5))
		history, _, err := p.History(t.Context(), boss, id, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, a := range history {
			line := a.Action + " by " + string(a.Actor.Kind) + " because of " + string(a.Actor.Cause.Kind)
			for _, c := range a.Changes {
				line += " " + c.Field
			}
			got = append(got, line)
		}
		want := []string{
			"conversation.status_changed by contact because of webhook status",
			"conversation.status_changed by user because of request status",
			"conversation.created by contact because of webhook",
		}
		if len(got) != len(want) {
			t.Fatalf("%q", got)
		}
		for n := range want {
			if got[n] != want[n] {
				t.Errorf("%q, want %q", got[n], want[n])
			}
		}
		if history[0].Actor.Name == "" {
			t.Error("who reopened it has no name")
		}
	})
}
