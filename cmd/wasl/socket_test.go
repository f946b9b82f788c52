package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestTheSocketOpensForWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	nobody := client{base: s.base}
	for what, c := range map[string]struct {
		query  string
		header http.Header
	}{"nothing": {"", http.Header{}}, "a made-up token": {"?token=made-up", http.Header{}}, "a made-up header": {
		"",
		http.Header{"Authorization": {"Bearer no"}},
	}} {
		_, res, err := nobody.dial(t, c.query, c.header)
		if err == nil || res == nil || res.StatusCode != http.StatusUnauthorized {
			t.Errorf("with %s: %v", what, err)
		}
	}
	for _, c := range []struct {
		query  string
		header http.Header
	}{{"?token=" + s.agent.token, http.Header{}}, {"", http.Header{"Authorization": {"Bearer " + s.agent.token}}}, {
		"",
		http.Header{"Cookie": {"wasl_session=" + s.agent.token}},
	}} {
		conn, _, err := nobody.dial(t, c.query, c.header)
		if err != nil {
			t.Fatal(err)
		}
		hello := collect(t, conn).next(t, "hello")
		if hello.Epoch == "" || hello.Data["resumed"] != false || !timeForm.MatchString(hello.At) {
			t.Errorf("hello: %s", hello.raw)
		}
	}
}

// The data of an event is the object as REST shows it to the receiver.
func TestEventsAreNumberedAndShowWhatRESTShows(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	socket := s.owner.listen(t, "")
	last := socket.next(t, "hello").Seq
	_, conv := s.conversation(t, "Live Person", "972540000030")
	id := conv["id"].(string)
	path := "/api/v1/conversations/" + id
	s.owner.do(t, http.StatusOK, http.MethodPost, path+"/read", nil)
	s.owner.do(t, http.StatusCreated, http.MethodPost, path+"/messages", object{"client_id": "live", "type": "text", "text": "live words"})
	until(t, "the message is read", func() bool { return lastMessage(t, s.owner, id)["status"] == "read" })
	s.owner.do(t, http.StatusOK, http.MethodPatch, path, object{"priority": "high", "labels": []string{"vip"}})
	s.owner.do(t, http.StatusOK, http.MethodPost, path+"/assign", object{"agent_id": s.ids["agent"]})
	views := map[string]string{
		"message.created": "MessageView", "message.updated": "MessageView", "conversation.created": "ConversationView",
		"conversation.updated": "ConversationView", "contact.created": "ContactView", "contact.updated": "ContactView",
		"assignment.changed": "",
	}
	seen, statuses := map[string]int{}, []string{}
	for seen["assignment.changed"] == 0 {
		f := <-socket.frames
		if f.Type == "presence" || f.Type == "typing" || f.Type == "viewing" || f.Type == "view.counts" {
			if strings.Contains(string(f.raw), `"seq"`) {
				t.Errorf("a notice is numbered: %s", f.raw)
			}
			continue
		}
		if f.Seq <= last || f.Epoch == "" || !timeForm.MatchString(f.At) {
			t.Errorf("after %d came %s", last, f.raw)
		}
		last = f.Seq
		checkTimes(t, f.Type, f.Data)
		if view := views[f.Type]; view != "" {
			data, err := json.Marshal(f.Data)
			if err == nil {
				err = fits(apiOf().OpenAPI().Components.Schemas.Map()[view], data)
			}
			if err != nil {
				t.Errorf("%s is not as REST shows it: %v: %s", f.Type, err, clip(f.raw))
			}
		}
		if !strings.Contains(string(f.raw), id) && f.Data["id"] != conv["contact"].(object)["id"] {
			continue // of another test
		}
		seen[f.Type]++
		if f.Data["client_id"] == "live" {
			statuses = append(statuses, f.Data["status"].(string))
		}
	}
	for _, kind := range []string{"contact.created", "conversation.created", "conversation.updated", "message.created", "message.updated"} {
		if seen[kind] == 0 {
			t.Errorf("no %s among %v", kind, seen)
		}
	}
	if got := strings.Join(slices.Compact(statuses), " "); got != "queued sending sent delivered read" {
		t.Errorf("the message went %s", got)
	}
	rest, _ := json.Marshal(s.owner.get(t, path))
	if !strings.Contains(string(rest), `"assignee_id":"`+s.ids["agent"]) {
		t.Errorf("REST shows %s", rest)
	}
}

