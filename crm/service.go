package crm

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"wasl/channels"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/text"
	"wasl/store"
)

// Service keeps contacts and identities.
type Service struct {
	engine     store.Engine
	bus        *events.Bus
	clock      clock.Clock
	contacts   store.Collection[Contact, *Contact]
	identities store.Collection[Identity, *Identity]
}

// NewService returns the service.
func NewService(engine store.Engine, bus *events.Bus, c clock.Clock) *Service {
	return &Service{
		engine: engine, bus: bus, clock: c,
		contacts:   store.NewCollection[Contact](engine, contactSchema),
		identities: store.NewCollection[Identity](engine, identitySchema),
	}
}

// Resolution is who a sender is, and what must be written for that to be true: part of the caller's own write.
type Resolution struct {
	Contact *Contact
	Changes []store.Change
	Events  []events.Event
	New     bool
}

// Resolve finds the contact of a sender by any of the identities, or makes one. Identities that are new are linked to
// it: one signed body names them together. It writes nothing; a conflict of the caller's write means: resolve again.
func (s *Service) Resolve(ctx context.Context, workspaceID, channelID string, sender channels.Sender, source string) (*Resolution, error) {
	known, missing, err := s.known(ctx, workspaceID, sender.Identities)
	if err != nil {
		return nil, err
	}
	r := &Resolution{New: len(known) == 0}
	if r.New {
		r.Contact = &Contact{
			Meta: store.Meta{ID: ids.New("con", s.clock.Now())}, WorkspaceID: workspaceID, Name: nameOf(sender),
			Phones: []string{}, Emails: []string{}, Tags: []string{}, Fields: map[string]string{}, CreatedAt: s.clock.Now(),
		}
	} else if r.Contact, err = s.contacts.Get(ctx, known[0].ContactID); err != nil {
		return nil, err
	}
	renamed := !r.New && r.Contact.rename(sender)
	for _, i := range missing {
		row := &Identity{
			Meta: store.Meta{ID: identityID(workspaceID, i)}, WorkspaceID: workspaceID, ContactID: r.Contact.ID, ChannelID: channelID,
			Identity: i, Username: sender.Username, Source: source, CreatedAt: s.clock.Now(),
		}
		known = append(known, row)
		r.Changes = append(r.Changes, s.identities.Insert(row))
	}
	for _, row := range known[:len(known)-len(missing)] {
		if sender.Username != "" && row.Username != sender.Username {
			row.Username = sender.Username
			r.Changes = append(r.Changes, s.identities.Replace(row))
		}
	}
	if !r.New && !renamed && len(missing) == 0 {
		return r, nil
	}
	if !r.New {
		all, err := s.Identities(ctx, workspaceID, r.Contact.ID)
		if err != nil {
			return nil, err
		}
		for n := range all {
			for _, row := range known {
				if row.ID == all[n].ID {
					all[n] = row // with the change that it gets here
				}
			}
		}
		known = append(all, known[len(known)-len(missing):]...)
	}
	r.Contact.learn(missing)
	r.Contact.index(valuesOf(known))
	if r.New {
		r.Changes = append(r.Changes, s.contacts.Insert(r.Contact))
		r.Events = append(r.Events, s.event("contact.created", r.Contact, known))
		return r, nil
	}
	r.Changes = append(r.Changes, s.contacts.Replace(r.Contact))
	r.Events = append(r.Events, s.event("contact.updated", r.Contact, known))
	return r, nil
}

