package routing

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"wasl/activity"
	"wasl/auth"
	"wasl/channels"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/store/storetest"
)

// policy adds a service level.
func (p *process) policy(of Policy) *Policy {
	p.w.t.Helper()
	if of.Promise.Warn == 0 {
		of.Promise.Warn = 80
	}
	if of.When == "" {
		of.When = `{"all":[]}`
	}
	made, _, err := p.policies.create(p.w.t.Context(), p.boss, "", of)
	p.w.ok(err)
	return made
}

// answers has a person write, and returns the message.
func (p *process) answers(v access.Viewer, id, words string) {
	p.w.t.Helper()
	p.w.said++
	_, _, err := p.Inbox.Reply(p.w.t.Context(), v, id, inbox.NewMessage{
		ClientID: fmt.Sprint(p.w.said), Content: channels.Content{Type: channels.TypeText, Text: words},
	})
	p.w.ok(err)
}

// shown is a conversation as REST shows it.
func (p *process) shown(id string) inbox.ConversationView {
	p.w.t.Helper()
	v, err := p.Inbox.View(p.w.t.Context(), p.boss, id)
	p.w.ok(err)
	return v
}

// level is a service level of a conversation as REST shows it; nil: there is none.
func (p *process) level(id string, m inbox.Metric) *inbox.LevelView {
	for _, l := range p.shown(id).SLA {
		if l.Metric == m {
			return &l
		}
	}
	return nil
}

// told are the events of a type, in their order, as the metric that each is about.
func (p *process) told(event string) (metrics []inbox.Metric) {
	p.w.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.seen {
		if n.Type == event {
			var e LevelEvent
			p.w.ok(json.Unmarshal(n.Data, &e))
			metrics = append(metrics, e.Metric)
		}
	}
	return metrics
}

// What is promised about a conversation is measured from the webhook on, warns, is breached, and ends with a person's answer; each is told
// of once, in the conversation's history too.
func TestServiceLevelsFromTheFirstMessageToTheAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		team := w.customers(p, "ann")
		p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 10, NextAnswer: 20, Resolution: 60}})
		id := p.says("972540000001", "hello")
		began := time.Now()
		first := p.level(id, inbox.FirstAnswer)
		if first == nil || !first.DueAt.Equal(began.Add(10*time.Minute)) || !first.WarnAt.Equal(began.Add(8*time.Minute)) || first.Paused {
			t.Fatalf("the first answer: %+v", first)
		}
		if v := p.shown(id); v.WaitingSince == nil || !v.WaitingSince.Equal(began) || len(v.SLA) != 2 {
			t.Fatalf("%+v since %v", v.SLA, v.WaitingSince)
		}
		settle(8*time.Minute - time.Millisecond)
		if len(p.told(slaWarning)) != 0 {
			t.Fatal("it warned too early")
		}
		settle(time.Millisecond)
		if got := fmt.Sprint(p.told(slaWarning)); got != "[first_answer]" {
			t.Fatalf("warned of %s", got)
		}
		settle(2 * time.Minute)
		if got := fmt.Sprint(p.told(slaBreached)); got != "[first_answer]" || len(p.told(slaWarning)) != 1 {
			t.Fatalf("breached: %s", got)
		}
		if first = p.level(id, inbox.FirstAnswer); !first.BreachedAt.Equal(first.DueAt.Time) || first.MetAt != nil {
			t.Fatalf("the first answer: %+v", first)
		}
		if q, err := p.queue(t.Context(), "w", team.ID); err != nil || q.ServiceLevel == nil || *q.ServiceLevel != 0 {
			t.Fatalf("the service level is %v, %v", q.ServiceLevel, err)
		}
		p.answers(p.boss, id, "sorry")
		v := p.shown(id)
		if v.WaitingSince != nil || p.level(id, inbox.FirstAnswer).MetAt == nil || !p.level(id, inbox.Resolution).Paused {
			t.Fatalf("answered: %+v since %v", v.SLA, v.WaitingSince)
		}
		found, _, err := p.Inbox.History(t.Context(), p.boss, id, "", 50)
		w.ok(err)
		lines := map[string]int{}
		for _, a := range found {
			lines[a.Action]++
		}
		if lines[actionWarned] != 1 || lines[actionBreached] != 1 {
			t.Errorf("the history has %v", lines)
		}
		w.exact()
	})
}

