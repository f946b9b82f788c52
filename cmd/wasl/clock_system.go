//go:build !storeserver

package main

import "wasl/internal/clock"

// machineClock is the time by which an instance lives.
func machineClock() clock.Clock { return clock.System{} }
