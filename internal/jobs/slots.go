package jobs

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"wasl/store"
)

// slots bounds what runs at the same time. Those who wait get the next free slot in turn: workspace by workspace, and within a
// workspace share by share. One share holds at most half of the slots and a workspace at most three quarters, so that slow work
// of one leaves room for the others.
type slots struct {
	mu           sync.Mutex
	free         int
	perShare     int
	perWorkspace int
	workspaces   map[string]*claimant // those that hold or wait
	turn         []*claimant          // those of them that wait, the next first
}

// claimant is a workspace, or a share within one.
type claimant struct {
	name    string
	of      *claimant            // of a share: its workspace
	held    int                  // slots
	shares  map[string]*claimant // of a workspace: those that hold or wait
	turn    []*claimant          // of a workspace: its shares that wait, the next first
	waiting []*waiter            // of a share, the first first
}

// waiter waits for a slot; its fields are under the mutex of the slots.
type waiter struct {
	granted chan struct{}
	gone    bool
}

func newSlots(n int) *slots {
	return &slots{free: n, perShare: max(1, n/2), perWorkspace: max(1, n*3/4), workspaces: map[string]*claimant{}}
}

// acquire waits for a slot, at most as long as ctx, and returns what gives it back.
func (s *slots) acquire(ctx context.Context, workspace, share string) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, noSlot(err)
	}
	s.mu.Lock()
	c := s.claimant(workspace, share)
	if s.free > 0 && len(c.waiting) == 0 && s.may(c) {
		s.take(c)
		s.mu.Unlock()
		return func() { s.release(c) }, nil
	}
	w := &waiter{granted: make(chan struct{})}
	if len(c.waiting) == 0 {
		if len(c.of.turn) == 0 {
			s.turn = append(s.turn, c.of)
		}
		c.of.turn = append(c.of.turn, c)
	}
	c.waiting = append(c.waiting, w)
	s.mu.Unlock()
	select {
	case <-w.granted:
		return func() { s.release(c) }, nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-w.granted: // at the same moment
		s.give(c)
	default:
		w.gone = true
	}
	return nil, noSlot(ctx.Err())
}

func noSlot(cause error) error {
	return fmt.Errorf("%w: no slot was free: %w", store.ErrUnavailable, cause)
}

func (s *slots) claimant(workspace, share string) *claimant {
	w := s.workspaces[workspace]
	if w == nil {
		w = &claimant{name: workspace, shares: map[string]*claimant{}}
		s.workspaces[workspace] = w
	}
	c := w.shares[share]
	if c == nil {
		c = &claimant{name: share, of: w}
		w.shares[share] = c
	}
	return c
}

func (s *slots) may(c *claimant) bool { return c.held < s.perShare && c.of.held < s.perWorkspace }

func (s *slots) take(c *claimant) {
	s.free--
	c.held++
	c.of.held++
}

func (s *slots) release(c *claimant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give(c)
}

// give puts a slot back and hands the free ones on.
func (s *slots) give(c *claimant) {
	s.free++
	c.held--
	c.of.held--
	for s.free > 0 && s.grant() {
	}
	s.forget(c)
}

// grant hands a slot to the next who waits and may have one.
func (s *slots) grant() bool {
	for i, w := range s.turn {
		for k, c := range w.turn {
			if !s.may(c) {
				continue
			}
			next := c.pop()
			w.turn = slices.Delete(w.turn, k, k+1)
			if len(c.waiting) > 0 {
				w.turn = append(w.turn, c)
			}
			s.turn = slices.Delete(s.turn, i, i+1)
			if len(w.turn) > 0 {
				s.turn = append(s.turn, w)
			}
			if next == nil {
				s.forget(c)
			} else {
				s.take(c)
				close(next.granted)
			}
			return true
		}
	}
	return false
}

// pop takes the first that still waits; nil where all went.
func (c *claimant) pop() *waiter {
	for len(c.waiting) > 0 {
		w := c.waiting[0]
		c.waiting = c.waiting[1:]
		if !w.gone {
			return w
		}
	}
	return nil
}

// forget drops who neither holds nor waits.
func (s *slots) forget(c *claimant) {
	if c.held == 0 && len(c.waiting) == 0 {
		delete(c.of.shares, c.name)
	}
	if len(c.of.shares) == 0 {
		delete(s.workspaces, c.of.name)
	}
}
