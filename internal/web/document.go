package web

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Complete makes the document say what huma does not know: that a pointer without omitempty may be null, and that every
// error is a problem. Call it when all routes are there.
func (s *Server) Complete() {
	registry := s.API.OpenAPI().Components.Schemas
	problems := map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "")}}
	for _, path := range s.API.OpenAPI().Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if op != nil {
				completeErrors(op, problems)
			}
		}
	}
	for name, schema := range registry.Map() {
		t := registry.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for _, field := range reflect.VisibleFields(t) {
			key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			property := schema.Properties[key]
			if property != nil && field.Type.Kind() == reflect.Pointer && !strings.Contains(options, "omitempty") {
				schema.Properties[key] = orNothing(property)
			}
		}
		schema.PrecomputeMessages()
	}
}

// orNothing returns the schema of a value that may be null.
func orNothing(s *huma.Schema) *huma.Schema {
	if s.Ref == "" {
		s.Nullable = true
		return s
	}
	null := &huma.Schema{Type: "null", Enum: []any{nil}} // huma checks the enum, others the type
	null.PrecomputeMessages()
	return &huma.Schema{Description: s.Description, OneOf: []*huma.Schema{{Ref: s.Ref}, null}}
}

// completeErrors names the errors that follow from what an operation takes; any other is a problem too.
func completeErrors(op *huma.Operation, problems map[string]*huma.MediaType) {
	answers := func(status, description string) {
		if op.Responses[status] == nil {
			op.Responses[status] = &huma.Response{Description: description}
		}
	}
	if strings.Contains(op.Path, "{") {
		answers("404", "There is no such thing for this caller")
	}
	if op.RequestBody != nil {
		answers("400", "The body cannot be read")
		answers("413", "The body is too large")
		answers("415", "The body is of another type, or compressed")
	}
	answers("default", "Any other error")
	for status, answer := range op.Responses {
		if answer.Content == nil && (status[0] == '4' || status[0] == '5' || status == "default") {
			answer.Content = problems
		}
	}
}
