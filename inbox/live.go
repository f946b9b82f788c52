package inbox

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"wasl/internal/access"
	"wasl/internal/ids"
	"wasl/store"
)

// live holds the headers of the conversations that are not resolved, so that any mixture of filters is answered without
// the store. It is loaded per workspace after the start or at first use, kept true by every write here and the events of other instances,
// and forgotten, to be loaded again, where some of these may have been missed.
type live struct {
	store  store.Collection[Conversation, *Conversation]
	follow func(ctx context.Context, workspaceID string)
	mu     sync.Mutex
	spaces map[string]*space
}

type space struct {
	once    sync.Once
	begun   atomic.Bool // somebody loads it
	loaded  atomic.Bool
	loadErr error
	mu      sync.RWMutex
	rows    *rows
	gone    map[ids.Packed]int64 // conversations resolved of late, with their version: an older write may still be on its way here
	tallies tallies
}

// maxGone bounds the memory of what was resolved: only writes of the same moment can overtake one another.
const maxGone = 10000

func newLive(c store.Collection[Conversation, *Conversation], follow func(ctx context.Context, workspaceID string)) *live {
	return &live{store: c, follow: follow, spaces: map[string]*space{}}
}

func newSpace() *space {
	return &space{rows: newRows(), gone: map[ids.Packed]int64{}, tallies: newTallies()}
}

// space returns the workspace's headers, loading them first where nobody has yet.
func (l *live) space(ctx context.Context, workspaceID string) (*space, error) {
	sp := l.hold(ctx, workspaceID)
	sp.once.Do(func() {
		sp.loadErr = l.load(ctx, workspaceID, sp)
		sp.loaded.Store(sp.loadErr == nil)
	})
	if sp.loadErr != nil {
		l.forget(workspaceID, sp)
	}
	return sp, sp.loadErr
}

// loaded returns the workspace's headers where they are loaded. Where they are not it lets them be, for later, and returns nil.
func (l *live) loaded(ctx context.Context, workspaceID string) *space {
	sp := l.hold(ctx, workspaceID)
	if sp.loaded.Load() {
		return sp
	}
	if sp.begun.CompareAndSwap(false, true) {
		go func() { _, _ = l.space(context.WithoutCancel(ctx), workspaceID) }() // who needs them meets the error
	}
	return nil
}

// hold returns the workspace's headers, which may have to be loaded yet.
func (l *live) hold(ctx context.Context, workspaceID string) *space {
	if sp := l.held(workspaceID); sp != nil {
		return sp
	}
	l.follow(ctx, workspaceID) // before anything is read, so that no change falls between
	l.mu.Lock()
	defer l.mu.Unlock()
	sp := l.spaces[workspaceID]
	if sp == nil {
		sp = newSpace()
		l.spaces[workspaceID] = sp
	}
	return sp
}

// Warm loads the workspace's live work before anybody asks for it.
func (s *Service) Warm(ctx context.Context, workspaceID string) error {
	_, err := s.live.space(ctx, workspaceID)
	return err
}

// held returns the workspace's headers where they are loaded or being loaded.
func (l *live) held(workspaceID string) *space {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.spaces[workspaceID]
}

// forget makes the next use load the headers again.
func (l *live) forget(workspaceID string, sp *space) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spaces[workspaceID] == sp {
		delete(l.spaces, workspaceID)
	}
}

func (l *live) load(ctx context.Context, workspaceID string, sp *space) error {
	for _, status := range []string{Open, Pending, Snoozed} {
		q := store.Query{Index: "status", Eq: []any{workspaceID, status}, Held: true, Limit: 1000}
		err := l.store.Each(ctx, q, func(c *Conversation) error {
			sp.put(c)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// put takes the newest version of a conversation; older ones, which may come late, change nothing.
func (l *live) put(c *Conversation) {
	if sp := l.held(c.WorkspaceID); sp != nil {
		sp.put(c)
	}
}

func (sp *space) put(c *Conversation) {
	h := headerOf(c)
	sp.mu.Lock()
	defer sp.mu.Unlock()
	n, there := sp.rows.byID[h.id]
	if there && sp.rows.row(n).version >= h.version || sp.gone[h.id] >= h.version {
		return
	}
	if there {
		old := sp.rows.header(n)
		sp.tallies.count(&old, -1)
		sp.rows.remove(n)
	}
	if c.Status == Resolved {
		if len(sp.gone) >= maxGone {
			clear(sp.gone)
		}
		sp.gone[h.id] = h.version
		return
	}
	delete(sp.gone, h.id)
	sp.rows.add(h)
	sp.tallies.count(h, 1)
}

// refresh reads conversations of one workspace that other instances changed.
func (l *live) refresh(workspaceID string, changed []string) {
	sp := l.held(workspaceID)
	if sp == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	found, err := l.store.GetMany(ctx, changed...)
	if err != nil {
		l.forget(workspaceID, sp)
		return
	}
	for _, c := range found {
		sp.put(c)
	}
}

// page returns the ids of one page of live work, with the place to go on from.
func (sp *space) page(v access.Viewer, f Filter, from *place, limit int) (found []string, next *place) {
	sp.mu.RLock()
	defer sp.mu.RUnlock()
	order := f.Sort
	if f.byTime() {
		order = "newest"
	}
	var at *plain
	if from != nil {
		at = from.plain(f.Sort)
	}
	hits := make([]*plain, 0, limit+1)
	sp.rows.walk(order, f.Sort == "oldest", at, func(n uint32) bool {
		if h := sp.rows.header(n); f.matches(&h, v) {
			hits = append(hits, &sp.rows.row(n).plain)
		}
		return len(hits) <= limit
	})
	if len(hits) > limit {
		hits = hits[:limit]
		next = f.placeOf(hits[limit-1])
	}
	for _, h := range hits {
		found = append(found, h.id.ID("cnv"))
	}
	return found, next
}
