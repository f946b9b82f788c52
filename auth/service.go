package auth

import (
	"context"
	"errors"
	"net/mail"
	"runtime"
	"slices"
	"time"

	"github.com/alexedwards/argon2id"

	"wasl/activity"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/limit"
	"wasl/internal/secret"
	"wasl/store"
)

// sessionLife is how long a sign-in lasts.
const sessionLife = 30 * 24 * time.Hour

// passwordMin is the least length of a password, in bytes.
const passwordMin = 8

// maxHashing bounds how many passwords are hashed at the same time, also where there are many processors.
const maxHashing = 4

// argon2id with 19 MiB and two passes: the first choice of the OWASP password storage cheat sheet.
var hashing = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Options are what the service is made of.
type Options struct {
	Engine  store.Engine
	Bus     *events.Bus
	Clock   clock.Clock
	Limiter limit.Limiter
	// OnRevoke is told whose sessions ended.
	OnRevoke func(userID string)
	Secure   bool // cookies over HTTPS only
	// Box makes the marks by which devices are known again; nil: none is.
	Box *secret.Box
}

// Service answers who somebody is and what they may do.
type Service struct {
	engine     store.Engine
	bus        *events.Bus
	clock      clock.Clock
	limiter    limit.Limiter
	workspaces store.Collection[Workspace, *Workspace]
	users      store.Collection[User, *User]
	teams      store.Collection[Team, *Team]
	sessions   store.Collection[session, *session]
	hashSlots  chan struct{} // hashing takes 19 MiB each: bounded
	box        *secret.Box   // makes the marks of known devices
	activity   *activity.Log
	onRevoke   func(userID string)
	// onAccessChange is told who may see or do something else from now on.
	onAccessChange func(userID string)
	// beside adds to writes of teams and of users what others keep in step with them.
	beside func(w *events.Write, workspaceID string, u *User)
	// knownHours refuses business hours that the workspace does not have.
	knownHours func(ctx context.Context, workspaceID, id string) error
	secure     bool // cookies over HTTPS only
}

// NewService returns the service.
func NewService(o Options) *Service {
	return &Service{
		engine: o.Engine, bus: o.Bus, clock: o.Clock, limiter: o.Limiter, onRevoke: o.OnRevoke, onAccessChange: func(string) {},
		beside:     func(*events.Write, string, *User) {},
		knownHours: func(context.Context, string, string) error { return nil },
		secure:     o.Secure, activity: activity.NewLog(o.Engine),
		workspaces: store.NewCollection[Workspace](o.Engine, workspaces),
		users:      store.NewCollection[User](o.Engine, users),
		teams:      store.NewCollection[Team](o.Engine, teams),
		sessions:   store.NewCollection[session](o.Engine, sessions),
		hashSlots:  make(chan struct{}, min(runtime.NumCPU(), maxHashing)),
		box:        o.Box,
	}
}

// NewUser is what a user is made of.
type NewUser struct {
	WorkspaceID, Name, Email, Password, Language string
	Role                                         access.Role
}

// WorkspaceID returns the id that a workspace gets which is created with this name, where none has it. Whoever is called so now may be
// another one.
func WorkspaceID(name string) string { return ids.Derived("wsp", name) }

// Bootstrap creates the workspace that has its id of this name, where it is not there yet, and the user in one write: for whoever makes
// all workspaces that there are. An address that is taken is a conflict.
func (s *Service) Bootstrap(ctx context.Context, workspace string, u NewUser) (*User, error) {
	u.WorkspaceID = WorkspaceID(workspace)
	user, err := s.build(u)
	if err != nil {
		return nil, err
	}
	changes := []store.Change{s.users.Insert(user)}
	if _, err := s.workspaces.Get(ctx, u.WorkspaceID); errors.Is(err, store.ErrNotFound) {
		changes = append(changes, s.workspaces.Insert(&Workspace{
			Meta: store.Meta{ID: u.WorkspaceID}, Name: workspace, CreatedAt: s.clock.Now(),
		}))
	} else if err != nil {
		return nil, err
	}
	return user, taken(s.engine.Write(ctx, changes...))
}

// AddUser creates a user in an existing workspace.
func (s *Service) AddUser(ctx context.Context, by access.Actor, u NewUser) (*User, error) {
	user, err := s.build(u)
	if err != nil {
		return nil, err
	}
	w := &events.Write{Changes: []store.Change{s.users.Insert(user)}}
	s.record(w, by, user, actionUserCreated, nil)
	return user, taken(s.engine.Write(ctx, w.Changes...))
}

func taken(err error) error {
	if errors.Is(err, store.ErrExists) {
		return errs.Wrap(err, errs.Conflict, "email_taken", "This email address already has a user.")
	}
	return err
}

func (s *Service) build(u NewUser) (*User, error) {
	u.Email = normalEmail(u.Email)
	if at, err := mail.ParseAddress(u.Email); err != nil || at.Address != u.Email {
		return nil, errs.InvalidField("invalid_email", "email", "not an email address")
	}
	if !u.Role.Valid() {
		return nil, errs.InvalidField("invalid_role", "role", "one of owner, admin, supervisor, agent")
	}
	hash, err := s.hash(u.Password)
	if err != nil {
		return nil, err
	}
	if u.Name == "" {
		u.Name = u.Email
	}
	return &User{
		Meta: store.Meta{ID: UserID(u.Email)}, WorkspaceID: u.WorkspaceID, Name: u.Name, Email: u.Email, Role: u.Role,
		PasswordHash: hash, Language: u.Language, Active: true, CreatedAt: s.clock.Now(),
	}, nil
}

