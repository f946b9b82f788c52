package routing

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // the zones, on machines that have none

	"wasl/internal/errs"
	"wasl/store"
)

// Hours are when a business, or somebody, works: by the wall clock of a zone, so that they move when the clocks are changed. An hour that
// comes twice is worked twice, one that is left out is not.
type Hours struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string       `bson:"workspace_id"`
	Name        string       `bson:"name"`
	Zone        string       `bson:"zone"` // of the IANA database
	Week        [][][]string `bson:"week"` // the days from Sunday, each of spans such as "09:00", "17:00"
	Holidays    []Holiday    `bson:"holidays"`
}

// Holiday is a day on which other hours hold.
type Holiday struct {
	Date string     `bson:"date" json:"date" doc:"2026-12-25, by the hours' zone"`
	Name string     `bson:"name" json:"name" maxLength:"120"`
	Open [][]string `bson:"open,omitempty" json:"open,omitempty" doc:"When it is worked all the same; missing: not at all"`
}

var hoursSchema = store.Schema{Name: "business_hours", Indexes: []store.Index{
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("name")}},
}}

const (
	maxHours    = 50  // of a workspace
	maxHolidays = 400 // of hours
	maxSpans    = 10  // of a day
	daysOfWeek  = 7
	dayMinutes  = 24 * 60
	// lookAhead is how far the next opening is looked for.
	lookAhead = 15 * 24 * time.Hour
)

// span is a part of a day, in minutes since its midnight by the wall clock.
type span struct{ from, to int }

// clockMinutes reads "09:00", up to "24:00".
func clockMinutes(clock string) (minutes int, ok bool) {
	var h, m int
	if n, err := fmt.Sscanf(clock, "%d:%d", &h, &m); n != 2 || err != nil || fmt.Sprintf("%02d:%02d", h, m) != clock || m > 59 {
		return 0, false
	}
	minutes = h*60 + m
	return minutes, minutes <= dayMinutes
}

// spansOf reads the spans of a day, which follow one another.
func spansOf(written [][]string, field string) (spans []span, err error) {
	last := -1
	for _, s := range written {
		if len(s) == 2 && len(written) <= maxSpans {
			from, ok := clockMinutes(s[0])
			to, ok2 := clockMinutes(s[1])
			if ok && ok2 && from < to && from > last {
				spans, last = append(spans, span{from, to}), to
				continue
			}
		}
		return nil, errs.InvalidField("invalid_hours", field, `spans one after the other, such as ["09:00","17:00"], up to "24:00"`)
	}
	return spans, nil
}

// calendar is hours made ready to be asked.
type calendar struct {
	zone *time.Location
	week [daysOfWeek][]span
	days map[string][]span // the holidays, by date
}

// calendar reads the hours. Its error says what is wrong with them.
func (h *Hours) calendar() (*calendar, error) {
	c := &calendar{days: make(map[string][]span, len(h.Holidays))}
	var err error
	if c.zone, err = time.LoadLocation(h.Zone); err != nil || h.Zone == "" || h.Zone == "Local" {
		return nil, errs.InvalidField("unknown_zone", "zone", "a zone of the IANA database, such as Asia/Jerusalem")
	}
	if len(h.Week) != daysOfWeek {
		return nil, errs.InvalidField("invalid_hours", "week", "seven days from Sunday")
	}
	for n, written := range h.Week {
		if c.week[n], err = spansOf(written, fmt.Sprintf("week/%d", n)); err != nil {
			return nil, err
		}
	}
	if len(h.Holidays) > maxHolidays {
		return nil, errs.InvalidField("invalid_hours", "holidays", fmt.Sprintf("at most %d holidays", maxHolidays))
	}
	for n, d := range h.Holidays {
		field := fmt.Sprintf("holidays/%d", n)
		_, twice := c.days[d.Date]
		if _, err := time.Parse(time.DateOnly, d.Date); err != nil || twice {
			return nil, errs.InvalidField("invalid_hours", field+"/date", "a date such as 2026-12-25, each once")
		}
		if c.days[d.Date], err = spansOf(d.Open, field+"/open"); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// spansOn are the hours of the day of a time by the zone's clock.
func (c *calendar) spansOn(local time.Time) []span {
	if len(c.days) > 0 {
		if holiday, is := c.days[local.Format(time.DateOnly)]; is {
			return holiday
		}
	}
	return c.week[local.Weekday()]
}

// open reports whether it is worked at a time.
func (c *calendar) open(at time.Time) bool {
	local := at.In(c.zone)
	minute := local.Hour()*60 + local.Minute()
	return slices.ContainsFunc(c.spansOn(local), func(s span) bool { return s.from <= minute && minute < s.to })
}

// opens is when it is next worked after a time at which it is not; zero: not soon.
func (c *calendar) opens(after time.Time) time.Time {
	end := after.Add(lookAhead)
	for at := after.Truncate(time.Minute).Add(time.Minute); at.Before(end); at = at.Add(time.Minute) {
		if c.open(at) {
			return at
		}
	}
	return time.Time{}
}
