package auth

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/nyaruka/phonenumbers"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
)

// UserView is a user as REST shows it.
type UserView struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Email    string      `json:"email"`
	Role     access.Role `json:"role" enum:"owner,admin,supervisor,agent"`
	Language string      `json:"language" enum:",en,he,ar"`
	Active   bool        `json:"active"`
}

func viewUser(u *User) UserView {
	return UserView{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, Language: u.Language, Active: u.Active}
}

// WorkspaceView is a workspace as REST shows it.
type WorkspaceView struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Country       string `json:"country" doc:"ISO 3166: where phone numbers without a country code belong to; empty: nowhere"`
	RemindMinutes int    `json:"remind_waiting_minutes" doc:"After how many minutes without an answer somebody is reminded of the customer; 0: never"`
	// PushCustomers is the choice of those who answer for the customers' data: push services and locked screens are not ours.
	PushCustomers bool `json:"push_customers" doc:"Whether what devices are told while Wasl is closed has the customer's name and words"`
	AssignOnReply bool `json:"assign_on_reply" doc:"Whether who answers a conversation that nobody has, has it from then on"`
	ThanksReopen  bool `json:"thanks_reopen" doc:"Whether also a customer who only says thanks opens a resolved conversation again"`
}

func viewWorkspace(w *Workspace) WorkspaceView {
	return WorkspaceView{
		ID: w.ID, Name: w.Name, Country: w.Country, RemindMinutes: w.RemindMinutes, PushCustomers: w.PushCustomers,
		AssignOnReply: w.AssignOnReply, ThanksReopen: w.ThanksReopen,
	}
}

type loginInput struct {
	Client string `hidden:"true"`
	Device string `cookie:"wasl_device" hidden:"true"`
	Body   struct {
		Email    string `json:"email" maxLength:"320"`
		Password string `json:"password" maxLength:"1024"`
		TOTP     string `json:"totp,omitempty" maxLength:"16" doc:"The second factor, for users who have one"`
	}
}

// Resolve takes the caller's address from the connection.
func (in *loginInput) Resolve(ctx huma.Context) []error {
	in.Client = web.Client(humafiber.Unwrap(ctx))
	return nil
}

type loginView struct {
	Token     string        `json:"token" doc:"For Authorization: Bearer"`
	User      UserView      `json:"user"`
	Workspace WorkspaceView `json:"workspace"`
}

type loginOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	SetDevice http.Cookie `header:"Set-Cookie"`
	Body      loginView
}

type meView struct {
	User        UserView            `json:"user"`
	Signatures  signatures          `json:"signatures"`
	Keys        map[string]string   `json:"keys" nullable:"false" doc:"By an action of the app, the caller's own key; empty: none"`
	Workspace   WorkspaceView       `json:"workspace"`
	Permissions []access.Permission `json:"permissions"`
}

// Routes adds this package's routes.
func (s *Service) Routes(api huma.API) {
	login := huma.Operation{
		Method: http.MethodPost, Path: "/api/v1/auth/login", OperationID: "login", Summary: "Sign in",
		Tags: []string{"Access"}, Errors: []int{401, 422, 429, 503},
	}
	huma.Register(api, login, s.login)
	huma.Register(api, s.op(http.MethodPost, "/api/v1/auth/logout", "logout", "Sign out", ""), s.logout)
	huma.Register(api, s.op(http.MethodGet, "/api/v1/me", "get-me", "The caller", ""), s.me)
	huma.Register(api, s.op(http.MethodPatch, "/api/v1/me", "patch-me", "Change the caller's name, language, signatures or keys", ""),
		s.patchMe)
	huma.Register(api, s.op(http.MethodPatch, "/api/v1/workspace", "patch-workspace", "Change the workspace", access.ManageUsers),
		s.patchWorkspace)
	s.userRoutes(api)
	s.teamRoutes(api)
}

func (s *Service) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	signed, err := s.Login(ctx, Attempt{Email: in.Body.Email, Password: in.Body.Password, Client: in.Client, Device: in.Device})
	if err != nil {
		return nil, err
	}
	w, err := s.workspaces.Get(ctx, signed.User.WorkspaceID)
	if err != nil {
		return nil, err
	}
	return &loginOutput{
		SetCookie: s.cookie(signed.Token, int(sessionLife/time.Second)), SetDevice: s.deviceCookie(signed.Device),
		Body: loginView{Token: signed.Token, User: viewUser(signed.User), Workspace: viewWorkspace(w)},
	}, nil
}

