// Package limit bounds how often something may happen: the generic cell rate algorithm, in memory for one
// process and in Redis for several.
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
}

// Limiter says whether something may happen now; otherwise how long to wait.
type Limiter interface {
	Allow(ctx context.Context, key string, rate Rate) (ok bool, wait time.Duration, err error)
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
	at = at.Add(rate.Every)
	if wait := at.Sub(now) - rate.Every*time.Duration(max(1, rate.Burst)); wait > 0 {
		return false, wait, nil
	}
	m.next[key] = at
	return true, 0, nil
}

// Forget gives the key its whole allowance back.
func (m *Memory) Forget(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.next, key)
	return nil
}
