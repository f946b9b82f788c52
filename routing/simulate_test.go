package routing

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
	"wasl/work"
)

// day has a random day happen, with customers who write, and returns when it began.
func day(w *world, p *process, seed uint64, deeds int) (b *bustle, from time.Time) {
	w.t.Helper()
	w.opened()
	_, _, err := p.CreateSkill(w.t.Context(), p.boss, "vat", "VAT")
	w.ok(err)
	b = newBustle(w, p, seed)
	p.connect()
	best, sticky := auth.BestSkilled, auth.StickyLastAgent
	b.teams = append(b.teams, p.team("Fourth", auth.WorkEdit{Strategy: &best, Sticky: &sticky}, b.names[1:5]...))
	mine := auth.StickyOwner
	b.teams = append(b.teams, p.team("Fifth", auth.WorkEdit{Sticky: &mine}, b.names[1:4]...))
	for n, name := range b.names {
		p.capacity(name, 2+n%3, Skill{"vat", 1 + n%5})
	}
	p.rule(Rule{Name: "vip", When: `{"field":"text","op":"contains","value":"urgent"}`, GoOn: true, Then: Then{Priority: "urgent"}})
	p.rule(Rule{Name: "offers", When: `{"field":"text","op":"contains","value":"offer"}`, Then: Then{TeamID: b.teams[1].ID}})
	p.rule(Rule{Name: "tax", When: `{"field":"text","op":"contains","value":"tax"}`, Then: Then{
		TeamID: b.teams[3].ID, Skills: []Need{{Key: "vat", Level: 4, RelaxAfter: 113}},
	}})
	p.rule(Rule{Name: "mine", When: `{"field":"text","op":"contains","value":"mine"}`, Then: Then{TeamID: b.teams[4].ID}})
	p.rule(Rule{Name: "her", When: `{"field":"text","op":"contains","value":"ann"}`, Then: Then{TeamID: b.teams[0].ID, AgentID: "usr_a1"}})
	p.rule(Rule{Name: "rest", When: `{"field":"text","op":"contains","value":"help"}`, Then: Then{TeamID: b.teams[0].ID}})
	p.arrive(b.names[:4]...)
	settle(6 * time.Minute)
	from = store.Millis(time.Now())
	time.Sleep(time.Millisecond)
	for range deeds {
		b.hour()
		settle(time.Millisecond + time.Duration(b.r.Int64N(int64(20*time.Second))))
		if b.r.IntN(4) > 0 {
			b.answer()
		}
		settle(time.Millisecond + time.Duration(b.r.Int64N(int64(20*time.Second))))
	}
	settle(time.Second)
	return b, from
}

// hour does something that happens on a day with much to do.
func (b *bustle) hour() {
	switch k := b.r.IntN(10); {
	case k < 4:
		words := []string{"help", "offer", "urgent help", "urgent offer", "nothing", "tax", "tax help", "ann", "mine"}[b.r.IntN(9)]
		id := b.p.says(fmt.Sprintf("97254%07d", b.r.IntN(60)), words)
		b.all = append(b.all, id)
		if b.r.IntN(2) == 0 {
			b.p.owns(b.names[1+b.r.IntN(3)], id)
		}
		slices.Sort(b.all)
		b.all = slices.Compact(b.all)
	case k < 6:
		b.done()
	case k == 6:
		b.p.Here("w", "usr_"+b.names[b.r.IntN(len(b.names))], true)
	case k == 7:
		b.answer()
	default:
		b.one()
	}
}

// done resolves something that somebody has.
func (b *bustle) done() {
	for _, r := range everything[Route](b.p.w, routeSchema) {
		if r.State == Assigned && b.r.IntN(2) == 0 {
			b.p.status(r.ID, inbox.Resolved)
			return
		}
	}
}

