package inbox

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) undoRoutes(api huma.API, op describe) {
	undo := op(http.MethodPost, "/api/v1/undo", "undo", "Take back what was just done", access.ReadConversations)
	undo.Description = "Once, within a day, by whoever did it: undo_unknown, undo_used and undo_expired say why not. What has changed since " +
		"is not overwritten, and messages that were sent cannot be taken back: `left` names both. Bulk work is taken back in the " +
		"background, under GET /api/v1/jobs/{id}, whose errors name the conversations where something was left alone."
	undo.Errors = append(undo.Errors, http.StatusConflict)
	huma.Register(api, undo, s.undo)
}

type undoInput struct {
	Body struct {
		UndoToken string `json:"undo_token" minLength:"1" maxLength:"60"`
	}
}

type undoneView struct {
	Kind           string `json:"kind" enum:"bulk,macro,merge,split"`
	JobID          string `json:"job_id,omitempty" doc:"The work that takes it back; empty: it is done"`
	ConversationID string `json:"conversation_id,omitempty" doc:"What it was about, where that was one conversation"`
	Left           []Left `json:"left" nullable:"false" enum:"status,type,priority,labels,assignment,messages" doc:"What is left as it is"`
}

func (s *Service) undo(ctx context.Context, in *undoInput) (*web.Body[undoneView], error) {
	done, err := s.Undo(ctx, auth.From(ctx), in.Body.UndoToken)
	if err != nil {
		return nil, err
	}
	view := undoneView{Kind: string(done.Kind), ConversationID: done.ConversationID, Left: append([]Left{}, done.Left...)}
	if done.Work != nil {
		view.JobID = done.Work.ID
	}
	return web.Answer(view), nil
}
