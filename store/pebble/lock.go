package pebble

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"wasl/store"
)

// Documents share this many locks; one more is for checkpoints.
const (
	stripes        = 1024
	checkpointLock = stripes
)

// everything names all locks.
var everything = func() []int {
	all := make([]int, stripes+1)
	for i := range all {
		all[i] = i
	}
	return all
}()

var seed = maphash.MakeSeed()

// locks are mutexes that can be waited for together with other things.
type locks []chan struct{}

func newLocks() locks {
	l := make(locks, stripes+1)
	for i := range l {
		l[i] = make(chan struct{}, 1)
	}
	return l
}

func (l locks) release(which []int) {
	for _, i := range which {
		<-l[i]
	}
}

// stripesOf names the locks of all documents that the changes touch, in the one order in which locks are taken.
func stripesOf(changes []store.Change) []int {
	which := make([]int, len(changes))
	for i, c := range changes {
		which[i] = int(maphash.Comparable(seed, [2]string{c.Collection, c.ID}) % stripes)
	}
	slices.Sort(which)
	return slices.Compact(which)
}

// writing is whileHolding for an engine that is open.
func (e *Engine) writing(ctx context.Context, which []int, fn func() error) error {
	return e.whileHolding(ctx, which, func() error {
		leave, err := e.enter()
		if err != nil {
			return err
		}
		leave() // Close waits for the locks that we hold
		return fn()
	})
}

// whileHolding runs fn under the locks. When the disk fails meanwhile, or the caller gives up, it returns ErrUnavailable
// without waiting for fn, which may still succeed later and keeps the locks until it ends.
func (e *Engine) whileHolding(ctx context.Context, which []int, fn func() error) error {
	down, err := e.guard.state()
	if err != nil {
		return err
	}
	for n, i := range which {
		select {
		case e.locks[i] <- struct{}{}:
			continue
		case <-ctx.Done():
			err = ctx.Err()
		case <-down:
			err = fmt.Errorf("%w: the disk failed", store.ErrUnavailable)
		}
		e.locks.release(which[:n])
		return err
	}
	done := make(chan error, 1)
	go func() {
		err := fn()
		e.locks.release(which)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: gave up waiting for the disk: %w", store.ErrUnavailable, ctx.Err())
	case <-down:
		return fmt.Errorf("%w: the disk failed under a write", store.ErrUnavailable)
	}
}
