package jobs

import (
	"context"
	"fmt"
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

// Turn is a job's turn among those of its lane: they run one after the other in the order of their positions, on whichever instance.
// Whoever stores a job must be sure that none with a lower position is stored after it; the version of a document that the same write
// changes is such a position. No clock is asked.
type Turn struct {
	Lane     []string
	Position int64
	Part     int // orders those of one position
}

// id returns the id of a job with this turn, and what the ids of its lane begin with. It sorts by lane and turn, so that the order of ids
// is the index of lanes. Its end tells documents apart whose versions are the same, because one was deleted before the other was made.
func (t Turn) id(kind string) (id, lane string) {
	lane = ID(kind, t.Lane...)
	return fmt.Sprintf("%s-%016x-%04x-%s", lane, t.Position, t.Part, ids.Token()[:16]), lane
}

// InTurn is the plan of jobs with one task that run in turn. Who fails makes those behind wait until it succeeds or is a dead letter.
func (r *Runner) InTurn(run Run) Plan {
	return func(job *Job) ([]Task, error) {
		return []Task{{Lane: job.Lane, Run: func(ctx context.Context, job *Job) error {
			before, err := r.before(ctx, job)
			if err == nil && before != nil {
				err = &Later{At: r.afterwards(before), Reason: "an earlier one of its lane is not done"}
			}
			if err != nil {
				return err
			}
			return run(ctx, job)
		}}}, nil
	}
}

// before returns the job just before this one in its lane that is neither done nor dead, nil where there is none.
func (r *Runner) before(ctx context.Context, job *Job) (*Job, error) {
	q := store.Query{
		Range: &store.Range{From: job.Lane, To: job.ID, ExcludeTo: true}, Reverse: true,
		Where: []store.Cond{{Path: "state", Value: Ready}}, MaxExamined: maxExamined, Limit: 1,
	}
	for {
		found, next, err := r.jobs.Find(ctx, q)
		if len(found) > 0 {
			return found[0], nil
		}
		if err != nil || next == "" {
			return nil, err
		}
		q.Cursor = next
	}
}

// afterwards is when it is worth looking again whether the job is done. One that has not failed soon is, or its instance died; whoever ends
// another one starts what waits for it (release), unless it dies just then.
func (r *Runner) afterwards(before *Job) time.Time {
	now := r.clock.Now()
	if before.Owner == "" {
		return latest(now.Add(lease), before.RunAt).Add(time.Millisecond) // so that they become due in their order
	}
	running := lease - before.RunAt.Sub(now)
	return now.Add(min(max(leastWait, running), mostWait))
}

// leastWait and mostWait bound how often a job looks whether the one before it, which an instance works on, is done.
const (
	leastWait = 100 * time.Millisecond
	mostWait  = 5 * time.Second
)

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// release starts the next job of the lane where it waits for this one, which has ended. None waits long for what ended at its first
// attempt.
func (r *Runner) release(ctx context.Context, job *Job) {
	r.mu.RLock()
	stopped := r.stopped
	r.mu.RUnlock()
	if job.Lane == "" || job.Version <= 1 || stopped {
		return
	}
	found, _, err := r.jobs.Find(ctx, store.Query{
		Range: &store.Range{From: job.ID, ExcludeFrom: true, To: job.Lane + "."},
		Where: []store.Cond{{Path: "state", Value: Ready}}, MaxExamined: maxExamined, Limit: 1,
	})
	if err != nil || len(found) == 0 || found[0].Owner != "" {
		return // nobody waits, or it finds out by itself
	}
	if err := r.claim(ctx, found); err != nil {
		r.log.Debug().Err(err).Str("lane", job.Lane).Msg("the next of a lane waits until it looks itself")
	}
}
