package mongodb_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/activity"
	"wasl/auth"
	"wasl/channels"
	"wasl/contacts"
	"wasl/files"
	"wasl/inbox"
	"wasl/inbox/desk"
	"wasl/inbox/remind"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/notify"
	"wasl/routing"
	"wasl/search"
	"wasl/store"
	"wasl/store/mongodb"
	"wasl/store/pebble"
	"wasl/work"
)

// ofPackages are the collections of the whole program, by the package that declares them.
var ofPackages = map[string][]store.Schema{
	"activity": activity.Schemas(), "auth": auth.Schemas(), "channels": channels.Schemas(), "contacts": contacts.Schemas(),
	"events": events.Schemas(), "files": files.Schemas(), "inbox": inbox.Schemas(), "jobs": jobs.Schemas(), "notify": notify.Schemas(),
	"desk": desk.Schemas(), "remind": remind.Schemas(), "routing": routing.Schemas(), "search": search.Schemas(), "work": work.Schemas(),
}

func programSchemas() []store.Schema {
	return slices.Concat(append(slices.Collect(maps.Values(ofPackages)), []store.Schema{store.FormatSchema})...)
}

// The collections that are looked at here are those that the program declares.
func TestNoCollectionIsForgotten(t *testing.T) {
	wiring, err := os.ReadFile(filepath.Join("..", "..", "cmd", "wasl", "wire.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	for _, found := range regexp.MustCompile(`(\w+)\.Schemas\(\)`).FindAllSubmatch(wiring, -1) {
		declared[string(found[1])] = true
	}
	if got, want := slices.Sorted(maps.Keys(ofPackages)), slices.Sorted(maps.Keys(declared)); !slices.Equal(got, want) {
		t.Errorf("looked at: %v, declared: %v", got, want)
	}
}

// shape is one form of a query, with its name.
type shape struct {
	name  string
	query store.Query
	index store.Index
}

// The values that the shapes ask for: one that fields are equal to, another one, and one within the ranges.
const (
	equal, another = "v", "w"
	within         = "abc"
)

// shapes are all forms of queries that an index takes: equality on a prefix of its fields, with several values of the last one or not, a
// range of the next one or not, forwards and backwards, from the beginning and from a cursor.
func shapes(t *testing.T, schema store.Schema, ix store.Index) (all []shape) {
	t.Helper()
	for n := range len(ix.Fields) + 1 {
		eq := make([]any, n)
		for i := range eq {
			eq[i] = equal
		}
		for _, in := range []bool{false, true} {
			if in && n == 0 {
				continue
			}
			for name, part := range map[string]*store.Range{
				"": nil, " from": {From: "a"}, " between": {From: "a", To: "b", ExcludeTo: true}, " beginning": {Prefix: "ab"},
			} {
				for _, reverse := range []bool{false, true} {
					q := store.Query{Index: ix.Name, Eq: slices.Clone(eq), Range: part, Reverse: reverse, Limit: 50}
					if in {
						q.Eq[n-1] = store.In{equal, another}
					}
					what := fmt.Sprintf("%s, %d equal, in %v%s, reverse %v", ix.Name, n, in, name, reverse)
					all = append(all, shape{what, q, ix})
					q.Cursor = cursorOf(t, schema, ix, q)
					all = append(all, shape{what + ", from a cursor", q, ix})
				}
			}
		}
	}
	return all
}

// embedded has every collection of the program, to make cursors: they are the same on both engines.
var embedded = sync.OnceValues(func() (store.Engine, error) {
	e, err := pebble.Open("plans", pebble.Options{InMemory: true})
	if err != nil {
		return nil, err
	}
	return e, e.Ensure(context.Background(), programSchemas()...)
})

// cursorOf returns the cursor with which a query goes on behind its first document.
func cursorOf(t *testing.T, schema store.Schema, ix store.Index, q store.Query) string {
	t.Helper()
	e, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	q.Limit = 1
	var stored, removed []store.Change
	for _, id := range []string{within + "1", within + "2"} {
		fields := map[string]any{"_id": id, "_v": int64(1)}
		for n, f := range ix.Fields {
			value := within
			if n < len(q.Eq) {
				value = equal
			}
			set(fields, f.Path, value)
		}
		data, err := bson.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		put := store.Change{Kind: store.Insert, Collection: schema.Name, ID: id, Data: data}
		remove := store.Change{Kind: store.Delete, Collection: schema.Name, ID: id, Version: 1}
		if schema.Keys {
			put, remove = store.Change{Kind: store.Put, Collection: schema.Name, ID: id}, store.Change{
				Kind: store.Remove, Collection: schema.Name, ID: id,
			}
		}
		stored, removed = append(stored, put), append(removed, remove)
	}
	if err := e.Write(t.Context(), stored...); err != nil {
		t.Fatal(err)
	}
	page, err := e.Find(t.Context(), schema.Name, q)
	if err != nil || page.NextCursor == "" {
		t.Fatalf("%s: no cursor for %+v: %v", schema.Name, q, err)
	}
	if err := e.Write(t.Context(), removed...); err != nil {
		t.Fatal(err)
	}
	return page.NextCursor
}

// set puts a value where its path leads.
func set(fields map[string]any, path string, value any) {
	outer, inner, nested := strings.Cut(path, ".")
	if !nested {
		fields[path] = value
		return
	}
	deeper, _ := fields[outer].(map[string]any)
	if deeper == nil {
		deeper = map[string]any{}
		fields[outer] = deeper
	}
	set(deeper, inner, value)
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
			for _, s := range shapes(t, schema, ix) {
				command := ask(t, e, r, schema.Name, s.query)
				if err := bounded(command, s); err != nil {
					t.Errorf("%s: %s: %v\n%v", schema.Name, s.name, err, command)
				}
				checked++
			}
		}
	}
	if checked < 1000 {
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
	if equal, asked := conditions[fields[n].Path]; asked != (s.query.Range != nil || s.query.Cursor != "") || equal {
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

// collect finds the fields of a filter, below the $and that the engine makes. An $or, by which a page goes on behind a cursor among what is
// equal there, bounds nothing: the condition beside it does.
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
		if e.Key() == "$or" {
			continue
		}
		operators, isDocument := e.Value().DocumentOK()
		in := isDocument && operators.Lookup("$in").Type != 0
		conditions[e.Key()] = !isDocument || in
	}
}
