package main

import (
	"net/http"
	"slices"
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
	_, conv := s.conversation(t, "Dana Levi", "972540000071")
	values := map[string]any{}
	for _, item := range s.agent.get(t, "/api/v1/conversations/"+conv["id"].(string)+"/variables")["items"].([]any) {
		values[item.(object)["name"].(string)] = item.(object)["value"]
	}
	if values["contact.first_name"] != "Dana" || values["contact.last_name"] != "Levi" || values["agent.name"] == nil ||
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
