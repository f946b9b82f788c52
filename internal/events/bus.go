package events

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

// Stream numbers events and brings them to every instance. The local one serves a single process, the Redis one several.
type Stream interface {
	// Append numbers the events of one workspace and sends them to the receivers of every instance.
	Append(ctx context.Context, evs []Event) error
	// Since returns what followed seq in that epoch; ok is false where that is no longer known, or more than maxMissed.
	Since(ctx context.Context, workspaceID, epoch string, seq int64) (missed []Numbered, ok bool, err error)
	// Position returns the present epoch and the last number.
	Position(ctx context.Context, workspaceID string) (epoch string, seq int64, err error)
	// Signal sends something unnumbered and unkept to the receivers of every instance, this one included.
	Signal(ctx context.Context, s Signal) error
	// Follow makes what happens in the workspace from now on arrive here; the local stream always does. What a stream that
	// is down cannot promise, it makes good later by a Reset.
	Follow(ctx context.Context, workspaceID string)
	// Renew begins another epoch, so that everybody loads the workspace anew.
	Renew(ctx context.Context, workspaceID string) error
	// Outlives reports whether the stream goes on when the process ends. What it was not told before that must then be found
	// in the store; a stream that ends with the process has nobody left to tell: its sockets load everything anew.
	Outlives() bool
	// Receive sets the receiver; called once, before anything else.
	Receive(r Receiver)
	Close() error
}

// maxMissed is how many bytes of events are brought to one who comes back: whoever missed more loads everything anew, which is less.
const maxMissed = 16 << 20

// Receiver is where a stream delivers to.
type Receiver struct {
	Events func([]Numbered) // in order, several at a time where they can
	Signal func(Signal)
	// Needed reports whether anybody here still needs what happens in a workspace. One that nobody does is not followed any more, with a
	// Reset, until the next Follow.
	Needed func(workspaceID string) bool
}

// Signal is a live notice that nobody keeps: typing, viewing, presence.
type Signal struct {
	Type        string          `json:"type"`
	WorkspaceID string          `json:"workspace_id"`
	Audience    access.Audience `json:"audience"`
	From        string          `json:"from"` // the user who caused it, who does not get it back
	Data        []byte          `json:"data"`
	Outside     []byte          `json:"outside,omitempty"` // the data as the audience's guest sees it; empty: it is not for them
}

// Write is one unit of work: what becomes durable together, and what follows once it is. Features add to the Write of the use
// case that calls them; Bus.Commit writes it. After an error the use case reads everything again and makes a new one.
type Write struct {
	Changes []store.Change
	Events  []Event     // all of one workspace
	Jobs    []*jobs.Job // started once durable; the changes that store them are among Changes
	After   []func()    // run once durable, before the events go out; they must neither block nor commit
}

// Add makes another piece of work part of this one.
func (w *Write) Add(more *Write) {
	w.Changes, w.Events = append(w.Changes, more.Changes...), append(w.Events, more.Events...)
	w.Jobs, w.After = append(w.Jobs, more.Jobs...), append(w.After, more.After...)
}

// Bus commits changes together with events and hands the events on.
type Bus struct {
	engine    store.Engine
	jobs      *jobs.Runner
	batches   store.Collection[batch, *batch]
	stream    Stream
	clock     clock.Clock
	log       zerolog.Logger
	mu        sync.RWMutex // of the receivers: a signal of another instance may arrive while this one is put together
	first     []func([]Numbered)
	after     []func([]Numbered)
	onSignal  []func(Signal)
	needs     []func(workspaceID string) bool
	outbox    outbox
	reactions map[string]reactor  // by name
	reacting  map[string][]string // names of reactions, by type of event
	seed      maphash.Seed
	subjects  [1 << 14]sync.Mutex // held until the disk has the write: so many that two objects seldom share one
}

// NewBus returns a bus over the stream. Subscribe before Run.
func NewBus(engine store.Engine, stream Stream, runner *jobs.Runner, c clock.Clock, log zerolog.Logger) *Bus {
	b := &Bus{
		engine: engine, jobs: runner, stream: stream, clock: c, log: log, batches: store.NewCollection[batch](engine,
			batches), seed: maphash.MakeSeed(),
		outbox: outbox{
			mine: map[string]struct{}{}, late: map[string][]*batch{}, done: make(chan struct{}, 1),
			down: make(chan struct{}, 1),
		},
	}
	stream.Receive(Receiver{Events: b.receive, Signal: b.signal, Needed: b.needed})
	return b
}

// First adds a receiver that is told before all others, of all events that arrived together. For what other processes
// made it may take the time of a read; for what this one made (Local) it must not block.
func (b *Bus) First(fn func([]Numbered)) { add(b, &b.first, fn) }

