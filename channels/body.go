package channels

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/internal/blob"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	// maxInJob is the largest body that stands in a job itself: MongoDB's documents have 16 MB at most. Larger ones are kept as files.
	maxInJob = 8 << 20
	// jobSpent removes a body that was kept as a file.
	jobRemoveBody = "spent_body"
	// spentAfter is how long it stays: other events of it may still be worked on.
	bodyKept = 24 * time.Hour
	// bodyField names that file in a job.
	bodyField = "body_id"
)

// setAside keeps a large body as a file.
func (s *Service) setAside(ctx context.Context, r *received) error {
	if len(r.Body) <= maxInJob {
		return nil
	}
	id := ids.New("raw", s.Clock.Now()) // of this arrival: the same body again has another, and nobody's end takes it away
	if _, err := s.Blobs.Put(ctx, id, bytes.NewReader(r.Body)); err != nil {
		return errors.Join(store.ErrUnavailable, err)
	}
	r.BodyID, r.Body = id, nil
	return nil
}

// load returns the first bytes of a webhook's body, at most those that one can have, and how many there are.
func (s *Service) load(ctx context.Context, r received, most int64) ([]byte, int64, error) {
	if r.BodyID == "" {
		return r.Body[:min(int64(len(r.Body)), most)], int64(len(r.Body)), nil
	}
	file, size, err := s.Blobs.Open(ctx, r.BodyID)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = file.Close() }()
	data := make([]byte, max(0, min(size, most, maxOther)))
	_, err = io.ReadFull(file, data)
	return data, size, err
}

// Body returns the first bytes of the raw body that a job keeps, for people who look at a dead letter, and how many there are.
func (s *Service) Body(ctx context.Context, job *jobs.Job, most int64) ([]byte, int64, error) {
	if job.Kind != JobInbound { // a job of another kind has none
		return nil, 0, nil
	}
	payload, err := s.Jobs.Payload(ctx, job)
	if errors.Is(err, store.ErrNotFound) { // discarded or replayed at this moment
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	var r received
	if err := bson.Unmarshal(payload, &r); err != nil {
		return nil, 0, nil //nolint:nilerr // nobody can read it
	}
	data, size, err := s.load(ctx, r, most)
	if errors.Is(err, blob.ErrNotFound) { // of what was discarded long ago
		return nil, 0, nil
	}
	return data, size, err
}

// BodyCleanup returns the change that has the body of a job removed that is kept as a file, for the write with which the job ends; none
// where it stands in the job. later is how long people may still look at it.
func (s *Service) BodyCleanup(job *jobs.Job, later time.Duration) []store.Change {
	id, is := bson.Raw(job.Payload).Lookup(bodyField).StringValueOK()
	if job.Kind != JobInbound || !is {
		return nil
	}
	return s.Jobs.At(s.Clock.Now().Add(bodyKept+later), jobs.Spec{
		Kind: jobRemoveBody, WorkspaceID: job.WorkspaceID, Ref: id,
		Key: []string{ids.Token()},
	})
}

func (s *Service) runRemoveBody(ctx context.Context, job *jobs.Job) error {
	return s.Blobs.Delete(ctx, job.Ref)
}
