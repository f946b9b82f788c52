package realtime

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/clock"
	"wasl/internal/events"
)

// What an instance said is forgotten when its users leave and when it dies.
func TestThePresenceOfADeadInstanceIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := clock.System{}
		h := NewHub(Options{
			Bus: events.NewBus(nil, events.NewLocal(), nil, now, zerolog.Nop()), Clock: now, Log: zerolog.Nop(),
			Instance: "one",
		})
		says := func(instance, user, status string) {
			data, _ := json.Marshal(presenceSignal{user, status, instance})
			h.receivePresence(events.Signal{WorkspaceID: "w", Data: data})
		}
		says("two", "ann", available)
		says("three", "ann", "busy")
		says("three", "bob", available)
		says("three", "ann", offline)
		if got := h.online("w"); len(got) != 2 {
			t.Errorf("%v are here", got)
		}
		says("two", "ann", offline)
		if got := h.online("w"); len(got) != 1 || got[0].UserID != "bob" {
			t.Errorf("%v are here", got)
		}
		time.Sleep(presenceExpiry)
		h.expirePresence()
		if len(h.presence.users) != 0 {
			t.Errorf("of a dead instance %v is kept", h.presence.users)
		}
	})
}
