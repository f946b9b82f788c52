package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
)

// NewMessage is what somebody writes. ClientID is the writer's own key: the same one is the same message.
type NewMessage struct {
	ClientID    string
	Content     channels.Content // attachments by id only
	ReplyTo     string
	ReactTo     string // for a reaction: the message that gets it
	Attachments []AttachmentRef
	Unsigned    bool     // a mail without the writer's signature
	Mentions    []string // users for whom a note is meant
	// Seen is the message that came last of those that the writer saw: where the customer or a colleague wrote since, nothing is sent
	// (WrittenAgain). Empty: that does not matter.
	Seen string
	// Undo is for how many seconds it can be taken back before it leaves, at most 30. SendAt, where it is not zero, is when it leaves
	// instead; with CancelIfAnswered it does not if the customer answers before.
	Undo             int
	SendAt           time.Time
	CancelIfAnswered bool
	// Quiet: a program says it in passing; what was put aside stays so.
	Quiet bool
	// Then is what becomes of the conversation when it leaves; nil: nothing.
	Then *Afterwards
}

// AttachmentRef names an uploaded file; Kind says how to send it where the file alone does not (voice, document).
type AttachmentRef struct {
	ID   string `json:"id"`
	Kind string `json:"kind,omitempty" enum:",image,video,audio,voice,document,sticker"`
}

// Reply stores what a user writes: a message that is queued for sending, or a note that stays here. It reports
// whether the message is new.
func (s *Service) Reply(ctx context.Context, v access.Viewer, conversationID string, n NewMessage) (m *Message, created bool, err error) {
	err = store.Retry(ctx, func() error {
		m, created, err = s.reply(ctx, v, conversationID, n)
		return err
	})
	return m, created, err
}

func (s *Service) reply(ctx context.Context, v access.Viewer, conversationID string, n NewMessage) (*Message, bool, error) {
	conv, err := s.Conversation(ctx, v, conversationID)
	if err != nil {
		return nil, false, err
	}
	c := &change{conv: conv, actor: v.Actor()}
	m, created, err := s.newMessage(ctx, v, c, n)
	if err != nil || !created {
		return m, false, err
	}
	return m, true, s.commit(ctx, c)
}

// newMessage makes what the change's actor writes a message and puts it into the change: composed, checked and placed. Where it is there
// already nothing is changed.
func (s *Service) newMessage(ctx context.Context, v access.Viewer, c *change, n NewMessage) (m *Message, created bool, err error) {
	conv, by := c.conv, c.actor
	id := outboundID(conv.ID, by.ID, n.ClientID)
	if m, err := s.messages.Get(ctx, id); !errors.Is(err, store.ErrNotFound) {
		if err == nil {
			m.person = conv.ContactID
		}
		return m, false, err
	}
	if n.Seen != "" {
		if err := s.confirm(ctx, conv, by, n.Seen); err != nil {
			return nil, false, err
		}
	}
	now := s.Clock.Now()
	m = &Message{
		Meta: store.Meta{ID: id}, WorkspaceID: conv.WorkspaceID, ConversationID: conv.ID, Thread: conv.ID, ChannelID: conv.ChannelID,
		ContactID: conv.Origin, person: conv.ContactID, Direction: Out, Content: n.Content, Status: Queued, ClientID: n.ClientID,
		Author: authorOf(by), SentAt: now, CreatedAt: now,
	}
	if err := m.putOff(conv, n, now); err != nil {
		return nil, false, err
	}
	if err := m.putAside(conv, n.Then, now); err != nil {
		return nil, false, err
	}
	if err := s.mayPutAside(ctx, conv, by, n.Then); err != nil {
		return nil, false, err
	}
	ch, err := s.compose(ctx, v, c, m, n)
	if err == nil {
		err = s.check(ctx, c, ch, m, n)
	}
	if err == nil {
		err = s.placeOutgoing(ctx, c, m, n.Quiet)
	}
	return m, err == nil, err
}

// authorOf is who a message is by.
func authorOf(by access.Actor) Author {
	switch by.Kind {
	case access.User:
		return Author{Type: ByAgent, ID: by.ID, Name: by.Name}
	case access.System:
		return Author{Type: BySystem, ID: by.ID, Name: by.Name}
	}
	return Author{Type: ByBot, ID: by.ID, Name: by.Name}
}

