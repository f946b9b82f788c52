//go:build race

package inbox

// orderSeeds is how many orders of faults and kills are tried: each takes long under the race detector.
const orderSeeds = 1
