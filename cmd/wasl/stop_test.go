package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wasl/internal/events"
	"wasl/store"
	"wasl/store/pebble"
)

// instance is a gateway of a test's own with one channel.
type instance struct {
	*program
	dir     string
	base    string
	owner   client
	channel string
}

func startInstance(t *testing.T, dir string) instance {
	t.Helper()
	i := instance{dir: dir}
	i.program = start(t, dir, serving(filepath.Join(dir, "data")), "serve")
	i.base = "http://" + i.says(t, i.stderr, servingAt)
	i.owner = login(t, i.base, "owner@wasl.example", testPassword)
	if found := i.owner.get(t, "/api/v1/channels")["items"].([]any); len(found) > 0 {
		i.channel = found[0].(object)["id"].(string)
	} else {
		i.channel = i.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
			connection("http://127.0.0.1:1", demoAccount.ID))["id"].(string)
	}
	return i
}

// flood posts messages of several customers until ctx ends, and returns the texts that were acknowledged, by customer.
func (i instance) flood(ctx context.Context, taken chan<- string) map[string][]string {
	const writers = 6
	acknowledged := make([][]string, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				text := fmt.Sprintf("words %d of %d", n, w)
				a, err := hook(ctx, i.base, i.channel, demoAccount.AppSecret,
					textBody(demoAccount.ID, number(w), fmt.Sprintf("wamid.%d.%d", w, n), text))
				if err != nil || a.status != http.StatusOK {
					return // the gateway stops or is gone
				}
				acknowledged[w] = append(acknowledged[w], text)
				select {
				case taken <- text:
				default:
				}
			}
		})
	}
	wg.Wait()
	all := map[string][]string{}
	for w, texts := range acknowledged {
		all[number(w)] = texts
	}
	return all
}

func number(writer int) string { return fmt.Sprintf("97254111%04d", writer) }

// holds checks that every acknowledged text is there once, in its order.
func (i instance) holds(t *testing.T, acknowledged map[string][]string) {
	t.Helper()
	total := 0
	for from, texts := range acknowledged {
		if len(texts) == 0 {
			continue
		}
		total += len(texts)
		var got []string
		until(t, fmt.Sprintf("all %d of %s are there", len(texts), from), func() bool {
			conv := conversationWith(t, i.owner, "Hook "+from)
			if conv == nil {
				return false
			}
			got = i.texts(t, conv["id"].(string))
			return len(got) >= len(texts)
		})
		for n, text := range texts {
			if got[n] != text {
				t.Errorf("%s: %q instead of %q at %d", from, got[n], text, n)
				break
			}
		}
	}
	t.Logf("%d acknowledged messages are there", total)
}

// texts returns a conversation's messages, oldest first.
func (i instance) texts(t *testing.T, conversation string) []string {
	t.Helper()
	var texts []string
	for cursor := ""; ; {
		page := i.owner.get(t, "/api/v1/conversations/"+conversation+"/messages?limit=200&cursor="+cursor)
		for _, item := range page["items"].([]any) {
			texts = append([]string{item.(object)["text"].(string)}, texts...)
		}
		if cursor = page["next_cursor"].(string); cursor == "" {
			return texts
		}
	}
}

func TestStoppingUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	i := startInstance(t, t.TempDir())
	socket := i.owner.listen(t, "")
	socket.next(t, "hello")
	taken := make(chan string, 1000)
	done := make(chan map[string][]string)
	go func() { done <- i.flood(t.Context(), taken) }()
	for range 150 {
		<-taken
	}
	code, took := i.terminate(t)
	acknowledged := <-done
	if code != 0 || took > 10*time.Second {
		t.Errorf("ended with %d after %v", code, took)
	}
	if end := socket.closing(t); end != 1001 {
		t.Errorf("the socket closed with %d", end)
	}
	noEventsLeft(t, filepath.Join(i.dir, "data", storeFolder))
	startInstance(t, i.dir).holds(t, acknowledged)
}

// noEventsLeft checks that a store has no events which the next start would hand on once more.
func noEventsLeft(t *testing.T, dir string) {
	t.Helper()
	disk, err := pebble.Open(dir, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = disk.Close() }()
	if err := disk.Ensure(t.Context(), events.Schemas()...); err != nil {
		t.Fatal(err)
	}
	page, err := disk.Find(t.Context(), events.Schemas()[0].Name, store.Query{Limit: 100})
	if err != nil || len(page.Docs) > 0 {
		t.Errorf("%d batches of events are left, %v", len(page.Docs), err)
	}
}

func TestBeingKilledLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	i := startInstance(t, t.TempDir())
	for range 2 {
		taken := make(chan string, 1000)
		done := make(chan map[string][]string)
		go func() { done <- i.flood(t.Context(), taken) }()
		for range 60 {
			<-taken
		}
		i.kill()
		acknowledged := <-done
		i = startInstance(t, i.dir)
		i.holds(t, acknowledged)
	}
}

// A disk that takes nothing more: nothing is acknowledged, everything that can be read still is, and it goes on by
// itself when there is room again. The limit on the size of files stands for the full disk.
func TestAFullDiskIsSaidAndOvercome(t *testing.T) {
	t.Parallel()
	i := startInstance(t, t.TempDir())
	post := func(id, text string) answer {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		a, err := hook(ctx, i.base, i.channel, demoAccount.AppSecret, textBody(demoAccount.ID, "972541120000", id, text))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := post("wamid.before", "before"); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	until(t, "it is there", func() bool { return conversationWith(t, i.owner, "Hook 972541120000") != nil })
	full := func(limit uint64) {
		var old unix.Rlimit
		if err := errors.Join(unix.Prlimit(i.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &old),
			unix.Prlimit(i.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: old.Max}, nil)); err != nil {
			t.Fatal(err)
		}
	}
	full(1)
	a := post("wamid.during", "during")
	if a.status != http.StatusServiceUnavailable || a.json["code"] != "store_unavailable" || a.header.Get("Retry-After") == "" {
		t.Fatalf("%d %s %v", a.status, a.body, a.header)
	}
	nobody := client{base: i.base}
	nobody.refused(t, 503, "not_ready", http.MethodGet, "/readyz", nil)
	nobody.do(t, http.StatusOK, http.MethodGet, "/healthz", nil)
	conv := conversationWith(t, i.owner, "Hook 972541120000") // reading goes on
	i.owner.refused(t, 503, "store_unavailable", http.MethodPost, "/api/v1/conversations/"+conv["id"].(string)+"/messages",
		object{"client_id": "d", "type": "note", "text": "during"})
	full(unix.RLIM_INFINITY)
	until(t, "it is ready again", func() bool { return nobody.call(t, http.MethodGet, "/readyz", nil).status == http.StatusOK })
	if a := post("wamid.during", "during"); a.status != http.StatusOK { // the provider tries again
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := post("wamid.after", "after"); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	until(t, "it goes on", func() bool { return slices.Contains(i.texts(t, conv["id"].(string)), "after") })
	if code, _ := i.terminate(t); code != 0 {
		t.Errorf("ended with %d", code)
	}
	i = startInstance(t, i.dir) // takes over at once what otherwise waits for its lease
	until(t, "all is there", func() bool { return len(i.texts(t, conv["id"].(string))) == 3 })
}
