package pebble

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	pdb "github.com/cockroachdb/pebble/v2"
	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
	"wasl/store/internal/keys"
)

// The first byte of a key: the catalog, documents, index entries.
const (
	spaceCatalog  = 'c'
	spaceDocument = 'd'
	spaceIndex    = 'i'
)

// expiryIndex is the name of the index that the sweep uses. Callers cannot name it.
const expiryIndex = "\x00expire"

// buildBatch is how many documents are indexed in one batch.
const buildBatch = 500

// catalog is what the folder knows about its collections. Numbers are never used twice.
type catalog struct {
	Next        uint32
	Collections map[string]*entry
}

type entry struct {
	Number  uint32
	Expire  string
	Keys    bool `json:",omitempty"`
	Indexes []indexEntry
}

type indexEntry struct {
	Number uint32
	store.Index
	Undeclared bool `json:",omitempty"` // kept true, but nothing asks it any more
}

func (ix indexEntry) ready() index {
	return index{ix.Name, !ix.Undeclared, prefixOf(spaceIndex, ix.Number), keys.Fields(ix.Index), keys.Holds(ix.Index)}
}

// collection is a catalog entry made ready.
type collection struct {
	schema  store.Schema
	docs    []byte
	indexes []index
}

type index struct {
	name     string
	declared bool
	prefix   []byte
	fields   []keys.Field
	holds    []keys.Field
}

func prefixOf(space byte, number uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{space}, number)
}

// key is where the document with this id lies.
func (c *collection) key(id string) []byte {
	key := make([]byte, 0, len(c.docs)+len(id)+4)
	return keys.Append(append(key, c.docs...), id, false)
}

func (c *collection) prefix(name string) []byte {
	for _, ix := range c.indexes {
		if ix.declared && ix.name == name {
			return ix.prefix
		}
	}
	return c.docs
}

func (e *Engine) loadCatalog() error {
	e.catalog = catalog{Collections: map[string]*entry{}}
	data, closer, err := e.db.Get([]byte{spaceCatalog})
	if err != nil && !errors.Is(err, pdb.ErrNotFound) {
		return fmt.Errorf("read the store's catalog: %w", err)
	}
	if err == nil {
		err = errors.Join(json.Unmarshal(data, &e.catalog), closer.Close())
		if err != nil {
			return fmt.Errorf("read the store's catalog: %w", err)
		}
	}
	e.prepare()
	return nil
}

// prepare derives the collections from the catalog.
func (e *Engine) prepare() {
	collections := map[string]*collection{}
	for name, entry := range e.catalog.Collections {
		c := &collection{docs: prefixOf(spaceDocument, entry.Number)}
		c.schema = store.Schema{Name: name, Expire: entry.Expire, Keys: entry.Keys}
		for _, ix := range entry.Indexes {
			c.indexes = append(c.indexes, ix.ready())
			if !ix.Undeclared {
				c.schema.Indexes = append(c.schema.Indexes, ix.Index)
			}
		}
		collections[name] = c
	}
	e.collections.Store(&collections)
}

// Ensure declares collections. New indexes are built, which holds up other writes.
func (e *Engine) Ensure(ctx context.Context, schemas ...store.Schema) error {
	return e.writingAlone(ctx, func() error {
		return e.ifOpen(func() error {
			for _, schema := range schemas {
				if err := e.ensure(ctx, schema); err != nil {
					return fmt.Errorf("collection %s: %w", schema.Name, err)
				}
			}
			return nil
		})
	})
}

func (e *Engine) ensure(ctx context.Context, schema store.Schema) error {
	wanted, err := declared(schema)
	if err != nil {
		return err
	}
	known, next := e.catalog.Collections[schema.Name], e.catalog.Next
	if known == nil {
		known = &entry{Number: next, Keys: schema.Keys}
		next++
	}
	if known.Keys != schema.Keys {
		return errors.New("a set of keys cannot become a collection of documents, nor the other way")
	}
	after := &entry{Number: known.Number, Expire: schema.Expire, Keys: schema.Keys}
	for _, ix := range known.Indexes {
		ix.Undeclared = !slices.ContainsFunc(wanted, func(w store.Index) bool { return same(w, ix.Index) })
		after.Indexes = append(after.Indexes, ix)
	}
	var built []indexEntry
	for _, ix := range wanted {
		if !slices.ContainsFunc(known.Indexes, func(k indexEntry) bool { return same(k.Index, ix) }) {
			built = append(built, indexEntry{Number: next, Index: ix})
			next++
		}
	}
	if err := e.build(ctx, prefixOf(spaceDocument, known.Number), built); err != nil {
		return err
	}
	after.Indexes = append(after.Indexes, built...)
	return e.setEntry(schema.Name, after, next, nil)
}

