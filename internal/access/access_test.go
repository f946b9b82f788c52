package access_test

import (
	"slices"
	"testing"

	"wasl/internal/access"
)

// Who is in an audience, by the visibility of the role.
func TestViewerIn(t *testing.T) {
	t.Parallel()
	agent := access.Viewer{UserID: "u", Role: access.Agent, TeamIDs: []string{"billing"}}
	supervisor := access.Viewer{UserID: "u", Role: access.Supervisor}
	nobody := access.Viewer{UserID: "u", Role: "removed", TeamIDs: []string{"billing"}}
	for _, c := range []struct {
		name                            string
		a                               access.Audience
		bySupervisor, byAgent, byNobody bool
	}{
		{"nobody", access.Audience{}, false, false, false},
		{"everyone", access.Audience{Everyone: true}, true, true, true},
		{"unassigned", access.Audience{Unassigned: true}, true, true, false},
		{"supervisors", access.Audience{Supervisors: true}, true, false, false},
		{"the user", access.Audience{Users: []string{"v", "u"}}, true, true, true},
		{"another user", access.Audience{Users: []string{"v"}}, false, false, false},
		{"a team: an agent sees only what is theirs", access.Audience{Teams: []string{"billing"}}, false, false, false},
		{"the queue of the agent's team", access.Audience{Queues: []string{"billing"}}, false, true, false},
		{"the queue of another team", access.Audience{Queues: []string{"sales"}}, false, false, false},
		{"a guest", access.Audience{Guest: "u"}, false, false, false},
	} {
		for who, want := range map[*access.Viewer]bool{&supervisor: c.bySupervisor, &agent: c.byAgent, &nobody: c.byNobody} {
			if who.In(c.a) != want {
				t.Errorf("%s, %s: in the audience: %v", c.name, who.Role, !want)
			}
		}
	}
}

func TestAudienceAnd(t *testing.T) {
	t.Parallel()
	a := access.Audience{Unassigned: true, Users: []string{"b", "a"}}
	b := access.Audience{Supervisors: true, Users: []string{"b", "c"}, Teams: []string{"t"}, Queues: []string{"q"}, Guest: "g"}
	got := a.And(b)
	if !got.Unassigned || !got.Supervisors || got.Everyone || got.Guest != "g" {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(got.Users, []string{"a", "b", "c"}) || !slices.Equal(got.Teams, []string{"t"}) ||
		!slices.Equal(got.Queues, []string{"q"}) {
		t.Errorf("%+v", got)
	}
}

// Each role may do what the one below it may, and more.
func TestRolesGrow(t *testing.T) {
	t.Parallel()
	ladder := []access.Role{access.Agent, access.Supervisor, access.Admin, access.Owner}
	for n, role := range ladder[1:] {
		for _, p := range ladder[n].Permissions() {
			if !role.Can(p) {
				t.Errorf("%s may not %s, which %s may", role, p, ladder[n])
			}
		}
	}
	if access.Agent.Can(access.ManageUsers) || access.Supervisor.Can(access.ManageChannels) || access.Role("").Can(access.Reply) {
		t.Error("a role may too much")
	}
}

// A deed that follows from an event is one deeper than what caused that.
func TestBecause(t *testing.T) {
	t.Parallel()
	rule := access.Actor{Kind: access.Rule, ID: "rul_1"}
	first := rule.Because("evt_1")
	second := first.Because("evt_2")
	if first.Cause != (access.Cause{Kind: access.Event, ID: "evt_1", Depth: 1}) || second.Cause.Depth != 2 {
		t.Errorf("%+v %+v", first.Cause, second.Cause)
	}
}
