package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// frame is one frame of the live socket.
type frame struct {
	Type  string `json:"type"`
	Seq   int64  `json:"seq"`
	Epoch string `json:"epoch"`
	At    string `json:"at"`
	Data  object `json:"data"`

	raw []byte
}

// listener is a live socket.
type listener struct {
	conn   *websocket.Conn
	frames chan frame
	ended  chan struct{}
	err    error // why it ended
	hellos atomic.Int32
}

// greeted waits until the socket was told so often where it stands: at its beginning, and whenever what its user may see has changed.
func (l *listener) greeted(t *testing.T, times int32) {
	t.Helper()
	until(t, fmt.Sprint("hello ", times), func() bool { return l.hellos.Load() >= times })
}

// dial opens the live socket without judging the answer.
func (c client) dial(t *testing.T, query string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	if header == nil {
		header = http.Header{"Authorization": {"Bearer " + c.token}}
	}
	return c.dialAt(t, "/api/v1/ws"+query, header)
}

func (c client) dialAt(t *testing.T, path string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return websocket.Dial(ctx, "ws"+strings.TrimPrefix(c.base, "http")+path, &websocket.DialOptions{HTTPHeader: header})
}

// listen opens the live socket and collects its frames.
func (c client) listen(t *testing.T, query string) *listener {
	t.Helper()
	conn, _, err := c.dial(t, query, nil)
	if err != nil {
		t.Fatal(err)
	}
	return collect(t, conn)
}

// listenAt is listen for another socket than that of users.
func (c client) listenAt(t *testing.T, path string) *listener {
	t.Helper()
	conn, _, err := c.dialAt(t, path, http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	return collect(t, conn)
}

func collect(t *testing.T, conn *websocket.Conn) *listener {
	t.Helper()
	conn.SetReadLimit(1 << 20)
	l := &listener{conn: conn, frames: make(chan frame, 100_000), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		for {
			_, data, err := conn.Read(context.Background())
			if err != nil {
				l.err = err
				return
			}
			f := frame{raw: data}
			if err := json.Unmarshal(data, &f); err != nil {
				l.err = err
				return
			}
			if f.Type == "hello" {
				l.hellos.Add(1)
			}
			l.frames <- f
		}
	}()
	t.Cleanup(func() { _ = conn.CloseNow() })
	return l
}

// next returns the next frame of one of the types; others pass by.
func (l *listener) next(t *testing.T, types ...string) frame {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case f := <-l.frames:
			for _, want := range types {
				if f.Type == want {
					return f
				}
			}
		case <-l.ended:
			if len(l.frames) > 0 {
				continue
			}
			t.Fatalf("the socket ended (%v) before %v", l.err, types)
		case <-timeout:
			t.Fatalf("no %v came", types)
		}
	}
}

// closing waits for the end of the socket and returns its close code.
func (l *listener) closing(t *testing.T) websocket.StatusCode {
	t.Helper()
	select {
	case <-l.ended:
	case <-time.After(patience):
		t.Fatal("the socket stays open")
	}
	var end websocket.CloseError
	errors.As(l.err, &end)
	return end.Code
}

func (l *listener) send(t *testing.T, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.conn.Write(t.Context(), websocket.MessageText, data); err != nil {
		t.Fatal(err)
	}
}
