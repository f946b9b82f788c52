package inbox

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/sony/gobreaker/v2"

	"wasl/activity"
	"wasl/auth"
	"wasl/channels"
	"wasl/contacts"
	"wasl/files"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/condition"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/limit"
	"wasl/notify"
	"wasl/store"
	"wasl/work"
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
	Files    *files.Service
	Blobs    blob.Store // for the formatted texts of mails
	Limiter  limit.Limiter
	Users    *auth.Service
	Activity *activity.Log
	Notices  *notify.Service
	Actions  *action.Registry[*Editing] // what can be done to conversations
	Works    *work.Service
}

// Service is the inbox.
type Service struct {
	Options
	conversations store.Collection[Conversation, *Conversation]
	messages      store.Collection[Message, *Message]
	words         sources
	drafts        store.Collection[Draft, *Draft]
	consents      store.Collection[consent, *consent]
	failed        store.Collection[failedSend, *failedSend]
	reads         store.Collection[reads, *reads]
	locks         store.Collection[lock, *lock]
	undos         store.Collection[undoable, *undoable]
	traces        store.Collection[trace, *trace]
	movements     store.Collection[movement, *movement]
	view          func(ctx context.Context, v access.Viewer, id string) (Filter, error)
	live          *live.Index
	fields        *condition.Set[listed]
	beside        func(ctx context.Context, w *events.Write, c *Changed) error
	mu            sync.Mutex
	breakers      map[string]*gobreaker.CircuitBreaker[channels.Sent]
}

// NewService returns the inbox and takes on its kinds of job.
func NewService(o Options) *Service {
	s := &Service{
		Options:       o,
		conversations: store.NewCollection[Conversation](o.Engine, conversationSchema),
		messages:      store.NewCollection[Message](o.Engine, messageSchema),
		drafts:        store.NewCollection[Draft](o.Engine, draftSchema),
		consents:      store.NewCollection[consent](o.Engine, consentSchema),
		failed:        store.NewCollection[failedSend](o.Engine, failedSchema),
		breakers:      map[string]*gobreaker.CircuitBreaker[channels.Sent]{},
	}
	s.fields = s.conversationFields()
	s.words = newSources(o.Engine, s.loadHits)
	s.locks = store.NewCollection[lock](o.Engine, lockSchema)
	s.undos, s.traces = store.NewCollection[undoable](o.Engine, undoSchema), store.NewCollection[trace](o.Engine, traceSchema)
	s.movements = store.NewCollection[movement](o.Engine, movementSchema)
	s.reads = store.NewCollection[reads](o.Engine, readsSchema)
	s.live = live.NewIndex(headerSource{s.conversations, o.Bus.Stream().Follow}, o.Clock, live.Column{Name: "read_by", Load: s.loadReadBy})
	o.Jobs.Handle(channels.JobInbound, jobs.Inbound, s.planInbound)
	o.Jobs.Handle(jobSend, jobs.Send, jobs.Single(s.runSend))
	o.Jobs.Handle(jobSendLarge, jobs.Media, jobs.Single(s.runSendLarge))
	o.Jobs.Handle(jobUpload, jobs.Media, jobs.Single(s.runUpload))
	o.Jobs.Handle(jobDue, jobs.Timer, jobs.Single(s.runDue))
	o.Jobs.Handle(jobWake, jobs.Timer, jobs.Single(s.runWake))
	o.Jobs.Handle(jobMedia, jobs.Media, jobs.Single(s.runMedia))
	o.Jobs.Handle(jobConsent, jobs.Bulk, jobs.Single(s.runConsent))
	o.Jobs.Handle(jobMark, jobs.Send, jobs.Single(s.runMark))
	o.Jobs.Handle(jobWho, jobs.Media, jobs.Single(s.runProfile))
	o.Jobs.Handle(jobBeside, jobs.Timer, jobs.Single(s.runBeside))
	o.Jobs.Handle(jobRelabel, jobs.Bulk, jobs.Single(s.runRelabel))
	o.Jobs.Handle(contacts.JobMoved, jobs.Bulk, jobs.Single(s.runMoved))
	o.Jobs.OnDead(s.deadLetter)
	o.Works.Handle(workBulk, s.planBulk)
	o.Works.Handle(workUndo, s.planUndo)
	s.showFiles()
	o.Bus.First(s.followEvents)
	o.Bus.Need(s.live.Needed)
	return s
}

// columnTime bounds the reading of columns that features keep for a conversation.
const columnTime = 5 * time.Second

