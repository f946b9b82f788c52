package search

import (
	"context"
	"encoding/base64"
	"strings"

	"wasl/internal/text"
	"wasl/store"
)

// fieldSchema has a row for each custom field of each thing: workspace, kind, field, value, id.
var fieldSchema = store.Schema{Name: "field_values", Keys: true}

// maxValue is how many bytes of a value count.
const maxValue = 100

// FieldIndex finds things of a kind by their custom fields, whatever fields there are. Values are compared as text.Fold makes them.
type FieldIndex struct {
	kind Kind
	rows store.KeySet
}

// NewFieldIndex returns the index of a kind.
func NewFieldIndex(engine store.Engine, kind Kind) *FieldIndex {
	return &FieldIndex{kind, store.NewKeySet(engine, fieldSchema)}
}

// FieldQuery asks for the things that have a field.
type FieldQuery struct {
	Field      string
	Value      string // only those with this value, in the order of their ids; empty: all, in the order of their values
	Descending bool
	Cursor     string
	Limit      int
}

// part is a field's name or value as rows have it.
func part(s string) string {
	s = strings.ReplaceAll(text.Fold(strings.TrimSpace(s)), separator, "\u2044") // another slash
	if len(s) > maxValue {
		s = strings.ToValidUTF8(s[:maxValue], "")
	}
	return s
}

// Changes returns the rows to be written with a thing whose fields change.
func (x *FieldIndex) Changes(workspaceID, id string, before, after map[string]string) (all []store.Change) {
	was, is := x.rowsOf(workspaceID, id, before), x.rowsOf(workspaceID, id, after)
	for key := range was {
		if !is[key] {
			all = append(all, x.rows.Remove(key))
		}
	}
	for key := range is {
		if !was[key] {
			all = append(all, x.rows.Put(key))
		}
	}
	return all
}

func (x *FieldIndex) rowsOf(workspaceID, id string, fields map[string]string) map[string]bool {
	rows := make(map[string]bool, len(fields))
	for name, value := range fields {
		if name, value = part(name), part(value); name != "" && value != "" {
			rows[prefix(workspaceID, x.kind)+name+separator+value+separator+id] = true
		}
	}
	return rows
}

// Find returns the ids of the things, with the cursor to go on.
func (x *FieldIndex) Find(ctx context.Context, workspaceID string, q FieldQuery) (ids []string, next string, err error) {
	beginning := prefix(workspaceID, x.kind) + part(q.Field) + separator
	if q.Value != "" {
		beginning += part(q.Value) + separator
	}
	after, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil {
		return nil, "", store.ErrBadCursor
	}
	within, find := store.Range{Prefix: beginning}, x.rows.Find
	if q.Descending {
		find = x.rows.FindLast
	}
	switch position := beginning + strings.ToValidUTF8(string(after), ""); {
	case len(after) == 0:
	case q.Descending:
		within = store.Range{From: beginning, To: position, ExcludeTo: true}
	default:
		within = store.Range{From: position, ExcludeFrom: true, To: beginning + lastKey}
	}
	rows, err := find(ctx, within, q.Limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		next = base64.RawURLEncoding.EncodeToString([]byte(rows[q.Limit-1][len(beginning):]))
	}
	for _, r := range rows {
		ids = append(ids, idOf(r))
	}
	return ids, next, nil
}
