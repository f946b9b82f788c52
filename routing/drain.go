package routing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

// freshKey is a key that no other job has.
func freshKey() string { return ids.Token() }

// teamsBetween separates the teams in the payload of a drain.
const teamsBetween = " "

// drainLater adds to the write that the workspace's queues are looked at, and that people are told of those of the teams.
func (s *Service) drainLater(w *events.Write, workspaceID string, teamIDs ...string) {
	teamIDs = slices.DeleteFunc(slices.Clone(teamIDs), func(id string) bool { return id == "" })
	s.later(w, jobs.Spec{
		Kind: jobDrain, WorkspaceID: workspaceID, Ref: workspaceID, Key: []string{freshKey()},
		Payload: []byte(strings.Join(teamIDs, teamsBetween)),
	})
}

// planDrain has drains of one workspace run together: they are no lane, because what is asked for while one waits is done with it.
func (s *Service) planDrain(job *jobs.Job) ([]jobs.Task, error) {
	return []jobs.Task{{Run: func(ctx context.Context, job *jobs.Job) error {
		return s.drained(ctx, job.WorkspaceID, strings.Fields(string(job.Payload))...)
	}}}, nil
}

// drains are those of this process: of a workspace at most one is under way and one waits to begin.
type drains struct {
	mu      sync.Mutex
	next    map[string]*drainRun     // by workspace: the one that waits
	running map[string]chan struct{} // by workspace: has a token while one is under way
	opens   map[string]time.Time     // by workspace: for when the next one is set
}

// of is where whoever looks at the workspace's queues puts a token as long as they do.
func (d *drains) of(workspaceID string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running[workspaceID] == nil {
		d.running[workspaceID] = make(chan struct{}, 1)
	}
	return d.running[workspaceID]
}

// errBrokeOff is the outcome of a drain that panicked.
var errBrokeOff = errors.New("the drain broke off")

// drainRun is one drain, and those who wait for it.
type drainRun struct {
	teams map[string]bool // to tell people of
	done  chan struct{}
	err   error
}

// drained returns when a drain of the workspace that began after this call has ended.
func (s *Service) drained(ctx context.Context, workspaceID string, teamIDs ...string) error {
	s.drains.mu.Lock()
	f := s.drains.next[workspaceID]
	first := f == nil
	if first {
		f = &drainRun{teams: map[string]bool{}, done: make(chan struct{})}
		s.drains.next[workspaceID] = f
	}
	for _, id := range teamIDs {
		f.teams[id] = true
	}
	s.drains.mu.Unlock()
	if first {
		s.runDrain(ctx, workspaceID, f, s.drains.of(workspaceID))
	}
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// runDrain runs a drain when the one before it has ended.
func (s *Service) runDrain(ctx context.Context, workspaceID string, f *drainRun, running chan struct{}) {
	defer close(f.done)
	select {
	case running <- struct{}{}:
		defer func() { <-running }()
	case <-ctx.Done():
		f.err = ctx.Err()
	}
	s.drains.mu.Lock()
	delete(s.drains.next, workspaceID)
	s.drains.mu.Unlock()
	if f.err != nil {
		return
	}
	f.err = errBrokeOff // those who wait must not take a panic for success
	if f.err = s.drain(ctx, workspaceID, f.teams); f.err == nil {
		f.err = s.tellQueues(ctx, workspaceID, f.teams)
	}
}

// drain gives whatever waits to whoever can take it, in order, and notes the teams whose queues it changed.
func (s *Service) drain(ctx context.Context, workspaceID string, changed map[string]bool) error {
	return store.Retry(ctx, func() error {
		for {
			given, err := s.pass(ctx, workspaceID, changed)
			if given > 0 && (errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists)) {
				continue // others were faster, but it went on
			}
			return err
		}
	})
}

// pass goes through the queues once, with one snapshot that it keeps in step with what it writes.
func (s *Service) pass(ctx context.Context, workspaceID string, changed map[string]bool) (given int, err error) {
	f, err := s.snapshot(ctx, workspaceID)
	if err != nil || len(f.Agents) == 0 {
		return 0, err
	}
	if err := s.drainAt(ctx, workspaceID, f.opens); err != nil {
		return 0, err
	}
	return s.queues(f, f.anyFree).share(ctx, func(r *Route, d *Decision) error {
		err := s.give(ctx, f, r, d)
		if err == nil {
			changed[r.TeamID] = true
		}
		return err
	})
}

