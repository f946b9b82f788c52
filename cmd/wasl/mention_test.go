package main

import (
	"net/http"
	"testing"
)

// A supervisor whispers to the agent: the note is marked as meant for them and they alone get a notice, which does not repeat its words.
// Nobody is mentioned who does not see the conversation, and nothing but a note is meant for colleagues.
func TestANoteForAColleague(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Whispered About", "972540000071")
	path := "/api/v1/conversations/" + conv["id"].(string)
	s.owner.do(t, http.StatusOK, http.MethodPost, path+"/assign", object{"agent_id": s.ids["agent"]})
	note := func(kind, who string) object {
		return object{"client_id": kind + who, "type": kind, "text": "offer the discount", "mentions": []string{who}}
	}
	made := s.supervisor.do(t, http.StatusCreated, http.MethodPost, path+"/messages", note("note", s.ids["agent"]))
	if to, is := made["mentions"].([]any); !is || len(to) != 1 || to[0] != s.ids["agent"] || made["status"] != "sent" {
		t.Errorf("the note is %v", made)
	}
	for who, c := range map[string]client{"agent": s.agent, "colleague": s.colleague, "owner": s.owner, "supervisor": s.supervisor} {
		mentioned := false
		for _, n := range c.get(t, "/api/v1/notifications")["items"].([]any) {
			n := n.(object)
			if n["kind"] == "mention" && n["conversation_id"] == conv["id"] {
				mentioned = true
				if n["title"] != "A note for you" || n["detail"] == "" || n["detail"] == "offer the discount" {
					t.Errorf("%s is told %v", who, n)
				}
			}
		}
		if mentioned != (who == "agent") {
			t.Errorf("%s is mentioned: %v", who, mentioned)
		}
	}
	s.supervisor.refused(t, 422, "invalid_mention", http.MethodPost, path+"/messages", note("note", s.ids["colleague"]))
	s.supervisor.refused(t, 422, "invalid_mention", http.MethodPost, path+"/messages", note("note", "usr_nobody"))
	s.supervisor.refused(t, 422, "invalid_mention", http.MethodPost, path+"/messages", note("text", s.ids["agent"]))
}
