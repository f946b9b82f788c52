package storetest

import (
	"context"
	"fmt"
	"sync"

	"wasl/store"
)

// Fault is what goes wrong at one write of a Faulty engine.
type Fault int

// The faults.
const (
	Cut          Fault = iota // the write is not done; later ones work
	Unanswered                // the write is done, but the caller is told that nobody knows; later ones work
	KilledBefore              // the write is not done, and nothing works any more
	KilledAfter               // the write is done, and nothing works any more
)

// Faults lists them all.
func Faults() []Fault { return []Fault{Cut, Unanswered, KilledBefore, KilledAfter} }

// String names the fault.
func (f Fault) String() string {
	return [...]string{"cut", "unanswered", "killed before", "killed after"}[f]
}

// Faulty is an engine as a process sees it that dies or loses its store at a chosen write. What survives is in the engine
// underneath: a new process opens another Faulty over it.
type Faulty struct {
	store.Engine

	mu     sync.Mutex
	writes int
	at     int
	fault  Fault
	dead   bool
}

// NewFaulty returns an engine that works until it is told otherwise.
func NewFaulty(e store.Engine) *Faulty { return &Faulty{Engine: e} }

// Fail lets the nth write from the beginning go wrong.
func (f *Faulty) Fail(n int, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at, f.fault = n, fault
}

// Kill ends everything now.
func (f *Faulty) Kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
}

// Writes is how many writes there were.
func (f *Faulty) Writes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}

// Dead reports whether it was killed.
func (f *Faulty) Dead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

var errFault = fmt.Errorf("a fault of the test: %w", store.ErrUnavailable)

func (f *Faulty) alive() error {
	if f.Dead() {
		return errFault
	}
	return nil
}

// Get reads while it is alive.
func (f *Faulty) Get(ctx context.Context, collection string, ids ...string) ([]store.Doc, error) {
	if err := f.alive(); err != nil {
		return nil, err
	}
	return f.Engine.Get(ctx, collection, ids...)
}

// Find reads while it is alive.
func (f *Faulty) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	if err := f.alive(); err != nil {
		return store.Page{}, err
	}
	return f.Engine.Find(ctx, collection, q)
}

// Write counts, and goes wrong at its time.
func (f *Faulty) Write(ctx context.Context, changes ...store.Change) error {
	f.mu.Lock()
	if f.dead {
		f.mu.Unlock()
		return errFault
	}
	f.writes++
	hit, fault := f.writes == f.at, f.fault
	f.dead = hit && fault >= KilledBefore
	f.mu.Unlock()
	if hit && (fault == Cut || fault == KilledBefore) {
		return errFault
	}
	err := f.Engine.Write(ctx, changes...)
	if hit && err == nil {
		return errFault
	}
	return err
}
