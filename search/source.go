package search

import (
	"context"
	"slices"
	"strings"
	"time"

	"wasl/internal/access"
	"wasl/store"
)

// Source is the things of one kind, T, that can be found.
type Source[T any] struct {
	kind Kind
	rows store.KeySet
	load func(ctx context.Context, v access.Viewer, ids []string) (map[string]Found[T], error)
}

// Found is a thing that may be shown, with the words under which it is in the index.
type Found[T any] struct {
	Item  T
	Words []string
}

// NewSource returns the source of a kind. load returns, by id, those of the things that exist and the viewer may see.
func NewSource[T any](
	engine store.Engine, kind Kind, load func(ctx context.Context, v access.Viewer, ids []string) (map[string]Found[T], error),
) *Source[T] {
	return &Source[T]{kind: kind, rows: store.NewKeySet(engine, wordSchema), load: load}
}

// Changes returns the rows to be written with a thing: before is what the index knows of it, its zero value nothing.
func (s *Source[T]) Changes(workspaceID string, before, after Entry) []store.Change {
	return changes(s.rows, prefix(workspaceID, s.kind), before, after)
}

const (
	// rareEnough is how far the rows of a term are counted to find the rarest: what is rarer is gone through in few steps.
	rareEnough = 1000
	// maxExamined bounds how many rows one page looks at.
	maxExamined = 5000
	// maxLoaded bounds how many things one page loads of which not all are kept.
	maxLoaded = 1000
	// step is how many rows are looked at together where other terms are probed.
	step = 200
)

// Ask is what is asked of a source.
type Ask[T any] struct {
	Terms  []string  // all must be found; see Find
	Since  time.Time // zero: always
	Keep   func(T) bool
	Cursor string
	Limit  int
}

