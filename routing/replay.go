package routing

import (
	"container/heap"
	"context"
	"maps"
	"slices"
	"time"

	"wasl/auth"
	"wasl/store"
)

// simulation replays a history with the rules, teams and agents that it is given. What it does at a moment is what the engine does: it has
// the same routes, loads, order and decisions, but no store, and no time passes while it works.
type simulation struct {
	h         *history
	f         floor
	people    map[string]*person
	calendars map[string]*calendar
	convs     map[string]*simulated
	lines     map[string][]*Route // what waits, by team, in order
	timers    timers
	next      int // of the deeds
	out       outcomes
	sharing   bool // what is taken out of the lines leaves them afterwards
	dirty     bool // somebody may be able to take something
	usual     usual
}

// usual is how long things take of which nothing is known: half of those of which it is known took no longer.
type usual struct{ hold, accept, answer time.Duration }

// person is somebody who may work.
type person struct {
	presence *presenceFact
	profile  *Profile
	load     *Load
	may      bool
	hours    *calendar
	// staffed and taught: what was recorded of their presence and of their profile does not count.
	staffed, taught bool
}

// simulated is a conversation that is replayed.
type simulated struct {
	route    *Route
	open     bool // somebody still has to work on it
	assignee string
	team     string
	rank     int
	visit    *visit
	holds    int // how many have had it in this visit
	asked    int // how many were asked
	early    bool
	joined   bool // it had not left when it came again
	end      int  // counts holders, so that the end of an earlier one is none
	offer    int  // likewise of offers
}

// timer is something that happens by itself.
type timer struct {
	at     time.Time
	seq    int
	kind   timerKind
	id     string
	serial int // of the holder or the offer
}

// timerKind is what kind of timer it is.
type timerKind int

const (
	wakes   timerKind = iota // it may be given to others now
	settles                  // nobody waits for rules any more
	ends                     // whoever has it is done with it
	accepts
	declines
	lapses
	opens  // a team or somebody begins to work
	starts // a shift of somebody begins or ends
)

// timers are in the order of their times.
type timers struct {
	all []*timer
	seq int
}

// Len, Less, Swap, Push and Pop make them a heap.
func (t *timers) Len() int { return len(t.all) }

// Less orders them by time. Of one time those come last that only look at the queue, and else they are as they were added.
func (t *timers) Less(i, j int) bool {
	a, b := t.all[i], t.all[j]
	switch {
	case !a.at.Equal(b.at):
		return a.at.Before(b.at)
	case (a.kind == wakes) != (b.kind == wakes):
		return b.kind == wakes
	}
	return a.seq < b.seq
}

// Swap exchanges two.
func (t *timers) Swap(i, j int) { t.all[i], t.all[j] = t.all[j], t.all[i] }

// Push adds one.
func (t *timers) Push(x any) { t.all = append(t.all, x.(*timer)) }

// Pop takes the last one.
func (t *timers) Pop() any {
	last := t.all[len(t.all)-1]
	t.all = t.all[:len(t.all)-1]
	return last
}

func (s *simulation) at(when time.Time, kind timerKind, id string, serial int) {
	s.timers.seq++
	heap.Push(&s.timers, &timer{when, s.timers.seq, kind, id, serial})
}

// advance replays what happened before a moment, at most so many things of it; done: there is no more.
func (s *simulation) advance(ctx context.Context, most int) (done bool, err error) {
	for range most {
		var first *timer
		if len(s.timers.all) > 0 {
			first = s.timers.all[0]
		}
		switch {
		case first != nil && (s.next == len(s.h.deeds) || !first.at.After(s.h.deeds[s.next].at)):
			if first.at.After(s.h.to) {
				return true, nil
			}
			heap.Pop(&s.timers)
			s.f.At = first.at
			s.ring(first)
		case s.next < len(s.h.deeds):
			d := &s.h.deeds[s.next]
			s.next++
			s.f.At = d.at
			s.do(ctx, d)
		default:
			return true, nil
		}
		if err := s.drain(ctx); err != nil {
			return false, err
		}
	}
	return false, ctx.Err()
}

// drain gives what waits to whoever can take it.
func (s *simulation) drain(ctx context.Context) error {
	if !s.dirty {
		return nil
	}
	s.dirty = false
	if len(s.f.Agents) == 0 {
		return nil
	}
	q := s.queues(s.f.anyFree)
	if len(q.lines) == 0 {
		return nil
	}
	taken := map[string]bool{}
	s.sharing = true
	_, err := q.share(ctx, func(r *Route, d *Decision) error {
		taken[r.TeamID] = true
		s.give(s.convs[r.ID], d.Chosen)
		return nil
	})
	s.sharing = false
	s.tidy(taken)
	return err
}

