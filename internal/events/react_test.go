package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wasl/internal/access"
	"wasl/internal/jobs"
	"wasl/store"
	"wasl/store/storetest"
)

// work runs the process's bus and jobs.
func (p *process) work(t *testing.T) (stop func()) {
	t.Helper()
	stopBus := p.run(t)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.runner.Serve(ctx, false); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { stopBus(); cancel(); wg.Wait() })
	t.Cleanup(stop)
	synctest.Wait()
	return stop
}

// step changes a counter, under an event that says so.
func (p *process) step(ctx context.Context, id string) error {
	all := store.NewCollection[counter](p.engine, counters)
	for {
		doc, err := all.Get(ctx, id)
		write := all.Replace
		if errors.Is(err, store.ErrNotFound) {
			doc, write, err = &counter{Meta: store.Meta{ID: id}}, all.Insert, nil
		}
		if err != nil {
			return err
		}
		doc.Value++
		ev := happened("w", id)
		change := write(doc)
		ev.Version = doc.Version
		ev.Type, ev.Changes = "counter.updated", []Change{{Field: "value", Before: int64(doc.Value) - 1, After: int64(doc.Value)}}
		ev.Actor = access.Actor{Kind: access.User, ID: "usr_1"}
		err = p.Commit(ctx, &Write{Changes: []store.Change{change}, Events: []Event{ev}})
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
}

// seen collects what reactions saw, on all instances, as "name subject version".
type seen struct {
	mu  sync.Mutex
	all []string
}

func (s *seen) note(name string, r Reaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, fmt.Sprint(name, " ", r.Subject, " ", r.Version))
}

// of returns the versions that a reaction saw of a subject.
func (s *seen) of(name, subject string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, one := range s.all {
		if version, ok := strings.CutPrefix(one, name+" "+subject+" "); ok {
			out = append(out, version)
		}
	}
	return strings.Join(out, " ")
}

func jobsLeft(t *testing.T, disk store.Engine) int {
	t.Helper()
	n, err := disk.Count(t.Context(), "jobs", store.Query{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAReactionIsToldTheFacts(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk)
		var got []Reaction
		p.React("facts", []string{"counter.updated"}, func(_ context.Context, r Reaction) error {
			got = append(got, r)
			return nil
		})
		p.work(t)
		ev := happened("w", "c")
		ev.Type, ev.Actor = "counter.updated", access.Actor{
			Kind: access.Rule, ID: "rul_1",
			Cause: access.Cause{Kind: access.Event, ID: "evt_0", Depth: 1},
		}
		ev.Changes = []Change{
			{Field: "labels", Before: nil, After: []string{"a", "b"}},
			{Field: "value", Before: int64(1), After: 2.5},
			{Field: "open", Before: true, After: "no"},
		}
		ev.Version = 1
		all := store.NewCollection[counter](p.engine, counters)
		w := &Write{
			Changes: []store.Change{all.Insert(&counter{Meta: store.Meta{ID: "c"}})},
			Events:  []Event{ev, happened("w", "nobody reacts to this")},
		}
		if err := p.Commit(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(got) != 1 {
			t.Fatalf("%d reactions", len(got))
		}
		r := got[0]
		if r.EventID == "" || r.EventID != w.Events[0].ID || r.Type != ev.Type || r.WorkspaceID != "w" || r.Subject != "c" ||
			r.Version != 1 ||
			r.Actor != ev.Actor || fmt.Sprintf("%#v", r.Changes) != fmt.Sprintf("%#v", ev.Changes) || r.At.IsZero() {
			t.Errorf("%+v", r)
		}
		if a := r.Because(access.Actor{Kind: access.Rule, ID: "rul_2"}); a.ID != "rul_2" ||
			a.Cause != (access.Cause{Kind: access.Event, ID: r.EventID, Depth: 2}) {
			t.Errorf("what follows is by %+v", a)
		}
		if n := jobsLeft(t, disk); n != 0 {
			t.Errorf("%d jobs are left", n)
		}
	})
}

// What nobody reacts to costs nothing, and what has no order is refused.
func TestOnlyWhatIsReactedToIsAJob(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk)
		p.React("seldom", []string{"seldom"}, func(context.Context, Reaction) error { return nil })
		w := written(happened("w", "a"))
		if err := p.Commit(t.Context(), w); err != nil || len(w.Changes) != 0 || len(w.Jobs) != 0 {
			t.Errorf("%d changes, %d jobs, %v", len(w.Changes), len(w.Jobs), err)
		}
		ev := happened("w", "a")
		ev.Type = "seldom"
		w = written(ev)
		if err := p.Commit(t.Context(), w); err != nil || len(w.Jobs) != 0 {
			t.Errorf("an event that is only shown: %d jobs, %v", len(w.Jobs), err)
		}
		ev.Version = 2
		if err := p.Commit(t.Context(), written(ev)); err == nil {
			t.Error("an event whose version is not in the write was taken")
		}
	})
}

