package pebble

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	pdb "github.com/cockroachdb/pebble/v2"
	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
	"wasl/store/internal/keys"
)

// Write makes all changes durable together, or none.
func (e *Engine) Write(ctx context.Context, changes ...store.Change) error {
	if len(changes) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err // later it could be too late to say that nothing was done
	}
	if err := keys.CheckChanges(changes); err != nil {
		return err
	}
	down, err := e.guard.state()
	if err != nil {
		return err
	}
	if ok, err := e.submit(ctx, changes, down); ok {
		return err
	}
	return e.writing(ctx, documentsOf(changes), func() error {
		batch, err := e.fill(changes)
		if err != nil {
			return err
		}
		defer batch.Close()
		return commit(batch, pdb.Sync)
	})
}

// fill checks changes, under the locks of their documents, and returns the batch that makes them.
func (e *Engine) fill(changes []store.Change) (*pdb.Batch, error) {
	batch := e.db.NewBatch()
	for _, change := range changes {
		if err := e.apply(batch, change); err != nil {
			return nil, errors.Join(fmt.Errorf("%s %s: %w", change.Collection, change.ID, err), batch.Close())
		}
	}
	return batch, nil
}

// apply checks one change against what is stored and adds it to the batch with the index entries that it changes.
func (e *Engine) apply(batch *pdb.Batch, change store.Change) error {
	c, err := e.collection(change.Collection)
	if err != nil {
		return err
	}
	key, which := c.key(change.ID), document{change.Collection, change.ID}
	if isKey := change.Kind == store.Put || change.Kind == store.Remove; isKey || c.schema.Keys {
		return applyKey(batch, change, key, isKey == c.schema.Keys)
	}
	old, _ := e.recent.get(which)
	if old == nil {
		if old, err = load(e.db, key); err != nil {
			return err
		}
	}
	switch {
	case change.Kind == store.Insert && old != nil:
		return store.ErrExists
	case change.Kind != store.Insert && (old == nil || keys.Version(old) != change.Version):
		return store.ErrConflict
	}
	e.recent.suspend(which)
	for _, ix := range c.indexes {
		if err := ix.update(batch, old, change.Data); err != nil {
			return fmt.Errorf("index %s: %w", ix.name, err)
		}
	}
	if change.Kind == store.Delete {
		err = batch.Delete(key, nil)
	} else {
		err = batch.Set(key, change.Data, nil)
	}
	if err != nil {
		return fmt.Errorf("fill the batch: %w", err)
	}
	return nil
}

// applyKey adds the change of a set of keys to the batch.
func applyKey(batch *pdb.Batch, change store.Change, key []byte, fits bool) (err error) {
	switch {
	case !fits:
		return errors.New("store: keys are put and removed, documents inserted, replaced and deleted")
	case change.Kind == store.Put:
		err = batch.Set(key, nil, nil)
	default:
		err = batch.Delete(key, nil)
	}
	if err != nil {
		return fmt.Errorf("fill the batch: %w", err)
	}
	return nil
}

// update writes the difference between the entries of the old document and of the new one; either may be missing.
func (ix index) update(batch *pdb.Batch, before, after bson.Raw) (err error) {
	keep := len(before) > 0 && len(after) > 0 && keys.Same(ix.holds, before, after) // what is held beside the same key
	if keep && keys.Same(ix.fields, before, after) {
		return nil
	}
	held := ix.held(after)
	var old, fresh [][]byte
	if old, err = ix.entries(before); err != nil {
		return err
	}
	if fresh, err = ix.entries(after); err != nil {
		return err
	}
	for len(old) > 0 || len(fresh) > 0 {
		order := 1
		if len(fresh) == 0 {
			order = -1
		} else if len(old) > 0 {
			order = bytes.Compare(old[0], fresh[0])
		}
		switch {
		case order < 0:
			err = batch.Delete(old[0], nil)
			old = old[1:]
		case order > 0:
			err = batch.Set(fresh[0], held, nil)
			fresh = fresh[1:]
		default:
			if !keep {
				err = batch.Set(fresh[0], held, nil)
			}
			old, fresh = old[1:], fresh[1:]
		}
		if err != nil {
			return fmt.Errorf("fill the batch: %w", err)
		}
	}
	return nil
}

// entries are those of a document, none if there is no document, or if the index is of what expires and it does not.
func (ix index) entries(doc bson.Raw) ([][]byte, error) {
	if len(doc) == 0 {
		return nil, nil
	}
	entries, err := keys.Entries(ix.prefix, ix.fields, doc)
	if err == nil && ix.name == expiryIndex && len(entries) > 0 && keys.StartsNull(entries[0][len(ix.prefix):]) {
		return nil, nil
	}
	return entries, err
}

// held is what the index keeps with the entries of a document.
func (ix index) held(doc bson.Raw) []byte {
	if len(ix.holds) == 0 || len(doc) == 0 {
		return nil
	}
	return keys.AppendHeld(make([]byte, 0, 256), ix.holds, doc)
}

func commit(batch *pdb.Batch, how *pdb.WriteOptions) error {
	if err := batch.Commit(how); err != nil {
		return unavailable(err)
	}
	return nil
}

func unavailable(err error) error { return fmt.Errorf("%w: %w", store.ErrUnavailable, err) }
