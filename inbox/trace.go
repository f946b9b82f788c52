package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// trace is what actions did to one conversation, as it was and as they left it, so that it can be taken back.
type trace struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	Before      fields    `bson:"before"`
	After       fields    `bson:"after"`
	Written     int       `bson:"written"` // messages and notes that they wrote
	ExpiresAt   time.Time `bson:"expires_at"`
}

var traceSchema = store.Schema{Name: "undo_traces", Expire: "expires_at"}

// fields are those of a conversation that actions change.
type fields struct {
	Status       Status     `bson:"status"`
	SnoozedUntil *time.Time `bson:"snoozed_until,omitempty"`
	Type         string     `bson:"type"`
	Classified   classified `bson:"classified"`
	Priority     string     `bson:"priority"`
	Labels       []string   `bson:"labels"`
	AssigneeID   string     `bson:"assignee_id"`
	TeamID       string     `bson:"team_id"`
	Participants []string   `bson:"participants"`
	WaitingSince *time.Time `bson:"waiting_since,omitempty"`
	AnsweredUpTo int64      `bson:"answered_up_to"`
	Seq          int64      `bson:"seq"`
}

func (c *Conversation) fields() fields {
	return fields{
		Status: c.Status, SnoozedUntil: c.SnoozedUntil, Type: c.Type, Classified: c.Classified, Priority: c.Priority,
		Labels: slices.Clone(c.Labels), AssigneeID: c.AssigneeID, TeamID: c.TeamID, Participants: slices.Clone(c.Participants),
		WaitingSince: c.WaitingSince, AnsweredUpTo: c.AnsweredUpTo, Seq: c.Seq,
	}
}

func traceID(token, conversationID string) string { return ids.Derived("utr", token, conversationID) }

// addTrace adds to the change what it does, which was the conversation before and to which was written.
func (e *Editing) addTrace(token string, before fields) {
	c := e.c.conv
	e.c.Changes = append(e.c.Changes, e.s.traces.Insert(&trace{
		Meta: store.Meta{ID: traceID(token, c.ID)}, WorkspaceID: c.WorkspaceID, Before: before, After: c.fields(), Written: e.written,
		ExpiresAt: e.s.Clock.Now().Add(undoFor),
	}))
}

// Left names something that an undo did not put back.
type Left string

// What an undo leaves alone: a field that has changed since or may not be put back, and messages, which cannot be taken back.
const (
	LeftStatus     Left = "status"
	LeftType       Left = "type"
	LeftPriority   Left = "priority"
	LeftLabels     Left = "labels"
	LeftAssignment Left = "assignment"
	LeftMessages   Left = "messages"
)

// undoTrace adds to a write that a conversation is again as it was before the actions of a token, as far as it is still as they left it.
func (s *Service) undoTrace(ctx context.Context, w *events.Write, v access.Viewer, token, conversationID string) ([]Left, error) {
	t, err := s.traces.Get(ctx, traceID(token, conversationID))
	if errors.Is(err, store.ErrNotFound) { // nothing was done to it
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !v.Can(access.EditConversations) {
		return nil, errs.New(errs.Forbidden, "forbidden", "Your role does not allow this.")
	}
	by := v.Actor()
	by.Cause = access.Cause{Kind: access.Undoing, ID: token}
	e, err := s.open(ctx, by, v.WorkspaceID, conversationID)
	if err != nil {
		return nil, err
	}
	left, err := e.putBack(ctx, v, t)
	if err != nil || len(e.c.conv.changesSince(e.c.conv.before)) == 0 {
		return left, err
	}
	return left, e.addTo(ctx, w)
}

// putBack puts back every field that is as the trace's actions left it, and returns what it left alone.
func (e *Editing) putBack(ctx context.Context, v access.Viewer, t *trace) (left []Left, err error) {
	c, before, after := e.c.conv, t.Before, t.After
	if before.AssigneeID != after.AssigneeID || before.TeamID != after.TeamID {
		given, err := e.giveBack(ctx, v, t)
		if err != nil {
			return nil, err
		}
		if !given {
			left = append(left, LeftAssignment)
		}
	}
	left = append(left, c.putBack(before, after)...)
	if t.Written > 0 {
		left = append(left, LeftMessages)
	}
	return left, nil
}

// putBack puts back what the conversation was besides whose it is, as far as it is as it was left.
func (c *Conversation) putBack(before, after fields) (left []Left) {
	change := func(what Left, changed, still bool, put func()) {
		switch {
		case !changed:
		case still:
			put()
		default:
			left = append(left, what)
		}
	}
	change(LeftStatus, before.Status != after.Status || !same(before.SnoozedUntil, after.SnoozedUntil),
		c.Status == after.Status && same(c.SnoozedUntil, after.SnoozedUntil), func() {
			c.Status, c.SnoozedUntil = before.Status, before.SnoozedUntil
			if before.WaitingSince != nil && before.AnsweredUpTo == after.AnsweredUpTo && c.AnsweredUpTo == after.AnsweredUpTo {
				c.WaitingSince = before.WaitingSince // nobody has answered since
			}
		})
	change(LeftType, before.Type != after.Type, c.Type == after.Type, func() { c.Type, c.Classified = before.Type, before.Classified })
	change(LeftPriority, before.Priority != after.Priority, c.Priority == after.Priority, func() { c.Priority = before.Priority })
	if !c.relabelBack(before.Labels, after.Labels) {
		left = append(left, LeftLabels)
	}
	return left
}

// giveBack gives the conversation to whom it was given before; false: it has been given to others since, or cannot be given back.
func (e *Editing) giveBack(ctx context.Context, v access.Viewer, t *trace) (given bool, err error) {
	c, before, after := e.c.conv, t.Before, t.After
	if !v.Can(access.Assign) || c.AssigneeID != after.AssigneeID || c.TeamID != after.TeamID {
		return false, nil
	}
	quiet := c.Seq == after.Seq && slices.Equal(c.Participants, after.Participants)
	err = e.Edit(ctx, Edit{Assignment: Assignment{AgentID: &before.AssigneeID, TeamID: &before.TeamID}})
	if errs.Is(err, errs.Invalid) { // whoever had it is no longer here
		return false, nil
	}
	if quiet && err == nil { // nobody has taken part since
		c.Participants = slices.Clone(before.Participants)
	}
	return err == nil, err
}

// relabelBack takes off the labels that were put on, and puts on those that were taken off; false: some are gone already, or are there.
func (c *Conversation) relabelBack(before, after []string) (all bool) {
	all = true
	labels := slices.Clone(c.Labels)
	for _, label := range after {
		if slices.Contains(before, label) {
			continue
		}
		n := slices.Index(labels, label)
		if n < 0 {
			all = false
			continue
		}
		labels = slices.Delete(labels, n, n+1)
	}
	for _, label := range before {
		switch {
		case slices.Contains(after, label):
		case slices.Contains(labels, label) || len(labels) >= maxLabels:
			all = false
		default:
			labels = append(labels, label)
		}
	}
	slices.Sort(labels)
	c.Labels = labels
	return all
}
