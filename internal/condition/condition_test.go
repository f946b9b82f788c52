package condition

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/internal/errs"
)

type order struct {
	status, note, owner string
	tags                []string
	amount              float64
	paid                bool
	hasAmount           bool
	at                  time.Time
	more                map[string]string
}

func orders() *Set[order] {
	return NewSet("order",
		ChoiceField("status", Select, func(o order) string { return o.status }, "open", "done"),
		ChoiceField("owner_id", User, func(o order) string { return o.owner }),
		TextField("note", func(o order) string { return o.note }),
		ListField("tags", func(o order) []string { return o.tags }, func(o order, any []string) bool {
			return slices.ContainsFunc(o.tags, func(tag string) bool { return slices.Contains(any, tag) })
		}),
		NumberField("amount", Money, func(o order) (float64, bool) { return o.amount, o.hasAmount }),
		BoolField("paid", func(o order) bool { return o.paid }),
		TimeField("at", func(o order) time.Time { return o.at }),
		MapField("more.*", func(o order, name string) string { return o.more[name] }),
	)
}

var (
	noon   = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	sample = order{
		status: "open", note: "Ring the BÉLL, שָׁלוֹם, مُحَمَّد",
		owner: "usr_1", tags: []string{"vip", "new"}, amount: 1500, hasAmount: true, at: noon.Add(-90 * time.Minute),
		more: map[string]string{"plan": "Gold", "a.b": "c"},
	}
)

func TestConditions(t *testing.T) {
	for text, want := range map[string]bool{
		`{"field":"status","op":"is","value":"open"}`:                                           true,
		`{"field":"status","op":"is_not","value":"open"}`:                                       false,
		`{"field":"status","op":"in","value":["done"]}`:                                         false,
		`{"field":"status","op":"in","value":["done","open"]}`:                                  true,
		`{"field":"status","op":"not_in","value":["done","open"]}`:                              false,
		`{"field":"owner_id","op":"exists"}`:                                                    true,
		`{"field":"owner_id","op":"in","value":["","usr_2"]}`:                                   false,
		`{"field":"note","op":"contains","value":"BELL"}`:                                       true,
		`{"field":"note","op":"contains","value":"שלום"}`:                                       true,
		`{"field":"note","op":"contains","value":"محمد"}`:                                       true,
		`{"field":"note","op":"not_contains","value":"bill"}`:                                   true,
		`{"field":"note","op":"starts_with","value":"ring the"}`:                                true,
		`{"field":"note","op":"starts_with","value":"bell"}`:                                    false,
		`{"field":"note","op":"matches_word","value":"bell"}`:                                   true,
		`{"field":"note","op":"matches_word","value":"bel"}`:                                    false,
		`{"field":"note","op":"matches_word","value":"the bell"}`:                               true,
		`{"field":"note","op":"is","value":"bell"}`:                                             false,
		`{"field":"note","op":"in","value":["x","RING THE BELL, שלום, محمد"]}`:                  true,
		`{"field":"tags","op":"contains","value":"vip"}`:                                        true,
		`{"field":"tags","op":"in","value":["old","new"]}`:                                      true,
		`{"field":"tags","op":"not_in","value":["old","new"]}`:                                  false,
		`{"field":"tags","op":"not_contains","value":"old"}`:                                    true,
		`{"field":"tags","op":"exists","value":true}`:                                           true,
		`{"field":"amount","op":"gt","value":1499.5}`:                                           true,
		`{"field":"amount","op":"lt","value":1500}`:                                             false,
		`{"field":"amount","op":"lte","value":1500}`:                                            true,
		`{"field":"amount","op":"gte","value":1501}`:                                            false,
		`{"field":"amount","op":"between","value":[1500,1600]}`:                                 true,
		`{"field":"amount","op":"is","value":1500}`:                                             true,
		`{"field":"amount","op":"not_in","value":[1,1500]}`:                                     false,
		`{"field":"more.plan","op":"is","value":"gold"}`:                                        true,
		`{"field":"more.plan","op":"is_not","value":"gold"}`:                                    false,
		`{"field":"more.a.b","op":"exists"}`:                                                    true,
		`{"field":"more.nothing","op":"exists"}`:                                                false,
		`{"field":"more.*","op":"exists"}`:                                                      false,
		`{"field":"paid","op":"is","value":false}`:                                              true,
		`{"field":"paid","op":"is_not","value":false}`:                                          false,
		`{"field":"at","op":"within_last","value":{"count":2,"unit":"hour"}}`:                   true,
		`{"field":"at","op":"within_last","value":{"count":89,"unit":"minute"}}`:                false,
		`{"field":"at","op":"not_within_last","value":{"count":1,"unit":"month"}}`:              false,
		`{"field":"at","op":"gt","value":"2026-03-31T12:29:00+02:00"}`:                          true,
		`{"field":"at","op":"between","value":["2026-03-31T10:30:00Z","2026-04-01T00:00:00Z"]}`: true,
		`{"all":[]}`: true,
		`{"any":[]}`: false,
		`{"not":{"any":[{"field":"paid","op":"is","value":true},{"field":"status","op":"is","value":"done"}]}}`: true,
		`{"all":[{"field":"paid","op":"is","value":true},{"field":"status","op":"is","value":"open"}]}`:         false,
		`{"any":[{"field":"paid","op":"is","value":true},{"field":"status","op":"is","value":"open"}]}`:         true,
	} {
		c, err := orders().Parse([]byte(text), "when")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.Holds(sample, noon); got != want {
			t.Errorf("%s is %v", text, got)
		}
		if got := c.Explain(sample, noon); got.Held != want {
			t.Errorf("%s is explained as %v", text, got)
		}
	}
}