// A circle of rules ends.
func TestReactionsDoNotFollowFromOneAnotherForEver(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk)
		depths := []int{}
		p.React("echo", []string{"counter.updated"}, func(ctx context.Context, r Reaction) error {
			depths = append(depths, r.Actor.Cause.Depth)
			all := store.NewCollection[counter](p.engine, counters)
			doc, err := all.Get(ctx, r.Subject)
			if err != nil {
				return err
			}
			ev := happened("w", r.Subject)
			change := all.Replace(doc)
			ev.Version = doc.Version
			ev.Type, ev.Actor = r.Type, r.Because(access.Actor{Kind: access.Rule, ID: "rul_1"})
			return p.Commit(ctx, &Write{Changes: append(r.Done(), change), Events: []Event{ev}})
		})
		p.work(t)
		if err := p.step(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !slices.Equal(depths, []int{0, 1, 2, 3}) {
			t.Errorf("reactions of depth %v", depths)
		}
		dead, _, err := p.runner.DeadLetters(t.Context(), jobs.DeadQuery{WorkspaceID: "w", Limit: 10})
		if err != nil || len(dead) != 1 || !strings.Contains(dead[0].Error, "follow from one another") {
			t.Errorf("%v, %v", dead, err)
		}
	})
}

// exactly is a reaction whose effect and end are one write: it counts how often it happened, and in which order.
func (p *process) exactly(ctx context.Context, r Reaction) error {
	all := store.NewCollection[counter](p.engine, counters)
	id := "effects of " + r.Subject
	doc, err := all.Get(ctx, id)
	write := all.Replace
	if errors.Is(err, store.ErrNotFound) {
		doc, write, err = &counter{Meta: store.Meta{ID: id}}, all.Insert, nil
	}
	if err != nil {
		return err
	}
	if doc.Value++; int64(doc.Value) != r.Version {
		return fmt.Errorf("%w: version %d after %d", jobs.ErrDead, r.Version, doc.Value-1)
	}
	return p.engine.Write(ctx, append(r.Done(), write(doc))...)
}

// TestACrashLosesNoReaction cuts and kills at every write of commits and their reactions; another instance, which works on the same
// subjects all the while, takes over.
func TestACrashLosesNoReaction(t *testing.T) {
	for _, fault := range storetest.Faults() {
		for n := 1; n <= 12; n++ {
			t.Run(fmt.Sprint(fault, " ", n), func(t *testing.T) {
				bubble(t, func(t *testing.T, disk store.Engine) {
					var both [2]*process
					for i := range both {
						p := newProcess(disk)
						p.React("count", []string{"counter.updated"}, p.exactly)
						p.work(t)
						both[i] = p
					}
					both[0].engine.Fail(n, fault)
					for i := range 8 {
						_ = both[i%2].step(t.Context(), "a")
						_ = both[i%2].step(t.Context(), "b")
					}
					time.Sleep(3 * time.Minute)
					synctest.Wait()
					all := store.NewCollection[counter](disk, counters)
					for _, id := range []string{"a", "b"} {
						docs, err := all.GetMany(t.Context(), id, "effects of "+id)
						if err != nil || len(docs) != 2 || docs[0].Value < 4 || docs[0].Value != docs[1].Value {
							t.Errorf("%s: %+v, %v", id, docs, err)
						}
					}
					if n := jobsLeft(t, disk); n != 0 {
						t.Errorf("%d jobs are left", n)
					}
				})
			})
		}
	}
}

// A reaction that fails holds back the later events of its subject, and nothing else.
func TestAFailingReactionHoldsBackOnlyItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		var s seen
		var broken atomic.Bool
		broken.Store(true)
		processes := []*process{newProcess(disk), newProcess(disk)}
		for _, p := range processes {
			p.React("fails", []string{"counter.updated"}, func(_ context.Context, r Reaction) error {
				if broken.Load() && r.Subject == "a" && r.Version == 2 {
					return errors.New("not now")
				}
				s.note("fails", r)
				return nil
			})
			p.React("works", []string{"counter.updated"}, func(_ context.Context, r Reaction) error {
				s.note("works", r)
				return nil
			})
			p.work(t)
		}
		for i := range 4 {
			for _, id := range []string{"a", "b"} {
				if err := processes[i%2].step(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		for _, want := range [][3]string{
			{"fails", "a", "1"},
			{"fails", "b", "1 2 3 4"},
			{"works", "a", "1 2 3 4"},
			{"works", "b", "1 2 3 4"},
		} {
			if got := s.of(want[0], want[1]); got != want[2] {
				t.Errorf("%s saw of %s: %s", want[0], want[1], got)
			}
		}
		broken.Store(false)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if got := s.of("fails", "a"); got != "1 2 3 4" || jobsLeft(t, disk) != 0 {
			t.Errorf("then it saw %s; %d jobs are left", got, jobsLeft(t, disk))
		}
	})
}

// Behind a dead letter it goes on; replayed, the dead letter runs, though late.
func TestADeadReactionLetsTheLaterOnesGo(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		var s seen
		var broken atomic.Bool
		broken.Store(true)
		p := newProcess(disk)
		p.React("dies", []string{"counter.updated"}, func(_ context.Context, r Reaction) error {
			if broken.Load() && r.Version == 2 {
				return jobs.ErrDead
			}
			s.note("dies", r)
			return nil
		})
		p.work(t)
		for range 3 {
			if err := p.step(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if got := s.of("dies", "a"); got != "1 3" {
			t.Errorf("it saw %s", got)
		}
		broken.Store(false)
		if n, _, err := p.runner.ReplayAll(t.Context(), jobs.DeadQuery{WorkspaceID: "w", Limit: 10}); n != 1 || err != nil {
			t.Fatalf("%d replayed, %v", n, err)
		}
		synctest.Wait()
		if got := s.of("dies", "a"); got != "1 3 2" || jobsLeft(t, disk) != 0 {
			t.Errorf("after the replay it saw %s", got)
		}
	})
}
