package storetest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
)

var recordSchema = store.Schema{Name: "records", Indexes: []store.Index{
	{Name: "rank", Fields: []store.Field{store.Asc("ws"), store.Asc("rank")}},
	{Name: "rank_desc", Fields: []store.Field{store.Asc("ws"), store.Desc("rank")}},
	{
		Name: "mixed", Fields: []store.Field{store.Asc("ws"), store.Desc("status"), store.Asc("at"), store.Desc("rank")},
		Includes: []string{"rank", "text", "place", "flag"},
	},
	{Name: "tags", Fields: []store.Field{store.Asc("ws"), store.Asc("tags"), store.Desc("at")}, Includes: []string{"tags"}},
	{Name: "city", Fields: []store.Field{store.Asc("place.city"), store.Desc("flag")}},
	{Name: "text", Fields: []store.Field{store.Desc("text")}},
}}

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// insertRecord writes the record through the engine and into the model.
func insertRecord(t fataler, e store.Engine, m model, rec record) {
	t.Helper()
	id := rec["_id"].(string)
	err := e.Write(t.Context(), store.Change{Kind: store.Insert, Collection: m.schema.Name, ID: id, Data: encode(t, rec, 1)})
	if err != nil {
		t.Fatalf("insert %v: %v", rec, err)
	}
	m.docs[id] = rec
}

func encode(t fataler, rec record, version int64) []byte {
	t.Helper()
	d := bson.D{{Key: "_id", Value: rec["_id"]}, {Key: "_v", Value: version}}
	for name, v := range rec {
		if inner, ok := v.(record); ok {
			v = bson.M(inner)
		}
		if name != "_id" {
			d = append(d, bson.E{Key: name, Value: v})
		}
	}
	data, err := bson.Marshal(d)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return data
}

func newModel(t fataler, e store.Engine, name string) model {
	t.Helper()
	m := model{schema: recordSchema, docs: map[string]record{}}
	m.schema.Name = name
	if err := e.Ensure(t.Context(), m.schema); err != nil {
		t.Fatalf("ensure: %v", err)
	}
	return m
}

// someRecords are few enough to see each answer in the table below.
func someRecords(t *testing.T, e store.Engine) model {
	m := newModel(t, e, "records")
	for _, rec := range []record{
		{
			"_id": "a", "ws": "w", "rank": 1, "status": "open", "at": day(1), "tags": []any{
				"red",
				"green",
			}, "place": record{"city": "Haifa"},
			"flag": true,
		},
		{
			"_id": "b", "ws": "w", "rank": 2, "status": "open", "at": day(2), "tags": []any{"red", "red"}, "place": record{"city": "Haifa"},
			"flag": false,
		},
		{"_id": "c", "ws": "w", "rank": 2, "status": "pending", "at": day(1), "tags": []any{}, "text": "a\x00b"},
		{"_id": "d", "ws": "w", "rank": -5, "status": "pending", "at": day(3), "tags": []any{"reddish"}, "place": record{}, "text": "a"},
		{"_id": "e", "ws": "w", "at": day(2), "place": "not a place", "text": ""},
		{"_id": "f", "ws": "w", "rank": nil, "status": "resolved", "tags": nil, "text": "ab"},
		{"_id": "g", "ws": "other", "rank": 1, "status": "open", "at": day(1), "tags": []any{"red"}},
	} {
		insertRecord(t, e, m, rec)
	}
	return m
}

type queryTest struct {
	q    store.Query
	want string
}

func testElementQueries(t *testing.T, e store.Engine) {
	checkQueries(t, e, map[string]queryTest{
		"by prefix":   {store.Query{Index: "tags", Eq: []any{"w"}, Range: &store.Range{Prefix: "re"}}, "b a d"},
		"in order":    {store.Query{Index: "tags", Eq: []any{"w"}, Range: &store.Range{From: "g"}}, "a b a d"},
		"whole index": {store.Query{Index: "tags", Eq: []any{"w"}}, "e f a b a d"},
		"backwards":   {store.Query{Index: "tags", Eq: []any{"w"}, Reverse: true}, "d a b a f e"},
	})
}

