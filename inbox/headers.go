package inbox

import (
	"context"

	"wasl/inbox/live"
	"wasl/store"
)

// headerFields are the fields that Conversation.entry looks at: the index that headers are loaded from holds them.
var headerFields = []string{
	"origin", "channel_id", "status", "type", "priority", "labels", "assignee_id", "team_id", "participants", "last_activity_at",
	"window_from", "inbound_count", "level", "due_at", "waiting_since", "answered_up_to",
}

// entry is what the live index keeps of the conversation.
func (c *Conversation) entry() *live.Entry {
	e := &live.Entry{
		ID: c.ID, Contact: c.Origin, Version: c.Version, Activity: c.LastActivityAt, Window: c.WindowFrom, Status: string(c.Status),
		Type:     c.Type,
		Priority: c.Priority, Channel: c.ChannelID, Assignee: c.AssigneeID, Team: c.TeamID, Labels: c.Labels, Audience: c.audience(),
		Inbound: c.InboundCount, Gone: c.Status == Resolved || c.Status == Merged, Level: c.Level, Due: c.DueAt,
		Answered: c.AnsweredUpTo >= c.InboundCount,
	}
	if c.WaitingSince != nil {
		e.Waiting = *c.WaitingSince
	}
	return e
}

// headerSource loads the live index from the store.
type headerSource struct {
	conversations store.Collection[Conversation, *Conversation]
	follow        func(ctx context.Context, workspaceID string)
}

// headerPage is how many conversations are loaded at once.
const headerPage = 1000

// Each calls fn with pages of all conversations of the workspace that are not resolved.
func (h headerSource) Each(ctx context.Context, workspaceID string, fn func(page []*live.Entry) error) error {
	for _, status := range unresolved {
		q := store.Query{Index: "live", Eq: []any{workspaceID, status}, IndexOnly: true, Limit: headerPage}
		for {
			found, next, err := h.conversations.Find(ctx, q)
			if err != nil {
				return err
			}
			page := make([]*live.Entry, len(found))
			for n, c := range found {
				page[n] = c.entry()
			}
			if err := fn(page); err != nil {
				return err
			}
			if next == "" {
				break
			}
			q.Cursor = next
		}
	}
	return nil
}

// Follow makes sure that changes by other instances arrive here from now on.
func (h headerSource) Follow(ctx context.Context, workspaceID string) { h.follow(ctx, workspaceID) }

// LoadHeaders loads the workspace's live work before anybody asks for it.
func (s *Service) LoadHeaders(ctx context.Context, workspaceID string) error {
	_, err := s.live.Get(ctx, workspaceID)
	return err
}
