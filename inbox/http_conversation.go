package inbox

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/activity"
	"wasl/auth"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/condition"
	"wasl/internal/errs"
	"wasl/internal/web"
)

// Routes adds this package's typed routes.
func (s *Service) Routes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string, may access.Permission) huma.Operation {
		return guard.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Inbox"}}, may)
	}
	huma.Register(api, op(http.MethodGet, "/api/v1/conversations", "list-conversations", "Conversations that the caller may see",
		access.ReadConversations), s.list)
	huma.Register(api, op(http.MethodGet, "/api/v1/conversations/counts", "count-conversations", "How much live work there is in each view",
		access.ReadConversations), s.counts)
	huma.Register(api, op(http.MethodGet, "/api/v1/conversations/{id}", "get-conversation", "One conversation", access.ReadConversations),
		s.get)
	huma.Register(api, op(http.MethodPatch, "/api/v1/conversations/{id}", "patch-conversation", "Change status, priority, labels or type",
		access.EditConversations), s.patch)
	huma.Register(api, op(http.MethodPost, "/api/v1/conversations/{id}/assign", "assign-conversation",
		"Give it to an agent or a team; null unassigns", access.Assign), s.assign)
	huma.Register(api, op(http.MethodPost, "/api/v1/conversations/{id}/read", "read-conversation", "Mark it read for the caller",
		access.ReadConversations), s.read)
	huma.Register(api, op(http.MethodPost, "/api/v1/conversations/{id}/unread", "unread-conversation",
		"Mark it unread for the caller, also where it is answered", access.ReadConversations), s.unread)
	huma.Register(api, op(http.MethodGet, "/api/v1/conversations/{id}/draft", "get-draft", "What the caller has begun to write",
		access.Reply), s.getDraft)
	huma.Register(api, op(http.MethodPut, "/api/v1/conversations/{id}/draft", "put-draft",
		"Keep what the caller has begun to write; an empty one removes it", access.Reply), s.putDraft)
	huma.Register(api, op(http.MethodGet, "/api/v1/conversations/{id}/variables", "list-variables",
		"What variables such as {{contact.first_name}} are in it", access.ReadConversations), s.listVariables)
	huma.Register(api, op(http.MethodGet, "/api/v1/conversations/{id}/activity", "list-conversation-activity",
		"What was done with it, by whom and why, newest first", access.ReadConversations), s.listActivity)
	s.messageRoutes(api, op)
	s.lockRoutes(api, op)
	s.bulkRoutes(api, op)
	s.undoRoutes(api, op)
	s.mergeRoutes(api, op)
	s.transcriptRoutes(api, op)
	s.lifelineRoutes(api, op)
	s.deadLetterRoutes(api, guard)
	s.failedRoutes(api, guard)
	s.personRoutes(api, guard)
}

type listInput struct {
	web.Page
	Status   string `query:"status" doc:"open, pending, snoozed, resolved; several with commas; none: all"`
	Assignee string `query:"assignee" doc:"me, none, or ids"`
	Team     string `query:"team"`
	Channel  string `query:"channel"`
	Contact  string `query:"contact"`
	Label    string `query:"label"`
	Priority string `query:"priority" doc:"none, low, medium, high, urgent"`
	Type     string `query:"type" doc:"sales, support, complaint, other"`
	Level    string `query:"sla" doc:"How it stands with its service levels: in_time, warning, breached"`
	Unread   string `query:"unread" enum:",true,false"`
	Filter   string `query:"filter" maxLength:"8000" doc:"A condition about a conversation, as JSON, which must hold besides; /conditions/fields lists what it may name. One that names what must be read for each (contact.…, text, channel_kind, opted_out, created_at) may give short pages that are not the last"`
	Sort     string `query:"sort" default:"newest" enum:"newest,oldest,priority,window,due,waiting" doc:"waiting: who waits for a person for longest first, then who does not wait"`
}

