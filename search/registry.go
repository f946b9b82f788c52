package search

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/text"
)

// Name is what the API calls a kind of things that are found.
type Name string

// Query is what somebody looks for.
type Query struct {
	Text string
	// Channels and From narrow what was said in conversations: to channels, and to who said it, which are ids of users or of
	// contacts, FromCustomers or FromAgents. None: all.
	Channels, From []string
	Since          time.Time // when it was said; zero: always
	Cursor         string
	Limit          int
}

// Whoever said something, beside ids of users and contacts.
const (
	FromCustomers = "customers"
	FromAgents    = "agents"
)

// narrowed reports whether only what was said in conversations can be meant.
func (q Query) narrowed() bool { return len(q.Channels)+len(q.From) > 0 || !q.Since.IsZero() }

// Highlight is where a thing has what was looked for.
type Highlight struct {
	Field string `json:"field" doc:"What of the thing it is"`
	ID    string `json:"id,omitempty" doc:"Of a file: which"`
	text.Excerpt
}

// excerpted is how many characters an excerpt has.
const excerpted = 240

// Shown is a text that a thing may be found by.
type Shown struct {
	Field, ID, Text string
}

// Highlights are the texts that have one of the terms, in this order; where none has, the first of them alone, without marks.
func Highlights(terms []string, texts ...Shown) []Highlight {
	out := []Highlight{}
	for _, t := range texts {
		if t.Text == "" {
			continue
		}
		if e := text.Around(t.Text, terms, excerpted); len(e.Marks) > 0 {
			out = append(out, Highlight{t.Field, t.ID, e})
		}
	}
	if len(out) == 0 && len(texts) > 0 {
		out = append(out, Highlight{texts[0].Field, texts[0].ID, text.Around(texts[0].Text, nil, excerpted)})
	}
	return out
}

// Feature is a kind of things as the package that keeps them registers it. V is how one is shown, with its highlights.
type Feature[V any] struct {
	Name Name
	May  access.Permission // who may look for them at all
	Said bool              // they are said in conversations: see Query
	// Find returns those that the viewer may see, newest first, and the cursor for more.
	Find func(ctx context.Context, v access.Viewer, q Query) ([]V, string, error)
}

// Registry is all kinds of things that are found, in the order in which they were added.
type Registry struct{ kinds []kind }

type kind struct {
	name  Name
	may   access.Permission
	said  bool
	shown reflect.Type
	find  func(ctx context.Context, v access.Viewer, q Query) (Group, error)
}

// Group is what was found of a kind.
type Group struct {
	Name  Name
	Items any // a slice, never nil
	Next  string
}

// Add adds a kind, before the routes are.
func Add[V any](r *Registry, f Feature[V]) {
	if slices.ContainsFunc(r.kinds, func(k kind) bool { return k.name == f.Name }) {
		panic("search: " + string(f.Name) + " is registered twice")
	}
	find := func(ctx context.Context, v access.Viewer, q Query) (Group, error) {
		found, next, err := f.Find(ctx, v, q)
		if found == nil {
			found = []V{}
		}
		return Group{f.Name, found, next}, err
	}
	r.kinds = append(r.kinds, kind{f.Name, f.May, f.Said, reflect.TypeFor[[]V](), find})
}

// names are the kinds, with commas.
func (r *Registry) names() string {
	all := make([]string, len(r.kinds))
	for n, k := range r.kinds {
		all[n] = string(k.name)
	}
	return strings.Join(all, ", ")
}

// asked are the kinds that are looked through for somebody: those named (none: all) that they may look for and that the query can mean.
func (r *Registry) asked(v access.Viewer, names []string, q Query) ([]kind, error) {
	var out []kind
	for _, k := range r.kinds {
		if named := len(names) == 0 || slices.Contains(names, string(k.name)); named && v.Can(k.may) && (k.said || !q.narrowed()) {
			out = append(out, k)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(r.kinds, func(k kind) bool { return string(k.name) == name }) {
			return nil, errs.InvalidField("invalid_filter", "kinds", "one of "+r.names())
		}
	}
	return out, nil
}

// Find looks through the kinds that are asked for. A cursor goes on with the first of them alone.
func (r *Registry) Find(ctx context.Context, v access.Viewer, names []string, q Query) ([]Group, error) {
	kinds, err := r.asked(v, names, q)
	if err != nil {
		return nil, err
	}
	if q.Cursor != "" && len(kinds) > 1 {
		kinds = kinds[:1]
	}
	found := make([]Group, len(kinds))
	for n, k := range kinds {
		if found[n], err = k.find(ctx, v, q); err != nil {
			return nil, err
		}
	}
	return found, nil
}
