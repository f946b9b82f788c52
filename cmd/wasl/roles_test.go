package main

import (
	"net/http"
	"testing"
)

// Agents see what nobody has and what they have to do with; supervisors and up see everything.
func TestAgentsSeeTheirOwnWork(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Assigned Person", "972540000020")
	path := "/api/v1/conversations/" + conv["id"].(string)
	s.colleague.get(t, path)
	s.owner.do(t, http.StatusOK, http.MethodPost, path+"/assign", object{"agent_id": s.ids["agent"]})
	s.agent.get(t, path)
	for _, who := range []client{s.owner, s.admin, s.supervisor} {
		who.get(t, path)
	}
	s.colleague.refused(t, 404, "not_found", http.MethodGet, path, nil)
	if conversationWith(t, s.colleague, "Assigned Person") != nil {
		t.Error("it is in the list of an agent who has nothing to do with it")
	}
	if hits := s.colleague.get(t, "/api/v1/search?q=assigned")["messages"].([]any); len(hits) != 0 {
		t.Error("its messages are found by an agent who has nothing to do with it")
	}
	s.owner.refused(t, 422, "unknown_agent", http.MethodPost, path+"/assign", object{"agent_id": "usr_nobody"})
	s.owner.refused(t, 422, "nothing_to_assign", http.MethodPost, path+"/assign", object{})
}

func TestUsersAreManagedWithinBounds(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	add := func(role string) object {
		return object{"name": "New", "email": "new-" + role + "@wasl.example", "password": otherPassword, "role": role}
	}
	s.admin.refused(t, 403, "forbidden", http.MethodPost, "/api/v1/users", add("owner"))
	s.owner.refused(t, 409, "email_taken", http.MethodPost, "/api/v1/users",
		object{"name": "x", "email": "AGENT@wasl.example ", "password": otherPassword, "role": "agent"})
	s.owner.refused(t, 422, "weak_password", http.MethodPost, "/api/v1/users",
		object{"name": "x", "email": "short@wasl.example", "password": "short", "role": "agent"})
	s.owner.refused(t, 422, "invalid_email", http.MethodPost, "/api/v1/users",
		object{"name": "x", "email": "no address", "password": otherPassword, "role": "agent"})
	id := s.admin.do(t, http.StatusCreated, http.MethodPost, "/api/v1/users", add("agent"))["id"].(string)
	fresh := login(t, s.base, "new-agent@wasl.example", otherPassword)
	socket := fresh.listen(t, "")
	socket.next(t, "hello")
	if got := s.admin.do(t, http.StatusOK, http.MethodPatch, "/api/v1/users/"+id, object{"active": false}); got["active"] != false {
		t.Errorf("deactivated: %v", got)
	}
	fresh.refused(t, 401, "unauthorized", http.MethodGet, "/api/v1/me", nil)
	if code := socket.closing(t); code != 1008 {
		t.Errorf("the socket of a deactivated user closed with %d", code)
	}
	client{base: s.base}.refused(t, 401, "bad_credentials", http.MethodPost, "/api/v1/auth/login",
		object{"email": "new-agent@wasl.example", "password": otherPassword})
	s.admin.refused(t, 409, "own_account", http.MethodPatch, "/api/v1/users/"+s.ids["admin"], object{"active": false})
}

// Teams are made and changed by those who may, each version once; the same key makes one team.
func TestTeamsAreManagedOverTheAPI(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	const path = "/api/v1/teams"
	s.supervisor.refused(t, 403, "forbidden", http.MethodPost, path, object{"name": "Night shift"})
	body := object{"name": " Night\tshift ", "member_ids": []string{s.ids["agent"]}}
	first := s.admin.call(t, http.MethodPost, path, body, "Idempotency-Key", "a")
	again := s.admin.call(t, http.MethodPost, path, body, "Idempotency-Key", "a")
	if first.status != http.StatusCreated || again.status != http.StatusOK || first.json["id"] != again.json["id"] ||
		first.json["name"] != "Night shift" || first.json["version"] != 1.0 {
		t.Fatalf("%d %s, %d %s", first.status, first.body, again.status, again.body)
	}
	one := path + "/" + first.json["id"].(string)
	if a := s.admin.call(t, http.MethodPatch, one, object{"name": "Days"}, "If-Match", `"1"`); a.status != 200 || a.json["version"] != 2.0 {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.admin.refused(t, 412, "changed_meanwhile", http.MethodPatch, one, object{"name": "Nights"}, "If-Match", `"1"`)
	s.admin.refused(t, 412, "changed_meanwhile", http.MethodDelete, one, nil, "If-Match", `W/"2"`)
	s.admin.refused(t, 422, "invalid_input", http.MethodPatch, one, object{"name": " "})
	s.admin.refused(t, 422, "unknown_user", http.MethodPatch, one, object{"member_ids": []string{"usr_nobody"}})
	profile := "/api/v1/users/" + s.ids["colleague"] + "/profile"
	s.admin.do(t, http.StatusOK, http.MethodPatch, profile, object{"team_ids": []string{first.json["id"].(string)}})
	if members := s.agent.get(t, one)["member_ids"].([]any); len(members) != 2 {
		t.Errorf("members: %v", members)
	}
	s.admin.do(t, http.StatusNoContent, http.MethodDelete, one, nil)
	if teams := s.colleague.get(t, profile)["team_ids"].([]any); len(teams) != 0 {
		t.Errorf("after the team's end: %v", teams)
	}
	s.admin.refused(t, 404, "not_found", http.MethodGet, one, nil)
}
