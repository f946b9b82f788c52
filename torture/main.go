package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"wasl/store/storetest"
	"wasl/torture/reactions"
)

// The kinds of run.
const (
	modeOne       = "one"
	modeCluster   = "cluster"
	modeReactions = "reactions"
	modeOrder     = "order"
	modeMongoDB   = "mongodb"
	modeBoth      = "both"
)

// settings are what a run is told.
type settings struct {
	binary    string
	load      time.Duration
	seed      uint64
	seeds     uint64
	mode      string
	plant     string
	customers int
	rate      int
	keep      bool
}

func main() {
	if reactions.Worker() {
		return
	}
	s := settings{}
	flag.StringVar(&s.binary, "bin", "bin/wasl", "the gateway")
	flag.DurationVar(&s.load, "for", 30*time.Minute, "how long the load lasts, in all; then everything has to settle")
	flag.Uint64Var(&s.seed, "seed", rand.Uint64N(1_000_000), "what the plan is drawn from")
	flag.Uint64Var(&s.seeds, "seeds", 1, "how many runs, each with the next seed")
	flag.StringVar(&s.mode, "mode", modeBoth,
		"one: the embedded store; cluster: three instances; reactions: what follows from commits; both: all of them, half of the time each; "+
			"order: 600 replies through faults and two kills; mongodb: three instances over the server of "+storetest.MongoDBVariable)
	flag.StringVar(&s.plant, "plant", "", "break this promise, to see that it is found")
	flag.IntVar(&s.customers, "customers", 2000, "how many people write")
	flag.IntVar(&s.rate, "rate", 50, "webhooks a second, before repetitions")
	flag.BoolVar(&s.keep, "keep", false, "keep the folder, also when nothing is wrong")
	proof := flag.Bool("proof", false, "break every promise in turn and see that each is found")
	flag.Parse()
	run := torture
	if *proof {
		run = prove
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// torture runs what the settings say, seed after seed.
func torture(ctx context.Context, s settings) (err error) {
	for end := s.seed + s.seeds; s.seed < end && ctx.Err() == nil; s.seed++ {
		err = errors.Join(err, s.modes(ctx))
	}
	return err
}

// modes runs one seed.
func (s settings) modes(ctx context.Context) error {
	modes := []string{s.mode}
	switch s.mode {
	case modeBoth:
		modes, s.load = []string{modeOne, modeCluster, modeReactions}, s.load/2
	case modeOrder:
		s.load, s.customers, s.rate = orderLoad, orderPeople, orderPeople/3
	}
	for _, mode := range modes {
		s.mode = mode
		wrong, err := s.run(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", mode, err)
		}
		if len(wrong) > 0 {
			return fmt.Errorf("%d promises broken\nreplay: make torture SEED=%d MODE=%s FOR=%v", len(wrong), s.seed, s.mode, s.load)
		}
	}
	return nil
}

// prove runs every plant and wants it found.
func prove(ctx context.Context, s settings) error {
	for _, p := range plants {
		s.plant, s.mode, s.load, s.customers = p.name, p.mode, 6*time.Second, 200
		wrong, err := s.run(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if !strings.Contains(strings.Join(wrong, "\n"), p.want) {
			return fmt.Errorf("the planted %s was not found", p.name)
		}
		say("found: %s", p.name)
	}
	return nil
}

func say(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stdout, format+"\n", args...)
}

// say prints what happens.
func (w *world) say(format string, args ...any) { say(format, args...) }

// built makes the binary whose store is served from here.
func built(dir string) (string, error) {
	made := filepath.Join(dir, "wasl-storeserver")
	build := exec.Command("go", "build", "-tags", "storeserver", "-o", made, "./cmd/wasl")
	build.Stderr = os.Stderr
	return made, build.Run()
}
