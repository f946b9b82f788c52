package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// reads says what users have read of a conversation, whose id it has. It is apart from the conversation, so that reading neither waits for
// what comes in nor hinders it.
type reads struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	// UpTo says for each user up to which number of those that came in they have read. Who marked it unread has -n: since, they count as
	// having read all before the n-th, whoever has answered.
	UpTo map[string]int64 `bson:"up_to"`
	// Latest is when each user last read something new.
	Latest map[string]readMark `bson:"latest,omitempty"`
	// Reported is the provider's id of the message up to which the provider was told that we have read.
	Reported string `bson:"reported,omitempty"`
}

// readMark is when a user read what came in after a number.
type readMark struct {
	After int64     `bson:"a"`
	At    time.Time `bson:"t"`
}

var readsSchema = store.Schema{Name: "conversation_reads"}

// readsOf returns what was read of a conversation, which may be nothing.
func (s *Service) readsOf(ctx context.Context, conv *Conversation) (*reads, error) {
	r, err := s.reads.Get(ctx, conv.ID)
	if errors.Is(err, store.ErrNotFound) {
		return newReads(conv.WorkspaceID, conv.ID), nil
	}
	return r, err
}

// readsOfMany returns what was read of conversations, by their ids; those of which nothing was read are left out.
func (s *Service) readsOfMany(ctx context.Context, conversationIDs []string) (map[string]*reads, error) {
	found, err := s.reads.GetMany(ctx, conversationIDs...)
	byID := make(map[string]*reads, len(found))
	for _, r := range found {
		byID[r.ID] = r
	}
	return byID, err
}

func newReads(workspaceID, conversationID string) *reads {
	return &reads{Meta: store.Meta{ID: conversationID}, WorkspaceID: workspaceID, UpTo: map[string]int64{}}
}

// seen is up to which number a user has read, where a person has answered up to a number.
func seen(upTo, answered int64) int64 {
	if upTo < 0 {
		return -upTo - 1
	}
	return max(upTo, answered)
}

// unread is how much has come in that the user has not read and nobody has answered. It may be asked of nil.
func (r *reads) unread(conv *Conversation, userID string) int64 {
	upTo := int64(0)
	if r != nil {
		upTo = r.UpTo[userID]
	}
	return max(0, conv.InboundCount-seen(upTo, conv.AnsweredUpTo))
}

// own is how much is unread for each user.
func (r *reads) own(conv *Conversation) *events.Own {
	from := conv.AnsweredUpTo
	o := &events.Own{Field: "unread_count", Total: conv.InboundCount - from, Seen: make(map[string]int64, len(r.UpTo))}
	for user, upTo := range r.UpTo {
		o.Seen[user] = seen(upTo, from) - from
	}
	return o
}

// readBy is the column of who has read all that came in or, where it is answered, who has marked it unread, in order.
func readBy(o *events.Own, answered bool) (users []string) {
	for user, seen := range o.Seen {
		switch all := seen >= o.Total; {
		case all && !answered:
			users = append(users, user)
		case answered && !all:
			users = append(users, live.MarkedUnread+user)
		}
	}
	slices.Sort(users)
	return users
}

// mark notes that the user has read all that came in.
func (r *reads) mark(conv *Conversation, userID string, at time.Time) {
	if r.unread(conv, userID) > 0 {
		if r.Latest == nil {
			r.Latest = map[string]readMark{}
		}
		r.Latest[userID] = readMark{After: seen(r.UpTo[userID], 0), At: at}
	}
	r.UpTo[userID] = conv.InboundCount
}

// loadReadBy is the column of those who have read all that came in.
func (s *Service) loadReadBy(ctx context.Context, _ string, of []*live.Entry) (map[string]string, error) {
	wanted := make([]string, len(of))
	for n, e := range of {
		wanted[n] = e.ID
	}
	known, err := s.readsOfMany(ctx, wanted)
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(known))
	for _, e := range of {
		if r := known[e.ID]; r != nil && e.Inbound > 0 {
			c := &Conversation{InboundCount: e.Inbound}
			if e.Answered {
				c.AnsweredUpTo = e.Inbound
			}
			values[e.ID] = live.Join(readBy(r.own(c), e.Answered))
		}
	}
	return values, nil
}

// MarkRead records that the viewer has read what came in, and has the provider show it on the customer's phone.
func (s *Service) MarkRead(ctx context.Context, v access.Viewer, id string) (conv *Conversation, err error) {
	err = store.Retry(ctx, func() error {
		conv, err = s.Conversation(ctx, v, id)
		if err != nil {
			return err
		}
		r, err := s.readsOf(ctx, conv)
		if err != nil || (r.unread(conv, v.UserID) == 0 && r.Reported == conv.LastInbound) {
			return err
		}
		r.mark(conv, v.UserID, s.Clock.Now())
		c := &change{}
		to := access.Audience{Users: []string{v.UserID}}
		if r.Reported != conv.LastInbound {
			s.startLater(c, jobs.Spec{
				Kind: jobMark, WorkspaceID: conv.WorkspaceID, Ref: conv.ID, Share: conv.ChannelID,
				Payload: []byte(conv.LastInbound + markedBefore + r.Reported), Key: []string{conv.ID, conv.LastInbound},
			})
			r.Reported = conv.LastInbound
			to.Guest = conv.guest()
		}
		write := s.reads.Replace
		if r.Version == 0 {
			write = s.reads.Insert
		}
		c.Changes = append(c.Changes, write(r))
		ev, err := s.conversationEvent(ctx, conversationUpdated, &change{conv: conv, reads: r})
		if err != nil {
			return err
		}
		ev.Audience, ev.Outside = to, conv.readOutside(r)
		c.Events = []events.Event{ev}
		if err := s.commit(ctx, c); err != nil {
			return err
		}
		s.live.Read(conv.WorkspaceID, conv.ID, v.UserID, r.UpTo[v.UserID])
		return nil
	})
	return conv, err
}

// MarkUnread has the newest message that came in count as unread for the viewer again, also where somebody has answered it.
func (s *Service) MarkUnread(ctx context.Context, v access.Viewer, id string) (conv *Conversation, err error) {
	err = store.Retry(ctx, func() error {
		conv, err = s.Conversation(ctx, v, id)
		if err != nil {
			return err
		}
		r, err := s.readsOf(ctx, conv)
		if err != nil || r.unread(conv, v.UserID) > 0 || conv.InboundCount == 0 {
			return err
		}
		r.UpTo[v.UserID] = -conv.InboundCount
		write := s.reads.Replace
		if r.Version == 0 {
			write = s.reads.Insert
		}
		ev, err := s.conversationEvent(ctx, conversationUpdated, &change{conv: conv, reads: r})
		if err != nil {
			return err
		}
		ev.Audience = access.Audience{Users: []string{v.UserID}}
		if err := s.commit(ctx, &change{Write: events.Write{Changes: []store.Change{write(r)}, Events: []events.Event{ev}}}); err != nil {
			return err
		}
		s.live.Unread(conv.WorkspaceID, conv.ID, v.UserID)
		return nil
	})
	return conv, err
}