// queues are what waits.
func (s *simulation) queues(open func(teamID string) bool) *queues {
	for id, p := range s.people {
		if a := s.f.Agents[id]; a != nil && p.hours != nil {
			a.Outside = !p.hours.open(s.f.At)
		}
	}
	for id, t := range s.f.Teams {
		c := s.calendars[t.Work.HoursID]
		s.f.Closed[id] = c != nil && !c.open(s.f.At)
	}
	q := &queues{f: &s.f, open: open, inVain: map[string]bool{}}
	for _, id := range slices.Sorted(maps.Keys(s.lines)) {
		if waiting := s.lines[id]; len(waiting) > 0 && s.f.Teams[id] != nil {
			q.lines = append(q.lines, &line{team: id, read: waiting, begun: true})
		}
	}
	return q
}

// tidy takes out of the lines of the teams what no longer waits.
func (s *simulation) tidy(teamIDs map[string]bool) {
	for id := range teamIDs {
		var left []*Route
		for _, r := range s.lines[id] {
			if r.State == Queued && r.TeamID == id {
				left = append(left, r)
			}
		}
		s.lines[id] = left
	}
}

// give carries a decision out.
func (s *simulation) give(c *simulated, agentID string) {
	team := s.f.Teams[c.route.TeamID]
	turn := s.f.nextTurn(team.ID)
	if team.Work.HandOver == auth.ByOffer {
		s.ask(c, agentID, turn)
		return
	}
	c.assignee = agentID
	s.move(c, nil, turn)
}

// ask offers a conversation to an agent. Whoever was asked then answers now as they did.
func (s *simulation) ask(c *simulated, agentID string, turn int64) {
	now, r := s.f.At, c.route
	s.count(agentID, r.Kind, 1)
	s.people[agentID].load.takeTurn(r.TeamID, turn)
	s.carry(agentID)
	r.hold(Offered, agentID, now)
	r.OfferUntil = store.Millis(now.Add(s.f.Teams[r.TeamID].Work.OfferTime()))
	c.asked++
	s.awaitAnswer(c)
}

// awaitAnswer sets when what is offered is answered.
func (s *simulation) awaitAnswer(c *simulated) {
	r := c.route
	c.offer++
	if r.OfferUntil.After(s.f.At) {
		s.at(r.OfferUntil, lapses, r.ID, c.offer)
	}
	known := c.visit.asked
	if c.asked > len(known) || known[c.asked-1].agent != r.AgentID {
		s.at(r.HeldSince.Add(s.usual.accept), accepts, r.ID, c.offer)
		return
	}
	was := known[c.asked-1]
	switch when := r.HeldSince.Add(was.length); was.outcome {
	case ByAccept:
		s.at(when, accepts, r.ID, c.offer)
	case ByDecline:
		s.at(when, declines, r.ID, c.offer)
	}
}

// endOffer puts what was offered back into its queue.
func (s *simulation) endOffer(c *simulated, cause Cause) {
	now, r := s.f.At, c.route
	s.count(r.AgentID, r.Kind, -1)
	if cause != ByAbsence {
		r.refusedBy(r.AgentID, now)
	}
	c.offer++
	r.hold(Queued, "", now)
	s.enqueue(c)
	s.setWakes(r)
	s.dirty = true
}

// place is where a conversation belongs.
func (c *simulated) place() place {
	p := place{state: None, team: c.team, rank: c.rank}
	switch {
	case !c.open:
	case c.assignee != "":
		p.state, p.agent = Assigned, c.assignee
	case c.team != "":
		p.state = Queued
	}
	return p
}

// move brings a route to where its conversation belongs, as the engine does.
func (s *simulation) move(c *simulated, shape func(*Route), turn int64) {
	now, r := s.f.At, c.route
	had, was, team := r.counts(), r.State, r.TeamID
	if was == Queued && !s.sharing {
		s.lines[team] = slices.DeleteFunc(s.lines[team], func(one *Route) bool { return one == r })
	}
	r.moveTo(c.place(), now)
	if shape != nil {
		shape(r)
	}
	has := r.counts()
	if had != has {
		if had != "" {
			s.count(had, r.Kind, -1)
		}
		if has != "" {
			s.count(has, r.Kind, 1)
		}
	}
	if turn > 0 {
		s.people[has].load.takeTurn(r.TeamID, turn)
		s.carry(has)
	}
	s.follow(c, was, had)
	if r.State == Queued {
		s.enqueue(c)
		if was != Queued || team != r.TeamID || shape != nil {
			s.setWakes(r)
		}
	}
	s.dirty = s.dirty || had != "" && had != has || was == Queued || was == Offered || r.State == Queued
}

