package inbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"

	"wasl/internal/access"
	"wasl/internal/ids"
	"wasl/store"
)

// Filter selects conversations. A nil list selects all; several values mean any of them.
type Filter struct {
	Status, Assignee, Team, Channel, Contact, Label, Priority, Type []string
	Unread                                                          *bool
	Sort                                                            string // newest oldest priority window

	packed []ids.Packed // the contacts
}

// byTime reports whether the order is one that the store has too.
func (f Filter) byTime() bool { return f.Sort != "priority" && f.Sort != "window" }

// place is where a list goes on. It is the same for live and for resolved conversations.
type place struct {
	Activity int64  `json:"a,omitempty"`
	ID       string `json:"i,omitempty"`
	Weight   int64  `json:"w,omitempty"`
	Store    string `json:"s,omitempty"` // the store's own cursor
}

func (p *place) encode() string {
	if p == nil {
		return ""
	}
	data, _ := json.Marshal(p) // strings and numbers always encode
	return base64.RawURLEncoding.EncodeToString(data)
}

func decodePlace(cursor string) (*place, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // the beginning is no place
	}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, store.ErrBadCursor
	}
	var p place
	if err := json.Unmarshal(data, &p); err != nil || (p.ID == "" && p.Store == "") {
		return nil, store.ErrBadCursor
	}
	return &p, nil
}

// maxExamined bounds how many stored conversations or messages one page looks at.
const maxExamined = 5000

// List returns a page of conversations that the viewer may see. Filters over live work are answered from memory, once it is there;
// what includes resolved conversations comes from the store, and so does the rest of a list that was begun there.
func (s *Service) List(ctx context.Context, v access.Viewer, f Filter, cursor string, limit int) ([]*Conversation, string, error) {
	from, err := decodePlace(cursor)
	if err != nil {
		return nil, "", err
	}
	if f.Contact != nil { // whatever was merged into them since
		if f.Contact, err = s.Contacts.Family(ctx, v.WorkspaceID, f.Contact...); err != nil {
			return nil, "", err
		}
		for _, id := range f.Contact {
			f.packed = append(f.packed, ids.Pack(id))
		}
	}
	if f.Status == nil || slices.Contains(f.Status, Resolved) || (from != nil && from.Store != "") {
		return s.listStored(ctx, v, f, from, limit)
	}
	sp := s.live.loaded(ctx, v.WorkspaceID)
	switch {
	case sp != nil:
	case from == nil && f.byTime(): // the store has this order too, for as long as the headers are not there
		return s.listStored(ctx, v, f, nil, limit)
	default:
		if sp, err = s.live.space(ctx, v.WorkspaceID); err != nil {
			return nil, "", err
		}
	}
	found, next := sp.page(v, f, from, limit)
	convs, err := s.conversations.GetMany(ctx, found...)
	return convs, next.encode(), err
}

// listStored walks an index of the store, newest or oldest first, and leaves out what does not match.
func (s *Service) listStored(ctx context.Context, v access.Viewer, f Filter, from *place, limit int) ([]*Conversation, string, error) {
	statuses := f.Status
	if statuses == nil {
		statuses = []string{Open, Pending, Snoozed, Resolved}
	}
	q := store.Query{Index: "status", Eq: []any{v.WorkspaceID, anyOf(statuses)}, Limit: limit, Reverse: f.Sort == "oldest"}
	if f.Contact != nil {
		q.Index, q.Eq = "contact", []any{v.WorkspaceID, anyOf(f.Contact)}
	}
	if from != nil {
		if from.Store == "" {
			return nil, "", store.ErrBadCursor
		}
		q.Cursor = from.Store
	}
	var out []*Conversation
	for examined := 0; examined < maxExamined; examined += q.Limit {
		found, next, err := s.conversations.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		taken := 0
		for _, c := range found {
			if len(out) == limit {
				break
			}
			if taken++; f.matches(headerOf(c), v) {
				out = append(out, c)
			}
		}
		if taken < len(found) { // the page is full in the middle of the store's: ask again for exactly what was taken
			q.Limit = taken
			if _, next, err = s.conversations.Find(ctx, q); err != nil {
				return nil, "", err
			}
		}
		if next == "" {
			return out, "", nil
		}
		if q.Cursor = next; len(out) == limit {
			break
		}
		q.Limit = 200 // little of it matches
	}
	return out, (&place{Store: q.Cursor}).encode(), nil
}

func anyOf(values []string) store.In {
	in := make(store.In, len(values))
	for n, v := range values {
		in[n] = v
	}
	return in
}

// Counts returns how much live work the viewer sees.
func (s *Service) Counts(ctx context.Context, v access.Viewer) (Counts, error) {
	sp, err := s.live.space(ctx, v.WorkspaceID)
	if err != nil {
		return Counts{}, err
	}
	return sp.counts(v), nil
}
