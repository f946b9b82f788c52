package httpclient_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wasl/internal/httpclient"
)

func TestPrivateAddressesAreRefusedUnlessAllowed(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	defer srv.Close()
	byName := strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	for _, address := range []string{srv.URL, byName, "http://169.254.169.254/", "http://10.0.0.1/", "http://[::1]/"} {
		resp, err := httpclient.New(httpclient.Options{}).Get(address)
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, httpclient.ErrForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
	resp, err := httpclient.New(httpclient.Options{AllowPrivate: true}).Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := httpclient.ReadAll(resp.Body, 4); string(body) != "here" {
		t.Fatalf("got %q", body)
	}
}

func TestRedirectsKeepCredentialsAtHome(t *testing.T) {
	seen := map[string]string{}
	var home, away *httptest.Server
	record := func(name string, r *http.Request) {
		seen[name] = r.Header.Get("Authorization") + r.Header.Get("Cookie") + r.Header.Get("Referer")
	}
	away = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		record("away", r)
		http.Redirect(w, r, home.URL+"/back", http.StatusFound)
	}))
	defer away.Close()
	home = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/start":
			http.Redirect(w, r, "/same", http.StatusFound)
		case "/same":
			record("same", r)
			http.Redirect(w, r, away.URL, http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		default:
			record("back", r)
		}
	}))
	defer home.Close()
	client := httpclient.New(httpclient.Options{AllowPrivate: true})
	get := func(path string) error {
		req, _ := http.NewRequest(http.MethodGet, home.URL+path, nil)
		req.Header.Set("Authorization", "Bearer secret")
		req.Header.Set("Cookie", "c=1")
		resp, err := client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	if err := get("/start"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(seen["same"], "Bearer secret") {
		t.Error("the same host needs the token after a redirect")
	}
	for _, name := range []string{"away", "back"} {
		if got, ok := seen[name]; !ok || got != "" {
			t.Errorf("%s: reached %v, leaked %q", name, ok, got)
		}
	}
	if get("/loop") == nil {
		t.Error("a redirect loop must end in an error")
	}
}

func TestReadAllStopsAtItsLimit(t *testing.T) {
	for _, c := range []struct {
		body string
		fits bool
	}{{"", true}, {"1234", true}, {"12345", false}, {strings.Repeat("x", 100000), false}} {
		got, err := httpclient.ReadAll(strings.NewReader(c.body), 4)
		if c.fits && (err != nil || string(got) != c.body) || !c.fits && !errors.Is(err, httpclient.ErrTooLarge) {
			t.Errorf("%d bytes: %q, %v", len(c.body), got, err)
		}
	}
}
