package mongodb_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wasl/activity"
	"wasl/auth"
	"wasl/channels"
	"wasl/contacts"
	"wasl/inbox"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/search"
	"wasl/store"
	"wasl/store/mongodb"
)

// programSchemas are the collections of the whole program.
func programSchemas() []store.Schema {
	return slices.Concat([]store.Schema{store.FormatSchema}, events.Schemas(), jobs.Schemas(), auth.Schemas(), activity.Schemas(),
		channels.Schemas(), search.Schemas(),
		contacts.Schemas(), inbox.Schemas())
}

// shape is one form of a query, with its name.
type shape struct {
	name  string
	query store.Query
	index store.Index
}

// shapes are all forms of queries that an index takes: equality on a prefix of its fields, with several values of the last one or not, a
// range of the next one or not, forwards and backwards.
func shapes(ix store.Index) (all []shape) {
	for n := range len(ix.Fields) + 1 {
		eq := make([]any, n)
		for i := range eq {
			eq[i] = "v"
		}
		for _, in := range []bool{false, true} {
			if in && n == 0 {
				continue
			}
			for name, within := range map[string]*store.Range{
				"": nil, " from": {From: "a"}, " between": {From: "a", To: "b", ExcludeTo: true}, " beginning": {Prefix: "ab"},
			} {
				for _, reverse := range []bool{false, true} {
					q := store.Query{Index: ix.Name, Eq: slices.Clone(eq), Range: within, Reverse: reverse, Limit: 50}
					if in {
						q.Eq[n-1] = store.In{"v", "w"}
					}
					all = append(all, shape{fmt.Sprintf("%s, %d equal, in %v%s, reverse %v", ix.Name, n, in, name, reverse), q, ix})
				}
			}
		}
	}
	return all
}

// ask returns the command that the engine sends for a query.
func ask(t *testing.T, e *mongodb.Engine, r *mongodb.Recorder, collection string, q store.Query) bson.Raw {
	t.Helper()
	r.Take()
	if _, err := e.Find(t.Context(), collection, q); err != nil {
		t.Fatal(err)
	}
	asked := r.Take()
	if len(asked) != 1 || asked[0].Lookup("find").StringValue() != collection {
		t.Fatalf("the question is %v", asked)
	}
	return asked[0]
}

// Every query that a declared index takes is one scan of that index: what is equal are its first fields, the range is of the next one, and
// the order asked for is the index's own from there, so that nothing is sorted.
func TestEveryQueryIsOneBoundedScan(t *testing.T) {
	r := mongodb.NewRecorder(t)
	e := openPlain(t, r.URI())
	if err := e.Ensure(t.Context(), programSchemas()...); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, schema := range programSchemas() {
		for _, ix := range append(slices.Clone(schema.Indexes), store.Index{}) {
			for _, s := range shapes(ix) {
				command := ask(t, e, r, schema.Name, s.query)
				if err := bounded(command, s); err != nil {
					t.Errorf("%s: %s: %v\n%v", schema.Name, s.name, err, command)
				}
				checked++
			}
		}
	}
	if checked < 500 {
		t.Errorf("only %d forms of queries were looked at", checked)
	}
}

