package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const cannedPath = "/api/v1/canned-replies"

// shortcuts are those of the canned replies that a caller uses.
func shortcuts(t *testing.T, c client) (all []string) {
	t.Helper()
	for _, item := range c.get(t, cannedPath)["items"].([]any) {
		if row := item.(object); row["folder"] == "Tried" {
			all = append(all, row["shortcut"].(string))
		}
	}
	slices.Sort(all)
	return all
}

// A canned reply is seen by whom it is for, and changed by those who may.
func TestWhoUsesACannedReply(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	team := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/teams",
		object{"name": "Sales", "member_ids": []string{s.ids["agent"]}})["id"].(string)
	socket := s.agent.listen(t, "")
	socket.next(t, "hello")
	make := func(c client, scope, shortcut string) object {
		return c.do(t, http.StatusCreated, http.MethodPost, cannedPath, object{
			"shortcut": shortcut, "folder": "Tried", "scope": scope, "team_id": team,
			"text": object{"en": "Hi {{contact.first_name}}", "he": "היי"},
		})
	}
	all := make(s.owner, "all", "hello")
	make(s.owner, "team", "price")
	make(s.owner, "me", "secret")
	own := make(s.agent, "me", "mine")
	if got, want := shortcuts(t, s.agent), []string{"hello", "mine", "price"}; !slices.Equal(got, want) {
		t.Errorf("the agent uses %v, want %v", got, want)
	}
	if got, want := shortcuts(t, s.owner), []string{"hello", "price", "secret"}; !slices.Equal(got, want) {
		t.Errorf("the owner uses %v, want %v", got, want)
	}
	if got := shortcuts(t, s.stranger); got != nil {
		t.Errorf("another workspace sees %v", got)
	}
	if f := socket.next(t, "canned_reply.created"); f.Data["shortcut"] != "hello" {
		t.Errorf("told of %s", f.raw)
	}
	at := func(row object) string { return cannedPath + "/" + row["id"].(string) }
	s.agent.refused(t, 403, "forbidden", http.MethodPatch, at(all), object{"folder": "Sales"})
	s.agent.refused(t, 403, "forbidden", http.MethodPost, cannedPath, object{"shortcut": "x", "text": object{"en": "x"}, "scope": "all"})
	s.owner.refused(t, 404, "not_found", http.MethodPatch, at(own), object{"folder": "Sales"})
	s.agent.refused(t, 409, "shortcut_taken", http.MethodPost, cannedPath, object{"shortcut": "/Mine", "text": object{"en": "x"}})
	s.owner.refused(t, 412, "changed_meanwhile", http.MethodPatch, at(all), object{"folder": "Sales"}, "If-Match", `"99"`)
	// Whoever loses sight of one is told its id alone.
	s.owner.do(t, http.StatusOK, http.MethodPatch, at(all), object{"scope": "me", "text": object{"en": "Hi there"}})
	if f := socket.next(t, "canned_reply.deleted"); f.Data["id"] != all["id"] || len(f.Data) != 1 {
		t.Errorf("told of %s", f.raw)
	}
	s.agent.do(t, http.StatusNoContent, http.MethodDelete, at(own), nil)
	if got, want := shortcuts(t, s.agent), []string{"price"}; !slices.Equal(got, want) {
		t.Errorf("the agent uses %v, want %v", got, want)
	}
}

// What cannot be filled in is refused where it is saved, with its place; the rest is what is known of the conversation.
func TestVariablesOfTexts(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	a := s.agent.refused(t, 422, "unknown_variable", http.MethodPost, cannedPath,
		object{"shortcut": "bad", "text": object{"en": "fine", "he": "שלום {{contact.nickname}}"}})
	if at := a.json["errors"].([]any)[0].(object); at["field"] != "text/he" {
		t.Errorf("the place: %v", at)
	}
	_, conv := s.conversation(t, "Dalia Levi", "972540000091")
	values := map[string]any{}
	for _, item := range s.agent.get(t, "/api/v1/conversations/"+conv["id"].(string)+"/variables")["items"].([]any) {
		values[item.(object)["name"].(string)] = item.(object)["value"]
	}
	if values["contact.first_name"] != "Dalia" || values["contact.last_name"] != "Levi" || values["agent.name"] == nil ||
		values["contact.phone"] == nil {
		t.Errorf("%v", values)
	}
	if value, has := values["contact.email"]; has {
		t.Errorf("an address that nobody knows: %v", value)
	}
}

