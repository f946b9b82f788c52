package inbox

import (
	"context"
	"errors"
	"slices"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/notify"
	"wasl/store"
)

// mention notes whom a note is meant for, all of whom see the conversation, and adds the notice to them. What the note says is only in the
// conversation.
func (s *Service) mention(ctx context.Context, c *change, m *Message, userIDs []string) error {
	if len(userIDs) == 0 {
		return nil
	}
	if m.Type != channels.TypeNote {
		return errs.InvalidField("invalid_mention", "mentions", "only a note is meant for colleagues")
	}
	m.Mentions = slices.Compact(slices.Sorted(slices.Values(userIDs)))
	for _, id := range m.Mentions {
		v, err := s.Users.ViewerOf(ctx, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err != nil || v.WorkspaceID != c.conv.WorkspaceID || !v.In(c.conv.audience()) {
			return errs.InvalidField("invalid_mention", "mentions", "active users who see this conversation")
		}
	}
	return s.Notices.Add(ctx, &c.Write, c.conv.WorkspaceID, access.Audience{Users: m.Mentions}, notify.Notice{
		ID: ids.Derived("ntf", m.ID, "mention"), Kind: notify.Mention, Title: "A note for you", Detail: m.Author.Name,
		ConversationID: c.conv.ID,
	})
}
