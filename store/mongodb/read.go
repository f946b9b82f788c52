package mongodb

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"

	"wasl/store"
	"wasl/store/internal/keys"
)

// eachMark begins a cursor of an answer that has a document once for each element of an array.
const eachMark = "~"

// elementField begins the names of the fields that hold an element while the server sorts.
const elementField = "_o"

// Get returns the documents with these ids in the same order, leaving out those that do not exist.
func (e *Engine) Get(ctx context.Context, collection string, ids ...string) ([]store.Doc, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := e.schema(collection); err != nil || len(ids) == 0 {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var raws []bson.Raw
	err := e.read(ctx, func(session mongo.SessionContext) error {
		cursor, err := e.db.Collection(collection).Find(session, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}})
		if err != nil {
			return err
		}
		return cursor.All(session, &raws)
	})
	if err != nil {
		return nil, mapError(err)
	}
	byID := make(map[string]store.Doc, len(raws))
	for _, raw := range raws {
		doc := document(raw)
		byID[doc.ID] = doc
	}
	docs := make([]store.Doc, 0, len(raws))
	for _, id := range ids {
		if doc, ok := byID[id]; ok {
			docs = append(docs, doc)
		}
	}
	return docs, nil
}

func document(raw bson.Raw) store.Doc {
	id, _ := raw.Lookup("_id").StringValueOK()
	version, _ := raw.Lookup("_v").AsInt64OK()
	return store.Doc{ID: id, Version: version, Data: raw}
}

// Find answers a query in index order.
func (e *Engine) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	if err := keys.CheckLimit(q.Limit); err != nil {
		return store.Page{}, err
	}
	docs, next, err := e.scan(ctx, collection, q, true)
	return store.Page{Docs: docs, NextCursor: next}, err
}

// Count counts what Find would return, exactly up to ceiling.
func (e *Engine) Count(ctx context.Context, collection string, q store.Query, ceiling int) (int, error) {
	if ceiling < 1 {
		return 0, fmt.Errorf("%w: ceiling %d", store.ErrBadQuery, ceiling)
	}
	q.Cursor, q.Limit = "", ceiling
	docs, _, err := e.scan(ctx, collection, q, len(q.Where) > 0)
	return len(docs), err
}

