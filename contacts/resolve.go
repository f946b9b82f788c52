package contacts

import (
	"context"
	"slices"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// Resolution is who a sender is.
type Resolution struct {
	Contact *Contact // the person as people see it
	// Origins are the contacts that the sender's identities were born with, that of the address first. Conversations belong
	// to an origin, so that merges do not move them.
	Origins []string
	// Write is what must be written for that to be true: part of the caller's own write.
	Write events.Write
	New   bool
}

// Resolve finds the person of a sender by any of the identities, or makes a contact. Identities that are new are linked to
// it: one signed body names them together. Where they belong to two contacts, these are merged, unless somebody has
// separated them. It writes nothing; a conflict of the caller's write means: resolve again.
func (s *Service) Resolve(ctx context.Context, workspaceID, channelID string, sender channels.Sender, source string,
	by access.Actor,
) (*Resolution, error) {
	rows, missing, err := s.known(ctx, workspaceID, sender.Identities)
	if err != nil {
		return nil, err
	}
	linked, absent := rows, []channels.Identity(nil)
	if len(missing) > 0 {
		var others []*Identity
		if others, absent, err = s.known(ctx, workspaceID, aliases(missing, sender.Identities)); err != nil {
			return nil, err
		}
		linked = append(slices.Clip(rows), others...)
	}
	if sender.At.IsZero() {
		sender.At = s.clock.Now()
	}
	sender.At = store.Millis(sender.At)
	w := s.work(workspaceID, by)
	var origin *Contact
	r := &Resolution{New: len(linked) == 0}
	if r.New {
		origin = w.create(nameOf(sender))
		if sender.Name != "" {
			origin.NameAt = sender.At
		}
	} else if origin, err = w.unite(ctx, linked); err != nil {
		return nil, err
	}
	r.Origins = originsOf(rows)
	if len(r.Origins) == 0 {
		r.Origins = []string{origin.ID}
	}
	if origin.own().rename(sender) {
		w.touch(origin)
	}
	born := Identity{
		WorkspaceID: workspaceID, Origin: origin.ID, ChannelID: channelID, Username: sender.Username, Source: source,
		CreatedAt: s.clock.Now(),
	}
	for _, row := range rows {
		if row.Alias || row.typed() || (sender.Username != "" && row.Username != sender.Username) {
			if err := w.refresh(ctx, row, born, sender); err != nil {
				return nil, err
			}
		}
	}
	for _, i := range missing {
		w.bear(born, i, false)
	}
	for _, i := range absent {
		w.bear(born, i, true)
	}
	if len(missing) > 0 {
		origin.own().learn(missing)
		w.touch(origin)
	}
	if r.Contact, err = w.root(ctx, origin.ID); err != nil {
		return nil, err
	}
	return r, w.finish(ctx, &r.Write)
}

// known returns the rows of those identities that exist, in the order given, and the identities that do not.
func (s *Service) known(ctx context.Context, workspaceID string, asked []channels.Identity) (rows []*Identity, missing []channels.Identity,
	err error,
) {
	if len(asked) == 0 {
		return nil, nil, nil
	}
	keys := make([]string, len(asked))
	for n, i := range asked {
		keys[n] = identityID(workspaceID, i)
	}
	rows, err = s.identities.GetMany(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	have := map[string]bool{}
	for _, row := range rows {
		have[row.ID] = true
	}
	for n, i := range asked {
		if !have[keys[n]] {
			have[keys[n]] = true // named twice in one body
			missing = append(missing, i)
		}
	}
	return rows, missing, nil
}

func originsOf(rows []*Identity) []string {
	var out []string
	for _, row := range rows {
		out = appendNew(out, row.Origin)
	}
	return out
}

// unite returns the contact that the first of the rows was born with. Where the others belong to other persons, they become one.
func (w *work) unite(ctx context.Context, rows []*Identity) (*Contact, error) {
	origin, err := w.contact(ctx, rows[0].Origin)
	if err != nil {
		return nil, err
	}
	for _, id := range originsOf(rows)[1:] {
		a, err := w.root(ctx, origin.ID)
		if err != nil {
			return nil, err
		}
		b, err := w.root(ctx, id)
		if err != nil {
			return nil, err
		}
		if a.ID == b.ID {
			continue
		}
		apart, err := w.apart(ctx, a, b)
		if err != nil {
			return nil, err
		}
		if apart {
			continue
		}
		if b.CreatedAt.Before(a.CreatedAt) {
			a, b = b, a
		}
		if err := w.merge(ctx, a, b, "same_sender"); err != nil {
			return nil, err
		}
	}
	return origin, nil
}

// refresh takes what a channel now says about an identity that is known.
func (w *work) refresh(ctx context.Context, row *Identity, born Identity, sender channels.Sender) error {
	if row.Alias || row.typed() { // a channel names it for the first time
		n := slices.IndexFunc(sender.Identities, func(i channels.Identity) bool { return identityID(w.workspaceID, i) == row.ID })
		row.Alias, row.Identity, row.ChannelID, row.Source = false, sender.Identities[n], born.ChannelID, born.Source
		origin, err := w.contact(ctx, row.Origin)
		if err != nil {
			return err
		}
		origin.own().learn(sender.Identities[n : n+1])
		w.touch(origin)
	}
	if sender.Username != "" {
		row.Username = sender.Username
	}
	w.changed[row.ID] = row
	w.changes = append(w.changes, w.s.identities.Replace(row))
	return nil
}

// bear adds an identity.
func (w *work) bear(born Identity, i channels.Identity, alias bool) {
	born.Meta, born.Identity, born.Alias = store.Meta{ID: identityID(w.workspaceID, i)}, i, alias
	if alias {
		born.ChannelID, born.Username = "", ""
	}
	w.born = append(w.born, &born)
	w.changes = append(w.changes, w.s.identities.Insert(&born))
}

// create adds a contact.
func (w *work) create(name string) *Contact {
	now := w.s.clock.Now()
	c := &Contact{
		Meta: store.Meta{ID: ids.New("con", now)}, WorkspaceID: w.workspaceID, CreatedAt: now,
		Facts: Facts{Name: name, Phones: []string{}, Emails: []string{}, Tags: []string{}, Fields: map[string]string{}},
	}
	w.contacts[c.ID] = c
	w.touch(c)
	return c
}
