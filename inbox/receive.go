package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/contacts"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

// park is how long an event may wait for the message that it is about: reports overtake the answer to the
// send, and the provider may deliver a reaction before its message.
const (
	parkTime = 5 * time.Minute
	// parkRetry is the first pause; the later ones are half of the time waited, because some events are about what was never ours.
	parkRetry = 2 * time.Second
)

// planInbound parses a webhook and runs its events: those of one contact in the order of their arrival, those of
// different contacts in parallel.
func (s *Service) planInbound(job *jobs.Job) ([]jobs.Task, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	durable := s.Clock.Now()
	evs, strange, err := s.Channels.Read(ctx, job)
	if err != nil {
		return nil, err
	}
	if strange > 0 {
		s.Log.Warn().Int("events", strange).Str("channel", job.Ref).Msg("events for accounts that are not connected")
	}
	resumed := job.Version > 1 // it was claimed or replayed since it was stored
	tasks := make([]jobs.Task, 0, len(evs))
	for n, ev := range evs {
		if ev.Lost != nil {
			tasks = append(tasks, jobs.Task{Key: fmt.Sprint(n, " ", ev.Key), Run: func(context.Context, *jobs.Job) error {
				return fmt.Errorf("%w: %w", jobs.ErrDead, ev.Lost)
			}})
			continue
		}
		alone := len(evs) == 1 && job.Stored()
		tasks = append(tasks, jobs.Task{
			Lane: lane(ev), Key: fmt.Sprint(n, " ", ev.Key),
			Run: func(ctx context.Context, job *jobs.Job) error {
				in := &incoming{
					Addressed: ev, job: job, workedFrom: durable, resumed: resumed, arrived: arrivalSeq(job.CreatedAt, n),
					cleanup: func() []store.Change { return s.Channels.BodyCleanup(job, 0) },
				}
				if alone {
					in.lastEventOf = job
				}
				return s.receive(ctx, in)
			},
		})
	}
	return tasks, nil
}

func lane(ev channels.Addressed) string {
	if ev.Contact != nil && len(ev.Contact.Identities) > 0 {
		return ev.Channel.ID + ev.Contact.Identities[0].Value
	}
	if ev.Receipt != nil && !ev.Receipt.Watermark {
		return ev.Channel.ID + ev.Receipt.ProviderID
	}
	return ev.Channel.ID
}

// incoming is one event on its way in.
type incoming struct {
	channels.Addressed
	job         *jobs.Job
	workedFrom  time.Time             // when the work on a webhook that is on disk began; one that is not becomes durable with the message
	resumed     bool                  // the work was begun anew later
	arrived     int64                 // where it arrived
	cleanup     func() []store.Change // what the job's end has removed
	lastEventOf *jobs.Job             // set where the event is the whole job, which then ends in the event's own write
	retried     bool                  // something of it was there already, or others were faster
}

// actor is who did what is reported, because of the webhook.
func (in *incoming) actor() access.Actor {
	cause := access.Cause{Kind: access.Webhook, ID: in.job.ID}
	if in.Message != nil && in.Message.Echo || in.Reaction != nil && in.Reaction.Echo || in.Receipt != nil {
		return access.Actor{Kind: access.System, Name: in.Channel.Name, Cause: cause}
	}
	return access.Actor{Kind: access.Contact, Cause: cause}
}

// sender is who it is about, as they were called when it happened.
func (in *incoming) sender() channels.Sender {
	who := *in.Event.Contact
	who.At = in.At
	return who
}

// finish adds the job's end to a change.
func (in *incoming) finish(c *change) *change {
	c.actor = in.actor()
	c.Changes = append(c.Changes, in.cleanup()...)
	if in.lastEventOf != nil {
		c.Changes = append(c.Changes, in.lastEventOf.Done()...)
	}
	return c
}

func (s *Service) receive(ctx context.Context, in *incoming) error {
	if in.At.IsZero() || in.Message != nil && in.Message.Thread != nil && in.At.After(in.job.CreatedAt) { // senders of mail choose its time
		in.At = in.job.CreatedAt
	}
	switch {
	case in.Receipt != nil: // before the message that is shown where it is about none of ours
		return store.Retry(ctx, func() error { return s.receiveReceipt(ctx, in) })
	case in.Reaction != nil:
		return store.Retry(ctx, func() error { return s.receiveReaction(ctx, in) })
	case in.Message != nil:
		return store.Retry(ctx, func() error { return s.receiveMessage(ctx, in) })
	case in.Edit != nil:
		return store.Retry(ctx, func() error { return s.receiveEdit(ctx, in) })
	case in.Deletion != nil:
		return store.Retry(ctx, func() error { return s.receiveDeletion(ctx, in) })
	case in.Profile != nil:
		return store.Retry(ctx, func() error { return s.receiveProfile(ctx, in) })
	case in.Notice != nil:
		return s.receiveNotice(ctx, in)
	}
	return fmt.Errorf("%w: an event of no kind", jobs.ErrDead)
}