func TestUnreadCountsAreTheReceiversOwn(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	who, conv := s.conversation(t, "Counted Person", "972540000031")
	path := "/api/v1/conversations/" + conv["id"].(string)
	s.supervisor.do(t, http.StatusOK, http.MethodPost, path+"/read", nil)
	reader, other := s.supervisor.listen(t, ""), s.admin.listen(t, "")
	reader.next(t, "hello")
	other.next(t, "hello")
	who.writes(t, "a second one")
	count := func(l *listener) float64 {
		for {
			if f := l.next(t, "conversation.updated"); f.Data["id"] == conv["id"] {
				return f.Data["unread_count"].(float64)
			}
		}
	}
	if a, b := count(reader), count(other); a != 1 || b != 2 {
		t.Errorf("who has read one sees %v, who has not sees %v", a, b)
	}
}

func TestASocketThatComesBackGetsWhatItMissedOnce(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Missed Person", "972540000032")
	path := "/api/v1/conversations/" + conv["id"].(string) + "/messages"
	note := func(n int) string {
		return s.owner.do(t, http.StatusCreated, http.MethodPost, path,
			object{"client_id": fmt.Sprint("missed", n), "type": "note", "text": fmt.Sprint("note ", n)})["id"].(string)
	}
	first := s.agent.listen(t, "")
	first.next(t, "hello")
	var from frame
	for id := note(0); from.Data["id"] != id; {
		from = first.next(t, "message.created")
	}
	_ = first.conn.CloseNow()
	want := []string{}
	for n := range 5 {
		want = append(want, note(n+1))
	}
	again := s.agent.listen(t, fmt.Sprintf("?since=%d&epoch=%s", from.Seq, from.Epoch))
	if hello := again.next(t, "hello"); hello.Data["resumed"] != true {
		t.Fatalf("hello: %s", hello.raw)
	}
	want = append(want, note(6))
	last := from.Seq
	for _, id := range want {
		f := again.next(t, "message.created")
		for f.Data["conversation_id"] != conv["id"] {
			f = again.next(t, "message.created")
		}
		if f.Data["id"] != id || f.Seq <= last {
			t.Fatalf("after %d came %d with %v instead of %s", last, f.Seq, f.Data["id"], id)
		}
		last = f.Seq
	}
	for what, query := range map[string]string{
		"another epoch": fmt.Sprintf("?since=%d&epoch=before", from.Seq), "the future": fmt.Sprintf("?since=%d&epoch=%s",
			from.Seq+1_000_000, from.Epoch), "no epoch": fmt.Sprintf("?since=%d", from.Seq),
	} {
		if hello := s.agent.listen(t, query).next(t, "hello"); hello.Data["resumed"] != false {
			t.Errorf("%s: %s", what, hello.raw)
		}
	}
}

