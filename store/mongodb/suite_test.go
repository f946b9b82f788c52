package mongodb_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wasl/internal/blob/blobtest"
	"wasl/internal/ids"
	"wasl/store"
	"wasl/store/mongodb"
	"wasl/store/storetest"
)

// The whole suite against a real replica set, each test in a database of its own.
func TestSuiteOnMongoDBServer(t *testing.T) {
	uri := os.Getenv(storetest.MongoDBVariable)
	if uri == "" {
		t.Skip("NOT RUN: WASL_TEST_MONGODB_URI names no MongoDB replica set, so nothing was shown about a real server")
	}
	storetest.Run(t, func(t *testing.T) store.Engine { return open(t, uri) })
	blobtest.Run(t, open(t, uri).Blobs())
}

func open(t *testing.T, uri string) *mongodb.Engine {
	t.Helper()
	name := strings.ToLower(ids.New("wasl_test", time.Now()))
	e, err := mongodb.Open(t.Context(), storetest.MongoDBAt(uri, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		drop(t, uri, name)
	})
	return e
}

func drop(t *testing.T, uri, name string) {
	t.Helper()
	ctx := context.Background() // the test's own is over
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri))
	if err != nil {
		t.Error(err)
		return
	}
	if err := client.Database(name).Drop(ctx); err != nil {
		t.Error(err)
	}
	_ = client.Disconnect(ctx)
}

// A test's own database is on the same server, for the same user, whatever else the address says.
func TestADatabaseOfItsOwn(t *testing.T) {
	for from, want := range map[string]string{
		"mongodb://a:1,b:2,c:3/wasl?replicaSet=rs0": "mongodb://a:1,b:2,c:3/other?replicaSet=rs0",
		"mongodb+srv://cluster.example":             "mongodb+srv://cluster.example/other?",
		"mongodb://u:p@a/wasl":                      "mongodb://u:p@a/other?authSource=wasl",
		"mongodb://u:p@a,b/?tls=true":               "mongodb://u:p@a,b/other?tls=true&authSource=admin",
		"mongodb://u:p@a/?authSource=x":             "mongodb://u:p@a/other?authSource=x",
	} {
		if got := storetest.MongoDBAt(from, "other"); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}
