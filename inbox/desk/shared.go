package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"wasl/activity"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// Scope is who uses something.
type Scope string

// The scopes.
const (
	Mine     Scope = "me" // who made it
	OfTeam   Scope = "team"
	Everyone Scope = "all"
)

// Shared is what all rows of this package have.
type Shared struct {
	WorkspaceID string `bson:"workspace_id"`
	Scope       Scope  `bson:"scope"`
	OwnerID     string `bson:"owner_id"`          // who made it
	TeamID      string `bson:"team_id,omitempty"` // with OfTeam
	Holder      string `bson:"holder"`            // the owner, where it is theirs alone; else empty
}

func (x *Shared) shared() *Shared { return x }

// byHolder is the index of what others use too, and of what is one user's own.
var byHolder = store.Index{Name: "holder", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("holder")}}

// The most rows of a kind.
const (
	maxShared = 500 // that others use too, in a workspace
	maxOwn    = 200 // of one user
)

// audience is who sees it. What is a team's is seen by its members, as its queue is; one of a team that is gone, by those who see all.
func (x *Shared) audience() access.Audience {
	switch x.Scope {
	case Everyone:
		return access.Audience{Everyone: true}
	case OfTeam:
		return access.Audience{Supervisors: true, Queues: []string{x.TeamID}}
	}
	return access.Audience{Users: []string{x.OwnerID}}
}

// row is a document of this package.
type row[T any] interface {
	store.Entity[T]
	shared() *Shared
}

// shelf keeps rows of one kind: who sees one uses it, and who may manage the desk, or has it alone, changes it. The events' data is the row
// as REST shows it.
type shelf[T any, P row[T]] struct {
	s      *Service
	rows   store.Collection[T, P]
	kind   activity.Kind // of their history; events are called after it
	prefix string        // of their ids
	// check refuses what a row cannot be; others are those that are seen by whoever sees it.
	check func(ctx context.Context, v access.Viewer, row P, others []P) error
	// keep, where it is set, adds to the write what goes with a change from before to after; either may be nil.
	keep func(ctx context.Context, v access.Viewer, w *events.Write, before, after P) error
	show func(row P) any
	name func(row P) string // for the history
}

// held are the rows of holders.
func (x *shelf[T, P]) held(ctx context.Context, workspaceID string, holders ...any) ([]P, error) {
	found, _, err := x.rows.Find(ctx, store.Query{
		Index: byHolder.Name, Eq: []any{workspaceID, store.In(holders)}, Limit: maxShared + maxOwn,
	})
	return found, err
}

// all are the rows that the viewer sees.
func (x *shelf[T, P]) all(ctx context.Context, v access.Viewer) ([]P, error) {
	found, err := x.held(ctx, v.WorkspaceID, "", v.UserID)
	return slices.DeleteFunc(found, func(row P) bool { return !v.In(row.shared().audience()) }), err
}

// one returns a row that the viewer sees, or store.ErrNotFound.
func (x *shelf[T, P]) one(ctx context.Context, v access.Viewer, id string) (P, error) {
	row, err := x.rows.Get(ctx, id)
	if err == nil && (row.shared().WorkspaceID != v.WorkspaceID || !v.In(row.shared().audience())) {
		return nil, store.ErrNotFound
	}
	return row, err
}

var errForbidden = errs.New(errs.Forbidden, "forbidden", "Your role does not let you change what others use too. You can make one of your own.")

// place checks who is to see a row, and says who holds it.
func (x *shelf[T, P]) place(ctx context.Context, v access.Viewer, row P) error {
	at := row.shared()
	at.Holder = ""
	switch at.Scope {
	case Mine:
		if at.OwnerID != v.UserID {
			return errForbidden
		}
		at.Holder, at.TeamID = at.OwnerID, ""
		return nil
	case OfTeam:
		if _, err := x.s.Users.Team(ctx, v.WorkspaceID, at.TeamID); errors.Is(err, store.ErrNotFound) {
			return errs.InvalidField("unknown_team", "team_id", "there is no such team in this workspace")
		} else if err != nil {
			return err
		}
	default:
		at.TeamID = ""
	}
	if !v.Can(access.ManageDesk) || !v.In(at.audience()) {
		return errForbidden
	}
	return nil
}

// complete checks a row that is about to be written, and adds what goes with that.
func (x *shelf[T, P]) complete(ctx context.Context, v access.Viewer, w *events.Write, before, after P) error {
	if err := x.place(ctx, v, after); err != nil {
		return err
	}
	at := after.shared()
	others, err := x.held(ctx, at.WorkspaceID, "", at.OwnerID)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(other P) bool { // of other users, or the row itself
		return other.StoreMeta().ID == after.StoreMeta().ID || other.shared().Holder != "" && other.shared().Holder != at.Holder
	})
	if before == nil || before.shared().Holder != at.Holder {
		if err := room(others, at.Holder); err != nil {
			return err
		}
	}
	others = slices.DeleteFunc(others, func(other P) bool {
		return at.apart(other.shared()) || at.Scope == Mine && !v.In(other.shared().audience())
	})
	if err := x.check(ctx, v, after, others); err != nil || x.keep == nil {
		return err
	}
	return x.keep(ctx, v, w, before, after)
}