// DropIndexes drops the indexes that the schema does not declare.
func (e *Engine) DropIndexes(ctx context.Context, schema store.Schema) error {
	wanted, err := declared(schema)
	if err != nil {
		return err
	}
	return e.writingAlone(ctx, func() error {
		return e.ifOpen(func() error {
			known := e.catalog.Collections[schema.Name]
			if known == nil {
				return nil
			}
			after := &entry{Number: known.Number, Expire: known.Expire, Keys: known.Keys}
			var dropped []indexEntry
			for _, ix := range known.Indexes {
				if slices.ContainsFunc(wanted, func(w store.Index) bool { return same(w, ix.Index) }) {
					after.Indexes = append(after.Indexes, ix)
				} else {
					dropped = append(dropped, ix)
				}
			}
			return e.setEntry(schema.Name, after, e.catalog.Next, dropped)
		})
	})
}

// setEntry makes what is known of a collection durable, with the removal of the entries of indexes that were dropped, if it has changed.
func (e *Engine) setEntry(name string, after *entry, next uint32, dropped []indexEntry) error {
	if reflect.DeepEqual(e.catalog.Collections[name], after) {
		return nil
	}
	changed := catalog{next, maps.Clone(e.catalog.Collections)}
	changed.Collections[name] = after
	data, err := json.Marshal(changed)
	if err != nil {
		return fmt.Errorf("encode the catalog: %w", err)
	}
	batch := e.db.NewBatch()
	defer batch.Close()
	err = batch.Set([]byte{spaceCatalog}, data, nil)
	for _, ix := range dropped {
		err = errors.Join(err, clearIndex(batch, ix.Number))
	}
	if err != nil {
		return fmt.Errorf("save the catalog: %w", err)
	}
	if err := commit(batch, pdb.Sync); err != nil {
		return err
	}
	e.catalog = changed
	e.prepare()
	return nil
}

// declared returns the indexes of a schema with the one for expiry.
func declared(schema store.Schema) ([]store.Index, error) {
	wanted := slices.Clone(schema.Indexes)
	if schema.Keys && (len(wanted) > 0 || schema.Expire != "") {
		return nil, errors.New("a set of keys has no indexes")
	}
	if schema.Expire != "" {
		wanted = append(wanted, store.Index{Name: expiryIndex, Fields: []store.Field{store.Asc(schema.Expire)}})
	}
	for i, ix := range wanted {
		if ix.Name == "" || len(ix.Fields) == 0 {
			return nil, errors.New("an index needs a name and fields")
		}
		if slices.ContainsFunc(wanted[:i], func(o store.Index) bool { return o.Name == ix.Name }) {
			return nil, fmt.Errorf("two indexes %q", ix.Name)
		}
	}
	return wanted, nil
}

func same(a, b store.Index) bool {
	return a.Name == b.Name && slices.Equal(a.Fields, b.Fields) && slices.Equal(a.Includes, b.Includes)
}

func clearIndex(batch *pdb.Batch, number uint32) error {
	prefix := prefixOf(spaceIndex, number)
	return batch.DeleteRange(prefix, keys.PrefixEnd(prefix), nil)
}

// build writes the entries of new indexes for the documents that are there. What an earlier build left when
// the process died is cleared first, because its numbers were not recorded.
func (e *Engine) build(ctx context.Context, docs []byte, indexes []indexEntry) error {
	if len(indexes) == 0 {
		return nil
	}
	batch := e.db.NewBatch()
	defer func() { batch.Close() }()
	for _, ix := range indexes {
		if err := clearIndex(batch, ix.Number); err != nil {
			return fmt.Errorf("clear an index: %w", err)
		}
	}
	it, err := e.db.NewIter(&pdb.IterOptions{LowerBound: docs, UpperBound: keys.PrefixEnd(docs)})
	if err != nil {
		return fmt.Errorf("build an index: %w", err)
	}
	defer it.Close()
	ready := make([]index, len(indexes))
	for i, ix := range indexes {
		ready[i] = ix.ready()
	}
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		for _, ix := range ready {
			if err := addEntries(batch, ix, it.Value()); err != nil {
				return err
			}
		}
		if n++; n%buildBatch == 0 {
			if err := errors.Join(ctx.Err(), commit(batch, pdb.NoSync)); err != nil {
				return err
			}
			batch.Close()
			batch = e.db.NewBatch()
		}
	}
	if err := it.Error(); err != nil {
		return fmt.Errorf("build an index: %w", err)
	}
	return commit(batch, pdb.NoSync)
}

func addEntries(batch *pdb.Batch, ix index, doc bson.Raw) error {
	entries, err := ix.entries(doc)
	if err != nil {
		return fmt.Errorf("index %s: %w", ix.name, err)
	}
	held := ix.held(doc)
	for _, entry := range entries {
		if err := batch.Set(entry, held, nil); err != nil {
			return fmt.Errorf("index %s: %w", ix.name, err)
		}
	}
	return nil
}
