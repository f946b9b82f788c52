package desk

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

// operation makes an operation of this package's routes.
type operation func(method, path, id, summary string, may access.Permission) huma.Operation

// Routes adds this package's routes.
func (s *Service) Routes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string, may access.Permission) huma.Operation {
		return guard.Operation(huma.Operation{
			Method: method, Path: "/api/v1" + path, OperationID: id, Summary: summary, Tags: []string{"Desk"},
		}, may)
	}
	s.cannedRoutes(api, op)
	s.labelRoutes(api, op)
	s.macroRoutes(api, op)
	s.viewRoutes(api, op)
}

// Sharing says who uses something, in the body of a request.
type Sharing struct {
	Scope  Scope  `json:"scope,omitempty" enum:"me,team,all" doc:"Who uses it. Without it: all, where the caller may manage the desk, else me"`
	TeamID string `json:"team_id,omitempty" maxLength:"100" doc:"Goes with team"`
}

// Resharing is a Sharing that may stay as it is.
type Resharing struct {
	Scope  *Scope  `json:"scope,omitempty" enum:"me,team,all"`
	TeamID *string `json:"team_id,omitempty" maxLength:"100" doc:"Goes with team"`
}

func (r Resharing) apply(to *Shared) {
	set(&to.Scope, r.Scope)
	set(&to.TeamID, r.TeamID)
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// creates completes an operation that makes something that is shown as a V.
func creates[V any](api huma.API, op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusCreated
	op.Responses = web.AlsoOK[V](api, "What the key has made before")
	return op
}

// expects completes an operation that takes If-Match.
func expects(op huma.Operation) huma.Operation {
	op.Errors = append(op.Errors, http.StatusPreconditionFailed)
	return op
}

// OneInput names a row, and the version that the caller has seen.
type OneInput struct {
	ID string `path:"id"`
	web.Precondition
}

func (s *Service) cannedRoutes(api huma.API, op operation) {
	const path, one = "/canned-replies", "/canned-replies/{id}"
	list := op(http.MethodGet, path, "list-canned-replies", "The canned replies that the caller uses", access.ReadConversations)
	list.Description = "Their own, those of their teams, and those of everybody. Texts may have variables such as {{contact.first_name}}; " +
		"GET /conversations/{id}/variables says what they are in a conversation."
	huma.Register(api, list, s.listCanned)
	huma.Register(api, creates[CannedView](api, op(http.MethodPost, path, "create-canned-reply", "Add a canned reply", access.Reply)),
		s.createCanned)
	huma.Register(api, expects(op(http.MethodPatch, one, "patch-canned-reply", "Change a canned reply", access.Reply)), s.patchCanned)
	huma.Register(api, expects(op(http.MethodDelete, one, "delete-canned-reply", "Delete a canned reply", access.Reply)), s.deleteCanned)
}

// CannedView is a canned reply as REST and the socket show it.
type CannedView struct {
	ID          string           `json:"id"`
	Shortcut    string           `json:"shortcut" doc:"What is typed behind a slash to find it"`
	Text        CannedText       `json:"text"`
	Attachments []CannedFileView `json:"attachments" nullable:"false"`
	Folder      string           `json:"folder"`
	Scope       Scope            `json:"scope" enum:"me,team,all"`
	TeamID      string           `json:"team_id,omitempty"`
	OwnerID     string           `json:"owner_id" doc:"Who made it"`
	Version     int64            `json:"version" doc:"Grows with every change; for If-Match"`
}

// CannedFileView is a file of a canned reply as REST shows it.
type CannedFileView struct {
	CannedFile
	URL          string `json:"url"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
}

func viewCanned(c *CannedReply) CannedView {
	v := CannedView{
		c.ID, c.Shortcut, c.Text, make([]CannedFileView, 0, len(c.Attachments)), c.Folder, c.Scope, c.TeamID, c.OwnerID, c.Version,
	}
	for _, a := range c.Attachments {
		shown := CannedFileView{CannedFile: a, URL: "/api/v1/media/" + a.ID}
		if a.Thumbnail {
			shown.ThumbnailURL = shown.URL + "/thumbnail"
		}
		v.Attachments = append(v.Attachments, shown)
	}
	return v
}

func (s *Service) listCanned(ctx context.Context, _ *struct{}) (*web.Body[web.List[CannedView]], error) {
	found, err := s.canned.all(ctx, auth.From(ctx))
	if err != nil {
		return nil, err
	}
	views := make([]CannedView, len(found))
	for n, c := range found {
		views[n] = viewCanned(c)
	}
	return web.Items(views, ""), nil
}

type createCannedInput struct {
	web.Once
	Body struct {
		Sharing
		Shortcut    string     `json:"shortcut" minLength:"1" maxLength:"40" doc:"One word, without the slash"`
		Text        CannedText `json:"text"`
		Attachments []string   `json:"attachments,omitempty" maxItems:"10" doc:"Ids of uploaded files, which stay"`
		Folder      string     `json:"folder,omitempty" maxLength:"80"`
	}
}

func (s *Service) createCanned(ctx context.Context, in *createCannedInput) (*web.Made[CannedView], error) {
	b := in.Body
	fresh := CannedReply{
		Shared: Shared{Scope: b.Scope, TeamID: b.TeamID}, Shortcut: strings.TrimPrefix(strings.TrimSpace(b.Shortcut), "/"),
		Text: b.Text, Folder: strings.TrimSpace(b.Folder),
	}
	fresh.attach(b.Attachments)
	c, created, err := s.canned.create(ctx, auth.From(ctx), in.Key, fresh)
	if err != nil {
		return nil, err
	}
	return web.Make(viewCanned(c), created), nil
}

type patchCannedInput struct {
	OneInput
	Body struct {
		Resharing
		Shortcut    *string     `json:"shortcut,omitempty" minLength:"1" maxLength:"40"`
		Text        *CannedText `json:"text,omitempty" doc:"Takes the place of all texts"`
		Attachments *[]string   `json:"attachments,omitempty" maxItems:"10" doc:"Ids of files, in the place of those that it has"`
		Folder      *string     `json:"folder,omitempty" maxLength:"80"`
	}
}

func (s *Service) patchCanned(ctx context.Context, in *patchCannedInput) (*web.Body[CannedView], error) {
	b := in.Body
	c, err := s.canned.change(ctx, auth.From(ctx), in.ID, in.Check, func(c *CannedReply) {
		b.apply(&c.Shared)
		set(&c.Text, b.Text)
		if b.Shortcut != nil {
			c.Shortcut = strings.TrimPrefix(strings.TrimSpace(*b.Shortcut), "/")
		}
		if b.Folder != nil {
			c.Folder = strings.TrimSpace(*b.Folder)
		}
		if b.Attachments != nil {
			c.attach(*b.Attachments)
		}
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewCanned(c)), nil
}

func (s *Service) deleteCanned(ctx context.Context, in *OneInput) (*struct{}, error) {
	return nil, s.canned.remove(ctx, auth.From(ctx), in.ID, in.Check)
}
