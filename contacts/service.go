package contacts

import (
	"context"
	"encoding/json"
	"slices"

	"wasl/activity"
	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/text"
	"wasl/search"
	"wasl/store"
)

// Service keeps contacts and identities.
type Service struct {
	bus        *events.Bus
	activity   *activity.Log
	said       AudienceOf
	jobs       *jobs.Runner
	clock      clock.Clock
	contacts   store.Collection[Contact, *Contact]
	identities store.Collection[Identity, *Identity]
	merges     store.Collection[Merge, *Merge]
	words      *search.Source[*Contact]
	fields     *search.FieldIndex
}

// NewService returns the service.
func NewService(engine store.Engine, bus *events.Bus, log *activity.Log, runner *jobs.Runner, c clock.Clock) *Service {
	s := &Service{
		bus: bus, activity: log, said: func(context.Context, string, string) (access.Audience, bool, error) {
			return access.Audience{}, false, nil
		},
		jobs: runner, clock: c,
		contacts:   store.NewCollection[Contact](engine, contactSchema),
		identities: store.NewCollection[Identity](engine, identitySchema),
		merges:     store.NewCollection[Merge](engine, mergeSchema),
	}
	s.words = search.NewSource(engine, search.Contacts, s.loadFound)
	s.fields = search.NewFieldIndex(engine, search.Contacts)
	return s
}

// reader returns a piece of work that only reads.
func (s *Service) reader(workspaceID string) *work { return s.work(workspaceID, access.Actor{}) }

// Origin returns the id of the contact that the identity was born with, or store.ErrNotFound.
func (s *Service) Origin(ctx context.Context, workspaceID string, i channels.Identity) (string, error) {
	row, err := s.identities.Get(ctx, identityID(workspaceID, i))
	if err != nil {
		return "", err
	}
	return row.Origin, nil
}

// Relink makes the identities of a profile change belong to the contact that had the previous ones, and returns it; nil
// where nobody had them.
func (s *Service) Relink(ctx context.Context, workspaceID, channelID string, previous []channels.Identity, sender channels.Sender,
	by access.Actor,
) (*Resolution, error) {
	rows, _, err := s.known(ctx, workspaceID, previous)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	both := sender
	both.Identities = append(valuesOf(rows[:1]), sender.Identities...)
	return s.Resolve(ctx, workspaceID, channelID, both, "profile", by)
}

// Contact returns a contact of the workspace, or the person that it was merged into, or store.ErrNotFound.
func (s *Service) Contact(ctx context.Context, workspaceID, id string) (*Contact, error) {
	return s.reader(workspaceID).root(ctx, id)
}

// GetMany returns for each contact's id the person: the contact itself, or what it was merged into.
func (s *Service) GetMany(ctx context.Context, workspaceID string, contactIDs ...string) (map[string]*Contact, error) {
	w := s.reader(workspaceID)
	if _, err := w.many(ctx, contactIDs); err != nil {
		return nil, err
	}
	out := make(map[string]*Contact, len(contactIDs))
	for _, id := range contactIDs {
		if w.contacts[id] == nil {
			continue
		}
		root, err := w.root(ctx, id)
		if err != nil {
			return nil, err
		}
		out[id] = root
	}
	return out, nil
}

// Family returns the ids of all contacts that are one person with one of these, which are conversations' origins.
func (s *Service) Family(ctx context.Context, workspaceID string, contactIDs ...string) ([]string, error) {
	persons, err := s.GetMany(ctx, workspaceID, contactIDs...)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(contactIDs)
	for _, id := range contactIDs {
		if persons[id] == nil {
			continue
		}
		family, err := s.reader(workspaceID).family(ctx, persons[id])
		if err != nil {
			return nil, err
		}
		for _, c := range family {
			out = appendNew(out, c.ID)
		}
	}
	return out, nil
}

// Descendants returns the contact's id with those of all that was merged into it.
func (s *Service) Descendants(ctx context.Context, workspaceID, id string) ([]string, error) {
	w := s.reader(workspaceID)
	c, err := w.contact(ctx, id)
	if err != nil {
		return nil, err
	}
	family, err := w.family(ctx, c)
	out := make([]string, len(family))
	for n, c := range family {
		out[n] = c.ID
	}
	return out, err
}

// Addresses lists all identities of a person, those under which the spellings of a phone number meet last.
func (s *Service) Addresses(ctx context.Context, person *Contact) ([]*Identity, error) {
	w := s.reader(person.WorkspaceID)
	family, err := w.family(ctx, person)
	var named, met []*Identity
	for _, c := range family {
		rows, err := w.identities(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.Alias {
				met = append(met, row)
			} else {
				named = append(named, row)
			}
		}
	}
	return append(named, met...), err
}

