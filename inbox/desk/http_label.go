package desk

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) labelRoutes(api huma.API, op operation) {
	const path, one = "/labels", "/labels/{id}"
	list := op(http.MethodGet, path, "list-labels", "The labels that have a colour", access.ReadConversations)
	list.Description = "A label of a conversation is its name; one that is not among these has no colour."
	huma.Register(api, list, s.listLabels)
	huma.Register(api, creates[LabelView](api, op(http.MethodPost, path, "create-label", "Give a label its colour", access.ManageDesk)),
		s.createLabel)
	patch := expects(op(http.MethodPatch, one, "patch-label", "Rename or colour a label", access.ManageDesk))
	patch.Description = "Conversations with the label carry the new name soon after, and macros mean it."
	huma.Register(api, patch, s.patchLabel)
	remove := expects(op(http.MethodDelete, one, "delete-label", "Delete a label", access.ManageDesk))
	remove.Description = "Conversations lose it soon after. A macro that adds it says so when it is run."
	huma.Register(api, remove, s.deleteLabel)
}

// LabelView is a label as REST and the socket show it.
type LabelView struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Colour  string `json:"colour" enum:"gray,red,orange,yellow,green,teal,blue,purple,pink"`
	Version int64  `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewLabel(l *Label) LabelView { return LabelView{l.ID, l.Name, l.Colour, l.Version} }

func (s *Service) listLabels(ctx context.Context, _ *struct{}) (*web.Body[web.List[LabelView]], error) {
	found, err := s.labels.held(ctx, auth.From(ctx).WorkspaceID, "")
	if err != nil {
		return nil, err
	}
	views := make([]LabelView, len(found))
	for n, l := range found {
		views[n] = viewLabel(l)
	}
	return web.Items(views, ""), nil
}

type createLabelInput struct {
	web.Once
	Body struct {
		Name   string `json:"name" minLength:"1" maxLength:"100"`
		Colour string `json:"colour" enum:"gray,red,orange,yellow,green,teal,blue,purple,pink"`
	}
}

func (s *Service) createLabel(ctx context.Context, in *createLabelInput) (*web.Made[LabelView], error) {
	l, created, err := s.labels.create(ctx, auth.From(ctx), in.Key, Label{
		Shared: Shared{Scope: Everyone}, Name: in.Body.Name, Colour: in.Body.Colour,
	})
	if err != nil {
		return nil, err
	}
	return web.Make(viewLabel(l), created), nil
}

type patchLabelInput struct {
	OneInput
	Body struct {
		Name   *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Colour *string `json:"colour,omitempty" enum:"gray,red,orange,yellow,green,teal,blue,purple,pink"`
	}
}

func (s *Service) patchLabel(ctx context.Context, in *patchLabelInput) (*web.Body[LabelView], error) {
	l, err := s.labels.change(ctx, auth.From(ctx), in.ID, in.Check, func(l *Label) {
		set(&l.Name, in.Body.Name)
		set(&l.Colour, in.Body.Colour)
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewLabel(l)), nil
}

func (s *Service) deleteLabel(ctx context.Context, in *OneInput) (*struct{}, error) {
	return nil, s.labels.remove(ctx, auth.From(ctx), in.ID, in.Check)
}
