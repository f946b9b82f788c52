package realtime

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gofiber/fiber/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/store"
)

// guestRoute lets anybody in as whom they say they are.
func (r *rig) guestRoute(app *fiber.App) {
	r.hub.GuestRoute(app, "/guests", func(_ context.Context, c *fiber.Ctx) (Guest, error) {
		who := strings.Clone(c.Query("guest"))
		return Guest{WorkspaceID: auth.WorkspaceID("w"), ID: who, Conversation: func(context.Context) (string, access.Audience, error) {
			if who == "two" {
				return "", access.Audience{}, store.ErrNotFound // has not written yet
			}
			return "c_" + who, access.Audience{Users: []string{r.users["ann"].ID}, Guest: who}, nil
		}}, nil
	})
}

func (r *rig) visit(guest string, query url.Values) *client {
	r.t.Helper()
	if query == nil {
		query = url.Values{}
	}
	query.Set("guest", guest)
	conn, _, err := websocket.Dial(r.t.Context(), "ws://"+r.host+"/guests?"+query.Encode(), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.CloseNow() })
	return &client{r.t, conn}
}

// tell commits an event with what a guest may see of it.
func (r *rig) tell(to access.Audience, data, outside string) {
	r.t.Helper()
	ev := events.Event{
		Type: "message.created", WorkspaceID: auth.WorkspaceID("w"), Subject: "m", At: time.Now(), Audience: to,
		Data: json.RawMessage(data),
	}
	if outside != "" {
		ev.Outside = json.RawMessage(outside)
	}
	if err := r.bus.Commit(r.t.Context(), &events.Write{Events: []events.Event{ev}}); err != nil {
		r.t.Fatal(err)
	}
}

// A guest gets what is meant for them, in the view that is made for them, and nothing else of the workspace.
func TestAGuestSeesTheirOwnOnly(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	one, two := r.visit("one", nil), r.visit("two", nil)
	begin := one.until("hello")
	two.until("hello")
	ann := r.dial("ann", nil)
	ann.until("hello")
	ours := access.Audience{Everyone: true, Guest: "one"}
	for n := range 5 {
		r.tell(all, `{"secret":"of others"}`, `{"secret":"of others"}`)
		r.tell(ours, `{"secret":"a note"}`, "")
		r.tell(ours, fmt.Sprintf(`{"secret":"whole","n":%d}`, n), fmt.Sprintf(`{"n":%d}`, n))
	}
	ann.send(`{"type":"typing","data":{"conversation_id":"c","typing":true}}`)
	ann.send(`{"type":"presence","data":{"status":"busy"}}`)
	r.tell(access.Audience{Users: []string{"somebody"}, Guest: "two"}, `{}`, `{"n":"last"}`)
	read := func(c *client, wanted ...string) (last frame) {
		for _, data := range wanted {
			f, err := c.next()
			if err != nil || string(f.Data) != data || f.Type != "message.created" {
				t.Fatalf("%+v %v instead of %s", f, err, data)
			}
			last = f
		}
		return last
	}
	third := read(one, `{"n":0}`, `{"n":1}`, `{"n":2}`)
	read(one, `{"n":3}`, `{"n":4}`)
	read(two, `{"n":"last"}`)
	back := r.visit("one", url.Values{"since": {fmt.Sprint(third.Seq)}, "epoch": {begin.Epoch}})
	if f := back.until("hello"); string(f.Data) != `{"resumed":true}` {
		t.Errorf("%s", f.Data)
	}
	read(back, `{"n":3}`, `{"n":4}`)
	for n := range 15 {
		f, err := ann.next()
		for err == nil && f.Seq == 0 {
			f, err = ann.next()
		}
		if err != nil || !strings.Contains(string(f.Data), "secret") {
			t.Errorf("the agent's %d. event: %+v %v", n, f, err)
		}
	}
}

// Whoever sees a guest's conversation hears that the guest types, not too often and of that conversation only.
func TestAGuestsTypingIsHeardByThoseWhoSeeTheirConversation(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	r.user("ben", "w", access.Agent)
	ann, ben := r.dial("ann", nil), r.dial("ben", nil)
	ann.until("hello")
	ben.until("hello")
	one, two := r.visit("one", nil), r.visit("two", nil)
	one.until("hello")
	two.until("hello")
	two.send(`{"type":"typing","data":{"typing":true}}`)
	for range 3 { // two of them are too soon
		one.send(`{"type":"typing","data":{"conversation_id":"c_of_somebody_else","typing":true}}`)
	}
	for range 3 {
		one.send(`{"type":"typing","data":{"typing":false}}`)
	}
	one.send(`{"type":"typing","data":{"typing":true}}`)
	for _, want := range []string{`{"conversation_id":"c_one","typing":true}`, `{"conversation_id":"c_one","typing":false}`} {
		if f := ann.until("typing"); string(f.Data) != want || f.Seq != 0 {
			t.Errorf("%s, want %s", f.Data, want)
		}
	}
	for name, c := range map[string]*client{"ann": ann, "ben": ben, "one": one, "two": two} {
		c.send(`{"type":"ping"}`)
		for {
			f, err := c.next()
			if err != nil || f.Type == "typing" {
				t.Errorf("%s hears %s %v", name, f.Data, err)
			}
			if err != nil || f.Type == "pong" {
				break
			}
		}
	}
}

// A guest hears that somebody types an answer to them, by the first name; what a guest without a conversation sends but pings is ignored.
func TestAGuestHearsTypingAndSaysNothing(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	r.hub.Audience = func(context.Context, access.Viewer, string) (access.Audience, error) {
		return access.Audience{Everyone: true, Guest: "one"}, nil
	}
	one, two := r.visit("one", nil), r.visit("two", nil)
	one.until("hello")
	two.until("hello")
	if r.hub.Attended(auth.WorkspaceID("w")) {
		t.Error("guests answer one another")
	}
	ann := r.dial("ann", nil)
	ann.until("hello")
	ann.send(`{"type":"typing","data":{"conversation_id":"c","typing":true}}`)
	if f := one.until("typing"); string(f.Data) != `{"name":"ann","typing":true}` {
		t.Errorf("%s", f.Data)
	}
	if !r.hub.Attended(auth.WorkspaceID("w")) {
		t.Error("ann is here")
	}
	two.send(`{"type":"typing","data":{"conversation_id":"c","typing":true}}`)
	two.send(`{"type":"presence","data":{"status":"busy"}}`)
	two.send(`{"type":"ping"}`)
	if f, err := two.next(); err != nil || f.Type != "pong" {
		t.Errorf("%+v %v", f, err)
	}
	for range maxWindows - 1 {
		r.visit("two", nil).until("hello")
	}
	if _, res, err := websocket.Dial(t.Context(), "ws://"+r.host+"/guests?guest=two", nil); err == nil || res == nil ||
		res.StatusCode != fiber.StatusTooManyRequests {
		t.Errorf("one window too many: %v", err)
	}
}
