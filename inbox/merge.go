package inbox

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"wasl/channels"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// maxGathered is how many conversations are merged into one.
const maxGathered = 50

// Merge has the messages of a conversation stand in another one with the same person on the same channel, where the customer's next
// messages go too; its id leads there. Both have to be the viewer's to write in. The token takes it back (Undo). Errors:
// same_conversation, different_contacts, different_channels, not_on_this_channel, still_sending, too_many_messages, too_many_merged.
func (s *Service) Merge(ctx context.Context, v access.Viewer, id, into string) (conv *Conversation, token string, err error) {
	token = ids.New("und", s.Clock.Now())
	err = store.Retry(ctx, func() error {
		from, err := s.Conversation(ctx, v, id)
		if err != nil {
			return err
		}
		to, err := s.Conversation(ctx, v, into)
		if errors.Is(err, store.ErrNotFound) {
			return errs.InvalidField("unknown_conversation", "into", "there is no such conversation")
		}
		if err != nil {
			return err
		}
		if err := s.mergeable(ctx, from, to); err != nil {
			return err
		}
		conv = to
		t, w := s.newTransfer(v.Actor(), from, to), &events.Write{}
		t.row.Meta = store.Meta{ID: token}
		if err := s.join(ctx, w, v, t); err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
	return conv, token, err
}

// mergeable refuses what cannot be one conversation.
func (s *Service) mergeable(ctx context.Context, from, to *Conversation) error {
	switch {
	case from.ID == to.ID:
		return errs.InvalidField("same_conversation", "into", "this is the conversation itself, or it was merged into that already")
	case from.ChannelID != to.ChannelID || from.Group != to.Group:
		return errs.New(errs.Conflict, "different_channels",
			"Conversations on two channels stay apart, because each is answered on its own. The customer's page shows them together.")
	case from.ChannelKind == channels.KindWidget:
		return notOnThisChannel()
	case len(from.Outbox) > 0:
		return errStillSending()
	case len(to.Gathered)+len(from.Gathered) >= maxGathered:
		return errs.New(errs.Conflict, "too_many_merged", "At most 50 conversations are merged into one.")
	}
	a, err := s.Contacts.Contact(ctx, from.WorkspaceID, from.Origin)
	if err != nil {
		return err
	}
	b, err := s.Contacts.Contact(ctx, to.WorkspaceID, to.Origin)
	if err == nil && a.ID != b.ID {
		err = errs.New(errs.Conflict, "different_contacts",
			"These are conversations with two contacts. Where they are one person, merge the contacts first.")
	}
	return err
}

func notOnThisChannel() error {
	return errs.New(errs.Conflict, "not_on_this_channel", "A visitor of a website has one conversation, which they see themselves.")
}

// join moves all of one conversation into the other, which takes over what it lacks.
func (s *Service) join(ctx context.Context, w *events.Write, v access.Viewer, t *transfer) error {
	from, to := t.from.conv, t.to.conv
	t.row.Status, t.row.Levels, t.row.Before, t.row.LineFrom = from.Status, from.Levels, to.fields(), to.line()
	if err := s.moveAll(ctx, t, nil); err != nil {
		return err
	}
	if err := s.passDrafts(ctx, &t.to.Write, from, to); err != nil {
		return err
	}
	to.join(from, t.row.Status)
	t.row.After, t.row.LineTo = to.fields(), to.line()
	s.tellActivity(t.to, actionMerged, events.Change{Field: "merged", After: from.ID})
	w.Changes = append(w.Changes, s.movements.Insert(t.row))
	s.addUndo(w, v, undoable{Meta: store.Meta{ID: t.row.ID}, Kind: undoMerge, Ref: to.ID})
	return t.addTo(ctx, w, t.from, t.row.Status)
}

// moveAll moves every message of one conversation into the other with what was read of it, and makes it a merged one. Those that were there
// before get back what they were there.
func (s *Service) moveAll(ctx context.Context, t *transfer, were map[string]movedMessage) error {
	from, to := t.from.conv, t.to.conv
	messages, err := s.all(ctx, from)
	if err != nil {
		return err
	}
	for _, m := range messages {
		as, known := were[m.ID]
		if !known {
			as.Home = cmp.Or(m.Home, from.ID)
			if m.Number != 0 {
				as.Number = elsewhere
			}
		}
		if err := t.take(ctx, m, as); err != nil {
			return err
		}
	}
	ofFrom, err := s.readsOf(ctx, from)
	if err != nil {
		return err
	}
	r, err := s.readsOf(ctx, to)
	if err != nil {
		return err
	}
	unread := map[string]int64{}
	for _, user := range readers(ofFrom, r) {
		unread[user] = ofFrom.unread(from, user) + r.unread(to, user)
	}
	unanswered := from.InboundCount - from.AnsweredUpTo + to.InboundCount - to.AnsweredUpTo
	to.InboundCount += from.InboundCount
	to.AnsweredUpTo = to.InboundCount - unanswered
	for user, n := range unread {
		r.setUnread(to, user, n)
	}
	s.keepReads(t.to, r)
	t.from.reads, t.row.Reads = ofFrom, r
	from.Status, from.MergedInto, from.OfferedTo = Merged, to.ID, ""
	last, err := s.ahead(ctx, to, func(c *Conversation) string { return c.Continued })
	if err == nil && last.ID == from.ID { // what was split off came back
		to.Continued = ""
	}
	to.via, to.KnownUpTo = "", to.Version+1
	return err
}

// join is what a conversation takes over of one that is merged into it: what it lacks, labels and who took part, the higher priority, that
// somebody waits, and where the customer was last.
func (c *Conversation) join(from *Conversation, status Status) {
	if c.AssigneeID == "" && c.TeamID == "" {
		c.AssigneeID, c.TeamID = from.AssigneeID, from.TeamID
	}
	for _, user := range append(slices.Clone(from.Participants), from.AssigneeID) {
		c.addParticipant(user)
	}
	if c.Type == "" {
		c.Type, c.Classified = from.Type, from.Classified
	}
	if slices.Index(live.Priorities, from.Priority) > slices.Index(live.Priorities, c.Priority) {
		c.Priority = from.Priority
	}
	for _, label := range from.Labels {
		if !slices.Contains(c.Labels, label) && len(c.Labels) < maxLabels {
			c.Labels = append(slices.Clone(c.Labels), label)
		}
	}
	slices.Sort(c.Labels)
	if (status == Open || status == Pending) && c.Status != Open && c.Status != Pending {
		c.reopen()
	}
	if from.WaitingSince != nil && (c.WaitingSince == nil || from.WaitingSince.Before(*c.WaitingSince)) {
		c.WaitingSince = from.WaitingSince
	}
	if from.LastInboundAt.After(c.LastInboundAt) {
		mail := c.Mail
		last := c.LastActivityAt
		c.setLine(from.line())
		c.Mail, c.LastActivityAt = mail, last
	}
	if from.LastActivityAt.After(c.LastActivityAt) {
		c.LastActivityAt = from.LastActivityAt
	}
	if c.Mail != nil && from.Mail != nil {
		for _, id := range from.Mail.References {
			c.Mail.sent(id)
		}
	}
	c.Gathered = append(append(slices.Clone(c.Gathered), from.Gathered...), from.ID)
}

// passDrafts gives what users have begun to write to the conversation that goes on, unless they have begun there too.
func (s *Service) passDrafts(ctx context.Context, w *events.Write, from, to *Conversation) error {
	for _, user := range append(slices.Clone(from.Participants), from.AssigneeID) {
		if user == "" {
			continue
		}
		found, err := s.drafts.GetMany(ctx, draftID(user, from.ID), draftID(user, to.ID))
		if err != nil {
			return err
		}
		if len(found) == 1 && found[0].ID == draftID(user, from.ID) {
			passed := *found[0]
			passed.Meta = store.Meta{ID: draftID(user, to.ID)}
			w.Changes = append(w.Changes, s.drafts.Insert(&passed))
		}
	}
	return nil
}
