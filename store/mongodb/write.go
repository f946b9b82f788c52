package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"

	"wasl/store"
	"wasl/store/internal/keys"
)

// Write makes all changes durable on a majority together, or none. Several changes are a transaction.
func (e *Engine) Write(ctx context.Context, changes ...store.Change) error {
	if len(changes) == 0 {
		return nil
	}
	if err := keys.CheckChanges(changes); err != nil {
		return err
	}
	for _, change := range changes {
		if _, err := e.schema(change.Collection); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if len(changes) == 1 {
		return mapError(e.apply(ctx, changes[0]))
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
	session, err := e.client.StartSession(options.Session().SetDefaultReadConcern(readconcern.Snapshot()))
	if err != nil {
		return err
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	_, err = session.WithTransaction(ctx, func(tx mongo.SessionContext) (any, error) {
		for _, change := range changes {
			if err := e.apply(tx, change); err != nil {
				return nil, err // wrapped, but the driver finds its own label inside
			}
		}
		return nil, nil
	})
	return err
}

// apply does one change. The expected version is part of the filter, so that no other writer gets between.
func (e *Engine) apply(ctx context.Context, change store.Change) error {
	collection := e.db.Collection(change.Collection)
	filter := bson.D{{Key: "_id", Value: change.ID}, {Key: "_v", Value: change.Version}}
	var matched int64
	var err error
	switch change.Kind {
	case store.Insert:
		matched = 1
		_, err = collection.InsertOne(ctx, bson.Raw(change.Data))
	case store.Replace:
		var result *mongo.UpdateResult
		if result, err = collection.ReplaceOne(ctx, filter, bson.Raw(change.Data)); err == nil {
			matched = result.MatchedCount
		}
	case store.Delete:
		var result *mongo.DeleteResult
		if result, err = collection.DeleteOne(ctx, filter); err == nil {
			matched = result.DeletedCount
		}
	}
	if err == nil && matched == 0 {
		err = store.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", change.Collection, change.ID, err)
	}
	return nil
}
