package routing

import (
	"context"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
)

// maxArrivals bounds what a simulation replays.
const maxArrivals = 50_000

var errTooMuch = errs.InvalidField("range_too_long", "to", "a shorter time: at most 50,000 conversations that came onto the floor")

// history is what happened on a floor from one moment to another, as far as it did not follow from how work is given to agents. What did
// follow is kept beside it: how long agents took to answer offers, and how long whoever had a conversation had it.
type history struct {
	workspaceID string
	from, to    time.Time
	start       *pastFloor // at the beginning
	deeds       []deed     // in order
	visits      map[string][]*visit
	left        map[string]place // where what has left the floor was
	arrivals    int
	real        outcomes // what came of it
	now         *pastFloor
}

// deed is something that people or customers did at a moment.
type deed struct {
	at       time.Time
	kind     deedKind
	id       string // the conversation; of a pull, who pulled
	visit    int    // of which visit it is
	before   *Route // of a change
	after    *Route // of an arrival and of a change
	left     place  // of an arrival: where it was when it left
	contact  bool   // the customer did it
	begun    *begunFact
	presence *presenceFact
	profile  *Profile
}

// deedKind is what kind of deed it is.
type deedKind int

const (
	arrives deedKind = iota // a conversation comes onto the floor
	begins                  // the rules are asked about it
	edits                   // by hand
	leaves                  // what nobody had leaves the floor
	pulls
	turns  // of a user's state
	learns // of a user's profile
)

// visit is one time that a conversation was on the floor.
type visit struct {
	holds []hold
	asked []asked
	done  bool // it left because whoever had it was done with it
	from  time.Time
	begun *begunFact // of one that a customer began
	// answered: somebody answered, so long after somebody first had it, or after it came where nobody had.
	answered bool
	answer   time.Duration
	due      time.Time // of what was promised for the first answer; zero: nothing was
}

// hold is a time in which one agent had it.
type hold struct {
	agent  string
	from   time.Time
	length time.Duration // negative: until after the end
	gone   bool          // the agent went offline and it went back to its queue
}

// asked is an offer and what came of it.
type asked struct {
	agent   string
	from    time.Time
	length  time.Duration
	outcome Cause // accept, decline, timeout; empty: something else ended it
}

// readHistory reads a page of the log into the history; done: there is no more. cursor is where it goes on.
func (s *Service) readHistory(ctx context.Context, h *history, cursor string) (next string, err error) {
	if h.start == nil {
		if h.start, err = s.pastFloorAt(ctx, h.workspaceID, h.from); err != nil {
			return "", err
		}
		h.now, h.visits, h.left, h.real = h.start.clone(), map[string][]*visit{}, map[string]place{}, outcomes{}
		for id, r := range h.start.routes {
			if r.State != None {
				h.visits[id] = []*visit{{from: h.from}}
				h.hold(r, &Route{State: None})
			}
		}
	}
	q := logBetween(h.workspaceID, h.from, h.to)
	q.Cursor = cursor
	found, next, err := s.floorLog.Find(ctx, q)
	if err != nil {
		return "", err
	}
	for _, e := range found {
		h.add(e)
		h.now.apply(e)
	}
	if h.arrivals > maxArrivals {
		return "", errTooMuch
	}
	return next, nil
}

// add takes an entry of the log over.
func (h *history) add(e *floorEntry) {
	d := deed{at: e.At, contact: e.ByKind == access.Contact}
	switch {
	case e.Cause == fromBefore:
	case e.Presence != nil:
		d.kind, d.id, d.presence = turns, e.Presence.UserID, e.Presence
		h.deeds = append(h.deeds, d)
	case e.Profile != nil:
		d.kind, d.id, d.profile = learns, e.Profile.ID, e.Profile
		h.deeds = append(h.deeds, d)
	case e.Route != nil:
		h.addRoute(e, d)
	}
	if e.Begun != nil {
		visits := h.visits[e.Begun.ConversationID]
		if last := len(visits) - 1; last >= 0 && e.At.Sub(visits[last].from) < returnWithin {
			visits[last].begun = e.Begun
		}
		h.deeds = append(h.deeds, deed{
			at: e.At, kind: begins, id: e.Begun.ConversationID, visit: len(visits) - 1, begun: e.Begun,
			left: h.left[e.Begun.ConversationID],
		})
	}
}

