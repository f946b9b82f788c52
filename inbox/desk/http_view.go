package desk

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/inbox"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) viewRoutes(api huma.API, op operation) {
	const path, one = "/views", "/views/{id}"
	list := op(http.MethodGet, path, "list-views", "The views that the caller uses", access.ReadConversations)
	list.Description = "The built-in ones first: waiting (for the caller), unanswered, closing (windows that close within four hours, by the " +
		"time that is left) and breaching. A view is of what is open or pending, unless its filter names the status."
	huma.Register(api, list, s.listViews)
	create := creates[ViewView](api, op(http.MethodPost, path, "create-view", "Keep a view", access.ReadConversations))
	huma.Register(api, create, s.createView)
	count := op(http.MethodGet, path+"/counts", "count-views", "How many conversations are in each view", access.ReadConversations)
	count.Description = "The socket tells of another count within a second or two, as view.counts with the same items, which is not numbered: " +
		"who was away asks again."
	huma.Register(api, count, s.countViews)
	huma.Register(api, expects(op(http.MethodPatch, one, "patch-view", "Change a view", access.ReadConversations)), s.patchView)
	huma.Register(api, expects(op(http.MethodDelete, one, "delete-view", "Delete a view", access.ReadConversations)), s.deleteView)
	huma.Register(api, op(http.MethodGet, one+"/conversations", "list-view-conversations", "The conversations of a view",
		access.ReadConversations), s.listViewConversations)
}

// ViewView is a view as REST and the socket show it.
type ViewView struct {
	ID      string          `json:"id"`
	Name    string          `json:"name" doc:"Of a built-in one empty"`
	BuiltIn bool            `json:"built_in"`
	Filter  json.RawMessage `json:"filter" doc:"A condition about a conversation; assignee_id takes me, which is whoever looks"`
	Sort    live.Order      `json:"sort" enum:"newest,oldest,priority,window,due,waiting"`
	Scope   Scope           `json:"scope" enum:"me,team,all"`
	TeamID  string          `json:"team_id,omitempty"`
	OwnerID string          `json:"owner_id" doc:"Who made it"`
	Version int64           `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewView(x *View) ViewView {
	v := ViewView{x.ID, x.Name, x.OwnerID == "", json.RawMessage(x.Filter), x.Sort, x.Scope, x.TeamID, x.OwnerID, x.Version}
	if v.BuiltIn {
		v.Scope = Everyone
	}
	return v
}

func (s *Service) listViews(ctx context.Context, _ *struct{}) (*web.Body[web.List[ViewView]], error) {
	found, err := s.viewsOf(ctx, auth.From(ctx))
	if err != nil {
		return nil, err
	}
	views := make([]ViewView, len(found))
	for n, x := range found {
		views[n] = viewView(x)
	}
	return web.Items(views, ""), nil
}

type createViewInput struct {
	web.Once
	Body struct {
		Sharing
		Name   string          `json:"name" minLength:"1" maxLength:"120"`
		Filter json.RawMessage `json:"filter" doc:"A condition about a conversation"`
		Sort   live.Order      `json:"sort,omitempty" enum:"newest,oldest,priority,window,due,waiting" default:"newest"`
	}
}

func (s *Service) createView(ctx context.Context, in *createViewInput) (*web.Made[ViewView], error) {
	b := in.Body
	x, created, err := s.views.create(ctx, auth.From(ctx), in.Key, View{
		Shared: Shared{Scope: b.Scope, TeamID: b.TeamID}, Name: b.Name, Filter: string(b.Filter), Sort: b.Sort,
	})
	if err != nil {
		return nil, err
	}
	return web.Make(viewView(x), created), nil
}

type patchViewInput struct {
	OneInput
	Body struct {
		Resharing
		Name   *string          `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Filter *json.RawMessage `json:"filter,omitempty" doc:"A condition about a conversation"`
		Sort   *live.Order      `json:"sort,omitempty" enum:"newest,oldest,priority,window,due,waiting"`
	}
}

func (s *Service) patchView(ctx context.Context, in *patchViewInput) (*web.Body[ViewView], error) {
	b := in.Body
	x, err := s.views.change(ctx, auth.From(ctx), in.ID, in.Check, func(x *View) {
		b.apply(&x.Shared)
		set(&x.Name, b.Name)
		set(&x.Sort, b.Sort)
		if b.Filter != nil {
			x.Filter = string(*b.Filter)
		}
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewView(x)), nil
}

func (s *Service) deleteView(ctx context.Context, in *OneInput) (*struct{}, error) {
	return nil, s.views.remove(ctx, auth.From(ctx), in.ID, in.Check)
}

func (s *Service) countViews(ctx context.Context, _ *struct{}) (*web.Body[web.List[CountView]], error) {
	found, err := s.Counts(ctx, auth.From(ctx))
	if err != nil {
		return nil, err
	}
	return web.Items(found, ""), nil
}

type viewConversationsInput struct {
	ID string `path:"id"`
	web.Page
}

func (s *Service) listViewConversations(ctx context.Context, in *viewConversationsInput) (*web.Body[web.List[inbox.ConversationView]],
	error,
) {
	v := auth.From(ctx)
	f, err := s.Filter(ctx, v, in.ID)
	if err != nil {
		return nil, err
	}
	found, next, err := s.Inbox.List(ctx, v, f, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views, err := s.Inbox.ViewsFor(ctx, v, found)
	if err != nil {
		return nil, err
	}
	return web.Items(views, next), nil
}