// placeOutgoing gives the message its place in the conversation and, unless it stays here, in the outbox.
func (s *Service) placeOutgoing(ctx context.Context, c *change, m *Message, quiet bool) error {
	conv := c.conv
	m.index()
	if c.actor.Kind == access.User {
		conv.addParticipant(c.actor.ID)
	}
	if m.Type == channels.TypeReaction {
		m.Thread, m.Tokens, m.FileWords = "", nil, nil
	} else {
		m.Seq = conv.nextSeq(arrivalSeq(m.CreatedAt, 0))
		conv.Seq = m.Seq
		if m.SendAt.IsZero() {
			conv.said(m)
		}
		if m.Type != channels.TypeNote && m.Status != Scheduled && !quiet {
			conv.reopen()
		}
	}
	switch {
	case m.Type == channels.TypeNote:
	case m.Status == Scheduled:
		s.schedule(c, m)
	default:
		s.enqueue(c, conv, m)
	}
	if m.SendAt.IsZero() && m.Type != channels.TypeReaction {
		if err := s.left(ctx, c, m); err != nil {
			return err
		}
	}
	return s.addMessage(ctx, c, messageCreated, conv, m)
}

// compose completes the message with its files, what it answers and its time, and returns the channel; nil: it is not connected any more.
func (s *Service) compose(ctx context.Context, v access.Viewer, c *change, m *Message, n NewMessage) (*channels.Connected, error) {
	if err := s.attach(ctx, v, c, m, n.Attachments); err != nil {
		return nil, err
	}
	if n.ReplyTo != "" {
		quoted, err := s.conversationMessage(ctx, c.conv, n.ReplyTo, "reply_to")
		if err != nil {
			return nil, err
		}
		m.ReplyTo, m.QuoteID = quoted.ID, quoted.ProviderID
	}
	ch, err := s.Channels.Of(ctx, c.conv.WorkspaceID, c.conv.ChannelID)
	if errors.Is(err, store.ErrNotFound) {
		m.setTime(c.conv, 0)
		return nil, nil //nolint:nilnil // absence is an ordinary answer here
	}
	if err != nil {
		return nil, err
	}
	m.setTime(c.conv, ch.Can.Precision)
	return ch, nil
}

// check refuses what the channel does not allow now, and completes what depends on the channel.
func (s *Service) check(ctx context.Context, c *change, ch *channels.Connected, m *Message, n NewMessage) error {
	conv := c.conv
	if err := s.mention(ctx, c, m, n.Mentions); err != nil {
		return err
	}
	if m.Type == channels.TypeNote {
		m.Status = Sent
		return checkNote(m)
	}
	if ch == nil {
		return errs.New(errs.Conflict, "channel_removed", "The channel of this conversation is no longer connected.")
	}
	if conv.OptedOutAt != nil {
		e := optedOut()
		return &errs.Error{
			Kind: errs.Invalid, Code: e.Code, Text: e.Title + ". " + e.Detail,
			Fields: []errs.Field{{Field: "type", Detail: e.Detail}},
		}
	}
	if m.Type == channels.TypeReaction {
		return s.composeReaction(ctx, conv, m, n, c)
	}
	if ch.Can.Mail {
		if err := s.composeMail(ctx, conv, m, n); err != nil {
			return err
		}
	}
	var template *channels.Template
	if m.Template != nil {
		var err error
		if template, err = s.Channels.Template(ctx, ch.ID, m.Template.Name, m.Template.Language); err != nil {
			return err
		}
	}
	now, closes := s.Clock.Now(), conv.windowCloses(ch.Can, m.Author.Type == ByAgent)
	if err := channels.Validate(ch.Can, m.Content, now, closes, template); err != nil {
		return err
	}
	if errs.Code(channels.Validate(ch.Can, m.Content, m.leaves(now), closes, template)) == "window_closed" {
		return errs.InvalidField("window_closes_before", "send_at",
			"the time for free answers ends before that: choose an earlier one, or a template")
	}
	if template != nil {
		use := template.Complete(*m.Template)
		m.Template, m.Text = &use, channels.RenderTemplate(*template, use)
	}
	return nil
}

