package inbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"

	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/condition"
	"wasl/store"
)

// Filter selects conversations. A nil list selects all; several values mean any of them.
type Filter struct {
	Status, Assignee, Team, Channel, Contact, Label, Priority, Type []string
	Unread                                                          *bool
	Sort                                                            live.Order
}

// values of the filter "assignee" that are no user's id.
const (
	assigneeMe   = "me"
	assigneeNone = "none"
)

// condition is the filter as an expression.
func (f Filter) condition(viewer string) condition.Expr {
	var assignees []string
	for _, want := range f.Assignee {
		switch want {
		case assigneeMe:
			want = viewer
		case assigneeNone:
			want = ""
		}
		assignees = append(assignees, want)
	}
	all := []condition.Expr{}
	for _, part := range []struct {
		field  string
		values []string
	}{
		{fieldStatus, f.Status},
		{fieldAssignee, assignees},
		{fieldTeam, f.Team},
		{fieldChannel, f.Channel},
		{fieldContact, f.Contact},
		{fieldLabels, f.Label},
		{fieldPriority, f.Priority},
		{fieldType, f.Type},
	} {
		if part.values != nil {
			all = append(all, condition.Expr{Field: part.field, Op: condition.In, Value: part.values})
		}
	}
	if f.Unread != nil {
		all = append(all, condition.Expr{Field: fieldUnread, Op: condition.Is, Value: *f.Unread})
	}
	return condition.Expr{All: all}
}

// predicate makes the filter ready for one request of a viewer.
func (s *Service) predicate(f Filter, viewer string) (func(*live.Header) bool, error) {
	c, err := s.fields.Compile(f.condition(viewer), "filter")
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	return func(h *live.Header) bool { return c.Holds(listed{h, viewer}, now) }, nil
}

// listCursor is where a list goes on. It is the same for live and for resolved conversations.
type listCursor struct {
	live.Position
	Store string `json:"s,omitempty"` // the store's own cursor
}

func (c *listCursor) encode() string {
	data, _ := json.Marshal(c) // strings and numbers always encode
	return base64.RawURLEncoding.EncodeToString(data)
}

func decodeListCursor(cursor string) (*listCursor, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // the beginning is no position
	}
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, store.ErrBadCursor
	}
	var c listCursor
	if err := json.Unmarshal(data, &c); err != nil || (c.ID == "" && c.Store == "") {
		return nil, store.ErrBadCursor
	}
	return &c, nil
}

// maxExamined bounds how many stored conversations or messages one page looks at.
const maxExamined = 5000

// List returns a page of conversations that the viewer may see. Filters over live work are answered from memory, once it is there;
// what includes resolved conversations comes from the store, and so does the rest of a list that was begun there.
func (s *Service) List(ctx context.Context, v access.Viewer, f Filter, cursor string, limit int) ([]*Conversation, string, error) {
	from, err := decodeListCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	if f.Contact != nil { // whatever was merged into them since
		if f.Contact, err = s.Contacts.Family(ctx, v.WorkspaceID, f.Contact...); err != nil {
			return nil, "", err
		}
	}
	match, err := s.predicate(f, v.UserID)
	if err != nil {
		return nil, "", err
	}
	if f.Status == nil || slices.Contains(f.Status, string(Resolved)) || (from != nil && from.Store != "") {
		return s.listStored(ctx, v, f, listPage{match, from, limit})
	}
	w := s.live.Loaded(ctx, v.WorkspaceID)
	switch {
	case w != nil:
	case from == nil && f.Sort.ByTime(): // the store has this order too, for as long as the headers are not there
		return s.listStored(ctx, v, f, listPage{match, nil, limit})
	default:
		if w, err = s.live.Get(ctx, v.WorkspaceID); err != nil {
			return nil, "", err
		}
	}
	var at *live.Position
	if from != nil {
		at = &from.Position
	}
	found, next := w.Page(live.SightOf(v), f.Sort, at, limit, match)
	if next != nil {
		cursor = (&listCursor{Position: *next}).encode()
	} else {
		cursor = ""
	}
	convs, err := s.conversations.GetMany(ctx, found...)
	return convs, cursor, err
}

// listPage is what is asked of a list at once.
type listPage struct {
	match func(*live.Header) bool
	from  *listCursor // nil: the beginning
	limit int
}

// listStored walks an index of the store, newest or oldest first, and leaves out what does not match.
func (s *Service) listStored(ctx context.Context, v access.Viewer, f Filter, page listPage) ([]*Conversation, string, error) {
	from, limit := page.from, page.limit
	statuses := f.Status
	if statuses == nil {
		statuses = append(slices.Clone(unresolved), string(Resolved))
	}
	q := store.Query{Index: "live", Eq: []any{v.WorkspaceID, anyOf(statuses)}, Limit: limit, Reverse: f.Sort == live.Oldest}
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
		fits, err := s.matching(ctx, v, page.match, found)
		if err != nil {
			return nil, "", err
		}
		taken := 0
		for n, c := range found {
			if len(out) == limit {
				break
			}
			if taken++; fits[n] {
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
	return out, (&listCursor{Store: q.Cursor}).encode(), nil
}

// matching reports for each of the conversations whether the viewer may see it and the filter selects it.
func (s *Service) matching(ctx context.Context, v access.Viewer, match func(*live.Header) bool, convs []*Conversation) ([]bool, error) {
	entries := make([]*live.Entry, len(convs))
	for n, c := range convs {
		entries[n] = c.entry()
	}
	headers, err := s.live.Headers(ctx, v.WorkspaceID, entries)
	if err != nil {
		return nil, err
	}
	sight, fits := live.SightOf(v), make([]bool, len(convs))
	for n, h := range headers {
		fits[n] = sight.Sees(h) && match(h)
	}
	return fits, nil
}

func anyOf(values []string) store.In {
	in := make(store.In, len(values))
	for n, v := range values {
		in[n] = v
	}
	return in
}

// Counts returns how much live work the viewer sees.
func (s *Service) Counts(ctx context.Context, v access.Viewer) (live.Counts, error) {
	w, err := s.live.Get(ctx, v.WorkspaceID)
	if err != nil {
		return live.Counts{}, err
	}
	return w.Counts(v), nil
}
