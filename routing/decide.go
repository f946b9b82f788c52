package routing

import (
	"slices"
	"strings"
	"time"

	"wasl/auth"
)

// Reason says why a candidate was chosen or passed over.
type Reason string

// The reasons. The first that is true of a candidate counts, in this order; those after AtCapacity are of candidates who could have it.
const (
	NotInTeam    Reason = "not_in_team"
	IsOffline    Reason = "offline"
	IsAway       Reason = "away"
	IsBusy       Reason = "busy"
	NoPermission Reason = "no_permission"
	OutsideHours Reason = "outside_hours"
	MissingSkill Reason = "missing_skill"
	Declined     Reason = "declined" // or let an offer lapse, a short time ago
	AtCapacity   Reason = "at_capacity"
	Chosen       Reason = "chosen"
	LessLoaded   Reason = "less_loaded_exists"
	LongerIdle   Reason = "longer_idle_exists"
	BetterSkill  Reason = "better_skilled_exists"
	NotTheirTurn Reason = "not_their_turn"
	StickyElse   Reason = "sticky_elsewhere"
)

// Agent is what a snapshot knows of somebody who is not offline.
type Agent struct {
	ID        string
	State     State
	MayAnswer bool
	Outside   bool           // it is not the time to work
	Skills    map[string]int // levels by key
	Capacity  Capacity
	Load      map[string]int // conversations by kind of channel
	IdleSince time.Time      // since when nothing was given to or taken from them
	Turns     map[string]int64
}

// Waiting is a conversation that waits, as far as a decision is concerned.
type Waiting struct {
	TeamID    string
	Kind      string // of its channel
	Since     time.Time
	Skills    []Need
	Declined  []Refusal
	LastAgent string // who had it last
	OwnerID   string // whose customer it is
}

// Need is a skill that a conversation asks for.
type Need struct {
	Key   string `bson:"key" json:"key" minLength:"1" maxLength:"60"`
	Level int    `bson:"level" json:"level" minimum:"1" maximum:"5"`
	// RelaxAfter, where it is not 0, is after how many seconds of waiting in vain it is not asked for any more.
	RelaxAfter int `bson:"relax_after_seconds,omitempty" json:"relax_after_seconds,omitempty" minimum:"1" maximum:"86400"`
}

// Refusal is an agent who declined an offer or let it lapse.
type Refusal struct {
	AgentID string    `bson:"agent_id"`
	At      time.Time `bson:"at"`
}

// refusalHolds is how long a conversation is not offered again to who declined it.
const refusalHolds = 2 * time.Minute

// Candidate is an agent as a decision saw them.
type Candidate struct {
	AgentID  string `bson:"agent_id" json:"agent_id"`
	Eligible bool   `bson:"eligible" json:"eligible"`
	Reason   Reason `bson:"reason" json:"reason" enum:"chosen,not_in_team,offline,away,busy,at_capacity,missing_skill,outside_hours,no_permission,declined,less_loaded_exists,longer_idle_exists,better_skilled_exists,not_their_turn,sticky_elsewhere"`
	Load     int    `bson:"load" json:"load" doc:"Sum of the weights of what they have"`
	Capacity int    `bson:"capacity" json:"capacity"`
	Skill    int    `bson:"skill" json:"skill" doc:"Sum of their levels in the skills that were asked for"`
	Idle     int64  `bson:"idle_seconds" json:"idle_seconds"`

	turn int64
}

// Decision is who gets a conversation, and why. Chosen is empty where nobody can.
type Decision struct {
	Chosen     string
	Strategy   auth.Strategy
	Candidates []Candidate // by id
}

// Snapshot is what decisions are a function of.
type Snapshot struct {
	At     time.Time
	Teams  map[string]*auth.Team
	Agents map[string]*Agent // those who are not offline
	Skills map[string]bool   // the keys that there are, but for languages
	Closed map[string]bool   // the teams that do not work at this time

	ids []string // of the agents, in order
}

// prepare puts the agents in order; after it, agents may change but not come or go.
func (s *Snapshot) prepare() {
	s.ids = make([]string, 0, len(s.Agents))
	for id := range s.Agents {
		s.ids = append(s.ids, id)
	}
	slices.Sort(s.ids)
}

