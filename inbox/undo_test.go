package inbox

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wasl/contacts"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/store"
	"wasl/store/storetest"
	"wasl/work"
)

// viewOfAll has the process know one view, all, of what is not resolved.
func (p *process) viewOfAll() {
	p.NameViews(func(_ context.Context, _ access.Viewer, id string) (Filter, error) {
		if id != "all" {
			return Filter{}, store.ErrNotFound
		}
		return Filter{Status: unresolved, Sort: live.Newest}, nil
	})
}

// undoes takes back as a browser does: again until it gets an answer. What an earlier try did is told as used.
func (p *process) undoes(v access.Viewer, token string) *Undone {
	p.w.t.Helper()
	for range 5 {
		done, err := p.Undo(p.w.t.Context(), v, token)
		if err == nil {
			return done
		}
		if p.engine.Dead() || code(err) == "undo_used" {
			return nil
		}
	}
	p.w.t.Fatal("never undone")
	return nil
}

// Bulk work on a view is done once for each of its conversations, and taken back once, whatever fails at whichever write of either; what
// has changed since stays, and is told.
func TestBulkWorkIsTakenBackWhateverFails(t *testing.T) {
	t.Parallel()
	everyFault(t, func(t *testing.T, n int, fault storetest.Fault) (writes int) {
		bubble(t, func(t *testing.T, w *world) {
			first := w.boot().connect()
			first.viewOfAll()
			carl := first.member("carl", access.Agent)
			for k := range 3 {
				first.receive(says(fmt.Sprint("1202555014", k), fmt.Sprint("wamid.IN", k), "where is it?", 0))
			}
			settle(time.Minute)
			was := map[string]fields{}
			for _, c := range w.conversations() {
				was[c.ID] = c.fields()
			}
			before := first.engine.Writes()
			if n > 0 {
				first.engine.Fail(before+n, fault)
			}
			b := Bulk{Key: "key", ViewID: "all", Actions: []byte(`[{"action":"assign","agent_id":"me"},{"action":"set_type","type":"sales"},` +
				`{"action":"add_label","label":"x"},{"action":"set_status","status":"resolved"}]`)}
			first.bulk(carl, b)
			settle(time.Minute)
			_, token := first.bulk(carl, b)
			if token != "" {
				first.undoes(carl, token)
			}
			settle(time.Minute)
			writes = first.engine.Writes() - before
			first.stop()
			w.outboxes()
			second := w.boot().connect()
			second.viewOfAll()
			_, token = second.bulk(carl, b) // the browser never learned that it was taken
			settle(time.Minute)
			if _, err := second.Undo(t.Context(), carl, token); code(err) != "undo_used" && err != nil {
				t.Fatal(err)
			}
			settle(time.Minute)
			for _, c := range w.conversations() {
				if got := c.fields(); !sameFields(got, was[c.ID]) {
					t.Errorf("%s: %+v, was %+v", c.ID, got, was[c.ID])
				}
			}
			second.stop()
			w.outboxes()
			w.quiet()
		})
		return writes
	})
}

func sameFields(a, b fields) bool {
	same := same(a.SnoozedUntil, b.SnoozedUntil) && same(a.WaitingSince, b.WaitingSince)
	a.SnoozedUntil, a.WaitingSince, b.SnoozedUntil, b.WaitingSince = nil, nil, nil, nil
	return same && fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b)
}

