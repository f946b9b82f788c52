package main

import (
	"math"
	"runtime/debug"
	"testing"

	"wasl/store/pebble"
)

// The store keeps less of its disk in memory where there is little, and never so little that lists get slow.
func TestTheCacheFitsTheMachine(t *testing.T) {
	for memory, want := range map[int64]int64{
		64 << 20: pebble.SmallestCache, 256 << 20: 256 << 20 / 20, 512 << 20: 512 << 20 / 20, 1 << 30: pebble.LargestCache,
		math.MaxInt64: pebble.LargestCache,
	} {
		if got := cacheIn(memory); got != want {
			t.Errorf("of %d MiB it keeps %d bytes, want %d", memory>>20, got, want)
		}
	}
}

// The process knows how much memory it may take, and GOMEMLIMIT says so where it is set.
func TestTheProcessFitsItsMemory(t *testing.T) {
	before := memory()
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	if err := fitMemory(); err != nil || memory() == math.MaxInt64 || memory() < 64<<20 {
		t.Errorf("it may take %d bytes, %v", memory(), err)
	}
	debug.SetMemoryLimit(100 << 20)
	t.Setenv("GOMEMLIMIT", "100MiB")
	if err := fitMemory(); err != nil || memory() != 100<<20 {
		t.Errorf("it may take %d bytes, %v", memory(), err)
	}
}
