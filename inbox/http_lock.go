package inbox

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

// lockedProblem is the answer to whoever may not write because a colleague does.
type lockedProblem struct {
	web.Problem
	Lock LockView `json:"lock"`
}

func (s *Service) lockRoutes(api huma.API, op describe) {
	const path = "/api/v1/conversations/{id}/lock"
	lock := op(http.MethodPost, path, "lock-conversation", "Take or keep the right to write the answer", access.Reply)
	lock.DefaultStatus = http.StatusOK
	lock.Description = "It ends by itself 20 seconds after the last call, and colleagues are shown the text (the socket's signal lock). 423 locked says who has it and what they have written; take_over takes it from them."
	lock.Responses = map[string]*huma.Response{"423": web.ProblemResponse[lockedProblem](api, "A colleague has it")}
	huma.Register(api, lock, s.lockConversation)
	unlock := op(http.MethodDelete, path, "unlock-conversation", "Give the right to write back", access.Reply)
	unlock.DefaultStatus = http.StatusNoContent
	huma.Register(api, unlock, s.unlockConversation)
}

type lockInput struct {
	ID   string `path:"id"`
	Body struct {
		TakeOver bool   `json:"take_over,omitempty"`
		Text     string `json:"text,omitempty" maxLength:"70000" doc:"What has been written so far"`
	}
}

func (s *Service) lockConversation(ctx context.Context, in *lockInput) (*web.Body[LockView], error) {
	view, err := s.Lock(ctx, auth.From(ctx), in.ID, in.Body.Text, in.Body.TakeOver)
	var locked *Locked
	if errors.As(err, &locked) {
		return nil, &lockedProblem{Problem: *web.NewProblem(http.StatusLocked, errLocked.Code, errLocked.Text), Lock: locked.By}
	}
	if err != nil {
		return nil, err
	}
	return web.Answer(view), nil
}

type unlockInput struct {
	ID string `path:"id"`
}

func (s *Service) unlockConversation(ctx context.Context, in *unlockInput) (*struct{}, error) {
	return nil, s.Unlock(ctx, auth.From(ctx), in.ID)
}
