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
	// patience is the deadline of tasks that somebody waits for.
	patience = 8 * time.Second
	// maxAttempts with backoff between one second and ten minutes is about four hours.
	maxAttempts = 30
	maxBackoff  = 10 * time.Minute
	// maxPayloads bounds the bytes of the payloads that are under way here.
	maxPayloads = 64 << 20
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
	engine    store.Engine
	jobs      collection
	payloads  store.Collection[payload, *payload]
	discarded store.Collection[Discarded, *Discarded]
	clock     clock.Clock
	log       zerolog.Logger
	owner     string
	kinds     map[string]kind
	schedules store.Collection[schedule, *schedule]
	recurring []*recurring
	classes   map[Class]*class
	lanes     *lanes
	bytes     atomic.Int64 // of the payloads under way here
	running   sync.Map     // ids of the jobs under way here
	wake      chan struct{}
	mu        sync.RWMutex // held for reading by Start, for writing by the end
	stopped   bool
	last      context.Context //nolint:containedctx // of the writes after the stop
	onDead    func(Job)
	base      context.Context //nolint:containedctx // the tasks' parent: ends what outlasts the stop
	cancel    context.CancelFunc
}

// kind is what the runner knows of a kind of job.
type kind struct {
	class *class
	plan  Plan
}

// NewRunner returns a runner; owner names this instance.
func NewRunner(engine store.Engine, c clock.Clock, log zerolog.Logger, owner string) *Runner {
	base, cancel := context.WithCancel(context.Background())
	return &Runner{
		base: base, cancel: cancel, engine: engine, jobs: store.NewCollection[Job](engine, schema), payloads: newPayloads(engine),
		discarded: store.NewCollection[Discarded](engine, discardedSchema), clock: c, log: log, owner: owner,
		schedules: store.NewCollection[schedule](engine,
			scheduleSchema), kinds: map[string]kind{}, classes: newClasses(), lanes: newLanes(), wake: make(chan struct{}, 1),
		onDead: func(Job) {},
	}
}

// Handle says of which class a kind of job is and what its tasks are, before Serve. A kind that is there already is a mistake in the
// program: it panics.
func (r *Runner) Handle(name string, of Class, plan Plan) {
	if _, there := r.kinds[name]; there {
		panic(fmt.Sprintf("jobs: the kind %q is handled twice", name))
	}
	r.kinds[name] = kind{r.classes[of], plan}
}

// OnDead is told of every new dead letter, before Serve.
func (r *Runner) OnDead(fn func(Job)) { r.onDead = fn }

// New returns a job owned by this instance and the changes that store it. Call Start after the write.
func (r *Runner) New(spec Spec) (*Job, []store.Change) {
	job := r.own(r.job(spec))
	return job, r.insert(job)
}

