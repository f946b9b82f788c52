// Package action is ACTION, what macros, bulk work, rules and sequences do: {"action": VERB, …arguments}. A Registry says which verbs
// there are for one kind of target: the arguments of each, the permission that it wants, and what it does. Features register theirs in the
// wiring.
package action

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"wasl/internal/access"
	"wasl/internal/errs"
)

// The limits of a list of actions.
const (
	maxBytes   = 64 << 10
	maxActions = 50
)

// Argument is one argument of a verb, as forms and documents show it.
type Argument struct {
	Name     string   `json:"name"`
	Kind     Kind     `json:"kind"`
	Required bool     `json:"required"`
	Choices  []string `json:"choices" nullable:"false" doc:"The values that there are; empty: any"`
}

// Kind is what kind of value an argument takes.
type Kind string

// The kinds of argument.
const (
	Text   Kind = "text"
	Number Kind = "number"
	Bool   Kind = "checkbox"
	Texts  Kind = "texts" // a list
	Time   Kind = "datetime"
	Other  Kind = "object"
)

// Verb is something that can be done to a target T, such as a conversation that is being edited.
type Verb[T any] struct {
	Name       string
	Permission access.Permission
	Arguments  []Argument
	// parse checks the arguments and returns what does it.
	parse func(raw map[string]json.RawMessage, at string) (run[T], any, error)
}

type run[T any] func(ctx context.Context, target T, by access.Actor) error

// Define makes a verb whose arguments are the JSON fields of a struct A. A field without omitempty is required; the tag enum lists the
// choices, with commas. check, which may be nil, says what the fields cannot: an error of errs.InvalidField names an argument.
func Define[T, A any](
	name string, may access.Permission, check func(A) error, do func(ctx context.Context, target T, by access.Actor, args A) error,
) Verb[T] {
	arguments := argumentsOf(reflect.TypeFor[A]())
	v := Verb[T]{Name: name, Permission: may, Arguments: arguments}
	v.parse = func(raw map[string]json.RawMessage, at string) (run[T], any, error) {
		var args A
		if err := decode(raw, arguments, &args, at); err != nil {
			return nil, nil, err
		}
		if check != nil {
			if err := check(args); err != nil {
				return nil, nil, placed(err, at)
			}
		}
		return func(ctx context.Context, target T, by access.Actor) error { return do(ctx, target, by, args) }, args, nil
	}
	return v
}

func argumentsOf(t reflect.Type) (arguments []Argument) {
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		a := Argument{Name: name, Kind: kindOf(f.Type), Required: options != "omitempty" && options != "omitzero", Choices: []string{}}
		if choices := f.Tag.Get("enum"); choices != "" {
			a.Choices = strings.Split(choices, ",")
		}
		arguments = append(arguments, a)
	}
	return arguments
}

func kindOf(t reflect.Type) Kind {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.PkgPath() == "time" && t.Name() == "Time":
		return Time
	case t.Kind() == reflect.String:
		return Text
	case t.Kind() == reflect.Bool:
		return Bool
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64:
		return Number
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return Texts
	}
	return Other
}

// decode sets the fields of args, and refuses what is missing, unknown, or no value of its argument.
func decode(raw map[string]json.RawMessage, arguments []Argument, args any, at string) error {
	for name := range raw {
		if !slices.ContainsFunc(arguments, func(a Argument) bool { return a.Name == name }) {
			return errs.InvalidField(codeInvalid, at+"/"+pointer(name), "this action has no such argument")
		}
	}
	target := reflect.ValueOf(args).Elem()
	for n, a := range arguments {
		value := raw[a.Name]
		if value == nil || bytes.Equal(value, []byte("null")) {
			if a.Required {
				return errs.InvalidField(codeInvalid, at+"/"+a.Name, "is missing")
			}
			continue
		}
		if err := json.Unmarshal(value, target.Field(n).Addr().Interface()); err != nil {
			return errs.InvalidField(codeInvalid, at+"/"+a.Name, "should be of kind "+string(a.Kind))
		}
		if text := reflect.Indirect(target.Field(n)); len(a.Choices) > 0 && !slices.Contains(a.Choices, fmt.Sprint(text.Interface())) {
			return errs.InvalidField(codeInvalid, at+"/"+a.Name, "one of "+strings.Join(a.Choices, ", "))
		}
	}
	return nil
}