// Subscribe adds a receiver of all events that reach this process. It must not block.
func (b *Bus) Subscribe(fn func(Numbered)) {
	b.SubscribeTogether(func(batch []Numbered) {
		for _, n := range batch {
			fn(n)
		}
	})
}

// SubscribeTogether is Subscribe for a receiver that takes what arrived together at once. The events are of one workspace.
func (b *Bus) SubscribeTogether(fn func([]Numbered)) { add(b, &b.after, fn) }

// OnSignal adds a receiver of signals. It must not block.
func (b *Bus) OnSignal(fn func(Signal)) { add(b, &b.onSignal, fn) }

func add[F any](b *Bus, list *[]F, fn F) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*list = append(*list, fn)
}

// Stream gives the live socket its catch-up.
func (b *Bus) Stream() Stream { return b.stream }

func (b *Bus) receive(batch []Numbered) {
	b.mu.RLock()
	first, after := b.first, b.after
	b.mu.RUnlock()
	for _, fn := range first {
		fn(batch)
	}
	for _, fn := range after {
		fn(batch)
	}
}

// Need adds one who says whether what happens in a workspace is still needed. Whoever follows a workspace says so before it does.
func (b *Bus) Need(fn func(workspaceID string) bool) { add(b, &b.needs, fn) }

func (b *Bus) needed(workspaceID string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.needs) == 0 || slices.ContainsFunc(b.needs, func(needs func(string) bool) bool { return needs(workspaceID) })
}

func (b *Bus) signal(s Signal) {
	b.mu.RLock()
	onSignal := b.onSignal
	b.mu.RUnlock()
	for _, fn := range onSignal {
		fn(s)
	}
}

// Commit makes the changes and the events that say so durable in one write, gives the events their ids and hands them on.
// The errors are those of store.Engine.Write; a stream that is down is not one: the events follow later.
func (b *Bus) Commit(ctx context.Context, w *Write) error {
	if len(w.Events) == 0 {
		err := b.engine.Write(ctx, w.Changes...)
		if err == nil {
			b.durable(w)
		}
		return err
	}
	now := b.clock.Now()
	for i := range w.Events {
		ev := &w.Events[i]
		ev.ID = ids.New("evt", now)
		if ev.At.IsZero() {
			ev.At = now
		}
	}
	reactions, more, err := b.reactionsTo(w)
	if err != nil {
		return err
	}
	if len(more) > 0 {
		w.Changes, w.Jobs = append(w.Changes, more...), append(w.Jobs, reactions...)
	}
	defer b.lockSubjects(w.Events)()
	if b.stream.Outlives() {
		return b.commitStored(ctx, w, now)
	}
	return b.commitHere(ctx, w)
}

// commitStored is Commit for a stream of several processes: the events are stored until the stream has them.
func (b *Bus) commitStored(ctx context.Context, w *Write, now time.Time) error {
	stored := &batch{Meta: store.Meta{ID: ids.New("evb", now)}, Events: w.Events, TakenAt: now}
	b.outbox.begin(stored)
	if err := b.engine.Write(ctx, append(slices.Clip(w.Changes), b.batches.Insert(stored))...); err != nil {
		b.outbox.giveUp(stored) // where the write was done after all, the sweep finds it
		return err
	}
	b.durable(w)
	b.handOn(ctx, stored)
	return nil
}

// commitHere is Commit for a stream that ends with the process: the events need not be stored.
func (b *Bus) commitHere(ctx context.Context, w *Write) error {
	err := b.engine.Write(ctx, w.Changes...)
	if errors.Is(err, store.ErrUnavailable) && len(w.Changes) > 0 {
		b.outbox.doubt(w.Events[0].WorkspaceID, w.Changes[0])
	}
	if err != nil {
		return err
	}
	b.durable(w)
	return b.stream.Append(context.WithoutCancel(ctx), w.Events)
}

// durable begins what follows from a write.
func (b *Bus) durable(w *Write) {
	for _, fn := range w.After {
		fn()
	}
	for _, job := range w.Jobs {
		b.jobs.Start(job)
	}
}

// lockSubjects lets the changes of one object go on one after the other, so that its events here have the order of its versions. It
// returns what lets go.
func (b *Bus) lockSubjects(evs []Event) (release func()) {
	var held []int
	for _, ev := range evs {
		held = append(held, int(maphash.String(b.seed, ev.Subject)%uint64(len(b.subjects))))
	}
	slices.Sort(held)
	held = slices.Compact(held)
	for _, n := range held {
		b.subjects[n].Lock()
	}
	return func() {
		for _, n := range held {
			b.subjects[n].Unlock()
		}
	}
}

// Signal sends a live notice to every instance.
func (b *Bus) Signal(ctx context.Context, s Signal) {
	if err := b.stream.Signal(ctx, s); err != nil {
		b.log.Debug().Err(err).Str("type", s.Type).Msg("signal lost")
	}
}
