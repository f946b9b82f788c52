package contacts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/text"
	"wasl/internal/web"
	"wasl/search"
)

// IdentityView is an identity as REST shows it.
type IdentityView struct {
	Kind      string `json:"kind"`
	ChannelID string `json:"channel_id" doc:"Where it was first seen; empty: typed by hand"`
	Value     string `json:"value"`
	Display   string `json:"display"`
	Username  string `json:"username,omitempty"`
	Typed     bool   `json:"typed" doc:"Somebody wrote it down, and no channel has shown it yet: it can be removed"`
}

// ContactView is a contact as REST shows it.
type ContactView struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	AvatarURL   string            `json:"avatar_url" doc:"Empty: no channel shows a picture"`
	Identities  []IdentityView    `json:"identities" nullable:"false"`
	Phones      []string          `json:"phones" nullable:"false"`
	Emails      []string          `json:"emails" nullable:"false"`
	Tags        []string          `json:"tags" nullable:"false"`
	Fields      map[string]string `json:"fields" nullable:"false"`
	OwnerID     string            `json:"owner_id,omitempty" doc:"The user whose customer this is"`
	NoMarketing bool              `json:"no_marketing" doc:"Asked for no more marketing messages"`
	MergedFrom  []MergeView       `json:"merged_from" nullable:"false" doc:"The contacts that are one person with this one; each can be separated again by its merge_id"`
	MergedInto  string            `json:"merged_into,omitempty" doc:"The contact that was asked for is part of this one now"`
	CreatedAt   web.Time          `json:"created_at"`
}

// view shows a person as the work leaves it.
func (w *work) view(ctx context.Context, c *Contact) (ContactView, error) {
	v := ContactView{
		ID: c.ID, Name: c.Name, AvatarURL: c.AvatarURL(), Phones: c.Phones, Emails: c.Emails, Tags: c.Tags, Fields: c.Fields,
		OwnerID:     c.OwnerID,
		NoMarketing: c.NoMarketing,
		CreatedAt:   web.At(c.CreatedAt), Identities: []IdentityView{}, MergedFrom: []MergeView{},
	}
	family, err := w.family(ctx, c)
	if err != nil {
		return v, err
	}
	var rows []*Identity
	for _, member := range family {
		own, err := w.identities(ctx, member)
		if err != nil {
			return v, err
		}
		rows = append(rows, own...)
	}
	slices.SortStableFunc(rows, func(a, b *Identity) int { return a.CreatedAt.Compare(b.CreatedAt) })
	for _, i := range rows {
		if !i.Alias {
			v.Identities = append(v.Identities, IdentityView{
				Kind: i.Kind, ChannelID: i.ChannelID, Value: i.Value, Display: i.Display,
				Username: i.Username, Typed: i.typed(),
			})
		}
	}
	if v.MergedFrom, err = w.mergedFrom(ctx, family[1:]); err != nil {
		return v, err
	}
	return v, nil
}

// mergedFrom shows the members with the merges that brought them, the latest first.
func (w *work) mergedFrom(ctx context.Context, members []*Contact) ([]MergeView, error) {
	out := make([]MergeView, 0, len(members))
	for _, m := range members {
		row := w.merged[m.MergeID]
		if row == nil {
			var err error
			if row, err = w.s.merges.Get(ctx, m.MergeID); err != nil {
				return nil, err
			}
		}
		out = append(out, MergeView{MergeID: row.ID, ContactID: m.ID, Name: m.Name, By: row.By, At: web.At(row.At)})
	}
	slices.SortFunc(out, func(a, b MergeView) int { return cmp.Compare(b.MergeID, a.MergeID) })
	return out, nil
}

