package events

import (
	"container/list"
	"context"
	"sync"

	"wasl/internal/ids"
)

// keep and maxMissed are how much of a workspace is kept for sockets that come back, keepBytes is how much of all workspaces. Where that is
// too little, the workspaces in which nothing has happened for longest keep nothing.
const (
	keep      = 4096
	keepBytes = 64 << 20
)

// Local is the stream of a process that is the only one. Its epoch ends with the process.
type Local struct {
	epoch    string
	onEvents func([]Numbered)
	onSignal func(Signal)
	mu       sync.Mutex
	spaces   map[string]*ring
	bytes    int       // how large what is kept is
	keeping  list.List // rings that keep something, the one that was added to last in front
}

// NewLocal returns an empty stream with a fresh epoch.
func NewLocal() *Local { return &Local{epoch: ids.Token()[:12], spaces: map[string]*ring{}} }

// ring holds a workspace's last events; its lock makes the order of numbers the order of delivery.
type ring struct {
	mu    sync.Mutex
	epoch string
	seq   int64
	// What follows is under the stream's lock too: who needs room for another workspace takes it from here.
	kept  []Numbered // kept[i] has number seq-len(kept)+1+i
	bytes int        // how large they are
	place *list.Element
}

func (l *Local) space(id string) *ring {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.spaces[id]
	if r == nil {
		r = &ring{epoch: l.epoch}
		l.spaces[id] = r
	}
	return r
}

// Append numbers the events and delivers them before it returns.
func (l *Local) Append(_ context.Context, evs []Event) error {
	if len(evs) == 0 {
		return nil
	}
	r := l.space(evs[0].WorkspaceID)
	r.mu.Lock()
	defer r.mu.Unlock()
	batch := make([]Numbered, len(evs))
	for i, ev := range evs {
		r.seq++
		batch[i] = Numbered{Event: ev, Seq: r.seq, Epoch: r.epoch, Local: true}
	}
	l.remember(r, batch)
	l.onEvents(batch)
	return nil
}

// remember keeps events for who comes back, as far as there is room. The ring is locked; of others only what the stream's lock guards is
// touched.
func (l *Local) remember(r *ring, batch []Numbered) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := r.bytes
	r.kept = append(r.kept, batch...)
	for i := range batch {
		r.bytes += batch[i].Size()
	}
	for len(r.kept) > keep || r.bytes > maxMissed {
		r.bytes -= r.kept[0].Size()
		r.kept[0] = Numbered{} // the array behind it lives on for a while
		r.kept = r.kept[1:]
	}
	l.bytes += r.bytes - before
	if r.place == nil {
		r.place = l.keeping.PushFront(r)
	}
	l.keeping.MoveToFront(r.place)
	for l.bytes > keepBytes {
		l.forget(l.keeping.Back().Value.(*ring))
	}
}

// forget drops what is kept of a workspace; the stream's lock is held.
func (l *Local) forget(r *ring) {
	l.bytes -= r.bytes
	if r.kept, r.bytes = nil, 0; r.place != nil {
		l.keeping.Remove(r.place)
		r.place = nil
	}
}

// Renew begins another epoch of the workspace, with the next number.
func (l *Local) Renew(_ context.Context, workspaceID string) error {
	r := l.space(workspaceID)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch = ids.Token()[:12]
	l.mu.Lock()
	l.forget(r)
	l.mu.Unlock()
	l.onEvents([]Numbered{{Event: Event{Type: Reset, WorkspaceID: workspaceID}, Seq: r.seq, Epoch: r.epoch}})
	return nil
}

// Outlives: it does not.
func (l *Local) Outlives() bool { return false }

// Since returns the kept events after seq.
func (l *Local) Since(_ context.Context, workspaceID, epoch string, seq int64) ([]Numbered, bool, error) {
	r := l.space(workspaceID)
	r.mu.Lock()
	defer r.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	missing := r.seq - seq
	if epoch != r.epoch || missing < 0 || missing > int64(len(r.kept)) {
		return nil, false, nil
	}
	return append([]Numbered(nil), r.kept[int64(len(r.kept))-missing:]...), true, nil
}

// Position returns the epoch and the last number.
func (l *Local) Position(_ context.Context, workspaceID string) (string, int64, error) {
	r := l.space(workspaceID)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.epoch, r.seq, nil
}

// Signal delivers at once.
func (l *Local) Signal(_ context.Context, s Signal) error {
	l.onSignal(s)
	return nil
}

// Follow does nothing: everything is here already.
func (l *Local) Follow(context.Context, string) {}

// Receive sets the receiver.
func (l *Local) Receive(r Receiver) { l.onEvents, l.onSignal = r.Events, r.Signal }

// Close does nothing.
func (l *Local) Close() error { return nil }