func TestASocketGetsOnlyWhatItsUserMaySee(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Hidden Person", "972540000033")
	id := conv["id"].(string)
	path := "/api/v1/conversations/" + id
	s.owner.do(t, http.StatusOK, http.MethodPost, path+"/assign", object{"agent_id": s.ids["agent"]})
	_, theirs := s.conversation(t, "Seen Person", "972540000034")
	outsider, stranger, assignee := s.colleague.listen(t, ""), s.stranger.listen(t, ""), s.agent.listen(t, "")
	for _, l := range []*listener{outsider, stranger, assignee} {
		l.next(t, "hello")
	}
	s.owner.do(t, http.StatusCreated, http.MethodPost, path+"/messages",
		object{"client_id": "hidden", "type": "note", "text": "hidden words"})
	s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+theirs["id"].(string)+"/messages",
		object{"client_id": "seen", "type": "note", "text": "seen words"})
	for assignee.next(t, "message.created").Data["text"] != "hidden words" { //nolint:revive // until it comes
	}
	for {
		f := outsider.next(t, "message.created", "message.updated", "conversation.updated")
		if strings.Contains(string(f.raw), id) {
			t.Errorf("an agent who has nothing to do with it gets %s", clip(f.raw))
		}
		if f.Data["text"] == "seen words" {
			break
		}
	}
	stranger.send(t, object{"type": "ping"})
	for f := stranger.next(t, "pong", "message.created", "conversation.updated", "presence"); f.Type != "pong"; f = stranger.next(t, "pong",
		"message.created", "conversation.updated", "presence") {
		if f.Type != "presence" || f.Data["user_id"] == s.ids["agent"] {
			t.Errorf("another workspace gets %s", f.raw)
		}
	}
	// Who loses a conversation is told so, by its id alone.
	s.owner.do(t, http.StatusOK, http.MethodPost, "/api/v1/conversations/"+theirs["id"].(string)+"/assign",
		object{"agent_id": s.ids["agent"]})
	f := outsider.next(t, "assignment.changed")
	for f.Data["conversation_id"] != theirs["id"] {
		f = outsider.next(t, "assignment.changed")
	}
	has(t, "assignment.changed", f.Data, "conversation_id assignee_id team_id by")
}

func TestTypingViewingAndPresenceAreLiveNotices(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Typed Person", "972540000035")
	watcher := s.supervisor.listen(t, "")
	watcher.next(t, "hello")
	actor := s.admin.listen(t, "")
	actor.next(t, "hello")
	ours := func(kind string) object {
		for {
			if f := watcher.next(t, kind); f.Data["user_id"] == s.ids["admin"] {
				if f.Seq != 0 || !timeForm.MatchString(f.At) {
					t.Errorf("a notice: %s", f.raw)
				}
				return f.Data
			}
		}
	}
	actor.send(t, object{"type": "typing", "data": object{"conversation_id": conv["id"], "typing": true}})
	if got := ours("typing"); got["conversation_id"] != conv["id"] || got["typing"] != true {
		t.Errorf("typing: %v", got)
	}
	actor.send(t, object{"type": "viewing", "data": object{"conversation_id": conv["id"]}})
	if got := ours("viewing"); got["conversation_id"] != conv["id"] || got["viewing"] != true {
		t.Errorf("viewing: %v", got)
	}
	actor.send(t, object{"type": "presence", "data": object{"status": "busy"}})
	for ours("presence")["status"] != "busy" { //nolint:revive // available may come first
	}
	actor.send(t, object{"type": "presence", "data": object{"status": "invisible"}}) // no such status: nothing happens
	actor.send(t, object{"type": "ping"})
	actor.next(t, "pong")
	_ = actor.conn.CloseNow()
	if got := ours("viewing"); got["viewing"] != false {
		t.Errorf("after it left: %v", got)
	}
	if got := ours("presence"); got["status"] != "offline" {
		t.Errorf("after it left: %v", got)
	}
}

func TestASocketThatSendsNonsenseHarmsNobody(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	for _, text := range []string{
		"", "{", "[]", `{"type":7}`, `{"type":"typing","data":"x"}`,
		`{"type":"typing","data":{"conversation_id":"cnv_none","typing":true}}`, strings.Repeat("x", 4000),
	} {
		socket := s.agent.listen(t, "")
		socket.next(t, "hello")
		if err := socket.conn.Write(t.Context(), 1, []byte(text)); err != nil {
			t.Fatal(err)
		}
		socket.send(t, object{"type": "ping"})
		socket.next(t, "pong")
	}
	large := s.agent.listen(t, "")
	large.next(t, "hello")
	if err := large.conn.Write(t.Context(), 1, []byte(strings.Repeat("x", 100_000))); err == nil {
		if code := large.closing(t); code != 1009 && code != -1 && code != 1001 && code != 0 {
			t.Errorf("a frame of 100 KB: closed with %d", code)
		}
	}
}
