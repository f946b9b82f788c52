package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wasl/internal/access"
	"wasl/internal/text"
	"wasl/store"
	"wasl/store/pebble"
)

// shelf keeps things of a kind, of which a viewer does not see those that are hidden.
type shelf struct {
	engine    *pebble.Engine
	source    *Source[string]
	workspace string
	things    map[string]thing
	since     int
	keep      func(id string) bool
}

// empty begins a workspace of its own in the same store.
func (s *shelf) empty() {
	s.workspace += "w"
	s.things = map[string]thing{}
}

type thing struct {
	second int
	words  []string
	hidden bool
}

func (t thing) entry(id string) Entry {
	return Entry{ID: id, At: time.UnixMilli(int64(t.second) * 1000), Words: text.Tokens(t.words...)}
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	engine, err := pebble.Open("search", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	if err := engine.Ensure(context.Background(), Schemas()...); err != nil {
		t.Fatal(err)
	}
	s := &shelf{engine: engine, workspace: "w", things: map[string]thing{}}
	s.source = NewSource(engine, Messages, func(_ context.Context, _ access.Viewer, ids []string) (map[string]Found[string], error) {
		found := map[string]Found[string]{}
		for _, id := range ids {
			if one, ok := s.things[id]; ok && !one.hidden {
				found[id] = Found[string]{Item: id, Words: text.Tokens(one.words...)}
			}
		}
		return found, nil
	})
	return s
}

// put stores a thing over what was there.
func (s *shelf) put(id string, next thing) error {
	before := Entry{}
	if old, there := s.things[id]; there {
		before = old.entry(id)
	}
	s.things[id] = next
	return s.engine.Write(context.Background(), s.source.Changes(s.workspace, before, next.entry(id))...)
}

// ask asks for what a query names, since a second and of the things that keep selects, where a test says so.
func (s *shelf) ask(query, cursor string, limit int) Ask[string] {
	ask := Ask[string]{Terms: text.Terms(query), Cursor: cursor, Limit: limit, Keep: s.keep}
	if s.since > 0 {
		ask.Since = time.UnixMilli(int64(s.since) * 1000)
	}
	return ask
}

func (s *shelf) all(query string, limit int) (found []string, err error) {
	for cursor := ""; ; {
		some, next, err := s.source.Find(context.Background(), access.Viewer{WorkspaceID: s.workspace}, s.ask(query, cursor, limit))
		if err != nil || len(some) > limit {
			return nil, fmt.Errorf("%d found: %w", len(some), err)
		}
		if found = append(found, some...); next == "" {
			return found, nil
		}
		cursor = next
	}
}

// naive walks over all things.
func (s *shelf) naive(query string) (found []string) {
	terms := text.Terms(query)
	last := terms[len(terms)-1]
	whole := false
	for _, one := range s.things {
		whole = whole || slices.Contains(text.Tokens(one.words...), last)
	}
	for id, one := range s.things {
		has := func(term string) bool {
			return slices.ContainsFunc(text.Tokens(one.words...), func(word string) bool {
				return word == term || !whole && term == last && strings.HasPrefix(word, last)
			})
		}
		wanted := one.second >= s.since && (s.keep == nil || s.keep(id))
		if !one.hidden && wanted && !slices.ContainsFunc(terms, func(term string) bool { return !has(term) }) {
			found = append(found, id)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		return cmp.Or(s.things[b].second-s.things[a].second, cmp.Compare(b, a))
	})
	return found
}

// Every page of every search is what a walk over all things finds, also after things changed.
func TestFindAnswersLikeANaiveOne(t *testing.T) {
	vocabulary := []string{"a", "ab", "abc", "abd", "b", "ba", "שלום", "שלומות", "אב"}
	s := newShelf(t)
	rapid.Check(t, func(rt *rapid.T) {
		s.empty()
		for range rapid.IntRange(0, 30).Draw(rt, "writes") {
			next := thing{
				rapid.IntRange(0, 4).Draw(rt, "second"), rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 4).Draw(rt,
					"words"), rapid.Bool().Draw(rt, "hidden"),
			}
			if err := s.put(fmt.Sprint("t_", rapid.IntRange(0, 9).Draw(rt, "thing")), next); err != nil {
				rt.Fatal(err)
			}
		}
		for _, query := range []string{"a", "ab", "abc b", "b a", "ab ba a", "c", "ab c", "של", "b של", "a abx", "abd ab שלומ", "א"} {
			limit := rapid.IntRange(1, 5).Draw(rt, "limit")
			s.since, s.keep = rapid.IntRange(0, 4).Draw(rt, "since"), nil
			if rapid.Bool().Draw(rt, "narrowed") {
				s.keep = func(id string) bool { return id[len(id)-1]%2 == 0 }
			}
			found, err := s.all(query, limit)
			if err != nil || !slices.Equal(found, s.naive(query)) {
				rt.Fatalf("%q in pages of %d: %v, %v, want %v", query, limit, found, err, s.naive(query))
			}
		}
	})
}

