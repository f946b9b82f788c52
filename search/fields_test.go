package search

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wasl/store"
)

// Things are found by a field's value and come in the order of the values, page by page, also after they changed.
func TestFieldsAreFoundAndSorted(t *testing.T) {
	values := []string{"", "gold", "GOLD", "silver", "a/b", "זהב", "10"}
	s := newShelf(t)
	rapid.Check(t, func(rt *rapid.T) {
		s.empty()
		index, model := NewFieldIndex(s.engine, Contacts), map[string]map[string]string{}
		for range rapid.IntRange(0, 25).Draw(rt, "writes") {
			id := fmt.Sprint("con_", rapid.IntRange(0, 8).Draw(rt, "thing"))
			next := map[string]string{
				"plan":  rapid.SampledFrom(values).Draw(rt, "plan"),
				"pl/an": rapid.SampledFrom(values).Draw(rt, "other"),
			}
			if err := s.engine.Write(rt.Context(), index.Changes(s.workspace, id, model[id], next)...); err != nil {
				rt.Fatal(err)
			}
			model[id] = next
		}
		for _, q := range []FieldQuery{
			{Field: "plan"}, {Field: "plan", Descending: true}, {Field: "PLAN", Value: "Gold"}, {
				Field: "pl/an", Value: "a/b",
				Descending: true,
			}, {Field: "none"},
		} {
			field := strings.ToLower(q.Field)
			var want []string
			for id, fields := range model {
				if value := part(fields[field]); value != "" && (q.Value == "" || value == part(q.Value)) {
					want = append(want, id)
				}
			}
			slices.SortFunc(want, func(a, b string) int {
				order := cmp.Or(cmp.Compare(part(model[a][field]), part(model[b][field])), cmp.Compare(a, b))
				if q.Descending {
					return -order
				}
				return order
			})
			var found []string
			for q.Limit = rapid.IntRange(1, 4).Draw(rt, "limit"); ; {
				ids, next, err := index.Find(rt.Context(), s.workspace, q)
				if err != nil || len(ids) > q.Limit {
					rt.Fatalf("%+v: %v, %v", q, ids, err)
				}
				found = append(found, ids...)
				if q.Cursor = next; next == "" {
					break
				}
			}
			if !slices.Equal(found, want) {
				rt.Fatalf("%+v: %v, want %v of %v", q, found, want, model)
			}
			if other, _, err := index.Find(rt.Context(), "other", q); err != nil || len(other) > 0 {
				rt.Fatalf("another workspace finds %v, %v", other, err)
			}
		}
		if _, _, err := index.Find(rt.Context(), s.workspace, FieldQuery{Field: "plan", Cursor: "%", Limit: 1}); !errors.Is(err,
			store.ErrBadCursor) {
			rt.Fatal(err)
		}
	})
}
