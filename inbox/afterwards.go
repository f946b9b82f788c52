package inbox

import (
	"context"
	"errors"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
)

// Afterwards is what becomes of the conversation when a message leaves, in the same write: it is put aside, unless the customer has written
// since the message was. Until the message leaves it is as if nothing had been said, so that taking it back takes this back too.
type Afterwards struct {
	Status       Status     `bson:"status" json:"status" enum:"pending,snoozed,resolved"`
	SnoozedUntil *time.Time `bson:"snoozed_until,omitempty" json:"snoozed_until,omitempty" doc:"Goes with snoozed"`
	// UntilAnswered goes with the status snoozed in the place of a time.
	UntilAnswered bool `bson:"until_answered,omitempty" json:"until_answered,omitempty" doc:"Snoozed until the customer writes"`
	// ClosingNote goes with the status resolved.
	ClosingNote string `bson:"closing_note,omitempty" json:"closing_note,omitempty" maxLength:"20000" doc:"Goes with resolved"`
	// Inbound is how much had come in when the message was written.
	Inbound int64 `bson:"inbound" json:"-"`
}

// edit is the change of the conversation.
func (t *Afterwards) edit() Edit {
	return Edit{Status: &t.Status, SnoozedUntil: t.SnoozedUntil, UntilAnswered: t.UntilAnswered, ClosingNote: t.ClosingNote}
}

// mayPutAside refuses what the conversation's team does not let happen afterwards.
func (s *Service) mayPutAside(ctx context.Context, conv *Conversation, by access.Actor, then *Afterwards) error {
	if then == nil || then.Status != Resolved {
		return nil
	}
	return s.mayResolve(ctx, conv, by, then.ClosingNote != "")
}

// putAside notes on the message what becomes of its conversation when it leaves, and refuses what cannot be then.
func (m *Message) putAside(conv *Conversation, then *Afterwards, now time.Time) error {
	if then == nil {
		return nil
	}
	if m.Type == channels.TypeReaction {
		return errs.InvalidField("invalid_afterwards", "afterwards", "goes with messages and notes")
	}
	after := *then
	after.Inbound = conv.InboundCount
	tried := *conv
	if err := tried.apply(after.edit(), m.leaves(now)); err != nil {
		return err
	}
	if after.SnoozedUntil != nil {
		until := store.Millis(*after.SnoozedUntil)
		after.SnoozedUntil = &until
	}
	m.Then = &after
	return nil
}

// left adds to the change what follows from a message of ours that leaves, or from a note: whoever answers what nobody has takes it, where
// the workspace wants that, and the conversation is put aside as the message says.
func (s *Service) left(ctx context.Context, c *change, m *Message) error {
	if err := s.takeAnswered(ctx, c, m); err != nil {
		return err
	}
	then := m.Then
	if then == nil || c.conv.InboundCount != then.Inbound || then.SnoozedUntil != nil && !then.SnoozedUntil.After(s.Clock.Now()) {
		return nil
	}
	return s.edit(ctx, c, then.edit())
}

// takeAnswered gives a conversation that nobody has to whoever answers it, where the workspace wants that.
func (s *Service) takeAnswered(ctx context.Context, c *change, m *Message) error {
	if c.conv.AssigneeID != "" || m.Author.Type != ByAgent || m.Type == channels.TypeNote || c.actor.Kind != access.User {
		return nil
	}
	w, err := s.Users.Settings(ctx, c.conv.WorkspaceID)
	if err != nil || !w.AssignOnReply {
		return err
	}
	if _, err := s.Users.ViewerOf(ctx, m.Author.ID); errors.Is(err, store.ErrNotFound) { // gone since they wrote it
		return nil
	} else if err != nil {
		return err
	}
	return s.applyAssignment(ctx, c, Assignment{AgentID: &m.Author.ID})
}

// comeBack opens a conversation again that was put aside with an answer which did not reach the customer; false: it was not, or the
// customer has written since.
func (c *Conversation) comeBack(m *Message) bool {
	if m.Status != FailedMsg || m.Then == nil || c.Status != m.Then.Status || c.InboundCount != m.Then.Inbound {
		return false
	}
	c.Status, c.SnoozedUntil = Open, nil
	return true
}
