// Command serve runs a real mail host for tests that are not written in Go, until its input ends. It prints one line: the credentials of a
// mailbox, and the address at which it is told what to do.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"wasl/internal/mailhost"
)

// caller is a test as far as a host needs one.
type caller struct {
	testing.TB
	ends []func()
}

// Helper does nothing here.
func (*caller) Helper() {}

// Cleanup runs when the host ends.
func (c *caller) Cleanup(f func()) { c.ends = append(c.ends, f) }

// Context is that of the process.
func (*caller) Context() context.Context { return context.Background() }

// Fatal ends the host.
func (c *caller) Fatal(args ...any) { c.Fatalf("%s", fmt.Sprint(args...)) }

// Fatalf ends the host.
func (c *caller) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	c.end()
	os.Exit(1)
}

func (c *caller) end() {
	for len(c.ends) > 0 {
		last := c.ends[len(c.ends)-1]
		c.ends = c.ends[:len(c.ends)-1]
		last()
	}
}

// letter is a mail to bring, or to put into a folder.
type letter struct {
	From   string `json:"from"`
	To     string `json:"to"` // whose
	Folder string `json:"folder"`
	Raw    string `json:"raw"`
}

func main() {
	c := &caller{}
	host := mailhost.Start(c)
	defer c.end()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /deliver", func(_ http.ResponseWriter, r *http.Request) {
		l := read(c, r)
		host.Deliver(l.From, l.To, l.Raw)
	})
	mux.HandleFunc("POST /append", func(_ http.ResponseWriter, r *http.Request) {
		l := read(c, r)
		host.Append(l.To, l.Folder, strings.ReplaceAll(l.Raw, "\n", "\r\n"))
	})
	mux.HandleFunc("GET /mails", func(w http.ResponseWriter, r *http.Request) {
		found := map[string]string{}
		for name, raw := range host.Mails(r.URL.Query().Get("user"), r.URL.Query().Get("folder")) {
			found[name] = string(raw)
		}
		_ = json.NewEncoder(w).Encode(found)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	line, err := json.Marshal(map[string]any{
		"control": "http://" + listener.Addr().String(), "credentials": host.Credentials("desk@example.com"),
	})
	if err != nil {
		c.Fatal(err)
	}
	fmt.Printf("%s\n", line) //nolint:forbidigo // the command's output
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = server.Close()
}

func read(c *caller, r *http.Request) (l letter) {
	if err := json.NewDecoder(r.Body).Decode(&l); err != nil {
		c.Fatal(err)
	}
	return l
}
