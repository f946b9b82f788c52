// Package httpclient makes the clients for outgoing HTTP. Addresses that users set (api_base_url, outgoing webhooks,
// links in provider answers) pass through it, so it decides where a connection may go after names are resolved.
package httpclient

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// ErrTooLarge means that a body is longer than its reader allows.
var ErrTooLarge = errors.New("httpclient: body too large")

// ErrForbidden means that the address lies in a network that is not allowed.
var ErrForbidden = errors.New("httpclient: address not allowed")

const (
	defaultTimeout = 30 * time.Second
	maxRedirects   = 5
)

// Options configure a client.
type Options struct {
	// AllowPrivate lets connections go to loopback and private networks.
	AllowPrivate bool
	// Timeout bounds a whole exchange with its redirects and body; zero means 30 s. Contexts may end it sooner.
	Timeout time.Duration
}

// New returns a client that connects to public addresses only, unless private ones are allowed. The check is made on
// the address that is dialled, so a name cannot resolve to something else afterwards. It takes no proxy from the
// environment, since a proxy would dial in its place.
func New(o Options) *http.Client {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: CheckRedirect,
		Transport: &http.Transport{
			DialContext:           Dialer(o.AllowPrivate).DialContext,
			ForceAttemptHTTP2:     true,
			MaxIdleConns:          256,
			MaxIdleConnsPerHost:   32,
			IdleConnTimeout:       30 * time.Second, // sooner than providers close, so that a POST rarely meets a closing connection
			TLSHandshakeTimeout:   10 * time.Second,
			ExpectContinueTimeout: time.Second,
		},
	}
}

// Dialer returns a dialer that connects to public addresses only, unless private ones are allowed: for protocols other than HTTP. An
// address that is not allowed is ErrForbidden.
func Dialer(allowPrivate bool) *net.Dialer {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if !allowPrivate {
		dialer.Control = guard(ssrf.New(ssrf.WithAnyPort()))
	}
	return dialer
}

func guard(g *ssrf.Guardian) func(network, address string, conn syscall.RawConn) error {
	return func(network, address string, conn syscall.RawConn) error {
		if err := g.Safe(network, address, conn); err != nil {
			return fmt.Errorf("%w: %w", ErrForbidden, err)
		}
		return nil
	}
}

// CheckRedirect follows a few redirects. Once they lead to another scheme, host or port, the credentials stay behind,
// also when a later redirect leads back.
func CheckRedirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("httpclient: more than %d redirects", maxRedirects)
	}
	first := via[0].URL
	for _, r := range append(via[1:len(via):len(via)], next) {
		if r.URL.Scheme != first.Scheme || r.URL.Host != first.Host {
			for _, name := range []string{"Authorization", "Cookie", "Referer"} {
				next.Header.Del(name)
			}
			return nil
		}
	}
	return nil
}

// ReadAll reads a body of at most limit bytes; a longer one is ErrTooLarge.
func ReadAll(body io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(Limit(body, limit))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return data, nil
}

// Limit returns a reader that fails with ErrTooLarge once more than limit bytes have come.
func Limit(r io.Reader, limit int64) io.Reader { return &limited{r: r, left: limit} }

type limited struct {
	r    io.Reader
	left int64
}

// Read passes on up to one byte more than allowed, to tell a full body from a longer one.
func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if int64(n) > l.left {
		return int(l.left), ErrTooLarge
	}
	l.left -= int64(n)
	return n, err
}

// RetryAfter reads how long an answer asks to wait, in seconds or as a date; a date counts from the answer's own Date.
func RetryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return min(time.Duration(seconds)*time.Second, 24*time.Hour)
	}
	until, err := http.ParseTime(value)
	from, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return min(max(until.Sub(from), 0), 24*time.Hour)
}
