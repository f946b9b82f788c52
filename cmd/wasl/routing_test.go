package main

import (
	"net/http"
	"testing"
)

// Whoever pulls gets what waits longest up to their capacity, everybody who sees it is told why it waits, and the numbers of queues and
// agents say so.
func TestWorkIsPulledOverTheAPI(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	me := s.ids["supervisor"]
	team := s.admin.do(t, http.StatusCreated, http.MethodPost, "/api/v1/teams", object{"name": "Pulling", "member_ids": []string{me}})["id"]
	s.admin.do(t, http.StatusOK, http.MethodPatch, "/api/v1/users/"+me+"/profile", object{"capacity": object{"total": 1}})
	s.supervisor.do(t, http.StatusOK, http.MethodPut, "/api/v1/me/presence", object{"state": "busy", "reason": "training"})
	if a := s.supervisor.call(t, http.MethodPost, "/api/v1/routing/next", nil); a.status != http.StatusNoContent || len(a.body) > 0 {
		t.Errorf("nothing waits: %d %s", a.status, a.body)
	}
	var ids []string
	for n, name := range []string{"Pulled Person", "Waiting Person"} {
		_, conv := s.conversation(t, name, []string{"972540000401", "972540000402"}[n])
		ids = append(ids, conv["id"].(string))
		s.owner.do(t, http.StatusOK, http.MethodPost, "/api/v1/conversations/"+ids[n]+"/assign", object{"team_id": team})
	}
	if got := s.supervisor.do(t, http.StatusOK, http.MethodPost, "/api/v1/routing/next", nil); got["id"] != ids[0] ||
		got["assignee_id"] != me {
		t.Errorf("pulled %v for %v", got["id"], got["assignee_id"])
	}
	s.supervisor.refused(t, 409, "at_capacity", http.MethodPost, "/api/v1/routing/next", nil)
	got := s.owner.get(t, "/api/v1/conversations/"+ids[1]+"/routing")
	has(t, "where it stands", got, "state queue decisions")
	now := got["decisions"].([]any)[0].(object)
	has(t, "a decision", now, "at cause team_id strategy candidates")
	if got["state"] != "queued" || got["queue"].(object)["position"] != 1.0 || now["cause"] != "waiting" || now["chosen"] != nil {
		t.Errorf("where it stands: %v", got)
	}
	for _, c := range now["candidates"].([]any) { // other tests' agents are there too, and have sockets of hers
		c := c.(object)
		has(t, "a candidate", c, "agent_id eligible reason load capacity skill idle_seconds")
		if c["agent_id"] != me && c["reason"] != "not_in_team" || c["agent_id"] == me && c["reason"] != "busy" && c["reason"] != "offline" {
			t.Errorf("a candidate: %v", c)
		}
	}
	for _, q := range s.owner.get(t, "/api/v1/queues")["items"].([]any) {
		if q := q.(object); q["team_id"] == team &&
			(q["length"] != 1.0 || q["oldest_at"] == nil || q["by_priority"].(object)["none"] != 1.0) {
			t.Errorf("the queue: %v", q)
		}
	}
	for _, a := range s.owner.get(t, "/api/v1/agents?limit=200")["items"].([]any) {
		a := a.(object)
		has(t, "an agent", a, "user_id state since reason load load_by_kind capacity team_ids skills today")
		if a["user_id"] == me && (a["load"] != 1.0 || a["load_by_kind"].(object)["whatsapp"] != 1.0) {
			t.Errorf("the agent: %v", a)
		}
	}
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, "/api/v1/teams/"+team.(string), nil)
}
