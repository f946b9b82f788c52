package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/limit"
	"wasl/store"
)

const (
	jobWake = "wake"
	jobMark = "mark_read"
)

// wakeLater adds the timer of a snoozed conversation.
func (s *Service) wakeLater(c *change, conv *Conversation) {
	if until := conv.SnoozedUntil; until != nil {
		c.Changes = append(c.Changes, s.Jobs.At(*until, jobs.Spec{
			Kind: jobWake, WorkspaceID: conv.WorkspaceID, Ref: conv.ID, Share: conv.ChannelID, Key: []string{
				conv.ID,
				fmt.Sprint(conv.Version),
			},
		})...)
	}
}

// runWake opens a snoozed conversation when its time has come; one that was changed in between stays.
func (s *Service) runWake(ctx context.Context, job *jobs.Job) error {
	return store.Retry(ctx, func() error {
		conv, err := s.stored(ctx, job.Ref)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if conv.Status != Snoozed || conv.SnoozedUntil == nil || conv.SnoozedUntil.After(s.Clock.Now()) {
			return nil
		}
		conv.Status, conv.SnoozedUntil = Open, nil
		conv.LastActivityAt = s.Clock.Now()
		return s.commit(ctx, &change{conv: conv, Write: events.Write{Changes: job.Done()}})
	})
}

// markWithin is how long a read mark is worth showing.
const markWithin = 10 * time.Minute

// markedBefore stands, in the payload of a job that marks messages read, between the last one and the last that was marked before.
const markedBefore = "\x00"

func (s *Service) runMark(ctx context.Context, job *jobs.Job) error {
	conv, err := s.getConversation(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	last, before, _ := strings.Cut(string(job.Payload), markedBefore)
	if done, err := s.markAtSource(ctx, job, conv, before); done || err != nil {
		return err
	}
	err = s.reportRead(ctx, conv, last, false)
	var refused *channels.SendError
	if errors.As(err, &refused) && (refused.Outcome == channels.Refused || refused.Outcome == channels.Dead) {
		return nil // a courtesy: not worth anybody's attention
	}
	if err != nil && s.Clock.Now().Sub(job.CreatedAt) > markWithin {
		return nil
	}
	return err
}

// seenMost bounds how many messages are marked at a time where they are fetched from.
const seenMost = 50

// markAtSource has what came in marked read where it is fetched from, back to what was marked before; false: it is not fetched.
func (s *Service) markAtSource(ctx context.Context, job *jobs.Job, conv *Conversation, before string) (done bool, err error) {
	ch, err := s.Channels.Of(ctx, conv.WorkspaceID, conv.ChannelID)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil || ch.SourceID == "" {
		return false, err
	}
	said, _, err := s.messages.Find(ctx, store.Query{Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Limit: seenMost})
	if err != nil {
		return false, err
	}
	var read []string
	for _, m := range said {
		if before != "" && m.ProviderID == before {
			break
		}
		if m.Direction == In {
			read = append(read, m.ProviderID)
		}
	}
	c := &change{Write: events.Write{Changes: job.Done()}}
	if err := s.Channels.AtSource(ctx, &c.Write, ch, channels.MarkSeen, nil, read...); err != nil {
		return false, err
	}
	return true, s.commit(ctx, c)
}

func (s *Service) reportRead(ctx context.Context, conv *Conversation, providerID string, typing bool) error {
	ch, err := s.Channels.Of(ctx, conv.WorkspaceID, conv.ChannelID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	marker, ok := ch.Adapter.(channels.ReadMarker)
	if !ok || ch.Status != channels.Active || providerID == "" || conv.Address == nil {
		return nil
	}
	return marker.MarkRead(ctx, ch.Account, channels.ReadMark{To: *conv.Address, ProviderID: providerID, Typing: typing})
}

// Typing shows the customer that an answer is being written, where the channel can.
func (s *Service) Typing(ctx context.Context, v access.Viewer, id string) {
	conv, err := s.Conversation(ctx, v, id)
	if err != nil || conv.LastInbound == "" {
		return
	}
	if r, err := s.readsOf(ctx, conv); err != nil || r.Reported != conv.LastInbound {
		return // not before somebody has read: typing would mark it read
	}
	ok, _, err := s.Limiter.Allow(ctx, "typing:"+conv.ID, typingRate)
	if err != nil || !ok {
		return
	}
	if err := s.reportRead(ctx, conv, conv.LastInbound, true); err != nil {
		s.Log.Debug().Err(err).Str("conversation", conv.ID).Msg("typing not shown")
	}
}

// typingRate is how often the provider is told: its indicator lasts 25 seconds.
var typingRate = limit.Rate{Every: 20 * time.Second, Burst: 1}
