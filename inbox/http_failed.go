package inbox

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

// FailedView is a message that did not go out, or perhaps not.
type FailedView struct {
	Message  MessageView `json:"message" doc:"With status failed, or unknown where it may have gone out; its error says why"`
	Contact  ContactRef  `json:"contact"`
	FailedAt web.Time    `json:"failed_at"`
}

// FailedCount is how many such messages there are.
type FailedCount struct {
	Count int `json:"count" doc:"At most 1000"`
}

// RetriedView says how many messages are sent again.
type RetriedView struct {
	Retried    int    `json:"retried"`
	NextCursor string `json:"next_cursor" doc:"Pass it as cursor to go on with the rest; empty: these were the last"`
}

func (s *Service) failedRoutes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string, may access.Permission) huma.Operation {
		return guard.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Operations"}},
			may)
	}
	huma.Register(api, op(http.MethodGet, "/api/v1/failed-messages", "list-failed-messages",
		"Messages that were not sent, or perhaps not; newest first", access.ManageFailedSends), s.listFailed)
	huma.Register(api, op(http.MethodGet, "/api/v1/failed-messages/count", "count-failed-messages", "How many there are",
		access.ManageFailedSends), s.countFailed)
	retry := op(http.MethodPost, "/api/v1/failed-messages/retry", "retry-failed-messages",
		"Send again all that failed, a page at a time, the oldest first", access.ManageFailedSends)
	retry.Description = "Repeat it with next_cursor until that is empty. What fails again is not sent a second time on the way. Messages in status unknown are left alone, because they may have gone out: retry each of them with retry-message."
	huma.Register(api, retry, s.retryFailed)
	huma.Register(api, op(http.MethodDelete, "/api/v1/failed-messages/{id}", "delete-failed-message",
		"Take it off this list; the message stays as it is", access.ManageFailedSends), s.dismissFailed)
}

// FailedFilter chooses failed messages.
type FailedFilter struct {
	Channel string `query:"channel" maxLength:"100" doc:"Those of this channel"`
}

type failedListInput struct {
	web.Page
	FailedFilter
}

func (s *Service) listFailed(ctx context.Context, in *failedListInput) (*web.Body[web.List[FailedView]], error) {
	q := failedQuery(auth.From(ctx).WorkspaceID, in.Channel)
	q.Cursor, q.Limit = in.Cursor, in.Limit
	rows, next, err := s.failed.Find(ctx, q)
	if err != nil {
		return nil, err
	}
	views, err := s.failedViews(ctx, rows)
	return web.Items(views, next), err
}

// failedViews shows rows with their messages and contacts. A message that was retried since the rows were read is left out.
func (s *Service) failedViews(ctx context.Context, rows []*failedSend) ([]FailedView, error) {
	messageIDs, contactIDs := make([]string, len(rows)), make([]string, 0, len(rows))
	for n, row := range rows {
		messageIDs[n] = row.ID
	}
	found, err := s.messages.GetMany(ctx, messageIDs...)
	if err != nil || len(found) == 0 {
		return []FailedView{}, err
	}
	found = slices.DeleteFunc(found, func(m *Message) bool { return !m.Listed })
	for _, m := range found {
		contactIDs = append(contactIDs, m.ContactID)
	}
	persons, err := s.Contacts.GetMany(ctx, rows[0].WorkspaceID, contactIDs...)
	if err != nil {
		return nil, err
	}
	refs := make([]ContactRef, len(found))
	for n, m := range found {
		refs[n].ID = m.ContactID
		if c := persons[m.ContactID]; c != nil {
			refs[n] = ContactRef{ID: c.ID, Name: c.Name, AvatarURL: c.AvatarURL()}
		}
		m.person = refs[n].ID
	}
	shown, err := s.messageViews(ctx, found)
	if err != nil {
		return nil, err
	}
	views := make([]FailedView, 0, len(shown))
	for n, m := range shown {
		at := slices.IndexFunc(rows, func(row *failedSend) bool { return row.ID == m.ID })
		views = append(views, FailedView{Message: m, Contact: refs[n], FailedAt: web.At(rows[at].At)})
	}
	return views, nil
}

func (s *Service) countFailed(ctx context.Context, _ *struct{}) (*web.Body[FailedCount], error) {
	n, err := s.failed.Count(ctx, failedQuery(auth.From(ctx).WorkspaceID, ""), countFailed)
	return web.Answer(FailedCount{n}), err
}

func (s *Service) retryFailed(ctx context.Context, in *failedListInput) (*web.Body[RetriedView], error) {
	n, next, err := s.RetryAll(ctx, auth.From(ctx), in.Channel, in.Page)
	return web.Answer(RetriedView{n, next}), err
}

func (s *Service) dismissFailed(ctx context.Context, in *idInput) (*struct{}, error) {
	return nil, s.LetGo(ctx, auth.From(ctx), in.ID)
}
