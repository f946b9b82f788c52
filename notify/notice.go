// Package notify keeps notices for people: what happened that somebody should know, to whom it is addressed, and what each user has read
// of it. A notice is added to the write of what it is about, together with the event that shows it at once and the job that tells of it on
// devices on which Wasl is closed.
package notify

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/text"
	"wasl/internal/web"
	"wasl/store"
)

const (
	// EventCreated is the type of the event that shows a notice.
	EventCreated = "notification.created"
	// keep is how long notices are kept.
	keep = 90 * 24 * time.Hour
	// longestTitle and longestDetail, in characters: providers' words are part of them.
	longestTitle, longestDetail = 300, 2000
)

// Severity is how much a notice asks for attention.
type Severity string

// The severities.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// Kind says what a notice is about, so that a client can word it in its user's language.
type Kind string

// The kinds of notices about work. Those about channels and messages are named where they are added.
const (
	// Assigned: a conversation was given to the user by somebody else, or by the engine.
	Assigned Kind = "assigned"
	// Mention: a note names the user.
	Mention Kind = "mention"
	// Waiting: a customer has waited for an answer for longer than the workspace wants.
	Waiting Kind = "waiting"
	// LevelWarning: what a service level promises is due soon.
	LevelWarning Kind = "sla_warning"
	// LevelBreached: what a service level promised was due.
	LevelBreached Kind = "sla_breached"
	// Reminder: what the user promised a customer, or a colleague did who has gone, is due.
	Reminder Kind = "reminder"
)

// Notice is a notice for people.
type Notice struct {
	ID             string   `bson:"-" json:"id"`
	Kind           Kind     `bson:"kind" json:"kind"`
	Title          string   `bson:"title" json:"title"`
	Detail         string   `bson:"detail" json:"detail"`
	Severity       Severity `bson:"severity" json:"severity" enum:"info,warning,critical"`
	ChannelID      string   `bson:"channel_id,omitempty" json:"channel_id,omitempty"`
	ConversationID string   `bson:"conversation_id,omitempty" json:"conversation_id,omitempty"`
	Priority       string   `bson:"priority,omitempty" json:"priority,omitempty" doc:"Of the conversation that was given"`
	Metric         string   `bson:"metric,omitempty" json:"metric,omitempty" doc:"Of a service level: first_answer, next_answer, resolution"`
	// Since is since when the customer waits for an answer; zero: they do not, or it does not matter.
	Since time.Time `bson:"since,omitempty" json:"-"`
	// DueAt is when what a service level promises is due, or was; zero: it is not about that.
	DueAt time.Time `bson:"due_at,omitempty" json:"-"`
}

// Shown is a notice as the live socket shows it.
type Shown struct {
	Notice
	Since *web.Time `json:"since,omitempty" doc:"Since when the customer waits for an answer"`
	DueAt *web.Time `json:"due_at,omitempty" doc:"When what a service level promises is due, or was"`
}

func (n Notice) shown() Shown {
	out := Shown{Notice: n}
	if !n.Since.IsZero() {
		out.Since = web.AtOrNull(&n.Since)
	}
	if !n.DueAt.IsZero() {
		out.DueAt = web.AtOrNull(&n.DueAt)
	}
	return out
}

// kept is a notice as it is stored.
type kept struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string          `bson:"workspace_id"`
	Audience    access.Audience `bson:"audience"`
	// To repeats the audience as keys for the index.
	To        []string  `bson:"to"`
	Notice    Notice    `bson:",inline"`
	At        time.Time `bson:"at"`
	ExpiresAt time.Time `bson:"expires_at"`
}

var noticeSchema = store.Schema{Name: "notices", Expire: "expires_at", Indexes: []store.Index{
	{Name: "to", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("to"), store.Desc("at")}},
}}

// Schemas declares the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{noticeSchema, markSchema, settingsSchema, subscriptionSchema, pushKeySchema}
}

// Service keeps notices and what was read of them.
type Service struct {
	engine   store.Engine
	clock    clock.Clock
	notices  store.Collection[kept, *kept]
	marks    store.Collection[marks, *marks]
	settings store.Collection[settings, *settings]
	push     *pusher // nil: nothing is pushed
}

// NewService returns the service over the store.
func NewService(engine store.Engine, c clock.Clock) *Service {
	return &Service{
		engine: engine, clock: c, notices: store.NewCollection[kept](engine, noticeSchema),
		marks:    store.NewCollection[marks](engine, markSchema),
		settings: store.NewCollection[settings](engine, settingsSchema),
	}
}

// Add adds a notice, whose id must be set, and the event that shows it to a write. A notice that is there already is not added again.
// Of two writes that add the same notice at the same moment, one fails with store.ErrExists; it finds the notice when it tries again.
func (s *Service) Add(ctx context.Context, w *events.Write, workspaceID string, to access.Audience, n Notice) error {
	added := func(c store.Change) bool { return c.Collection == noticeSchema.Name && c.ID == n.ID }
	if slices.ContainsFunc(w.Changes, added) {
		return nil
	}
	found, err := s.notices.GetMany(ctx, n.ID)
	if err != nil || len(found) > 0 {
		return err
	}
	n.Title = text.Preview(strings.ToValidUTF8(n.Title, "\uFFFD"), longestTitle)
	n.Detail = text.Preview(strings.ToValidUTF8(n.Detail, "\uFFFD"), longestDetail)
	if n.Severity != Warning && n.Severity != Critical {
		n.Severity = Info
	}
	at := store.Millis(s.clock.Now())
	data, err := json.Marshal(n.shown())
	if err != nil {
		return err
	}
	w.Changes = append(w.Changes, s.notices.Insert(&kept{
		Meta: store.Meta{ID: n.ID}, WorkspaceID: workspaceID, Audience: to, To: audienceKeys(to), Notice: n, At: at,
		ExpiresAt: at.Add(keep),
	}))
	w.Events = append(w.Events, events.Event{
		Type: EventCreated, WorkspaceID: workspaceID, Subject: n.ID, At: at, Audience: to, Data: data,
	})
	if s.push == nil {
		return nil
	}
	return s.push.follow(ctx, w, workspaceID, n.ID)
}

// The keys of audiences in the index; those of teams and users have the id behind them.
const (
	keyEveryone    = "everyone"
	keyUnassigned  = "unassigned"
	keySupervisors = "supervisors"
	keyTeam        = "team:"
	keyUser        = "user:"
)

// audienceKeys lists the keys under which whoever belongs to the audience finds the notice.
func audienceKeys(a access.Audience) (keys []string) {
	for key, named := range map[string]bool{keyEveryone: a.Everyone, keyUnassigned: a.Unassigned, keySupervisors: a.Supervisors} {
		if named {
			keys = append(keys, key)
		}
	}
	for _, id := range slices.Concat(a.Teams, a.Queues) {
		keys = append(keys, keyTeam+id)
	}
	for _, id := range a.Users {
		keys = append(keys, keyUser+id)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// viewerKeys lists the keys under which everything stands that the viewer may see, and seldom more: Viewer.In decides.
func viewerKeys(v access.Viewer) store.In {
	keys := store.In{keyEveryone, keyUnassigned, keyUser + v.UserID}
	if v.SeesAll() {
		keys = append(keys, keySupervisors)
	}
	for _, id := range v.TeamIDs {
		keys = append(keys, keyTeam+id)
	}
	return keys
}