// Take makes sure of a job and returns when it is: done, or stored, be it to be done later. What is done at once is never written.
func (r *Runner) Take(ctx context.Context, spec Spec) error {
	if r.classOf(spec.Kind).active.Load() >= eager || !r.fits(0, len(spec.Payload)) { // it is sure sooner than done
		_, err := r.Keep(ctx, spec)
		return err
	}
	job := r.job(spec)
	outcome := make(chan error, 1)
	job.Owner, job.RunAt, job.outcome, job.waits = r.owner, r.clock.Now().Add(r.classOf(spec.Kind).lease()), outcome, ctx
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
func (r *Runner) Keep(ctx context.Context, spec Spec) (bool, error) {
	job, insert := r.New(spec)
	err := r.engine.Write(ctx, insert...)
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

// At returns the changes that store a job for a later time.
func (r *Runner) At(when time.Time, spec Spec) []store.Change {
	job := r.job(spec)
	job.RunAt = store.Millis(when)
	r.wakeAt(job)
	return r.insert(job)
}

// ErrLarge refuses a payload that does not go with Schedule.
var ErrLarge = errors.New("jobs: the payload is too large to be scheduled")

// Schedule returns the change that stores a job for a later time in the place of the one with its key, if there is one. A run of that
// which is under way is fenced out, as if another instance had taken the job over.
func (r *Runner) Schedule(ctx context.Context, when time.Time, spec Spec) (store.Change, error) {
	job := r.job(spec)
	job.RunAt = store.Millis(when)
	if job.Size > inline {
		return store.Change{}, ErrLarge
	}
	r.wakeAt(job)
	before, err := r.jobs.Get(ctx, job.ID)
	if errors.Is(err, store.ErrNotFound) {
		return r.jobs.Insert(job), nil
	}
	if err != nil {
		return store.Change{}, err
	}
	job.Version = before.Version
	return r.jobs.Replace(job), nil
}

func (r *Runner) job(spec Spec) *Job {
	id, lane := ID(spec.Kind, spec.Key...), ""
	if spec.Turn.Lane != nil {
		id, lane = spec.Turn.id(spec.Kind)
	}
	return &Job{
		Meta: store.Meta{ID: id}, Lane: lane, Kind: spec.Kind, Class: r.classOf(spec.Kind).name, Part: partOf(spec.WorkspaceID, spec.Ref),
		WorkspaceID: spec.WorkspaceID, Ref: spec.Ref, Share: spec.Share, State: Ready, Payload: spec.Payload, Size: len(spec.Payload),
		CreatedAt: r.clock.Now(), coll: r.jobs,
	}
}

// classOf returns the class of a kind. What nobody handles fails in the class of what nobody waits for.
func (r *Runner) classOf(name string) *class {
	if k, known := r.kinds[name]; known {
		return k.class
	}
	return r.classes[Bulk]
}

// own makes the job this instance's where there is room for it, else due now: for somebody else, or for this one when it has time.
func (r *Runner) own(job *Job) *Job {
	c := r.classOf(job.Kind)
	job.Owner, job.RunAt = "", r.clock.Now()
	if c.active.Load() <= backlog && r.fits(0, job.Size) {
		job.Owner, job.RunAt = r.owner, job.RunAt.Add(c.lease())
	}
	return job
}

// fits reports whether a payload of this size may be under way here beside the others and those that are claimed with it. A small
// one always may, and a large one alone.
func (r *Runner) fits(claimed, size int) bool {
	under := r.bytes.Load() + int64(claimed)
	return size <= inline || under == 0 || under+int64(size) <= maxPayloads
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
		r.wakeUp(r.classOf(job.Kind))
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.stopped { // its lease lapses
		job.tell(errStopped)
		return nil
	}
	job.coll = r.jobs
	round := &round{runner: r, job: job, class: r.classOf(job.Kind), ctx: r.base}
	if !job.Stored() {
		round.ctx = job.waits
	}
	round.class.active.Add(1)
	r.bytes.Add(int64(job.Size))
	r.running.Store(job.ID, nil)
	tasks, err := r.plan(job)
	if err != nil {
		tasks = []Task{{Run: func(context.Context, *Job) error { return err }}}
	}
	tasks = slices.DeleteFunc(tasks, func(t Task) bool { return t.Key != "" && slices.Contains(job.Ended, t.Key) })
	if len(tasks) == 0 {
		tasks = []Task{{Run: func(context.Context, *Job) error { return nil }}}
	}
	round.left = len(tasks)
	for _, task := range tasks {
		if run := r.lanes.add(task.Lane, func() { round.run(task) }); run != nil {
			runs = append(runs, run)
		}
	}
	return runs
}

// While instances are replaced one after the other, an older one leaves what it does not know to the newer ones.
const (
	unknownRetry = 5 * time.Second
	unknownFor   = 24 * time.Hour
)

// Unknown is the outcome of a job of which this program knows no handler: a newer version may have stored it, so it is put off for a day
// before it fails as given.
func (r *Runner) Unknown(job *Job, dead error) error {
	now := r.clock.Now()
	if now.Sub(job.CreatedAt) > unknownFor {
		return dead
	}
	return &Later{At: now.Add(unknownRetry), Reason: "this version of the program does not know it"}
}

// plan asks the kind's plan. What it cannot read, no repetition can mend, except a store that does not answer.
func (r *Runner) plan(job *Job) (tasks []Task, err error) {
	of, known := r.kinds[job.Kind]
	if !known {
		return nil, r.Unknown(job, fmt.Errorf("%w: no handler for jobs of kind %q", ErrDead, job.Kind))
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", ErrDead, p)
			r.log.Error().Interface("panic", p).Str("job", job.ID).Bytes("stack", debug.Stack()).Msg("planning a job panicked")
		}
	}()
	ctx, cancel := context.WithTimeout(r.base, patience)
	defer cancel()
	if job.Payload, err = r.Payload(ctx, job); err == nil {
		tasks, err = of.plan(job)
	}
	if err != nil && !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w: %w", ErrDead, err)
	}
	return tasks, err
}

func (r *Runner) attempt(run Run, job *Job, within time.Duration) (err error) {
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

func (r *Runner) finish(job *Job, c *class, failed error) {
	defer c.active.Add(-1)
	defer r.bytes.Add(-int64(job.Size))
	defer r.running.Delete(job.ID)
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	switch {
	case errors.Is(failed, errLost):
		return // another instance has it
	case failed != nil && r.base.Err() != nil:
		r.letGo(job)
		return // what a stop cut short did not fail
	case failed == nil && (job.taken || !job.Stored()):
		job.tell(nil)
		r.release(ctx, job)
		return
	case failed == nil:
		if err := r.engine.Write(ctx, job.Done()...); err != nil && !errors.Is(err, store.ErrConflict) {
			r.log.Warn().Err(err).Str("job", job.ID).Msg("a finished job could not be removed; it will run again")
		}
		r.release(ctx, job)
		return
	}
	r.again(ctx, job, failed)
}

// letGo leaves a job that a stop cut short to whoever is next.
func (r *Runner) letGo(job *Job) {
	if !job.Stored() {
		job.tell(errStopped)
		return
	}
	job.Owner, job.RunAt = "", r.clock.Now()
	if err := r.engine.Write(r.last, r.replace(job)); err != nil {
		r.log.Debug().Err(err).Str("job", job.ID).Msg("a job that was cut short waits for its lease")
	}
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
	changes := []store.Change{}
	if job.Stored() {
		changes = append(changes, r.replace(job))
	} else {
		changes = r.insert(job)
	}
	err := r.engine.Write(ctx, changes...)
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
		r.wakeAt(job)
	}
}

func backoff(attempts int) time.Duration {
	return min(maxBackoff, time.Second<<min(attempts, 10))
}