// values splits a filter; every value must be one of the allowed, where there are such.
func values(field, given string, allowed ...string) ([]string, error) {
	if given == "" {
		return nil, nil
	}
	list := strings.Split(given, ",")
	for _, v := range list {
		if v == "" || len(allowed) > 0 && !contains(allowed, v) {
			return nil, errs.InvalidField("invalid_filter", field, "one of "+strings.Join(allowed, ", "))
		}
	}
	return list, nil
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func (in *listInput) filter() (f Filter, err error) {
	for _, p := range []struct {
		to           *[]string
		field, given string
		allowed      []string
	}{
		{&f.Status, "status", in.Status, append(slices.Clone(unresolved), string(Resolved))},
		{&f.Assignee, "assignee", in.Assignee, nil},
		{&f.Team, "team", in.Team, nil},
		{&f.Channel, "channel", in.Channel, nil},
		{&f.Contact, "contact", in.Contact, nil},
		{&f.Label, "label", in.Label, nil},
		{&f.Priority, "priority", in.Priority, live.Priorities},
		{&f.Type, "type", in.Type, live.Types[1:]},
		{&f.Level, "sla", in.Level, live.Levels[1:]},
	} {
		if *p.to, err = values(p.field, p.given, p.allowed...); err != nil {
			return f, err
		}
	}
	if in.Unread != "" {
		unread := in.Unread == "true"
		f.Unread = &unread
	}
	f.Sort = live.Order(in.Sort)
	if in.Filter == "" {
		return f, nil
	}
	where, err := condition.ParseExpr([]byte(in.Filter), "filter")
	f.Where = &where
	return f, err
}

func (s *Service) list(ctx context.Context, in *listInput) (*web.Body[web.List[ConversationView]], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	v := auth.From(ctx)
	found, next, err := s.List(ctx, v, f, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views, err := s.conversationViews(ctx, v.UserID, found)
	if err != nil {
		return nil, err
	}
	return web.Items(views, next), nil
}

func (s *Service) counts(ctx context.Context, _ *struct{}) (*web.Body[live.Counts], error) {
	n, err := s.Counts(ctx, auth.From(ctx))
	return web.Answer(n), err
}

type idInput struct {
	ID string `path:"id"`
}

// answerConversation answers with a conversation as the caller sees it.
func (s *Service) answerConversation(ctx context.Context, c *Conversation, err error) (*web.Body[ConversationView], error) {
	if err != nil {
		return nil, err
	}
	views, err := s.conversationViews(ctx, auth.From(ctx).UserID, []*Conversation{c})
	if err != nil {
		return nil, err
	}
	return web.Answer(views[0]), nil
}

func (s *Service) get(ctx context.Context, in *idInput) (*web.Body[ConversationView], error) {
	c, err := s.Conversation(ctx, auth.From(ctx), in.ID)
	return s.answerConversation(ctx, c, err)
}

type conversationPatchInput struct {
	ID   string `path:"id"`
	Body struct {
		Status       *Status    `json:"status,omitempty" enum:"open,pending,snoozed,resolved"`
		SnoozedUntil *time.Time `json:"snoozed_until,omitempty" doc:"Goes with the status snoozed"`
		Priority     *string    `json:"priority,omitempty" enum:"none,low,medium,high,urgent"`
		Type         *string    `json:"type,omitempty" enum:",sales,support,complaint,other"`
		Sentiment    *string    `json:"sentiment,omitempty" enum:"positive,neutral,negative,angry"`
		Labels       *[]string  `json:"labels,omitempty" maxItems:"50"`
		ClosingNote  string     `json:"closing_note,omitempty" maxLength:"20000" doc:"Goes with the status resolved: an internal note that says how it ended"`
	}
}

func (s *Service) patch(ctx context.Context, in *conversationPatchInput) (*web.Body[ConversationView], error) {
	if in.Body.Labels != nil {
		for _, l := range *in.Body.Labels {
			if err := CheckLabel(l, "labels"); err != nil {
				return nil, err
			}
		}
	}
	c, err := s.Change(ctx, auth.From(ctx), in.ID, Edit{
		Status: in.Body.Status, SnoozedUntil: in.Body.SnoozedUntil, Priority: in.Body.Priority, Type: in.Body.Type, Labels: in.Body.Labels,
		Sentiment: in.Body.Sentiment, ClosingNote: in.Body.ClosingNote,
	})
	return s.answerConversation(ctx, c, err)
}

type assignInput struct {
	web.Once
	ID   string `path:"id"`
	Body struct {
		AgentID *string `json:"agent_id,omitempty" nullable:"true"`
		TeamID  *string `json:"team_id,omitempty" nullable:"true"`
		Note    string  `json:"note,omitempty" maxLength:"20000" doc:"For whoever gets it: an internal note in the same write, of which the notice tells; the same Idempotency-Key writes it once"`
	}
	RawBody []byte
}

// assignment tells null, which unassigns, from a field that is not there.
func (in *assignInput) assignment() (a Assignment, err error) {
	var given map[string]*string
	if err := json.Unmarshal(in.RawBody, &given); err != nil || len(given) == 0 {
		return a, errs.InvalidField("nothing_to_assign", "agent_id", "agent_id or team_id, null to unassign")
	}
	for field, to := range map[string]**string{"agent_id": &a.AgentID, "team_id": &a.TeamID} {
		if id, there := given[field]; there {
			none := ""
			if *to = id; id == nil {
				*to = &none
			}
		}
	}
	return a, nil
}

func (s *Service) assign(ctx context.Context, in *assignInput) (*web.Body[ConversationView], error) {
	a, err := in.assignment()
	if err != nil {
		return nil, err
	}
	if a.AgentID == nil && a.TeamID == nil {
		return nil, errs.InvalidField("nothing_to_assign", "agent_id", "agent_id or team_id, null to unassign")
	}
	v := auth.From(ctx)
	if in.Body.Note != "" && !v.Can(access.Note) {
		return nil, errs.New(errs.Forbidden, "forbidden", "Your role does not allow this.")
	}
	c, err := s.HandOver(ctx, v, in.ID, a, in.Body.Note, in.Key)
	return s.answerConversation(ctx, c, err)
}

func (s *Service) read(ctx context.Context, in *idInput) (*web.Body[ConversationView], error) {
	c, err := s.MarkRead(ctx, auth.From(ctx), in.ID)
	return s.answerConversation(ctx, c, err)
}

func (s *Service) unread(ctx context.Context, in *idInput) (*web.Body[ConversationView], error) {
	c, err := s.MarkUnread(ctx, auth.From(ctx), in.ID)
	return s.answerConversation(ctx, c, err)
}

// DraftView is a draft as REST shows it.
type DraftView struct {
	Text    string     `json:"text" maxLength:"20000"`
	Mode    string     `json:"mode" enum:"reply,note" default:"reply"`
	ReplyTo string     `json:"reply_to,omitempty" maxLength:"100"`
	Mail    *DraftMail `json:"mail,omitempty" doc:"What was written around the text of a mail"`
}

func (s *Service) getDraft(ctx context.Context, in *idInput) (*web.Body[DraftView], error) {
	d, err := s.Draft(ctx, auth.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return web.Answer(DraftView{Text: d.Text, Mode: d.Mode, ReplyTo: d.ReplyTo, Mail: d.Mail}), nil
}

type putDraftInput struct {
	ID   string `path:"id"`
	Body struct {
		DraftView
		Base *string `json:"base,omitempty" maxLength:"70000" doc:"The text that the caller's device knows it to have: where it has another one by now, the answer is 412 changed_meanwhile"`
	}
}

func (s *Service) putDraft(ctx context.Context, in *putDraftInput) (*web.Body[DraftView], error) {
	_, err := s.SaveDraft(ctx, auth.From(ctx), in.ID, Draft{
		Text: in.Body.Text, Mode: in.Body.Mode, ReplyTo: in.Body.ReplyTo,
		Mail: in.Body.Mail,
	}, in.Body.Base)
	return web.Answer(in.Body.DraftView), err
}

type activityInput struct {
	ID string `path:"id"`
	web.Page
}

func (s *Service) listActivity(ctx context.Context, in *activityInput) (*web.Body[web.List[activity.ActivityView]], error) {
	found, next, err := s.History(ctx, auth.From(ctx), in.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return web.Items(activity.Views(found), next), nil
}

func (s *Service) listVariables(ctx context.Context, in *idInput) (*web.Body[web.List[Variable]], error) {
	found, err := s.Variables(ctx, auth.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return web.Items(found, ""), nil
}
