package events

import (
	"context"
	"sync"

	"wasl/internal/ids"
)

// keep and keepBytes are how much of a workspace is kept for sockets that come back.
const (
	keep      = 4096
	keepBytes = 32 << 20
)

// Local is the stream of a process that is the only one. Its epoch ends with the process.
type Local struct {
	epoch    string
	onEvents func([]Numbered)
	onSignal func(Signal)
	mu       sync.Mutex
	spaces   map[string]*ring
}

// NewLocal returns an empty stream with a fresh epoch.
func NewLocal() *Local { return &Local{epoch: ids.Token()[:12], spaces: map[string]*ring{}} }

// ring holds a workspace's last events; its lock makes the order of numbers the order of delivery.
type ring struct {
	mu    sync.Mutex
	epoch string
	seq   int64
	kept  []Numbered // kept[i] has number seq-len(kept)+1+i
	bytes int        // how large they are
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
	r.kept = append(r.kept, batch...)
	for i := range batch {
		r.bytes += batch[i].Size()
	}
	for len(r.kept) > keep || r.bytes > keepBytes {
		r.bytes -= r.kept[0].Size()
		r.kept[0] = Numbered{} // the array behind it lives on for a while
		r.kept = r.kept[1:]
	}
	l.onEvents(batch)
	return nil
}

// Renew begins another epoch of the workspace, with the next number.
func (l *Local) Renew(_ context.Context, workspaceID string) error {
	r := l.space(workspaceID)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch, r.kept, r.bytes = ids.Token()[:12], nil, 0
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
