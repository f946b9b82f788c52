package jobs

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"wasl/internal/clock"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// effect is what the jobs of these tests do: they count themselves in a document.
type effect struct {
	store.Meta `bson:",inline"`
	Count      int `bson:"count"`
}

var effectSchema = store.Schema{Name: "effects"}

// bubble runs a test with fake time over an embedded store in memory.
func bubble(t *testing.T, fn func(t *testing.T, disk store.Engine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		disk, err := pebble.Open("jobs", pebble.Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := disk.Ensure(t.Context(), append(Schemas(), effectSchema)...); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := disk.Close(); err != nil {
				t.Error(err)
			}
		})
		fn(t, disk)
	})
}

// process is one instance with its runner.
type process struct {
	*Runner
	engine  *storetest.Faulty
	effects store.Collection[effect, *effect]
	stop    func()
}

func newProcess(disk store.Engine, owner string) *process {
	engine := storetest.NewFaulty(disk)
	return &process{
		Runner: NewRunner(engine, clock.System{}, zerolog.Nop(), owner), engine: engine,
		effects: store.NewCollection[effect](engine, effectSchema),
	}
}

// serve starts the runner; sole as in a process that has the store for itself.
func (p *process) serve(t *testing.T, sole bool) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.Serve(ctx, sole); err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("serve: %v", err)
		}
	})
	p.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(p.stop)
	synctest.Wait()
	return p
}

// submit stores and starts a job as a use case does.
func (p *process) submit(ctx context.Context, kind, ref string, key ...string) error {
	job, insert := p.New(Spec{Kind: kind, WorkspaceID: "w", Ref: ref, Payload: []byte(ref), Key: key})
	if err := p.engine.Write(ctx, insert...); err != nil {
		return err
	}
	p.Start(job)
	return nil
}

// count counts in the document and finishes the job in the same write.
func (p *process) count(ctx context.Context, job *Job) error {
	for {
		doc, err := p.effects.Get(ctx, job.Ref)
		change := p.effects.Replace
		if errors.Is(err, store.ErrNotFound) {
			doc, change, err = &effect{Meta: store.Meta{ID: job.Ref}}, p.effects.Insert, nil
		}
		if err != nil {
			return err
		}
		doc.Count++
		err = p.engine.Write(ctx, append(job.Done(), change(doc))...)
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) {
			return err
		}
		if held, err := job.Held(ctx); err != nil || !held {
			return err
		}
	}
}

func counted(t *testing.T, disk store.Engine, ref string) int {
	t.Helper()
	found, err := store.NewCollection[effect](disk, effectSchema).GetMany(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return 0
	}
	return found[0].Count
}

// left returns the jobs that are stored.
func left(t *testing.T, disk store.Engine) []*Job {
	t.Helper()
	found, _, err := store.NewCollection[Job](disk, schema).Find(t.Context(), store.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wantNoJobs(t *testing.T, disk store.Engine) {
	t.Helper()
	for _, j := range left(t, disk) {
		t.Errorf("job %s is left: %s, attempts %d, due in %v, error %q", j.Ref, j.State, j.Attempts, time.Until(j.RunAt), j.Error)
	}
}

// settle lets time pass until everything that is due has run.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
