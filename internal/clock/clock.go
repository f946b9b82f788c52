// Package clock is the time as Wasl sees it, injected so that tests decide what it is.
package clock

import "time"

// Clock tells the time. Tests of code that also waits use testing/synctest, where the system clock is a fake.
type Clock interface {
	Now() time.Time
}

// System is the machine's clock.
type System struct{}

// Now returns the present time in UTC with millisecond precision, as it is stored.
//
//nolint:forbidigo // the one place that asks the machine
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
