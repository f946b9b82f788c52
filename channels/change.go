package channels

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"time"

	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/store"
)

// Patch is a change of a channel; nil fields stay.
type Patch struct {
	Name        *string
	Credentials map[string]string
	BaseURL     *string
	Status      *string
	EndOld      bool // webhooks are known by the present credentials only, from now on
}

// Change applies a patch. New credentials are merged into the old ones and end an error state; webhooks are known by the old ones for
// another day, unless the patch ends that. Another server wants the secrets again.
func (s *Service) Change(ctx context.Context, workspaceID, id string, p Patch) (*Channel, error) {
	c, err := s.Of(ctx, workspaceID, id)
	if err != nil {
		return nil, err
	}
	var used []store.Change
	if p.Credentials, used, err = s.authorized(ctx, workspaceID, p.Credentials); err != nil {
		return nil, err
	}
	if err := checkCredentials(c.Adapter, p.Credentials, false); err != nil {
		return nil, err
	}
	merged := maps.Clone(c.Account.Credentials)
	maps.Copy(merged, p.Credentials)
	if account, err := accountOf(c.Adapter, merged); err != nil || account != c.Channel.Account {
		return nil, errs.InvalidField("account_changed", "credentials."+c.Adapter.Credentials()[0].Name,
			"another account is another channel: connect it anew")
	}
	if p.BaseURL != nil {
		if err := s.checkBaseURL(*p.BaseURL); err != nil {
			return nil, err
		}
	}
	if err := s.secretsAgain(c.Adapter, c.BaseURL, c.Account.Credentials, p); err != nil {
		return nil, err
	}
	if len(p.Credentials) > 0 {
		if err := s.try(ctx, c, p.Credentials, p.BaseURL); err != nil {
			return nil, err
		}
	}
	changed, err := s.update(ctx, id, func(ch *Channel) error { return s.apply(c.Adapter, ch, p) })
	if err == nil && used != nil { // it ends by itself where this fails
		_ = s.Engine.Write(ctx, used...)
	}
	return changed, err
}

// apply makes a patch part of the channel as it is stored now.
func (s *Service) apply(adapter Adapter, ch *Channel, p Patch) error {
	present, err := s.open(ch)
	if err != nil {
		return err
	}
	if err := s.secretsAgain(adapter, ch.BaseURL, present, p); err != nil {
		return err
	}
	if p.Name != nil {
		ch.Name = *p.Name
	}
	if p.BaseURL != nil {
		ch.BaseURL = *p.BaseURL
	}
	if p.Status != nil {
		ch.Status, ch.Problem = *p.Status, nil
	}
	if p.EndOld {
		ch.Earlier, ch.EarlierUntil = nil, time.Time{}
	}
	if len(p.Credentials) > 0 || p.Status != nil {
		ch.MendedAt = store.Millis(s.Clock.Now())
	}
	if len(p.Credentials) == 0 {
		return nil
	}
	if ch.Status == Failed {
		ch.Status, ch.Problem = Active, nil
	}
	merged := maps.Clone(present)
	maps.Copy(merged, p.Credentials)
	if completer, ok := adapter.(Completer); ok {
		if merged, err = completer.Complete(merged); err != nil {
			return err
		}
	}
	s.renewable(ch)
	if !p.EndOld && !maps.Equal(merged, present) {
		if err := s.keepEarlier(ch, present); err != nil {
			return err
		}
	}
	return s.seal(ch, merged)
}

// Fail records that the provider takes nothing from the channel, as it was when c was read, until somebody mends it. It loses against
// whoever has changed the channel since: what was found out under an old token says nothing about a new one.
func (s *Service) Fail(ctx context.Context, c *Connected, problem Trouble) error {
	if c.Status != Active {
		return nil
	}
	err := s.updateRead(ctx, c, func(ch *Channel) { ch.Status, ch.Problem = Failed, &problem })
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// Stop records what the provider said at a time: that it takes nothing from the channel until somebody mends it. It loses against
// whoever mended the channel after that.
func (s *Service) Stop(ctx context.Context, id string, at time.Time, problem Trouble) error {
	_, err := s.update(ctx, id, func(ch *Channel) error {
		if at.Before(ch.MendedAt) {
			return errSame
		}
		ch.Status, ch.Problem = Failed, &problem
		return nil
	})
	return err
}

// errSame ends a change that changes nothing.
var errSame = errors.New("channels: nothing to change")

// update reads a channel, changes and replaces it with its event.
func (s *Service) update(ctx context.Context, id string, change func(*Channel) error) (ch *Channel, err error) {
	err = store.Retry(ctx, func() error {
		if ch, err = s.channels.Get(ctx, id); err != nil {
			return err
		}
		before := *ch
		if err := change(ch); err != nil {
			return err
		}
		return s.replace(ctx, ch, &before)
	})
	s.forget(id) // also where nobody knows whether it was written
	if err != nil && !errors.Is(err, errSame) {
		return nil, err
	}
	return ch, nil
}

// updateRead changes a channel as it was when c was read: store.ErrConflict where others have changed it since.
func (s *Service) updateRead(ctx context.Context, c *Connected, change func(*Channel)) error {
	ch := c.Channel
	change(&ch)
	err := s.replace(ctx, &ch, &c.Channel)
	s.forget(c.ID)
	return err
}

// replace writes a changed channel with its event, and tells people what that means to them.
func (s *Service) replace(ctx context.Context, ch, before *Channel) error {
	w := &events.Write{}
	if err := s.follow(ctx, w, ch, before.Sealed); err != nil {
		return err
	}
	w.Changes, w.Events = append(w.Changes, s.channels.Replace(ch)), []events.Event{s.updated(ch)}
	if notice, ok := turned(ch, before); ok {
		if err := s.tellSupervisors(ctx, w, ch, notice); err != nil {
			return err
		}
	}
	return s.Bus.Commit(ctx, w)
}

// origin is the server of an address; empty for the provider's own.
func origin(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return base
	}
	return u.Scheme + "://" + u.Host
}
