package inbox

import (
	"context"

	"wasl/internal/access"
	"wasl/search"
)

// Hit is a message that a search found, with its conversation.
type Hit struct {
	Message      *Message
	Conversation *Conversation
}

// Search finds the messages that have every term of the query, over all history that the viewer may see, newest first. While no whole
// word is the last term, it stands for the words that begin with it.
func (s *Service) Search(ctx context.Context, v access.Viewer, query, cursor string, limit int) ([]Hit, string, error) {
	return s.words.Find(ctx, v, query, cursor, limit)
}

// loadHits returns those of the messages that the viewer may see.
func (s *Service) loadHits(ctx context.Context, v access.Viewer, messageIDs []string) (map[string]search.Found[Hit], error) {
	messages, err := s.messages.GetMany(ctx, messageIDs...)
	if err != nil {
		return nil, err
	}
	seen := map[string]*Conversation{}
	var wanted []string
	for _, m := range messages {
		if _, known := seen[m.ConversationID]; !known {
			seen[m.ConversationID] = nil
			wanted = append(wanted, m.ConversationID)
		}
	}
	conversations, err := s.conversations.GetMany(ctx, wanted...)
	if err != nil {
		return nil, err
	}
	for _, c := range conversations {
		if c.WorkspaceID == v.WorkspaceID && c.seenBy(v) {
			seen[c.ID] = c
		}
	}
	hits := make(map[string]search.Found[Hit], len(messages))
	for _, m := range messages {
		if c := seen[m.ConversationID]; c != nil {
			hits[m.ID] = search.Found[Hit]{Item: Hit{Message: m, Conversation: c}, Words: m.Tokens}
		}
	}
	return hits, nil
}
