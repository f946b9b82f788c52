package inbox

import (
	"context"
	"errors"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/store"
)

// closingNote marks a note that says how a conversation ended (Message.System).
const closingNote = "closing"

// addClosingNote adds the closing note of an edit to the change.
func (s *Service) addClosingNote(ctx context.Context, c *change, e Edit) error {
	if e.ClosingNote == "" {
		return nil
	}
	if e.Status == nil || *e.Status != Resolved {
		return errs.InvalidField("invalid_closing_note", "closing_note", "goes with the status resolved")
	}
	c.conv.closed = true
	v := access.Viewer{WorkspaceID: c.conv.WorkspaceID, UserID: c.actor.ID}
	_, _, err := s.newMessage(ctx, v, c, NewMessage{
		ClientID: ids.New("clo", s.Clock.Now()),
		Content:  channels.Content{Type: channels.TypeNote, Text: e.ClosingNote, System: closingNote},
	})
	return err
}

// mayResolve refuses that a person resolves a conversation without what its team wants, and names that; noted: a closing note comes with
// it. Rules, programs and what leaves later are not asked.
func (s *Service) mayResolve(ctx context.Context, conv *Conversation, by access.Actor, noted bool) error {
	if conv.TeamID == "" || by.Kind != access.User || by.Cause.Kind == access.Timer {
		return nil
	}
	team, err := s.Users.Team(ctx, conv.WorkspaceID, conv.TeamID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	wanted := team.Work.Closing
	var missing []errs.Field
	for _, f := range []struct {
		field, detail string
		missing       bool
	}{
		{"closing_note", "a closing note is wanted", wanted.Note && !noted},
		{"type", "what it is about is wanted", wanted.Type && conv.Type == ""},
		{"labels", "at least one label is wanted", wanted.Labels && len(conv.Labels) == 0},
	} {
		if f.missing {
			missing = append(missing, errs.Field{Field: f.field, Detail: f.detail})
		}
	}
	if missing == nil {
		return nil
	}
	return &errs.Error{
		Kind: errs.Conflict, Code: "closing_required", Text: "The team wants more before this conversation is resolved.", Fields: missing,
	}
}

// askClosing refuses a change that resolves its conversation without what the team wants.
func (s *Service) askClosing(ctx context.Context, c *change) error {
	if c.created || c.conv.Status != Resolved || c.conv.before.status == string(Resolved) {
		return nil
	}
	return s.mayResolve(ctx, c.conv, c.actor, c.conv.closed)
}