// replayed reads and replays what happened.
func (p *process) replayed(from, to time.Time, sc Scenario) (*history, *simulation) {
	p.w.t.Helper()
	ctx := p.w.t.Context()
	sc.From, sc.To = from, to
	set, err := p.prepare(ctx, "w", &sc)
	p.w.ok(err)
	h := &history{workspaceID: "w", from: from, to: to}
	for cursor := ""; ; {
		cursor, err = p.readHistory(ctx, h, cursor)
		p.w.ok(err)
		if cursor == "" {
			break
		}
	}
	sim, err := p.newSimulation(ctx, h, set)
	p.w.ok(err)
	for done := false; !done; {
		done, err = sim.advance(ctx, 100)
		p.w.ok(err)
	}
	return h, sim
}

// A day that is replayed with nothing changed is what it was: each conversation comes to the same agent after the same time.
func TestReplayingADayUnchangedGivesWhatHappened(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot(true)
				_, from := day(w, p, seed, 300)
				h, sim := p.replayed(from, store.Millis(time.Now()), Scenario{})
				same(t, h.real, sim.out)
			})
		})
	}
}

// latency is how long the engine may take to do what it could have done at once.
const latency = 2 * time.Second

// alike reports whether two are the same but for the engine's own latency.
func alike(a, b *arrival) bool {
	x, y := *a, *b
	if x.at.Sub(y.at).Abs() > latency || x.assignedAt.Sub(y.assignedAt).Abs() > latency ||
		x.leftAt.Sub(y.leftAt).Abs() > latency {
		return false
	}
	x.at, x.assignedAt, x.leftAt = y.at, y.assignedAt, y.leftAt
	return x == y
}

func same(t *testing.T, real, replayed outcomes) {
	t.Helper()
	a, b := real.sorted(), replayed.sorted()
	assigned, waited := 0, 0
	for n := range max(len(a), len(b)) {
		if n >= len(a) || n >= len(b) || !alike(a[n], b[n]) {
			var x, y arrival
			if n < len(a) {
				x = *a[n]
			}
			if n < len(b) {
				y = *b[n]
			}
			t.Fatalf("number %d of %d and %d was\n%+v and is\n%+v", n, len(a), len(b), x, y)
		}
		if !a[n].assignedAt.IsZero() {
			assigned++
			if a[n].assignedAt.After(a[n].at) {
				waited++
			}
		}
	}
	if !maps.Equal(real.given, replayed.given) {
		t.Errorf("given %v instead of %v", replayed.given, real.given)
	}
	t.Logf("%d came, %d were assigned, %d of them waited", len(a), assigned, waited)
}

// simulate asks for a simulation and waits for what comes of it.
func (p *process) simulate(b SimulateBody) *Simulation {
	p.w.t.Helper()
	input, err := json.Marshal(b)
	p.w.ok(err)
	found, job, err := p.Simulate(p.w.t.Context(), p.boss, b.scenario(), input)
	p.w.ok(err)
	if job == "" {
		return found
	}
	settle(10 * time.Minute)
	if of, err := p.Works.Get(p.w.t.Context(), p.boss, job); err != nil || of.State != work.Done || of.ResultURL == "" {
		p.w.t.Fatalf("%+v, %v", of, err)
	}
	found, err = p.simulation(p.w.t.Context(), p.boss, job)
	p.w.ok(err)
	return found
}

