package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wasl/internal/redistest"
	"wasl/internal/secret"
	"wasl/store/pebble"
	"wasl/store/storetest/storeserver"
)

// Several instances: processes of the program, built with the tag storeserver, over one store server and one Redis.

// clusterBinary is the program with the store server for tests in the place of MongoDB.
var clusterBinary = sync.OnceValues(func() (string, error) {
	made := filepath.Join(filepath.Dir(binary), "wasl-storeserver")
	build := exec.Command("go", "build", "-tags", "storeserver", "-o", made, ".")
	build.Stderr = os.Stderr
	return made, build.Run()
})

type cluster struct {
	engine   *pebble.Engine
	redis    *redistest.Server
	provider *program
	sandbox  string
	channel  string
	nodes    []*node
}

// node is one instance, with its own line to the store.
type node struct {
	*program
	link  *storeserver.Link
	base  string
	owner client
	start time.Duration // until it served
}

// newCluster opens the store and starts Redis, but no instance yet.
func newCluster(t *testing.T, dir string) *cluster {
	t.Helper()
	engine, err := pebble.Open(filepath.Join(dir, "store"), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{engine: engine, redis: redistest.Start(t)}
	t.Cleanup(func() {
		for _, n := range c.nodes {
			n.kill()
		}
		if t.Failed() {
			for i, n := range c.nodes {
				t.Logf("instance %d said:\n%s", i, n.stderr)
			}
		}
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// serve starts so many instances, one after the other.
func (c *cluster) serve(t *testing.T, dir string, size int) {
	t.Helper()
	bin, err := clusterBinary()
	if err != nil {
		t.Fatal(err)
	}
	key := secret.NewKey()
	for range size {
		link, err := storeserver.Listen(c.engine, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		n, begin := &node{link: link}, time.Now()
		n.program, err = launchBinary(bin, dir, serving(filepath.Join(dir, "data"),
			"WASL_MONGODB_URI=mongodb://in-its-place-the-store-server",
			"WASL_TEST_STORE="+link.Addr(), "WASL_REDIS_URL="+c.redis.URL(), "WASL_SECRET_KEY="+key, "WASL_LOG_FORMAT=json"), "serve")
		if err != nil {
			t.Fatal(err)
		}
		c.nodes = append(c.nodes, n)
		t.Cleanup(func() {
			n.kill()
			_ = link.Close()
		})
		n.base = "http://" + n.says(t, n.stderr, servingAt)
		until(t, "it is ready", func() bool {
			return client{base: n.base}.call(t, http.MethodGet, "/readyz", nil).status == http.StatusOK
		})
		n.start = time.Since(begin)
	}
}

func startCluster(t *testing.T) *cluster {
	t.Helper()
	dir := t.TempDir()
	c := newCluster(t, dir)
	c.serve(t, dir, 2)
	c.provider, c.sandbox = startSandbox(t, dir)
	t.Cleanup(c.provider.kill)
	for _, n := range c.nodes {
		n.owner = login(t, n.base, "owner@wasl.example", testPassword)
	}
	c.channel = connect(t, c.nodes[0].owner, c.sandbox)
	return c
}

// reportTo makes the provider send its webhooks to one instance.
func (c *cluster) reportTo(t *testing.T, n *node) {
	t.Helper()
	control(t, http.MethodPost, fmt.Sprintf("%s/_sandbox/accounts/%s/callback", c.sandbox, demoAccount.ID),
		object{"url": n.base + "/webhooks/whatsapp/" + c.channel}, nil)
}

// webhook posts a message to one instance as the provider does.
func (c *cluster) webhook(t *testing.T, n *node, number, text string) {
	t.Helper()
	body := fmt.Appendf(nil,
		`{"object":"whatsapp_business_account","entry":[{"id":%q,"changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
			`"metadata":{"display_phone_number":"12025550100","phone_number_id":%q},"contacts":[{"profile":{"name":%q},"wa_id":%q}],`+
			`"messages":[{"from":%q,"id":"wamid.%x","timestamp":"%d","type":"text","text":{"body":%q}}]}}]}]}`,
		demoAccount.BusinessID, demoAccount.ID, number, number, number, number+text, time.Now().Unix(), text)
	mac := hmac.New(sha256.New, []byte(demoAccount.AppSecret))
	mac.Write(body)
	a, err := client{base: n.base}.try(t.Context(), http.MethodPost, "/webhooks/whatsapp/"+c.channel, body,
		"X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("the webhook: %d %v", a.status, err)
	}
}

// message waits for the message with this text.
func (l *listener) message(t *testing.T, text string) frame {
	t.Helper()
	for {
		if f := l.next(t, "message.created"); f.Data["text"] == text {
			return f
		}
	}
}

// reload waits for the hello that tells the client to load everything anew.
func (l *listener) reload(t *testing.T, epoch string) frame {
	t.Helper()
	f := l.next(t, "hello")
	if f.Data["resumed"] != false || f.Epoch == epoch || f.Epoch == "" {
		t.Fatalf("instead of another epoch: %s", f.raw)
	}
	return f
}

// readyz is what the instance says of itself.
func (n *node) readyz(t *testing.T) string {
	t.Helper()
	got := client{base: n.base}.call(t, http.MethodGet, "/readyz", nil)
	if got.status != http.StatusOK {
		t.Fatalf("readyz answers %d %s", got.status, got.body)
	}
	return string(got.body)
}

func TestTwoInstancesAreOneGateway(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	a, b := c.nodes[0], c.nodes[1]
	a.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/users",
		object{"name": "Second", "email": "second@wasl.example", "password": testPassword, "role": "supervisor"})
	second := login(t, b.base, "second@wasl.example", testPassword)
	secondID := second.get(t, "/api/v1/me")["user"].(object)["id"]
	b.owner.get(t, "/api/v1/conversations?status=open") // so that b has its picture of the work before it changes
	onA, onB := a.owner.listen(t, ""), second.listen(t, "")
	if ha, hb := onA.next(t, "hello"), onB.next(t, "hello"); ha.Epoch != hb.Epoch || ha.Data["resumed"] != false {
		t.Errorf("epochs %s and %s", ha.raw, hb.raw)
	}

	// What one accepts is on the sockets of both, with the same number, and in the list of the other when its frame comes.
	c.reportTo(t, a)
	noor := newCustomer(t, c.sandbox, "Noor Haddad", "972541112233")
	noor.writes(t, "is it open?")
	atB := onB.message(t, "is it open?")
	conversation := atB.Data["conversation_id"].(string)
	listed := second.get(t, "/api/v1/conversations?status=open")["items"].([]any)
	if len(listed) != 1 || listed[0].(object)["id"] != conversation || listed[0].(object)["unread_count"] != 1.0 {
		t.Errorf("listed on the other instance: %v", listed)
	}
	if atA := onA.message(t, "is it open?"); atA.Seq != atB.Seq || atA.Epoch != atB.Epoch || !bytes.Equal(atA.raw, atB.raw) {
		t.Errorf("the frames differ:\n%s\n%s", atA.raw, atB.raw)
	}
	for _, path := range []string{
		"/api/v1/conversations/counts", "/api/v1/conversations?status=open&sort=priority",
		"/api/v1/conversations/" + conversation + "/messages",
	} {
		if one, other := a.owner.call(t, http.MethodGet, path, nil), b.owner.call(t, http.MethodGet, path, nil); one.status != 200 ||
			!bytes.Equal(one.body, other.body) {
			t.Errorf("%s: %d\n%s\n%s", path, one.status, one.body, other.body)
		}
	}

	// A reply through the other reaches the phone once, and its progress both sockets.
	path := "/api/v1/conversations/" + conversation
	b.owner.do(t, http.StatusCreated, http.MethodPost, path+"/messages", object{"client_id": "c1", "type": "text", "text": "until Sunday"})
	a.owner.do(t, http.StatusOK, http.MethodPost, path+"/messages", object{"client_id": "c1", "type": "text", "text": "until Sunday"})
	noor.reads(t, "until Sunday")
	for _, l := range []*listener{onA, onB} {
		for l.next(t, "message.updated").Data["status"] != "read" { //nolint:revive // sent and delivered come first
		}
	}

	// Live notices cross.
	onB.send(t, object{"type": "typing", "data": object{"conversation_id": conversation, "typing": true}})
	if f := onA.next(t, "typing"); f.Data["user_id"] != secondID || f.Data["conversation_id"] != conversation {
		t.Errorf("typing: %s", f.raw)
	}
	onB.send(t, object{"type": "presence", "data": object{"status": "busy"}})
	until(t, "the other instance knows who is busy", func() bool {
		for _, item := range a.owner.get(t, "/api/v1/presence")["items"].([]any) {
			if item := item.(object); item["user_id"] == secondID && item["status"] == "busy" {
				return true
			}
		}
		return false
	})
	_ = onB.conn.CloseNow()
	for {
		if f := onA.next(t, "presence"); f.Data["user_id"] == secondID && f.Data["status"] == "offline" {
			break
		}
	}

	// A container asks the program itself whether it is ready.
	if p := run(t, t.TempDir(), settings("WASL_LISTEN="+strings.TrimPrefix(b.base, "http://")), "health"); p.code != 0 {
		t.Errorf("health: %d %s", p.code, p.stderr)
	}
	if p := run(t, t.TempDir(), settings("WASL_LISTEN=127.0.0.1:1"), "health"); p.code == 0 || len(p.stderr.lines()) != 1 {
		t.Errorf("health of nobody: %d %s", p.code, p.stderr)
	}

	// Files are everywhere.
	picture := pngFile(t)
	file := upload(t, a.owner, "picture.png", picture)
	if got := b.owner.call(t, http.MethodGet, file["url"].(string), nil); got.status != 200 || !bytes.Equal(got.body, picture) {
		t.Errorf("the file from the other instance: %d, %d bytes", got.status, len(got.body))
	}

	// Who signs out is signed out everywhere.
	onB = login(t, b.base, "second@wasl.example", testPassword).listen(t, "")
	onB.next(t, "hello")
	out := login(t, a.base, "second@wasl.example", testPassword)
	if got := out.call(t, http.MethodPost, "/api/v1/auth/logout", nil); got.status >= 300 {
		t.Fatalf("logout: %d %s", got.status, got.body)
	}
	if code := onB.closing(t); code != 1008 {
		t.Errorf("closed with %d", code)
	}

	// Guesses count together.
	let := 0
	for i := range 24 {
		guess := client{base: c.nodes[i%2].base}.call(t, http.MethodPost, "/api/v1/auth/login",
			object{"email": "guessed@wasl.example", "password": "not the one"})
		if guess.status != http.StatusTooManyRequests {
			let++
		}
	}
	if let < 10 || let > 12 {
		t.Errorf("%d guesses of 24 were let through two instances", let)
	}
}

func TestAKilledInstanceIsTakenOver(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	a, b := c.nodes[0], c.nodes[1]
	onA, onB := a.owner.listen(t, ""), b.owner.listen(t, "")
	onA.next(t, "hello")
	hello := onB.next(t, "hello")
	c.webhook(t, a, "972540000001", "first")
	seen := onA.message(t, "first")
	onB.message(t, "first")

	// Accepted, and killed before it could do anything about it.
	a.link.Slow(time.Second)
	c.webhook(t, a, "972540000001", "accepted by the one that died")
	a.kill()
	_ = onA.conn.CloseNow()

	// The sockets of the other go on.
	c.webhook(t, b, "972540000002", "second")
	if f := onB.message(t, "second"); f.Epoch != hello.Epoch {
		t.Errorf("another epoch: %s", f.raw)
	}
	// A socket of the killed one comes back there, and has missed nothing and gets nothing twice.
	back := b.owner.listen(t, fmt.Sprintf("?since=%d&epoch=%s", seen.Seq, seen.Epoch))
	if f := back.next(t, "hello"); f.Data["resumed"] != true {
		t.Fatalf("not resumed: %s", f.raw)
	}
	texts := map[string]int{}
	last := seen.Seq
	end := time.After(45 * time.Second) // the lease and some
	for texts["accepted by the one that died"] == 0 || texts["second"] == 0 {
		select {
		case f := <-back.frames:
			if f.Seq == 0 {
				continue
			}
			if f.Epoch == seen.Epoch && f.Seq != last+1 {
				t.Fatalf("%d after %d", f.Seq, last)
			}
			last = f.Seq
			if f.Type == "message.created" {
				texts[f.Data["text"].(string)]++
			}
		case <-end:
			t.Fatalf("the job of the killed instance was not taken over; there are %v", texts)
		}
	}
	if texts["first"] != 0 || texts["second"] != 1 || texts["accepted by the one that died"] != 1 {
		t.Errorf("got %v", texts)
	}
}

func TestALostRedisLosesNothing(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	a, b := c.nodes[0], c.nodes[1]
	c.reportTo(t, a)
	b.owner.get(t, "/api/v1/conversations?status=open")
	onA, onB := a.owner.listen(t, ""), b.owner.listen(t, "")
	first := onA.next(t, "hello")
	onB.next(t, "hello")
	noor := newCustomer(t, c.sandbox, "Noor Haddad", "972541112233")
	noor.writes(t, "before")
	conversation := onB.message(t, "before").Data["conversation_id"].(string)

	c.redis.Flush()
	noor.writes(t, "after the flush")
	second := onA.reload(t, first.Epoch)
	onB.reload(t, first.Epoch)
	onB.message(t, "after the flush")

	// Without Redis everything goes on but the live frames, and nobody is sent here.
	c.redis.Kill()
	noor.writes(t, "while it is down")
	newCustomer(t, c.sandbox, "Yael Bar", "972541112244").writes(t, "somebody new")
	until(t, "both are stored", func() bool {
		return lastMessage(t, b.owner, conversation)["text"] == "while it is down" && conversationWith(t, b.owner, "Yael Bar") != nil
	})
	begin := time.Now()
	b.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+conversation+"/messages",
		object{"client_id": "c1", "type": "text", "text": "a reply all the same"})
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("a reply took %v", took)
	}
	noor.reads(t, "a reply all the same")
	for _, n := range c.nodes {
		if got := n.readyz(t); got != "degraded: live updates" {
			t.Errorf("readyz answers %s", got)
		}
		login(t, n.base, "owner@wasl.example", testPassword)
	}

	// It comes back empty: the clients load anew, which shows them what waited, and then everything is as before.
	c.redis.Run()
	onA.reload(t, second.Epoch)
	onB.reload(t, second.Epoch)
	if got := lastMessage(t, a.owner, conversation)["text"]; got != "a reply all the same" {
		t.Errorf("shown after the outage: %v", got)
	}
	noor.writes(t, "as before")
	// Every instance whose events waited has had the clients load anew, one perhaps only now: that shows them the message as well.
	for f := onB.next(t, "message.created", "hello"); f.Data["text"] != "as before"; f = onB.next(t, "message.created", "hello") {
		if f.Type == "hello" && lastMessage(t, b.owner, conversation)["text"] == "as before" {
			break
		}
	}
	until(t, "nothing is degraded", func() bool { return a.readyz(t) == "ok" && b.readyz(t) == "ok" })
	for _, n := range c.nodes {
		until(t, "the list is whole", func() bool { return len(n.owner.get(t, "/api/v1/conversations?status=open")["items"].([]any)) == 2 })
	}
	one, other := a.owner.call(t, http.MethodGet, "/api/v1/conversations/counts", nil), b.owner.call(t, http.MethodGet,
		"/api/v1/conversations/counts", nil)
	if !bytes.Equal(one.body, other.body) {
		t.Errorf("counts differ: %s %s", one.body, other.body)
	}
}
