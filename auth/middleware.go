package auth

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
)

const (
	cookieName       = "wasl_session"
	deviceCookieName = "wasl_device"
	headerTime       = 5 * time.Second
)

type viewerKey struct{}

// From returns who is calling; only behind Middleware.
func From(ctx context.Context) access.Viewer {
	v, _ := ctx.Value(viewerKey{}).(access.Viewer)
	return v
}

// Token returns the token that the request carries: Bearer first, then the cookie.
func Token(c *fiber.Ctx) (token string, cookie bool) {
	if t, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer "); ok {
		return t, false
	}
	return c.Cookies(cookieName), true
}

// Requires returns the middleware of one operation: the caller must be signed in and have the permission.
func (s *Service) Requires(p access.Permission) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humafiber.Unwrap(ctx)
		v, err := s.Viewer(ctx.Context(), c)
		if err == nil && p != "" && !v.Can(p) {
			err = errs.New(errs.Forbidden, "forbidden", "Your role does not allow this.")
		}
		if err != nil {
			_ = web.Fail(c, err)
			return
		}
		next(huma.WithValue(ctx, viewerKey{}, v))
	}
}

// Viewer authenticates a request outside of the typed API. A change that rides on the cookie must come from our own pages.
func (s *Service) Viewer(ctx context.Context, c *fiber.Ctx) (access.Viewer, error) {
	token, cookie := Token(c)
	if cookie && c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead && !SameOrigin(c) {
		return access.Viewer{}, errs.New(errs.Forbidden, "cross_origin", "This request came from another site.")
	}
	return s.Authenticate(ctx, token)
}

// SignedIn asks for the caller of a request of which only the header is here.
func (s *Service) SignedIn(h *fasthttp.RequestHeader) error {
	ctx, cancel := context.WithTimeout(context.Background(), headerTime)
	defer cancel()
	token, bearer := strings.CutPrefix(string(h.Peek(fiber.HeaderAuthorization)), "Bearer ")
	if !bearer {
		token = string(h.Cookie(cookieName))
	}
	_, err := s.Authenticate(ctx, token)
	return err
}

// SameOrigin trusts what browsers say about where a request comes from; programs that are no browsers say nothing.
func SameOrigin(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == string(c.Request().Host())
}

// op describes an operation that needs a permission; "" needs only a signed-in caller.
func (s *Service) op(method, path, id, summary string, p access.Permission) huma.Operation {
	return s.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Access"}}, p)
}

// Operation adds to an operation of the typed API who may call it.
func (s *Service) Operation(op huma.Operation, p access.Permission) huma.Operation {
	op.Middlewares = append(op.Middlewares, s.Requires(p))
	op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	op.Errors = append(op.Errors, 401, 403, 422, 503)
	return op
}
