package storeserver

import (
	"context"
	"fmt"
	"net"
	"net/rpc"
	"sync"
	"time"

	"wasl/store"
)

// Link serves an engine on one address. Several links may serve the same engine, each with troubles of its own.
type Link struct {
	engine   store.Engine
	listener net.Listener
	ctx      context.Context // of the calls; it ends with the link
	end      context.CancelFunc

	mu        sync.Mutex
	conns     map[net.Conn]bool
	cut       bool
	loseReply bool
	delay     time.Duration
}

// Listen serves engine on a TCP address ("127.0.0.1:0" for any port) or, with a slash in it, a Unix socket.
func Listen(engine store.Engine, addr string) (*Link, error) {
	register()
	listener, err := net.Listen(network(addr), addr)
	if err != nil {
		return nil, fmt.Errorf("serve a store: %w", err)
	}
	l := &Link{engine: engine, listener: listener, conns: map[net.Conn]bool{}}
	l.ctx, l.end = context.WithCancel(context.Background())
	go l.accept()
	return l, nil
}

// Addr is what Dial takes.
func (l *Link) Addr() string { return l.listener.Addr().String() }

// Slow holds every call for this long before it is done.
func (l *Link) Slow(delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = delay
}

// Cut breaks all connections and refuses new ones until Mend. Calls under way may still be done.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for conn := range l.conns {
		_ = conn.Close()
	}
}

// Mend ends Cut.
func (l *Link) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
}

// CutAfterCommit lets the next write be done and breaks its connection instead of answering.
func (l *Link) CutAfterCommit() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loseReply = true
}

// Close ends the link. The engine stays open.
func (l *Link) Close() error {
	l.Cut()
	l.end()
	if err := l.listener.Close(); err != nil {
		return fmt.Errorf("close the link: %w", err)
	}
	return nil
}

func (l *Link) accept() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		if !l.add(conn) {
			_ = conn.Close()
			continue
		}
		go func() {
			defer l.remove(conn)
			server := rpc.NewServer()
			_ = server.RegisterName(service, &Service{l, conn}) // its methods have the shape that rpc wants
			server.ServeConn(conn)
		}()
	}
}

func (l *Link) add(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return false
	}
	l.conns[conn] = true
	return true
}

func (l *Link) remove(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
}

// takeLoseReply reports, once, whether the reply of a write is to be lost.
func (l *Link) takeLoseReply() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	lose := l.loseReply
	l.loseReply = false
	return lose
}

// Service is what one connection may call. It is exported for package rpc only.
type Service struct {
	link *Link
	conn net.Conn
}

// do runs call with the deadline of the request, after as long as the link is slow.
func (s *Service) do(r Request, out *Response, call func(context.Context) error) {
	ctx, cancel := context.WithCancel(s.link.ctx)
	if r.Timeout > 0 {
		ctx, cancel = context.WithTimeout(s.link.ctx, r.Timeout)
	}
	defer cancel()
	s.link.mu.Lock()
	delay := s.link.delay
	s.link.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			out.fail(fmt.Errorf("%w: %w", store.ErrUnavailable, ctx.Err()))
			return
		}
	}
	out.fail(call(ctx))
}

// Ensure calls the engine.
func (s *Service) Ensure(r Request, out *Response) error {
	s.do(r, out, func(ctx context.Context) error { return s.link.engine.Ensure(ctx, r.Schemas...) })
	return nil
}

// DropIndexes calls the engine.
func (s *Service) DropIndexes(r Request, out *Response) error {
	s.do(r, out, func(ctx context.Context) error { return s.link.engine.DropIndexes(ctx, r.Schemas[0]) })
	return nil
}

// Get calls the engine.
func (s *Service) Get(r Request, out *Response) error {
	s.do(r, out, func(ctx context.Context) (err error) {
		out.Docs, err = s.link.engine.Get(ctx, r.Collection, r.IDs...)
		return err
	})
	return nil
}

// Find calls the engine.
func (s *Service) Find(r Request, out *Response) error {
	s.do(r, out, func(ctx context.Context) error {
		page, err := s.link.engine.Find(ctx, r.Collection, unpacked(r.Query))
		out.Docs, out.Next = page.Docs, page.NextCursor
		return err
	})
	return nil
}

// Count calls the engine.
func (s *Service) Count(r Request, out *Response) error {
	s.do(r, out, func(ctx context.Context) (err error) {
		out.Count, err = s.link.engine.Count(ctx, r.Collection, unpacked(r.Query), r.Ceiling)
		return err
	})
	return nil
}

// Write calls the engine, and loses the answer if the link is told to.
func (s *Service) Write(r Request, out *Response) error {
	s.do(r, out, func(ctx context.Context) error { return s.link.engine.Write(ctx, r.Changes...) })
	if s.link.takeLoseReply() {
		_ = s.conn.Close()
	}
	return nil
}

// Ping calls the engine.
func (s *Service) Ping(r Request, out *Response) error {
	s.do(r, out, s.link.engine.Ping)
	return nil
}