// A beginning that very many rows have comes in portions, each newest first and each thing once, whatever else is asked for.
func TestABeginningOfVeryManyWords(t *testing.T) {
	s := newShelf(t)
	for n := range 1500 {
		one := thing{
			second: n % 90, words: []string{fmt.Sprintf("ref%04d", n), fmt.Sprintf("ref%04d", (n*7)%1500), "also"},
			hidden: n%10 == 0,
		}
		if n%100 == 1 {
			one.words = append(one.words, "rare")
		}
		if err := s.put(fmt.Sprintf("t_%04d", n), one); err != nil {
			t.Fatal(err)
		}
	}
	for _, narrowed := range []int{0, 40} {
		s.since, s.keep = narrowed, nil
		if narrowed > 0 {
			s.keep = func(id string) bool { return id[len(id)-1] == '1' }
		}
		for _, query := range []string{"re", "also re", "rare re", "also"} {
			found, err := s.all(query, 7)
			want := s.naive(query)
			slices.Sort(found)
			slices.Sort(want)
			if err != nil || !slices.Equal(found, want) {
				t.Errorf("%q, narrowed: %d found, %v, want %d", query, len(found), err, len(want))
			}
		}
	}
	s.since, s.keep = 0, nil
	for query, want := range map[string]int{"re": 1350, "also re": 1350, "also ref00": 0, "rare re": 15, "ref0001 als": 2} {
		for _, limit := range []int{7, 50} {
			found, err := s.all(query, limit)
			if want == 0 {
				want = len(s.naive(query))
			}
			slices.Sort(found)
			if err != nil || len(found) != want || len(slices.Compact(found)) != want {
				t.Errorf("%q in pages of %d: %d found, %v, want each of %d once", query, limit, len(found), err, want)
			}
		}
	}
}

// What one workspace or kind has is not found by another.
func TestWorkspacesAndKindsAreApart(t *testing.T) {
	s := newShelf(t)
	if err := s.put("t_1", thing{words: []string{"bell"}}); err != nil {
		t.Fatal(err)
	}
	for _, workspace := range []string{"w2", "", "v"} {
		found, _, err := s.source.Find(t.Context(), access.Viewer{WorkspaceID: workspace}, s.ask("bell", "", 5))
		if err != nil || len(found) > 0 {
			t.Errorf("%q finds %v, %v", workspace, found, err)
		}
	}
	others := NewSource(s.engine, Contacts, s.source.load)
	found, _, err := others.Find(t.Context(), access.Viewer{WorkspaceID: "w"}, s.ask("be", "", 5))
	if err != nil || len(found) > 0 {
		t.Errorf("another kind finds %v, %v", found, err)
	}
}

// No cursor, whatever a stranger sends, leaves the search.
func FuzzCursor(f *testing.F) {
	s := newShelf(f)
	for n := range 30 {
		words := []string{"bell", fmt.Sprint("ref", n)}
		if err := s.put(fmt.Sprintf("t_%02d", n), thing{second: n, words: words}); err != nil {
			f.Fatal(err)
		}
	}
	outside := s.source.Changes("w2", Entry{}, thing{words: []string{"bell", "ref1"}}.entry("t_other"))
	if err := s.engine.Write(f.Context(), outside...); err != nil {
		f.Fatal(err)
	}
	s.things["t_other"] = thing{words: []string{"bell", "ref1"}}
	for _, p := range []progress{{After: "x"}, {Begun: true, From: "1", To: "9"}, {Asked: 1, After: "00000000000/t_3"}} {
		f.Add(p.encode())
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		for _, query := range []string{"bell", "re", "bell re"} {
			found, _, err := s.source.Find(t.Context(), access.Viewer{WorkspaceID: "w"}, s.ask(query, cursor, 3))
			if err != nil && !errors.Is(err, store.ErrBadCursor) {
				t.Fatalf("%q: %v", cursor, err)
			}
			if slices.Contains(found, "t_other") {
				t.Fatalf("%q left the workspace", cursor)
			}
		}
	})
}