// asked are the skills that the conversation asks for now: not those that were removed, nor those that it has waited for long enough.
func (s *Snapshot) asked(w *Waiting) []Need {
	asked := make([]Need, 0, len(w.Skills))
	for _, n := range w.Skills {
		relaxed := n.RelaxAfter > 0 && !s.At.Before(w.Since.Add(time.Duration(n.RelaxAfter)*time.Second))
		if !relaxed && (strings.HasPrefix(n.Key, languageSkill) || s.Skills[n.Key]) {
			asked = append(asked, n)
		}
	}
	return asked
}

// pool are the teams whose members may be given what waits for the team: itself, and those that it has overflowed to.
func (s *Snapshot) pool(w *Waiting) []*auth.Team {
	team := s.Teams[w.TeamID]
	if team == nil {
		return nil
	}
	pool := []*auth.Team{team}
	for _, o := range team.Work.Overflow {
		if to := s.Teams[o.TeamID]; to != nil && !s.At.Before(w.Since.Add(time.Duration(o.AfterSeconds)*time.Second)) {
			pool = append(pool, to)
		}
	}
	return pool
}

// belonging is how an agent belongs to those who may be given something.
type belonging int

const (
	stranger belonging = iota
	closed             // their team does not work at this time
	member
)

// belongs says how an agent belongs to a pool.
func (s *Snapshot) belongs(pool []*auth.Team, id string) belonging {
	best := stranger
	for _, t := range pool {
		if _, is := slices.BinarySearch(t.MemberIDs, id); !is {
			continue
		}
		if !s.Closed[t.ID] {
			return member
		}
		best = closed
	}
	return best
}

// Decide says who gets a conversation. It changes nothing.
func (s *Snapshot) Decide(w *Waiting) Decision {
	team := s.Teams[w.TeamID]
	if team == nil {
		return Decision{}
	}
	asked, pool := s.asked(w), s.pool(w)
	d := Decision{Strategy: team.Work.Strategy, Candidates: make([]Candidate, 0, len(s.ids)+len(team.MemberIDs))}
	for _, id := range s.ids {
		d.Candidates = append(d.Candidates, s.candidate(s.Agents[id], w, asked, s.belongs(pool, id)))
	}
	for _, t := range pool {
		for _, id := range t.MemberIDs {
			if s.Agents[id] == nil {
				d.Candidates = append(d.Candidates, Candidate{AgentID: id, Reason: IsOffline})
			}
		}
	}
	slices.SortStableFunc(d.Candidates, func(a, b Candidate) int { return strings.Compare(a.AgentID, b.AgentID) })
	d.Candidates = slices.CompactFunc(d.Candidates, func(a, b Candidate) bool { return a.AgentID == b.AgentID })
	choose(&d, team, w)
	return d
}

// candidate looks at one agent; the reason is empty where they could have it.
func (s *Snapshot) candidate(a *Agent, w *Waiting, asked []Need, as belonging) Candidate {
	c := Candidate{
		AgentID: a.ID, Load: a.Capacity.used(a.Load), Capacity: a.Capacity.total(), turn: a.Turns[w.TeamID],
		Idle: max(0, int64(s.At.Sub(a.IdleSince)/time.Second)),
	}
	missing := false
	for _, n := range asked {
		c.Skill += a.Skills[n.Key]
		missing = missing || a.Skills[n.Key] < n.Level
	}
	switch {
	case as == stranger:
		c.Reason = NotInTeam
	case a.State == Offline:
		c.Reason = IsOffline
	case a.State == Away:
		c.Reason = IsAway
	case a.State == Busy:
		c.Reason = IsBusy
	case !a.MayAnswer:
		c.Reason = NoPermission
	case a.Outside || as == closed:
		c.Reason = OutsideHours
	case missing:
		c.Reason = MissingSkill
	case w.declinedBy(a.ID, s.At):
		c.Reason = Declined
	case !a.Capacity.fits(a.Load, w.Kind):
		c.Reason = AtCapacity
	}
	c.Eligible = c.Reason == ""
	return c
}

// declinedBy reports whether the agent refused it a short time ago.
func (w *Waiting) declinedBy(agentID string, now time.Time) bool {
	return slices.ContainsFunc(w.Declined, func(r Refusal) bool { return r.AgentID == agentID && now.Before(r.At.Add(refusalHolds)) })
}
