// Package activity keeps what changed, by whom and why: one row beside every commit that changes something a person knows. It feeds the
// lines in a conversation's thread, the audit trail and everything that looks back. Rows are added and never changed.
package activity

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/web"
	"wasl/store"
)

// Kind is what kind of object an activity is about.
type Kind string

// The kinds of subject.
const (
	Conversation Kind = "conversation"
	Message      Kind = "message"
	Contact      Kind = "contact"
	Channel      Kind = "channel"
	User         Kind = "user"
	Team         Kind = "team"
	Workspace    Kind = "workspace"
	DeadLetter   Kind = "dead_letter"
	RoutingRule  Kind = "routing_rule"
	SLAPolicy    Kind = "sla_policy"
	AutoMessage  Kind = "auto_message"
	CannedReply  Kind = "canned_reply"
	Label        Kind = "label"
	Macro        Kind = "macro"
	View         Kind = "view"
)

// Subject is the object that an activity is about.
type Subject struct {
	Kind Kind   `bson:"kind" json:"kind" enum:"conversation,message,contact,channel,user,team,workspace,dead_letter,routing_rule,sla_policy,auto_message,canned_reply,label,macro,view"`
	ID   string `bson:"id" json:"id"`
}

// Activity is one change of one object.
type Activity struct {
	store.Meta     `bson:",inline"`
	WorkspaceID    string          `bson:"workspace_id"`
	Subject        Subject         `bson:"subject"`
	ContactID      string          `bson:"contact_id,omitempty"`
	ConversationID string          `bson:"conversation_id,omitempty"`
	Actor          access.Actor    `bson:"actor"`
	Action         string          `bson:"action"` // the subject's kind and what was done: conversation.assigned
	Changes        []events.Change `bson:"changes,omitempty"`
	At             time.Time       `bson:"at"`
	// About are the ids under which it is found: of its subject, conversation, contact and actor.
	About []string `bson:"about"`
}

var schema = store.Schema{Name: "activities", Indexes: []store.Index{
	{Name: "about", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("about"), store.Desc("at")}},
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("at")}},
}}

// Schemas declares the collection of this package.
func Schemas() []store.Schema { return []store.Schema{schema} }

// Log keeps activities.
type Log struct {
	rows store.Collection[Activity, *Activity]
}

// NewLog returns the log over the store.
func NewLog(engine store.Engine) *Log {
	return &Log{rows: store.NewCollection[Activity](engine, schema)}
}

// Add adds an activity to a write. Workspace, subject, actor, action and time must be set.
func (l *Log) Add(w *events.Write, a Activity) *Activity {
	a.ID, a.At = ids.New("act", a.At), store.Millis(a.At)
	a.index()
	w.Changes = append(w.Changes, l.rows.Insert(&a))
	return &a
}

// Past returns the changes that add activities from before there was a log. Their ids follow from subject, action and time, so that
// those which are there already are left out.
func (l *Log) Past(ctx context.Context, past []Activity) ([]store.Change, error) {
	keys := make([]string, len(past))
	for n := range past {
		a := &past[n]
		a.At = store.Millis(a.At)
		a.ID = ids.Derived("act", a.Subject.ID, a.Action, a.At.Format(time.RFC3339Nano))
		keys[n] = a.ID
	}
	found, err := l.rows.GetMany(ctx, keys...)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(found))
	for _, a := range found {
		known[a.ID] = true
	}
	var changes []store.Change
	for n := range past {
		if a := &past[n]; !known[a.ID] {
			known[a.ID] = true
			a.index()
			changes = append(changes, l.rows.Insert(a))
		}
	}
	return changes, nil
}

func (a *Activity) index() {
	a.About = a.About[:0:0]
	for _, id := range []string{a.Subject.ID, a.ConversationID, a.ContactID, a.Actor.ID} {
		if id != "" && !slices.Contains(a.About, id) {
			a.About = append(a.About, id)
		}
	}
}

// About lists the activities about objects or by actors of the workspace, newest first.
func (l *Log) About(ctx context.Context, workspaceID, cursor string, limit int, ids ...string) ([]*Activity, string, error) {
	about := store.In{}
	for _, id := range ids {
		about = append(about, id)
	}
	return l.rows.Find(ctx, store.Query{Index: "about", Eq: []any{workspaceID, about}, Limit: limit, Cursor: cursor})
}

// ActivityView is an activity as REST and the socket show it.
type ActivityView struct {
	ID             string       `json:"id"`
	At             web.Time     `json:"at"`
	Subject        Subject      `json:"subject"`
	ContactID      string       `json:"contact_id"`
	ConversationID string       `json:"conversation_id"`
	Actor          access.Actor `json:"actor"`
	Action         string       `json:"action"`
	Changes        []ChangeView `json:"changes" nullable:"false"`
}

// ChangeView is one changed field as REST shows it.
type ChangeView struct {
	Field  string `json:"field"`
	Before any    `json:"before" doc:"A string, number, boolean, list of strings, or null"`
	After  any    `json:"after" doc:"A string, number, boolean, list of strings, or null"`
}

// View shows the activity.
func (a *Activity) View() ActivityView {
	v := ActivityView{
		ID: a.ID, At: web.At(a.At), Subject: a.Subject, ContactID: a.ContactID, ConversationID: a.ConversationID, Actor: a.Actor,
		Action: a.Action, Changes: make([]ChangeView, 0, len(a.Changes)),
	}
	for _, c := range a.Changes {
		v.Changes = append(v.Changes, ChangeView{Field: c.Field, Before: shown(c.Before), After: shown(c.After)})
	}
	return v
}

// shown writes times as REST does.
func shown(value any) any {
	switch t := value.(type) {
	case time.Time:
		return web.At(t)
	case interface{ Time() time.Time }: // as the store gives times of fields without a type back
		return web.At(t.Time())
	}
	return value
}

// Event says that the activity happened, to those who may see its subject.
func (a *Activity) Event(to access.Audience) events.Event {
	data, _ := json.Marshal(a.View()) // a view always encodes
	return events.Event{
		Type: "activity.created", WorkspaceID: a.WorkspaceID, Subject: a.Subject.ID, At: a.At, Actor: a.Actor, Audience: to, Data: data,
	}
}

// Views shows activities.
func Views(found []*Activity) []ActivityView {
	views := make([]ActivityView, len(found))
	for n, a := range found {
		views[n] = a.View()
	}
	return views
}
