package pebble

import (
	"context"
	"fmt"
	"sync"

	pdb "github.com/cockroachdb/pebble/v2"

	"wasl/store"
)

// maxGroup bounds, in bytes, what one commit holds.
const maxGroup = 4 << 20

// committer makes writes durable, those that come while the disk is busy together: one batch, one sync.
type committer struct {
	mu      sync.Mutex
	waiting []*write
	wake    chan struct{}
	ended   chan struct{}
}

// write is a batch that was checked, with the locks that it keeps until it is durable.
type write struct {
	batch   *pdb.Batch
	changes []store.Change
	locks   []document
	done    chan error
}

func newCommitter() *committer {
	return &committer{wake: make(chan struct{}, 1), ended: make(chan struct{})}
}

func (c *committer) add(w *write) {
	c.mu.Lock()
	defer c.mu.Unlock() // also of the signal: once the write is taken from here, close may be called
	c.waiting = append(c.waiting, w)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// close ends the goroutine; nothing must be waiting or come.
func (c *committer) close() {
	close(c.wake)
	<-c.ended
}

// next takes what waits, as much as goes into one commit.
func (c *committer) next() (group []*write) {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := 0
	for n, w := range c.waiting {
		if size += w.batch.Len(); n > 0 && size > maxGroup {
			break
		}
		group = c.waiting[:n+1]
	}
	c.waiting = c.waiting[len(group):]
	if len(c.waiting) == 0 {
		c.waiting = nil
	}
	return group
}

func (e *Engine) commitRegularly() {
	defer close(e.committer.ended)
	for range e.committer.wake {
		for group := e.committer.next(); len(group) > 0; group = e.committer.next() {
			err := e.merged(group)
			for _, w := range group {
				e.remember(w.changes, err)
				e.locks.release(w.locks)
				e.locks.alone.RUnlock()
				w.batch.Close()
				w.done <- err
			}
		}
	}
}

// remember keeps what was replaced: it is likely to be used again soon.
func (e *Engine) remember(changes []store.Change, failed error) {
	for _, c := range changes {
		if c.Kind == store.Put || c.Kind == store.Remove {
			continue
		}
		var data []byte
		if c.Kind == store.Replace && failed == nil {
			data = c.Data
		}
		e.recent.set(document{c.Collection, c.ID}, data)
	}
}

// merged commits a group as one batch.
func (e *Engine) merged(group []*write) error {
	if len(group) == 1 {
		return commit(group[0].batch, pdb.Sync)
	}
	size := 0
	for _, w := range group {
		size += w.batch.Len()
	}
	whole := e.db.NewBatchWithSize(size)
	defer whole.Close()
	for _, w := range group {
		if err := whole.Apply(w.batch, nil); err != nil {
			return fmt.Errorf("fill the batch: %w", err)
		}
	}
	return commit(whole, pdb.Sync)
}

// submit checks changes in the caller's goroutine, under the locks of their documents, and hands them to the committer. ok is false where
// somebody writes alone: the caller is to wait for that in another way.
func (e *Engine) submit(ctx context.Context, changes []store.Change, down <-chan struct{}) (ok bool, err error) {
	which := documentsOf(changes)
	for n, d := range which {
		if err := e.locks.take(ctx, d, down); err != nil {
			e.locks.release(which[:n])
			return true, err
		}
	}
	if !e.locks.alone.TryRLock() {
		e.locks.release(which)
		return false, nil
	}
	w := &write{changes: changes, locks: which, done: make(chan error, 1)}
	err = e.ifOpen(func() (err error) {
		w.batch, err = e.fill(changes)
		return err
	})
	if err != nil {
		e.forget(which)
		e.locks.alone.RUnlock()
		e.locks.release(which)
		return true, err
	}
	e.committer.add(w)
	return true, finished(ctx, down, w.done)
}
