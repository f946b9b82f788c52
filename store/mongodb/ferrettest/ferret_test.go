// Package ferrettest runs the MongoDB engine against FerretDB 1.24 on SQLite, inside the test process: a server that speaks
// MongoDB's protocol but is not MongoDB. It shows that queries, cursors, conditions, index changes and writes of one document
// mean the same there, over the real driver. It cannot show transactions, retries, majority, expiry, many writers at
// once, the order among an array's elements, or that MongoDB's planner uses the indexes as meant: FerretDB has none of these.
package ferrettest

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wasl/internal/blob/blobtest"
	"wasl/store"
	"wasl/store/mongodb"
	"wasl/store/storetest"
)

func start(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	f, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		Handler:   "sqlite",
		SQLiteURL: "file:" + dir + "/",
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = f.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return f.MongoDBURI()
}

func TestSerialSuite(t *testing.T) {
	storetest.RunSerial(t, func(t *testing.T) store.Engine {
		client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(start(t)).SetServerSelectionTimeout(3*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		e := mongodb.New(client.Database("wasl"))
		t.Cleanup(func() { _ = e.Close() })
		return e
	})
}

// TestMedia shows the blobs in GridFS: single documents all of them.
func TestMedia(t *testing.T) {
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(start(t)).SetServerSelectionTimeout(3*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	e := mongodb.New(client.Database("wasl"))
	t.Cleanup(func() { _ = e.Close() })
	blobtest.Run(t, e.Blobs())
}
