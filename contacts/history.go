package contacts

import (
	"maps"
	"slices"

	"wasl/activity"
	"wasl/internal/access"
	"wasl/internal/events"
)

// What is done with a contact, in the history.
const (
	actionCreated   = "contact.created"
	actionChanged   = "contact.changed"
	actionMerged    = "contact.merged"
	actionSeparated = "contact.separated"
)

// known is what the history of a contact tells of it.
type known struct {
	facts      Facts
	mergedInto string
}

func knownOf(c *Contact) known {
	k := known{facts: *c.own(), mergedInto: c.MergedInto}
	k.facts.Phones, k.facts.Emails, k.facts.Tags = slices.Clone(k.facts.Phones), slices.Clone(k.facts.Emails), slices.Clone(k.facts.Tags)
	k.facts.Fields = maps.Clone(k.facts.Fields)
	return k
}

// changesSince lists what people know of the contact and what is not as it was.
func (c *Contact) changesSince(before known) (changes []events.Change) {
	now := c.own()
	note := func(field string, before, after any) {
		changes = append(changes, events.Change{Field: field, Before: before, After: after})
	}
	if before.facts.Name != now.Name {
		note("name", before.facts.Name, now.Name)
	}
	if before.facts.OwnerID != now.OwnerID {
		note("owner_id", before.facts.OwnerID, now.OwnerID)
	}
	for _, list := range []struct {
		field         string
		before, after []string
	}{
		{"phones", before.facts.Phones, now.Phones}, {"emails", before.facts.Emails, now.Emails}, {"tags", before.facts.Tags, now.Tags},
	} {
		if !slices.Equal(list.before, list.after) {
			note(list.field, list.before, list.after)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(now.Fields)) {
		if before.facts.Fields[key] != now.Fields[key] {
			note("fields."+key, before.facts.Fields[key], now.Fields[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before.facts.Fields)) {
		if _, has := now.Fields[key]; !has {
			note("fields."+key, before.facts.Fields[key], nil)
		}
	}
	if before.facts.NoMarketing != now.NoMarketing {
		note("no_marketing", before.facts.NoMarketing, now.NoMarketing)
	}
	if before.mergedInto != c.MergedInto {
		note("merged_into", before.mergedInto, c.MergedInto)
	}
	return changes
}

// record adds to the write what became of a contact.
func (w *work) record(into *events.Write, c *Contact, created bool) {
	changes := c.changesSince(w.before[c.ID])
	action := actionChanged
	switch {
	case created:
		action = actionCreated
	case c.MergedInto != w.before[c.ID].mergedInto && c.MergedInto != "":
		action = actionMerged
	case c.MergedInto != w.before[c.ID].mergedInto:
		action = actionSeparated
	case len(changes) == 0:
		return
	}
	by := w.by
	if by.Kind == access.Contact && by.ID == "" {
		by.ID = c.ID
	}
	w.s.activity.Add(into, activity.Activity{
		WorkspaceID: w.workspaceID, Subject: activity.Subject{Kind: activity.Contact, ID: c.ID}, ContactID: c.ID, Actor: by,
		Action: action, Changes: changes, At: w.s.clock.Now(),
	})
}
