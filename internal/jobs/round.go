package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"wasl/store"
)

// errLost: another instance took the job over while it waited here.
var errLost = errors.New("jobs: taken over")

// round is one run of a job's tasks.
type round struct {
	runner *Runner
	job    *Job
	class  *class
	ctx    context.Context //nolint:containedctx // ends the wait for a slot
	mu     sync.Mutex
	left   int
	failed error
	stuck  []string // lanes in which a task has to wait for the store, and so has what comes behind it
}

func (r *round) run(task Task) {
	release, err := r.class.slots.acquire(r.ctx, r.job.WorkspaceID, r.job.Share)
	if err == nil {
		if err = r.begin(task); err == nil {
			err = r.runner.attempt(task.Run, r.job, r.class.deadline)
		}
		release()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if passing(err) && task.Lane != "" {
		r.stuck = append(r.stuck, task.Lane)
	}
	switch {
	case err == nil && task.Key != "":
		r.job.Ended = append(r.job.Ended, task.Key)
	case weight(err) > weight(r.failed):
		r.failed = err
	}
	if r.left--; r.left == 0 {
		r.runner.finish(r.job, r.class, r.failed)
	}
}

// begin reports why a task may not start now, if there is a reason.
func (r *round) begin(task Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.stuck, task.Lane) {
		return r.failed
	}
	return r.renew()
}

// errStopped: what nobody has stored is to be brought again.
var errStopped = fmt.Errorf("%w: stopping", store.ErrUnavailable)

// tell lets go whoever waits for a job that was not stored.
func (j *Job) tell(outcome error) {
	if j.outcome != nil {
		j.outcome <- outcome
		j.outcome = nil
	}
}

// renew renews the lease of a job that waited for its turn, so that it belongs to this instance for all of the task's time. The mutex
// is held.
func (r *round) renew() error {
	now := r.runner.clock.Now()
	if !r.job.Stored() || r.job.RunAt.Sub(now) >= r.class.deadline {
		return nil
	}
	r.job.RunAt = now.Add(r.class.lease())
	ctx, cancel := context.WithTimeout(r.runner.base, leaseMargin)
	defer cancel()
	err := r.runner.engine.Write(ctx, r.runner.replace(r.job))
	if errors.Is(err, store.ErrConflict) {
		return errLost
	}
	return err
}

// passing reports whether the failure is the store's and not the task's.
func passing(err error) bool {
	return errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrConflict) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, errLost)
}

// weight says which of several failures decides about the job: a dead task must not take the others' repetition away.
func weight(err error) int {
	var later *Later
	switch {
	case err == nil:
		return 0
	case errors.Is(err, ErrDead):
		return 1
	case errors.As(err, &later):
		return 2
	case errors.Is(err, errLost):
		return 4
	}
	return 3
}
