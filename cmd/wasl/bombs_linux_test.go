package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wasl/internal/picture/picturetest"
)

const (
	// mostMemory and mostTime are what anything that strangers send may cost the gateway: all that it has in memory, in bytes, and the
	// processor's time.
	mostMemory = 300 << 20
	mostTime   = time.Second
	// tick is in what the kernel counts the processor's time. proc_pid_stat(5)
	tick = 10 * time.Millisecond
)

// target is a gateway of its own, built as it is shipped: the race detector takes memory and time that are not the gateway's.
type target struct {
	*testing.T
	*program
	client // its owner
	site   string
	mail   string
	meta   string
	token  string // of a visitor
	person string
}

func newTarget(t *testing.T) *target {
	t.Helper()
	program := binary
	if len(buildFlags) > 1 {
		program = filepath.Join(t.TempDir(), "wasl")
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	dir := t.TempDir()
	p, err := launchBinary(program, dir, serving(filepath.Join(dir, "data")), "serve")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	g := &target{T: t, program: p}
	g.client = login(t, "http://"+p.says(t, p.stderr, servingAt), ownerEmail, testPassword)
	connect := func(kind string, credentials object) string {
		ch := g.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
			object{"kind": kind, "name": kind, "credentials": credentials})
		return ch["id"].(string)
	}
	g.site = connect("widget", object{"origins": "*"})
	g.mail = "/webhooks/email/" + connect("email", object{
		"api_key": "SG.k", "from_address": "desk@mail.example", "inbound_user": "u", "inbound_password": mailPassword,
	})
	g.meta = "/webhooks/whatsapp/" + connect("whatsapp", object{
		"phone_number_id": "1", "business_account_id": "2", "access_token": "t", "app_secret": "s", "verify_token": "v",
	})
	v := client{base: g.base}.do(t, http.StatusOK, http.MethodPost, "/widget/"+g.site+"/visitor", nil)
	g.token, g.person = v["token"].(string), v["visitor"].(string)
	return g
}

// cost is what the gateway takes for something, until it is quiet again: the most memory that it had, and the processor's time.
func (g *target) cost(what string, do func()) {
	g.Helper()
	pid := g.cmd.Process.Pid
	before := g.quiet()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0o200); err != nil {
		g.Fatal(err)
	}
	do()
	took := g.quiet() - before
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		g.Fatal(err)
	}
	kb, _ := strconv.Atoi(regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindStringSubmatch(string(status))[1])
	g.Logf("%s: %v, at most %d MB", what, took, kb>>10)
	if kb<<10 > mostMemory || took > mostTime {
		g.Errorf("%s takes %v and %d MB", what, took, kb>>10)
	}
}

// used is the processor's time that the gateway has taken.
func (g *target) used() time.Duration {
	g.Helper()
	return processorTime(g.T, g.cmd.Process.Pid)
}

// quiet waits until the gateway does nothing for a moment, and returns what it has used.
func (g *target) quiet() time.Duration {
	g.Helper()
	last, same := g.used(), 0
	until(g.T, "the gateway is quiet", func() bool {
		time.Sleep(100 * time.Millisecond)
		now := g.used()
		if same++; now-last > tick {
			same = 0
		}
		last = now
		return same >= 5
	})
	return last
}

func (g *target) upload(name string, content []byte) {
	g.Helper()
	body, kind := multipartFile(g.T, name, content)
	visitor := client{base: g.base, token: g.token}
	if a := visitor.call(g.T, http.MethodPost, "/widget/"+g.site+"/media", body, "Content-Type", kind); a.status != http.StatusCreated {
		g.Errorf("%s: %d %s", name, a.status, a.body)
	}
}

