package contacts

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/internal/web"
	"wasl/store"
)

// JobMoved tells those who keep what belongs to contacts that a contact, the job's Ref, belongs to another person now. Handlers
// bring up to date what they copied; nothing is wrong before.
const JobMoved = "contact_moved"

// Merge is the record of one merge: who did it, when, why, what the survivor shows because of it, and whether it was taken back.
type Merge struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string              `bson:"workspace_id"`
	SurvivorID  string              `bson:"survivor_id"`
	AbsorbedID  string              `bson:"absorbed_id"`
	By          string              `bson:"by"`     // the user; empty: Wasl itself
	Reason      string              `bson:"reason"` // merged_by_hand same_sender
	Took        map[string][]string `bson:"took"`   // by field
	At          time.Time           `bson:"at"`
	UndoneBy    string              `bson:"undone_by,omitempty"`
	UndoneAt    *time.Time          `bson:"undone_at,omitempty"`
}

// merge makes b, which is a person of its own as a is, a part of a.
func (w *work) merge(ctx context.Context, a, b *Contact, reason string) error {
	now := w.s.clock.Now()
	m := &Merge{
		Meta: store.Meta{ID: ids.New("mrg",
			now)}, WorkspaceID: w.workspaceID, SurvivorID: a.ID, AbsorbedID: b.ID, By: w.userID(), Reason: reason, At: now,
	}
	before := a.Facts
	a.Members = append(a.Members, b.ID)
	b.MergedInto, b.MergeID = a.ID, m.ID
	w.touch(b)
	w.touch(a)
	members, err := w.many(ctx, a.Members)
	if err != nil {
		return err
	}
	a.fold(members)
	m.Took, w.merged[m.ID] = took(before, a.Facts), m
	w.changes = append(w.changes, w.s.merges.Insert(m))
	w.moved(b, m.ID, "merged")
	w.after = append(w.after, func() (events.Event, error) {
		view, err := w.view(ctx, a)
		if err != nil {
			return events.Event{}, err
		}
		data, _ := json.Marshal(MergedEvent{ContactView: view, AbsorbedID: b.ID, MergeID: m.ID}) // a view always encodes
		return w.event(ctx, "contact.merged", a, data)
	})
	return nil
}

// userID is the user who does the work; empty: it follows from what came in.
func (w *work) userID() string {
	if w.by.Kind == access.User {
		return w.by.ID
	}
	return ""
}

// moved adds the job that brings up to date what others copied of the contact.
func (w *work) moved(c *Contact, mergeID, what string) {
	job, insert := w.s.jobs.New(jobs.Spec{Kind: JobMoved, WorkspaceID: w.workspaceID, Ref: c.ID, Key: []string{mergeID, what}})
	w.jobs, w.changes = append(w.jobs, job), append(w.changes, insert...)
}

// took lists by field what is shown after and was not before.
func took(before, after Facts) map[string][]string {
	out := map[string][]string{}
	note := func(field string, before, after []string) {
		for _, value := range after {
			if !slices.Contains(before, value) {
				out[field] = append(out[field], value)
			}
		}
	}
	note("name", []string{before.Name}, []string{after.Name})
	note("phones", before.Phones, after.Phones)
	note("emails", before.Emails, after.Emails)
	note("tags", before.Tags, after.Tags)
	for name := range after.Fields {
		if _, had := before.Fields[name]; !had {
			out["fields"] = append(out["fields"], name)
		}
	}
	slices.Sort(out["fields"])
	return out
}

// apart reports whether somebody said that the two are different persons.
func (w *work) apart(ctx context.Context, a, b *Contact) (bool, error) {
	of, err := w.family(ctx, a)
	if err != nil {
		return false, err
	}
	from, err := w.family(ctx, b)
	if err != nil {
		return false, err
	}
	for _, x := range of {
		for _, y := range from {
			if slices.Contains(x.Apart, y.ID) || slices.Contains(y.Apart, x.ID) {
				return true, nil
			}
		}
	}
	return false, nil
}

