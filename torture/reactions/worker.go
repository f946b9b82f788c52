package reactions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest/storeserver"
)

// workerEnv holds the orders of a process that is a worker.
const workerEnv = "WASL_TEST_REACTIONS"

// orders are what a worker is told.
type orders struct {
	Folder   string // of a store of its own
	Address  string // or of one that it shares
	Redis    string
	Subjects int
	Split    bool // the planted fault
	Drain    bool // commit nothing, and end when nothing is left to do
}

// subject is what is changed; its value counts the changes.
type subject struct {
	store.Meta `bson:",inline"`
	Value      int64 `bson:"value"`
}

// effect is what a reaction left of one event.
type effect struct {
	store.Meta `bson:",inline"`
	Name       string `bson:"name"`
	Subject    string `bson:"subject"`
	Version    int64  `bson:"version"`
}

// progress is how far a reaction is with a subject.
type progress struct {
	store.Meta `bson:",inline"`
	Last       int64 `bson:"last"`  // the version that it saw last
	Count      int64 `bson:"count"` // how often it succeeded
	Wrong      int64 `bson:"wrong"` // how often it came out of order
}

var (
	subjects   = store.Schema{Name: "subjects"}
	effects    = store.Schema{Name: "effects"}
	progresses = store.Schema{Name: "progress"}
)

// The two ways to react: the effect ends the reaction in its own write, or bears to be repeated.
const (
	once  = "once"
	keyed = "keyed"
)

const (
	changed = "subject.changed"
	writers = 32
	// mostActive bounds the work under way, so that reactions keep up with commits.
	mostActive = 128
	// leftPrefix begins the lines with which a worker that settles says how many jobs are left.
	leftPrefix = "left"
	// failing is one in how many reactions fails.
	failing = 500
)

type worker struct {
	orders
	engine    store.Engine
	bus       *events.Bus
	runner    *jobs.Runner
	subjects  store.Collection[subject, *subject]
	effects   store.Collection[effect, *effect]
	progress  store.Collection[progress, *progress]
	committed atomic.Int64
}

// Worker takes over the process and returns true where it was started as a worker.
func Worker() bool {
	given := os.Getenv(workerEnv)
	if given == "" {
		return false
	}
	w := &worker{}
	err := json.Unmarshal([]byte(given), &w.orders)
	if err == nil {
		err = w.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func (w *worker) open() (err error) {
	if w.Folder != "" {
		w.engine, err = pebble.Open(w.Folder, pebble.Options{})
	} else {
		w.engine, err = storeserver.Dial(w.Address)
	}
	if err == nil && w.Split {
		w.engine = splitting{w.engine}
	}
	return err
}

func (w *worker) run() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // who started this is gone
		os.Exit(1)
	}()
	if err := w.open(); err != nil {
		return err
	}
	if err := w.engine.Ensure(ctx, slices.Concat(events.Schemas(), jobs.Schemas(),
		[]store.Schema{subjects, effects, progresses})...); err != nil {
		return err
	}
	var stream events.Stream = events.NewLocal()
	if w.Redis != "" {
		shared, err := events.NewRedis(ctx, redis.Options{Addr: w.Redis}, zerolog.Nop())
		if err != nil {
			return err
		}
		stream = shared
	}
	sole := w.Folder != ""
	w.runner = jobs.NewRunner(w.engine, clock.System{}, zerolog.Nop(), ids.New("ins", time.Now()))
	w.bus = events.NewBus(w.engine, stream, w.runner, clock.System{}, zerolog.Nop())
	w.subjects, w.effects = store.NewCollection[subject](w.engine, subjects), store.NewCollection[effect](w.engine, effects)
	w.progress = store.NewCollection[progress](w.engine, progresses)
	w.bus.React(once, []string{changed}, w.reactOnce)
	w.bus.React(keyed, []string{changed}, w.reactKeyed)
	var running sync.WaitGroup
	running.Go(func() { _ = w.bus.Run(ctx, sole) })
	running.Go(func() { _ = w.runner.Serve(ctx, sole) })
	if !w.Drain {
		w.load(ctx) // until it is killed
	}
	for look, n := 0, 1; n > 0; look++ {
		ceiling := 1
		if look%50 == 0 {
			ceiling = math.MaxInt32
		}
		var err error
		if n, err = w.engine.Count(ctx, "jobs", store.Query{}, ceiling); err != nil {
			return err
		}
		if ceiling > 1 {
			fmt.Println(leftPrefix, n)
		}
		time.Sleep(100 * time.Millisecond)
	}
	cancel()
	running.Wait()
	return errors.Join(stream.Close(), w.engine.Close())
}

