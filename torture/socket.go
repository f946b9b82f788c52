package main

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"regexp"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
)

// frame is what the rig looks at of a frame.
type frame struct {
	Type  string
	Seq   int64
	Epoch string
	Data  json.RawMessage
}

// sights are all numbered events that any socket was shown: every other socket that was there must have got the same.
type sights struct {
	mu   sync.Mutex
	seed maphash.Seed
	seen map[string]map[int64]uint64
}

func newSights() *sights {
	return &sights{seed: maphash.MakeSeed(), seen: map[string]map[int64]uint64{}}
}

// own is what may differ between receivers.
var own = regexp.MustCompile(`"unread_count":\d+`)

// add notes an event and reports whether others saw something else under its number.
func (s *sights) add(f frame) (same bool) {
	sum := maphash.Bytes(s.seed, own.ReplaceAll(f.Data, nil))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[f.Epoch] == nil {
		s.seen[f.Epoch] = map[int64]uint64{}
	}
	before, known := s.seen[f.Epoch][f.Seq]
	s.seen[f.Epoch][f.Seq] = sum
	return !known || before == sum
}

// stretch is a range of numbers that a socket must know without a gap: after from, up to to.
type stretch struct {
	epoch    string
	from, to int64
}

// socket is an agent's browser: it applies frames as they come, comes back where it left off, and loads anew when it is told to.
type socket struct {
	w      *world
	name   string
	user   *user
	slow   bool
	forget bool // comes back without saying where it was
	rand   *rand.Rand

	mu            sync.Mutex
	conn          *websocket.Conn
	ended         bool
	epoch         string
	seq           int64
	since         time.Time // from when on everything that happens must come as a frame
	fresh         bool      // what it knows is whole, up to seq
	stretches     []stretch
	seen          map[string]map[int64]bool
	conversations map[string]*conversation
	messages      map[string]*shown
	reloads       int
	resumes       int
}

func newSocket(w *world, name string, u *user, seed uint64) *socket {
	return &socket{w: w, name: name, user: u, seen: map[string]map[int64]bool{}, rand: rand.New(rand.NewPCG(seed, uint64(len(name))))}
}

// run keeps the socket connected until the rig ends.
func (s *socket) run() {
	for s.w.ctx.Err() == nil {
		s.connect()
		s.mu.Lock()
		ended := s.ended
		s.mu.Unlock()
		if ended {
			return
		}
		wait(s.w.ctx, time.Duration(50+s.rand.IntN(400))*time.Millisecond)
	}
}

// vanish cuts the connection without a farewell.
func (s *socket) vanish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.NetConn().Close()
	}
}

func (s *socket) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.vanish()
}

// connect holds one connection until it ends.
func (s *socket) connect() {
	i := s.w.any()
	s.mu.Lock()
	address := "ws://" + i.address + "/api/v1/ws?token=" + s.user.token
	asked := s.fresh && !(s.forget && s.rand.IntN(2) == 0)
	if asked {
		address += fmt.Sprintf("&since=%d&epoch=%s", s.seq, s.epoch)
	}
	s.mu.Unlock()
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second, ReadBufferSize: 4096}
	conn, res, err := dialer.DialContext(s.w.ctx, address, nil)
	if err != nil {
		return
	}
	_ = res.Body.Close()
	defer func() { _ = conn.Close() }()
	s.mu.Lock()
	s.conn = conn
	s.mu.Unlock()
	first := true
	for {
		_ = conn.SetReadDeadline(time.Now().Add(60 * time.Second)) // pings come every 25 s
		_, raw, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if s.slow && s.rand.IntN(200) == 0 {
			wait(s.w.ctx, time.Duration(s.rand.IntN(3000))*time.Millisecond)
		}
		for _, raw := range s.w.plant.frame(raw) {
			if !s.take(i, raw, first, asked) {
				return
			}
			first = false
		}
	}
}

// take applies a frame; it reports whether the connection goes on.
func (s *socket) take(i *instance, raw []byte, first, asked bool) bool {
	var f frame
	if err := json.Unmarshal(raw, &f); err != nil {
		s.w.book.trouble("socket %s got no JSON: %.200s", s.name, raw)
		return false
	}
	if f.Type == "hello" {
		return s.hello(i, f, first, asked)
	}
	if first {
		s.w.book.trouble("socket %s got %s before its hello", s.name, f.Type)
	}
	if f.Seq == 0 {
		return true // a live notice
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Epoch != s.epoch || f.Seq <= s.seq {
		s.w.book.trouble("socket %s, which was at %s %d, got %s %d, %s", s.name, s.epoch, s.seq, f.Epoch, f.Seq, f.Type)
	}
	s.seq = f.Seq
	s.stretches[len(s.stretches)-1].to = f.Seq
	if f.Type == "notification.created" {
		return true // goes to one person
	}
	if !s.w.sights.add(f) {
		s.w.book.trouble("socket %s got another %s under %s %d than others", s.name, f.Type, f.Epoch, f.Seq)
	}
	if s.seen[f.Epoch] == nil {
		s.seen[f.Epoch] = map[int64]bool{}
	}
	s.seen[f.Epoch][f.Seq] = true
	s.apply(f)
	return true
}

// apply changes the picture as the web app does.
func (s *socket) apply(f frame) {
	switch f.Type {
	case "message.created", "message.updated":
		m := &shown{}
		if json.Unmarshal(f.Data, m) == nil {
			s.messages[m.ID] = m
		}
	case "conversation.created", "conversation.updated":
		c := &conversation{}
		if json.Unmarshal(f.Data, c) == nil {
			s.header(c)
		}
	}
}

// header keeps the newer picture of a conversation.
func (s *socket) header(c *conversation) {
	if held := s.conversations[c.ID]; held == nil || held.UpdatedAt <= c.UpdatedAt {
		s.conversations[c.ID] = c
	}
}

// hello begins a connection, or tells that everything is to be loaded anew.
func (s *socket) hello(i *instance, f frame, first, asked bool) bool {
	var data struct{ Resumed bool }
	_ = json.Unmarshal(f.Data, &data)
	s.mu.Lock()
	if data.Resumed {
		defer s.mu.Unlock()
		if !first || !asked || f.Epoch != s.epoch || f.Seq < s.seq {
			s.w.book.trouble("socket %s, which was at %s %d, was told that it goes on at %s %d", s.name, s.epoch, s.seq, f.Epoch, f.Seq)
		}
		s.resumes++
		return true
	}
	s.epoch, s.seq, s.since, s.fresh = f.Epoch, f.Seq, time.Now(), false
	s.stretches = append(s.stretches, stretch{f.Epoch, f.Seq, f.Seq})
	s.conversations, s.messages = map[string]*conversation{}, map[string]*shown{}
	s.reloads++
	s.mu.Unlock()
	found, _, err := s.w.headers(i, s.user)
	if err != nil {
		return false // and comes back as one that knows nothing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = true
	for _, c := range found {
		s.header(c)
	}
	return true
}
