package realtime

import (
	"context"
	"errors"
	"testing"

	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/events"
)

// FuzzClientFrames: whatever a client sends, nothing breaks, nobody's presence but its own changes, and to nothing but what exists.
func FuzzClientFrames(f *testing.F) {
	now := clock.System{}
	bus := events.NewBus(nil, events.NewLocal(), nil, now, zerolog.Nop())
	h := NewHub(Options{
		Bus: bus, Clock: now, Log: zerolog.Nop(), Instance: "one", Typing: func(context.Context, access.Viewer, string) {},
		Audience: func(_ context.Context, _ access.Viewer, id string) (access.Audience, error) {
			if id != "c" {
				return access.Audience{}, errors.New("not yours")
			}
			return all, nil
		},
	})
	for _, seed := range []string{
		`{"type":"ping"}`, `{"type":"presence","data":{"status":"busy"}}`, `{"type":"viewing","data":{"conversation_id":"c"}}`,
		`{"type":"typing","data":{"conversation_id":"c","typing":true}}`, `{"type":"presence","data":{"status":"offline"}}`, `{`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newSocket(principal{viewer: access.Viewer{UserID: "u", WorkspaceID: "w"}}, nil)
		s.closed = true
		h.handleFrame(s, data)
		for _, v := range h.online("w") {
			if v.UserID != "u" || !choices[v.Status] {
				t.Errorf("%q made %+v", data, v)
			}
		}
	})
}
