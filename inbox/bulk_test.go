package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/errs"
	"wasl/store"
	"wasl/store/storetest"
	"wasl/work"
)

// member makes a user of the workspace, as whom long work goes on, where there is none yet.
func (p *process) member(name string, role access.Role) access.Viewer {
	p.w.t.Helper()
	u := &auth.User{Meta: store.Meta{ID: "usr_" + name}, WorkspaceID: "w", Name: name, Role: role, Active: true}
	users := store.NewCollection[auth.User](p.w.disk, auth.Schemas()[1])
	if err := p.w.disk.Write(p.w.t.Context(), users.Insert(u)); err != nil && !errors.Is(err, store.ErrExists) {
		p.w.t.Fatal(err)
	}
	v, err := p.users.ViewerOf(p.w.t.Context(), u.ID)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return v
}

// starts asks for bulk work as a browser does: again with the same key until it gets an answer.
func (p *process) starts(v access.Viewer, key string, ids []string, actions string) (jobID string) {
	jobID, _ = p.bulk(v, Bulk{Key: key, IDs: ids, Actions: []byte(actions)})
	return jobID
}

func (p *process) bulk(v access.Viewer, b Bulk) (jobID, token string) {
	p.w.t.Helper()
	for range 5 {
		of, token, _, err := p.Bulk(p.w.t.Context(), v, b)
		if err == nil {
			return of.ID, token
		}
		if p.engine.Dead() {
			return "", ""
		}
		if !errors.Is(err, store.ErrUnavailable) {
			p.w.t.Fatal(err)
		}
	}
	p.w.t.Fatal("the work was never taken")
	return "", ""
}

func (p *process) work(v access.Viewer, id string) work.JobView {
	p.w.t.Helper()
	of, err := p.Works.Get(p.w.t.Context(), v, id)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return of.View()
}

// duringCount, where a test sets it, is called when the action count is done.
var duringCount func(e *Editing)

// countVerb is an action that shows how often it was done.
func countVerb() action.Verb[*Editing] {
	type none struct{}
	return action.Define("count", access.EditConversations, nil, func(ctx context.Context, e *Editing, _ access.Actor, _ none) error {
		if duringCount != nil {
			duringCount(e)
		}
		labels := append(slices.Clone(e.c.conv.Labels), fmt.Sprint("done ", len(e.c.conv.Labels)))
		return e.Edit(ctx, Edit{Labels: &labels})
	})
}

const bulkActions = `[{"action":"set_priority","priority":"high"},{"action":"count"},` +
	`{"action":"add_note","text":"told them"},{"action":"send_message","text":"on its way"}]`

// Every conversation is done exactly once, all of its actions together, whatever fails at whichever write; what the user may not see is an
// error of the work and stays as it is.
func TestBulkWorkIsDoneOnceWhateverFails(t *testing.T) {
	t.Parallel()
	everyFault(t, func(t *testing.T, n int, fault storetest.Fault) (writes int) {
		bubble(t, func(t *testing.T, w *world) {
			first := w.boot().connect()
			carl, other := first.member("carl", access.Agent), first.member("other", access.Agent)
			var ids []string
			for k := range 2 {
				first.receive(says(fmt.Sprint("1202555014", k), fmt.Sprint("wamid.IN", k), "where is it?", 0))
			}
			settle(time.Minute)
			for _, c := range w.conversations() {
				ids = append(ids, c.ID)
			}
			hidden := ids[1]
			if _, err := first.Assign(t.Context(), boss, hidden, Assignment{AgentID: &other.UserID}); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, "cnv_none", ids[0])
			before := first.engine.Writes()
			if n > 0 {
				first.engine.Fail(before+n, fault)
			}
			first.starts(carl, "key", ids, bulkActions)
			settle(2 * time.Minute)
			writes = first.engine.Writes() - before
			first.stop()
			w.outboxes()
			second := w.boot().connect()
			id := second.starts(carl, "key", ids, bulkActions) // the browser never learned that it was taken
			settle(2 * time.Minute)
			of := second.work(carl, id)
			if of.State != work.Done || of.Done != 3 || of.Total != 3 || len(of.Errors) != 2 ||
				of.Errors[0].Code != "not_found" || of.Errors[0].Item != hidden || of.Errors[1].Item != "cnv_none" {
				t.Errorf("%+v", of)
			}
			for _, c := range w.conversations() {
				history, _, err := second.History(t.Context(), boss, c.ID, "", 20)
				if err != nil {
					t.Fatal(err)
				}
				changed := 0
				for _, a := range history {
					if a.Actor.ID == carl.UserID {
						changed++
					}
				}
				texts := second.thread(boss, c.ID, 20)
				if c.ID == hidden {
					if changed != 0 || c.Priority != "none" || len(texts) != 1 {
						t.Errorf("what the user may not see: %d changes, %s, %q", changed, c.Priority, texts)
					}
					continue
				}
				if changed != 1 || c.Priority != "high" || !slices.Equal(c.Labels, []string{"done 0"}) ||
					!slices.Equal(texts, []string{"on its way", "told them", "where is it?"}) {
					t.Errorf("%d changes, %s, %q, %q", changed, c.Priority, c.Labels, texts)
				}
			}
			second.stop()
			w.outboxes()
			w.quiet()
		})
		return writes
	})
}