// share goes through the queues in order and has what somebody can take given to them. It reports how many were given.
func (q *queues) share(ctx context.Context, give func(*Route, *Decision) error) (given int, err error) {
	for {
		r, err := q.next(ctx)
		if r == nil || err != nil {
			return given, err
		}
		w := r.waiting()
		if q.inVain[q.f.signature(w)] {
			continue
		}
		d := q.f.Decide(w)
		if d.Chosen == "" {
			if len(w.Declined) == 0 {
				q.inVain[q.f.signature(w)] = true
			}
			continue
		}
		if err := give(r, &d); errors.Is(err, errMoved) {
			continue
		} else if err != nil {
			return given, err
		}
		given++
	}
}

// drainAt has the queues looked at when somebody begins to work, once for each time.
func (s *Service) drainAt(ctx context.Context, workspaceID string, when time.Time) error {
	s.drains.mu.Lock()
	known := s.drains.opens[workspaceID].Equal(when)
	s.drains.mu.Unlock()
	if when.IsZero() || known {
		return nil
	}
	timer, err := s.Jobs.Schedule(ctx, when, jobs.Spec{
		Kind: jobDrain, WorkspaceID: workspaceID, Ref: workspaceID, Key: []string{workspaceID},
	})
	if err != nil {
		return err
	}
	if err := s.Engine.Write(ctx, timer); err != nil {
		return err
	}
	s.drains.mu.Lock()
	s.drains.opens[workspaceID] = when
	s.drains.mu.Unlock()
	return nil
}

// signature is the same for all of which a decision is the same that finds nobody: within a pass, places only become fewer.
func (s *Snapshot) signature(w *Waiting) string {
	var b strings.Builder
	fmt.Fprint(&b, w.TeamID, " ", w.Kind, " ", len(s.pool(w)))
	for _, n := range s.asked(w) {
		fmt.Fprint(&b, " ", n.Key, ":", n.Level)
	}
	return b.String()
}

// queuePage is how many routes of a queue are read at a time.
const queuePage = 50

// queues are those of teams, read as far as they are looked at.
type queues struct {
	s      *Service
	f      *floor
	lines  []*line
	open   func(teamID string) bool // whether the team's queue is worth looking at
	inVain map[string]bool          // signatures
}

// line is one team's queue.
type line struct {
	team   string
	read   []*Route
	cursor string
	begun  bool
}

func (s *Service) queues(f *floor, open func(teamID string) bool) *queues {
	q := &queues{s: s, f: f, open: open, inVain: map[string]bool{}}
	for id := range f.Teams {
		q.lines = append(q.lines, &line{team: id})
	}
	slices.SortFunc(q.lines, func(a, b *line) int { return strings.Compare(a.team, b.team) })
	return q
}

// next returns the route that is to be looked at next: of all teams' first ones the most urgent, and of those the one that has waited
// longest. nil: there is none that anybody could take.
func (q *queues) next(ctx context.Context) (*Route, error) {
	var best *line
	q.lines = slices.DeleteFunc(q.lines, func(l *line) bool { return !q.open(l.team) })
	for _, l := range q.lines {
		if err := q.fetch(ctx, l); err != nil {
			return nil, err
		}
		if len(l.read) > 0 && (best == nil || l.read[0].before(best.read[0])) {
			best = l
		}
	}
	if best == nil {
		return nil, nil //nolint:nilnil // the end is an ordinary answer here
	}
	r := best.read[0]
	best.read = best.read[1:]
	return r, nil
}

// before orders what waits: by priority, then by waiting time.
func (r *Route) before(other *Route) bool {
	switch {
	case r.Rank != other.Rank:
		return r.Rank < other.Rank
	case !r.Since.Equal(other.Since):
		return r.Since.Before(other.Since)
	}
	return r.ID < other.ID
}

// fetch makes sure that the line's next route is at hand, if it has one.
func (q *queues) fetch(ctx context.Context, l *line) error {
	for len(l.read) == 0 && (!l.begun || l.cursor != "") {
		found, next, err := q.s.routes.Find(ctx, store.Query{
			Index: "queue", Eq: []any{q.f.workspaceID, string(Queued), l.team}, Limit: queuePage, Cursor: l.cursor,
		})
		if err != nil {
			return err
		}
		l.begun, l.cursor = true, next
		l.read = slices.DeleteFunc(found, func(r *Route) bool { return q.f.At.Before(r.NotBefore) })
	}
	return nil
}
