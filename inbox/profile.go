package inbox

import (
	"context"
	"fmt"
	"slices"

	"wasl/channels"
	"wasl/contacts"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/notify"
	"wasl/store"
)

// receiveProfile takes news about a person: other identities, a consent. What the provider says about it in words is shown in
// the conversation, where there is one.
func (s *Service) receiveProfile(ctx context.Context, in *incoming) error {
	if in.Event.Contact == nil {
		return s.commit(ctx, in.finish(&change{}))
	}
	switch in.Profile.Kind {
	case channels.MarketingStopped, channels.MarketingResumed:
		return s.receiveConsent(ctx, in)
	case channels.Details:
		return s.receiveDetails(ctx, in)
	case channels.ContactSaved, channels.ContactRemoved:
		return s.commit(ctx, in.finish(&change{})) // the phone's address book, not the person
	}
	who, err := s.Contacts.Relink(ctx, in.Channel.WorkspaceID, in.Channel.ID, in.Profile.Previous, in.sender(), in.actor())
	if err != nil {
		return err
	}
	if who == nil {
		if who, err = s.Contacts.Resolve(ctx, in.Channel.WorkspaceID, in.Channel.ID, in.sender(), "profile", in.actor()); err != nil {
			return err
		}
	}
	c := &change{Write: who.Write}
	if in.Profile.Text != "" {
		if err := s.addSystemMessage(ctx, c, in, who); err != nil {
			return err
		}
	}
	return s.commit(ctx, in.finish(c))
}

// addSystemMessage adds a system message to the contact's conversation.
func (s *Service) addSystemMessage(ctx context.Context, c *change, in *incoming, who *contacts.Resolution) error {
	conv, created, err := s.conversationOf(ctx, in.Channel, who, "")
	if err != nil {
		return err
	}
	m := &Message{
		Meta: store.Meta{ID: ids.Derived("msg", in.Channel.ID, in.Key)}, WorkspaceID: conv.WorkspaceID, ConversationID: conv.ID,
		Thread: conv.ID, ChannelID: conv.ChannelID, ContactID: conv.Origin, Direction: In, Status: Received,
		Content: channels.Content{Type: "system", Text: in.Profile.Text, System: string(in.Profile.Kind)},
		Author:  Author{Type: BySystem, Name: in.Channel.Name}, SentAt: store.Millis(in.At), CreatedAt: s.Clock.Now(),
	}
	if known, err := s.messages.GetMany(ctx, m.ID); err != nil || len(known) > 0 {
		return err
	}
	if err := s.placeIncoming(ctx, in, conv, m); err != nil {
		return err
	}
	conv.applyIncoming(m, &channels.Incoming{Historic: created})
	if to := in.Event.Contact.Identities; len(to) > 0 && !m.SentAt.Before(conv.LastInboundAt) {
		conv.moveTo(&to[0], m.SentAt)
	}
	c.conv, c.created, c.contact = conv, created, who.Contact
	return s.addMessage(ctx, c, messageCreated, conv, m)
}

// resolvePerson returns whom the event is about, and makes sure of what it says about who that is.
func (s *Service) resolvePerson(ctx context.Context, in *incoming) (*contacts.Resolution, error) {
	who, err := s.Contacts.Resolve(ctx, in.Channel.WorkspaceID, in.Channel.ID, in.sender(), "profile", in.actor())
	if err == nil && len(who.Write.Changes) > 0 {
		err = s.commit(ctx, &change{Write: who.Write})
	}
	return who, err
}

// maxTyped is how many mail addresses a contact may have before what a visitor types is shown in the conversation only.
const maxTyped = 5

// receiveDetails takes what the person typed about themselves: shown on the contact and in the conversation, and no proof.
func (s *Service) receiveDetails(ctx context.Context, in *incoming) error {
	who, err := s.resolvePerson(ctx, in)
	if err != nil {
		return err
	}
	if len(in.Profile.Emails) > 0 {
		err := s.Contacts.Change(ctx, in.Channel.WorkspaceID, in.actor(), who.Origins[0], func(f *contacts.Facts) {
			for _, address := range in.Profile.Emails {
				if !slices.Contains(f.Emails, address) && len(f.Emails) < maxTyped {
					f.Emails = append(f.Emails, address)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	c := &change{}
	if in.Profile.Text != "" {
		if err := s.addSystemMessage(ctx, c, in, who); err != nil {
			return err
		}
	}
	return s.commit(ctx, in.finish(c))
}

func (s *Service) receiveConsent(ctx context.Context, in *incoming) error {
	who, err := s.resolvePerson(ctx, in)
	if err != nil {
		return err
	}
	err = s.Contacts.Change(ctx, in.Channel.WorkspaceID, in.actor(), who.Origins[0], func(f *contacts.Facts) {
		f.Consent(in.Profile.Kind == channels.MarketingStopped, store.Millis(in.At))
	})
	if err != nil {
		return err
	}
	return s.commit(ctx, in.finish(&change{}))
}

// receiveNotice takes news about our account. What is not known here becomes a dead letter, which people see and can replay.
func (s *Service) receiveNotice(ctx context.Context, in *incoming) error {
	n := in.Notice
	if n.Kind == "unknown" {
		return fmt.Errorf("%w: not understood: %s", jobs.ErrDead, n.Title)
	}
	if n.Template != nil {
		if err := s.Channels.ChangeTemplate(ctx, in.Channel.ID, in.At, *n.Template); err != nil {
			return err
		}
	}
	if n.Pauses {
		problem := channels.Trouble{Code: n.Kind, Title: n.Title, Detail: n.Detail}
		if err := s.Channels.Stop(ctx, in.Channel.ID, in.At, problem); err != nil { // which tells people
			return err
		}
		return s.commit(ctx, in.finish(&change{}))
	}
	c := in.finish(&change{})
	err := s.Notices.Add(ctx, &c.Write, in.Channel.WorkspaceID, access.Audience{Supervisors: true}, notify.Notice{
		ID: ids.Derived("ntf", in.Channel.ID, in.Key), Kind: notify.Kind("channel_" + n.Kind), Title: n.Title, Detail: n.Detail,
		Severity: notify.Severity(n.Severity), ChannelID: in.Channel.ID,
	})
	if err != nil {
		return err
	}
	return s.commit(ctx, c)
}

// failureNotice tells the author that a message did not reach the customer. The version is part of the id because a message that is sent
// again may fail again.
func (s *Service) failureNotice(ctx context.Context, w *events.Write, m *Message) error {
	return s.Notices.Add(ctx, w, m.WorkspaceID, access.Audience{Users: []string{m.Author.ID}}, notify.Notice{
		ID: ids.Derived("ntf", m.ID, string(m.Status),
			fmt.Sprint(m.Version)), Kind: "message_failed", Title: m.Error.title(), Detail: m.Error.detail(),
		Severity: notify.Warning, ChannelID: m.ChannelID, ConversationID: m.ConversationID,
	})
}

func (e *SendError) title() string {
	if e == nil {
		return "Message not sent"
	}
	return e.Title
}

func (e *SendError) detail() string {
	if e == nil {
		return ""
	}
	return e.Detail
}
