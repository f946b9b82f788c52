package routing

import (
	"slices"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/inbox/live"
	"wasl/store"
)

// RouteState is where a conversation stands.
type RouteState string

// The states of a route.
const (
	None     RouteState = "none"
	Queued   RouteState = "queued"
	Offered  RouteState = "offered"
	Assigned RouteState = "assigned"
)

// Route is where a conversation stands with routing: a row beside the conversation, whose id it has, written with each change that matters.
type Route struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string     `bson:"workspace_id"`
	State       RouteState `bson:"state"`
	TeamID      string     `bson:"team_id"`
	AgentID     string     `bson:"agent_id"` // who has it, or to whom it is offered
	Kind        string     `bson:"kind"`     // of its channel
	Rank        int        `bson:"rank"`     // of its priority; 0 is the most urgent
	// HeldSince is since when AgentID has it, or is asked.
	HeldSince time.Time `bson:"held_since,omitempty"`
	// ChangedAt is when it last changed; it never goes back, whatever clocks do.
	ChangedAt time.Time `bson:"changed_at,omitempty"`
	// Since is since when it has waited; of what nobody waits for, when it last began to.
	Since    time.Time `bson:"since"`
	Skills   []Need    `bson:"skills,omitempty"`
	Declined []Refusal `bson:"declined,omitempty"`
	// OfferUntil is how long the offer holds.
	OfferUntil time.Time `bson:"offer_until,omitempty"`
	// Shown: AgentID, who is asked, sees the conversation only because of that.
	Shown     bool   `bson:"shown,omitempty"`
	LastAgent string `bson:"last_agent,omitempty"` // who had it last
	// OwnerID is whose customer it is, where they come first in the team.
	OwnerID string `bson:"owner_id,omitempty"`
	// KeptFor is who gets it back without being asked until KeptUntil, because they only were away for a moment.
	KeptFor   string    `bson:"kept_for,omitempty"`
	KeptUntil time.Time `bson:"kept_until,omitempty"`
	// NotBefore is until when rules may still say where it belongs.
	NotBefore time.Time `bson:"not_before,omitempty"`
}

var routeSchema = store.Schema{Name: "routes", Indexes: []store.Index{
	{Name: "queue", Fields: []store.Field{
		store.Asc("workspace_id"), store.Asc("state"), store.Asc("team_id"), store.Asc("rank"), store.Asc("since"),
	}},
	{Name: "agent", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("agent_id"), store.Asc("state")}},
	{Name: "kept", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("kept_for")}},
}}

// rankOf is the place of a priority in a queue.
func rankOf(priority string) int {
	return len(live.Priorities) - 1 - max(0, slices.Index(live.Priorities, priority))
}

// priority is the one that the route's rank stands for.
func (r *Route) priority() string { return live.Priorities[len(live.Priorities)-1-r.Rank] }

// place is what of a conversation decides where it stands.
type place struct {
	state       RouteState
	team, agent string
	rank        int
}

func placeOf(c inbox.Standing) place {
	p := place{state: None, team: c.TeamID, rank: rankOf(c.Priority)}
	switch {
	case !c.Waits():
	case c.AssigneeID != "":
		p.state, p.agent = Assigned, c.AssigneeID
	case c.TeamID != "":
		p.state = Queued
	}
	return p
}

// counts reports in whose load the route counts; empty: in nobody's.
func (r *Route) counts() string {
	if r.State == Assigned || r.State == Offered {
		return r.AgentID
	}
	return ""
}

// moveTo makes the route stand where its conversation does. What was offered stays offered as long as the conversation waits for the team.
func (r *Route) moveTo(p place, now time.Time) {
	if r.State == Offered && p.state == Queued && r.TeamID == p.team {
		r.Rank = p.rank
		return
	}
	waited := r.State == Queued || r.State == Offered
	if r.State == None || p.state == Queued && !waited {
		r.Since = store.Millis(now)
	}
	if p.state == Queued && (!waited || r.TeamID != p.team) {
		r.Declined, r.NotBefore = nil, time.Time{}
	}
	if p.state == Assigned {
		r.LastAgent = p.agent
	}
	r.TeamID, r.Rank = p.team, p.rank
	if p.state != Queued {
		r.KeptFor, r.KeptUntil, r.Declined = "", time.Time{}, nil
	}
	if p.state == None {
		r.Skills = nil
	}
	r.hold(p.state, p.agent, now)
}

// hold puts the route into a state, of nobody or of an agent.
func (r *Route) hold(state RouteState, agentID string, now time.Time) {
	if agentID == "" {
		r.HeldSince = time.Time{}
	} else if r.State != state || r.AgentID != agentID {
		r.HeldSince = store.Millis(now)
	}
	r.State, r.AgentID, r.OfferUntil, r.Shown = state, agentID, time.Time{}, false
}

// waiting is the route as decisions see it.
func (r *Route) waiting() *Waiting {
	return &Waiting{
		TeamID: r.TeamID, Kind: r.Kind, Since: r.Since, Skills: r.Skills, Declined: r.Declined, LastAgent: r.LastAgent,
		OwnerID: r.OwnerID,
	}
}

// times are when, while the route waits, it may be given to others than before: overflows and skills that are asked for no longer.
func (r *Route) times(team *auth.Team) (at []time.Time) {
	for _, o := range team.Work.Overflow {
		at = append(at, r.Since.Add(time.Duration(o.AfterSeconds)*time.Second))
	}
	for _, n := range r.Skills {
		if n.RelaxAfter > 0 {
			at = append(at, r.Since.Add(time.Duration(n.RelaxAfter)*time.Second))
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return slices.CompactFunc(at, time.Time.Equal)
}

// maxDecisions is how many decisions are kept of a conversation.
const maxDecisions = 10

// decisions are those about one conversation, the latest last: a row of its own, because queues are read without it.
type decisions struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string   `bson:"workspace_id"`
	All         []Record `bson:"all"`
}

// Record is a decision that was carried out.
type Record struct {
	At         time.Time     `bson:"at"`
	Cause      Cause         `bson:"cause"`
	RuleID     string        `bson:"rule_id,omitempty"`
	TeamID     string        `bson:"team_id,omitempty"`
	Chosen     string        `bson:"chosen,omitempty"`
	Strategy   auth.Strategy `bson:"strategy,omitempty"`
	Candidates []Candidate   `bson:"candidates,omitempty"`
	Why        string        `bson:"why,omitempty"` // in the words of whoever declined
}

// Cause is why a decision was made.
type Cause string

// The causes.
const (
	ByQueue   Cause = "queue"   // it was its turn in its team's queue
	ByRule    Cause = "rule"    // a rule said where it belongs
	ByPull    Cause = "pull"    // somebody took the next one
	ByReturn  Cause = "return"  // whoever had it was away for a moment only
	ByAbsence Cause = "absence" // whoever had it has gone
	ByDecline Cause = "decline" // whoever was asked declined
	ByTimeout Cause = "timeout" // whoever was asked did not answer
	ByAccept  Cause = "accept"  // whoever was asked took it
	Waits     Cause = "waiting" // it waits: this is how the decision would be now
)

var decisionSchema = store.Schema{Name: "routing_decisions"}

// order is the document of a team's queue that every assignment from it replaces, so that they are one after the other. It has the team's
// id.
type order struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
}

var orderSchema = store.Schema{Name: "routing_orders"}
