package notify

import (
	"context"
	"errors"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/ids"
	"wasl/store"
)

const (
	// mostSingle bounds how many notices are marked one by one after UpTo.
	mostSingle = 500
	// mostCounted bounds how many notices are looked at to count those that are not read.
	mostCounted = 2 * mostSingle
	// mostRounds bounds how often the store is asked for one page.
	mostRounds = 10
)

// marks is what one user has read.
type marks struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	// UpTo is the time of the newest notice of those that were read together with everything before; UpToAt is when that was.
	UpTo   time.Time `bson:"up_to"`
	UpToAt time.Time `bson:"up_to_at"`
	// Single are the notices after UpTo that were read one by one.
	Single []mark `bson:"single,omitempty"`
}

// mark says that one notice was read.
type mark struct {
	ID       string    `bson:"id"`
	NoticeAt time.Time `bson:"notice_at"`
	At       time.Time `bson:"at"`
}

var markSchema = store.Schema{Name: "notice_marks"}

// marksOf returns what the user has read, which may be nothing (version 0).
func (s *Service) marksOf(ctx context.Context, v access.Viewer) (*marks, error) {
	id := ids.Derived("nmk", v.WorkspaceID, v.UserID)
	m, err := s.marks.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return &marks{Meta: store.Meta{ID: id}, WorkspaceID: v.WorkspaceID}, nil
	}
	return m, err
}

// readAt is when the notice was read, or nil. What was read together with later ones has their time.
func (m *marks) readAt(k *kept) *time.Time {
	if !k.At.After(m.UpTo) {
		return &m.UpToAt
	}
	for n := range m.Single {
		if m.Single[n].ID == k.Meta.ID {
			return &m.Single[n].At
		}
	}
	return nil
}

// add marks one notice. Where there would be too many marks, everything up to the oldest counts as read.
func (m *marks) add(k *kept, now time.Time) {
	if m.readAt(k) != nil {
		return
	}
	m.Single = append(m.Single, mark{k.Meta.ID, k.At, now})
	if len(m.Single) > mostSingle {
		oldest := slices.MinFunc(m.Single, func(a, b mark) int { return a.NoticeAt.Compare(b.NoticeAt) })
		m.through(oldest.NoticeAt, now)
	}
}

// through marks everything up to a time.
func (m *marks) through(upTo, now time.Time) {
	if !upTo.After(m.UpTo) {
		return
	}
	m.UpTo, m.UpToAt = upTo, now
	m.Single = slices.DeleteFunc(m.Single, func(one mark) bool { return !one.NoticeAt.After(upTo) })
}

func query(v access.Viewer, limit int) store.Query {
	return store.Query{Index: "to", Eq: []any{v.WorkspaceID, viewerKeys(v)}, Limit: limit}
}

// listed is a notice with when the viewer read it.
type listed struct {
	*kept
	readAt *time.Time
}

// list returns the viewer's notices, newest first. A page with a cursor may hold fewer than limit.
func (s *Service) list(ctx context.Context, v access.Viewer, unread bool, limit int, cursor string) (items []listed, next string,
	err error,
) {
	m, err := s.marksOf(ctx, v)
	if err != nil {
		return nil, "", err
	}
	q := query(v, limit)
	q.Cursor = cursor
	for range mostRounds {
		var found []*kept
		if found, next, err = s.notices.Find(ctx, q); err != nil {
			return nil, "", err
		}
		for _, k := range found {
			if unread && !k.At.After(m.UpTo) {
				return items, "", nil // and so is all that follows
			}
			if at := m.readAt(k); v.In(k.Audience) && (!unread || at == nil) {
				items = append(items, listed{k, at})
			}
		}
		q.Cursor, q.Limit = next, limit-len(items)
		if next == "" || q.Limit == 0 {
			break
		}
	}
	return items, next, nil
}

// unread counts the notices that the viewer has not read, among the newest thousand.
func (s *Service) unread(ctx context.Context, v access.Viewer) (count int, err error) {
	m, err := s.marksOf(ctx, v)
	if err != nil {
		return 0, err
	}
	q := query(v, mostCounted)
	if !m.UpTo.IsZero() {
		q.Range = &store.Range{From: m.UpTo, ExcludeFrom: true}
	}
	found, _, err := s.notices.Find(ctx, q)
	for _, k := range found {
		if v.In(k.Audience) && m.readAt(k) == nil {
			count++
		}
	}
	return count, err
}

// read marks those of the notices that the viewer may see. Others are passed over: they may have expired.
func (s *Service) read(ctx context.Context, v access.Viewer, noticeIDs []string) error {
	found, err := s.notices.GetMany(ctx, noticeIDs...)
	if err != nil {
		return err
	}
	return s.mark(ctx, v, func(m *marks, now time.Time) {
		for _, k := range found {
			if k.WorkspaceID == v.WorkspaceID && v.In(k.Audience) {
				m.add(k, now)
			}
		}
	})
}

// readAll marks everything up to the newest notice that there is for the viewer.
func (s *Service) readAll(ctx context.Context, v access.Viewer) error {
	newest, _, err := s.notices.Find(ctx, query(v, 1))
	if err != nil || len(newest) == 0 {
		return err
	}
	return s.mark(ctx, v, func(m *marks, now time.Time) { m.through(newest[0].At, now) })
}

// mark changes what the viewer has read, where change changes anything.
func (s *Service) mark(ctx context.Context, v access.Viewer, change func(*marks, time.Time)) error {
	return store.Retry(ctx, func() error {
		m, err := s.marksOf(ctx, v)
		if err != nil {
			return err
		}
		upTo, single := m.UpTo, len(m.Single)
		change(m, store.Millis(s.clock.Now()))
		if m.UpTo.Equal(upTo) && len(m.Single) == single {
			return nil
		}
		if m.Version == 0 {
			return s.engine.Write(ctx, s.marks.Insert(m))
		}
		return s.engine.Write(ctx, s.marks.Replace(m))
	})
}
