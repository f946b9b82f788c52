package inbox

import (
	"context"
	"errors"
	"maps"
	"slices"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/store"
)

// undoMovement takes back a merge or a split, together with the caller's write, and returns what it left alone.
func (s *Service) undoMovement(ctx context.Context, w *events.Write, v access.Viewer, u *undoable) (left []Left, err error) {
	row, err := s.movements.Get(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	if !v.Can(access.EditConversations) || !v.Can(access.Reply) {
		return nil, errs.New(errs.Forbidden, "forbidden", "Your role does not allow this.")
	}
	by := v.Actor()
	by.Cause = access.Cause{Kind: access.Undoing, ID: u.ID}
	if u.Kind == undoSplit {
		return s.unsplit(ctx, w, by, row)
	}
	return s.comeBack(ctx, w, by, row)
}

// comeBack has a merged conversation be there again, with its messages as far as they are where they went, and what has come for it since.
func (s *Service) comeBack(ctx context.Context, w *events.Write, by access.Actor, row *movement) ([]Left, error) {
	back, err := s.stored(ctx, row.From)
	if err != nil {
		return nil, err
	}
	if back.MergedInto == "" {
		return nil, errs.New(errs.Conflict, "undo_used", "This has been undone already.")
	}
	from, err := s.getConversation(ctx, row.From)
	if err != nil {
		return nil, err
	}
	from.via = ""
	t := s.newTransfer(by, from, back)
	// it is again what it was
	back.Status, back.MergedInto, back.Levels = row.Status, "", row.Levels
	back.Level, back.DueAt = back.Levels.level()
	if back.Status == Snoozed && back.SnoozedUntil != nil && !back.SnoozedUntil.After(t.now) {
		back.Status, back.SnoozedUntil = Open, nil
	}
	answered := from.AnsweredUpTo
	missing, came, late, err := t.takeBack(ctx, row)
	if err != nil {
		return nil, err
	}
	if err := t.divide(ctx, row, divided{missing, came, late, answered}); err != nil {
		return nil, err
	}
	if err := t.showRest(ctx, from); err != nil {
		return nil, err
	}
	left := from.restore(row)
	from.Gathered = slices.DeleteFunc(slices.Clone(from.Gathered), func(id string) bool { return id == back.ID })
	if missing > 0 || len(t.moved) < len(row.Messages) {
		left = append(left, LeftMessages)
	}
	from.KnownUpTo = from.Version + 1
	s.tellActivity(t.from, actionUnmerged, events.Change{Field: "merged", Before: back.ID})
	return left, t.addTo(ctx, w, t.to, Merged)
}

// takeBack takes the messages that a merge moved, and those that have come for its conversation since; missing are the counted ones that
// have gone elsewhere, came those that came, late those of them that nobody has answered.
func (t *transfer) takeBack(ctx context.Context, row *movement) (missing, came, late int64, err error) {
	from, to := t.from.conv, t.to.conv
	were := row.were()
	found, err := t.s.messages.GetMany(ctx, slices.Collect(maps.Keys(were))...)
	if err != nil {
		return 0, 0, 0, err
	}
	since, _, err := t.s.messages.Find(ctx, store.Query{
		Index: "thread", Eq: []any{from.WorkspaceID, from.ID}, Limit: maxMoved,
	})
	if err != nil {
		return 0, 0, 0, err
	}
	for _, m := range since {
		if _, moved := were[m.ID]; !moved && m.Home == to.ID && m.Arrived > 0 {
			found = append(found, m)
		}
	}
	missing = countedIn(row.Messages)
	for _, m := range found {
		if m.ConversationID != from.ID {
			continue
		}
		as, moved := were[m.ID]
		switch {
		case !moved && m.Number != 0:
			came++
			if m.Number > from.AnsweredUpTo {
				late++
			}
			as = movedMessage{Number: to.InboundCount + came, Arrived: 1}
			to.followed(m)
		case moved && as.Number != 0:
			missing--
		}
		if err := t.take(ctx, m, as); err != nil {
			return 0, 0, 0, err
		}
	}
	return missing, came, late, nil
}

// followed is what a message that came in while the conversation was merged does to it when it comes back.
func (c *Conversation) followed(m *Message) {
	if m.SentAt.After(c.LastActivityAt) {
		c.LastActivityAt = m.SentAt
	}
	if m.SentAt.After(c.WindowFrom) && !c.WindowFrom.IsZero() {
		c.WindowFrom = m.SentAt
	}
	if m.SentAt.After(c.LastInboundAt) {
		c.LastInbound, c.LastInboundAt = m.ProviderID, m.SentAt
	}
	c.Mail.sent(m.ProviderID)
	c.reopen()
}

// divided is what an undone merge counts anew.
type divided struct {
	missing, came, late int64
	answered            int64 // up to where the conversation was answered that had both
}

// divide divides between the two conversations what is not answered and not read.
func (t *transfer) divide(ctx context.Context, row *movement, d divided) error {
	from, to, s := t.from.conv, t.to.conv, t.s
	ofTo, err := s.readsOf(ctx, to)
	if err != nil {
		return err
	}
	r, err := s.readsOf(ctx, from)
	if err != nil {
		return err
	}
	before, alone := *from, *to
	open := before.InboundCount - before.AnsweredUpTo
	to.InboundCount += d.came - d.missing
	to.AnsweredUpTo = max(0, min(to.AnsweredUpTo, to.InboundCount-d.late))
	if d.answered > row.After.AnsweredUpTo { // somebody has answered since
		to.AnsweredUpTo, to.WaitingSince = to.InboundCount-d.late, nil
	}
	if d.late > 0 && to.WaitingSince == nil {
		to.WaitingSince = from.WaitingSince
	}
	from.InboundCount -= to.InboundCount
	from.AnsweredUpTo = from.InboundCount - max(0, open-(to.InboundCount-to.AnsweredUpTo))
	for _, user := range readers(ofTo, r) {
		all, mine := r.unread(&before, user), d.late
		was, had := row.Reads.UpTo[user]
		if now, has := r.UpTo[user]; now == was && has == had && d.answered == row.After.AnsweredUpTo { // they have read nothing since
			mine += ofTo.unread(&alone, user)
		}
		mine = min(mine, all)
		ofTo.setUnread(to, user, mine)
		r.setUnread(from, user, all-mine)
	}
	s.keepReads(t.to, ofTo)
	s.keepReads(t.from, r)
	return nil
}

// restore puts back what a conversation was before messages came or went, as far as it is as that left it.
func (c *Conversation) restore(row *movement) (left []Left) {
	before, after := row.Before, row.After
	if c.AssigneeID == after.AssigneeID && c.TeamID == after.TeamID {
		c.AssigneeID, c.TeamID = before.AssigneeID, before.TeamID
	} else if before.AssigneeID != after.AssigneeID || before.TeamID != after.TeamID {
		left = append(left, LeftAssignment)
	}
	if slices.Equal(c.Participants, after.Participants) {
		c.Participants = slices.Clone(before.Participants)
	}
	if same(c.WaitingSince, after.WaitingSince) {
		c.WaitingSince = before.WaitingSince
	}
	if now := c.line(); now.LastInbound == row.LineTo.LastInbound {
		to := row.LineFrom
		if !now.LastActivityAt.Equal(row.LineTo.LastActivityAt) {
			to.LastActivityAt = now.LastActivityAt
		}
		if now.Mail != nil && row.LineTo.Mail != nil && !slices.Equal(now.Mail.References, row.LineTo.Mail.References) {
			to.Mail = now.Mail
		}
		to.OptedOutAt = now.OptedOutAt
		c.setLine(to)
	}
	waiting := c.WaitingSince
	left = append(left, c.putBack(before, after)...)
	c.WaitingSince = waiting
	return left
}

// unsplit has what was split off stand where it was, with all that has come since.
func (s *Service) unsplit(ctx context.Context, w *events.Write, by access.Actor, row *movement) ([]Left, error) {
	from, err := s.stored(ctx, row.Into)
	if errors.Is(err, store.ErrNotFound) || err == nil && from.MergedInto != "" {
		return nil, errs.New(errs.Conflict, "undo_used", "What was split off has been merged since.")
	}
	if err != nil {
		return nil, err
	}
	to, err := s.getConversation(ctx, row.From)
	if err != nil {
		return nil, err
	}
	if len(from.Outbox) > 0 {
		return nil, errStillSending()
	}
	was := from.Status
	t := s.newTransfer(by, from, to)
	spoken := from.line()
	waiting := from.WaitingSince
	if err := s.moveAll(ctx, t, row.were()); err != nil {
		return nil, err
	}
	left := to.restore(row)
	if spoken.LastInbound != row.LineFrom.LastInbound || waiting == nil { // more was said since
		to.setLine(spoken)
		to.WaitingSince = waiting
	}
	if spoken.LastActivityAt.After(to.LastActivityAt) {
		to.LastActivityAt = spoken.LastActivityAt
	}
	to.Gathered = append(slices.Clone(to.Gathered), from.ID)
	s.tellActivity(t.to, actionUnmerged, events.Change{Field: "split", Before: from.ID})
	return left, t.addTo(ctx, w, t.from, was)
}

// were are the messages as they were, by their ids.
func (row *movement) were() map[string]movedMessage {
	were := make(map[string]movedMessage, len(row.Messages))
	for _, m := range row.Messages {
		were[m.ID] = m
	}
	return were
}
