package inbox

import (
	"context"
	"slices"
	"time"

	"wasl/activity"
	"wasl/internal/access"
	"wasl/internal/events"
)

// What is done with a conversation, in its history.
const (
	actionCreated       = "conversation.created"
	actionAssigned      = "conversation.assigned"
	actionStatusChanged = "conversation.status_changed"
	actionChanged       = "conversation.changed"
	actionMerged        = "conversation.merged"
	actionSplit         = "conversation.split"
	actionUnmerged      = "conversation.unmerged" // a merge or a split was taken back
)

// state is what the history of a conversation tells of it.
type state struct {
	status, kind, priority string
	sentiment              string
	assignee, team         string
	labels                 []string
	snoozedUntil           *time.Time
	waitingSince           *time.Time // not told: the messages show it
	optedOut               bool
	wrote                  bool // the customer has written
	rating                 *Rating
}

func (c *Conversation) state() state {
	return state{
		status: string(c.Status), kind: c.Type, sentiment: c.Classified.Sentiment, priority: c.Priority,
		assignee: c.AssigneeID, team: c.TeamID,
		labels:       slices.Clone(c.Labels),
		snoozedUntil: c.SnoozedUntil, waitingSince: c.WaitingSince, optedOut: c.OptedOutAt != nil, wrote: c.InboundCount > 0,
		rating: c.Rating,
	}
}

// getConversation reads a conversation that may be changed. One that was merged is the one that goes on with it.
func (s *Service) getConversation(ctx context.Context, id string) (*Conversation, error) {
	c, err := s.stored(ctx, id)
	if err == nil && c.MergedInto != "" {
		return s.ahead(ctx, c, func(c *Conversation) string { return c.MergedInto })
	}
	return c, err
}

// stored reads a conversation that may be changed, also one that was merged.
func (s *Service) stored(ctx context.Context, id string) (*Conversation, error) {
	c, err := s.conversations.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.toChange(), nil
}

// toChange returns the conversation, which has just been read, with what its changes are seen against.
func (c *Conversation) toChange() *Conversation {
	c.before = c.state()
	return c
}

// changesSince lists what is not as it was.
func (c *Conversation) changesSince(before state) (changes []events.Change) {
	now := c.state()
	for _, f := range []struct{ field, before, after string }{
		{"assignee_id", before.assignee, now.assignee},
		{"team_id", before.team, now.team},
		{"status", before.status, now.status},
		{"type", before.kind, now.kind},
		{"sentiment", before.sentiment, now.sentiment},
		{"priority", before.priority, now.priority},
	} {
		if f.before != f.after {
			changes = append(changes, events.Change{Field: f.field, Before: f.before, After: f.after})
		}
	}
	if before.snoozedUntil != now.snoozedUntil && (before.snoozedUntil == nil || now.snoozedUntil == nil ||
		!before.snoozedUntil.Equal(*now.snoozedUntil)) {
		changes = append(changes, events.Change{
			Field: "snoozed_until", Before: timeOrNil(before.snoozedUntil),
			After: timeOrNil(now.snoozedUntil),
		})
	}
	if !slices.Equal(before.labels, now.labels) {
		changes = append(changes, events.Change{Field: "labels", Before: before.labels, After: now.labels})
	}
	if r := now.rating; r != nil && (before.rating == nil || *before.rating != *r) {
		changes = append(changes, events.Change{Field: "rating", After: r.Score})
	}
	if c.thanked {
		changes = append(changes, events.Change{Field: "thanked", After: true})
	}
	if before.optedOut != now.optedOut {
		changes = append(changes, events.Change{Field: "opted_out", Before: before.optedOut, After: now.optedOut})
	}
	return changes
}

// timeOrNil is a value of a change.
func timeOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC()
}

// record adds to the change what becomes of its conversation, for the history.
func (s *Service) record(c *change) []events.Change {
	if c.created {
		s.addActivity(c, actionCreated, nil)
		return nil
	}
	changes := c.conv.changesSince(c.conv.before)
	if len(changes) == 0 {
		return nil
	}
	action := actionChanged
	for _, changed := range changes {
		switch changed.Field {
		case "assignee_id", "team_id":
			action = actionAssigned
		case "status":
			if action != actionAssigned {
				action = actionStatusChanged
			}
		}
	}
	row := s.addActivity(c, action, changes)
	c.Events = append(c.Events, row.Event(c.conv.audience()))
	return changes
}

// tellActivity adds to the history, and to what open pages are told, what is done with a change's conversation.
func (s *Service) tellActivity(c *change, action string, changed events.Change) {
	row := s.addActivity(c, action, []events.Change{changed})
	c.Events = append(c.Events, row.Event(c.conv.audience()))
}

func (s *Service) addActivity(c *change, action string, changes []events.Change) *activity.Activity {
	return s.Activity.Add(&c.Write, activity.Activity{
		WorkspaceID: c.conv.WorkspaceID, Subject: activity.Subject{Kind: activity.Conversation, ID: c.conv.ID}, ConversationID: c.conv.ID,
		ContactID: c.conv.Origin, Actor: c.actor, Action: action, Changes: changes, At: s.Clock.Now(),
	})
}

// History returns what happened to a conversation that the viewer may see, newest first.
func (s *Service) History(ctx context.Context, v access.Viewer, id, cursor string, limit int) ([]*activity.Activity, string, error) {
	conv, err := s.Conversation(ctx, v, id)
	if err != nil {
		return nil, "", err
	}
	found, next, err := s.Activity.About(ctx, v.WorkspaceID, cursor, limit, append(conv.Gathered, conv.ID)...)
	if err != nil {
		return nil, "", err
	}
	contact, err := s.Contacts.Contact(ctx, v.WorkspaceID, conv.Origin)
	for _, a := range found {
		if err == nil && a.Actor.Kind == access.Contact && a.Actor.Name == "" {
			a.Actor.Name = contact.Name
		}
	}
	return found, next, err
}
