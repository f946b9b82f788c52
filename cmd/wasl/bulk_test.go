package main

import (
	"net/http"
	"testing"
)

// Bulk work is started once for each key, watched by whoever started it, and ends with what could not be done.
func TestBulkWorkOverTheAPI(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Bulk Person", "972540000067")
	socket := s.agent.listen(t, "")
	socket.next(t, "hello")
	body := object{"ids": []string{conv["id"].(string), "cnv_none"}, "actions": []object{
		{"action": "set_priority", "priority": "urgent"}, {"action": "assign", "agent_id": s.ids["agent"]},
	}}
	const path = "/api/v1/conversations/bulk"
	first := s.agent.call(t, http.MethodPost, path, body, "Idempotency-Key", "k")
	again := s.agent.call(t, http.MethodPost, path, body, "Idempotency-Key", "k")
	if first.status != http.StatusCreated || again.status != http.StatusOK || first.json["job_id"] != again.json["job_id"] {
		t.Fatalf("%d %s, %d %s", first.status, first.body, again.status, again.body)
	}
	job := "/api/v1/jobs/" + first.json["job_id"].(string)
	f := socket.next(t, "job.updated")
	has(t, "job.updated", f.Data, "id kind state done total errors")
	if f.Data["id"] != first.json["job_id"] || f.Data["state"] != "done" {
		t.Errorf("told of %s", f.raw)
	}
	got := s.agent.get(t, job)
	refused := got["errors"].([]any)
	if got["state"] != "done" || got["done"] != 2.0 || got["total"] != 2.0 || len(refused) != 1 ||
		refused[0].(object)["id"] != "cnv_none" || refused[0].(object)["code"] != "not_found" {
		t.Errorf("%v", got)
	}
	if c := s.agent.get(t, "/api/v1/conversations/"+conv["id"].(string)); c["priority"] != "urgent" || c["assignee_id"] != s.ids["agent"] {
		t.Errorf("the conversation: %v", c)
	}
	if stopped := s.agent.do(t, http.StatusOK, http.MethodDelete, job, nil); stopped["state"] != "done" {
		t.Errorf("stopped after its end: %v", stopped)
	}
	s.owner.refused(t, 404, "not_found", http.MethodGet, job, nil)
	s.takesBack(t, conv["id"].(string), first.json["undo_token"])
	a := s.agent.refused(t, 422, "invalid_action", http.MethodPost, path,
		object{"ids": []string{"x"}, "actions": []object{{"action": "set_priority", "priority": "utmost"}}})
	if at := a.json["errors"].([]any)[0].(object)["field"]; at != "actions/0/priority" {
		t.Errorf("the place: %v", at)
	}
}

// takesBack undoes the work of the test, once, and then does it to a view and stops there.
func (s *shared) takesBack(t *testing.T, conversation string, token any) {
	t.Helper()
	const undo = "/api/v1/undo"
	s.owner.refused(t, 404, "undo_unknown", http.MethodPost, undo, object{"undo_token": token})
	done := s.agent.do(t, http.StatusOK, http.MethodPost, undo, object{"undo_token": token})
	if done["kind"] != "bulk" {
		t.Errorf("undone: %v", done)
	}
	until(t, "undone", func() bool { return s.agent.get(t, "/api/v1/jobs/"+done["job_id"].(string))["state"] == "done" })
	if c := s.agent.get(t, "/api/v1/conversations/"+conversation); c["priority"] != "none" || c["assignee_id"] != nil {
		t.Errorf("after the undo: %v", c)
	}
	s.agent.refused(t, 409, "undo_used", http.MethodPost, undo, object{"undo_token": token})
	const path = "/api/v1/conversations/bulk"
	actions := []object{{"action": "set_priority", "priority": "low"}}
	view := s.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/views", object{
		"name": "Bulk", "scope": "me", "filter": object{"field": "contact.name", "op": "is", "value": "Bulk Person"},
	})
	whole := s.agent.do(t, http.StatusCreated, http.MethodPost, path, object{"view_id": view["id"], "actions": actions})
	until(t, "done", func() bool { return s.agent.get(t, "/api/v1/jobs/"+whole["job_id"].(string))["state"] == "done" })
	if c := s.agent.get(t, "/api/v1/conversations/"+conversation); c["priority"] != "low" {
		t.Errorf("the view's: %v", c["priority"])
	}
	s.agent.do(t, http.StatusOK, http.MethodPost, undo, object{"undo_token": whole["undo_token"]})
	s.agent.refused(t, 422, "unknown_view", http.MethodPost, path, object{"view_id": "viw_none", "actions": actions})
	s.agent.refused(t, 422, "invalid_input", http.MethodPost, path, object{"actions": actions})
}
