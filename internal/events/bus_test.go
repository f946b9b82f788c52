package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counter is what these tests change together with their events.
type counter struct {
	store.Meta `bson:",inline"`
	Value      int `bson:"value"`
}

var counters = store.Schema{Name: "counters"}

func bubble(t *testing.T, fn func(t *testing.T, disk store.Engine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		disk, err := pebble.Open("events", pebble.Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := disk.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := disk.Ensure(t.Context(), slices.Concat(Schemas(), jobs.Schemas(), []store.Schema{counters})...); err != nil {
			t.Fatal(err)
		}
		fn(t, disk)
	})
}

// process is one instance with its bus and what its subscriber got.
type process struct {
	*Bus
	runner *jobs.Runner
	engine *storetest.Faulty
	mu     sync.Mutex
	got    []Numbered
	resets int
}

// sharedStream is a stream that goes on when the process ends.
type sharedStream struct{ *Local }

// Outlives: as one that several processes share.
func (sharedStream) Outlives() bool { return true }

func newProcess(disk store.Engine) *process {
	p := &process{engine: storetest.NewFaulty(disk)}
	p.runner = jobs.NewRunner(p.engine, clock.System{}, zerolog.Nop(), ids.Token())
	p.Bus = NewBus(p.engine, sharedStream{NewLocal()}, p.runner, clock.System{}, zerolog.Nop())
	p.Subscribe(func(n Numbered) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if n.Type == Reset {
			p.resets++
		} else {
			p.got = append(p.got, n)
		}
	})
	return p
}

func (p *process) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.Run(ctx, true); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(stop)
	synctest.Wait()
	return stop
}

func (p *process) subjects() (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.got {
		out = append(out, n.Subject)
	}
	return out
}

func happened(workspace, subject string) Event {
	return Event{
		Type: "message.created", WorkspaceID: workspace, Subject: subject, Audience: access.Audience{Everyone: true},
		Data: []byte(`{}`),
	}
}

func written(evs ...Event) *Write { return &Write{Events: evs} }

