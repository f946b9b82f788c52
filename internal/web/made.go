package web

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Once is the input of a request that makes something: the same key of the same caller makes one thing.
type Once struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key twice makes one object: 201, then 200"`
}

// Made is the answer to a request that makes something: 201, or 200 where it was there already.
type Made[T any] struct {
	Status int
	Body   T
}

// Make answers with what was made.
func Make[T any](v T, created bool) *Made[T] {
	if created {
		return &Made[T]{http.StatusCreated, v}
	}
	return &Made[T]{http.StatusOK, v}
}

// ProblemResponse describes an error answer that has more than a Problem.
func ProblemResponse[T any](api huma.API, description string) *huma.Response {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
}

// AlsoOK describes the answer 200 of an operation whose usual one is 201.
func AlsoOK[T any](api huma.API, description string) map[string]*huma.Response {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	return map[string]*huma.Response{"200": {
		Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}},
	}}
}
