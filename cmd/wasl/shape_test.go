package main

import (
	"bytes"
	"image"
	"image/png"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// has checks that the object has these keys, some possibly null, and whatever else the document allows.
func has(t *testing.T, what string, o any, keys string) {
	t.Helper()
	got, is := o.(object)
	if !is {
		t.Fatalf("%s is no object: %v", what, o)
	}
	for key := range strings.FieldsSeq(keys) {
		if _, has := got[key]; !has {
			t.Errorf("%s has no %s, only %v", what, key, slices.Sorted(maps.Keys(got)))
		}
	}
}

const (
	conversationKeys = "id contact channel_id status type priority labels assignee_id team_id last_message last_activity_at unread_count window snoozed_until created_at"
	messageKeys      = "id conversation_id channel_id contact_id direction type text attachments status error provider_id client_id author reply_to reactions sent_at created_at"
	attachmentKeys   = "id kind mime name size url"
	contactKeys      = "id name identities phones emails tags fields created_at"
	userKeys         = "id name email role"
)

func TestObjectsHaveTheKeysThatAreInTheContract(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Shape One", "972540000001")
	has(t, "a conversation", conv, conversationKeys)
	has(t, "its contact", conv["contact"], "id name avatar_url")
	has(t, "its window", conv["window"], "open closes_at")
	has(t, "its last message", conv["last_message"], "id type direction text at status author")
	path := "/api/v1/conversations/" + conv["id"].(string)
	in := lastMessage(t, s.owner, conv["id"].(string))
	has(t, "a message that came in", in, messageKeys)
	has(t, "its author", in["author"], "type id name")
	if in["direction"] != "in" || in["status"] != "received" || in["author"].(object)["type"] != "contact" {
		t.Errorf("a message that came in: %v", in)
	}
	file := upload(t, s.owner, "picture.png", pngFile(t))
	has(t, "an upload", file, attachmentKeys)
	out := s.owner.do(t, http.StatusCreated, http.MethodPost, path+"/messages", object{
		"client_id": "m1", "type": "media", "text": "look", "attachments": []object{{"id": file["id"]}}, "reply_to": in["id"],
	})
	has(t, "a message that goes out", out, messageKeys)
	has(t, "its attachment", out["attachments"].([]any)[0], attachmentKeys)
	has(t, "its quote", out["quote"], "id type direction text author_name")
	if out["direction"] != "out" || out["status"] != "queued" || out["reply_to"] != in["id"] || out["client_id"] != "m1" {
		t.Errorf("a message that goes out: %v", out)
	}
	contact := s.owner.get(t, "/api/v1/contacts/"+conv["contact"].(object)["id"].(string))
	has(t, "a contact", contact, contactKeys)
	has(t, "an identity", contact["identities"].([]any)[0], "kind channel_id value display")
	me := s.agent.get(t, "/api/v1/me")
	has(t, "me", me, "user workspace permissions")
	has(t, "a user", me["user"], userKeys)
	has(t, "a workspace", me["workspace"], "id name")
	has(t, "a channel", s.owner.get(t, "/api/v1/channels/"+s.channel),
		"id kind name status error webhook_url account api_base_url capabilities created_at")
	has(t, "a search", s.owner.get(t, "/api/v1/search?q=shape"), "messages contacts next_cursor")
	has(t, "counts", s.owner.get(t, "/api/v1/conversations/counts"), "mine unassigned all unread pending snoozed")
	has(t, "a draft", s.owner.get(t, path+"/draft"), "text mode")
	assigned := s.owner.do(t, http.StatusOK, http.MethodPost, path+"/assign", object{"agent_id": s.ids["agent"]})
	if assigned["assignee_id"] != s.ids["agent"] {
		t.Errorf("assigned to %v", assigned["assignee_id"])
	}
	if got := s.owner.do(t, http.StatusOK, http.MethodPost, path+"/assign", object{"agent_id": nil}); got["assignee_id"] != nil {
		t.Errorf("null does not unassign: %v", got["assignee_id"])
	}
	if got := s.owner.do(t, http.StatusOK, http.MethodPost, path+"/read", nil); got["unread_count"] != 0.0 {
		t.Errorf("read, and still unread: %v", got["unread_count"])
	}
}

func TestASecondMessageUnderTheSameKeyIsTheFirstOne(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	who, conv := s.conversation(t, "Twice Sender", "972540000002")
	path := "/api/v1/conversations/" + conv["id"].(string) + "/messages"
	first := s.agent.do(t, http.StatusCreated, http.MethodPost, path, object{"client_id": "k", "type": "text", "text": "only once"})
	second := s.agent.do(t, http.StatusOK, http.MethodPost, path, object{"client_id": "k", "type": "text", "text": "only once"})
	if first["id"] != second["id"] {
		t.Errorf("two messages: %v and %v", first["id"], second["id"])
	}
	who.reads(t, "only once")
	note := s.agent.do(t, http.StatusCreated, http.MethodPost, path, object{"client_id": "n", "type": "note", "text": "she is nice"})
	if note["type"] != "note" || note["status"] != "sent" {
		t.Errorf("a note: %v", note)
	}
	s.agent.do(t, http.StatusCreated, http.MethodPost, path, object{"client_id": "l", "type": "text", "text": "after the note"})
	who.reads(t, "after the note")
	var chat struct {
		Items []bubble `json:"items"`
	}
	control(t, http.MethodGet, s.sandbox+"/_sandbox/phones/"+who.key+"/messages", nil, &chat)
	seen := 0
	for _, b := range chat.Items {
		if b.Content.Text == "she is nice" {
			t.Error("the note left the house")
		}
		if b.Content.Text == "only once" {
			seen++
		}
	}
	if seen != 1 {
		t.Errorf("the phone shows it %d times", seen)
	}
}

// lists are all routes that answer with a list.
func lists(conversation, channel string) []string {
	return []string{
		"/api/v1/conversations", "/api/v1/conversations?status=open", "/api/v1/conversations?sort=priority&status=open",
		"/api/v1/conversations/" + conversation + "/messages", "/api/v1/contacts", "/api/v1/contacts?q=list", "/api/v1/channels",
		"/api/v1/channels/" + channel + "/templates", "/api/v1/users", "/api/v1/presence", "/api/v1/dead-letters", "/api/v1/search?q=list",
	}
}

func TestListsArePagesWithALimitAndACursor(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "List Reader", "972540000003")
	for _, path := range lists(conv["id"].(string), s.channel) {
		page := s.owner.get(t, path)
		if strings.Contains(path, "/search") {
			has(t, path, page, "messages contacts next_cursor")
		} else {
			has(t, path, page, "items next_cursor")
		}
		if strings.HasSuffix(path, "/templates") || strings.HasSuffix(path, "/presence") {
			continue // whole lists: they take no page
		}
		with := path + "?"
		if strings.Contains(path, "?") {
			with = path + "&"
		}
		for _, limit := range []string{"0", "201", "abc", "-1", ""} {
			if limit == "" {
				continue
			}
			s.owner.refused(t, 422, "invalid_input", http.MethodGet, with+"limit="+limit, nil)
		}
		for _, cursor := range []string{"garbage", "cDEyMw", "p", "9zzz", "%00"} {
			a := s.owner.refused(t, 422, "invalid_cursor", http.MethodGet, with+"cursor="+cursor, nil)
			if fields, _ := a.json["errors"].([]any); len(fields) != 1 || fields[0].(object)["field"] != "cursor" {
				t.Errorf("%s: which field? %s", path, a.body)
			}
		}
	}
}

