package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"pgregory.net/rapid"

	"wasl/store"
)

// fataler is a *testing.T or a *rapid.T.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

// Few different values make many ties; the texts are those on which encodings stumble.
var (
	workspaces = rapid.SampledFrom([]any{"w", "v"})
	ranks      = rapid.SampledFrom([]any{nil, -1 << 62, -1, 0, 1, int32(2), int64(1 << 62), "1"})
	statuses   = rapid.SampledFrom([]any{nil, "open", "pending", "resolved"})
	times      = rapid.SampledFrom([]any{nil, day(1), day(2), day(3).AddDate(-100, 0, 0)})
	flags      = rapid.SampledFrom([]any{nil, true, false})
	tags       = rapid.SampledFrom([]any{"", "x", "xy", "xyz", "y", "x\x00"})
	texts      = rapid.SampledFrom([]any{
		nil, "", "\x00", "\x00\x01", "a", "a\x00", "a\x00b", "a\xc3\xa9", "ab", "שלום", "سلام",
		"\U0010ffff",
	})
)

// values are what a field may be asked for.
var values = map[string]*rapid.Generator[any]{
	"ws": workspaces, "rank": ranks, "status": statuses, "at": times, "flag": flags, "tags": tags, "place.city": texts, "text": texts,
}

func drawRecord(t *rapid.T, id string) record {
	rec := record{"_id": id, "ws": workspaces.Draw(t, "ws"), "rank": ranks.Draw(t, "rank"), "flag": flags.Draw(t, "flag")}
	for _, name := range []string{"status", "at", "text"} {
		if v := values[name].Draw(t, name); v != nil {
			rec[name] = v // a missing field where the others hold null
		}
	}
	switch rapid.IntRange(0, 4).Draw(t, "shape of tags") {
	case 0:
		rec["tags"] = nil
	case 1:
		rec["tags"] = "x"
	default:
		rec["tags"] = rapid.SliceOfN(tags, 0, 4).Draw(t, "tags")
	}
	switch rapid.IntRange(0, 2).Draw(t, "shape of place") {
	case 0:
		rec["place"] = "nowhere"
	default:
		rec["place"] = record{"city": texts.Draw(t, "city")}
	}
	return rec
}

// drawQuery draws any query, or one whose order no array takes part in.
func drawQuery(t *rapid.T, elements bool) store.Query {
	q := store.Query{Reverse: rapid.Bool().Draw(t, "reverse")}
	ix := rapid.SampledFrom(recordSchema.Indexes).Draw(t, "index")
	q.Index = ix.Name
	least := 0
	if !elements {
		least = 1 + slices.IndexFunc(ix.Fields, func(f store.Field) bool { return f.Path == "tags" })
	}
	n := rapid.IntRange(least, len(ix.Fields)).Draw(t, "values")
	in := rapid.IntRange(-1, n).Draw(t, "in at")
	for i, f := range ix.Fields[:n] {
		if i == in {
			q.Eq = append(q.Eq, store.In(rapid.SliceOfN(values[f.Path], 0, 3).Draw(t, "in")))
		} else {
			q.Eq = append(q.Eq, values[f.Path].Draw(t, "eq"))
		}
	}
	if n < len(ix.Fields) {
		q.Range = drawRange(t, values[ix.Fields[n].Path])
	}
	if rapid.IntRange(0, 2).Draw(t, "conditions") == 0 {
		q.MaxExamined = rapid.IntRange(1, 20).Draw(t, "max examined")
		q.Where = drawConditions(t)
	}
	q.IndexOnly = len(ix.Includes) > 0 && len(q.Where) == 0 && rapid.Bool().Draw(t, "held")
	return q
}

func drawRange(t *rapid.T, of *rapid.Generator[any]) *store.Range {
	from, to := of.Draw(t, "from"), of.Draw(t, "to")
	switch rapid.IntRange(0, 4).Draw(t, "range") {
	case 0:
		if s, ok := from.(string); ok && s != "" {
			return &store.Range{Prefix: s}
		}
		return nil
	case 1:
		return &store.Range{From: from, ExcludeFrom: rapid.Bool().Draw(t, "exclude")}
	case 2:
		return &store.Range{To: to, ExcludeTo: rapid.Bool().Draw(t, "exclude")}
	case 3:
		if kindOf(from) != kindOf(to) {
			return nil
		}
		return &store.Range{From: from, To: to, ExcludeFrom: rapid.Bool().Draw(t, "exclude"), ExcludeTo: rapid.Bool().Draw(t, "exclude")}
	default:
		return nil
	}
}

func drawConditions(t *rapid.T) (where []store.Cond) {
	for range rapid.IntRange(1, 2).Draw(t, "how many") {
		path := rapid.SampledFrom([]string{"rank", "status", "at", "tags", "place.city"}).Draw(t, "path")
		c := store.Cond{
			Path: path,
			Op: rapid.SampledFrom([]store.CondOp{store.Equal, store.NotEqual, store.OneOf, store.Greater, store.Less}).Draw(t,
				"op"),
		}
		if c.Op == store.OneOf {
			c.Value = store.In(rapid.SliceOfN(values[path], 0, 3).Draw(t, "in"))
		} else {
			c.Value = values[path].Draw(t, "value")
		}
		where = append(where, c)
	}
	return where
}

