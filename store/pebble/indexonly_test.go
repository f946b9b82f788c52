package pebble

import (
	"fmt"
	"strings"
	"testing"

	"wasl/store"
)

type wide struct {
	store.Meta `bson:",inline"`
	Owner      string `bson:"owner"`
	Note       string `bson:"note"`
}

// Going through an index for what it holds leaves the cache to what is read again.
func TestWhatIsReadOnceIsNotKept(t *testing.T) {
	schema := store.Schema{Name: "wide", Indexes: []store.Index{
		{Name: "owner", Fields: []store.Field{store.Asc("owner")}, Includes: []string{"note"}},
	}}
	e := open(t, t.TempDir(), Options{})
	if err := e.Ensure(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	c := store.NewCollection[wide](e, schema)
	const documents, size = 1500, 4 << 10
	for n := 0; n < documents; n += 100 {
		var ops []store.Change
		for k := range 100 {
			ops = append(ops, c.Insert(&wide{Meta: store.Meta{ID: fmt.Sprintf("w_%d", n+k)}, Owner: "a", Note: strings.Repeat("x", size)}))
		}
		if err := e.Write(t.Context(), ops...); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.db.Compact(t.Context(), []byte{0}, []byte{255}, false); err != nil { // now, and not while it is read
		t.Fatal(err)
	}
	kept := func(held bool) int64 {
		found := 0
		err := c.Each(t.Context(), store.Query{Index: "owner", Eq: []any{"a"}, IndexOnly: held, Limit: 100},
			func(*wide) error { found++; return nil })
		if err != nil || found != documents {
			t.Fatalf("found %d: %v", found, err)
		}
		return e.cache.Size()
	}
	if n := kept(true); n > indexOnlyCache {
		t.Errorf("%d bytes are kept of what was read once", n)
	}
	if n := kept(false); n <= indexOnlyCache {
		t.Errorf("only %d bytes are kept of what was read whole", n)
	}
}
