package routing

import (
	"context"
	"maps"
	"time"

	"wasl/store"
)

// Load counts what a user has: the routes that are assigned or offered to them, by kind of channel. It has the user's id, and changes in
// the same write as those routes.
type Load struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string         `bson:"workspace_id"`
	ByKind      map[string]int `bson:"by_kind"`
	// IdleSince is when something was last given to or taken from the user.
	IdleSince time.Time `bson:"idle_since"`
	// Turns says for each team when it was last the user's turn: higher is later.
	Turns map[string]int64 `bson:"turns,omitempty"`
	Today Today            `bson:"today"`
}

// Today counts what happened on one day, in UTC.
type Today struct {
	Day      string `bson:"day" json:"day" doc:"In UTC: 2026-01-31"`
	Given    int    `bson:"given" json:"given" doc:"How many conversations came to them"`
	Resolved int    `bson:"resolved" json:"resolved" doc:"How many of theirs were resolved"`
}

var loadSchema = store.Schema{Name: "routing_loads"}

func newLoad(workspaceID, userID string) *Load {
	return &Load{Meta: store.Meta{ID: userID}, WorkspaceID: workspaceID, ByKind: map[string]int{}}
}

// add counts one of the kind more, or less.
func (l *Load) add(kind string, n int, now time.Time) {
	if l.ByKind[kind] += n; l.ByKind[kind] <= 0 {
		delete(l.ByKind, kind)
	}
	l.IdleSince = store.Millis(now)
}

func (l *Load) today(now time.Time) *Today {
	if day := now.UTC().Format(time.DateOnly); l.Today.Day != day {
		l.Today = Today{Day: day}
	}
	return &l.Today
}

// takeTurn notes that it was the user's turn in the team.
func (l *Load) takeTurn(teamID string, turn int64) {
	if l.Turns == nil {
		l.Turns = map[string]int64{}
	}
	l.Turns[teamID] = turn
}

// loads are those that one write changes.
type loads struct {
	s           *Service
	workspaceID string
	now         time.Time
	read        map[string]*Load // as they were read, or are to be inserted
	changed     map[string]bool
}

// of returns the load of a user, read where it is not at hand.
func (l *loads) of(ctx context.Context, userID string) (*Load, error) {
	if l.read == nil {
		l.read = map[string]*Load{}
	}
	if known := l.read[userID]; known != nil {
		return known, nil
	}
	found, err := l.s.loads.GetMany(ctx, userID)
	if err != nil {
		return nil, err
	}
	load := newLoad(l.workspaceID, userID)
	if len(found) > 0 {
		load = found[0]
	}
	l.read[userID] = load
	return load, nil
}

// add counts one of the kind more, or less, for a user.
func (l *loads) add(ctx context.Context, userID, kind string, n int) (*Load, error) {
	load, err := l.of(ctx, userID)
	if err != nil {
		return nil, err
	}
	load.add(kind, n, l.now)
	l.mark(userID)
	return load, nil
}

func (l *loads) mark(userID string) {
	if l.changed == nil {
		l.changed = map[string]bool{}
	}
	l.changed[userID] = true
}

// changes are the changes of the loads.
func (l *loads) changes() (changes []store.Change) {
	for userID := range l.changed {
		load := l.read[userID]
		write := l.s.loads.Replace
		if load.Version == 0 {
			write = l.s.loads.Insert
		}
		changes = append(changes, write(load))
	}
	return changes
}

// clone is a copy that a decision may count in.
func (l *Load) clone() *Load {
	c := *l
	c.ByKind, c.Turns = maps.Clone(l.ByKind), maps.Clone(l.Turns)
	if c.ByKind == nil {
		c.ByKind = map[string]int{}
	}
	return &c
}
