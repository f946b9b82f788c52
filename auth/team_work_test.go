package auth

import (
	"errors"
	"strings"
	"testing"

	"wasl/internal/errs"
	"wasl/internal/events"
)

// noCheck takes any version.
func noCheck(int64) error { return nil }

// A team's work is given as it says, as usual where it says nothing; overflows that lead back to it are refused in words that say how.
func TestTheWorkOfATeam(t *testing.T) {
	t.Parallel()
	o := newStaffed(t)
	a, b, c := o.team("A", "ann"), o.team("B"), o.team("C")
	if a.Work.Strategy != LeastLoaded || a.Work.HandOver != Direct || a.Work.OfferSeconds != defaultOffer || a.Work.Sticky != StickyNone {
		t.Errorf("as usual: %+v", a.Work)
	}
	told := 0
	o.KeepBeside(func(_ *events.Write, workspaceID string, _ *User) {
		if told++; workspaceID != o.boss.WorkspaceID {
			t.Errorf("of the workspace %s", workspaceID)
		}
	})
	set := func(team *Team, overflow ...Overflow) error {
		strategy := RoundRobin
		_, err := o.ChangeTeam(t.Context(), o.boss, team.ID, noCheck, TeamEdit{
			WorkEdit: WorkEdit{Strategy: &strategy, Overflow: &overflow},
		})
		return err
	}
	for _, err := range []error{
		set(a, Overflow{30, b.ID}, Overflow{60, c.ID}), set(b, Overflow{30, c.ID}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, err := o.Team(t.Context(), o.boss.WorkspaceID, a.ID); err != nil || got.Work.Strategy != RoundRobin ||
		len(got.Work.Overflow) != 2 || told != 2 {
		t.Errorf("%+v, %v, told %d times", got, err, told)
	}
	for name, bad := range map[string]struct {
		team           *Team
		overflow       []Overflow
		code, in, says string
	}{
		"to itself":       {a, []Overflow{{30, a.ID}}, "overflow_cycle", "overflow/0/team_id", "itself"},
		"in a circle":     {c, []Overflow{{30, a.ID}}, "overflow_cycle", "overflow/0/team_id", "circle"},
		"no team":         {c, []Overflow{{30, "tem_none"}}, "unknown_team", "overflow/0/team_id", "no such team"},
		"not in order":    {a, []Overflow{{60, b.ID}, {60, c.ID}}, "invalid_overflow", "overflow/1/after_seconds", "later"},
		"more than a few": {a, make([]Overflow, maxOverflows+1), "invalid_overflow", "overflow", "at most"},
	} {
		var e *errs.Error
		if err := set(bad.team, bad.overflow...); !errors.As(err, &e) || e.Code != bad.code || e.Fields[0].Field != bad.in ||
			!strings.Contains(e.Text, bad.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := o.DeleteTeam(t.Context(), o.boss, b.ID, noCheck); err != nil {
		t.Fatal(err)
	}
	if err := set(c, Overflow{30, a.ID}); err == nil {
		t.Error("A still overflows to C")
	}
	if err := set(a); err != nil {
		t.Fatal(err)
	}
	if err := set(c, Overflow{30, a.ID}); err != nil {
		t.Errorf("no circle any more: %v", err)
	}
}
