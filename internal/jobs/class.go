package jobs

import (
	"sync/atomic"
	"time"
)

// Class is a sort of work with slots of its own.
type Class string

// The classes.
const (
	Inbound Class = "inbound" // what providers tell us: somebody waits for it
	Send    Class = "send"    // what providers are told
	Media   Class = "media"   // files on their way, which may take minutes
	Timer   Class = "timer"   // what people set a time for
	React   Class = "react"   // what follows from events
	Bulk    Class = "bulk"    // what nobody waits for
)

const (
	// deadline is how long a task may take.
	deadline      = 25 * time.Second
	mediaDeadline = 5 * time.Minute
	// leaseMargin makes the lease longer than the deadline, so that a slow task has ended before another instance may begin.
	leaseMargin = 5 * time.Second
	lease       = deadline + leaseMargin
)

const (
	// backlog is how many jobs of a class may be under way here before new ones are left to whoever has time.
	backlog = 20000
	// eager is how many of a class may be under way here before one that somebody waits for is stored first.
	eager = 512
)

// class is what the runner knows of a class.
type class struct {
	name     Class
	slots    *slots
	deadline time.Duration
	active   atomic.Int64 // jobs under way here
	woken    atomic.Bool  // some of it is due, or about to be
}

func newClasses() map[Class]*class {
	out := map[Class]*class{}
	for _, c := range []struct {
		name     Class
		slots    int
		deadline time.Duration
	}{{Inbound, 256, deadline}, {Send, 256, deadline}, {Media, 32, mediaDeadline}, {Timer, 64, deadline}, {React, 64, deadline}, {
		Bulk, 16,
		deadline,
	}} {
		out[c.name] = &class{name: c.name, slots: newSlots(c.slots), deadline: c.deadline}
	}
	return out
}

// lease is how long a job belongs to the instance that took it.
func (c *class) lease() time.Duration { return c.deadline + leaseMargin }
