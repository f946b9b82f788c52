package web

import (
	"context"
	_ "embed"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wasl/internal/errs"
)

// pagePolicy lets the app load from its own server only. Styles may be set by scripts of the app, as its components do.
const pagePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'"

//go:embed docs.html
var docsPage []byte

// Health adds /healthz and /readyz; check says whether this instance can do its work, and which parts of it do not work meanwhile.
func (s *Server) Health(check func(context.Context) (degraded []string, err error)) {
	s.App.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok") })
	s.App.Get("/readyz", func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), 2*time.Second)
		defer cancel()
		degraded, err := check(ctx)
		if err != nil {
			return errs.Wrap(err, errs.Unavailable, "not_ready", "This instance cannot do its work now.")
		}
		if len(degraded) > 0 {
			return c.SendString("degraded: " + strings.Join(degraded, ", "))
		}
		return c.SendString("ok")
	})
	text := func(summary string) *huma.Operation {
		return &huma.Operation{
			Method: http.MethodGet, Summary: summary, Tags: []string{"Operations"},
			Responses: map[string]*huma.Response{"200": {Description: "As text", Content: map[string]*huma.MediaType{"text/plain": {}}}},
		}
	}
	for path, summary := range map[string]string{
		"/healthz": "The process is alive",
		"/readyz":  "This instance can do its work; after degraded: what does not work meanwhile", "/metrics": "Prometheus metrics",
	} {
		op := text(summary)
		op.Path, op.OperationID = path, strings.Trim(path, "/")
		s.API.OpenAPI().AddOperation(op)
	}
}

// File is one file of the web app.
type File struct {
	Body                                                   []byte
	ContentType, ContentEncoding, ETag, CacheControl, Vary string
}

// Site answers what no other route does: the pages of the web app, and 404 for everything under /api.
func (s *Server) Site(open func(path, acceptEncoding string) (File, bool)) {
	s.App.Get("/api/docs", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentSecurityPolicy,
			"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'")
		return c.Type("html", "utf-8").Send(docsPage)
	})
	s.App.Use(func(c *fiber.Ctx) error {
		page := c.Method() == fiber.MethodGet // HEAD is GET by now
		if !page || strings.HasPrefix(c.Path(), "/api/") || strings.HasPrefix(c.Path(), "/webhooks/") ||
			strings.HasPrefix(c.Path(), "/widget/") {
			return s.unrouted(c)
		}
		f, ok := open(c.Path(), c.Get(fiber.HeaderAcceptEncoding))
		if !ok {
			return errs.New(errs.NotFound, "not_found", "There is no such page.")
		}
		for name, value := range map[string]string{
			fiber.HeaderContentType: f.ContentType, fiber.HeaderContentEncoding: f.ContentEncoding, fiber.HeaderETag: f.ETag,
			fiber.HeaderCacheControl: f.CacheControl, fiber.HeaderVary: f.Vary, fiber.HeaderContentSecurityPolicy: pagePolicy,
			"Permissions-Policy": "microphone=(self), camera=(), geolocation=(self)",
		} {
			if value != "" {
				c.Set(name, value)
			}
		}
		if c.Get(fiber.HeaderIfNoneMatch) == f.ETag {
			return c.SendStatus(fiber.StatusNotModified)
		}
		return c.Send(f.Body)
	})
}
