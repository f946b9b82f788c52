package notify_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/internal/secret"
	"wasl/internal/web"
	"wasl/notify"
	"wasl/store"
	"wasl/store/pebble"
)

// browser is a device with its keys and what reached it.
type browser struct {
	endpoint string
	key      *ecdh.PrivateKey
	auth     []byte
	got      []map[string]any
	topics   []string
}

func newBrowser(t *testing.T, endpoint string) *browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{endpoint: endpoint, key: key, auth: make([]byte, 16)}
	_, _ = rand.Read(b.auth)
	return b
}

// subscription is what the browser gives the page.
func (b *browser) subscription() string {
	encode := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"endpoint":%q,"expirationTime":null,"keys":{"p256dh":%q,"auth":%q},"language":"he"}`,
		b.endpoint, encode(b.key.PublicKey().Bytes()), encode(b.auth))
}

// decrypt reads a body as RFC 8291 has the browser do it.
func (b *browser) decrypt(body []byte) ([]byte, error) {
	salt, point, sealed := body[:16], body[21:86], body[86:]
	sender, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	input, _ := hkdf.Key(sha256.New, shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(point), 32)
	contentKey, _ := hkdf.Key(sha256.New, input, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, _ := hkdf.Key(sha256.New, input, salt, "Content-Encoding: nonce\x00", 12)
	block, err := aes.NewCipher(contentKey)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	return bytes.TrimSuffix(plain, []byte{2}), err
}

// pushService is one: it delivers to its browsers and answers as it is told.
type pushService struct {
	t        *testing.T
	mu       sync.Mutex
	browsers map[string]*browser
	answers  []int // of the next requests; none: 201
	after    string
	requests int
	fail     error
}

// RoundTrip takes a message for a browser.
func (s *pushService) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if s.fail != nil {
		return nil, s.fail
	}
	status := http.StatusCreated
	if len(s.answers) > 0 {
		status, s.answers = s.answers[0], s.answers[1:]
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	to := s.browsers[r.URL.String()]
	switch {
	case to == nil:
		status = http.StatusGone
	case status == http.StatusCreated:
		plain, err := to.decrypt(body)
		got := map[string]any{}
		if err = errorsOf(err, json.Unmarshal(plain, &got)); err != nil {
			s.t.Errorf("the browser cannot read it: %v", err)
		}
		to.got, to.topics = append(to.got, got), append(to.topics, r.Header.Get("Topic"))
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{"Retry-After": {s.after}}, Request: r}, nil
}

func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// jumpy is a clock that can be put forward.
type jumpy struct{ by atomic.Int64 }

// Now returns the time.
func (j *jumpy) Now() time.Time { return time.Now().Add(time.Duration(j.by.Load())) }

// pushRig is a process that pushes, over a store.
type pushRig struct {
	*rig
	disk     store.Engine
	time     *jumpy
	runner   *jobs.Runner
	service  *pushService
	watching map[string]bool
	gone     map[string]bool
	preview  func(v access.Viewer, id string) (string, string)
	stop     func()
}

func pushWorld(t *testing.T, fn func(r *pushRig)) {
	t.Helper()
	newRig(t).call("noga", http.MethodGet, "/count", "") // the server's clock, which never ends, is to begin outside
	synctest.Test(t, func(t *testing.T) {
		disk, err := pebble.Open("push", pebble.Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = disk.Close() })
		for _, schemas := range [][]store.Schema{events.Schemas(), jobs.Schemas(), notify.Schemas()} {
			if err := disk.Ensure(t.Context(), schemas...); err != nil {
				t.Fatal(err)
			}
		}
		box, err := secret.Parse(secret.NewKey())
		if err != nil {
			t.Fatal(err)
		}
		r := bootPush(t, disk, box, &pushService{t: t, browsers: map[string]*browser{}})
		fn(r)
		r.stop()
	})
}

func bootPush(t *testing.T, disk store.Engine, box *secret.Box, service *pushService) *pushRig {
	t.Helper()
	now := &jumpy{}
	r := &pushRig{
		rig: &rig{T: t, server: web.New(zerolog.Nop())}, time: now, disk: disk, service: service, watching: map[string]bool{},
		gone:    map[string]bool{},
		runner:  jobs.NewRunner(disk, now, zerolog.Nop(), ids.Token()),
		preview: func(access.Viewer, string) (string, string) { return "", "" },
	}
	r.Service = notify.NewService(disk, now)
	r.bus = events.NewBus(disk, events.NewLocal(), r.runner, now, zerolog.Nop())
	err := r.Push(t.Context(), notify.PushOptions{
		Jobs: r.runner, Log: zerolog.Nop(), HTTP: &http.Client{Transport: service}, Box: box, Subject: "mailto:a@example.com",
		Viewer: func(_ context.Context, userID string) (access.Viewer, error) {
			if v, known := viewers[userID]; known && !r.gone[userID] {
				return v, nil
			}
			return access.Viewer{}, store.ErrNotFound
		},
		Watches: func(_ context.Context, v access.Viewer) (bool, error) { return r.watching[v.UserID], nil },
		Preview: func(_ context.Context, v access.Viewer, id string) (string, string, error) {
			name, words := r.preview(v, id)
			return name, words, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Routes(r.server.API, guard{}, func(ctx context.Context) access.Viewer { return viewers[ctx.Value(caller{}).(string)] })
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.bus.Run(ctx, true) })
	wg.Go(func() { _ = r.runner.Serve(ctx, true) })
	r.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(r.stop)
	return r
}

// pass lets time pass, in steps after each of which what is due is done.
func (r *pushRig) pass(d time.Duration) {
	const steps = 60
	for range steps {
		r.time.by.Add(int64(d / steps))
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
	}
}

// device subscribes a browser of a user.
func (r *pushRig) device(who string) *browser {
	r.Helper()
	b := newBrowser(r.T, fmt.Sprintf("https://push.example.net/%s/%d", who, len(r.service.browsers)))
	r.service.browsers[b.endpoint] = b
	r.subscribe(who, b)
	return b
}

func (r *pushRig) subscribe(who string, b *browser) {
	r.Helper()
	if status, body := r.call(who, http.MethodPost, "/me/push-subscriptions", b.subscription()); status != http.StatusNoContent {
		r.Fatalf("subscribing: %d %s", status, body)
	}
}

func (r *pushRig) count(collection string) int {
	r.Helper()
	n, err := r.disk.Count(r.Context(), collection, store.Query{}, 1000)
	if err != nil {
		r.Fatal(err)
	}
	return n
}

func want(t *testing.T, b *browser, ids ...string) {
	t.Helper()
	synctest.Wait()
	var got []string
	for _, m := range b.got {
		got = append(got, m["id"].(string))
	}
	if strings.Join(got, " ") != strings.Join(ids, " ") {
		t.Errorf("%s got %q, not %q", b.endpoint, got, ids)
	}
}

func given(id string) notify.Notice {
	return notify.Notice{
		ID: id, Kind: notify.Assigned, Title: "Ms. Cohen was given to you", Detail: "She said: hello", ConversationID: "cnv_1",
	}
}

var (
	forNoga = access.Audience{Users: []string{"noga"}}
	forTeam = access.Audience{Queues: []string{"sales"}}
)

// A notice reaches each subscribed device of those whom it is for, once, encrypted for the device alone, in its language, and without a
// word of the customer's.
func TestANoticeIsPushedOnceToEachDevice(t *testing.T) {
	pushWorld(t, func(r *pushRig) {
		phone, desk, boss, omar := r.device("noga"), r.device("noga"), r.device("boss"), r.device("omar")
		other := r.device("other")
		r.add(forNoga, given("ntf_1"))
		r.add(forNoga, given("ntf_1")) // told of again
		want(t, phone, "ntf_1")
		want(t, desk, "ntf_1")
		r.add(forTeam, given("ntf_2"))
		want(t, phone, "ntf_1", "ntf_2")
		want(t, boss, "ntf_2")
		want(t, omar)
		want(t, other)
		told, _ := json.Marshal(phone.got[0])
		if phone.got[0]["conversation_id"] != "cnv_1" || phone.got[0]["language"] != "he" || phone.got[0]["kind"] != "assigned" ||
			bytes.Contains(told, []byte("Cohen")) || bytes.Contains(told, []byte("hello")) {
			t.Errorf("told %s", told)
		}
		if phone.topics[0] == "" || len(phone.topics[0]) > 32 || phone.topics[0] == phone.topics[1] || desk.topics[0] != phone.topics[0] {
			t.Errorf("topics %q %q", phone.topics, desk.topics)
		}
		r.pass(5 * time.Hour)
		want(t, phone, "ntf_1", "ntf_2")
		if n := r.count("jobs"); n != 0 {
			t.Errorf("%d jobs are left", n)
		}
	})
}

// Where the workspace says so, and only of what the user sees, a device is told of the customer.
func TestWhatTheWorkspaceShowsIsPushed(t *testing.T) {
	pushWorld(t, func(r *pushRig) {
		phone := r.device("noga")
		r.preview = func(v access.Viewer, id string) (string, string) {
			if v.UserID != "noga" || id != "cnv_1" {
				t.Errorf("asked for %s by %s", id, v.UserID)
			}
			return "Ms. Cohen", strings.Repeat("Hello <there> ", 500)
		}
		r.add(forNoga, given("ntf_1"))
		want(t, phone, "ntf_1")
		if text := phone.got[0]["text"].(string); phone.got[0]["name"] != "Ms. Cohen" || len([]rune(text)) > 300 || len(text) < 100 {
			t.Errorf("told %v", phone.got[0])
		}
	})
}

// Nobody is told who has read it, has Wasl on a screen, rests, switched the event off, may not see it any more, or is gone.
func TestWhoIsNotPushedTo(t *testing.T) {
	for name, prepare := range map[string]func(r *pushRig){
		"watching": func(r *pushRig) { r.watching["noga"] = true },
		"gone":     func(r *pushRig) { r.gone["noga"] = true },
		"read":     func(r *pushRig) { r.call("noga", http.MethodPost, "/read", `{"ids":["ntf_1"]}`) },
		"off":      func(r *pushRig) { r.choose(`"push":false`, "") },
		"resting": func(r *pushRig) {
			now := r.time.Now().UTC()
			r.choose(`"push":true`, fmt.Sprintf(`,"quiet_hours":{"from":%q,"to":%q,"zone":"UTC"}`,
				now.Add(-time.Hour).Format("15:04"), now.Add(2*time.Hour).Format("15:04")))
		},
		"switched off on the device": func(r *pushRig) {
			for endpoint := range r.service.browsers {
				r.call("noga", http.MethodDelete, "/me/push-subscriptions", fmt.Sprintf(`{"endpoint":%q}`, endpoint))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			pushWorld(t, func(r *pushRig) {
				phone := r.device("noga")
				r.service.answers = []int{http.StatusServiceUnavailable} // so that there is a time in between
				r.add(forNoga, given("ntf_1"))
				synctest.Wait()
				prepare(r)
				r.pass(time.Hour)
				want(t, phone)
				if r.service.requests != 1 {
					t.Errorf("%d requests", r.service.requests)
				}
			})
		})
	}
	pushWorld(t, func(r *pushRig) { // the same without any of it
		phone := r.device("noga")
		r.service.answers = []int{http.StatusServiceUnavailable}
		r.choose(`"push":true`, "")
		r.add(forNoga, given("ntf_1"))
		r.pass(time.Hour)
		want(t, phone, "ntf_1")
	})
}

// choose chooses noga's settings.
func (r *pushRig) choose(assigned, more string) {
	r.Helper()
	const ways, call = `{"in_app":true,"sound":true,"desktop":false}`, `{"sound":true,"desktop":false}`
	body := fmt.Sprintf(`{"events":{"assigned":{"in_app":true,"sound":true,"desktop":false,%s},"sla_warning":%s,"sla_breached":%s,"other":%s,`+
		`"offered":%s,"message":%s},"messages":"mine"%s}`, assigned, ways, ways, ways, call, call, more)
	if status, answer := r.call("noga", http.MethodPut, "/me/notification-settings", body); status != http.StatusOK {
		r.Fatalf("choosing: %d %s", status, answer)
	}
}

// What a push service does not take for now goes again, later each time or when it says, and no longer than the notice is worth it.
func TestAPushServiceThatIsDown(t *testing.T) {
	pushWorld(t, func(r *pushRig) {
		phone := r.device("noga")
		r.service.answers = []int{429, 500, 503}
		r.add(forNoga, given("ntf_1"))
		synctest.Wait()
		r.time.by.Add(int64(25 * time.Second))
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if r.service.requests != 1 {
			t.Errorf("%d requests within half a minute", r.service.requests)
		}
		r.pass(5 * time.Minute)
		want(t, phone, "ntf_1")
		if r.service.requests != 4 {
			t.Errorf("%d requests", r.service.requests)
		}
		r.service.requests, r.service.answers, r.service.after = 0, []int{429}, "3600"
		r.add(forNoga, given("ntf_2"))
		r.pass(57 * time.Minute)
		want(t, phone, "ntf_1")
		r.pass(4 * time.Minute)
		want(t, phone, "ntf_1", "ntf_2")
		r.service.requests, r.service.after, r.service.fail = 0, "", fmt.Errorf("nobody there")
		r.add(forNoga, given("ntf_3"))
		r.pass(5 * time.Hour)
		if r.service.requests < 10 || r.service.requests > 30 || r.count("jobs") != 0 {
			t.Errorf("%d requests, %d jobs left", r.service.requests, r.count("jobs"))
		}
		r.service.fail = nil
		r.pass(5 * time.Hour)
		want(t, phone, "ntf_1", "ntf_2")
	})
}

// What the push service refuses is not repeated; a device that it does not know any more is forgotten.
func TestWhatAPushServiceRefuses(t *testing.T) {
	for status, left := range map[int]int{400: 1, 403: 1, 413: 1, 301: 1, 404: 0, 410: 0} {
		pushWorld(t, func(r *pushRig) {
			phone := r.device("noga")
			r.service.answers = []int{status}
			r.add(forNoga, given("ntf_1"))
			r.pass(5 * time.Hour)
			want(t, phone)
			if r.service.requests != 1 || r.count("push_subscriptions") != left {
				t.Errorf("%d: %d requests, %d devices left", status, r.service.requests, r.count("push_subscriptions"))
			}
		})
	}
}

// A device is one person's: whoever signs in there next takes it over, and nobody else can take it away. The newest ten of a user stay.
func TestDevices(t *testing.T) {
	pushWorld(t, func(r *pushRig) {
		shared := r.device("noga")
		r.call("omar", http.MethodDelete, "/me/push-subscriptions", fmt.Sprintf(`{"endpoint":%q}`, shared.endpoint))
		r.add(forNoga, given("ntf_1"))
		want(t, shared, "ntf_1")
		r.subscribe("omar", shared)
		r.add(forNoga, given("ntf_2"))
		want(t, shared, "ntf_1")
		var all []*browser
		for range 12 {
			time.Sleep(time.Second)
			all = append(all, r.device("noga"))
		}
		r.add(forNoga, given("ntf_3"))
		for n, b := range all {
			if n < 2 {
				want(t, b)
			} else {
				want(t, b, "ntf_3")
			}
		}
	})
}

// Only what can be a browser's subscription is taken.
func TestWhatIsNoSubscription(t *testing.T) {
	pushWorld(t, func(r *pushRig) {
		good := newBrowser(t, "https://push.example.net/1")
		for _, endpoint := range []string{
			"http://push.example.net/1", "https://127.0.0.1/1", "https://10.0.0.1:8443/1", "https://[::1]/1", "https://localhost/1",
			"https://db./1",
			"https://a:b@push.example.net/1", "javascript:alert(1)", "", "https://push.example.net/" + strings.Repeat("x", 2048),
		} {
			b := *good
			b.endpoint = endpoint
			if status, body := r.call("noga", http.MethodPost, "/me/push-subscriptions", b.subscription()); status != 422 {
				t.Errorf("%.40q: %d %s", endpoint, status, body)
			}
		}
		bad := *good
		bad.auth = bad.auth[:8]
		if status, body := r.call("noga", http.MethodPost, "/me/push-subscriptions", bad.subscription()); status != 422 ||
			!strings.Contains(body, "invalid_push_keys") {
			t.Errorf("short auth: %d %s", status, body)
		}
		if n := r.count("push_subscriptions"); n != 0 {
			t.Errorf("%d were kept", n)
		}
	})
}

// The key is made once, whoever starts first, and is not readable in the store; a browser that subscribed to another one is forgotten.
func TestThereIsOneKey(t *testing.T) {
	pushWorld(t, func(r *pushRig) {
		keys := make(chan string, 8)
		box, err := secret.Parse(secret.NewKey())
		if err != nil {
			t.Fatal(err)
		}
		phone := r.device("noga")
		r.stop()
		var all []*pushRig
		for range 4 { // with another secret key, all at once
			all = append(all, nil)
		}
		var wg sync.WaitGroup
		for n := range all {
			wg.Go(func() {
				all[n] = bootPush(t, r.disk, box, r.service)
				_, body := all[n].call("noga", http.MethodGet, "/me/push-subscriptions", "")
				keys <- body
			})
		}
		wg.Wait()
		first := <-keys
		for range len(all) - 1 {
			if key := <-keys; key != first || !strings.Contains(key, `"public_key":"B`) {
				t.Errorf("keys %s and %s", first, key)
			}
		}
		for _, one := range all[1:] {
			one.stop()
		}
		all[0].add(forNoga, given("ntf_1"))
		want(t, phone)
		if n := r.count("push_subscriptions"); n != 0 {
			t.Errorf("%d devices of the key before are left", n)
		}
		all[0].stop()
	})
}

// Somebody who tries their device learns what became of it.
func TestTryingADevice(t *testing.T) {
	pushWorld(t, func(r *pushRig) {
		phone := r.device("noga")
		body := fmt.Sprintf(`{"endpoint":%q}`, phone.endpoint)
		for _, step := range []struct {
			who    string
			answer int
			status int
			code   string
		}{
			{"noga", 201, 204, ""}, {"omar", 201, 404, "not_found"}, {"noga", 503, 503, "push_refused"}, {"noga", 410, 409, "push_gone"},
			{"noga", 201, 404, "not_found"},
		} {
			r.service.answers = []int{step.answer}
			status, answer := r.call(step.who, http.MethodPost, "/me/push-subscriptions/test", body)
			if status != step.status || !strings.Contains(answer, step.code) {
				t.Errorf("%+v: %d %s", step, status, answer)
			}
		}
		if len(phone.got) != 1 || phone.got[0]["kind"] != "test" {
			t.Errorf("got %v", phone.got)
		}
	})
}
