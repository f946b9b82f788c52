package jobs

import (
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"wasl/store"
)

const (
	// pollEvery bounds how late a due job starts that another instance stored.
	pollEvery = 500 * time.Millisecond
	// nearby is how far ahead this instance remembers what it stored, to start it on time.
	nearby = time.Minute
	// page is how many jobs are claimed in one write.
	page = 100
	// parts divide the due jobs of each class, so that instances which have much to claim begin in different places. All jobs about
	// one thing are in the same part and keep their order.
	parts = 8
)

var allParts = func() (all store.In) {
	for part := range parts {
		all = append(all, part)
	}
	return all
}()

func partOf(workspaceID, ref string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(workspaceID))
	_, _ = h.Write([]byte(ref))
	return int(h.Sum32() % parts)
}

// wakeUp has the class looked at now.
func (r *Runner) wakeUp(c *class) {
	c.woken.Store(true)
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// wakeAt has a job that is stored for a time nearby looked for then.
func (r *Runner) wakeAt(job *Job) {
	c := r.classOf(job.Kind)
	switch wait := job.RunAt.Sub(r.clock.Now()); {
	case wait <= 0:
		r.wakeUp(c)
	case wait < nearby:
		time.AfterFunc(wait, func() { r.wakeUp(c) })
	}
}

// stopTime is how long tasks may go on when the process stops; then their contexts end.
const stopTime = 6 * time.Second

// Serve takes due jobs until ctx ends, then lets those under way end. sole says that no other process shares the
// store: then what a former one left running is taken over at once instead of when its lease lapses.
func (r *Runner) Serve(ctx context.Context, sole bool) error {
	if sole {
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for all := true; ; {
		if all {
			r.tick(ctx)
		}
		for _, c := range r.classes {
			if !c.woken.Swap(false) && !all {
				continue
			}
			if err := r.poll(ctx, c); err != nil && ctx.Err() == nil {
				r.log.Warn().Err(err).Str("class", string(c.name)).Msg("due jobs could not be taken")
			}
		}
		select {
		case <-ctx.Done():
			r.end()
			return nil
		case <-tick.C:
			all = true
		case <-r.wake:
			all = false
		}
	}
}

// end lets what is under way end.
func (r *Runner) end() {
	last, cancel := context.WithTimeout(context.Background(), stopTime+time.Second)
	defer cancel()
	r.mu.Lock()
	r.stopped, r.last = true, last
	r.mu.Unlock()
	late := time.AfterFunc(stopTime, r.cancel)
	r.lanes.wg.Wait()
	late.Stop()
}

// resume takes what a former process left running.
func (r *Runner) resume(ctx context.Context) error {
	q := store.Query{Index: "due", Eq: []any{Ready}, Limit: page}
	for {
		found, next, err := r.jobs.Find(ctx, q)
		if err != nil {
			return err
		}
		var left []*Job
		for _, job := range found {
			if job.Owner != "" && job.Owner != r.owner {
				left = append(left, job)
			}
		}
		if err := r.claim(ctx, left); err != nil || next == "" {
			return err
		}
		q.Cursor = next
	}
}

// poll takes what is due of a class. Where that is much, it goes part by part, from a random one.
func (r *Runner) poll(ctx context.Context, c *class) error {
	q := store.Query{Index: "due", Eq: []any{Ready, string(c.name), allParts}, Range: &store.Range{To: r.clock.Now()}, Limit: page}
	if c.active.Load() >= backlog {
		return nil
	}
	due, next, err := r.jobs.Find(ctx, q)
	if err != nil {
		return err
	}
	if next == "" {
		return r.claim(ctx, due)
	}
	first := rand.IntN(parts)
	for n := range parts {
		q.Eq, q.Cursor = []any{Ready, string(c.name), (first + n) % parts}, ""
		for more := true; more && c.active.Load() < backlog; more = q.Cursor != "" {
			if due, q.Cursor, err = r.jobs.Find(ctx, q); err != nil {
				return err
			}
			if err := r.claim(ctx, due); err != nil {
				return err
			}
		}
	}
	return nil
}

// claim takes jobs and starts them, except what waits in a lane here (only another instance may take that over) and payloads
// for which there is no room now.
func (r *Runner) claim(ctx context.Context, found []*Job) error {
	var mine []*Job
	var changes []store.Change
	size := 0
	for _, job := range found {
		if _, here := r.running.Load(job.ID); here {
			continue
		}
		if !r.fits(size, job.Size) {
			break // and with it what comes after: they keep their order
		}
		size += job.Size
		mine, changes = append(mine, job), append(changes, r.lease(job))
	}
	if len(mine) == 0 {
		return nil
	}
	err := r.engine.Write(ctx, changes...)
	if errors.Is(err, store.ErrConflict) && len(mine) > 1 {
		return r.claimSingly(ctx, mine)
	}
	if err != nil {
		return ignoreConflict(err)
	}
	for _, job := range mine {
		r.Start(job)
	}
	return nil
}

// lease returns the change that makes the job this instance's.
func (r *Runner) lease(job *Job) store.Change {
	c := r.classOf(job.Kind)
	if _, known := r.kinds[job.Kind]; known {
		job.Class = c.name
	}
	job.Owner, job.RunAt = r.owner, r.clock.Now().Add(c.lease())
	return r.replace(job)
}

// claimSingly takes those of the jobs that no other instance took at the same time.
func (r *Runner) claimSingly(ctx context.Context, jobs []*Job) error {
	for _, job := range jobs {
		job.Version-- // as it was read
		err := r.engine.Write(ctx, r.lease(job))
		if err == nil {
			r.Start(job)
		} else if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return nil
}

// ignoreConflict: another instance was faster.
func ignoreConflict(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// Active is how many jobs are under way here.
func (r *Runner) Active() (n int64) {
	for _, c := range r.classes {
		n += c.active.Load()
	}
	return n
}
