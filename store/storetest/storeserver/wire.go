// Package storeserver lets several processes share one embedded store in tests, as they would share a MongoDB: a Link
// serves an engine on a local socket and can be slowed, cut, and cut between a commit and its answer.
package storeserver

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"strings"
	"time"

	"wasl/store"
	"wasl/store/internal/keys"
)

// service is the name under which a link offers its methods.
const service = "Store"

// Request carries the arguments of every method; each uses some. It is exported for package rpc only, like Response.
type Request struct {
	Timeout    time.Duration // what is left of the caller's deadline, 0 for none
	Collection string
	IDs        []string
	Query      store.Query
	Ceiling    int
	Changes    []store.Change
	Schemas    []store.Schema
}

// Response carries the results of every method, and which of wellKnown its error is.
type Response struct {
	Docs  []store.Doc
	Next  string
	Count int
	Known []int
	Error string
}

// wellKnown are the errors that callers tell apart, so they travel.
func wellKnown() []error {
	return []error{
		store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrBadQuery, store.ErrBadCursor,
		context.Canceled, context.DeadlineExceeded, store.ErrUnavailable,
	}
}

func (r *Response) fail(err error) {
	if err == nil {
		return
	}
	r.Error = err.Error()
	for i, known := range wellKnown() {
		if errors.Is(err, known) {
			r.Known = append(r.Known, i)
		}
	}
}

func (r *Response) err() error {
	if r.Error == "" {
		return nil
	}
	remote := remoteError{text: r.Error}
	for _, i := range r.Known {
		remote.known = append(remote.known, wellKnown()[i])
	}
	return remote
}

// remoteError is an error of the engine behind the link.
type remoteError struct {
	text  string
	known []error
}

func (e remoteError) Error() string   { return e.text }
func (e remoteError) Unwrap() []error { return e.known }

// null stands for nil inside a list, which gob cannot carry.
type null string

// register teaches gob what a query's values may be. Doing it again changes nothing.
func register() {
	gob.Register(store.In{})
	gob.Register(time.Time{})
	gob.Register(null(""))
}

// packed returns q with values that gob can carry.
func packed(q store.Query) (store.Query, error) {
	return converted(q, func(v any) (any, error) {
		v, err := keys.Normalise(v)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", store.ErrBadQuery, err)
		}
		if v == nil {
			return null(""), nil
		}
		return v, nil
	})
}

// unpacked is the reverse of packed.
func unpacked(q store.Query) store.Query {
	q, _ = converted(q, func(v any) (any, error) {
		if _, isNull := v.(null); isNull {
			return nil, nil
		}
		return v, nil
	})
	return q
}

func converted(q store.Query, one func(any) (any, error)) (store.Query, error) {
	var errs []error
	value := func(v any) any {
		in, isIn := v.(store.In)
		if !isIn {
			v, err := one(v)
			errs = append(errs, err)
			return v
		}
		out := make(store.In, len(in))
		for i := range in {
			v, err := one(in[i])
			errs = append(errs, err)
			out[i] = v
		}
		return out
	}
	eq := make([]any, len(q.Eq))
	for i := range q.Eq {
		eq[i] = value(q.Eq[i])
	}
	q.Eq = eq
	if q.Range != nil {
		r := *q.Range
		r.From, r.To = value(r.From), value(r.To)
		q.Range = &r
	}
	where := make([]store.Cond, len(q.Where))
	for i, c := range q.Where {
		c.Value = value(c.Value)
		where[i] = c
	}
	q.Where = where
	return q, errors.Join(errs...)
}

// network tells a Unix socket's path from a TCP address.
func network(addr string) string {
	if strings.Contains(addr, "/") {
		return "unix"
	}
	return "tcp"
}
