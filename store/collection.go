package store

import (
	"context"
	"fmt"
	"reflect"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store/internal/codec"
)

// Entity is a pointer to a stored type.
type Entity[T any] interface {
	*T
	StoreMeta() *Meta
}

// Collection is the typed view of one collection.
type Collection[T any, P Entity[T]] struct {
	engine Engine
	name   string
	codec  *codec.Struct // nil if only the driver has one
}

// NewCollection returns the typed view; Engine.Ensure declares the schema itself.
func NewCollection[T any, P Entity[T]](engine Engine, schema Schema) Collection[T, P] {
	return Collection[T, P]{engine: engine, name: schema.Name, codec: codec.Of(reflect.TypeFor[T]())}
}

// Get returns the document with this id or ErrNotFound.
func (c Collection[T, P]) Get(ctx context.Context, id string) (P, error) {
	docs, err := c.engine.Get(ctx, c.name, id)
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return nil, fmt.Errorf("%s %s: %w", c.name, id, ErrNotFound)
	}
	return c.decode(docs[0])
}

// GetMany returns the documents with these ids in their order, leaving out those that do not exist.
func (c Collection[T, P]) GetMany(ctx context.Context, ids ...string) ([]P, error) {
	docs, err := c.engine.Get(ctx, c.name, ids...)
	if err != nil {
		return nil, err
	}
	return c.decodeAll(docs)
}

// Find answers a query, with the cursor of the next page.
func (c Collection[T, P]) Find(ctx context.Context, q Query) (found []P, next string, err error) {
	page, err := c.engine.Find(ctx, c.name, q)
	if err != nil {
		return nil, "", err
	}
	found, err = c.decodeAll(page.Docs)
	return found, page.NextCursor, err
}

// Each calls fn for every document of the query, page by page, until fn fails.
func (c Collection[T, P]) Each(ctx context.Context, q Query, fn func(P) error) error {
	for {
		found, next, err := c.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, doc := range found {
			if err := fn(doc); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.Cursor = next
	}
}

// Count counts what the query finds, exactly up to ceiling.
func (c Collection[T, P]) Count(ctx context.Context, q Query, ceiling int) (int, error) {
	return c.engine.Count(ctx, c.name, q, ceiling)
}

// Insert returns the change that adds doc, whose id must be set. It sets doc's version to 1.
func (c Collection[T, P]) Insert(doc P) Change {
	m := doc.StoreMeta()
	m.Version = 1
	return Change{Kind: Insert, Collection: c.name, ID: m.ID, Data: c.encode(doc)}
}

// Replace returns the change that stores doc over the version it was read at, and raises its version.
// After a write that failed, read the document again instead of using this one.
func (c Collection[T, P]) Replace(doc P) Change {
	m := doc.StoreMeta()
	m.Version++
	return Change{Kind: Replace, Collection: c.name, ID: m.ID, Version: m.Version - 1, Data: c.encode(doc)}
}

// Delete returns the change that removes doc at the version it was read at.
func (c Collection[T, P]) Delete(doc P) Change {
	m := doc.StoreMeta()
	return Change{Kind: Delete, Collection: c.name, ID: m.ID, Version: m.Version}
}

// Update reads the document, lets change alter it, and replaces it, again from the start while others are faster (Retry). An error of
// change ends it with nothing written.
func (c Collection[T, P]) Update(ctx context.Context, id string, change func(P) error) (doc P, err error) {
	err = Retry(ctx, func() error {
		if doc, err = c.Get(ctx, id); err != nil {
			return err
		}
		if err := change(doc); err != nil {
			return err
		}
		return c.engine.Write(ctx, c.Replace(doc))
	})
	if err != nil {
		return nil, err
	}
	return doc, nil
}

func (c Collection[T, P]) decodeAll(docs []Doc) ([]P, error) {
	out := make([]P, 0, len(docs))
	for _, d := range docs {
		doc, err := c.decode(d)
		if err != nil {
			return nil, err
		}
		out = append(out, doc)
	}
	return out, nil
}

func (c Collection[T, P]) decode(d Doc) (P, error) {
	doc := P(new(T))
	if c.codec != nil && c.codec.Read(reflect.ValueOf(doc).Elem(), d.Data) {
		return doc, nil
	}
	doc = P(new(T))
	if err := bson.Unmarshal(d.Data, doc); err != nil {
		return nil, fmt.Errorf("decode %s %s: %w", c.name, d.ID, err)
	}
	return doc, nil
}

// usualSize is the length of most documents.
const usualSize = 1 << 10

// encode cannot fail for the types that Wasl stores: plain structs of strings, numbers, times, slices and maps.
func (c Collection[T, P]) encode(doc P) []byte {
	if c.codec != nil {
		return c.codec.Append(make([]byte, 0, usualSize), reflect.ValueOf(doc).Elem())
	}
	data, err := bson.Marshal(doc)
	if err != nil {
		panic(fmt.Sprintf("store: a document type that cannot be encoded: %v", err))
	}
	return data
}
