package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"wasl/internal/clock"
)

// FormatSchema is the collection that says which upgrades a store has seen, and which instance runs one.
var FormatSchema = Schema{Name: "format"}

// Upgrade is one change of what a store holds: documents in a new form, indexes that nothing asks any more. It may be cut off anywhere,
// and is then run again from the last point that it saved; on the documents that it has changed already it changes nothing.
type Upgrade struct {
	Name string
	Run  func(ctx context.Context, engine Engine, progress *Progress) error
}

// Progress is how far an upgrade is. Its zero value is that of one that begins and is not recorded.
type Progress struct {
	Cursor string // what was saved last, "" at the beginning
	save   func(ctx context.Context, cursor string) error
}

// Save records how far the upgrade is.
func (p *Progress) Save(ctx context.Context, cursor string) error {
	p.Cursor = cursor
	if p.save == nil {
		return nil
	}
	return p.save(ctx, cursor)
}

// DropIndexes is the upgrade that drops the indexes that these schemas do not declare.
func DropIndexes(name string, schemas ...Schema) Upgrade {
	return Upgrade{name, func(ctx context.Context, engine Engine, _ *Progress) error {
		for _, schema := range schemas {
			if err := engine.DropIndexes(ctx, schema); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Setup is what a version of the program needs of its store.
type Setup struct {
	Version  string // of the program, recorded with each upgrade
	Clock    clock.Clock
	Schemas  []Schema
	Upgrades []Upgrade         // in order; new ones at the end
	Report   func(text string) // called when an upgrade begins or is waited for
}

const (
	historyID = "store"
	leaseID   = "lease"
	// leaseTime is how long an instance that runs an upgrade may be silent before another one takes over.
	leaseTime = 30 * time.Second
	// pollEvery is how often an instance looks whether another one's upgrade is done.
	pollEvery = time.Second
)

// history is the document that says which upgrades a store has seen.
type history struct {
	Meta `bson:",inline"`
	// Steps is how many there are. Versions in which upgrades had no names know only this, and refuse a store that has seen more than they.
	Steps int   `bson:"steps"`
	Ran   []ran `bson:"ran,omitempty"`
}

type ran struct {
	Name    string    `bson:"name"`
	At      time.Time `bson:"at,omitempty"`
	Version string    `bson:"version,omitempty"`
}

// lease is the document of the instance that runs the upgrades. It is held as long as it changes, by whoever changed it last.
type lease struct {
	Meta    `bson:",inline"`
	Held    bool   `bson:"held"`
	Upgrade string `bson:"upgrade"`
	Cursor  string `bson:"cursor"` // how far it is
}

var errLeaseLost = errors.New("another instance has taken over the upgrades")

// Prepare declares the collections and runs the upgrades that the store has not seen. One instance runs them while others wait. A store of
// a newer version is refused before anything in it is changed.
func (s Setup) Prepare(ctx context.Context, engine Engine) error {
	if err := engine.Ensure(ctx, FormatSchema); err != nil {
		return err
	}
	p := preparation{
		Setup: s, engine: engine, histories: NewCollection[history](engine, FormatSchema), leases: NewCollection[lease](engine,
			FormatSchema),
	}
	if _, err := p.history(ctx); err != nil {
		return err
	}
	if err := engine.Ensure(ctx, s.Schemas...); err != nil {
		return fmt.Errorf("the store's collections: %w", err)
	}
	for {
		h, err := p.history(ctx)
		if err != nil || len(h.Ran) == len(s.Upgrades) {
			return err
		}
		l, err := p.acquire(ctx)
		if err != nil {
			return err
		}
		if l != nil {
			err = p.lead(ctx, l)
			if !errors.Is(err, errLeaseLost) {
				return err
			}
		}
		if err := p.wait(ctx); err != nil {
			return err
		}
	}
}

// preparation is one call of Prepare.
type preparation struct {
	Setup
	engine    Engine
	histories Collection[history, *history]
	leases    Collection[lease, *lease]
	seen      int64 // the version of another instance's lease
	polls     int   // how often it was the same
}

// history reads which upgrades the store has seen; one that this version does not know is of a newer one.
func (p *preparation) history(ctx context.Context) (*history, error) {
	h, err := p.histories.Get(ctx, historyID)
	if errors.Is(err, ErrNotFound) {
		return &history{Meta: Meta{ID: historyID}}, nil
	}
	if err != nil {
		return nil, err
	}
	newer := fmt.Errorf("the store was written by a newer version of Wasl: it has seen %d upgrades, this version knows %d", h.Steps,
		len(p.Upgrades))
	if h.Steps > len(p.Upgrades) {
		return nil, newer
	}
	for n := len(h.Ran); n < h.Steps; n++ {
		h.Ran = append(h.Ran, ran{Name: p.Upgrades[n].Name})
	}
	for _, r := range h.Ran {
		if !slices.ContainsFunc(p.Upgrades, func(u Upgrade) bool { return u.Name == r.Name }) {
			return nil, fmt.Errorf("%w (%s)", newer, r.Name)
		}
	}
	return h, nil
}

// acquire returns the lease if no other instance has it, or the one that has it has stopped.
func (p *preparation) acquire(ctx context.Context) (*lease, error) {
	l, err := p.leases.Get(ctx, leaseID)
	write := p.leases.Replace
	switch {
	case errors.Is(err, ErrNotFound):
		l, write = &lease{Meta: Meta{ID: leaseID}}, p.leases.Insert
	case err != nil:
		return nil, err
	case l.Held && (l.Version != p.seen || time.Duration(p.polls)*pollEvery < leaseTime):
		if l.Version != p.seen {
			p.seen, p.polls = l.Version, 0
			p.Report("waits for another instance, which runs the upgrade " + l.Upgrade + " of the store")
		}
		return nil, nil
	}
	l.Held = true
	err = p.engine.Write(ctx, write(l))
	if errors.Is(err, ErrConflict) || errors.Is(err, ErrExists) {
		return nil, nil
	}
	return l, err
}

func (p *preparation) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting for an upgrade of the store: %w", ctx.Err())
	case <-time.After(pollEvery):
		p.polls++
		return nil
	}
}

// lead runs the upgrades that are left, one after the other, under the lease.
func (p *preparation) lead(ctx context.Context, l *lease) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	holder := &holder{preparation: p, lease: l}
	renewing := make(chan struct{})
	go func() {
		defer close(renewing)
		holder.renew(ctx, cancel)
	}()
	err := p.run(ctx, holder)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errLeaseLost) {
		err = cause
	}
	cancel(nil)
	<-renewing
	if err != nil && !errors.Is(err, errLeaseLost) {
		_ = holder.write(context.WithoutCancel(ctx), func(l *lease) { l.Held = false }) // else it lapses
	}
	return err
}

