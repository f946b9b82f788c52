package condition

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wasl/internal/text"
)

// texts checks the value of an operator over texts and returns what it says: one text, or several for In and NotIn.
func (f *Field[S]) texts(op Operator, value any) ([]string, error) {
	values, err := textsOf(op, value)
	if err != nil || f.Choices == nil {
		return values, err
	}
	for _, v := range values {
		if v != "" && !slices.Contains(f.Choices, v) {
			return nil, fmt.Errorf("one of %s", strings.Join(f.Choices, ", "))
		}
	}
	return values, nil
}

func textsOf(op Operator, value any) ([]string, error) {
	if op == Exists {
		return nil, existsValue(value)
	}
	if op != In && op != NotIn {
		one, ok := value.(string)
		if !ok || len(one) > maxText {
			return nil, fmt.Errorf("a text of at most %d bytes", maxText)
		}
		return []string{one}, nil
	}
	texts, given := value.([]string)
	if !given {
		list, _ := value.([]any)
		for _, v := range list {
			one, ok := v.(string)
			if !ok || len(one) > maxText || len(texts) == maxValues {
				return nil, errTexts
			}
			texts = append(texts, one)
		}
	}
	if len(texts) == 0 {
		return nil, errTexts
	}
	return texts, nil
}

var errTexts = fmt.Errorf("a list of 1 to %d texts", maxValues)

// existsValue: exists takes true, or nothing; that something is missing is {"not": …}.
func existsValue(value any) error {
	if value != nil && value != true {
		return errors.New("no value: what is missing is {\"not\": {…}}")
	}
	return nil
}

func compileKeys[S any, K comparable](read func(S) K, op Operator, keys []K, none K) test[S] {
	switch {
	case op == Exists:
		return func(s S, _ time.Time) bool { return read(s) != none }
	case len(keys) == 1:
		want, equal := keys[0], op == Is || op == In
		return func(s S, _ time.Time) bool { return (read(s) == want) == equal }
	case op == NotIn:
		return func(s S, _ time.Time) bool { return !slices.Contains(keys, read(s)) }
	}
	return func(s S, _ time.Time) bool { return slices.Contains(keys, read(s)) }
}

func compileText[S any](read func(S) string, op Operator, value any) (test[S], error) {
	texts, err := textsOf(op, value)
	if err != nil {
		return nil, err
	}
	if op == Exists {
		return func(s S, _ time.Time) bool { return read(s) != "" }, nil
	}
	texts = slices.Clone(texts)
	for n := range texts {
		texts[n] = text.Fold(texts[n])
	}
	want := texts[0]
	if want == "" && op != Is && op != IsNot {
		return nil, errors.New("a text that is not empty")
	}
	over := func(is func(folded string) bool) test[S] {
		return func(s S, _ time.Time) bool { return is(text.Fold(read(s))) }
	}
	switch op {
	case Is, IsNot, In, NotIn:
		is := over(func(folded string) bool { return slices.Contains(texts, folded) })
		if op == IsNot || op == NotIn {
			return negated(is), nil
		}
		return is, nil
	case Contains:
		return over(func(folded string) bool { return strings.Contains(folded, want) }), nil
	case NotContains:
		return over(func(folded string) bool { return !strings.Contains(folded, want) }), nil
	case StartsWith:
		return over(func(folded string) bool { return strings.HasPrefix(folded, want) }), nil
	}
	return over(func(folded string) bool { return hasWord(folded, want) }), nil
}

