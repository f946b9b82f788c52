package ids_test

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wasl/internal/ids"
)

func TestNewSortsByTime(t *testing.T) {
	at := time.UnixMilli(1790000000000)
	a, b := ids.New("msg", at), ids.New("msg", at.Add(time.Millisecond))
	if !strings.HasPrefix(a, "msg_") || a >= b {
		t.Fatalf("%s must sort before %s", a, b)
	}
}

func TestDerivedIsTheSameForTheSamePartsOnly(t *testing.T) {
	if ids.Derived("x", "a", "bc") != ids.Derived("x", "a", "bc") {
		t.Fatal("not stable")
	}
	if ids.Derived("x", "a", "bc") == ids.Derived("x", "ab", "c") {
		t.Fatal("parts run together")
	}
}

// What is packed comes back, in the same order; what is no id packs to nothing.
func TestPackedIdsComeBackInTheirOrder(t *testing.T) {
	var made []string
	for n := range 100 {
		made = append(made, ids.Derived("cnv", strconv.Itoa(n)))
	}
	slices.Sort(made)
	for n, id := range made {
		if got := ids.Pack(id).ID("cnv"); got != id {
			t.Fatalf("%s comes back as %s", id, got)
		}
		if n > 0 && bytes.Compare(packed(made[n-1]), packed(id)) >= 0 {
			t.Fatalf("%s must sort before %s", made[n-1], id)
		}
	}
	for _, s := range []string{
		"", "cnv", "cnv_", "cnv_1", made[0] + "0", "cnv_ilouilouilouilouilouilouil",
		"cnv_00000000000000\n00000000000",
	} {
		if ids.Pack(s) != (ids.Packed{}) {
			t.Errorf("%q is no id", s)
		}
	}
}

func packed(id string) []byte {
	p := ids.Pack(id)
	return p[:]
}
