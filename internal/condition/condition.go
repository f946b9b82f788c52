package condition

import (
	"slices"
	"strconv"
	"time"
)

// Condition is an expression that was checked against a set.
type Condition[S any] struct {
	expr Expr
	root node[S]
}

// node is one part of a condition: its own test, which asks the parts below it too.
type node[S any] struct {
	expr  *Expr
	field *Field[S]
	parts []node[S]
	holds test[S]
}

// Parse reads a condition. at names where it stands in the request and begins the place in an error.
func (s *Set[S]) Parse(raw []byte, at string) (*Condition[S], error) {
	e, err := ParseExpr(raw, at)
	if err != nil {
		return nil, err
	}
	return s.Compile(e, at)
}

// Compile checks an expression against the set.
func (s *Set[S]) Compile(e Expr, at string) (*Condition[S], error) {
	c := &Condition[S]{expr: e}
	root, err := s.node(&c.expr, at)
	c.root = root
	return c, err
}

func (s *Set[S]) node(e *Expr, at string) (n node[S], err error) {
	n.expr = e
	switch {
	case e.All != nil:
		n.parts, err = s.nodes(e.All, at+"/all")
		n.holds = allHold(n.parts)
	case e.Any != nil:
		n.parts, err = s.nodes(e.Any, at+"/any")
		n.holds = anyHolds(n.parts)
	case e.Not != nil:
		var inner node[S]
		inner, err = s.node(e.Not, at+"/not")
		n.parts = []node[S]{inner}
		if err == nil {
			n.holds = negated(inner.holds)
		}
	default:
		err = s.comparison(&n, at)
	}
	return n, err
}

func (s *Set[S]) nodes(list []Expr, at string) ([]node[S], error) {
	nodes := make([]node[S], len(list))
	for i := range list {
		var err error
		if nodes[i], err = s.node(&list[i], at+"/"+strconv.Itoa(i)); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

func (s *Set[S]) comparison(n *node[S], at string) error {
	var known bool
	if n.field, known = s.field(n.expr.Field); !known {
		return invalid(codeUnknownField, at+"/field", "conditions about a %s have no such field", s.about)
	}
	if !slices.Contains(n.field.Operators(), n.expr.Op) {
		return invalid(codeUnknownOperator, at+"/op", "the operators of this field are %v", n.field.Operators())
	}
	holds, err := n.field.compile(n.field, n.expr.Op, n.expr.Value)
	if err != nil {
		return invalid(codeInvalid, at+"/value", "%v", err)
	}
	n.holds = holds
	return nil
}

func allHold[S any](parts []node[S]) test[S] {
	tests := testsOf(parts)
	if len(tests) == 1 {
		return tests[0]
	}
	return func(s S, now time.Time) bool {
		for _, holds := range tests {
			if !holds(s, now) {
				return false
			}
		}
		return true
	}
}

func anyHolds[S any](parts []node[S]) test[S] {
	tests := testsOf(parts)
	if len(tests) == 1 {
		return tests[0]
	}
	return func(s S, now time.Time) bool {
		for _, holds := range tests {
			if holds(s, now) {
				return true
			}
		}
		return false
	}
}

func testsOf[S any](parts []node[S]) []test[S] {
	tests := make([]test[S], len(parts))
	for n, p := range parts {
		tests[n] = p.holds
	}
	return tests
}

// Expr is the expression that the condition was made of.
func (c *Condition[S]) Expr() Expr { return c.expr }

// Fields lists the paths of the fields that the condition names, each once.
func (c *Condition[S]) Fields() []string {
	var paths []string
	var walk func(n *node[S])
	walk = func(n *node[S]) {
		if n.field != nil && !slices.Contains(paths, n.field.Path) {
			paths = append(paths, n.field.Path)
		}
		for i := range n.parts {
			walk(&n.parts[i])
		}
	}
	walk(&c.root)
	return paths
}

// Holds reports whether the condition holds for a snapshot at a time.
func (c *Condition[S]) Holds(snapshot S, now time.Time) bool { return c.root.holds(snapshot, now) }

// Reason says of each part of a condition whether it held, and of a comparison what the value was.
type Reason struct {
	Held  bool     `json:"held"`
	All   []Reason `json:"all,omitempty"`
	Any   []Reason `json:"any,omitempty"`
	Not   *Reason  `json:"not,omitempty"`
	Field string   `json:"field,omitempty"`
	Op    Operator `json:"op,omitempty"`
	Value any      `json:"value,omitempty" doc:"What the field is compared with"`
	Was   any      `json:"was,omitempty" doc:"What the field was; missing: nothing"`
}

// Explain answers like Holds, with the reason of every part.
func (c *Condition[S]) Explain(snapshot S, now time.Time) Reason {
	return c.root.explain(snapshot, now)
}

func (n *node[S]) explain(s S, now time.Time) Reason {
	r := Reason{Held: n.holds(s, now)}
	parts := make([]Reason, len(n.parts))
	for i := range n.parts {
		parts[i] = n.parts[i].explain(s, now)
	}
	switch {
	case n.field != nil:
		r.Field, r.Op, r.Value, r.Was = n.expr.Field, n.expr.Op, n.expr.Value, n.field.read(s)
	case n.expr.All != nil:
		r.All = parts
	case n.expr.Any != nil:
		r.Any = parts
	default:
		r.Not = &parts[0]
	}
	return r
}
