package meta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"wasl/internal/httpclient"
)

const (
	// DefaultVersion is the Graph version that is called unless another is configured.
	DefaultVersion = "v26.0"
	defaultBase    = "https://graph.facebook.com"
	userAgent      = "wasl"
	maxAnswer      = 4 << 20
)

// Client calls the Graph API.
type Client struct {
	api      *http.Client
	download *http.Client
	version  string
}

// NewClient returns a client over h; an empty version means DefaultVersion. Calls follow no redirects and downloads
// leave the token behind when they are sent to another host, whatever h does.
func NewClient(h *http.Client, version string) *Client {
	if version == "" {
		version = DefaultVersion
	}
	api, download := *h, *h
	api.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	download.CheckRedirect = httpclient.CheckRedirect
	return &Client{api: &api, download: &download, version: version}
}

// Request is one call. Path is relative to the version and already escaped.
type Request struct {
	BaseURL string // replaces scheme and host; empty: Meta's own
	Token   string
	Method  string
	Path    string
	Bare    bool // the path stands alone, without the version
	Query   url.Values
	Body    any // sent as JSON; nil: none
}

// Call makes one call and decodes its answer into out. The error is an *Error.
func (c *Client) Call(ctx context.Context, r Request, out any) error {
	var body io.Reader
	var kind string
	if r.Body != nil {
		data, err := json.Marshal(r.Body)
		if err != nil {
			return &Error{Cause: fmt.Errorf("encode request: %w", err)}
		}
		body, kind = bytes.NewReader(data), "application/json"
	}
	req, err := c.request(ctx, r, body)
	if err != nil {
		return err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return c.do(req, out)
}

// File is what Upload sends.
type File struct {
	Field   string // of the form
	Name    string
	MIME    string
	Size    int64 // ≤ 0 where unknown
	Content io.Reader
}

// Upload posts a form with the fields and one file and decodes the answer into out. The content is streamed.
func (c *Client) Upload(ctx context.Context, r Request, fields map[string]string, f File, out any) error {
	var frame bytes.Buffer
	form := multipart.NewWriter(&frame)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := form.WriteField(name, fields[name]); err != nil {
			return &Error{Cause: err}
		}
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition(f.Field, f.Name))
	header.Set("Content-Type", strings.NewReplacer("\r", "", "\n", "").Replace(f.MIME))
	if _, err := form.CreatePart(header); err != nil {
		return &Error{Cause: err}
	}
	head := bytes.Clone(frame.Bytes())
	frame.Reset()
	if err := form.Close(); err != nil {
		return &Error{Cause: err}
	}
	req, err := c.request(ctx, r, io.MultiReader(bytes.NewReader(head), f.Content, &frame))
	if err != nil {
		return err
	}
	if f.Size > 0 {
		req.ContentLength = int64(len(head)) + f.Size + int64(frame.Len())
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return c.do(req, out)
}

// Download opens an address that an answer of Graph named. The token goes along only to Meta's own hosts or, with
// baseURL, to that host; addresses of Meta are then asked there.
func (c *Client) Download(ctx context.Context, baseURL, token, address string) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, &Error{Cause: errors.New("download: the address is unusable")}
	}
	trusted := u.Scheme == "https" && metaHost(u.Hostname())
	if baseURL != "" {
		base, err := url.Parse(baseURL)
		if err != nil {
			return nil, &Error{Cause: fmt.Errorf("base url: %w", err)}
		}
		if query := u.RawQuery; trusted {
			u = base.JoinPath(u.EscapedPath())
			u.RawQuery = query
		}
		trusted = sameServer(u, base)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &Error{Cause: err}
	}
	req.Header.Set("User-Agent", userAgent)
	if trusted && token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.download.Do(req)
	if err != nil {
		return nil, &Error{Cause: withoutAddress(err)}
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, answered(resp)
	}
	return resp, nil
}

// Trusted reports whether an address is Meta's own or, with baseURL, that server's.
func Trusted(baseURL, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	base, err := url.Parse(baseURL)
	return u.Scheme == "https" && metaHost(u.Hostname()) || err == nil && baseURL != "" && sameServer(u, base)
}

// sameServer compares two addresses; the names of this machine are one.
func sameServer(a, b *url.URL) bool {
	loopback := func(u *url.URL) bool {
		ip, err := netip.ParseAddr(u.Hostname())
		return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	}
	return a.Scheme == b.Scheme && (a.Host == b.Host || a.Port() == b.Port() && loopback(a) && loopback(b))
}

func metaHost(host string) bool {
	for _, domain := range []string{
		"facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "whatsapp.com", "instagram.com",
		"cdninstagram.com",
	} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

func (c *Client) request(ctx context.Context, r Request, body io.Reader) (*http.Request, error) {
	base := r.BaseURL
	if base == "" {
		base = defaultBase
	}
	version := c.version + "/"
	if r.Bare {
		version = ""
	}
	address := strings.TrimRight(base, "/") + "/" + version + r.Path
	if len(r.Query) > 0 {
		address += "?" + r.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, address, body)
	if err != nil {
		return nil, &Error{Cause: fmt.Errorf("address: %w", withoutAddress(err))}
	}
	req.Header.Set("Authorization", "Bearer "+r.Token)
	req.Header.Set("User-Agent", userAgent)
	return req, nil
}

// do sends the request. Whether it had left when it failed decides whether Graph may have acted on it.
func (c *Client) do(req *http.Request, out any) error {
	var written atomic.Bool
	trace := &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }}
	resp, err := c.api.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err != nil {
		return &Error{Written: written.Load(), Cause: withoutAddress(err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return answered(resp)
	}
	data, err := httpclient.ReadAll(resp.Body, maxAnswer)
	if err != nil {
		return &Error{Written: true, Status: resp.StatusCode, Cause: err}
	}
	if err := json.Unmarshal(data, out); err != nil {
		return &Error{Written: true, Status: resp.StatusCode, Cause: fmt.Errorf("decode answer: %w", err)}
	}
	return nil
}

// answered makes an Error of an answer that is not a success. It closes nothing.
func answered(resp *http.Response) *Error {
	e := &Error{Written: true, Status: resp.StatusCode, RetryAfter: httpclient.RetryAfter(resp.Header)}
	data, err := httpclient.ReadAll(resp.Body, maxAnswer)
	if err != nil {
		e.Cause = err
		return e
	}
	var answer struct {
		Error GraphError `json:"error"`
	}
	answer.Error.Code = -1
	if json.Unmarshal(data, &answer) != nil || answer.Error.Code < 0 {
		e.Cause = errors.New("the answer is no error of Graph")
		return e
	}
	e.Graph = &answer.Error
	return e
}

// withoutAddress drops the address from an error of net/http: it may hold ids, and short-lived keys of media.
func withoutAddress(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
