package routing

import (
	"context"
	"maps"
	"slices"
	"time"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/store"
)

// floor is a snapshot with what a write by it must find unchanged.
type floor struct {
	Snapshot
	workspaceID string
	loads       map[string]*Load  // of the agents
	orders      map[string]*order // of the teams
	opens       time.Time         // when a team, or somebody who is there, begins to work; zero: nobody does
}

// present are the states of who is not offline.
var present = store.In{string(Online), string(Busy), string(Away)}

// snapshot reads what decisions in the workspace are a function of.
func (s *Service) snapshot(ctx context.Context, workspaceID string) (*floor, error) {
	f := &floor{workspaceID: workspaceID, loads: map[string]*Load{}, orders: map[string]*order{}}
	f.At, f.Agents, f.Skills, f.Closed = s.Clock.Now(), map[string]*Agent{}, map[string]bool{}, map[string]bool{}
	var err error
	if f.Teams, err = s.Users.AllTeams(ctx, workspaceID); err != nil || len(f.Teams) == 0 {
		return f, err
	}
	teamIDs := make([]string, 0, len(f.Teams))
	for id := range f.Teams {
		teamIDs = append(teamIDs, id)
		f.orders[id] = &order{Meta: store.Meta{ID: id}, WorkspaceID: workspaceID}
	}
	orders, err := s.orders.GetMany(ctx, teamIDs...)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		f.orders[o.ID] = o
	}
	q := store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: maxSkills}
	if err := each(ctx, s.skills, q, func(k *SkillName) error { f.Skills[k.Key] = true; return nil }); err != nil {
		return nil, err
	}
	var ids []string
	q = store.Query{Index: "state", Eq: []any{workspaceID, present}, Limit: 1000}
	err = each(ctx, s.presences, q, func(p *Presence) error {
		ids = append(ids, p.ID)
		f.Agents[p.ID] = &Agent{ID: p.ID, State: p.State, IdleSince: p.Since}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, s.fill(ctx, f, ids)
}

// fill completes the agents, who are not offline, with their users, profiles and loads.
func (s *Service) fill(ctx context.Context, f *floor, ids []string) error {
	users, err := s.Users.UsersByID(ctx, f.workspaceID, ids...)
	if err != nil {
		return err
	}
	for _, u := range users {
		f.Agents[u.ID].MayAnswer = u.Active && u.Role.Can(access.Reply)
	}
	profiles, err := s.profiles.GetMany(ctx, ids...)
	if err != nil {
		return err
	}
	for _, p := range profiles {
		f.Agents[p.ID].learn(p)
	}
	if err := s.lookAtHours(ctx, f, profiles); err != nil {
		return err
	}
	known, err := s.loads.GetMany(ctx, ids...)
	if err != nil {
		return err
	}
	for _, l := range known {
		f.loads[l.ID] = l
	}
	for _, id := range ids {
		if f.loads[id] == nil {
			f.loads[id] = newLoad(f.workspaceID, id)
		}
		f.Agents[id].carry(f.loads[id])
	}
	f.prepare()
	return nil
}

// learn takes a profile over.
func (a *Agent) learn(p *Profile) {
	a.Capacity, a.Skills = p.Capacity, make(map[string]int, len(p.Skills))
	for _, k := range p.Skills {
		a.Skills[k.Key] = k.Level
	}
}

// lookAtHours finds which teams and who are outside their hours, and when the first of them begins to work.
func (s *Service) lookAtHours(ctx context.Context, f *floor, profiles []*Profile) error {
	calendars := map[string]*calendar{}
	for _, p := range profiles {
		if p.HoursID != "" {
			calendars[p.HoursID] = nil
		}
	}
	for _, t := range f.Teams {
		if t.Work.HoursID != "" {
			calendars[t.Work.HoursID] = nil
		}
	}
	if len(calendars) == 0 {
		return nil
	}
	found, err := s.hours.GetMany(ctx, slices.Sorted(maps.Keys(calendars))...)
	if err != nil {
		return err
	}
	for _, h := range found {
		c, err := h.calendar()
		if err != nil || c.open(f.At) { // hours of a zone that is gone keep nobody from working
			continue
		}
		calendars[h.ID] = c
		if opens := c.opens(f.At); !opens.IsZero() && (f.opens.IsZero() || opens.Before(f.opens)) {
			f.opens = opens
		}
	}
	for _, p := range profiles {
		f.Agents[p.ID].Outside = calendars[p.HoursID] != nil
	}
	for id, t := range f.Teams {
		f.Closed[id] = calendars[t.Work.HoursID] != nil
	}
	return nil
}

// carry takes a load over. Who has only just come is not idle for longer.
func (a *Agent) carry(l *Load) {
	a.Load, a.Turns = l.ByKind, l.Turns
	if l.IdleSince.After(a.IdleSince) {
		a.IdleSince = l.IdleSince
	}
}

// anyFree reports whether somebody could be given what waits for the team, now or after it overflows.
func (f *floor) anyFree(teamID string) bool {
	free := func(team *auth.Team) bool {
		if f.Closed[team.ID] {
			return false
		}
		for _, id := range team.MemberIDs {
			if a := f.Agents[id]; a != nil && a.State == Online && a.MayAnswer && !a.Outside && !a.Capacity.full(a.Load) {
				return true
			}
		}
		return false
	}
	team := f.Teams[teamID]
	if free(team) {
		return true
	}
	for _, o := range team.Work.Overflow {
		if to := f.Teams[o.TeamID]; to != nil && free(to) {
			return true
		}
	}
	return false
}

// nextTurn is the turn of whoever is given the team's next one.
func (f *floor) nextTurn(teamID string) int64 {
	last := int64(0)
	for _, l := range f.loads {
		last = max(last, l.Turns[teamID])
	}
	return last + 1
}
