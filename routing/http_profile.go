package routing

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/text"
	"wasl/internal/web"
)

// operation describes an operation of this package's.
type operation func(method, path, id, summary string, may access.Permission) huma.Operation

// Routes adds this package's routes.
func (s *Service) Routes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string, may access.Permission) huma.Operation {
		return guard.Operation(huma.Operation{
			Method: method, Path: "/api/v1" + path, OperationID: id, Summary: summary, Tags: []string{"Routing"},
		}, may)
	}
	s.profileRoutes(api, op)
	s.presenceRoutes(api, op)
	s.ruleRoutes(api, op)
	s.queueRoutes(api, op)
	s.simulationRoutes(api, op)
	s.hoursRoutes(api, op)
	s.boardRoutes(api, op)
	s.policyRoutes(api, op)
	s.autoRoutes(api, op)
	s.surveyRoutes(api, op)
}

func (s *Service) profileRoutes(api huma.API, op operation) {
	huma.Register(api, op(http.MethodGet, "/users/{id}/profile", "get-user-profile", "What decides about a user's work", access.ReadUsers),
		s.getProfile)
	patch := op(http.MethodPatch, "/users/{id}/profile", "patch-user-profile", "Change what decides about a user's work",
		access.ManageTeams)
	patch.Description = "A capacity that is lower than what the user has takes nothing away: they are given nothing until there is room."
	huma.Register(api, patch, s.patchProfile)
	list := op(http.MethodGet, "/skills", "list-skills", "The workspace's skills by key", access.ReadUsers)
	list.Description = "A language is a skill that is always there: lang:he."
	huma.Register(api, list, s.listSkills)
	create := op(http.MethodPost, "/skills", "create-skill", "Add a skill", access.ManageTeams)
	create.DefaultStatus = http.StatusCreated
	create.Responses = web.AlsoOK[SkillView](api, "The skill that has this key already")
	huma.Register(api, create, s.createSkill)
	remove := op(http.MethodDelete, "/skills/{key}", "delete-skill", "Remove a skill", access.ManageTeams)
	remove.Description = "What asks for it does so no longer."
	huma.Register(api, remove, s.deleteSkill)
}

// ProfileView is what decides about a user's work, as REST shows it.
type ProfileView struct {
	TeamIDs  []string `json:"team_ids" nullable:"false"`
	Skills   []Skill  `json:"skills" nullable:"false"`
	Capacity Capacity `json:"capacity" doc:"Without a total it is 10"`
	HoursID  string   `json:"working_hours_id" doc:"The business hours in which they are given work; empty: always"`
}

func viewProfile(u *auth.User, p *Profile) ProfileView {
	return ProfileView{append([]string{}, u.TeamIDs...), append([]Skill{}, p.Skills...), p.Capacity, p.HoursID}
}

type userInput struct {
	ID string `path:"id"`
}

func (s *Service) getProfile(ctx context.Context, in *userInput) (*web.Body[ProfileView], error) {
	workspaceID := auth.From(ctx).WorkspaceID
	u, err := s.Users.User(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.profileOf(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(viewProfile(u, p)), nil
}

type patchProfileInput struct {
	ID   string `path:"id"`
	Body struct {
		TeamIDs  *[]string `json:"team_ids,omitempty"`
		Skills   *[]Skill  `json:"skills,omitempty" maxItems:"100"`
		Capacity *Capacity `json:"capacity,omitempty" doc:"Takes the place of the whole capacity"`
		HoursID  *string   `json:"working_hours_id,omitempty"`
	}
}

func (s *Service) patchProfile(ctx context.Context, in *patchProfileInput) (*web.Body[ProfileView], error) {
	e := ProfileEdit{TeamIDs: in.Body.TeamIDs, Skills: in.Body.Skills, Capacity: in.Body.Capacity, HoursID: in.Body.HoursID}
	if _, err := s.ChangeProfile(ctx, auth.From(ctx), in.ID, e); err != nil {
		return nil, err
	}
	return s.getProfile(ctx, &userInput{in.ID})
}

// SkillView is a skill as REST shows it.
type SkillView struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

func (s *Service) listSkills(ctx context.Context, _ *struct{}) (*web.Body[web.List[SkillView]], error) {
	found, err := s.Skills(ctx, auth.From(ctx).WorkspaceID)
	if err != nil {
		return nil, err
	}
	views := make([]SkillView, len(found))
	for n, k := range found {
		views[n] = SkillView{k.Key, k.Name}
	}
	return web.Items(views, ""), nil
}

type createSkillInput struct {
	Body struct {
		Key  string `json:"key" minLength:"1" maxLength:"60"`
		Name string `json:"name" minLength:"1" maxLength:"120"`
	}
}

// visible is what people can read of a name that somebody wrote.
func visible(written string) (string, error) {
	name := text.Name(written)
	if name == "" {
		return "", errs.InvalidField("invalid_input", "name", "a name that can be seen")
	}
	return name, nil
}

func (s *Service) createSkill(ctx context.Context, in *createSkillInput) (*web.Made[SkillView], error) {
	name, err := visible(in.Body.Name)
	if err != nil {
		return nil, err
	}
	k, created, err := s.CreateSkill(ctx, auth.From(ctx), in.Body.Key, name)
	if err != nil {
		return nil, err
	}
	return web.Make(SkillView{k.Key, k.Name}, created), nil
}

type skillInput struct {
	Key string `path:"key"`
}

func (s *Service) deleteSkill(ctx context.Context, in *skillInput) (*struct{}, error) {
	return nil, s.DeleteSkill(ctx, auth.From(ctx), in.Key)
}