// load commits, and says how often it was answered that the commit is durable.
func (w *worker) load(ctx context.Context) {
	for range writers {
		go func() {
			for {
				for w.runner.Active() > mostActive {
					time.Sleep(time.Millisecond)
				}
				if err := w.commit(ctx); err == nil {
					w.committed.Add(1)
				}
			}
		}()
	}
	for {
		fmt.Println(w.committed.Load())
		time.Sleep(20 * time.Millisecond)
	}
}

// commit changes a subject once.
func (w *worker) commit(ctx context.Context) error {
	id := fmt.Sprint("sub_", rand.IntN(w.Subjects))
	doc, err := w.subjects.Get(ctx, id)
	write := w.subjects.Replace
	if errors.Is(err, store.ErrNotFound) {
		doc, write, err = &subject{Meta: store.Meta{ID: id}}, w.subjects.Insert, nil
	}
	if err != nil {
		return err
	}
	doc.Value++
	change := write(doc)
	return w.bus.Commit(ctx, &events.Write{Changes: []store.Change{change}, Events: []events.Event{{
		Type: changed, WorkspaceID: "wsp_1", Subject: id, Version: doc.Version, Audience: access.Audience{Everyone: true},
		Data:    json.RawMessage(`{}`),
		Changes: []events.Change{{Field: "value", Before: doc.Value - 1, After: doc.Value}},
	}}})
}

// reactOnce writes its effect together with its end.
func (w *worker) reactOnce(ctx context.Context, r events.Reaction) error {
	changes, _, err := w.effect(ctx, r)
	if err != nil {
		return err
	}
	return w.engine.Write(ctx, append(changes, r.Done()...)...)
}

// reactKeyed writes its effect under a key, so that a repetition has none, and leaves its end to those who run it.
func (w *worker) reactKeyed(ctx context.Context, r events.Reaction) error {
	if rand.IntN(failing) == 0 {
		return errors.New("not this time")
	}
	changes, id, err := w.effect(ctx, r)
	if err != nil {
		return err
	}
	if _, err := w.effects.Get(ctx, id); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return w.engine.Write(ctx, changes...)
}

// effect returns the changes that write down what the reaction saw, and the id of what stands for the event.
func (w *worker) effect(ctx context.Context, r events.Reaction) ([]store.Change, string, error) {
	row := &effect{Meta: store.Meta{ID: ids.Derived("eff", r.Name, r.EventID)}, Name: r.Name, Subject: r.Subject, Version: r.Version}
	id := r.Name + " " + r.Subject
	p, err := w.progress.Get(ctx, id)
	write := w.progress.Replace
	if errors.Is(err, store.ErrNotFound) {
		p, write, err = &progress{Meta: store.Meta{ID: id}}, w.progress.Insert, nil
	}
	if err != nil {
		return nil, "", err
	}
	if r.Version <= p.Last {
		p.Wrong++
	}
	p.Last, p.Count = r.Version, p.Count+1
	return []store.Change{w.effects.Insert(row), write(p)}, row.ID, nil
}

// splitting is the planted fault: what follows from a change is not in its write.
type splitting struct{ store.Engine }

// Write makes two of one.
func (s splitting) Write(ctx context.Context, changes ...store.Change) error {
	later := func(c store.Change) bool { return c.Collection == "jobs" && c.Kind == store.Insert }
	if !slices.ContainsFunc(changes, later) {
		return s.Engine.Write(ctx, changes...)
	}
	first, second := changes[:0:0], changes[:0:0]
	for _, c := range changes {
		if later(c) {
			second = append(second, c)
		} else {
			first = append(first, c)
		}
	}
	if err := s.Engine.Write(ctx, first...); err != nil {
		return err
	}
	return s.Engine.Write(ctx, second...)
}
