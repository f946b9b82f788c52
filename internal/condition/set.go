package condition

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind is what kind of value a field has. It says how values are written and which operators fit.
type Kind string

// The kinds of field.
const (
	Text        Kind = "text" // compared without regard to case, accents, niqqud, tashkeel
	Number      Kind = "number"
	Money       Kind = "money" // integer minor units
	Time        Kind = "datetime"
	Checkbox    Kind = "checkbox"
	Select      Kind = "select"       // one of its choices
	MultiSelect Kind = "multi_select" // several, of its choices where it has such
	User        Kind = "user"         // an id, like the following
	Team        Kind = "team"
	Channel     Kind = "channel"
	Contact     Kind = "contact"
)

var (
	choiceOperators = []Operator{Is, IsNot, In, NotIn, Exists}
	numberOperators = []Operator{Is, IsNot, In, NotIn, Greater, GreaterEqual, Less, LessEqual, Between, Exists}
)

// operators says which operators fit a kind.
var operators = map[Kind][]Operator{
	Text:        {Is, IsNot, In, NotIn, Contains, NotContains, StartsWith, MatchesWord, Exists},
	Number:      numberOperators,
	Money:       numberOperators,
	Time:        {Greater, GreaterEqual, Less, LessEqual, Between, Exists, WithinLast, NotWithinLast},
	Checkbox:    {Is, IsNot},
	Select:      choiceOperators,
	MultiSelect: {Contains, NotContains, In, NotIn, Exists},
	User:        choiceOperators,
	Team:        choiceOperators,
	Channel:     choiceOperators,
	Contact:     choiceOperators,
}

// test answers one part of a condition.
type test[S any] func(snapshot S, now time.Time) bool

// Field is one field that conditions about S may name.
type Field[S any] struct {
	Path    string
	Kind    Kind
	Choices []string // the values that there are; nil: any

	// compile makes the test of an operator that fits the kind.
	compile func(f *Field[S], op Operator, value any) (test[S], error)
	// read returns the value as a reason shows it; nil where there is none.
	read func(S) any
	// named, where it is set, makes the field of a name, which stands in the place of the path's end.
	named func(name string) Field[S]
}

// anyName ends the path of a MapField.
const anyName = ".*"

// Operators lists the operators that fit the field.
func (f Field[S]) Operators() []Operator { return operators[f.Kind] }

// TextField is a field of kind Text.
func TextField[S any](path string, read func(S) string) Field[S] {
	return Field[S]{Path: path, Kind: Text, compile: func(_ *Field[S], op Operator, value any) (test[S], error) {
		return compileText(read, op, value)
	}, read: func(s S) any { return shown(read(s)) }}
}

// ChoiceField is a field of a kind whose values are compared exactly: a choice or an id. The empty text is no value.
func ChoiceField[S any](path string, kind Kind, read func(S) string, choices ...string) Field[S] {
	return KeyField(path, kind, read, func(text string) string { return text }, func(key string) string { return key }, choices...)
}

// KeyField is a ChoiceField that is kept in another form K, which its values are turned into once. The K of "" is no value.
func KeyField[S any, K comparable](
	path string, kind Kind, read func(S) K, key func(text string) K, text func(K) string, choices ...string,
) Field[S] {
	none := key("")
	return Field[S]{Path: path, Kind: kind, Choices: choices, compile: func(f *Field[S], op Operator, value any) (test[S], error) {
		values, err := f.texts(op, value)
		if err != nil {
			return nil, err
		}
		keys := make([]K, len(values))
		for n, v := range values {
			keys[n] = key(v)
		}
		return compileKeys(read, op, keys, none), nil
	}, read: func(s S) any { return shown(text(read(s))) }}
}

// ListField is a field of kind MultiSelect. has reports whether one of the values is in the list.
func ListField[S any](path string, read func(S) []string, has func(snapshot S, values []string) bool, choices ...string) Field[S] {
	return Field[S]{Path: path, Kind: MultiSelect, Choices: choices, compile: func(f *Field[S], op Operator, value any) (test[S], error) {
		values, err := f.texts(op, value)
		if err != nil {
			return nil, err
		}
		contains := func(s S, _ time.Time) bool { return has(s, values) }
		switch op {
		case Exists:
			return func(s S, _ time.Time) bool { return len(read(s)) > 0 }, nil
		case NotContains, NotIn:
			return negated(contains), nil
		}
		return contains, nil
	}, read: func(s S) any { return read(s) }}
}

// NumberField is a field of kind Number or Money; ok is false where there is no value.
func NumberField[S any](path string, kind Kind, read func(S) (n float64, ok bool)) Field[S] {
	return Field[S]{Path: path, Kind: kind, compile: func(_ *Field[S], op Operator, value any) (test[S], error) {
		return compileNumber(read, op, value)
	}, read: func(s S) any {
		if n, ok := read(s); ok {
			return n
		}
		return nil
	}}
}

