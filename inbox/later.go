package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// What does not leave at once: a message that can be undone stands in the outbox until its time is over, one that is scheduled joins it
// when it is due. Until then the conversation is as if nobody had answered.

const (
	// jobDue lets a scheduled message go.
	jobDue = "send_due"
	// maxAhead is how far ahead a message is scheduled.
	maxAhead = 366 * 24 * time.Hour
	// maxScheduled is how many messages wait in one conversation for their time.
	maxScheduled = 20
)

// putOff gives the message the time at which it leaves, where that is not at once.
func (m *Message) putOff(conv *Conversation, n NewMessage, now time.Time) error {
	switch {
	case n.Undo == 0 && n.SendAt.IsZero() && !n.CancelIfAnswered:
		return nil
	case m.Type == channels.TypeNote || m.Type == channels.TypeReaction:
		return errs.InvalidField("invalid_send_at", "type", "notes and reactions are there at once")
	case n.SendAt.IsZero() && n.CancelIfAnswered:
		return errs.InvalidField("invalid_send_at", "cancel_if_answered", "goes with send_at")
	case n.SendAt.IsZero():
		m.SendAt = store.Millis(now.Add(time.Duration(n.Undo) * time.Second))
		return nil
	case n.Undo != 0:
		return errs.InvalidField("invalid_send_at", "undo_seconds", "what is scheduled can be taken back until then")
	case !n.SendAt.After(now):
		return errs.InvalidField("send_at_in_the_past", "send_at", "a time in the future is needed")
	case n.SendAt.Sub(now) > maxAhead:
		return errs.InvalidField("invalid_send_at", "send_at", "at most a year ahead")
	case len(conv.Scheduled) >= maxScheduled:
		return errs.New(errs.Conflict, "too_many_scheduled", "A conversation has at most 20 scheduled messages.")
	}
	m.Status, m.SendAt, m.CancelIfAnswered = Scheduled, store.Millis(n.SendAt), n.CancelIfAnswered
	return nil
}

// leaves is when the message leaves that is written at a time.
func (m *Message) leaves(now time.Time) time.Time {
	if m.SendAt.After(now) {
		return m.SendAt
	}
	return now
}

// waits reports whether the message has not left and can be taken back.
func (m *Message) waits() bool {
	return m.Status == Scheduled || m.Status == Queued && !m.SendAt.IsZero()
}

// unsaid reports whether the message has not left, or never will.
func (m *Message) unsaid() bool { return m.waits() || m.Status == Canceled }

// schedule puts the message aside until it is due.
func (s *Service) schedule(c *change, m *Message) {
	m.SentAt = m.SendAt // it stands behind what is said until then
	c.conv.Scheduled = append(c.conv.Scheduled, m.ID)
	c.Changes = append(c.Changes, s.Jobs.At(m.SendAt, jobs.Spec{
		Kind: jobDue, WorkspaceID: m.WorkspaceID, Ref: m.ID, Share: m.ChannelID, Key: []string{m.ID},
	})...)
}

// unschedule takes a message off those that wait for their time.
func (c *Conversation) unschedule(id string) {
	c.Scheduled = slices.DeleteFunc(c.Scheduled, func(scheduled string) bool { return scheduled == id })
}

// said is what a message of ours that leaves does to its conversation, unless it is a note.
func (c *Conversation) said(m *Message) {
	c.showLast(m)
	if m.CreatedAt.After(c.LastActivityAt) {
		c.LastActivityAt = m.CreatedAt
	}
	if m.Type != channels.TypeNote && m.Author.Type == ByAgent {
		c.answer()
	}
}

// afterUndo lets the first message of an outbox go once it can no longer be taken back.
func (s *Service) afterUndo(ctx context.Context, job *jobs.Job, conv *Conversation, m *Message) (more bool, err error) {
	if s.Clock.Now().Before(m.SendAt) {
		return false, &jobs.Later{At: m.SendAt, Reason: "it can still be taken back"}
	}
	c := &change{conv: conv, actor: m.actor()}
	if err := s.release(ctx, c, m); err != nil {
		return false, err
	}
	if m.Status == FailedMsg {
		return s.popOutboxWith(ctx, job, c, m)
	}
	if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
		return false, err
	}
	return true, s.commit(ctx, c)
}

// runDue puts a scheduled message into the outbox when its time has come; one that was taken back stays where it is.
func (s *Service) runDue(ctx context.Context, job *jobs.Job) error {
	return store.Retry(ctx, func() error {
		m, err := s.messages.Get(ctx, job.Ref)
		if errors.Is(err, store.ErrNotFound) || err == nil && m.Status != Scheduled {
			return nil
		}
		if err != nil {
			return err
		}
		conv, err := s.getConversation(ctx, m.ConversationID)
		if err != nil {
			return err
		}
		c := &change{conv: conv, actor: m.actor(), Write: events.Write{Changes: job.Done()}}
		if err := s.sendScheduled(ctx, c, m); err != nil {
			return err
		}
		return s.commit(ctx, c)
	})
}

