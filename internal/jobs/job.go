// Package jobs is the one durable primitive for later work: inbound webhooks, sends, timers, media.
//
// A job is stored in the same write as what makes it necessary, and removed in the same write as its effect
// (Job.Done), so it survives a crash at any point and its handler must bear to run twice. Where somebody waits for it
// (Runner.Take) it is stored only if it cannot be done at once. The instance that stored a job
// owns it and starts it at once; when its lease lapses, any instance takes it over, and the version of the job
// fences the former owner out of its write. A job that cannot succeed is kept as a dead letter that people see.
//
// Each kind of job belongs to a class with slots of its own, which workspaces and their channels share fairly: work that is slow, or
// much, delays only its like. No job sleeps in its slot: it asks to be run Later.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

// The states of a job. A finished job is gone.
const (
	Ready = "ready" // to be run at RunAt, or running with a lease until RunAt
	Dead  = "dead"  // a dead letter
)

// Spec says what a job is to do.
type Spec struct {
	Kind        string
	WorkspaceID string
	Ref         string   // the channel, conversation or message it is about
	Share       string   // what competes for slots with its like in the workspace: the channel, where there is one
	Payload     []byte   // read when the job runs; a large one is stored apart
	Key         []string // a second job of the same kind with the same key is the same job
	Turn        Turn     // of a kind whose jobs wait for one another, instead of a key
}

// Job is one piece of later work.
type Job struct {
	store.Meta  `bson:",inline"`
	Kind        string        `bson:"kind"`
	Class       Class         `bson:"class"`
	Part        int           `bson:"part"` // see claim.go
	WorkspaceID string        `bson:"workspace_id"`
	State       string        `bson:"state"`
	RunAt       time.Time     `bson:"run_at"` // when it is due; while it runs, when its lease lapses
	Owner       string        `bson:"owner"`
	Attempts    int           `bson:"attempts"`
	Payload     []byte        `bson:"payload,omitempty"`
	PayloadID   string        `bson:"payload_id,omitempty"` // of a large payload: its row, from which Payload is read when the job runs
	Size        int           `bson:"size,omitempty"`       // of the payload in bytes
	Ref         string        `bson:"ref"`                  // the channel, conversation or message it is about
	Share       string        `bson:"share,omitempty"`
	Lane        string        `bson:"lane,omitempty"` // of a job with a turn: what the ids of its lane begin with
	Error       string        `bson:"error,omitempty"`
	Ended       []string      `bson:"ended,omitempty"` // keys of the tasks that ended well while others did not
	Reserved    []Reservation `bson:"reserved,omitempty"`
	CreatedAt   time.Time     `bson:"created_at"`
	DiedAt      time.Time     `bson:"died_at,omitempty"`

	coll    collection
	taken   bool            // Done was put into a write
	outcome chan error      // set while the job is not stored: whoever waits for it is told here
	waits   context.Context //nolint:containedctx // of whoever waits for it
}

type collection = store.Collection[Job, *Job]

var schema = store.Schema{Name: "jobs", Indexes: []store.Index{
	{Name: "due", Fields: []store.Field{store.Asc("state"), store.Asc("class"), store.Asc("part"), store.Asc("run_at")}},
	{Name: "dead", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("state"), store.Desc("created_at")}},
}}

// Schemas declares the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{schema, payloadSchema, discardedSchema, scheduleSchema}
}

// ID returns the id of the job of this kind and key: a second one with the same key is the same job.
func ID(kind string, key ...string) string {
	return ids.Derived("job", append([]string{kind}, key...)...)
}

// Done returns the changes that finish the job, for the write that holds its effect.
func (j *Job) Done() []store.Change {
	j.taken = true
	changes := []store.Change{j.coll.Delete(j)}
	if j.PayloadID != "" {
		changes = append(changes, deletePayload(j.PayloadID))
	}
	return changes
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

// Reservation is a time that a job has for something whose rate is limited; it is kept over its runs.
type Reservation struct {
	Key string    `bson:"key"`
	At  time.Time `bson:"at"`
}

// reservationHolds is how long after its time a reservation may be used: what an outage held up must not come all at once.
const reservationHolds = 2 * time.Second

// Reserve returns the time that the job has under the key. It reserves one where the job has none, or only one that has passed.
func (j *Job) Reserve(key string, now time.Time, reserve func() (time.Time, error)) (time.Time, error) {
	n := slices.IndexFunc(j.Reserved, func(r Reservation) bool { return r.Key == key })
	if n >= 0 && now.Sub(j.Reserved[n].At) <= reservationHolds {
		return j.Reserved[n].At, nil
	}
	at, err := reserve()
	if err != nil {
		return at, err
	}
	kept := Reservation{Key: key, At: store.Millis(at)}
	if n >= 0 {
		j.Reserved[n] = kept
	} else {
		j.Reserved = append(j.Reserved, kept)
	}
	return kept.At, nil
}

// Spend forgets what the job has reserved: it was used.
func (j *Job) Spend() { j.Reserved = nil }

// Task is one part of a job's work. Tasks of the same lane run one after the other, in the order in which their
// jobs were started; a task without a lane runs as soon as it has a slot. While one waits for the store, the job's others behind it do
// too. Of several tasks, those with a key that ended well are not run again when the job is; a job of several tasks leaves Job.Done to
// the runner.
type Task struct {
	Lane string
	Key  string
	Run  Run
}

// Later is the error with which a task asks to be run again at a time that it knows, without counting as a failure. Within a minute it
// is kept to a few milliseconds.
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
