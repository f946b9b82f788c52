package routing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/store"
	"wasl/work"
)

const (
	workSimulate = "routing.simulate"
	// maxAtOnce is how many entries of the log a simulation reads that is answered at once.
	maxAtOnce = 5000
	// simulationParts is in how many parts a longer one is worked off.
	simulationParts = 20
	// restAfter is after how much work a longer one rests, for as long.
	restAfter = 20 * time.Millisecond
	// replayedAtATime is how many things are replayed between two looks at the clock.
	replayedAtATime = 100
	// maxRuns is how many simulations a process keeps while they are worked off.
	maxRuns = 2
	// simulationKept is how long what came of one can be looked at.
	simulationKept = 30 * 24 * time.Hour
)

// Simulation is what came of a scenario: how it was, and how it would have been.
type Simulation struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	UserID      string    `bson:"user_id"`
	Before      Figures   `bson:"before"`
	After       Figures   `bson:"after"`
	ExpiresAt   time.Time `bson:"expires_at"`
}

var simulationSchema = store.Schema{Name: "routing_simulations", Expire: "expires_at"}

// runs are the simulations that this process works on, by the work's id. What is not there any more begins anew, and comes to the same.
type runs struct {
	mu  sync.Mutex
	of  map[string]*run
	ids []string // the oldest first
}

func (r *runs) get(id string) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of[id]
}

func (r *runs) drop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.of, id)
	r.ids = slices.DeleteFunc(r.ids, func(one string) bool { return one == id })
}

func (r *runs) put(id string, one *run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ids) == maxRuns {
		delete(r.of, r.ids[0])
		r.ids = r.ids[1:]
	}
	r.of[id], r.ids = one, append(r.ids, id)
}

// run is a simulation that is being worked off: what happened is read, then looked up, then replayed.
type run struct {
	s      *Service
	sc     *Scenario
	set    *staging
	rules  []*Rule // with conditions
	when   []inbox.Condition
	h      *history
	cursor string
	read   bool
	looked int // deeds of which it is known what rules would have said
	known  int // arrivals of which it is known when they were answered, and what was promised
	levels []*Policy
	asks   []inbox.Condition // of the levels
	sim    *simulation
	done   bool
}

func (s *Service) newRun(ctx context.Context, workspaceID string, sc *Scenario) (*run, error) {
	set, err := s.prepare(ctx, workspaceID, sc)
	if err != nil {
		return nil, err
	}
	r := &run{s: s, sc: sc, set: set, h: &history{workspaceID: workspaceID, from: store.Millis(sc.From), to: store.Millis(sc.To)}}
	if err := r.promise(ctx); err != nil || sc.Rules == nil {
		return r, err
	}
	for n := range *sc.Rules {
		rule := &(*sc.Rules)[n]
		if !rule.Enabled {
			continue
		}
		c, err := s.Inbox.ParseCondition([]byte(rule.When), fmt.Sprintf("rules/%d/when", n))
		if err != nil {
			return nil, err
		}
		r.rules, r.when = append(r.rules, rule), append(r.when, c)
	}
	return r, nil
}

// step works off a little more.
func (r *run) step(ctx context.Context) (err error) {
	switch {
	case !r.read:
		r.cursor, err = r.s.readHistory(ctx, r.h, r.cursor)
		r.read = err == nil && r.cursor == ""
	case r.sc.Rules != nil && r.looked < len(r.h.deeds):
		err = r.rule(ctx)
	case r.known < len(r.h.real.all):
		err = r.answers(ctx)
	case r.sim == nil:
		r.sim, err = r.s.newSimulation(ctx, r.h, r.set)
	default:
		r.done, err = r.sim.advance(ctx, replayedAtATime)
	}
	return err
}

// share is how much of it is done, from 0 to 1.
func (r *run) share() float64 {
	whole := float64(r.h.to.Sub(r.h.from))
	switch {
	case r.done:
		return 1
	case r.sim != nil:
		return 0.6 + 0.4*float64(r.sim.f.At.Sub(r.h.from))/whole
	case !r.read && len(r.h.deeds) == 0:
		return 0
	case !r.read:
		return 0.3 * float64(r.h.deeds[len(r.h.deeds)-1].at.Sub(r.h.from)) / whole
	}
	return 0.3 + 0.3*float64(r.looked+r.known)/float64(max(1, len(r.h.deeds)+len(r.h.real.all)))
}

// promise reads what service levels promise.
func (r *run) promise(ctx context.Context) error {
	policies, err := r.s.policies.all(ctx, r.h.workspaceID)
	for _, p := range policies {
		condition, err := r.s.Inbox.ParseCondition([]byte(p.When), "when")
		if err == nil { // one that names a field which is gone since holds of nothing
			r.levels, r.asks = append(r.levels, p), append(r.asks, condition)
		}
	}
	return err
}

// answers finds when the next conversations were answered, and when it was due.
func (r *run) answers(ctx context.Context) error {
	for range replayedAtATime {
		if r.known == len(r.h.real.all) {
			return nil
		}
		a := r.h.real.all[r.known]
		r.known++
		v, id := a.of, a.conversationID
		until := r.h.to
		if !a.leftAt.IsZero() {
			until = a.leftAt
		}
		at, err := r.s.Inbox.Answered(ctx, r.h.workspaceID, id, a.at, until)
		if err != nil {
			return err
		}
		if v.answered = !at.IsZero(); v.answered {
			if v.answer = at.Sub(a.at); !a.assignedAt.IsZero() {
				v.answer = at.Sub(a.assignedAt)
			}
		}
		if v.begun == nil || len(r.levels) == 0 {
			continue
		}
		holds, err := r.s.Inbox.HeldThen(ctx, r.h.workspaceID, id, v.begun.ruled(a.at), r.asks)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		for n := range holds {
			if holds[n] {
				v.due = r.due(a.at, &r.levels[n].Promise)
				break
			}
		}
	}
	return nil
}

