package routing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/errs"
)

// Scenario is a past time, and what would have been different.
type Scenario struct {
	From, To time.Time
	Rules    *[]Rule // in their order, instead of those of that time; nil: what they said is as it was
	Teams    []TeamChange
	Agents   []AgentChange
}

// TeamChange is what would be different of a team; nil fields stay.
type TeamChange struct {
	TeamID    string
	MemberIDs *[]string
	auth.WorkEdit
}

// AgentChange is what would be different of an agent; nil fields stay.
type AgentChange struct {
	UserID   string
	Skills   *[]Skill
	Capacity *Capacity
	Online   *[]Shift // when they would have been there, instead of when they were
}

// Shift is a time in which an agent is online.
type Shift struct{ From, To time.Time }

const (
	// maxSimulated is the longest time that is replayed.
	maxSimulated = 31 * 24 * time.Hour
	maxShifts    = 100 // of an agent
)

// staging is what a simulation works with besides the history.
type staging struct {
	teams     map[string]*auth.Team
	skills    map[string]bool
	calendars map[string]*calendar
	agents    map[string]*AgentChange
}

// checkTimes refuses times that cannot be replayed.
func (s *Service) checkTimes(sc *Scenario) error {
	now := s.Clock.Now()
	switch {
	case !sc.From.Before(sc.To):
		return errs.InvalidField("invalid_range", "to", "later than from")
	case sc.To.Sub(sc.From) > maxSimulated:
		return errs.InvalidField("range_too_long", "to", "at most 31 days after from")
	case sc.To.After(now):
		return errs.InvalidField("invalid_range", "to", "not in the future")
	case sc.From.Before(now.Add(-floorTime)):
		return errs.InvalidField("not_recorded", "from", errNotRecorded.Text)
	}
	return nil
}

