package routing

import (
	"fmt"
	"testing"
	"time"

	"wasl/inbox"
	"wasl/inbox/live"
)

// Lists can be asked for what is late or nearly so, and for what is due first; a condition may ask the same.
func TestListsByServiceLevel(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 10}})
		late := p.says("972540000001", "hello")
		settle(5 * time.Minute)
		soon := p.says("972540000002", "hello")
		settle(8 * time.Minute)
		fresh := p.says("972540000003", "hello")
		listed := func(f inbox.Filter) string {
			t.Helper()
			f.Status = []string{"open"}
			found, _, err := p.Inbox.List(t.Context(), p.boss, f, "", 10)
			w.ok(err)
			ids := []string{}
			for _, c := range found {
				ids = append(ids, c.ID)
			}
			return fmt.Sprint(ids)
		}
		for _, c := range []struct {
			filter inbox.Filter
			want   []string
		}{
			{inbox.Filter{Sort: live.ByDue}, []string{late, soon, fresh}},
			{inbox.Filter{Level: []string{"breached"}}, []string{late}},
			{inbox.Filter{Level: []string{"warning"}}, []string{soon}},
			{inbox.Filter{Level: []string{"warning", "breached"}, Sort: live.ByDue}, []string{late, soon}},
			{inbox.Filter{Level: []string{"in_time"}}, []string{fresh}},
		} {
			if got := listed(c.filter); got != fmt.Sprint(c.want) {
				t.Errorf("%v by %q: %s instead of %s", c.filter.Level, c.filter.Sort, got, c.want)
			}
		}
		is, err := p.Inbox.ParseCondition([]byte(`{"field":"sla","op":"in","value":["warning","breached"]}`), "when")
		w.ok(err)
		for id, want := range map[string]bool{late: true, soon: true, fresh: false} {
			if holds, err := p.Inbox.Holding(t.Context(), "w", id, nil, []inbox.Condition{is}); err != nil || holds[0] != want {
				t.Errorf("the condition holds: %v, %v", holds, err)
			}
		}
	})
}

// What is resolved without an answer was not late unless it was by then; what a colleague opens again goes on from where it stood, and what
// the customer begins again begins anew.
func TestWhatEndsAndGoesOn(t *testing.T) {
	t.Parallel()
	began := testTime
	at := func(minutes int) time.Time { return began.Add(time.Duration(minutes) * time.Minute) }
	waits := func(minutes int) *time.Time { when := at(minutes); return &when }
	open := func(since *time.Time) inbox.Standing { return inbox.Standing{Status: inbox.Open, WaitingSince: since} }
	done := inbox.Standing{Status: inbox.Resolved}
	promise := &inbox.Promise{PolicyID: "slp_1", FirstAnswer: 10, Resolution: 60, Warn: 80}
	start := func() *inbox.Levels {
		l, _ := advance(nil, moment{now: began, after: open(waits(0)), begins: true, spoke: true, promise: promise})
		return l
	}
	says := func(l *inbox.Levels) (text string) {
		for _, one := range l.Timers {
			text += fmt.Sprintf("%s due %v", one.Metric, one.DueAt.Sub(began).Minutes())
			switch {
			case one.BreachedAt != nil:
				text += " late"
			case one.MetAt != nil:
				text += " met"
			case one.Paused:
				text += " paused"
			}
			text += "; "
		}
		return text
	}
	expect := func(l *inbox.Levels, what, want string) {
		t.Helper()
		if got := says(l); got != want {
			t.Errorf("%s: %s instead of %s", what, got, want)
		}
	}
	expect(start(), "it begins", "first_answer due 10; resolution due 60; ")
	early, _ := advance(start(), moment{now: at(5), before: open(waits(0)), after: done})
	expect(early, "resolved in time, without an answer", "resolution due 60 met; ")
	late, happened := advance(start(), moment{now: at(15), before: open(waits(0)), after: done})
	expect(late, "resolved after the answer was due", "first_answer due 10 late; resolution due 60 met; ")
	if len(happened) != 3 { // a warning, a breach, and the resolution in time
		t.Errorf("happened: %v", happened)
	}
	again, _ := advance(early, moment{now: at(100), before: done, after: open(nil)})
	expect(again, "opened by a colleague", "resolution due 60 paused; ")
	again, _ = advance(again, moment{now: at(200), before: open(nil), after: open(waits(200)), spoke: true})
	if n := len(again.Timers); n == 0 || again.Timers[0].DueAt != at(255) {
		t.Errorf("the customer writes in what a colleague opened: %s", says(again))
	}
	anew, _ := advance(early, moment{now: at(100), before: done, after: open(waits(100)), begins: true, spoke: true, promise: promise})
	expect(anew, "begun again by the customer", "first_answer due 110; resolution due 160; ")
}