// The same request has the same answer to the byte, at once or by a work that a dying instance leaves to another; other rules, teams and
// agents change what they should, and only that.
func TestWhatIf(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		b, from := day(w, p, 11, 200)
		to := store.Millis(time.Now())
		unchanged := SimulateBody{From: from, To: to}
		first := p.simulate(unchanged)
		if first.Before.Arrived < 40 || first.Before.Assigned < 20 || first.Before.Abandoned == 0 {
			t.Fatalf("%+v", first.Before)
		}
		if math.Abs(first.Before.MeanWait-first.After.MeanWait) > latency.Seconds() || first.Before.Assigned != first.After.Assigned {
			t.Errorf("unchanged: %s and %s", asJSON(t, first.Before), asJSON(t, first.After))
		}
		input, _ := json.Marshal(unchanged)
		w.ok(w.disk.Ping(t.Context()))
		p.simulating <- struct{}{} // somebody else simulates, so it becomes a work
		_, job, err := p.Simulate(t.Context(), p.boss, unchanged.scenario(), input)
		<-p.simulating
		w.ok(err)
		p.stop()
		p = w.boot(true)
		settle(10 * time.Minute)
		second, err := p.simulation(t.Context(), p.boss, job)
		w.ok(err)
		view := func(s *Simulation) string { return asJSON(t, viewSimulation(s)) }
		if again := p.simulate(unchanged); view(again) != view(first) || view(second) != view(first) {
			t.Errorf("%s, %s and %s", view(first), view(second), view(again))
		}
		if _, err := p.simulation(t.Context(), access.Viewer{WorkspaceID: "w", UserID: "usr_a1"}, job); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("somebody else's simulation: %v", err)
		}
		asItIs := unchanged // the rules as they are, asked anew
		rules, err := p.Rules(t.Context(), "w")
		w.ok(err)
		var same []RuleInput
		for _, r := range rules {
			same = append(same, RuleInput{When: json.RawMessage(r.When), Then: r.Then, GoOn: r.GoOn})
		}
		if asItIs.Rules = &same; view(p.simulate(asItIs)) != view(first) {
			t.Errorf("with the rules asked anew it is %s instead of %s", view(p.simulate(asItIs)), view(first))
		}
		none := unchanged // no rules: what customers begin goes nowhere
		none.Rules = &[]RuleInput{}
		if got := p.simulate(none); got.After.Arrived >= first.After.Arrived || view(got) == view(first) {
			t.Errorf("without rules %s", view(got))
		}
		idle := unchanged // nobody is there
		for _, name := range b.names {
			idle.Agents = append(idle.Agents, AgentScenario{UserID: "usr_" + name, Online: &[]ShiftView{}})
		}
		if got := p.simulate(idle); got.After.Assigned >= first.After.Assigned {
			t.Errorf("without agents %s", view(got))
		}
		full := unchanged // all are there all the time, and have room
		for _, name := range b.names {
			full.Agents = append(full.Agents, AgentScenario{
				UserID: "usr_" + name, Online: &[]ShiftView{{from, to}}, Capacity: &Capacity{Total: ptr(100)}, Skills: &[]Skill{{"vat", 5}},
			})
		}
		for _, team := range b.teams {
			full.Teams = append(full.Teams, TeamScenario{ID: team.ID, HandOver: ptr(auth.Direct)})
		}
		if got := p.simulate(full); got.After.MeanWait > 1 || got.After.Abandoned > 0 || got.Before.MeanWait != first.Before.MeanWait {
			t.Errorf("with everybody %s", view(got))
		}
	})
}

