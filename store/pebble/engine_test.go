package pebble

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"wasl/store"
)

type thing struct {
	store.Meta `bson:",inline"`
	Owner      string   `bson:"owner"`
	Rank       int      `bson:"rank"`
	Tags       []string `bson:"tags"`
}

var thingSchema = store.Schema{Name: "things", Indexes: []store.Index{
	{Name: "owner_rank", Fields: []store.Field{store.Asc("owner"), store.Desc("rank")}},
	{Name: "tags", Fields: []store.Field{store.Asc("tags"), store.Asc("rank")}},
}}

func open(t testing.TB, dir string, opts Options) *Engine {
	t.Helper()
	e, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// What was written is there after the folder is closed and opened again, with its indexes.
func TestReopen(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	things := store.NewCollection[thing](nil, thingSchema)
	e := open(t, dir, Options{})
	if err := e.Ensure(ctx, thingSchema); err != nil {
		t.Fatal(err)
	}
	one := &thing{Meta: store.Meta{ID: "t_1"}, Owner: "a", Rank: 1, Tags: []string{"x", "y"}}
	two := &thing{Meta: store.Meta{ID: "t_2"}, Owner: "a", Rank: 2, Tags: []string{"y"}}
	if err := e.Write(ctx, things.Insert(one), things.Insert(two)); err != nil {
		t.Fatal(err)
	}
	if err := e.Write(ctx, things.Insert(one)); !errors.Is(err, store.ErrExists) {
		t.Fatalf("inserting twice: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}

	e = open(t, dir, Options{})
	things = store.NewCollection[thing](e, thingSchema)
	for _, q := range []store.Query{
		{Index: "owner_rank", Eq: []any{"a"}, Limit: 10},
		{Index: "tags", Eq: []any{"y"}, Reverse: true, Limit: 10},
	} {
		found, next, err := things.Find(ctx, q)
		if err != nil || next != "" || len(found) != 2 || found[0].ID != "t_2" {
			t.Fatalf("%v: %v, next %q, %v", q, found, next, err)
		}
	}
}

// A second process is told in one line that the folder is taken; within a process it is the same.
func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, Options{})
	_, err := Open(dir, Options{})
	if err == nil || err.Error() != "the store in "+dir+" is in use by another process" {
		t.Fatal(err)
	}
}

type fixedClock struct{ now time.Time }

func (c *fixedClock) Now() time.Time { return c.now }

// What expires follows the injected clock and the field as it is now.
func TestSweepFollowsClock(t *testing.T) {
	ctx, at := t.Context(), &fixedClock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	e := open(t, "data", Options{InMemory: true, Clock: at})
	type lease struct {
		store.Meta `bson:",inline"`
		Until      time.Time `bson:"until"`
	}
	schema := store.Schema{Name: "leases", Expire: "until"}
	if err := e.Ensure(ctx, schema); err != nil {
		t.Fatal(err)
	}
	leases := store.NewCollection[lease](e, schema)
	short := &lease{store.Meta{ID: "short"}, at.now.Add(time.Minute)}
	extended := &lease{store.Meta{ID: "extended"}, at.now.Add(time.Minute)}
	if err := e.Write(ctx, leases.Insert(short), leases.Insert(extended)); err != nil {
		t.Fatal(err)
	}
	extended.Until = at.now.Add(time.Hour)
	if err := e.Write(ctx, leases.Replace(extended)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		advance time.Duration
		left    int
	}{{59 * time.Second, 2}, {time.Second, 1}, {58 * time.Minute, 1}, {time.Minute, 0}} {
		at.now = at.now.Add(step.advance)
		if err := e.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if n, err := leases.Count(ctx, store.Query{}, 10); err != nil || n != step.left {
			t.Errorf("at %v: %d left, want %d (%v)", at.now, n, step.left, err)
		}
	}
}

// A checkpoint taken while writing opens as a store of its own with what was acknowledged before it.
func TestCheckpoint(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	e := open(t, filepath.Join(dir, "data"), Options{})
	if err := e.Ensure(ctx, thingSchema); err != nil {
		t.Fatal(err)
	}
	things := store.NewCollection[thing](e, thingSchema)
	for n := range 100 {
		if err := e.Write(ctx, things.Insert(newThing(n))); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Checkpoint(ctx, filepath.Join(dir, "copy")); err != nil {
		t.Fatal(err)
	}
	if err := e.Write(ctx, things.Insert(newThing(100))); err != nil {
		t.Fatal(err)
	}
	backup := open(t, filepath.Join(dir, "copy"), Options{})
	if n, err := backup.Count(ctx, "things", store.Query{Index: "owner_rank", Eq: []any{"a"}}, 1000); err != nil || n != 100 {
		t.Errorf("the copy has %d, want 100 (%v)", n, err)
	}
}

// After Close every call says that the store is unavailable, and none panics.
func TestClosed(t *testing.T) {
	ctx := t.Context()
	e := open(t, "data", Options{InMemory: true})
	if err := e.Ensure(ctx, thingSchema); err != nil {
		t.Fatal(err)
	}
	things := store.NewCollection[thing](e, thingSchema)
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	_, getErr := things.Get(ctx, "t_1")
	_, _, findErr := things.Find(ctx, store.Query{Limit: 1})
	for _, err := range []error{
		getErr, findErr, e.Ping(ctx), e.Ensure(ctx, thingSchema), e.Write(ctx, things.Insert(newThing(1))),
		e.Checkpoint(ctx, "copy"),
	} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("after Close: %v", err)
		}
	}
}
