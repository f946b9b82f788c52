package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"wasl/internal/errs"
)

// rig is a server on a port of this machine. /whole takes 30 MB of whoever is let in, /form a file, /who tells the client.
type rig struct {
	*testing.T
	*Server
	address string
	asked   atomic.Int64 // how often somebody was asked for
	handled atomic.Int64 // requests whose handler ran
	form    func(*fiber.Ctx) error
}

var errStranger = errs.New(errs.Unauthorized, "stranger", "Who are you?")

func newRig(t *testing.T, proxies ...string) *rig {
	t.Helper()
	r := &rig{T: t, Server: New(zerolog.Nop())}
	for _, p := range proxies {
		r.Proxies = append(r.Proxies, netip.MustParsePrefix(p))
	}
	r.room.patience = 300 * time.Millisecond
	r.Allow("/whole", Allowance{Bytes: 30 << 20, Time: time.Minute, Ask: func(h *fasthttp.RequestHeader) error {
		r.asked.Add(1)
		if len(h.Peek("Authorization")) == 0 {
			return errStranger
		}
		return nil
	}})
	r.Allow("/form", Allowance{Bytes: 1 << 20, Time: time.Minute, Stream: true})
	r.App.All("/whole", func(c *fiber.Ctx) error {
		r.handled.Add(1)
		return c.SendString(fmt.Sprint(len(RawBody(c))))
	})
	r.App.Get("/who", func(c *fiber.Ctx) error { return c.SendString(Client(c)) })
	r.App.Get("/json", func(c *fiber.Ctx) error { return c.JSON(map[string]int{"a": 1}) })
	r.App.Post("/form", func(c *fiber.Ctx) error { return r.form(c) })
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- r.App.Listener(r.Limited(l)) }()
	t.Cleanup(func() {
		_ = r.App.ShutdownWithTimeout(time.Second)
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return r
}

// line is a connection on which a test writes what it likes.
type line struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

func (r *rig) dial() *line {
	r.Helper()
	conn, err := new(net.Dialer).DialContext(r.Context(), "tcp", r.address)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		r.Fatal(err)
	}
	return &line{r.T, conn, bufio.NewReader(conn)}
}

func (l *line) say(text string) *line {
	_, _ = io.WriteString(l, text) // the other side may have closed: that is what answer finds out
	return l
}

// head is the header of a POST.
func head(path string, length int, more ...string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n", path, length, strings.Join(append(more, ""), "\r\n"))
}

// answer is the next one: its status and its text; 0 where the connection ended.
func (l *line) answer() (int, string, http.Header) {
	l.Helper()
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return 0, "", nil
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		l.Error(err)
	}
	return res.StatusCode, string(text), res.Header
}

func (l *line) answers(status int, has string) {
	l.Helper()
	if got, text, _ := l.answer(); got != status || !strings.Contains(text, has) {
		l.Errorf("answered %d %q, want %d with %q", got, text, status, has)
	}
}

const known = "Authorization: me"

// Who sends a long body is asked before it is read: the answer comes while most of it is still to come, and nothing that was sent of it
// is ever taken for a request of its own.
func TestALongBodyOfAStrangerIsNotRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hidden := strings.Repeat("GET /who HTTP/1.1\r\nHost: x\r\n\r\n", 100)
	for what, request := range map[string]string{
		"announced":           head("/whole", 20<<20),
		"announced politely":  head("/whole", 20<<20, "Expect: 100-continue"),
		"half sent":           head("/whole", 20<<20) + hidden,
		"to a whole address":  strings.Replace(head("/whole", 20<<20)+hidden, "/whole", "http://inbox.example/whole", 1),
		"in pieces":           "POST /whole HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nA00000\r\n" + hidden,
		"compressed":          head("/whole", 20<<20, known, "Content-Encoding: gzip") + hidden,
		"longer than allowed": head("/whole", 31<<20, known) + hidden,
		"to no address":       head("/nothing", 2<<20, known) + hidden,
	} {
		l := r.dial().say(request)
		begin := time.Now()
		status, _, _ := l.answer()
		if status < 400 || time.Since(begin) > 3*time.Second {
			t.Errorf("%s: %d after %v", what, status, time.Since(begin))
		}
		if again, text, _ := l.answer(); again != 0 {
			t.Errorf("%s: what it hides is answered: %d %s", what, again, text)
		}
	}
	if n := r.handled.Load(); n != 0 {
		t.Errorf("%d were handled", n)
	}
	// A short one is read whoever sends it, a long one of those who are let in, and the connection goes on.
	r.dial().say(head("/whole", 5)+"hello").answers(200, "5")
	r.dial().say(head("/whole", 100<<10)+strings.Repeat("x", 100<<10)).answers(401, "stranger")
	l := r.dial().say(head("/whole", 100<<10, known) + strings.Repeat("x", 100<<10))
	l.answers(200, "102400")
	l.say("GET /who HTTP/1.1\r\nHost: x\r\n\r\n").answers(200, "127.0.0.1")
}

