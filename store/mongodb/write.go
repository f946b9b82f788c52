package mongodb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"

	"wasl/store"
	"wasl/store/internal/keys"
)

// collisionPause is about how long a transaction waits that met another one on a document, before it is tried again.
const collisionPause = 10 * time.Millisecond

// Write makes all changes durable on a majority together, or none. Several changes are a transaction.
func (e *Engine) Write(ctx context.Context, changes ...store.Change) error {
	if len(changes) == 0 {
		return nil
	}
	if err := keys.CheckChanges(changes); err != nil {
		return err
	}
	for _, change := range changes {
		schema, err := e.schema(change.Collection)
		if err != nil {
			return err
		}
		if schema.Keys != (change.Kind == store.Put || change.Kind == store.Remove) {
			return errors.New("store: keys are put and removed, documents inserted, replaced and deleted")
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if len(changes) == 1 {
		return mapError(e.inSession(ctx, options.Session(), func(session mongo.SessionContext) error {
			defer func() { e.causal.advance(session.OperationTime()) }()
			return e.apply(session, changes[0])
		}))
	}
	// The driver repeats a commit whose outcome is unknown for up to two minutes and does not look at ctx meanwhile.
	done := make(chan error, 1)
	go func() { done <- e.transact(ctx, changes) }()
	select {
	case err := <-done:
		return mapError(err)
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return mapError(err)
	default:
		return fmt.Errorf("%w: gave up waiting for the transaction: %w", store.ErrUnavailable, ctx.Err())
	}
}

func (e *Engine) transact(ctx context.Context, changes []store.Change) error {
	batches := batchesOf(changes)
	o := options.Session().SetDefaultReadConcern(readconcern.Snapshot())
	return e.inSession(ctx, o, func(session mongo.SessionContext) error {
		defer func() { e.causal.advance(session.OperationTime()) }()
		tries := 0
		_, err := session.WithTransaction(session, func(tx mongo.SessionContext) (any, error) {
			if tries++; tries > 1 {
				if err := pause(tx, rand.N(collisionPause<<min(tries-2, 5))); err != nil {
					return nil, err
				}
			}
			for _, b := range batches {
				if err := e.applyBatch(tx, b); err != nil {
					return nil, err // wrapped, but the driver finds its own label inside
				}
			}
			return nil, nil
		})
		return err
	})
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// batch is the changes of one kind of one collection: one command.
type batch struct {
	collection string
	kind       store.WriteKind
	changes    []store.Change
}

// batchesOf sorts the changes into as few commands as there can be.
func batchesOf(changes []store.Change) (batches []*batch) {
	for _, c := range changes {
		at := slices.IndexFunc(batches, func(b *batch) bool { return b.collection == c.Collection && b.kind == c.Kind })
		if at < 0 {
			at, batches = len(batches), append(batches, &batch{collection: c.Collection, kind: c.Kind})
		}
		batches[at].changes = append(batches[at].changes, c)
	}
	return batches
}

// version selects the document at the version that the change expects, so that no other writer gets between.
func version(c store.Change) bson.D {
	return bson.D{{Key: "_id", Value: c.ID}, {Key: "_v", Value: c.Version}}
}

// key is all that there is of a key.
func key(c store.Change) bson.D { return bson.D{{Key: "_id", Value: c.ID}} }

// apply does one change.
func (e *Engine) apply(ctx context.Context, change store.Change) error {
	collection := e.db.Collection(change.Collection)
	matched := int64(1)
	var err error
	switch change.Kind {
	case store.Insert:
		_, err = collection.InsertOne(ctx, bson.Raw(change.Data))
	case store.Replace:
		var result *mongo.UpdateResult
		if result, err = collection.ReplaceOne(ctx, version(change), bson.Raw(change.Data)); err == nil {
			matched = result.MatchedCount
		}
	case store.Delete:
		var result *mongo.DeleteResult
		if result, err = collection.DeleteOne(ctx, version(change)); err == nil {
			matched = result.DeletedCount
		}
	case store.Put:
		_, err = collection.ReplaceOne(ctx, key(change), key(change), options.Replace().SetUpsert(true))
	case store.Remove:
		_, err = collection.DeleteOne(ctx, key(change))
	}
	return outcome(err, matched == 1, change)
}

// applyBatch does the changes of one command, in a transaction.
func (e *Engine) applyBatch(ctx context.Context, b *batch) error {
	if len(b.changes) == 1 {
		return e.apply(ctx, b.changes[0])
	}
	models := make([]mongo.WriteModel, len(b.changes))
	for i, c := range b.changes {
		switch c.Kind {
		case store.Insert:
			models[i] = mongo.NewInsertOneModel().SetDocument(bson.Raw(c.Data))
		case store.Replace:
			models[i] = mongo.NewReplaceOneModel().SetFilter(version(c)).SetReplacement(bson.Raw(c.Data))
		case store.Delete:
			models[i] = mongo.NewDeleteOneModel().SetFilter(version(c))
		case store.Put:
			models[i] = mongo.NewReplaceOneModel().SetFilter(key(c)).SetReplacement(key(c)).SetUpsert(true)
		case store.Remove:
			models[i] = mongo.NewDeleteOneModel().SetFilter(key(c))
		}
	}
	result, err := e.db.Collection(b.collection).BulkWrite(ctx, models)
	var done int64
	if err == nil {
		done = result.InsertedCount + result.MatchedCount + result.DeletedCount
	}
	return outcome(err, done == int64(len(models)) || b.kind == store.Put || b.kind == store.Remove, b.changes...)
}

// outcome names the changes in the error of a command, which is ErrConflict where not every document was found at its version.
func outcome(err error, all bool, changes ...store.Change) error {
	if err == nil && all {
		return nil
	}
	if err == nil {
		err = store.ErrConflict
	}
	more := ""
	if n := len(changes) - 1; n > 0 {
		more = fmt.Sprintf(" or one of %d others", n)
	}
	return fmt.Errorf("%s %s%s: %w", changes[0].Collection, changes[0].ID, more, err)
}
