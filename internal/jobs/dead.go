package jobs

import (
	"context"
	"errors"
	"strings"
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

const (
	// examined bounds how many dead letters a page with a filter looks at.
	examined = 1000
	// countMost is where counting dead letters ends: nobody reads more.
	countMost = 1000
	// KeepDiscarded is how long it can be looked up who let something go, and what it was.
	KeepDiscarded = 90 * 24 * time.Hour
)

// Discarded is a dead letter that somebody let go.
type Discarded struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	By          string    `bson:"by"` // the user
	At          time.Time `bson:"at"`
	Job         Job       `bson:"job"`
	Until       time.Time `bson:"until"`
}

var discardedSchema = store.Schema{Name: "discarded_jobs", Expire: "until", Indexes: []store.Index{
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("at")}},
}}

// DeadQuery chooses dead letters of a workspace; an empty Kind or Ref is any.
type DeadQuery struct {
	WorkspaceID, Kind, Ref string
	Cursor                 string
	Limit                  int
}

func (q DeadQuery) query() store.Query {
	out := store.Query{Index: "dead", Eq: []any{q.WorkspaceID, Dead}, Limit: q.Limit, Cursor: q.Cursor}
	for path, value := range map[string]string{"kind": q.Kind, "ref": q.Ref} {
		if value != "" {
			out.Where, out.MaxExamined = append(out.Where, store.Cond{Path: path, Value: value}), examined
		}
	}
	return out
}

// DeadLetters lists a workspace's dead letters, newest first.
func (r *Runner) DeadLetters(ctx context.Context, q DeadQuery) ([]*Job, string, error) {
	return r.jobs.Find(ctx, q.query())
}

// CountDead counts a workspace's dead letters, up to a thousand.
func (r *Runner) CountDead(ctx context.Context, workspaceID string) (int, error) {
	return r.jobs.Count(ctx, store.Query{Index: "dead", Eq: []any{workspaceID, Dead}}, countMost)
}

// DeadLetter returns one dead letter of the workspace, or store.ErrNotFound.
func (r *Runner) DeadLetter(ctx context.Context, workspaceID, id string) (*Job, error) {
	job, err := r.jobs.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if job.WorkspaceID != workspaceID || job.State != Dead {
		return nil, store.ErrNotFound
	}
	job.coll = r.jobs
	return job, nil
}

// Replay runs a dead letter again.
func (r *Runner) Replay(ctx context.Context, job *Job) error {
	job.State, job.Attempts = Ready, 0
	if err := r.engine.Write(ctx, r.replace(r.own(job))); err != nil {
		return err
	}
	r.Start(job)
	return nil
}

// ReplayAll runs a page of the chosen dead letters again, the oldest first, and returns how many. The cursor leads to the next page; it is
// empty at the end. What fails again keeps its place and is not met a second time, because the cursor only goes forward.
func (r *Runner) ReplayAll(ctx context.Context, q DeadQuery) (n int, next string, err error) {
	page := q.query()
	page.Reverse = true
	found, next, err := r.jobs.Find(ctx, page)
	for _, job := range found {
		err := r.Replay(ctx, job)
		switch {
		case err == nil:
			n++
		case !errors.Is(err, store.ErrConflict): // else somebody else was faster
			return n, "", err
		}
	}
	return n, next, err
}

// Discard lets a dead letter go and keeps who did it, and what it was, for a while.
func (r *Runner) Discard(ctx context.Context, job *Job, by string, more ...store.Change) error {
	now := r.clock.Now()
	gone := &Discarded{
		Meta: store.Meta{ID: ids.New("dsc", now)}, WorkspaceID: job.WorkspaceID, By: by, At: now, Job: *job, Until: now.Add(KeepDiscarded),
	}
	more = append(more, r.jobs.Delete(job))
	if job.PayloadID != "" {
		kept, err := r.payloads.Get(ctx, job.PayloadID)
		if err != nil {
			return err
		}
		kept.Until = gone.Until
		more = append(more, r.payloads.Replace(kept))
		gone.Job.Payload = nil
	}
	return r.engine.Write(ctx, append(more, r.gone.Insert(gone))...)
}

// DiscardedLetters lists what was let go, newest first.
func (r *Runner) DiscardedLetters(ctx context.Context, workspaceID, cursor string, limit int) ([]*Discarded, string, error) {
	return r.gone.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: limit, Cursor: cursor})
}

// The reasons of dead letters, for people.
const (
	NotUnderstood = "not_understood" // no repetition can mend it as it is
	GaveUp        = "gave_up"        // it failed for hours
	Broken        = "broken"         // a defect of the program
	Missing       = "missing"        // what it is about is gone: a channel was removed
)

// Reason says why the job is a dead letter: one of the reasons, and what exactly happened.
func (j *Job) Reason() (reason, detail string) {
	detail = strings.TrimPrefix(j.Error, ErrDead.Error()+": ")
	switch {
	case strings.Contains(detail, "panic:"):
		return Broken, detail
	case strings.Contains(detail, store.ErrNotFound.Error()):
		return Missing, detail
	case strings.HasPrefix(j.Error, ErrDead.Error()):
		return NotUnderstood, detail
	}
	return GaveUp, detail
}