func (s *Service) hash(password string) (string, error) {
	if len(password) < passwordMin || len(password) > 1024 {
		return "", errs.InvalidField("weak_password", "password", "between 8 and 1024 characters")
	}
	s.hashSlots <- struct{}{}
	defer func() { <-s.hashSlots }()
	return argon2id.CreateHash(password, &hashing)
}

// EachWorkspace calls fn with the id of every workspace.
func (s *Service) EachWorkspace(ctx context.Context, fn func(id string) error) error {
	return s.workspaces.Each(ctx, store.Query{Limit: 200}, func(w *Workspace) error { return fn(w.ID) })
}

// HasUsers reports whether anybody exists.
func (s *Service) HasUsers(ctx context.Context) (bool, error) {
	n, err := s.users.Count(ctx, store.Query{}, 1)
	return n > 0, err
}

// Open opens a session for the user.
func (s *Service) Open(ctx context.Context, u *User) (token string, err error) {
	token = ids.Token()
	now := s.clock.Now()
	return token, s.engine.Write(ctx, s.sessions.Insert(&session{
		Meta: store.Meta{ID: sessionID(token)}, WorkspaceID: u.WorkspaceID, UserID: u.ID, CreatedAt: now, ExpiresAt: now.Add(sessionLife),
	}))
}

func sessionID(token string) string { return ids.Derived("ses", token) }

var errNobody = errs.New(errs.Unauthorized, "unauthorized", "Sign in first.")

// Authenticate returns who holds the token.
func (s *Service) Authenticate(ctx context.Context, token string) (access.Viewer, error) {
	if token == "" {
		return access.Viewer{}, errNobody
	}
	ses, err := s.sessions.Get(ctx, sessionID(token))
	if errors.Is(err, store.ErrNotFound) || (err == nil && !s.clock.Now().Before(ses.ExpiresAt)) {
		return access.Viewer{}, errNobody
	}
	if err != nil {
		return access.Viewer{}, err
	}
	u, err := s.users.Get(ctx, ses.UserID)
	if errors.Is(err, store.ErrNotFound) || (err == nil && (!u.Active || u.WorkspaceID != ses.WorkspaceID)) {
		return access.Viewer{}, errNobody
	}
	if err != nil {
		return access.Viewer{}, err
	}
	return u.viewer(), nil
}

func (u *User) viewer() access.Viewer {
	return access.Viewer{UserID: u.ID, WorkspaceID: u.WorkspaceID, Name: u.Name, Role: u.Role, TeamIDs: u.TeamIDs}
}

// OnAccessChange sets who is told that a user may see or do something else, before anything is served.
func (s *Service) OnAccessChange(fn func(userID string)) { s.onAccessChange = fn }

// KeepBeside sets who adds to the write of every change of the workspace's teams or of a user what must change with it, before anything is
// served. The user, as the write leaves them, is nil where teams change.
func (s *Service) KeepBeside(fn func(w *events.Write, workspaceID string, u *User)) { s.beside = fn }

// CheckHours sets who refuses, for a team, business hours that the workspace does not have, before anything is served.
func (s *Service) CheckHours(fn func(ctx context.Context, workspaceID, id string) error) {
	s.knownHours = fn
}

// ViewerOf returns what a user may do and see now, or store.ErrNotFound for one who is no longer active.
func (s *Service) ViewerOf(ctx context.Context, userID string) (access.Viewer, error) {
	u, err := s.users.Get(ctx, userID)
	if err == nil && !u.Active {
		err = store.ErrNotFound
	}
	if err != nil {
		return access.Viewer{}, err
	}
	return u.viewer(), nil
}

// Logout ends the session.
func (s *Service) Logout(ctx context.Context, token string) error {
	ses, err := s.sessions.Get(ctx, sessionID(token))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.engine.Write(ctx, s.sessions.Delete(ses)); err != nil && !errors.Is(err, store.ErrConflict) {
		return err
	}
	s.onRevoke(ses.UserID)
	return nil
}

// revoke ends all sessions of a user.
func (s *Service) revoke(ctx context.Context, userID string) error {
	err := s.sessions.Each(ctx, store.Query{Index: "user", Eq: []any{userID}, Limit: 200}, func(ses *session) error {
		if err := s.engine.Write(ctx, s.sessions.Delete(ses)); err != nil && !errors.Is(err, store.ErrConflict) {
			return err
		}
		return nil
	})
	s.onRevoke(userID)
	return err
}

// Users lists the workspace's users by name.
func (s *Service) Users(ctx context.Context, workspaceID, cursor string, limit int) ([]*User, string, error) {
	return s.users.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: limit, Cursor: cursor})
}

// User returns a user of the workspace or store.ErrNotFound.
func (s *Service) User(ctx context.Context, workspaceID, id string) (*User, error) {
	u, err := s.users.Get(ctx, id)
	if err == nil && u.WorkspaceID != workspaceID {
		return nil, store.ErrNotFound
	}
	return u, err
}

// UsersByID returns those of the users who belong to the workspace, in the order of the ids.
func (s *Service) UsersByID(ctx context.Context, workspaceID string, userIDs ...string) ([]*User, error) {
	found, err := s.users.GetMany(ctx, userIDs...)
	return slices.DeleteFunc(found, func(u *User) bool { return u.WorkspaceID != workspaceID }), err
}

// Country returns where phone numbers without a country code belong to in the workspace; empty: nobody has said.
func (s *Service) Country(ctx context.Context, workspaceID string) (string, error) {
	found, err := s.workspaces.GetMany(ctx, workspaceID)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].Country, nil
}
