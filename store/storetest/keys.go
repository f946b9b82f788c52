package storetest

import (
	"fmt"
	"slices"
	"testing"

	"wasl/store"
)

var keySchema = store.Schema{Name: "words", Keys: true}

// testKeys: keys are there after Put, not after Remove, however often, and come in the order of their bytes, in bounded ranges.
func testKeys(t *testing.T, e store.Engine) {
	ctx := t.Context()
	must(t, e.Ensure(ctx, keySchema))
	must(t, e.Ensure(ctx, keySchema))
	set := store.NewKeySet(e, keySchema)
	words := []string{"w/bell/1", "w/be/2", "w/belle/1", "w/שלום/1", "w/be\x00ll/3", "v/bell/1", "w/bell/0", "w0/bell/1"}
	for _, word := range append(words, words[0], "w/gone/1") {
		must(t, e.Write(ctx, set.Put(word)))
	}
	must(t, e.Write(ctx, set.Remove("w/gone/1")))
	must(t, e.Write(ctx, set.Remove("w/gone/1")))
	for name, test := range map[string]struct {
		within store.Range
		limit  int
		want   []string
	}{
		"a prefix":       {store.Range{Prefix: "w/bel"}, 10, []string{"w/bell/0", "w/bell/1", "w/belle/1"}},
		"another script": {store.Range{Prefix: "w/ש"}, 10, []string{"w/שלום/1"}},
		"the first ones": {store.Range{Prefix: "w/"}, 2, []string{"w/be\x00ll/3", "w/be/2"}},
		"behind one":     {store.Range{From: "w/bell/0", ExcludeFrom: true, To: "w/bell0"}, 10, []string{"w/bell/1"}},
		"nothing":        {store.Range{Prefix: "x"}, 10, nil},
	} {
		found, err := set.Find(ctx, test.within, test.limit)
		if err != nil || !slices.Equal(found, test.want) {
			t.Errorf("%s: %q, %v, want %q", name, found, err, test.want)
		}
	}
	if last, err := set.FindLast(ctx, store.Range{Prefix: "w/bel"}, 2); err != nil ||
		!slices.Equal(last, []string{"w/belle/1", "w/bell/1"}) {
		t.Errorf("the last ones: %q, %v", last, err)
	}
	if there, err := set.Has(ctx, "w/be/2", "w/gone/1", "w/bell/1"); err != nil || len(there) != 2 || !there["w/be/2"] ||
		!there["w/bell/1"] {
		t.Errorf("there are %v, %v", there, err)
	}
	if n, err := set.Count(ctx, store.Range{Prefix: "w/bel"}, 2); err != nil || n != 2 {
		t.Errorf("%d keys, counted to 2: %v", n, err)
	}
	for name, wrong := range map[string]store.Change{
		"a document among keys": {Kind: store.Delete, Collection: keySchema.Name, ID: "w/bell/1", Version: 1},
		"a key among documents": store.NewKeySet(e, accountSchema).Put("a"),
		"an empty key":          set.Put(""),
	} {
		accounts(t, e)
		if err := e.Write(ctx, wrong); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// testKeysBesideDocuments: keys are written with the document that they are of, or not at all.
func testKeysBesideDocuments(t *testing.T, e store.Engine) {
	ctx, c := t.Context(), accounts(t, e)
	must(t, e.Ensure(ctx, keySchema))
	set := store.NewKeySet(e, keySchema)
	doc, changes := newAccount("acc"), []store.Change{}
	for n := range 100 {
		changes = append(changes, set.Put(fmt.Sprintf("k/%03d", n)))
	}
	must(t, e.Write(ctx, append(changes, c.Insert(doc))...))
	stale := *doc
	must(t, e.Write(ctx, c.Replace(doc), set.Remove("k/000"), set.Put("k/100")))
	wantError(t, e.Write(ctx, c.Replace(&stale), set.Remove("k/001"), set.Put("k/101")), store.ErrConflict)
	found, err := set.Find(ctx, store.Range{Prefix: "k/"}, 1000)
	if err != nil || len(found) != 100 || found[0] != "k/001" || found[99] != "k/100" {
		t.Errorf("%d keys, %v", len(found), err)
	}
}
