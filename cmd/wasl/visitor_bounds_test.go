package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a visitor says at once is bounded, and what is too much leaves nothing behind: no message, no dead letter.
func TestAVisitorSaysALittleAtATime(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	v := newSite(t, s).visitor(t)
	dead := len(s.owner.get(t, "/api/v1/dead-letters")["items"].([]any))
	ids := make([]string, 200)
	for n := range ids {
		ids[n] = fmt.Sprintf("m%d", n)
	}
	var many []object
	for range 15 {
		many = append(many, object{"type": "receipt", "status": "read", "messages": ids})
	}
	a := v.client.refused(t, 422, "too_many_events", http.MethodPost, v.hook, object{"visitor": v.id, "events": many}, "Origin", siteOrigin)
	if a.header.Get("Access-Control-Allow-Origin") != siteOrigin {
		t.Errorf("the page cannot read why: %v", a.header)
	}
	v.client.refused(t, 422, "too_many_events", http.MethodPost, v.hook,
		object{"visitor": v.id, "events": append(many, object{"type": "receipt", "messages": 7})})
	v.says(t, message("1", "one"), message("2", "two"))
	until(t, "what is bounded comes in", func() bool { return len(v.history(t)) == 2 })
	if now := len(s.owner.get(t, "/api/v1/dead-letters")["items"].([]any)); now != dead {
		t.Errorf("%d dead letters, there were %d", now, dead)
	}
}

// A message that names a file twice has it once, and the conversation goes on.
func TestAVisitorsFileNamedTwiceComesOnce(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	v := newSite(t, s).visitor(t)
	up := v.upload(t, "a.png", pngFile(t))
	file, _ := up.json["id"].(string)
	v.says(t, message("1", "look", file, file), message("2", "and then"))
	conv := v.seen(t)["id"].(string)
	until(t, "both messages are there", func() bool { return len(messages(t, s.owner, conv)) == 2 })
	for _, m := range messages(t, s.owner, conv) {
		if files := m["attachments"].([]any); m["text"] == "look" && (len(files) != 1 || files[0].(object)["state"] != "ready") {
			t.Errorf("%v", files)
		}
	}
}

// What a visitor types of themselves is in the conversation, whatever it is; of mail addresses the contact has a few.
func TestAVisitorTypesAFewAddresses(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	v := newSite(t, s).visitor(t)
	v.says(t, message("1", "hello"))
	conv := v.seen(t)
	for n := range 2 {
		var typed []object
		for m := range 6 {
			typed = append(typed, object{"type": "details", "email": fmt.Sprintf("a%d@visitor.example", 6*n+m)})
		}
		v.says(t, typed...)
	}
	until(t, "all are in the conversation", func() bool { return len(messages(t, s.owner, conv["id"].(string))) == 13 })
	contact := s.owner.get(t, "/api/v1/contacts/"+conv["contact"].(object)["id"].(string))
	if emails := contact["emails"].([]any); len(emails) != 5 {
		t.Errorf("the contact has %v", emails)
	}
}

// What visitors upload in a day is bounded: what one does, and what all of an address do. It is counted before it is read.
func TestVisitorsUploadsHaveQuotas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir, serving(filepath.Join(dir, "data")), "serve")
	s := &shared{base: "http://" + p.says(t, p.stderr, servingAt)}
	s.owner = login(t, s.base, ownerEmail, testPassword)
	w := newSite(t, s)
	begin := func(v visitor) int {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.base, "http://"))
		if err != nil {
			return -1
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		_, _ = fmt.Fprintf(conn, "POST %s/media HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n"+
			"Content-Type: multipart/form-data; boundary=b\r\n\r\n-", w.root, v.token, 25<<20)
		line := make([]byte, 12)
		if _, err := io.ReadFull(conn, line); err != nil {
			return 0 // it is being read
		}
		var status int
		_, _ = fmt.Sscanf(string(line), "HTTP/1.1 %d", &status)
		return status
	}
	taken := 0
	for n := range 6 {
		v := w.visitor(t)
		statuses := make([]int, 9)
		var all sync.WaitGroup
		for n := range statuses {
			all.Go(func() { statuses[n] = begin(v) })
		}
		all.Wait()
		for _, status := range statuses {
			if status == 0 {
				taken++
			} else if status != http.StatusTooManyRequests {
				t.Errorf("%d", status)
			}
		}
		if most := min(8*(n+1), 40); taken > most || taken < most-n-1 {
			t.Errorf("%d visitors of one address upload %d files of 25 MB", n+1, taken)
		}
	}
	if a := w.visitor(t).upload(t, "small.png", pngFile(t)); a.status != http.StatusCreated && a.status != http.StatusTooManyRequests {
		t.Errorf("%d %s", a.status, a.body)
	}
}
