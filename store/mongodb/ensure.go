package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wasl/store"
	"wasl/store/internal/keys"
)

const (
	idIndex     = "_id_"    // every collection has it
	expiryIndex = "_expire" // the server's own sweep goes by it
)

// The server's code for a collection that exists already.
const namespaceExists = 48

// ensure makes the collection and its indexes. What makes an index is its fields; its name on the server is of no importance, because
// queries name the fields (hint), so that one name with other fields is another index beside the first. An index that is listed may still
// be under construction: creating it again waits until it is there.
func (e *Engine) ensure(ctx context.Context, schema store.Schema) error {
	err := e.db.CreateCollection(ctx, schema.Name)
	var server mongo.ServerError
	if err != nil && !(errors.As(err, &server) && server.HasErrorCode(namespaceExists)) {
		return fmt.Errorf("create: %w", err)
	}
	wanted := declared(schema)
	if len(wanted) == 0 {
		return nil
	}
	indexes := e.db.Collection(schema.Name).Indexes()
	present, err := indexes.ListSpecifications(ctx)
	if err != nil {
		return fmt.Errorf("list indexes: %w", err)
	}
	for i := range wanted {
		if at := slices.IndexFunc(present, func(ix *mongo.IndexSpecification) bool { return sameIndex(wanted[i], ix) }); at >= 0 {
			wanted[i].Options.SetName(present[at].Name)
		}
	}
	if _, err := indexes.CreateMany(ctx, wanted); err != nil {
		return fmt.Errorf("create indexes: %w", err)
	}
	return nil
}

// DropIndexes drops the indexes that the schema does not declare.
func (e *Engine) DropIndexes(ctx context.Context, schema store.Schema) error {
	wanted := declared(schema)
	indexes := e.db.Collection(schema.Name).Indexes()
	present, err := indexes.ListSpecifications(ctx)
	if err != nil {
		return fmt.Errorf("list indexes of %s: %w", schema.Name, mapError(err))
	}
	for _, ix := range present {
		if ix.Name == idIndex || slices.ContainsFunc(wanted, func(w mongo.IndexModel) bool { return sameIndex(w, ix) }) {
			continue
		}
		if _, err := indexes.DropOne(ctx, ix.Name); err != nil {
			return fmt.Errorf("drop index %s of %s: %w", ix.Name, schema.Name, mapError(err))
		}
	}
	return nil
}

// declared returns the indexes of a schema; each ends in the id, and is named by the driver after its fields.
func declared(schema store.Schema) (models []mongo.IndexModel) {
	for _, ix := range schema.Indexes {
		models = append(models, mongo.IndexModel{Keys: sorting(keys.Fields(ix), false), Options: options.Index()})
	}
	if schema.Expire != "" {
		models = append(models, mongo.IndexModel{
			Keys:    bson.D{{Key: schema.Expire, Value: 1}},
			Options: options.Index().SetName(expiryIndex).SetExpireAfterSeconds(0),
		})
	}
	return models
}

func sameIndex(want mongo.IndexModel, have *mongo.IndexSpecification) bool {
	fields := want.Keys.(bson.D)
	elements, err := have.KeysDocument.Elements()
	if err != nil || len(elements) != len(fields) || (want.Options.ExpireAfterSeconds == nil) != (have.ExpireAfterSeconds == nil) {
		return false
	}
	for i, e := range elements {
		if direction, ok := e.Value().AsInt64OK(); !ok || e.Key() != fields[i].Key || direction != int64(fields[i].Value.(int)) {
			return false
		}
	}
	return true
}