func testModel(t *testing.T, e store.Engine)        { checkModel(t, e, false) }
func testElementModel(t *testing.T, e store.Engine) { checkModel(t, e, true) }

func checkModel(t *testing.T, e store.Engine, elements bool) {
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		m := newModel(t, e, fmt.Sprint("records_", run))
		versions := map[string]int64{}
		for range rapid.IntRange(1, 40).Draw(t, "writes") {
			id := fmt.Sprint("r_", rapid.IntRange(0, 25).Draw(t, "id"))
			change := store.Change{Kind: store.Insert, Collection: m.schema.Name, ID: id, Version: versions[id]}
			rec := drawRecord(t, id)
			if versions[id] > 0 {
				change.Kind = rapid.SampledFrom([]store.WriteKind{store.Replace, store.Delete}).Draw(t, "kind")
			}
			if change.Kind == store.Delete {
				delete(m.docs, id)
				delete(versions, id)
			} else {
				versions[id]++
				m.docs[id] = rec
				change.Data = encode(t, rec, versions[id])
			}
			if err := e.Write(t.Context(), change); err != nil {
				t.Fatalf("%v: %v", change, err)
			}
		}
		for range 10 {
			q := drawQuery(t, elements)
			var want []string
			for _, r := range m.find(q) {
				if m.match(r.rec, q.Where) {
					want = append(want, r.rec["_id"].(string))
				}
			}
			limit := rapid.IntRange(1, 12).Draw(t, "limit")
			got := collect(t, e, m.schema.Name, q, limit)
			if !slices.Equal(got, want) {
				t.Fatalf("query %+v\ngot  %v\nwant %v", q, got, want)
			}
			if q.IndexOnly {
				checkHeld(t, e, m, q, versions)
			}
		}
	})
}

// checkHeld wants the fields that the index holds, as they are now, and no others.
func checkHeld(t fataler, e store.Engine, m model, q store.Query, versions map[string]int64) {
	t.Helper()
	q.Limit = 1000
	page, err := e.Find(t.Context(), m.schema.Name, q)
	if err != nil {
		t.Fatalf("held: %v", err)
	}
	at := slices.IndexFunc(m.schema.Indexes, func(ix store.Index) bool { return ix.Name == q.Index })
	for _, doc := range page.Docs {
		var got, whole bson.M
		if err := errors.Join(bson.Unmarshal(doc.Data, &got), bson.Unmarshal(encode(t, m.docs[doc.ID], 1), &whole)); err != nil {
			t.Fatalf("held: %v", err)
		}
		if doc.Version < 1 || doc.Version > versions[doc.ID] {
			t.Fatalf("%s is held in version %d of %d", doc.ID, doc.Version, versions[doc.ID])
		}
		maps.DeleteFunc(whole, func(name string, _ any) bool { return !slices.Contains(m.schema.Indexes[at].Includes, name) })
		whole["_id"], whole["_v"] = doc.ID, doc.Version
		if !reflect.DeepEqual(got, whole) {
			t.Fatalf("query %+v\nheld %v\nwant %v", q, got, whole)
		}
	}
}

// testPaging reads pages while others insert and delete. What was there all the time comes exactly once, in order.
func testPaging(t *testing.T, e store.Engine) {
	m := newModel(t, e, "records")
	for i := range 200 {
		insertRecord(t, e, m, record{
			"_id": fmt.Sprintf("old_%03d", i), "ws": "w", "rank": i % 9, "status": []any{"open", "pending"}[i%2],
			"at": day(1 + i%5),
		})
	}
	stay := maps.Clone(m.docs)
	var stop atomic.Bool
	var writers sync.WaitGroup
	defer writers.Wait()
	defer stop.Store(true)
	for w := range 2 {
		writers.Go(func() {
			for i := 0; !stop.Load() && i < 3000; i++ {
				id := fmt.Sprintf("%c_%d_%d", 'a'+i%26, w, i)
				rec := record{"_id": id, "ws": "w", "rank": i % 9, "status": "open", "at": day(1 + i%5)}
				insert := store.Change{Kind: store.Insert, Collection: "records", ID: id, Data: encode(t, rec, 1)}
				remove := store.Change{Kind: store.Delete, Collection: "records", ID: id, Version: 1}
				if err := e.Write(t.Context(), insert); err != nil {
					t.Error(err)
				}
				if i%2 == 0 {
					if err := e.Write(t.Context(), remove); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for _, q := range []store.Query{
		{},
		{Reverse: true},
		{Index: "rank", Eq: []any{"w"}},
		{Index: "rank_desc", Eq: []any{"w"}, Reverse: true},
		{Index: "mixed", Eq: []any{"w", store.In{"open", "pending"}}},
	} {
		var want []string
		for _, r := range (model{m.schema, stay}).find(q) {
			want = append(want, r.rec["_id"].(string))
		}
		all := collect(t, e, "records", q, 7)
		got := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return stay[id] == nil })
		if !slices.Equal(got, want) {
			t.Errorf("%+v: the old documents came as %v", q, got)
		}
		slices.Sort(all)
		if len(slices.Compact(all)) != len(all) {
			t.Errorf("%+v: a document came twice", q)
		}
	}
}
