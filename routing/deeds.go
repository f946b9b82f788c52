package routing

import (
	"context"
	"slices"
	"strings"
	"time"

	"wasl/store"
)

// do replays a deed.
func (s *simulation) do(ctx context.Context, d *deed) {
	switch d.kind {
	case arrives:
		s.arrive(d)
	case begins:
		s.begin(d)
	case edits:
		s.change(d)
	case leaves:
		if c := s.convs[d.id]; c != nil && c.route.State != None {
			c.open = false
			s.move(c, nil, 0)
		}
	case pulls:
		s.pull(ctx, d.id)
	case turns:
		if !s.person(d.id).staffed {
			s.turn(d.presence)
		}
	case learns:
		if p := s.person(d.id); !p.taught {
			s.learn(p, d.profile)
			s.dirty = true
		}
	}
}

// conversation is the one that a deed is about; created: it was not known.
func (s *simulation) conversation(id string, like *Route) (c *simulated, created bool) {
	if c = s.convs[id]; c != nil {
		return c, false
	}
	r := &Route{
		Meta: store.Meta{ID: id}, WorkspaceID: s.h.workspaceID, State: None, Kind: like.Kind, Rank: like.Rank, LastAgent: like.LastAgent,
	}
	c = &simulated{route: r, visit: &visit{}}
	s.convs[id] = c
	return c, true
}

// visitOf is what happened really at a time that a conversation was there. Of one that there was not, it is taken that it lasts as usual.
func (s *simulation) visitOf(id string, n int) *visit {
	if visits := s.h.visits[id]; n >= 0 && n < len(visits) {
		return visits[n]
	}
	return &visit{
		from: s.f.At, done: s.usual.hold > 0, answered: s.usual.answer > 0, answer: s.usual.answer,
		holds: []hold{{length: s.usual.hold}},
	}
}

// returns has a conversation that was away be where it was when it left, unless somebody has put it elsewhere meanwhile. created: it was
// not known.
func (c *simulated) returns(d *deed, created bool, agent, team string) {
	if created || agent != d.left.agent {
		c.assignee = agent
	}
	if created || team != d.left.team {
		c.team = team
	}
}

// arrive has a conversation come onto the floor.
func (s *simulation) arrive(d *deed) {
	c, created := s.conversation(d.id, d.after)
	c.visit = s.visitOf(d.id, d.visit)
	if c.route.State != None { // it has not left, because it took longer than it did
		if d.contact {
			s.out.join(s.f.At, c.route, c.visit)
		}
		c.joined, c.asked, c.holds = d.contact, 0, 0
		if c.route.State == Assigned {
			c.holds = 1
			s.setEnd(c, s.f.At)
		}
		return
	}
	c.route.OwnerID = d.after.OwnerID
	c.returns(d, created, holder(d.after), d.after.TeamID)
	c.open, c.rank, c.holds = true, d.after.Rank, 0
	if c.early = d.after.State == Queued && d.after.NotBefore.After(d.at); c.early {
		s.at(d.after.NotBefore, settles, d.id, 0)
	}
	var shape func(*Route)
	if d.after.Skills != nil {
		shape = func(r *Route) { r.Skills = d.after.Skills }
	}
	s.move(c, shape, 0)
}

// begin has the rules say where a conversation belongs (Service.target).
func (s *simulation) begin(d *deed) {
	b := d.begun
	c, created := s.conversation(d.id, &Route{Kind: b.Kind, Rank: rankOf(b.Priority)})
	if c.joined { // it was there all the time, so it did not begin
		c.joined = false
		return
	}
	if c.route.State == None {
		c.returns(d, created, b.AssigneeID, b.TeamID)
		c.open, c.rank, c.holds = true, rankOf(b.Priority), 0
		c.visit = s.visitOf(d.id, d.visit)
	}
	if b.OwnerID != "" {
		c.route.OwnerID = b.OwnerID
	}
	if b.Then.Priority != "" {
		c.rank = rankOf(b.Then.Priority)
	}
	if c.assignee != "" && c.team != "" && s.person(c.assignee).presence.State == Offline {
		c.assignee = ""
	}
	if c.assignee == "" {
		s.rule(c, &b.Then)
	}
	if c.early = false; c.route.State == None && c.place().state == None {
		return
	}
	s.move(c, func(r *Route) {
		if b.Then.Skills != nil {
			r.Skills = b.Then.Skills
		}
	}, 0)
}

// rule gives the conversation to a team and, where they can take it or there is no team, to an agent (Service.place).
func (s *simulation) rule(c *simulated, then *Then) {
	if then.TeamID != "" {
		c.team = then.TeamID
	}
	if then.AgentID == "" {
		return
	}
	if then.TeamID == "" {
		c.assignee = then.AgentID
		return
	}
	s.queues(nil) // who is outside of their hours
	a := s.f.Agents[then.AgentID]
	w := &Waiting{TeamID: then.TeamID, Kind: c.route.Kind, Since: s.f.At}
	if a != nil && s.f.candidate(a, w, nil, member).Eligible {
		c.assignee = then.AgentID
	}
}

