package mongodb_test

import (
	"context"
	"net/url"
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
	uri := os.Getenv("WASL_TEST_MONGODB_URI")
	if uri == "" {
		t.Skip("NOT RUN: WASL_TEST_MONGODB_URI names no MongoDB replica set, so nothing was shown about a real server")
	}
	storetest.Run(t, func(t *testing.T) store.Engine { return open(t, uri) })
	blobtest.Run(t, open(t, uri).Blobs())
}

func open(t *testing.T, uri string) *mongodb.Engine {
	t.Helper()
	parsed, err := url.Parse(uri)
	if err != nil {
		t.Fatal("WASL_TEST_MONGODB_URI cannot be parsed")
	}
	name := strings.ToLower(ids.New("wasl_test", time.Now()))
	parsed.Path = "/" + name
	e, err := mongodb.Open(t.Context(), parsed.String())
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
