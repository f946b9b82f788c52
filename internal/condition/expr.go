// Package condition is CONDITION, one expression for views, rules, routing, service levels, segments and reports:
// {"all": […]}, {"any": […]}, {"not": …} or {"field", "op", "value"}. A Set says which fields conditions about one kind of thing may name,
// and how each is read from a snapshot of it; a Condition is an expression that was checked against a set and made into closures.
// Everything here is a pure function of a snapshot and a time.
package condition

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"wasl/internal/errs"
)

// Operator is how a field is compared with a value.
type Operator string

// The operators.
const (
	Is            Operator = "is"
	IsNot         Operator = "is_not"
	In            Operator = "in"
	NotIn         Operator = "not_in"
	Contains      Operator = "contains"
	NotContains   Operator = "not_contains"
	StartsWith    Operator = "starts_with"
	MatchesWord   Operator = "matches_word"
	Greater       Operator = "gt"
	GreaterEqual  Operator = "gte"
	Less          Operator = "lt"
	LessEqual     Operator = "lte"
	Between       Operator = "between"
	Exists        Operator = "exists"
	WithinLast    Operator = "within_last"
	NotWithinLast Operator = "not_within_last"
)

// Expr is an expression as it is written: one of All, Any, Not, or a comparison of a field.
type Expr struct {
	All   []Expr // holds if all of them do; not nil, but may be empty, where it is this
	Any   []Expr // holds if one of them does
	Not   *Expr
	Field string
	Op    Operator
	Value any // as encoding/json decodes it; a list that the program makes may be a []string, of any length
}

// The limits of an expression.
const (
	maxBytes  = 32 << 10
	maxDepth  = 10
	maxNodes  = 200
	maxValues = 200  // in a list
	maxText   = 1000 // bytes of a text
)

// MarshalJSON writes the expression as Parse reads it.
func (e Expr) MarshalJSON() ([]byte, error) {
	switch {
	case e.All != nil:
		return json.Marshal(map[string]any{"all": e.All})
	case e.Any != nil:
		return json.Marshal(map[string]any{"any": e.Any})
	case e.Not != nil:
		return json.Marshal(map[string]any{"not": e.Not})
	}
	return json.Marshal(struct {
		Field string   `json:"field"`
		Op    Operator `json:"op"`
		Value any      `json:"value,omitempty"`
	}{e.Field, e.Op, e.Value})
}

// invalid is the error of a part of an expression; place is a JSON pointer below the name of the expression's own field.
func invalid(code, place, format string, args ...any) error {
	return errs.InvalidField(code, place, fmt.Sprintf(format, args...))
}

// The codes of errors.
const (
	codeInvalid         = "invalid_condition"
	codeUnknownField    = "unknown_field"
	codeUnknownOperator = "unknown_operator"
)

// ParseExpr reads an expression. at names where it stands in the request and begins the place in an error: "filter/all/0/op".
func ParseExpr(raw []byte, at string) (Expr, error) {
	if len(raw) > maxBytes {
		return Expr{}, invalid(codeInvalid, at, "a condition has at most %d bytes", maxBytes)
	}
	p := parser{}
	return p.expr(raw, at, 1)
}

type parser struct{ nodes int }

func (p *parser) expr(raw []byte, at string, depth int) (e Expr, err error) {
	if p.nodes++; p.nodes > maxNodes {
		return e, invalid(codeInvalid, at, "a condition has at most %d parts", maxNodes)
	}
	if depth > maxDepth {
		return e, invalid(codeInvalid, at, "conditions are at most %d deep", maxDepth)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || parts == nil {
		return e, invalid(codeInvalid, at, "an object with all, any, not, or field, op and value")
	}
	_, comparison := parts["field"]
	for name, part := range parts {
		switch {
		case comparison && (name == "field" || name == "op" || name == "value"):
		case len(parts) > 1 || name != "all" && name != "any" && name != "not":
			return e, invalid(codeInvalid, at+"/"+escape(name),
				"an object has all, any, not, or field, op and value, and nothing beside it")
		case name == "all":
			e.All, err = p.list(part, at+"/all", depth)
		case name == "any":
			e.Any, err = p.list(part, at+"/any", depth)
		case name == "not":
			var inner Expr
			inner, err = p.expr(part, at+"/not", depth+1)
			e.Not = &inner
		}
	}
	if comparison {
		return p.comparison(parts, at)
	}
	if err == nil && len(parts) == 0 {
		err = invalid(codeInvalid, at, "an object with all, any, not, or field, op and value")
	}
	return e, err
}

func (p *parser) list(raw []byte, at string, depth int) ([]Expr, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || parts == nil {
		return nil, invalid(codeInvalid, at, "a list of conditions")
	}
	list := make([]Expr, 0, min(len(parts), maxNodes))
	for n, part := range parts {
		e, err := p.expr(part, at+"/"+strconv.Itoa(n), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (p *parser) comparison(parts map[string]json.RawMessage, at string) (e Expr, err error) {
	if json.Unmarshal(parts["field"], &e.Field) != nil || e.Field == "" {
		return e, invalid(codeUnknownField, at+"/field", "the name of a field")
	}
	if json.Unmarshal(parts["op"], &e.Op) != nil {
		return e, invalid(codeUnknownOperator, at+"/op", "the name of an operator")
	}
	if value := parts["value"]; value != nil && !bytes.Equal(value, []byte("null")) {
		if err := json.Unmarshal(value, &e.Value); err != nil {
			return e, invalid(codeInvalid, at+"/value", "a value")
		}
	}
	return e, nil
}

// escape makes a part of a JSON pointer of a name that a stranger chose.
func escape(name string) string {
	var b bytes.Buffer
	for n, r := range name {
		if n > 64 {
			break
		}
		switch r {
		case '~':
			b.WriteString("~0")
		case '/':
			b.WriteString("~1")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