// Views shows persons.
func (s *Service) Views(ctx context.Context, found []*Contact) ([]ContactView, error) {
	views := make([]ContactView, 0, len(found))
	for _, c := range found {
		view, err := s.reader(c.WorkspaceID).view(ctx, c)
		if err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

// View shows the person that the contact with this id belongs to.
func (s *Service) View(ctx context.Context, workspaceID, id string) (ContactView, error) {
	w := s.reader(workspaceID)
	c, err := w.root(ctx, id)
	if err != nil {
		return ContactView{}, err
	}
	v, err := w.view(ctx, c)
	if c.ID != id {
		v.MergedInto = c.ID
	}
	return v, err
}

// Routes adds this package's routes. What depends on who may see which conversation stands in the inbox.
func (s *Service) Routes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string, may access.Permission) huma.Operation {
		return guard.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Contacts"}},
			may)
	}
	huma.Register(api, op(http.MethodGet, "/api/v1/contacts", "list-contacts", "Find contacts; the newest without a query",
		access.ReadContacts), s.list)
	huma.Register(api, op(http.MethodGet, "/api/v1/contacts/{id}", "get-contact", "One contact; of one that was merged, the survivor",
		access.ReadContacts), s.get)
	huma.Register(api, op(http.MethodPatch, "/api/v1/contacts/{id}", "patch-contact", "Change a contact",
		access.EditContacts), s.patch(guard))
	huma.Register(api, op(http.MethodPost, "/api/v1/contacts/{id}/identities", "add-identity",
		"Add a phone number or an email address by hand", access.EditContacts), s.addIdentity(guard))
	remove := op(http.MethodDelete, "/api/v1/contacts/{id}/identities", "remove-identity",
		"Remove a phone number or an email address that was typed", access.EditContacts)
	remove.DefaultStatus = http.StatusOK
	huma.Register(api, remove, s.removeIdentity(guard))
	create := op(http.MethodPost, "/api/v1/contacts", "create-contact", "Add a contact by hand", access.EditContacts)
	create.Description = "A number or an address that another contact has is noted, and suggests that the two are one person."
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, s.createContact(guard))
}

type listInput struct {
	web.Page
	Q     string `query:"q" maxLength:"200"`
	Field string `query:"field" maxLength:"200" doc:"Only those who have this custom field, in the order of its values; not together with q"`
	Value string `query:"value" maxLength:"1000" doc:"Only those whose field is this"`
	Order string `query:"order" default:"asc" enum:"asc,desc" doc:"Of the field's values"`
}

func (s *Service) list(ctx context.Context, in *listInput) (*web.Body[web.List[ContactView]], error) {
	v := auth.From(ctx)
	var found []*Contact
	var next string
	var err error
	switch {
	case in.Field != "" && in.Q != "", in.Field == "" && in.Value != "":
		return nil, errs.InvalidField("invalid_filter", "field", "with a value, and without q")
	case in.Field != "":
		q := search.FieldQuery{Field: in.Field, Value: in.Value, Descending: in.Order == "desc", Cursor: in.Cursor, Limit: in.Limit}
		found, next, err = s.byField(ctx, v, q)
	default:
		found, next, err = s.Search(ctx, v, in.Q, in.Cursor, in.Limit)
	}
	if err != nil {
		return nil, err
	}
	views, err := s.Views(ctx, found)
	if err != nil {
		return nil, err
	}
	return web.Items(views, next), nil
}

type idInput struct {
	ID string `path:"id"`
}

func (s *Service) get(ctx context.Context, in *idInput) (*web.Body[ContactView], error) {
	viewer := auth.From(ctx)
	if _, err := s.Seen(ctx, viewer, in.ID); err != nil {
		return nil, err
	}
	v, err := s.View(ctx, viewer.WorkspaceID, in.ID)
	return web.Answer(v), err
}

type contactPatchInput struct {
	ID   string `path:"id"`
	Body struct {
		Name    *string           `json:"name,omitempty" minLength:"1" maxLength:"200"`
		Tags    *[]string         `json:"tags,omitempty" doc:"All tags that it has then"`
		Fields  map[string]string `json:"fields,omitempty" doc:"Those that change, by name; empty: the contact has it no longer"`
		OwnerID *string           `json:"owner_id,omitempty" maxLength:"100" doc:"A user; empty: nobody"`
	}
}

func (s *Service) patch(guard *auth.Service) func(context.Context, *contactPatchInput) (*web.Body[ContactView], error) {
	return func(ctx context.Context, in *contactPatchInput) (*web.Body[ContactView], error) {
		v, b := auth.From(ctx), in.Body
		c, err := s.Seen(ctx, v, in.ID)
		if err != nil {
			return nil, err
		}
		if err := s.EditPerson(ctx, guard, v, c.ID, Edit{Name: b.Name, Tags: b.Tags, Fields: b.Fields, OwnerID: b.OwnerID}); err != nil {
			return nil, err
		}
		return s.get(ctx, &idInput{ID: c.ID})
	}
}

type identityInput struct {
	ID   string `path:"id"`
	Body struct {
		Kind  string `json:"kind" enum:"phone,email"`
		Value string `json:"value" minLength:"1" maxLength:"254" doc:"A number in its national form is read as one of the workspace's country"`
	}
}