// What has changed since the work is not overwritten, what was written stays written, and both are told; while it runs it is stopped.
func TestUndoLeavesAloneWhatHasChangedSince(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		carl := p.member("carl", access.Agent)
		for k := range 3 {
			p.receive(says(fmt.Sprint("1202555014", k), fmt.Sprint("wamid.IN", k), "where is it?", 0))
		}
		settle(time.Minute)
		var ids []string
		for _, c := range w.conversations() {
			ids = append(ids, c.ID)
		}
		_, token := p.bulk(carl, Bulk{IDs: ids[:2], Actions: []byte(`[{"action":"set_priority","priority":"high"},` +
			`{"action":"add_label","label":"x"},{"action":"add_note","text":"checked"}]`)})
		settle(time.Minute)
		p.edit(boss, ids[0], Edit{Priority: ptr("urgent"), Labels: &[]string{"x", "y"}})
		done := p.undoes(carl, token)
		if done.Kind != undoBulk || done.Work == nil {
			t.Fatalf("%+v", done)
		}
		settle(time.Minute)
		of := p.work(carl, done.Work.ID)
		if of.Done != 2 || of.Refused != 0 || len(of.Errors) != 2 || of.Errors[0].Code != "left_alone" ||
			of.Errors[0].Detail != "Changed since, and left as it is: priority. Messages and notes cannot be taken back." {
			t.Errorf("%+v", of)
		}
		a, b := conversation(t, p, ids[0]), conversation(t, p, ids[1])
		if a.Priority != "urgent" || !slices.Equal(a.Labels, []string{"y"}) || b.Priority != "none" || len(b.Labels) != 0 {
			t.Errorf("%s %q, %s %q", a.Priority, a.Labels, b.Priority, b.Labels)
		}
		history, _, err := p.History(t.Context(), boss, ids[1], "", 1)
		if err != nil || history[0].Actor.Cause.Kind != access.Undoing {
			t.Errorf("%+v, %v", history, err)
		}

		// undone while it runs
		var running string
		duringCount = func(e *Editing) {
			if e.c.conv.ID == ids[1] && running == "" {
				running = e.key
				p.undoes(carl, undoToken(carl, undoBulk, e.key))
			}
		}
		defer func() { duringCount = nil }()
		p.bulk(carl, Bulk{IDs: ids, Actions: []byte(`[{"action":"set_type","type":"sales"},{"action":"count"}]`)})
		settle(time.Minute)
		for _, c := range w.conversations() {
			if c.Type != "" {
				t.Errorf("%s is still %s", c.ID, c.Type)
			}
		}
		if got := p.work(carl, running); got.State != work.Stopped || got.Done != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func conversation(t *testing.T, p *process, id string) *Conversation {
	t.Helper()
	c, err := p.getConversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A macro is done once for each key and taken back once; a token that is unknown, somebody else's, used or over says so.
func TestAMacroIsTakenBackOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		carl, other := p.member("carl", access.Agent), p.member("other", access.Supervisor)
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		settle(time.Minute)
		was := w.only()
		d := Doing{Key: "k", Actions: []byte(`[{"action":"assign","agent_id":"me"},{"action":"set_status","status":"resolved"},` +
			`{"action":"add_label","label":"x"}]`)}
		_, token, err := p.Do(t.Context(), carl, was.ID, d)
		if err != nil || w.only().Status != Resolved {
			t.Fatal(err)
		}
		for who, v := range map[string]access.Viewer{"unknown": carl, "another's": other, "another workspace's": {
			UserID: carl.UserID, WorkspaceID: "other", Role: access.Owner,
		}} {
			asked := token
			if who == "unknown" {
				asked = "und_none"
			}
			if _, err := p.Undo(t.Context(), v, asked); code(err) != "undo_unknown" {
				t.Errorf("%s: %v", who, err)
			}
		}
		done := p.undoes(carl, token)
		if c := w.only(); done.ConversationID != c.ID || len(done.Left) != 0 || !sameFields(c.fields(), was.fields()) {
			t.Errorf("%+v, %+v, was %+v", done, c.fields(), was.fields())
		}
		if _, err := p.Undo(t.Context(), carl, token); code(err) != "undo_used" {
			t.Errorf("again: %v", err)
		}
		if _, again, err := p.Do(t.Context(), carl, was.ID, d); err != nil || again != token || w.only().Status != Open {
			t.Errorf("the same key did it again: %v", err)
		}
		d.Key = "k2"
		_, token, err = p.Do(t.Context(), carl, was.ID, d)
		if err != nil {
			t.Fatal(err)
		}
		p.receive(says(ines, "wamid.IN2", "one more thing", 90))
		if done = p.undoes(carl, token); !slices.Equal(done.Left, []Left{LeftStatus}) || len(w.only().Labels) != 0 {
			t.Errorf("the customer reopened it: left %v, %q", done.Left, w.only().Labels)
		}
		d.Key = "k3"
		_, token, err = p.Do(t.Context(), carl, was.ID, d)
		if err != nil {
			t.Fatal(err)
		}
		u, err := p.undos.Get(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		u.Until = time.Now()
		if err := w.disk.Write(t.Context(), p.undos.Replace(u)); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Undo(t.Context(), carl, token); code(err) != "undo_expired" {
			t.Errorf("after a day: %v", err)
		}
	})
}

