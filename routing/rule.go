package routing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"wasl/activity"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// Rule says where conversations belong that fulfil a condition, when they begin or begin again.
type Rule struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	Position    int    `bson:"position"` // the lowest is asked first
	Name        string `bson:"name"`
	Enabled     bool   `bson:"enabled"`
	When        string `bson:"when"` // a condition about a conversation, as JSON
	Then        Then   `bson:"then"`
	GoOn        bool   `bson:"go_on"` // the rules after it are asked too
}

// Then is what a rule does; what is empty stays.
type Then struct {
	Type     string   `bson:"type,omitempty" json:"type,omitempty" enum:"sales,support,complaint,other"`
	TeamID   string   `bson:"team_id,omitempty" json:"team_id,omitempty"`
	AgentID  string   `bson:"agent_id,omitempty" json:"agent_id,omitempty" doc:"Where there is a team too, only if they can take it now"`
	Priority string   `bson:"priority,omitempty" json:"priority,omitempty" enum:"none,low,medium,high,urgent"`
	Skills   []Need   `bson:"skills,omitempty" json:"skills,omitempty" maxItems:"10"`
	Labels   []string `bson:"labels,omitempty" json:"labels,omitempty" maxItems:"10" doc:"Added to those that there are"`
}

var ruleSchema = store.Schema{Name: "routing_rules", Indexes: []store.Index{
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("position")}},
}}

// maxRules bounds the rules of a workspace: each is asked of every conversation that begins.
const maxRules = 100

// The events of a rule. Their data is the rule as REST shows it.
const (
	ruleCreated = "routing_rule.created"
	ruleUpdated = "routing_rule.updated"
	ruleDeleted = "routing_rule.deleted"
)

// Rules are the workspace's rules in their order.
func (s *Service) Rules(ctx context.Context, workspaceID string) ([]*Rule, error) {
	found, _, err := s.rules.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: maxRules})
	return found, err
}

// rule returns a rule of the workspace or store.ErrNotFound.
func (s *Service) rule(ctx context.Context, workspaceID, id string) (*Rule, error) {
	r, err := s.rules.Get(ctx, id)
	if err == nil && r.WorkspaceID != workspaceID {
		return nil, store.ErrNotFound
	}
	return r, err
}

// check refuses what a rule cannot be: conditions that cannot be read, and teams, agents and skills that there are not.
func (s *Service) check(ctx context.Context, r *Rule) error {
	if _, err := s.Inbox.ParseCondition([]byte(r.When), "when"); err != nil {
		return err
	}
	t := r.Then
	if t.TeamID != "" {
		if _, err := s.Users.Team(ctx, r.WorkspaceID, t.TeamID); errors.Is(err, store.ErrNotFound) {
			return errs.InvalidField("unknown_team", "then/team_id", "there is no such team in this workspace")
		} else if err != nil {
			return err
		}
	}
	if t.AgentID != "" {
		if u, err := s.Users.User(ctx, r.WorkspaceID, t.AgentID); errors.Is(err, store.ErrNotFound) || err == nil && !u.Active {
			return errs.InvalidField("unknown_agent", "then/agent_id", "there is no such active user in this workspace")
		} else if err != nil {
			return err
		}
	}
	keys := make([]string, len(t.Skills))
	for n, k := range t.Skills {
		keys[n] = k.Key
	}
	if err := s.knownSkills(ctx, r.WorkspaceID, "then/skills", keys); err != nil {
		return err
	}
	for _, label := range t.Labels {
		if err := inbox.CheckLabel(label, "then/labels"); err != nil {
			return err
		}
	}
	if t.Type == "" && t.TeamID == "" && t.AgentID == "" && t.Priority == "" && t.Skills == nil && t.Labels == nil {
		return errs.InvalidField("nothing_to_do", "then", "at least one of type, team_id, agent_id, priority, skills and labels")
	}
	return nil
}

