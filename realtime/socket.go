package realtime

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wasl/internal/access"
	"wasl/internal/events"
)

const (
	// queueFrames and queueBytes are how far a socket may fall behind before it is closed and comes back.
	queueFrames = 1024
	queueBytes  = 4 << 20
	writeTime   = 10 * time.Second
)

// socket is one browser, of a user or of a guest. Frames wait in queue and leave in one write by a goroutine that lives only while
// there are any, so an idle socket costs little.
type socket struct {
	who   atomic.Pointer[access.Viewer] // the user as of now; see Hub.AccessChanged
	guest string                        // a customer, who sees only what is meant for them
	conn  net.Conn
	// place is the guest's conversation; typing and typedAt are what was said of it last. Only the reader uses them.
	place   func(context.Context) (string, access.Audience, error)
	typing  bool
	typedAt time.Time

	mu      sync.Mutex
	queue   [][]byte // frames, or several of them in one piece
	frames  int      // how many and how large the frames in queue are that happened since; what it caught up with does not count
	bytes   int
	writing bool
	closed  bool
	epoch   string // with at, the place up to which the client knows everything
	at      int64
	changed bool              // what the user may see changed before hello was said
	live    bool              // false while catching up: events wait in missed
	missed  []events.Numbered // what happened while catching up
	viewing string            // conversation
	visible bool              // the app is on a screen
	idle    sync.WaitGroup    // the writing goroutine
}

func newSocket(who principal, conn net.Conn) *socket {
	s := &socket{guest: who.guest, place: who.place, conn: conn}
	s.who.Store(&who.viewer)
	return s
}

// viewer is the socket's user, with what they may see now; of a guest it has the workspace.
func (s *socket) viewer() access.Viewer { return *s.who.Load() }

// may reports whether the socket's user or guest belongs to the audience.
func (s *socket) may(a access.Audience) bool {
	if s.guest != "" {
		return a.Guest == s.guest
	}
	return s.viewer().In(a)
}

// setViewer makes the user who they are now. Where that lets them see other things than before, the client is told to load everything anew.
func (s *socket) setViewer(v access.Viewer, now time.Time) {
	before := s.who.Swap(&v)
	if before.Role == v.Role && slices.Equal(before.TeamIDs, v.TeamIDs) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = true
	s.enqueue(1, hello(s.epoch, s.at, now, false))
}

// advance moves the client's place to an event's and reports whether the client needs it: not what it knows already, nor
// what belongs to another epoch than it was told of. mu is held.
func (s *socket) advance(n events.Numbered) bool {
	same := n.Epoch == s.epoch
	if (n.Type != events.Reset && !same) || (same && n.Seq <= s.at) {
		return false
	}
	s.epoch, s.at = n.Epoch, n.Seq
	return n.Type == events.Reset || (s.may(n.Audience) && (s.guest == "" || n.Outside != nil))
}

// wanted appends which of the events the client needs now. One that is being brought up to date gets them at its end.
func (s *socket) wanted(which []int, batch []events.Numbered) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.live {
		for _, n := range batch {
			if s.bytes += n.Size(); s.bytes > queueBytes {
				s.overrun()
				return which
			}
			s.missed = append(s.missed, n)
		}
		return which
	}
	for i, n := range batch {
		if s.advance(n) {
			which = append(which, i)
		}
	}
	return which
}

// push queues a frame, unless hello has not been said yet: what a client asks for after it is newer. A socket that has fallen too
// far behind is told to come back, which loses nothing: it catches up.
func (s *socket) push(frames ...[]byte) {
	s.pushRun(len(frames), frames)
}

// pushRun is push for so many frames in fewer pieces.
func (s *socket) pushRun(frames int, pieces [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enqueue(frames, pieces...)
}

// enqueue is pushRun; mu is held.
func (s *socket) enqueue(frames int, pieces ...[]byte) {
	if s.closed || !s.live {
		return
	}
	s.frames += frames
	for _, p := range pieces {
		s.queue = append(s.queue, p)
		s.bytes += len(p)
	}
	if s.frames > queueFrames || s.bytes > queueBytes {
		s.overrun()
		return
	}
	s.kick()
}

// overrun tells a client that has fallen too far behind to come back; mu is held.
func (s *socket) overrun() {
	if !s.closed {
		s.queue, s.missed, s.closed = [][]byte{closeFrame(closeTryLater, "too slow")}, nil, true
		s.kick()
	}
}

// end queues a close frame as the last one.
func (s *socket) end(code uint16, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.queue, s.closed = append(s.queue, closeFrame(code, reason)), true
		s.kick()
	}
}

// kick starts the writing goroutine where it is not running; mu is held.
func (s *socket) kick() {
	if !s.writing {
		s.writing = true
		s.idle.Add(1)
		go s.write()
	}
}

func (s *socket) write() {
	defer s.idle.Done()
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.writing = false
			closed := s.closed
			s.mu.Unlock()
			if closed {
				_ = s.conn.Close()
			}
			return
		}
		pending := net.Buffers(s.queue)
		s.queue, s.frames, s.bytes = nil, 0, 0
		s.mu.Unlock()
		_ = s.conn.SetWriteDeadline(time.Now().Add(writeTime)) //nolint:forbidigo // a deadline of the operating system
		if _, err := pending.WriteTo(s.conn); err != nil {
			s.mu.Lock()
			s.closed, s.queue, s.writing = true, nil, false
			s.mu.Unlock()
			_ = s.conn.Close()
			return
		}
	}
}
