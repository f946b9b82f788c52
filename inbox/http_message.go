package inbox

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
	"wasl/store"
)

type describe func(method, path, id, summary string, may access.Permission) huma.Operation

func (s *Service) messageRoutes(api huma.API, op describe) {
	huma.Register(api, op(http.MethodGet, "/api/v1/conversations/{id}/messages", "list-messages", "Messages, newest first",
		access.ReadConversations), s.listMessages)
	create := op(http.MethodPost, "/api/v1/conversations/{id}/messages", "create-message", "Send a message or leave a note", access.Reply)
	create.Description = "Answers 201 with the message in status queued before the provider is called. The same client_id again answers 200 with the same message."
	create.DefaultStatus = http.StatusCreated
	create.Responses = web.AlsoOK[MessageView](api, "The message that is there under this client_id")
	create.Responses["409"] = web.ProblemResponse[writtenAgainProblem](api,
		"The state does not allow it; for written_again with messages, what was written since")
	huma.Register(api, create, s.createMessage)
	huma.Register(api, op(http.MethodPost, "/api/v1/conversations/{id}/messages/{message_id}/retry", "retry-message",
		"Send again what failed or whose fate is unknown, and now what is scheduled", access.Reply), s.retryMessage)
	cancel := op(http.MethodDelete, "/api/v1/messages/{id}", "cancel-message", "Take back a message that has not left", access.Reply)
	cancel.Description = "What is scheduled, or still in its undo time, becomes canceled; 409 too_late where it has left."
	cancel.DefaultStatus = http.StatusOK
	huma.Register(api, cancel, s.cancelMessage)
}

