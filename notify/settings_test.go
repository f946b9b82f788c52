package notify

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones, on machines that have none
)

// Quiet hours go by the wall clock of their zone: across midnight they belong to the day on which they began, and where the clocks are
// changed they begin and end when the clock on the wall says so.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	night := &Quiet{From: "22:00", To: "07:00", Zone: "Asia/Jerusalem"}
	weekend := &Quiet{From: "22:00", To: "07:00", Zone: "Asia/Jerusalem", Days: []int{5}} // begins on Fridays
	noon := &Quiet{From: "12:00", To: "13:30", Zone: "Asia/Jerusalem", Days: []int{0}}
	small := &Quiet{From: "01:30", To: "02:30", Zone: "Europe/Berlin"}
	for _, c := range []struct {
		quiet *Quiet
		at    string
		want  bool
	}{
		{nil, "2026-01-10T20:00:00Z", false},
		{night, "2026-01-10T19:59:59Z", false}, // 21:59:59 in Jerusalem
		{night, "2026-01-10T20:00:00Z", true},
		{night, "2026-01-10T22:00:00Z", true}, // midnight
		{night, "2026-01-11T04:59:59Z", true},
		{night, "2026-01-11T05:00:00Z", false}, // 07:00
		{night, "2026-07-10T19:00:00Z", true},  // 22:00 in summer
		{night, "2026-07-11T04:00:00Z", false}, // 07:00 in summer
		{weekend, "2026-01-09T19:59:00Z", false},
		{weekend, "2026-01-09T20:00:00Z", true},  // Friday evening
		{weekend, "2026-01-10T03:00:00Z", true},  // the morning after
		{weekend, "2026-01-10T20:00:00Z", false}, // Saturday evening
		{weekend, "2026-01-09T03:00:00Z", false}, // the morning of Friday belongs to Thursday
		{noon, "2026-01-11T10:00:00Z", true},     // Sunday at 12:00
		{noon, "2026-01-11T11:30:00Z", false},
		{noon, "2026-01-12T10:00:00Z", false},
		{small, "2026-03-29T00:30:00Z", true},  // 01:30, before the hour from 2 to 3 is left out
		{small, "2026-03-29T01:00:00Z", false}, // 03:00
		{small, "2026-10-25T00:15:00Z", true},  // 02:15 in summer
		{small, "2026-10-25T00:45:00Z", false}, // 02:45 in summer
		{small, "2026-10-25T01:15:00Z", true},  // 02:15 once more
		{small, "2026-10-25T01:45:00Z", false},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.quiet.holds(at); got != c.want {
			t.Errorf("%+v at %s: %v", c.quiet, c.at, got)
		}
	}
}
