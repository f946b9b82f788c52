package inbox

import (
	"context"
	"errors"
	"fmt"
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
		conv, err := s.getConversation(ctx, job.Ref)
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

func (s *Service) runMark(ctx context.Context, job *jobs.Job) error {
	conv, err := s.getConversation(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.reportRead(ctx, conv, string(job.Payload), false)
	var refused *channels.SendError
	if errors.As(err, &refused) && (refused.Outcome == channels.Refused || refused.Outcome == channels.Dead) {
		return nil // a courtesy: not worth anybody's attention
	}
	if err != nil && s.Clock.Now().Sub(job.CreatedAt) > markWithin {
		return nil
	}
	return err
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
