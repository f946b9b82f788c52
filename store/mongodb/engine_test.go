package mongodb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
)

type thing struct {
	store.Meta `bson:",inline"`
	Owner      string `bson:"owner"`
}

var thingSchema = store.Schema{Name: "things", Indexes: []store.Index{
	{Name: "owner", Fields: []store.Field{store.Asc("owner"), store.Desc("at")}},
}, Expire: "until"}

// connect returns an engine on the fake that knows the collection.
func connect(t *testing.T, f *fake) (*Engine, store.Collection[thing, *thing]) {
	t.Helper()
	e, err := Open(t.Context(), f.uri())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	e.schemas = map[string]store.Schema{"things": thingSchema}
	return e, store.NewCollection[thing](e, thingSchema)
}

func one(id string) *thing { return &thing{Meta: store.Meta{ID: id}, Owner: "dana"} }

var done = ok(bson.E{Key: "n", Value: 1}, bson.E{Key: "nModified", Value: 1})

// TestTransaction shows what a write of two documents asks of the server when all goes well and when it does not.
func TestTransaction(t *testing.T) {
	duplicate := ok(bson.E{Key: "n", Value: 0}, bson.E{Key: "writeErrors", Value: bson.A{bson.D{{Key: "index", Value: 0}, {Key: "code", Value: 11000}, {Key: "errmsg", Value: "E11000"}}}})
	for name, test := range map[string]struct {
		script map[string][]bson.D // the first answers to a command; then all is well. nil loses the answer
		want   error
		asked  []string
	}{
		"all well": {nil, nil, []string{"insert 1", "update 1", "commitTransaction 1"}},
		"another writer is in the way": {
			map[string][]bson.D{"update": {refused(112, "TransientTransactionError")}},
			nil,
			[]string{"insert 1", "update 1", "abortTransaction 1", "insert 2", "update 2", "commitTransaction 2"},
		},
		"the version is another": {
			map[string][]bson.D{"update": {ok(bson.E{Key: "n", Value: 0}, bson.E{Key: "nModified", Value: 0})}},
			store.ErrConflict,
			[]string{"insert 1", "update 1", "abortTransaction 1"},
		},
		"the id is taken": {map[string][]bson.D{"insert": {duplicate}}, store.ErrExists, []string{"insert 1", "abortTransaction 1"}},
		"the answer to the commit is lost": {
			map[string][]bson.D{"commitTransaction": {nil}},
			nil,
			[]string{"insert 1", "update 1", "commitTransaction 1", "commitTransaction 1"},
		},
		"the primary steps down at the commit": {
			map[string][]bson.D{"commitTransaction": {refused(10107, "RetryableWriteError")}},
			nil,
			[]string{"insert 1", "update 1", "commitTransaction 1", "commitTransaction 1"},
		},
		"the disk is full": {map[string][]bson.D{"insert": {refused(14031)}}, store.ErrUnavailable, []string{"insert 1", "abortTransaction 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, true, scripted(test.script))
			e, things := connect(t, f)
			if err := e.Write(t.Context(), things.Insert(one("a")), things.Replace(&thing{Meta: store.Meta{ID: "b", Version: 4}})); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if got := f.commands(); !slices.Equal(got, test.asked) {
				t.Errorf("asked %v, want %v", got, test.asked)
			}
		})
	}
}

func scripted(script map[string][]bson.D) func(string, bson.Raw) (bson.D, bool) {
	return func(command string, _ bson.Raw) (bson.D, bool) {
		answers := script[command]
		if len(answers) == 0 {
			return done, false
		}
		script[command] = answers[1:]
		return answers[0], answers[0] == nil
	}
}

// A transaction reads a snapshot, expects the version that was read, and ends in the majority's hands.
func TestTransactionTerms(t *testing.T) {
	asked := map[string]bson.Raw{}
	f := newFake(t, true, func(command string, body bson.Raw) (bson.D, bool) {
		asked[command] = body
		return done, false
	})
	e, things := connect(t, f)
	if err := e.Write(t.Context(), things.Replace(&thing{Meta: store.Meta{ID: "b", Version: 4}}), things.Insert(one("a"))); err != nil {
		t.Fatal(err)
	}
	for command, terms := range map[string]map[string]any{
		"update":            {"startTransaction": true, "autocommit": false, "readConcern.level": "snapshot", "updates.0.q._id": "b", "updates.0.q._v": int64(4), "updates.0.u._v": int64(5)},
		"insert":            {"autocommit": false, "documents.0._id": "a"},
		"commitTransaction": {"writeConcern.w": "majority", "autocommit": false},
	} {
		for path, want := range terms {
			var got any
			if err := asked[command].Lookup(strings.Split(path, ".")...).Unmarshal(&got); err != nil || got != want {
				t.Errorf("%s: %s is %v, want %v (%v)", command, path, got, want, err)
			}
		}
	}
}