// change does by hand what was done by hand, to what is still there.
func (s *simulation) change(d *deed) {
	c := s.convs[d.id]
	if c == nil || c.route.State == None {
		return
	}
	if d.before.TeamID != d.after.TeamID {
		c.team, c.route.OwnerID = d.after.TeamID, d.after.OwnerID
	}
	if d.before.Rank != d.after.Rank {
		c.rank = d.after.Rank
	}
	had, has := holder(d.before), holder(d.after)
	if had != has {
		if c.assignee = has; has != "" {
			for n, h := range c.visit.holds {
				if h.from.Equal(d.after.HeldSince) {
					c.holds = n
				}
			}
		}
	}
	s.move(c, nil, 0)
}

// holder is who has the conversation of a route.
func holder(r *Route) string {
	if r.State == Assigned {
		return r.AgentID
	}
	return ""
}

// pull gives a user the first of their queues that they can take (Service.Next).
func (s *simulation) pull(ctx context.Context, userID string) {
	p := s.person(userID)
	before, there := s.f.Agents[userID]
	a := &Agent{ID: userID, State: Online, MayAnswer: p.may}
	a.learn(p.profile)
	a.carry(p.load)
	s.f.Agents[userID], s.f.loads[userID] = a, p.load
	q := s.queues(func(teamID string) bool { return s.f.reaches(teamID, userID) })
	for range maxPulled {
		r, _ := q.next(ctx) // nothing is read
		if r == nil {
			break
		}
		w := r.waiting()
		if s.f.candidate(a, w, s.f.asked(w), s.f.belongs(s.f.pool(w), userID)).Eligible {
			c := s.convs[r.ID]
			c.assignee = userID
			s.move(c, nil, s.f.nextTurn(r.TeamID))
			break
		}
	}
	if there {
		s.f.Agents[userID] = before
		s.carry(userID)
		return
	}
	delete(s.f.Agents, userID)
	delete(s.f.loads, userID)
}

// shift makes a user who is staffed anew online or offline.
func (s *simulation) shift(userID string, state State) {
	s.turn(&presenceFact{UserID: userID, State: state, Since: s.f.At})
}

// turn makes a user what they became.
func (s *simulation) turn(to *presenceFact) {
	p := s.person(to.UserID)
	before := p.presence
	p.presence = to
	if before.State == to.State {
		return
	}
	if to.State == Offline {
		delete(s.f.Agents, to.UserID)
		delete(s.f.loads, to.UserID)
		s.f.prepare()
		s.putBack(to.UserID)
		return
	}
	s.attend(to.UserID)
	s.f.prepare()
	if before.State == Offline {
		s.back(to.UserID)
	}
	s.dirty = true
}

// attend has a user take part who is not offline.
func (s *simulation) attend(userID string) {
	p := s.people[userID]
	a := &Agent{ID: userID, State: p.presence.State, MayAnswer: p.may, IdleSince: p.presence.Since}
	a.learn(p.profile)
	a.carry(p.load)
	s.f.Agents[userID], s.f.loads[userID] = a, p.load
}

// ofUser are the conversations of which the user is told by where, by id.
func (s *simulation) ofUser(userID string, where func(*Route) string) (of []*simulated) {
	for _, c := range s.convs {
		if where(c.route) == userID {
			of = append(of, c)
		}
	}
	slices.SortFunc(of, func(a, b *simulated) int { return strings.Compare(a.route.ID, b.route.ID) })
	return of
}

// putBack takes from a user who has gone what they have not answered (Service.returnAll).
func (s *simulation) putBack(userID string) {
	for _, c := range s.ofUser(userID, (*Route).counts) {
		r := c.route
		if r.State == Offered {
			s.endOffer(c, ByAbsence)
			continue
		}
		if r.TeamID == "" || !s.unanswered(c) {
			continue
		}
		since, until := r.Since, store.Millis(s.f.At.Add(backTime))
		c.assignee = ""
		s.move(c, func(r *Route) { r.Since, r.KeptFor, r.KeptUntil = since, userID, until }, 0)
	}
}

// returnWithin is how long the engine may take to put back what somebody left.
const returnWithin = time.Minute

// unanswered reports whether whoever has the conversation still owes an answer. Of whoever had it really at this time it is known.
func (s *simulation) unanswered(c *simulated) bool {
	n := min(c.holds, len(c.visit.holds)) - 1
	if n >= 0 {
		if h := c.visit.holds[n]; h.agent == c.route.AgentID && h.from.Sub(c.route.HeldSince).Abs() < returnWithin {
			left := h.from.Add(h.length)
			return h.gone && !left.Before(s.f.At) && left.Before(s.f.At.Add(returnWithin))
		}
	}
	return !c.visit.answered || c.route.HeldSince.Add(c.visit.answer).After(s.f.At)
}

// back gives a user what they left a moment ago and nobody took (Service.back).
func (s *simulation) back(userID string) {
	for _, c := range s.ofUser(userID, func(r *Route) string { return r.KeptFor }) {
		r, p := c.route, s.people[userID]
		if r.State != Queued || !s.f.At.Before(r.KeptUntil) || !p.profile.Capacity.fits(p.load.ByKind, r.Kind) {
			continue
		}
		c.assignee = userID
		s.move(c, nil, 0)
	}
}
