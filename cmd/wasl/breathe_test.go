package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func gcPercent() int {
	now := debug.SetGCPercent(usualGC)
	debug.SetGCPercent(now)
	return now
}

func TestGarbageHasRoomWhileThereIsWorkAndNoneAfter(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(usualGC))
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		go breathe(ctx)
		synctest.Wait()
		runtime.KeepAlive(make([]byte, 2*busyBreath))
		time.Sleep(breath)
		synctest.Wait()
		if got := gcPercent(); got <= usualGC {
			t.Errorf("with work: GOGC is %d", got)
		}
		time.Sleep(restAfter * breath)
		synctest.Wait()
		if got := gcPercent(); got != usualGC {
			t.Errorf("after work: GOGC is %d", got)
		}
	})
}

func TestAnOperatorsGOGCStands(t *testing.T) {
	const chosen = 50
	defer debug.SetGCPercent(debug.SetGCPercent(chosen))
	breathe(t.Context()) // returns at once
	if got := gcPercent(); got != chosen {
		t.Errorf("GOGC is %d", got)
	}
}