// Find returns the things that have every term, newest first, of those that Keep (nil: all) selects. While no whole word is the last
// term, it stands for the words that begin with it; if those have very many rows, they come in portions, each newest first. A page of
// which much had to be looked at may be short, or empty, and still not the last one.
func (s *Source[T]) Find(ctx context.Context, v access.Viewer, ask Ask[T]) ([]T, string, error) {
	if len(ask.Terms) == 0 {
		return nil, "", nil
	}
	w := &walk[T]{Source: s, viewer: v, prefix: prefix(v.WorkspaceID, s.kind), terms: ask.Terms, keep: ask.Keep}
	if !ask.Since.IsZero() {
		w.since = stamp(ask.Since)
	}
	var err error
	if ask.Cursor != "" {
		err = w.decode(ask.Cursor)
	} else if err = w.plan(ctx); err == nil && w.nothing {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return w.page(ctx, ask.Limit)
}

// Known reports whether anything of the workspace has a word that begins so.
func (s *Source[T]) Known(ctx context.Context, workspaceID, beginning string) (bool, error) {
	n, err := s.rows.Count(ctx, store.Range{Prefix: prefix(workspaceID, s.kind) + beginning}, 1)
	return n > 0, err
}

// walk is one search.
type walk[T any] struct {
	*Source[T]
	viewer  access.Viewer
	prefix  string
	terms   []string
	since   string // the stamp from which on things count; empty: always
	keep    func(T) bool
	nothing bool // a term has no rows
	at      progress
}

// whole is the beginning of the rows of a word.
func (w *walk[T]) whole(word string) string { return w.prefix + word + separator }

// plan chooses the term whose rows are gone through: the rarest.
func (w *walk[T]) plan(ctx context.Context) error {
	last, fewest := len(w.terms)-1, rareEnough+1
	for n, term := range w.terms {
		ceiling := min(rareEnough, fewest)
		if last == 0 {
			ceiling = 1 // there is no choice
		}
		count, err := w.rows.Count(ctx, store.Range{Prefix: w.whole(term)}, ceiling)
		if err == nil && count == 0 && n == last {
			w.at.Begun = true
			count, err = w.rows.Count(ctx, store.Range{Prefix: w.prefix + term}, ceiling)
		}
		if err != nil {
			return err
		}
		if count == 0 {
			w.nothing = true
			return nil
		}
		if count < fewest {
			w.at.Asked, fewest = n, count
		}
	}
	return nil
}

// page goes on until limit things are found, or so much was looked at that the next page goes on.
func (w *walk[T]) page(ctx context.Context, limit int) ([]T, string, error) {
	var found []T
	probed := w.probed()
	for examined, loaded := 0, 0; examined < maxExamined && loaded < maxLoaded && len(found) < limit; {
		left := limit - len(found)
		n := left
		if len(probed) > 0 || w.keep != nil {
			n = step
		}
		at := w.at
		rows, more, err := w.next(ctx, n)
		if err != nil {
			return nil, "", err
		}
		examined += len(rows)
		candidates, err := w.probe(ctx, rows, probed)
		if err != nil {
			return nil, "", err
		}
		again := func(last string) { // the others are looked at by the next page
			more, w.at = true, at
			w.at.After = row(last).position()
		}
		if w.keep == nil && len(candidates) > left {
			candidates = candidates[:left]
			again(candidates[left-1])
		}
		some, of, err := w.take(ctx, candidates, at.From)
		if err != nil {
			return nil, "", err
		}
		if loaded += len(candidates); len(some) > left {
			some = some[:left]
			again(of[left-1])
		}
		if found = append(found, some...); !more {
			return found, "", nil
		}
	}
	return found, w.at.encode(), nil
}

// probed are the terms whose rows tell whether something has them; that of a beginning is told by the thing's words.
func (w *walk[T]) probed() (terms []string) {
	for n, term := range w.terms {
		if n != w.at.Asked && !(w.at.Begun && n == len(w.terms)-1) {
			terms = append(terms, term)
		}
	}
	return terms
}

// probe keeps the rows whose things have the terms too: rows of the same position say so.
func (w *walk[T]) probe(ctx context.Context, rows, terms []string) ([]string, error) {
	for _, term := range terms {
		if len(rows) == 0 {
			return nil, nil
		}
		wanted := make([]string, len(rows))
		for n, r := range rows {
			wanted[n] = w.whole(term) + row(r).position()
		}
		there, err := w.rows.Has(ctx, wanted...)
		if err != nil {
			return nil, err
		}
		kept := rows[:0:0]
		for n, r := range rows {
			if there[wanted[n]] {
				kept = append(kept, r)
			}
		}
		rows = kept
	}
	return rows, nil
}

// take loads what the rows are of, as far as the viewer may see it, it is kept, and it was not found in a portion before from; with the
// row of each.
func (w *walk[T]) take(ctx context.Context, rows []string, from string) (items []T, of []string, err error) {
	if len(rows) == 0 {
		return nil, nil, nil
	}
	ids := make([]string, len(rows))
	for n, r := range rows {
		ids[n] = idOf(row(r).position())
	}
	loaded, err := w.load(ctx, w.viewer, ids)
	if err != nil {
		return nil, nil, err
	}
	for n, r := range rows {
		if f, ok := loaded[ids[n]]; ok && w.fits(f.Words, row(r).position(), from) && (w.keep == nil || w.keep(f.Item)) {
			items, of = append(items, f.Item), append(of, r)
		}
	}
	return items, of, nil
}

// fits checks what rows do not say: that a word begins with the last term, and that no earlier portion had such a word of the thing.
func (w *walk[T]) fits(words []string, position, from string) bool {
	if !w.at.Begun {
		return true
	}
	beginning := w.terms[len(w.terms)-1]
	portioned := w.at.Asked == len(w.terms)-1
	begins := func(word string) bool { return strings.HasPrefix(word, beginning) }
	earlier := func(word string) bool {
		return begins(word) && w.whole(word)+position <= w.prefix+beginning+from
	}
	return slices.ContainsFunc(words, begins) && !(portioned && from != "" && slices.ContainsFunc(words, earlier))
}
