package main

import (
	"crypto/subtle"
	"net"
	"os"
	"sync"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"
)

// floor is the least that a durable gateway must do: check the signature, make the body durable, tell the sockets.
type floor struct {
	file    *os.File
	waiting chan pending
	mu      sync.Mutex
	sockets map[*websocket.Conn]struct{}
}

type pending struct {
	body []byte
	done chan error
}

// maxGroup bounds how many bodies share one sync.
const maxGroup = 256

func serveFloor(address string) error {
	file, err := os.Create("floor.log")
	if err != nil {
		return err
	}
	f := &floor{file: file, waiting: make(chan pending, maxGroup), sockets: map[*websocket.Conn]struct{}{}}
	go f.write()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return (&fasthttp.Server{Handler: f.handle}).Serve(listener)
}

func (f *floor) handle(c *fasthttp.RequestCtx) {
	switch {
	case string(c.Path()) == "/api/v1/ws":
		f.upgrade(c)
	case c.IsPost():
		body := append([]byte(nil), c.PostBody()...)
		if subtle.ConstantTimeCompare(c.Request.Header.Peek("X-Hub-Signature-256"), []byte(sign(body))) != 1 {
			c.SetStatusCode(fasthttp.StatusUnauthorized)
			return
		}
		p := pending{body, make(chan error, 1)}
		f.waiting <- p
		if err := <-p.done; err != nil {
			c.SetStatusCode(fasthttp.StatusServiceUnavailable)
		}
	}
}

// write makes groups durable: what waits while the disk is busy shares the next sync.
func (f *floor) write() {
	seen := map[string]bool{} // a webhook delivered twice is one message
	for first := range f.waiting {
		group := []pending{first}
		for len(group) < maxGroup {
			select {
			case next := <-f.waiting:
				group = append(group, next)
				continue
			default:
			}
			break
		}
		var all []byte
		for _, p := range group {
			all = append(all, p.body...)
		}
		_, err := f.file.Write(all)
		if err == nil {
			err = f.file.Sync()
		}
		for _, p := range group {
			p.done <- err
			if !seen[string(p.body)] && err == nil {
				seen[string(p.body)] = true
				f.tell(p.body)
			}
		}
	}
}

func (f *floor) tell(body []byte) {
	frame := append([]byte(createdFrame+`,"data":`), append(body, '}')...)
	f.mu.Lock()
	defer f.mu.Unlock()
	for conn := range f.sockets {
		if conn.WriteMessage(websocket.TextMessage, frame) != nil {
			delete(f.sockets, conn)
		}
	}
}

func (f *floor) upgrade(c *fasthttp.RequestCtx) {
	upgrader := websocket.FastHTTPUpgrader{}
	_ = upgrader.Upgrade(c, func(conn *websocket.Conn) {
		f.mu.Lock()
		f.sockets[conn] = struct{}{}
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
		f.mu.Unlock()
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	})
}
