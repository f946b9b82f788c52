package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	crowdRate    = 10 // messages a second to the larger crowd
	crowdSeconds = 10
	crowdSenders = 16 // deliveries under way to the smaller crowd, as fast as they are taken
)

// crowd is many sockets that are read as cheaply as possible: the frames of new messages are timed, all are counted.
type crowd struct {
	conns  []net.Conn
	load   *load
	frames atomic.Int64
	mu     sync.Mutex
	took   []float64
	done   sync.WaitGroup
}

// crowds measures what many sockets cost and how fast they are told.
func crowds(s settings, subjects []*subject, work string, t *table) error {
	for round := range s.rounds {
		for _, sub := range subjects {
			for _, size := range []int{s.crowd / 5, s.crowd} {
				if sub.bare {
					continue
				}
				_, _ = fmt.Fprintf(os.Stderr, "%d sockets, round %d of %d: %s\n", size, round+1, s.rounds, sub.name)
				dir := filepath.Join(work, fmt.Sprintf("%s-crowd-%d-%d", sub.name, round, size))
				if err := errors.Join(crowdRound(s, sub, dir, size, t), os.RemoveAll(dir)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func crowdRound(s settings, sub *subject, dir string, size int, t *table) (err error) {
	p, err := sub.start(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	pid := p.cmd.Process.Pid
	time.Sleep(2 * time.Second) // until what signing in took is given back
	before := resident(pid)
	c, err := p.crowd(size)
	if err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	t.add(sub, "memory of a socket", (resident(pid)-before)*1024/float64(size))
	rest, err := others(func() error {
		if size == s.crowd {
			return c.run(p, crowdRate*crowdSeconds, size, func(l *load) { l.open(crowdRate) })
		}
		return c.run(p, s.peak/20, size, func(l *load) { l.closed(crowdSenders) })
	}, pid)
	t.busy(rest)
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.done.Wait()
	slices.Sort(c.took)
	switch {
	case err != nil:
		t.void(sub, fmt.Errorf("%d sockets: %w", size, err))
	case size == s.crowd:
		t.add(sub, "p99 to the larger crowd, 10/s", quantile(c.took, .99))
	default:
		t.add(sub, "frames to the smaller crowd", float64(c.frames.Load())/slices.Max(c.load.landed).Seconds())
	}
	return nil
}

// run delivers a load and waits until everybody has seen all of it.
func (c *crowd) run(p *process, count, size int, how func(*load)) error {
	l := newLoad(p, nil, 0, count, oneOf(1000))
	l.left.Store(int64(count * size))
	l.patience = patience
	c.load = l
	for _, conn := range c.conns {
		c.done.Go(func() { c.read(conn) })
	}
	l.begin = time.Now()
	how(l)
	return l.wait()
}

// read counts a socket's frames and times those of new messages, each of which must come once.
func (c *crowd) read(conn net.Conn) {
	l := c.load
	in, frame, seen := bufio.NewReaderSize(conn, 8<<10), make([]byte, 0, 4<<10), make([]bool, len(l.due))
	var took []float64
	var last time.Duration
	for {
		var err error
		if frame, err = readFrame(in, frame); err != nil {
			break
		}
		c.frames.Add(1)
		if !strings.HasPrefix(string(frame[:min(len(frame), len(createdFrame))]), createdFrame) {
			continue
		}
		n := numberOf(frame)
		if n < 0 || n >= len(seen) || seen[n] {
			l.twice.Add(1)
			continue
		}
		seen[n], last = true, time.Since(l.begin)
		took = append(took, (last-l.due[n]).Seconds()*1000)
		if l.left.Add(-1) == 0 {
			close(l.done)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, took...)
	l.landed[0] = max(l.landed[0], last)
}

// readFrame reads one frame of a server, which is neither masked nor fragmented.
func readFrame(in *bufio.Reader, into []byte) ([]byte, error) {
	var head [8]byte
	if _, err := io.ReadFull(in, head[:2]); err != nil {
		return nil, err
	}
	size := uint64(head[1])
	switch size {
	case 126:
		if _, err := io.ReadFull(in, head[:2]); err != nil {
			return nil, err
		}
		size = uint64(binary.BigEndian.Uint16(head[:2]))
	case 127:
		if _, err := io.ReadFull(in, head[:8]); err != nil {
			return nil, err
		}
		size = binary.BigEndian.Uint64(head[:8])
	}
	into = slices.Grow(into[:0], int(size))[:size]
	_, err := io.ReadFull(in, into)
	return into, err
}

// crowd opens sockets.
func (p *process) crowd(size int) (*crowd, error) {
	c := &crowd{conns: make([]net.Conn, size)}
	var group errgroup.Group
	group.SetLimit(32)
	for n := range c.conns {
		group.Go(func() (err error) {
			c.conns[n], err = p.upgrade()
			return err
		})
	}
	return c, group.Wait()
}

// upgrade opens a socket and reads the answer to its handshake.
func (p *process) upgrade() (net.Conn, error) {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(conn, "GET /api/v1/ws?token=%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", p.token, p.address)
	if err != nil {
		return nil, err
	}
	var answer []byte // byte by byte: the first frame may follow at once
	for one := make([]byte, 1); !strings.HasSuffix(string(answer), "\r\n\r\n"); {
		if _, err := conn.Read(one); err != nil {
			return nil, err
		}
		answer = append(answer, one[0])
	}
	if !strings.Contains(string(answer[:min(len(answer), 16)]), fmt.Sprint(http.StatusSwitchingProtocols)) {
		return nil, fmt.Errorf("live socket: %.60s", answer)
	}
	return conn, nil
}