// receiveMessage stores a message with everything that it changes, once.
func (s *Service) receiveMessage(ctx context.Context, in *incoming) error {
	// else the write itself finds out: what a customer wrote has its id from the provider's
	if in.retried || in.Message.Echo || in.Message.Digest != "" {
		known, err := s.sameMessage(ctx, in)
		if err != nil {
			return err
		}
		if known != nil {
			return s.receiveDuplicate(ctx, in, known)
		}
	}
	if claimed, err := s.matchEcho(ctx, in); claimed || err != nil {
		return err
	}
	in.retried = true
	if in.Event.Contact == nil || len(in.Event.Contact.Identities) == 0 {
		return fmt.Errorf("%w: a message from nobody", jobs.ErrDead)
	}
	source := "webhook"
	if in.Message.Echo {
		source = "echo"
	}
	who, err := s.Contacts.Resolve(ctx, in.Channel.WorkspaceID, in.Channel.ID, in.sender(), source, in.actor())
	if err != nil {
		return err
	}
	conv, created, err := s.threadOf(ctx, in, who)
	if err != nil {
		return err
	}
	m := s.incomingMessage(in, conv, who)
	if err := s.relate(ctx, in, conv, m); err != nil {
		return err
	}
	silent := !conv.LastInboundAt.IsZero() && !in.Message.Historic && m.SentAt.Sub(conv.LastInboundAt) >= profileMaxAge
	conv.applyIncoming(m, in.Message)
	before := conv.Address
	c := &change{conv: conv, created: created, Write: who.Write}
	if slices.Contains(who.Origins, conv.Origin) || conv.via != "" && !in.Channel.Can.Mail { // others may join a mail's conversation
		c.contact = who.Contact
		if conv.LastInbound == m.ProviderID && (conv.Address == nil || !in.unproven()) { // what anybody may have sent moves no address
			conv.moveTo(cmp.Or(in.Message.AnswerTo, &in.Event.Contact.Identities[0]), m.SentAt)
		}
	}
	if conv.spoke {
		if err := s.cancelAnswered(ctx, c); err != nil {
			return err
		}
	}
	if err := s.applyMessageConsent(ctx, c, in, before, who.New); err != nil {
		return err
	}
	if err := s.storeParts(ctx, c, m); err != nil {
		return err
	}
	if err := s.attachUploads(ctx, c, m, in.Event.Contact.Identities[0].Value); err != nil {
		return err
	}
	s.fetchLater(c, m)
	if who.New || silent {
		s.askProfile(c, in)
	}
	kind := messageCreated
	if in.Message.Historic {
		kind = messageUpdated // it is not news, and nobody is to be told
	}
	if err := s.addMessage(ctx, c, kind, conv, m); err != nil {
		return err
	}
	if err := s.commit(ctx, in.finish(c)); err != nil {
		return err
	}
	if m.Direction == In && !in.Message.Historic {
		s.Channels.NoteInbound(in.Channel.ID)
	}
	return nil
}

// relate finds what the message answers, and its place in the conversation.
func (s *Service) relate(ctx context.Context, in *incoming, conv *Conversation, m *Message) error {
	if err := s.linkQuoted(ctx, in.Channel, m); err != nil {
		return err
	}
	if !in.Message.Historic {
		if err := s.heedShort(ctx, conv, m); err != nil {
			return err
		}
	}
	return s.placeIncoming(ctx, in, conv, m)
}

// linkQuoted points the message at the one that it answers, where that is known.
func (s *Service) linkQuoted(ctx context.Context, ch *channels.Connected, m *Message) error {
	if m.QuoteID == "" {
		return nil
	}
	quoted, err := s.byProviderID(ctx, ch, m.QuoteID)
	if err != nil {
		return err
	}
	if quoted != nil {
		m.ReplyTo = quoted.ID
	}
	return nil
}