// The codes of errors.
const (
	codeInvalid     = "invalid_action"
	codeUnknownVerb = "unknown_action"
)

// placed puts the place of the action before the arguments that an error names.
func placed(err error, at string) error {
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind != errs.Invalid {
		return err
	}
	there := *e
	there.Fields = nil
	for _, f := range e.Fields {
		there.Fields = append(there.Fields, errs.Field{Field: at + "/" + f.Field, Detail: f.Detail})
	}
	return &there
}

// pointer is a part of a JSON pointer, of a name that a stranger chose.
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name[:min(len(name), 64)])
}

// Registry is the verbs for one kind of target.
type Registry[T any] struct {
	verbs []Verb[T] // by name
}

// NewRegistry returns a registry of the verbs.
func NewRegistry[T any](verbs ...Verb[T]) *Registry[T] {
	r := &Registry[T]{}
	r.Add(verbs...)
	return r
}

// Add registers verbs; it is for the wiring. A name that is taken stops the start.
func (r *Registry[T]) Add(verbs ...Verb[T]) {
	for _, v := range verbs {
		at, taken := r.search(v.Name)
		if taken || v.Name == "" {
			panic(fmt.Sprintf("action: the verb %q cannot be registered: its name is taken or empty", v.Name))
		}
		r.verbs = slices.Insert(r.verbs, at, v)
	}
}

func (r *Registry[T]) search(name string) (int, bool) {
	return slices.BinarySearchFunc(r.verbs, name, func(v Verb[T], name string) int { return strings.Compare(v.Name, name) })
}

// Verbs lists the verbs by name.
func (r *Registry[T]) Verbs() []Verb[T] { return slices.Clone(r.verbs) }

// Action is one action with its arguments, checked.
type Action[T any] struct {
	Verb string
	// Permission is what whoever lets it be done must have.
	Permission access.Permission
	args       any
	run        run[T]
}

// Run does it.
func (a Action[T]) Run(ctx context.Context, target T, by access.Actor) error {
	return a.run(ctx, target, by)
}

// MarshalJSON writes the action as Parse reads it.
func (a Action[T]) MarshalJSON() ([]byte, error) {
	args, err := json.Marshal(a.args)
	if err != nil {
		return nil, err
	}
	verb, _ := json.Marshal(a.Verb) // a string always encodes
	out := append([]byte(`{"action":`), verb...)
	if len(args) > len("{}") {
		out = append(out, ',')
	}
	return append(out, args[1:]...), nil
}

// Parse reads a list of actions. at names where it stands in the request and begins the place in an error: "do/0/label".
func (r *Registry[T]) Parse(raw []byte, at string) ([]Action[T], error) {
	var parts []json.RawMessage
	if len(raw) > maxBytes || json.Unmarshal(raw, &parts) != nil || parts == nil || len(parts) > maxActions {
		return nil, errs.InvalidField(codeInvalid, at, fmt.Sprintf("a list of at most %d actions, of at most %d bytes", maxActions,
			maxBytes))
	}
	actions := make([]Action[T], len(parts))
	for n, part := range parts {
		var err error
		if actions[n], err = r.parse(part, at+"/"+strconv.Itoa(n)); err != nil {
			return nil, err
		}
	}
	return actions, nil
}

func (r *Registry[T]) parse(raw []byte, at string) (a Action[T], err error) {
	var parts map[string]json.RawMessage
	if json.Unmarshal(raw, &parts) != nil || parts == nil {
		return a, errs.InvalidField(codeInvalid, at, `an object: {"action": …} with its arguments`)
	}
	if json.Unmarshal(parts["action"], &a.Verb) != nil {
		return a, errs.InvalidField(codeUnknownVerb, at+"/action", "the name of an action")
	}
	n, known := r.search(a.Verb)
	if !known {
		return a, errs.InvalidField(codeUnknownVerb, at+"/action", "there is no such action here")
	}
	delete(parts, "action")
	a.Permission = r.verbs[n].Permission
	a.run, a.args, err = r.verbs[n].parse(parts, at)
	return a, err
}
