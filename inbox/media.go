package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"wasl/channels"
	"wasl/files"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	jobMedia = "media"
	// mediaTries with the jobs' backoff is about ten minutes; then a person may ask again.
	mediaTries = 8
)

// attach completes a message with the files that its writer names.
func (s *Service) attach(ctx context.Context, v access.Viewer, c *change, m *Message, refs []AttachmentRef) error {
	named := map[string]bool{}
	for n, ref := range refs {
		field := fmt.Sprintf("attachments[%d].id", n)
		file, changes, err := s.Files.Attach(ctx, v, ownerOf(m), ref.ID)
		if errors.Is(err, store.ErrNotFound) {
			return errs.InvalidField("unknown_media", field, "there is no such file: upload it first")
		}
		if err != nil {
			return err
		}
		if !named[file.ID] {
			named[file.ID] = true
			c.Changes = append(c.Changes, changes...)
		}
		a := attachmentOf(file)
		a.Kind = cmp.Or(ref.Kind, a.Kind)
		m.Attachments = append(m.Attachments, a)
	}
	return nil
}

// attachmentOf is a stored file as messages have it.
func attachmentOf(f *files.File) channels.Attachment {
	return channels.Attachment{
		ID: f.ID, Kind: string(f.Kind), MIME: f.MIME, Name: f.Name, Size: f.Size, State: channels.FileReady,
		Width: f.Width, Height: f.Height, Thumbnail: f.Thumbnail,
	}
}

// ownerOf is what the files of a message belong to.
func ownerOf(m *Message) files.Owner {
	return files.Owner{Kind: files.Conversation, ID: m.ConversationID}
}

// showFiles sets who may see the files of conversations and the pictures of contacts.
func (s *Service) showFiles() {
	s.Files.Owner(files.Conversation, func(ctx context.Context, v access.Viewer, id string) error {
		_, err := s.Conversation(ctx, v, id)
		return err
	})
	s.Files.Owner(files.Contact, func(ctx context.Context, v access.Viewer, id string) error {
		_, err := s.Contacts.Seen(ctx, v, id)
		return err
	})
}

// fetchLater adds a job for each attachment that is still with the provider.
func (s *Service) fetchLater(c *change, m *Message) {
	for _, a := range m.Attachments {
		if a.State == channels.FileReady || a.UploadID != "" {
			continue
		}
		s.startLater(c, jobs.Spec{
			Kind: jobMedia, WorkspaceID: m.WorkspaceID, Ref: m.ID, Share: m.ChannelID, Payload: []byte(a.ID), Key: []string{a.ID},
		})
	}
}

// runMedia fetches one attachment. The message is shown before, and updated when the file is here.
func (s *Service) runMedia(ctx context.Context, job *jobs.Job) error {
	m, err := s.messages.Get(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n := slices.IndexFunc(m.Attachments, func(a channels.Attachment) bool { return a.ID == string(job.Payload) })
	if n < 0 || m.Attachments[n].State == channels.FileReady {
		return nil
	}
	file, fetchErr := s.fetch(ctx, m, m.Attachments[n])
	if fetchErr != nil && job.Attempts+1 < mediaTries && temporary(fetchErr) {
		return fetchErr
	}
	if fetchErr != nil {
		s.Log.Info().Err(fetchErr).Str("message", m.ID).Msg("media given up")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
	defer cancel()
	return store.Retry(ctx, func() error { return s.fetched(ctx, job, n, file, fetchErr) })
}

func temporary(err error) bool {
	var e *channels.SendError
	return !errors.As(err, &e) || e.Outcome == channels.Throttled || e.Outcome == channels.Down || e.Outcome == channels.Uncertain
}

func (s *Service) fetch(ctx context.Context, m *Message, a channels.Attachment) (*files.File, error) {
	ch, err := s.Channels.Of(ctx, m.WorkspaceID, m.ChannelID)
	if err != nil {
		return nil, err
	}
	file := s.newFile(m, a)
	return file, s.download(ctx, ch, a, file, files.MaxSize)
}

// newFile is the file of an attachment that came in.
func (s *Service) newFile(m *Message, a channels.Attachment) *files.File {
	return &files.File{
		Meta: store.Meta{ID: a.ID}, WorkspaceID: m.WorkspaceID, Owners: []files.Owner{ownerOf(m)}, Kind: files.Kind(a.Kind), Name: a.Name,
		CreatedAt: s.Clock.Now(),
	}
}

// download fetches what the provider has and stores it as the file's content, if it has at most so many bytes.
func (s *Service) download(ctx context.Context, ch *channels.Connected, a channels.Attachment, file *files.File, most int64) error {
	fetcher, ok := ch.Adapter.(channels.MediaFetcher)
	if !ok {
		return fmt.Errorf("%s cannot fetch media", ch.Kind)
	}
	got, err := fetcher.FetchMedia(ctx, ch.Account, a)
	if err != nil {
		return err
	}
	defer func() { _ = got.Content.Close() }()
	spool, err := os.CreateTemp("", "wasl-media-*") // the whole of it first: a cut connection must not look like a file
	if err != nil {
		return err
	}
	defer func() { _ = spool.Close(); _ = os.Remove(spool.Name()) }()
	size, err := io.Copy(spool, io.LimitReader(got.Content, most+1))
	if err != nil {
		return err
	}
	if size > most {
		return &channels.SendError{
			Outcome: channels.Refused, Code: "too_large", Title: "The file is too large",
			Detail: "It stays with the provider.",
		}
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	file.Name = cmp.Or(a.Name, got.Name)
	return s.Files.Put(ctx, file, cmp.Or(a.MIME, got.MIME), spool)
}

// fetched writes the outcome of a fetch into the message.
func (s *Service) fetched(ctx context.Context, job *jobs.Job, n int, file *files.File, fetchErr error) error {
	m, err := s.messages.Get(ctx, job.Ref)
	if err != nil {
		return err
	}
	conv, err := s.getConversation(ctx, m.ConversationID)
	if err != nil {
		return err
	}
	if n >= len(m.Attachments) { // withdrawn in between, with its files
		return s.Files.Delete(ctx, string(job.Payload))
	}
	a := &m.Attachments[n]
	c := &change{}
	if fetchErr != nil {
		a.State, a.Error = channels.FileFailed, "The file could not be fetched from the provider."
		var e *channels.SendError
		if errors.As(fetchErr, &e) {
			a.Error = e.Title + ". " + e.Detail
		}
	} else {
		if files.Kind(a.Kind) == files.Image && files.KindOf(file.MIME) == files.Video {
			a.Kind = string(files.Video) // of a story the provider does not say which it is
		}
		a.State = channels.FileReady
		a.MIME, a.Size, a.Width, a.Height, a.Thumbnail = file.MIME, file.Size, file.Width, file.Height, file.Thumbnail
		if _, err := s.Files.Get(ctx, file.ID); errors.Is(err, store.ErrNotFound) {
			c.Changes = append(c.Changes, s.Files.Insert(file))
		} else if err != nil {
			return err
		}
	}
	if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
		return err
	}
	c.Changes = append(c.Changes, job.Done()...)
	return s.commit(ctx, c)
}