// noteRule adds a rule's history and its event.
func (s *Service) noteRule(w *events.Write, r *Rule, by access.Actor, event string) {
	at := s.Clock.Now()
	s.Activity.Add(w, activity.Activity{
		WorkspaceID: r.WorkspaceID, Subject: activity.Subject{Kind: activity.RoutingRule, ID: r.ID}, Actor: by, Action: event, At: at,
		Changes: []events.Change{{Field: "name", After: r.Name}},
	})
	data, _ := json.Marshal(viewRule(r)) // a rule always encodes
	w.Events = append(w.Events, events.Event{
		Type: event, WorkspaceID: r.WorkspaceID, Subject: r.ID, Version: r.Version, At: at, Actor: by, Data: data,
		Audience: access.Audience{Supervisors: true},
	})
}

// CreateRule adds a rule behind the others. The same key of the same caller is the same rule: created is false then.
func (s *Service) CreateRule(ctx context.Context, v access.Viewer, key string, n Rule) (r *Rule, created bool, err error) {
	id := ids.New("rrl", s.Clock.Now())
	if key != "" {
		id = ids.Derived("rrl", v.WorkspaceID, v.UserID, key)
	}
	err = store.Retry(ctx, func() error {
		if r, err = s.rule(ctx, v.WorkspaceID, id); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		fresh := n
		r, created = &fresh, true
		r.Meta, r.WorkspaceID = store.Meta{ID: id}, v.WorkspaceID
		there, err := s.Rules(ctx, v.WorkspaceID)
		if err != nil {
			return err
		}
		if len(there) >= maxRules {
			return errs.New(errs.Conflict, "rule_limit", fmt.Sprintf("A workspace has at most %d rules.", maxRules))
		}
		if len(there) > 0 {
			r.Position = there[len(there)-1].Position + 1
		}
		if err := s.check(ctx, r); err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{s.rules.Insert(r)}}
		s.noteRule(w, r, v.Actor(), ruleCreated)
		return s.Bus.Commit(ctx, w)
	})
	return r, created && err == nil, err
}

// ChangeRule edits a rule, unless check refuses the version that it has.
func (s *Service) ChangeRule(
	ctx context.Context, v access.Viewer, id string, check func(version int64) error, edit func(*Rule),
) (r *Rule, err error) {
	err = store.Retry(ctx, func() error {
		if r, err = s.rule(ctx, v.WorkspaceID, id); err != nil {
			return err
		}
		if err := check(r.Version); err != nil {
			return err
		}
		edit(r)
		if err := s.check(ctx, r); err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{s.rules.Replace(r)}}
		s.noteRule(w, r, v.Actor(), ruleUpdated)
		return s.Bus.Commit(ctx, w)
	})
	return r, err
}

// DeleteRule removes a rule, unless check refuses the version that it has.
func (s *Service) DeleteRule(ctx context.Context, v access.Viewer, id string, check func(version int64) error) error {
	return store.Retry(ctx, func() error {
		r, err := s.rule(ctx, v.WorkspaceID, id)
		if err != nil {
			return err
		}
		if err := check(r.Version); err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{s.rules.Delete(r)}}
		s.noteRule(w, r, v.Actor(), ruleDeleted)
		return s.Bus.Commit(ctx, w)
	})
}

// OrderRules puts the rules into an order, which must name all of them once.
func (s *Service) OrderRules(ctx context.Context, v access.Viewer, order []string) (rules []*Rule, err error) {
	err = store.Retry(ctx, func() error {
		if rules, err = s.Rules(ctx, v.WorkspaceID); err != nil {
			return err
		}
		place := make(map[string]int, len(order))
		for n, id := range order {
			place[id] = n
		}
		errOrder := errs.InvalidField("invalid_order", "ids", "the ids of all rules, each once")
		if len(order) != len(rules) || len(place) != len(rules) {
			return errOrder
		}
		w := &events.Write{}
		for _, r := range rules {
			n, named := place[r.ID]
			if !named {
				return errOrder
			}
			if r.Position != n {
				r.Position = n
				w.Changes = append(w.Changes, s.rules.Replace(r))
				s.noteRule(w, r, v.Actor(), ruleUpdated)
			}
		}
		slices.SortFunc(rules, func(a, b *Rule) int { return a.Position - b.Position })
		return s.Bus.Commit(ctx, w)
	})
	return rules, err
}
