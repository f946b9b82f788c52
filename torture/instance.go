package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// instance is one process of the gateway, with the address that it keeps over all its lives.
type instance struct {
	number  int
	binary  string
	dir     string // where it runs
	env     []string
	address string
	mu      sync.Mutex
	cmd     *exec.Cmd
	gone    chan struct{}
	log     *os.File
	lives   int
}

const (
	ownerMail = "owner@torture.example"
	password  = "torture-password"
)

func newInstance(number int, binary, dir string, env ...string) (*instance, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, fmt.Sprintf("instance-%d.log", number)))
	if err != nil {
		return nil, err
	}
	i := &instance{number: number, binary: binary, dir: dir, address: address, log: log}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "WASL_") {
			i.env = append(i.env, pair)
		}
	}
	i.env = append(i.env, "WASL_LISTEN="+address, "WASL_PUBLIC_URL=http://"+address, "WASL_ALLOW_PRIVATE_NETWORK=true",
		"WASL_LOG_FORMAT=json",
		"WASL_DATA_DIR="+filepath.Join(dir, "data"), "WASL_BOOTSTRAP_EMAIL="+ownerMail, "WASL_BOOTSTRAP_PASSWORD="+password)
	i.env = append(i.env, env...)
	return i, nil
}

// freeAddress is below the ports that the system gives to clients.
func freeAddress() (string, error) {
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))
		if l, err := net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", errors.New("no free port")
}

// start begins a life. It does not wait until the instance serves.
func (i *instance) start() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	cmd := exec.Command(i.binary, "serve")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = i.dir, i.env, i.log, i.log
	dieWithUs(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	i.cmd, i.gone = cmd, gone
	i.lives++
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	return nil
}

// alive reports whether the process runs.
func (i *instance) alive() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.gone == nil {
		return false
	}
	select {
	case <-i.gone:
		return false
	default:
		return true
	}
}

// signal sends a signal and, with one that ends it, waits for the end; code is its exit code.
func (i *instance) signal(sig syscall.Signal, patience time.Duration) (code int, err error) {
	i.mu.Lock()
	cmd, gone := i.cmd, i.gone
	i.mu.Unlock()
	if err := cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	if sig == syscall.SIGSTOP || sig == syscall.SIGCONT {
		return 0, nil
	}
	select {
	case <-gone:
		return cmd.ProcessState.ExitCode(), nil
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		<-gone
		return 0, fmt.Errorf("instance %d did not end within %v of %v", i.number, patience, sig)
	}
}

// kill ends it at once.
func (i *instance) kill() { _, _ = i.signal(syscall.SIGKILL, time.Minute) }

// ready asks the instance whether it serves.
func (i *instance) ready() bool {
	c := http.Client{Timeout: 2 * time.Second}
	res, err := c.Get("http://" + i.address + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// await waits until it serves.
func (i *instance) await(ctx context.Context) error {
	end := time.Now().Add(90 * time.Second)
	for !i.ready() {
		if time.Now().After(end) || ctx.Err() != nil || !i.alive() {
			return fmt.Errorf("instance %d does not serve: see %s", i.number, i.log.Name())
		}
		wait(ctx, 20*time.Millisecond)
	}
	return nil
}

// screams returns lines of the log that must never be there.
func (i *instance) screams() []string {
	said, err := os.ReadFile(i.log.Name())
	if err != nil {
		return []string{err.Error()}
	}
	var bad []string
	for line := range bytes.Lines(said) {
		for _, sign := range []string{"panic", "DATA RACE", "fatal error", "others were faster"} {
			if bytes.Contains(line, []byte(sign)) {
				bad = append(bad, fmt.Sprintf("instance %d said: %.300s", i.number, line))
				break
			}
		}
	}
	return bad
}
