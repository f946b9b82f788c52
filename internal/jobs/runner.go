package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/clock"
	"wasl/store"
)

const (
	// lease is how long a job belongs to the instance that took it; its tasks' deadline is shorter, so that a slow
	// task has ended before another instance may begin.
	lease    = 30 * time.Second
	deadline = 25 * time.Second
	// patience is the deadline of tasks that somebody waits for.
	patience = 8 * time.Second
	// pollEvery bounds how late a due job starts.
	pollEvery = 500 * time.Millisecond
	// maxAttempts with backoff between one second and ten minutes is about four hours.
	maxAttempts = 30
	maxBackoff  = 10 * time.Minute
	// parallel tasks in one process.
	parallel = 256
	// backlog is how many jobs may be under way here before new ones are left to whoever has time.
	backlog = 20000
	// eager is how many may be under way here before one that somebody waits for is stored first.
	eager = 512
)

// Run does one task's work. A nil error finishes the job, with its own write where the task did not put
// Job.Done into one.
type Run func(ctx context.Context, job *Job) error

// Plan says which tasks a job has. It is pure and quick: it runs in the goroutine that starts the job, which
// fixes the order within lanes. An error makes the job a dead letter, unless it is a store that is unavailable.
type Plan func(job *Job) ([]Task, error)

// Single is the plan of a job with one task in the lane of its Ref.
func Single(run Run) Plan {
	return func(job *Job) ([]Task, error) { return []Task{{Lane: job.Kind + job.Ref, Run: run}}, nil }
}

// Runner runs the jobs of this instance and takes over those whose lease lapsed.
type Runner struct {
	engine  store.Engine
	jobs    collection
	gone    store.Collection[Discarded, *Discarded]
	clock   clock.Clock
	log     zerolog.Logger
	owner   string
	plans   map[string]Plan
	lanes   *lanes
	active  atomic.Int64
	running sync.Map // ids of the jobs under way here
	wake    chan struct{}
	mu      sync.RWMutex // held for reading by Start, for writing by the end
	stopped bool
	onDead  func(Job)
	base    context.Context //nolint:containedctx // the tasks' parent: ends what outlasts the stop
	cancel  context.CancelFunc
}

// NewRunner returns a runner; owner names this instance.
func NewRunner(engine store.Engine, c clock.Clock, log zerolog.Logger, owner string) *Runner {
	base, cancel := context.WithCancel(context.Background())
	return &Runner{
		base: base, cancel: cancel, engine: engine, jobs: store.NewCollection[Job](engine, schema),
		gone: store.NewCollection[Discarded](engine, discardedSchema), clock: c, log: log, owner: owner,
		plans: map[string]Plan{}, lanes: newLanes(parallel), wake: make(chan struct{}, 1), onDead: func(Job) {},
	}
}

// Handle sets the plan of a kind of job, before Serve.
func (r *Runner) Handle(kind string, plan Plan) { r.plans[kind] = plan }

// OnDead is told of every new dead letter, before Serve.
func (r *Runner) OnDead(fn func(Job)) { r.onDead = fn }

// New returns a job owned by this instance and the change that stores it. Call Start after the write. Key parts
// make a second job with the same key the same job.
func (r *Runner) New(kind, workspaceID, ref string, payload []byte, key ...string) (*Job, store.Change) {
	job := r.owned(kind, workspaceID, ref, payload, key)
	return job, r.jobs.Insert(job)
}

func (r *Runner) owned(kind, workspaceID, ref string, payload []byte, key []string) *Job {
	job := r.at(kind, workspaceID, ref, payload, r.clock.Now().Add(lease), key)
	if r.active.Load() > backlog {
		job.RunAt = r.clock.Now() // somebody else, or this one when it has time
	} else {
		job.Owner = r.owner
	}
	return job
}