func (p *preparation) run(ctx context.Context, holder *holder) error {
	h, err := p.history(ctx) // another instance may have run some until it lost the lease
	if err != nil {
		return err
	}
	for _, u := range p.Upgrades {
		if slices.ContainsFunc(h.Ran, func(r ran) bool { return r.Name == u.Name }) {
			continue
		}
		p.Report("runs the upgrade " + u.Name + " of the store")
		progress, err := holder.begin(ctx, u.Name)
		if err == nil {
			err = u.Run(ctx, p.engine, progress)
		}
		if err == nil {
			err = holder.done(ctx, h, u.Name)
		}
		if err != nil {
			return fmt.Errorf("upgrade %s of the store: %w", u.Name, err)
		}
	}
	return holder.write(ctx, func(l *lease) { l.Held = false })
}

// holder is who has the lease. Every change of it expects the version of the one before.
type holder struct {
	*preparation
	mu    sync.Mutex
	lease *lease
}

// write changes the lease, with other documents where there are any.
func (h *holder) write(ctx context.Context, change func(*lease), more ...Change) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := *h.lease
	change(&next)
	err := h.engine.Write(ctx, append(more, h.leases.Replace(&next))...)
	if errors.Is(err, ErrConflict) || errors.Is(err, ErrExists) {
		return errLeaseLost
	}
	if err == nil {
		h.lease = &next
	}
	return err
}

// renew keeps the lease until ctx ends, and ends ctx when it is lost.
func (h *holder) renew(ctx context.Context, end context.CancelCauseFunc) {
	tick := time.NewTicker(leaseTime / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := h.write(ctx, func(*lease) {}); errors.Is(err, errLeaseLost) {
				end(errLeaseLost)
				return
			}
		}
	}
}

// begin returns how far the upgrade is.
func (h *holder) begin(ctx context.Context, name string) (*Progress, error) {
	err := h.write(ctx, func(l *lease) {
		if l.Upgrade != name {
			l.Upgrade, l.Cursor = name, ""
		}
	})
	return &Progress{Cursor: h.lease.Cursor, save: func(ctx context.Context, cursor string) error {
		return h.write(ctx, func(l *lease) { l.Cursor = cursor })
	}}, err
}

// done records an upgrade in one write with the lease, so that nobody who lost it records anything.
func (h *holder) done(ctx context.Context, seen *history, name string) error {
	change := h.histories.Replace
	if seen.Version == 0 {
		change = h.histories.Insert
	}
	seen.Ran = append(seen.Ran, ran{name, h.Clock.Now(), h.Version})
	seen.Steps = len(seen.Ran)
	return h.write(ctx, func(*lease) {}, change(seen))
}

// Rewrite writes the changes that fn makes of each page of the whole collection, from where the upgrade is.
func (c Collection[T, P]) Rewrite(ctx context.Context, progress *Progress, fn func(page []P) ([]Change, error)) error {
	for {
		var next string
		err := Retry(ctx, func() error {
			page, cursor, err := c.Find(ctx, Query{Limit: 500, Cursor: progress.Cursor})
			if err != nil {
				return err
			}
			next = cursor
			changes, err := fn(page)
			if err != nil || len(changes) == 0 {
				return err
			}
			return c.engine.Write(ctx, changes...)
		})
		if err != nil || next == "" {
			return err
		}
		if err := progress.Save(ctx, next); err != nil {
			return err
		}
	}
}