// A work is seen and stopped by whoever started it alone; what was done by then stays, and nothing follows.
func TestWorkIsStopped(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		carl, other := p.member("carl", access.Agent), p.member("other", access.Supervisor)
		for k := range 5 {
			p.receive(says(fmt.Sprint("1202555014", k), fmt.Sprint("wamid.IN", k), "hello", 0))
		}
		settle(time.Minute)
		var ids []string
		for _, c := range w.conversations() {
			ids = append(ids, c.ID)
		}
		stopped := false
		duringCount = func(e *Editing) {
			if e.c.conv.ID != ids[2] || stopped {
				return
			}
			stopped = true
			if _, err := p.Works.Stop(t.Context(), other, e.key); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("another user stops it: %v", err)
			}
			if _, err := p.Works.Stop(t.Context(), carl, e.key); err != nil {
				t.Error(err)
			}
		}
		defer func() { duringCount = nil }()
		id := p.starts(carl, "", ids, `[{"action":"set_type","type":"sales"},{"action":"count"}]`)
		settle(time.Minute)
		if _, err := p.Works.Get(t.Context(), other, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another user sees it: %v", err)
		}
		if got := p.work(carl, id); got.State != work.Stopped || got.Done != 2 {
			t.Errorf("%+v", got)
		}
		sales := 0
		for _, c := range w.conversations() {
			if c.Type == "sales" {
				sales++
			}
		}
		if sales != 2 {
			t.Errorf("%d were done", sales)
		}
		p.stop()
		w.quiet()
	})
}

// Actions that cannot be, or that the caller may not do, are refused with their place before anything is done; what a user may do is asked
// again for each conversation.
func TestBulkWorkThatIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		carl := p.member("carl", access.Agent)
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		settle(time.Minute)
		ids := []string{w.only().ID}
		for actions, want := range map[string]string{
			`[]`: "nothing_to_do actions", `[{"action":"fly"}]`: "unknown_action actions/0/action",
			`[{"action":"add_note","text":"a"},{"action":"add_label","label":"a,b"}]`: "invalid_label actions/1/label",
			`[{"action":"snooze","minutes":5,"until_answered":true}]`:                 "invalid_snooze actions/0/minutes",
			`[{"action":"snooze","minutes":-5}]`:                                      "invalid_snooze actions/0/minutes",
			`[{"action":"set_status","status":"snoozed"}]`:                            "invalid_action actions/0/status",
			`[{"action":"assign"}]`:                                                   "nothing_to_assign actions/0/agent_id",
			`[{"action":"send_message","text":""}]`:                                   "empty_message actions/0/text",
			`[{"action":"set_type","type":"sales","priority":"high"}]`:                "invalid_action actions/0/priority",
		} {
			_, _, _, err := p.Bulk(t.Context(), carl, Bulk{IDs: ids, Actions: []byte(actions)})
			var e *errs.Error
			if !errors.As(err, &e) || len(e.Fields) != 1 || e.Code+" "+e.Fields[0].Field != want {
				t.Errorf("%s: %v, want %s", actions, err, want)
			}
		}
		nobody := access.Viewer{UserID: carl.UserID, WorkspaceID: "w", Role: "removed"}
		if _, _, _, err := p.Bulk(t.Context(), nobody, Bulk{IDs: ids, Actions: []byte(bulkActions)}); code(err) != "forbidden" {
			t.Errorf("without the permission: %v", err)
		}
		of := p.starts(carl, "", ids, `[{"action":"set_type","type":"sales"},{"action":"assign","team_id":"tem_none"}]`)
		settle(time.Minute)
		if got := p.work(carl, of); len(got.Errors) != 1 || got.Errors[0].Code != "unknown_team" || w.only().Type != "" {
			t.Errorf("a team that there is not: %+v, type %q", got, w.only().Type)
		}
	})
}

// A conversation that is snoozed until the customer writes stays so, also beyond a time that was set before, until they do.
func TestSnoozedUntilTheCustomerWrites(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		carl := p.member("carl", access.Agent)
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		settle(time.Minute)
		ids := []string{w.only().ID}
		p.starts(carl, "", ids, `[{"action":"snooze","minutes":60}]`)
		settle(time.Minute)
		if c := w.only(); c.Status != Snoozed || c.SnoozedUntil == nil {
			t.Fatalf("%s until %v", c.Status, c.SnoozedUntil)
		}
		p.starts(carl, "", ids, `[{"action":"snooze","minutes":5},{"action":"snooze","until_answered":true}]`)
		settle(90 * time.Minute)
		if c := w.only(); c.Status != Snoozed || c.SnoozedUntil != nil {
			t.Fatalf("%s until %v", c.Status, c.SnoozedUntil)
		}
		p.receive(says(ines, "wamid.IN2", "again", 5))
		settle(time.Minute)
		if c := w.only(); c.Status != Open {
			t.Errorf("after the customer wrote: %s", c.Status)
		}
		p.stop()
		w.quiet()
	})
}
