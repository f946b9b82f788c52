package pebble

import (
	"crypto/rand"
	"encoding/hex"
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
	const most = 8 << 20
	r := newRecent(most)
	for n := range 20000 {
		d := document{"counted", fmt.Sprint(n)}
		_, epoch := r.get(d)
		r.add(d, make([]byte, 1000+n%recentLargest), epoch)
	}
	if size := r.kept(); size > most || size < most/4 {
		t.Fatalf("%d bytes are kept", size)
	}
}

// kept is how many bytes of documents are kept.
func (r *recent) kept() (size int) {
	for n := range r.shards {
		for _, kept := range []map[document][]byte{r.shards[n].young, r.shards[n].old} {
			for _, data := range kept {
				size += len(data)
			}
		}
	}
	return size
}

// On a small machine what is kept of the disk stays small, whatever is written and read; the smallest still answers.
func TestASmallMachineKeepsLittle(t *testing.T) {
	e := open(t, t.TempDir(), Options{CacheSize: SmallestCache})
	if err := e.Ensure(t.Context(), countedSchema); err != nil {
		t.Fatal(err)
	}
	c := store.NewCollection[counted](e, countedSchema)
	const each, batches = 100, 60
	id := func(batch, n int) string { return fmt.Sprintf("doc %d %d", batch, n) }
	for batch := range batches {
		var changes []store.Change
		for n := range each {
			changes = append(changes, c.Insert(&counted{Meta: store.Meta{ID: id(batch, n)}, Filler: noise(4 << 10)}))
		}
		if err := e.Write(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
	}
	for batch := range batches {
		for n := range each {
			if _, err := e.Get(t.Context(), countedSchema.Name, id(batch, n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	blocks, tables, documents := e.cache.Metrics().Size, e.db.Metrics().MemTable.Size, e.recent.kept()
	if total := blocks + int64(tables) + int64(documents); total > SmallestCache*2 || documents > SmallestCache/5 || documents == 0 {
		t.Errorf("%d bytes of blocks, %d of tables and %d of documents are in memory", blocks, tables, documents)
	}
}

// noise is text that nothing makes smaller.
func noise(size int) string {
	b := make([]byte, size/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
