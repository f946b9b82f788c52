package mongodb

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/bson"

	"wasl/store"
	"wasl/store/internal/keys"
)

// The types in their order, as $type names them; null is before them and found by equality.
var types = []string{"number", "string", "bool", "date"}

// sorting is the order of the fields as the server takes it.
func sorting(fields []keys.Field, reverse bool) bson.D {
	var d bson.D
	for _, f := range fields {
		direction := 1
		if f.Desc != reverse {
			direction = -1
		}
		d = append(d, bson.E{Key: strings.Join(f.Path, "."), Value: direction})
	}
	return d
}

// heads are the conditions that Eq makes, and a range where it narrows what is to be looked at.
func (s *scan) heads() bson.D {
	d := bson.D{}
	for i, f := range s.plan.Heading {
		name := strings.Join(f.Path, ".")
		if in, ok := s.plan.Eq[i].(store.In); ok {
			d = append(d, bson.E{Key: name, Value: bson.D{{Key: "$in", Value: bson.A(in)}}})
		} else {
			d = append(d, bson.E{Key: name, Value: s.plan.Eq[i]})
		}
	}
	return append(d, s.interval(strings.Join(s.plan.Order[0].Path, "."))...)
}

// interval is the range on the first ordering field, under the given name.
func (s *scan) interval(name string) bson.D {
	r := s.plan.Range
	if r == nil {
		return nil
	}
	bounds := bson.D{}
	if r.Prefix != "" {
		bounds = append(bounds, bson.E{Key: "$gte", Value: r.Prefix})
		if end, ok := textEnd(r.Prefix); ok {
			bounds = append(bounds, bson.E{Key: "$lt", Value: end})
		}
		return bson.D{{Key: name, Value: bounds}}
	}
	if r.From != nil {
		bounds = append(bounds, bson.E{Key: operator(false, !r.ExcludeFrom), Value: r.From})
	}
	if r.To != nil {
		bounds = append(bounds, bson.E{Key: operator(true, !r.ExcludeTo), Value: r.To})
	}
	return bson.D{{Key: name, Value: bounds}}
}

func operator(less, orEqual bool) string {
	op := "$gt"
	if less {
		op = "$lt"
	}
	if orEqual {
		op += "e"
	}
	return op
}

// textEnd returns the first text after all that begin with prefix, if there is one.
func textEnd(prefix string) (string, bool) {
	runes := []rune(prefix)
	for i := len(runes) - 1; i >= 0; i-- {
		next := runes[i] + 1
		if next == 0xd800 {
			next = 0xe000 // no characters lie between
		}
		if next <= utf8.MaxRune {
			return string(append(runes[:i], next)), true
		}
	}
	return "", false
}

// filter is the whole condition of the plain question.
func (s *scan) filter() (bson.D, error) {
	tails, err := s.tails(s.plan.Order)
	if err != nil {
		return nil, err
	}
	return bson.D{{Key: "$and", Value: bson.A{s.heads(), tails}}}, nil
}

// tails are the conditions on the ordering fields, under the given names: the range, and what comes after the cursor.
func (s *scan) tails(order []keys.Field) (bson.D, error) {
	all := bson.A{s.interval(strings.Join(order[0].Path, "."))}
	if s.plan.Range == nil {
		all = bson.A{bson.D{}}
	}
	if s.plan.After != nil {
		position, err := s.plan.Position(s.plan.After)
		if err != nil {
			return nil, err
		}
		all = append(all, s.after(order, position)...)
	}
	return bson.D{{Key: "$and", Value: all}}, nil
}

// after are the conditions that an entry comes after a position: one field is beyond and those before it are
// equal. The condition on the first field alone says nothing new but bounds the walk along the index.
func (s *scan) after(order []keys.Field, position []any) bson.A {
	either, equal := bson.A{}, bson.D{}
	for i, f := range order {
		name, less := strings.Join(f.Path, "."), f.Desc != s.plan.Reverse
		for _, further := range beyond(name, position[i], less) {
			either = append(either, append(slices.Clone(equal), further))
		}
		equal = append(equal, bson.E{Key: name, Value: position[i]})
	}
	conditions := bson.A{bson.D{{Key: "$or", Value: either}}}
	if first := position[0]; first != nil {
		less := order[0].Desc != s.plan.Reverse
		conditions = append(conditions,
			bson.D{{
				Key:   strings.Join(order[0].Path, "."),
				Value: bson.D{{Key: "$not", Value: bson.D{{Key: operator(!less, false), Value: first}}}},
			}})
	}
	return conditions
}

// beyond are the alternatives for a value after v (before, if less) in the order of all types: the server's own
// comparison stays within the type of v.
func beyond(name string, v any, less bool) []bson.E {
	kind := keys.Kind(v)
	var found []bson.E
	if v != nil {
		found = append(found, bson.E{Key: name, Value: bson.D{{Key: operator(less, false), Value: v}}})
	}
	others := types[kind:]
	if less {
		others = types[:max(kind-1, 0)]
		if v != nil {
			found = append(found, bson.E{Key: name, Value: nil})
		}
	}
	if len(others) > 0 {
		found = append(found, bson.E{Key: name, Value: bson.D{{Key: "$type", Value: others}}})
	}
	return found
}
