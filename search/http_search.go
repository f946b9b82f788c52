package search

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
)

// Guard is what the route asks of the package that knows who is calling.
type Guard interface {
	Operation(op huma.Operation, p access.Permission) huma.Operation
}

type input struct {
	web.Page
	Q       string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Words that all must be found, the last one also by its beginning; or digits of a number"`
	Kinds   string `query:"kinds" maxLength:"200" doc:"Which kinds, several with commas; none: all"`
	Channel string `query:"channel" maxLength:"2000" doc:"Only what was said on these channels"`
	From    string `query:"from" maxLength:"2000" doc:"Only what these said: customers, agents, or ids of users or contacts"`
	Since   string `query:"since" maxLength:"40" doc:"Only what was said at this time or later, as RFC 3339 or as a day in UTC"`
}

// query is what is asked, and of which kinds.
func (in *input) query() (q Query, kinds []string, err error) {
	list := func(given string) (out []string) {
		for v := range strings.SplitSeq(given, ",") {
			if v = strings.TrimSpace(v); v != "" {
				out = append(out, v)
			}
		}
		return out
	}
	q = Query{Text: in.Q, Channels: list(in.Channel), From: list(in.From), Cursor: in.Cursor, Limit: in.Limit}
	if in.Since != "" {
		if q.Since, err = time.Parse(time.RFC3339, in.Since); err != nil {
			q.Since, err = time.Parse(time.DateOnly, in.Since)
		}
		if err != nil {
			return q, nil, errs.InvalidField("invalid_filter", "since", "a time such as 2026-05-01T00:00:00Z, or a day")
		}
	}
	return q, list(in.Kinds), nil
}

// answer is what was found, by kind: a list for each, the cursor that goes on with the first kind, and for each kind of which there is
// more its own.
type answer struct{ groups []Group }

// MarshalJSON writes the kinds as they were registered.
func (a answer) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	more, next := map[Name]string{}, ""
	out.WriteByte('{')
	for n, g := range a.groups {
		items, err := json.Marshal(g.Items)
		if err != nil {
			return nil, err
		}
		name, _ := json.Marshal(g.Name) // a string always encodes
		out.Write(append(append(append(name, ':'), items...), ','))
		if g.Next != "" {
			more[g.Name] = g.Next
		}
		if n == 0 {
			next = g.Next
		}
	}
	rest, err := json.Marshal(struct {
		Next string          `json:"next_cursor"`
		More map[Name]string `json:"cursors"`
	}{next, more})
	out.Write(rest[1:])
	return out.Bytes(), err
}

// Schema is part of what the route says of itself, because kinds are registered.
func (answer) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeObject} }

// Routes adds the route, once all kinds are registered. from returns who is calling.
func (r *Registry) Routes(api huma.API, guard Guard, from func(context.Context) access.Viewer) {
	op := guard.Operation(huma.Operation{
		Method: http.MethodGet, Path: "/api/v1/search", OperationID: "search", Summary: "Search all history", Tags: []string{"Search"},
	}, access.ReadConversations)
	op.Description = "A list for each kind that the caller may look for, newest first: " + r.names() + ". What is not said in conversations " +
		"has no list where channel, from or since are asked for. highlights say where the words are, by places in code points."
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: r.schema(api)},
	}}}
	huma.Register(api, op, func(ctx context.Context, in *input) (*web.Body[answer], error) {
		q, kinds, err := in.query()
		if err != nil {
			return nil, err
		}
		found, err := r.Find(ctx, from(ctx), kinds, q)
		if err != nil {
			return nil, err
		}
		return web.Answer(answer{found}), nil
	})
}

// schema describes the answer: only the kinds that were asked are in it.
func (r *Registry) schema(api huma.API) *huma.Schema {
	known := api.OpenAPI().Components.Schemas
	all := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false, Properties: map[string]*huma.Schema{
		"next_cursor": {Type: huma.TypeString, Description: "Goes on with the first kind that was asked for; empty at its end"},
		"cursors": {
			Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString},
			Description: "For each kind of which there is more, the cursor that goes on with it where it alone is asked for",
		},
	}, Required: []string{"next_cursor", "cursors"}}
	for _, k := range r.kinds {
		list := known.Schema(k.shown, true, string(k.name))
		list.Nullable = false
		all.Properties[string(k.name)] = list
	}
	return all
}
