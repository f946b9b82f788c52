//go:build storeserver

package main

import (
	"os"
	"strings"
	"sync/atomic"
	"time"

	"wasl/internal/clock"
)

// machineClock is, in builds for tests only, the machine's clock moved by what stands in the file WASL_TEST_CLOCK, which a test may
// change at any time.
func machineClock() clock.Clock { return &movedClock{file: os.Getenv("WASL_TEST_CLOCK")} }

type movedClock struct {
	file  string
	read  atomic.Int64 // when the file was read last
	moved atomic.Int64
}

// Now returns the moved time.
func (c *movedClock) Now() time.Time {
	now := clock.System{}.Now()
	if last := c.read.Load(); now.UnixMilli()-last > 100 && c.read.CompareAndSwap(last, now.UnixMilli()) {
		if text, err := os.ReadFile(c.file); err == nil {
			if by, err := time.ParseDuration(strings.TrimSpace(string(text))); err == nil {
				c.moved.Store(int64(by))
			}
		}
	}
	return now.Add(time.Duration(c.moved.Load()))
}
