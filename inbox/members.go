package inbox

import (
	"context"
	"slices"

	"wasl/inbox/live"
	"wasl/internal/access"
)

// Members returns the ids of the conversations that the viewer may see and a filter selects, up to a ceiling; more reports whether there
// are, or may be, others. What memory does not know is read.
func (s *Service) Members(ctx context.Context, v access.Viewer, f Filter, ceiling int) (ids []string, more bool, err error) {
	ids, more, err = s.liveMembers(ctx, v, f, ceiling)
	if err != ErrMustBeRead { //nolint:errorlint // it is never wrapped
		return ids, more, err
	}
	found, next, err := s.List(ctx, v, f, "", ceiling)
	if err != nil {
		return nil, false, err
	}
	ids = make([]string, len(found))
	for n, c := range found {
		ids[n] = c.ID
	}
	return ids, next != "", nil
}

// liveMembers is Members from memory alone, where that does; else ErrMustBeRead.
func (s *Service) liveMembers(ctx context.Context, v access.Viewer, f Filter, ceiling int) (ids []string, more bool, err error) {
	ready, err := s.prepareFilter(ctx, v, f)
	if err != nil {
		return nil, false, err
	}
	if ready.rest != nil || f.Status == nil || slices.Contains(f.Status, string(Resolved)) {
		return nil, false, ErrMustBeRead
	}
	w, err := s.live.Get(ctx, v.WorkspaceID)
	if err != nil {
		return nil, false, err
	}
	found, more := w.Page(live.SightOf(v), live.Newest, nil, ceiling, ready.header)
	ids = make([]string, len(found))
	for n, place := range found {
		ids[n] = place.ID
	}
	return ids, more, nil
}

// Known returns those of the conversations that are in the workspace.
func (s *Service) Known(ctx context.Context, workspaceID string, ids ...string) ([]*Conversation, error) {
	convs, err := s.conversations.GetMany(ctx, ids...)
	return slices.DeleteFunc(convs, func(c *Conversation) bool { return c.WorkspaceID != workspaceID }), err
}

// Selects reports for each of the conversations whether the viewer may see it and the filter selects it.
func (s *Service) Selects(ctx context.Context, v access.Viewer, f Filter, convs []*Conversation) ([]bool, error) {
	ready, err := s.prepareFilter(ctx, v, f)
	if err != nil {
		return nil, err
	}
	return ready.fit(ctx, convs)
}