// sendScheduled adds to a change that a scheduled message goes, or has failed.
func (s *Service) sendScheduled(ctx context.Context, c *change, m *Message) error {
	c.conv.unschedule(m.ID)
	if err := s.release(ctx, c, m); err != nil {
		return err
	}
	if m.Status == FailedMsg {
		if err := s.failureNotice(ctx, &c.Write, m); err != nil {
			return err
		}
	} else {
		s.enqueue(c, c.conv, m)
	}
	return s.addMessage(ctx, c, messageUpdated, c.conv, m)
}

// release makes a message that waited one that is written now; failed where it may not be sent any more.
func (s *Service) release(ctx context.Context, c *change, m *Message) error {
	m.index() // its place among the words changes with its time
	now := s.Clock.Now()
	m.Status, m.SendAt, m.CancelIfAnswered, m.CreatedAt, m.SentAt = Queued, time.Time{}, false, now, now
	m.Left = c.conv.Version + 1
	ch, err := s.Channels.Of(ctx, m.WorkspaceID, m.ChannelID)
	if err != nil && !errors.Is(err, store.ErrNotFound) { // one that is gone is said when it is sent
		return err
	}
	if err == nil {
		m.setTime(c.conv, ch.Can.Precision)
		if ch.Can.Window > 0 && m.Type != channels.TypeTemplate && !now.Before(c.conv.windowCloses(ch.Can, m.Author.Type == ByAgent)) {
			m.Status, m.Error = FailedMsg, windowOver()
			m.addOutcome(m.Status, now, m.Error)
		}
	}
	m.Seq = c.conv.nextSeq(arrivalSeq(now, 0))
	if m.Status == FailedMsg {
		c.conv.showLast(m)
		return nil
	}
	c.conv.said(m)
	return s.left(ctx, c, m)
}

// windowOver is why a message failed that was written in time and became due too late.
func windowOver() *SendError {
	return &SendError{
		Code: "window_closed", Title: "The time for free answers is over",
		Detail: "It ended before the message was due. Send a template, or wait for the customer.",
	}
}

// actor is who wrote the message, at the moment at which it leaves by itself.
func (m *Message) actor() access.Actor {
	kind := access.System
	if m.Author.Type == ByAgent {
		kind = access.User
	}
	return access.Actor{Kind: kind, ID: m.Author.ID, Name: m.Author.Name, Cause: access.Cause{Kind: access.Timer}}
}

// Cancel takes a message back that has not left: one that is scheduled, or can still be undone. Of two that cancel, or one that cancels and
// the time that is over, the first counts.
func (s *Service) Cancel(ctx context.Context, v access.Viewer, id string) (m *Message, err error) {
	err = store.Retry(ctx, func() error {
		if m, err = s.messages.Get(ctx, id); err != nil {
			return err
		}
		conv, err := s.Conversation(ctx, v, m.ConversationID)
		switch {
		case err != nil:
			return err
		case m.Status == Canceled:
			return nil
		case !m.waits():
			return errs.New(errs.Conflict, "too_late", "This message has left already.")
		}
		c := &change{actor: v.Actor()}
		if m.Status == Scheduled {
			conv.unschedule(m.ID)
			c.conv = conv
		}
		m.cancel(nil)
		if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
			return err
		}
		return s.commit(ctx, c)
	})
	return m, err
}

// cancel makes the message one that was taken back; why, where nobody did it. No search finds it any more.
func (m *Message) cancel(why *SendError) {
	m.index()
	if m.Status == Scheduled {
		m.SentAt = m.CreatedAt
	}
	m.Status, m.Error, m.SendAt, m.Tokens, m.FileWords = Canceled, why, time.Time{}, nil, nil
}

// cancelAnswered takes back what was not to be sent if the customer answered, and tells who wrote it.
func (s *Service) cancelAnswered(ctx context.Context, c *change) error {
	if len(c.conv.Scheduled) == 0 {
		return nil
	}
	found, err := s.messages.GetMany(ctx, c.conv.Scheduled...)
	if err != nil {
		return err
	}
	for _, m := range found {
		if m.Status != Scheduled || !m.CancelIfAnswered {
			continue
		}
		c.conv.unschedule(m.ID)
		m.cancel(&SendError{
			Code: "customer_answered", Title: "Not sent, because the customer answered",
			Detail: "The message was scheduled, and was to be sent only if the customer did not answer before.",
		})
		if err := s.failureNotice(ctx, &c.Write, m); err != nil {
			return err
		}
		if err := s.addMessage(ctx, c, messageUpdated, c.conv, m); err != nil {
			return err
		}
	}
	return nil
}