// A write of one document is no transaction, and is repeated under the same number when its answer is lost.
func TestSingleWrite(t *testing.T) {
	f := newFake(t, true, scripted(map[string][]bson.D{"insert": {nil}}))
	e, things := connect(t, f)
	if err := e.Write(t.Context(), things.Insert(one("a"))); err != nil {
		t.Fatal(err)
	}
	if got := f.commands(); !slices.Equal(got, []string{"insert 1", "insert 1"}) {
		t.Errorf("asked %v", got)
	}
}

// A deletion that finds another version is a conflict.
func TestSingleConflict(t *testing.T) {
	f := newFake(t, true, scripted(map[string][]bson.D{"delete": {ok(bson.E{Key: "n", Value: 0})}}))
	e, _ := connect(t, f)
	if err := e.Write(t.Context(), store.Change{Kind: store.Delete, Collection: "things", ID: "a", Version: 3}); !errors.Is(err, store.ErrConflict) {
		t.Error(err)
	}
}

// A server that never answers the commit keeps nobody longer than his deadline.
func TestCommitNeverAnswered(t *testing.T) {
	f := newFake(t, true, func(command string, _ bson.Raw) (bson.D, bool) { return done, command == "commitTransaction" })
	e, things := connect(t, f)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := e.Write(ctx, things.Insert(one("a")), things.Insert(one("b"))); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// A server that runs alone is refused with what to do about it; one that is not there, as unavailable.
func TestOpenRefuses(t *testing.T) {
	alone := newFake(t, false, scripted(nil))
	if _, err := Open(t.Context(), alone.uri()); err == nil || !strings.Contains(err.Error(), "rs.initiate()") {
		t.Errorf("a server that runs alone: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, "mongodb://127.0.0.1:1/wasl"); !errors.Is(err, store.ErrUnavailable) || strings.Contains(err.Error(), "\n") {
		t.Errorf("no server: %v", err)
	}
	if _, err := Open(t.Context(), "mongodb://user:secret@@host"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a bad URI: %v", err)
	}
}

// Ensure makes every index end in the id, the expiring one expire, and drops what is no longer declared.
func TestEnsure(t *testing.T) {
	var created []string
	var dropped string
	f := newFake(t, true, func(command string, body bson.Raw) (bson.D, bool) {
		switch command {
		case "create":
			return refused(48), false
		case "listIndexes":
			index := func(name string, keys bson.D) bson.D {
				return bson.D{{Key: "v", Value: 2}, {Key: "name", Value: name}, {Key: "key", Value: keys}}
			}
			return ok(bson.E{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: "wasl.things"}, {Key: "firstBatch", Value: bson.A{
				index("_id_", bson.D{{Key: "_id", Value: 1}}), index("old", bson.D{{Key: "x", Value: 1}}), index("kept", bson.D{{Key: "y", Value: 1.0}, {Key: "_id", Value: 1}}),
			}}}}), false
		case "createIndexes":
			created = append(created, body.Lookup("indexes", "0").String())
		case "dropIndexes":
			dropped = body.Lookup("index").StringValue()
		}
		return done, false
	})
	e, _ := connect(t, f)
	schema := thingSchema
	schema.Indexes = append(slices.Clone(schema.Indexes), store.Index{Name: "kept", Fields: []store.Field{store.Asc("y")}})
	if err := e.Ensure(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	slices.Sort(created)
	if dropped != "old" || len(created) != 2 ||
		!strings.Contains(created[0], `"owner": {"$numberInt":"1"},"at": {"$numberInt":"-1"},"_id": {"$numberInt":"-1"}`) ||
		!strings.Contains(created[1], `"expireAfterSeconds"`) {
		t.Errorf("dropped %q, created %v", dropped, created)
	}
}
