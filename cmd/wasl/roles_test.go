package main

import (
	"net/http"
	"regexp"
	"slices"
	"testing"
)

// allowed says from which role on an operation may be called; "" is for those who are not signed in, too.
var allowed = map[string]string{
	"login": "", "healthz": "", "readyz": "", "metrics": "",
	"get-webhook": "", "post-webhook": "", "get-webhook-status": "", "post-webhook-status": "", "get-webhook-events": "", "post-webhook-events": "",
	"logout": "agent", "get-me": "agent", "patch-me": "agent", "list-users": "agent", "list-presence": "agent", "live-socket": "agent",
	"create-user": "admin", "patch-user": "admin",
	"list-channels": "agent", "get-channel": "agent", "get-channel-health": "agent", "list-templates": "agent", "sync-templates": "agent",
	"create-channel": "admin", "patch-channel": "admin", "check-channel": "admin", "delete-channel": "admin",
	"list-conversations": "agent", "count-conversations": "agent", "get-conversation": "agent", "patch-conversation": "agent",
	"assign-conversation": "agent", "read-conversation": "agent", "get-draft": "agent", "put-draft": "agent",
	"get-lifeline": "agent", "list-messages": "agent", "create-message": "agent", "retry-message": "agent", "search": "agent",
	"upload-media": "agent", "get-media": "agent", "get-media-thumbnail": "agent", "get-message-html": "agent", "get-linked-media": "",
	"list-contacts": "agent", "get-contact": "agent", "patch-contact": "agent", "add-identity": "agent", "remove-identity": "agent", "create-contact": "agent", "merge-contact": "agent", "unmerge-contact": "agent",
	"list-suggestions": "agent", "dismiss-suggestion": "agent", "list-timeline": "agent", "begin-conversation": "agent", "patch-workspace": "admin",
	"get-widget": "", "start-visitor": "", "list-visitor-messages": "", "visitor-socket": "", // of websites' visitors, who have tokens of their own
	"visitor-upload": "", "visitor-file": "", "visitor-thumbnail": "",
	"list-notifications": "agent", "count-notifications": "agent", "read-notifications": "agent",
	"list-dead-letters": "supervisor", "count-dead-letters": "supervisor", "list-discarded-letters": "supervisor", "replay-dead-letters": "supervisor",
	"list-failed-messages": "supervisor", "count-failed-messages": "supervisor", "retry-failed-messages": "supervisor", "delete-failed-message": "supervisor",
	"get-dead-letter-body": "supervisor", "replay-dead-letter": "supervisor", "delete-dead-letter": "supervisor",
}

func TestEachRoleMayDoWhatTheTableSays(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	ranks := []string{"agent", "supervisor", "admin", "owner"}
	callers := map[string]client{"agent": s.agent, "supervisor": s.supervisor, "admin": s.admin, "owner": s.owner}
	parameter := regexp.MustCompile(`\{[a-z_]+\}`)
	for pattern, item := range apiOf().OpenAPI().Paths {
		for method, op := range operations(item) {
			if op == nil {
				continue
			}
			from, known := allowed[op.OperationID]
			if !known {
				t.Errorf("%s is not in the table: who may call it?", op.OperationID)
			}
			if from == "" || op.OperationID == "logout" || op.OperationID == "live-socket" {
				continue
			}
			path := parameter.ReplaceAllString(pattern, "none") + "?channel=none" // what acts on many meets nothing of the tests beside this one
			var body any
			if op.RequestBody != nil {
				body = object{}
			}
			if a := (client{base: s.base}).call(t, method, path, body); a.status != http.StatusUnauthorized {
				t.Errorf("%s by nobody: %d", op.OperationID, a.status)
			}
			for rank, role := range ranks {
				a := callers[role].call(t, method, path, body)
				if refused := a.status == http.StatusForbidden; refused != (rank < slices.Index(ranks, from)) || a.status == http.StatusUnauthorized {
					t.Errorf("%s by an %s: %d", op.OperationID, role, a.status)
				}
			}
		}
	}
}

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
	s.owner.refused(t, 409, "email_taken", http.MethodPost, "/api/v1/users", object{"name": "x", "email": "AGENT@wasl.example ", "password": otherPassword, "role": "agent"})
	s.owner.refused(t, 422, "weak_password", http.MethodPost, "/api/v1/users", object{"name": "x", "email": "short@wasl.example", "password": "short", "role": "agent"})
	s.owner.refused(t, 422, "invalid_email", http.MethodPost, "/api/v1/users", object{"name": "x", "email": "no address", "password": otherPassword, "role": "agent"})
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
	client{base: s.base}.refused(t, 401, "bad_credentials", http.MethodPost, "/api/v1/auth/login", object{"email": "new-agent@wasl.example", "password": otherPassword})
	s.admin.refused(t, 409, "own_account", http.MethodPatch, "/api/v1/users/"+s.ids["admin"], object{"active": false})
}
