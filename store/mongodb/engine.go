// Package mongodb is the storage engine for production: collections and indexes of a MongoDB replica set, majority
// writes, and a transaction for each write of several documents.
package mongodb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/x/mongo/driver/connstring"

	"wasl/store"
)

const (
	// defaultDatabase is used when the URI names none.
	defaultDatabase = "wasl"
	// patience bounds every call whose caller set no deadline, and selection how long one looks for a primary.
	patience  = 30 * time.Second
	selection = 5 * time.Second
)

// Engine is a connection to one database. It implements store.Engine.
type Engine struct {
	client *mongo.Client
	db     *mongo.Database

	mu      sync.RWMutex
	schemas map[string]store.Schema

	causal causal
}

// Open connects to the replica set of the URI. A server that is none, or is not there, is refused in one line.
func Open(ctx context.Context, uri string) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	parsed, err := connstring.ParseAndValidate(uri)
	if err != nil {
		return nil, errors.New("the MongoDB URI cannot be used: it should look like mongodb://host:27017/wasl?replicaSet=rs0")
	}
	name := parsed.Database
	if name == "" {
		name = defaultDatabase
	}
	client, err := mongo.Connect(ctx, clientOptions(uri))
	if err != nil {
		return nil, fmt.Errorf("connect to MongoDB: %w", err)
	}
	e := New(client.Database(name))
	if err := e.checkReplicaSet(ctx); err != nil {
		return nil, errors.Join(err, client.Disconnect(ctx))
	}
	return e, nil
}

// clientOptions are what the URI says, but for what every guarantee rests on: majority writes that are repeated under their number when
// an answer is lost, and majority reads from the primary.
func clientOptions(uri string) *options.ClientOptions {
	return options.Client().ApplyURI(uri).SetAppName("wasl").SetServerSelectionTimeout(selection).
		SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary()).
		SetRetryWrites(true).SetRetryReads(true)
}

// New is the engine over a connection that the caller made. Writes of several documents need a replica set.
func New(db *mongo.Database) *Engine {
	return &Engine{client: db.Client(), db: db, schemas: map[string]store.Schema{}}
}

func (e *Engine) checkReplicaSet(ctx context.Context) error {
	var hello struct {
		SetName string `bson:"setName"`
		Message string `bson:"msg"`
	}
	if err := e.db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return fmt.Errorf("MongoDB cannot be reached: %w", mapError(err))
	}
	if hello.SetName == "" && hello.Message != "isdbgrid" {
		return errors.New("MongoDB runs alone, but transactions need a replica set: start mongod with --replSet rs0 and run rs.initiate() once")
	}
	return nil
}

// Ensure declares collections. Indexes that are new are built by the server; it returns when they are there.
func (e *Engine) Ensure(ctx context.Context, schemas ...store.Schema) error {
	for _, schema := range schemas {
		if err := e.ensure(ctx, schema); err != nil {
			return fmt.Errorf("collection %s: %w", schema.Name, mapError(err))
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	known := maps.Clone(e.schemas)
	for _, schema := range schemas {
		known[schema.Name] = schema
	}
	e.schemas = known
	return nil
}

func (e *Engine) schema(collection string) (store.Schema, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	schema, ok := e.schemas[collection]
	if !ok {
		return schema, fmt.Errorf("%w: collection %q is not declared", store.ErrBadQuery, collection)
	}
	return schema, nil
}

// Ping reports whether the primary answers.
func (e *Engine) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, selection)
	defer cancel()
	return mapError(e.client.Ping(ctx, nil))
}

// Close ends the connections after the calls under way.
func (e *Engine) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := e.client.Disconnect(ctx)
	if errors.Is(err, mongo.ErrClientDisconnected) {
		return nil
	}
	return mapError(err)
}

// retryLater are the server's codes for "not now": no primary, no majority, shutting down, disk full, and the like.
var retryLater = []int{6, 7, 50, 64, 89, 91, 100, 112, 134, 189, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436, 14031}

// mapError gives the driver's errors the names that callers know.
func mapError(err error) error {
	if err == nil || errors.Is(err, store.ErrConflict) {
		return err
	}
	if mongo.IsDuplicateKeyError(err) {
		return fmt.Errorf("%w: %w", store.ErrExists, err)
	}
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) || errors.Is(err, mongo.ErrClientDisconnected) || notNow(err) {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

func notNow(err error) bool {
	var server mongo.ServerError
	if !errors.As(err, &server) {
		return false
	}
	for _, label := range []string{"RetryableWriteError", "TransientTransactionError", "UnknownTransactionCommitResult"} {
		if server.HasErrorLabel(label) {
			return true
		}
	}
	return slices.ContainsFunc(retryLater, server.HasErrorCode)
}
