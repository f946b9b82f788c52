package store_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/internal/clock"
	"wasl/store"
)

// memory is an engine that has one collection and no queries. It records which collections were declared.
type memory struct {
	store.Engine
	mu       sync.Mutex
	docs     map[string]bson.Raw
	declared []string
}

func (m *memory) Ensure(_ context.Context, schemas ...store.Schema) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range schemas {
		m.declared = append(m.declared, s.Name)
	}
	return nil
}

func (m *memory) Get(_ context.Context, _ string, ids ...string) (docs []store.Doc, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if doc := m.docs[ids[0]]; doc != nil {
		docs = append(docs, store.Doc{ID: ids[0], Version: doc.Lookup("_v").Int64(), Data: doc})
	}
	return docs, nil
}

func (m *memory) Write(_ context.Context, changes ...store.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := maps.Clone(m.docs)
	for _, c := range changes {
		old := m.docs[c.ID]
		if c.Kind == store.Insert && old != nil {
			return store.ErrExists
		}
		if c.Kind == store.Replace && (old == nil || old.Lookup("_v").Int64() != c.Version) {
			return store.ErrConflict
		}
		next[c.ID] = c.Data
	}
	m.docs = next
	return nil
}

func setup(reports *[]string, upgrades ...store.Upgrade) store.Setup {
	return store.Setup{
		Version: "v9", Clock: clock.System{}, Schemas: []store.Schema{{Name: "things"}}, Upgrades: upgrades,
		Report: func(text string) { *reports = append(*reports, text) },
	}
}

// An instance waits as long as the other one's upgrade goes on, however long that is.
func TestAnInstanceWaitsForTheUpgradeOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine, ran := &memory{docs: map[string]bson.Raw{}}, 0
		slow := store.Upgrade{Name: "slow", Run: func(ctx context.Context, _ store.Engine, _ *store.Progress) error {
			ran++
			time.Sleep(10 * time.Minute) // of the test's time
			return ctx.Err()
		}}
		var first, second []string
		done := make(chan error, 1)
		go func() { done <- setup(&first, slow).Prepare(t.Context(), engine) }()
		time.Sleep(time.Second)
		began := time.Now()
		if err := errors.Join(setup(&second, slow).Prepare(t.Context(), engine), <-done); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); ran != 1 || took < 9*time.Minute || took > 11*time.Minute || len(second) == 0 ||
			!strings.Contains(second[0], "slow") {
			t.Errorf("%d runs; waited %v and said %q", ran, took, second)
		}
	})
}

// The upgrade of an instance that died goes on where it was, on another one. If the first was only slow, it stops and records nothing.
func TestTheUpgradeOfADeadInstanceIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := &memory{docs: map[string]bson.Raw{}}
		var cursors []string
		stopped := make(chan error, 1)
		upgrade := store.Upgrade{Name: "long", Run: func(ctx context.Context, _ store.Engine, progress *store.Progress) error {
			if cursors = append(cursors, progress.Cursor); len(cursors) > 1 {
				return nil
			}
			if err := progress.Save(ctx, "half"); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}}
		var first, reports []string
		paused := &pausing{memory: engine}
		go func() { stopped <- setup(&first, upgrade).Prepare(t.Context(), paused) }()
		time.Sleep(time.Second)
		paused.pause(true)
		began := time.Now()
		if err := setup(&reports, upgrade).Prepare(t.Context(), engine); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 30*time.Second || took > time.Minute || !slices.Equal(cursors, []string{"", "half"}) {
			t.Errorf("taken over after %v, from %q", took, cursors)
		}
		paused.pause(false)
		if err := <-stopped; err != nil || len(cursors) != 2 {
			t.Errorf("the first one: %v, from %q", err, cursors)
		}
	})
}

// pausing is an instance whose writes are not done for a while.
type pausing struct {
	*memory
	paused bool
}

func (p *pausing) pause(paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = paused
}

func (p *pausing) Write(ctx context.Context, changes ...store.Change) error {
	p.mu.Lock()
	paused := p.paused
	p.mu.Unlock()
	if paused {
		return store.ErrUnavailable
	}
	return p.memory.Write(ctx, changes...)
}

// A store of a version that only counted its upgrades goes on behind them, and is refused by whoever knows fewer.
func TestAStoreThatCountedItsUpgrades(t *testing.T) {
	counted, err := bson.Marshal(bson.D{{Key: "_id", Value: "store"}, {Key: "_v", Value: int64(2)}, {Key: "steps", Value: 2}})
	if err != nil {
		t.Fatal(err)
	}
	var ran, reports []string
	upgrade := func(name string) store.Upgrade {
		return store.Upgrade{Name: name, Run: func(context.Context, store.Engine, *store.Progress) error {
			ran = append(ran, name)
			return nil
		}}
	}
	engine := &memory{docs: map[string]bson.Raw{"store": counted}}
	if err := setup(&reports, upgrade("a")).Prepare(t.Context(), engine); err == nil || slices.Contains(engine.declared, "things") {
		t.Errorf("a version that knows one upgrade took a store that has seen two: %v, declared %v", err, engine.declared)
	}
	if err := setup(&reports, upgrade("a"), upgrade("b"), upgrade("c")).Prepare(t.Context(), engine); err != nil {
		t.Fatal(err)
	}
	if steps := engine.docs["store"].Lookup("steps").AsInt64(); !slices.Equal(ran, []string{"c"}) || steps != 3 {
		t.Errorf("ran %v; the store says %d steps to versions that count", ran, steps)
	}
}