// A body that ends before it is whole is none.
func TestACutBodyIsNotTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const chunked = "POST /whole HTTP/1.1\r\nHost: x\r\nAuthorization: me\r\nTransfer-Encoding: chunked\r\n\r\n"
	for what, request := range map[string]string{
		"short":            head("/whole", 10) + "hello",
		"long":             head("/whole", 1<<20, known) + strings.Repeat("x", 1000),
		"between pieces":   chunked + "5\r\nhello\r\n",
		"inside a piece":   chunked + "5\r\nhel",
		"inside a length":  chunked + "5\r\nhello\r\n5",
		"before the pause": chunked + "5\r\nhello\r\n0\r\n",
	} {
		l := r.dial().say(request)
		if err := l.Conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if status, text, _ := l.answer(); status == 200 {
			t.Errorf("%s: %s", what, text)
		}
	}
	if n := r.handled.Load(); n != 0 {
		t.Errorf("%d were handled", n)
	}
	l := r.dial()
	l.say(chunked+"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n").answers(200, "11")
	l.say(chunked+"5\r\nagain\r\n0\r\n\r\n").answers(200, "5")
	l.say(chunked+fmt.Sprintf("%x\r\n", 31<<20)+strings.Repeat("x", 31<<20)+"\r\n0\r\n\r\n").answers(413, "too_large")
}

// Large bodies that are on their way have a budget: nobody gets more of it than a share, and one that is done gives back what it had.
func TestBodiesOnTheirWayHaveABudget(t *testing.T) {
	t.Parallel()
	r := newRig(t, "127.0.0.0/8")
	from := func(client string) []string { return []string{known, "X-Forwarded-For: " + client} }
	const large = 30 << 20
	first := r.dial().say(head("/whole", large, from("192.0.2.1")...) + strings.Repeat("x", 1<<20))
	until(t, func() bool { return r.asked.Load() == 1 })
	r.dial().say(head("/whole", large, from("192.0.2.1")...)+"x").answers(503, "busy")
	second := r.dial().say(head("/whole", large, from("192.0.2.2")...) + "x")
	third := r.dial().say(head("/whole", large, from("2001:db8::1")...) + "x")
	until(t, func() bool { return r.asked.Load() == 4 })
	r.dial().say(head("/whole", large, from("2001:db8::ffff:2")...)+"x").answers(503, "busy") // the same owner's network
	r.dial().say(head("/whole", large, from("192.0.2.3")...)+"x").answers(503, "busy")        // all together
	r.dial().say(head("/whole", 9, from("192.0.2.1")...)+"nine more").answers(200, "9")       // short ones want no room
	first.say(strings.Repeat("x", large-1<<20)).answers(200, fmt.Sprint(large))
	_ = second.Close()
	_ = third.Close()
	until(t, func() bool {
		r.room.mu.Lock()
		defer r.room.mu.Unlock()
		return len(r.room.by) == 0 && r.room.all.TryAcquire(roomForAll)
	})
}

func until(t *testing.T, ask func() bool) {
	t.Helper()
	for begin := time.Now(); !ask(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("waited in vain")
		}
	}
}

