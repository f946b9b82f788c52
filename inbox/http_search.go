package inbox

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/channels"
	"wasl/crm"
	"wasl/internal/jobs"
	"wasl/internal/web"
)

type searchInput struct {
	web.Page
	Q string `query:"q" required:"true" minLength:"1" maxLength:"200"`
}

// HitView is a message that was found, with where it was said.
type HitView struct {
	Message      MessageView      `json:"message"`
	Conversation ConversationView `json:"conversation"`
}

// SearchView is what a search found, of each kind; the cursor goes on with messages.
type SearchView struct {
	Messages   []HitView         `json:"messages" nullable:"false"`
	Contacts   []crm.ContactView `json:"contacts" nullable:"false"`
	NextCursor string            `json:"next_cursor"`
}

func (s *Service) searchRoutes(api huma.API, op describe) {
	huma.Register(api, op(http.MethodGet, "/api/v1/search", "search", "Search all history"), s.search)
}

func (s *Service) search(ctx context.Context, in *searchInput) (*web.Body[SearchView], error) {
	v := auth.From(ctx)
	hits, next, err := s.Search(ctx, v, in.Q, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := SearchView{Messages: make([]HitView, 0, len(hits)), Contacts: []crm.ContactView{}, NextCursor: next}
	messages, convs := make([]*Message, len(hits)), make([]*Conversation, len(hits))
	for n, h := range hits {
		messages[n], convs[n] = h.Message, h.Conversation
		h.Message.person = h.Conversation.ContactID
	}
	messageViews, err := s.messageViews(ctx, messages)
	if err != nil {
		return nil, err
	}
	convViews, err := s.conversationViews(ctx, v.UserID, convs)
	if err != nil {
		return nil, err
	}
	for n := range hits {
		out.Messages = append(out.Messages, HitView{Message: messageViews[n], Conversation: convViews[n]})
	}
	if in.Cursor == "" {
		found, _, err := s.Contacts.Search(ctx, v.WorkspaceID, in.Q, "", min(in.Limit, 20))
		if err != nil {
			return nil, err
		}
		if out.Contacts, err = s.Contacts.Views(ctx, found); err != nil {
			return nil, err
		}
	}
	return web.Answer(out), nil
}

// DeadLetterView is something that could not be done, kept for people.
type DeadLetterView struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`
	Ref       string   `json:"ref" doc:"The channel, conversation or message it is about"`
	Error     string   `json:"error"`
	Attempts  int      `json:"attempts"`
	Body      string   `json:"body" doc:"Of a webhook: as it came"`
	CreatedAt web.Time `json:"created_at"`
}

func viewDeadLetter(j *jobs.Job) DeadLetterView {
	v := DeadLetterView{ID: j.ID, Kind: j.Kind, Ref: j.Ref, Error: j.Error, Attempts: j.Attempts, CreatedAt: web.At(j.CreatedAt)}
	body := channels.Body(j)
	v.Body = string(body)
	if !json.Valid(body) && len(body) > 1<<16 {
		v.Body = string(body[:1<<16])
	}
	return v
}

func (s *Service) deadLetterRoutes(api huma.API, access *auth.Service) {
	op := func(method, path, id, summary string) huma.Operation {
		return access.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Operations"}}, auth.ManageDead)
	}
	huma.Register(api, op(http.MethodGet, "/api/v1/dead-letters", "list-dead-letters", "What could not be understood or done"), s.listDead)
	huma.Register(api, op(http.MethodPost, "/api/v1/dead-letters/{id}/replay", "replay-dead-letter", "Try it again"), s.replayDead)
	huma.Register(api, op(http.MethodDelete, "/api/v1/dead-letters/{id}", "delete-dead-letter", "Let it go"), s.deleteDead)
}

func (s *Service) listDead(ctx context.Context, in *web.Page) (*web.Body[web.List[DeadLetterView]], error) {
	found, next, err := s.Jobs.DeadLetters(ctx, auth.From(ctx).WorkspaceID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views := make([]DeadLetterView, 0, len(found))
	for _, j := range found {
		views = append(views, viewDeadLetter(j))
	}
	return web.Items(views, next), nil
}

func (s *Service) replayDead(ctx context.Context, in *idInput) (*web.Body[DeadLetterView], error) {
	j, err := s.Jobs.DeadLetter(ctx, auth.From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	view := viewDeadLetter(j)
	return web.Answer(view), s.Jobs.Replay(ctx, j)
}

func (s *Service) deleteDead(ctx context.Context, in *idInput) (*struct{}, error) {
	j, err := s.Jobs.DeadLetter(ctx, auth.From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.Engine.Write(ctx, j.Done())
}
