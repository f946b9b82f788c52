package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/rs/zerolog"
	"github.com/sony/gobreaker/v2"

	"wasl/auth"
	"wasl/channels"
	"wasl/contacts"
	"wasl/internal/access"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/limit"
	"wasl/internal/secret"
	"wasl/store"
)

// Options are what the service is made of.
type Options struct {
	Engine   store.Engine
	Bus      *events.Bus
	Jobs     *jobs.Runner
	Clock    clock.Clock
	Log      zerolog.Logger
	Channels *channels.Service
	Contacts *contacts.Service
	Blobs    blob.Store
	Limiter  limit.Limiter
	Users    *auth.Service
	// PublicURL is the address under which providers fetch files that are sent; Box proves that such a link is ours.
	PublicURL string
	Box       *secret.Box
}

// Service is the inbox.
type Service struct {
	Options
	conversations store.Collection[Conversation, *Conversation]
	messages      store.Collection[Message, *Message]
	sayings       store.Collection[saying, *saying]
	drafts        store.Collection[Draft, *Draft]
	media         store.Collection[Media, *Media]
	consents      store.Collection[consent, *consent]
	failed        store.Collection[failedSend, *failedSend]
	live          *live
	decoding      chan struct{} // bounds how many pictures are unpacked at the same time: each may take 200 MB
	mu            sync.Mutex
	breakers      map[string]*gobreaker.CircuitBreaker[channels.Sent]
}

// NewService returns the inbox and takes on its kinds of job.
func NewService(o Options) *Service {
	s := &Service{
		Options:       o,
		conversations: store.NewCollection[Conversation](o.Engine, conversationSchema),
		messages:      store.NewCollection[Message](o.Engine, messageSchema),
		sayings:       store.NewCollection[saying](o.Engine, messageSchema),
		drafts:        store.NewCollection[Draft](o.Engine, draftSchema),
		media:         store.NewCollection[Media](o.Engine, mediaSchema),
		consents:      store.NewCollection[consent](o.Engine, consentSchema),
		failed:        store.NewCollection[failedSend](o.Engine, failedSchema),
		decoding:      make(chan struct{}, 2),
		breakers:      map[string]*gobreaker.CircuitBreaker[channels.Sent]{},
	}
	s.live = newLive(s.conversations, o.Bus.Stream().Follow)
	o.Jobs.Handle(channels.JobInbound, jobs.Inbound, s.planInbound)
	o.Jobs.Handle(jobSend, jobs.Send, jobs.Single(s.runSend))
	o.Jobs.Handle(jobUpload, jobs.Media, jobs.Single(s.runUpload))
	o.Jobs.Handle(jobWake, jobs.Timer, jobs.Single(s.runWake))
	o.Jobs.Handle(jobMedia, jobs.Media, jobs.Single(s.runMedia))
	o.Jobs.Handle(jobUnused, jobs.Bulk, jobs.Single(s.runUnused))
	o.Jobs.Handle(jobConsent, jobs.Bulk, jobs.Single(s.runConsent))
	o.Jobs.Handle(jobMark, jobs.Send, jobs.Single(s.runMark))
	o.Jobs.Handle(jobWho, jobs.Media, jobs.Single(s.runWho))
	o.Jobs.Handle(contacts.JobMoved, jobs.Bulk, jobs.Single(s.runMoved))
	o.Jobs.OnDead(s.deadLetter)
	o.Bus.First(s.follow)
	return s
}

// follow keeps the live work true to what other instances do, before the sockets hear of it. The events are of one workspace.
func (s *Service) follow(batch []events.Numbered) {
	var changed []string
	for _, n := range batch {
		switch {
		case n.Type == events.Reset:
			s.live.forget(n.WorkspaceID, s.live.held(n.WorkspaceID))
		case n.Local || (n.Type != "conversation.created" && n.Type != "conversation.updated"):
		case !slices.Contains(changed, n.Subject):
			changed = append(changed, n.Subject)
		}
	}
	if len(changed) > 0 {
		s.live.refresh(batch[0].WorkspaceID, changed)
	}
}

// change is one atomic change of a conversation and what goes with it.
type change struct {
	conv    *Conversation
	created bool
	marked  bool              // what came in counts as read from now on
	contact *contacts.Contact // where it is at hand
	last    *Message          // likewise, the newest message
	changes []store.Change
	events  []events.Event
	jobs    []*jobs.Job // to start after the write
}

// commit writes a change with the conversation's own part and event, and keeps the live work true. The error of a write that others
// were faster than is store.ErrConflict or store.ErrExists: read everything again.
func (s *Service) commit(ctx context.Context, c *change) error {
	if c.conv != nil {
		c.conv.touch(s.Clock.Now())
		kind, write := "conversation.updated", s.conversations.Replace
		if c.created {
			kind, write = "conversation.created", s.conversations.Insert
		}
		c.changes = append(c.changes, write(c.conv))
		ev, err := s.conversationEvent(ctx, kind, c)
		if err != nil {
			return err
		}
		c.events = append(c.events, ev)
	}
	if err := s.Bus.Commit(ctx, c.changes, c.events...); err != nil {
		return err
	}
	if c.conv != nil {
		s.live.put(c.conv)
	}
	for _, job := range c.jobs {
		s.Jobs.Start(job)
	}
	return nil
}

// startLater adds a job to the change; it is started after the write.
func (s *Service) startLater(c *change, spec jobs.Spec) {
	job, insert := s.Jobs.New(spec)
	c.changes, c.jobs = append(c.changes, insert...), append(c.jobs, job)
}

// maxTries bounds how often a use case reads again because others were faster.
const maxTries = 100

// again repeats fn while others are faster.
func again(ctx context.Context, fn func() error) error {
	for range maxTries {
		err := fn()
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fmt.Errorf("others were faster %d times: %w", maxTries, store.ErrConflict)
}

// Conversation returns a conversation that the viewer may see, or store.ErrNotFound.
func (s *Service) Conversation(ctx context.Context, v access.Viewer, id string) (*Conversation, error) {
	c, err := s.conversations.Get(ctx, id)
	if err == nil && !c.seenBy(v) {
		return nil, store.ErrNotFound
	}
	return c, err
}

// Audience returns who may see the conversation, if the viewer may.
func (s *Service) Audience(ctx context.Context, v access.Viewer, id string) (access.Audience, error) {
	c, err := s.Conversation(ctx, v, id)
	if err != nil {
		return access.Audience{}, err
	}
	return c.audience(), nil
}

// change applies an edit of a conversation that the viewer may see, under its event.
func (s *Service) change(ctx context.Context, v access.Viewer, id string, edit func(*Conversation, *change) error) (*Conversation, error) {
	var conv *Conversation
	err := again(ctx, func() (err error) {
		if conv, err = s.Conversation(ctx, v, id); err != nil {
			return err
		}
		c := &change{conv: conv}
		if err := edit(conv, c); err != nil {
			return err
		}
		return s.commit(ctx, c)
	})
	return conv, err
}
