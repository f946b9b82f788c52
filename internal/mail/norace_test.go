//go:build !race

package mail

// raceDetector allocates more than the program.
const raceDetector = false
