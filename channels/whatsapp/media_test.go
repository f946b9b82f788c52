package whatsapp_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"wasl/channels"
	"wasl/channels/whatsapp"
	"wasl/internal/httpclient"
)

const content = "the bytes of a picture"

func sum(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// mediaServer answers GET media with this address and checksum, and the address itself with answer.
func mediaServer(t *testing.T, address, checksum string, answer http.HandlerFunc) (*whatsapp.Adapter, channels.Account) {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer fixture-token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/v26.0/700000000000011" && r.URL.Query().Get("phone_number_id") == "800000000000001" {
			to := address
			if strings.HasPrefix(to, "/") {
				to = "http://" + r.Context().Value(http.LocalAddrContextKey).(net.Addr).String() + to
			}
			_, _ = fmt.Fprintf(w, `{"url":%q,"mime_type":"image/jpeg; x=1","sha256":%q,"file_size":%d,"id":"700000000000011"}`, to,
				checksum, len(content))
			return
		}
		answer(w, r)
	})
}

var picture = channels.Attachment{Kind: "image", ProviderID: "700000000000011", Name: "p.jpg"}

func TestMediaIsFetchedInTwoStepsAndCompared(t *testing.T) {
	for name, c := range map[string]struct {
		checksum string
		broken   bool
	}{
		"hex": {hex.EncodeToString(sum(content)), false}, "base64": {base64.StdEncoding.EncodeToString(sum(content)), false},
		"none": {"", false}, "wrong": {hex.EncodeToString(sum("else")), true},
	} {
		a, acc := mediaServer(t, "/files/1", c.checksum, reply(200, content))
		m, err := a.FetchMedia(t.Context(), acc, picture)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(m.Content)
		_ = m.Content.Close()
		if errors.Is(err, whatsapp.ErrCorrupt) != c.broken || !c.broken && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if string(got) != content || m.MIME != "image/jpeg" || m.Size != int64(len(content)) || m.Name != "p.jpg" {
			t.Errorf("%s: %q %+v", name, got, m)
		}
	}
}

func TestMetasOwnAddressIsAskedAtTheReplacedHost(t *testing.T) {
	asked := ""
	a, acc := mediaServer(t, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", "",
		func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.RequestURI()
			_, _ = io.WriteString(w, content)
		})
	m, err := a.FetchMedia(t.Context(), acc, picture)
	if err != nil {
		t.Fatal(err)
	}
	_ = m.Content.Close()
	if asked != "/whatsapp_business/attachments/?mid=1" {
		t.Errorf("asked %q", asked)
	}
}

func TestTheTokenGoesToNoForeignHost(t *testing.T) {
	var leaked atomic.Value
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked.Store(r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, content)
	}))
	defer foreign.Close()
	for _, address := range []string{foreign.URL + "/direct", "/redirects"} {
		leaked.Store("not asked")
		a, acc := mediaServer(t, address, "", func(w http.ResponseWriter,
			r *http.Request,
		) {
			http.Redirect(w, r, foreign.URL, http.StatusFound)
		})
		m, err := a.FetchMedia(t.Context(), acc, picture)
		if err != nil {
			t.Fatal(err)
		}
		_ = m.Content.Close()
		if leaked.Load() != "" {
			t.Errorf("%s: %q", address, leaked.Load())
		}
	}
}

func TestTheNamesOfThisMachineAreOne(t *testing.T) {
	for _, name := range []string{"localhost", "127.0.0.1"} {
		a, acc := mediaServer(t, "/files/1", "", reply(200, content))
		acc.BaseURL = strings.Replace(acc.BaseURL, "127.0.0.1", name, 1)
		m, err := a.FetchMedia(t.Context(), acc, picture)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = m.Content.Close()
	}
}

func TestAnExpiredAddressIsAskedForAgain(t *testing.T) {
	for _, status := range []int{401, 403, 404, 410} {
		tries := 0
		a, acc := mediaServer(t, "/files/1", "", func(w http.ResponseWriter, r *http.Request) {
			if tries++; tries == 1 {
				w.WriteHeader(status)
				return
			}
			_, _ = io.WriteString(w, content)
		})
		m, err := a.FetchMedia(t.Context(), acc, picture)
		if err != nil || tries != 2 {
			t.Fatalf("%d: %v after %d", status, err, tries)
		}
		_ = m.Content.Close()
	}
}

func TestMediaThatIsGoneOrLate(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		outcome channels.Outcome
		code    string
	}{
		"the id expired":        {reply(400, `{"error":{"code":100,"error_subcode":33}}`), channels.Refused, "media_unavailable"},
		"the token is dead":     {reply(401, `{"error":{"code":190}}`), channels.Dead, "token_invalid"},
		"too many calls":        {reply(400, `{"error":{"code":80007}}`), channels.Throttled, "api_limit"},
		"a passing problem":     {reply(500, ""), channels.Down, "provider_down"},
		"an unusable address":   {reply(200, `{"url":"ftp://x/"}`), channels.Down, "provider_unreachable"},
		"larger than can be":    {reply(200, `{"url":"http://127.0.0.1/","file_size":104857601}`), channels.Refused, "media_too_large"},
		"the file's host fails": {twice(503), channels.Down, "provider_down"},
		"the file is gone":      {twice(404), channels.Refused, "media_unavailable"},
	} {
		a, acc := serve(t, c.handler)
		_, err := a.FetchMedia(t.Context(), acc, picture)
		if e := sendError(t, err); e.Outcome != c.outcome || e.Code != c.code {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// twice answers GET media and refuses the address that it names.
func twice(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v26.0/") {
			_, _ = fmt.Fprintf(w, `{"url":"http://%s/file"}`, r.Host)
			return
		}
		w.WriteHeader(status)
	}
}

func TestMediaStopsAtItsLimit(t *testing.T) {
	a, acc := mediaServer(t, "/files/1", "", func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for range 101 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	m, err := a.FetchMedia(t.Context(), acc, picture)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Content.Close()
	if n, err := io.Copy(io.Discard, m.Content); !errors.Is(err, httpclient.ErrTooLarge) || n > 100<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}
