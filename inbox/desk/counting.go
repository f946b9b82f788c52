package desk

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
)

const (
	// countEvery is how often at most somebody is told of the counts of their views.
	countEvery = time.Second
	// tracked is how many conversations of a view are known by id: more than are counted, so that few changes ask for all anew.
	tracked = 2 * maxCounted
	// recountAfter is how long the members of a view are known that come and go with the time alone.
	recountAfter = time.Minute
	// countTime bounds the reading for one round of a workspace.
	countTime = 10 * time.Second
	// maxNoted is how many changed conversations are looked at one by one in a round; more, and all is gone through anew.
	maxNoted = 1000
)

// viewCounts is the type of the frame, and ViewCounts its data.
const viewCounts = "view.counts"

// ViewCounts are the counts of all views that a user uses.
type ViewCounts struct {
	Items []CountView `json:"items"`
}

// Lookers are the users who have sockets on this instance.
type Lookers interface {
	// Viewers are those of a workspace.
	Viewers(workspaceID string) []access.Viewer
	// Tell sends a frame to a user's sockets here.
	Tell(workspaceID, userID, kind string, data any)
}

// counting keeps the counts of views true for those who look. Of a conversation that changed it asks whether it is in a view now. A view
// is gone through only for somebody who comes, after it changed, with the time, or when so many have left that others take their places.
type counting struct {
	mu     sync.Mutex
	noted  map[string]*noted            // what changed in a workspace since its users were told
	users  map[string]map[string]*usage // by workspace and user; of the goroutine that tells
	walked int                          // how often a view was gone through
}

type noted struct {
	conversations map[string]bool
	anew          bool // the views themselves, or everything, changed
}

// usage is what a user was told of the views that they use.
type usage struct {
	viewer access.Viewer
	views  []*members
	told   []CountView
}

// members are the conversations of a view that somebody sees.
type members struct {
	view   *View
	filter inbox.Filter
	ids    map[string]bool
	more   bool // there are others
	at     time.Time
}

// Heard notes what changed. It does not block.
func (s *Service) Heard(batch []events.Numbered) {
	s.counting.mu.Lock()
	defer s.counting.mu.Unlock()
	for _, n := range batch {
		anew := n.Type == events.Reset || n.Type == "view.created" || n.Type == "view.updated" || n.Type == "view.deleted"
		if !anew && n.Header == nil && n.Type != "conversation.updated" {
			continue
		}
		if s.counting.noted == nil {
			s.counting.noted = map[string]*noted{}
		}
		at := s.counting.noted[n.WorkspaceID]
		if at == nil {
			at = &noted{conversations: map[string]bool{}}
			s.counting.noted[n.WorkspaceID] = at
		}
		if at.anew = at.anew || anew || len(at.conversations) >= maxNoted; !at.anew {
			at.conversations[n.Subject] = true
		}
	}
}

// TellCounts tells those who look of the counts of their views, until ctx ends.
func (s *Service) TellCounts(ctx context.Context, to Lookers) error {
	for round := 1; ; round++ {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(countEvery):
		}
		s.counting.mu.Lock()
		changed := s.counting.noted
		s.counting.noted = nil
		s.counting.mu.Unlock()
		if changed == nil {
			changed = map[string]*noted{}
		}
		for workspaceID := range s.counting.users {
			if round%int(recountAfter/countEvery) == 0 && changed[workspaceID] == nil {
				changed[workspaceID] = &noted{} // time alone changes what is in some views
			}
		}
		for workspaceID, what := range changed {
			if err := s.tellWorkspace(ctx, to, workspaceID, what); err != nil && ctx.Err() == nil {
				s.Log.Warn().Err(err).Str("workspace", workspaceID).Msg("the counts of views could not be told; it is tried with the next change")
				delete(s.counting.users, workspaceID)
			}
		}
	}
}

// tellWorkspace tells the users of a workspace what has changed for them.
func (s *Service) tellWorkspace(ctx context.Context, to Lookers, workspaceID string, what *noted) error {
	ctx, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	changed, err := s.Inbox.Known(ctx, workspaceID, slices.Collect(maps.Keys(what.conversations))...)
	if err != nil {
		return err
	}
	known, next := s.counting.users[workspaceID], map[string]*usage{}
	for _, v := range to.Viewers(workspaceID) {
		if !v.Can(access.ReadConversations) {
			continue
		}
		u := known[v.UserID]
		if u == nil || what.anew || !reflect.DeepEqual(u.viewer, v) {
			fresh, err := s.usageOf(ctx, v)
			if err != nil {
				return err
			}
			if u != nil {
				fresh.told = u.told
			}
			u = fresh
		} else if err := s.follow(ctx, u, changed); err != nil {
			return err
		}
		next[v.UserID] = u
		if now := u.counts(); !slices.Equal(now, u.told) {
			u.told = now
			to.Tell(workspaceID, v.UserID, viewCounts, ViewCounts{now})
		}
	}
	if s.counting.users == nil {
		s.counting.users = map[string]map[string]*usage{}
	}
	if s.counting.users[workspaceID] = next; len(next) == 0 {
		delete(s.counting.users, workspaceID)
	}
	return nil
}

func (u *usage) counts() []CountView {
	out := make([]CountView, len(u.views))
	for n, m := range u.views {
		out[n] = CountView{m.view.ID, min(len(m.ids), maxCounted), m.more || len(m.ids) > maxCounted}
	}
	return out
}

// usageOf goes through all views of a user.
func (s *Service) usageOf(ctx context.Context, v access.Viewer) (*usage, error) {
	views, err := s.viewsOf(ctx, v)
	if err != nil {
		return nil, err
	}
	u := &usage{viewer: v}
	for _, x := range views {
		m := &members{view: x}
		if m.filter, err = x.filter(); err != nil {
			return nil, err
		}
		if err := s.walk(ctx, v, m); err != nil {
			return nil, err
		}
		u.views = append(u.views, m)
	}
	return u, nil
}

// walk goes through a view.
func (s *Service) walk(ctx context.Context, v access.Viewer, m *members) error {
	ids, more, err := s.Inbox.Members(ctx, v, m.filter, tracked)
	m.ids, m.more, m.at = make(map[string]bool, len(ids)), more, s.Clock.Now()
	for _, id := range ids {
		m.ids[id] = true
	}
	s.counting.walked++
	return err
}

// follow asks of those that changed whether they are in the user's views.
func (s *Service) follow(ctx context.Context, u *usage, changed []*inbox.Conversation) error {
	for _, m := range u.views {
		selected, err := s.Inbox.Selects(ctx, u.viewer, m.filter, changed)
		if err != nil {
			return err
		}
		for n, c := range changed {
			switch {
			case !selected[n]:
				delete(m.ids, c.ID)
			case len(m.ids) < tracked && !m.more:
				m.ids[c.ID] = true
			case !m.ids[c.ID]:
				m.more = true
			}
		}
		timed := names(*m.filter.Where, "window_closing") && s.Clock.Now().Sub(m.at) >= recountAfter
		if timed || m.more && len(m.ids) <= maxCounted {
			if err := s.walk(ctx, u.viewer, m); err != nil {
				return err
			}
		}
	}
	return nil
}