// The client is the one whom proxies name that are trusted, and the peer where none is; what a client says of itself counts for nothing.
func TestTheClientIsWhomTrustedProxiesName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proxies string
		said    []string
		want    string
	}{
		"no proxy":                     {"", nil, "127.0.0.1"},
		"made up":                      {"", []string{"192.0.2.1"}, "127.0.0.1"},
		"behind another":               {"10.0.0.0/8", []string{"192.0.2.1"}, "127.0.0.1"},
		"behind one":                   {"127.0.0.1/32", []string{"192.0.2.1"}, "192.0.2.1"},
		"made up, behind one":          {"127.0.0.1/32", []string{"203.0.113.9, 192.0.2.1"}, "192.0.2.1"},
		"made up in a line of its own": {"127.0.0.1/32", []string{"203.0.113.9", "192.0.2.1"}, "192.0.2.1"},
		"behind two":                   {"127.0.0.0/8 10.0.0.0/8", []string{"203.0.113.9, 192.0.2.1, 10.1.1.1"}, "192.0.2.1"},
		"all are proxies":              {"127.0.0.0/8 10.0.0.0/8", []string{"10.2.2.2, 10.1.1.1"}, "10.2.2.2"},
		"with a port":                  {"127.0.0.1/32", []string{"192.0.2.1:4711"}, "192.0.2.1"},
		"IPv6":                         {"127.0.0.1/32", []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
		"IPv6 with a port":             {"127.0.0.1/32", []string{"[2001:db8:1:2::7]:4711"}, "2001:db8:1:2::/64"},
		"IPv4 as IPv6":                 {"127.0.0.1/32", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		"no address":                   {"127.0.0.1/32", []string{"192.0.2.1, unknown"}, "127.0.0.1"},
		"nothing":                      {"127.0.0.1/32", []string{""}, "127.0.0.1"},
	} {
		r := newRig(t, strings.Fields(c.proxies)...)
		ask := "GET /who HTTP/1.1\r\nHost: x\r\n"
		for _, line := range c.said {
			ask += "X-Forwarded-For: " + line + "\r\n"
		}
		l := r.dial()
		if _, got, _ := l.say(ask + "\r\n").answer(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if _, got, _ := l.say("GET /who HTTP/1.1\r\nHost: x\r\n\r\n").answer(); got != "127.0.0.1" { // on the same connection
			t.Errorf("%s: the next one is %s", name, got)
		}
	}
}

// One address holds a bounded number of connections; those of many are excepted.
func TestAnAddressHoldsABoundedNumberOfConnections(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		free bool
		most int
	}{"a client": {false, 3}, "a proxy": {true, 10}} {
		inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l := &limited{Listener: inner, free: func(netip.Addr) bool { return c.free }, most: 3, open: map[string]int{}}
		taken := make(chan net.Conn, 10)
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					close(taken)
					return
				}
				taken <- conn
			}
		}()
		refused := 0
		for range 10 {
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", inner.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if err := conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
				refused++
			}
		}
		if refused != 10-c.most {
			t.Errorf("%s: %d of 10 are refused", name, refused)
		}
		for range c.most {
			conn := <-taken
			_, _ = conn.Close(), conn.Close() // twice counts once
		}
		if len(l.open) != 0 {
			t.Errorf("%s: %v are counted after their end", name, l.open)
		}
		_ = inner.Close()
	}
}

// Headers may be as long as single sign-on makes them; JSON and errors are kept by no cache.
func TestHeadersBothWays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	get := func(path string, cookie int) (int, http.Header) {
		ask := "GET " + path + " HTTP/1.1\r\nHost: x\r\nCookie: a=" + strings.Repeat("c", cookie) + "\r\n\r\n"
		status, _, header := r.dial().say(ask).answer()
		return status, header
	}
	for cookie, want := range map[int]int{100: 200, 16 << 10: 200, 40 << 10: 431} {
		if status, _ := get("/json", cookie); status != want {
			t.Errorf("a cookie of %d bytes: %d", cookie, status)
		}
	}
	for _, path := range []string{"/json", "/nothing", "/api/openapi.json"} {
		if _, header := get(path, 1); header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, header)
		}
	}
	if _, header := get("/who", 1); header.Get("Cache-Control") != "" {
		t.Errorf("no JSON: %v", header)
	}
}

