package web

import (
	"crypto/subtle"

	"github.com/gofiber/fiber/v2"

	"wasl/internal/errs"
)

// mayMeasure lets those read the metrics who have the token; without one in the settings, programs of this machine. What came through a
// proxy is not from this machine, wherever the proxy runs.
func (s *Server) mayMeasure(c *fiber.Ctx) error {
	if s.MetricsToken != "" {
		if subtle.ConstantTimeCompare([]byte(c.Get(fiber.HeaderAuthorization)), []byte("Bearer "+s.MetricsToken)) == 1 {
			return c.Next()
		}
		return errs.New(errs.Unauthorized, "unauthorized", "The metrics want the token of WASL_METRICS_TOKEN.")
	}
	peer := addrOf(c.Context().Conn().RemoteAddr())
	for _, sign := range []string{fiber.HeaderXForwardedFor, fiber.HeaderForwarded, fiber.HeaderVia, "X-Real-Ip"} {
		if c.Get(sign) != "" || !peer.IsLoopback() || s.Proxies.trust(peer) {
			return errs.New(errs.Forbidden, "forbidden", "The metrics are for this machine, or for the token of WASL_METRICS_TOKEN.")
		}
	}
	return c.Next()
}
