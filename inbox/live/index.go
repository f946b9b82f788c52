package live

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unique"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/ids"
)

// ReadBy is the first column: the users who have read all that came in, or have marked it unread since (MarkedUnread).
const ReadBy = 0

// maxColumns is how many columns may be registered.
const maxColumns = 4

// Column is a value that a feature keeps for conversations in documents of its own and lists can filter by. It is text; a list of
// strings is joined by Join.
type Column struct {
	Name string
	// Load returns the values of conversations of one workspace; those without one are left out.
	Load func(ctx context.Context, workspaceID string, of []*Entry) (map[string]string, error)
}

// Source is where the headers come from.
type Source interface {
	// Each calls fn with pages of all conversations of the workspace that are not resolved.
	Each(ctx context.Context, workspaceID string, fn func(page []*Entry) error) error
	// Follow makes sure that changes by other instances arrive here from now on.
	Follow(ctx context.Context, workspaceID string)
}

// Index holds the headers of all workspaces that are asked for. A workspace is loaded after the start or at its first use, kept true by
// Put, and forgotten, to be loaded again, where changes may have been missed.
type Index struct {
	source     Source
	clock      clock.Clock
	columns    []Column
	mu         sync.Mutex
	workspaces map[string]*Workspace
}

// NewIndex returns an empty index. The first column is ReadBy; there may be three more.
func NewIndex(source Source, c clock.Clock, readBy Column, more ...Column) *Index {
	return &Index{source: source, clock: c, columns: append([]Column{readBy}, more...), workspaces: map[string]*Workspace{}}
}

// idleTime is how long nobody asks for a workspace's headers before they may be forgotten.
const idleTime = time.Hour

// Needed reports whether somebody asked for the workspace's headers within the last hour.
func (x *Index) Needed(workspaceID string) bool {
	w := x.known(workspaceID)
	return w != nil && x.clock.Now().UnixMilli()-w.asked.Load() < idleTime.Milliseconds()
}

// Workspace is one workspace's headers.
type Workspace struct {
	follow  sync.Once
	once    sync.Once
	loading atomic.Bool // somebody has begun to load it
	loaded  atomic.Bool
	asked   atomic.Int64 // when somebody last asked for it, in milliseconds
	loadErr error
	mu      sync.RWMutex
	rows    *rows
	// gone has the versions at which conversations were resolved of late: an older change may still be on its way here.
	gone     map[ids.Packed]int64
	counters counters
}

// maxGone bounds the memory of what was resolved: only writes of the same moment can overtake one another.
const maxGone = 10000

func newWorkspace(columns int) *Workspace {
	return &Workspace{rows: newRows(columns), gone: map[ids.Packed]int64{}, counters: newCounters()}
}

// Get returns the workspace's headers, loading them first where nobody has yet.
func (x *Index) Get(ctx context.Context, workspaceID string) (*Workspace, error) {
	w := x.open(ctx, workspaceID)
	w.once.Do(func() {
		w.loadErr = x.load(ctx, workspaceID, w)
		w.loaded.Store(w.loadErr == nil)
	})
	if w.loadErr != nil {
		x.forget(workspaceID, w)
	}
	return w, w.loadErr
}

// Loaded returns the workspace's headers where they are loaded; else it begins to load them and returns nil.
func (x *Index) Loaded(ctx context.Context, workspaceID string) *Workspace {
	w := x.open(ctx, workspaceID)
	if w.loaded.Load() {
		return w
	}
	if w.loading.CompareAndSwap(false, true) {
		go func() { _, _ = x.Get(context.WithoutCancel(ctx), workspaceID) }() // whoever needs them meets the error
	}
	return nil
}

// open returns the workspace's headers, which may have to be loaded yet.
func (x *Index) open(ctx context.Context, workspaceID string) *Workspace {
	x.mu.Lock()
	w, known := x.workspaces[workspaceID]
	if !known {
		w = newWorkspace(len(x.columns))
		x.workspaces[workspaceID] = w
	}
	x.mu.Unlock()
	w.asked.Store(x.clock.Now().UnixMilli())
	w.follow.Do(func() { x.source.Follow(ctx, workspaceID) }) // before anything is read, so that no change falls between
	return w
}

func (x *Index) known(workspaceID string) *Workspace {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.workspaces[workspaceID]
}

// Has reports whether the workspace's headers are loaded or being loaded, so that changes are of interest.
func (x *Index) Has(workspaceID string) bool { return x.known(workspaceID) != nil }

// Forget makes the next use load the workspace again.
func (x *Index) Forget(workspaceID string) { x.forget(workspaceID, x.known(workspaceID)) }

func (x *Index) forget(workspaceID string, w *Workspace) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.workspaces[workspaceID] == w {
		delete(x.workspaces, workspaceID)
	}
}

func (x *Index) load(ctx context.Context, workspaceID string, w *Workspace) error {
	return x.source.Each(ctx, workspaceID, func(page []*Entry) error {
		values, err := x.values(ctx, workspaceID, page)
		if err != nil {
			return err
		}
		for n, e := range page {
			w.put(e, values[n])
		}
		return nil
	})
}

// values loads the columns of entries, in their order.
func (x *Index) values(ctx context.Context, workspaceID string, entries []*Entry) ([][]string, error) {
	values := make([][]string, len(entries))
	for n := range entries {
		values[n] = make([]string, len(x.columns))
	}
	for i, column := range x.columns {
		found, err := column.Load(ctx, workspaceID, entries)
		if err != nil {
			return nil, err
		}
		for n, e := range entries {
			values[n][i] = found[e.ID]
		}
	}
	return values, nil
}

