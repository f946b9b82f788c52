package work

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/web"
)

// Guard is what the routes ask of the package that knows who is calling.
type Guard interface {
	Operation(op huma.Operation, p access.Permission) huma.Operation
}

type idInput struct {
	ID string `path:"id"`
}

// Routes adds this package's routes. from returns who is calling.
func (s *Service) Routes(api huma.API, guard Guard, from func(context.Context) access.Viewer) {
	op := func(method, id, summary string) huma.Operation {
		return guard.Operation(huma.Operation{
			Method: method, Path: "/api/v1/jobs/{id}", OperationID: id, Summary: summary, Tags: []string{"Jobs"},
			DefaultStatus: http.StatusOK,
		}, "")
	}
	answer := func(of *Work, err error) (*web.Body[JobView], error) {
		if err != nil {
			return nil, err
		}
		return web.Answer(of.View()), nil
	}
	get := op(http.MethodGet, "get-job", "Long work that the caller started")
	get.Description = "Live as job.updated, for 30 days."
	huma.Register(api, get, func(ctx context.Context, in *idInput) (*web.Body[JobView], error) {
		return answer(s.Get(ctx, from(ctx), in.ID))
	})
	stop := op(http.MethodDelete, "stop-job", "Stop it")
	stop.Description = "What was done by then stays, and one that has ended is answered as it is."
	huma.Register(api, stop, func(ctx context.Context, in *idInput) (*web.Body[JobView], error) {
		return answer(s.Stop(ctx, from(ctx), in.ID))
	})
}
