package channels

import (
	"context"
	"time"
)

// Learn gives the channel a past: a message every gap from then until now.
func (s *Service) Learn(ctx context.Context, channelID string, then time.Time, gap time.Duration) error {
	_, err := s.change(ctx, channelID, func(p *pulse) {
		for at := then; !at.After(s.Clock.Now()); at = at.Add(gap) {
			p.add(beat{in: 1, lastIn: at})
		}
	})
	return err
}

// RenewDue is what the schedule does every hour.
func (s *Service) RenewDue(ctx context.Context) error { return s.renewDue(ctx) }

// Verify checks a webhook at a channel's address.
func (s *Service) Verify(ctx context.Context, c *Connected, hook Webhook) error {
	return s.verify(ctx, c, hook)
}

// Address finds the channel of an event that came to another's address.
func (s *Service) Address(ctx context.Context, c *Connected, ev Event) (to *Connected, lost, err error) {
	return s.address(ctx, c, ev)
}