// What has no value meets no comparison, and every negation.
func TestWhatHasNoValue(t *testing.T) {
	for text, want := range map[string]bool{
		`{"field":"amount","op":"gte","value":0}`:                                 false,
		`{"field":"amount","op":"is_not","value":0}`:                              true,
		`{"field":"amount","op":"exists"}`:                                        false,
		`{"field":"at","op":"lt","value":"2030-01-01T00:00:00Z"}`:                 false,
		`{"field":"at","op":"not_within_last","value":{"count":1,"unit":"year"}}`: true,
		`{"field":"owner_id","op":"exists"}`:                                      false,
		`{"field":"owner_id","op":"is","value":""}`:                               true,
		`{"field":"tags","op":"exists"}`:                                          false,
		`{"field":"note","op":"not_contains","value":"a"}`:                        true,
	} {
		c, err := orders().Parse([]byte(text), "when")
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Holds(order{}, noon); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}

// An error says where in the expression it is.
func TestErrorsHaveAPlace(t *testing.T) {
	deep := strings.Repeat(`{"not":`, 11) + `{"all":[]}` + strings.Repeat(`}`, 11)
	for text, want := range map[string]string{
		`[]`:   "invalid_condition when",
		`{}`:   "invalid_condition when",
		`null`: "invalid_condition when",
		`{"all":[{"field":"status","op":"is","value":"open"},{"field":"colour","op":"is","value":1}]}`: "unknown_field when/all/1/field",
		`{"any":[{"not":{"field":"status","op":"gt","value":"open"}}]}`:                                "unknown_operator when/any/0/not/op",
		`{"field":"status","op":"is","value":"closed"}`:                                                "invalid_condition when/value",
		`{"field":"status","op":"in","value":"open"}`:                                                  "invalid_condition when/value",
		`{"field":"status","op":"in","value":[]}`:                                                      "invalid_condition when/value",
		`{"field":"status","op":"exists","value":false}`:                                               "invalid_condition when/value",
		`{"field":"note","op":"contains","value":""}`:                                                  "invalid_condition when/value",
		`{"field":"amount","op":"between","value":[1]}`:                                                "invalid_condition when/value",
		`{"field":"amount","op":"is","value":"1"}`:                                                     "invalid_condition when/value",
		`{"field":"at","op":"gt","value":"yesterday"}`:                                                 "invalid_condition when/value",
		`{"field":"at","op":"within_last","value":{"count":1,"unit":"eon"}}`:                           "invalid_condition when/value",
		`{"field":"at","op":"within_last","value":{"count":0.5,"unit":"day"}}`:                         "invalid_condition when/value",
		`{"field":"more.","op":"exists"}`:                                                              "unknown_field when/field",
		`{"field":"status"}`:                                                                           "unknown_operator when/op",
		`{"field":7,"op":"is"}`:                                                                        "unknown_field when/field",
		`{"all":{}}`:                                                                                   "invalid_condition when/all",
		`{"all":[1]}`:                                                                                  "invalid_condition when/all/0",
		`{"field":"status","op":"is","a/~b":1}`:                                                        "invalid_condition when/a~1~0b",
		`{"all":[],"any":[]}`:                                                                          "invalid_condition when/a",

		deep: "invalid_condition when" + strings.Repeat("/not", 10),

		`{"all":[` + strings.Repeat(`{"all":[]},`, 200) + `{"all":[]}]}`: "invalid_condition when/all/199",

		`{"field":"` + strings.Repeat("x", 40<<10) + `"}`: "invalid_condition when",
	} {
		_, err := orders().Parse([]byte(text), "when")
		var e *errs.Error
		if !errors.As(err, &e) || e.Kind != errs.Invalid || !strings.HasPrefix(e.Code+" "+e.Fields[0].Field, want) {
			t.Errorf("%.80s: %+v, want %s", text, err, want)
		}
	}
}

func TestReasons(t *testing.T) {
	c, err := orders().Parse([]byte(`{"all":[{"field":"status","op":"is","value":"open"},{"not":{"field":"amount","op":"lt","value":2000}}]}`), "when")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(c.Explain(sample, noon))
	want := `{"held":false,"all":[{"held":true,"field":"status","op":"is","value":"open","was":"open"},` +
		`{"held":false,"not":{"held":true,"field":"amount","op":"lt","value":2000,"was":1500}}]}`
	if err != nil || string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if fields := c.Fields(); !slices.Equal(fields, []string{"status", "amount"}) {
		t.Errorf("it names %v", fields)
	}
}

// A field of a part is one of the whole, and a path that is taken stops the start.
func TestFieldsOfOtherFeatures(t *testing.T) {
	type basket struct{ order order }
	s := NewSet("basket", Within(orders().Fields()[0], func(b basket) order { return b.order }))
	c, err := s.Compile(Expr{Field: "amount", Op: Greater, Value: 1000.0}, "when")
	if err != nil || !c.Holds(basket{sample}, noon) || c.Explain(basket{sample}, noon).Was != 1500.0 {
		t.Errorf("%v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a path was registered twice")
		}
	}()
	s.Add(BoolField("amount", func(basket) bool { return true }))
}

