package routing

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// zones of many kinds: clocks that change at midnight, by half an hour, on a date line that moved, never.
var zones = []string{
	"UTC", "Asia/Jerusalem", "America/New_York", "Europe/Berlin", "Asia/Beirut", "Africa/Cairo", "America/Sao_Paulo", "Australia/Lord_Howe",
	"Asia/Kathmandu", "Pacific/Apia", "America/Havana",
}

// drawCalendar makes hours with holidays near a time.
func drawCalendar(t *rapid.T, near time.Time) *calendar {
	spans := func(name string) (written [][]string) {
		last := 0
		for range rapid.IntRange(0, 3).Draw(t, name+": spans") {
			if last >= dayMinutes-1 {
				break
			}
			from := rapid.IntRange(last, dayMinutes-1).Draw(t, name+": from")
			to := rapid.IntRange(from+1, dayMinutes).Draw(t, name+": to")
			written = append(written, []string{clockText(from), clockText(to)})
			last = to + 1
		}
		return written
	}
	h := Hours{Zone: rapid.SampledFrom(zones).Draw(t, "zone")}
	for n := range daysOfWeek {
		h.Week = append(h.Week, spans(fmt.Sprint("day ", n)))
	}
	known := map[string]bool{}
	for range rapid.IntRange(0, 3).Draw(t, "holidays") {
		date := near.AddDate(0, 0, rapid.IntRange(-1, 6).Draw(t, "holiday")).Format(time.DateOnly)
		if !known[date] {
			known[date] = true
			h.Holidays = append(h.Holidays, Holiday{Date: date, Open: spans(date)})
		}
	}
	c, err := h.calendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func clockText(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// clockChanges are days around which clocks are changed somewhere.
var clockChanges = []string{
	"2026-03-27", "2026-10-25", "2026-03-08", "2026-11-01", "2026-03-29", "2018-11-04", "2018-02-17", "2026-04-05", "2026-10-04",
	"2011-12-29",
	"2026-04-24", "2026-10-30", "2026-06-15",
}

// A working time ends when as many minutes have been worked as it has, counted one by one, and not a moment earlier: in any zone, over
// holidays and changes of the clocks; and between its beginning and its end that much is worked.
func TestBusinessTimeIsThatOfAClockThatCountsMinutes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day, err := time.Parse(time.DateOnly, rapid.SampledFrom(clockChanges).Draw(t, "day"))
		if err != nil {
			t.Fatal(err)
		}
		c := drawCalendar(t, day)
		start := day.Add(time.Duration(rapid.IntRange(-dayMinutes, dayMinutes).Draw(t, "start")) * time.Minute)
		minutes := rapid.IntRange(1, 3*dayMinutes).Draw(t, "minutes")
		at, left := start, minutes
		for ; left > 0 && at.Sub(start) < 8*24*time.Hour; at = at.Add(time.Minute) {
			if c.open(at) {
				left--
			}
		}
		if got := elapsed(c, start, at); got != time.Duration(minutes-left)*time.Minute {
			t.Fatalf("from %s to %s %s are worked instead of %d minutes", start, at, got, minutes-left)
		}
		worked := time.Duration(minutes-left) * time.Minute
		end := due(c, start, worked)
		if left == 0 && !end.Equal(at) {
			t.Fatalf("%d minutes from %s end at %s instead of %s", minutes, start, end, at)
		}
		if end.After(at) {
			t.Fatalf("%d minutes from %s end at %s, after %s", minutes-left, start, end, at)
		}
		if worked > 0 {
			if got := elapsed(c, start, end.Add(-time.Millisecond)); got != worked-time.Millisecond {
				t.Fatalf("a millisecond before the end %s of %s are worked", got, worked)
			}
		}
		middle := start.Add(time.Duration(rapid.Int64Range(0, at.Sub(start).Milliseconds()).Draw(t, "middle")) * time.Millisecond)
		if got := elapsed(c, start, middle) + elapsed(c, middle, at); got != worked {
			t.Fatalf("in two parts %s are worked instead of %s", got, worked)
		}
		if got := due(c, middle, worked-elapsed(c, start, middle)); worked > elapsed(c, start, middle) && !got.Equal(end) {
			t.Fatalf("what is left at %s ends at %s instead of %s", middle, got, end)
		}
	})
}

// Working times around changes of the clocks and holidays, worked out by hand.
func TestBusinessTimeEnds(t *testing.T) {
	t.Parallel()
	office := Hours{Zone: "Asia/Jerusalem", Week: week([]string{"09:00", "17:00"}), Holidays: []Holiday{
		{Date: "2026-03-27", Name: "the clocks go forward", Open: [][]string{{"10:00", "12:00"}}},
		{Date: "2026-04-02", Name: "Passover"},
	}}
	night := Hours{Zone: "Asia/Jerusalem", Week: week([]string{"00:00", "24:00"})}
	never := Hours{Zone: "UTC", Week: week()}
	for _, c := range []struct {
		name, start string
		hours       *Hours
		minutes     int
		end         string
	}{
		{"round the clock", "2026-03-26T22:00:00Z", nil, 90, "2026-03-26T23:30:00Z"},
		{"within a day", "2026-01-04T07:30:00Z", &office, 60, "2026-01-04T08:30:00Z"},
		{"up to the end of a day", "2026-01-04T14:00:00Z", &office, 60, "2026-01-04T15:00:00Z"},
		{"over a night", "2026-01-04T14:30:00Z", &office, 60, "2026-01-05T07:30:00Z"},
		{"begun while it is closed", "2026-01-04T20:00:00Z", &office, 60, "2026-01-05T08:00:00Z"},
		{"over a holiday with hours of its own, on the day of the change", "2026-03-26T14:30:00Z", &office, 120, "2026-03-27T08:30:00Z"},
		{"over a holiday", "2026-04-01T13:30:00Z", &office, 60, "2026-04-03T06:30:00Z"},
		{"a day of 23 hours", "2026-03-26T22:00:00Z", &night, dayMinutes, "2026-03-27T22:00:00Z"},
		{"a day of 25 hours", "2026-10-24T21:00:00Z", &night, 25 * 60, "2026-10-25T22:00:00Z"},
		{"never", "2026-01-04T07:30:00Z", &never, 1, "0001-01-01T00:00:00Z"},
	} {
		var cal *calendar
		if c.hours != nil {
			var err error
			if cal, err = c.hours.calendar(); err != nil {
				t.Fatal(err)
			}
		}
		if got := due(cal, when(t, c.start), time.Duration(c.minutes)*time.Minute); !got.Equal(when(t, c.end)) {
			t.Errorf("%s: ends at %s instead of %s", c.name, got.UTC(), c.end)
		}
	}
}
