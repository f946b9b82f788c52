package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	// jobUnused removes an upload that no message has.
	jobUnused = "unused"
	// unusedFor is how long an upload waits for its message.
	unusedFor = 24 * time.Hour
)

// Upload stores a file that a user will send. kind may be "voice" for a recording.
func (s *Service) Upload(ctx context.Context, v access.Viewer, name, kind string, r io.Reader) (*Media, error) {
	return s.storeUpload(ctx, &Media{WorkspaceID: v.WorkspaceID, Name: cleanName(name), Kind: kind, CreatedBy: v.UserID}, r)
}

// VisitorUpload stores a file that the visitor will send.
func (s *Service) VisitorUpload(ctx context.Context, v Visitor, name string, r io.Reader) (*Media, error) {
	return s.storeUpload(ctx, &Media{WorkspaceID: v.Channel.WorkspaceID, Name: cleanName(name), CreatedBy: v.ID}, r)
}

// storeUpload stores a file for a while. The job that ends it is there first, so that an interrupted upload leaves nothing.
func (s *Service) storeUpload(ctx context.Context, m *Media, r io.Reader) (*Media, error) {
	m.CreatedAt = s.Clock.Now()
	m.ID = ids.New("med", m.CreatedAt)
	unused := jobs.Spec{Kind: jobUnused, WorkspaceID: m.WorkspaceID, Ref: m.ID, Key: []string{m.ID}}
	if err := s.Engine.Write(ctx, s.Jobs.At(m.CreatedAt.Add(unusedFor), unused)...); err != nil {
		return nil, err
	}
	if err := s.keep(ctx, m, "", r); err != nil {
		return nil, err
	}
	if m.Size == 0 {
		return nil, errs.InvalidField("empty_file", "file", "the file is empty")
	}
	return m, s.Engine.Write(ctx, s.media.Insert(m))
}

// runUnused removes an upload, unless it became part of a message. A message that takes it at this moment wins: it writes the row too.
func (s *Service) runUnused(ctx context.Context, job *jobs.Job) error {
	m, err := s.media.Get(ctx, job.Ref)
	if err == nil {
		if m.Used || m.ConversationID != "" {
			return nil
		}
		err = s.Engine.Write(ctx, s.media.Delete(m))
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, id := range []string{job.Ref, thumbID(job.Ref)} {
		if err := s.Blobs.Delete(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// attach completes a message with the files that it names, which the viewer may see.
func (s *Service) attach(ctx context.Context, v access.Viewer, c *change, m *Message, refs []AttachmentRef) error {
	named := map[string]bool{}
	for n, ref := range refs {
		field := fmt.Sprintf("attachments[%d].id", n)
		file, err := s.media.Get(ctx, ref.ID)
		if err == nil {
			err = s.fileSeenBy(ctx, v, file)
		}
		if errors.Is(err, store.ErrNotFound) || (err == nil && file.face()) {
			return errs.InvalidField("unknown_media", field, "there is no such file: upload it first")
		}
		if err != nil {
			return err
		}
		noted := file.ConversationID == "" && (!file.Used || len(file.SentIn) > 0) // an older upload stays as it is
		if noted && !slices.Contains(file.SentIn, m.ConversationID) && !named[file.ID] {
			file.Used, named[file.ID], file.SentIn = true, true, append(file.SentIn, m.ConversationID)
			c.Changes = append(c.Changes, s.media.Replace(file))
		}
		kind := file.Kind
		if ref.Kind != "" {
			kind = ref.Kind
		}
		m.Attachments = append(m.Attachments, channels.Attachment{
			ID: file.ID, Kind: kind, MIME: file.MIME, Name: file.Name, Size: file.Size, State: "ready",
			Width: file.Width, Height: file.Height, Thumbnail: file.Thumbnail,
		})
	}
	return nil
}
