// Package provider is what the channels share that call their provider through its own library: where the call goes, whether it
// left, and what its failure means where the provider does not say.
package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"wasl/channels"
	"wasl/internal/httpclient"
)

// Call is one call. It is the transport of a client that is given to a library which knows neither contexts nor other addresses.
type Call struct {
	HTTP      *http.Client // whose connections are used
	BaseURL   string       // replaces scheme and host of the provider's address; empty: the provider's own
	Authorize func(*http.Request)

	ctx        context.Context //nolint:containedctx // the library has no place for it
	written    atomic.Bool
	status     int
	retryAfter time.Duration
}

// Client returns the client for this one call, which follows no redirects.
func (c *Call) Client(ctx context.Context) *http.Client {
	c.ctx = ctx
	return &http.Client{Transport: c, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// RoundTrip sends the request and keeps what it showed.
func (c *Call) RoundTrip(r *http.Request) (*http.Response, error) {
	trace := &httptrace.ClientTrace{WroteHeaders: func() { c.written.Store(true) }}
	r = r.Clone(httptrace.WithClientTrace(c.ctx, trace))
	if c.BaseURL != "" {
		base, err := url.Parse(c.BaseURL)
		if err != nil {
			return nil, fmt.Errorf("base url: %w", err)
		}
		r.URL.Scheme, r.URL.Host, r.Host = base.Scheme, base.Host, base.Host
	}
	r.Header.Set("User-Agent", "wasl")
	if c.Authorize != nil {
		c.Authorize(r)
	}
	transport := c.HTTP.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	c.status, c.retryAfter = resp.StatusCode, httpclient.RetryAfter(resp.Header)
	return resp, nil
}

// Status is the status of the answer; 0: there was none.
func (c *Call) Status() int { return c.status }

// RetryAfter is how long the answer asks to wait.
func (c *Call) RetryAfter() time.Duration { return c.retryAfter }

// Failure says what it means that the call failed without a reason of the provider's own.
func (c *Call) Failure(cause error) *channels.SendError {
	var at *url.Error
	if errors.As(cause, &at) {
		cause = at.Err // without the address, which may hold ids
	}
	e := c.failure(cause)
	e.Cause = cause
	if c.status != 0 {
		e.Provider = fmt.Sprintf("HTTP %d", c.status)
	}
	return e
}

func (c *Call) failure(cause error) *channels.SendError {
	switch {
	case errors.Is(cause, httpclient.ErrForbidden):
		return &channels.SendError{
			Outcome: channels.Dead, Code: "address_not_allowed", Title: "The channel's API address lies in a private network",
			Detail: "An administrator has to change it, or to allow private networks.",
		}
	case !c.written.Load():
		return &channels.SendError{
			Outcome: channels.Down, Code: "provider_unreachable", Title: "The provider cannot be reached",
			Detail: "It is tried again by itself.",
		}
	case c.status == http.StatusTooManyRequests:
		return &channels.SendError{
			Outcome: channels.Throttled, Code: "rate_limited", Title: "Sending is too fast for the provider",
			Detail: "It is sent as soon as the provider allows.", RetryAfter: max(c.retryAfter, time.Second),
		}
	case c.status == http.StatusUnauthorized || c.status == http.StatusForbidden:
		return &channels.SendError{
			Outcome: channels.Dead, Code: "token_invalid", Title: "The provider no longer accepts the channel's credentials",
			Detail: "An administrator has to enter fresh ones. Waiting messages are sent after that.",
		}
	case c.status >= 300 && c.status < 500 && c.status != http.StatusRequestTimeout:
		return &channels.SendError{
			Outcome: channels.Refused, Code: "unexpected_answer", Title: "The provider's address answered in an unknown way",
			Detail: "Ask an administrator to check the channel's API address.",
		}
	}
	return &channels.SendError{
		Outcome: channels.Uncertain, Code: "delivery_unknown", Title: "It is not certain that the message was sent",
		Detail: "The connection broke before the provider answered. Its report will settle this; if none comes, ask the customer before sending it again.",
	}
}
