package store

import "context"

// KeySet is a collection of keys (Schema.Keys): rows of an index that the program keeps itself, such as the words of a search. The order is
// that of the bytes. A write may put and remove many, but not the same one twice.
type KeySet struct {
	engine Engine
	name   string
}

// NewKeySet returns the view of a set of keys; Engine.Ensure declares it.
func NewKeySet(engine Engine, schema Schema) KeySet { return KeySet{engine, schema.Name} }

// Put returns the change after which the key is there.
func (k KeySet) Put(key string) Change { return Change{Kind: Put, Collection: k.name, ID: key} }

// Remove returns the change after which the key is not there.
func (k KeySet) Remove(key string) Change { return Change{Kind: Remove, Collection: k.name, ID: key} }

// Find returns the first keys of the range, in their order.
func (k KeySet) Find(ctx context.Context, r Range, limit int) ([]string, error) {
	return k.find(ctx, Query{Range: &r, Limit: limit})
}

// FindLast returns the last keys of the range, from the end.
func (k KeySet) FindLast(ctx context.Context, r Range, limit int) ([]string, error) {
	return k.find(ctx, Query{Range: &r, Limit: limit, Reverse: true})
}

func (k KeySet) find(ctx context.Context, q Query) ([]string, error) {
	page, err := k.engine.Find(ctx, k.name, q)
	if err != nil {
		return nil, err
	}
	found := make([]string, len(page.Docs))
	for n, doc := range page.Docs {
		found[n] = doc.ID
	}
	return found, nil
}

// Has returns those of the keys that are there.
func (k KeySet) Has(ctx context.Context, keys ...string) (map[string]bool, error) {
	docs, err := k.engine.Get(ctx, k.name, keys...)
	there := make(map[string]bool, len(docs))
	for _, doc := range docs {
		there[doc.ID] = true
	}
	return there, err
}

// Count counts the keys of the range, exactly up to ceiling.
func (k KeySet) Count(ctx context.Context, r Range, ceiling int) (int, error) {
	return k.engine.Count(ctx, k.name, Query{Range: &r}, ceiling)
}
