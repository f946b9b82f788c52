package events

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

const (
	// settleAfter is how long a stored batch may wait for the process that took it before another does.
	settleAfter = 10 * time.Second
	// retryEvery is how often a stream that is down is tried again.
	retryEvery = 250 * time.Millisecond
	// maxWaiting bounds how many batches are known to wait for the stream; the rest is found in the store.
	maxWaiting = 1 << 16
	// removeAtOnce is how many batches one write removes.
	removeAtOnce = 256
)

// outbox is what the bus knows of the batches that this process took upon itself.
type outbox struct {
	mu      sync.Mutex
	mine    map[string]struct{} // ids of those being written, waiting, or settled and not yet removed
	late    map[string][]*batch // by workspace, what the stream did not take: its clients load anew instead
	waiting int                 // how many of these there are
	settled []*batch            // handed on, to be removed
	doubts  []doubt             // writes of which no batch will tell whether they were done
	done    chan struct{}       // something settled
	down    chan struct{}       // something waits
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (o *outbox) begin(stored *batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mine[stored.ID] = struct{}{}
}

func (o *outbox) giveUp(stored *batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.mine, stored.ID)
}

// doubt is a write that nobody knows to be done, or still under way.
type doubt struct {
	workspaceID string
	of          store.Change
}

func (o *outbox) doubt(workspaceID string, of store.Change) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.doubts = append(o.doubts, doubt{workspaceID, of})
	notify(o.down)
}

// settleDoubts waits until the writes in doubt have ended and notes that their events may be missing. It reports whether none is left.
func (b *Bus) settleDoubts(ctx context.Context) bool {
	o := &b.outbox
	for {
		o.mu.Lock()
		if len(o.doubts) == 0 {
			o.mu.Unlock()
			return true
		}
		first := o.doubts[0]
		o.mu.Unlock()
		// No document has this version: the store only says so after what it was doing with the document.
		nothing := store.Change{Kind: store.Delete, Collection: first.of.Collection, ID: first.of.ID, Version: -1}
		if err := b.engine.Write(ctx, nothing); !errors.Is(err, store.ErrConflict) {
			return false
		}
		o.mu.Lock()
		o.doubts = o.doubts[1:]
		o.late[first.workspaceID] = slices.Clip(o.late[first.workspaceID]) // perhaps for nothing else
		o.mu.Unlock()
	}
}

// handOn brings a batch to the stream, unless that is down.
func (b *Bus) handOn(ctx context.Context, stored *batch) {
	o := &b.outbox
	o.mu.Lock()
	if len(o.late) > 0 || !b.fresh(stored) {
		o.wait(stored)
		o.mu.Unlock()
		return
	}
	o.mu.Unlock()
	err := b.stream.Append(context.WithoutCancel(ctx), stored.Events)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		b.log.Warn().Err(err).Str("batch", stored.ID).Msg("events wait for the stream")
		o.wait(stored)
		return
	}
	o.settle(stored)
}

// fresh reports whether no other process can have taken the batch yet.
func (b *Bus) fresh(stored *batch) bool { return b.clock.Now().Sub(stored.TakenAt) < settleAfter/2 }

// wait has the clients of the batch's workspace load anew as soon as the stream can tell them; mu is held.
func (o *outbox) wait(stored *batch) {
	workspaceID := stored.Events[0].WorkspaceID
	if o.waiting >= maxWaiting {
		delete(o.mine, stored.ID) // the sweep finds it
		return
	}
	o.mine[stored.ID] = struct{}{}
	o.waiting++
	o.late[workspaceID] = append(o.late[workspaceID], &batch{Meta: stored.Meta}) // for its removal
	notify(o.down)
}

// settle keeps a batch for its removal; mu is held.
func (o *outbox) settle(stored *batch) {
	o.mine[stored.ID] = struct{}{}
	o.settled = append(o.settled, stored)
	notify(o.done)
}

// Run removes batches that were handed on and hands on what an absent stream or a crash left behind, until ctx ends; then
// it removes what it can. sole says that no other process shares the store: what a former one left is handed on at once.
func (b *Bus) Run(ctx context.Context, sole bool) error {
	var wg sync.WaitGroup
	wg.Go(func() { b.clean(ctx) })
	before := b.clock.Now()
	if !sole {
		before = before.Add(-settleAfter)
	}
	b.sweep(ctx, before)
	tick := time.NewTicker(settleAfter / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			wg.Wait()
			return nil
		case <-tick.C:
			b.sweep(ctx, b.clock.Now().Add(-settleAfter))
		case <-b.outbox.down:
			b.catchUp(ctx)
		}
	}
}

