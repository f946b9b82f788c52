package events_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/store"
	"wasl/store/pebble"
)

// brittle is a stream that can be down.
type brittle struct {
	*events.Local
	mu   sync.Mutex
	down bool
}

func (b *brittle) set(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

func (b *brittle) ask() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return errors.New("down")
	}
	return nil
}

// Outlives: as one that several processes share.
func (b *brittle) Outlives() bool { return true }

// Append fails while the stream is down.
func (b *brittle) Append(ctx context.Context, evs []events.Event) error {
	if err := b.ask(); err != nil {
		return err
	}
	return b.Local.Append(ctx, evs)
}

// Renew likewise.
func (b *brittle) Renew(ctx context.Context, workspaceID string) error {
	if err := b.ask(); err != nil {
		return err
	}
	return b.Local.Renew(ctx, workspaceID)
}

// Position likewise.
func (b *brittle) Position(ctx context.Context, workspaceID string) (string, int64, error) {
	if err := b.ask(); err != nil {
		return "", 0, err
	}
	return b.Local.Position(ctx, workspaceID)
}

// desk is a bus of one process over a stream that may be shared.
type desk struct {
	*events.Bus
	stop func()
	mu   sync.Mutex
	got  []string
}

func open(t *testing.T, engine store.Engine, stream events.Stream, sole bool) *desk {
	t.Helper()
	d := &desk{Bus: events.NewBus(engine, stream, nil, clock.System{}, zerolog.Nop())}
	d.Subscribe(func(n events.Numbered) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if n.Type == events.Reset {
			n.Subject = "RESET"
		}
		d.got = append(d.got, n.Subject)
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = d.Run(ctx, sole) }()
	d.stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(d.stop)
	return d
}

func (d *desk) commit(t *testing.T, subjects ...string) {
	t.Helper()
	for _, s := range subjects {
		if err := d.Commit(t.Context(), &events.Write{Events: made(s)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // the store keeps the order of milliseconds
	}
}

func (d *desk) want(t *testing.T, subjects ...string) {
	t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.got) != len(subjects) {
		t.Fatalf("got %v instead of %v", d.got, subjects)
	}
	for i := range subjects {
		if d.got[i] != subjects[i] {
			t.Fatalf("got %v instead of %v", d.got, subjects)
		}
	}
	d.got = nil
}

// left is how many batches the store still holds.
func left(t *testing.T, engine store.Engine) int {
	t.Helper()
	n, err := engine.Count(t.Context(), "events", store.Query{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// world gives a store and virtual time.
func world(t *testing.T, fn func(t *testing.T, engine store.Engine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		engine, err := pebble.Open("store", pebble.Options{InMemory: true, Clock: clock.System{}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = engine.Close() }()
		if err := engine.Ensure(t.Context(), events.Schemas()...); err != nil {
			t.Fatal(err)
		}
		fn(t, engine)
	})
}

func TestAStreamThatIsDownHoldsNoCommitUpAndLosesNothing(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, engine store.Engine) {
		stream := &brittle{Local: events.NewLocal()}
		d := open(t, engine, stream, true)
		defer d.stop()
		d.commit(t, "1")
		d.want(t, "1")
		stream.set(true)
		d.commit(t, "2", "3", "4")
		d.want(t)
		time.Sleep(time.Minute)
		if n := left(t, engine); n != 3 {
			t.Errorf("%d batches wait in the store", n)
		}
		stream.set(false)
		time.Sleep(time.Second)
		d.want(t, "RESET")
		d.commit(t, "5")
		d.want(t, "5")
		time.Sleep(time.Minute)
		d.want(t)
		if n := left(t, engine); n != 0 {
			t.Errorf("%d batches stay", n)
		}
	})
}

func TestWhatAKilledProcessLeftIsHandedOnByAnother(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, engine store.Engine) {
		dead := &brittle{Local: events.NewLocal(), down: true}
		first := open(t, engine, dead, false)
		first.stop() // nobody will hand on what it commits now
		first.commit(t, "1", "2")
		second := open(t, engine, events.NewLocal(), false)
		defer second.stop()
		time.Sleep(5 * time.Second)
		second.want(t) // the first may still do it
		time.Sleep(11 * time.Second)
		second.want(t, "RESET")
		time.Sleep(time.Minute)
		second.want(t)
		if n := left(t, engine); n != 0 {
			t.Errorf("%d batches stay", n)
		}
	})
}

func TestTheOnlyProcessHandsOnAtOnceWhatTheFormerLeft(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, engine store.Engine) {
		first := open(t, engine, &brittle{Local: events.NewLocal(), down: true}, true)
		first.stop()
		first.commit(t, "1")
		second := open(t, engine, events.NewLocal(), true)
		defer second.stop()
		second.want(t, "RESET")
	})
}

func TestTwoProcessesThatBothCouldHandOnDoItOnce(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, engine store.Engine) {
		a, b := &brittle{Local: events.NewLocal(), down: true}, &brittle{Local: events.NewLocal()}
		first, second := open(t, engine, a, false), open(t, engine, b, false)
		defer first.stop()
		defer second.stop()
		first.commit(t, "1", "2", "3") // it is cut off for longer than the other waits
		time.Sleep(30 * time.Second)
		second.want(t, "RESET")
		a.set(false)
		time.Sleep(time.Minute)
		first.want(t, "RESET") // its clients may have older things
		second.want(t)
		if n := left(t, engine); n != 0 {
			t.Errorf("%d batches stay", n)
		}
	})
}

// However much an outage left, clients load anew once and new events do not wait behind it.
func TestALongOutageEndsAtOnce(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, engine store.Engine) {
		stream := &brittle{Local: events.NewLocal(), down: true}
		d := open(t, engine, stream, true)
		defer d.stop()
		for range 3000 {
			if err := d.Commit(t.Context(), &events.Write{Events: made("old")}); err != nil {
				t.Fatal(err)
			}
		}
		stream.set(false)
		time.Sleep(500 * time.Millisecond)
		d.commit(t, "new")
		d.want(t, "RESET", "new")
		time.Sleep(10 * time.Second)
		if n := left(t, engine); n != 0 {
			t.Errorf("%d batches stay", n)
		}
	})
}
