package ids_test

import (
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
