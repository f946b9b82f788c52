package remind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/internal/text"
	"wasl/internal/web"
	"wasl/notify"
	"wasl/store"
)

const (
	// maxOpen is how many reminders a user may have that have not come yet.
	maxOpen = 500
	// furthest is how far ahead one may be.
	furthest = 400 * 24 * time.Hour
	// longest is how many characters of what was promised are kept.
	longest = 300

	jobRemind = "remind"
)

// Reminder is what one user wants to be told of a conversation, and when. It is removed when they are told.
type Reminder struct {
	store.Meta     `bson:",inline"`
	WorkspaceID    string    `bson:"workspace_id"`
	UserID         string    `bson:"user_id"`
	ConversationID string    `bson:"conversation_id"`
	At             time.Time `bson:"at"`
	Text           string    `bson:"text"` // what was promised, in the user's words
}

var schema = store.Schema{Name: "reminders", Indexes: []store.Index{
	{Name: "user", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("user_id"), store.Asc("at")}},
	{Name: "conversation", Fields: []store.Field{
		store.Asc("workspace_id"), store.Asc("user_id"), store.Asc("conversation_id"), store.Asc("at"),
	}},
}}

// Schemas declares the collections of this package.
func Schemas() []store.Schema { return []store.Schema{schema} }

// Options are what the service needs.
type Options struct {
	Engine  store.Engine
	Bus     *events.Bus
	Jobs    *jobs.Runner
	Clock   clock.Clock
	Inbox   *inbox.Service
	Users   *auth.Service
	Notices *notify.Service
}

// Service keeps reminders.
type Service struct {
	Options
	reminders store.Collection[Reminder, *Reminder]
}

// NewService returns the service and takes on its kind of job.
func NewService(o Options) *Service {
	s := &Service{Options: o, reminders: store.NewCollection[Reminder](o.Engine, schema)}
	o.Jobs.Handle(jobRemind, jobs.Timer, jobs.Single(s.tell))
	return s
}

var (
	errTime  = errs.InvalidField("not_in_future", "at", "a time in the future, at most 400 days from now")
	errLimit = errs.New(errs.Conflict, "reminder_limit", fmt.Sprintf("You have %d reminders; remove some first.", maxOpen))
)

// add makes a reminder for the viewer. The same words in the same conversation for the same minute are one; created is false where it is
// there.
func (s *Service) add(
	ctx context.Context, v access.Viewer, conversationID string, at time.Time, words string,
) (r *Reminder, created bool, err error) {
	if _, err := s.Inbox.Conversation(ctx, v, conversationID); err != nil {
		return nil, false, err
	}
	now := s.Clock.Now()
	if at = store.Millis(at); !at.After(now) || at.After(now.Add(furthest)) {
		return nil, false, errTime
	}
	n, err := s.reminders.Count(ctx, store.Query{Index: "user", Eq: []any{v.WorkspaceID, v.UserID}}, maxOpen)
	if err != nil {
		return nil, false, err
	}
	if n >= maxOpen {
		return nil, false, errLimit
	}
	words = text.Preview(strings.ToValidUTF8(words, "\uFFFD"), longest)
	r = &Reminder{
		Meta: store.Meta{ID: ids.Derived("rem", v.UserID, conversationID, fmt.Sprint(at.Unix()/60), words)}, WorkspaceID: v.WorkspaceID,
		UserID: v.UserID, ConversationID: conversationID, At: at, Text: words,
	}
	w := &events.Write{
		Changes: append([]store.Change{s.reminders.Insert(r)}, s.Jobs.At(at, jobs.Spec{
			Kind: jobRemind, WorkspaceID: v.WorkspaceID, Ref: r.ID, Key: []string{r.ID, ids.Token()},
		})...),
		Events: []events.Event{s.event("reminder.created", r)},
	}
	if err = s.Bus.Commit(ctx, w); errors.Is(err, store.ErrExists) {
		r, err = s.reminders.Get(ctx, r.ID)
		return r, false, err
	}
	return r, err == nil, err
}

// remove takes back a reminder of the viewer's own.
func (s *Service) remove(ctx context.Context, v access.Viewer, id string) error {
	return store.Retry(ctx, func() error {
		r, err := s.reminders.Get(ctx, id)
		if err != nil {
			return err
		}
		if r.WorkspaceID != v.WorkspaceID || r.UserID != v.UserID {
			return store.ErrNotFound
		}
		return s.Bus.Commit(ctx, &events.Write{
			Changes: []store.Change{s.reminders.Delete(r)}, Events: []events.Event{s.event("reminder.deleted", r)},
		})
	})
}

// tell tells of a reminder whose time has come; one that was taken back is not there any more.
func (s *Service) tell(ctx context.Context, job *jobs.Job) error {
	return store.Retry(ctx, func() error {
		r, err := s.reminders.Get(ctx, job.Ref)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		w := &events.Write{
			Changes: append(job.Done(), s.reminders.Delete(r)), Events: []events.Event{s.event("reminder.deleted", r)},
		}
		to, err := s.whom(ctx, r)
		if err != nil {
			return err
		}
		if to != nil {
			err = s.Notices.Add(ctx, w, r.WorkspaceID, *to, notify.Notice{
				ID: ids.Derived("ntf", r.ID, fmt.Sprint(r.At.UnixMilli())), Kind: notify.Reminder, Severity: notify.Warning,
				Title: "A reminder of what was promised to a customer", Detail: r.Text, ConversationID: r.ConversationID,
			})
		}
		if err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
}

// whom is who is to be told: whoever wanted to be, or who answers for the conversation where they cannot see it any more; nil: it is gone.
func (s *Service) whom(ctx context.Context, r *Reminder) (*access.Audience, error) {
	v, err := s.Users.ViewerOf(ctx, r.UserID)
	if err == nil {
		_, err = s.Inbox.Conversation(ctx, v, r.ConversationID)
	}
	if err == nil {
		return &access.Audience{Users: []string{r.UserID}}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	at, err := s.Inbox.Standing(ctx, r.WorkspaceID, r.ConversationID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // nobody
	}
	if err != nil {
		return nil, err
	}
	to := at.Responsible()
	return &to, nil
}

func (s *Service) event(kind string, r *Reminder) events.Event {
	data, _ := json.Marshal(view(r)) // strings and times always encode
	return events.Event{
		Type: kind, WorkspaceID: r.WorkspaceID, Subject: r.ID, At: s.Clock.Now(), Data: data,
		Audience: access.Audience{Users: []string{r.UserID}},
	}
}

// ReminderView is a reminder as REST and the socket show it to whose it is.
type ReminderView struct {
	ID             string   `json:"id"`
	ConversationID string   `json:"conversation_id"`
	At             web.Time `json:"at"`
	Text           string   `json:"text" doc:"What was promised"`
}

func view(r *Reminder) ReminderView {
	return ReminderView{r.ID, r.ConversationID, web.At(r.At), r.Text}
}
