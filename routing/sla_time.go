package routing

import "time"

// farthest is how far ahead the end of a working time is looked for: hours of a few minutes a week never end a long one.
const farthest = 10 * 366 * 24 * time.Hour

// due is when a working time that begins at start has passed: the first such moment. Without a calendar it is worked all the time. It is
// zero where that is not within ten years.
func due(c *calendar, start time.Time, worked time.Duration) time.Time {
	if c == nil || worked <= 0 {
		return start.Add(max(worked, 0))
	}
	var end time.Time
	c.walk(start, start.Add(farthest), func(from, to time.Time) bool {
		if left := to.Sub(from); left < worked {
			worked -= left
			return true
		}
		end = from.Add(worked)
		return false
	})
	return end
}

// elapsed is the working time between two times.
func elapsed(c *calendar, from, to time.Time) (worked time.Duration) {
	if !to.After(from) {
		return 0
	}
	if c == nil {
		return to.Sub(from)
	}
	c.walk(from, to, func(from, to time.Time) bool {
		worked += to.Sub(from)
		return true
	})
	return worked
}

const daySeconds = 24 * 60 * 60

// walk calls fn for the stretches between two times at which it is worked, in their order, until it answers false. Between midnights and
// changes of the clocks the wall clock goes as time does, so each such part is a matter of arithmetic.
func (c *calendar) walk(from, to time.Time, fn func(from, to time.Time) bool) {
	for at := from; at.Before(to); {
		local := at.In(c.zone)
		_, offset := local.Zone()
		wall := at.Unix() + int64(offset)
		midnight := wall - (wall%daySeconds+daySeconds)%daySeconds
		begins := time.Unix(midnight-int64(offset), 0)
		ends := begins.Add(daySeconds * time.Second)
		if _, change := local.ZoneBounds(); !change.IsZero() && change.Before(ends) {
			ends = change
		}
		if ends.After(to) {
			ends = to
		}
		for _, s := range c.spansOn(local) {
			first, last := begins.Add(time.Duration(s.from)*time.Minute), begins.Add(time.Duration(s.to)*time.Minute)
			if first.Before(at) {
				first = at
			}
			if last.After(ends) {
				last = ends
			}
			if first.Before(last) && !fn(first.UTC(), last.UTC()) {
				return
			}
		}
		at = ends
	}
}
