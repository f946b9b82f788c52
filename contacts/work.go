package contacts

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/search"
	"wasl/store"
)

// work gathers what one change does to contacts and identities, so that each contact is read once and written once, and
// what the contacts above it show follows.
type work struct {
	s           *Service
	workspaceID string
	by          access.Actor
	contacts    map[string]*Contact
	before      map[string]known   // how those were that are there
	indexed     map[string]indexed // by contact
	touched     []*Contact
	read        map[string][]*Identity // by the contact they were born with
	changed     map[string]*Identity
	merged      map[string]*Merge
	born        []*Identity
	changes     []store.Change
	after       []func() (events.Event, error) // more events, once everything is as it will be
	jobs        []*jobs.Job
}

// indexed is what the indexes have of a contact.
type indexed struct {
	entry  search.Entry
	phones []string
	fields map[string]string
}

func (s *Service) work(workspaceID string, by access.Actor) *work {
	return &work{
		s: s, workspaceID: workspaceID, by: by, before: map[string]known{}, indexed: map[string]indexed{}, contacts: map[string]*Contact{},
		read: map[string][]*Identity{}, changed: map[string]*Identity{}, merged: map[string]*Merge{},
	}
}

// contact reads a contact of the workspace.
func (w *work) contact(ctx context.Context, id string) (*Contact, error) {
	found, err := w.many(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("contact %s: %w", id, store.ErrNotFound)
	}
	return found[0], nil
}

// many reads contacts of the workspace, leaving out those that do not exist.
func (w *work) many(ctx context.Context, ids []string) ([]*Contact, error) {
	var unread []string
	for _, id := range ids {
		if w.contacts[id] == nil {
			unread = append(unread, id)
		}
	}
	if len(unread) > 0 {
		read, err := w.s.contacts.GetMany(ctx, unread...)
		if err != nil {
			return nil, err
		}
		for _, c := range read {
			if c.WorkspaceID == w.workspaceID {
				w.contacts[c.ID], w.before[c.ID] = c, knownOf(c)
				w.indexed[c.ID] = indexed{c.entry(), slices.Clone(c.Phones), maps.Clone(c.fields())}
			}
		}
	}
	found := make([]*Contact, 0, len(ids))
	for _, id := range ids {
		if c := w.contacts[id]; c != nil {
			found = append(found, c)
		}
	}
	return found, nil
}

// root returns the person that a contact belongs to.
func (w *work) root(ctx context.Context, id string) (*Contact, error) {
	c, err := w.contact(ctx, id)
	for passed := []*Contact{}; err == nil && c.MergedInto != ""; {
		if slices.Contains(passed, c) {
			return nil, errTorn
		}
		passed = append(passed, c)
		c, err = w.contact(ctx, c.MergedInto)
	}
	return c, err
}

// errTorn: contacts that were read one after the other belong to different moments, between which somebody merged and separated
// them, so that they stand in a circle. Nothing like that is ever written: the work begins anew.
var errTorn = fmt.Errorf("%w: contacts of different moments", store.ErrConflict)

// family returns the contact with everything that was merged into it, directly or not.
func (w *work) family(ctx context.Context, c *Contact) ([]*Contact, error) {
	all := []*Contact{c}
	for n := 0; n < len(all); n++ {
		members, err := w.many(ctx, all[n].Members)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if slices.Contains(all, m) {
				return nil, errTorn
			}
			all = append(all, m)
		}
	}
	return all, nil
}

// touch has the contact written, with what the contacts above it show.
func (w *work) touch(c *Contact) {
	if !slices.Contains(w.touched, c) {
		w.touched = append(w.touched, c)
	}
}

// finish adds the changes, the history, the events and the jobs of the work to a write.
func (w *work) finish(ctx context.Context, into *events.Write) error {
	var roots []*Contact
	for n := 0; n < len(w.touched); n++ { // grows by the contacts above
		c := w.touched[n]
		rows, err := w.identities(ctx, c)
		if err != nil {
			return err
		}
		c.own().index(rows)
		if c.MergedInto == "" {
			roots = append(roots, c)
			continue
		}
		above, err := w.contact(ctx, c.MergedInto)
		if err != nil {
			return err
		}
		w.touch(above)
	}
	for _, root := range roots {
		if err := w.fold(ctx, root); err != nil {
			return err
		}
	}
	into.Changes, into.Jobs = append(into.Changes, w.changes...), append(into.Jobs, w.jobs...)
	for _, c := range w.touched {
		kind, write, created := "contact.updated", w.s.contacts.Replace, c.Version == 0
		if created {
			kind, write = "contact.created", w.s.contacts.Insert
		}
		was := w.indexed[c.ID]
		into.Changes = append(append(into.Changes, write(c)), w.s.words.Changes(w.workspaceID, withDigits(was.entry, was.phones),
			withDigits(c.entry(), c.Phones))...)
		into.Changes = append(into.Changes, w.s.fields.Changes(w.workspaceID, c.ID, was.fields, c.fields())...)
		w.record(into, c, created)
		if c.MergedInto != "" {
			continue
		}
		view, err := w.view(ctx, c)
		if err != nil {
			return err
		}
		data, _ := json.Marshal(view) // a view always encodes
		ev, err := w.event(ctx, kind, c, data)
		if err != nil {
			return err
		}
		into.Events = append(into.Events, ev)
	}
	for _, say := range w.after {
		ev, err := say()
		if err != nil {
			return err
		}
		into.Events = append(into.Events, ev)
	}
	return nil
}

// fold makes what the contact shows of what its members show, which are folded first.
func (w *work) fold(ctx context.Context, c *Contact, above ...*Contact) error {
	if slices.Contains(above, c) {
		return errTorn
	}
	members, err := w.many(ctx, c.Members)
	if err != nil {
		return err
	}
	for _, m := range members {
		if slices.Contains(w.touched, m) {
			if err := w.fold(ctx, m, append(above, c)...); err != nil {
				return err
			}
		}
	}
	c.fold(members)
	return nil
}

// identities lists the identities that were born with the contact, oldest first, as the work leaves them.
func (w *work) identities(ctx context.Context, c *Contact) ([]*Identity, error) {
	rows, read := w.read[c.ID]
	if !read && c.Version > 0 {
		var err error
		rows, _, err = w.s.identities.Find(ctx, store.Query{Index: "origin", Eq: []any{w.workspaceID, c.ID}, Limit: maxIdentities})
		if err != nil {
			return nil, err
		}
		w.read[c.ID] = rows
	}
	rows = slices.Clone(rows)
	for n, row := range rows {
		if changed := w.changed[row.ID]; changed != nil {
			rows[n] = changed
		}
	}
	for _, row := range w.born {
		if row.Origin == c.ID {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// maxIdentities bounds how many identities of one contact are looked at.
const maxIdentities = 500
