package channels

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/web"
)

// CheckView is what a channel's self-test found.
type CheckView struct {
	OK    bool     `json:"ok"`
	Error *Trouble `json:"error" doc:"What is wrong, and what mends it"`
}

// checkRoute adds the self-test.
func (s *Service) checkRoute(api huma.API, op huma.Operation) {
	huma.Register(api, op, func(ctx context.Context, in *idInput) (*web.Body[CheckView], error) {
		trouble, err := s.Check(ctx, auth.From(ctx).WorkspaceID, in.ID)
		if err != nil {
			return nil, err
		}
		return web.Answer(CheckView{OK: trouble == nil, Error: trouble}), nil
	})
}
