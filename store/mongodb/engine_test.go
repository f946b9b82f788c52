package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo/readpref"

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
	duplicate := ok(bson.E{Key: "n", Value: 0}, bson.E{
		Key:   "writeErrors",
		Value: bson.A{bson.D{{Key: "index", Value: 0}, {Key: "code", Value: 11000}, {Key: "errmsg", Value: "E11000"}}},
	})
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
		"the disk is full": {
			map[string][]bson.D{"insert": {refused(14031)}},
			store.ErrUnavailable,
			[]string{"insert 1", "abortTransaction 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, true, scripted(test.script))
			e, things := connect(t, f)
			if err := e.Write(t.Context(), things.Insert(one("a")),
				things.Replace(&thing{Meta: store.Meta{ID: "b", Version: 4}})); !errors.Is(err, test.want) {
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
		"update": {
			"startTransaction": true, "autocommit": false, "readConcern.level": "snapshot", "updates.0.q._id": "b",
			"updates.0.q._v": int64(4), "updates.0.u._v": int64(5),
		},
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
	if err := e.Write(t.Context(), store.Change{Kind: store.Delete, Collection: "things", ID: "a", Version: 3}); !errors.Is(err,
		store.ErrConflict) {
		t.Error(err)
	}
}

// A server that never answers the commit keeps nobody longer than his deadline.
func TestCommitNeverAnswered(t *testing.T) {
	f := newFake(t, true, func(command string, _ bson.Raw) (bson.D, bool) { return done, command == "commitTransaction" })
	e, things := connect(t, f)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := e.Write(ctx, things.Insert(one("a")), things.Replace(one("b"))); !errors.Is(err, store.ErrUnavailable) {
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

// A write of many changes is one command for each collection and kind, and a commit. A conflict of any of them undoes all.
func TestManyChangesAreFewCommands(t *testing.T) {
	changes := func(things store.Collection[thing, *thing]) (all []store.Change) {
		for n := range 50 {
			id := fmt.Sprint("t_", n)
			all = append(all, things.Insert(one(id)), things.Replace(&thing{Meta: store.Meta{ID: id + "r", Version: 4}}),
				things.Delete(&thing{Meta: store.Meta{ID: id + "d", Version: 5}}))
		}
		return all
	}
	fifty := ok(bson.E{Key: "n", Value: 50}, bson.E{Key: "nModified", Value: 50})
	for name, test := range map[string]struct {
		deleted bson.D
		want    error
		asked   []string
	}{
		"all well": {fifty, nil, []string{"insert 1", "update 1", "delete 1", "commitTransaction 1"}},
		"one has another version": {
			ok(bson.E{Key: "n", Value: 49}), store.ErrConflict,
			[]string{"insert 1", "update 1", "delete 1", "abortTransaction 1"},
		},
		"another writer is faster": {refused(112, "TransientTransactionError"), store.ErrUnavailable, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, true, func(command string, _ bson.Raw) (bson.D, bool) {
				if command == "delete" {
					return test.deleted, false
				}
				return fifty, false
			})
			e, things := connect(t, f)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := e.Write(ctx, changes(things)...); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			got := f.commands()
			if test.asked == nil {
				if tries := len(got) / 4; tries < 3 || tries > 60 {
					t.Errorf("tried %d times in a second", tries)
				}
			} else if !slices.Equal(got, test.asked) {
				t.Errorf("asked %v, want %v", got, test.asked)
			}
		})
	}
}

// Whatever the URI says, writes go to a majority and are repeated under their number, and reads are the majority's, from the primary.
func TestTheURICannotWeakenReadsAndWrites(t *testing.T) {
	asked := map[string]bson.Raw{}
	f := newFake(t, true, func(command string, body bson.Raw) (bson.D, bool) {
		asked[command] = body
		if command == "find" {
			return empty, false
		}
		return done, false
	})
	f.options = "w=1&journal=false&retryWrites=false&retryReads=false&readConcernLevel=local&readPreference=secondaryPreferred"
	e, things := connect(t, f)
	if err := e.Write(t.Context(), things.Insert(one("a"))); err != nil {
		t.Fatal(err)
	}
	if _, err := things.GetMany(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	insert, find := asked["insert"], asked["find"]
	if w, _ := insert.Lookup("writeConcern", "w").StringValueOK(); w != "majority" || insert.Lookup("writeConcern", "j").Type != 0 ||
		insert.Lookup("txnNumber").Type == 0 {
		t.Errorf("the write: %v", insert)
	}
	if level, _ := find.Lookup("readConcern", "level").StringValueOK(); level != "majority" ||
		find.Lookup("$readPreference", "mode").Type != 0 {
		t.Errorf("the read: %v", find)
	}
	o := clientOptions(f.uri())
	if !*o.RetryWrites || !*o.RetryReads || o.ReadPreference.Mode() != readpref.PrimaryMode {
		t.Errorf("retries of writes %v, of reads %v, reads from the %v", *o.RetryWrites, *o.RetryReads, o.ReadPreference)
	}
}

var empty = ok(bson.E{Key: "cursor", Value: bson.D{
	{Key: "id", Value: int64(0)},
	{Key: "ns", Value: "wasl.things"},
	{Key: "firstBatch", Value: bson.A{}},
}})

// After a write, also one that was refused, a read waits for a majority that has come as far: it does not show the version that lost.
func TestReadsAreBehindNoWrite(t *testing.T) {
	var after []primitive.Timestamp
	f := newFake(t, true, func(command string, body bson.Raw) (bson.D, bool) {
		switch command {
		case "find":
			sec, inc, _ := body.Lookup("readConcern", "afterClusterTime").TimestampOK()
			after = append(after, primitive.Timestamp{T: sec, I: inc})
			return append(slices.Clone(empty), bson.E{Key: "operationTime", Value: primitive.Timestamp{T: 99}}), false
		case "update":
			return ok(bson.E{Key: "n", Value: 0}, bson.E{Key: "operationTime", Value: primitive.Timestamp{T: 70, I: 2}}), false
		}
		return done, false
	})
	e, things := connect(t, f)
	read := func() {
		if _, err := things.GetMany(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if err := e.Write(t.Context(), things.Replace(&thing{Meta: store.Meta{ID: "a", Version: 4}})); !errors.Is(err, store.ErrConflict) {
		t.Fatal(err)
	}
	read()
	if want := []primitive.Timestamp{{}, {T: 70, I: 2}}; !slices.Equal(after, want) {
		t.Errorf("the reads ask for what is after %v, want %v", after, want)
	}
}

// indexes answers listIndexes.
func indexes(all ...bson.D) bson.D {
	list := bson.A{}
	for _, ix := range all {
		list = append(list, ix)
	}
	return ok(bson.E{Key: "cursor", Value: bson.D{
		{Key: "id", Value: int64(0)},
		{Key: "ns", Value: "wasl.things"},
		{Key: "firstBatch", Value: list},
	}})
}

func listed(name string, keys bson.D) bson.D {
	return bson.D{{Key: "v", Value: 2}, {Key: "name", Value: name}, {Key: "key", Value: keys}}
}

// Ensure makes every index end in the id and the expiring one expire, waits for those under construction by creating them again under the
// name that they have, and drops nothing: another version may need it. DropIndexes does.
func TestEnsureOnlyAdds(t *testing.T) {
	var created []string
	var dropped []string
	f := newFake(t, true, func(command string, body bson.Raw) (bson.D, bool) {
		switch command {
		case "create":
			return refused(48), false
		case "listIndexes":
			return indexes(
				listed("_id_", bson.D{{Key: "_id", Value: 1}}), listed("old", bson.D{{Key: "x", Value: 1}}),
				listed("owner", bson.D{{Key: "owner", Value: 1}, {Key: "_id", Value: 1}}), // with other fields
				listed("kept", bson.D{{Key: "y", Value: 1.0}, {Key: "_id", Value: 1}}),
			), false
		case "createIndexes":
			each, _ := body.Lookup("indexes").Array().Values()
			for _, ix := range each {
				created = append(created, ix.Document().String())
			}
		case "dropIndexes":
			dropped = append(dropped, body.Lookup("index").StringValue())
		}
		return done, false
	})
	e, _ := connect(t, f)
	schema := thingSchema
	schema.Indexes = append(slices.Clone(schema.Indexes), store.Index{Name: "renamed", Fields: []store.Field{store.Asc("y")}})
	if err := e.Ensure(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	if dropped != nil {
		t.Errorf("dropped %q", dropped)
	}
	for n, want := range []string{
		`{"key": {"owner": {"$numberInt":"1"},"at": {"$numberInt":"-1"},"_id": {"$numberInt":"-1"}},"name": "owner_1_at_-1__id_-1"}`,
		`{"key": {"y": {"$numberInt":"1"},"_id": {"$numberInt":"1"}},"name": "kept"}`,
		`{"key": {"until": {"$numberInt":"1"}},"expireAfterSeconds": {"$numberInt":"0"},"name": "_expire"}`,
	} {
		if n >= len(created) || created[n] != want {
			t.Errorf("created %v, want %s", created, want)
		}
	}
	if err := e.DropIndexes(t.Context(), schema); err != nil || !slices.Equal(dropped, []string{"old", "owner"}) {
		t.Errorf("dropped %q, %v", dropped, err)
	}
}
