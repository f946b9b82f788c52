// Package web is the HTTP edge: the fiber application with its limits, the typed and documented API on top of
// it, problem+json for every error, request ids, the log of failures and metrics.
package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"wasl/internal/ids"
)

// handlerTime is the deadline of every API call; nothing cancels a handler when its client goes away.
const handlerTime = 20 * time.Second

type (
	requestIDKey struct{}
	causeKey     struct{}
)

// Server is the application and its typed API.
type Server struct {
	App     *fiber.App
	API     huma.API
	Metrics *prometheus.Registry
	// Proxies are those whose word about the client is taken. Set it before anything is served, like what follows.
	Proxies Proxies
	// Known says from the header whether the sender of a request is somebody whose longer bodies are read; nil: everybody is.
	Known func(*fasthttp.RequestHeader) error
	// MetricsToken opens the metrics to whoever has it; empty: they are for this machine only.
	MetricsToken string
	log          zerolog.Logger
	// allowances are the bodies that some paths may have, by the path's beginning.
	allowances map[string]Allowance
	room       *room
	refused    sync.Map // why the body of a request is not read, by its *fasthttp.RequestHeader, until the request is handled
	warnOnce   sync.Once
}

// maxHeader is the length of a request's header, in bytes: the cookies of single sign-on alone may have 16 KB.
const maxHeader = 18 << 10

// useProblems makes every error of the API a problem document. Huma keeps its error constructors in package
// variables, so they are set once for all servers of the process.
var useProblems = sync.OnceFunc(func() {
	huma.NewErrorWithContext = humaProblem
	huma.NewError = func(status int, msg string, causes ...error) huma.StatusError {
		return humaProblem(nil, status, msg, causes...)
	}
})

// New returns a server without routes besides its own.
func New(log zerolog.Logger) *Server {
	useProblems()
	s := &Server{log: log, Metrics: prometheus.NewRegistry(), allowances: map[string]Allowance{}, room: newRoom()}
	app := fiber.New(fiber.Config{
		AppName: "wasl", DisableStartupMessage: true, Immutable: true, ErrorHandler: s.failed,
		ReadTimeout: ordinary.Time, IdleTimeout: 120 * time.Second, DisableDefaultDate: false, StrictRouting: true,
		ReadBufferSize: maxHeader, StreamRequestBody: true, DisablePreParseMultipartForm: true, // bodies are read by admit
	})
	s.App = app
	s.handleRequests()
	s.Metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	app.Use(s.observe(), recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: s.logPanic}), guard, s.admit)
	app.Get("/metrics", s.mayMeasure, adaptor.HTTPHandler(promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})))

	config := huma.DefaultConfig("Wasl", "1") // of the API, not of the program: the document changes with the API alone
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/openapi", "", "/api/schemas"
	config.CreateHooks = nil // no $schema in answers
	config.Info.Description = "The omnichannel inbox gateway. Sign in with POST /api/v1/auth/login; send the token as Authorization: Bearer."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer"},
		"cookie": {Type: "apiKey", In: "cookie", Name: "wasl_session"},
		"token":  {Type: "apiKey", In: "query", Name: "token", Description: "For the live socket"},
		"visitor": {
			Type: "http", Scheme: "bearer",
			Description: "The token of a website's visitor; in the addresses of files and sockets as ?token=",
		},
	}
	s.API = humafiber.New(app, config)
	s.API.UseMiddleware(withDeadline)
	return s
}

func withDeadline(ctx huma.Context, next func(huma.Context)) {
	c, cancel := context.WithTimeout(ctx.Context(), handlerTime)
	defer cancel()
	next(huma.WithContext(ctx, c))
}

// RequestID returns the id of the request under way.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.UserContext().Value(requestIDKey{}).(string)
	return id
}

// observe gives each request its id, counts it and logs failures of ours.
func (s *Server) observe() fiber.Handler {
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "wasl_http_request_duration_seconds", Help: "Time to answer, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 5},
	}, []string{"method", "route", "status"})
	s.Metrics.MustRegister(duration)
	return func(c *fiber.Ctx) error {
		start := time.Now() //nolint:forbidigo // measures, decides nothing
		id := ids.Token()[:16]
		dress(c, id)
		method := strings.Clone(c.Method())
		err := c.Next()
		if err != nil {
			err = Fail(c, err)
		}
		keepNowhere(c)
		status := c.Response().StatusCode()
		took := time.Since(start)
		duration.WithLabelValues(method, c.Route().Path, strconv.Itoa(status)).Observe(took.Seconds())
		if status >= http.StatusInternalServerError {
			cause, _ := c.Locals(causeKey{}).(error)
			s.log.Error().Err(cause).Str("request_id", id).Str("method", method).Str("route", c.Route().Path).
				Int("status", status).Dur("took", took).Msg("request failed")
		}
		return err
	}
}

func (s *Server) logPanic(c *fiber.Ctx, p any) {
	s.log.Error().Interface("panic", p).Str("request_id", RequestID(c)).Stack().Msg("a handler panicked")
}

// Gauge adds a metric that is read when it is asked for.
func (s *Server) Gauge(name, help string, read func() float64) {
	s.Metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Gauges adds a metric with a label whose values are read when they are asked for.
func (s *Server) Gauges(name, help, label string, read func() map[string]float64) {
	s.Metrics.MustRegister(gauges{prometheus.NewDesc(name, help, []string{label}, nil), read})
}

type gauges struct {
	desc *prometheus.Desc
	read func() map[string]float64
}

// Describe implements prometheus.Collector.
func (g gauges) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

// Collect implements prometheus.Collector.
func (g gauges) Collect(to chan<- prometheus.Metric) {
	for value, n := range g.read() {
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, n, value)
	}
}
