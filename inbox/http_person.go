package inbox

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/contacts"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/mail"
	"wasl/internal/web"
)

func (s *Service) personRoutes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string, may access.Permission) huma.Operation {
		return guard.Operation(huma.Operation{
			Method: method, Path: "/api/v1/contacts/{id}" + path, OperationID: id, Summary: summary,
			Tags: []string{"Contacts"},
		}, may)
	}
	merge := op(http.MethodPost, "/merge", "merge-contact", "Make another contact part of this one", access.MergeContacts)
	merge.Description = "Answers with the survivor. Nothing that either had is lost, and unmerge separates them again exactly, even after new messages. Agents merge only contacts that they may see."
	huma.Register(api, merge, s.merge)
	unmerge := op(http.MethodPost, "/unmerge", "unmerge-contact", "Separate what a merge joined", access.MergeContacts)
	unmerge.Description = "Answers with the contact that is a person of its own again: with all that came with it, and all that has come to its identities since."
	huma.Register(api, unmerge, s.unmerge)
	huma.Register(api, op(http.MethodGet, "/suggestions", "list-suggestions", "Contacts that may be the same person", access.ReadContacts),
		s.suggestions)
	huma.Register(api, op(http.MethodPost, "/suggestions/dismiss", "dismiss-suggestion",
		"Remember that another contact is not the same person", access.MergeContacts), s.dismiss)
	huma.Register(api, op(http.MethodGet, "/timeline", "list-timeline", "What was said with this person on all channels, newest first",
		access.ReadConversations), s.timeline)
	begin := op(http.MethodPost, "/conversations", "begin-conversation", "The conversation on a channel, begun where there is none",
		access.Reply)
	begin.DefaultStatus = http.StatusCreated
	begin.Responses = web.AlsoOK[ConversationView](api, "The conversation that is there")
	huma.Register(api, begin, s.beginConversation)
}

type otherContactInput struct {
	ID   string `path:"id"`
	Body struct {
		ContactID string `json:"contact_id" minLength:"1" maxLength:"100"`
	}
}

// contactView answers with a person.
func (s *Service) contactView(ctx context.Context, c *contacts.Contact, err error) (*web.Body[contacts.ContactView], error) {
	if err != nil {
		return nil, err
	}
	v, err := s.Contacts.View(ctx, c.WorkspaceID, c.ID)
	return web.Answer(v), err
}

func (s *Service) merge(ctx context.Context, in *otherContactInput) (*web.Body[contacts.ContactView], error) {
	v := auth.From(ctx)
	if err := s.mayMerge(ctx, v, in.ID, in.Body.ContactID); err != nil {
		return nil, err
	}
	c, err := s.Contacts.Merge(ctx, v.WorkspaceID, in.ID, in.Body.ContactID, v.Actor())
	return s.contactView(ctx, c, err)
}

type unmergeInput struct {
	ID   string `path:"id"`
	Body struct {
		MergeID string `json:"merge_id" minLength:"1" maxLength:"100"`
	}
}

func (s *Service) unmerge(ctx context.Context, in *unmergeInput) (*web.Body[contacts.ContactView], error) {
	v := auth.From(ctx)
	if err := s.mayMerge(ctx, v, in.ID); err != nil {
		return nil, err
	}
	c, err := s.Contacts.Unmerge(ctx, v.WorkspaceID, in.ID, in.Body.MergeID, v.Actor())
	return s.contactView(ctx, c, err)
}

// SuggestionView is a contact that may be the same person, as REST shows it.
type SuggestionView struct {
	Contact contacts.ContactView `json:"contact"`
	Reasons []contacts.Reason    `json:"reasons" nullable:"false"`
}

func (s *Service) suggestions(ctx context.Context, in *idInput) (*web.Body[web.List[SuggestionView]], error) {
	v := auth.From(ctx)
	if _, err := s.Contacts.Seen(ctx, v, in.ID); err != nil {
		return nil, err
	}
	written, err := s.writtenIdentities(ctx, v, in.ID)
	if err != nil {
		return nil, err
	}
	found, err := s.Contacts.Suggest(ctx, v.WorkspaceID, in.ID, written)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(f contacts.Suggestion) bool {
		_, hidden := s.Contacts.Seen(ctx, v, f.Contact.ID)
		return hidden != nil
	})
	persons := make([]*contacts.Contact, len(found))
	for n, f := range found {
		persons[n] = f.Contact
	}
	shown, err := s.Contacts.Views(ctx, persons)
	if err != nil {
		return nil, err
	}
	views := make([]SuggestionView, len(found))
	for n, f := range found {
		views[n] = SuggestionView{Contact: shown[n], Reasons: f.Reasons}
	}
	return web.Items(views, ""), nil
}

func (s *Service) dismiss(ctx context.Context, in *otherContactInput) (*struct{}, error) {
	v := auth.From(ctx)
	if err := s.mayMerge(ctx, v, in.ID, in.Body.ContactID); err != nil {
		return nil, err
	}
	return nil, s.Contacts.Dismiss(ctx, v.WorkspaceID, v.Actor(), in.ID, in.Body.ContactID)
}

type timelineInput struct {
	ID string `path:"id"`
	web.Page
	Before string `query:"before" doc:"A message id: what was said before it"`
}

func (s *Service) timeline(ctx context.Context, in *timelineInput) (*web.Body[web.List[MessageView]], error) {
	if _, err := s.Contacts.Seen(ctx, auth.From(ctx), in.ID); err != nil {
		return nil, err
	}
	if in.Before != "" {
		m, err := s.messages.Get(ctx, in.Before)
		if err != nil || m.WorkspaceID != auth.From(ctx).WorkspaceID {
			return nil, errs.InvalidField("unknown_message", "before", "there is no such message")
		}
		in.Cursor = momentOf(m)
	}
	found, next, err := s.Timeline(ctx, auth.From(ctx), in.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views, err := s.messageViews(ctx, found)
	if err != nil {
		return nil, err
	}
	return web.Items(views, next), nil
}

type beginInput struct {
	ID   string `path:"id"`
	Body struct {
		ChannelID string `json:"channel_id" minLength:"1" maxLength:"100"`
		Subject   string `json:"subject,omitempty" maxLength:"900" doc:"Of a new conversation by mail; empty: the latest goes on"`
	}
}

func (s *Service) beginConversation(ctx context.Context, in *beginInput) (*web.Made[ConversationView], error) {
	c, created, err := s.Begin(ctx, auth.From(ctx), in.ID, in.Body.ChannelID, mail.OneLine(in.Body.Subject))
	shown, err := s.answerConversation(ctx, c, err)
	if err != nil {
		return nil, err
	}
	return web.Make(shown.Body, created), nil
}
