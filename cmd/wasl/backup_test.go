package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// customers write while the function runs; said lists the texts that were acknowledged, in their order of each sender.
type customers struct {
	base, channel string
	stop          atomic.Bool
	done          sync.WaitGroup
	mu            sync.Mutex
	said          []string
}

func (c *customers) write(t *testing.T, senders int) {
	for sender := range senders {
		c.done.Go(func() {
			phone := fmt.Sprintf("97254001%04d", sender)
			for n := 0; !c.stop.Load(); n++ {
				text := fmt.Sprintf("%s says %d", phone, n)
				body := textBody(demoAccount.ID, phone, fmt.Sprintf("wamid.%s.%d", phone, n), text)
				if a, err := hook(t.Context(), c.base, c.channel, demoAccount.AppSecret, body); err != nil || a.status != http.StatusOK {
					t.Errorf("%d %v", a.status, err)
					return
				}
				c.mu.Lock()
				c.said = append(c.said, text)
				c.mu.Unlock()
			}
		})
	}
}

func (c *customers) acknowledged() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.said)
}

// messagesOf reads every message through the API, as JSON by its text.
func messagesOf(t *testing.T, c client) map[string]string {
	all := map[string]string{}
	for _, conv := range c.get(t, "/api/v1/conversations?limit=200")["items"].([]any) {
		path := "/api/v1/conversations/" + conv.(object)["id"].(string) + "/messages?limit=200"
		for _, item := range everyPage(t, c, path) {
			m := item.(object)
			data, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			text := m["text"].(string)
			if all[text] != "" {
				t.Errorf("%s is there twice", text)
			}
			all[text] = string(data)
		}
	}
	return all
}

// everyPage reads a list to its end.
func everyPage(t *testing.T, c client, path string) (all []any) {
	for cursor := ""; ; {
		page := c.get(t, path+cursor)
		all = append(all, page["items"].([]any)...)
		next, _ := page["next_cursor"].(string)
		if next == "" {
			return all
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
}

// A backup taken while customers write has everything that was acknowledged before it began, exactly as the source has it,
// and nothing that the source has not.
func TestABackupUnderLoadIsRestored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := serving(filepath.Join(dir, "data"))
	p := start(t, dir, env, "serve")
	base := "http://" + p.says(t, p.stderr, servingAt)
	c := login(t, base, "owner@wasl.example", testPassword)
	channel := c.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		connection("http://127.0.0.1:1", demoAccount.ID))["id"].(string)
	file := upload(t, c, "kept.png", pngFile(t))["id"].(string)

	writing := &customers{base: base, channel: channel}
	writing.write(t, 5)
	until(t, "customers write", func() bool { return len(writing.acknowledged()) > 50 })
	before := writing.acknowledged()
	copied := filepath.Join(dir, "copy")
	if p := run(t, dir, env, "backup", copied); p.code != 0 {
		t.Fatalf("backup: %s", p.stderr)
	}
	writing.stop.Store(true)
	writing.done.Wait()
	until(t, "all are stored", func() bool { return len(messagesOf(t, c)) == len(writing.acknowledged()) })
	source := messagesOf(t, c)

	env = serving(filepath.Join(dir, "other"))
	if p := run(t, dir, env, "restore", copied); p.code != 0 {
		t.Fatalf("restore: %s", p.stderr)
	}
	p = start(t, dir, env, "serve")
	c = login(t, "http://"+p.says(t, p.stderr, servingAt), "owner@wasl.example", testPassword)
	var restored map[string]string
	until(t, "what was acknowledged is there", func() bool {
		restored = messagesOf(t, c)
		return !slices.ContainsFunc(before, func(text string) bool { return restored[text] == "" })
	})
	for text, m := range restored {
		if withoutStoring(t, m) != withoutStoring(t, source[text]) {
			t.Errorf("restored %s\nthe source has %s", m, source[text])
		}
	}
	if len(restored) > len(source) {
		t.Errorf("restored %d messages, the source has %d", len(restored), len(source))
	}
	t.Logf("%d acknowledged before the backup, %d in it, %d in the end", len(before), len(restored), len(source))
	c.get(t, "/api/v1/channels/"+channel)
	if a := c.call(t, http.MethodGet, "/api/v1/media/"+file, nil); a.status != http.StatusOK || string(a.body) != string(pngFile(t)) {
		t.Errorf("the file: %d", a.status)
	}
}

// withoutStoring drops what differs where a message was acknowledged but not yet taken apart when the backup was made: when
// that was done, and the number that a new contact got.
func withoutStoring(t *testing.T, message string) string {
	var m object
	if err := json.Unmarshal([]byte(message), &m); err != nil {
		t.Errorf("%q: %v", message, err)
	}
	for _, name := range []string{"created_at", "contact_id", "conversation_id", "author"} {
		delete(m, name)
	}
	out, _ := json.Marshal(m)
	return string(out)
}

// A backup that is not whole, or not the one that was made, is refused, and nothing is left behind.
func TestWhatIsNoBackupIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := serving(filepath.Join(dir, "data"))
	refusal(t, run(t, dir, env, "backup", filepath.Join(dir, "none")), "nothing to back up")
	p := start(t, dir, env, "serve")
	p.says(t, p.stderr, servingAt)
	copied := filepath.Join(dir, "copy")
	if p := run(t, dir, env, "backup", copied); p.code != 0 {
		t.Fatalf("backup of what runs: %s", p.stderr)
	}
	p.terminate(t)
	if p := run(t, dir, env, "backup", filepath.Join(dir, "stopped")); p.code != 0 {
		t.Fatalf("backup of what is stopped: %s", p.stderr)
	}
	refusal(t, run(t, dir, env, "backup", copied), "not empty")
	refusal(t, run(t, dir, env, "restore", copied), "not empty")

	env = serving(filepath.Join(dir, "other"))
	refusal(t, run(t, dir, env, "restore", filepath.Join(dir, "nothing")), "no backup")
	data, err := os.ReadFile(filepath.Join(copied, manifestFile))
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil || len(m.Files) < 3 {
		t.Fatalf("%v: %s", err, data)
	}
	victim := slices.MaxFunc(slices.Collect(maps.Keys(m.Files)), func(a, b string) int { return int(m.Files[a].Size - m.Files[b].Size) })
	path := filepath.Join(copied, victim)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	refusal(t, run(t, dir, env, "restore", copied), "is not what was backed up")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refusal(t, run(t, dir, env, "restore", copied), victim)
	evil := strings.Replace(string(data), fmt.Sprintf("%q", victim), `"../../evil"`, 1)
	if err := os.WriteFile(filepath.Join(copied, manifestFile), []byte(evil), 0o600); err != nil {
		t.Fatal(err)
	}
	refusal(t, run(t, dir, env, "restore", copied), "leads out of the backup")
	left, err := filepath.Glob(filepath.Join(dir, "other*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
