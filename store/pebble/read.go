package pebble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	pdb "github.com/cockroachdb/pebble/v2"

	"wasl/store"
	"wasl/store/internal/keys"
)

// checkEvery is after how many entries a long read looks whether its caller still waits.
const checkEvery = 256

// Get returns the documents with these ids in the same order, leaving out those that do not exist. Each is as it was at some moment
// of the call, as with MongoDB.
func (e *Engine) Get(ctx context.Context, name string, ids ...string) ([]store.Doc, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	leave, err := e.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	c, err := e.collection(name)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	docs := make([]store.Doc, 0, len(ids))
	if c.schema.Keys {
		for _, id := range ids {
			if data, err := load(e.db, c.key(id)); err != nil {
				return nil, err
			} else if data != nil {
				docs = append(docs, store.Doc{ID: id})
			}
		}
		return docs, nil
	}
	for _, id := range ids {
		which := document{name, id}
		data, epoch := e.recent.get(which)
		if data == nil {
			if data, err = load(e.db, c.key(id)); err != nil {
				return nil, err
			}
			if data == nil {
				continue
			}
			e.recent.add(which, data, epoch)
		}
		docs = append(docs, store.Doc{ID: id, Version: keys.Version(data), Data: data})
	}
	return docs, nil
}

// load returns a copy of what is stored under key, nil if nothing is.
func load(from pdb.Reader, key []byte) ([]byte, error) {
	data, closer, err := from.Get(key)
	if errors.Is(err, pdb.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	defer closer.Close()
	return append([]byte{}, data...), nil // never nil: a key of a KeySet has no value, but is there
}

// Find answers a query in index order.
func (e *Engine) Find(ctx context.Context, name string, q store.Query) (store.Page, error) {
	if err := keys.CheckLimit(q.Limit); err != nil {
		return store.Page{}, err
	}
	if q.IndexOnly {
		// Such a query goes through an index once, after a start, and would fill the cache with it. Pebble has no way to read past the
		// cache, so it is made small meanwhile, which costs what was in it.
		defer e.cache.Reserve(int(e.opts.CacheSize - indexOnlyCache))()
	}
	page := store.Page{Docs: make([]store.Doc, 0, min(q.Limit, 64))}
	next, err := e.scan(ctx, name, q, true, func(doc store.Doc) bool {
		page.Docs = append(page.Docs, doc)
		return len(page.Docs) < q.Limit
	})
	if err != nil {
		return store.Page{}, err
	}
	page.NextCursor = next
	return page, nil
}

// Count counts what Find would return, up to ceiling.
func (e *Engine) Count(ctx context.Context, name string, q store.Query, ceiling int) (int, error) {
	if ceiling < 1 {
		return 0, fmt.Errorf("%w: ceiling %d", store.ErrBadQuery, ceiling)
	}
	q.Cursor = ""
	n := 0
	_, err := e.scan(ctx, name, q, len(q.Where) > 0, func(store.Doc) bool {
		n++
		return n < ceiling
	})
	return n, err
}

// scan calls found for each document of the query until it answers false, or MaxExamined entries are seen where there
// are conditions. It returns the cursor to go on, empty if there is nothing more. Without whole, the documents stay empty.
func (e *Engine) scan(ctx context.Context, name string, q store.Query, whole bool, found func(store.Doc) bool) (string, error) {
	leave, err := e.enter()
	if err != nil {
		return "", err
	}
	defer leave()
	c, err := e.collection(name)
	if err != nil {
		return "", err
	}
	plan, err := keys.Compile(c.schema, q)
	if err != nil || plan.Empty() {
		return "", err
	}
	from := pdb.Reader(e.db)
	// a single iterator sees one moment by itself; several, or one with documents, do not
	if whole && plan.Holds == nil && !c.schema.Keys || len(plan.Heads) > 1 {
		snapshot := e.db.NewSnapshot()
		defer snapshot.Close()
		from = snapshot
	}
	m, err := newMerge(from, c.prefix(plan.Index), plan)
	if err != nil {
		return "", err
	}
	defer m.close()
	for examined := 1; ; examined++ {
		tail, ok := m.next()
		if !ok {
			return "", m.err()
		}
		if examined%checkEvery == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		var doc store.Doc
		if whole {
			if doc, err = fetch(from, c, plan, tail, m.held); err != nil {
				return "", err
			}
		}
		if more := !plan.Match(doc.Data) || found(doc); !more || len(plan.Where) > 0 && examined >= q.MaxExamined {
			if m.more() {
				return plan.Cursor(tail), nil
			}
			return "", m.err()
		}
	}
}

// fetch returns the document that an index entry points to, or as much of it as is held there.
func fetch(from pdb.Reader, c *collection, plan *keys.Plan, tail, held []byte) (store.Doc, error) {
	id, err := plan.ID(tail)
	if err != nil {
		return store.Doc{}, err
	}
	switch {
	case c.schema.Keys:
		return store.Doc{ID: id}, nil
	case plan.Holds != nil:
		return keys.HeldDocument(id, plan.Holds, held)
	}
	data, err := load(from, c.key(id))
	if err != nil {
		return store.Doc{}, err
	}
	if data == nil {
		return store.Doc{}, fmt.Errorf("store: index %q points to %s, which is missing", plan.Index, id)
	}
	return store.Doc{ID: id, Version: keys.Version(data), Data: data}, nil
}

// merge walks the entries of several heads together, in the order of their tails, each tail once.
type merge struct {
	runs    []run
	reverse bool
	last    []byte
	holds   bool
	held    []byte // what the last entry holds
	failed  error
}

// run is one head's entries.
type run struct {
	it   *pdb.Iterator
	head int // how long the head is, behind which a key's tail begins
	ok   bool
}

func newMerge(from pdb.Reader, prefix []byte, plan *keys.Plan) (*merge, error) {
	m := &merge{reverse: plan.Reverse, holds: plan.Holds != nil}
	for _, head := range plan.Heads {
		r, err := newRun(from, slices.Concat(prefix, head), plan)
		if err != nil {
			m.close()
			return nil, unavailable(err)
		}
		m.runs = append(m.runs, r)
	}
	return m, nil
}

func newRun(from pdb.Reader, whole []byte, plan *keys.Plan) (run, error) {
	o := &pdb.IterOptions{LowerBound: slices.Concat(whole, plan.Lower)}
	if plan.Upper != nil {
		o.UpperBound = slices.Concat(whole, plan.Upper)
	} else {
		o.UpperBound = keys.PrefixEnd(whole)
	}
	it, err := from.NewIter(o)
	r := run{it: it, head: len(whole)}
	if err == nil {
		r.seek(whole, plan)
	}
	return r, err
}

// seek goes to the first entry, or behind the cursor's.
func (r *run) seek(head []byte, plan *keys.Plan) {
	switch after := slices.Concat(head, plan.After); {
	case plan.After == nil && plan.Reverse:
		r.ok = r.it.Last()
	case plan.After == nil:
		r.ok = r.it.First()
	case plan.Reverse:
		r.ok = r.it.SeekLT(after)
	default:
		r.ok = r.it.SeekGE(append(after, 0))
	}
}

func (r *run) tail() []byte { return r.it.Key()[r.head:] }

func (r *run) step(reverse bool) {
	if reverse {
		r.ok = r.it.Prev()
	} else {
		r.ok = r.it.Next()
	}
}

// next returns the next tail, which stays valid until the following call.
func (m *merge) next() ([]byte, bool) {
	var first *run
	for i := range m.runs {
		r := &m.runs[i]
		if !r.ok {
			continue
		}
		if first == nil || (bytes.Compare(r.tail(), first.tail()) < 0) != m.reverse && !bytes.Equal(r.tail(), first.tail()) {
			first = r
		}
	}
	if first == nil {
		return nil, false
	}
	m.last = append(m.last[:0], first.tail()...)
	if m.holds {
		held, err := first.it.ValueAndErr()
		if err != nil {
			m.failed = unavailable(err)
			return nil, false
		}
		m.held = append(m.held[:0], held...)
	}
	for i := range m.runs { // a document with several values of the In has the same tail under each
		if r := &m.runs[i]; r.ok && bytes.Equal(r.tail(), m.last) {
			r.step(m.reverse)
		}
	}
	return m.last, true
}

func (m *merge) more() bool {
	for i := range m.runs {
		if m.runs[i].ok {
			return true
		}
	}
	return false
}

func (m *merge) err() error {
	if m.failed != nil {
		return m.failed
	}
	for _, r := range m.runs {
		if err := r.it.Error(); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

func (m *merge) close() {
	for _, r := range m.runs {
		_ = r.it.Close() // its error is the one that err reported
	}
}
