package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wasl/store/pebble"
	"wasl/store/storetest/storeserver"
)

// cluster is the installation of several instances: one store that lives here, a link to it for each, and a Redis.
type cluster struct {
	engine *pebble.Engine
	taps   []*tap
	links  []*storeserver.Link
	redis  redisServer
	clocks []string // files that say how far each instance's clock is off
}

func newCluster(w *world, binary, dir string, size int) (err error) {
	c := &cluster{}
	w.tools = c
	if c.engine, err = pebble.Open(filepath.Join(dir, "store"), pebble.Options{}); err != nil {
		return err
	}
	if err := c.redis.open(); err != nil {
		return err
	}
	key := newKey()
	for n := range size {
		t := &tap{Engine: c.engine, plant: w.plant}
		link, err := storeserver.Listen(t, "127.0.0.1:0")
		if err != nil {
			return err
		}
		c.taps, c.links = append(c.taps, t), append(c.links, link)
		hands := filepath.Join(dir, fmt.Sprintf("clock-%d", n))
		c.clocks = append(c.clocks, hands)
		i, err := newInstance(n, binary, dir, "WASL_TEST_CLOCK="+hands, "WASL_MONGODB_URI=mongodb://in-its-place-the-store-server",
			"WASL_TEST_STORE="+link.Addr(),
			"WASL_REDIS_URL="+c.redis.url(), "WASL_SECRET_KEY="+key)
		if err != nil {
			return err
		}
		t.kill = func() { w.kill(i) }
		w.instances = append(w.instances, i)
	}
	return nil
}

func (c *cluster) suffer(w *world, f fault) bool {
	link := c.links[f.instance]
	pause := func() { wait(w.ctx, f.lasts) }
	name, isPoint := strings.CutPrefix(f.kind, "point ")
	switch {
	case isPoint:
		for _, t := range c.taps { // whoever comes there first
			t.arm(name)
		}
		w.fallen(5 * time.Second)
		for _, t := range c.taps {
			t.arm("")
		}
		return true
	case c.redis.suffer(w, f):
	case f.kind == "link slow":
		link.Slow(f.lasts / 10)
		pause()
		link.Slow(0)
	case f.kind == "link cut":
		link.Cut()
		pause()
		link.Mend()
	case f.kind == "link cut after commit":
		for range 5 {
			link.CutAfterCommit()
			wait(w.ctx, f.lasts/5)
		}
	case f.kind == "clock step": // forth and back, never further than the instructions allow
		by := f.lasts
		if f.lasts%2 == 0 {
			by = -by
		}
		w.book.apart()
		if err := os.WriteFile(c.clocks[f.instance], []byte(by.String()), 0o600); err != nil {
			w.book.trouble("the rig: %v", err)
		}
	case f.kind == "store refuses":
		for _, t := range c.taps {
			t.refuse(true)
		}
		pause()
		for _, t := range c.taps {
			t.refuse(false)
		}
	case f.kind == "cut all":
		for _, l := range c.links {
			l.Cut()
		}
		pause()
		for _, l := range c.links {
			l.Mend()
		}
	default:
		return false
	}
	return true
}

func (c *cluster) waits(w *world) ([]string, error) { return c.left(w) }

func (c *cluster) left(w *world) ([]string, error) { return leftIn(w.ctx, c.engine) }

func (c *cluster) close() error {
	c.redis.stop()
	for _, l := range c.links {
		_ = l.Close()
	}
	return c.engine.Close()
}