// catchUp has clients load anew where events did not go out, as soon as the stream can tell them.
func (b *Bus) catchUp(ctx context.Context) {
	for !b.settleDoubts(ctx) || !b.renew(ctx) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(retryEvery):
		}
	}
}

// renew makes everybody load anew where something is late, once for all that waits, and reports whether the stream took that.
func (b *Bus) renew(ctx context.Context) bool {
	o := &b.outbox
	for {
		o.mu.Lock()
		var workspaceID string
		var waiting []*batch
		left := false
		for workspaceID, waiting = range o.late {
			left = true
			break
		}
		o.mu.Unlock()
		if !left {
			return true
		}
		if err := b.stream.Renew(ctx, workspaceID); err != nil {
			return false
		}
		o.mu.Lock()
		o.waiting -= len(waiting)
		for _, stored := range waiting {
			o.settle(stored)
		}
		if o.late[workspaceID] = o.late[workspaceID][len(waiting):]; len(o.late[workspaceID]) == 0 { // else more came meanwhile
			delete(o.late, workspaceID)
		}
		o.mu.Unlock()
	}
}

// sweep takes over the batches that were stored before the time, are still there and belong to nobody who is alive.
func (b *Bus) sweep(ctx context.Context, before time.Time) {
	q := store.Query{Range: &store.Range{From: "evb_", To: ids.Floor("evb", before)}, Limit: removeAtOnce}
	for {
		found, next, err := b.batches.Find(ctx, q)
		if err == nil {
			err = b.adopt(ctx, found, before)
		}
		if err != nil {
			b.log.Warn().Err(err).Msg("sweep of events failed")
			return
		}
		if next == "" {
			break
		}
		q.Cursor = next
	}
	b.catchUp(ctx)
}

// adopt takes over batches that their processes did not hand on, in one write, so that only one instance does.
func (b *Bus) adopt(ctx context.Context, found []*batch, before time.Time) error {
	o := &b.outbox
	o.mu.Lock()
	found = slices.DeleteFunc(found, func(stored *batch) bool {
		_, mine := o.mine[stored.ID]
		return mine || !stored.TakenAt.Before(before)
	})
	o.mu.Unlock()
	if len(found) == 0 {
		return nil
	}
	if _, _, err := b.stream.Position(ctx, found[0].Events[0].WorkspaceID); err != nil {
		return err // who cannot hand them on leaves them to those who can
	}
	changes := make([]store.Change, len(found))
	for i, stored := range found {
		stored.TakenAt = b.clock.Now()
		changes[i] = b.batches.Replace(stored)
	}
	err := b.engine.Write(ctx, changes...)
	if errors.Is(err, store.ErrConflict) {
		return nil // another instance was faster; what it left is found again
	}
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, stored := range found {
		o.wait(stored)
	}
	return nil
}

// clean removes what was handed on, many at once, until ctx ends.
func (b *Bus) clean(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			b.removeSettled(end)
			return
		case <-b.outbox.done:
			b.removeSettled(context.WithoutCancel(ctx))
		}
		select { // let a few gather
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// removeSettled removes what was handed on; what a store that is down keeps is tried again with the next.
func (b *Bus) removeSettled(ctx context.Context) {
	o := &b.outbox
	for {
		o.mu.Lock()
		some := o.settled[:min(removeAtOnce, len(o.settled))]
		o.settled = o.settled[len(some):]
		o.mu.Unlock()
		if len(some) == 0 {
			return
		}
		kept := b.remove(ctx, some)
		o.mu.Lock()
		for _, stored := range some {
			delete(o.mine, stored.ID)
		}
		for _, stored := range kept {
			o.mine[stored.ID] = struct{}{}
		}
		o.settled = append(o.settled, kept...)
		o.mu.Unlock()
		if len(kept) > 0 {
			time.AfterFunc(retryEvery, func() { notify(o.done) })
			return
		}
	}
}

// remove deletes batches and returns those that the store could not delete now.
func (b *Bus) remove(ctx context.Context, some []*batch) []*batch {
	changes := make([]store.Change, len(some))
	for i, stored := range some {
		changes[i] = b.batches.Delete(stored)
	}
	err := b.engine.Write(ctx, changes...)
	if err == nil {
		return nil
	}
	if !errors.Is(err, store.ErrConflict) {
		return some
	}
	for _, c := range changes { // another process took some of them, and removes those
		_ = b.engine.Write(ctx, c)
	}
	return nil
}