// commit writes the work.
func (w *work) commit(ctx context.Context) error {
	into := &events.Write{}
	if err := w.finish(ctx, into); err != nil {
		return err
	}
	return w.s.bus.Commit(ctx, into)
}

// do repeats a piece of work from the start as long as others are faster.
func (s *Service) do(ctx context.Context, workspaceID string, by access.Actor, fn func(*work) error) error {
	return store.Retry(ctx, func() error {
		w := s.work(workspaceID, by)
		if err := fn(w); err != nil {
			return err
		}
		return w.commit(ctx)
	})
}

// Merge makes two contacts one person, the first of them the survivor, which is returned. Of those that are one person
// already nothing changes.
func (s *Service) Merge(ctx context.Context, workspaceID, survivorID, otherID string, by access.Actor) (*Contact, error) {
	if survivorID == otherID {
		return nil, errs.InvalidField("same_contact", "contact_id", "a contact cannot be merged with itself")
	}
	var survivor *Contact
	err := s.do(ctx, workspaceID, by, func(w *work) error {
		a, err := w.root(ctx, survivorID)
		if err != nil {
			return err
		}
		b, err := w.root(ctx, otherID)
		if err != nil {
			return err
		}
		if survivor = a; a.ID == b.ID {
			return nil
		}
		return w.merge(ctx, a, b, "merged_by_hand")
	})
	return survivor, err
}

// Unmerge takes a merge back: what came with the contact that was absorbed, or has come to it since, is a person of its own
// again. The two are not merged by themselves any more. It returns the contact that was separated.
func (s *Service) Unmerge(ctx context.Context, workspaceID, personID, mergeID string, by access.Actor) (*Contact, error) {
	var separated *Contact
	err := s.do(ctx, workspaceID, by, func(w *work) error {
		m, err := s.merges.Get(ctx, mergeID)
		if err != nil {
			return err
		}
		if m.WorkspaceID != workspaceID {
			return store.ErrNotFound
		}
		b, err := w.contact(ctx, m.AbsorbedID)
		if err != nil {
			return err
		}
		root, err := w.root(ctx, b.ID)
		if err != nil {
			return err
		}
		asked, err := w.root(ctx, personID)
		if err != nil {
			return err
		}
		survivor, err := w.root(ctx, m.SurvivorID)
		if err != nil {
			return err
		}
		switch {
		case asked.ID != root.ID && asked.ID != survivor.ID: // of somebody else nothing is said
			return store.ErrNotFound
		case b.MergeID != m.ID:
			return errs.New(errs.Conflict, "already_separated", "This merge has been taken back already.")
		}
		separated = b
		return w.unmerge(ctx, b, m)
	})
	return separated, err
}

func (w *work) unmerge(ctx context.Context, b *Contact, m *Merge) error {
	a, err := w.contact(ctx, b.MergedInto)
	if err != nil {
		return err
	}
	a.Members = slices.DeleteFunc(a.Members, func(id string) bool { return id == b.ID })
	b.MergedInto, b.MergeID = "", ""
	w.part(a, b)
	now := w.s.clock.Now()
	m.UndoneBy, m.UndoneAt = w.userID(), &now
	w.changes = append(w.changes, w.s.merges.Replace(m))
	w.moved(b, m.ID, "separated")
	return nil
}

// part remembers that the two are different persons.
func (w *work) part(a, b *Contact) {
	a.Apart, b.Apart = appendNew(a.Apart, b.ID), appendNew(b.Apart, a.ID)
	w.touch(a)
	w.touch(b)
}

// MergedEvent is the data of contact.merged: the survivor, and who is part of it now.
type MergedEvent struct {
	ContactView
	AbsorbedID string `json:"absorbed_id"`
	MergeID    string `json:"merge_id"`
}

// MergeView is one of the contacts that a person was merged from, as REST shows it.
type MergeView struct {
	MergeID   string   `json:"merge_id"`
	ContactID string   `json:"contact_id"`
	Name      string   `json:"name"`
	By        string   `json:"by" doc:"The user who did it; empty: Wasl, because one message named both"`
	At        web.Time `json:"at"`
}