// prepare checks a scenario and makes of it, and of what there is today, what the simulation works with.
func (s *Service) prepare(ctx context.Context, workspaceID string, sc *Scenario) (*staging, error) {
	if err := s.checkTimes(sc); err != nil {
		return nil, err
	}
	set := &staging{skills: map[string]bool{}, calendars: map[string]*calendar{}, agents: map[string]*AgentChange{}}
	var err error
	if set.teams, err = s.Users.AllTeams(ctx, workspaceID); err != nil {
		return nil, err
	}
	skills, err := s.Skills(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	for _, k := range skills {
		set.skills[k.Key] = true
	}
	hours, err := s.allHours(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	for _, h := range hours {
		if c, err := h.calendar(); err == nil { // hours of a zone that is gone keep nobody from working
			set.calendars[h.ID] = c
		}
	}
	if err := s.changeTeams(ctx, workspaceID, set, sc.Teams); err != nil {
		return nil, err
	}
	if err := s.changeAgents(ctx, workspaceID, set, sc); err != nil {
		return nil, err
	}
	if sc.Rules == nil {
		return set, nil
	}
	if len(*sc.Rules) > maxRules {
		return nil, errs.InvalidField("rule_limit", "rules", fmt.Sprintf("at most %d rules", maxRules))
	}
	for n := range *sc.Rules {
		r := &(*sc.Rules)[n]
		r.WorkspaceID = workspaceID
		if err := s.check(ctx, r); err != nil {
			return nil, errs.Under(err, fmt.Sprintf("rules/%d", n))
		}
	}
	return set, nil
}

// changeTeams makes the teams what they would be.
func (s *Service) changeTeams(ctx context.Context, workspaceID string, set *staging, changes []TeamChange) error {
	for n, c := range changes {
		at := fmt.Sprintf("teams/%d", n)
		t := set.teams[c.TeamID]
		if t == nil {
			return errs.InvalidField("unknown_team", at+"/id", "there is no such team in this workspace")
		}
		if c.MemberIDs != nil {
			members := slices.Compact(slices.Sorted(slices.Values(*c.MemberIDs)))
			if err := s.knownUsers(ctx, workspaceID, at+"/member_ids", members); err != nil {
				return err
			}
			t.MemberIDs = members
		}
		t.Work.Apply(c.WorkEdit)
		if err := s.knownHours(ctx, workspaceID, t.Work.HoursID, at+"/business_hours_id"); c.HoursID != nil && err != nil {
			return err
		}
	}
	for n, c := range changes {
		if c.Overflow == nil {
			continue
		}
		if err := auth.CheckOverflow(set.teams, set.teams[c.TeamID]); err != nil {
			return errs.Under(err, fmt.Sprintf("teams/%d", n))
		}
	}
	return nil
}

// knownUsers refuses users that there are not.
func (s *Service) knownUsers(ctx context.Context, workspaceID, field string, userIDs []string) error {
	users, err := s.Users.UsersByID(ctx, workspaceID, userIDs...)
	if err == nil && len(users) < len(userIDs) {
		err = errs.InvalidField("unknown_user", field, "ids of users of this workspace")
	}
	return err
}

// changeAgents notes what agents would be.
func (s *Service) changeAgents(ctx context.Context, workspaceID string, set *staging, sc *Scenario) error {
	for n := range sc.Agents {
		c, at := &sc.Agents[n], fmt.Sprintf("agents/%d", n)
		if err := s.knownUsers(ctx, workspaceID, at+"/user_id", []string{c.UserID}); err != nil {
			return err
		}
		if c.Capacity != nil {
			if err := c.Capacity.check(); err != nil {
				return errs.Under(err, at)
			}
		}
		if c.Skills != nil {
			keys := make([]string, len(*c.Skills))
			for n, k := range *c.Skills {
				keys[n] = k.Key
			}
			if err := s.knownSkills(ctx, workspaceID, at+"/skills", keys); err != nil {
				return err
			}
		}
		if c.Online != nil {
			last := sc.From
			for k, shift := range *c.Online {
				if len(*c.Online) > maxShifts || shift.From.Before(last) || !shift.From.Before(shift.To) {
					return errs.InvalidField("invalid_range", fmt.Sprintf("%s/online/%d", at, k),
						fmt.Sprintf("at most %d times one after the other, from the beginning of the whole time on", maxShifts))
				}
				last = shift.To
			}
		}
		set.agents[c.UserID] = c
	}
	return nil
}

// newSimulation is a simulation at the beginning of a history.
func (s *Service) newSimulation(ctx context.Context, h *history, set *staging) (*simulation, error) {
	sim := &simulation{
		h: h, people: map[string]*person{}, convs: map[string]*simulated{}, lines: map[string][]*Route{},
		usual: h.usual(), dirty: true,
	}
	sim.f = floor{workspaceID: h.workspaceID, loads: map[string]*Load{}}
	sim.f.At, sim.f.Agents, sim.f.Teams, sim.f.Skills = h.from, map[string]*Agent{}, set.teams, set.skills
	sim.f.Closed = map[string]bool{}
	sim.calendars = set.calendars
	start := h.start.clone()
	for id, l := range start.loads {
		l.ByKind = map[string]int{}
		sim.person(id).load = l
	}
	for id, p := range start.presences {
		sim.person(id).presence = p
	}
	for id, p := range start.profiles {
		sim.learn(sim.person(id), p)
	}
	for id, c := range set.agents {
		sim.staff(sim.person(id), c)
	}
	for _, d := range h.deeds {
		switch d.kind {
		case turns, learns, pulls:
			sim.person(d.id)
		}
	}
	for _, t := range set.teams {
		for _, id := range t.MemberIDs {
			sim.person(id)
		}
	}
	var ids []string
	for id := range sim.people {
		ids = append(ids, id)
	}
	users, err := s.Users.UsersByID(ctx, h.workspaceID, ids...)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		sim.people[u.ID].may = u.Role.Can(access.Reply)
	}
	sim.begun(start)
	return sim, nil
}

// staff makes a user what they would be.
func (s *simulation) staff(p *person, c *AgentChange) {
	if c.Skills != nil || c.Capacity != nil {
		changed := *p.profile
		if c.Skills != nil {
			changed.Skills = *c.Skills
		}
		if c.Capacity != nil {
			changed.Capacity = *c.Capacity
		}
		p.taught = true
		s.learn(p, &changed)
	}
	if c.Online == nil {
		return
	}
	p.staffed = true
	p.presence = &presenceFact{UserID: c.UserID, State: Offline}
	for _, shift := range *c.Online {
		s.at(shift.From, starts, c.UserID, 1)
		s.at(shift.To, starts, c.UserID, 0)
	}
}

// learn gives a user a profile.
func (s *simulation) learn(p *person, profile *Profile) {
	p.profile, p.hours = profile, s.calendars[profile.HoursID]
	if a := s.f.Agents[profile.ID]; a != nil {
		a.learn(profile)
		a.Outside = false
	}
}

// begun puts onto the floor what was there, and sets what happens by itself.
func (s *simulation) begun(start *pastFloor) {
	routes := make([]*Route, 0, len(start.routes))
	for _, r := range start.routes {
		if r.State != None {
			routes = append(routes, r)
		}
	}
	slices.SortFunc(routes, func(a, b *Route) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range routes {
		c := &simulated{route: r, open: true, assignee: holder(r), team: r.TeamID, rank: r.Rank, visit: s.visitOf(r.ID, 0)}
		s.convs[r.ID] = c
		if agent := r.counts(); agent != "" {
			s.person(agent).load.ByKind[r.Kind]++
		}
		switch r.State {
		case Assigned:
			c.holds = 1
			s.setEnd(c, r.heldSince())
		case Offered:
			c.asked = 1
			s.awaitAnswer(c)
		case Queued:
			if c.early = r.NotBefore.After(s.f.At); c.early {
				s.at(r.NotBefore, settles, r.ID, 0)
			}
			s.enqueue(c)
			s.setWakes(r)
		}
	}
	inUse := map[*calendar]bool{}
	for id, p := range s.people {
		if p.presence.State != Offline {
			s.attend(id)
		}
		if p.hours != nil {
			inUse[p.hours] = true
		}
	}
	for _, t := range s.f.Teams {
		if c := s.calendars[t.Work.HoursID]; c != nil {
			inUse[c] = true
		}
	}
	s.f.prepare()
	for c := range inUse {
		for at := s.f.At; at.Before(s.h.to); at = at.Add(time.Minute) {
			if minute := at.Truncate(time.Minute); c.open(minute) && !c.open(minute.Add(-time.Minute)) && minute.After(s.f.At) {
				s.at(minute, opens, "", 0)
			}
		}
	}
}

// usual is how long things took that were done.
func (h *history) usual() usual {
	var holds, accepts, answers []time.Duration
	for _, visits := range h.visits {
		for _, v := range visits {
			if v.answered {
				answers = append(answers, v.answer)
			}
			for _, one := range v.holds {
				if one.length >= 0 {
					holds = append(holds, one.length)
				}
			}
			for _, one := range v.asked {
				if one.outcome == ByAccept {
					accepts = append(accepts, one.length)
				}
			}
		}
	}
	return usual{middle(holds), middle(accepts), middle(answers)}
}

// middle is a duration that half of them do not exceed.
func middle(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}
