package action

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
)

type lamp struct {
	colour string
	by     string
}

type paint struct {
	Colour string    `json:"colour" enum:"red,green"`
	Until  time.Time `json:"until,omitzero"`
	Times  int       `json:"times,omitempty"`
	Names  []string  `json:"names,omitempty"`
}

func lamps() *Registry[*lamp] {
	return NewRegistry(
		Define("paint", access.EditConversations, func(p paint) error {
			if p.Times < 0 {
				return errs.InvalidField("negative", "times", "not less than 0")
			}
			return nil
		}, func(_ context.Context, l *lamp, by access.Actor, p paint) error {
			l.colour, l.by = p.Colour, by.ID
			return nil
		}),
		Define("clean", access.Reply, nil, func(_ context.Context, l *lamp, _ access.Actor, _ struct{}) error {
			l.colour = ""
			return nil
		}),
	)
}

func TestActionsAreDoneInOrder(t *testing.T) {
	actions,
		err := lamps().Parse([]byte(`[{"action":"clean"},{"action":"paint","colour":"red","until":"2026-01-01T00:00:00Z","names":["a"]}]`),
		"do")
	if err != nil {
		t.Fatal(err)
	}
	l := &lamp{colour: "green"}
	for _, a := range actions {
		if err := a.Run(t.Context(), l, access.Actor{ID: "usr_1"}); err != nil {
			t.Fatal(err)
		}
	}
	if *l != (lamp{"red", "usr_1"}) || actions[0].Permission != access.Reply || actions[1].Permission != access.EditConversations {
		t.Errorf("%+v, %+v", l, actions)
	}
	written, err := json.Marshal(actions)
	if want := `[{"action":"clean"},{"action":"paint","colour":"red","until":"2026-01-01T00:00:00Z","names":["a"]}]`; err != nil ||
		string(written) != want {
		t.Errorf("written as %s, %v", written, err)
	}
}

func TestErrorsHaveAPlace(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                     "invalid_action do",
		`null`:                                   "invalid_action do",
		`[1]`:                                    "invalid_action do/0",
		`[{}]`:                                   "unknown_action do/0/action",
		`[{"action":"clean"},{"action":"burn"}]`: "unknown_action do/1/action",
		`[{"action":"clean","colour":"red"}]`:    "invalid_action do/0/colour",
		`[{"action":"paint"}]`:                   "invalid_action do/0/colour",
		`[{"action":"paint","colour":"blue"}]`:   "invalid_action do/0/colour",
		`[{"action":"paint","colour":"red","times":"x"}]`:                       "invalid_action do/0/times",
		`[{"action":"paint","colour":"red","times":-1}]`:                        "negative do/0/times",
		`[` + strings.Repeat(`{"action":"clean"},`, 50) + `{"action":"clean"}]`: "invalid_action do",
	} {
		_, err := lamps().Parse([]byte(text), "do")
		var e *errs.Error
		if !errors.As(err, &e) || e.Kind != errs.Invalid || e.Code+" "+e.Fields[0].Field != want {
			t.Errorf("%.80s: %+v, want %s", text, err, want)
		}
	}
}

func TestVerbsAreDescribed(t *testing.T) {
	r := lamps()
	paint := r.Verbs()[1]
	if a := paint.Arguments; paint.Name != "paint" || len(a) != 4 || !a[0].Required ||
		!slices.Equal(a[0].Choices, []string{"red", "green"}) ||
		a[1].Kind != Time || a[1].Required || a[2].Kind != Number || a[3].Kind != Texts {
		t.Errorf("%+v", paint)
	}
	defer func() {
		if recover() == nil {
			t.Error("a name was registered twice")
		}
	}()
	r.Add(Define("clean", access.Reply, nil, func(context.Context, *lamp, access.Actor, struct{}) error { return nil }))
}

// Whatever a stranger sends is refused with a place, or means the same when it is written and read again.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`[{"action":"clean"}]`,
		`[{"action":"paint","colour":"red","until":"2026-01-01T00:00:00Z","names":["a"],"times":2}]`, `[`, `[null]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		actions, err := lamps().Parse(raw, "do")
		if err != nil {
			var e *errs.Error
			if !errors.As(err, &e) || len(e.Fields) != 1 || !strings.HasPrefix(e.Fields[0].Field, "do") {
				t.Fatalf("refused without a place: %v", err)
			}
			return
		}
		written, err := json.Marshal(actions)
		if err != nil {
			t.Fatal(err)
		}
		again, err := lamps().Parse(written, "do")
		if err != nil {
			t.Fatalf("%s was written as %s: %v", raw, written, err)
		}
		if twice, _ := json.Marshal(again); string(twice) != string(written) {
			t.Fatalf("%s was written as %s, then as %s", raw, written, twice)
		}
	})
}
