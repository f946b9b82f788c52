package inbox

import (
	"context"
	"encoding/json"

	"wasl/contacts"
	"wasl/internal/events"
	"wasl/internal/web"
)

// The events of a conversation and its messages.
const (
	conversationCreated = "conversation.created"
	conversationUpdated = "conversation.updated"
	messageCreated      = "message.created"
	messageUpdated      = "message.updated"
)

// conversationEvent says that a conversation is new or changed. How much each receiver has not read is filled in for each.
func (s *Service) conversationEvent(ctx context.Context, kind string, c *change) (events.Event, error) {
	view, err := s.viewOf(ctx, c)
	if err != nil {
		return events.Event{}, err
	}
	r := c.reads
	switch {
	case r != nil:
	case c.created:
		r = newReads(c.conv.WorkspaceID, c.conv.ID)
	default:
		if r, err = s.readsOf(ctx, c.conv); err != nil {
			return events.Event{}, err
		}
	}
	data, err := json.Marshal(view)
	if err != nil {
		return events.Event{}, err
	}
	ev := events.Event{
		Type: kind, WorkspaceID: c.conv.WorkspaceID, Subject: c.conv.ID, At: s.Clock.Now(), Audience: c.conv.audience(), Data: data,
		Own: r.own(c.conv),
	}
	if s.Bus.Stream().Outlives() { // there may be other instances
		ev.Header, err = json.Marshal(c.conv.entry())
	}
	return ev, err
}

// viewOf shows a conversation as the change leaves it.
func (s *Service) viewOf(ctx context.Context, c *change) (SharedView, error) {
	contact, last, err := s.atHand(ctx, c)
	if err != nil {
		return SharedView{}, err
	}
	return s.sharedView(ctx, c.conv, contact, last), nil
}

// atHand returns the contact and the newest message of a change's conversation, reading what the change does not have at hand; nil: there
// is none.
func (s *Service) atHand(ctx context.Context, c *change) (contact *contacts.Contact, last *Message, err error) {
	if contact = c.contact; contact == nil {
		found, err := s.Contacts.GetMany(ctx, c.conv.WorkspaceID, c.conv.Origin)
		if err != nil {
			return nil, nil, err
		}
		contact = found[c.conv.Origin]
	}
	if last = c.last; last != nil && last.ID == c.conv.LastMessageID {
		return contact, last, nil
	}
	found, err := s.messages.GetMany(ctx, c.conv.LastMessageID)
	if err != nil || len(found) == 0 {
		return contact, nil, err
	}
	return contact, found[0], nil
}

// messageEvent says that a message is new or changed.
// addMessage adds a message, as it is from now on, to a change, with the event that tells of it. That shows the version that is stored: of
// two pictures, browsers keep the newer one.
func (s *Service) addMessage(ctx context.Context, c *change, kind string, conv *Conversation, m *Message) error {
	if m.Version == 0 {
		if kind == messageCreated && c.conv != nil {
			m.Arrived = c.conv.Version + 1
		}
		c.Changes = append(append(c.Changes, s.messages.Insert(m)), s.words.changes(m.WorkspaceID, findable{}, m.findable())...)
	} else {
		c.Changes = append(c.Changes, s.replaced(m)...)
	}
	if m.Thread == "" {
		return nil
	}
	if m.ID == conv.LastMessageID {
		c.last = m
	}
	ev, err := s.messageEvent(ctx, kind, conv, m)
	c.Events = append(c.Events, ev)
	return err
}

func (s *Service) messageEvent(ctx context.Context, kind string, conv *Conversation, m *Message) (events.Event, error) {
	m.person = conv.ContactID
	views, err := s.messageViews(ctx, []*Message{m})
	if err != nil {
		return events.Event{}, err
	}
	data, err := json.Marshal(views[0])
	return events.Event{
		Type: kind, WorkspaceID: m.WorkspaceID, Subject: m.ID, Version: m.Version, At: s.Clock.Now(), Audience: conv.audience(), Data: data,
		Outside: conv.outside(m),
	}, err
}

// AssignmentView is the data of assignment.changed. It also goes to those who no longer see the conversation, and so names
// nothing but ids.
type AssignmentView struct {
	ConversationID string   `json:"conversation_id"`
	AssigneeID     *string  `json:"assignee_id"`
	TeamID         *string  `json:"team_id"`
	By             string   `json:"by"`
	At             web.Time `json:"at"`
}
