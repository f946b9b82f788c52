package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// found are the items of a kind that a search finds.
func found(t *testing.T, c client, query, kind string) []object {
	t.Helper()
	list, _ := c.get(t, "/api/v1/search?q="+query)[kind].([]any)
	out := make([]object, len(list))
	for n, item := range list {
		out[n] = item.(object)
	}
	return out
}

// highlighted are the marked words of something that was found, with their fields.
func highlighted(hit object) (all []string) {
	for _, h := range hit["highlights"].([]any) {
		h := h.(object)
		runes := []rune(h["text"].(string))
		for _, m := range h["marks"].([]any) {
			m := m.(object)
			all = append(all, h["field"].(string)+" "+string(runes[int(m["start"].(float64)):int(m["end"].(float64))]))
		}
	}
	return all
}

// One search finds messages, notes, files, contacts and canned replies, each as what it is, with what was looked for marked; it can be
// narrowed to kinds, channels, people and time, and shows nobody what they may not see.
func TestOneSearchFindsAllKinds(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Quokka Person", "972540000181")
	id := conv["id"].(string)
	path := "/api/v1/conversations/" + id + "/messages"
	s.agent.do(t, http.StatusCreated, http.MethodPost, path,
		object{"client_id": "q1", "type": "note", "text": "<b>the QÚOKKA</b> is angry"})
	file := upload(t, s.agent, "quokka-plan.png", pngFile(t))
	s.agent.do(t, http.StatusCreated, http.MethodPost, path, object{
		"client_id": "q2", "type": "media", "text": "see the plan", "attachments": []object{{"id": file["id"]}},
	})
	s.agent.do(t, http.StatusCreated, http.MethodPost, path, object{"client_id": "q3", "type": "text", "text": "our quokka is fine"})
	s.owner.do(t, http.StatusCreated, http.MethodPost, cannedPath, object{
		"shortcut": "quokka", "scope": "all", "text": object{"he": "שלום קווקה"},
	})
	secret := s.owner.do(t, http.StatusCreated, http.MethodPost, cannedPath, object{
		"shortcut": "quokkasecret", "scope": "me", "text": object{"en": "quokka"},
	})
	all := s.agent.get(t, "/api/v1/search?q=quokka")
	has(t, "a search over all kinds", all, "messages notes files contacts canned_replies next_cursor cursors")
	for kind, want := range map[string][]string{
		"messages": {"text quokka"}, "notes": {"text QÚOKKA"}, "files": {"name quokka"}, "contacts": {"name Quokka"},
		"canned_replies": {"shortcut quokka"},
	} {
		hits := found(t, s.agent, "quokka", kind)
		if kind == "messages" { // the customer says their name too
			hits = slices.DeleteFunc(hits, func(hit object) bool { return hit["message"].(object)["direction"] == "in" })
		}
		if len(hits) != 1 || !slices.Equal(highlighted(hits[0]), want) {
			t.Errorf("%s: %v, want one with %v", kind, hits, want)
		}
	}
	if hits := found(t, s.agent, "plan", "files"); len(hits) != 1 || hits[0]["conversation"].(object)["id"] != id {
		t.Errorf("a file by the end of its name: %v", hits)
	}
	hits := found(t, s.agent, "0540000181", "contacts")
	if len(hits) != 1 || !slices.Equal(highlighted(hits[0]), []string{"phone 540000181"}) {
		t.Errorf("a number as it is dialled inside its country: %v", hits)
	}
	only := s.agent.get(t, "/api/v1/search?q=quokka&kinds=notes,files")
	if _, there := only["messages"]; there || len(only["notes"].([]any)) != 1 || len(only["files"].([]any)) != 1 {
		t.Errorf("two kinds: %v", only)
	}
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.DateOnly)
	for narrow, want := range map[string]int{
		"": 2, "&from=agents": 1, "&from=customers": 1, "&from=" + s.ids["agent"]: 1, "&from=usr_nobody": 0, "&channel=" + s.channel: 2,
		"&from=" + conv["contact"].(object)["id"].(string): 1, "&channel=chn_other": 0, "&since=2020-01-01": 2,
		"&since=" + tomorrow: 0, "&since=2020-01-01T00:00:00Z&from=agents": 1,
	} {
		if hits := found(t, s.agent, "quokka"+narrow, "messages"); len(hits) != want {
			t.Errorf("%q: %d messages, want %d", narrow, len(hits), want)
		}
	}
	if _, there := s.agent.get(t, "/api/v1/search?q=quokka&from=agents")["contacts"]; there {
		t.Error("contacts are said by somebody")
	}
	s.agent.refused(t, 422, "invalid_filter", http.MethodGet, "/api/v1/search?q=quokka&kinds=tickets", nil)
	s.agent.refused(t, 422, "invalid_filter", http.MethodGet, "/api/v1/search?q=quokka&since=yesterday", nil)
	s.agent.refused(t, 422, "invalid_cursor", http.MethodGet, "/api/v1/search?q=quokka&cursor=broken", nil)
	// A canned reply that is changed is found by its new words alone; one that is gone by none.
	at := cannedPath + "/" + secret["id"].(string)
	s.owner.do(t, http.StatusOK, http.MethodPatch, at, object{"shortcut": "numbat", "text": object{"en": "numbat"}})
	got, none := found(t, s.owner, "numbat", "canned_replies"), found(t, s.owner, "quokkasecret", "canned_replies")
	if len(got) != 1 || len(none) != 0 {
		t.Errorf("after the change: %v, %v", got, none)
	}
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, at, nil)
	if got := found(t, s.owner, "numbat", "canned_replies"); len(got) != 0 {
		t.Errorf("after it was deleted: %v", got)
	}
	// What a colleague has is not found.
	s.owner.do(t, http.StatusOK, http.MethodPost, "/api/v1/conversations/"+id+"/assign", object{"agent_id": s.ids["agent"]})
	for _, kind := range strings.Fields("messages notes files contacts") {
		if hits := found(t, s.colleague, "quokka", kind); len(hits) != 0 {
			t.Errorf("a colleague finds %s: %v", kind, hits)
		}
	}
	for _, kind := range strings.Fields("messages notes files contacts canned_replies") {
		if hits := found(t, s.stranger, "quokka", kind); len(hits) != 0 {
			t.Errorf("a stranger finds %s: %v", kind, hits)
		}
	}
}