// customers' next messages are measured by the promise for those, and the resolution stands while the customer is waited for.
func TestServiceLevelsStandWhileTheCustomerIsWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		w.customers(p, "ann")
		p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 10, NextAnswer: 20, Resolution: 60}})
		id := p.says("972540000001", "hello")
		settle(5 * time.Minute)
		p.answers(p.boss, id, "hello!")
		if first := p.level(id, inbox.FirstAnswer); first.MetAt == nil || first.BreachedAt != nil || first.Paused {
			t.Fatalf("the first answer: %+v", first)
		}
		settle(30 * time.Minute) // ours was the last word
		if got := p.told(slaWarning); len(got) != 0 {
			t.Fatalf("warned of %v", got)
		}
		p.says("972540000001", "and now?")
		again := time.Now()
		if end := p.level(id, inbox.Resolution); end.Paused || !end.DueAt.Equal(again.Add(55*time.Minute)) {
			t.Fatalf("the resolution goes on: %+v at %s", end, again)
		}
		if n := p.level(id, inbox.NextAnswer); n == nil || !n.DueAt.Equal(again.Add(20*time.Minute)) {
			t.Fatalf("the next answer: %+v", n)
		}
		settle(10 * time.Minute)
		p.status(id, inbox.Pending)
		settle(30 * time.Minute)
		if n := p.level(id, inbox.NextAnswer); !n.Paused || n.BreachedAt != nil {
			t.Fatalf("pending: %+v", n)
		}
		p.says("972540000001", "I am back") // it stays pending, but we no longer wait
		if n := p.level(id, inbox.NextAnswer); n.Paused || !n.DueAt.Equal(time.Now().Add(10*time.Minute)) {
			t.Fatalf("they wrote: %+v", n)
		}
		settle(9 * time.Minute)
		if got := fmt.Sprint(p.told(slaWarning)); got != "[next_answer]" {
			t.Fatalf("warned of %s", got)
		}
		p.status(id, inbox.Resolved)
		if end := p.level(id, inbox.Resolution); end.MetAt == nil || end.BreachedAt != nil || p.shown(id).WaitingSince != nil {
			t.Fatalf("resolved: %+v", end)
		}
		if n := p.level(id, inbox.NextAnswer); n != nil {
			t.Fatalf("nobody waits for it any more: %+v", n)
		}
		settle(30 * time.Minute)
		if got := p.told(slaBreached); len(got) != 0 {
			t.Fatalf("breached: %v", got)
		}
	})
}

// The first service level that holds applies, also by what the rules and the classifier say, and by where people put it later; what is
// changed or removed changes nothing that runs.
func TestWhichServiceLevelApplies(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		vip := p.team("VIP", auth.WorkEdit{}, "ann")
		usual := w.customers(p, "ann")
		fast := p.policy(Policy{
			Name: "VIP", When: `{"field":"team_id","op":"is","value":"` + vip.ID + `"}`, Promise: inbox.Promise{FirstAnswer: 5},
		})
		slow := p.policy(Policy{
			Name: "Usual", When: `{"field":"team_id","op":"is","value":"` + usual.ID + `"}`, Promise: inbox.Promise{FirstAnswer: 60},
		})
		id := p.says("972540000001", "hello")
		began := time.Now()
		if l := p.level(id, inbox.FirstAnswer); l == nil || !l.DueAt.Equal(began.Add(time.Hour)) {
			t.Fatalf("of the team that the rules say: %+v", l)
		}
		settle(2 * time.Minute)
		p.edit(id, inbox.Edit{Assignment: inbox.Assignment{TeamID: &vip.ID}})
		if l := p.level(id, inbox.FirstAnswer); !l.DueAt.Equal(began.Add(5 * time.Minute)) {
			t.Fatalf("of the team that has it now: %+v", l)
		}
		any := func(int64) error { return nil }
		_, err := p.policies.change(t.Context(), p.boss, fast.ID, any, func(p *Policy) { p.Promise.FirstAnswer = 1 })
		w.ok(err)
		p.edit(id, inbox.Edit{Labels: &[]string{"a"}})
		w.ok(p.policies.remove(t.Context(), p.boss, fast.ID, any))
		p.edit(id, inbox.Edit{Labels: &[]string{"b"}})
		if l := p.level(id, inbox.FirstAnswer); l == nil || !l.DueAt.Equal(began.Add(5*time.Minute)) {
			t.Fatalf("what runs keeps its times: %+v", l)
		}
		p.status(id, inbox.Resolved)
		w.ok(p.policies.remove(t.Context(), p.boss, slow.ID, any))
		if p.says("972540000001", "again"); len(p.shown(id).SLA) != 0 {
			t.Errorf("nothing is promised any more: %+v", p.shown(id).SLA)
		}
	})
}

