package routing

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"wasl/internal/errs"
	"wasl/internal/web"
	"wasl/store"
)

// pastFloor is the floor of a workspace at a moment, as the log says.
type pastFloor struct {
	routes    map[string]*Route // also those that have left the floor since the last checkpoint
	presences map[string]*presenceFact
	profiles  map[string]*Profile
	loads     map[string]*Load // only since when somebody is idle, and turns
	found     bool             // some of it was there before there was a log
}

func newPastFloor() *pastFloor {
	return &pastFloor{
		routes: map[string]*Route{}, presences: map[string]*presenceFact{}, profiles: map[string]*Profile{}, loads: map[string]*Load{},
	}
}

// apply takes an entry over, if it is not older than what is known.
func (f *pastFloor) apply(e *floorEntry) {
	f.found = f.found || e.Cause == fromBefore
	switch {
	case e.Route != nil:
		f.applyRoute(e)
	case e.Presence != nil:
		if known := f.presences[e.Presence.UserID]; known == nil || known.Version <= e.Seq {
			f.presences[e.Presence.UserID] = e.Presence
		}
	case e.Profile != nil:
		if known := f.profiles[e.Profile.ID]; known == nil || known.Version <= e.Seq {
			f.profiles[e.Profile.ID] = e.Profile
		}
	case e.Load != nil:
		if f.loads[e.Load.ID] == nil {
			f.loads[e.Load.ID] = &Load{Meta: e.Load.Meta, WorkspaceID: e.WorkspaceID, IdleSince: e.Load.IdleSince, Turns: e.Load.Turns}
		}
	}
}

// applyRoute takes over where a conversation stands, and with it since when agents are idle and whose turn it was.
func (f *pastFloor) applyRoute(e *floorEntry) {
	had, known := "", f.routes[e.Route.ID]
	if known != nil {
		if known.Version >= e.Seq {
			return
		}
		had = known.counts()
	}
	f.routes[e.Route.ID] = e.Route
	has := e.Route.counts()
	for _, agent := range []string{had, has} {
		if agent == "" || had == has && e.Turn == 0 {
			continue
		}
		l := f.loads[agent]
		if l == nil {
			l = newLoad(e.WorkspaceID, agent)
			f.loads[agent] = l
		}
		if had != has {
			l.IdleSince = e.At
		}
		if agent == has && e.Turn > 0 {
			l.takeTurn(e.Route.TeamID, e.Turn)
		}
	}
}

var errNotRecorded = errs.InvalidField("not_recorded", "at", "a time of the last 90 days since which the floor is recorded")

// pastFloorAt is the floor of a workspace as it was at a moment, from kept facts. It costs as much as what was on the floor then and the
// stretch of the log since the checkpoint before it.
func (s *Service) pastFloorAt(ctx context.Context, workspaceID string, at time.Time) (*pastFloor, error) {
	now := s.Clock.Now()
	if at.After(now) || at.Before(now.Add(-floorTime)) {
		return nil, errNotRecorded
	}
	before, err := s.checkpointBefore(ctx, workspaceID, at)
	if err != nil {
		return nil, err
	}
	f, after := newPastFloor(), time.Time{}
	switch {
	case before != nil && at.Before(before.From):
		return nil, errNotRecorded
	case before != nil:
		after = before.At
		if f, err = s.floorFrom(ctx, before); err != nil {
			return nil, err
		}
	default:
		first, err := s.checkpointAfter(ctx, workspaceID, at)
		if err == nil && first == nil { // a workspace of a few minutes
			if err = s.checkpointDue(ctx, workspaceID); err == nil {
				first, err = s.checkpointAfter(ctx, workspaceID, time.Time{})
			}
		}
		if err != nil {
			return nil, err
		}
		if first == nil || !first.First || !first.From.IsZero() {
			return nil, errNotRecorded
		}
	}
	return f, s.replay(ctx, f, workspaceID, after, store.Millis(at))
}

