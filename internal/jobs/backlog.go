package jobs

import (
	"context"
	"time"

	"wasl/store"
)

// Backlog is the undone work of one Ref.
type Backlog struct {
	Count  int
	Oldest time.Time // when the oldest of it was stored
}

// backlogMost bounds how many undone jobs are looked at: past it there are "at least" so many.
const backlogMost = 500

// Backlog says how much work of a kind is not done, by what it is about, on all instances. What waits by its own wish for
// something that has not come yet does not count.
func (r *Runner) Backlog(ctx context.Context, kind string) (map[string]Backlog, error) {
	now := r.clock.Now()
	undone, _, err := r.jobs.Find(ctx, store.Query{
		Index: "due", Eq: []any{Ready, string(r.classOf(kind).name), allParts}, Range: &store.Range{To: now.Add(maxBackoff + lease)},
		Where: []store.Cond{{Path: "kind", Value: kind}}, MaxExamined: 4 * backlogMost, Limit: backlogMost,
	})
	if err != nil {
		return nil, err
	}
	out := map[string]Backlog{}
	for _, job := range undone {
		if job.Owner == "" && job.Attempts == 0 && job.Error != "" && job.RunAt.After(now) {
			continue
		}
		b := out[job.Ref]
		b.Count++
		if b.Oldest.IsZero() || job.CreatedAt.Before(b.Oldest) {
			b.Oldest = job.CreatedAt
		}
		out[job.Ref] = b
	}
	return out, nil
}
