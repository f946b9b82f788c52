package realtime

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"wasl/auth"
	"wasl/internal/access"
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

// Whoever pushes is told whether a user has the app on a screen by any of their sockets here.
func TestWhoWatchesIsTold(t *testing.T) {
	r := newRig(t)
	watches := make(chan bool, 20)
	r.hub.Watches = func(workspaceID, userID string, is bool) {
		if workspaceID == auth.WorkspaceID("w") && userID == r.users["ann"].ID {
			watches <- is
		}
	}
	r.user("ann", "w", access.Agent)
	r.user("ben", "w", access.Agent)
	first, second, other := r.dial("ann", nil), r.dial("ann", nil), r.dial("ben", nil)
	for _, c := range []*client{first, second, other} {
		c.until("hello")
	}
	other.send(`{"type":"visible","data":{"visible":true}}`)
	for _, step := range []struct {
		by      *client
		visible bool
		want    bool
	}{{first, true, true}, {second, true, true}, {first, false, true}, {second, false, false}, {first, true, true}} {
		for len(watches) > 0 {
			<-watches
		}
		step.by.send(fmt.Sprintf(`{"type":"visible","data":{"visible":%t}}`, step.visible))
		if got := <-watches; got != step.want {
			t.Errorf("%+v: told %v", step, got)
		}
	}
	_ = first.conn.CloseNow()
	if <-watches {
		t.Error("a socket that is gone is thought to be on a screen")
	}
}

// Whoever keeps presence is told whether a user has sockets here, in two browsers only once it is none, and of what they choose; what they
// choose elsewhere is shown here.
func TestWhoIsHereIsTold(t *testing.T) {
	r := newRig(t)
	here, chose := make(chan bool, 10), make(chan string, 10)
	r.hub.Here = func(workspaceID, userID string, is bool) {
		if workspaceID == auth.WorkspaceID("w") && userID == r.users["ann"].ID {
			here <- is
		}
	}
	r.hub.Chose = func(v access.Viewer, status string) { chose <- v.UserID + " " + status }
	r.user("ann", "w", access.Agent)
	first, second := r.dial("ann", nil), r.dial("ann", nil)
	first.until("hello")
	second.until("hello")
	for range 2 {
		if !<-here {
			t.Fatal("here and told that not")
		}
	}
	first.send(`{"type":"presence","data":{"status":"busy"}}`)
	if got := <-chose; got != r.users["ann"].ID+" busy" {
		t.Errorf("chose %q", got)
	}
	r.hub.ShowPresence(auth.WorkspaceID("w"), r.users["ann"].ID, "away")
	for {
		var shown presenceView
		f := second.until("presence")
		if err := json.Unmarshal(f.Data, &shown); err != nil {
			t.Fatal(err)
		}
		if shown.Status == "away" {
			break
		}
	}
	_ = first.conn.CloseNow()
	if !<-here {
		t.Error("with a browser left told that nobody is here")
	}
	_ = second.conn.CloseNow()
	if <-here {
		t.Error("with no browser left told that somebody is here")
	}
}
