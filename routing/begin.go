package routing

import (
	"context"
	"errors"
	"slices"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// begin has the classifier say what a conversation is about that began, or began again, and the rules where it belongs. What people have
// given to somebody stays theirs; who had it last and is offline loses it to their team.
func (s *Service) begin(ctx context.Context, job *jobs.Job) error {
	return store.Retry(ctx, func() error {
		conv, err := s.Inbox.Standing(ctx, job.WorkspaceID, job.Ref)
		if errors.Is(err, store.ErrNotFound) || err == nil && !conv.Waits() {
			return nil
		}
		if err != nil {
			return err
		}
		w := &events.Write{Changes: job.Done()}
		about, err := s.classify(ctx, w, conv)
		if err != nil {
			return err
		}
		o, err := s.ask(ctx, conv, about)
		if err != nil {
			return err
		}
		if err := s.target(ctx, conv, o); err != nil {
			return err
		}
		end, err := s.giveAtOnce(ctx, w, conv, o)
		if err != nil {
			return err
		}
		defer end()
		begun := begunWith(conv, about, o)
		if err := s.greetLater(ctx, w, conv, job.ID); err != nil {
			return err
		}
		if !o.changes() && conv.TeamID == "" {
			w.Changes = append(w.Changes, s.logBegun(begun, conv.WorkspaceID, o.by))
			if o.edit.Told = nil; about == nil {
				return s.Bus.Commit(ctx, w)
			}
		} else {
			o.told.begun = begun
		}
		o.edit.Classification = about
		if _, err := s.Inbox.Edit(ctx, w, o.by, conv.WorkspaceID, conv.ID, o.edit); err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
}

// ruling is what the rules that hold say together.
type ruling struct {
	edit   inbox.Edit
	then   Then
	told   *verdict
	ruleID string // the first that said something
	by     access.Actor
}

func (o *ruling) changes() bool { return o.ruleID != "" || o.edit.AgentID != nil }

// ask asks the rules about a conversation, up to the first that holds and is not to go on. Of two that say the same, the first one counts.
func (s *Service) ask(ctx context.Context, conv inbox.Standing, about *inbox.Classification) (*ruling, error) {
	o := &ruling{by: engine(ByRule)}
	all, err := s.Rules(ctx, conv.WorkspaceID)
	if err != nil {
		return nil, err
	}
	rules, conditions := make([]*Rule, 0, len(all)), make([]inbox.Condition, 0, len(all))
	for _, r := range all {
		c, err := s.Inbox.ParseCondition([]byte(r.When), "when")
		if !r.Enabled || err != nil { // one that names a field which is gone since holds of nothing
			continue
		}
		rules, conditions = append(rules, r), append(conditions, c)
	}
	if len(rules) == 0 {
		return o, nil
	}
	holds, err := s.Inbox.Holding(ctx, conv.WorkspaceID, conv.ID, about, conditions)
	if err != nil {
		return nil, err
	}
	for n, r := range rules {
		if !holds[n] {
			continue
		}
		o.add(r)
		if !r.GoOn {
			break
		}
	}
	return o, nil
}

// add takes over what a rule says and none before it has said.
func (o *ruling) add(r *Rule) {
	if o.ruleID == "" {
		o.ruleID = r.ID
		o.by = access.Actor{Kind: access.Rule, ID: r.ID, Name: r.Name, Cause: o.by.Cause}
	}
	for _, f := range []struct{ to, said *string }{
		{&o.then.Type, &r.Then.Type}, {&o.then.Priority, &r.Then.Priority},
	} {
		if *f.to == "" {
			*f.to = *f.said
		}
	}
	if o.then.TeamID == "" && o.then.AgentID == "" {
		o.then.TeamID, o.then.AgentID = r.Then.TeamID, r.Then.AgentID
	}
	if o.then.Skills == nil {
		o.then.Skills = r.Then.Skills
	}
	o.then.Labels = append(o.then.Labels, r.Then.Labels...)
}

// target makes the edit of what the rules say.
func (s *Service) target(ctx context.Context, conv inbox.Standing, o *ruling) error {
	if err := s.existing(ctx, conv.WorkspaceID, &o.then); err != nil {
		return err
	}
	e, t := &o.edit, &o.then
	if t.Type != "" {
		e.Type = &t.Type
	}
	if t.Priority != "" {
		e.Priority = &t.Priority
	}
	if t.Labels != nil {
		labels := append(slices.Clone(conv.Labels), t.Labels...)
		e.Labels = &labels
	}
	assignee, nobody := conv.AssigneeID, ""
	if assignee != "" && conv.TeamID != "" {
		p, err := s.presenceOf(ctx, conv.WorkspaceID, assignee)
		if err != nil {
			return err
		}
		if p.State == Offline {
			assignee, e.AgentID = "", &nobody
		}
	}
	told := &verdict{shape: func(r *Route) {
		r.NotBefore = time.Time{}
		if t.Skills != nil {
			r.Skills = t.Skills
		}
	}}
	if assignee == "" && (t.TeamID != "" || t.AgentID != "") {
		if err := s.place(ctx, conv, o, told); err != nil {
			return err
		}
	}
	o.told, e.Told = told, told
	return nil
}

// place gives the conversation to the team and, where they can take it or there is no team, to the agent.
func (s *Service) place(ctx context.Context, conv inbox.Standing, o *ruling, told *verdict) error {
	t := &o.then
	if t.TeamID != "" {
		o.edit.TeamID = &t.TeamID
	}
	record := &Record{Cause: ByRule, RuleID: o.ruleID, TeamID: t.TeamID}
	told.records = []*Record{record}
	if t.AgentID == "" {
		return nil
	}
	if t.TeamID == "" { // the rule names a person, as somebody would by hand
		o.edit.AgentID, record.Chosen = &t.AgentID, t.AgentID
		return nil
	}
	f, err := s.snapshot(ctx, conv.WorkspaceID)
	if err != nil {
		return err
	}
	c := Candidate{AgentID: t.AgentID, Reason: IsOffline}
	if a := f.Agents[t.AgentID]; a != nil {
		c = f.candidate(a, &Waiting{TeamID: t.TeamID, Kind: conv.ChannelKind, Since: f.At}, nil, member)
	}
	if c.Eligible {
		c.Reason = Chosen
		o.edit.AgentID, record.Chosen = &t.AgentID, t.AgentID
		told.loads = map[string]*Load{t.AgentID: f.loads[t.AgentID].clone()}
	}
	record.Candidates = []Candidate{c}
	return nil
}

// giveAtOnce adds to the edit who of the team gets the conversation, where nothing waits before it and somebody can take it, so that it
// needs no queue and no write of its own. It decides as a look at the queues does, and never beside one of this process; one of another
// instance collides in the team's order. end is to be called when it is written.
func (s *Service) giveAtOnce(ctx context.Context, w *events.Write, conv inbox.Standing, o *ruling) (end func(), err error) {
	end = func() {}
	if o.edit.TeamID == nil || o.edit.AgentID != nil || conv.TeamID != "" {
		return end, nil
	}
	looking := s.drains.of(conv.WorkspaceID)
	select {
	case looking <- struct{}{}:
	default:
		return end, nil
	}
	end = func() { <-looking }
	given, err := s.first(ctx, w, conv, o)
	if !given || err != nil {
		end()
		end = func() {}
	}
	return end, err
}

// first decides about a conversation that comes into its team's queue as the only one; given: somebody gets it.
func (s *Service) first(ctx context.Context, w *events.Write, conv inbox.Standing, o *ruling) (given bool, err error) {
	teamID := *o.edit.TeamID
	n, err := s.routes.Count(ctx, store.Query{Index: "queue", Eq: []any{conv.WorkspaceID, string(Queued), teamID}}, 1)
	if err != nil || n > 0 {
		return false, err
	}
	f, err := s.snapshot(ctx, conv.WorkspaceID)
	if err != nil || f.Teams[teamID] == nil || f.Teams[teamID].Work.HandOver == auth.ByOffer {
		return false, err
	}
	r, err := s.routeOf(ctx, conv)
	if err != nil {
		return false, err
	}
	if o.told.owner, err = s.ownerFor(ctx, f.Teams[teamID], conv.ContactID); err != nil {
		return false, err
	}
	r.TeamID, r.Since, r.Skills, r.Declined, r.OwnerID = teamID, store.Millis(f.At), o.then.Skills, nil, *o.told.owner
	d := f.Decide(r.waiting())
	if d.Chosen == "" {
		return false, nil
	}
	ordered, _ := s.inOrder(f, teamID)
	w.Changes = append(w.Changes, ordered)
	o.edit.AgentID = &d.Chosen
	o.told.records = append(o.told.records, d.record(teamID))
	o.told.loads, o.told.turn, o.told.quiet = map[string]*Load{d.Chosen: f.loads[d.Chosen].clone()}, f.nextTurn(teamID), true
	return true, nil
}

// existing drops teams and agents that are gone since the rule was made.
func (s *Service) existing(ctx context.Context, workspaceID string, t *Then) error {
	if t.TeamID != "" {
		if _, err := s.Users.Team(ctx, workspaceID, t.TeamID); errors.Is(err, store.ErrNotFound) {
			t.TeamID = ""
		} else if err != nil {
			return err
		}
	}
	if t.AgentID != "" {
		u, err := s.Users.User(ctx, workspaceID, t.AgentID)
		if errors.Is(err, store.ErrNotFound) || err == nil && !u.Active {
			t.AgentID = ""
		} else if err != nil {
			return err
		}
	}
	return nil
}