func testQueries(t *testing.T, e store.Engine) {
	checkQueries(t, e, map[string]queryTest{
		"by id":                      {store.Query{}, "a b c d e f g"},
		"by id backwards":            {store.Query{Reverse: true}, "g f e d c b a"},
		"range of ids":               {store.Query{Range: &store.Range{From: "b", To: "d", ExcludeTo: true}}, "b c"},
		"whole index, missing first": {store.Query{Index: "rank"}, "g e f d a b c"},
		"ascending":                  {store.Query{Index: "rank", Eq: []any{"w"}}, "e f d a b c"},
		"descending, ids too":        {store.Query{Index: "rank_desc", Eq: []any{"w"}}, "c b a d f e"},
		"descending backwards":       {store.Query{Index: "rank_desc", Eq: []any{"w"}, Reverse: true}, "e f d a b c"},
		"missing is null":            {store.Query{Index: "rank", Eq: []any{"w", nil}}, "e f"},
		"open range keeps the type":  {store.Query{Index: "rank", Eq: []any{"w"}, Range: &store.Range{To: 2}}, "d a b c"},
		"exclusive range": {store.Query{
			Index: "rank", Eq: []any{"w"},
			Range: &store.Range{From: -5, To: 2, ExcludeFrom: true, ExcludeTo: true},
		}, "a"},
		"range in a descending field": {store.Query{Index: "rank_desc", Eq: []any{"w"}, Range: &store.Range{From: 1}}, "c b a"},
		"exclusive and descending": {store.Query{
			Index: "rank_desc", Eq: []any{"w"},
			Range: &store.Range{From: -5, To: 2, ExcludeTo: true},
		}, "a d"},
		"empty range":          {store.Query{Index: "rank", Eq: []any{"w"}, Range: &store.Range{From: 3, To: 1}}, ""},
		"mixed directions":     {store.Query{Index: "mixed", Eq: []any{"w"}}, "f c d a b e"},
		"one status":           {store.Query{Index: "mixed", Eq: []any{"w", "open"}}, "a b"},
		"two statuses by time": {store.Query{Index: "mixed", Eq: []any{"w", store.In{"open", "pending"}}}, "c a b d"},
		"two statuses backwards": {
			store.Query{Index: "mixed", Eq: []any{"w", store.In{"pending", "open", "open"}}, Reverse: true},
			"d b a c",
		},
		"two statuses, range of time": {store.Query{
			Index: "mixed", Eq: []any{"w", store.In{"open", "pending"}},
			Range: &store.Range{From: day(2)},
		}, "b d"},
		"in of nothing":              {store.Query{Index: "mixed", Eq: []any{"w", store.In{}}}, ""},
		"in of what is not there":    {store.Query{Index: "mixed", Eq: []any{"w", store.In{"no", nil}}}, "e"},
		"element of an array":        {store.Query{Index: "tags", Eq: []any{"w", "red"}}, "b a"},
		"either element, once":       {store.Query{Index: "tags", Eq: []any{"w", store.In{"red", "green", "reddish"}}}, "d b a"},
		"nested":                     {store.Query{Index: "city", Eq: []any{"Haifa"}}, "a b"},
		"nested missing":             {store.Query{Index: "city", Eq: []any{nil}}, "g f e d c"},
		"strings descending":         {store.Query{Index: "text", Range: &store.Range{From: ""}}, "f c d e"},
		"prefix in a descending one": {store.Query{Index: "text", Range: &store.Range{Prefix: "a"}}, "f c d"},
		"condition": {store.Query{
			Index: "rank", Eq: []any{"w"},
			Where: []store.Cond{{Path: "status", Op: store.NotEqual, Value: "open"}}, MaxExamined: 100,
		}, "e f d c"},
		"several conditions": {store.Query{
			Index: "rank", Eq: []any{"w"},
			Where: []store.Cond{
				{Path: "at", Op: store.Less, Value: day(3)},
				{Path: "status", Op: store.OneOf, Value: store.In{"open", "pending"}},
			}, MaxExamined: 100,
		}, "a b c"},
	})
}

// checkQueries asks each question whole and in small pages, and counts it. The model must agree, too.
func checkQueries(t *testing.T, e store.Engine, tests map[string]queryTest) {
	m := someRecords(t, e)
	for name, test := range tests {
		for _, limit := range []int{1000, 1, 2} {
			got := collect(t, e, m.schema.Name, test.q, limit)
			if strings.Join(got, " ") != test.want {
				t.Errorf("%s, %d at a time: got %v, want %s", name, limit, got, test.want)
			}
		}
		var model []string
		for _, r := range m.find(test.q) {
			if m.match(r.rec, test.q.Where) {
				model = append(model, r.rec["_id"].(string))
			}
		}
		if strings.Join(model, " ") != test.want {
			t.Errorf("%s: the model has %v, want %s", name, model, test.want)
		}
		count := len(model)
		for _, ceiling := range []int{1, max(count, 1), count + 1} {
			if n, err := e.Count(t.Context(), m.schema.Name, test.q, ceiling); err != nil || n != min(count, ceiling) {
				t.Errorf("%s: counted %d up to %d, want %d (%v)", name, n, ceiling, min(count, ceiling), err)
			}
		}
	}
}

