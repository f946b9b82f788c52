package notify

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
)

// Guard is what the routes ask of the package that knows who is calling.
type Guard interface {
	Operation(op huma.Operation, p access.Permission) huma.Operation
}

// NotificationView is a notice as REST shows it to one user.
type NotificationView struct {
	Shown
	At     web.Time  `json:"at"`
	ReadAt *web.Time `json:"read_at" doc:"When this user read it, alone or together with everything up to it; null: not read"`
}

// UnreadCount is how many notices a user has not read.
type UnreadCount struct {
	Unread int `json:"unread" doc:"Of the newest thousand"`
}

// Routes adds this package's routes. from returns who is calling.
func (s *Service) Routes(api huma.API, guard Guard, from func(context.Context) access.Viewer) {
	op := func(method, path, id, summary string) huma.Operation {
		return guard.Operation(huma.Operation{
			Method: method, Path: "/api/v1/notifications" + path, OperationID: id, Summary: summary, Tags: []string{"Notifications"},
		}, access.ReadNotifications)
	}
	huma.Register(api, op(http.MethodGet, "", "list-notifications", "The caller's notices of the last 90 days, newest first"),
		func(ctx context.Context, in *listInput) (*web.Body[web.List[NotificationView]], error) {
			found, next, err := s.list(ctx, from(ctx), in.Unread, in.Limit, in.Cursor)
			if err != nil {
				return nil, err
			}
			views := make([]NotificationView, len(found))
			for n, l := range found {
				views[n] = NotificationView{Shown: l.Notice.shown(), At: web.At(l.At), ReadAt: web.AtOrNull(l.readAt)}
				views[n].ID = l.Meta.ID
			}
			return web.Items(views, next), nil
		})
	huma.Register(api, op(http.MethodGet, "/count", "count-notifications", "How many notices the caller has not read"),
		func(ctx context.Context, _ *struct{}) (*web.Body[UnreadCount], error) {
			return s.answerCount(ctx, from(ctx))
		})
	huma.Register(api, op(http.MethodPost, "/read", "read-notifications", "Mark notices as read; answers how many are left"),
		func(ctx context.Context, in *readInput) (*web.Body[UnreadCount], error) {
			if err := s.markRead(ctx, from(ctx), in); err != nil {
				return nil, err
			}
			return s.answerCount(ctx, from(ctx))
		})
	s.settingsRoutes(api, guard, from)
	if s.push != nil {
		s.push.routes(api, guard, from)
	}
}

type listInput struct {
	web.Page
	Unread bool `query:"unread" doc:"Only those that the caller has not read; a page may then hold fewer than limit and still have a next one"`
}

type readInput struct {
	Body struct {
		IDs []string `json:"ids,omitempty" maxItems:"200" doc:"These; what the caller cannot see is passed over"`
		All bool     `json:"all,omitempty" doc:"Everything that there is now, instead of ids"`
	}
}

func (s *Service) answerCount(ctx context.Context, v access.Viewer) (*web.Body[UnreadCount], error) {
	n, err := s.unread(ctx, v)
	if err != nil {
		return nil, err
	}
	return web.Answer(UnreadCount{n}), nil
}

func (s *Service) markRead(ctx context.Context, v access.Viewer, in *readInput) error {
	switch {
	case in.Body.All == (len(in.Body.IDs) > 0):
		return errs.InvalidField("invalid_input", "ids", "either ids or all")
	case in.Body.All:
		return s.readAll(ctx, v)
	}
	return s.read(ctx, v, in.Body.IDs)
}