// addIdentity notes what belongs to another contact; the two are suggested to be one then.
func (s *Service) addIdentity(guard *auth.Service) func(context.Context, *identityInput) (*web.Body[ContactView], error) {
	return s.withTyped(guard, func(ctx context.Context, c *Contact, i channels.Identity) error {
		return s.Add(ctx, c.WorkspaceID, auth.From(ctx).Actor(), c.ID, "", i)
	})
}

type removeInput struct {
	ID    string `path:"id"`
	Kind  string `query:"kind" enum:"phone,email" required:"true"`
	Value string `query:"value" minLength:"1" maxLength:"254" required:"true"`
}

func (s *Service) removeIdentity(guard *auth.Service) func(context.Context, *removeInput) (*web.Body[ContactView], error) {
	remove := s.withTyped(guard, func(ctx context.Context, c *Contact, i channels.Identity) error {
		return s.Forget(ctx, c.WorkspaceID, auth.From(ctx).Actor(), c.ID, i)
	})
	return func(ctx context.Context, in *removeInput) (*web.Body[ContactView], error) {
		given := &identityInput{ID: in.ID}
		given.Body.Kind, given.Body.Value = in.Kind, in.Value
		return remove(ctx, given)
	}
}

// withTyped reads what somebody wrote, does something with it and answers with the contact.
func (s *Service) withTyped(guard *auth.Service, do func(context.Context, *Contact, channels.Identity) error) func(context.Context,
	*identityInput) (*web.Body[ContactView], error) {
	return func(ctx context.Context, in *identityInput) (*web.Body[ContactView], error) {
		v := auth.From(ctx)
		country, err := guard.Country(ctx, v.WorkspaceID)
		if err != nil {
			return nil, err
		}
		i, err := readTyped(in.Body.Kind, in.Body.Value, country)
		if err != nil {
			return nil, err
		}
		c, err := s.Seen(ctx, v, in.ID)
		if err != nil {
			return nil, err
		}
		if err := do(ctx, c, i); err != nil {
			return nil, err
		}
		return s.get(ctx, &idInput{ID: c.ID})
	}
}

type contactCreateInput struct {
	Body struct {
		Name   string   `json:"name,omitempty" maxLength:"200" doc:"Empty: the first number or address"`
		Phones []string `json:"phones,omitempty" maxItems:"20" doc:"A number in its national form is read as one of the workspace's country"`
		Emails []string `json:"emails,omitempty" maxItems:"20"`
	}
}

func (s *Service) createContact(guard *auth.Service) func(context.Context, *contactCreateInput) (*web.Body[ContactView], error) {
	return func(ctx context.Context, in *contactCreateInput) (*web.Body[ContactView], error) {
		v, name := auth.From(ctx), text.Name(in.Body.Name)
		country, err := guard.Country(ctx, v.WorkspaceID)
		if err != nil {
			return nil, err
		}
		var known []channels.Identity
		for _, given := range []struct {
			kind, field string
			list        []string
		}{{kindPhone, "phones", in.Body.Phones}, {kindEmail, "emails", in.Body.Emails}} {
			for n, written := range given.list {
				i, err := readTyped(given.kind, written, country)
				if wrong := (*errs.Error)(nil); errors.As(err, &wrong) {
					return nil, errs.InvalidField(wrong.Code, fmt.Sprintf("%s[%d]", given.field, n), wrong.Text)
				}
				if err != nil {
					return nil, err
				}
				known = append(known, i)
			}
		}
		if name == "" && len(known) == 0 {
			return nil, errs.InvalidField("empty_contact", "name", "a name, a number or an address is needed")
		}
		c, err := s.Create(ctx, v.WorkspaceID, v.Actor(), name, known)
		if err != nil {
			return nil, err
		}
		return s.get(ctx, &idInput{ID: c.ID})
	}
}

// addressMax is the longest address that mail can go to.
const addressMax = 254

// readTyped reads what somebody wrote as an identity of the kind.
func readTyped(kind, value, country string) (channels.Identity, error) {
	if kind == kindPhone {
		return ParsePhone(value, country)
	}
	address, err := mail.ParseAddress(strings.TrimSpace(value))
	unsafe := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
	if err != nil || address.Name != "" || len(address.Address) > addressMax || strings.ContainsFunc(address.Address, unsafe) {
		return channels.Identity{}, errs.InvalidField("invalid_email", "value", "an email address, such as ines@example.com")
	}
	lower := strings.ToLower(address.Address)
	return channels.Identity{Kind: kindEmail, Value: lower, Display: lower}, nil
}