// known returns the rows of those identities that exist, in the order given, and the identities that do not.
func (s *Service) known(ctx context.Context, workspaceID string, asked []channels.Identity) (rows []*Identity, missing []channels.Identity, err error) {
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

// rename follows the name that the person uses on the channel, until we give one ourselves.
func (c *Contact) rename(sender channels.Sender) bool {
	name := strings.TrimSpace(sender.Name)
	if c.Named || name == "" || name == c.Name {
		return false
	}
	c.Name = name
	return true
}

func valuesOf(rows []*Identity) []channels.Identity {
	out := make([]channels.Identity, len(rows))
	for n, row := range rows {
		out[n] = row.Identity
	}
	return out
}

// Known returns the id of the contact that has the identity, or store.ErrNotFound.
func (s *Service) Known(ctx context.Context, workspaceID string, i channels.Identity) (contactID string, err error) {
	row, err := s.identities.Get(ctx, identityID(workspaceID, i))
	if err != nil {
		return "", err
	}
	return row.ContactID, nil
}

// Relink makes the identities of a profile change belong to the contact that had the previous ones, and returns it; nil
// where nobody had them.
func (s *Service) Relink(ctx context.Context, workspaceID, channelID string, previous []channels.Identity, sender channels.Sender) (*Resolution, error) {
	rows, _, err := s.known(ctx, workspaceID, previous)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	both := sender
	both.Identities = append(valuesOf(rows[:1]), sender.Identities...)
	return s.Resolve(ctx, workspaceID, channelID, both, "profile")
}

// Contact returns a contact of the workspace or store.ErrNotFound.
func (s *Service) Contact(ctx context.Context, workspaceID, id string) (*Contact, error) {
	c, err := s.contacts.Get(ctx, id)
	if err == nil && c.WorkspaceID != workspaceID {
		return nil, store.ErrNotFound
	}
	return c, err
}

// Identities lists a contact's identities, oldest first.
func (s *Service) Identities(ctx context.Context, workspaceID, contactID string) ([]*Identity, error) {
	rows, _, err := s.identities.Find(ctx, store.Query{Index: "contact", Eq: []any{workspaceID, contactID}, Limit: 200})
	return rows, err
}

// Change edits a contact under its event.
func (s *Service) Change(ctx context.Context, workspaceID, id string, change func(*Contact)) (*Contact, []*Identity, error) {
	for {
		c, err := s.Contact(ctx, workspaceID, id)
		if err != nil {
			return nil, nil, err
		}
		rows, err := s.Identities(ctx, workspaceID, id)
		if err != nil {
			return nil, nil, err
		}
		change(c)
		c.index(valuesOf(rows))
		err = s.bus.Commit(ctx, []store.Change{s.contacts.Replace(c)}, s.event("contact.updated", c, rows))
		if !errors.Is(err, store.ErrConflict) {
			return c, rows, err
		}
	}
}

// Search finds contacts that have every term of the query, the last one also by its beginning. Without terms: the newest.
func (s *Service) Search(ctx context.Context, workspaceID, query, cursor string, limit int) ([]*Contact, string, error) {
	terms := text.Terms(query)
	if len(terms) == 0 {
		return s.contacts.Find(ctx, store.Query{Index: "created", Eq: []any{workspaceID}, Limit: limit, Cursor: cursor})
	}
	last := len(terms) - 1
	q := store.Query{
		Index: "tokens", Eq: []any{workspaceID}, Range: &store.Range{Prefix: terms[last]}, Limit: limit, Cursor: cursor,
	}
	for _, term := range terms[:last] {
		q.Where, q.MaxExamined = append(q.Where, store.Cond{Path: "tokens", Op: store.Has, Value: term}), maxExamined
	}
	found, next, err := s.contacts.Find(ctx, q)
	seen := map[string]bool{}
	distinct := found[:0]
	for _, c := range found { // two tokens of one contact may begin alike
		if !seen[c.ID] {
			seen[c.ID] = true
			distinct = append(distinct, c)
		}
	}
	return distinct, next, err
}

// maxExamined bounds the work of one search.
const maxExamined = 5000

func (s *Service) event(kind string, c *Contact, rows []*Identity) events.Event {
	data, _ := json.Marshal(viewContact(c, rows)) // a view always encodes
	return events.Event{
		Type: kind, WorkspaceID: c.WorkspaceID, Subject: c.ID, At: s.clock.Now(),
		Audience: events.Audience{Everyone: true}, Data: data,
	}
}

// GetMany returns contacts by their ids.
func (s *Service) GetMany(ctx context.Context, contactIDs ...string) (map[string]*Contact, error) {
	found, err := s.contacts.GetMany(ctx, contactIDs...)
	out := make(map[string]*Contact, len(found))
	for _, c := range found {
		out[c.ID] = c
	}
	return out, err
}
