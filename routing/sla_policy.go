package routing

import (
	"context"
	"errors"
	"slices"

	"wasl/activity"
	"wasl/inbox"
	"wasl/internal/errs"
	"wasl/store"
)

// Policy is a service level: what is promised about conversations that fulfil a condition. Of several, the first that holds applies.
type Policy struct {
	store.Meta `bson:",inline"`
	Listed     `bson:",inline"`
	Name       string        `bson:"name"`
	When       string        `bson:"when"` // a condition about a conversation, as JSON
	Promise    inbox.Promise `bson:"promise"`
}

var policySchema = store.Schema{Name: "sla_policies", Indexes: []store.Index{byPosition}}

// maxPolicies bounds the policies of a workspace: each may be asked of every conversation that begins.
const maxPolicies = 50

// newPolicies returns the settings of the service levels.
func newPolicies(s *Service) settings[Policy, *Policy] {
	return settings[Policy, *Policy]{
		s: s, rows: store.NewCollection[Policy](s.Engine, policySchema), kind: activity.SLAPolicy, prefix: "slp", most: maxPolicies,
		full:  tooMany("policy_limit", "service levels", maxPolicies),
		check: s.checkPolicy, show: func(p *Policy) any { return viewPolicy(p) }, name: func(p *Policy) string { return p.Name },
	}
}

// checkPolicy refuses what a policy cannot be: a condition that cannot be read, hours that there are not, and no promise.
func (s *Service) checkPolicy(ctx context.Context, p *Policy) error {
	if _, err := s.Inbox.ParseCondition([]byte(p.When), "when"); err != nil {
		return err
	}
	if p.Promise.FirstAnswer == 0 && p.Promise.NextAnswer == 0 && p.Promise.Resolution == 0 {
		return errs.InvalidField("nothing_to_do", "first_answer_minutes",
			"at least one of first_answer_minutes, next_answer_minutes and resolution_minutes")
	}
	return s.knownHours(ctx, p.WorkspaceID, p.Promise.HoursID, "business_hours_id")
}

// knownHours refuses hours that the workspace does not have; none are fine.
func (s *Service) knownHours(ctx context.Context, workspaceID, id, field string) error {
	if id == "" {
		return nil
	}
	_, err := s.hoursOf(ctx, workspaceID, id)
	if errors.Is(err, store.ErrNotFound) {
		return errs.InvalidField("unknown_hours", field, "the id of business hours of this workspace")
	}
	return err
}

// promised asks the policies about a conversation as a change leaves it: what the first that holds promises, or nothing. It is not known
// where there are no policies, and where the one that applies is gone since: what runs by it keeps its times.
func (s *Service) promised(ctx context.Context, c *inbox.Changed, begins bool) (p inbox.Promise, known bool, err error) {
	policies, err := s.policies.all(ctx, c.After.WorkspaceID)
	if err != nil || len(policies) == 0 {
		return p, false, err
	}
	if !begins && c.After.Levels != nil && c.After.Levels.Promise.PolicyID != "" && !slices.ContainsFunc(policies, func(p *Policy) bool {
		return p.ID == c.After.Levels.Promise.PolicyID
	}) {
		return p, false, nil
	}
	conditions, of := make([]inbox.Condition, 0, len(policies)), make([]*Policy, 0, len(policies))
	for _, policy := range policies {
		condition, err := s.Inbox.ParseCondition([]byte(policy.When), "when")
		if err == nil { // one that names a field which is gone since holds of nothing
			conditions, of = append(conditions, condition), append(of, policy)
		}
	}
	holds, err := c.Holding(ctx, conditions)
	if err != nil {
		return p, true, err
	}
	for n, policy := range of {
		if holds[n] {
			p = policy.Promise
			p.PolicyID = policy.ID
			break
		}
	}
	return p, true, nil
}
