package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// settings are how much is measured.
type settings struct {
	binary, against string
	mongodb         string // the server over which the gateway is measured; empty: the embedded store
	cache           string
	only            string
	rounds          int
	seconds         int // of each open loop
	peak            int // messages of the closed loop
	sustained       int // seconds of the long closed loop
	storm           int // messages, each with three receipts
	senders         int
	sockets         int
	crowd           int   // sockets of the larger crowd; the smaller is a fifth
	sizes           []int // conversations of the seeded folders, ten messages each
	reads           int   // of each kind
}

func main() {
	s := settings{
		rounds: 5, seconds: 10, peak: 20000, sustained: 60, storm: 10000, crowd: 5000, senders: 2000, sockets: 2,
		sizes: []int{10_000, 100_000}, reads: 500,
	}
	quick := flag.Bool("quick", false, "about a minute: fewer and shorter rounds, a small folder")
	floor := flag.String("floor", "", "internal: serve as the floor on this address, in the present folder")
	flag.StringVar(&s.binary, "bin", "bin/wasl", "the gateway")
	flag.StringVar(&s.against, "against", "", "another build of the gateway, measured in the same rounds")
	flag.StringVar(&s.mongodb, "mongodb", "", "measure over this MongoDB replica set, in databases of its own, instead of the embedded store")
	flag.StringVar(&s.cache, "cache", ".cache/bench", "where seeded folders are kept")
	flag.IntVar(&s.rounds, "rounds", s.rounds, "how often each is measured")
	flag.Func("sizes", "conversations of the seeded folders (default 10000,100000)", func(list string) (err error) {
		s.sizes, err = numbers(list)
		return err
	})
	flag.StringVar(&s.only, "only", "", "ingest, routing, fair, crowd or read: just this part")
	flag.Parse()
	if *floor != "" {
		exit(serveFloor(*floor))
	}
	if *quick {
		s.rounds, s.seconds, s.peak, s.sizes, s.reads = min(s.rounds, 2), 3, 4000, []int{1000}, 100
		s.sustained, s.storm, s.crowd = 5, 1000, 500
	}
	exit(measure(s))
}

func numbers(list string) (out []int, err error) {
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of conversations", part)
		}
		out = append(out, n)
	}
	return out, nil
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func measure(s settings) (err error) {
	work, err := os.MkdirTemp("", "wasl-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	nothing, err := serveNothing()
	if err != nil {
		return err
	}
	defer nothing.close()
	subjects, err := subjectsOf(s, nothing.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dropDatabases(s, subjects)) }()
	t := newTable(subjects, s.sizes)
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"ingest", func() error { return ingest(s, subjects, work, t) }},
		{"routing", func() error { return routed(s, subjects, work, t) }},
		{"fair", func() error { return fair(s, subjects, nothing, work, t) }},
		{"crowd", func() error { return crowds(s, subjects, work, t) }},
		{"read", func() error { return read(s, subjects, t) }},
	} {
		if s.only != "" && s.only != part.name {
			continue
		}
		if s.mongodb != "" && part.name == "read" {
			fmt.Fprintln(os.Stderr, "NOT RUN: reads of large stores, which are seeded as folders of the embedded store")
			continue
		}
		if err := part.run(); err != nil {
			return err
		}
	}
	for _, sub := range subjects {
		if info, err := os.Stat(sub.binary); err == nil && !sub.bare {
			t.add(sub, "binary size", float64(info.Size())/(1<<20))
		}
	}
	t.compare()
	t.print(os.Stdout)
	return t.verdict()
}

// subjectsOf lists what is measured: the gateway first, the floor last.
func subjectsOf(s settings, provider string) ([]*subject, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	subjects := []*subject{{name: "wasl", binary: s.binary, provider: provider, mongodb: s.mongodb}}
	if s.against != "" {
		subjects = append(subjects, &subject{name: "against", binary: s.against, provider: provider, mongodb: s.mongodb})
	}
	for _, sub := range subjects {
		if sub.binary, err = filepath.Abs(sub.binary); err != nil {
			return nil, err
		}
		if _, err := os.Stat(sub.binary); err != nil {
			return nil, fmt.Errorf("no gateway to measure, make build first: %w", err)
		}
	}
	return append(subjects, &subject{name: "floor", binary: self, bare: true}), nil
}
