package desk

import (
	"context"
	"slices"
	"sync"
	"time"

	"wasl/activity"
	"wasl/inbox"
	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/condition"
	"wasl/internal/errs"
	"wasl/internal/text"
	"wasl/store"
)

// View is a list of conversations that fulfil a condition, kept under a name.
type View struct {
	store.Meta `bson:",inline"`
	Shared     `bson:",inline"`
	Name       string     `bson:"name"` // of a built-in one empty: people are told its name by its id
	Filter     string     `bson:"filter"`
	Sort       live.Order `bson:"sort"`
}

var viewSchema = store.Schema{Name: "views", Indexes: []store.Index{byHolder}}

// builtIn are the views that are always there, by their ids.
var builtIn = []View{
	{
		Meta: store.Meta{ID: "waiting"}, Sort: live.ByWaiting,
		Filter: `{"all":[{"field":"assignee_id","op":"is","value":"me"},{"field":"waiting_since","op":"exists"}]}`,
	},
	{Meta: store.Meta{ID: "unanswered"}, Sort: live.ByWaiting, Filter: `{"field":"waiting_since","op":"exists"}`},
	{Meta: store.Meta{ID: "closing"}, Sort: live.ByWindow, Filter: `{"field":"window_closing","op":"is","value":true}`},
	{Meta: store.Meta{ID: "breaching"}, Sort: live.ByDue, Filter: `{"field":"sla","op":"in","value":["warning","breached"]}`},
}

func newViews(s *Service) shelf[View, *View] {
	return shelf[View, *View]{
		s: s, rows: store.NewCollection[View](s.Engine, viewSchema), kind: activity.View, prefix: "viw", check: s.checkView,
		show: func(x *View) any { return viewView(x) }, name: func(x *View) string { return x.Name },
	}
}

// checkView refuses a view without a name, or with a condition that cannot be asked.
func (s *Service) checkView(_ context.Context, _ access.Viewer, x *View, _ []*View) error {
	if x.Name = text.Name(x.Name); x.Name == "" {
		return errs.InvalidField("invalid_input", "name", "a name that can be seen")
	}
	_, err := s.Inbox.ParseCondition([]byte(x.Filter), "filter")
	return err
}

// viewsOf are the built-in views and those that the viewer uses.
func (s *Service) viewsOf(ctx context.Context, v access.Viewer) ([]*View, error) {
	all := make([]*View, len(builtIn))
	for n := range builtIn {
		all[n] = &builtIn[n]
	}
	found, err := s.views.all(ctx, v)
	return append(all, found...), err
}

// view returns a view that the viewer uses, or store.ErrNotFound.
func (s *Service) view(ctx context.Context, v access.Viewer, id string) (*View, error) {
	if n := slices.IndexFunc(builtIn, func(x View) bool { return x.ID == id }); n >= 0 {
		return &builtIn[n], nil
	}
	return s.views.one(ctx, v, id)
}

// filter is what a view asks of the inbox: of what is open or pending, unless its condition names the status.
func (x *View) filter() (f inbox.Filter, err error) {
	where, err := condition.ParseExpr([]byte(x.Filter), "filter")
	f.Where, f.Sort = &where, x.Sort
	if !names(where, "status") {
		f.Status = []string{string(inbox.Open), string(inbox.Pending)}
	}
	return f, err
}

// names reports whether an expression asks about a field.
func names(e condition.Expr, field string) bool {
	asks := func(part condition.Expr) bool { return names(part, field) }
	return e.Field == field || slices.ContainsFunc(e.All, asks) || slices.ContainsFunc(e.Any, asks) || e.Not != nil && names(*e.Not, field)
}

// Filter is what a view that the viewer uses asks of the inbox.
func (s *Service) Filter(ctx context.Context, v access.Viewer, id string) (inbox.Filter, error) {
	x, err := s.view(ctx, v, id)
	if err != nil {
		return inbox.Filter{}, err
	}
	return x.filter()
}

const (
	// maxCounted is how far a view is counted.
	maxCounted = 99
	// countedFor is how long a count is good that had to read conversations.
	countedFor = 10 * time.Second
	// maxCounts bounds how many such counts are remembered.
	maxCounts = 10000
)

// counts remembers counts that cost something, by viewer and view.
type counts struct {
	mu    sync.Mutex
	known map[[2]string]counted
}

type counted struct {
	at    time.Time
	count CountView
}

// CountView is how many conversations are in a view.
type CountView struct {
	ID    string `json:"id"`
	Count int    `json:"count" doc:"At most 99"`
	More  bool   `json:"more" doc:"There are more than are counted, or may be"`
}

// Counts are those of the views that the viewer uses. What had to be read is counted again after ten seconds.
func (s *Service) Counts(ctx context.Context, v access.Viewer) ([]CountView, error) {
	views, err := s.viewsOf(ctx, v)
	if err != nil {
		return nil, err
	}
	out := make([]CountView, len(views))
	for n, x := range views {
		if out[n], err = s.count(ctx, v, x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) count(ctx context.Context, v access.Viewer, x *View) (CountView, error) {
	f, err := x.filter()
	if err != nil {
		return CountView{}, err
	}
	if n, more, err := s.Inbox.CountLive(ctx, v, f, maxCounted); err != inbox.ErrMustBeRead { //nolint:errorlint // it is never wrapped
		return CountView{x.ID, n, more}, err
	}
	key, now := [2]string{v.UserID, x.ID + "/" + x.Filter}, s.Clock.Now()
	s.counts.mu.Lock()
	before, known := s.counts.known[key]
	s.counts.mu.Unlock()
	if known && now.Sub(before.at) < countedFor {
		return before.count, nil
	}
	found, next, err := s.Inbox.List(ctx, v, f, "", maxCounted)
	if err != nil {
		return CountView{}, err
	}
	count := CountView{x.ID, len(found), next != ""}
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	if s.counts.known == nil || len(s.counts.known) >= maxCounts {
		s.counts.known = map[[2]string]counted{}
	}
	s.counts.known[key] = counted{now, count}
	return count, nil
}
