package auth

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/limit"
	"wasl/store"
)

// overtaken is an engine at which something else happens just before the next write.
type overtaken struct {
	store.Engine
	by func()
}

func (o *overtaken) Write(ctx context.Context, changes ...store.Change) error {
	if by := o.by; by != nil {
		o.by = nil
		by()
	}
	return o.Engine.Write(ctx, changes...)
}

// rivals are two instances over one store, of which one can be made to overtake the other; both know an agent.
func rivals(t *testing.T) (slow *Service, at *overtaken, quick *Service, agent *User) {
	t.Helper()
	quick, now, _ := office(t)
	at = &overtaken{Engine: quick.engine}
	slow = NewService(Options{
		Engine: at, Bus: events.NewBus(at, events.NewLocal(), nil, now, zerolog.Nop()), Clock: now, Limiter: limit.NewMemory(now),
		OnRevoke: func(string) {},
	})
	agent, err := quick.AddUser(t.Context(), access.Actor{Kind: access.System}, NewUser{
		WorkspaceID: WorkspaceID("Office"), Name: "Agent", Email: "agent@office.example", Password: rightPassword, Role: access.Agent,
	})
	if err != nil {
		t.Fatal(err)
	}
	return slow, at, quick, agent
}

const otherPassword = "battery staple"

// patch changes the agent as an owner or an admin does.
func patch(t *testing.T, s *Service, as access.Role, id string, fill func(in *patchUserInput)) error {
	t.Helper()
	ctx := context.WithValue(t.Context(), viewerKey{}, access.Viewer{UserID: "usr_x", WorkspaceID: WorkspaceID("Office"), Role: as})
	in := &patchUserInput{ID: id}
	fill(in)
	_, err := s.patchUser(ctx, in)
	return err
}

func resets(t *testing.T, s *Service, id string) func() {
	return func() {
		err := patch(t, s, access.Owner, id, func(in *patchUserInput) { password := otherPassword; in.Body.Password = &password })
		if err != nil {
			t.Error(err)
		}
	}
}

// Whoever changes a user's name while another replaces the password does not put the old password back.
func TestARenameRestoresNoPassword(t *testing.T) {
	slow, at, quick, agent := rivals(t)
	at.by = resets(t, quick, agent.ID)
	name := "Agent Smith"
	if err := patch(t, slow, access.Owner, agent.ID, func(in *patchUserInput) { in.Body.Name = &name }); err != nil {
		t.Fatal(err)
	}
	in, err := quick.Login(t.Context(), Attempt{Email: agent.Email, Password: otherPassword, Client: "1.2.3.4"})
	if err != nil || in.User.Name != name {
		t.Errorf("with the new password: %+v, %v", in.User, err)
	}
	_, err = quick.Login(t.Context(), Attempt{Email: agent.Email, Password: rightPassword, Client: "1.2.3.4"})
	wantCode(t, err, "bad_credentials")
}

// Whoever is just becoming an owner is not switched off by an admin who saw an agent.
func TestWhoBecomesAnOwnerIsAnOwnersToChange(t *testing.T) {
	slow, at, quick, agent := rivals(t)
	at.by = func() {
		owner := access.Owner
		if err := patch(t, quick, access.Owner, agent.ID, func(in *patchUserInput) { in.Body.Role = &owner }); err != nil {
			t.Error(err)
		}
	}
	off := false
	wantCode(t, patch(t, slow, access.Admin, agent.ID, func(in *patchUserInput) { in.Body.Active = &off }), "forbidden")
	if u, err := quick.User(t.Context(), agent.WorkspaceID, agent.ID); err != nil || !u.Active || u.Role != access.Owner {
		t.Errorf("%+v, %v", u, err)
	}
}

// A sign-in under a password that is replaced at that moment leaves no session behind.
func TestASignInUnderAReplacedPasswordIsNone(t *testing.T) {
	slow, at, quick, agent := rivals(t)
	at.by = resets(t, quick, agent.ID)
	in, err := slow.Login(t.Context(), Attempt{Email: agent.Email, Password: rightPassword, Client: "1.2.3.4"})
	wantCode(t, err, "bad_credentials")
	left, _, err := quick.sessions.Find(t.Context(), store.Query{Index: "user", Eq: []any{agent.ID}, Limit: 10})
	if in.Token != "" || err != nil || len(left) > 0 {
		t.Errorf("token %q, %d sessions, %v", in.Token, len(left), err)
	}
}