// deviceCookie keeps the mark of a known device where signing in is asked for, and nowhere else.
func (s *Service) deviceCookie(mark string) http.Cookie {
	c := s.cookie(mark, int(deviceLife/time.Second))
	c.Name, c.Path = deviceCookieName, "/api/v1/auth"
	return c
}

func (s *Service) cookie(value string, maxAge int) http.Cookie {
	return http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
}

type logoutInput struct {
	Token string `hidden:"true"`
}

// Resolve takes the token from the request.
func (in *logoutInput) Resolve(ctx huma.Context) []error {
	in.Token, _ = Token(humafiber.Unwrap(ctx))
	return nil
}

type logoutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Service) logout(ctx context.Context, in *logoutInput) (*logoutOutput, error) {
	if err := s.Logout(ctx, in.Token); err != nil {
		return nil, err
	}
	return &logoutOutput{SetCookie: s.cookie("", -1)}, nil
}

func (s *Service) me(ctx context.Context, _ *struct{}) (*web.Body[meView], error) {
	v := From(ctx)
	u, err := s.User(ctx, v.WorkspaceID, v.UserID)
	if err != nil {
		return nil, err
	}
	return s.meOf(ctx, u)
}

func (s *Service) meOf(ctx context.Context, u *User) (*web.Body[meView], error) {
	w, err := s.workspaces.Get(ctx, u.WorkspaceID)
	if err != nil {
		return nil, err
	}
	return web.Answer(meView{
		User: viewUser(u), Signatures: viewSignatures(u), Keys: viewKeys(u), Workspace: viewWorkspace(w),
		Permissions: u.Role.Permissions(),
	}), nil
}

type patchWorkspaceInput struct {
	Body struct {
		Name    *string `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Country *string `json:"country,omitempty" maxLength:"2"`

		PushCustomers *bool `json:"push_customers,omitempty"`
		AssignOnReply *bool `json:"assign_on_reply,omitempty"`
		ThanksReopen  *bool `json:"thanks_reopen,omitempty"`
		RemindMinutes *int  `json:"remind_waiting_minutes,omitempty" minimum:"0" maximum:"10080"`
	}
}

func (s *Service) patchWorkspace(ctx context.Context, in *patchWorkspaceInput) (*web.Body[WorkspaceView], error) {
	if c := in.Body.Country; c != nil && *c != "" && phonenumbers.GetCountryCodeForRegion(*c) == 0 {
		return nil, errs.InvalidField("invalid_country", "country", "two letters of ISO 3166, such as IL")
	}
	w, err := s.workspaces.Update(ctx, From(ctx).WorkspaceID, func(w *Workspace) error {
		if in.Body.Name != nil {
			w.rename(*in.Body.Name)
		}
		set(&w.Country, in.Body.Country)
		set(&w.PushCustomers, in.Body.PushCustomers)
		set(&w.AssignOnReply, in.Body.AssignOnReply)
		set(&w.ThanksReopen, in.Body.ThanksReopen)
		set(&w.RemindMinutes, in.Body.RemindMinutes)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewWorkspace(w)), nil
}

type patchMeInput struct {
	Body struct {
		Name     *string `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Language *string `json:"language,omitempty" enum:",en,he,ar"`
		// Signatures that are named are replaced.
		Signatures *signaturesPatch `json:"signatures,omitempty"`
		// Keys replace all that were chosen before.
		Keys *map[string]string `json:"keys,omitempty" doc:"By an action of the app, a physical key: KeyE, Alt+KeyJ, KeyG KeyI; empty: none"`
	}
}

func (s *Service) patchMe(ctx context.Context, in *patchMeInput) (*web.Body[meView], error) {
	if in.Body.Keys != nil {
		if err := checkKeys(*in.Body.Keys); err != nil {
			return nil, err
		}
	}
	u, err := s.users.Update(ctx, From(ctx).UserID, func(u *User) error {
		set(&u.Name, in.Body.Name)
		set(&u.Language, in.Body.Language)
		set(&u.Keys, in.Body.Keys)
		return in.Body.Signatures.apply(u)
	})
	if err != nil {
		return nil, err
	}
	return s.meOf(ctx, u)
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
