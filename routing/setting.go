package routing

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

// Listed is what rows of settings have that a workspace has several of, in an order.
type Listed struct {
	WorkspaceID string `bson:"workspace_id"`
	Position    int    `bson:"position"` // the lowest comes first
}

func (l *Listed) list() *Listed { return l }

// byPosition is the index of the workspace's rows in their order.
var byPosition = store.Index{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("position")}}

// setting is a row of such settings.
type setting[T any] interface {
	store.Entity[T]
	list() *Listed
}

// settings are rows that those who manage routing make, change, order and remove, with the history and the events of that. The events'
// data is the row as REST shows it, for those who see everything.
type settings[T any, P setting[T]] struct {
	s      *Service
	rows   store.Collection[T, P]
	kind   activity.Kind // of their history; events are called after it
	prefix string        // of their ids
	most   int           // of a workspace
	full   *errs.Error   // refuses one more
	check  func(ctx context.Context, row P) error
	show   func(row P) any
	name   func(row P) string // for the history
}

// all are the workspace's rows in their order.
func (x *settings[T, P]) all(ctx context.Context, workspaceID string) ([]P, error) {
	found, _, err := x.rows.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: x.most})
	return found, err
}

// one returns a row of the workspace or store.ErrNotFound.
func (x *settings[T, P]) one(ctx context.Context, workspaceID, id string) (P, error) {
	row, err := x.rows.Get(ctx, id)
	if err == nil && row.list().WorkspaceID != workspaceID {
		return nil, store.ErrNotFound
	}
	return row, err
}

// note adds a row's history and its event.
func (x *settings[T, P]) note(w *events.Write, row P, by access.Actor, done string) {
	at, id, event := x.s.Clock.Now(), row.StoreMeta().ID, string(x.kind)+"."+done
	x.s.Activity.Add(w, activity.Activity{
		WorkspaceID: row.list().WorkspaceID, Subject: activity.Subject{Kind: x.kind, ID: id}, Actor: by, Action: event, At: at,
		Changes: []events.Change{{Field: "name", After: x.name(row)}},
	})
	data, _ := json.Marshal(x.show(row)) // a row always encodes
	w.Events = append(w.Events, events.Event{
		Type: event, WorkspaceID: row.list().WorkspaceID, Subject: id, Version: row.StoreMeta().Version, At: at, Actor: by, Data: data,
		Audience: access.Audience{Supervisors: true},
	})
}

// create adds a row behind the others. The same key of the same caller is the same row: created is false then.
func (x *settings[T, P]) create(ctx context.Context, v access.Viewer, key string, fresh T) (row P, created bool, err error) {
	id := ids.New(x.prefix, x.s.Clock.Now())
	if key != "" {
		id = ids.Derived(x.prefix, v.WorkspaceID, v.UserID, key)
	}
	err = store.Retry(ctx, func() error {
		if row, err = x.one(ctx, v.WorkspaceID, id); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		there, err := x.all(ctx, v.WorkspaceID)
		if err != nil {
			return err
		}
		if len(there) >= x.most {
			return x.full
		}
		again := fresh
		row, created = &again, true
		*row.StoreMeta() = store.Meta{ID: id}
		*row.list() = Listed{WorkspaceID: v.WorkspaceID}
		if len(there) > 0 {
			row.list().Position = there[len(there)-1].list().Position + 1
		}
		if err := x.check(ctx, row); err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{x.rows.Insert(row)}}
		x.note(w, row, v.Actor(), "created")
		return x.s.Bus.Commit(ctx, w)
	})
	return row, created && err == nil, err
}

// change edits a row, unless expected refuses the version that it has.
func (x *settings[T, P]) change(
	ctx context.Context, v access.Viewer, id string, expected func(version int64) error, edit func(P),
) (row P, err error) {
	err = store.Retry(ctx, func() error {
		if row, err = x.expect(ctx, v.WorkspaceID, id, expected); err != nil {
			return err
		}
		edit(row)
		if err := x.check(ctx, row); err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{x.rows.Replace(row)}}
		x.note(w, row, v.Actor(), "updated")
		return x.s.Bus.Commit(ctx, w)
	})
	return row, err
}

func (x *settings[T, P]) expect(ctx context.Context, workspaceID, id string, expected func(version int64) error) (P, error) {
	row, err := x.one(ctx, workspaceID, id)
	if err != nil {
		return nil, err
	}
	return row, expected(row.StoreMeta().Version)
}

// remove deletes a row, unless expected refuses the version that it has.
func (x *settings[T, P]) remove(ctx context.Context, v access.Viewer, id string, expected func(version int64) error) error {
	return store.Retry(ctx, func() error {
		row, err := x.expect(ctx, v.WorkspaceID, id, expected)
		if err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{x.rows.Delete(row)}}
		x.note(w, row, v.Actor(), "deleted")
		return x.s.Bus.Commit(ctx, w)
	})
}

// order puts the rows into an order, which must name all of them once.
func (x *settings[T, P]) order(ctx context.Context, v access.Viewer, order []string) (rows []P, err error) {
	err = store.Retry(ctx, func() error {
		if rows, err = x.all(ctx, v.WorkspaceID); err != nil {
			return err
		}
		place := make(map[string]int, len(order))
		for n, id := range order {
			place[id] = n
		}
		errOrder := errs.InvalidField("invalid_order", "ids", "all ids, each once")
		if len(order) != len(rows) || len(place) != len(rows) {
			return errOrder
		}
		w := &events.Write{}
		for _, row := range rows {
			n, named := place[row.StoreMeta().ID]
			if !named {
				return errOrder
			}
			if row.list().Position != n {
				row.list().Position = n
				w.Changes = append(w.Changes, x.rows.Replace(row))
				x.note(w, row, v.Actor(), "updated")
			}
		}
		slices.SortFunc(rows, func(a, b P) int { return a.list().Position - b.list().Position })
		return x.s.Bus.Commit(ctx, w)
	})
	return rows, err
}

// tooMany refuses one more of what a workspace has so many of already.
func tooMany(code, what string, most int) *errs.Error {
	return errs.New(errs.Conflict, code, fmt.Sprintf("A workspace has at most %d %s.", most, what))
}
