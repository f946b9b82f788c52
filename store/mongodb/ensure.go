package mongodb

import (
	"context"
	"errors"
	"fmt"

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

func (e *Engine) ensure(ctx context.Context, schema store.Schema) error {
	err := e.db.CreateCollection(ctx, schema.Name)
	var server mongo.ServerError
	if err != nil && !(errors.As(err, &server) && server.HasErrorCode(namespaceExists)) {
		return fmt.Errorf("create: %w", err)
	}
	wanted := declared(schema)
	indexes := e.db.Collection(schema.Name).Indexes()
	present, err := indexes.ListSpecifications(ctx)
	if err != nil {
		return fmt.Errorf("list indexes: %w", err)
	}
	for _, ix := range present {
		model, kept := wanted[ix.Name]
		if ix.Name == idIndex || kept && sameKeys(model.Keys.(bson.D), ix.KeysDocument) {
			delete(wanted, ix.Name)
			continue
		}
		if _, err := indexes.DropOne(ctx, ix.Name); err != nil {
			return fmt.Errorf("drop index %s: %w", ix.Name, err)
		}
	}
	for name, model := range wanted {
		if _, err := indexes.CreateOne(ctx, model); err != nil {
			return fmt.Errorf("create index %s: %w", name, err)
		}
	}
	return nil
}

// declared returns the indexes of a schema by name; each ends in the id.
func declared(schema store.Schema) map[string]mongo.IndexModel {
	models := map[string]mongo.IndexModel{}
	for _, ix := range schema.Indexes {
		models[ix.Name] = mongo.IndexModel{Keys: sorting(keys.Fields(ix), false), Options: options.Index().SetName(ix.Name)}
	}
	if schema.Expire != "" {
		models[expiryIndex] = mongo.IndexModel{
			Keys:    bson.D{{Key: schema.Expire, Value: 1}},
			Options: options.Index().SetName(expiryIndex).SetExpireAfterSeconds(0),
		}
	}
	return models
}

func sameKeys(want bson.D, have bson.Raw) bool {
	elements, err := have.Elements()
	if err != nil || len(elements) != len(want) {
		return false
	}
	for i, e := range elements {
		if direction, ok := e.Value().AsInt64OK(); !ok || e.Key() != want[i].Key || direction != int64(want[i].Value.(int)) {
			return false
		}
	}
	return true
}
