//go:build !race

package inbox

// orderSeeds is how many orders of faults and kills are tried.
const orderSeeds = 10
