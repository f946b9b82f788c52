package files

import (
	"context"
	"errors"
	"io"
	"time"

	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	// jobUnused removes an upload that nothing owns.
	jobUnused = "unused"
	// unusedFor is how long an upload waits for its owner.
	unusedFor = 24 * time.Hour
)

// New is a file that somebody uploads.
type New struct {
	WorkspaceID string
	CreatedBy   string
	Name        string
	Kind        Kind // empty: as its content says
}

// Upload stores a file for a while.
func (s *Service) Upload(ctx context.Context, n New, r io.Reader) (*File, error) {
	f, err := s.receive(ctx, n, r)
	if err != nil {
		return nil, err
	}
	return f, s.keep(ctx, f)
}

// receive stores the content of an upload. The job that ends it is there first, so that an interrupted upload leaves nothing.
func (s *Service) receive(ctx context.Context, n New, r io.Reader) (*File, error) {
	now := s.Clock.Now()
	f := &File{
		Meta: store.Meta{ID: ids.New("med", now)}, WorkspaceID: n.WorkspaceID, Name: n.Name, Kind: n.Kind,
		CreatedBy: n.CreatedBy, CreatedAt: now,
	}
	unused := jobs.Spec{Kind: jobUnused, WorkspaceID: f.WorkspaceID, Ref: f.ID, Key: []string{f.ID}}
	if err := s.Engine.Write(ctx, s.Jobs.At(now.Add(unusedFor), unused)...); err != nil {
		return nil, err
	}
	if err := s.Put(ctx, f, "", r); err != nil {
		return nil, err
	}
	if f.Size == 0 {
		return nil, errs.InvalidField("empty_file", "file", "the file is empty")
	}
	return f, nil
}

// keep makes an upload a file that can be used.
func (s *Service) keep(ctx context.Context, f *File) error {
	return s.Engine.Write(ctx, s.files.Insert(f))
}

// runUnused removes an upload, unless it got an owner. One that gets it at this moment keeps it: that writes the row too.
func (s *Service) runUnused(ctx context.Context, job *jobs.Job) error {
	f, err := s.files.Get(ctx, job.Ref)
	if err == nil {
		if len(f.Owners) > 0 {
			return nil
		}
		err = s.Engine.Write(ctx, s.files.Delete(f))
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return s.deleteContent(ctx, job.Ref)
}