// byProviderID returns the message that the provider knows by this id, or nil.
func (s *Service) byProviderID(ctx context.Context, ch *channels.Connected, id string) (*Message, error) {
	if id == "" {
		return nil, nil //nolint:nilnil // absence is an ordinary answer here
	}
	m, err := s.messages.Get(ctx, inboundID(ch.ID, id))
	if !errors.Is(err, store.ErrNotFound) {
		return m, err
	}
	found, _, err := s.messages.Find(ctx, store.Query{Index: "provider", Eq: []any{ch.WorkspaceID, ch.ID, id}, Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// conversationOf returns the sender's conversation on the channel, or a new one that is not stored yet. Where a sender's identities
// were born with several contacts, the conversation that is there goes on.
func (s *Service) conversationOf(ctx context.Context, ch *channels.Connected, who *contacts.Resolution, group string) (*Conversation, bool,
	error,
) {
	for _, origin := range who.Origins {
		conv, err := s.getConversation(ctx, conversationID(ch.ID, origin, group))
		if err == nil {
			conv.ContactID = who.Contact.ID
		}
		if !errors.Is(err, store.ErrNotFound) {
			return conv, false, err
		}
	}
	now, origin := s.Clock.Now(), who.Origins[0]
	return &Conversation{
		Meta: store.Meta{ID: conversationID(ch.ID, origin,
			group)}, WorkspaceID: ch.WorkspaceID, Origin: origin, ContactID: who.Contact.ID, ChannelID: ch.ID, ChannelKind: ch.Kind,
		Group: group, Status: Open, Priority: "none", Labels: []string{}, Participants: []string{},
		Outbox: []string{}, CreatedAt: now,
	}, true, nil
}

func (s *Service) incomingMessage(in *incoming, conv *Conversation, who *contacts.Resolution) *Message {
	m := &Message{
		Meta: store.Meta{ID: inboundID(in.Channel.ID, in.Message.ProviderID)}, WorkspaceID: conv.WorkspaceID, ConversationID: conv.ID,
		Thread: conv.ID, Home: conv.via, ChannelID: conv.ChannelID, ContactID: conv.Origin, Direction: In, Content: in.Message.Content,
		Status:     Received,
		ProviderID: in.Message.ProviderID, Digest: in.Message.Digest, Author: Author{
			Type: ByContact, ID: conv.Origin,
			Name: who.Contact.Name,
		},
		QuoteID: in.Message.ReplyTo, SentAt: store.Millis(in.At), Raw: in.Message.Raw, CreatedAt: s.Clock.Now(),
	}
	if !slices.Contains(who.Origins, conv.Origin) { // somebody else joined a mail's conversation
		m.Author.ID = who.Origins[0]
	}
	if in.Message.Echo {
		m.Direction, m.Status, m.Author = "out", Sent, Author{Type: BySystem, Name: in.Channel.Name}
		if in.Message.Status != "" {
			m.Status = in.Message.Status
		}
	}
	m.Attachments = slices.Clone(m.Attachments) // the event's own are read again when others were faster
	for n := range m.Attachments {
		m.Attachments[n].ID = ids.Derived("med", m.ID, fmt.Sprint(n))
		m.Attachments[n].State = channels.FilePending
	}
	durable := in.workedFrom
	if !in.job.Stored() {
		durable = m.CreatedAt
	}
	m.ReceivedAt, m.DurableIn = in.job.CreatedAt, int32(durable.Sub(in.job.CreatedAt).Milliseconds()) //nolint:gosec // within a lease
	if in.resumed {
		m.DurableIn = -1
		m.addStep(Step{Kind: stepResumed, At: in.workedFrom})
	}
	m.index()
	return m
}

// applyIncoming is what a message that came in does to its conversation.
func (c *Conversation) applyIncoming(m *Message, in *channels.Incoming) {
	if m.SentAt.After(c.LastActivityAt) {
		c.LastActivityAt = m.SentAt
	}
	if in.OpensWindow && m.SentAt.After(c.WindowFrom) {
		c.WindowFrom = m.SentAt
	}
	if in.Historic {
		c.Mail.follow(in.Thread, m)
		if c.Version == 0 {
			c.Status = Resolved
		}
		return
	}
	c.Mail.follow(in.Thread, m)
	if c.answersQuestion(m, in) {
		return
	}
	if !in.Echo && m.Type != channels.TypeSystem {
		c.InboundCount++
		m.Number = c.InboundCount
		if m.SentAt.After(c.LastInboundAt) || m.SentAt.Equal(c.LastInboundAt) && m.Seq == c.Seq {
			c.LastInbound, c.LastInboundAt = m.ProviderID, m.SentAt
		}
		if c.thanked {
			return
		}
		c.reopen()
		if m.Mail == nil || m.Mail.Auto == "" { // else nobody waits
			c.heard(m.ReceivedAt)
		}
	}
	if in.Echo && m.Type != channels.TypeSystem {
		c.answer() // from the provider's own app
	}
	if m.System == "thread_passed" { // what was said before came in silence
		c.reopen()
	}
}

// target finds the message that an event is about. Where it is not there yet the event waits; after a while it is
// let go, because it is about something that was never ours.
func (s *Service) target(ctx context.Context, in *incoming, providerID string) (*Message, error) {
	m, err := s.byProviderID(ctx, in.Channel, providerID)
	if err != nil || m != nil {
		return m, err
	}
	now := s.Clock.Now()
	if age := now.Sub(in.job.CreatedAt); age < parkTime {
		return nil, &jobs.Later{At: now.Add(max(parkRetry, age/2)), Reason: "the message it is about is not here yet"}
	}
	s.Log.Info().Str("channel", in.Channel.ID).Str("key", in.Key).Msg("event about an unknown message let go")
	return nil, nil //nolint:nilnil // absence is an ordinary answer here
}

// updateMessage writes a message that changed, with its event.
func (s *Service) updateMessage(ctx context.Context, in *incoming, m *Message, w events.Write) error {
	conv, err := s.getConversation(ctx, m.ConversationID)
	if err != nil {
		return err
	}
	c := &change{Write: w}
	if in.Receipt != nil && conv.comeBack(m) {
		c.conv = conv
	}
	if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
		return err
	}
	return s.commit(ctx, in.finish(c))
}

// receiveReceipt moves a sent message forward.
func (s *Service) receiveReceipt(ctx context.Context, in *incoming) error {
	if in.Receipt.Watermark {
		return s.receiveWatermark(ctx, in)
	}
	m, err := s.receiptTarget(ctx, in)
	if err != nil {
		return err
	}
	switch {
	case m == nil && in.Message != nil:
		return s.receiveMessage(ctx, in)
	case m == nil && in.Receipt.Consent != "":
		return s.applyAddressConsent(ctx, in)
	case m == nil, m.copied(in.Receipt.Recipient):
		return s.commit(ctx, in.finish(&change{}))
	}
	if in.Receipt.Consent != "" {
		return s.writeWithConsent(ctx, in, m, in.Receipt.Consent, events.Write{})
	}
	var failure *SendError
	if e := in.Receipt.Error; e != nil {
		failure = &SendError{Code: e.Code, Title: e.Title, Detail: e.Detail}
	}
	if in.Receipt.Status == FailedMsg && (m.Status == Queued || slices.Contains(m.Earlier, in.Receipt.ProviderID)) {
		return s.commit(ctx, in.finish(&change{})) // of an attempt before the message was sent again
	}
	changed := in.Receipt.Bounced && m.bounce(failure) || !in.Receipt.Bounced && in.Receipt.Status != "" &&
		m.advance(in.Receipt.Status, failure)
	if changed {
		m.addReport(in, failure)
	}
	if m.ProviderID == "" && in.Receipt.ProviderID != "" && !slices.Contains(m.Earlier, in.Receipt.ProviderID) {
		m.ProviderID, changed = in.Receipt.ProviderID, true
	}
	if !changed {
		return s.commit(ctx, in.finish(&change{}))
	}
	var w events.Write
	if m.Status == FailedMsg {
		if err := s.failureNotice(ctx, &w, m); err != nil {
			return err
		}
	}
	if failure != nil && failure.Code == optedOut().Code {
		return s.writeWithConsent(ctx, in, m, "stop", w)
	}
	return s.updateMessage(ctx, in, m, w)
}

// writeWithConsent writes a message whose report says what the customer asked for, with that.
func (s *Service) writeWithConsent(ctx context.Context, in *incoming, m *Message, consent channels.Consent, w events.Write) error {
	conv, err := s.getConversation(ctx, m.ConversationID)
	if err != nil {
		return err
	}
	c := in.finish(&change{conv: conv, Write: w})
	if of := m.reportedAddress(conv, in.Receipt.Recipient); of != nil {
		if err := s.applyConsent(ctx, c, conv.consentRequest(*of, consent, in.At)); err != nil {
			return err
		}
	}
	if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
		return err
	}
	return s.commit(ctx, c)
}

// reportedAddress is the address that a report about the message is of.
func (m *Message) reportedAddress(conv *Conversation, recipient string) *channels.Identity {
	if m.Mail != nil && recipient != "" {
		return &channels.Identity{Kind: "email", Value: strings.ToLower(recipient)}
	}
	return conv.Address
}

// addReport keeps what the provider says became of the message, by its clock, and when it said so.
func (m *Message) addReport(in *incoming, failure *SendError) {
	m.addOutcome(in.Receipt.Status, store.Millis(in.At), failure)
	m.Trail[len(m.Trail)-1].Came = in.job.CreatedAt
}

// receiptTarget finds the message by our own id, which travels with it, before the provider's; a report that names none is about the last
// mail to its recipient.
func (s *Service) receiptTarget(ctx context.Context, in *incoming) (*Message, error) {
	if in.Receipt.MessageID != "" {
		m, err := s.messages.Get(ctx, in.Receipt.MessageID)
		if err == nil && m.ChannelID == in.Channel.ID {
			return m, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	switch {
	case in.Receipt.MessageID == "" && in.Receipt.ProviderID == "":
		return s.lastMailTo(ctx, in)
	case in.Channel.Can.Mail:
		return s.mailByID(ctx, in, in.Receipt.ProviderID)
	}
	return s.target(ctx, in, in.Receipt.ProviderID)
}

// receiveReaction puts a reaction on its message. A new one is news: it reopens and counts as unread.
func (s *Service) receiveReaction(ctx context.Context, in *incoming) error {
	find := s.target
	if in.Channel.Can.Mail {
		find = s.mailByID
	}
	m, err := find(ctx, in, in.Reaction.MessageProviderID)
	if err != nil {
		return err
	}
	if m == nil && in.Message != nil {
		return s.receiveMessage(ctx, in)
	}
	if m == nil {
		return s.commit(ctx, in.finish(&change{}))
	}
	by := Author{Type: ByContact, ID: m.ContactID}
	if in.Reaction.Echo {
		by = Author{Type: BySystem, Name: in.Channel.Name}
	} else if who, err := s.Contacts.Contact(ctx, m.WorkspaceID, m.ContactID); err == nil {
		by.Name = who.Name
	}
	if !m.react(in.Reaction.Emoji, by, store.Millis(in.At)) {
		return s.commit(ctx, in.finish(&change{}))
	}
	if in.Reaction.Emoji == "" || in.Reaction.Echo {
		return s.updateMessage(ctx, in, m, events.Write{})
	}
	conv, err := s.getConversation(ctx, m.ConversationID)
	if err != nil {
		return err
	}
	conv.InboundCount++
	conv.reopen()
	at := store.Millis(in.At)
	if at.After(conv.LastActivityAt) {
		conv.LastActivityAt = at
	}
	if in.Reaction.OpensWindow && at.After(conv.WindowFrom) {
		conv.WindowFrom = at
	}
	c := &change{conv: conv}
	if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
		return err
	}
	return s.commit(ctx, in.finish(c))
}

// receiveEdit replaces what a message says and keeps what it said.
func (s *Service) receiveEdit(ctx context.Context, in *incoming) error {
	m, err := s.target(ctx, in, in.Edit.MessageProviderID)
	if err != nil {
		return err
	}
	if m == nil || !m.edit(in.Edit.Content.Text, store.Millis(in.At)) {
		return s.commit(ctx, in.finish(&change{}))
	}
	m.index()
	return s.updateMessage(ctx, in, m, events.Write{})
}

// receiveDeletion withdraws a message. What it said is kept in its history, unless the provider demands that it is forgotten.
func (s *Service) receiveDeletion(ctx context.Context, in *incoming) error {
	m, err := s.target(ctx, in, in.Deletion.MessageProviderID)
	if err != nil {
		return err
	}
	if m == nil || m.DeletedAt != nil {
		return s.commit(ctx, in.finish(&change{}))
	}
	at := store.Millis(in.At)
	m.remember(Revision{Text: m.Text, At: m.textSince()})
	m.DeletedAt, m.Text = &at, ""
	if in.Deletion.Erase {
		for _, a := range m.Attachments {
			if err := s.Files.Delete(ctx, a.ID); err != nil {
				return err
			}
		}
		m.erase()
	}
	m.index()
	return s.updateMessage(ctx, in, m, events.Write{})
}
