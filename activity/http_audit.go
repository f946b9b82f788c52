package activity

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/web"
	"wasl/store"
)

// Guard is what the routes ask of the package that knows who is calling.
type Guard interface {
	Operation(op huma.Operation, p access.Permission) huma.Operation
}

// Routes adds this package's routes. from returns who is calling.
func (l *Log) Routes(api huma.API, guard Guard, from func(context.Context) access.Viewer) {
	op := guard.Operation(huma.Operation{
		Method: http.MethodGet, Path: "/api/v1/audit", OperationID: "list-audit", Tags: []string{"Access"},
		Summary: "What changed in the workspace, by whom, from what and to what; newest first",
	}, access.ReadAudit)
	huma.Register(api, op, func(ctx context.Context, in *auditInput) (*web.Body[web.List[ActivityView]], error) {
		found, next, err := l.audit(ctx, from(ctx).WorkspaceID, in)
		if err != nil {
			return nil, err
		}
		return web.Items(Views(found), next), nil
	})
}

type auditInput struct {
	web.Page
	Subject string `query:"subject" maxLength:"100" doc:"The id of the object that it is about"`
	Actor   string `query:"actor" maxLength:"100" doc:"The id of who did it"`
	Action  string `query:"action" maxLength:"100" doc:"Such as conversation.assigned"`
}

// examined bounds how many rows a page with several filters looks at.
const examined = 2000

func (l *Log) audit(ctx context.Context, workspaceID string, in *auditInput) ([]*Activity, string, error) {
	q := store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: in.Limit, Cursor: in.Cursor}
	where := func(path, value string) {
		if value != "" {
			q.Where, q.MaxExamined = append(q.Where, store.Cond{Path: path, Value: value}), examined
		}
	}
	switch {
	case in.Subject != "":
		q.Index, q.Eq = "about", []any{workspaceID, in.Subject}
		where("subject.id", in.Subject)
		where("actor.id", in.Actor)
	case in.Actor != "":
		q.Index, q.Eq = "about", []any{workspaceID, in.Actor}
		where("actor.id", in.Actor)
	}
	where("action", in.Action)
	return l.rows.Find(ctx, q)
}
