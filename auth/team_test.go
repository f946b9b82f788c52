package auth

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
)

// crew adds agents to the office, by their names.
func (o *staffed) crew(names ...string) {
	o.t.Helper()
	for _, name := range names {
		u, err := o.AddUser(o.t.Context(), o.boss.Actor(), NewUser{
			WorkspaceID: o.boss.WorkspaceID, Name: name, Email: name + "@office.example", Password: rightPassword, Role: access.Agent,
		})
		if err != nil {
			o.t.Fatal(err)
		}
		o.ids[name] = u.ID
	}
}

// staffed is an office with people, whose boss makes teams; felt lists whose access changed.
type staffed struct {
	*Service
	t    *testing.T
	boss access.Viewer
	ids  map[string]string
	felt []string
}

func newStaffed(t *testing.T) *staffed {
	t.Helper()
	s, _, _ := office(t)
	o := &staffed{Service: s, t: t, boss: access.Viewer{UserID: "usr_boss", WorkspaceID: WorkspaceID("Office"), Role: access.Owner},
		ids: map[string]string{}}
	s.OnAccessChange(func(id string) { o.felt = append(o.felt, id) })
	o.crew("ann", "ben")
	return o
}

func (o *staffed) team(name string, members ...string) *Team {
	o.t.Helper()
	t, created, err := o.CreateTeam(o.t.Context(), o.boss, "", NewTeam{Name: name, MemberIDs: o.all(members)})
	if err != nil || !created {
		o.t.Fatal(created, err)
	}
	return t
}

func (o *staffed) all(names []string) []string {
	all := []string{}
	for _, name := range names {
		all = append(all, o.ids[name])
	}
	return sorted(all)
}

// are checks who is in a team, as the team, its members and everybody else know it.
func (o *staffed) are(team *Team, names ...string) {
	o.t.Helper()
	now, err := o.Team(o.t.Context(), o.boss.WorkspaceID, team.ID)
	if err != nil || !slices.Equal(now.MemberIDs, o.all(names)) {
		o.t.Errorf("%s has %v, %v; want %v", team.Name, now, err, names)
	}
	for name, id := range o.ids {
		v, err := o.ViewerOf(o.t.Context(), id)
		if err != nil || slices.Contains(v.TeamIDs, team.ID) != slices.Contains(names, name) {
			o.t.Errorf("%s is in %v, %v", name, v.TeamIDs, err)
		}
	}
}

func anyVersion(int64) error { return nil }

