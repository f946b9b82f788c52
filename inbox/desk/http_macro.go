package desk

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/web"
)

func (s *Service) macroRoutes(api huma.API, op operation) {
	const path, one = "/macros", "/macros/{id}"
	huma.Register(api, op(http.MethodGet, path, "list-macros", "The macros that the caller uses", access.ReadConversations), s.listMacros)
	create := creates[MacroView](api, op(http.MethodPost, path, "create-macro", "Add a macro", access.ReadConversations))
	create.Description = "Its actions are those of POST /conversations/bulk; texts may have variables. A hotkey is Alt with a letter or a digit " +
		"by its place on the keyboard: Alt+KeyB, Alt+Shift+Digit1."
	huma.Register(api, create, s.createMacro)
	huma.Register(api, expects(op(http.MethodPatch, one, "patch-macro", "Change a macro", access.ReadConversations)), s.patchMacro)
	huma.Register(api, expects(op(http.MethodDelete, one, "delete-macro", "Delete a macro", access.ReadConversations)), s.deleteMacro)
	run := op(http.MethodPost, "/conversations/{id}/macros/{macro_id}", "run-macro", "Run a macro", access.ReadConversations)
	run.Description = "All of its actions in one change, or none, with the permissions of the caller; the history names the macro. " +
		"The same Idempotency-Key sends the same messages once."
	run.Errors = append(run.Errors, http.StatusConflict)
	huma.Register(api, run, s.runMacro)
}

// MacroView is a macro as REST and the socket show it.
type MacroView struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Actions action.List `json:"actions"`
	Hotkey  string      `json:"hotkey,omitempty"`
	Scope   Scope       `json:"scope" enum:"me,team,all"`
	TeamID  string      `json:"team_id,omitempty"`
	OwnerID string      `json:"owner_id" doc:"Who made it"`
	Version int64       `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewMacro(m *Macro) MacroView {
	return MacroView{m.ID, m.Name, action.List(m.Actions), m.Hotkey, m.Scope, m.TeamID, m.OwnerID, m.Version}
}

func (s *Service) listMacros(ctx context.Context, _ *struct{}) (*web.Body[web.List[MacroView]], error) {
	found, err := s.macros.all(ctx, auth.From(ctx))
	if err != nil {
		return nil, err
	}
	views := make([]MacroView, len(found))
	for n, m := range found {
		views[n] = viewMacro(m)
	}
	return web.Items(views, ""), nil
}

type createMacroInput struct {
	web.Once
	Body struct {
		Sharing
		Name    string      `json:"name" minLength:"1" maxLength:"120"`
		Actions action.List `json:"actions"`
		Hotkey  string      `json:"hotkey,omitempty" maxLength:"40"`
	}
}

func (s *Service) createMacro(ctx context.Context, in *createMacroInput) (*web.Made[MacroView], error) {
	b := in.Body
	m, created, err := s.macros.create(ctx, auth.From(ctx), in.Key, Macro{
		Shared: Shared{Scope: b.Scope, TeamID: b.TeamID}, Name: b.Name, Actions: string(b.Actions), Hotkey: b.Hotkey,
	})
	if err != nil {
		return nil, err
	}
	return web.Make(viewMacro(m), created), nil
}

type patchMacroInput struct {
	OneInput
	Body struct {
		Resharing
		Name    *string      `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Actions *action.List `json:"actions,omitempty"`
		Hotkey  *string      `json:"hotkey,omitempty" maxLength:"40" doc:"Empty: none"`
	}
}

func (s *Service) patchMacro(ctx context.Context, in *patchMacroInput) (*web.Body[MacroView], error) {
	b := in.Body
	m, err := s.macros.change(ctx, auth.From(ctx), in.ID, in.Check, func(m *Macro) {
		b.apply(&m.Shared)
		set(&m.Name, b.Name)
		set(&m.Hotkey, b.Hotkey)
		if b.Actions != nil {
			m.Actions = string(*b.Actions)
		}
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewMacro(m)), nil
}

func (s *Service) deleteMacro(ctx context.Context, in *OneInput) (*struct{}, error) {
	return nil, s.macros.remove(ctx, auth.From(ctx), in.ID, in.Check)
}

type runMacroInput struct {
	web.Once
	ID      string `path:"id"`
	MacroID string `path:"macro_id"`
}

// RunView is a conversation after a macro was run on it.
type RunView struct {
	inbox.ConversationView
	UndoToken string `json:"undo_token" doc:"For POST /api/v1/undo"`
}

func (s *Service) runMacro(ctx context.Context, in *runMacroInput) (*web.Body[RunView], error) {
	v := auth.From(ctx)
	conv, token, err := s.Run(ctx, v, in.ID, in.MacroID, in.Key)
	if err != nil {
		return nil, err
	}
	views, err := s.Inbox.ViewsFor(ctx, v, []*inbox.Conversation{conv})
	if err != nil {
		return nil, err
	}
	return web.Answer(RunView{views[0], token}), nil
}
