package pebble

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"wasl/store"
)

type counted struct {
	store.Meta `bson:",inline"`
	Filler     string `bson:"filler"`
}

var countedSchema = store.Schema{Name: "counted"}

// A read is never older than a write that had ended before it began, nor than what the reader saw before, also while the document
// leaves and enters what is kept in memory.
func TestNoReadIsOlderThanTheWriteBefore(t *testing.T) {
	e := open(t, "kept", Options{InMemory: true})
	if err := e.Ensure(t.Context(), countedSchema); err != nil {
		t.Fatal(err)
	}
	c := store.NewCollection[counted](e, countedSchema)
	const documents, versions = 8, 100
	var written [documents]atomic.Int64
	var readers, writers sync.WaitGroup
	var done atomic.Bool
	for n := range documents {
		id := fmt.Sprint("doc_", n)
		doc := &counted{Meta: store.Meta{ID: id}, Filler: string(make([]byte, 3000))}
		if err := e.Write(t.Context(), c.Insert(doc)); err != nil {
			t.Fatal(err)
		}
		written[n].Store(1)
		writers.Go(func() {
			for range versions {
				if _, err := c.Update(t.Context(), id, func(*counted) error { return nil }); err != nil {
					t.Error(err)
					return
				}
				written[n].Add(1)
			}
		})
		for range 2 {
			readers.Go(func() {
				for last := int64(0); !done.Load(); {
					least := max(last, written[n].Load())
					got, err := c.Get(t.Context(), id)
					if err != nil || got.Version < least {
						t.Errorf("version %d after %d, %v", got.Version, least, err)
						return
					}
					last = got.Version
				}
			})
		}
		readers.Go(func() { // pushes everything out
			for k := 0; !done.Load(); k++ {
				other := document{"counted", fmt.Sprint("other_", k%500)}
				_, epoch := e.recent.get(other)
				e.recent.add(other, make([]byte, recentLargest), epoch)
			}
		})
	}
	readers.Go(func() { // all at once
		for !done.Load() {
			var ids []string
			var least [documents]int64
			for n := range documents {
				ids, least[n] = append(ids, fmt.Sprint("doc_", n)), written[n].Load()
			}
			got, err := c.GetMany(t.Context(), ids...)
			for n := range got {
				if err != nil || got[n].ID != ids[n] || got[n].Version < least[n] {
					t.Errorf("%s has version %d after %d, %v", got[n].ID, got[n].Version, least[n], err)
					return
				}
			}
		}
	})
	writers.Wait()
	done.Store(true)
	readers.Wait()
}

// What was deleted is gone, and what is inserted anew is there, whatever was kept of it.
func TestWhatIsDeletedIsNotKept(t *testing.T) {
	e := open(t, "kept", Options{InMemory: true})
	if err := e.Ensure(t.Context(), countedSchema); err != nil {
		t.Fatal(err)
	}
	c := store.NewCollection[counted](e, countedSchema)
	for range 3 {
		doc := &counted{Meta: store.Meta{ID: "doc"}}
		for _, write := range []func() store.Change{
			func() store.Change { return c.Insert(doc) }, func() store.Change { return c.Replace(doc) },
			func() store.Change { return c.Delete(doc) },
		} {
			change := write()
			if err := e.Write(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			got, err := c.Get(t.Context(), "doc")
			if change.Kind == store.Delete && !errors.Is(err, store.ErrNotFound) || change.Kind != store.Delete &&
				(err != nil || got.Version != doc.Version) {
				t.Fatalf("after change %d: %+v, %v", change.Kind, got, err)
			}
			if err := e.Write(t.Context(), store.Change{Kind: store.Delete, Collection: "counted", ID: "doc", Version: 77}); !errors.Is(err,
				store.ErrConflict) {
				t.Fatalf("a deletion of another version: %v", err)
			}
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	r := newRecent()
	for n := range 20000 {
		d := document{"counted", fmt.Sprint(n)}
		_, epoch := r.get(d)
		r.add(d, make([]byte, 1000+n%recentLargest), epoch)
	}
	size := 0
	for n := range r.shards {
		for _, kept := range []map[document][]byte{r.shards[n].young, r.shards[n].old} {
			for _, data := range kept {
				size += len(data)
			}
		}
	}
	if size > recentSize || size < recentSize/4 {
		t.Fatalf("%d bytes are kept", size)
	}
}