func openPlain(t *testing.T, uri string) *mongodb.Engine {
	t.Helper()
	e, err := mongodb.Open(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// bounded holds a command to the rules by which MongoDB's planner answers from an index:
// https://www.mongodb.com/docs/manual/tutorial/equality-sort-range-rule/.
func bounded(command bson.Raw, s shape) error {
	fields := append(slices.Clone(s.index.Fields), store.Field{Path: "_id"})
	fields[len(fields)-1].Desc = len(fields) > 1 && fields[len(fields)-2].Desc
	if err := hinted(command, s, fields); err != nil {
		return err
	}
	n := len(s.query.Eq)
	conditions := map[string]bool{} // field: it is equal to something
	collect(command.Lookup("filter"), conditions)
	for i, f := range fields[:n] {
		if equal, asked := conditions[f.Path]; !asked || !equal {
			return fmt.Errorf("%s, the field %d of the index, is not equal to anything", f.Path, i)
		}
	}
	if _, asked := conditions[fields[n].Path]; asked != (s.query.Range != nil) {
		return fmt.Errorf("the range on %s is asked for: %v", fields[n].Path, asked)
	}
	order, _ := command.Lookup("sort").Document().Elements()
	if len(order) != len(fields)-n {
		return fmt.Errorf("the order has %d fields", len(order))
	}
	for i, f := range fields[n:] {
		want := int64(1)
		if f.Desc != s.query.Reverse {
			want = -1
		}
		if order[i].Key() != f.Path || order[i].Value().AsInt64() != want {
			return fmt.Errorf("the order is not the index's from %s on", fields[n].Path)
		}
	}
	if limit, ok := command.Lookup("limit").AsInt64OK(); !ok || limit != int64(s.query.Limit)+1 {
		return fmt.Errorf("the limit is %v", limit)
	}
	return nil
}

// hinted checks that the index is named, by its fields.
func hinted(command bson.Raw, s shape, fields []store.Field) error {
	if s.index.Name == "" {
		if hint, _ := command.Lookup("hint").StringValueOK(); hint != "_id_" {
			return fmt.Errorf("the hint is %v", command.Lookup("hint"))
		}
		return nil
	}
	hint, _ := command.Lookup("hint").Document().Elements()
	if len(hint) != len(fields) {
		return fmt.Errorf("the hint is %v", command.Lookup("hint"))
	}
	for i, f := range fields {
		if hint[i].Key() != f.Path || (hint[i].Value().AsInt64() < 0) != f.Desc {
			return fmt.Errorf("the hint is %v", command.Lookup("hint"))
		}
	}
	return nil
}

// collect finds the fields of a filter, below the $and that the engine makes.
func collect(filter bson.RawValue, conditions map[string]bool) {
	elements, _ := filter.Document().Elements()
	for _, e := range elements {
		if e.Key() == "$and" {
			parts, _ := e.Value().Array().Values()
			for _, part := range parts {
				collect(part, conditions)
			}
			continue
		}
		operators, isDocument := e.Value().DocumentOK()
		in := isDocument && operators.Lookup("$in").Type != 0
		conditions[e.Key()] = !isDocument || in
	}
}

// The same commands, explained by a real server over some documents: one index scan, no sort, no more keys examined than there are entries
// in the bounds.
func TestEveryQueryIsExplainedByTheServer(t *testing.T) {
	uri := os.Getenv("WASL_TEST_MONGODB_URI")
	if uri == "" {
		t.Skip("NOT RUN: WASL_TEST_MONGODB_URI names no MongoDB replica set, so no plan of a real server was seen")
	}
	name := fmt.Sprint("wasl_plans_", time.Now().UnixNano())
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, uri, name) })
	db := client.Database(name)
	server := mongodb.New(db)
	r := mongodb.NewRecorder(t)
	e := openPlain(t, r.URI())
	for _, engine := range []*mongodb.Engine{server, e} {
		if err := engine.Ensure(t.Context(), programSchemas()...); err != nil {
			t.Fatal(err)
		}
	}
	for _, schema := range programSchemas() {
		for _, ix := range append(slices.Clone(schema.Indexes), store.Index{}) {
			for _, s := range shapes(ix) {
				plan := explain(t, db, ask(t, e, r, schema.Name, s.query))
				if strings.Contains(plan, `"stage": "SORT"`) || strings.Contains(plan, `"COLLSCAN"`) || !strings.Contains(plan, "IXSCAN") {
					t.Errorf("%s: %s: %s", schema.Name, s.name, plan)
				}
			}
		}
	}
}

// explain returns the winning plan of a find command.
func explain(t *testing.T, db *mongo.Database, command bson.Raw) string {
	t.Helper()
	var find bson.D
	elements, _ := command.Elements()
	for _, e := range elements {
		switch e.Key() {
		case "find", "filter", "sort", "hint", "limit", "projection":
			find = append(find, bson.E{Key: e.Key(), Value: e.Value()})
		}
	}
	var answer bson.Raw
	ask := bson.D{{Key: "explain", Value: find}, {Key: "verbosity", Value: "queryPlanner"}}
	if err := db.RunCommand(t.Context(), ask).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Lookup("queryPlanner", "winningPlan").String()
}