// Identities lists the identities that were born with one contact, oldest first.
func (s *Service) Identities(ctx context.Context, workspaceID, origin string) ([]*Identity, error) {
	rows, _, err := s.identities.Find(ctx, store.Query{Index: "origin", Eq: []any{workspaceID, origin}, Limit: 200})
	return rows, err
}

// Change edits a contact's own facts under its event.
func (s *Service) Change(ctx context.Context, workspaceID string, by access.Actor, id string, change func(*Facts)) error {
	return s.do(ctx, workspaceID, by, func(w *work) error {
		c, err := w.contact(ctx, id)
		if err != nil {
			return err
		}
		change(c.own())
		w.touch(c)
		return nil
	})
}

// maxExamined bounds how many contacts are looked at for one page of a viewer who may not see all of them.
const maxExamined = 500

// Search finds contacts that the viewer may see and that have every term of the query, the last one also by its beginning, the newest
// first. A phone number finds its person in every spelling, and by any minDigits of its digits in a row. Without terms: all.
func (s *Service) Search(ctx context.Context, v access.Viewer, query, cursor string, limit int) ([]*Contact, string, error) {
	if len(text.Terms(query)) > 0 {
		terms, err := s.terms(ctx, v, query)
		if err != nil {
			return nil, "", err
		}
		return s.words.Find(ctx, v, search.Ask[*Contact]{Terms: terms, Cursor: cursor, Limit: limit})
	}
	q := store.Query{Index: "created", Eq: []any{v.WorkspaceID}, Limit: limit, Cursor: cursor}
	distinct := []*Contact{}
	for examined := 0; ; {
		found, next, err := s.contacts.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for _, c := range found {
			shown, err := s.shown(ctx, v, c)
			if err != nil {
				return nil, "", err
			}
			if shown {
				distinct = append(distinct, c)
			}
		}
		examined += len(found)
		q.Limit, q.Cursor = limit-len(distinct), next
		if next == "" || q.Limit == 0 || examined >= maxExamined {
			return distinct, next, nil
		}
	}
}

// byField finds the contacts that the viewer may see and that have a custom field.
func (s *Service) byField(ctx context.Context, v access.Viewer, q search.FieldQuery) ([]*Contact, string, error) {
	found := []*Contact{}
	limit := q.Limit
	for examined := 0; ; {
		q.Limit = limit - len(found)
		ids, next, err := s.fields.Find(ctx, v.WorkspaceID, q)
		if err != nil {
			return nil, "", err
		}
		loaded, err := s.loadFound(ctx, v, ids)
		if err != nil {
			return nil, "", err
		}
		for _, id := range ids {
			if c, shown := loaded[id]; shown {
				found = append(found, c.Item)
			}
		}
		if examined += len(ids); next == "" || len(found) == limit || examined >= maxExamined {
			return found, next, nil
		}
		q.Cursor = next
	}
}

// shown reports whether a contact is a person of their own, whom the viewer may see. Who was merged is found as who that is now.
func (s *Service) shown(ctx context.Context, v access.Viewer, c *Contact) (bool, error) {
	if c.WorkspaceID != v.WorkspaceID || c.MergedInto != "" {
		return false, nil
	}
	return s.sees(ctx, v, c)
}

// loadFound returns those of the contacts that a search shows.
func (s *Service) loadFound(ctx context.Context, v access.Viewer, contactIDs []string) (map[string]search.Found[*Contact], error) {
	contacts, err := s.contacts.GetMany(ctx, contactIDs...)
	if err != nil {
		return nil, err
	}
	found := make(map[string]search.Found[*Contact], len(contacts))
	for _, c := range contacts {
		shown, err := s.shown(ctx, v, c)
		if err != nil {
			return nil, err
		}
		if shown {
			found[c.ID] = search.Found[*Contact]{Item: c, Words: withDigits(c.entry(), c.Phones).Words}
		}
	}
	return found, nil
}

// event says that a contact is new or changed, to those who may see it.
func (w *work) event(ctx context.Context, kind string, c *Contact, data json.RawMessage) (events.Event, error) {
	to, err := w.s.Audience(ctx, w.workspaceID, c.ID)
	return events.Event{
		Type: kind, WorkspaceID: c.WorkspaceID, Subject: c.ID, Version: c.Version, At: w.s.clock.Now(), Actor: w.by, Audience: to,
		Data: data,
	}, err
}
