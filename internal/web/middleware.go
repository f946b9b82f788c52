package web

import (
	"bytes"
	"context"
	"errors"
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
	// Ask says from the header, before a body of more than freeBody is read, whether its sender may send it; nil: whom Server.Known knows.
	Ask func(*fasthttp.RequestHeader) error
	// Stream: the handler reads the body itself while it arrives (ReadForm), and sees who sends it before.
	Stream bool
}

// ordinary is the allowance of a call of the API: JSON.
var ordinary = Allowance{Bytes: 1 << 20, Time: 30 * time.Second}

// Allow gives requests whose path begins with prefix another allowance than an ordinary call.
func (s *Server) Allow(prefix string, a Allowance) { s.allowances[prefix] = a }

func (s *Server) allowance(h *fasthttp.RequestHeader) Allowance {
	path := PathOf(h)
	for prefix, a := range s.allowances {
		if strings.HasPrefix(path, prefix) {
			return a
		}
	}
	return ordinary
}

// PathOf returns the path of a request of which only the header is here.
func PathOf(h *fasthttp.RequestHeader) string {
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	if _, rest, whole := strings.Cut(path, "://"); whole && path[0] != '/' { // the whole address, as to a proxy
		if at := strings.IndexByte(rest, '/'); at >= 0 {
			return rest[at:]
		}
		return "/"
	}
	return path
}

// headerOnly makes the HTTP library hand over a request once its header and the first byte of its body are there.
const headerOnly = 1

// handleRequests wraps the framework: the time that a request may take to arrive, who sends it, and what is left of its body.
func (s *Server) handleRequests() {
	server := s.App.Server()
	server.HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		return fasthttp.RequestConfig{MaxRequestBodySize: headerOnly, ReadTimeout: s.announced(h)}
	}
	handle := server.Handler
	server.Handler = func(ctx *fasthttp.RequestCtx) {
		s.identify(ctx)
		body := s.open(ctx)
		if !slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			ctx.Request.Header.SetMethod(fiber.MethodTrace) // like any other method that no route has
		}
		handle(ctx)
		body.finish(ctx)
	}
}

// failed answers every error that leaves fiber: those of handlers, and those of requests that could not be read.
func (s *Server) failed(c *fiber.Ctx, err error) error {
	if RequestID(c) == "" { // refused before any middleware saw it
		dress(c, ids.Token()[:16])
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
	http.StatusRequestHeaderFieldsTooLarge: "The header is too large.",
}

// dress gives the request its id and sets the headers that every answer has.
func dress(c *fiber.Ctx, requestID string) {
	c.SetUserContext(context.WithValue(c.UserContext(), requestIDKey{}, requestID))
	c.Set("X-Request-Id", requestID)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "same-origin")
	c.Set("X-Frame-Options", "SAMEORIGIN")
}

// keepNowhere keeps what answers say of people out of the caches of browsers and proxies.
func keepNowhere(c *fiber.Ctx) {
	h := &c.Response().Header
	if bytes.Contains(h.ContentType(), []byte("json")) && len(h.Peek(fiber.HeaderCacheControl)) == 0 {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
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
