package remind

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
	"wasl/store"
)

// Guard is what the routes ask of the package that knows who is calling.
type Guard interface {
	Operation(op huma.Operation, p access.Permission) huma.Operation
}

type listInput struct {
	web.Page
	ConversationID string `query:"conversation_id" maxLength:"60" doc:"Only those of this conversation"`
}

type addInput struct {
	ID   string `path:"id"`
	Body struct {
		At   time.Time `json:"at" doc:"In the future, at most 400 days from now"`
		Text string    `json:"text,omitempty" maxLength:"1000" doc:"What was promised; the first 300 characters are kept"`
	}
}

type removeInput struct {
	ID string `path:"id"`
}

// Routes adds this package's routes.
func (s *Service) Routes(api huma.API, guard Guard) {
	op := func(method, path, id, summary, description string, status int) huma.Operation {
		return guard.Operation(huma.Operation{
			Method: method, Path: "/api/v1" + path, OperationID: id, Summary: summary, Description: description, DefaultStatus: status,
			Tags: []string{"Reminders"},
		}, access.ReadConversations)
	}
	list := op(http.MethodGet, "/me/reminders", "list-reminders", "The caller's reminders that have not come yet, the next one first",
		"Live as reminder.created and reminder.deleted.", http.StatusOK)
	huma.Register(api, list, func(ctx context.Context, in *listInput) (*web.Body[web.List[ReminderView]], error) {
		v := auth.From(ctx)
		q := store.Query{Index: "user", Eq: []any{v.WorkspaceID, v.UserID}, Limit: in.Limit, Cursor: in.Cursor}
		if in.ConversationID != "" {
			q.Index, q.Eq = "conversation", append(q.Eq, in.ConversationID)
		}
		found, next, err := s.reminders.Find(ctx, q)
		if err != nil {
			return nil, err
		}
		views := make([]ReminderView, len(found))
		for n, r := range found {
			views[n] = view(r)
		}
		return web.Items(views, next), nil
	})
	add := op(http.MethodPost, "/conversations/{id}/reminders", "create-reminder", "Have the caller reminded of a conversation",
		"It becomes a notice of the kind reminder, of the caller's or, if they do not see the conversation by then, of whoever answers for it. "+
			"The same words for the same minute are one reminder.", http.StatusCreated)
	add.Responses = web.AlsoOK[ReminderView](api, "It is there already")
	huma.Register(api, add, func(ctx context.Context, in *addInput) (*web.Made[ReminderView], error) {
		r, created, err := s.add(ctx, auth.From(ctx), in.ID, in.Body.At, in.Body.Text)
		if err != nil {
			return nil, err
		}
		return web.Make(view(r), created), nil
	})
	remove := op(http.MethodDelete, "/reminders/{id}", "delete-reminder", "Take a reminder back", "", http.StatusNoContent)
	huma.Register(api, remove, func(ctx context.Context, in *removeInput) (*struct{}, error) {
		return nil, s.remove(ctx, auth.From(ctx), in.ID)
	})
}
