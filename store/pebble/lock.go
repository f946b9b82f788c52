package pebble

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"wasl/store"
)

// document names what a lock is held on.
type document struct{ collection, id string }

// checkpointLock is no document: one checkpoint at a time.
var checkpointLock = []document{{}}

// locks are held on single documents, so that a write waits only for writes of the same ones: a lock is kept until the
// disk has the write, and locks shared by several documents would line up writes that have nothing to do with one another.
type locks struct {
	mu      sync.Mutex
	waiting map[document][]chan struct{} // has an entry as long as the lock is held; closed channels hand it on
	alone   sync.RWMutex                 // held for writing by what must be the only one to write
}

// take waits for the lock of one document until it has it, or until one of the others gives a reason to stop.
func (l *locks) take(ctx context.Context, d document, down <-chan struct{}) error {
	l.mu.Lock()
	queue, held := l.waiting[d]
	if !held {
		l.waiting[d] = nil
		l.mu.Unlock()
		return nil
	}
	mine := make(chan struct{})
	l.waiting[d] = append(queue, mine)
	l.mu.Unlock()
	var err error
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-down:
		err = fmt.Errorf("%w: the disk failed", store.ErrUnavailable)
	}
	l.mu.Lock()
	at := slices.Index(l.waiting[d], mine)
	if at >= 0 {
		l.waiting[d] = slices.Delete(l.waiting[d], at, at+1)
	}
	l.mu.Unlock()
	if at < 0 { // it came at the same moment
		l.release([]document{d})
	}
	return err
}

// release hands each lock to whoever waited for it longest.
func (l *locks) release(held []document) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range held {
		queue := l.waiting[d]
		if len(queue) == 0 {
			delete(l.waiting, d)
			continue
		}
		l.waiting[d] = queue[1:]
		close(queue[0])
	}
}

// documentsOf names the locks of all documents that the changes touch, in the one order in which locks are taken.
func documentsOf(changes []store.Change) []document {
	which := make([]document, 0, len(changes))
	for _, c := range changes {
		if c.Kind != store.Put && c.Kind != store.Remove { // keys have no versions to check
			which = append(which, document{c.Collection, c.ID})
		}
	}
	slices.SortFunc(which, func(a, b document) int {
		return cmp.Or(cmp.Compare(a.collection, b.collection), cmp.Compare(a.id, b.id))
	})
	return which
}

// writing runs fn under the locks of these documents, beside other writes, if the engine is open.
func (e *Engine) writing(ctx context.Context, which []document, fn func() error) error {
	down, err := e.guard.state()
	if err != nil {
		return err
	}
	for n, d := range which {
		if err := e.locks.take(ctx, d, down); err != nil {
			e.locks.release(which[:n])
			return err
		}
	}
	return awaiting(ctx, down, func() error {
		defer e.locks.release(which)
		defer e.forget(which)
		e.locks.alone.RLock()
		defer e.locks.alone.RUnlock()
		return e.ifOpen(fn)
	})
}

// forget has documents read from the database again.
func (e *Engine) forget(which []document) {
	for _, d := range which {
		e.recent.set(d, nil)
	}
}

// writingAlone runs fn while nothing else is written.
func (e *Engine) writingAlone(ctx context.Context, fn func() error) error {
	down, err := e.guard.state()
	if err != nil {
		return err
	}
	return awaiting(ctx, down, func() error {
		e.locks.alone.Lock()
		defer e.locks.alone.Unlock()
		return fn()
	})
}

// ifOpen runs fn unless the engine was closed; Close waits until it has ended.
func (e *Engine) ifOpen(fn func() error) error {
	leave, err := e.enter()
	if err != nil {
		return err
	}
	leave()
	return fn()
}

// awaiting returns what fn does. When the disk fails meanwhile, or the caller gives up, it returns ErrUnavailable without
// waiting for fn, which may still succeed later and keeps its locks until it ends.
func awaiting(ctx context.Context, down <-chan struct{}, fn func() error) error {
	done := make(chan error, 1)
	go func() { done <- fn() }()
	return finished(ctx, down, done)
}

// finished waits for what comes first: the end, the caller's patience, the disk's.
func finished(ctx context.Context, down <-chan struct{}, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: gave up waiting for the disk: %w", store.ErrUnavailable, ctx.Err())
	case <-down:
		return fmt.Errorf("%w: the disk failed under a write", store.ErrUnavailable)
	}
}
