package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"golang.org/x/sync/semaphore"

	"wasl/internal/errs"
)

const (
	// freeBody is the length of a body, in bytes, that is read whoever sends it. For more, who asks is known before it is read.
	freeBody = 16 << 10
	// roomForAll is how many bytes the larger bodies may have that are read and handled at the same time, roomForOne how many of them
	// one client.
	roomForAll = 96 << 20
	roomForOne = 40 << 20
	// roomTime is how long a body waits for others to be done with.
	roomTime = 10 * time.Second
	// firstPiece is how much of a body is read before more memory is taken for it: nobody holds much more than they have sent.
	firstPiece = 64 << 10
)

// What is left of a refused body is thrown away for a while, so that its sender reads the answer instead of meeting a closed connection.
const (
	drainQuiet = 500 * time.Millisecond // without a byte: it has ended
	drainTime  = 5 * time.Second
	drainMost  = 64 << 20
)

var (
	errBodyTooLarge = errs.New(errs.TooLarge, "too_large", "The body is larger than this address takes.")
	errNoRoom       = &RetryError{
		Cause: errs.New(errs.Unavailable, "busy", "Too much is being sent at this moment. Try again shortly."), After: 2 * time.Second,
	}
)

// incoming is the body of a request on its way in. The HTTP library hands over what follows the header; all bounds are here.
type incoming struct {
	stream io.Reader
	length int // as declared; negative: it ends by itself
	read   int
	most   int // what its address takes
	ended  bool
	failed error  // why nothing more can be read
	whole  []byte // once it was read at once
	conn   net.Conn
	// refused says why nothing of it is read; the HTTP library knows nothing of such a body.
	refused error
}

type bodyKey struct{}

// announced decides, when only the header is there, whether the body that it announces is read. A short one is read whoever sends it. Of
// one that is not, the library is told that there is none, so that the answer waits for no byte of it.
func (s *Server) announced(h *fasthttp.RequestHeader) (read time.Duration) {
	s.refused.Delete(h) // of a request before, which was cut off
	a, length := s.allowance(h), h.ContentLength()
	if length <= freeBody && length != endsByItself {
		return a.Time
	}
	err := error(errBodyTooLarge)
	if length <= a.Bytes {
		ask := a.Ask
		if ask == nil {
			ask = s.Known
		}
		if err = nil; ask != nil {
			err = ask(h)
		}
	}
	if err != nil {
		s.refused.Store(h, err)
		h.SetContentLength(0)
		h.Del(fasthttp.HeaderExpect)
	}
	return a.Time
}

// endsByItself is the length of a body in pieces.
const endsByItself = -1

// open returns the body of a request; nil: it has none.
func (s *Server) open(ctx *fasthttp.RequestCtx) *incoming {
	b := &incoming{stream: ctx.RequestBodyStream(), length: ctx.Request.Header.ContentLength(), conn: ctx.Conn()}
	if err, is := s.refused.LoadAndDelete(&ctx.Request.Header); is {
		b.refused, _ = err.(error)
	} else if b.stream == nil {
		return nil
	}
	b.ended = b.length == 0 && b.refused == nil
	ctx.SetUserValue(bodyKey{}, b)
	return b
}

func bodyOf(c *fiber.Ctx) *incoming {
	b, _ := c.Context().UserValue(bodyKey{}).(*incoming)
	return b
}

// RawBody returns the bytes of the request's body as they were on the wire. They are the caller's.
func RawBody(c *fiber.Ctx) []byte {
	if b := bodyOf(c); b != nil {
		return b.whole
	}
	return nil
}

// BodyLength returns how many bytes the request's body has, as its sender says; negative: they do not say.
func BodyLength(c *fiber.Ctx) int {
	if b := bodyOf(c); b != nil {
		return b.length
	}
	return 0
}

// Read reads what comes, up to what the address takes.
func (b *incoming) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	n, err := b.stream.Read(p)
	if b.read += n; b.read > b.most {
		b.failed = errBodyTooLarge
		return 0, b.failed
	}
	switch {
	case b.read == b.length:
		b.ended, err = true, io.EOF
	case errors.Is(err, io.EOF) && (b.length >= 0 || hungUp(b.conn)): // the library takes the end between two pieces for that of the body
		err = io.ErrUnexpectedEOF
	case errors.Is(err, io.EOF):
		b.ended = true
	}
	if err != nil && !b.ended {
		b.failed = err
	}
	return n, err
}