// Put takes the newest version of a conversation; an older one, which may come late, changes nothing. Columns stay as they are; those
// of a conversation that was not there are loaded, unless it is new. Where that fails the workspace is loaded again.
func (x *Index) Put(ctx context.Context, workspaceID string, e *Entry, isNew bool) {
	w := x.known(workspaceID)
	if w == nil {
		return
	}
	values := w.columnsOf(ids.Pack(e.ID), len(x.columns))
	if values == nil && !isNew && !e.Gone {
		loaded, err := x.values(ctx, workspaceID, []*Entry{e})
		if err != nil {
			x.forget(workspaceID, w)
			return
		}
		values = loaded[0]
	}
	if values == nil {
		values = make([]string, len(x.columns))
	}
	w.put(e, values)
}

// PutRemote is Put for a conversation that another instance changed, with the users who had read all that had come in.
func (x *Index) PutRemote(ctx context.Context, workspaceID string, e *Entry, readBy []string) {
	x.Put(ctx, workspaceID, e, len(x.columns) == 1) // of the first column this knows all
	for _, user := range readBy {
		if user, marked := strings.CutPrefix(user, MarkedUnread); marked {
			x.Unread(workspaceID, e.ID, user)
		} else {
			x.Read(workspaceID, e.ID, user, e.Inbound)
		}
	}
}

// Set changes a column of a conversation, where that is in the index.
func (x *Index) Set(workspaceID, conversationID string, column int, value string) {
	if w := x.known(workspaceID); w != nil {
		w.change(ids.Pack(conversationID), func(h *Header) { h.columns[column] = unique.Make(value) })
	}
}

// Read notes that a user has read what came in up to a number.
func (x *Index) Read(workspaceID, conversationID, userID string, upTo int64) {
	w := x.known(workspaceID)
	if w == nil {
		return
	}
	w.change(ids.Pack(conversationID), func(h *Header) {
		if upTo >= h.inbound {
			h.reads(userID, MarkedUnread+userID)
		}
	})
}

// Unread notes that a user has marked a conversation unread.
func (x *Index) Unread(workspaceID, conversationID, userID string) {
	if w := x.known(workspaceID); w != nil {
		w.change(ids.Pack(conversationID), func(h *Header) { h.reads(MarkedUnread+userID, userID) })
	}
}

// reads puts one in and another out of those who have read it, or have marked it unread.
func (h *Header) reads(in, out string) {
	users := []string{in}
	h.readBy().each(func(user string) bool {
		if user != in && user != out {
			users = append(users, user)
		}
		return true
	})
	slices.Sort(users)
	h.columns[ReadBy] = unique.Make(Join(users))
}

func (w *Workspace) put(e *Entry, columns []string) {
	h := newHeader(e, columns)
	w.mu.Lock()
	defer w.mu.Unlock()
	n, there := w.rows.byID[h.id]
	if there && w.rows.row(n).version >= h.version || w.gone[h.id] >= h.version {
		return
	}
	if there {
		if old := w.remove(n); h.inbound > old.inbound {
			h.columns[ReadBy] = unique.Make("") // nobody has read what has just come in
		}
	}
	if e.Gone {
		if len(w.gone) >= maxGone {
			clear(w.gone)
		}
		w.gone[h.id] = h.version
		return
	}
	delete(w.gone, h.id)
	w.rows.add(h)
	w.counters.count(h, 1)
}

// remove takes away a row and what it counts; mu is held.
func (w *Workspace) remove(n uint32) Header {
	old := w.rows.header(n)
	w.counters.count(&old, -1)
	w.rows.remove(n)
	return old
}

// columnsOf returns the columns of a conversation, or nil where it is not in the index.
func (w *Workspace) columnsOf(id ids.Packed, columns int) []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	n, there := w.rows.byID[id]
	if !there {
		return nil
	}
	values := make([]string, columns)
	h := w.rows.header(n)
	for i := range values {
		values[i] = h.columns[i].Value()
	}
	return values
}

// change changes the columns of a conversation that is in the index.
func (w *Workspace) change(id ids.Packed, change func(*Header)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, there := w.rows.byID[id]
	if !there {
		return
	}
	before := w.rows.header(n)
	after := before
	if change(&after); after != before {
		w.remove(n)
		w.rows.add(&after)
		w.counters.count(&after, 1)
	}
}

// Page returns the positions of one page of conversations that the viewer may see and that match, the first ones behind from where that
// is given; more reports whether there are others behind them.
func (w *Workspace) Page(sight *Sight, o Order, from *Position, limit int, match func(*Header) bool) (found []Position, more bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	walked := o
	if o.ByTime() {
		walked = Newest
	}
	var at *plain
	if from != nil {
		at = from.plain(o)
	}
	hits := make([]*plain, 0, limit+1)
	w.rows.walk(walked, o == Oldest, at, func(n uint32) bool {
		if h := w.rows.header(n); sight.Sees(&h) && match(&h) {
			hits = append(hits, &w.rows.row(n).plain)
		}
		return len(hits) <= limit
	})
	if more = len(hits) > limit; more {
		hits = hits[:limit]
	}
	for _, h := range hits {
		found = append(found, h.position(o))
	}
	return found, more
}

// Headers packs entries that are not in the index, with their columns.
func (x *Index) Headers(ctx context.Context, workspaceID string, entries []*Entry) ([]*Header, error) {
	values, err := x.values(ctx, workspaceID, entries)
	if err != nil {
		return nil, err
	}
	headers := make([]*Header, len(entries))
	for n, e := range entries {
		headers[n] = newHeader(e, values[n])
	}
	return headers, nil
}

// Counts returns how much live work the viewer sees.
func (w *Workspace) Counts(v access.Viewer) Counts {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.counters.of(v)
}
