package routing

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) policyRoutes(api huma.API, op operation) {
	const path, one = "/sla-policies", "/sla-policies/{id}"
	list := op(http.MethodGet, path, "list-sla-policies", "The service levels in their order", access.ReadRouting)
	list.Description = "The first that holds applies to a conversation. It is asked for when the conversation begins or begins again, and " +
		"again when its type, sentiment, priority, team, agent or labels change. What runs keeps its times when a service level is changed."
	huma.Register(api, list, s.listPolicies)
	create := op(http.MethodPost, path, "create-sla-policy", "Add a service level behind the others", access.ManageRouting)
	create.DefaultStatus = http.StatusCreated
	create.Responses = web.AlsoOK[PolicyView](api, "The service level that the key has made before")
	huma.Register(api, create, s.createPolicy)
	huma.Register(api, op(http.MethodPut, path+"/order", "order-sla-policies", "Put the service levels into an order",
		access.ManageRouting), s.orderPolicies)
	patch := op(http.MethodPatch, one, "patch-sla-policy", "Change a service level", access.ManageRouting)
	patch.Errors = append(patch.Errors, http.StatusPreconditionFailed)
	huma.Register(api, patch, s.patchPolicy)
	remove := op(http.MethodDelete, one, "delete-sla-policy", "Delete a service level", access.ManageRouting)
	remove.Description = "What runs by it keeps its times."
	remove.Errors = append(remove.Errors, http.StatusPreconditionFailed)
	huma.Register(api, remove, s.deletePolicy)
}

// PolicyView is a service level as REST and the socket show it. A metric without minutes is not promised.
type PolicyView struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	When        json.RawMessage `json:"when" doc:"A condition about a conversation; /conditions/fields lists what it may name"`
	FirstAnswer int             `json:"first_answer_minutes,omitempty"`
	NextAnswer  int             `json:"next_answer_minutes,omitempty"`
	Resolution  int             `json:"resolution_minutes,omitempty"`
	HoursID     string          `json:"business_hours_id,omitempty" doc:"By which minutes are counted; missing: all count"`
	Warn        int             `json:"warn_at_percent"`
	Version     int64           `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewPolicy(p *Policy) PolicyView {
	of := p.Promise
	return PolicyView{p.ID, p.Name, json.RawMessage(p.When), of.FirstAnswer, of.NextAnswer, of.Resolution, of.HoursID, of.Warn, p.Version}
}

func viewPolicies(policies []*Policy) *web.Body[web.List[PolicyView]] {
	views := make([]PolicyView, len(policies))
	for n, p := range policies {
		views[n] = viewPolicy(p)
	}
	return web.Items(views, "")
}

func (s *Service) listPolicies(ctx context.Context, _ *struct{}) (*web.Body[web.List[PolicyView]], error) {
	policies, err := s.policies.all(ctx, auth.From(ctx).WorkspaceID)
	if err != nil {
		return nil, err
	}
	return viewPolicies(policies), nil
}

type createPolicyInput struct {
	web.Once
	Body struct {
		Name        string          `json:"name" minLength:"1" maxLength:"120"`
		When        json.RawMessage `json:"when" doc:"A condition about a conversation"`
		FirstAnswer int             `json:"first_answer_minutes,omitempty" minimum:"0" maximum:"129600" doc:"From the customer's first message to the first answer of a person; 0: not promised"`
		NextAnswer  int             `json:"next_answer_minutes,omitempty" minimum:"0" maximum:"129600" doc:"From the first message after an answer to the next answer"`
		Resolution  int             `json:"resolution_minutes,omitempty" minimum:"0" maximum:"129600" doc:"From the beginning to the end, without the time in which the customer is waited for"`
		HoursID     string          `json:"business_hours_id,omitempty" maxLength:"100"`
		Warn        int             `json:"warn_at_percent,omitempty" default:"80" minimum:"1" maximum:"100"`
	}
}

func (s *Service) createPolicy(ctx context.Context, in *createPolicyInput) (*web.Made[PolicyView], error) {
	b := in.Body
	name, err := visible(b.Name)
	if err != nil {
		return nil, err
	}
	p, created, err := s.policies.create(ctx, auth.From(ctx), in.Key, Policy{Name: name, When: string(b.When), Promise: inbox.Promise{
		FirstAnswer: b.FirstAnswer, NextAnswer: b.NextAnswer, Resolution: b.Resolution, HoursID: b.HoursID, Warn: b.Warn,
	}})
	if err != nil {
		return nil, err
	}
	return web.Make(viewPolicy(p), created), nil
}

type patchPolicyInput struct {
	ID string `path:"id"`
	web.Precondition
	Body struct {
		Name        *string          `json:"name,omitempty" minLength:"1" maxLength:"120"`
		When        *json.RawMessage `json:"when,omitempty" doc:"A condition about a conversation"`
		FirstAnswer *int             `json:"first_answer_minutes,omitempty" minimum:"0" maximum:"129600" doc:"0: not promised"`
		NextAnswer  *int             `json:"next_answer_minutes,omitempty" minimum:"0" maximum:"129600" doc:"0: not promised"`
		Resolution  *int             `json:"resolution_minutes,omitempty" minimum:"0" maximum:"129600" doc:"0: not promised"`
		HoursID     *string          `json:"business_hours_id,omitempty" maxLength:"100" doc:"Empty: all minutes count"`
		Warn        *int             `json:"warn_at_percent,omitempty" minimum:"1" maximum:"100"`
	}
}

func (s *Service) patchPolicy(ctx context.Context, in *patchPolicyInput) (*web.Body[PolicyView], error) {
	b := in.Body
	if b.Name != nil {
		name, err := visible(*b.Name)
		if err != nil {
			return nil, err
		}
		b.Name = &name
	}
	p, err := s.policies.change(ctx, auth.From(ctx), in.ID, in.Check, func(p *Policy) {
		set(&p.Name, b.Name)
		set(&p.Promise.FirstAnswer, b.FirstAnswer)
		set(&p.Promise.NextAnswer, b.NextAnswer)
		set(&p.Promise.Resolution, b.Resolution)
		set(&p.Promise.HoursID, b.HoursID)
		set(&p.Promise.Warn, b.Warn)
		if b.When != nil {
			p.When = string(*b.When)
		}
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewPolicy(p)), nil
}

func (s *Service) deletePolicy(ctx context.Context, in *ruleInput) (*struct{}, error) {
	return nil, s.policies.remove(ctx, auth.From(ctx), in.ID, in.Check)
}

func (s *Service) orderPolicies(ctx context.Context, in *orderRulesInput) (*web.Body[web.List[PolicyView]], error) {
	policies, err := s.policies.order(ctx, auth.From(ctx), in.Body.IDs)
	if err != nil {
		return nil, err
	}
	return viewPolicies(policies), nil
}
