package routing

import (
	"testing"
	"time"

	"wasl/auth"
	"wasl/internal/errs"
	"wasl/store"
)

func week(spans ...[]string) [][][]string {
	days := make([][][]string, daysOfWeek)
	for n := range days {
		days[n] = spans
	}
	return days
}

func when(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// Hours follow the wall clock of their zone through changes of the clocks and holidays, a holiday on such a day included.
func TestHoursFollowTheWallClock(t *testing.T) {
	t.Parallel()
	morning := Hours{Zone: "Asia/Jerusalem", Week: week([]string{"09:00", "17:00"}), Holidays: []Holiday{
		{Date: "2026-03-27", Name: "the clocks go forward", Open: [][]string{{"10:00", "12:00"}}},
		{Date: "2026-04-02", Name: "Passover"},
	}}
	night := Hours{Zone: "Asia/Jerusalem", Week: week([]string{"01:30", "02:30"})}
	for _, c := range []struct {
		name  string
		h     Hours
		at    string // in UTC
		open  bool
		opens string // where it is closed
	}{
		{"in winter", morning, "2026-01-04T07:00:00Z", true, ""},
		{"in winter, before", morning, "2026-01-04T06:59:59Z", false, "2026-01-04T07:00:00Z"},
		{"in summer an hour earlier", morning, "2026-07-05T06:00:00Z", true, ""},
		{"at the end", morning, "2026-07-05T14:00:00Z", false, "2026-07-06T06:00:00Z"},
		{"a holiday on the day of the change", morning, "2026-03-27T06:30:00Z", false, "2026-03-27T07:00:00Z"},
		{"within its own hours", morning, "2026-03-27T08:59:00Z", true, ""},
		{"after them", morning, "2026-03-27T09:00:00Z", false, "2026-03-28T06:00:00Z"},
		{"a holiday", morning, "2026-04-02T08:00:00Z", false, "2026-04-03T06:00:00Z"},
		// at 02:00 it becomes 03:00: 01:30 to 02:00 is what is left
		{"the hour that is left out: before", night, "2026-03-26T23:45:00Z", true, ""},
		{"the hour that is left out: after", night, "2026-03-27T00:00:00Z", false, "2026-03-27T22:30:00Z"},
		// at 02:00 it becomes 01:00: 01:30 to 02:00 comes twice
		{"the hour that comes twice: first", night, "2026-10-24T22:45:00Z", true, ""},
		{"the hour that comes twice: between", night, "2026-10-24T23:15:00Z", false, "2026-10-24T23:30:00Z"},
		{"the hour that comes twice: again", night, "2026-10-25T00:10:00Z", true, ""},
	} {
		cal, err := c.h.calendar()
		if err != nil {
			t.Fatal(err)
		}
		at := when(t, c.at)
		if got := cal.open(at); got != c.open {
			t.Errorf("%s: open is %v", c.name, got)
		}
		if !c.open {
			if got := cal.opens(at); !got.Equal(when(t, c.opens)) {
				t.Errorf("%s: opens at %s", c.name, got)
			}
		}
	}
	never, _ := (&Hours{Zone: "UTC", Week: week()}).calendar()
	if got := never.opens(testTime); !got.IsZero() {
		t.Errorf("never worked, but it opens at %s", got)
	}
}

// What cannot be hours is refused with the place.
func TestBadHours(t *testing.T) {
	t.Parallel()
	good := week([]string{"09:00", "17:00"})
	for _, c := range []struct {
		h     Hours
		field string
	}{
		{Hours{Zone: "Asia/Nowhere", Week: good}, "zone"},
		{Hours{Zone: "Local", Week: good}, "zone"},
		{Hours{Zone: "UTC", Week: good[:6]}, "week"},
		{Hours{Zone: "UTC", Week: week([]string{"17:00", "09:00"})}, "week/0"},
		{Hours{Zone: "UTC", Week: week([]string{"09:00", "12:00"}, []string{"11:00", "14:00"})}, "week/0"},
		{Hours{Zone: "UTC", Week: week([]string{"9:00", "12:00"})}, "week/0"},
		{Hours{Zone: "UTC", Week: week([]string{"09:00"})}, "week/0"},
		{Hours{Zone: "UTC", Week: week([]string{"20:00", "24:01"})}, "week/0"},
		{Hours{Zone: "UTC", Week: good, Holidays: []Holiday{{Date: "2026-02-30"}}}, "holidays/0/date"},
		{Hours{Zone: "UTC", Week: good, Holidays: []Holiday{{Date: "2026-02-01"}, {Date: "2026-02-01"}}}, "holidays/1/date"},
	} {
		_, err := c.h.calendar()
		e, is := err.(*errs.Error) //nolint:errorlint // it is made there
		if !is || e.Fields[0].Field != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
	}
}

// Who is there outside their hours is given nothing, and what waits is theirs when they begin.
func TestWorkingHours(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) { // it begins at 09:00 in UTC
		p := w.boot(true)
		w.staff("ann")
		team := p.team("Support", auth.WorkEdit{}, "ann")
		h := &Hours{Meta: store.Meta{ID: "hrs_1"}, WorkspaceID: "w", Zone: "UTC", Week: week([]string{"10:00", "11:00"})}
		w.ok(w.disk.Write(t.Context(), p.hours.Insert(h)))
		_, err := p.ChangeProfile(t.Context(), p.boss, "usr_ann", ProfileEdit{HoursID: ptr("hrs_1")})
		w.ok(err)
		p.arrive("ann")
		id := p.waiting(team, "none")
		settle(59 * time.Minute)
		if p.has(id) != "" {
			t.Fatalf("%q has it before her hours", p.has(id))
		}
		settle(time.Minute + time.Second)
		if p.has(id) != "ann" {
			t.Fatalf("%q has it a second after they began", p.has(id))
		}
		settle(time.Hour)
		late := p.waiting(team, "none")
		if p.has(late) != "" || p.has(id) != "ann" {
			t.Errorf("after her hours %q and %q have them", p.has(late), p.has(id))
		}
		if _, err := p.ChangeProfile(t.Context(), p.boss, "usr_ann", ProfileEdit{HoursID: ptr("hrs_2")}); code(err) != "unknown_hours" {
			t.Errorf("hours that there are not: %v", err)
		}
	})
}