// hasWord reports whether word stands in s and neither begins nor ends within a word.
func hasWord(s, word string) bool {
	for at := 0; ; {
		n := strings.Index(s[at:], word)
		if n < 0 {
			return false
		}
		from, to := at+n, at+n+len(word)
		before, _ := utf8.DecodeLastRuneInString(s[:from])
		after, _ := utf8.DecodeRuneInString(s[to:])
		if !inWord(before) && !inWord(after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(s[from:])
		at = from + size
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func compileNumber[S any](read func(S) (float64, bool), op Operator, value any) (test[S], error) {
	if op == Exists {
		return func(s S, _ time.Time) bool { _, ok := read(s); return ok }, existsValue(value)
	}
	wanted := []any{value}
	if op == In || op == NotIn || op == Between {
		wanted, _ = value.([]any)
	}
	if op == Between && len(wanted) != 2 || len(wanted) == 0 || len(wanted) > maxValues {
		return nil, fmt.Errorf("a list of two numbers, or of 1 to %d for in and not_in", maxValues)
	}
	numbers := make([]float64, len(wanted))
	for n, v := range wanted {
		number, ok := v.(float64)
		if !ok || math.IsNaN(number) {
			return nil, errors.New("a number")
		}
		numbers[n] = number
	}
	is := map[Operator]func(float64) bool{
		Is:           func(n float64) bool { return n == numbers[0] },
		In:           func(n float64) bool { return slices.Contains(numbers, n) },
		Greater:      func(n float64) bool { return n > numbers[0] },
		GreaterEqual: func(n float64) bool { return n >= numbers[0] },
		Less:         func(n float64) bool { return n < numbers[0] },
		LessEqual:    func(n float64) bool { return n <= numbers[0] },
		Between:      func(n float64) bool { return n >= numbers[0] && n <= numbers[1] },
	}[opposite(op)]
	holds := func(s S, _ time.Time) bool {
		n, ok := read(s)
		return ok && is(n)
	}
	if opposite(op) != op {
		return negated(holds), nil
	}
	return holds, nil
}

// opposite returns the operator whose negation this is; an operator that is no negation itself.
func opposite(op Operator) Operator {
	switch op {
	case IsNot:
		return Is
	case NotIn:
		return In
	case NotContains:
		return Contains
	case NotWithinLast:
		return WithinLast
	}
	return op
}

func compileTime[S any](read func(S) time.Time, op Operator, value any) (test[S], error) {
	switch op {
	case Exists:
		return func(s S, _ time.Time) bool { return !read(s).IsZero() }, existsValue(value)
	case WithinLast, NotWithinLast:
		back, err := parsePeriod(value)
		if err != nil {
			return nil, err
		}
		within := func(s S, now time.Time) bool {
			at := read(s)
			return !at.IsZero() && !at.Before(back(now)) && !at.After(now)
		}
		if op == NotWithinLast {
			return negated(within), nil
		}
		return within, nil
	}
	wanted := []any{value}
	if op == Between {
		if wanted, _ = value.([]any); len(wanted) != 2 {
			return nil, errors.New("a list of two times")
		}
	}
	times := make([]time.Time, len(wanted))
	for n, v := range wanted {
		written, _ := v.(string)
		at, err := time.Parse(time.RFC3339, written)
		if err != nil {
			return nil, errors.New("a time as in 2026-01-31T12:00:00Z")
		}
		times[n] = at
	}
	is := map[Operator]func(time.Time) bool{
		Greater:      func(at time.Time) bool { return at.After(times[0]) },
		GreaterEqual: func(at time.Time) bool { return !at.Before(times[0]) },
		Less:         func(at time.Time) bool { return at.Before(times[0]) },
		LessEqual:    func(at time.Time) bool { return !at.After(times[0]) },
		Between:      func(at time.Time) bool { return !at.Before(times[0]) && !at.After(times[1]) },
	}[op]
	return func(s S, _ time.Time) bool {
		at := read(s)
		return !at.IsZero() && is(at)
	}, nil
}

// maxPeriod is the largest count of a period.
const maxPeriod = 10000

// parsePeriod reads {"count": 3, "unit": "day"} and returns what is that long before a time. Days and longer follow the calendar in UTC.
func parsePeriod(value any) (func(time.Time) time.Time, error) {
	period, _ := value.(map[string]any)
	count, _ := period["count"].(float64)
	unit, _ := period["unit"].(string)
	n := int(count)
	if len(period) != 2 || float64(n) != count || n < 1 || n > maxPeriod {
		return nil, errPeriod
	}
	switch unit {
	case "minute":
		return func(now time.Time) time.Time { return now.Add(-time.Duration(n) * time.Minute) }, nil
	case "hour":
		return func(now time.Time) time.Time { return now.Add(-time.Duration(n) * time.Hour) }, nil
	case "day":
		return func(now time.Time) time.Time { return now.UTC().AddDate(0, 0, -n) }, nil
	case "week":
		return func(now time.Time) time.Time { return now.UTC().AddDate(0, 0, -7*n) }, nil
	case "month":
		return func(now time.Time) time.Time { return now.UTC().AddDate(0, -n, 0) }, nil
	case "year":
		return func(now time.Time) time.Time { return now.UTC().AddDate(-n, 0, 0) }, nil
	}
	return nil, errPeriod
}

var errPeriod = fmt.Errorf("a period: {\"count\": 1 to %d, \"unit\": minute, hour, day, week, month or year}", maxPeriod)
