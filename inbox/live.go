package inbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tidwall/btree"

	"wasl/auth"
	"wasl/internal/events"
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

// header is what filters and orders ask of a conversation.
type header struct {
	id, contact, channel, assignee, team string
	status, kind                         string
	priority                             int
	labels                               []string
	activity                             int64 // unix milliseconds
	window                               int64 // when free-form answers end; 0: no window is open
	inbound                              int64
	reads                                map[string]int64
	audience                             events.Audience
	version                              int64
}

type space struct {
	once    sync.Once
	loadErr error
	mu      sync.RWMutex
	byID    map[string]*header
	order   *btree.BTreeG[*header] // newest activity first
	gone    map[string]int64       // conversations resolved of late, with their version: an older write may still be on its way here
	tallies tallies
}

// maxGone bounds the memory of what was resolved: only writes of the same moment can overtake one another.
const maxGone = 10000

func newLive(c store.Collection[Conversation, *Conversation], follow func(ctx context.Context, workspaceID string)) *live {
	return &live{store: c, follow: follow, spaces: map[string]*space{}}
}

func newSpace() *space {
	return &space{byID: map[string]*header{}, order: btree.NewBTreeG(newestFirst), gone: map[string]int64{}, tallies: newTallies()}
}

func newestFirst(a, b *header) bool {
	if a.activity != b.activity {
		return a.activity > b.activity
	}
	return a.id > b.id
}

// space returns the workspace's headers, loading them first where nobody has yet.
func (l *live) space(ctx context.Context, workspaceID string) (*space, error) {
	sp := l.held(workspaceID)
	if sp == nil {
		l.follow(ctx, workspaceID) // before anything is read, so that no change falls between
		l.mu.Lock()
		if sp = l.spaces[workspaceID]; sp == nil {
			sp = newSpace()
			l.spaces[workspaceID] = sp
		}
		l.mu.Unlock()
	}
	sp.once.Do(func() { sp.loadErr = l.load(ctx, workspaceID, sp) })
	if sp.loadErr != nil {
		l.forget(workspaceID, sp)
	}
	return sp, sp.loadErr
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
		q := store.Query{Index: "status", Eq: []any{workspaceID, status}, Limit: 1000}
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
	old := sp.byID[c.ID]
	if (old != nil && old.version >= c.Version) || sp.gone[c.ID] >= c.Version {
		return
	}
	if old != nil {
		sp.order.Delete(old)
		sp.tallies.count(old, -1)
		delete(sp.byID, c.ID)
	}
	if c.Status == Resolved {
		if len(sp.gone) >= maxGone {
			clear(sp.gone)
		}
		sp.gone[c.ID] = c.Version
		return
	}
	delete(sp.gone, c.ID)
	sp.byID[c.ID] = h
	sp.order.Set(h)
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

func headerOf(c *Conversation) *header {
	h := &header{
		id: c.ID, contact: c.Origin, channel: c.ChannelID, assignee: c.AssigneeID, team: c.TeamID, status: c.Status, kind: c.Type,
		priority: slices.Index(priorities, c.Priority), labels: slices.Clone(c.Labels), activity: c.LastActivityAt.UnixMilli(),
		inbound: c.InboundCount, reads: make(map[string]int64, len(c.Reads)), audience: c.audience(), version: c.Version,
	}
	for user, n := range c.Reads {
		h.reads[user] = n
	}
	if !c.WindowFrom.IsZero() {
		h.window = c.WindowFrom.UnixMilli()
	}
	return h
}

func (h *header) unread(userID string) bool { return h.inbound > h.reads[userID] }

// page returns the ids of one page of live work, with the place to go on from.
func (sp *space) page(v auth.Viewer, f Filter, from *place, limit int) (found []string, next *place) {
	sp.mu.RLock()
	defer sp.mu.RUnlock()
	var hits []*header
	var last *header // of an order that the tree does not have, the last one that is sure to be shown as yet
	match := func(h *header) bool {
		if !f.matches(h, v) || (from != nil && !f.after(h, from)) || (last != nil && f.compare(h, last) > 0) {
			return true
		}
		hits = append(hits, h)
		if f.sorts() && len(hits) >= 4*(limit+1) { // all are looked at, but only the first ones are kept
			slices.SortFunc(hits, f.compare)
			hits = hits[:limit+1]
			last = hits[limit]
		}
		return len(hits) <= limit || f.sorts()
	}
	switch {
	case f.Sort == "oldest" && from != nil:
		sp.order.Descend(from.header(), match)
	case f.Sort == "oldest":
		sp.order.Reverse(match)
	case from != nil && !f.sorts():
		sp.order.Ascend(from.header(), match)
	default:
		sp.order.Scan(match)
	}
	if f.sorts() {
		slices.SortFunc(hits, f.compare)
	}
	if len(hits) > limit {
		hits = hits[:limit]
		next = f.placeOf(hits[limit-1])
	}
	for _, h := range hits {
		found = append(found, h.id)
	}
	return found, next
}

// compare orders by urgency or by the time left in the window; what is equal, newest first.
func (f Filter) compare(a, b *header) int {
	if d := f.weight(a) - f.weight(b); d != 0 {
		if d < 0 {
			return -1
		}
		return 1
	}
	switch {
	case newestFirst(a, b):
		return -1
	case newestFirst(b, a):
		return 1
	}
	return 0
}

// weight is smaller for what comes first.
func (f Filter) weight(h *header) int64 {
	switch {
	case f.Sort == "priority":
		return -int64(h.priority)
	case f.Sort == "window" && h.window == 0:
		return 1 << 60
	case f.Sort == "window":
		return h.window
	}
	return 0
}

// sorts reports whether the order is one that the tree does not have.
func (f Filter) sorts() bool { return f.Sort == "priority" || f.Sort == "window" }

// after reports whether h comes after the place in the filter's order.
func (f Filter) after(h *header, p *place) bool {
	at := p.header()
	if f.sorts() {
		if w := f.weight(h); w != p.Weight {
			return w > p.Weight
		}
		return newestFirst(at, h)
	}
	if f.Sort == "oldest" {
		return newestFirst(h, at)
	}
	return newestFirst(at, h)
}

func (f Filter) placeOf(h *header) *place {
	return &place{Activity: h.activity, ID: h.id, Weight: f.weight(h)}
}

func (p *place) header() *header { return &header{activity: p.Activity, id: p.ID} }

func (f Filter) matches(h *header, v auth.Viewer) bool {
	return (v.Can(auth.ViewAll) || h.audience.Includes(v.UserID, false)) &&
		any1(f.Status, h.status) && any1(f.Channel, h.channel) && any1(f.Contact, h.contact) && any1(f.Team, h.team) &&
		any1(f.Type, h.kind) && (f.Priority == nil || slices.Contains(f.Priority, priorities[max(0, h.priority)])) &&
		(f.Label == nil || slices.ContainsFunc(h.labels, func(l string) bool { return slices.Contains(f.Label, l) })) &&
		f.assigned(h.assignee, v.UserID) && (f.Unread == nil || *f.Unread == h.unread(v.UserID))
}

func (f Filter) assigned(assignee, viewer string) bool {
	if f.Assignee == nil {
		return true
	}
	return slices.ContainsFunc(f.Assignee, func(want string) bool {
		switch want {
		case "me":
			return assignee == viewer
		case "none":
			return assignee == ""
		}
		return assignee == want
	})
}

func any1(wanted []string, has string) bool { return wanted == nil || slices.Contains(wanted, has) }