// collect returns the ids of all pages of a query.
func collect(t fataler, e store.Engine, collection string, q store.Query, limit int) []string {
	t.Helper()
	var ids []string
	q.Limit = limit
	for {
		page, err := e.Find(t.Context(), collection, q)
		if err != nil {
			t.Fatalf("find %+v: %v", q, err)
		}
		if len(page.Docs) > limit {
			t.Fatalf("a page of %d, limit %d", len(page.Docs), limit)
		}
		for _, d := range page.Docs {
			ids = append(ids, d.ID)
		}
		if page.NextCursor == "" {
			return ids
		}
		if page.NextCursor == q.Cursor {
			t.Fatalf("the cursor does not move: %+v", q)
		}
		q.Cursor = page.NextCursor
	}
}

func testRefusals(t *testing.T, e store.Engine) {
	someRecords(t, e)
	for name, q := range map[string]store.Query{
		"unknown index":              {Index: "nothing", Limit: 10},
		"too many values":            {Index: "rank", Eq: []any{"w", 1, 2}, Limit: 10},
		"a value of the id's order":  {Eq: []any{"a"}, Limit: 10},
		"conditions without bound":   {Index: "rank", Where: []store.Cond{{Path: "status", Value: "open"}}, Limit: 10},
		"no limit":                   {Index: "rank"},
		"negative limit":             {Index: "rank", Limit: -1},
		"limit over 1000":            {Index: "rank", Limit: 1001},
		"two ins":                    {Index: "mixed", Eq: []any{store.In{"w"}, store.In{"open"}}, Limit: 10},
		"a value without order":      {Index: "rank", Eq: []any{1.5}, Limit: 10},
		"a list as a value":          {Index: "rank", Eq: []any{[]string{"w"}}, Limit: 10},
		"a range of two types":       {Index: "rank", Eq: []any{"w"}, Range: &store.Range{From: 1, To: "x"}, Limit: 10},
		"an unknown comparison":      {Index: "rank", Where: []store.Cond{{Path: "a", Op: 99}}, MaxExamined: 1, Limit: 10},
		"held by what holds nothing": {Index: "rank", Eq: []any{"w"}, IndexOnly: true, Limit: 10},
		"held of no index":           {IndexOnly: true, Limit: 10},
		"held with conditions": {
			Index: "mixed", IndexOnly: true, Where: []store.Cond{{Path: "rank", Value: 1}}, MaxExamined: 1,
			Limit: 10,
		},
		"one of no list": {
			Index: "rank", Where: []store.Cond{{Path: "a", Op: store.OneOf, Value: 1}}, MaxExamined: 1,
			Limit: 10,
		},
	} {
		if _, err := e.Find(t.Context(), "records", q); err == nil || !strings.Contains(err.Error(), store.ErrBadQuery.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := e.Find(t.Context(), "nowhere", store.Query{Limit: 1})
	wantError(t, err, store.ErrBadQuery)
	_, err = e.Count(t.Context(), "records", store.Query{}, 0)
	wantError(t, err, store.ErrBadQuery)
}

func testExamined(t *testing.T, e store.Engine) {
	m := newModel(t, e, "records")
	for i := range 95 {
		insertRecord(t, e, m, record{
			"_id": fmt.Sprintf("r_%03d", i), "ws": "w", "rank": i,
			"status": map[bool]string{true: "open"}[i == 42],
		})
	}
	q := store.Query{Index: "rank", Eq: []any{"w"}, Where: []store.Cond{{Path: "status", Value: "open"}}, MaxExamined: 10, Limit: 5}
	pages, found := 0, 0
	for {
		page, err := e.Find(t.Context(), "records", q)
		must(t, err)
		pages++
		found += len(page.Docs)
		if len(page.Docs) > 0 && (page.Docs[0].ID != "r_042" || pages != 5) {
			t.Errorf("page %d has %s", pages, page.Docs[0].ID)
		}
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			break
		}
	}
	if pages != 10 || found != 1 {
		t.Errorf("%d pages with %d documents, want 10 with 1", pages, found)
	}
	if n, err := e.Count(t.Context(), "records", q, 5); err != nil || n != 0 {
		t.Errorf("counted %d among the first 10, want 0 (%v)", n, err)
	}
}

func testCursors(t *testing.T, e store.Engine) {
	someRecords(t, e)
	ctx := t.Context()
	q := store.Query{Index: "rank", Eq: []any{"w"}, Limit: 2}
	page, err := e.Find(ctx, "records", q)
	must(t, err)
	cursor := page.NextCursor
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	must(t, err)

	q.Limit, q.Cursor = 3, cursor
	if _, err := e.Find(ctx, "records", q); err != nil {
		t.Errorf("another limit is the same query: %v", err)
	}
	changed := slices.Clone(raw)
	changed[len(changed)/2] ^= 0x55
	for name, bad := range map[string]string{
		"garbage": "%%%", "empty bytes": "AA", "cut": base64.RawURLEncoding.EncodeToString(raw[:len(raw)-3]),
		"longer": base64.RawURLEncoding.EncodeToString(append(raw,
			'x')), "other head": base64.RawURLEncoding.EncodeToString(append([]byte("12345678"), raw[8:]...)),
		"long": strings.Repeat("A", 100_000),
	} {
		q.Cursor = bad
		_, err := e.Find(ctx, "records", q)
		if err == nil || !strings.Contains(err.Error(), store.ErrBadCursor.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	q.Cursor = base64.RawURLEncoding.EncodeToString(changed)
	_, _ = e.Find(ctx, "records", q) // may hit a valid place, must not panic
	for name, other := range map[string]store.Query{
		"another index":     {Index: "rank_desc", Eq: []any{"w"}},
		"another workspace": {Index: "rank", Eq: []any{"other"}},
		"a range":           {Index: "rank", Eq: []any{"w"}, Range: &store.Range{From: 0}},
		"backwards":         {Index: "rank", Eq: []any{"w"}, Reverse: true},
		"a condition":       {Index: "rank", Eq: []any{"w"}, Where: []store.Cond{{Path: "status", Value: "open"}}, MaxExamined: 5},
		"no index":          {},
	} {
		other.Limit, other.Cursor = 2, cursor
		if _, err := e.Find(ctx, "records", other); err == nil || !strings.Contains(err.Error(), store.ErrBadCursor.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func testIndexChange(t *testing.T, e store.Engine) {
	ctx := t.Context()
	bare := store.Schema{Name: "records"}
	must(t, e.Ensure(ctx, bare))
	m := model{schema: bare, docs: map[string]record{}}
	for i := range 1200 {
		insertRecord(t, e, m, record{"_id": fmt.Sprintf("r_%04d", i), "ws": "w", "rank": i % 7})
	}
	query := store.Query{Index: "ix", Eq: []any{"w"}, Range: &store.Range{From: 3, To: 3}, Limit: 1000}
	_, err := e.Find(ctx, "records", query)
	wantError(t, err, store.ErrBadQuery)
	for _, test := range []struct {
		name  string
		field store.Field
		first string
	}{{"new", store.Asc("rank"), "r_0003"}, {"with other fields", store.Desc("rank"), "r_1193"}} {
		m.schema.Indexes = []store.Index{{Name: "ix", Fields: []store.Field{store.Asc("ws"), test.field}}}
		must(t, e.Ensure(ctx, m.schema))
		must(t, e.Ensure(ctx, m.schema))
		page, err := e.Find(ctx, "records", query)
		must(t, err)
		if len(page.Docs) != 171 || page.Docs[0].ID != test.first {
			t.Errorf("%s: %d documents, first %v", test.name, len(page.Docs), page.Docs)
		}
	}
	reversed := m.schema
	m.schema.Indexes = []store.Index{{Name: "ix", Fields: []store.Field{store.Asc("ws"), store.Asc("rank")}}}
	must(t, e.Ensure(ctx, m.schema)) // an older version starts again: what it declared is still there and true
	insertRecord(t, e, m, record{"_id": "r_0000_", "ws": "w", "rank": 3})
	must(t, e.Ensure(ctx, reversed))
	page, err := e.Find(ctx, "records", query)
	must(t, err)
	if len(page.Docs) != 172 || page.Docs[171].ID != "r_0000_" {
		t.Errorf("written by the older version: %d documents", len(page.Docs))
	}
	must(t, e.DropIndexes(ctx, reversed))
	must(t, e.DropIndexes(ctx, reversed))
	if again, err := e.Find(ctx, "records", query); err != nil || len(again.Docs) != 172 {
		t.Errorf("after the other index was dropped: %d documents, %v", len(again.Docs), err)
	}
	must(t, e.Ensure(ctx, bare))
	must(t, e.DropIndexes(ctx, bare))
	_, err = e.Find(ctx, "records", query)
	wantError(t, err, store.ErrBadQuery)
	if n, err := e.Count(ctx, "records", store.Query{}, 5000); err != nil || n != 1201 {
		t.Errorf("%d documents left, %v", n, err)
	}
}