// A file of a canned reply stays, is seen by whoever uses that, and is sent without being uploaded again.
func TestAttachmentsOfACannedReplyStay(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	file := upload(t, s.owner, "prices.png", pngFile(t))["id"].(string)
	s.agent.refused(t, 404, "not_found", http.MethodGet, "/api/v1/media/"+file, nil)
	made := s.owner.do(t, http.StatusCreated, http.MethodPost, cannedPath,
		object{"shortcut": "prices", "text": object{}, "attachments": []string{file}})
	got := made["attachments"].([]any)[0].(object)
	if got["id"] != file || got["name"] != "prices.png" || got["kind"] != "image" {
		t.Errorf("%v", got)
	}
	if a := s.agent.call(t, http.MethodGet, got["url"].(string), nil); a.status != http.StatusOK {
		t.Errorf("the agent gets %d", a.status)
	}
	_, conv := s.conversation(t, "Files Person", "972540000072")
	m := s.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+conv["id"].(string)+"/messages",
		object{"client_id": "f", "type": "media", "attachments": []object{{"id": file}}})
	if sent := m["attachments"].([]any)[0].(object)["id"]; sent != file {
		t.Errorf("sent as %v", sent)
	}
	s.owner.refused(t, 422, "unknown_media", http.MethodPost, cannedPath,
		object{"shortcut": "none", "text": object{}, "attachments": []string{"med_none"}})
}

// A label is renamed and deleted with the conversations that have it, whatever their status.
func TestLabelsAreFollowed(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, open := s.conversation(t, "Label One", "972540000073")
	_, done := s.conversation(t, "Label Two", "972540000074")
	at := func(c object) string { return "/api/v1/conversations/" + c["id"].(string) }
	for _, c := range []object{open, done} {
		s.agent.do(t, http.StatusOK, http.MethodPatch, at(c), object{"labels": []string{"urgent-care", "other-care"}})
	}
	s.agent.do(t, http.StatusOK, http.MethodPatch, at(done), object{"status": "resolved"})
	made := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/labels", object{"name": "urgent-care", "colour": "red"})
	label := "/api/v1/labels/" + made["id"].(string)
	s.owner.refused(t, 409, "label_taken", http.MethodPost, "/api/v1/labels", object{"name": "Urgent-Care", "colour": "blue"})
	s.owner.refused(t, 422, "invalid_label", http.MethodPost, "/api/v1/labels", object{"name": "a,b", "colour": "blue"})
	s.agent.refused(t, 403, "forbidden", http.MethodPatch, label, object{"colour": "blue"})
	have := func(want ...string) {
		t.Helper()
		until(t, "the labels are "+strings.Join(want, ", "), func() bool {
			for _, c := range []object{open, done} {
				var labels []string
				for _, l := range s.agent.get(t, at(c))["labels"].([]any) {
					labels = append(labels, l.(string))
				}
				if !slices.Equal(labels, want) {
					return false
				}
			}
			return true
		})
	}
	s.owner.do(t, http.StatusOK, http.MethodPatch, label, object{"name": "care"})
	have("care", "other-care")
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, label, nil)
	have("other-care")
}

// A macro is one change with all of its actions, or none; the history names it, and what it cannot do is said.
func TestAMacroIsOneChange(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Macro Person", "972540000075")
	at := "/api/v1/conversations/" + conv["id"].(string)
	label := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/labels", object{"name": "macro-label", "colour": "teal"})
	m := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/macros", object{"name": "Close it", "actions": []object{
		{"action": "add_label", "label": "macro-label"}, {"action": "send_message", "text": "Bye {{contact.first_name}}"},
		{"action": "add_note", "text": "closed by {{agent.name}}"}, {"action": "set_status", "status": "resolved"},
	}, "hotkey": "Alt+KeyB"})
	if got := m["actions"].([]any)[0].(object)["label"]; got != "macro-label" || m["scope"] != "all" {
		t.Errorf("made %v", m)
	}
	run := at + "/macros/" + m["id"].(string)
	for range 2 { // the same key
		a := s.agent.call(t, http.MethodPost, run, nil, "Idempotency-Key", "once")
		if a.status != http.StatusOK || a.json["status"] != "resolved" {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	var said []string
	for _, item := range s.agent.get(t, at+"/messages")["items"].([]any) {
		said = append(said, item.(object)["text"].(string))
	}
	agent := s.agent.get(t, "/api/v1/me")["user"].(object)["name"].(string)
	if want := []string{"closed by " + agent, "Bye Macro"}; !slices.Equal(said[:2], want) || slices.Contains(said[2:], want[1]) {
		t.Errorf("said %q, want %q", said, want)
	}
	named := func(item any) bool { // the classifier's own line may come before it or after it
		cause := item.(object)["actor"].(object)["cause"].(object)
		return cause["kind"] == "macro" && cause["name"] == "Close it" && cause["id"] == m["id"]
	}
	if told := s.agent.get(t, at+"/activity")["items"].([]any); !slices.ContainsFunc(told, named) {
		t.Errorf("no line names the macro: %v", told)
	}
	// A label that is gone is said, and nothing is done.
	s.agent.do(t, http.StatusOK, http.MethodPatch, at, object{"status": "open"})
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, "/api/v1/labels/"+label["id"].(string), nil)
	s.agent.refused(t, 409, "label_gone", http.MethodPost, run, nil)
	// So is a text that cannot be filled in, after other actions.
	mail := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/macros", object{"name": "Mail", "actions": []object{
		{"action": "set_priority", "priority": "urgent"}, {"action": "add_note", "text": "{{contact.email}}"},
	}})
	a := s.agent.refused(t, 409, "variable_missing", http.MethodPost, at+"/macros/"+mail["id"].(string), nil)
	if place := a.json["errors"].([]any)[0].(object)["field"]; place != "actions/1" {
		t.Errorf("the place: %v", place)
	}
	if c := s.agent.get(t, at); c["status"] != "open" || c["priority"] == "urgent" {
		t.Errorf("half of it was done: %v %v", c["status"], c["priority"])
	}
}

