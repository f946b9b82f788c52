package storetest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wasl/store"
)

// record is a document as the model sees it: Go values under field names; "place.city" lies in a nested map.
type record map[string]any

// row is one entry of an index for one document: the values that give the order, the id last.
type row struct {
	order []any
	rec   record
}

// model answers queries the slow and obvious way.
type model struct {
	schema store.Schema
	docs   map[string]record
}

// find returns all rows of a query in order, before any limit and condition.
func (m model) find(q store.Query) []row {
	var fields []store.Field
	for _, ix := range m.schema.Indexes {
		if ix.Name == q.Index {
			fields = slices.Clone(ix.Fields)
		}
	}
	fields = append(fields, store.Field{Path: "_id", Desc: len(fields) > 0 && fields[len(fields)-1].Desc})
	var rows []row
	for _, rec := range m.docs {
		for _, entry := range entriesOf(rec, fields) {
			order := entry[len(q.Eq):]
			if !equalAll(entry, q.Eq) || q.Range != nil && !within(order[0], *q.Range) {
				continue
			}
			if !slices.ContainsFunc(rows, func(r row) bool { return compareAll(r.order, order) == 0 }) {
				rows = append(rows, row{order, rec})
			}
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		for i, f := range fields[len(q.Eq):] {
			c := compare(a.order[i], b.order[i])
			if f.Desc != q.Reverse {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return rows
}

func entriesOf(rec record, fields []store.Field) [][]any {
	entries := [][]any{nil}
	for _, f := range fields {
		var longer [][]any
		for _, v := range valuesAt(rec, f.Path) {
			for _, entry := range entries {
				longer = append(longer, append(slices.Clone(entry), v))
			}
		}
		entries = longer
	}
	return entries
}

func at(rec record, path string) any {
	name, rest, nested := strings.Cut(path, ".")
	v := rec[name]
	if inner, ok := v.(record); nested && ok {
		return at(inner, rest)
	} else if nested {
		return nil
	}
	return v
}

func valuesAt(rec record, path string) []any {
	if many, ok := at(rec, path).([]any); ok {
		return many
	}
	return []any{at(rec, path)}
}

func equalAll(entry, eq []any) bool {
	for i, want := range eq {
		in, ok := want.(store.In)
		if !ok {
			in = store.In{want}
		}
		if !slices.ContainsFunc(in, func(v any) bool { return compare(entry[i], v) == 0 }) {
			return false
		}
	}
	return true
}

func within(v any, r store.Range) bool {
	if r.Prefix != "" {
		s, ok := v.(string)
		return ok && strings.HasPrefix(s, r.Prefix)
	}
	if r.From != nil {
		if c := compare(v, r.From); kindOf(v) != kindOf(r.From) || c < 0 || c == 0 && r.ExcludeFrom {
			return false
		}
	}
	if r.To != nil {
		if c := compare(v, r.To); kindOf(v) != kindOf(r.To) || c > 0 || c == 0 && r.ExcludeTo {
			return false
		}
	}
	return true
}

func (m model) match(rec record, where []store.Cond) bool {
	for _, c := range where {
		v := at(rec, c.Path)
		_, isMany := v.([]any)
		equals := func(want any) bool { return !isMany && compare(v, want) == 0 }
		var ok bool
		switch c.Op {
		case store.Equal:
			ok = equals(c.Value)
		case store.NotEqual:
			ok = !equals(c.Value)
		case store.OneOf:
			ok = slices.ContainsFunc(c.Value.(store.In), equals)
		case store.Greater:
			ok = !isMany && kindOf(v) == kindOf(c.Value) && compare(v, c.Value) > 0
		case store.Less:
			ok = !isMany && kindOf(v) == kindOf(c.Value) && compare(v, c.Value) < 0
		}
		if !ok {
			return false
		}
	}
	return true
}

// kindOf orders the types.
func kindOf(v any) int {
	switch v.(type) {
	case nil:
		return 0
	case int, int32, int64:
		return 1
	case string:
		return 2
	case bool:
		return 3
	default:
		return 4
	}
}

func compare(a, b any) int {
	if c := cmp.Compare(kindOf(a), kindOf(b)); c != 0 || a == nil {
		return c
	}
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		return cmp.Compare(intOf(a), intOf(b))
	default:
		return cmp.Compare(intOf(a), intOf(b))
	}
}

func intOf(v any) int64 {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		return v
	case bool:
		if v {
			return 1
		}
	}
	return 0
}

func compareAll(a, b []any) int {
	return slices.CompareFunc(a, b, compare)
}
