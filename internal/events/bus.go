package events

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/clock"
	"wasl/internal/ids"
	"wasl/store"
)

// Stream numbers events and brings them to every instance. The local one serves a single process, the Redis one several.
type Stream interface {
	// Append numbers the events of one workspace and sends them to the receivers of every instance.
	Append(ctx context.Context, evs []Event) error
	// Since returns what followed seq in that epoch; ok is false where that is no longer known.
	Since(ctx context.Context, workspaceID, epoch string, seq int64) (missed []Numbered, ok bool, err error)
	// Position returns the present epoch and the last number.
	Position(ctx context.Context, workspaceID string) (epoch string, seq int64, err error)
	// Signal sends something unnumbered and unkept to the receivers of every instance, this one included.
	Signal(ctx context.Context, s Signal) error
	// Follow makes the workspace's events arrive here; the local stream always does.
	Follow(workspaceID string)
	// Receive sets the receivers; called once, before anything else.
	Receive(onEvent func(Numbered), onSignal func(Signal))
	Close() error
}

// Signal is a live notice that nobody keeps: typing, viewing, presence.
type Signal struct {
	Type        string   `json:"type"`
	WorkspaceID string   `json:"workspace_id"`
	Audience    Audience `json:"audience"`
	From        string   `json:"from"` // the user who caused it, who does not get it back
	Data        []byte   `json:"data"`
}

// settleAfter is how long a stored batch may wait for the instance that wrote it before another hands it on.
const settleAfter = 10 * time.Second

// Bus commits changes together with events and hands the events on.
type Bus struct {
	engine   store.Engine
	batches  store.Collection[batch, *batch]
	stream   Stream
	clock    clock.Clock
	log      zerolog.Logger
	onEvent  []func(Numbered)
	onSignal []func(Signal)
	settled  chan *batch
	wg       sync.WaitGroup
}

// NewBus returns a bus over the stream. Subscribe before Run.
func NewBus(engine store.Engine, stream Stream, c clock.Clock, log zerolog.Logger) *Bus {
	b := &Bus{
		engine: engine, stream: stream, clock: c, log: log,
		batches: store.NewCollection[batch](engine, batches),
		settled: make(chan *batch, 4096),
	}
	stream.Receive(b.receive, b.signal)
	return b
}

// Subscribe adds a receiver of all events that reach this process. It must not block.
func (b *Bus) Subscribe(fn func(Numbered)) { b.onEvent = append(b.onEvent, fn) }

// OnSignal adds a receiver of signals. It must not block.
func (b *Bus) OnSignal(fn func(Signal)) { b.onSignal = append(b.onSignal, fn) }

// Stream gives the live socket its catch-up.
func (b *Bus) Stream() Stream { return b.stream }

func (b *Bus) receive(n Numbered) {
	for _, fn := range b.onEvent {
		fn(n)
	}
}

func (b *Bus) signal(s Signal) {
	for _, fn := range b.onSignal {
		fn(s)
	}
}

// Commit makes the changes and the events that say so durable in one write and hands the events on. All events are
// of one workspace. The errors are those of store.Engine.Write; a stream that is down is not one: the events follow later.
func (b *Bus) Commit(ctx context.Context, changes []store.Change, evs ...Event) error {
	if len(evs) == 0 {
		return b.engine.Write(ctx, changes...)
	}
	stored := &batch{Meta: store.Meta{ID: ids.New("evb", b.clock.Now())}, Events: evs}
	all := make([]store.Change, 0, len(changes)+1)
	all = append(append(all, changes...), b.batches.Insert(stored))
	if err := b.engine.Write(ctx, all...); err != nil {
		return err
	}
	b.handOn(ctx, stored)
	return nil
}

func (b *Bus) handOn(ctx context.Context, stored *batch) {
	if err := b.stream.Append(context.WithoutCancel(ctx), stored.Events); err != nil {
		b.log.Warn().Err(err).Str("batch", stored.ID).Msg("events wait for the stream")
		return
	}
	select {
	case b.settled <- stored:
	default: // the sweep finds it
	}
}

// Signal sends a live notice to every instance.
func (b *Bus) Signal(ctx context.Context, s Signal) {
	if err := b.stream.Signal(ctx, s); err != nil {
		b.log.Debug().Err(err).Str("type", s.Type).Msg("signal lost")
	}
}

// Run removes batches that were handed on and hands on what a crash left behind, until ctx ends; then it settles what it has.
func (b *Bus) Run(ctx context.Context) error {
	b.sweep(ctx, b.clock.Now())
	b.wg.Add(1)
	go func() {
		defer b.wg.Done()
		b.settle(ctx)
	}()
	tick := time.NewTicker(settleAfter / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			b.wg.Wait()
			return nil
		case <-tick.C:
			b.sweep(ctx, b.clock.Now().Add(-settleAfter))
		}
	}
}

func (b *Bus) settle(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			b.drain()
			return
		case first := <-b.settled:
			b.remove(context.WithoutCancel(ctx), first)
			timer := time.NewTimer(50 * time.Millisecond)
			select { // let a few gather, so that one write removes many
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
			}
		}
	}
}

func (b *Bus) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for {
		select {
		case first := <-b.settled:
			b.remove(ctx, first)
		default:
			return
		}
	}
}

// remove deletes the batch and those that wait with it, one write for up to 256.
func (b *Bus) remove(ctx context.Context, first *batch) {
	changes := []store.Change{b.batches.Delete(first)}
	for len(changes) < 256 {
		select {
		case next := <-b.settled:
			changes = append(changes, b.batches.Delete(next))
			continue
		default:
		}
		break
	}
	err := b.engine.Write(ctx, changes...)
	if err == nil || !errors.Is(err, store.ErrConflict) {
		return // a store that is down keeps them for the sweep
	}
	for _, c := range changes { // another instance's sweep took some of them
		_ = b.engine.Write(ctx, c)
	}
}

// sweep hands on the batches that were stored before the time and are still there.
func (b *Bus) sweep(ctx context.Context, before time.Time) {
	q := store.Query{Range: &store.Range{From: "evb_", To: ids.Floor("evb", before)}, Limit: 256}
	for {
		found, next, err := b.batches.Find(ctx, q)
		if err != nil {
			b.log.Warn().Err(err).Msg("sweep of events failed")
			return
		}
		for _, stored := range found {
			b.handOn(ctx, stored)
		}
		if next == "" {
			return
		}
		q.Cursor = next
	}
}
