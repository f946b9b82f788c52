package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

// inline is the largest payload that stands in its job's row: whoever looks for due jobs, or counts them, reads the rows only.
const inline = 8 << 10

// payload is a large payload, or one that is kept after its job.
type payload struct {
	store.Meta `bson:",inline"`
	Data       []byte    `bson:"data"`
	Until      time.Time `bson:"until,omitempty"`
}

var payloadSchema = store.Schema{Name: "job_payloads", Expire: "until"}

func newPayloads(engine store.Engine) store.Collection[payload, *payload] {
	return store.NewCollection[payload](engine, payloadSchema)
}

// deletePayload needs no read: what is written once has the first version.
func deletePayload(id string) store.Change {
	return store.Change{Kind: store.Delete, Collection: payloadSchema.Name, ID: id, Version: 1}
}

// insert returns the changes that store a job.
func (r *Runner) insert(job *Job) []store.Change {
	if len(job.Payload) <= inline {
		return []store.Change{r.jobs.Insert(job)}
	}
	job.PayloadID = ids.New("pay", r.clock.Now()) // of this row alone: what is left of another job with its key is not in its way
	row := *job
	row.Payload = nil
	change := r.jobs.Insert(&row)
	job.Version = row.Version
	return []store.Change{change, r.payloads.Insert(&payload{Meta: store.Meta{ID: job.PayloadID}, Data: job.Payload})}
}

// replace returns the change of a job's row.
func (r *Runner) replace(job *Job) store.Change {
	row := *job
	if row.PayloadID != "" {
		row.Payload = nil
	}
	change := r.jobs.Replace(&row)
	job.Version = row.Version
	return change
}

// Payload returns a job's payload, also where that is stored apart and the job does not run.
func (r *Runner) Payload(ctx context.Context, job *Job) ([]byte, error) {
	if job.PayloadID == "" || job.Payload != nil {
		return job.Payload, nil
	}
	row, err := r.payloads.Get(ctx, job.PayloadID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("the payload of job %s: %w", job.ID, err)
	}
	if err != nil {
		return nil, err
	}
	return row.Data, nil
}

// Upgrade stores the payloads of jobs from before classes apart. Their class is any: who claims one puts that right.
var Upgrade = store.Upgrade{Name: "jobs: classes, and payloads apart", Run: upgrade}

func upgrade(ctx context.Context, engine store.Engine, _ *store.Progress) error {
	r := &Runner{jobs: store.NewCollection[Job](engine, schema), payloads: newPayloads(engine)}
	q := store.Query{Limit: 1} // a row may be large
	return r.jobs.Each(ctx, q, func(job *Job) error {
		if job.Class != "" {
			return nil
		}
		job.Class, job.Part, job.Size = Bulk, partOf(job.WorkspaceID, job.Ref), len(job.Payload)
		var changes []store.Change
		if job.Size > inline {
			job.PayloadID = ids.New("pay", job.CreatedAt)
			changes = append(changes, r.payloads.Insert(&payload{Meta: store.Meta{ID: job.PayloadID}, Data: job.Payload}))
		}
		return engine.Write(ctx, append(changes, r.replace(job))...)
	})
}
