package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// usualGC is the runtime's own GOGC.
	usualGC = 100
	// room is how much garbage may lie while there is work: a small heap would be gone through at every few hundred messages.
	room = 128 << 20
	// breath is how often the need for room is looked at; busyBreath is what is allocated in that time where there is work.
	breath     = 2 * time.Second
	busyBreath = 4 << 20
	// restAfter is how many breaths without work give the room back.
	restAfter = 5
)

// breathe takes room for garbage while there is work and gives it back to the system afterwards. An operator's GOGC stands.
func breathe(ctx context.Context) {
	if given := debug.SetGCPercent(usualGC); given != usualGC {
		debug.SetGCPercent(given)
		return
	}
	defer debug.SetGCPercent(usualGC)
	tick := time.NewTicker(breath)
	defer tick.Stop()
	heap := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(heap)
	allocated, rest := heap[0].Value.Uint64(), restAfter
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(heap)
		before, live := allocated, max(heap[1].Value.Uint64(), 1)
		allocated = heap[0].Value.Uint64()
		if allocated-before >= busyBreath {
			rest = 0
			debug.SetGCPercent(int(max(usualGC, 100*room/live))) //nolint:gosec // at most 100*room
			continue
		}
		if rest++; rest == restAfter {
			debug.SetGCPercent(usualGC)
			debug.FreeOSMemory()
		}
	}
}
