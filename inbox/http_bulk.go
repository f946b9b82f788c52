package inbox

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/web"
)

func (s *Service) bulkRoutes(api huma.API, op describe) {
	bulk := op(http.MethodPost, "/api/v1/conversations/bulk", "bulk-conversations", "Do the same to many conversations",
		access.ReadConversations)
	var verbs []string
	for _, verb := range s.Actions.Verbs() {
		var arguments []string
		for _, a := range verb.Arguments {
			arguments = append(arguments, a.Name)
		}
		verbs = append(verbs, "`"+verb.Name+"` {"+strings.Join(arguments, ", ")+"}")
	}
	bulk.Description = "Works on in the background, under GET /api/v1/jobs/{id}: each conversation once, all actions or none. " +
		"What the caller may not see, and what cannot be done, is an error of that conversation alone. POST /api/v1/undo takes it back. " +
		"The actions: " +
		strings.Join(verbs, ", ") + "."
	bulk.DefaultStatus = http.StatusCreated
	bulk.Responses = web.AlsoOK[bulkView](api, "The work that the key has started before")
	huma.Register(api, bulk, s.bulk)
}

type bulkInput struct {
	web.Once
	Body struct {
		IDs     []string    `json:"ids,omitempty" minItems:"1" maxItems:"500" nullable:"false"`
		ViewID  string      `json:"view_id,omitempty" maxLength:"60" doc:"In the place of ids: all that is in the view now, up to 50,000"`
		Actions action.List `json:"actions"`
	}
}

type bulkView struct {
	JobID     string `json:"job_id"`
	UndoToken string `json:"undo_token"`
}

func (s *Service) bulk(ctx context.Context, in *bulkInput) (*web.Made[bulkView], error) {
	of, token, created, err := s.Bulk(ctx, auth.From(ctx), Bulk{
		Key: in.Key, IDs: in.Body.IDs, ViewID: in.Body.ViewID, Actions: in.Body.Actions,
	})
	if err != nil {
		return nil, err
	}
	return web.Make(bulkView{of.ID, token}, created), nil
}