// Take makes sure of a job and returns when it is: done, or stored, be it to be done later. What is done at once is never written.
func (r *Runner) Take(ctx context.Context, kind, workspaceID, ref string, payload []byte, key ...string) error {
	if r.active.Load() >= eager { // it is sure sooner than done
		_, err := r.Keep(ctx, kind, workspaceID, ref, payload, key...)
		return err
	}
	job := r.at(kind, workspaceID, ref, payload, r.clock.Now().Add(lease), key)
	outcome := make(chan error, 1)
	job.Owner, job.outcome = r.owner, outcome
	if runs := r.begin(job); len(runs) == 1 {
		runs[0]() // here: somebody waits for it anyhow
	} else {
		start(runs)
	}
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: a job was not done in time: %w", store.ErrUnavailable, ctx.Err())
	}
}

// Keep stores a job and starts it; it reports false where the job is there already.
func (r *Runner) Keep(ctx context.Context, kind, workspaceID, ref string, payload []byte, key ...string) (bool, error) {
	job, insert := r.New(kind, workspaceID, ref, payload, key...)
	err := r.engine.Write(ctx, insert)
	if err == nil {
		r.Start(job)
	}
	return err == nil, ignoreExists(err)
}

// ignoreExists: a job that is there already is sure.
func ignoreExists(err error) error {
	if errors.Is(err, store.ErrExists) {
		return nil
	}
	return err
}

// At returns the change that stores a job for a later time.
func (r *Runner) At(when time.Time, kind, workspaceID, ref string, payload []byte, key ...string) store.Change {
	return r.jobs.Insert(r.at(kind, workspaceID, ref, payload, store.Millis(when), key))
}

func (r *Runner) at(kind, workspaceID, ref string, payload []byte, when time.Time, key []string) *Job {
	return &Job{
		Meta: store.Meta{ID: ID(kind, key...)}, Kind: kind, WorkspaceID: workspaceID, Ref: ref, State: Ready,
		RunAt: when, Payload: payload, CreatedAt: r.clock.Now(), coll: r.jobs,
	}
}

// Start runs a job that this instance has just stored.
func (r *Runner) Start(job *Job) { start(r.begin(job)) }

func start(runs []func()) {
	for _, run := range runs {
		go run()
	}
}

// begin puts a job's tasks into their lanes and returns what is to be run now: the rest follows in the lanes.
func (r *Runner) begin(job *Job) (runs []func()) {
	if job.Owner != r.owner {
		r.nudge()
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.stopped { // its lease lapses
		job.tell(errStopped)
		return nil
	}
	job.coll = r.jobs
	tasks, err := r.plan(job)
	if err != nil {
		tasks = []Task{{Run: func(context.Context, *Job) error { return err }}}
	}
	tasks = slices.DeleteFunc(tasks, func(t Task) bool { return t.Key != "" && slices.Contains(job.Ended, t.Key) })
	if len(tasks) == 0 {
		tasks = []Task{{Run: func(context.Context, *Job) error { return nil }}}
	}
	r.active.Add(1)
	r.running.Store(job.ID, nil)
	round := &round{runner: r, job: job, left: len(tasks)}
	for _, task := range tasks {
		if run := r.lanes.add(task.Lane, func() { round.run(task) }); run != nil {
			runs = append(runs, run)
		}
	}
	return runs
}

// plan asks the kind's plan. What it cannot read, no repetition can mend, except a store that does not answer.
func (r *Runner) plan(job *Job) (tasks []Task, err error) {
	plan, known := r.plans[job.Kind]
	if !known {
		return nil, fmt.Errorf("%w: no handler for jobs of kind %q", ErrDead, job.Kind)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", ErrDead, p)
			r.log.Error().Interface("panic", p).Str("job", job.ID).Bytes("stack", debug.Stack()).Msg("planning a job panicked")
		}
	}()
	if tasks, err = plan(job); err != nil && !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w: %w", ErrDead, err)
	}
	return tasks, err
}

func (r *Runner) attempt(run Run, job *Job) (err error) {
	within := deadline
	if !job.Stored() {
		within = patience
	}
	ctx, cancel := context.WithTimeout(r.base, within)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			r.log.Error().Interface("panic", p).Str("job", job.ID).Bytes("stack", debug.Stack()).Msg("a job panicked")
		}
	}()
	return run(ctx, job)
}