// due is when what is promised of a first answer is due; zero: nothing is.
func (r *run) due(from time.Time, p *inbox.Promise) time.Time {
	if p.FirstAnswer == 0 {
		return time.Time{}
	}
	return due(r.set.calendars[p.HoursID], from, time.Duration(p.FirstAnswer)*time.Minute)
}

// past is what rules were asked about.
func (b *begunFact) past(at time.Time) inbox.Past {
	return inbox.Past{
		At: at, Type: b.Type, Sentiment: b.Sentiment, Language: b.Language, Priority: b.Priority, TeamID: b.TeamID,
		AssigneeID: b.AssigneeID,
	}
}

// ruled is what became of it by what the rules said.
func (b *begunFact) ruled(at time.Time) inbox.Past {
	p := b.past(at)
	for _, f := range []struct{ to, said *string }{
		{&p.Type, &b.Then.Type}, {&p.Priority, &b.Then.Priority}, {&p.TeamID, &b.Then.TeamID},
	} {
		if *f.said != "" {
			*f.to = *f.said
		}
	}
	return p
}

// rule finds what the scenario's rules say of the next conversations that began.
func (r *run) rule(ctx context.Context) error {
	for range replayedAtATime {
		if r.looked == len(r.h.deeds) {
			return nil
		}
		d := &r.h.deeds[r.looked]
		r.looked++
		if d.kind != begins {
			continue
		}
		b := *d.begun
		b.Then, d.begun = Then{}, &b
		holds, err := r.s.Inbox.HeldThen(ctx, r.h.workspaceID, d.id, b.past(d.at), r.when)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		o := &ruling{}
		for n, rule := range r.rules {
			if !holds[n] {
				continue
			}
			if o.add(rule); !rule.GoOn {
				break
			}
		}
		b.RuleID, b.Then = o.ruleID, o.then
	}
	return nil
}

// Simulate replays a past time with something changed. One that takes longer becomes a work: its id is returned instead.
func (s *Service) Simulate(ctx context.Context, v access.Viewer, sc *Scenario, input []byte) (*Simulation, string, error) {
	r, err := s.newRun(ctx, v.WorkspaceID, sc)
	if err != nil {
		return nil, "", err
	}
	n, err := s.floorLog.Count(ctx, logBetween(v.WorkspaceID, r.h.from, r.h.to), maxAtOnce+1)
	if err != nil {
		return nil, "", err
	}
	if n > maxAtOnce || !s.free() {
		items := make([]string, simulationParts)
		for n := range items {
			items[n] = fmt.Sprint(n)
		}
		of, _, err := s.Works.Start(ctx, v, work.New{Kind: workSimulate, Items: items, Input: input})
		if err != nil {
			return nil, "", err
		}
		return nil, of.ID, nil
	}
	defer func() { <-s.simulating }()
	for !r.done {
		if err := r.step(ctx); err != nil {
			return nil, "", err
		}
	}
	return r.result(), "", nil
}

// free takes the token of those who simulate, if nobody has it.
func (s *Service) free() bool {
	select {
	case s.simulating <- struct{}{}:
		return true
	default:
		return false
	}
}

func (r *run) result() *Simulation {
	return &Simulation{WorkspaceID: r.h.workspaceID, Before: r.h.real.figures(r.h.to), After: r.sim.out.figures(r.h.to)}
}

// planSimulation works off a part of a simulation with each item. It has rests, so that it takes no more than half of a processor.
func (s *Service) planSimulation(input []byte) (work.Step, error) {
	var in SimulateBody
	if err := json.Unmarshal(input, &in); err != nil {
		return nil, err
	}
	return func(ctx context.Context, w *events.Write, of *work.Work, item string) error {
		if len(of.Errors) > 0 {
			return errs.New(errs.Conflict, of.Errors[0].Code, of.Errors[0].Detail)
		}
		select {
		case s.simulating <- struct{}{}:
			defer func() { <-s.simulating }()
		case <-ctx.Done():
			return ctx.Err()
		}
		r := s.runs.get(of.ID)
		if r == nil {
			var err error
			if r, err = s.newRun(ctx, of.WorkspaceID, in.scenario()); err != nil {
				return err
			}
			s.runs.put(of.ID, r)
		}
		last := of.Done == of.Total-1
		for began := s.Clock.Now(); !r.done && (last || r.share() < float64(of.Done+1)/float64(of.Total)); {
			if err := r.step(ctx); err != nil {
				return err
			}
			if now := s.Clock.Now(); now.Sub(began) >= restAfter {
				if err := rest(ctx, restAfter); err != nil {
					return err
				}
				began = s.Clock.Now()
			}
		}
		if !last {
			return nil
		}
		result := r.result()
		result.Meta, result.UserID, result.ExpiresAt = store.Meta{ID: of.ID}, of.UserID, s.Clock.Now().Add(simulationKept)
		of.ResultURL = "/api/v1/routing/simulations/" + of.ID
		w.Changes = append(w.Changes, s.simulations.Insert(result))
		w.After = append(w.After, func() { s.runs.drop(of.ID) })
		return nil
	}, nil
}

// rest lets others work for a while.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// simulation returns what came of a simulation that the viewer started, or store.ErrNotFound.
func (s *Service) simulation(ctx context.Context, v access.Viewer, id string) (*Simulation, error) {
	found, err := s.simulations.Get(ctx, id)
	if err == nil && (found.WorkspaceID != v.WorkspaceID || found.UserID != v.UserID) {
		return nil, store.ErrNotFound
	}
	return found, err
}
