package inbox

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/contacts"
	"wasl/internal/access"
	"wasl/internal/web"
)

type searchInput struct {
	web.Page
	Q string `query:"q" required:"true" minLength:"1" maxLength:"200"`
}

// HitView is a message that was found, with where it was said.
type HitView struct {
	Message      MessageView      `json:"message"`
	Conversation ConversationView `json:"conversation"`
}

// SearchView is what a search found, of each kind; the cursor goes on with messages.
type SearchView struct {
	Messages   []HitView              `json:"messages" nullable:"false"`
	Contacts   []contacts.ContactView `json:"contacts" nullable:"false"`
	NextCursor string                 `json:"next_cursor"`
}

func (s *Service) searchRoutes(api huma.API, op describe) {
	huma.Register(api, op(http.MethodGet, "/api/v1/search", "search", "Search all history", access.ReadConversations), s.search)
}

func (s *Service) search(ctx context.Context, in *searchInput) (*web.Body[SearchView], error) {
	v := auth.From(ctx)
	hits, next, err := s.Search(ctx, v, in.Q, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := SearchView{Messages: make([]HitView, 0, len(hits)), Contacts: []contacts.ContactView{}, NextCursor: next}
	messages, convs := make([]*Message, len(hits)), make([]*Conversation, len(hits))
	for n, h := range hits {
		messages[n], convs[n] = h.Message, h.Conversation
		h.Message.person = h.Conversation.ContactID
	}
	messageViews, err := s.messageViews(ctx, messages)
	if err != nil {
		return nil, err
	}
	convViews, err := s.conversationViews(ctx, v.UserID, convs)
	if err != nil {
		return nil, err
	}
	for n := range hits {
		out.Messages = append(out.Messages, HitView{Message: messageViews[n], Conversation: convViews[n]})
	}
	if in.Cursor == "" {
		found, _, err := s.Contacts.Search(ctx, v, in.Q, "", min(in.Limit, 20))
		if err != nil {
			return nil, err
		}
		if out.Contacts, err = s.Contacts.Views(ctx, found); err != nil {
			return nil, err
		}
	}
	return web.Answer(out), nil
}
