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
	// maxExamined bounds how many jobs a query with conditions that no index has looks at.
	maxExamined = 1000
	// maxCount is the most that the number of dead letters on a screen says.
	maxCount = 1000
	// KeepDiscarded is how long it can be looked up who discarded something, and what it was.
	KeepDiscarded = 90 * 24 * time.Hour
)

// Discarded is a dead letter that somebody gave up for good.
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
	// in an order of its own: a cursor is one of the same conditions in the same order
	for _, cond := range []store.Cond{{Path: "kind", Value: q.Kind}, {Path: "ref", Value: q.Ref}} {
		if cond.Value != "" {
			out.Where, out.MaxExamined = append(out.Where, cond), maxExamined
		}
	}
	return out
}

// DeadLetters lists a workspace's dead letters, those created last first.
func (r *Runner) DeadLetters(ctx context.Context, q DeadQuery) ([]*Job, string, error) {
	return r.jobs.Find(ctx, q.query())
}

// CountDead counts a workspace's dead letters, up to maxCount.
func (r *Runner) CountDead(ctx context.Context, workspaceID string) (int, error) {
	return r.jobs.Count(ctx, store.Query{Index: "dead", Eq: []any{workspaceID, Dead}}, maxCount)
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

// Replay makes a dead letter due again, as if it had never been tried, and runs it here.
func (r *Runner) Replay(ctx context.Context, job *Job) error {
	job.State, job.Attempts = Ready, 0
	if err := r.engine.Write(ctx, r.replace(r.own(job))); err != nil {
		return err
	}
	r.Start(job)
	return nil
}

// ReplayAll runs a page of the chosen dead letters again, the oldest first, and returns how many. The cursor leads to the next page; it is
// empty at the end. What fails again keeps its time of creation and is not met a second time, because the cursor only goes forward.
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

// Discard ends a dead letter and keeps who did it, and what it was, for KeepDiscarded. more are changes for the same write.
func (r *Runner) Discard(ctx context.Context, job *Job, by string, more ...store.Change) error {
	now := r.clock.Now()
	discarded := &Discarded{
		Meta: store.Meta{ID: ids.New("dsc", now)}, WorkspaceID: job.WorkspaceID, By: by, At: now, Job: *job, Until: now.Add(KeepDiscarded),
	}
	more = append(more, r.jobs.Delete(job))
	if job.PayloadID != "" {
		kept, err := r.payloads.Get(ctx, job.PayloadID)
		if err != nil {
			return err
		}
		kept.Until = discarded.Until
		more = append(more, r.payloads.Replace(kept))
		discarded.Job.Payload = nil
	}
	return r.engine.Write(ctx, append(more, r.discarded.Insert(discarded))...)
}

// DiscardedLetters lists what was discarded, the last first.
func (r *Runner) DiscardedLetters(ctx context.Context, workspaceID, cursor string, limit int) ([]*Discarded, string, error) {
	return r.discarded.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: limit, Cursor: cursor})
}

// The reasons of dead letters, for people.
const (
	NotUnderstood = "not_understood" // no repetition can mend it as it is
	GaveUp        = "gave_up"        // it failed for hours
	Broken        = "broken"         // a defect of the program
	Missing       = "missing"        // something it needs is not in the store, such as a channel that was removed
)

// Reason says why the job is a dead letter: one of the reasons, and what exactly happened.
func (j *Job) Reason() (reason, detail string) {
	detail = strings.TrimPrefix(j.Error, ErrDead.Error()+": ")
	switch {
	case strings.HasPrefix(detail, "panic:"):
		return Broken, detail
	case strings.Contains(detail, store.ErrNotFound.Error()):
		return Missing, detail
	case strings.HasPrefix(j.Error, ErrDead.Error()):
		return NotUnderstood, detail
	}
	return GaveUp, detail
}
