package meta_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/meta"
	"wasl/internal/httpclient"
)

// recorder answers every request with 200 {} and keeps it.
type recorder struct{ got []*http.Request }

// RoundTrip records.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.got = append(r.got, req)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
}

func TestTheAddressIsMetasUnlessReplaced(t *testing.T) {
	for _, c := range []struct{ base, version, want string }{
		{"", "", "https://graph.facebook.com/v26.0/123/messages?a=b"},
		{"", "v25.0", "https://graph.facebook.com/v25.0/123/messages?a=b"},
		{"http://127.0.0.1:9000", "", "http://127.0.0.1:9000/v26.0/123/messages?a=b"},
		{"https://proxy.example.com/whatsapp/", "", "https://proxy.example.com/whatsapp/v26.0/123/messages?a=b"},
	} {
		r := &recorder{}
		client := meta.NewClient(&http.Client{Transport: r}, c.version)
		err := client.Call(t.Context(), meta.Request{
			BaseURL: c.base, Token: "tok", Method: "GET", Path: "123/messages",
			Query: url.Values{"a": {"b"}},
		}, &struct{}{})
		if err != nil || r.got[0].URL.String() != c.want || r.got[0].Header.Get("Authorization") != "Bearer tok" {
			t.Errorf("%v: %v, want %s", err, r.got[0].URL, c.want)
		}
	}
}

func TestDownloadsShowTheTokenToTheProviderOnly(t *testing.T) {
	for _, c := range []struct {
		base, address, asked string
		token                bool
	}{
		{"", "https://lookaside.fbsbx.com/a?b=c", "https://lookaside.fbsbx.com/a?b=c", true},
		{"", "http://lookaside.fbsbx.com/a", "http://lookaside.fbsbx.com/a", false},
		{"", "https://fbsbx.com.example.com/a", "https://fbsbx.com.example.com/a", false},
		{"", "https://evilfbsbx.com/a", "https://evilfbsbx.com/a", false},
		{"https://proxy.example.com", "https://lookaside.fbsbx.com/a?b=c", "https://proxy.example.com/a?b=c", true},
		{"https://proxy.example.com/wa/", "https://lookaside.fbsbx.com/a%20b/?mid=1", "https://proxy.example.com/wa/a%20b/?mid=1", true},
		{"https://proxy.example.com", "https://proxy.example.com/x", "https://proxy.example.com/x", true},
		{"https://proxy.example.com", "https://other.example.com/x", "https://other.example.com/x", false},
		{"https://proxy.example.com", "http://proxy.example.com/x", "http://proxy.example.com/x", false},
		{"http://localhost:9000", "http://127.0.0.1:9000/x", "http://127.0.0.1:9000/x", true},
		{"http://localhost:9000", "http://127.0.0.1:9001/x", "http://127.0.0.1:9001/x", false},
	} {
		r := &recorder{}
		resp, err := meta.NewClient(&http.Client{Transport: r}, "").Download(t.Context(), c.base, "tok", c.address)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := r.got[0]; got.URL.String() != c.asked || (got.Header.Get("Authorization") != "") != c.token {
			t.Errorf("%s with %q: asked %s, token %q", c.address, c.base, got.URL, got.Header.Get("Authorization"))
		}
	}
}

func TestAnAddressInAPrivateNetworkStopsTheChannelWithWords(t *testing.T) {
	client := meta.NewClient(httpclient.New(httpclient.Options{}), "")
	err := client.Call(t.Context(), meta.Request{BaseURL: "http://127.0.0.1:1", Method: "GET", Path: "x"}, &struct{}{})
	if e := meta.SendError(err, meta.Shared, false); e.Outcome != channels.Dead || e.Code != "address_not_allowed" {
		t.Errorf("%+v", e)
	}
}

func TestErrorsKeepAddressesOutOfTheLog(t *testing.T) {
	client := meta.NewClient(httpclient.New(httpclient.Options{AllowPrivate: true}), "")
	for _, address := range []string{"http://127.0.0.1:1/?secret=1", "http://127.0.0.1:1/%zzsecret"} {
		if _, err := client.Download(t.Context(), "", "tok", address); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v", err)
		}
	}
}

func TestUnknownErrorsAreStillASendError(t *testing.T) {
	e := meta.SendError(errors.New("something else"), meta.Shared, false)
	if e.Outcome != channels.Down || e.Code == "" || e.RetryAfter != 0 {
		t.Errorf("%+v", e)
	}
	e = meta.SendError(&meta.Error{Status: 429, Written: true}, meta.Shared, false)
	if e.Outcome != channels.Throttled || e.RetryAfter != 5*time.Second {
		t.Errorf("%+v", e)
	}
}

func TestATypeStaysInsideItsHeader(t *testing.T) {
	r := &recorder{}
	client := meta.NewClient(&http.Client{Transport: r}, "")
	err := client.Upload(t.Context(), meta.Request{Method: http.MethodPost, Path: "1/media"}, nil, meta.File{
		Field: "file", Name: "a\r\nX-Name: y", MIME: "image/png\r\nX-Type: y", Content: strings.NewReader("x"),
	}, &struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.got[0].Body)
	if err != nil || strings.Contains(string(body), "\nX-") {
		t.Errorf("%v %q", err, body)
	}
}