// TimeField is a field of kind Time; the zero time is no value.
func TimeField[S any](path string, read func(S) time.Time) Field[S] {
	return Field[S]{Path: path, Kind: Time, compile: func(_ *Field[S], op Operator, value any) (test[S], error) {
		return compileTime(read, op, value)
	}, read: func(s S) any {
		if at := read(s); !at.IsZero() {
			return at.UTC()
		}
		return nil
	}}
}

// BoolField is a field of kind Checkbox.
func BoolField[S any](path string, read func(S) bool) Field[S] {
	return Field[S]{Path: path, Kind: Checkbox, compile: func(_ *Field[S], op Operator, value any) (test[S], error) {
		want, ok := value.(bool)
		if !ok {
			return nil, fmt.Errorf("true or false")
		}
		if op == IsNot {
			want = !want
		}
		return func(s S, _ time.Time) bool { return read(s) == want }, nil
	}, read: func(s S) any { return read(s) }}
}

// MapField is a field of kind Text for every name that there may be, which stands in the place of the * that ends its path.
func MapField[S any](path string, read func(snapshot S, name string) string) Field[S] {
	if !strings.HasSuffix(path, anyName) {
		panic(fmt.Sprintf("condition: the path %q of a map has no place for a name", path))
	}
	return Field[S]{Path: path, Kind: Text, named: func(name string) Field[S] {
		return TextField(strings.TrimSuffix(path, "*")+name, func(s S) string { return read(s, name) })
	}}
}

// Within is the field of a part P of a larger snapshot S.
func Within[S, P any](f Field[P], part func(S) P) Field[S] {
	if f.named != nil {
		return Field[S]{Path: f.Path, Kind: f.Kind, named: func(name string) Field[S] { return Within(f.named(name), part) }}
	}
	return Field[S]{Path: f.Path, Kind: f.Kind, Choices: f.Choices, compile: func(_ *Field[S], op Operator, value any) (test[S], error) {
		inner, err := f.compile(&f, op, value)
		return func(s S, now time.Time) bool { return inner(part(s), now) }, err
	}, read: func(s S) any { return f.read(part(s)) }}
}

func shown(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func negated[S any](t test[S]) test[S] {
	return func(s S, now time.Time) bool { return !t(s, now) }
}

// Set is the fields that conditions about one kind of thing may name.
type Set[S any] struct {
	about  string
	fields []Field[S] // by path
}

// NewSet returns the set of conditions about a kind of thing, such as "conversation".
func NewSet[S any](about string, fields ...Field[S]) *Set[S] {
	s := &Set[S]{about: about}
	s.Add(fields...)
	return s
}

// Add registers fields; it is for the wiring. A path that is taken, or a kind that there is not, stops the start.
func (s *Set[S]) Add(fields ...Field[S]) {
	for _, f := range fields {
		at, taken := s.search(f.Path)
		if taken || f.Path == "" || operators[f.Kind] == nil {
			panic(fmt.Sprintf("condition: the field %q of %s: its path is taken or empty, or its kind %q unknown", f.Path, s.about, f.Kind))
		}
		s.fields = slices.Insert(s.fields, at, f)
	}
}

func (s *Set[S]) search(path string) (int, bool) {
	return slices.BinarySearchFunc(s.fields, path, func(f Field[S], path string) int { return strings.Compare(f.Path, path) })
}

// field returns the field with the path.
func (s *Set[S]) field(path string) (*Field[S], bool) {
	if at, known := s.search(path); known && s.fields[at].named == nil {
		return &s.fields[at], true
	}
	for n := range s.fields {
		of := &s.fields[n]
		if name, within := strings.CutPrefix(path, strings.TrimSuffix(of.Path, "*")); of.named != nil && within && name != "" {
			f := of.named(name)
			return &f, true
		}
	}
	return nil, false
}

// About is the kind of thing.
func (s *Set[S]) About() string { return s.about }

// Fields lists the fields by path.
func (s *Set[S]) Fields() []Field[S] { return slices.Clone(s.fields) }

// Description is a field as people choose it.
type Description struct {
	Field     string     `json:"field" doc:"Its path; one that ends with * has any name in the place of that"`
	Kind      Kind       `json:"kind"`
	Choices   []string   `json:"choices" nullable:"false" doc:"The values that there are; empty: any"`
	Operators []Operator `json:"operators" nullable:"false"`
}

// Describe lists the fields by path.
func (s *Set[S]) Describe() []Description {
	all := make([]Description, len(s.fields))
	for n, f := range s.fields {
		all[n] = Description{f.Path, f.Kind, append([]string{}, f.Choices...), f.Operators()}
	}
	return all
}
