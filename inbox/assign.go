package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/web"
	"wasl/store"
)

// Assignment gives a conversation to an agent and a team; nil leaves one as it is, an empty id takes it away.
type Assignment struct {
	AgentID, TeamID *string
}

// Assign gives a conversation that the viewer may see to somebody. Who had it, and who hands it on, keep seeing it.
func (s *Service) Assign(ctx context.Context, v access.Viewer, id string, a Assignment) (*Conversation, error) {
	return s.Change(ctx, v, id, Edit{Assignment: a})
}

// applyAssignment carries out an assignment.
func (s *Service) applyAssignment(ctx context.Context, c *change, a Assignment) error {
	conv := c.conv
	if err := s.assignable(ctx, conv.WorkspaceID, a); err != nil {
		return err
	}
	before, by := conv.audience(), ""
	if c.actor.Kind == access.User {
		by = c.actor.ID
	}
	conv.addParticipant(conv.AssigneeID)
	conv.addParticipant(by)
	if a.AgentID != nil {
		conv.AssigneeID = *a.AgentID
		conv.addParticipant(conv.AssigneeID)
	}
	if a.TeamID != nil {
		conv.TeamID = *a.TeamID
	}
	c.Events = append(c.Events, s.assignmentEvent(conv, before, by))
	return nil
}

// assignable refuses who does not answer here, and a team that there is not.
func (s *Service) assignable(ctx context.Context, workspaceID string, a Assignment) error {
	if a.AgentID != nil && *a.AgentID != "" {
		u, err := s.Users.User(ctx, workspaceID, *a.AgentID)
		if errors.Is(err, store.ErrNotFound) || err == nil && !u.Active {
			return errs.InvalidField("unknown_agent", "agent_id", "there is no such active user in this workspace")
		}
		if err != nil {
			return err
		}
	}
	if a.TeamID == nil || *a.TeamID == "" {
		return nil
	}
	_, err := s.Users.Team(ctx, workspaceID, *a.TeamID)
	if errors.Is(err, store.ErrNotFound) {
		return errs.InvalidField("unknown_team", "team_id", "there is no such team in this workspace")
	}
	return err
}

func (s *Service) assignmentEvent(conv *Conversation, before access.Audience, by string) events.Event {
	data, _ := json.Marshal(AssignmentView{ // strings always encode
		ConversationID: conv.ID, AssigneeID: orNull(conv.AssigneeID), TeamID: orNull(conv.TeamID), By: by, At: web.At(s.Clock.Now()),
	})
	return events.Event{
		Type: "assignment.changed", WorkspaceID: conv.WorkspaceID, Subject: conv.ID, At: s.Clock.Now(), Data: data,
		Audience: before.And(conv.audience()),
	}
}

// HandOver gives a conversation that the viewer may see to somebody, with a note for them in the same write. The same key of the same
// viewer, which may be empty, writes the note once.
func (s *Service) HandOver(ctx context.Context, v access.Viewer, id string, a Assignment, note, key string) (*Conversation, error) {
	if key == "" {
		key = ids.New("run", s.Clock.Now())
	}
	return s.change(ctx, v, id, func(conv *Conversation, c *change) error {
		return s.transfer(ctx, &Editing{s: s, c: c, key: key}, a, note)
	})
}

// transfer adds to the change that the conversation is given to somebody, with a note that they are told of.
func (s *Service) transfer(ctx context.Context, e *Editing, a Assignment, note string) error {
	if note != "" {
		e.written++
		_, created, err := e.Send(ctx, NewMessage{
			ClientID: fmt.Sprintf("%s.%d", e.key, e.written), Content: channels.Content{Type: channels.TypeNote, Text: note},
		})
		if err != nil || !created { // it was done before
			return err
		}
		e.c.conv.note = note
	}
	return e.Edit(ctx, Edit{Assignment: a})
}

// Change edits a conversation that the viewer may see.
func (s *Service) Change(ctx context.Context, v access.Viewer, id string, e Edit) (*Conversation, error) {
	return s.change(ctx, v, id, func(_ *Conversation, c *change) error { return s.edit(ctx, c, e) })
}

// edit carries out an edit.
func (s *Service) edit(ctx context.Context, c *change, e Edit) error {
	if e.Told != nil {
		c.told = e.Told
	}
	if err := c.conv.apply(e, s.Clock.Now()); err != nil {
		return err
	}
	if err := c.conv.classify(e, c.actor.Kind); err != nil {
		return err
	}
	if err := s.addClosingNote(ctx, c, e); err != nil {
		return err
	}
	if e.Rating != nil {
		c.conv.Rating = e.Rating
	}
	team := c.conv.TeamID
	if e.AgentID != nil || e.TeamID != nil {
		if err := s.applyAssignment(ctx, c, e.Assignment); err != nil {
			return err
		}
	}
	if e.OfferedTo != nil {
		c.conv.OfferedTo = *e.OfferedTo
	}
	if c.conv.AssigneeID != "" || c.conv.TeamID != team || c.conv.Status != Open && c.conv.Status != Pending {
		c.conv.OfferedTo = ""
	}
	return nil
}
