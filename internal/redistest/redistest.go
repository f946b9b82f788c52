// Package redistest runs a real Redis server for tests.
package redistest

import (
	"bytes"
	"net"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a Redis server on a loopback port of its own that keeps nothing on disk.
type Server struct {
	t    *testing.T
	port string
	cmd  *exec.Cmd
	said bytes.Buffer
}

// Start runs a server until the test ends. Without redis-server on the machine the test fails: it is never skipped.
func Start(t *testing.T) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatal("this test needs redis-server: install it with `apt-get install redis-server`")
	}
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, port: strconv.Itoa(probe.Addr().(*net.TCPAddr).Port)}
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	s.Run()
	t.Cleanup(s.Kill)
	return s
}

// URL is what WASL_REDIS_URL takes.
func (s *Server) URL() string { return "redis://127.0.0.1:" + s.port + "/0" }

// Options are those of a client.
func (s *Server) Options() redis.Options { return redis.Options{Addr: "127.0.0.1:" + s.port} }

// Run starts the server, empty, and waits until it answers.
func (s *Server) Run() {
	s.t.Helper()
	s.said.Reset()
	s.cmd = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", s.port, "--save", "", "--appendonly", "no", "--dir",
		s.t.TempDir())
	s.cmd.Stdout, s.cmd.Stderr = &s.said, &s.said
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	client := s.Client()
	defer func() { _ = client.Close() }()
	for range 500 {
		if client.Ping(s.t.Context()).Err() == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Kill()
	s.t.Fatalf("redis-server does not answer: %s", &s.said)
}

// Kill ends the server at once, with all that it holds.
func (s *Server) Kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// Client returns a client; the caller closes it.
func (s *Server) Client() *redis.Client {
	o := s.Options()
	return redis.NewClient(&o)
}

// Flush empties the server.
func (s *Server) Flush() {
	s.t.Helper()
	client := s.Client()
	defer func() { _ = client.Close() }()
	if err := client.FlushAll(s.t.Context()).Err(); err != nil {
		s.t.Fatal(err)
	}
}