// The metrics are for programs of this machine that no proxy speaks for, or for whoever has the token.
func TestMetricsAreNotPublic(t *testing.T) {
	t.Parallel()
	here, behind, token := newRig(t), newRig(t, "127.0.0.1/32"), newRig(t)
	token.MetricsToken = "secret"
	for _, c := range []struct {
		on     *rig
		header string
		want   int
	}{
		{here, "Accept: */*", 200},
		{here, "X-Forwarded-For: 192.0.2.1", 403}, {here, "Forwarded: for=192.0.2.1", 403}, {here, "Via: 1.1 proxy", 403},
		{here, "X-Real-IP: 192.0.2.1", 403},
		{behind, "Accept: */*", 403}, {behind, "X-Forwarded-For: 127.0.0.1", 403},
		{token, "Accept: */*", 401}, {token, "Authorization: Bearer wrong", 401}, {token, "Authorization: secret", 401},
		{token, "Authorization: Bearer secret", 200},
	} {
		if got, _, _ := c.on.dial().say("GET /metrics HTTP/1.1\r\nHost: x\r\n" + c.header + "\r\n\r\n").answer(); got != c.want {
			t.Errorf("%s: %d, want %d", c.header, got, c.want)
		}
	}
}

// A form's file is read while it comes; what a form may hold besides is bounded.
func TestFormsAreReadWhileTheyCome(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first := make(chan string, 1)
	r.form = func(c *fiber.Ctx) error {
		kind := ""
		err := ReadForm(c, func(part *multipart.Part) error {
			start := make([]byte, 5)
			if _, err := io.ReadFull(part, start); err != nil {
				return err
			}
			first <- string(start)
			n, err := io.Copy(io.Discard, part)
			kind = fmt.Sprint(part.FileName(), " ", n+5)
			return err
		}, func(name, text string) { kind += " " + name + "=" + text })
		if err != nil {
			return err
		}
		return c.SendString(kind)
	}
	post := func(body string, length int) *line {
		return r.dial().say(head("/form", length, "Content-Type: multipart/form-data; boundary=b") + body)
	}
	const open = "--b\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\n\r\nhello"
	rest := strings.Repeat("x", 10000) + "\r\n--b\r\nContent-Disposition: form-data; name=kind\r\n\r\nvoice\r\n--b--\r\n"
	l := post(open, len(open)+len(rest))
	select {
	case got := <-first:
		if got != "hello" {
			t.Errorf("it begins with %q", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is handed out before the end")
	}
	l.say(rest).answers(200, "a.txt 10005 kind=voice")
	for what, body := range map[string]string{
		"no file":      "--b\r\nContent-Disposition: form-data; name=kind\r\n\r\nvoice\r\n--b--\r\n",
		"a huge head":  "--b\r\nX-Long: " + strings.Repeat("x", 200<<10) + "\r\n\r\nx\r\n--b--\r\n",
		"many parts":   strings.Repeat("--b\r\nContent-Disposition: form-data; name=kind\r\n\r\nvoice\r\n", 100) + "--b--\r\n",
		"no form":      "hello",
		"without end":  open,
		"nothing":      "",
		"a huge value": strings.Repeat("--b\r\nContent-Disposition: form-data; name=kind\r\n\r\n"+strings.Repeat("x", 1<<20), 2),
	} {
		status, text, _ := post(body, len(body)).answer()
		if status < 400 || status >= 500 {
			t.Errorf("%s: %d %s", what, status, text)
		}
		select {
		case <-first:
		default:
		}
	}
	plain := r.dial().say(head("/form", 5) + "hello")
	plain.answers(422, "missing_file")
}

// FuzzForm: whatever somebody sends as a form, reading it ends.
func FuzzForm(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\n\r\nhello\r\n--b--\r\n"), "multipart/form-data; boundary=b")
	f.Add([]byte("--b\r\n\r\n--b--"), "multipart/form-data; boundary=\"b\"")
	s := New(zerolog.Nop())
	s.Allow("/form", Allowance{Bytes: 1 << 20, Time: time.Minute, Stream: true})
	s.App.Post("/form", func(c *fiber.Ctx) error {
		return ReadForm(c, func(part *multipart.Part) error {
			_, err := io.Copy(io.Discard, part)
			return err
		}, func(string, string) {})
	})
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "/form", bytes.NewReader(body))
		if err != nil {
			t.Skip()
		}
		req.Header.Set("Content-Type", kind)
		res, err := s.App.Test(req, -1)
		if err != nil {
			return // a header that no client sends
		}
		if _ = res.Body.Close(); res.StatusCode >= 500 {
			t.Errorf("%d", res.StatusCode)
		}
	})
}
