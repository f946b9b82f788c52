// Package limit bounds how often something may happen: the generic cell rate algorithm, in memory for one
// process and in Redis for several. Both answer alike, reserve times, and count one key by several rates, which no library of either does.
package limit

import (
	"context"
	"sync"
	"time"

	"wasl/internal/clock"
)

// Rate allows one happening Every so often after a Burst.
type Rate struct {
	Every time.Duration
	Burst int
	times int // as how many a happening counts; 0: one
}

// Times returns the rate for what counts as n happenings, which is at most the burst.
func (r Rate) Times(n int) Rate {
	r.times = n
	return r
}

// cost is how long the allowance takes to come back that one happening takes, room how long all of it does.
func (r Rate) cost() time.Duration { return r.Every * time.Duration(max(1, r.times)) }
func (r Rate) room() time.Duration { return r.Every * time.Duration(max(1, r.Burst)) }

// Peek returns a rate that asks whether something may happen now, and takes next to nothing.
func (r Rate) Peek() Rate {
	return Rate{Every: time.Microsecond, Burst: int(r.Every/time.Microsecond) * r.Burst}
}

// Limiter says whether something may happen now, or when. What is allowed and what is reserved counts together.
type Limiter interface {
	Allow(ctx context.Context, key string, rate Rate) (ok bool, wait time.Duration, err error)
	// Reserve takes the next free time of the key for one happening and returns it: now, or later.
	Reserve(ctx context.Context, key string, rate Rate) (at time.Time, err error)
	// Forget gives the key its whole allowance back.
	Forget(ctx context.Context, key string) error
}

// Memory is the limiter of a single process.
type Memory struct {
	clock clock.Clock
	mu    sync.Mutex
	next  map[string]time.Time // the theoretical arrival time of each key
	swept time.Time
}

// NewMemory returns an empty limiter.
func NewMemory(c clock.Clock) *Memory {
	return &Memory{clock: c, next: map[string]time.Time{}, swept: c.Now()}
}

// Allow takes one of the key's allowance where there is any.
func (m *Memory) Allow(_ context.Context, key string, rate Rate) (bool, time.Duration, error) {
	wait := m.take(key, rate, false)
	return wait == 0, wait, nil
}

// Reserve takes the next free time of the key.
func (m *Memory) Reserve(_ context.Context, key string, rate Rate) (time.Time, error) {
	return m.clock.Now().Add(m.take(key, rate, true)), nil
}

// take takes one of the key's allowance if there is any now or if it is to be reserved, and returns how long to wait for it.
func (m *Memory) take(key string, rate Rate, reserve bool) time.Duration {
	now := m.clock.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.swept) > time.Minute {
		m.swept = now
		for k, t := range m.next {
			if t.Before(now) {
				delete(m.next, k)
			}
		}
	}
	at := m.next[key]
	if at.Before(now) {
		at = now
	}
	at = at.Add(rate.cost())
	wait := max(0, at.Sub(now)-rate.room())
	if wait == 0 || reserve {
		m.next[key] = at
	}
	return wait
}

// Forget gives the key its whole allowance back.
func (m *Memory) Forget(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.next, key)
	return nil
}