// checkpointAfter is the first checkpoint after a time; nil: there is none.
func (s *Service) checkpointAfter(ctx context.Context, workspaceID string, at time.Time) (*checkpoint, error) {
	found, _, err := s.floorPoints.Find(ctx, store.Query{
		Index: "workspace", Eq: []any{workspaceID}, Range: &store.Range{From: at}, Reverse: true, Limit: 1,
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// FloorView is the floor of a workspace at a moment.
type FloorView struct {
	At     web.Time     `json:"at"`
	Queues []QueueView  `json:"queues" nullable:"false"`
	Agents []FloorAgent `json:"agents" nullable:"false"`
}

// FloorAgent is what an agent was, had and could have at a moment.
type FloorAgent struct {
	UserID        string              `json:"user_id"`
	Name          string              `json:"name"`
	State         State               `json:"state" enum:"online,busy,away,offline"`
	Since         *web.Time           `json:"since" doc:"null: they were never there"`
	Reason        string              `json:"reason"`
	Load          int                 `json:"load" doc:"Sum of the weights of what they have and what is offered to them"`
	ByKind        map[string]int      `json:"load_by_kind" doc:"How many conversations, by kind of channel"`
	Capacity      int                 `json:"capacity"`
	Conversations []FloorConversation `json:"conversations" nullable:"false" doc:"At most 50, those that they have had longest first"`
}

// FloorConversation is a conversation that an agent had, or was asked to take.
type FloorConversation struct {
	ID      string   `json:"id"`
	Since   web.Time `json:"since"`
	Kind    string   `json:"kind" enum:"whatsapp,messenger,instagram,sms,email,widget" doc:"Of its channel"`
	TeamID  string   `json:"team_id"`
	Offered bool     `json:"offered" doc:"They were asked and had not answered"`
}

func viewHeld(r *Route) FloorConversation {
	return FloorConversation{r.ID, web.At(r.heldSince()), r.Kind, r.TeamID, r.State == Offered}
}

// maxShown is how many conversations of an agent are shown.
const maxShown = 50

// floorAt is the floor of a workspace as it was at a moment of the last 90 days, from kept facts. Names, and which teams and users there
// are, are those of today.
func (s *Service) floorAt(ctx context.Context, workspaceID string, at time.Time) (*FloorView, error) {
	f, err := s.pastFloorAt(ctx, workspaceID, at)
	if err != nil {
		return nil, err
	}
	teams, err := s.Users.AllTeams(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	var userIDs []string
	for id, p := range f.presences {
		if p.wasThere() {
			userIDs = append(userIDs, id)
		}
	}
	for _, r := range f.routes {
		if agent := r.counts(); agent != "" {
			userIDs = append(userIDs, agent)
		}
	}
	slices.Sort(userIDs)
	users, err := s.Users.UsersByID(ctx, workspaceID, slices.Compact(userIDs)...)
	if err != nil {
		return nil, err
	}
	v := &FloorView{At: web.At(store.Millis(at)), Queues: f.queues(slices.Collect(maps.Keys(teams))), Agents: []FloorAgent{}}
	held := f.held()
	for _, u := range users {
		if a := f.agent(u.ID, held[u.ID]); u.Active || a.State != Offline || len(a.Conversations) > 0 {
			a.Name = u.Name
			v.Agents = append(v.Agents, a)
		}
	}
	return v, nil
}

// queues are what waited, of the teams and of those that had something waiting.
func (f *pastFloor) queues(teamIDs []string) []QueueView {
	of := map[string]*QueueView{}
	for _, id := range teamIDs {
		of[id] = &QueueView{TeamID: id, ByPriority: map[string]int{}}
	}
	oldest := map[string]time.Time{}
	for _, r := range f.routes {
		if r.State != Queued && r.State != Offered {
			continue
		}
		q := of[r.TeamID]
		if q == nil {
			q = &QueueView{TeamID: r.TeamID, ByPriority: map[string]int{}}
			of[r.TeamID] = q
		}
		q.Length++
		q.ByPriority[r.priority()]++
		if first := oldest[r.TeamID]; first.IsZero() || r.Since.Before(first) {
			oldest[r.TeamID] = r.Since
			q.OldestAt = web.AtOrNull(&r.Since)
		}
	}
	views := make([]QueueView, 0, len(of))
	for _, id := range slices.Sorted(maps.Keys(of)) {
		views = append(views, *of[id])
	}
	return views
}

// held are the conversations that agents had or were asked to take, those that they had longest first.
func (f *pastFloor) held() map[string][]*Route {
	of := map[string][]*Route{}
	for _, r := range f.routes {
		if agent := r.counts(); agent != "" {
			of[agent] = append(of[agent], r)
		}
	}
	for _, routes := range of {
		slices.SortFunc(routes, func(a, b *Route) int {
			return cmp.Or(a.heldSince().Compare(b.heldSince()), strings.Compare(a.ID, b.ID))
		})
	}
	return of
}

// heldSince is since when an agent has it; of what they had before that was noted, since when it last began to wait.
func (r *Route) heldSince() time.Time {
	if r.HeldSince.IsZero() {
		return r.Since
	}
	return r.HeldSince
}

// agent is what a user was, with what they had.
func (f *pastFloor) agent(userID string, held []*Route) FloorAgent {
	a := FloorAgent{UserID: userID, State: Offline, ByKind: map[string]int{}, Conversations: []FloorConversation{}}
	if p := f.presences[userID]; p.wasThere() {
		a.State, a.Reason, a.Since = p.State, p.Reason, web.AtOrNull(&p.Since)
	}
	capacity := &Capacity{}
	if p := f.profiles[userID]; p != nil {
		capacity = &p.Capacity
	}
	for _, r := range held {
		a.ByKind[r.Kind]++
		if len(a.Conversations) < maxShown {
			a.Conversations = append(a.Conversations, viewHeld(r))
		}
	}
	a.Load, a.Capacity = capacity.used(a.ByKind), capacity.total()
	return a
}
