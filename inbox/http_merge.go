package inbox

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) mergeRoutes(api huma.API, op describe) {
	merge := op(http.MethodPost, "/api/v1/conversations/{id}/merge", "merge-conversations", "Merge into another conversation", access.Reply)
	merge.Description = "With the same person on the same channel: its messages stand in the other one, the customer's next messages " +
		"go there, and its id leads there. Answers the other one. POST /api/v1/undo takes it back."
	merge.Errors = append(merge.Errors, http.StatusConflict)
	huma.Register(api, merge, s.mergeConversation)
	split := op(http.MethodPost, "/api/v1/conversations/{id}/split", "split-conversation", "Split off its later part", access.Reply)
	split.Description = "A message and all that stands below it become a conversation of their own, where the customer's next messages go. " +
		"Answers the new one. POST /api/v1/undo takes it back."
	split.Errors = append(split.Errors, http.StatusConflict)
	huma.Register(api, split, s.splitConversation)
}

// movedView is the conversation that goes on after a merge or a split.
type movedView struct {
	ConversationView
	UndoToken string `json:"undo_token" doc:"For POST /api/v1/undo"`
}

type mergeInput struct {
	ID   string `path:"id"`
	Body struct {
		Into string `json:"into" minLength:"1" maxLength:"60"`
	}
}

func (s *Service) mergeConversation(ctx context.Context, in *mergeInput) (*web.Body[movedView], error) {
	conv, token, err := s.Merge(ctx, auth.From(ctx), in.ID, in.Body.Into)
	return s.movedAnswer(ctx, conv, token, err)
}

type splitInput struct {
	ID   string `path:"id"`
	Body struct {
		FromMessageID string `json:"from_message_id" minLength:"1" maxLength:"60"`
	}
}

func (s *Service) splitConversation(ctx context.Context, in *splitInput) (*web.Body[movedView], error) {
	conv, token, err := s.Split(ctx, auth.From(ctx), in.ID, in.Body.FromMessageID)
	return s.movedAnswer(ctx, conv, token, err)
}

func (s *Service) movedAnswer(ctx context.Context, conv *Conversation, token string, err error) (*web.Body[movedView], error) {
	if err != nil {
		return nil, err
	}
	views, err := s.conversationViews(ctx, auth.From(ctx).UserID, []*Conversation{conv})
	if err != nil {
		return nil, err
	}
	return web.Answer(movedView{views[0], token}), nil
}
