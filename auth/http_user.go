package auth

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
)

func (s *Service) userRoutes(api huma.API) {
	huma.Register(api, s.op(http.MethodGet, "/api/v1/users", "list-users", "The workspace's users", ""), s.listUsers)
	create := s.op(http.MethodPost, "/api/v1/users", "create-user", "Add a user", access.ManageUsers)
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, s.createUser)
	huma.Register(api, s.op(http.MethodPatch, "/api/v1/users/{id}", "patch-user", "Change a user", access.ManageUsers), s.patchUser)
}

func (s *Service) listUsers(ctx context.Context, in *web.Page) (*web.Body[web.List[UserView]], error) {
	found, next, err := s.Users(ctx, From(ctx).WorkspaceID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views := make([]UserView, 0, len(found))
	for _, u := range found {
		views = append(views, viewUser(u))
	}
	return web.Items(views, next), nil
}

type createUserInput struct {
	Body struct {
		Name     string      `json:"name" minLength:"1" maxLength:"120"`
		Email    string      `json:"email" maxLength:"320"`
		Password string      `json:"password" maxLength:"1024"`
		Role     access.Role `json:"role" enum:"owner,admin,supervisor,agent"`
	}
}

func (s *Service) createUser(ctx context.Context, in *createUserInput) (*web.Body[UserView], error) {
	v := From(ctx)
	if err := mayGrant(v, in.Body.Role); err != nil {
		return nil, err
	}
	u, err := s.AddUser(ctx, v.Actor(), NewUser{
		WorkspaceID: v.WorkspaceID, Name: in.Body.Name, Email: in.Body.Email, Password: in.Body.Password, Role: in.Body.Role,
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewUser(u)), nil
}

// mayGrant keeps ownership with owners.
func mayGrant(v access.Viewer, role access.Role) error {
	if role == access.Owner && v.Role != access.Owner {
		return errs.New(errs.Forbidden, "forbidden", "Only an owner can make or change an owner.")
	}
	return nil
}

type patchUserInput struct {
	ID   string `path:"id"`
	Body struct {
		Name     *string      `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Role     *access.Role `json:"role,omitempty" enum:"owner,admin,supervisor,agent"`
		Active   *bool        `json:"active,omitempty"`
		Password *string      `json:"password,omitempty" maxLength:"1024"`
	}
}

func (s *Service) patchUser(ctx context.Context, in *patchUserInput) (*web.Body[UserView], error) {
	v := From(ctx)
	before, err := s.User(ctx, v.WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.mayChange(v, before, in); err != nil { // before anything is hashed
		return nil, err
	}
	var hash *string
	if in.Body.Password != nil {
		made, err := s.hash(*in.Body.Password)
		if err != nil {
			return nil, err
		}
		hash = &made
	}
	var role access.Role
	u, err := s.changeUser(ctx, v.Actor(), in.ID, func(u *User) error {
		if err := s.mayChange(v, u, in); err != nil { // who has become an owner meanwhile is an owner's to change
			return err
		}
		role = u.Role
		set(&u.Name, in.Body.Name)
		set(&u.Role, in.Body.Role)
		set(&u.Active, in.Body.Active)
		set(&u.PasswordHash, hash)
		return nil
	})
	if err != nil {
		return nil, err
	}
	switch {
	case !u.Active || hash != nil:
		err = s.revoke(ctx, u.ID)
	case u.Role != role:
		s.onAccessChange(u.ID)
	}
	return web.Answer(viewUser(u)), err
}

func (s *Service) mayChange(v access.Viewer, u *User, in *patchUserInput) error {
	if err := mayGrant(v, u.Role); err != nil {
		return err
	}
	if in.Body.Role != nil {
		if err := mayGrant(v, *in.Body.Role); err != nil {
			return err
		}
	}
	demotes := (in.Body.Role != nil && *in.Body.Role != u.Role) || (in.Body.Active != nil && !*in.Body.Active)
	if u.ID == v.UserID && demotes {
		return errs.New(errs.Conflict, "own_account", "Another owner or admin must change your role or deactivate you.")
	}
	return nil
}
