package main

import (
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"wasl/store/pebble"
)

// fitMemory makes the process collect its garbage sooner as it comes near the memory that its control group or, without one, the machine
// has, instead of being killed. GOMEMLIMIT decides where it is set.
func fitMemory() error {
	_, err := memlimit.Set(memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)))
	return err
}

// memory is how many bytes the process may take, a very large number where nothing bounds it.
func memory() int64 { return debug.SetMemoryLimit(-1) }

// cacheIn is how much of so much memory the embedded store keeps of its disk.
func cacheIn(memory int64) int64 {
	return min(max(memory/20, pebble.SmallestCache), pebble.LargestCache)
}