// halfSend opens connections on each of which most of a body is on its way, and never its end. It returns how many were answered.
func (g *target) halfSend(connections int, head string, sent int) int {
	g.Helper()
	body := bytes.Repeat([]byte("x"), sent)
	var all sync.WaitGroup
	var mu sync.Mutex
	answered := 0
	for range connections {
		all.Go(func() {
			conn, err := new(net.Dialer).DialContext(g.Context(), "tcp", strings.TrimPrefix(g.base, "http://"))
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(4 * time.Second))
			_, _ = io.WriteString(conn, head)
			_, _ = conn.Write(body)
			if n, _ := conn.Read(make([]byte, 12)); n > 0 {
				mu.Lock()
				answered++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return answered
}

// mailed delivers a mail whose sender is a stranger, by the provider.
func (g *target) mailed(name, mail string) {
	g.Helper()
	body, kind := formOf(g.T, "email", "From: "+name+" <a@stranger.example>\r\nTo: desk@mail.example\r\nSubject: x\r\n"+mail)
	begin := time.Now()
	req, err := http.NewRequestWithContext(g.Context(), http.MethodPost, g.base+g.mail, bytes.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	req.SetBasicAuth("u", mailPassword)
	req.Header.Set("Content-Type", kind)
	res, err := plainClient.Do(req)
	if err != nil {
		g.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK || time.Since(begin) > 2*time.Second {
		g.Errorf("%s: %d after %v", name, res.StatusCode, time.Since(begin))
	}
}

// What strangers can send to make the gateway work costs it little memory and less than a second of the processor.
func TestNothingThatStrangersSendIsDear(t *testing.T) {
	g := newTarget(t)
	big, deep := picturetest.ProgressiveCMYK(8000, 6200, 1), picturetest.DeepPNG(8000, 6000)
	flat := picturetest.LosslessWebP(16000, 16000, nil)
	fits, many := picturetest.ProgressiveCMYK(3000, 2200, 1), picturetest.ProgressiveCMYK(2500, 2000, 2000)
	g.cost("a picture of 50 megapixels in four colours and passes", func() { g.upload("a.jpg", big) })
	g.cost("an interlaced picture of 16 bits", func() { g.upload("a.png", deep) })
	g.cost("an empty picture of 256 megapixels", func() { g.upload("a.webp", flat) })
	g.cost("a picture of two thousand passes", func() { g.upload("b.jpg", many) })
	g.cost("the largest picture that is decoded", func() { g.upload("c.jpg", fits) })
	g.cost("that one again", func() { g.upload("d.jpg", fits) })
	g.halfSentBodies()
	g.mails()
	g.floods()
}

func (g *target) halfSentBodies() {
	const connections = 20
	head := func(path string, length int, more ...string) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n", path, length, strings.Join(append(more, ""), "\r\n"))
	}
	g.cost("mails of nobody, half sent", func() {
		if n := g.halfSend(connections, head(g.mail, 30<<20), 16<<20); n != connections {
			g.Errorf("%d of %d were answered", n, connections)
		}
	})
	g.cost("webhooks of nobody, half sent", func() {
		if n := g.halfSend(connections, head(g.meta, 5<<20), 3<<20); n != connections {
			g.Errorf("%d of %d were answered", n, connections)
		}
	})
	g.cost("webhooks that look signed, half sent", func() {
		signed := "X-Hub-Signature-256: sha256=" + strings.Repeat("0", 64)
		g.halfSend(3*connections, head(g.meta, 5<<20, signed), 3<<20) // eight are being read, the others wait for them
	})
	g.cost("sign-ins, half sent", func() { g.halfSend(200, head("/api/v1/auth/login", 1<<20), 500<<10) })
	g.cost("a thousand connections that say half a header", func() {
		g.halfSend(1000, "GET / HTTP/1.1\r\nX: "+strings.Repeat("x", 15<<10), 0)
	})
}

func (g *target) mails() {
	shown := func(name string) string {
		var conv object
		until(g.T, name+" is there", func() bool { conv = conversationWith(g.T, g.client, name); return conv != nil })
		return "/api/v1/messages/" + messages(g.T, g.client, conv["id"].(string))[0]["id"].(string) + "/html"
	}
	style := "Content-Type: text/html\r\n\r\n<p>Hello</p><p style=\"" + strings.Repeat("{", 1<<20-100) + "\">x</p>"
	g.cost("a mail with a style of a megabyte", func() { g.mailed("Style", style) })
	page := shown("Style")
	for _, time := range []string{"first", "second"} {
		g.cost("looking at it for the "+time+" time", func() {
			if a := g.call(g.T, http.MethodGet, page, nil); a.status != http.StatusOK || !bytes.Contains(a.body, []byte("Hello")) {
				g.Errorf("%d %s", a.status, clip(a.body))
			}
		})
	}
	nested := ""
	for n := range 500 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", n, n)
	}
	g.cost("five hundred multiparts in one another", func() {
		g.mailed("Nested", nested+"Content-Type: text/plain\r\n\r\n"+strings.Repeat("x\r\n", 100_000))
		until(g.T, "it is there", func() bool { return conversationWith(g.T, g.client, "Nested") != nil })
	})
	pictures := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nlook\r\n"
	bomb := string(picturetest.DeepPNG(1800, 1800))
	for n := range 60 {
		pictures += fmt.Sprintf("--b\r\nContent-Type: image/png; name=%d.png\r\nContent-Transfer-Encoding: binary\r\n\r\n%s\r\n", n, bomb)
	}
	g.cost("a mail of sixty pictures", func() {
		g.mailed("Pictures", pictures+"--b--\r\n")
		until(g.T, "it is there", func() bool { return conversationWith(g.T, g.client, "Pictures") != nil })
	})
}

func (g *target) floods() {
	visitor, hook := client{base: g.base, token: g.token}, "/webhooks/widget/"+g.site
	post := func(events ...any) int {
		a, err := visitor.try(g.Context(), http.MethodPost, hook, object{"visitor": g.person, "events": events})
		if err != nil {
			g.Fatal(err)
		}
		return a.status
	}
	ids := make([]string, 200)
	for n := range ids {
		ids[n] = fmt.Sprintf("m%d", n)
	}
	receipts := make([]any, 15)
	for n := range receipts {
		receipts[n] = object{"type": "receipt", "status": "read", "messages": ids}
	}
	g.cost("2,900 events in one post", func() {
		if status := post(receipts...); status != http.StatusUnprocessableEntity {
			g.Errorf("they are answered %d", status)
		}
	})
	g.cost("three hundred posts of one visitor", func() {
		taken := 0
		for n := range 300 {
			if post(message(fmt.Sprint("flood", n), "flood")) == http.StatusOK {
				taken++
			}
		}
		if taken > 80 {
			g.Errorf("%d are taken", taken)
		}
	})
	g.cost("three hundred new visitors", func() {
		for range 300 {
			_, _ = client{base: g.base}.try(g.Context(), http.MethodPost, "/widget/"+g.site+"/visitor", nil)
		}
	})
	g.cost("three hundred wrong passwords", func() {
		for n := range 300 {
			_, _ = client{base: g.base}.try(g.Context(), http.MethodPost, "/api/v1/auth/login",
				object{"email": fmt.Sprintf("user%d@wasl.example", n), "password": "not the one"})
		}
	})
}
