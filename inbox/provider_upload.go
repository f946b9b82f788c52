package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wasl/channels"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	// jobUpload gives a message's files to its provider. While a conversation has this job it has no jobSend.
	jobUpload = "upload"
	// fileTime is how long one file may take; it is shorter than a job of its class has.
	fileTime = 4 * time.Minute
)

// toUpload returns which file of the message the provider must be given first; -1: none.
func (s *Service) toUpload(m *Message, ch *channels.Connected) int {
	if ch.Can.Uploads > 0 {
		for n, a := range m.Attachments {
			if a.ProviderID == "" || !s.Clock.Now().Before(a.ProviderUntil) {
				return n
			}
		}
	}
	return -1
}

// uploadFirst hands the conversation's outbox over to a job that uploads.
func (s *Service) uploadFirst(ctx context.Context, job *jobs.Job, conv *Conversation, m *Message) error {
	c := &change{Write: events.Write{Changes: job.Done()}}
	s.startLater(c, jobs.Spec{
		Kind: jobUpload, WorkspaceID: conv.WorkspaceID, Ref: conv.ID, Share: conv.ChannelID, Key: []string{
			conv.ID, m.ID,
			fmt.Sprint(m.Version),
		},
	})
	return s.commit(ctx, c)
}

// sendAgain hands the outbox back to a job that sends.
func (s *Service) sendAgain(ctx context.Context, job *jobs.Job, conv *Conversation) error {
	c := &change{Write: events.Write{Changes: job.Done()}}
	s.startLater(c, sendSpec(conv, job.ID))
	return s.commit(ctx, c)
}

// runUpload uploads the files of the first message of an outbox, as far as the provider does not have them.
func (s *Service) runUpload(ctx context.Context, job *jobs.Job) error {
	return s.repeatStep(ctx, job, fileTime, s.uploadNext)
}

// uploadNext uploads one file. What it finds changed meanwhile it leaves to the job that sends.
func (s *Service) uploadNext(ctx context.Context, job *jobs.Job) (more bool, err error) {
	conv, err := s.getConversation(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if len(conv.Outbox) == 0 {
		return false, s.commit(ctx, &change{Write: events.Write{Changes: job.Done()}})
	}
	m, err := s.messages.Get(ctx, conv.Outbox[0])
	if errors.Is(err, store.ErrNotFound) {
		return false, s.sendAgain(ctx, job, conv)
	}
	if err != nil {
		return false, err
	}
	ch, err := s.Channels.Of(ctx, conv.WorkspaceID, conv.ChannelID)
	if errors.Is(err, store.ErrNotFound) {
		return false, s.sendAgain(ctx, job, conv)
	}
	if err != nil {
		return false, err
	}
	n := s.toUpload(m, ch)
	if n < 0 || m.Status != Queued || conv.OptedOutAt != nil || ch.Status != channels.Active {
		return false, s.sendAgain(ctx, job, conv)
	}
	id, err := s.uploadToProvider(ctx, ch, m.Attachments[n])
	if err != nil {
		e := channels.AsSendError(err)
		if e.Outcome == channels.Uncertain { // the file once more does no harm
			e.Outcome = channels.Down
		}
		return s.notTaken(ctx, &sendAttempt{job: job, conv: conv, ch: ch, m: m}, e)
	}
	return true, store.Retry(ctx, func() error {
		m, err := s.messages.Get(ctx, m.ID)
		if err != nil || n >= len(m.Attachments) {
			return err
		}
		m.Attachments[n].ProviderID, m.Attachments[n].ProviderUntil = id, store.Millis(s.Clock.Now().Add(ch.Can.Uploads))
		return s.Engine.Write(ctx, s.messages.Replace(m))
	})
}

// uploadToProvider uploads one file to the provider and returns its id there.
func (s *Service) uploadToProvider(ctx context.Context, ch *channels.Connected, a channels.Attachment) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, fileTime)
	defer cancel()
	file, err := s.Files.Open(ctx, a.ID)
	if err != nil {
		return "", &channels.SendError{
			Outcome: channels.Down, Code: "file_unavailable", Title: "The file could not be read", Detail: "It is tried again by itself.",
			Cause: err,
		}
	}
	defer func() { _ = file.Close() }()
	return ch.Adapter.(channels.Uploader).Upload(ctx, ch.Account, a, file) //nolint:forcetypeassert // as its capabilities say
}
