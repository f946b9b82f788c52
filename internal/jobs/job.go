// Package jobs is the one durable primitive for later work: inbound webhooks, sends, timers, media.
//
// A job is stored in the same write as what makes it necessary, and removed in the same write as its effect
// (Job.Done), so it survives a crash at any point and its handler must bear to run twice. Where somebody waits for it
// (Runner.Take) it is stored only if it cannot be done at once. The instance that stored a job
// owns it and starts it at once; when its lease lapses, any instance takes it over, and the version of the job
// fences the former owner out of its write. A job that cannot succeed is kept as a dead letter that people see.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

// The states of a job. A finished job is gone.
const (
	Ready = "ready" // to be run at RunAt, or running with a lease until RunAt
	Dead  = "dead"  // a dead letter
)

// Job is one piece of later work.
type Job struct {
	store.Meta  `bson:",inline"`
	Kind        string    `bson:"kind"`
	WorkspaceID string    `bson:"workspace_id"`
	State       string    `bson:"state"`
	RunAt       time.Time `bson:"run_at"` // when it is due; while it runs, when its lease lapses
	Owner       string    `bson:"owner"`
	Attempts    int       `bson:"attempts"`
	Payload     []byte    `bson:"payload,omitempty"`
	Ref         string    `bson:"ref"`            // the channel, conversation or message it is about
	Lane        string    `bson:"lane,omitempty"` // of a job with a Turn: what the ids of its lane begin with
	Error       string    `bson:"error,omitempty"`
	Ended       []string  `bson:"ended,omitempty"` // keys of the tasks that ended well while others did not
	CreatedAt   time.Time `bson:"created_at"`
	DiedAt      time.Time `bson:"died_at,omitempty"`

	coll    collection
	taken   bool       // Done was put into a write
	outcome chan error // set while the job is not stored: whoever waits for it is told here
}

type collection = store.Collection[Job, *Job]

var schema = store.Schema{Name: "jobs", Indexes: []store.Index{
	{Name: "due", Fields: []store.Field{store.Asc("state"), store.Asc("run_at")}},
	{Name: "dead", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("state"), store.Desc("created_at")}},
}}

// Schemas declares the collections of this package.
func Schemas() []store.Schema { return []store.Schema{schema, discardedSchema} }

// ID returns the id of the job of this kind and key: a second one with the same key is the same job.
func ID(kind string, key ...string) string {
	return ids.Derived("job", append([]string{kind}, key...)...)
}

// Done returns the change that finishes the job, for the write that holds its effect.
func (j *Job) Done() store.Change {
	j.taken = true
	return j.coll.Delete(j)
}

// Stored reports whether the job is in the store, and Done therefore part of its end.
func (j *Job) Stored() bool { return j.outcome == nil }

// Held reports whether the job is still this instance's: nobody took it over, and it is not finished. A task asks
// when a write of its own found that others were faster.
func (j *Job) Held(ctx context.Context) (bool, error) {
	stored, err := j.coll.Get(ctx, j.ID)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && stored.Version == j.Version, err
}

// Task is one part of a job's work. Tasks of the same lane run one after the other, in the order in which their
// jobs were started; a task without a lane runs at once. While one waits for the store, the job's others behind it do too. Of several tasks, those with a key that ended well are not run
// again when the job is; a job of several tasks leaves Job.Done to the runner.
type Task struct {
	Lane string
	Key  string
	Run  Run
}

// Later is the error with which a task asks to be run again at a time that it knows, without counting as a failure.
type Later struct {
	At     time.Time
	Reason string
}

// Error returns the reason.
func (l *Later) Error() string {
	return fmt.Sprintf("again at %s: %s", l.At.Format(time.RFC3339), l.Reason)
}

// ErrDead wraps an error that no repetition can mend.
var ErrDead = errors.New("jobs: cannot succeed")
