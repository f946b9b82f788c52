package auth

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/text"
	"wasl/internal/web"
)

// TeamView is a team as REST shows it.
type TeamView struct {
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	MemberIDs    []string   `json:"member_ids" nullable:"false" doc:"Users, active or not"`
	Strategy     Strategy   `json:"strategy" enum:"round_robin,least_loaded,best_skilled,longest_idle" doc:"To whom of those who could have it"`
	HandOver     HandOver   `json:"hand_over" enum:"direct,offer"`
	OfferSeconds int        `json:"offer_seconds" doc:"How long an offer holds"`
	Sticky       Sticky     `json:"sticky" enum:"none,last_agent,owner" doc:"Who comes first, where they can take it"`
	Overflow     []Overflow `json:"overflow" nullable:"false" doc:"Teams whose members may be given what has waited for so long"`
	Closing      Closing    `json:"closing" doc:"What is wanted before one of its conversations is resolved by a person"`
	HoursID      string     `json:"business_hours_id,omitempty" doc:"Outside of these hours nobody is given its work; missing: at any time"`
	Version      int64      `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewTeam(t *Team) TeamView {
	return TeamView{
		ID: t.ID, Name: t.Name, MemberIDs: append([]string{}, t.MemberIDs...), Strategy: t.Work.Strategy, HandOver: t.Work.HandOver,
		OfferSeconds: t.Work.OfferSeconds, Sticky: t.Work.Sticky, Overflow: append([]Overflow{}, t.Work.Overflow...),
		Closing: t.Work.Closing, HoursID: t.Work.HoursID, Version: t.Version,
	}
}

// TeamWorkInput is the part of a team's input that says how its work is given to its members.
type TeamWorkInput struct {
	Strategy     *Strategy   `json:"strategy,omitempty" enum:"round_robin,least_loaded,best_skilled,longest_idle"`
	HandOver     *HandOver   `json:"hand_over,omitempty" enum:"direct,offer"`
	OfferSeconds *int        `json:"offer_seconds,omitempty" minimum:"5" maximum:"600"`
	Sticky       *Sticky     `json:"sticky,omitempty" enum:"none,last_agent,owner"`
	Overflow     *[]Overflow `json:"overflow,omitempty" maxItems:"5"`
	Closing      *Closing    `json:"closing,omitempty"`
	HoursID      *string     `json:"business_hours_id,omitempty" maxLength:"100" doc:"Empty: its work is given at any time"`
}

func (w TeamWorkInput) edit() WorkEdit {
	return WorkEdit{
		Strategy: w.Strategy, HandOver: w.HandOver, OfferSeconds: w.OfferSeconds, Sticky: w.Sticky, Overflow: w.Overflow,
		Closing: w.Closing, HoursID: w.HoursID,
	}
}

func (s *Service) teamRoutes(api huma.API) {
	huma.Register(api, s.op(http.MethodGet, "/api/v1/teams", "list-teams", "The workspace's teams by name", access.ReadUsers), s.listTeams)
	create := s.op(http.MethodPost, "/api/v1/teams", "create-team", "Make a team", access.ManageTeams)
	create.DefaultStatus = http.StatusCreated
	create.Responses = web.AlsoOK[TeamView](api, "The team that the key has made before")
	huma.Register(api, create, s.createTeam)
	huma.Register(api, s.op(http.MethodGet, "/api/v1/teams/{id}", "get-team", "One team", access.ReadUsers), s.getTeam)
	patch := s.op(http.MethodPatch, "/api/v1/teams/{id}", "patch-team", "Change a team", access.ManageTeams)
	patch.Description = "Open pages of users who join or leave feel it at once."
	patch.Errors = append(patch.Errors, http.StatusPreconditionFailed)
	huma.Register(api, patch, s.patchTeam)
	remove := s.op(http.MethodDelete, "/api/v1/teams/{id}", "delete-team", "Delete a team", access.ManageTeams)
	remove.Description = "Conversations that it was given keep its id. Those that nobody has are then seen by those who see everything, who can give them to somebody."
	remove.Errors = append(remove.Errors, http.StatusPreconditionFailed)
	huma.Register(api, remove, s.deleteTeam)
}

func (s *Service) listTeams(ctx context.Context, in *web.Page) (*web.Body[web.List[TeamView]], error) {
	found, next, err := s.Teams(ctx, From(ctx).WorkspaceID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views := make([]TeamView, len(found))
	for n, t := range found {
		views[n] = viewTeam(t)
	}
	return web.Items(views, next), nil
}

type createTeamInput struct {
	web.Once
	Body struct {
		Name      string   `json:"name" minLength:"1" maxLength:"120"`
		MemberIDs []string `json:"member_ids,omitempty"`
		TeamWorkInput
	}
}

// teamName is what people can read of what somebody wrote.
func teamName(written string) (string, error) {
	name := text.Name(written)
	if name == "" {
		return "", errs.InvalidField("invalid_input", "name", "a name that can be seen")
	}
	return name, nil
}

func (s *Service) createTeam(ctx context.Context, in *createTeamInput) (*web.Made[TeamView], error) {
	name, err := teamName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	t, created, err := s.CreateTeam(ctx, From(ctx), in.Key, NewTeam{name, in.Body.MemberIDs, in.Body.edit()})
	if err != nil {
		return nil, err
	}
	return web.Make(viewTeam(t), created), nil
}

type teamInput struct {
	ID string `path:"id"`
}

func (s *Service) getTeam(ctx context.Context, in *teamInput) (*web.Body[TeamView], error) {
	t, err := s.Team(ctx, From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(viewTeam(t)), nil
}

type patchTeamInput struct {
	ID string `path:"id"`
	web.Precondition
	Body struct {
		Name      *string   `json:"name,omitempty" minLength:"1" maxLength:"120"`
		MemberIDs *[]string `json:"member_ids,omitempty"`
		TeamWorkInput
	}
}

func (s *Service) patchTeam(ctx context.Context, in *patchTeamInput) (*web.Body[TeamView], error) {
	if in.Body.Name != nil {
		name, err := teamName(*in.Body.Name)
		if err != nil {
			return nil, err
		}
		in.Body.Name = &name
	}
	t, err := s.ChangeTeam(ctx, From(ctx), in.ID, in.Check, TeamEdit{in.Body.Name, in.Body.MemberIDs, in.Body.edit()})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewTeam(t)), nil
}

type deleteTeamInput struct {
	ID string `path:"id"`
	web.Precondition
}

func (s *Service) deleteTeam(ctx context.Context, in *deleteTeamInput) (*struct{}, error) {
	return nil, s.DeleteTeam(ctx, From(ctx), in.ID, in.Check)
}
