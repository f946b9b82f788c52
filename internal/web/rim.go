package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wasl/internal/errs"
	"wasl/internal/ids"
)

// Allowance is how large the body of a request may be and how long it may take to arrive.
type Allowance struct {
	Bytes int
	Time  time.Duration
	// Raw: the body is signed, and kept, as it came: a form is not taken apart while it is read.
	Raw bool
	// Ask, where set, says from the request's header who may have this much; anybody else may send what an ordinary call may.
	Ask func(*fasthttp.RequestHeader) error
}

// ordinary is the allowance of a call of the API: JSON.
var ordinary = Allowance{Bytes: 1 << 20, Time: 30 * time.Second}

// A refused body is thrown away for a while, so that its sender reads the answer instead of meeting a closed connection.
const (
	drainQuiet = 100 * time.Millisecond // without a byte: it has ended
	drainTime  = 5 * time.Second
	drainMore  = 4 << 20 // beyond what the address takes
)

// Allow gives requests whose path begins with prefix another allowance than an ordinary call.
func (s *Server) Allow(prefix string, a Allowance) { s.allowances[prefix] = a }

func (s *Server) allowance(h *fasthttp.RequestHeader) (Allowance, error) {
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	for prefix, a := range s.allowances {
		if !strings.HasPrefix(path, prefix) {
			continue
		}
		if a.Ask != nil {
			if err := a.Ask(h); err != nil {
				return ordinary, err
			}
		}
		return a, nil
	}
	return ordinary, nil
}

// rawPrefix hides from the HTTP library that a body is a form: it would take it apart, and lose the bytes that were signed.
const rawPrefix = "raw+"

// rim makes the HTTP server bound each request by its own allowance before it reads the body.
func (s *Server) rim() {
	server := s.App.Server()
	server.HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		a, _ := s.allowance(h) // the error is answered by early, if the body turns out to be too large
		if a.Raw && len(h.MultipartFormBoundary()) > 0 {
			h.SetContentType(rawPrefix + string(h.ContentType()))
		}
		return fasthttp.RequestConfig{MaxRequestBodySize: a.Bytes, ReadTimeout: a.Time}
	}
	handle := server.Handler
	server.Handler = func(ctx *fasthttp.RequestCtx) {
		if whole, raw := strings.CutPrefix(string(ctx.Request.Header.ContentType()), rawPrefix); raw {
			ctx.Request.Header.SetContentType(whole)
		}
		if !slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			ctx.Request.Header.SetMethod(fiber.MethodTrace) // like any other method that no route has
		}
		handle(ctx)
	}
}

// failed answers every error that leaves fiber: those of handlers, and those of requests that could not be read.
func (s *Server) failed(c *fiber.Ctx, err error) error {
	if RequestID(c) == "" { // refused before any middleware saw it
		dress(c, ids.Token()[:16])
		if errors.Is(err, fiber.ErrRequestEntityTooLarge) {
			a, denied := s.allowance(&c.Request().Header)
			if denied != nil {
				err = denied
			}
			drain(c.Context().Conn(), int64(a.Bytes)+drainMore)
		}
		var fe *fiber.Error
		if errors.As(err, &fe) && unreadable[fe.Code] != "" {
			err = fiber.NewError(fe.Code, unreadable[fe.Code])
		}
	}
	return Fail(c, err)
}

// unreadable says in our words why a request could not be read: the library's own quote what was sent.
var unreadable = map[int]string{
	http.StatusBadRequest:                  "The request is not HTTP that can be understood.",
	http.StatusRequestTimeout:              "The request took too long to arrive.",
	http.StatusRequestEntityTooLarge:       "The body is larger than this address takes.",
	http.StatusRequestHeaderFieldsTooLarge: "The header is too large.",
}

func drain(conn net.Conn, most int64) {
	//nolint:forbidigo // the operating system's time, as its deadlines
	for begin := time.Now(); most > 0 && time.Since(begin) < drainTime; {
		if conn.SetReadDeadline(time.Now().Add(drainQuiet)) != nil { //nolint:forbidigo // likewise
			return
		}
		n, err := io.CopyN(io.Discard, conn, min(most, 256<<10))
		if most -= n; err != nil {
			return
		}
	}
}

// dress gives the request its id and sets the headers that every answer has.
func dress(c *fiber.Ctx, requestID string) {
	c.SetUserContext(context.WithValue(c.UserContext(), requestIDKey{}, requestID))
	c.Set("X-Request-Id", requestID)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "same-origin")
	c.Set("X-Frame-Options", "SAMEORIGIN")
}

// guard refuses what would be decompressed without a limit, and lets HEAD be GET without a body.
func guard(c *fiber.Ctx) error {
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return errs.New(errs.Unsupported, "compressed_body", "Send the request body uncompressed.")
	}
	if c.Method() == fiber.MethodHead {
		c.Method(fiber.MethodGet)
	}
	return c.Next()
}

// methods lists what the address takes.
func (s *Server) methods(path string) []string {
	var found []string
	for _, r := range s.App.GetRoutes(true) {
		if r.Method != http.MethodHead && !slices.Contains(found, r.Method) && fiber.RoutePatternMatch(path, r.Path, s.App.Config()) {
			found = append(found, r.Method)
		}
	}
	if slices.Contains(found, http.MethodGet) {
		found = append(found, http.MethodHead)
	}
	slices.Sort(found)
	return found
}

// unrouted answers what no route takes: OPTIONS, another method than the address has, or no such address.
func (s *Server) unrouted(c *fiber.Ctx) error {
	methods := s.methods(c.Path())
	switch {
	case len(methods) == 0:
		return errs.New(errs.NotFound, "not_found", "There is no such address.")
	case c.Method() == fiber.MethodOptions:
		c.Set(fiber.HeaderAllow, strings.Join(append(methods, fiber.MethodOptions), ", "))
		return c.SendStatus(fiber.StatusNoContent)
	}
	c.Set(fiber.HeaderAllow, strings.Join(methods, ", "))
	return fiber.NewError(fiber.StatusMethodNotAllowed, "This address does not take this method.")
}
