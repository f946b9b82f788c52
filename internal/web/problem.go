package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"wasl/internal/errs"
	"wasl/store"
)

// Problem is every error answer: RFC 9457 with a stable code and the id under which the log has the cause.
type Problem struct {
	Type      string       `json:"type" default:"about:blank"`
	Title     string       `json:"title" example:"Unprocessable Entity"`
	Status    int          `json:"status" example:"422"`
	Detail    string       `json:"detail,omitempty" doc:"What happened, for people"`
	Code      string       `json:"code" doc:"What happened, for programs: stable" example:"window_closed"`
	Errors    []errs.Field `json:"errors,omitempty" doc:"For bad input: what is wrong where"`
	RequestID string       `json:"request_id,omitempty"`

	cause      error
	retryAfter time.Duration
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes the answer problem+json, for huma.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

func retrySeconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}

var statusOf = map[errs.Kind]int{
	errs.Internal: 500, errs.Invalid: 422, errs.Unauthorized: 401, errs.Forbidden: 403, errs.NotFound: 404,
	errs.Conflict: 409, errs.Stale: 412,
	errs.Locked: 423, errs.TooLarge: 413, errs.Unsupported: 415, errs.RateLimited: 429, errs.Unavailable: 503,
}

// codeOf names failures that come from the HTTP layer itself.
var codeOf = map[int]string{
	400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 406: "not_acceptable",
	408: "request_timeout", 409: "conflict", 413: "too_large", 415: "unsupported_media_type", 422: "invalid_input", 426: "upgrade_required",
	429: "too_many_requests", 431: "headers_too_large",
	500: "internal", 502: "bad_gateway", 503: "unavailable",
}

// RetryError is an error with a time after which the caller may try again.
type RetryError struct {
	Cause error
	After time.Duration
}

// Error returns the cause's text.
func (e *RetryError) Error() string { return e.Cause.Error() }

// Unwrap returns the error without the time.
func (e *RetryError) Unwrap() error { return e.Cause }

// problemOf turns any error into its answer.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var e *errs.Error
	switch {
	case errors.As(err, &e):
		p = problem(statusOf[e.Kind], e.Code, e.Text)
		p.Errors = e.Fields
	case errors.Is(err, store.ErrNotFound):
		p = problem(404, "not_found", "There is no such thing here.")
	case errors.Is(err, store.ErrBadCursor):
		p = problem(422, "invalid_cursor", "The cursor is not one of this list.")
		p.Errors = []errs.Field{{Field: "cursor", Detail: "not a cursor of this list"}}
	case errors.Is(err, store.ErrConflict):
		p = problem(409, "conflict", "Somebody else changed this at the same moment. Try again.")
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		p = problem(503, "store_unavailable", "The data store cannot be reached at the moment. Nothing was changed; try again shortly.")
		p.retryAfter = 2 * time.Second
	default:
		p = problem(500, "internal", "Something went wrong on our side.")
	}
	var retry *RetryError
	if errors.As(err, &retry) {
		p.retryAfter = retry.After
	}
	p.cause = err
	return p
}

// NewProblem returns an error answer to which its caller adds what programs need beside the code: as a part of a struct that is returned
// as the error.
func NewProblem(status int, code, detail string) *Problem { return problem(status, code, detail) }

func problem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// humaProblem replaces huma's error model.
func humaProblem(ctx huma.Context, status int, msg string, causes ...error) huma.StatusError {
	var p *Problem
	if len(causes) == 1 && status == http.StatusInternalServerError {
		p = problemOf(causes[0])
	} else {
		p = problem(status, codeOf[status], msg)
		for _, cause := range causes {
			p.Errors = append(p.Errors, fieldOf(cause))
		}
	}
	if ctx != nil {
		p.RequestID, _ = ctx.Context().Value(requestIDKey{}).(string)
		if p.retryAfter > 0 {
			ctx.SetHeader("Retry-After", retrySeconds(p.retryAfter))
		}
		if p.Status >= 500 {
			humafiber.Unwrap(ctx).Locals(causeKey{}, p.cause)
		}
	}
	return p
}

func fieldOf(err error) errs.Field {
	var d huma.ErrorDetailer
	if errors.As(err, &d) {
		detail := d.ErrorDetail()
		field := detail.Location
		for _, place := range []string{"body.", "query.", "path.", "header."} {
			field = strings.TrimPrefix(field, place)
		}
		return errs.Field{Field: field, Detail: detail.Message}
	}
	return errs.Field{Detail: err.Error()}
}

// Fail answers an error outside of huma: webhooks, media, unknown paths.
func Fail(c *fiber.Ctx, err error) error {
	var fe *fiber.Error
	var p *Problem
	if errors.As(err, &fe) {
		p = problem(fe.Code, codeOf[fe.Code], fe.Message)
		if p.Code == "" {
			p.Code = "http_error"
		}
	} else {
		p = problemOf(err)
	}
	p.RequestID = RequestID(c)
	if p.retryAfter > 0 {
		c.Set("Retry-After", retrySeconds(p.retryAfter))
	}
	if p.Status >= 500 && p.cause != nil {
		c.Locals(causeKey{}, p.cause)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, problemType)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(p.Status).Send(body)
}