// room refuses one more row of a holder who has the most already.
func room[T any, P row[T]](rows []P, holder string) error {
	held, most := 0, maxShared
	for _, r := range rows {
		if r.shared().Holder == holder {
			held++
		}
	}
	if holder != "" {
		most = maxOwn
	}
	if held >= most {
		return errs.New(errs.Conflict, "desk_full", fmt.Sprintf("There are %d of these already, which is the most.", most))
	}
	return nil
}

// apart reports whether the two are of different teams.
func (x *Shared) apart(other *Shared) bool {
	return x.Scope == OfTeam && other.Scope == OfTeam && x.TeamID != other.TeamID
}

// note adds the history of a row that others use too, and its events. Who no longer sees it is told its id alone.
func (x *shelf[T, P]) note(w *events.Write, by access.Actor, before, after P) {
	row, done := after, "updated"
	switch {
	case before == nil:
		done = "created"
	case after == nil:
		row, done = before, "deleted"
	}
	at, id := x.s.Clock.Now(), row.StoreMeta().ID
	if row.shared().Holder == "" {
		x.s.Activity.Add(w, activity.Activity{
			WorkspaceID: row.shared().WorkspaceID, Subject: activity.Subject{Kind: x.kind, ID: id}, Actor: by, At: at,
			Action: string(x.kind) + "." + done, Changes: []events.Change{{Field: "name", After: x.name(row)}},
		})
	}
	tell := func(done string, to access.Audience, shown any) {
		data, _ := json.Marshal(shown) // a row always encodes
		w.Events = append(w.Events, events.Event{
			Type: string(x.kind) + "." + done, WorkspaceID: row.shared().WorkspaceID, Subject: id, Version: row.StoreMeta().Version, At: at,
			Actor: by, Data: data, Audience: to,
		})
	}
	gone := struct {
		ID string `json:"id"`
	}{id}
	if before != nil && (after == nil || before.shared().Scope != after.shared().Scope || before.shared().TeamID != after.shared().TeamID) {
		tell("deleted", before.shared().audience(), gone)
	}
	if after != nil {
		tell(done, after.shared().audience(), x.show(after))
	}
}

// create adds a row of the viewer. The same key of the same caller is the same row: created is false then.
func (x *shelf[T, P]) create(ctx context.Context, v access.Viewer, key string, fresh T) (row P, created bool, err error) {
	id := ids.New(x.prefix, x.s.Clock.Now())
	if key != "" {
		id = ids.Derived(x.prefix, v.WorkspaceID, v.UserID, key)
	}
	err = store.Retry(ctx, func() error {
		if row, err = x.one(ctx, v, id); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		again := fresh
		row, created = &again, true
		*row.StoreMeta() = store.Meta{ID: id}
		at := row.shared()
		at.WorkspaceID, at.OwnerID = v.WorkspaceID, v.UserID
		if at.Scope == "" {
			at.Scope = Everyone
			if !v.Can(access.ManageDesk) {
				at.Scope = Mine
			}
		}
		w := &events.Write{}
		if err := x.complete(ctx, v, w, nil, row); err != nil {
			return err
		}
		w.Changes = append(w.Changes, x.rows.Insert(row))
		x.note(w, v.Actor(), nil, row)
		return x.s.Bus.Commit(ctx, w)
	})
	return row, created && err == nil, err
}

// mine returns a row that the viewer may change, unless expected refuses its version.
func (x *shelf[T, P]) mine(ctx context.Context, v access.Viewer, id string, expected func(version int64) error) (P, error) {
	row, err := x.one(ctx, v, id)
	if err != nil {
		return nil, err
	}
	if row.shared().Holder == "" && !v.Can(access.ManageDesk) {
		return nil, errForbidden
	}
	return row, expected(row.StoreMeta().Version)
}

// change edits a row, unless expected refuses the version that it has.
func (x *shelf[T, P]) change(
	ctx context.Context, v access.Viewer, id string, expected func(version int64) error, edit func(P),
) (row P, err error) {
	err = store.Retry(ctx, func() error {
		if row, err = x.mine(ctx, v, id, expected); err != nil {
			return err
		}
		before := *row
		edit(row)
		w := &events.Write{}
		if err := x.complete(ctx, v, w, &before, row); err != nil {
			return err
		}
		w.Changes = append(w.Changes, x.rows.Replace(row))
		x.note(w, v.Actor(), &before, row)
		return x.s.Bus.Commit(ctx, w)
	})
	return row, err
}

// remove deletes a row, unless expected refuses the version that it has.
func (x *shelf[T, P]) remove(ctx context.Context, v access.Viewer, id string, expected func(version int64) error) error {
	return store.Retry(ctx, func() error {
		row, err := x.mine(ctx, v, id, expected)
		if err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{x.rows.Delete(row)}}
		if x.keep != nil {
			if err := x.keep(ctx, v, w, row, nil); err != nil {
				return err
			}
		}
		x.note(w, v.Actor(), row, nil)
		return x.s.Bus.Commit(ctx, w)
	})
}