// all reads the whole body.
func (b *incoming) all() ([]byte, error) {
	longest := b.length
	if b.length < 0 {
		longest = b.most + 1
	}
	data := make([]byte, 0, min(longest, firstPiece))
	for !b.ended {
		if len(data) == cap(data) {
			data = append(make([]byte, 0, min(2*cap(data), longest)), data...)
		}
		n, err := b.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return data, nil
}

// finish throws away what is left of the body, and ends the connection where that does not end: nothing of it may pass for a request.
func (b *incoming) finish(ctx *fasthttp.RequestCtx) {
	if b == nil || b.ended {
		return
	}
	b.most = b.read + drainMost
	if b.refused != nil {
		b.stream, b.length = b.conn, endsByItself
	}
	piece := make([]byte, 32<<10)
	//nolint:forbidigo // the operating system's time, as its deadlines
	for begin := time.Now(); time.Since(begin) < drainTime && !b.ended; {
		if b.conn.SetReadDeadline(time.Now().Add(drainQuiet)) != nil { //nolint:forbidigo // likewise
			break
		}
		if _, err := b.Read(piece); err != nil {
			break
		}
	}
	if !b.ended || b.refused != nil {
		ctx.SetConnectionClose()
	}
}

// room is what the bodies may take that are read and handled at the same time.
type room struct {
	all      *semaphore.Weighted
	patience time.Duration
	mu       sync.Mutex
	by       map[string]*share
}

// share is what one client has of the room.
type share struct {
	*semaphore.Weighted
	users int // requests that hold or want some of it
}

func newRoom() *room {
	return &room{all: semaphore.NewWeighted(roomForAll), patience: roomTime, by: map[string]*share{}}
}

// take reserves bytes for a client's body, and returns what gives them back. It waits a while where others hold them.
func (r *room) take(ctx context.Context, client string, bytes int64) (give func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	own := r.enter(client)
	if own.Acquire(ctx, bytes) != nil {
		r.leave(client)
		return nil, errNoRoom
	}
	if r.all.Acquire(ctx, bytes) != nil {
		own.Release(bytes)
		r.leave(client)
		return nil, errNoRoom
	}
	return func() {
		r.all.Release(bytes)
		own.Release(bytes)
		r.leave(client)
	}, nil
}

func (r *room) enter(client string) *share {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := r.by[client]
	if own == nil {
		own = &share{Weighted: semaphore.NewWeighted(roomForOne)}
		r.by[client] = own
	}
	own.users++
	return own
}

func (r *room) leave(client string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by[client].users--; r.by[client].users == 0 {
		delete(r.by, client)
	}
}

// admit reads the body of a request whose sender may send it, a long one while there is room.
func (s *Server) admit(c *fiber.Ctx) error {
	b := bodyOf(c)
	if b == nil {
		noBody(c)
		return c.Next()
	}
	if b.refused != nil {
		return b.refused
	}
	a := s.allowance(&c.Request().Header)
	b.most = a.Bytes
	if a.Stream {
		return c.Next()
	}
	if bytes := int64(b.length); bytes > freeBody || bytes == endsByItself {
		if bytes == endsByItself {
			bytes = int64(b.most)
		}
		give, err := s.room.take(c.UserContext(), Client(c), bytes)
		if err != nil {
			return err
		}
		defer give()
	}
	var err error
	if b.whole, err = b.all(); err != nil {
		return unread(err)
	}
	c.Request().SetBodyStream(bytes.NewReader(b.whole), len(b.whole)) // for the typed API, which reads a stream
	return c.Next()
}

// noBody gives a request without a body an empty one: the typed API wants to read something.
func noBody(c *fiber.Ctx) {
	if c.Method() != fiber.MethodGet {
		c.Request().SetBodyStream(bytes.NewReader(nil), 0)
	}
}

// unread says why a body could not be read.
func unread(err error) error {
	var e *errs.Error
	var timeout net.Error
	switch {
	case errors.As(err, &e):
		return err
	case errors.As(err, &timeout) && timeout.Timeout():
		return fiber.NewError(fiber.StatusRequestTimeout, unreadable[fiber.StatusRequestTimeout])
	}
	return fiber.NewError(fiber.StatusBadRequest, unreadable[fiber.StatusBadRequest])
}
