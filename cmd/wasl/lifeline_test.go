package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// stepsOf returns the names of a message's steps.
func stepsOf(t *testing.T, c client, id string) (names []string) {
	t.Helper()
	line := c.get(t, "/api/v1/messages/"+id+"/lifeline")
	has(t, "a life-line", line, "message_id channel_id direction status steps")
	for _, step := range line["steps"].([]any) {
		has(t, "a step", step, "step at")
		names = append(names, step.(object)["step"].(string))
	}
	return names
}

func TestEveryMessageTellsWhereItWas(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	who, conv := s.conversation(t, "Life Line", "972540000081")
	path := "/api/v1/conversations/" + conv["id"].(string)
	in := lastMessage(t, s.owner, conv["id"].(string))["id"].(string)
	if got := strings.Join(stepsOf(t, s.agent, in), " "); got != "written received durable stored shown" {
		t.Errorf("unread: %s", got)
	}
	s.agent.do(t, http.StatusOK, http.MethodPost, path+"/read", nil)
	line := s.owner.get(t, "/api/v1/messages/"+in+"/lifeline")["steps"].([]any)
	seen := line[len(line)-1].(object)
	if seen["step"] != "seen" || seen["by"].(object)["name"] != "agent" || seen["at"] == nil {
		t.Errorf("read: %v", seen)
	}
	out := s.agent.do(t, http.StatusCreated, http.MethodPost, path+"/messages",
		object{"client_id": "l", "type": "text", "text": "an answer with a life"})["id"].(string)
	who.reads(t, "an answer with a life")
	until(t, "it is delivered", func() bool { return strings.Contains(strings.Join(stepsOf(t, s.agent, out), " "), "delivered") })
	if got := strings.Join(stepsOf(t, s.agent, out), " "); !strings.HasPrefix(got, "queued sending ") ||
		!strings.Contains(got, "accepted") {
		t.Errorf("an answer: %s", got)
	}
	s.owner.do(t, http.StatusOK, http.MethodPost, path+"/assign", object{"agent_id": s.ids["agent"]})
	s.colleague.refused(t, 404, "not_found", http.MethodGet, "/api/v1/messages/"+in+"/lifeline", nil)
	s.stranger.refused(t, 404, "not_found", http.MethodGet, "/api/v1/messages/"+in+"/lifeline", nil)
}

func TestDeadLettersAreCountedReplayedAndDiscarded(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", connection(s.sandbox, "800000000000666"))["id"].(string)
	watch := s.supervisor.listen(t, "")
	watch.next(t, "hello")
	long := `{"object":"letter-long","filling":"` + strings.Repeat("x", 100<<10) + `"}`
	for _, body := range []string{`{"object":"letter-a"}`, long} {
		s.hook(t, ch, body)
	}
	list := "/api/v1/dead-letters?kind=inbound&channel=" + ch
	until(t, "both are there", func() bool { return len(s.supervisor.get(t, list)["items"].([]any)) == 2 })
	//nolint:revive // waits for the count that another test may have changed
	for watch.next(t, "dead_letters.changed").Data["count"].(float64) < 1 {
	}
	var cut object
	for _, item := range s.supervisor.get(t, list)["items"].([]any) {
		letter := item.(object)
		has(t, "a dead letter", letter, "id kind ref channel_id conversation_id reason error attempts body body_size created_at failed_at")
		if letter["channel_id"] != ch || letter["reason"] != "not_understood" || letter["attempts"] != 1.0 {
			t.Errorf("%v", letter)
		}
		if letter["body_size"].(float64) > 64<<10 {
			cut = letter
		}
	}
	if cut == nil || len(cut["body"].(string)) != 64<<10 {
		t.Fatal("a long body is not cut in the list")
	}
	path := "/api/v1/dead-letters/" + cut["id"].(string)
	whole := s.supervisor.call(t, http.MethodGet, path+"/body", nil)
	if string(whole.body) != long || !strings.HasPrefix(whole.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d bytes of %d, %v", len(whole.body), len(long), whole.header)
	}
	if got := s.supervisor.do(t, http.StatusOK, http.MethodPost, "/api/v1/dead-letters/replay?channel="+ch, nil); got["replayed"] != 2.0 {
		t.Errorf("%v replayed", got)
	}
	until(t, "both failed again", func() bool { return len(s.supervisor.get(t, list)["items"].([]any)) == 2 })
	s.supervisor.do(t, http.StatusNoContent, http.MethodDelete, path, nil)
	found := false
	for _, item := range s.supervisor.get(t, "/api/v1/dead-letters/discarded?limit=200")["items"].([]any) {
		gone := item.(object)
		found = found || gone["letter"].(object)["id"] == cut["id"] && gone["by"].(object)["name"] == "supervisor"
	}
	if !found {
		t.Error("nobody knows who discarded it")
	}
	if n := s.supervisor.get(t, "/api/v1/dead-letters/count")["count"].(float64); n < 1 {
		t.Errorf("%v are counted", n)
	}
	health := s.agent.get(t, "/api/v1/channels/"+ch+"/health")
	if e, is := health["last_error"].(object); !is || e["code"] != "not_understood" {
		t.Errorf("the channel's last error: %v", health["last_error"])
	}
	if others := s.stranger.get(t, "/api/v1/dead-letters/discarded")["items"].([]any); len(others) != 0 {
		t.Errorf("another workspace sees %v", others)
	}
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, "/api/v1/channels/"+ch, nil)
}

func TestAChannelTellsItsHealth(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", connection(s.sandbox, "800000000000667"))["id"].(string)
	path := "/api/v1/channels/" + ch + "/health"
	health := s.agent.get(t, path)
	has(t, "a channel's health", health,
		"state problem last_inbound_at last_outbound_at last_webhook_at last_error refused_webhooks last_refused_at lag_seconds waiting usual_gap_seconds silent_since")
	if health["state"] != "new" {
		t.Errorf("new: %v", health)
	}
	body := textBody("800000000000667", "972540000082", "wamid.healthy", "a sign of life")
	if a, err := hook(t.Context(), s.base, ch, "not the secret", body); err != nil || a.status != http.StatusUnauthorized {
		t.Fatal(a.status, err)
	}
	health = s.agent.get(t, path)
	if health["refused_webhooks"] != 1.0 || health["last_refused_at"] == nil || health["last_error"] != nil || health["state"] != "new" {
		t.Errorf("a stranger's webhook is to be counted and nothing else: %v", health)
	}
	s.hook(t, ch, body)
	until(t, "the message is known", func() bool { return s.agent.get(t, path)["last_inbound_at"] != nil })
	shown := s.agent.get(t, "/api/v1/channels/"+ch)
	if shown["last_inbound_at"] == nil || shown["health"].(object)["state"] != "ok" {
		t.Errorf("%v", shown)
	}
	s.stranger.refused(t, 404, "not_found", http.MethodGet, path, nil)
	var metrics string
	until(t, "the metrics say it", func() bool {
		metrics = string((client{base: s.base}).call(t, http.MethodGet, "/metrics", nil).body)
		return strings.Contains(metrics, fmt.Sprintf(`wasl_channel_last_inbound_age_seconds{channel=%q}`, ch))
	})
	if !strings.Contains(metrics, "\nwasl_ingest_lag_seconds ") {
		t.Error("the metrics do not tell the ingest lag")
	}
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, "/api/v1/channels/"+ch, nil)
}