// addRoute takes over what became of a conversation.
func (h *history) addRoute(e *floorEntry, d deed) {
	before, after := h.now.routes[e.Route.ID], e.Route
	if before == nil {
		before = &Route{State: None, Rank: after.Rank}
	}
	d.id, d.before, d.after = after.ID, before, after
	if before.State == None && after.State != None {
		h.arrivals++
		h.visits[d.id] = append(h.visits[d.id], &visit{from: e.At})
		h.real.arrive(d.id, e.At, h.visits[d.id][len(h.visits[d.id])-1])
	}
	d.visit = len(h.visits[d.id]) - 1
	if d.visit >= 0 {
		h.release(before, e)
		h.hold(after, before)
	}
	if after.State == Assigned {
		h.real.assign(d.id, after.AgentID, e.At, before.State == Assigned && before.AgentID == after.AgentID)
	}
	if d.left = h.left[d.id]; after.State == None {
		h.real.leave(d.id, e.At)
		h.left[d.id] = place{team: before.TeamID, agent: holder(before)}
	}
	switch {
	case e.Cause == ByPull:
		h.deeds = append(h.deeds, deed{at: e.At, kind: pulls, id: e.ByID})
		return
	case e.Cause != "":
		return
	case before.State == None && after.State != None:
		d.kind = arrives
	case after.State != None:
		d.kind = edits
	case before.State == Assigned:
		h.visits[d.id][d.visit].done = true
		return
	case before.State == None:
		return
	default:
		d.kind = leaves
	}
	h.deeds = append(h.deeds, d)
}

// hold notes that an agent has a conversation, or is asked, from now on.
func (h *history) hold(r, before *Route) {
	if before.State == r.State && before.AgentID == r.AgentID {
		return
	}
	v := h.visits[r.ID][len(h.visits[r.ID])-1]
	switch r.State {
	case Assigned:
		v.holds = append(v.holds, hold{agent: r.AgentID, from: r.heldSince(), length: -1})
	case Offered:
		v.asked = append(v.asked, asked{agent: r.AgentID, from: r.heldSince()})
	}
}

// release notes that an agent no longer has what they had, or were asked.
func (h *history) release(before *Route, e *floorEntry) {
	if before.State == e.Route.State && before.AgentID == e.Route.AgentID {
		return
	}
	v := h.visits[e.Route.ID][len(h.visits[e.Route.ID])-1]
	switch before.State {
	case Assigned:
		last := &v.holds[len(v.holds)-1]
		last.length, last.gone = e.At.Sub(last.from), e.Cause == ByAbsence
	case Offered:
		last := &v.asked[len(v.asked)-1]
		last.length = e.At.Sub(last.from)
		if e.Cause == ByAccept || e.Cause == ByDecline || e.Cause == ByTimeout {
			last.outcome = e.Cause
		}
	}
}

// left is how long a conversation is still on the floor from when its nth holder has it; forever: until something else ends it.
func (v *visit) left(n int) time.Duration {
	if !v.done {
		return forever
	}
	sum := time.Duration(0)
	for _, h := range v.holds[min(n, len(v.holds)-1):] {
		sum += h.length
	}
	return sum
}

// forever is longer than any simulation.
const forever = 1000 * time.Hour * 24

// clone is a copy that may be changed.
func (f *pastFloor) clone() *pastFloor {
	c := newPastFloor()
	for id, r := range f.routes {
		copied := *r
		copied.Declined = slices.Clone(r.Declined)
		c.routes[id] = &copied
	}
	for id, p := range f.presences {
		c.presences[id] = p
	}
	for id, p := range f.profiles {
		c.profiles[id] = p
	}
	for id, l := range f.loads {
		c.loads[id] = l.clone()
	}
	return c
}