// Outside a team's hours nobody is given its work, but who gets it by overflow of a team that works; what waits is given when they begin.
func TestTeamHours(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) { // it begins at 09:00 in UTC
		p := w.boot(true)
		w.staff("ann", "ben")
		h := &Hours{Meta: store.Meta{ID: "hrs_1"}, WorkspaceID: "w", Zone: "UTC", Week: week([]string{"10:00", "11:00"})}
		w.ok(w.disk.Write(t.Context(), p.hours.Insert(h)))
		late := p.team("Night", auth.WorkEdit{}, "ben")
		team := p.team("Support", auth.WorkEdit{
			HoursID: ptr("hrs_1"), Overflow: &[]auth.Overflow{{AfterSeconds: 600, TeamID: late.ID}},
		}, "ann")
		p.arrive("ann")
		id := p.waiting(team, "none")
		settle(59 * time.Minute)
		if p.has(id) != "" {
			t.Fatalf("%q has it before the team's hours", p.has(id))
		}
		settle(time.Minute + time.Second)
		if p.has(id) != "ann" {
			t.Fatalf("%q has it a second after they began", p.has(id))
		}
		settle(time.Hour)
		p.arrive("ben")
		over := p.waiting(team, "none")
		settle(599 * time.Second)
		if p.has(over) != "" {
			t.Errorf("after the hours %q has it", p.has(over))
		}
		settle(2 * time.Second)
		if p.has(over) != "ben" {
			t.Errorf("after it overflowed %q has it", p.has(over))
		}
		_, err := p.Users.ChangeTeam(t.Context(), p.boss, team.ID, func(int64) error { return nil },
			auth.TeamEdit{WorkEdit: auth.WorkEdit{HoursID: ptr("hrs_2")}})
		if code(err) != "unknown_hours" {
			t.Errorf("hours that there are not: %v", err)
		}
	})
}