// follow notes what a move means for the figures, and sets when whoever has it now is done with it.
func (s *simulation) follow(c *simulated, was RouteState, had string) {
	r := c.route
	if was == None && r.State != None {
		s.out.arrive(r.ID, s.f.At, c.visit)
		c.holds, c.asked = max(c.holds, 0), 0
	}
	if was == Offered && r.State != Offered {
		c.offer++
	}
	if r.State == Assigned && (was != Assigned || had != r.AgentID) {
		c.holds++
		s.out.assign(r.ID, r.AgentID, s.f.At, false)
		s.setEnd(c, s.f.At)
	} else if r.State != Assigned {
		c.end++
	}
	if was != None && r.State == None {
		s.out.leave(r.ID, s.f.At)
	}
}

// setEnd sets when whoever has the conversation since a moment is done with it: after as long as it took.
func (s *simulation) setEnd(c *simulated, since time.Time) {
	c.end++
	if left := c.visit.left(c.holds - 1); left < forever {
		s.at(since.Add(left), ends, c.route.ID, c.end)
	}
}

// enqueue puts a conversation into its line, unless rules may still say where it belongs.
func (s *simulation) enqueue(c *simulated) {
	if c.early {
		return
	}
	r := c.route
	n, _ := slices.BinarySearchFunc(s.lines[r.TeamID], r, func(one, other *Route) int {
		switch {
		case one == other:
			return 0
		case one.before(other):
			return -1
		}
		return 1
	})
	s.lines[r.TeamID] = slices.Insert(s.lines[r.TeamID], n, r)
}

// setWakes sets when what waits may be given to others than now.
func (s *simulation) setWakes(r *Route) {
	var at []time.Time
	if team := s.f.Teams[r.TeamID]; team != nil {
		at = r.times(team)
	}
	for _, d := range r.Declined {
		at = append(at, d.At.Add(refusalHolds))
	}
	for _, when := range at {
		if when.After(s.f.At) {
			s.at(when, wakes, r.ID, 0)
		}
	}
}

// count counts one of the kind more, or less, for a user.
func (s *simulation) count(userID, kind string, n int) {
	s.person(userID).load.add(kind, n, s.f.At)
	s.carry(userID)
}

// carry brings the agent into step with their load.
func (s *simulation) carry(userID string) {
	if a := s.f.Agents[userID]; a != nil {
		a.carry(s.people[userID].load)
	}
}

// person is a user; one of whom nothing is known may not be given anything.
func (s *simulation) person(userID string) *person {
	p := s.people[userID]
	if p == nil {
		p = &person{
			load: newLoad(s.h.workspaceID, userID), profile: &Profile{Meta: store.Meta{ID: userID}},
			presence: &presenceFact{UserID: userID, State: Offline},
		}
		s.people[userID] = p
	}
	return p
}

// ring does what a timer is for.
func (s *simulation) ring(t *timer) {
	c := s.convs[t.id]
	switch t.kind {
	case opens:
		s.dirty = true
	case starts:
		s.shift(t.id, State(map[int]State{0: Offline, 1: Online}[t.serial]))
	case wakes:
		s.dirty = s.dirty || c.route.State == Queued
	case settles:
		s.settle(c)
	case ends:
		if t.serial == c.end && c.route.State == Assigned {
			c.open = false
			s.move(c, nil, 0)
		}
	case accepts:
		if t.serial == c.offer && c.route.State == Offered {
			c.assignee = c.route.AgentID
			s.move(c, nil, 0)
		}
	case declines, lapses:
		if t.serial == c.offer && c.route.State == Offered {
			s.endOffer(c, map[timerKind]Cause{declines: ByDecline, lapses: ByTimeout}[t.kind])
		}
	}
}

// settle ends that rules may still say where a conversation belongs.
func (s *simulation) settle(c *simulated) {
	if !c.early {
		return
	}
	c.early = false
	if c.route.State == Queued {
		s.enqueue(c)
		s.dirty = true
	}
}
