package inbox

import (
	"context"
	"time"

	"wasl/channels"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// watermarkReach is how many of the newest messages a report on everything before it is looked for in.
const watermarkReach = 100

// receiveWatermark moves forward everything that was sent up to a time or a message.
func (s *Service) receiveWatermark(ctx context.Context, in *incoming) error {
	conv, until, err := s.underWatermark(ctx, in)
	if err != nil {
		return err
	}
	c := &change{}
	if conv == nil {
		return s.commit(ctx, in.finish(c))
	}
	found, _, err := s.messages.Find(ctx, store.Query{
		Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Range: &store.Range{To: until}, Limit: watermarkReach,
	})
	if err != nil {
		return err
	}
	for _, m := range found {
		// Only what the provider certainly has: a report on others says nothing about what may never have been sent.
		if m.Type == channels.TypeNote || (m.Status != Sent && m.Status != Delivered) || !m.advance(in.Receipt.Status, nil) {
			continue
		}
		if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
			return err
		}
	}
	return s.commit(ctx, in.finish(c))
}

// underWatermark finds the conversation and the time up to which a report speaks; nil where there is nothing of ours.
func (s *Service) underWatermark(ctx context.Context, in *incoming) (*Conversation, time.Time, error) {
	if in.Receipt.ProviderID != "" {
		m, err := s.target(ctx, in, in.Receipt.ProviderID)
		if err != nil || m == nil {
			return nil, time.Time{}, err
		}
		conv, err := s.getConversation(ctx, m.ConversationID)
		return conv, m.SentAt, err
	}
	if in.Event.Contact == nil {
		return nil, time.Time{}, nil
	}
	conv, err := s.knownConversation(ctx, in)
	return conv, store.Millis(in.At), err
}

// knownConversation returns the conversation with the person that an event is about; nil where there is none yet.
func (s *Service) knownConversation(ctx context.Context, in *incoming) (*Conversation, error) {
	who, err := s.Contacts.Resolve(ctx, in.Channel.WorkspaceID, in.Channel.ID, in.sender(), "webhook", in.actor())
	if err != nil || who.New {
		return nil, err
	}
	conv, created, err := s.conversationOf(ctx, in.Channel, who, "")
	if err != nil || created {
		return nil, err
	}
	return conv, nil
}

const (
	// claimReach and claimWithin bound the search for the message of ours that an echo shows.
	claimReach  = 20
	claimWithin = 10 * time.Minute
	claimRetry  = 2 * time.Second
)

// matchEcho finds out whether an echo that carries no id of ours shows what was sent here: while a send is under way it waits
// for the provider's id, and it settles what became of a message that says the same and whose fate is unknown.
func (s *Service) matchEcho(ctx context.Context, in *incoming) (bool, error) {
	if !in.Message.MaybeOurs || in.Event.Contact == nil {
		return false, nil
	}
	conv, err := s.knownConversation(ctx, in)
	if conv == nil || err != nil {
		return false, err
	}
	found, _, err := s.messages.Find(ctx, store.Query{Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Limit: claimReach})
	if err != nil {
		return false, err
	}
	var mine *Message
	for _, m := range found {
		if m.ProviderID == in.Message.ProviderID { // the send ended since it was looked for
			return true, s.commit(ctx, in.finish(&change{}))
		}
		if m.Status == Sending {
			return false, &jobs.Later{At: s.Clock.Now().Add(claimRetry), Reason: "a send is under way: it may be what this echo shows"}
		}
		if m.Status == Unknown && m.ProviderID == "" && m.Text == in.Message.Content.Text && attachmentKind(m) == firstKind(in) &&
			in.At.Sub(m.SentAt).Abs() < claimWithin {
			mine = m // the oldest of several
		}
	}
	if mine == nil {
		return false, nil
	}
	mine.ProviderID = in.Message.ProviderID
	mine.advance(Sent, nil)
	return true, s.updateMessage(ctx, in, mine, events.Write{})
}

func firstKind(in *incoming) string {
	if a := in.Message.Content.Attachments; len(a) > 0 {
		return a[0].Kind
	}
	return ""
}