type messagesInput struct {
	ID     string `path:"id"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
	Cursor string `query:"cursor" maxLength:"2000"`
	Before string `query:"before" doc:"A message id: what came before it, newest first"`
	After  string `query:"after" doc:"A message id: what came after it, oldest first"`
	Around string `query:"around" doc:"A message id: it with what is about it, newest first"`
}

func (s *Service) listMessages(ctx context.Context, in *messagesInput) (*web.Body[web.List[MessageView]], error) {
	conv, err := s.Conversation(ctx, auth.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	found, next, err := s.page(ctx, conv, in)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		m.person = conv.ContactID
	}
	views, err := s.messageViews(ctx, found)
	if err != nil {
		return nil, err
	}
	return web.Items(views, next), nil
}

// page returns messages of the conversation by place or by cursor.
func (s *Service) page(ctx context.Context, conv *Conversation, in *messagesInput) ([]*Message, string, error) {
	q := store.Query{Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Limit: in.Limit, Cursor: in.Cursor}
	switch {
	case in.Before != "":
		at, err := s.conversationMessage(ctx, conv, in.Before, "before")
		if err != nil {
			return nil, "", err
		}
		return s.messagesBeside(ctx, q, at, false)
	case in.After != "":
		at, err := s.conversationMessage(ctx, conv, in.After, "after")
		if err != nil {
			return nil, "", err
		}
		return s.messagesBeside(ctx, q, at, true)
	case in.Around != "":
		at, err := s.conversationMessage(ctx, conv, in.Around, "around")
		if err != nil {
			return nil, "", err
		}
		q.Limit = max(1, in.Limit/2)
		newer, _, err := s.messagesBeside(ctx, q, at, true)
		if err != nil {
			return nil, "", err
		}
		older, next, err := s.messagesBeside(ctx, q, at, false)
		slices.Reverse(newer)
		return append(append(newer, at), older...), next, err
	}
	return s.messages.Find(ctx, q)
}

// messagesBeside returns what comes before (newest first) or after (oldest first) a message. Those of the same time are told apart by
// their number.
func (s *Service) messagesBeside(ctx context.Context, q store.Query, at *Message, after bool) ([]*Message, string, error) {
	q.Reverse = after
	tie := store.Query{
		Index: q.Index, Eq: append(slices.Clone(q.Eq), at.SentAt), Limit: q.Limit, Reverse: after,
		Range: &store.Range{To: at.Seq, ExcludeTo: true},
	}
	q.Range = &store.Range{To: at.SentAt, ExcludeTo: true}
	if after {
		tie.Range = &store.Range{From: at.Seq, ExcludeFrom: true}
		q.Range = &store.Range{From: at.SentAt, ExcludeFrom: true}
	}
	found, _, err := s.messages.Find(ctx, tie)
	if err != nil || len(found) >= q.Limit {
		return found, "", err
	}
	q.Limit -= len(found)
	rest, _, err := s.messages.Find(ctx, q)
	return append(found, rest...), "", err
}

type createMessageInput struct {
	ID   string `path:"id"`
	Body struct {
		ClientID    string                `json:"client_id" minLength:"1" maxLength:"100" doc:"The caller's idempotency key"`
		Type        channels.MessageType  `json:"type" enum:"text,media,template,interactive,location,contacts,reaction,note"`
		Text        string                `json:"text,omitempty" maxLength:"70000"`
		Attachments []AttachmentRef       `json:"attachments,omitempty" maxItems:"10"`
		ReplyTo     string                `json:"reply_to,omitempty" maxLength:"100"`
		Template    *channels.TemplateUse `json:"template,omitempty"`
		Interactive *channels.Interactive `json:"interactive,omitempty"`
		Location    *channels.Location    `json:"location,omitempty"`
		Contacts    []channels.Card       `json:"contacts,omitempty" maxItems:"20"`
		Mail        *MailInput            `json:"mail,omitempty"`
		Seen        string                `json:"seen_message_id,omitempty" maxLength:"100" doc:"Of the messages that the writer saw, the one that came last. Where the customer or a colleague has written since, the answer is 409 written_again with those messages, and nothing is sent"`
		Undo        int                   `json:"undo_seconds,omitempty" minimum:"0" maximum:"30" doc:"For so long it stays queued and can be taken back with DELETE /messages/{id}"`
		SendAt      *time.Time            `json:"send_at,omitempty" doc:"When it is to be sent, by the clock here: scheduled until then. A free message must be due before the time for free answers ends"`
		Unanswered  bool                  `json:"cancel_if_answered,omitempty" doc:"With send_at: not if the customer answers before"`
		Then        *Afterwards           `json:"afterwards,omitempty" doc:"What becomes of the conversation when the message leaves, in the same write: taking the message back takes this back too, and where the customer has written since it does not happen"`
		Mentions    []string              `json:"mentions,omitempty" maxItems:"20" doc:"Users for whom a note is meant, who see the conversation: they get a notice"`
		Reaction    *struct {
			MessageID string `json:"message_id" maxLength:"100"`
			Emoji     string `json:"emoji" maxLength:"40" doc:"Empty removes the reaction"`
		} `json:"reaction,omitempty"`
	}
}

func (s *Service) createMessage(ctx context.Context, in *createMessageInput) (*web.Made[MessageView], error) {
	b := in.Body
	n := NewMessage{
		ClientID: b.ClientID, ReplyTo: b.ReplyTo, Attachments: b.Attachments, Mentions: b.Mentions, Seen: b.Seen,
		Undo: b.Undo, CancelIfAnswered: b.Unanswered, Then: b.Then,
		Content: channels.Content{
			Type: b.Type, Text: b.Text, Template: b.Template, Interactive: b.Interactive, Location: b.Location, Contacts: b.Contacts,
		},
	}
	if b.Type == channels.TypeReaction {
		if b.Reaction == nil {
			return nil, errs.InvalidField("missing_reaction", "reaction", "required for this type")
		}
		n.ReactTo, n.Content.Reaction = b.Reaction.MessageID, &channels.ReactionOut{Emoji: b.Reaction.Emoji}
	}
	if b.SendAt != nil {
		n.SendAt = *b.SendAt
	}
	if b.Mail != nil {
		n.Content.Mail, n.Unsigned = b.Mail.content(), b.Mail.Unsigned
	}
	v := auth.From(ctx)
	if b.Then != nil && !v.Can(access.EditConversations) {
		return nil, errs.New(errs.Forbidden, "forbidden", "Your role does not allow this.")
	}
	m, created, err := s.Reply(ctx, v, in.ID, n)
	var again *WrittenAgain
	if errors.As(err, &again) {
		return nil, s.shownAgain(ctx, again)
	}
	if err != nil {
		return nil, err
	}
	out, err := s.messageAnswer(ctx, m)
	if err == nil && !created {
		out.Status = http.StatusOK
	}
	return out, err
}

func (s *Service) messageAnswer(ctx context.Context, m *Message) (*web.Made[MessageView], error) {
	views, err := s.messageViews(ctx, []*Message{m})
	if err != nil {
		return nil, err
	}
	return web.Make(views[0], true), nil
}

type retryInput struct {
	ID        string `path:"id"`
	MessageID string `path:"message_id"`
}

type messageInput struct {
	ID string `path:"id"`
}

func (s *Service) cancelMessage(ctx context.Context, in *messageInput) (*web.Body[MessageView], error) {
	m, err := s.Cancel(ctx, auth.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out, err := s.messageAnswer(ctx, m)
	if err != nil {
		return nil, err
	}
	return web.Answer(out.Body), nil
}

func (s *Service) retryMessage(ctx context.Context, in *retryInput) (*web.Body[MessageView], error) {
	m, err := s.Retry(ctx, auth.From(ctx), in.ID, in.MessageID)
	if err != nil {
		return nil, err
	}
	out, err := s.messageAnswer(ctx, m)
	if err != nil {
		return nil, err
	}
	return web.Answer(out.Body), nil
}
