package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The tests of this package build the program and talk to it as people and providers do: over its command line, its
// HTTP face and its live socket.

var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "wasl-test-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "wasl")
	// of this package, which is the folder of its tests
	build := exec.Command("go", append([]string{"build", "-o", binary}, buildFlags...)...)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	code := m.Run()
	if !stopShared() && code == 0 {
		return 1
	}
	return code
}

// patience is how long a test waits for what it was promised; machines are slow at times.
const patience = 60 * time.Second

// output collects what a program prints and lets a test wait for a line.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.text.Write(p)
}

func (o *output) read() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.changed
}

func (o *output) String() string {
	text, _ := o.read()
	return text
}

func (o *output) lines() []string {
	var lines []string
	scan := bufio.NewScanner(strings.NewReader(o.String()))
	for scan.Scan() {
		lines = append(lines, scan.Text())
	}
	return lines
}

// program is one running wasl.
type program struct {
	cmd            *exec.Cmd
	stdout, stderr *output
	exited         chan struct{}
	code           int
}

// settings are the environment of a program: nothing of the developer's own settings reaches it.
func settings(pairs ...string) []string {
	env := []string{}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "WASL_") {
			env = append(env, pair)
		}
	}
	return append(env, pairs...)
}

// launch starts wasl in the folder, which has its settings file where there is one.
func launch(dir string, env []string, args ...string) (*program, error) {
	return launchBinary(binary, dir, env, args...)
}

func launchBinary(binary, dir string, env []string, args ...string) (*program, error) {
	p := &program{cmd: exec.Command(binary, args...), stdout: newOutput(), stderr: newOutput(), exited: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, env, p.stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		p.code = p.cmd.ProcessState.ExitCode()
		close(p.exited)
	}()
	return p, nil
}

// start is launch for one test, which kills what is left of the program.
func start(t *testing.T, dir string, env []string, args ...string) *program {
	t.Helper()
	p, err := launch(dir, env, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if strings.Contains(p.stderr.String(), "DATA RACE") {
			t.Error("a data race")
		}
		if t.Failed() {
			t.Logf("wasl %s said:\n%s%s", strings.Join(args, " "), p.stdout, p.stderr)
		}
	})
	return p
}

func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// run runs wasl to its end.
func run(t *testing.T, dir string, env []string, args ...string) *program {
	t.Helper()
	p := start(t, dir, env, args...)
	p.wait(t)
	return p
}

func (p *program) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatalf("%s is still running", p.cmd)
	}
	return p.code
}

// terminate asks the program to stop and returns its exit code and how long it took.
func (p *program) terminate(t *testing.T) (code int, took time.Duration) {
	t.Helper()
	begin := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	code = p.wait(t)
	return code, time.Since(begin)
}

// find waits until the output matches and returns the first group.
func (p *program) find(o *output, pattern string) (string, error) {
	re := regexp.MustCompile(pattern)
	timeout := time.After(patience)
	for {
		text, changed := o.read()
		if found := re.FindStringSubmatch(text); found != nil {
			return found[len(found)-1], nil
		}
		select {
		case <-changed:
		case <-p.exited:
			text, _ := o.read()
			if found := re.FindStringSubmatch(text); found != nil {
				return found[len(found)-1], nil
			}
			return "", fmt.Errorf("ended with %d before it said %s:\n%s%s", p.code, pattern, p.stdout, p.stderr)
		case <-timeout:
			return "", fmt.Errorf("never said %s:\n%s%s", pattern, p.stdout, p.stderr)
		}
	}
}

func (p *program) says(t *testing.T, o *output, pattern string) string {
	t.Helper()
	found, err := p.find(o, pattern)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

const servingAt = `"address":"([^"]+)".*"serving"`

// until repeats the question until the answer is yes.
func until(t *testing.T, what string, ask func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ask() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}

// customer is a person with a phone of the sandbox.
type customer struct {
	sandbox, key string
}

// newCustomer gives a person a phone.
func newCustomer(t *testing.T, sandbox, name, number string) customer {
	t.Helper()
	var phone struct {
		Key string `json:"key"`
	}
	control(t, http.MethodPost, sandbox+"/_sandbox/phones", map[string]any{"name": name, "phone": number}, &phone)
	return customer{sandbox, phone.Key}
}

// control asks the sandbox's own API.
func control(t *testing.T, method, address string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %s %v", method, address, res.StatusCode, answer, err)
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			t.Fatal(err)
		}
	}
}

func (c customer) writes(t *testing.T, text string) {
	t.Helper()
	control(t, http.MethodPost, c.sandbox+"/_sandbox/phones/"+c.key+"/messages", map[string]any{"type": "text", "text": text}, nil)
}

type bubble struct {
	ID      string `json:"id"`
	From    string `json:"from"`
	Status  string `json:"status"`
	Content struct {
		Text string `json:"text"`
	} `json:"content"`
}

// reads waits for a message of the business with this text on the phone.
func (c customer) reads(t *testing.T, text string) bubble {
	t.Helper()
	var found bubble
	until(t, "the phone shows "+text, func() bool {
		var chat struct {
			Items []bubble `json:"items"`
		}
		control(t, http.MethodGet, c.sandbox+"/_sandbox/phones/"+c.key+"/messages", nil, &chat)
		for _, b := range chat.Items {
			if b.From == "business" && b.Content.Text == text {
				found = b
				return true
			}
		}
		return false
	})
	return found
}
