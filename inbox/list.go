package inbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"

	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/condition"
	"wasl/store"
)

// Filter selects conversations. A nil list selects all; several values mean any of them.
type Filter struct {
	Status, Assignee, Team, Channel, Contact, Label, Priority, Type, Level []string
	Unread                                                                 *bool
	Where                                                                  *condition.Expr // what must hold besides; nil: nothing
	Sort                                                                   live.Order
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
		{fieldLevel, f.Level},
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

const (
	// maxExamined bounds how many stored conversations or messages one page looks at.
	maxExamined = 5000
	// maxLoaded bounds how many one page reads with their contacts and newest messages.
	maxLoaded = 1000
)

// List returns a page of conversations that the viewer may see. Filters over live work are answered from memory, once it is there;
// what includes resolved conversations comes from the store, and so does the rest of a list that was begun there. A page of which much
// had to be looked at may be short, or empty, and still not the last one.
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
	ready, err := s.prepareFilter(ctx, v, f)
	if err != nil {
		return nil, "", err
	}
	if f.Status == nil || slices.Contains(f.Status, string(Resolved)) || (from != nil && from.Store != "") {
		return s.listStored(ctx, f, listPage{ready, from, limit})
	}
	w := s.live.Loaded(ctx, v.WorkspaceID)
	switch {
	case w != nil:
	case from == nil && f.Sort.ByTime(): // the store has this order too, for as long as the headers are not there
		return s.listStored(ctx, f, listPage{ready, nil, limit})
	default:
		if w, err = s.live.Get(ctx, v.WorkspaceID); err != nil {
			return nil, "", err
		}
	}
	return s.listLive(ctx, w, f.Sort, listPage{ready, from, limit})
}

// listPage is what is asked of a list at once.
type listPage struct {
	filter *filter
	from   *listCursor // nil: the beginning
	limit  int
}

// listLive walks the headers. What they do not know is asked of those that fit so far.
func (s *Service) listLive(ctx context.Context, w *live.Workspace, order live.Order, page listPage) ([]*Conversation, string, error) {
	var at *live.Position
	if page.from != nil {
		at = &page.from.Position
	}
	var out []*Conversation
	for examined, size := 0, page.limit; ; size = scanned {
		found, more := w.Page(live.SightOf(page.filter.viewer), order, at, size, page.filter.header)
		convs, fits, err := s.fitting(ctx, page.filter, found)
		if err != nil {
			return nil, "", err
		}
		for n, place := range found {
			if len(out) == page.limit {
				more = true
				break
			}
			if at = &place; fits[n] {
				out = append(out, convs[place.ID])
			}
		}
		if examined += len(found); !more {
			return out, "", nil
		}
		if len(out) == page.limit || examined >= page.filter.examines() {
			return out, (&listCursor{Position: *at}).encode(), nil
		}
	}
}

// scanned is how many are looked at at once where little fits.
const scanned = 200

// fitting reads the conversations of the headers, by id, and reports for each header whether the filter selects its conversation.
func (s *Service) fitting(ctx context.Context, f *filter, found []live.Position) (map[string]*Conversation, []bool, error) {
	ids, fits := make([]string, len(found)), make([]bool, len(found))
	for n, place := range found {
		ids[n] = place.ID
	}
	convs, err := s.conversations.GetMany(ctx, ids...)
	if err != nil {
		return nil, nil, err
	}
	fit := map[string]bool{}
	if f.rest != nil {
		selected, err := f.fit(ctx, convs)
		if err != nil {
			return nil, nil, err
		}
		for n, c := range convs {
			fit[c.ID] = selected[n]
		}
	}
	byID := make(map[string]*Conversation, len(convs))
	for _, c := range convs {
		byID[c.ID] = c
	}
	for n, place := range found {
		fits[n] = byID[place.ID] != nil && (f.rest == nil || fit[place.ID])
	}
	return byID, fits, nil
}

// listStored walks an index of the store, newest or oldest first, and leaves out what does not match.
func (s *Service) listStored(ctx context.Context, f Filter, page listPage) ([]*Conversation, string, error) {
	from, limit := page.from, page.limit
	statuses := f.Status
	if statuses == nil {
		statuses = append(slices.Clone(unresolved), string(Resolved))
	}
	workspaceID := page.filter.viewer.WorkspaceID
	q := store.Query{Index: "live", Eq: []any{workspaceID, anyOf(statuses)}, Limit: limit, Reverse: f.Sort == live.Oldest}
	if f.Contact != nil {
		q.Index, q.Eq = "contact", []any{workspaceID, anyOf(f.Contact)}
	}
	if from != nil {
		if from.Store == "" {
			return nil, "", store.ErrBadCursor
		}
		q.Cursor = from.Store
	}
	var out []*Conversation
	for examined := 0; examined < page.filter.examines(); examined += q.Limit {
		found, next, err := s.conversations.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		fits, err := page.filter.fit(ctx, found)
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
		q.Limit = scanned // little of it fits
	}
	return out, (&listCursor{Store: q.Cursor}).encode(), nil
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

// ErrMustBeRead: what a filter asks about is not in memory.
var ErrMustBeRead = errors.New("inbox: conversations must be read for this")

// CountLive counts, up to a ceiling, the conversations that the viewer may see and a filter selects, from memory alone; more reports
// whether there are others. Where that does not do it is ErrMustBeRead.
func (s *Service) CountLive(ctx context.Context, v access.Viewer, f Filter, ceiling int) (n int, more bool, err error) {
	ids, more, err := s.liveMembers(ctx, v, f, ceiling)
	return len(ids), more, err
}
