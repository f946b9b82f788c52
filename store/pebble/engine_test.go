package pebble

import (
	"errors"
	"testing"

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

func open(t *testing.T, dir string, opts Options) *Engine {
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
