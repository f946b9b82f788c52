package inbox

import (
	"context"
	"slices"
	"time"

	"wasl/activity"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/web"
)

// Metric is what a service level measures.
type Metric string

// What is measured: from the beginning to the first answer of a person, from what the customer says after an answer to the next one, and
// from the beginning to the end.
const (
	FirstAnswer Metric = "first_answer"
	NextAnswer  Metric = "next_answer"
	Resolution  Metric = "resolution"
)

// Levels are the service levels of a conversation since it last began. Whoever keeps them beside the conversation (KeepBeside) fills them
// in; the inbox stores and shows them.
type Levels struct {
	Promise  Promise   `bson:"promise"`
	Since    time.Time `bson:"since"`              // when it last began
	Answered bool      `bson:"answered,omitempty"` // a person has answered since
	Aside    bool      `bson:"aside,omitempty"`    // somebody put it aside, and the customer has not written since
	Timers   []Timer   `bson:"timers,omitempty"`
}

// Promise is what is promised about a conversation, as it was when that was decided. Times are minutes; 0: not promised.
type Promise struct {
	PolicyID    string `bson:"policy_id,omitempty"` // empty: nothing is
	FirstAnswer int    `bson:"first_answer,omitempty"`
	NextAnswer  int    `bson:"next_answer,omitempty"`
	Resolution  int    `bson:"resolution,omitempty"`
	HoursID     string `bson:"hours_id,omitempty"` // by which minutes are counted; empty: all count
	Warn        int    `bson:"warn,omitempty"`     // at how many percent of a time it warns
}

// Timer is one service level that is measured.
type Timer struct {
	Metric     Metric     `bson:"metric"`
	WarnAt     time.Time  `bson:"warn_at"`
	DueAt      time.Time  `bson:"due_at"`
	Paused     bool       `bson:"paused,omitempty"`
	WarnedAt   *time.Time `bson:"warned_at,omitempty"`
	BreachedAt *time.Time `bson:"breached_at,omitempty"`
	MetAt      *time.Time `bson:"met_at,omitempty"` // when it ended, in time or not
	From       time.Time  `bson:"from"`             // since when it has run without a pause
	Used       int64      `bson:"used,omitempty"`   // how many milliseconds of its time had passed by then
}

// Runs reports whether its time passes.
func (t *Timer) Runs() bool { return !t.Paused && t.MetAt == nil }

// Clone returns a copy that can be changed; of nil a new one.
func (l *Levels) Clone() *Levels {
	if l == nil {
		return &Levels{}
	}
	c := *l
	c.Timers = slices.Clone(l.Timers)
	return &c
}

// level is how a conversation stands with what is promised about it, for lists: the worst of what has not ended, and when the first of
// what runs is due; zero: nothing runs.
func (l *Levels) level() (level string, due time.Time) {
	if l == nil {
		return "", time.Time{}
	}
	worst := 0
	for _, t := range l.Timers {
		if t.MetAt != nil {
			continue
		}
		at := 1
		switch {
		case t.BreachedAt != nil:
			at = 3
		case t.WarnedAt != nil:
			at = 2
		}
		worst = max(worst, at)
		if t.Runs() && (due.IsZero() || t.DueAt.Before(due)) {
			due = t.DueAt
		}
	}
	return live.Levels[worst], due
}

// heard notes that the customer said something that wants an answer, when it came.
func (c *Conversation) heard(at time.Time) {
	c.spoke = true
	if at = at.UTC().Truncate(time.Millisecond); c.WaitingSince == nil {
		c.WaitingSince = &at
	}
}

// answer notes that a person answered the customer.
func (c *Conversation) answer() {
	c.answered, c.WaitingSince, c.AnsweredUpTo = true, nil, c.InboundCount
}

// Holding reports for each of the conditions whether it holds for the conversation as the change leaves it.
func (c *Changed) Holding(ctx context.Context, conditions []Condition) ([]bool, error) {
	return c.s.holding(ctx, c.c, conditions)
}

// Note adds to the change a line of the conversation's history that says what a time has brought.
func (c *Changed) Note(action string, changes ...events.Change) {
	conv := c.c.conv
	row := c.s.Activity.Add(&c.c.Write, activity.Activity{
		WorkspaceID: conv.WorkspaceID, Subject: activity.Subject{Kind: activity.Conversation, ID: conv.ID}, ConversationID: conv.ID,
		ContactID: conv.Origin, Actor: byTime, Action: action, Changes: changes, At: c.s.Clock.Now(),
	})
	c.c.Events = append(c.c.Events, row.Event(conv.audience()))
}

// byTime is who does what happens because a time has come.
var byTime = access.Actor{Kind: access.System, Cause: access.Cause{Kind: access.Timer}}

// Tell adds to the change an event about the conversation that a time has brought, for those who may see it.
func (c *Changed) Tell(event string, data []byte) {
	conv := c.c.conv
	c.c.Events = append(c.c.Events, events.Event{
		Type: event, WorkspaceID: conv.WorkspaceID, Subject: conv.ID, At: c.s.Clock.Now(), Actor: byTime, Data: data,
		Audience: conv.audience(),
	})
}

// LevelView is a service level of a conversation as REST and the socket show it.
type LevelView struct {
	Metric     Metric    `json:"metric" enum:"first_answer,next_answer,resolution"`
	DueAt      web.Time  `json:"due_at" doc:"Of what is paused: as it was when it still ran"`
	WarnAt     web.Time  `json:"warn_at" doc:"From when on it is to be looked at"`
	Paused     bool      `json:"paused" doc:"Its time does not pass, because the customer is waited for"`
	MetAt      *web.Time `json:"met_at,omitempty" doc:"When it ended, in time or not"`
	BreachedAt *web.Time `json:"breached_at,omitempty" doc:"When its time had passed"`
}

// levelViews are in the order of their beginning.
func (l *Levels) views() []LevelView {
	views := []LevelView{}
	if l == nil {
		return views
	}
	for _, t := range l.Timers {
		views = append(views, LevelView{
			t.Metric, web.At(t.DueAt), web.At(t.WarnAt), t.Paused, web.AtOrNull(t.MetAt), web.AtOrNull(t.BreachedAt),
		})
	}
	return views
}
