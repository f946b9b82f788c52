package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// fault is one thing that goes wrong.
type fault struct {
	at       time.Duration
	kind     string
	instance int
	lasts    time.Duration
	weather  weather
}

// String is how the plan shows it.
func (f fault) String() string {
	s := fmt.Sprintf("%6.1fs %s", f.at.Seconds(), f.kind)
	if f.kind == "weather" {
		return s + fmt.Sprintf(" for %v: %+v", f.lasts, f.weather)
	}
	return s + fmt.Sprintf(", instance %d, %v", f.instance, f.lasts.Round(time.Millisecond))
}

// What can go wrong with any installation, with the embedded store, and with a cluster.
var (
	commonFaults  = []string{"kill", "term", "freeze", "vanish", "mail cut", "mail numbered anew", "mail refuses"}
	oneFaults     = []string{"kill", "called", "accepted", "full", "imap asked", "imap done"}
	redisFaults   = []string{"redis restart", "redis flush", "redis down"}
	clusterFaults = []string{
		"link slow", "link cut", "link cut after commit", "store refuses", "cut all", "clock step", "clock step", "kill", "kill",
	}
)

// draw makes the plan of a run. The same seed makes the same plan; what it meets when it is carried out depends on the machine.
func draw(seed uint64, mode string, instances int, load time.Duration) (faults, sky []fault) {
	r := rand.New(rand.NewPCG(seed, 7))
	kinds := slices.Concat(commonFaults, oneFaults)
	switch mode {
	case modeOrder:
		return drawOrder(r, load)
	case modeMongoDB:
		kinds = slices.Concat(commonFaults, redisFaults, []string{"kill", "kill"})
	case modeCluster:
		kinds = slices.Concat(commonFaults, redisFaults, clusterFaults)
		for _, p := range points {
			kinds = append(kinds, "point "+p.name)
		}
	}
	var deck []string
	for at := 2 * time.Second; at < load-time.Second; at += time.Duration(2000+r.IntN(2500)) * time.Millisecond {
		if len(deck) == 0 { // every kind comes before one comes again
			deck = slices.Clone(kinds)
			r.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		faults = append(faults, fault{
			at: at, kind: deck[0], instance: r.IntN(instances),
			lasts: time.Duration(200_000_000 + r.IntN(2_000_000_000)),
		})
		deck = deck[1:]
	}
	skies := []weather{
		{Slow: 50},
		{Throttled: 40},
		{Broken: 30},
		{CutBefore: 30},
		{CutAfter: 40},
		{CutLate: 40},
		{Slow: 10, Throttled: 10, Broken: 5, CutBefore: 5, CutAfter: 5, CutLate: 5},
	}
	for at := time.Second; at < load; at += time.Duration(3000+r.IntN(4000)) * time.Millisecond {
		sky = append(sky, fault{
			at: at, kind: "weather", lasts: time.Duration(1000+r.IntN(2000)) * time.Millisecond,
			weather: skies[r.IntN(len(skies))],
		})
	}
	return faults, sky
}

// What a run for the order of replies is made of: so many replies to so many people, and kills of the gateway, within this time.
const (
	orderReplies = 600
	orderPeople  = 60
	orderKills   = 2
	orderLoad    = 30 * time.Second
)

// drawOrder makes the plan of such a run: the provider is unwell all the time, and takes what was cut off seconds later; the kills come at
// any moment, or inside a call to the provider.
func drawOrder(r *rand.Rand, load time.Duration) (faults, sky []fault) {
	kinds := []string{"kill", "called", "accepted"}
	for n := range orderKills {
		at := load / 6 * time.Duration(1+2*n)
		faults = append(faults, fault{
			at: at + time.Duration(r.Int64N(int64(load/6))), kind: kinds[r.IntN(len(kinds))],
			lasts: time.Duration(200+r.IntN(1500)) * time.Millisecond,
		})
	}
	unwell := weather{Slow: 10, Throttled: 5, Broken: 2, CutBefore: 3, CutAfter: 6, CutLate: 8}
	return faults, []fault{{kind: "weather", lasts: load, weather: unwell}}
}
