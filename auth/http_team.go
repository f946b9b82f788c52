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
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	MemberIDs []string `json:"member_ids" nullable:"false" doc:"Users, active or not"`
	Version   int64    `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewTeam(t *Team) TeamView {
	return TeamView{ID: t.ID, Name: t.Name, MemberIDs: append([]string{}, t.MemberIDs...), Version: t.Version}
}

func (s *Service) teamRoutes(api huma.API) {
	huma.Register(api, s.op(http.MethodGet, "/api/v1/teams", "list-teams", "The workspace's teams by name", access.ReadUsers), s.listTeams)
	create := s.op(http.MethodPost, "/api/v1/teams", "create-team", "Make a team", access.ManageTeams)
	create.DefaultStatus = http.StatusCreated
	create.Responses = web.AlsoOK[TeamView](api, "The team that the key has made before")
	huma.Register(api, create, s.createTeam)
	huma.Register(api, s.op(http.MethodGet, "/api/v1/teams/{id}", "get-team", "One team", access.ReadUsers), s.getTeam)
	patch := s.op(http.MethodPatch, "/api/v1/teams/{id}", "patch-team", "Rename a team or set its members", access.ManageTeams)
	patch.Description = "Open pages of users who join or leave feel it at once."
	patch.Errors = append(patch.Errors, http.StatusPreconditionFailed)
	huma.Register(api, patch, s.patchTeam)
	remove := s.op(http.MethodDelete, "/api/v1/teams/{id}", "delete-team", "Delete a team", access.ManageTeams)
	remove.Description = "Conversations that it was given keep its id. Those that nobody has are then seen by those who see everything, who can give them to somebody."
	remove.Errors = append(remove.Errors, http.StatusPreconditionFailed)
	huma.Register(api, remove, s.deleteTeam)
	huma.Register(api, s.op(http.MethodGet, "/api/v1/users/{id}/profile", "get-user-profile", "What decides about a user's work",
		access.ReadUsers), s.getProfile)
	huma.Register(api, s.op(http.MethodPatch, "/api/v1/users/{id}/profile", "patch-user-profile", "Change what decides about a user's work",
		access.ManageTeams), s.patchProfile)
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
	t, created, err := s.CreateTeam(ctx, From(ctx), in.Key, name, in.Body.MemberIDs)
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
	t, err := s.ChangeTeam(ctx, From(ctx), in.ID, in.Check, TeamEdit{Name: in.Body.Name, MemberIDs: in.Body.MemberIDs})
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

// ProfileView is what decides about a user's work, as REST shows it.
type ProfileView struct {
	TeamIDs []string `json:"team_ids" nullable:"false"`
}

func viewProfile(u *User) ProfileView { return ProfileView{TeamIDs: append([]string{}, u.TeamIDs...)} }

type profileInput struct {
	ID string `path:"id"`
}

func (s *Service) getProfile(ctx context.Context, in *profileInput) (*web.Body[ProfileView], error) {
	u, err := s.User(ctx, From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(viewProfile(u)), nil
}

type patchProfileInput struct {
	ID   string `path:"id"`
	Body struct {
		TeamIDs *[]string `json:"team_ids,omitempty"`
	}
}

func (s *Service) patchProfile(ctx context.Context, in *patchProfileInput) (*web.Body[ProfileView], error) {
	if in.Body.TeamIDs == nil {
		return s.getProfile(ctx, &profileInput{in.ID})
	}
	u, err := s.SetTeams(ctx, From(ctx), in.ID, *in.Body.TeamIDs)
	if err != nil {
		return nil, err
	}
	return web.Answer(viewProfile(u)), nil
}
