package events

import (
	"context"
	"errors"
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
	// maxWaiting bounds what waits in memory for the stream; the rest waits in the store alone.
	maxWaiting = 4096
	// removeAtOnce is how many batches one write removes.
	removeAtOnce = 256
)

// outbox is what the bus knows of the batches that this process took upon itself.
type outbox struct {
	mu      sync.Mutex
	mine    map[string]struct{} // ids of those being written, waiting, or settled and not yet removed
	waiting []*batch            // for the stream, in order
	settled []*batch            // handed on, to be removed
	doubts  []doubt             // writes of which no batch will tell whether they were done
	late    map[string]struct{} // workspaces in which something came late: their clients may know newer things
	done    chan struct{}       // something settled
	down    chan struct{}       // something waits
}

func poke(c chan struct{}) {
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
	poke(o.down)
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
		o.late[first.workspaceID] = struct{}{}
		o.mu.Unlock()
	}
}

// handOn brings a batch to the stream, behind those that wait for it.
func (b *Bus) handOn(ctx context.Context, stored *batch) {
	o := &b.outbox
	o.mu.Lock()
	blocked := len(o.waiting) > 0 || !b.fresh(stored)
	if blocked {
		o.wait(stored)
	}
	o.mu.Unlock()
	if blocked {
		return
	}
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

// wait keeps a batch for when the stream is back, as long as there is room; mu is held.
func (o *outbox) wait(stored *batch) {
	o.late[stored.Events[0].WorkspaceID] = struct{}{}
	if len(o.waiting) < maxWaiting {
		o.mine[stored.ID] = struct{}{}
		o.waiting = append(o.waiting, stored)
	} else {
		delete(o.mine, stored.ID)
	}
	poke(o.down)
}

// settle keeps a batch for its removal; mu is held.
func (o *outbox) settle(stored *batch) {
	o.mine[stored.ID] = struct{}{}
	o.settled = append(o.settled, stored)
	poke(o.done)
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

// catchUp hands on what waits, as soon as the stream takes it.
func (b *Bus) catchUp(ctx context.Context) {
	for !b.handOnWaiting(ctx) || !b.settleDoubts(ctx) || !b.renew(ctx) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(retryEvery):
		}
	}
}

// handOnWaiting hands on what waits, in order, and reports whether nothing is left.
func (b *Bus) handOnWaiting(ctx context.Context) bool {
	o := &b.outbox
	for {
		o.mu.Lock()
		if len(o.waiting) == 0 {
			o.waiting = nil
			o.mu.Unlock()
			return true
		}
		stored := o.waiting[0]
		o.mu.Unlock()
		mine, err := b.take(ctx, stored)
		if err == nil && mine {
			err = b.stream.Append(ctx, stored.Events)
		}
		if err != nil {
			return false
		}
		o.mu.Lock()
		o.waiting = o.waiting[1:]
		delete(o.mine, stored.ID)
		if mine {
			o.settle(stored)
		}
		o.mu.Unlock()
	}
}

// take makes sure that no other process hands the batch on: after a while others may have taken it.
func (b *Bus) take(ctx context.Context, stored *batch) (mine bool, err error) {
	if b.fresh(stored) {
		return true, nil
	}
	if _, _, err := b.stream.Position(ctx, stored.Events[0].WorkspaceID); err != nil {
		return false, err // who cannot hand it on leaves it to those who can
	}
	taken := *stored
	taken.TakenAt = b.clock.Now()
	err = b.engine.Write(ctx, b.batches.Replace(&taken))
	if errors.Is(err, store.ErrConflict) {
		return false, nil
	}
	if err == nil {
		*stored = taken
	}
	return err == nil, err
}

// renew makes everybody load anew where something came late, and reports whether the stream took that.
func (b *Bus) renew(ctx context.Context) bool {
	o := &b.outbox
	for {
		o.mu.Lock()
		var workspaceID string
		left := false
		for workspaceID = range o.late {
			left = true
			break
		}
		delete(o.late, workspaceID)
		o.mu.Unlock()
		if !left {
			return true
		}
		if err := b.stream.Renew(ctx, workspaceID); err != nil {
			o.mu.Lock()
			o.late[workspaceID] = struct{}{}
			o.mu.Unlock()
			return false
		}
	}
}

// sweep hands on the batches that were stored before the time, are still there and belong to nobody who is alive.
func (b *Bus) sweep(ctx context.Context, before time.Time) {
	q := store.Query{Range: &store.Range{From: "evb_", To: ids.Floor("evb", before)}, Limit: 256}
	for {
		found, next, err := b.batches.Find(ctx, q)
		if err != nil {
			b.log.Warn().Err(err).Msg("sweep of events failed")
			return
		}
		for _, stored := range found {
			b.adopt(ctx, stored, before)
		}
		if next == "" {
			break
		}
		q.Cursor = next
	}
	b.catchUp(ctx)
}

// adopt takes over a batch that its process did not hand on.
func (b *Bus) adopt(ctx context.Context, stored *batch, before time.Time) {
	o := &b.outbox
	o.mu.Lock()
	_, mine := o.mine[stored.ID]
	o.mu.Unlock()
	if mine || !stored.TakenAt.Before(before) {
		return
	}
	stored.TakenAt = time.Time{} // so that it is taken in the store
	if mine, err := b.take(ctx, stored); err != nil || !mine {
		return
	}
	for i := range stored.Events {
		stored.Events[i].found = true
	}
	o.mu.Lock()
	o.wait(stored)
	o.mu.Unlock()
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
			time.AfterFunc(retryEvery, func() { poke(o.done) })
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
