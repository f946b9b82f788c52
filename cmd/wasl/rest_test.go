package main

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// What a burst leaves behind is given back once it is quiet, and then nothing is done any more.
func TestRest(t *testing.T) {
	collected := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { rest(ctx); close(done) }()
	defer func() { stop(); <-done }()
	time.Sleep(3 * restEvery) // what the tests before have left
	before := collected()
	time.Sleep(3 * restEvery)
	if now := collected(); now != before {
		t.Fatalf("%d collections while nothing was done", now-before)
	}
	burst := make([]byte, worthwhile+quietBelow)
	runtime.KeepAlive(burst)
	for begin := time.Now(); collected() == before; time.Sleep(restEvery / 5) {
		if time.Since(begin) > 10*restEvery {
			t.Fatal("nothing was given back")
		}
	}
}
