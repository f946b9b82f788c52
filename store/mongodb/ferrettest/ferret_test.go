// Package ferrettest runs the MongoDB engine against FerretDB.
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

func TestSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Engine {
		client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(start(t)).SetServerSelectionTimeout(3*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		e := mongodb.New(client.Database("wasl"))
		t.Cleanup(func() { _ = e.Close() })
		return e
	})
}