// What cannot be replayed is refused with the place in the request.
func TestWhatIfOfNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.opened()
		w.staff("ann")
		one, other := p.team("One", auth.WorkEdit{}, "ann"), p.team("Other", auth.WorkEdit{})
		settle(40 * time.Minute)
		now := time.Now()
		good := SimulateBody{From: now.Add(-10 * time.Minute), To: now}
		if got := p.simulate(good); got.Before.Arrived != 0 || got.After.LoadByAgent == nil {
			t.Errorf("%+v", got)
		}
		over := func(id string) *[]auth.Overflow { return &[]auth.Overflow{{AfterSeconds: 5, TeamID: id}} }
		for name, c := range map[string]struct {
			edit  func(*SimulateBody)
			code  string
			field string
		}{
			"backwards": {func(b *SimulateBody) { b.From, b.To = b.To, b.From }, "invalid_range", "to"},
			"too long":  {func(b *SimulateBody) { b.From = now.AddDate(0, 0, -32) }, "range_too_long", "to"},
			"future":    {func(b *SimulateBody) { b.To = now.Add(time.Hour) }, "invalid_range", "to"},
			"forgotten": {func(b *SimulateBody) {
				b.From, b.To = now.AddDate(0, 0, -100), now.AddDate(0, 0, -99)
			}, "not_recorded", "from"},
			"unknown team": {func(b *SimulateBody) { b.Teams = []TeamScenario{{ID: "tem_x"}} }, "unknown_team", "teams/0/id"},
			"unknown member": {func(b *SimulateBody) {
				b.Teams = []TeamScenario{{ID: one.ID, MemberIDs: &[]string{"usr_x"}}}
			}, "unknown_user", "teams/0/member_ids"},
			"circle": {func(b *SimulateBody) {
				b.Teams = []TeamScenario{{ID: one.ID, Overflow: over(other.ID)}, {ID: other.ID, Overflow: over(one.ID)}}
			}, "overflow_cycle", "teams/0/overflow/0/team_id"},
			"unknown agent": {func(b *SimulateBody) { b.Agents = []AgentScenario{{UserID: "usr_x"}} }, "unknown_user", "agents/0/user_id"},
			"unknown skill": {func(b *SimulateBody) {
				b.Agents = []AgentScenario{{UserID: "usr_ann", Skills: &[]Skill{{"x", 1}}}}
			}, "unknown_skill", "agents/0/skills"},
			"shifts in disorder": {func(b *SimulateBody) {
				b.Agents = []AgentScenario{{UserID: "usr_ann", Online: &[]ShiftView{{b.To, b.From}}}}
			}, "invalid_range", "agents/0/online/0"},
			"unknown field": {func(b *SimulateBody) {
				b.Rules = &[]RuleInput{{When: json.RawMessage(`{"field":"x","op":"is","value":1}`), Then: Then{TeamID: one.ID}}}
			}, "unknown_field", "rules/0/when/field"},
		} {
			b := good
			c.edit(&b)
			_, _, err := p.Simulate(t.Context(), p.boss, b.scenario(), nil)
			var e *errs.Error
			if !errors.As(err, &e) || e.Code != c.code || len(e.Fields) != 1 || e.Fields[0].Field != c.field {
				t.Errorf("%s: %v %+v", name, err, e)
			}
		}
	})
}

// The service level of a replay is the share of first answers in time: each comes as long after somebody had the conversation as it did.
func TestWhatIfCountsAnswersInTime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.opened()
		staff := w.staff("ann")
		team := w.customers(p, "ann")
		p.policy(Policy{Name: "five minutes", When: `{"all":[]}`, Promise: inbox.Promise{FirstAnswer: 5, Warn: 80}})
		from := store.Millis(time.Now())
		p.arrive("ann")
		settle(time.Second)
		for n, after := range []time.Duration{2 * time.Minute, 4 * time.Minute, 9 * time.Minute} {
			id := p.says(fmt.Sprintf("97254000000%d", n), "hello")
			settle(after)
			p.answers(staff["ann"], id, "hello")
			p.status(id, inbox.Resolved)
		}
		p.says("972540000009", "nobody answers this one")
		settle(10 * time.Minute)
		b := SimulateBody{From: from, To: store.Millis(time.Now())}
		if got := p.simulate(b); got.Before.ServiceLevel == nil || *got.Before.ServiceLevel != 0.5 || *got.After.ServiceLevel != 0.5 {
			t.Errorf("two of four: %s", asJSON(t, viewSimulation(got)))
		}
		b.Agents = []AgentScenario{{UserID: "usr_ann", Online: &[]ShiftView{{from.Add(2 * time.Minute), b.To}}}}
		if got := p.simulate(b); *got.After.ServiceLevel != 0.5 || got.After.MeanWait < 10 {
			t.Errorf("two minutes late: %s", asJSON(t, viewSimulation(got)))
		}
		b.Agents = []AgentScenario{{UserID: "usr_ann", Online: &[]ShiftView{{from.Add(4 * time.Minute), b.To}}}}
		if got := p.simulate(b); *got.After.ServiceLevel != 0 || got.After.Assigned != 4 {
			t.Errorf("four minutes late: %s", asJSON(t, viewSimulation(got)))
		}
		b.Agents = []AgentScenario{{UserID: "usr_ann", Online: &[]ShiftView{}}}
		if got := p.simulate(b); *got.After.ServiceLevel != 0 || got.After.Assigned != 0 {
			t.Errorf("never there: %s", asJSON(t, viewSimulation(got)))
		}
		if got, err := p.Users.Team(t.Context(), "w", team.ID); err != nil || len(got.MemberIDs) != 1 {
			t.Errorf("what is tried changes the team: %+v, %v", got, err)
		}
	})
}
