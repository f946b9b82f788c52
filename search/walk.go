package search

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"unicode"

	"wasl/store"
)

// lastKey comes after whatever follows a beginning in a row.
const lastKey = string(unicode.MaxRune)

// portion is how many rows of a beginning are sorted together.
const portion = 1000

// progress is how far a search got; it is its cursor.
type progress struct {
	Asked int    `json:"a"`           // the term whose rows are gone through
	Begun bool   `json:"b,omitempty"` // the last term is the beginning of a word
	After string `json:"k,omitempty"` // the position of the last row
	// From and To are what follows the beginning in the rows between which the portion lies: behind From, up to To.
	From string `json:"f,omitempty"`
	To   string `json:"t,omitempty"`
}

func (p progress) encode() string {
	data, _ := json.Marshal(p) // strings and numbers always encode
	return base64.RawURLEncoding.EncodeToString(data)
}

func (w *walk[T]) decode(cursor string) error {
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(data, &w.at) != nil || w.at.Asked < 0 || w.at.Asked >= len(w.terms) {
		return store.ErrBadCursor
	}
	return nil
}

// next returns the next rows, at most n, and whether there are more.
func (w *walk[T]) next(ctx context.Context, n int) (rows []string, more bool, err error) {
	if w.at.Begun && w.at.Asked == len(w.terms)-1 {
		return w.nextOfBeginning(ctx, n)
	}
	word := w.whole(w.terms[w.at.Asked])
	within := store.Range{Prefix: word}
	switch {
	case w.at.After != "":
		within = store.Range{From: word + w.since, To: word + w.at.After, ExcludeTo: true}
	case w.since != "":
		within = store.Range{From: word + w.since, To: word + lastKey}
	}
	rows, err = w.rows.FindLast(ctx, within, n+1)
	return w.cut(rows, n, err)
}

// cut keeps at most n rows and notes the last one's position.
func (w *walk[T]) cut(rows []string, n int, err error) ([]string, bool, error) {
	more := len(rows) > n
	rows = rows[:min(n, len(rows))]
	if len(rows) > 0 {
		w.at.After = row(rows[len(rows)-1]).position()
	}
	return rows, more, err
}

// nextOfBeginning returns the next rows of a portion of a beginning's rows, newest first, each thing once. At its end the next portion
// begins.
func (w *walk[T]) nextOfBeginning(ctx context.Context, n int) ([]string, bool, error) {
	beginning := w.prefix + w.terms[w.at.Asked]
	within := store.Range{From: beginning + w.at.From, ExcludeFrom: w.at.From != "", To: beginning + lastKey}
	if w.at.To != "" {
		within.To = beginning + w.at.To
	}
	all, err := w.rows.Find(ctx, within, portion)
	if err != nil || len(all) == 0 {
		return nil, false, err
	}
	end := all[len(all)-1][len(beginning):]
	further := w.at.To != "" || len(all) == portion // there may be another portion
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(row(b).position(), row(a).position()) })
	all = slices.CompactFunc(all, func(a, b string) bool { return row(a).position() == row(b).position() })
	if w.since != "" {
		older, _ := slices.BinarySearchFunc(all, w.since, func(r, since string) int { return cmp.Compare(since, row(r).position()) })
		all = all[:older]
	}
	if w.at.After != "" {
		at, there := slices.BinarySearchFunc(all, w.at.After, func(r, after string) int { return cmp.Compare(after, row(r).position()) })
		if there {
			at++
		}
		all = all[at:]
	}
	rows, more, _ := w.cut(all, n, nil)
	switch {
	case more && further && w.at.To == "":
		w.at.To = end
	case !more && further:
		w.at.From, w.at.To, w.at.After = cmp.Or(w.at.To, end), "", ""
		more = true
	}
	return rows, more, nil
}
