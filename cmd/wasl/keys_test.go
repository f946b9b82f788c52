package main

import (
	"maps"
	"net/http"
	"testing"
)

// A person's keys are theirs alone and the same on every device; what is no key is refused, and nothing of such a choice is kept.
func TestAnAgentChoosesKeysThatEveryDeviceFollows(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	const me = "/api/v1/me"
	keysOf := func(c client) object { return c.get(t, me)["keys"].(object) }
	if keys := keysOf(s.agent); len(keys) != 0 {
		t.Fatalf("keys before any was chosen: %v", keys)
	}
	chosen := object{"resolve": "KeyQ", "nextOpen": "Alt+Shift+ArrowDown", "goInbox": "KeyG KeyB", "note": ""}
	s.agent.do(t, http.StatusOK, http.MethodPatch, me, object{"keys": chosen})
	for action, key := range map[string]string{"resolve": "q", "no": "Ctrl+KeyA", "a.b": "KeyA", "three": "KeyA KeyB KeyC", "": "KeyA"} {
		s.agent.refused(t, 422, "invalid_key", http.MethodPatch, me, object{"keys": object{action: key}})
	}
	if keys := keysOf(s.agent); !maps.Equal(keys, chosen) {
		t.Errorf("keys: %v", keys)
	}
	if keys := keysOf(s.owner); len(keys) != 0 {
		t.Errorf("somebody else's keys: %v", keys)
	}
	s.agent.do(t, http.StatusOK, http.MethodPatch, me, object{"language": "en"})
	if keys := keysOf(s.agent); !maps.Equal(keys, chosen) {
		t.Errorf("keys after another change: %v", keys)
	}
	s.agent.do(t, http.StatusOK, http.MethodPatch, me, object{"keys": object{}})
	if keys := keysOf(s.agent); len(keys) != 0 {
		t.Errorf("keys after all were given back: %v", keys)
	}
}