// scan answers a query. MongoDB orders a document with an array by one of its elements, so an answer that shows an array in an ordering
// field is asked for again, element by element.
func (e *Engine) scan(ctx context.Context, collection string, q store.Query, whole bool) ([]store.Doc, string, error) {
	schema, err := e.schema(collection)
	if err != nil {
		return nil, "", err
	}
	cursor, each := strings.CutPrefix(q.Cursor, eachMark)
	q.Cursor = cursor
	plan, err := keys.Compile(schema, q)
	if err != nil || plan.Empty() {
		return nil, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s := &scan{plan: plan, q: q, whole: whole, from: e.db.Collection(collection), hint: hint(schema, q.Index)}
	var docs []store.Doc
	var next string
	err = e.read(ctx, func(session mongo.SessionContext) (err error) {
		docs, next, err = s.answer(session, each)
		return err
	})
	return docs, next, mapError(err)
}

// answer asks the plain question first, unless the cursor is of the other one.
func (s *scan) answer(ctx context.Context, each bool) ([]store.Doc, string, error) {
	if !each {
		docs, next, err := s.run(ctx, s.plain)
		if err != nil || !s.sawArray {
			return docs, next, err
		}
	}
	docs, next, err := s.run(ctx, s.elements)
	if next != "" {
		next = eachMark + next
	}
	return docs, next, err
}

// hint names the index by its fields.
func hint(schema store.Schema, name string) any {
	for _, ix := range schema.Indexes {
		if ix.Name == name {
			return sorting(keys.Fields(ix), false)
		}
	}
	return idIndex
}

// scan is one question to the server.
type scan struct {
	plan     *keys.Plan
	q        store.Query
	whole    bool // with the documents, not only what orders them
	from     *mongo.Collection
	hint     any // the index
	sawArray bool
}

// entry is what a question finds: a document and the values that order it.
type entry struct {
	doc   bson.Raw
	order []bson.RawValue
}

// limit is how many entries to ask for: one more than are looked at shows whether there are more.
func (s *scan) limit() int64 {
	if len(s.plan.Where) > 0 {
		return int64(s.q.MaxExamined) + 1
	}
	return int64(s.q.Limit) + 1
}

// run asks and filters. It returns the documents of the page and the cursor to go on.
func (s *scan) run(ctx context.Context, ask func(context.Context) (*mongo.Cursor, func(bson.Raw) entry, error)) ([]store.Doc, string,
	error,
) {
	cursor, read, err := ask(ctx)
	if err != nil {
		return nil, "", err
	}
	defer cursor.Close(ctx)
	docs := make([]store.Doc, 0, min(s.q.Limit, 64))
	var last []byte
	rows, examined := int64(0), 0
	for ; cursor.Next(ctx); rows++ {
		if len(docs) == s.q.Limit || len(s.plan.Where) > 0 && examined == s.q.MaxExamined {
			return docs, s.plan.Cursor(last), nil
		}
		found := read(bson.Raw(bytes.Clone(cursor.Current)))
		tail, err := s.plan.Tail(found.order)
		if err != nil {
			return nil, "", err
		}
		if bytes.Equal(tail, last) {
			continue // an array that holds an element twice
		}
		last = tail
		examined++
		if !s.plan.Match(found.doc) {
			continue
		}
		doc := document(found.doc)
		if s.plan.Holds != nil {
			if doc, err = keys.HeldDocument(doc.ID, s.plan.Holds, keys.AppendHeld(nil, s.plan.Holds, doc.Data)); err != nil {
				return nil, "", err
			}
		}
		docs = append(docs, doc)
	}
	if rows == s.limit() {
		return docs, s.plan.Cursor(last), cursor.Err()
	}
	return docs, "", cursor.Err()
}

// plain asks for documents by the index itself.
func (s *scan) plain(ctx context.Context) (*mongo.Cursor, func(bson.Raw) entry, error) {
	filter, err := s.filter()
	if err != nil {
		return nil, nil, err
	}
	o := options.Find().SetSort(sorting(s.plan.Order, s.plan.Reverse)).SetLimit(s.limit()).SetHint(s.hint)
	switch {
	case !s.whole:
		o.SetProjection(sorting(s.plan.Order, false))
	case s.plan.Holds != nil:
		o.SetProjection(append(sorting(slices.Concat(s.plan.Order, s.plan.Holds), false), bson.E{Key: "_v", Value: 1}))
	}
	if len(s.plan.Where) > 0 {
		o.SetBatchSize(int32(min(s.q.MaxExamined, 4*s.q.Limit) + 1))
	}
	cursor, err := s.from.Find(ctx, filter, o)
	return cursor, func(doc bson.Raw) entry {
		found := entry{doc: doc}
		for _, f := range s.plan.Order {
			values := keys.Values(doc, f.Path)
			if holdsArray(doc, f.Path) {
				s.sawArray = true
				values = []bson.RawValue{{Type: bsontype.Null}}
			}
			found.order = append(found.order, values[0])
		}
		return found
	}, err
}

func holdsArray(doc bson.Raw, path []string) bool {
	for i := range path {
		if doc.Lookup(path[:i+1]...).Type == bsontype.Array {
			return true
		}
	}
	return false
}

// elements asks for each element of the arrays in the ordering fields. The server sorts what matches in memory.
func (s *scan) elements(ctx context.Context) (*mongo.Cursor, func(bson.Raw) entry, error) {
	order := make([]keys.Field, len(s.plan.Order))
	var taken, full bson.D
	var unwind []bson.D
	for i, f := range s.plan.Order {
		name := fmt.Sprint(elementField, i)
		order[i] = keys.Field{Path: []string{name}, Desc: f.Desc}
		taken = append(taken, bson.E{Key: name, Value: "$" + strings.Join(f.Path, ".")})
		full = append(full, bson.E{Key: name, Value: bson.D{{Key: "$ne", Value: bson.A{}}}})
		unwind = append(unwind, stage("$unwind",
			bson.D{{Key: "path", Value: "$" + name}, {Key: "preserveNullAndEmptyArrays", Value: true}}))
	}
	within, err := s.tails(order)
	if err != nil {
		return nil, nil, err
	}
	pipeline := append([]bson.D{stage("$match", s.heads()), stage("$addFields", taken), stage("$match", full)}, unwind...)
	pipeline = append(pipeline, stage("$match", within), stage("$sort", sorting(order, s.plan.Reverse)))
	pipeline = append(pipeline, stage("$limit", s.limit()))
	cursor, err := s.from.Aggregate(ctx, pipeline, options.Aggregate().SetAllowDiskUse(true))
	return cursor, func(row bson.Raw) entry {
		found := entry{doc: withoutElements(row)}
		for _, f := range order {
			found.order = append(found.order, keys.Values(row, f.Path)[0])
		}
		return found
	}, err
}

func stage(name string, value any) bson.D { return bson.D{{Key: name, Value: value}} }

// withoutElements returns the document as it is stored.
func withoutElements(row bson.Raw) bson.Raw {
	elements, _ := row.Elements()
	index, doc := bsoncore.AppendDocumentStart(nil)
	for _, e := range elements {
		if !strings.HasPrefix(e.Key(), elementField) {
			doc = append(doc, e...)
		}
	}
	doc, _ = bsoncore.AppendDocumentEnd(doc, index)
	return doc
}