// Work on a whole view has all of its conversations and no others, in the background, also where it is cut off half way; what is more than
// 50,000 is refused before anything is done.
func TestBulkWorkOnAWholeViewGoesOnWhereItWasCutOff(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		p.viewOfAll()
		carl := p.member("carl", access.Agent)
		const many = 1203
		w.conversing(many)
		p.bulk(carl, Bulk{Key: "k", ViewID: "all", Actions: []byte(`[{"action":"count"},{"action":"set_status","status":"resolved"}]`)})
		settle(time.Millisecond)
		p.engine.Fail(p.engine.Writes()+many/2, storetest.KilledAfter)
		settle(time.Minute)
		p.stop()
		w.outboxes()
		second := w.boot()
		second.viewOfAll()
		settle(2 * time.Minute)
		id, token := second.bulk(carl, Bulk{
			Key: "k", ViewID: "all", Actions: []byte(`[{"action":"count"},{"action":"set_status","status":"resolved"}]`),
		})
		if got := second.work(carl, id); got.State != work.Done || got.Done != many || got.Refused != 0 {
			t.Errorf("%+v", got)
		}
		for _, c := range w.conversations() {
			if c.Status != Resolved || !slices.Equal(c.Labels, []string{"done 0"}) {
				t.Fatalf("%s: %s %q", c.ID, c.Status, c.Labels)
			}
		}
		done := second.undoes(carl, token)
		settle(time.Minute)
		if got := second.work(carl, done.Work.ID); got.State != work.Done || got.Done != many || got.Total != many || got.Refused != 0 {
			t.Errorf("%+v", got)
		}
		for _, c := range w.conversations() {
			if c.Status != Open || len(c.Labels) != 0 {
				t.Fatalf("%s: %s %q", c.ID, c.Status, c.Labels)
			}
		}
		second.stop()
		w.outboxes()
		w.conversing(work.MaxItems + 1)
		third := w.boot()
		third.viewOfAll()
		if _, _, _, err := third.Bulk(t.Context(), carl, Bulk{
			ViewID: "all", Actions: []byte(`[{"action":"set_status","status":"resolved"}]`),
		}); code(err) != "too_many_conversations" {
			t.Errorf("more than there may be: %v", err)
		}
		if _, _, _, err := third.Bulk(t.Context(), carl, Bulk{ViewID: "none", Actions: []byte(bulkActions)}); code(err) != "unknown_view" {
			t.Errorf("a view that there is not: %v", err)
		}
		third.stop()
		w.outboxes()
	})
}

// conversing puts conversations of one contact into the store, as many as are asked for.
func (w *world) conversing(many int) {
	w.t.Helper()
	of := store.NewCollection[Conversation](w.disk, conversationSchema)
	persons := store.NewCollection[contacts.Contact](w.disk, contacts.Schemas()[0])
	if err := w.disk.Write(w.t.Context(), persons.Insert(&contacts.Contact{
		Meta: store.Meta{ID: fmt.Sprint("con_", many)}, WorkspaceID: "w",
	})); err != nil {
		w.t.Fatal(err)
	}
	for from := 0; from < many; from += 1000 {
		var changes []store.Change
		for n := from; n < min(many, from+1000); n++ {
			changes = append(changes, of.Insert(&Conversation{
				Meta: store.Meta{ID: fmt.Sprintf("cnv_%d_%06d", many, n)}, WorkspaceID: "w", Origin: fmt.Sprint("con_", many),
				ContactID: fmt.Sprint("con_", many), ChannelID: "chn", Status: Open, Priority: "none", Labels: []string{},
				LastActivityAt: sampleTime.Add(time.Duration(n) * time.Millisecond), Outbox: []string{},
			}))
		}
		if err := w.disk.Write(w.t.Context(), changes...); err != nil {
			w.t.Fatal(err)
		}
	}
}