func TestDescribe(t *testing.T) {
	all := orders().Describe()
	if len(all) != 8 || all[0].Field != "amount" || all[2].Field != "more.*" || all[6].Field != "status" ||
		!slices.Equal(all[6].Choices, []string{"open", "done"}) ||
		!slices.Contains(all[0].Operators, Between) || all[0].Choices == nil {
		t.Errorf("%+v", all)
	}
	sets := Sets{}
	sets.Add(orders())
	defer func() {
		if recover() == nil {
			t.Error("two sets about orders")
		}
	}()
	sets.Add(orders())
}

// Whatever a stranger sends is refused with a place or is a condition that means the same when it is written and read again.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`{"all":[{"field":"status","op":"is","value":"open"},{"not":{"field":"note","op":"matches_word","value":"bell"}}]}`,
		`{"any":[{"field":"at","op":"within_last","value":{"count":2,"unit":"week"}},{"field":"amount","op":"between","value":[1,2]}]}`,
		`{"field":"tags","op":"in","value":["a","b"]}`, `{"field":"paid","op":"is","value":true}`, `{`, `{"all":null}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := orders().Parse(raw, "when")
		if err != nil {
			var e *errs.Error
			if !errors.As(err, &e) || len(e.Fields) != 1 || !strings.HasPrefix(e.Fields[0].Field, "when") {
				t.Fatalf("refused without a place: %v", err)
			}
			return
		}
		written, err := json.Marshal(c.Expr())
		if err != nil {
			t.Fatal(err)
		}
		again, err := orders().Parse(written, "when")
		if err != nil || !reflect.DeepEqual(again.Expr(), c.Expr()) {
			t.Fatalf("%s was written as %s: %v", raw, written, err)
		}
		for _, o := range []order{sample, {}} {
			if held := c.Holds(o, noon); again.Holds(o, noon) != held || c.Explain(o, noon).Held != held {
				t.Fatalf("%s: it held %v, but not always", raw, held)
			}
		}
	})
}
