package main

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/fasthttp/websocket"
)

// createdFrame is how the frames begin that are counted.
const createdFrame = `{"type":"message.created"`

// socket is an agent's browser: it reads everything, and comes back where it left off when it is told to.
type socket struct {
	p       *process
	load    atomic.Pointer[load]
	resumes atomic.Int64
	mu      sync.Mutex
	conn    *websocket.Conn
	closed  bool
	seq     int64
	epoch   string
}

func (p *process) listen() (*socket, error) {
	s := &socket{p: p}
	if err := s.connect(); err != nil {
		return nil, err
	}
	go s.read()
	return s, nil
}

func (s *socket) connect() error {
	url := "ws://" + s.p.address + "/api/v1/ws?token=" + s.p.token
	if s.epoch != "" {
		url += fmt.Sprintf("&since=%d&epoch=%s", s.seq, s.epoch)
	}
	conn, res, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return fmt.Errorf("live socket: %w", err)
	}
	_ = res.Body.Close()
	_, hello, err := conn.ReadMessage()
	if err != nil {
		return fmt.Errorf("live socket: %w", err)
	}
	if s.epoch != "" && !bytes.Contains(hello, []byte(`"resumed":true`)) {
		return fmt.Errorf("live socket: could not resume after %d", s.seq)
	}
	if s.epoch == "" {
		s.seq, _ = strconv.ParseInt(string(field(hello, `"seq":`, ',')), 10, 64)
		s.epoch = string(field(hello, `"epoch":"`, '"'))
	}
	s.mu.Lock()
	s.conn = conn
	s.mu.Unlock()
	return nil
}

func (s *socket) read() {
	for {
		_, frame, err := s.conn.ReadMessage()
		if err != nil {
			s.mu.Lock()
			closed := s.closed
			s.mu.Unlock()
			if closed || s.epoch == "" || s.connect() != nil {
				return // what is missing is found by the count
			}
			s.resumes.Add(1)
			continue
		}
		if seq, err := strconv.ParseInt(string(field(frame, `"seq":`, ',')), 10, 64); err == nil {
			s.seq = seq
		}
		if l := s.load.Load(); l != nil && bytes.HasPrefix(frame, []byte(createdFrame)) {
			l.arrive(s, numberOf(frame))
		}
	}
}

func (s *socket) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	_ = s.conn.Close()
}

// field returns what stands between the name and the end.
func field(frame []byte, name string, end byte) []byte {
	at := bytes.Index(frame, []byte(name))
	if at < 0 {
		return nil
	}
	rest := frame[at+len(name):]
	return rest[:max(0, bytes.IndexByte(rest, end))]
}

func numberOf(frame []byte) int {
	at := bytes.Index(frame, []byte(idMark))
	if at < 0 || len(frame) < at+len(idMark)+idDigits {
		return -1
	}
	n, err := strconv.Atoi(string(frame[at+len(idMark) : at+len(idMark)+idDigits]))
	if err != nil {
		return -1
	}
	return n
}
