package channels

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"time"

	"wasl/internal/jobs"
	"wasl/store"
)

const (
	jobRenew = "renew_credentials"
	// renewEvery is how often credentials that end by themselves are renewed, renewFirst how old they are before that: no provider
	// renews what is not a day old.
	renewEvery, renewFirst = 7 * 24 * time.Hour, 25 * time.Hour
	// renewAgain is the pause after a refusal, renewSoon that after a passing problem.
	renewAgain, renewSoon = 24 * time.Hour, time.Hour
)

// Renewal is how the renewal of a channel's credentials stands.
type Renewal struct {
	Due     time.Time `bson:"due"`
	Ends    time.Time `bson:"ends,omitempty"` // of the present credentials, where that is known
	Problem *Trouble  `bson:"problem,omitempty"`
}

// renewable starts the time of credentials that a person entered.
func (s *Service) renewable(ch *Channel) {
	if _, can := s.adapters[ch.Kind].(Renewer); can {
		ch.Renewal = &Renewal{Due: store.Millis(s.Clock.Now().Add(renewFirst))}
	}
}

// renewer returns who renews the channel's credentials, where that is due.
func (s *Service) renewer(c *Connected) (Renewer, bool) {
	r, can := c.Adapter.(Renewer)
	return r, can && r.Ends(c.Account) && !s.Clock.Now().Before(c.renewalDue())
}

// ending returns why the channel's credentials will end; nil where they do not.
func (ch *Channel) ending() *Trouble {
	if ch.Renewal == nil {
		return nil
	}
	return ch.Renewal.Problem
}

func (ch *Channel) renewalDue() time.Time {
	if ch.Renewal == nil { // connected before there were any
		return ch.CreatedAt.Add(renewFirst)
	}
	return ch.Renewal.Due
}

// renewDue stores the job of each channel whose credentials are to be renewed; its key keeps it one on all instances.
func (s *Service) renewDue(ctx context.Context) error {
	return s.channels.Each(ctx, store.Query{Limit: 200}, func(ch *Channel) error {
		if _, can := s.adapters[ch.Kind].(Renewer); !can {
			return nil
		}
		c, err := s.Connected(ctx, ch.ID)
		if err != nil { // the others are looked at all the same
			s.Log.Warn().Err(err).Str("channel", ch.ID).Msg("not known whether credentials end")
			return nil
		}
		if _, due := s.renewer(c); !due {
			return nil
		}
		_, err = s.Jobs.Keep(ctx, jobs.Spec{
			Kind: jobRenew, WorkspaceID: c.WorkspaceID, Ref: c.ID, Share: c.ID, Key: []string{
				c.ID,
				c.renewalDue().UTC().Format(time.RFC3339),
			},
		})
		return err
	})
}

// runRenew renews a channel's credentials. Run twice it finds that nothing is due.
func (s *Service) runRenew(ctx context.Context, job *jobs.Job) error {
	s.forget(job.Ref) // what another instance did since must be known
	c, err := s.Connected(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	renewer, due := s.renewer(c)
	if !due {
		return nil
	}
	now := s.Clock.Now()
	fresh, lasts, err := renewer.Renew(ctx, c.Account)
	next := Renewal{Due: store.Millis(now.Add(renewEvery)), Ends: store.Millis(now.Add(lasts))}
	if err != nil {
		e := AsSendError(err)
		if e.Outcome != Refused && e.Outcome != Dead {
			return &jobs.Later{At: now.Add(renewSoon), Reason: e.Title}
		}
		s.Log.Warn().Err(err).Str("channel", c.ID).Msg("credentials not renewed")
		s.NoteTrouble(c.ID, e.words())
		if _, err := s.Check(ctx, c.WorkspaceID, c.ID); err != nil { // which stops the channel where nothing works any more
			return err
		}
		next = Renewal{Due: store.Millis(now.Add(renewAgain)), Problem: notRenewed()}
		if _, signsIn := c.Adapter.(Authorizer); signsIn { // nobody makes tokens by hand there
			words := e.words()
			next.Problem = &words
		}
		if c.Renewal != nil {
			next.Ends = c.Renewal.Ends
		}
	}
	_, err = s.update(ctx, c.ID, func(ch *Channel) error {
		if !bytes.Equal(ch.Sealed, c.Sealed) {
			return errSame // a person entered others meanwhile
		}
		ch.Renewal = &next
		if fresh == nil {
			return nil
		}
		merged := maps.Clone(c.Account.Credentials)
		maps.Copy(merged, fresh)
		return s.seal(ch, merged)
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func notRenewed() *Trouble {
	return &Trouble{
		Code: "token_not_renewed", Title: "The access token could not be renewed",
		Detail: "The channel works until it ends, at most 60 days after it was made. Make a new token with the provider and enter it here.",
	}
}
