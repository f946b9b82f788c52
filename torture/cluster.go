package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
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
	redis  *exec.Cmd
	port   string
	clocks []string // files that say how far each instance's clock is off
}

func newCluster(w *world, binary, dir string, size int) (err error) {
	c := &cluster{}
	w.tools = c
	if c.engine, err = pebble.Open(filepath.Join(dir, "store"), pebble.Options{}); err != nil {
		return err
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	c.port = address[strings.LastIndex(address, ":")+1:]
	if err := c.startRedis(); err != nil {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
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
			"WASL_REDIS_URL=redis://"+address+"/0", "WASL_SECRET_KEY="+base64.StdEncoding.EncodeToString(key))
		if err != nil {
			return err
		}
		t.kill = func() { w.kill(i) }
		w.instances = append(w.instances, i)
	}
	return nil
}

// startRedis starts an empty server and waits until it answers.
func (c *cluster) startRedis() error {
	c.redis = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", c.port, "--save", "", "--appendonly", "no")
	dieWithUs(c.redis)
	if err := c.redis.Start(); err != nil {
		return err
	}
	for range 500 {
		if c.ask("PING") == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("redis-server does not answer")
}

func (c *cluster) stopRedis() {
	_ = c.redis.Process.Kill()
	_ = c.redis.Wait()
}

// ask sends Redis one word.
func (c *cluster) ask(word string) error {
	conn, err := net.DialTimeout("tcp", "127.0.0.1:"+c.port, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprintf(conn, "%s\r\n", word); err != nil {
		return err
	}
	said, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(said, "+") {
		err = errors.New(said)
	}
	return err
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
	case f.kind == "redis restart", f.kind == "redis down":
		c.stopRedis()
		if f.kind == "redis down" {
			wait(w.ctx, f.lasts*4)
		}
		if err := c.startRedis(); err != nil {
			w.book.trouble("the rig: %v", err)
		}
	case f.kind == "redis flush":
		_ = c.ask("FLUSHALL")
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
	if c.redis != nil && c.redis.Process != nil {
		c.stopRedis()
	}
	for _, l := range c.links {
		_ = l.Close()
	}
	return c.engine.Close()
}
