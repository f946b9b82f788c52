package crm

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/web"
)

// IdentityView is an identity as REST shows it.
type IdentityView struct {
	Kind      string `json:"kind"`
	ChannelID string `json:"channel_id"`
	Value     string `json:"value"`
	Display   string `json:"display"`
	Username  string `json:"username,omitempty"`
}

// ContactView is a contact as REST shows it.
type ContactView struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Identities  []IdentityView    `json:"identities" nullable:"false"`
	Phones      []string          `json:"phones" nullable:"false"`
	Emails      []string          `json:"emails" nullable:"false"`
	Tags        []string          `json:"tags" nullable:"false"`
	Fields      map[string]string `json:"fields" nullable:"false"`
	NoMarketing bool              `json:"no_marketing" doc:"Asked for no more marketing messages"`
	CreatedAt   web.Time          `json:"created_at"`
}

func viewContact(c *Contact, rows []*Identity) ContactView {
	v := ContactView{
		ID: c.ID, Name: c.Name, Phones: c.Phones, Emails: c.Emails, Tags: c.Tags, Fields: c.Fields,
		NoMarketing: c.NoMarketing, CreatedAt: web.At(c.CreatedAt), Identities: make([]IdentityView, 0, len(rows)),
	}
	for _, i := range rows {
		v.Identities = append(v.Identities, IdentityView{
			Kind: i.Kind, ChannelID: i.ChannelID, Value: i.Value, Display: i.Display, Username: i.Username,
		})
	}
	return v
}

// Routes adds this package's routes.
func (s *Service) Routes(api huma.API, access *auth.Service) {
	op := func(method, path, id, summary string) huma.Operation {
		return access.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Contacts"}}, auth.Reply)
	}
	huma.Register(api, op(http.MethodGet, "/api/v1/contacts", "list-contacts", "Find contacts; the newest without a query"), s.list)
	huma.Register(api, op(http.MethodGet, "/api/v1/contacts/{id}", "get-contact", "One contact"), s.get)
	huma.Register(api, op(http.MethodPatch, "/api/v1/contacts/{id}", "patch-contact", "Change a contact"), s.patch)
}

type listInput struct {
	web.Page
	Q string `query:"q" maxLength:"200"`
}

func (s *Service) list(ctx context.Context, in *listInput) (*web.Body[web.List[ContactView]], error) {
	found, next, err := s.Search(ctx, auth.From(ctx).WorkspaceID, in.Q, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views, err := s.Views(ctx, found)
	if err != nil {
		return nil, err
	}
	return web.Items(views, next), nil
}

// Views shows contacts with their identities.
func (s *Service) Views(ctx context.Context, found []*Contact) ([]ContactView, error) {
	views := make([]ContactView, 0, len(found))
	for _, c := range found {
		rows, err := s.Identities(ctx, c.WorkspaceID, c.ID)
		if err != nil {
			return nil, err
		}
		views = append(views, viewContact(c, rows))
	}
	return views, nil
}

type idInput struct {
	ID string `path:"id"`
}

func (s *Service) get(ctx context.Context, in *idInput) (*web.Body[ContactView], error) {
	c, err := s.Contact(ctx, auth.From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	rows, err := s.Identities(ctx, c.WorkspaceID, c.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(viewContact(c, rows)), nil
}

type contactPatchInput struct {
	ID   string `path:"id"`
	Body struct {
		Name *string `json:"name,omitempty" minLength:"1" maxLength:"200"`
	}
}

func (s *Service) patch(ctx context.Context, in *contactPatchInput) (*web.Body[ContactView], error) {
	c, rows, err := s.Change(ctx, auth.From(ctx).WorkspaceID, in.ID, func(c *Contact) {
		if in.Body.Name != nil {
			c.Name, c.Named = *in.Body.Name, true
		}
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewContact(c, rows)), nil
}
