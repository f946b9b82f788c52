package contacts

import (
	"context"
	"slices"
	"strings"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
)

// typed reports whether somebody wrote the identity down, and no channel has shown it yet.
func (i *Identity) typed() bool { return i.Source == sourceManual && i.ChannelID == "" && !i.Alias }

// sourceManual marks what people typed.
const sourceManual = "manual"

// Create makes a contact of what somebody typed.
func (s *Service) Create(ctx context.Context, workspaceID string, by access.Actor, name string, known []channels.Identity) (*Contact,
	error,
) {
	var c *Contact
	err := s.do(ctx, workspaceID, by, func(w *work) error {
		c = w.create(nameOf(channels.Sender{Name: name, Identities: known}))
		c.Named = name != ""
		for _, i := range known {
			if err := w.add(ctx, c, "", i); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

// Add gives a contact an identity that somebody typed or, with a channel, is about to write to. What belongs to another person stays
// theirs: with a channel it is refused with that person's id, otherwise it is noted, which suggests that the two are one.
func (s *Service) Add(ctx context.Context, workspaceID string, by access.Actor, id, channelID string, i channels.Identity) error {
	return s.do(ctx, workspaceID, by, func(w *work) error {
		c, err := w.contact(ctx, id)
		if err != nil {
			return err
		}
		return w.add(ctx, c, channelID, i)
	})
}

func (w *work) add(ctx context.Context, c *Contact, channelID string, i channels.Identity) error {
	person, err := w.root(ctx, c.ID)
	if err != nil {
		return err
	}
	asked := append([]channels.Identity{i}, aliases([]channels.Identity{i}, []channels.Identity{i})...)
	rows, missing, err := w.s.known(ctx, w.workspaceID, asked)
	if err != nil {
		return err
	}
	missing = slices.DeleteFunc(missing, func(m channels.Identity) bool { // typed twice at once
		return slices.ContainsFunc(w.born, func(b *Identity) bool { return b.ID == identityID(w.workspaceID, m) })
	})
	for _, row := range rows {
		owner, err := w.root(ctx, row.Origin)
		if err != nil {
			return err
		}
		if owner.ID != person.ID && channelID != "" {
			taken := errs.New(errs.Conflict, "identity_taken",
				"This belongs to another contact already. Are they the same person? Then merge them.")
			taken.Fields = []errs.Field{{Field: "contact_id", Detail: owner.ID}}
			return taken
		}
		if owner.ID != person.ID {
			missing = nil
		}
	}
	c.own().learn([]channels.Identity{i})
	w.touch(c)
	born := Identity{WorkspaceID: w.workspaceID, Origin: c.ID, ChannelID: channelID, Source: sourceManual, CreatedAt: w.s.clock.Now()}
	for _, m := range missing {
		w.bear(born, m, m != i)
	}
	return nil
}

// Forget takes away a number or an address that somebody typed. What a channel has shown to be the person's is not taken away.
func (s *Service) Forget(ctx context.Context, workspaceID string, by access.Actor, id string, i channels.Identity) error {
	return s.do(ctx, workspaceID, by, func(w *work) error {
		person, err := w.root(ctx, id)
		if err != nil {
			return err
		}
		family, err := w.family(ctx, person)
		if err != nil {
			return err
		}
		for _, c := range family {
			if err := w.forget(ctx, c, i); err != nil {
				return err
			}
		}
		if len(w.touched) == 0 {
			return store.ErrNotFound
		}
		return nil
	})
}

func (w *work) forget(ctx context.Context, c *Contact, i channels.Identity) error {
	rows, err := w.identities(ctx, c)
	if err != nil {
		return err
	}
	kept := rows[:0:0]
	for _, row := range rows {
		switch {
		case !same(row.Identity, i):
			kept = append(kept, row)
		case !row.Alias && !row.typed():
			return errs.New(errs.Conflict, "identity_proven", "A channel has shown that this belongs to the contact.")
		default:
			w.changes = append(w.changes, w.s.identities.Delete(row))
		}
	}
	own := c.own()
	phones := slices.DeleteFunc(slices.Clone(own.Phones),
		func(p string) bool { return same(channels.Identity{Kind: kindPhone, Value: p}, i) })
	emails := slices.DeleteFunc(slices.Clone(own.Emails),
		func(e string) bool { return same(channels.Identity{Kind: kindEmail, Value: e}, i) })
	if len(kept) == len(rows) && len(phones) == len(own.Phones) && len(emails) == len(own.Emails) {
		return nil
	}
	own.Phones, own.Emails, w.read[c.ID] = phones, emails, kept
	w.touch(c)
	return nil
}

// same reports whether an identity is the number or the address in any spelling.
func same(has, i channels.Identity) bool {
	switch has.Kind {
	case kindPhone, kindWhatsApp:
		return i.Kind == kindPhone && phoneKey(i.Value) != "" && phoneKey(has.Value) == phoneKey(i.Value)
	case kindEmail:
		return i.Kind == kindEmail && strings.EqualFold(has.Value, i.Value)
	}
	return false
}
