package auth

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"wasl/activity"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/limit"
	"wasl/store/pebble"
)

// hands is a clock that the test turns.
type hands struct{ now time.Time }

func (h *hands) Now() time.Time { return h.now }

const rightPassword = "correct horse"

// office is a workspace with one owner.
func office(t *testing.T) (s *Service, now *hands, revoked *[]string) {
	t.Helper()
	engine, err := pebble.Open("data", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	if err := engine.Ensure(t.Context(), append(Schemas(), activity.Schemas()...)...); err != nil {
		t.Fatal(err)
	}
	now, revoked = &hands{time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)}, new([]string)
	s = NewService(Options{
		Engine: engine, Bus: events.NewBus(engine, events.NewLocal(), nil, now, zerolog.Nop()), Clock: now, Limiter: limit.NewMemory(now),
		OnRevoke: func(id string) { *revoked = append(*revoked, id) },
	})
	if _, err := s.Bootstrap(t.Context(), "Office", NewUser{
		Email: "Owner@Office.example ", Password: rightPassword,
		Role: access.Owner,
	}); err != nil {
		t.Fatal(err)
	}
	return s, now, revoked
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if errs.Code(err) != code {
		t.Errorf("%v, want %s", err, code)
	}
}

func TestUsersThatCannotBeMadeAreRefused(t *testing.T) {
	s, _, _ := office(t)
	good := NewUser{WorkspaceID: WorkspaceID("Office"), Email: "a@office.example", Password: rightPassword, Role: access.Agent}
	for code, spoil := range map[string]func(u *NewUser){
		"email_taken":   func(u *NewUser) { u.Email = " OWNER@office.example" },
		"invalid_email": func(u *NewUser) { u.Email = "Some Body <a@office.example>" },
		"invalid_role":  func(u *NewUser) { u.Role = "emperor" },
		"weak_password": func(u *NewUser) { u.Password = "short" },
	} {
		u := good
		spoil(&u)
		_, err := s.AddUser(t.Context(), access.Actor{Kind: access.System}, u)
		wantCode(t, err, code)
	}
	if u, err := s.AddUser(t.Context(), access.Actor{Kind: access.System}, good); err != nil || u.Name != good.Email ||
		u.PasswordHash == good.Password {
		t.Errorf("%+v %v", u, err)
	}
}

func TestASignInLastsUntilItEnds(t *testing.T) {
	s, now, revoked := office(t)
	in, err := s.Login(t.Context(), Attempt{Email: "owner@office.example", Password: rightPassword, Client: "1.2.3.4"})
	if err != nil {
		t.Fatal(err)
	}
	token, u := in.Token, in.User
	second, err := s.Open(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := s.Authenticate(t.Context(), token); err != nil || v.UserID != u.ID || v.Role != access.Owner ||
		v.WorkspaceID != WorkspaceID("Office") {
		t.Fatalf("%+v %v", v, err)
	}
	if err := errors.Join(s.Logout(t.Context(), token), s.Logout(t.Context(), token), s.Logout(t.Context(), "never was")); err != nil {
		t.Fatal(err)
	}
	_, err = s.Authenticate(t.Context(), token)
	wantCode(t, err, "unauthorized")
	if !slices.Equal(*revoked, []string{u.ID}) {
		t.Errorf("told of %v", *revoked)
	}
	now.now = now.now.Add(sessionLife - time.Second)
	if _, err := s.Authenticate(t.Context(), second); err != nil {
		t.Errorf("the other sign-in, a second before its end: %v", err)
	}
	now.now = now.now.Add(time.Second)
	_, err = s.Authenticate(t.Context(), second)
	wantCode(t, err, "unauthorized")
	_, err = s.Authenticate(t.Context(), "")
	wantCode(t, err, "unauthorized")
}

func TestWhoeverIsRevokedOrInactiveIsOut(t *testing.T) {
	s, _, _ := office(t)
	in, err := s.Login(t.Context(), Attempt{Email: "owner@office.example", Password: rightPassword, Client: "1.2.3.4"})
	if err != nil {
		t.Fatal(err)
	}
	token, u := in.Token, in.User
	other, err := s.Open(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.revoke(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	for _, each := range []string{token, other} {
		_, err := s.Authenticate(t.Context(), each)
		wantCode(t, err, "unauthorized")
	}
	token, err = s.Open(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	u.Active = false
	if err := s.engine.Write(t.Context(), s.users.Replace(u)); err != nil {
		t.Fatal(err)
	}
	_, err = s.Authenticate(t.Context(), token)
	wantCode(t, err, "unauthorized")
	_, err = s.Login(t.Context(), Attempt{Email: u.Email, Password: rightPassword, Client: "1.2.3.4"})
	wantCode(t, err, "bad_credentials")
}
