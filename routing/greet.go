package routing

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"wasl/channels"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/limit"
	"wasl/store"
)

const (
	// greetWithin is how long after its beginning a conversation is still greeted: later it would only be strange.
	greetWithin = 10 * time.Minute
	// greeter is who writes automatic messages.
	greeter = "auto"
)

// greetRate is how often one address is written to without anybody's doing, over all its conversations: programs that answer each other,
// and do not say that they are programs, come to an end.
var greetRate = limit.Rate{Every: 10 * time.Minute, Burst: 6}

// greetLater adds to the write of a beginning that the customer is greeted, where there is something to say. A visit is one beginning.
func (s *Service) greetLater(ctx context.Context, w *events.Write, conv inbox.Standing, visit string) error {
	all, err := s.auto.all(ctx, conv.WorkspaceID)
	if err != nil || !slices.ContainsFunc(all, func(a *AutoMessage) bool { return a.Enabled }) {
		return err
	}
	s.later(w, jobs.Spec{
		Kind: jobGreet, WorkspaceID: conv.WorkspaceID, Ref: conv.ID, Share: conv.ChannelKind, Key: []string{visit}, Payload: []byte(visit),
	})
	return nil
}

// greet tells the customer what is to be said at a beginning, unless a person was quicker. It may run twice: what is said has the visit's
// id.
func (s *Service) greet(ctx context.Context, job *jobs.Job) error {
	if s.Clock.Now().Sub(job.CreatedAt) > greetWithin {
		return nil
	}
	if err := s.drained(ctx, job.WorkspaceID); err != nil { // so that it is known whether it waits
		return err
	}
	g, err := s.Inbox.Greeting(ctx, job.WorkspaceID, job.Ref)
	if errors.Is(err, store.ErrNotFound) || err == nil && (g.Address == "" || !g.Waits() || g.WaitingSince == nil) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := s.auto.all(ctx, job.WorkspaceID)
	if err != nil {
		return err
	}
	said, err := s.sayings(ctx, g, meant(all, g.ChannelID, g.ChannelKind))
	if err != nil {
		return err
	}
	for _, one := range said {
		if err := s.say(ctx, g, one, string(job.Payload)); err != nil {
			return err
		}
	}
	return nil
}

// saying is one automatic message that is to be sent.
type saying struct {
	kind AutoKind
	text string
}

// sayings are what is said: that nobody is there, where that is so; else a welcome and, where it waits, its place.
func (s *Service) sayings(ctx context.Context, g inbox.Greeting, of map[AutoKind]*AutoMessage) (said []saying, err error) {
	country, err := s.Users.Country(ctx, g.WorkspaceID)
	if err != nil {
		return nil, err
	}
	languages := []string{g.Language, languageOf(country)}
	if a := of[AwayMessage]; a != nil {
		away, err := s.away(ctx, g, a)
		if err != nil {
			return nil, err
		}
		if away {
			return []saying{{AwayMessage, a.Text.in(languages...)}}, nil
		}
	}
	if a := of[Welcome]; a != nil {
		said = append(said, saying{Welcome, a.Text.in(languages...)})
	}
	a := of[QueuePosition]
	r, err := s.routes.Get(ctx, g.ID)
	if errors.Is(err, store.ErrNotFound) || a == nil || err == nil && r.State != Queued && r.State != Offered {
		return said, nil
	}
	if err != nil {
		return nil, err
	}
	place, err := s.position(ctx, r)
	return append(said, saying{
		QueuePosition, strings.ReplaceAll(a.Text.in(languages...), positionPlace, strconv.Itoa(place)),
	}), err
}

// away reports whether it is outside the message's hours, or nobody is there who could answer: of the team, where it has one.
func (s *Service) away(ctx context.Context, g inbox.Greeting, a *AutoMessage) (bool, error) {
	if a.HoursID != "" {
		h, err := s.hoursOf(ctx, g.WorkspaceID, a.HoursID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		if err == nil {
			c, err := h.calendar()
			if err != nil || !c.open(s.Clock.Now()) {
				return err == nil, err
			}
		}
	}
	var members []string
	if g.TeamID != "" {
		t, err := s.Users.Team(ctx, g.WorkspaceID, g.TeamID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		if err == nil {
			members = t.MemberIDs
		}
	}
	there := false
	q := store.Query{Index: "state", Eq: []any{g.WorkspaceID, store.In{string(Online), string(Busy)}}, Limit: 1000}
	err := each(ctx, s.presences, q, func(p *Presence) error {
		there = there || members == nil || slices.Contains(members, p.ID)
		return nil
	})
	return !there, err
}

// say sends one automatic message the way that people's go, once for each visit. What the channel does not allow now is not said.
func (s *Service) say(ctx context.Context, g inbox.Greeting, one saying, visit string) error {
	ok, _, err := s.Inbox.Limiter.Allow(ctx, "auto:"+g.ChannelID+":"+g.Address, greetRate)
	if err != nil || !ok {
		return err
	}
	by := access.Actor{Kind: access.System, ID: greeter, Cause: access.Cause{Kind: access.Event, ID: "routing.visit"}}
	return store.Retry(ctx, func() error {
		w := &events.Write{}
		_, err := s.Inbox.Send(ctx, w, by, g.WorkspaceID, g.ID, inbox.NewMessage{
			ClientID: visit + "." + string(one.kind), Content: channels.Content{Type: channels.TypeText, Text: one.text},
		})
		var refused *errs.Error
		if errors.As(err, &refused) {
			s.Log.Info().Str("conversation", g.ID).Str("code", refused.Code).Msg("an automatic message is not allowed")
			return nil
		}
		if err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
}
