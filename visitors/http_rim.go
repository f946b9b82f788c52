package visitors

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"wasl/channels"
	"wasl/channels/widget"
	"wasl/inbox"
	"wasl/internal/errs"
	"wasl/internal/limit"
	"wasl/internal/web"
	"wasl/store"
)

// askTime bounds what happens before a request is handled.
const askTime = 5 * time.Second

// What one address and one visitor may do. Many visitors may share an address; a visitor is one person.
var (
	perAddress = limit.Rate{Every: 20 * time.Millisecond, Burst: 400}
	perVisitor = limit.Rate{Every: 500 * time.Millisecond, Burst: 60}
	perArrival = limit.Rate{Every: time.Second, Burst: 60} // new visitors of one address
)

// rim stands before everything that pages of other sites may call: it lets in only those of the channel's origins, and not too fast.
func (s *Service) rim(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), askTime)
	defer cancel()
	c.Vary(fiber.HeaderOrigin)
	ch, err := s.channel(ctx, c.Params("channel_id"))
	if err != nil {
		return err
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" {
		if !widget.SettingsOf(ch.Account).Allows(origin) {
			return errs.New(errs.Forbidden, "origin_not_allowed", "This site is not among those of the channel.")
		}
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	}
	if c.Method() == fiber.MethodOptions {
		c.Set(fiber.HeaderAccessControlAllowMethods, "GET, POST")
		c.Set(fiber.HeaderAccessControlAllowHeaders, "Authorization, Content-Type")
		c.Set(fiber.HeaderAccessControlMaxAge, "600")
		return c.SendStatus(fiber.StatusNoContent)
	}
	if err := s.slow(ctx, "visit-from:"+c.IP(), perAddress); err != nil {
		return err
	}
	if v, err := s.visitor(ch, token(c), false); err == nil {
		if err := s.slow(ctx, "visit:"+v.ID, perVisitor); err != nil {
			return err
		}
	}
	return c.Next()
}

// slow refuses what comes too fast.
func (s *Service) slow(ctx context.Context, key string, rate limit.Rate) error {
	ok, wait, err := s.Limiter.Allow(ctx, key, rate)
	if err == nil && !ok {
		err = &web.RetryError{Cause: errs.New(errs.RateLimited, "too_many_requests", "Too much at once. Wait a moment."), After: wait}
	}
	return err
}

// channel returns the website channel of an address.
func (s *Service) channel(ctx context.Context, id string) (*channels.Connected, error) {
	ch, err := s.Channels.Connected(ctx, id)
	if errors.Is(err, store.ErrNotFound) || (err == nil && ch.Kind != widget.Kind) {
		return nil, errs.New(errs.NotFound, "unknown_channel", "There is no such channel.")
	}
	return ch, err
}

// token is what the visitor's browser sends: in the header, or in the address of a picture or a socket.
func token(c *fiber.Ctx) string {
	if t, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer "); ok {
		return t
	}
	return c.Query("token")
}

// visitor returns who has the token. One that opens files only is good for nothing else.
func (s *Service) visitor(ch *channels.Connected, token string, files bool) (inbox.Visitor, error) {
	claims, err := widget.Read(widget.Secret(ch.Account), token, s.Clock.Now())
	if err != nil || (claims.FilesOnly && !files) {
		return inbox.Visitor{}, errs.New(errs.Unauthorized, "unknown_visitor", "The visitor's token is missing, wrong or too old.")
	}
	return inbox.Visitor{Channel: ch, ID: claims.Visitor}, nil
}

// mayUpload asks for the visitor of a request of which only the header is here.
func (s *Service) mayUpload(h *fasthttp.RequestHeader) error {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	path, _, _ := strings.Cut(strings.TrimPrefix(string(h.RequestURI()), prefix), "?")
	id, rest, _ := strings.Cut(path, "/")
	if rest != "media" {
		return errs.New(errs.TooLarge, "too_large", "The body is larger than this address takes.")
	}
	ch, err := s.channel(ctx, id)
	if err != nil {
		return err
	}
	bearer, _ := strings.CutPrefix(string(h.Peek(fiber.HeaderAuthorization)), "Bearer ")
	_, err = s.visitor(ch, bearer, false)
	return err
}
