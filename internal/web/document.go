package web

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Complete makes the document say what huma cannot know from a type alone: that a pointer without omitempty may be null.
// Call it when all routes are there.
func (s *Server) Complete() {
	registry := s.API.OpenAPI().Components.Schemas
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