// followEvents keeps the live index true to what other instances do, before the sockets hear of it. Nothing is read for what the index has
// already: events carry the header.
func (s *Service) followEvents(batch []events.Numbered) {
	ctx, cancel := context.WithTimeout(context.Background(), columnTime)
	defer cancel()
	for _, n := range batch {
		switch {
		case n.Type == events.Reset:
			s.live.Forget(n.WorkspaceID)
		case n.Local || n.Header == nil || n.Own == nil:
		default:
			var e live.Entry
			if err := json.Unmarshal(n.Header, &e); err != nil {
				s.Log.Error().Err(err).Str("event", n.ID).Msg("the header of a conversation cannot be read")
				s.live.Forget(n.WorkspaceID)
				continue
			}
			s.live.PutRemote(ctx, n.WorkspaceID, &e, readBy(n.Own, e.Answered))
		}
	}
}

// change is one atomic change of a conversation and what goes with it.
type change struct {
	events.Write
	actor   access.Actor // who does it; none: the program itself
	told    any          // see Edit.Told
	conv    *Conversation
	created bool
	late    bool              // what others keep beside the conversation follows by a job
	moved   bool              // messages came, or went
	reads   *reads            // where it is at hand
	contact *contacts.Contact // where it is at hand
	last    *Message          // likewise, the newest message
}

// commit writes a change with the conversation's own part, its history and its event, and keeps the live index true. The error of a write
// that others were faster than is store.ErrConflict or store.ErrExists: read everything again.
func (s *Service) commit(ctx context.Context, c *change) error {
	if err := s.prepare(ctx, c); err != nil {
		return err
	}
	return s.Bus.Commit(ctx, &c.Write)
}

// prepare completes a change with what follows from it.
func (s *Service) prepare(ctx context.Context, c *change) error {
	if c.actor.Kind == "" {
		c.actor.Kind = access.System
	}
	if c.conv != nil {
		if err := s.prepareConversation(ctx, c); err != nil {
			return err
		}
	}
	for n := range c.Events {
		ev := &c.Events[n]
		if ev.Actor.Kind == "" {
			ev.Actor = c.actor
		}
		if c.conv != nil && ev.Subject == c.conv.ID {
			ev.Version = c.conv.Version
		}
	}
	return nil
}

// startLater adds a job to the change; it is started after the write.
func (s *Service) startLater(c *change, spec jobs.Spec) {
	job, insert := s.Jobs.New(spec)
	c.Changes, c.Jobs = append(c.Changes, insert...), append(c.Jobs, job)
}

func (s *Service) prepareConversation(ctx context.Context, c *change) error {
	if c.actor.Kind == access.Contact && c.actor.ID == "" {
		c.actor.ID = c.conv.ContactID
	}
	if err := s.askClosing(ctx, c); err != nil {
		return err
	}
	c.conv.touch(s.Clock.Now())
	if !c.late {
		if err := s.keepBeside(ctx, c); err != nil {
			return err
		}
	}
	kind, write := conversationUpdated, s.conversations.Replace
	if c.created {
		kind, write = conversationCreated, s.conversations.Insert
	}
	c.Changes = append(c.Changes, write(c.conv))
	changes := s.record(c)
	if slices.ContainsFunc(changes, func(changed events.Change) bool { return changed.Field == "snoozed_until" }) {
		s.wakeLater(c, c.conv)
	}
	ev, err := s.conversationEvent(ctx, kind, c)
	if err != nil {
		return err
	}
	ev.Changes = changes
	c.Events = append(c.Events, ev)
	c.After = append(c.After, func() {
		s.live.Put(context.WithoutCancel(ctx), c.conv.WorkspaceID, c.conv.entry(), c.created)
		if c.moved { // what was read is counted anew
			answered := c.conv.AnsweredUpTo >= c.conv.InboundCount
			s.live.Set(c.conv.WorkspaceID, c.conv.ID, live.ReadBy, live.Join(readBy(c.reads.own(c.conv), answered)))
		}
	})
	return nil
}

// Conversation returns a conversation that the viewer may see, or store.ErrNotFound.
func (s *Service) Conversation(ctx context.Context, v access.Viewer, id string) (*Conversation, error) {
	c, err := s.getConversation(ctx, id)
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
	err := store.Retry(ctx, func() (err error) {
		if conv, err = s.Conversation(ctx, v, id); err != nil {
			return err
		}
		c := &change{conv: conv, actor: v.Actor()}
		if err := edit(conv, c); err != nil {
			return err
		}
		return s.commit(ctx, c)
	})
	return conv, err
}