// A key that does something already is refused in words, and so is a label that there is not.
func TestWhatAMacroCannotBe(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	note := []object{{"action": "add_note", "text": "x"}}
	s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/macros",
		object{"name": "First", "hotkey": "Alt+Shift+Digit7", "actions": note})
	for key, code := range map[string]string{
		"Alt+Shift+Digit7": "hotkey_taken", "Alt+KeyY": "hotkey_taken", "KeyJ": "invalid_hotkey", "Mod+KeyK": "invalid_hotkey",
	} {
		status := http.StatusConflict
		if code == "invalid_hotkey" {
			status = http.StatusUnprocessableEntity
		}
		s.agent.refused(t, status, code, http.MethodPost, "/api/v1/macros", object{"name": "x", "hotkey": key, "actions": note})
	}
	s.agent.refused(t, 409, "label_gone", http.MethodPost, "/api/v1/macros",
		object{"name": "x", "actions": []object{{"action": "add_label", "label": "never made"}}})
	s.agent.refused(t, 422, "unknown_variable", http.MethodPost, "/api/v1/macros",
		object{"name": "x", "actions": []object{{"action": "add_note", "text": "{{contact.shoe_size}}"}}})
	s.agent.refused(t, 422, "nothing_to_do", http.MethodPost, "/api/v1/macros", object{"name": "x", "actions": []object{}})
}

// A view shows what fulfils its condition, to whom it is for; "me" is whoever looks, and a count stops where it says so.
func TestViews(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, mine := s.conversation(t, "View Mine", "972540000076")
	_, other := s.conversation(t, "View Other", "972540000077")
	owner := s.owner.get(t, "/api/v1/me")["user"].(object)["id"].(string)
	for c, agent := range map[string]string{mine["id"].(string): s.ids["agent"], other["id"].(string): owner} {
		s.owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/conversations/"+c, object{"labels": []string{"viewed"}})
		s.owner.do(t, http.StatusOK, http.MethodPost, "/api/v1/conversations/"+c+"/assign", object{"agent_id": agent})
	}
	test := func(field string, value any) object { return object{"field": field, "op": "is", "value": value} }
	labelled := object{"field": "labels", "op": "contains", "value": "viewed"}
	ids := func(c client, path string) (all []string) {
		t.Helper()
		for _, item := range c.get(t, path)["items"].([]any) {
			all = append(all, item.(object)["id"].(string))
		}
		return all
	}
	made := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/views",
		object{"name": "Ours", "filter": object{"all": []object{labelled, test("assignee_id", "me")}}})
	at := "/api/v1/views/" + made["id"].(string)
	for c, want := range map[*client]object{&s.agent: mine, &s.owner: other} {
		if got := ids(*c, at+"/conversations"); !slices.Equal(got, []string{want["id"].(string)}) {
			t.Errorf("%v, want %v", got, want["id"])
		}
	}
	count := func() (n any) {
		for _, item := range s.agent.get(t, "/api/v1/views/counts")["items"].([]any) {
			if item.(object)["id"] == made["id"] {
				n = item.(object)["count"]
			}
		}
		return n
	}
	if n := count(); n != 1.0 {
		t.Errorf("counted %v", n)
	}
	s.agent.do(t, http.StatusOK, http.MethodPatch, "/api/v1/conversations/"+mine["id"].(string), object{"status": "resolved"})
	if n := count(); n != 0.0 {
		t.Errorf("counted %v once it is resolved", n)
	}
	done := s.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/views",
		object{"name": "Done", "filter": object{"all": []object{labelled, test("status", "resolved")}}})
	if got := ids(s.agent, "/api/v1/views/"+done["id"].(string)+"/conversations"); !slices.Equal(got, []string{mine["id"].(string)}) {
		t.Errorf("what is done: %v", got)
	}
	s.owner.refused(t, 404, "not_found", http.MethodGet, "/api/v1/views/"+done["id"].(string)+"/conversations", nil)
	built := ids(s.agent, "/api/v1/views")[:4]
	if !slices.Equal(built, []string{"waiting", "unanswered", "closing", "breaching"}) {
		t.Errorf("built in: %v", built)
	}
	for _, id := range built {
		s.agent.get(t, "/api/v1/views/"+id+"/conversations")
	}
	s.owner.refused(t, 404, "not_found", http.MethodDelete, "/api/v1/views/unanswered", nil)
	deep := test("status", "open")
	for range 50 {
		deep = object{"all": []object{deep}}
	}
	s.agent.refused(t, 422, "invalid_condition", http.MethodPost, "/api/v1/views", object{"name": "Deep", "filter": deep})
}
