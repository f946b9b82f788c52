package inbox

import (
	"context"
	"slices"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// Split makes a conversation of its own of a message and all that stands below it, with the same people and in the same state: the
// customer's next messages go there. The token takes it back (Undo). Errors: unknown_message, nothing_left, not_on_this_channel,
// still_sending, too_many_messages.
func (s *Service) Split(ctx context.Context, v access.Viewer, id, messageID string) (conv *Conversation, token string, err error) {
	now := s.Clock.Now()
	token, split := ids.New("und", now), ids.New("cnv", now)
	err = store.Retry(ctx, func() error {
		from, err := s.Conversation(ctx, v, id)
		if err != nil {
			return err
		}
		if from.ChannelKind == channels.KindWidget {
			return notOnThisChannel()
		}
		conv = from.offshoot(split)
		conv.CreatedAt = store.Millis(s.Clock.Now())
		t, w := s.newTransfer(v.Actor(), from, conv), &events.Write{}
		t.row.Meta, t.to.created = store.Meta{ID: token}, true
		if err := s.split(ctx, w, v, t, messageID); err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
	return conv, token, err
}

// offshoot is a conversation that goes on with a part of this one.
func (c *Conversation) offshoot(id string) *Conversation {
	n := &Conversation{
		Meta: store.Meta{ID: id}, WorkspaceID: c.WorkspaceID, Origin: c.Origin, ContactID: c.ContactID, ChannelID: c.ChannelID,
		ChannelKind: c.ChannelKind, Group: c.Group, Status: c.Status, SnoozedUntil: c.SnoozedUntil, Type: c.Type, Classified: c.Classified,
		Priority: c.Priority, Labels: slices.Clone(c.Labels), AssigneeID: c.AssigneeID, TeamID: c.TeamID,
		Participants: slices.Clone(c.Participants), Outbox: []string{}, WaitingSince: c.WaitingSince,
	}
	n.setLine(c.line())
	return n
}

func (s *Service) split(ctx context.Context, w *events.Write, v access.Viewer, t *transfer, messageID string) error {
	from, to := t.from.conv, t.to.conv
	first, err := s.conversationMessage(ctx, from, messageID, "from_message_id")
	if err != nil {
		return err
	}
	t.row.Before, t.row.LineFrom = from.fields(), from.line()
	below, more, err := s.below(ctx, first)
	switch {
	case err != nil:
		return err
	case len(below) > maxMoved:
		return errTooMany()
	case !more:
		return errs.InvalidField("nothing_left", "from_message_id", "this is the first message: nothing would be left of the conversation")
	}
	r, err := s.readsOf(ctx, from)
	if err != nil {
		return err
	}
	if err := t.takeBelow(ctx, below, r); err != nil {
		return err
	}
	if err := t.showRest(ctx, from); err != nil {
		return err
	}
	from.Continued = to.ID
	if from.WaitingSince != nil && !from.WaitingSince.Before(store.Millis(first.ReceivedAt)) {
		from.WaitingSince = nil // they wait for an answer to what went
	}
	from.LastActivityAt = from.LastMessageAt
	t.row.After, t.row.LineTo = from.fields(), from.line()
	s.tellActivity(t.from, actionSplit, events.Change{Field: "split", After: to.ID})
	w.Changes = append(w.Changes, s.movements.Insert(t.row))
	s.addUndo(w, v, undoable{Meta: store.Meta{ID: t.row.ID}, Kind: undoSplit, Ref: from.ID})
	return t.addTo(ctx, w, nil, "")
}

// below returns a message and those that stand below it, the last one first, and whether there is one above.
func (s *Service) below(ctx context.Context, first *Message) (below []*Message, above bool, err error) {
	found, next, err := s.messages.Find(ctx, store.Query{
		Index: "thread", Eq: []any{first.WorkspaceID, first.Thread}, Limit: maxMoved + 1,
	})
	n := slices.IndexFunc(found, func(m *Message) bool { return m.ID == first.ID })
	if err != nil || n < 0 {
		return found, true, err
	}
	return found[:n+1], n+1 < len(found) || next != "", nil
}

// takeBelow moves the messages, and divides between the two conversations what has not been read and answered: the newest first.
func (t *transfer) takeBelow(ctx context.Context, below []*Message, r *reads) error {
	from, to := t.from.conv, t.to.conv
	before, gone := *from, int64(0)
	for _, m := range slices.Backward(below) {
		as := movedMessage{Arrived: min(m.Arrived, 1), Left: min(m.Left, 1), Home: m.Home}
		if m.Number != 0 {
			gone++
			as.Number = gone
		}
		if err := t.take(ctx, m, as); err != nil {
			return err
		}
	}
	open := before.InboundCount - before.AnsweredUpTo
	to.InboundCount, to.AnsweredUpTo = gone, gone-min(open, gone)
	from.InboundCount -= gone
	from.AnsweredUpTo = from.InboundCount - (open - min(open, gone))
	of := newReads(to.WorkspaceID, to.ID)
	for user := range r.UpTo {
		all := r.unread(&before, user)
		of.setUnread(to, user, min(all, gone))
		r.setUnread(from, user, all-min(all, gone))
	}
	t.s.keepReads(t.to, of)
	t.s.keepReads(t.from, r)
	return nil
}
