package keys

import (
	"bytes"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"

	"wasl/store"
)

// Cond is a residual condition made ready: encoded values compare as bytes.
type Cond struct {
	Path   []string
	Op     store.CondOp
	Values [][]byte
}

func conditions(where []store.Cond) ([]Cond, error) {
	conds := make([]Cond, 0, len(where))
	for _, w := range where {
		if w.Op < store.Equal || w.Op > store.Less {
			return nil, bad("unknown comparison %d", w.Op)
		}
		values := []any{w.Value}
		if in, isIn := w.Value.(store.In); isIn != (w.Op == store.OneOf) {
			return nil, bad("OneOf takes an In, and nothing else does")
		} else if isIn {
			values = in
		}
		c := Cond{Path: strings.Split(w.Path, "."), Op: w.Op}
		for _, v := range values {
			value, err := Normalise(v)
			if err != nil {
				return nil, bad("%v", err)
			}
			c.Values = append(c.Values, Append(nil, value, false))
		}
		conds = append(conds, c)
	}
	return conds, nil
}

// Match reports whether doc meets all conditions of the plan.
func (p *Plan) Match(doc bson.Raw) bool {
	for _, c := range p.Where {
		if !c.match(doc) {
			return false
		}
	}
	return true
}

func (c Cond) match(doc bson.Raw) bool {
	v, err := doc.LookupErr(c.Path...)
	if err != nil {
		v = bson.RawValue{Type: bsontype.Null}
	}
	one := []bson.RawValue{v}
	switch c.Op {
	case store.NotEqual:
		return !c.any(one, bytes.Equal)
	case store.Greater:
		return c.any(one, func(a, b []byte) bool { return sameType(a, b) && bytes.Compare(a, b) > 0 })
	case store.Less:
		return c.any(one, func(a, b []byte) bool { return sameType(a, b) && bytes.Compare(a, b) < 0 })
	default:
		return c.any(one, bytes.Equal)
	}
}

// any reports whether one of the document's values stands in the relation to one of the condition's. A value
// of a type that has no order here (a document, an array, a float) stands in none.
func (c Cond) any(found []bson.RawValue, relation func(a, b []byte) bool) bool {
	for _, v := range found {
		have, err := appendRaw(nil, v, false)
		if err != nil {
			continue
		}
		for _, want := range c.Values {
			if relation(have, want) {
				return true
			}
		}
	}
	return false
}

func sameType(a, b []byte) bool { return bracket(a[0])[0] == bracket(b[0])[0] }