// Following the cursors of a list shows everything once.
func TestCursorsLeadThroughTheWholeList(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Cursor Walker", "972540000004")
	path := "/api/v1/conversations/" + conv["id"].(string) + "/messages"
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		s.owner.do(t, http.StatusCreated, http.MethodPost, path, object{"client_id": key, "type": "note", "text": "note " + key})
	}
	var texts []string
	for next := path + "?limit=2"; ; {
		page := s.owner.get(t, next)
		for _, item := range page["items"].([]any) {
			texts = append(texts, item.(object)["text"].(string))
		}
		cursor := page["next_cursor"].(string)
		if cursor == "" {
			break
		}
		next = path + "?limit=2&cursor=" + cursor
	}
	if want := []string{"note e", "note d", "note c", "note b", "note a", "hello from Cursor Walker"}; !slices.Equal(texts, want) {
		t.Errorf("newest first: %v", texts)
	}
	all := s.owner.get(t, path)["items"].([]any)
	third := all[2].(object)["id"].(string)
	before := s.owner.get(t, path+"?before="+third)["items"].([]any)
	if len(before) != 3 || before[0].(object)["text"] != "note b" {
		t.Errorf("before the third: %v", before)
	}
	s.owner.refused(t, 422, "unknown_message", http.MethodGet, path+"?before=msg_nothing", nil)
}

func TestUnusableFiltersAreNamed(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	for query, field := range map[string]string{
		"status=closed": "status", "priority=huge": "priority", "type=gossip": "type", "unread=perhaps": "unread", "sort=random": "sort",
		"status=open,,": "status",
	} {
		a := s.owner.call(t, http.MethodGet, "/api/v1/conversations?"+query, nil)
		fields, _ := a.json["errors"].([]any)
		if a.status != 422 || len(fields) != 1 || fields[0].(object)["field"] != field || fields[0].(object)["detail"] == "" {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

func upload(t *testing.T, c client, name string, content []byte) object {
	t.Helper()
	body, kind := multipartFile(t, name, content)
	a := c.call(t, http.MethodPost, "/api/v1/media", body, "Content-Type", kind)
	if a.status != http.StatusCreated {
		t.Fatalf("upload: %d %s", a.status, a.body)
	}
	return a.json
}

func multipartFile(t *testing.T, name string, content []byte) (body []byte, kind string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), w.FormDataContentType()
}

func pngFile(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// formOf is a form with one field.
func formOf(t *testing.T, name, value string) (body []byte, kind string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	if err := w.WriteField(name, value); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), w.FormDataContentType()
}
