package inbox

import (
	"context"
	"time"

	"wasl/internal/access"
	"wasl/internal/condition"
	"wasl/internal/events"
	"wasl/store"
)

// Standing is what a conversation is to those who share out work.
type Standing struct {
	Status             Status
	AssigneeID, TeamID string
	Type, Sentiment    string
	Priority           string
	WorkspaceID, ID    string
	ContactID          string
	ChannelKind        string
	Labels             []string
	Activity           time.Time  // when something last happened
	WaitingSince       *time.Time // since when the customer has had no answer by a person; nil: they do not wait
	Levels             *Levels    // nil: nothing was ever promised; not to be changed, but replaced
	Wrote              bool       // the customer has written
	Served             bool       // and a person has answered them
}

// Waits reports whether somebody still has to work on it.
func (s Standing) Waits() bool { return s.Status == Open || s.Status == Pending }

// Responsible is who has the conversation, or the team in whose queue it waits, or who could take what no team has.
func (s Standing) Responsible() access.Audience {
	switch {
	case s.AssigneeID != "":
		return access.Audience{Users: []string{s.AssigneeID}}
	case s.TeamID != "":
		return access.Audience{Queues: []string{s.TeamID}}
	}
	return access.Audience{Unassigned: true}
}

// Changed is what a write does to a conversation. What is put into After.Levels becomes its service levels.
type Changed struct {
	Before, After Standing
	Created       bool
	Version       int64 // that the write gives it
	Actor         access.Actor
	// Told is what whoever edits it tells those who keep something beside it (Edit.Told).
	Told any
	// Spoke: the customer said something that wants an answer. Answered: a person answered them.
	Spoke, Answered bool

	s *Service
	c *change
}

// KeepBeside sets who adds to the write of every change of a conversation what must change with it, before anything is served. The change
// is made anew where others were faster. fn is called for one conversation of a write: what a merge or a split means for the other one
// follows by a job (jobBeside).
func (s *Service) KeepBeside(fn func(ctx context.Context, w *events.Write, c *Changed) error) {
	s.beside = fn
}

// standing is the conversation as a state says.
func (c *Conversation) standing(of state) Standing {
	status := Status(of.status)
	if status == Merged { // nobody has to work on it
		status = Resolved
	}
	return Standing{
		Status: status, AssigneeID: of.assignee, TeamID: of.team, Type: of.kind, Sentiment: of.sentiment,
		Priority: of.priority, WorkspaceID: c.WorkspaceID, ID: c.ID, ContactID: c.ContactID,
		ChannelKind: string(c.ChannelKind), Labels: of.labels,
		Activity: c.LastActivityAt, WaitingSince: of.waitingSince, Levels: c.Levels, Wrote: of.wrote, Served: c.AnsweredUpTo > 0,
	}
}

// keepBeside has others add to the change what they keep beside its conversation.
func (s *Service) keepBeside(ctx context.Context, c *change) error {
	if s.beside == nil {
		return nil
	}
	conv := c.conv
	changed := &Changed{
		Before: conv.standing(conv.before), After: conv.standing(conv.state()), Created: c.created, Version: conv.Version + 1,
		Actor: c.actor, Told: c.told, Spoke: conv.spoke, Answered: conv.answered, s: s, c: c,
	}
	if err := s.beside(ctx, &c.Write, changed); err != nil {
		return err
	}
	conv.Levels = changed.After.Levels
	conv.Level, conv.DueAt = conv.Levels.level()
	return nil
}

// Standing returns what a conversation of the workspace is now, or store.ErrNotFound.
func (s *Service) Standing(ctx context.Context, workspaceID, id string) (Standing, error) {
	editing, err := s.open(ctx, access.Actor{}, workspaceID, id)
	if err != nil {
		return Standing{}, err
	}
	return editing.c.conv.standing(editing.c.conv.state()), nil
}

// View returns a conversation that the viewer may see as REST shows it to them.
func (s *Service) View(ctx context.Context, v access.Viewer, id string) (ConversationView, error) {
	conv, err := s.Conversation(ctx, v, id)
	if err != nil {
		return ConversationView{}, err
	}
	views, err := s.conversationViews(ctx, v.UserID, []*Conversation{conv})
	if err != nil {
		return ConversationView{}, err
	}
	return views[0], nil
}

// newestExamined is how many of the newest messages are looked at for what was said last.
const newestExamined = 20

// Condition is a condition about a conversation that was checked.
type Condition struct{ of *condition.Condition[listed] }

// ParseCondition reads a condition; at names where it stands in the request.
func (s *Service) ParseCondition(raw []byte, at string) (Condition, error) {
	c, err := s.fields.Parse(raw, at)
	return Condition{c}, err
}

// Holding reports for each of the conditions whether it holds for a conversation now, as it is with a classification, which may be nil.
// What the contact is, is what the person is.
func (s *Service) Holding(
	ctx context.Context, workspaceID, id string, with *Classification, conditions []Condition,
) ([]bool, error) {
	editing, err := s.open(ctx, access.Actor{}, workspaceID, id)
	if err != nil {
		return nil, err
	}
	conv := editing.c.conv
	if err := conv.classify(Edit{Classification: with}, access.System); err != nil {
		return nil, err
	}
	return s.holding(ctx, editing.c, conditions)
}

// holding reports for each of the conditions whether it holds for a change's conversation as it is now.
func (s *Service) holding(ctx context.Context, c *change, conditions []Condition) ([]bool, error) {
	contact, last, err := s.atHand(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.hold(ctx, listed{conv: c.conv, contact: contact, last: last}, conditions, s.Clock.Now())
}

// RewriteBeside writes what fn makes of each page of the conversations, from where the upgrade is: for upgrades of what is kept beside
// them.
func RewriteBeside(
	ctx context.Context, engine store.Engine, progress *store.Progress, fn func([]Standing) ([]store.Change, error),
) error {
	return store.NewCollection[Conversation](engine, conversationSchema).Rewrite(ctx, progress,
		func(page []*Conversation) ([]store.Change, error) {
			standings := make([]Standing, len(page))
			for n, c := range page {
				standings[n] = c.standing(c.state())
			}
			return fn(standings)
		})
}
