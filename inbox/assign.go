package inbox

import (
	"context"
	"encoding/json"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/web"
)

// Assignment gives a conversation to an agent and a team; nil leaves one as it is, an empty id takes it away.
type Assignment struct {
	AgentID, TeamID *string
}

// Assign gives a conversation that the viewer may see to somebody. Who had it, and who hands it on, keep seeing it.
func (s *Service) Assign(ctx context.Context, v access.Viewer, id string, a Assignment) (*Conversation, error) {
	if a.AgentID != nil && *a.AgentID != "" {
		if err := s.assignable(ctx, v, *a.AgentID); err != nil {
			return nil, err
		}
	}
	return s.change(ctx, v, id, func(conv *Conversation, c *change) error {
		before := conv.audience()
		if a.AgentID != nil {
			conv.join(conv.AssigneeID)
			conv.join(v.UserID)
			conv.AssigneeID = *a.AgentID
			conv.join(conv.AssigneeID)
		}
		if a.TeamID != nil {
			conv.TeamID = *a.TeamID
		}
		c.Events = append(c.Events, s.assignmentEvent(conv, before, v.UserID))
		return nil
	})
}

// assignable refuses who does not answer here.
func (s *Service) assignable(ctx context.Context, v access.Viewer, userID string) error {
	u, err := s.Users.User(ctx, v.WorkspaceID, userID)
	if err != nil || !u.Active {
		return errs.InvalidField("unknown_agent", "agent_id", "there is no such active user in this workspace")
	}
	return nil
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

// Change edits a conversation that the viewer may see.
func (s *Service) Change(ctx context.Context, v access.Viewer, id string, e Edit) (*Conversation, error) {
	return s.change(ctx, v, id, func(conv *Conversation, c *change) error {
		if err := conv.apply(e, s.Clock.Now()); err != nil {
			return err
		}
		if e.Status != nil {
			s.wakeLater(c, conv)
		}
		return nil
	})
}