// setTime gives what is written here its time among the messages: as exact as the provider's times are, and after all that its writer
// could see, even where the provider's clock is ahead of ours.
func (m *Message) setTime(conv *Conversation, precision time.Duration) {
	m.SentAt = m.SentAt.Truncate(max(precision, time.Millisecond))
	if m.SentAt.Before(conv.LastMessageAt) {
		m.SentAt = conv.LastMessageAt
	}
}

// composeReaction shows our reaction at once; as a message it only travels.
func (s *Service) composeReaction(ctx context.Context, conv *Conversation, m *Message, n NewMessage, c *change) error {
	target, err := s.conversationMessage(ctx, conv, n.ReactTo, "reaction.message_id")
	if err != nil {
		return err
	}
	if target.ProviderID == "" || target.Type == channels.TypeNote {
		return errs.InvalidField("not_reactable", "reaction.message_id", "this message has not reached the customer's phone")
	}
	m.Content.Reaction = &channels.ReactionOut{ProviderID: target.ProviderID, Emoji: m.Content.Reaction.Emoji}
	if !target.react(m.Content.Reaction.Emoji, m.Author, m.CreatedAt) {
		return nil
	}
	return s.addMessage(ctx, c, messageUpdated, conv, target)
}

// conversationMessage returns a message of the same conversation.
func (s *Service) conversationMessage(ctx context.Context, conv *Conversation, id, field string) (*Message, error) {
	m, err := s.messages.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || (err == nil && m.ConversationID != conv.ID) {
		return nil, errs.InvalidField("unknown_message", field, "there is no such message in this conversation")
	}
	return m, err
}

func (c *Conversation) windowCloses(caps channels.Capabilities, human bool) time.Time {
	if c.WindowFrom.IsZero() {
		return time.Time{}
	}
	return caps.WindowCloses(c.WindowFrom, human)
}

// enqueue puts the message at the end of the conversation's outbox, with the job that empties it where there is none.
func (s *Service) enqueue(c *change, conv *Conversation, m *Message) {
	if len(conv.Outbox) == 0 {
		s.startLater(c, sendSpec(conv, fmt.Sprint(conv.Version)))
	}
	conv.Outbox = append(conv.Outbox, m.ID)
}

// Retry sends a message again that failed, or whose fate is unknown, and one that is scheduled now.
func (s *Service) Retry(ctx context.Context, v access.Viewer, conversationID, id string) (m *Message, err error) {
	err = store.Retry(ctx, func() error {
		conv, err := s.Conversation(ctx, v, conversationID)
		if err != nil {
			return err
		}
		if m, err = s.messages.Get(ctx, id); err != nil {
			return err
		}
		if m.ConversationID != conv.ID {
			return store.ErrNotFound
		}
		if m.Status == Scheduled {
			c := &change{conv: conv, actor: v.Actor()}
			if err := s.sendScheduled(ctx, c, m); err != nil {
				return err
			}
			return s.commit(ctx, c)
		}
		if m.Status != FailedMsg && m.Status != Unknown {
			return errs.New(errs.Conflict, "not_failed", "This message has not failed.")
		}
		if m.ProviderID != "" {
			m.Earlier, m.ProviderID = append(m.Earlier, m.ProviderID), ""
		}
		m.requeued(s.Clock.Now(), v.UserID)
		m.Status, m.Error, m.Attempts, m.CreatedAt, m.Bounced = Queued, nil, 0, s.Clock.Now(), false
		c := &change{conv: conv, actor: v.Actor()}
		s.enqueue(c, conv, m)
		if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
			return err
		}
		return s.commit(ctx, c)
	})
	return m, err
}

// noteMax is the length of a note in bytes.
const noteMax = 20000

func checkNote(m *Message) error {
	switch {
	case m.Text == "" && len(m.Attachments) == 0:
		return errs.InvalidField("empty_message", "text", "write something")
	case len(m.Text) > noteMax:
		return errs.InvalidField("text_too_long", "text", "at most 20,000 bytes")
	}
	return nil
}
