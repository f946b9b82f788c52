package realtime

import (
	"context"
	"sync/atomic"
	"testing"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/store"
)

// What a user may see changes: their open sockets are told to load anew and get from then on what they may see now, and nothing else.
func TestAChangeOfAccessIsFeltByOpenSockets(t *testing.T) {
	r := newRig(t)
	ann := r.user("ann", "Acme", access.Agent)
	r.user("boss", "Acme", access.Supervisor)
	var now atomic.Pointer[access.Viewer]
	set := func(role access.Role) {
		now.Store(&access.Viewer{UserID: ann, WorkspaceID: auth.WorkspaceID("Acme"), Role: role})
	}
	set(access.Agent)
	r.hub.Viewer = func(ctx context.Context, userID string) (access.Viewer, error) {
		switch v := now.Load(); {
		case userID != ann:
			return r.guard.ViewerOf(ctx, userID)
		case v == nil:
			return access.Viewer{}, store.ErrNotFound
		default:
			return *v, nil
		}
	}
	mine, boss := r.dial("ann", nil), r.dial("boss", nil)
	first := mine.until("hello")
	boss.until("hello")
	supervisors := access.Audience{Supervisors: true}
	r.say("Acme", "before", supervisors, `{"n":1}`)
	boss.until("message.created")
	set(access.Supervisor)
	r.hub.AccessChanged(ann)
	if f := mine.until("hello"); string(f.Data) != `{"resumed":false}` || f.Epoch != first.Epoch || f.Seq != first.Seq+1 {
		t.Errorf("told %+v after %+v", f, first)
	}
	r.say("Acme", "then", supervisors, `{"n":2}`)
	if f := mine.until("message.created"); string(f.Data) != `{"n":2}` {
		t.Errorf("got %s", f.Data)
	}
	set(access.Agent)
	r.hub.AccessChanged(ann)
	mine.until("hello")
	r.say("Acme", "later", supervisors, `{"n":3}`)
	r.say("Acme", "last", all, `{"n":4}`)
	if f := mine.until("message.created"); string(f.Data) != `{"n":4}` {
		t.Errorf("without the right to it: %s", f.Data)
	}
	now.Store(nil)
	r.hub.AccessChanged(ann)
	if code := mine.closing(); code != closePolicy {
		t.Errorf("somebody who is not active any more is closed with %d", code)
	}
	for _, want := range []string{`{"n":2}`, `{"n":3}`, `{"n":4}`} {
		if f := boss.until("message.created"); string(f.Data) != want {
			t.Errorf("the other one got %s", f.Data)
		}
	}
}

// A socket whose user changed between its handshake and its place in the room is who the user is now.
func TestAChangeDuringTheHandshakeCounts(t *testing.T) {
	r := newRig(t)
	ann := r.user("ann", "Acme", access.Agent)
	r.hub.Viewer = func(context.Context, string) (access.Viewer, error) {
		return access.Viewer{UserID: ann, WorkspaceID: auth.WorkspaceID("Acme"), Role: access.Supervisor}, nil
	}
	c := r.dial("ann", nil)
	c.until("hello")
	r.say("Acme", "x", access.Audience{Supervisors: true}, `{"n":1}`)
	c.until("message.created")
}
