package realtime

import (
	"bytes"
	"slices"
	"testing"
)

// What many sockets are told together is in memory once, in the order and with the bytes that each of them would get alone.
func TestWhatManySocketsAreToldIsOnePiece(t *testing.T) {
	a, b, c := wire(opText, []byte("a")), wire(opText, []byte("b")), wire(opText, []byte("c"))
	var told runs
	mine, other := [][]byte{a, b}, [][]byte{a, c}
	for n, frames := range [][][]byte{mine, other, mine, other, mine, {a}, {a}} {
		pieces := told.pieces(slices.Clone(frames))
		if !bytes.Equal(bytes.Join(pieces, nil), bytes.Join(frames, nil)) {
			t.Errorf("socket %d gets %q", n, pieces)
		}
		if n >= 2 && len(pieces) != 1 {
			t.Errorf("socket %d gets %d pieces", n, len(pieces))
		}
	}
	if one, again := told.pieces(mine), told.pieces(slices.Clone(mine)); &one[0][0] != &again[0][0] {
		t.Error("two sockets get a copy each")
	}
	for range 2 * maxRuns { // everybody gets something else
		if pieces := told.pieces([][]byte{wire(opText, []byte("x")), a}); len(pieces) != 2 {
			t.Errorf("%d pieces", len(pieces))
		}
	}
	if len(told) > maxRuns {
		t.Errorf("%d runs are kept", len(told))
	}
}
