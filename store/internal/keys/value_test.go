package keys

import (
	"bytes"
	"cmp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func anyValue() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.String().AsAny(),
		rapid.StringOfN(rapid.SampledFrom([]rune{0, 1, 'a', 0x7f, 0xff}), 0, 4, -1).AsAny(),
		rapid.Custom(func(t *rapid.T) any { return time.UnixMilli(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "ms")).UTC() }),
	)
}

func compare(a, b any) int {
	if c := cmp.Compare(Kind(a), Kind(b)); c != 0 {
		return c
	}
	switch a := a.(type) {
	case bool:
		switch {
		case a == b.(bool):
			return 0
		case a:
			return 1
		default:
			return -1
		}
	case int64:
		return cmp.Compare(a, b.(int64))
	case string:
		return strings.Compare(a, b.(string))
	case time.Time:
		return a.Compare(b.(time.Time))
	}
	return 0
}

// Encoded lists of values compare as the lists do, in either direction of each field, and decode to what they were.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		desc := rapid.SliceOfN(rapid.Bool(), 1, 3).Draw(t, "desc")
		lists := [2][]any{}
		encoded := [2][]byte{}
		want := 0
		for i, d := range desc {
			for n := range lists {
				v := anyValue().Draw(t, "value")
				lists[n] = append(lists[n], v)
				encoded[n] = Append(encoded[n], v, d)
			}
			if c := compare(lists[0][i], lists[1][i]); want == 0 && d {
				want = -c
			} else if want == 0 {
				want = c
			}
		}
		if got := bytes.Compare(encoded[0], encoded[1]); got != want {
			t.Fatalf("%v and %v compare as %d, want %d", lists[0], lists[1], got, want)
		}
		rest := encoded[0]
		for i, d := range desc {
			v, after, err := Decode(rest, d)
			if err != nil || v != lists[0][i] {
				t.Fatalf("decoded %v (%v), want %v", v, err, lists[0][i])
			}
			rest = after
		}
		if len(rest) > 0 {
			t.Fatalf("%d bytes left", len(rest))
		}
	})
}

// A damaged key is refused, never a panic.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{tagString, 'a', 0, 1}, false)
	f.Add([]byte{tagNumber, 0, 0}, true)
	f.Fuzz(func(t *testing.T, key []byte, desc bool) {
		v, rest, err := Decode(key, desc)
		if err != nil {
			return
		}
		if again := Append(nil, v, desc); !bytes.Equal(append(again, rest...), key) {
			t.Fatalf("%x decodes to %v, which encodes as %x", key, v, again)
		}
	})
}
