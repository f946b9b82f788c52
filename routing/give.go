package routing

import (
	"context"
	"encoding/json"
	"slices"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/web"
	"wasl/store"
)

// engine is who assigns when nobody does; the history says because of what.
func engine(cause Cause) access.Actor {
	a := access.Actor{Kind: access.System, Name: "routing", Cause: access.Cause{Kind: access.Event, ID: "routing." + string(cause)}}
	if cause == ByTimeout {
		a.Cause.Kind = access.Timer
	}
	return a
}

// give carries a decision out: at once or by an offer. The snapshot is then as what is stored; after an error it is as before, and the
// route is not to be used.
func (s *Service) give(ctx context.Context, f *floor, r *Route, d *Decision) error {
	team := f.Teams[r.TeamID]
	a := &award{f: f, route: r, agentID: d.Chosen, record: d.record(r.TeamID), by: engine(ByQueue)}
	if team.Work.HandOver == auth.ByOffer {
		return s.offer(ctx, a)
	}
	return s.assign(ctx, a)
}

// record is what is kept of a decision about what waits for a team.
func (d *Decision) record(teamID string) *Record {
	return &Record{Cause: ByQueue, TeamID: teamID, Chosen: d.Chosen, Strategy: d.Strategy, Candidates: d.kept()}
}

// award is one conversation for one agent.
type award struct {
	f       *floor
	route   *Route
	agentID string
	record  *Record
	by      access.Actor
}

// inOrder is the change that makes a write expect the team's order as the snapshot has it.
func (s *Service) inOrder(f *floor, teamID string) (store.Change, *order) {
	o := *f.orders[teamID]
	if o.Version == 0 {
		return s.orders.Insert(&o), &o
	}
	return s.orders.Replace(&o), &o
}

// commit writes an award and brings the snapshot into step with it.
func (s *Service) commit(ctx context.Context, a *award, w *events.Write, o *order, l *Load) error {
	if err := s.Bus.Commit(ctx, w); err != nil {
		return err
	}
	a.f.orders[o.ID], a.f.loads[l.ID] = o, l
	a.f.Agents[l.ID].carry(l)
	return nil
}

// assign gives the conversation to the agent.
func (s *Service) assign(ctx context.Context, a *award) error {
	ordered, o := s.inOrder(a.f, a.route.TeamID)
	w := &events.Write{Changes: []store.Change{ordered}}
	told := &verdict{
		route: a.route, loads: map[string]*Load{a.agentID: a.f.loads[a.agentID].clone()}, records: []*Record{a.record},
		turn: a.f.nextTurn(a.route.TeamID), quiet: true,
	}
	edit := inbox.Edit{Assignment: inbox.Assignment{AgentID: &a.agentID}, Told: told}
	left := a.route.KeptFor
	if _, err := s.Inbox.Edit(ctx, w, a.by, a.f.workspaceID, a.route.ID, edit); err != nil {
		return err
	}
	if err := s.passDraft(ctx, w, a.route.ID, left, a.agentID); err != nil {
		return err
	}
	return s.commit(ctx, a, w, o, told.loads[a.agentID])
}

// passDraft gives what whoever left has begun to write to whoever has it now.
func (s *Service) passDraft(ctx context.Context, w *events.Write, conversationID, left, to string) error {
	if left == "" || left == to {
		return nil
	}
	return s.Inbox.PassDraft(ctx, w, conversationID, left, to)
}

// offer asks the agent.
func (s *Service) offer(ctx context.Context, a *award) error {
	now, r := s.Clock.Now(), a.route
	ordered, o := s.inOrder(a.f, a.route.TeamID)
	w := &events.Write{Changes: []store.Change{ordered}}
	l := a.f.loads[a.agentID].clone()
	loads := &loads{s: s, workspaceID: a.f.workspaceID, now: now, read: map[string]*Load{l.ID: l}}
	if _, err := loads.add(ctx, l.ID, r.Kind, 1); err != nil {
		return err
	}
	l.takeTurn(r.TeamID, a.f.nextTurn(r.TeamID))
	r.hold(Offered, a.agentID, now)
	team := a.f.Teams[r.TeamID]
	r.OfferUntil = store.Millis(now.Add(team.Work.OfferTime()))
	r.Shown = !slices.Contains(team.MemberIDs, a.agentID) // it came to them by an overflow
	if err := s.addRoute(ctx, w, r, step{made: []*Record{a.record}, by: a.by, at: now, turn: l.Turns[r.TeamID]}); err != nil {
		return err
	}
	w.Changes = append(w.Changes, loads.changes()...)
	w.Changes = append(w.Changes, s.Jobs.At(r.OfferUntil, jobs.Spec{
		Kind: jobOffer, WorkspaceID: r.WorkspaceID, Ref: r.ID, Key: []string{r.ID, a.agentID, r.OfferUntil.String()},
	})...)
	if r.Shown {
		if _, err := s.Inbox.Edit(ctx, w, a.by, r.WorkspaceID, r.ID, inbox.Edit{OfferedTo: &a.agentID}); err != nil {
			return err
		}
	}
	w.Events = append(w.Events, s.offerEvent(r, "assignment.offered", a.by))
	s.tellBoard(w, r.WorkspaceID, a.agentID)
	return s.commit(ctx, a, w, o, l)
}

// OfferView is the data of assignment.offered and assignment.offer_over: ids, so that whoever gets it looks at the conversation itself.
type OfferView struct {
	ConversationID string   `json:"conversation_id"`
	TeamID         string   `json:"team_id"`
	AgentID        string   `json:"agent_id"`
	Until          web.Time `json:"until"`
}

func viewOffer(r *Route) OfferView { return OfferView{r.ID, r.TeamID, r.AgentID, web.At(r.OfferUntil)} }

func (s *Service) offerEvent(r *Route, kind string, by access.Actor) events.Event {
	data, _ := json.Marshal(viewOffer(r)) // strings always encode
	return events.Event{
		Type: kind, WorkspaceID: r.WorkspaceID, Subject: r.ID, At: s.Clock.Now(), Actor: by,
		Audience: access.Audience{Supervisors: true, Users: []string{r.AgentID}}, Data: data,
	}
}