func batchesLeft(t *testing.T, disk store.Engine) int {
	t.Helper()
	n, err := disk.Count(t.Context(), "events", store.Query{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNumbersGrowByOneInEachWorkspace(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk)
		stop := p.run(t)
		var wg sync.WaitGroup
		for writer := range 8 {
			wg.Go(func() {
				for n := range 20 {
					ws := fmt.Sprint("w", n%2)
					if err := p.Commit(t.Context(), written(happened(ws, fmt.Sprint(writer, n)),
						happened(ws, fmt.Sprint(writer, n, "b")))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		stop()
		last := map[string]int64{}
		for _, n := range p.got {
			if n.Seq != last[n.WorkspaceID]+1 || n.Epoch == "" || !n.Local {
				t.Fatalf("%s: %d after %d", n.WorkspaceID, n.Seq, last[n.WorkspaceID])
			}
			last[n.WorkspaceID] = n.Seq
		}
		if last["w0"] != 160 || last["w1"] != 160 {
			t.Errorf("last numbers %v", last)
		}
		if n := batchesLeft(t, disk); n != 0 {
			t.Errorf("%d batches are left", n)
		}
	})
}

// TestTheEventsOfOneObjectHaveTheOrderOfItsVersions: the last frame that a browser gets is the newest state.
func TestTheEventsOfOneObjectHaveTheOrderOfItsVersions(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk)
		p.run(t)
		all := store.NewCollection[counter](p.engine, counters)
		if err := p.engine.Write(t.Context(), all.Insert(&counter{Meta: store.Meta{ID: "c"}})); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for done := 0; done < 20; {
					doc, err := all.Get(t.Context(), "c")
					if err != nil {
						t.Error(err)
						return
					}
					doc.Value++
					ev := happened("w", "c")
					ev.Data = fmt.Appendf(nil, "%d", doc.Value)
					err = p.Commit(t.Context(), &Write{Changes: []store.Change{all.Replace(doc)}, Events: []Event{ev}})
					if err == nil {
						done++
					} else if !errors.Is(err, store.ErrConflict) {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		for n, got := range p.got {
			if string(got.Data) != fmt.Sprint(n+1) {
				t.Fatalf("event %d says %s", n+1, got.Data)
			}
		}
	})
}

func TestCatchUpIsExact(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk)
		ctx := t.Context()
		epoch, _, _ := p.Stream().Position(ctx, "w")
		for n := range 10 {
			if err := p.Stream().Append(ctx, []Event{happened("w", fmt.Sprint(n))}); err != nil {
				t.Fatal(err)
			}
		}
		for since := range int64(11) {
			missed, ok, err := p.Stream().Since(ctx, "w", epoch, since)
			if err != nil || !ok || int64(len(missed)) != 10-since {
				t.Fatalf("since %d: %d events, %v, %v", since, len(missed), ok, err)
			}
			for n, m := range missed {
				if m.Seq != since+1+int64(n) || m.Subject != fmt.Sprint(m.Seq-1) {
					t.Errorf("since %d: event %d is %d %s", since, n, m.Seq, m.Subject)
				}
			}
		}
		for name, c := range map[string]struct {
			workspace, epoch string
			since            int64
		}{"the future": {"w", epoch, 11}, "another epoch": {"w", "x", 3}, "another workspace": {"v", epoch, 3}, "negative": {
			"w", epoch,
			-1,
		}} {
			if missed, ok, err := p.Stream().Since(ctx, c.workspace, c.epoch, c.since); ok || err != nil || missed != nil {
				t.Errorf("%s: %v, %v, %v", name, missed, ok, err)
			}
		}
		if another := NewLocal(); another.epoch == epoch {
			t.Error("two processes have the same epoch")
		}
	})
}

func TestWhatIsTooOldIsNotPretendedToBeComplete(t *testing.T) {
	l := NewLocal()
	l.Receive(Receiver{Events: func([]Numbered) {}, Signal: func(Signal) {}})
	const total = 3*keep + 7
	for range total {
		if err := l.Append(t.Context(), []Event{{WorkspaceID: "w"}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, _ := l.Since(t.Context(), "w", l.epoch, 1); ok {
		t.Error("event 2 is gone, but ok")
	}
	missed, ok, err := l.Since(t.Context(), "w", l.epoch, total-keep)
	if err != nil || !ok || len(missed) != keep || missed[0].Seq != total-keep+1 || missed[keep-1].Seq != total {
		t.Errorf("the last %d: %v, %d", keep, ok, len(missed))
	}
}

// What is kept for sockets that come back is bounded by its size too, of a workspace and of all of them; who is further behind loads anew.
func TestLargeEventsAreKeptForAShorterWhile(t *testing.T) {
	l := NewLocal()
	l.Receive(Receiver{Events: func([]Numbered) {}, Signal: func(Signal) {}})
	const total, size = 20, 1 << 20
	fill := func(workspaceID string) {
		t.Helper()
		for range total {
			if err := l.Append(t.Context(), []Event{{WorkspaceID: workspaceID, Data: make([]byte, size)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	last := func(workspaceID string, n int64) bool {
		missed, ok, _ := l.Since(t.Context(), workspaceID, l.epoch, total-n)
		return ok && int64(len(missed)) == n
	}
	fill("w")
	if !last("w", 15) || last("w", maxMissed/size) {
		t.Errorf("the last 15 are kept: %v; more than there is room for: %v", last("w", 15), last("w", maxMissed/size))
	}
	for n := range 3 * keepBytes / maxMissed {
		fill(fmt.Sprint("other ", n))
	}
	held := 0
	for _, r := range l.spaces {
		for _, n := range r.kept {
			held += n.Size()
		}
	}
	if held > keepBytes || held < keepBytes/2 || held != l.bytes {
		t.Errorf("%d bytes are kept of all, counted as %d", held, l.bytes)
	}
	if last("w", 15) || !last("w", 0) || !last(fmt.Sprint("other ", 3*keepBytes/maxMissed-1), 15) {
		t.Error("it is not the workspace in which nothing happened for longest that is forgotten")
	}
	if err := l.Renew(t.Context(), "other 0"); err != nil || l.Append(t.Context(), []Event{{WorkspaceID: "other 0"}}) != nil {
		t.Error(err)
	}
}

// TestACrashHidesNothing cuts and kills at every write of a commit and its aftermath: what was done is told, or everybody loads anew.
func TestACrashHidesNothing(t *testing.T) {
	for _, fault := range storetest.Faults() {
		for n := 1; n <= 3; n++ {
			t.Run(fmt.Sprint(fault, " ", n), func(t *testing.T) {
				bubble(t, func(t *testing.T, disk store.Engine) {
					first := newProcess(disk)
					first.engine.Fail(n, fault)
					stop := first.run(t)
					all := store.NewCollection[counter](first.engine, counters)
					for _, id := range []string{"a", "b"} {
						_ = first.Commit(t.Context(), &Write{
							Changes: []store.Change{all.Insert(&counter{Meta: store.Meta{ID: id}})},
							Events:  []Event{happened("w", id)},
						})
						time.Sleep(time.Second)
					}
					stop()
					second := newProcess(disk)
					second.run(t)
					time.Sleep(time.Minute)
					synctest.Wait()
					stored, err := store.NewCollection[counter](disk, counters).GetMany(t.Context(), "a", "b")
					if err != nil {
						t.Fatal(err)
					}
					told := append(first.subjects(), second.subjects()...)
					for _, id := range []string{"a", "b"} {
						is := slices.ContainsFunc(stored, func(c *counter) bool { return c.ID == id })
						if tell := slices.Contains(told, id); (tell && !is) || (is && !tell && first.resets+second.resets == 0) {
							t.Errorf("%s is stored: %v, told of: %v", id, is, told)
						}
					}
					if n := batchesLeft(t, disk); n != 0 {
						t.Errorf("%d batches are left", n)
					}
				})
			})
		}
	}
}

func TestABatchThatCouldNotBeRemovedIsNotHandedOnTwice(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk)
		p.engine.Fail(2, storetest.Cut) // the removal
		p.run(t)
		if err := p.Commit(t.Context(), written(happened("w", "a"))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := p.subjects(); !slices.Equal(got, []string{"a"}) || batchesLeft(t, disk) != 0 {
			t.Errorf("handed on: %v, %d left", got, batchesLeft(t, disk))
		}
	})
}

func TestAFailedWriteTellsNobody(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk)
		p.run(t)
		missing := &counter{Meta: store.Meta{ID: "none", Version: 4}}
		change := store.NewCollection[counter](p.engine, counters).Replace(missing)
		err := p.Commit(t.Context(), &Write{Changes: []store.Change{change}, Events: []Event{happened("w", "a")}})
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Minute)
		if got := p.subjects(); len(got) != 0 {
			t.Errorf("told of %v", got)
		}
	})
}

// Another instance says something while this one is still being put together; the race detector sees what would go wrong.
func TestASignalMayArriveBeforeAllHaveSubscribed(t *testing.T) {
	stream := NewLocal()
	bus := NewBus(nil, stream, nil, clock.System{}, zerolog.Nop())
	heard := make(chan struct{})
	bus.OnSignal(func(Signal) { close(heard) })
	var saying sync.WaitGroup
	saying.Go(func() {
		_ = stream.Signal(t.Context(), Signal{Type: "presence"})
		_ = stream.Append(t.Context(), []Event{{Type: "x", WorkspaceID: "w"}})
	})
	bus.OnSignal(func(Signal) {})
	bus.First(func([]Numbered) {})
	bus.Subscribe(func(Numbered) {})
	saying.Wait()
	<-heard
}