func (r *Runner) finish(job *Job, failed error) {
	defer r.active.Add(-1)
	defer r.running.Delete(job.ID)
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	switch {
	case errors.Is(failed, errLost), failed != nil && r.base.Err() != nil:
		job.tell(errStopped)
		return // somebody else has it, or will: what a stop cut short did not fail
	case failed == nil && (job.taken || !job.Stored()):
		job.tell(nil)
		r.release(ctx, job)
		return
	case failed == nil:
		if err := r.engine.Write(ctx, job.Done()); err != nil && !errors.Is(err, store.ErrConflict) {
			r.log.Warn().Err(err).Str("job", job.ID).Msg("a finished job could not be removed; it will run again")
		}
		r.release(ctx, job)
		return
	}
	r.again(ctx, job, failed)
}

// again decides what becomes of a job that failed.
func (r *Runner) again(ctx context.Context, job *Job, cause error) {
	var later *Later
	now := r.clock.Now()
	job.Owner = ""
	switch {
	case errors.As(cause, &later):
		job.RunAt, job.Error = store.Millis(later.At), later.Reason
	case errors.Is(cause, ErrDead) || job.Attempts+1 >= maxAttempts:
		job.State, job.Error, job.DiedAt = Dead, cause.Error(), now
	default:
		job.RunAt, job.Error = now.Add(backoff(job.Attempts)), cause.Error()
		job.Attempts++
	}
	write := r.jobs.Replace
	if !job.Stored() {
		write = r.jobs.Insert
	}
	err := r.engine.Write(ctx, write(job))
	job.tell(ignoreExists(err))
	switch {
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrExists):
		return // another instance has it now
	case err != nil:
		r.log.Warn().Err(err).Str("job", job.ID).Msg("a failed job waits for its lease")
	case job.State == Dead:
		r.log.Error().AnErr("cause", cause).Str("job", job.ID).Str("kind", job.Kind).Msg("dead letter")
		r.onDead(*job)
		r.release(ctx, job)
	default:
		r.log.Debug().AnErr("cause", cause).Str("job", job.ID).Str("kind", job.Kind).Msg("job goes again")
		if job.RunAt.Sub(now) < pollEvery {
			r.nudge()
		}
	}
}

func backoff(attempts int) time.Duration {
	return min(maxBackoff, time.Second<<min(attempts, 10))
}

func (r *Runner) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// stopTime is how long tasks may go on when the process stops; then their contexts end.
const stopTime = 6 * time.Second

// Serve takes due jobs until ctx ends, then lets those under way end. sole says that no other process shares the
// store: then what a former one left running is taken over at once instead of when its lease lapses.
func (r *Runner) Serve(ctx context.Context, sole bool) error {
	if sole {
		if err := r.claim(ctx, store.Query{Index: "due", Eq: []any{Ready}, Limit: 100}, func(j *Job) bool { return j.Owner != "" && j.Owner != r.owner }); err != nil {
			return err
		}
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		q := store.Query{Index: "due", Eq: []any{Ready}, Range: &store.Range{To: r.clock.Now()}, Limit: 100}
		if err := r.claim(ctx, q, func(*Job) bool { return true }); err != nil && ctx.Err() == nil {
			r.log.Warn().Err(err).Msg("due jobs could not be read")
		}
		select {
		case <-ctx.Done():
			r.mu.Lock()
			r.stopped = true
			r.mu.Unlock()
			late := time.AfterFunc(stopTime, r.cancel)
			r.lanes.wg.Wait()
			late.Stop()
			return nil
		case <-tick.C:
		case <-r.wake:
		}
	}
}

// claim takes what the query finds and wants, except what waits in a lane here: only another instance may take that over.
func (r *Runner) claim(ctx context.Context, q store.Query, wants func(*Job) bool) error {
	for r.active.Load() < backlog {
		due, next, err := r.jobs.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, job := range due {
			if _, here := r.running.Load(job.ID); here || !wants(job) {
				continue
			}
			job.Owner, job.RunAt = r.owner, r.clock.Now().Add(lease)
			if err := r.engine.Write(ctx, r.jobs.Replace(job)); err != nil {
				if errors.Is(err, store.ErrConflict) {
					continue
				}
				return err
			}
			r.Start(job)
		}
		if next == "" {
			return nil
		}
		q.Cursor = next
	}
	return nil
}

// Active is how many jobs are under way here.
func (r *Runner) Active() int64 { return r.active.Load() }