// Hours, holidays and changes of the clocks count: what comes on the evening before is due in the morning.
func TestServiceLevelsGoByBusinessHours(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) { // it begins at 09:00 in UTC
		p := w.boot(true).connect()
		h := &Hours{WorkspaceID: "w", Zone: "UTC", Week: week([]string{"10:00", "11:00"})}
		h.ID = "hrs_1"
		w.ok(w.disk.Write(t.Context(), p.hours.Insert(h)))
		p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 90, HoursID: "hrs_1"}})
		start := time.Now()
		id := p.says("972540000001", "hello")
		if l := p.level(id, inbox.FirstAnswer); l == nil || !l.DueAt.Equal(start.Add(25*time.Hour+30*time.Minute)) {
			t.Errorf("due: %+v, began %s", l, start)
		}
		if _, _, err := p.policies.create(t.Context(), p.boss, "", Policy{
			When: `{"all":[]}`, Promise: inbox.Promise{FirstAnswer: 1, HoursID: "hrs_none"},
		}); code(err) != "unknown_hours" {
			t.Errorf("hours that there are not: %v", err)
		}
		if _, _, err := p.policies.create(t.Context(), p.boss, "", Policy{When: `{"all":[]}`}); code(err) != "nothing_to_do" {
			t.Errorf("nothing promised: %v", err)
		}
	})
}

// tellings counts what the history says of the conversations' service levels, by conversation and what it says.
func (w *world) tellings() map[string]int {
	count := map[string]int{}
	for _, a := range everything[activity.Activity](w, activity.Schemas()[0]) {
		count[a.Subject.ID+" "+a.Action]++
	}
	return count
}

// Whatever write of a timer fails, and wherever the process is cut off, a warning and a breach are told of exactly once.
func TestATimerThatIsCutOffTellsOnce(t *testing.T) {
	for _, fault := range storetest.Faults() {
		for n := 1; n <= 5; n++ {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot(true).connect()
				p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 10}})
				id := p.says("972540000001", "hello")
				settle(8*time.Minute - time.Second)
				p.engine.Fail(p.engine.Writes()+n, fault)
				settle(3 * time.Minute)
				p.engine.Kill()
				p.stop()
				w.boot(true)
				settle(2 * time.Minute)
				if count := w.tellings(); count[id+" "+actionWarned] != 1 || count[id+" "+actionBreached] != 1 {
					t.Errorf("%v at write %d: %d, %d", fault, n, count[id+" "+actionWarned], count[id+" "+actionBreached])
				}
			})
		}
	}
}

// Several instances have one clock for what is promised: nothing is told of twice.
func TestServiceLevelsOnSeveralInstances(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(false).connect()
		w.boot(false)
		w.boot(false)
		p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 10, Resolution: 20}})
		var ids []string
		for n := range 10 {
			ids = append(ids, p.says(fmt.Sprintf("97254000000%d", n), "hello"))
		}
		settle(21 * time.Minute)
		count := w.tellings()
		for _, id := range ids {
			if count[id+" "+actionWarned] != 2 || count[id+" "+actionBreached] != 2 {
				t.Errorf("%s: %d, %d", id, count[id+" "+actionWarned], count[id+" "+actionBreached])
			}
		}
	})
}