// Teams and profiles are two ways to change the same: a team's members and a user's teams always agree, whoever is concerned feels it,
// and nobody else.
func TestATeamAndItsMembersAgree(t *testing.T) {
	o := newStaffed(t)
	sales, support := o.team("Sales", "ann"), o.team("Support")
	o.are(sales, "ann")
	o.felt = nil
	if _, err := o.ChangeTeam(t.Context(), o.boss, sales.ID, anyVersion, TeamEdit{MemberIDs: ptr(o.all([]string{"ben"}))}); err != nil {
		t.Fatal(err)
	}
	o.are(sales, "ben")
	if got := sorted(o.felt); !slices.Equal(got, o.all([]string{"ann", "ben"})) {
		t.Errorf("felt by %v", got)
	}
	o.felt = nil
	if u, err := o.SetTeams(t.Context(), o.boss, o.ids["ben"], []string{support.ID, support.ID}, nil); err != nil ||
		!slices.Equal(u.TeamIDs, []string{support.ID}) {
		t.Fatal(u, err)
	}
	o.are(sales)
	o.are(support, "ben")
	if !slices.Equal(o.felt, []string{o.ids["ben"]}) {
		t.Errorf("felt by %v", o.felt)
	}
	o.felt = nil
	renamed, err := o.ChangeTeam(t.Context(), o.boss, support.ID, anyVersion, TeamEdit{Name: ptr("Care")})
	if err != nil || renamed.Name != "Care" || len(o.felt) != 0 {
		t.Errorf("%+v %v, felt by %v", renamed, err, o.felt)
	}
	if err := o.DeleteTeam(t.Context(), o.boss, support.ID, anyVersion); err != nil {
		t.Fatal(err)
	}
	if v, err := o.ViewerOf(t.Context(), o.ids["ben"]); err != nil || len(v.TeamIDs) != 0 {
		t.Errorf("after the team's end: %+v, %v", v, err)
	}
	if _, err := o.Team(t.Context(), o.boss.WorkspaceID, support.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
}

// Who changed which team, and which user's teams, is in the history of both.
func TestTheHistoryOfTeams(t *testing.T) {
	o := newStaffed(t)
	sales := o.team("Sales", "ann")
	if err := o.DeleteTeam(t.Context(), o.boss, sales.ID, anyVersion); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][]string{
		sales.ID:     {"team.deleted [name member_ids]", "team.created [name member_ids]"},
		o.ids["ann"]: {"user.changed [team_ids]", "user.changed [team_ids]", "user.created []"},
	} {
		found, _, err := o.activity.About(t.Context(), o.boss.WorkspaceID, "", 10, id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range found {
			var fields []string
			for _, c := range a.Changes {
				fields = append(fields, c.Field)
			}
			got = append(got, fmt.Sprint(a.Action, " ", fields))
			if a.Actor.ID != o.boss.UserID {
				t.Errorf("%s by %+v", a.Action, a.Actor)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Whoever changes a team that is not as they have seen it is told so, and nothing is changed. A key makes one team.
func TestTeamsAreNotChangedBlindly(t *testing.T) {
	o := newStaffed(t)
	sales := o.team("Sales")
	stale := errs.New(errs.Stale, "changed_meanwhile", "")
	seen := func(version int64) func(int64) error {
		return func(now int64) error {
			if now != version {
				return stale
			}
			return nil
		}
	}
	if _, err := o.ChangeTeam(t.Context(), o.boss, sales.ID, seen(sales.Version), TeamEdit{Name: ptr("A")}); err != nil {
		t.Fatal(err)
	}
	_, err := o.ChangeTeam(t.Context(), o.boss, sales.ID, seen(sales.Version), TeamEdit{Name: ptr("B")})
	wantCode(t, err, "changed_meanwhile")
	wantCode(t, o.DeleteTeam(t.Context(), o.boss, sales.ID, seen(sales.Version)), "changed_meanwhile")
	if now, err := o.Team(t.Context(), o.boss.WorkspaceID, sales.ID); err != nil || now.Name != "A" {
		t.Errorf("%+v %v", now, err)
	}
	first, created, err := o.CreateTeam(t.Context(), o.boss, "key", NewTeam{Name: "Twice"})
	again, more, err2 := o.CreateTeam(t.Context(), o.boss, "key", NewTeam{Name: "Twice"})
	if err != nil || err2 != nil || !created || more || first.ID != again.ID {
		t.Errorf("%v %v, %v %v", created, err, more, err2)
	}
}

// Members are users of the workspace, and neither teams nor memberships grow without bound.
func TestMembershipsThatAreRefused(t *testing.T) {
	o := newStaffed(t)
	other, err := o.Bootstrap(t.Context(), "Elsewhere", NewUser{Email: "x@elsewhere.example", Password: rightPassword, Role: access.Owner})
	if err != nil {
		t.Fatal(err)
	}
	sales := o.team("Sales")
	many := make([]string, maxMembers+1)
	for n := range many {
		many[n] = fmt.Sprint("usr_", n)
	}
	for code, members := range map[string][]string{"unknown_user": {o.ids["ann"], other.ID}, "too_many_members": many} {
		_, err := o.ChangeTeam(t.Context(), o.boss, sales.ID, anyVersion, TeamEdit{MemberIDs: &members})
		wantCode(t, err, code)
	}
	o.are(sales)
	stranger := access.Viewer{UserID: other.ID, WorkspaceID: other.WorkspaceID, Role: access.Owner}
	if _, err := o.ChangeTeam(t.Context(), stranger, sales.ID, anyVersion, TeamEdit{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another workspace changes it: %v", err)
	}
	if _, err := o.SetTeams(t.Context(), stranger, o.ids["ann"], nil, nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another workspace changes a user: %v", err)
	}
	_, err = o.SetTeams(t.Context(), o.boss, o.ids["ann"], []string{"tem_none"}, nil)
	wantCode(t, err, "unknown_team")
	_, err = o.SetTeams(t.Context(), stranger, other.ID, []string{sales.ID}, nil)
	wantCode(t, err, "unknown_team")
	for n := range maxTeams {
		o.team(fmt.Sprint("Team ", n), "ann")
	}
	_, err = o.ChangeTeam(t.Context(), o.boss, sales.ID, anyVersion, TeamEdit{MemberIDs: ptr(o.all([]string{"ann"}))})
	wantCode(t, err, "too_many_teams")
	for n := range maxWorkspaceTeams - maxTeams - 1 {
		o.team(fmt.Sprint("More ", n))
	}
	_, _, err = o.CreateTeam(t.Context(), o.boss, "", NewTeam{Name: "One more"})
	wantCode(t, err, "team_limit")
}

func ptr[T any](v T) *T { return &v }
