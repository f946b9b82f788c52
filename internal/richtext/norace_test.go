//go:build !race

package richtext_test

// slowness is how much longer everything takes under the race detector.
const slowness = 1
