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

// What one visitor, one address and one workspace's visitors may do. Many visitors may share an address; a visitor is one person. Who
// has a visitor's token does not wait for those of the same address who have none.
var (
	perAddress   = limit.Rate{Every: 20 * time.Millisecond, Burst: 400} // requests without a token
	perVisitor   = limit.Rate{Every: 125 * time.Millisecond, Burst: 240}
	perNeighbour = limit.Rate{Every: 2 * time.Millisecond, Burst: 8000} // of all visitors of an address
	perWorkspace = limit.Rate{Every: time.Millisecond, Burst: 40_000}
	perArrival   = limit.Rate{Every: time.Second, Burst: 60} // new visitors of one address
)

// aRequest is what a request of a visitor counts: as much as a message, and as four receipts.
const aRequest = widget.AMessage

// What visitors may upload in a day, in megabytes: one, all of an address, all of a workspace. A file counts as one at least.
var (
	visitorFiles   = limit.Rate{Every: 24 * time.Hour / 200, Burst: 200}
	addressFiles   = limit.Rate{Every: 24 * time.Hour / 1000, Burst: 1000}
	workspaceFiles = limit.Rate{Every: 24 * time.Hour / 20_000, Burst: 20_000}
)

// admit runs before everything that pages of other sites may call: it lets in only those of the channel's origins, and not too fast.
func (s *Service) admit(c *fiber.Ctx) error {
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
	if err := s.count(ctx, c, ch); err != nil {
		return err
	}
	return c.Next()
}

// count refuses a request that comes too soon after those before it, and one that says too much at once.
func (s *Service) count(ctx context.Context, c *fiber.Ctx, ch *channels.Connected) error {
	v, err := s.visitor(ch, token(c), false)
	if err != nil {
		return s.slow(ctx, "visit-from:"+web.Client(c), perAddress)
	}
	weight := aRequest
	if said := web.RawBody(c); strings.HasPrefix(c.Path(), hooks) && said != nil {
		if weight, err = widget.Weigh(said); err != nil {
			return errs.InvalidField("too_many_events", "events", "fewer at once")
		}
	}
	return s.slowAll(ctx, weight, []quota{
		{"visit:" + v.ID, perVisitor}, {"visits-from:" + web.Client(c), perNeighbour}, {"visits-to:" + ch.WorkspaceID, perWorkspace},
	})
}

// mayStore refuses a file where the visitor, their address or the workspace's visitors have uploaded too much lately.
func (s *Service) mayStore(ctx context.Context, c *fiber.Ctx, v inbox.Visitor) error {
	size := web.BodyLength(c)
	if size < 0 {
		size = widget.MaxFile
	}
	return s.slowAll(ctx, (size+1<<20-1)>>20, []quota{
		{"upload:" + v.ID, visitorFiles}, {"uploads-from:" + web.Client(c), addressFiles},
		{"uploads-to:" + v.Channel.WorkspaceID, workspaceFiles},
	})
}

// quota is what is allowed under a key.
type quota struct {
	key  string
	rate limit.Rate
}

// slowAll takes so much of each quota, the narrowest first: who has spent their own takes nothing of what others share.
func (s *Service) slowAll(ctx context.Context, times int, quotas []quota) error {
	for _, q := range quotas {
		if err := s.slow(ctx, q.key, q.rate.Times(times)); err != nil {
			return err
		}
	}
	return nil
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
	id, rest, _ := strings.Cut(strings.TrimPrefix(web.PathOf(h), prefix), "/")
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
