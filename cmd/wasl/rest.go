package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	restEvery = 500 * time.Millisecond
	// quietBelow is how many bytes a process takes from its heap in that time that has nothing to do.
	quietBelow = 1 << 20
	// worthwhile is how much has to be taken since memory was given back last: a third of what the processor would collect at anyhow.
	worthwhile = 16 << 20
)

// rest gives back to the system what a burst of work left behind (signing in takes 19 MiB), as soon as it is quiet. Go's runtime does
// so too, but the collection that comes first may take minutes to begin where little is going on.
func rest(ctx context.Context) {
	taken := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	ticker := time.NewTicker(restEvery)
	defer ticker.Stop()
	for before, given := uint64(0), uint64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		metrics.Read(taken)
		now := taken[0].Value.Uint64()
		if now-before < quietBelow && now-given > worthwhile {
			debug.FreeOSMemory()
			given = now
		}
		before = now
	}
}
