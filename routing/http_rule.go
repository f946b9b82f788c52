package routing

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) ruleRoutes(api huma.API, op operation) {
	const path, one = "/routing/rules", "/routing/rules/{id}"
	list := op(http.MethodGet, path, "list-routing-rules", "The rules in their order", access.ReadRouting)
	list.Description = "They are asked when a conversation begins or begins again. The first that holds wins, unless it is to go on."
	huma.Register(api, list, s.listRules)
	create := op(http.MethodPost, path, "create-routing-rule", "Add a rule behind the others", access.ManageRouting)
	create.DefaultStatus = http.StatusCreated
	create.Responses = web.AlsoOK[RuleView](api, "The rule that the key has made before")
	huma.Register(api, create, s.createRule)
	huma.Register(api, op(http.MethodPut, path+"/order", "order-routing-rules", "Put the rules into an order", access.ManageRouting),
		s.orderRules)
	patch := op(http.MethodPatch, one, "patch-routing-rule", "Change a rule", access.ManageRouting)
	patch.Errors = append(patch.Errors, http.StatusPreconditionFailed)
	huma.Register(api, patch, s.patchRule)
	remove := op(http.MethodDelete, one, "delete-routing-rule", "Delete a rule", access.ManageRouting)
	remove.Errors = append(remove.Errors, http.StatusPreconditionFailed)
	huma.Register(api, remove, s.deleteRule)
}

// RuleView is a rule as REST and the socket show it.
type RuleView struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Enabled bool            `json:"enabled"`
	When    json.RawMessage `json:"when" doc:"A condition about a conversation; /conditions/fields lists what it may name"`
	Then    Then            `json:"then"`
	GoOn    bool            `json:"go_on" doc:"Where it holds, those after it are asked too; of two that say the same, the first counts"`
	Version int64           `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewRule(r *Rule) RuleView {
	return RuleView{r.ID, r.Name, r.Enabled, json.RawMessage(r.When), r.Then, r.GoOn, r.Version}
}

func viewRules(rules []*Rule) *web.Body[web.List[RuleView]] {
	views := make([]RuleView, len(rules))
	for n, r := range rules {
		views[n] = viewRule(r)
	}
	return web.Items(views, "")
}

func (s *Service) listRules(ctx context.Context, _ *struct{}) (*web.Body[web.List[RuleView]], error) {
	rules, err := s.Rules(ctx, auth.From(ctx).WorkspaceID)
	if err != nil {
		return nil, err
	}
	return viewRules(rules), nil
}

type createRuleInput struct {
	web.Once
	Body struct {
		Name    string          `json:"name" minLength:"1" maxLength:"120"`
		Enabled *bool           `json:"enabled,omitempty" doc:"Without it: yes"`
		When    json.RawMessage `json:"when" doc:"A condition about a conversation"`
		Then    Then            `json:"then"`
		GoOn    bool            `json:"go_on,omitempty"`
	}
}

func (s *Service) createRule(ctx context.Context, in *createRuleInput) (*web.Made[RuleView], error) {
	name, err := visible(in.Body.Name)
	if err != nil {
		return nil, err
	}
	r, created, err := s.CreateRule(ctx, auth.From(ctx), in.Key, Rule{
		Name: name, Enabled: in.Body.Enabled == nil || *in.Body.Enabled, When: string(in.Body.When), Then: in.Body.Then, GoOn: in.Body.GoOn,
	})
	if err != nil {
		return nil, err
	}
	return web.Make(viewRule(r), created), nil
}

type patchRuleInput struct {
	ID string `path:"id"`
	web.Precondition
	Body struct {
		Name    *string          `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Enabled *bool            `json:"enabled,omitempty"`
		When    *json.RawMessage `json:"when,omitempty" doc:"A condition about a conversation"`
		Then    *Then            `json:"then,omitempty" doc:"Takes the place of all that it does"`
		GoOn    *bool            `json:"go_on,omitempty"`
	}
}

func (s *Service) patchRule(ctx context.Context, in *patchRuleInput) (*web.Body[RuleView], error) {
	b := in.Body
	if b.Name != nil {
		name, err := visible(*b.Name)
		if err != nil {
			return nil, err
		}
		b.Name = &name
	}
	r, err := s.ChangeRule(ctx, auth.From(ctx), in.ID, in.Check, func(r *Rule) {
		set(&r.Name, b.Name)
		set(&r.Enabled, b.Enabled)
		set(&r.Then, b.Then)
		set(&r.GoOn, b.GoOn)
		if b.When != nil {
			r.When = string(*b.When)
		}
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewRule(r)), nil
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

type ruleInput struct {
	ID string `path:"id"`
	web.Precondition
}

func (s *Service) deleteRule(ctx context.Context, in *ruleInput) (*struct{}, error) {
	return nil, s.DeleteRule(ctx, auth.From(ctx), in.ID, in.Check)
}

type orderRulesInput struct {
	Body struct {
		IDs []string `json:"ids" maxItems:"100" doc:"The ids of all rules, each once"`
	}
}

func (s *Service) orderRules(ctx context.Context, in *orderRulesInput) (*web.Body[web.List[RuleView]], error) {
	rules, err := s.OrderRules(ctx, auth.From(ctx), in.Body.IDs)
	if err != nil {
		return nil, err
	}
	return viewRules(rules), nil
}
