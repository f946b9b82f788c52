package condition

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
)

// Sets are the sets of all features, by what their conditions are about.
type Sets map[string]Described

// Described is a set without the type of what its conditions are asked about.
type Described interface {
	About() string
	Describe() []Description
}

// Add registers a set; it is for the wiring. A second one about the same kind of thing stops the start.
func (s Sets) Add(set Described) {
	if s[set.About()] != nil {
		panic(fmt.Sprintf("condition: two sets about a %s", set.About()))
	}
	s[set.About()] = set
}

// Guard makes the operations of routes that want a permission.
type Guard interface {
	Operation(op huma.Operation, may access.Permission) huma.Operation
}

type fieldsInput struct {
	For string `query:"for" required:"true" doc:"What the condition is about, such as conversation"`
}

// Routes adds the route that lists the fields.
func (s Sets) Routes(api huma.API, guard Guard) {
	op := huma.Operation{
		Method: http.MethodGet, Path: "/api/v1/conditions/fields", OperationID: "list-condition-fields", Tags: []string{"Conditions"},
		Summary: "The fields that conditions may name",
		Description: `A condition is {"all": […]}, {"any": […]}, {"not": …} or {"field", "op", "value"}. The value of in and not_in is a list, ` +
			`that of between a list of two, that of within_last and not_within_last a period {"count": 3, "unit": "day"}; exists has none.`,
	}
	huma.Register(api, guard.Operation(op, access.ReadConditionFields), s.list)
}

func (s Sets) list(_ context.Context, in *fieldsInput) (*web.Body[web.List[Description]], error) {
	set := s[in.For]
	if set == nil {
		return nil, errs.InvalidField("unknown_subject", "for", "one of "+strings.Join(slices.Sorted(maps.Keys(s)), ", "))
	}
	return web.Items(set.Describe(), ""), nil
}
