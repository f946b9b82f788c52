package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"
)

// redisServer is the Redis of several instances, which keeps its port over all its lives.
type redisServer struct {
	process *exec.Cmd
	port    string
}

// open finds a port and starts the server.
func (r *redisServer) open() error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	r.port = address[strings.LastIndex(address, ":")+1:]
	return r.start()
}

func (r *redisServer) url() string { return "redis://127.0.0.1:" + r.port + "/0" }

// start starts an empty server and waits until it answers.
func (r *redisServer) start() error {
	r.process = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", r.port, "--save", "", "--appendonly", "no")
	dieWithUs(r.process)
	if err := r.process.Start(); err != nil {
		return err
	}
	for range 500 {
		if r.ask("PING") == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("redis-server does not answer")
}

func (r *redisServer) stop() {
	if r.process == nil || r.process.Process == nil {
		return
	}
	_ = r.process.Process.Kill()
	_ = r.process.Wait()
}

// ask sends Redis one word.
func (r *redisServer) ask(word string) error {
	conn, err := net.DialTimeout("tcp", "127.0.0.1:"+r.port, time.Second)
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

// suffer carries out a fault of Redis; it reports whether it is one.
func (r *redisServer) suffer(w *world, f fault) bool {
	switch f.kind {
	case "redis flush":
		_ = r.ask("FLUSHALL")
		return true
	case "redis restart", "redis down":
		r.stop()
		if f.kind == "redis down" {
			wait(w.ctx, f.lasts*4)
		}
		if err := r.start(); err != nil {
			w.book.trouble("the rig: %v", err)
		}
		return true
	}
	return false
}

// newKey is a key for the credentials of channels, the same for all instances.
func newKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}
