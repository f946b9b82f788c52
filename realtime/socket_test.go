package realtime

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/events"
)

func TestTheFirstFrameIsHello(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	r.say("w", "x", all, `{}`)
	f, err := r.dial("ann", nil).next()
	if err != nil || f.Type != "hello" || f.Seq != 1 || f.Epoch == "" || string(f.Data) != `{"resumed":false}` {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000Z", f.At); err != nil {
		t.Error(err)
	}
	for name, q := range map[string]url.Values{
		"another epoch": {"since": {"0"}, "epoch": {"other"}}, "from the future": {"since": {"99"}, "epoch": {f.Epoch}},
		"not a number": {"since": {"x"}, "epoch": {f.Epoch}}, "negative": {"since": {"-1"}, "epoch": {f.Epoch}},
	} {
		if f := r.dial("ann", q).until("hello"); string(f.Data) != `{"resumed":false}` {
			t.Errorf("%s: %s", name, f.Data)
		}
	}
}

// TestDisconnectionsLoseAndDoubleNothing: clients that leave and come back at random moments, while events happen, see every
// event that they may see exactly once and in order.
// A notice that arrives while a socket is brought up to date must not overtake its hello.
func TestNoNoticeComesBeforeHello(t *testing.T) {
	r := newRig(t)
	r.user("ada", "Acme", access.Agent)
	ours, theirs := net.Pipe()
	defer func() { _, _ = ours.Close(), theirs.Close() }()
	who := principal{viewer: access.Viewer{WorkspaceID: auth.WorkspaceID("Acme"), UserID: "late"}}
	late := newSocket(who, ours) // as join leaves it while it asks the stream
	room := r.hub.room(late.viewer().WorkspaceID)
	room.sockets[late] = struct{}{}
	defer func() {
		room.mu.Lock()
		delete(room.sockets, late)
		room.mu.Unlock()
		late.idle.Wait()
	}()
	r.dial("ada", nil).until("presence") // of ada, to everybody
	late.mu.Lock()
	defer late.mu.Unlock()
	if late.writing || len(late.queue) > 0 {
		t.Error("a notice left before hello")
	}
}

func TestDisconnectionsLoseAndDoubleNothing(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	r.user("boss", "w", access.Supervisor)
	const total = 601 // the last one is for everybody
	position := func() (string, int64) {
		epoch, seq, err := r.bus.Stream().Position(t.Context(), auth.WorkspaceID("w"))
		if err != nil {
			t.Fatal(err)
		}
		return epoch, seq
	}
	epoch, _ := position()
	var wg sync.WaitGroup
	for _, name := range []string{"ann", "boss"} {
		for range 3 {
			wg.Go(func() {
				saw, last := 0, int64(0)
				for last < total {
					c := r.dial(name, url.Values{"since": {fmt.Sprint(last)}, "epoch": {epoch}})
					if f := c.until("hello"); string(f.Data) != `{"resumed":true}` {
						t.Errorf("%s", f.Data)
						return
					}
					for range 1 + rand.IntN(60) {
						if last >= total {
							break
						}
						f, err := c.next()
						if err != nil {
							t.Error(err)
							return
						}
						if f.Seq == 0 {
							continue
						}
						if f.Seq <= last || (name == "boss" && f.Seq != last+1) || (name == "ann" && f.Seq%3 == 0) {
							t.Errorf("%s: %d after %d", name, f.Seq, last)
							return
						}
						last = f.Seq
						saw++
					}
					_ = c.conn.CloseNow()
				}
				if want := map[string]int{"boss": total, "ann": total - total/3}[name]; saw != want {
					t.Errorf("%s saw %d events, want %d", name, saw, want)
				}
			})
		}
	}
	for n := 1; n <= total; n++ {
		to := all
		if n%3 == 0 {
			to = access.Audience{Supervisors: true}
		}
		r.say("w", fmt.Sprint(n), to, `{}`)
	}
	wg.Wait()
}

func TestAFrameGoesOnlyToThoseWhoMaySeeIt(t *testing.T) {
	r := newRig(t)
	ann := r.user("ann", "w", access.Agent)
	r.user("ben", "w", access.Agent)
	r.user("boss", "w", access.Supervisor)
	r.user("eve", "another", access.Owner)
	clients := map[string]*client{}
	for _, name := range []string{"ann", "ben", "boss", "eve"} {
		clients[name] = r.dial(name, nil)
		clients[name].until("hello")
	}
	for data, to := range map[string]access.Audience{
		`{"for":"ann and supervisors"}`: {
			Users:       []string{ann},
			Supervisors: true,
		}, `{"for":"supervisors"}`: {Supervisors: true}, `{"for":"nobody"}`: {},
	} {
		r.say("w", "x", to, data)
	}
	r.say("w", "x", all, `{"for":"all"}`)
	r.say("another", "x", all, `{"for":"all"}`)
	for name, want := range map[string]string{
		"ann": "ann and supervisors,all", "ben": "all", "boss": "ann and supervisors,supervisors,all",
		"eve": "all",
	} {
		got := map[string]bool{}
		for {
			f := clients[name].until("message.created")
			got[strings.Split(string(f.Data), `"`)[3]] = true
			if string(f.Data) == `{"for":"all"}` {
				break
			}
		}
		for _, w := range strings.Split(want, ",") {
			if !got[w] {
				t.Errorf("%s did not get %q", name, w)
			}
			delete(got, w)
		}
		if len(got) > 0 {
			t.Errorf("%s got %v", name, got)
		}
	}
}

func TestEachReceiverHasItsOwnUnreadCount(t *testing.T) {
	r := newRig(t)
	ann, ben := r.user("ann", "w", access.Agent), r.user("ben", "w", access.Agent)
	r.user("cid", "w", access.Agent)
	ev := events.Event{
		Type: "conversation.updated", WorkspaceID: auth.WorkspaceID("w"), Subject: "c", At: time.Now(), Audience: all,
		Data: []byte(`{"id":"c"}`),
		Own:  &events.Own{Field: "unread_count", Total: 7, Seen: map[string]int64{ann: 5, ben: 9}},
	}
	clients := map[string]*client{}
	for _, name := range []string{"ann", "ben", "cid"} {
		clients[name] = r.dial(name, nil)
		clients[name].until("hello")
	}
	if err := r.bus.Commit(t.Context(), &events.Write{Events: []events.Event{ev}}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"ann": `{"id":"c","unread_count":2}`, "ben": `{"id":"c","unread_count":0}`,
		"cid": `{"id":"c","unread_count":7}`,
	} {
		if f := clients[name].until("conversation.updated"); string(f.Data) != want {
			t.Errorf("%s got %s", name, f.Data)
		}
	}
}

func TestASlowSocketIsToldToComeBackAndMissesNothing(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	c := r.dial("ann", nil)
	hello := c.until("hello")
	const total = 900 // and less than who comes back is brought
	flood := make([]events.Event, total)
	for n := range flood { // more than the buffers of the connection hold
		flood[n] = events.Event{
			Type: "message.created", WorkspaceID: auth.WorkspaceID("w"), At: time.Now(), Audience: all,
			Data: fmt.Appendf(nil, `{"padding":%q}`, strings.Repeat("x", 16<<10)),
		}
	}
	if err := r.bus.Stream().Append(t.Context(), flood); err != nil {
		t.Fatal(err)
	}
	last := hello.Seq
	for {
		f, err := c.next()
		if err != nil {
			if code := websocket.CloseStatus(err); code != websocket.StatusTryAgainLater {
				t.Errorf("closed with %v: %v", code, err)
			}
			break
		}
		if f.Seq == 0 {
			continue
		}
		if f.Seq != last+1 {
			t.Fatalf("%d after %d", f.Seq, last)
		}
		last = f.Seq
	}
	if last >= total {
		t.Fatal("it was never behind")
	}
	c = r.dial("ann", url.Values{"since": {fmt.Sprint(last)}, "epoch": {hello.Epoch}})
	for last < total {
		f, err := c.next()
		if err != nil {
			if websocket.CloseStatus(err) == websocket.StatusTryAgainLater { // still too slow: once more
				c = r.dial("ann", url.Values{"since": {fmt.Sprint(last)}, "epoch": {hello.Epoch}})
				continue
			}
			t.Fatal(err)
		}
		if f.Type == "hello" && !strings.Contains(string(f.Data), "true") {
			t.Fatalf("%d behind, it is to load anew", total-last)
		}
		if f.Type == "message.created" {
			if f.Seq != last+1 {
				t.Fatalf("%d after %d", f.Seq, last)
			}
			last = f.Seq
		}
	}
}

func TestTypingViewingAndPresence(t *testing.T) {
	r := newRig(t)
	ann := r.user("ann", "w", access.Agent)
	r.user("ben", "w", access.Agent)
	boss := r.user("boss", "w", access.Supervisor)
	arrives := func(name string) *client {
		c := r.dial(name, nil)
		c.until("hello")
		c.until("presence") // its own: what follows is of later ones
		return c
	}
	a, b, s := arrives("ann"), arrives("ben"), arrives("boss")
	a.send(`{"type":"typing","data":{"conversation_id":"c","typing":true}}`)
	if f := b.until("typing"); string(f.Data) != fmt.Sprintf(`{"conversation_id":"c","typing":true,"user_id":%q}`, ann) || f.Seq != 0 ||
		f.Epoch != "" {
		t.Errorf("%s", f.Data)
	}
	a.send(`{"type":"viewing","data":{"conversation_id":"c"}}`)
	if f := b.until("viewing"); string(f.Data) != fmt.Sprintf(`{"conversation_id":"c","user_id":%q,"viewing":true}`, ann) {
		t.Errorf("%s", f.Data)
	}
	a.send(`{"type":"typing","data":{"conversation_id":"secret","typing":true}}`) // which ann may not see
	s.send(`{"type":"typing","data":{"conversation_id":"secret","typing":true}}`)
	s.send(`{"type":"viewing","data":{"conversation_id":"d"}}`)
	if f := b.until("viewing"); string(f.Data) != fmt.Sprintf(`{"conversation_id":"d","user_id":%q,"viewing":true}`, boss) {
		t.Errorf("%s", f.Data)
	}
	_ = a.conn.Close(websocket.StatusNormalClosure, "")
	if f := b.until("viewing"); string(f.Data) != fmt.Sprintf(`{"conversation_id":"c","user_id":%q,"viewing":false}`, ann) {
		t.Errorf("%s", f.Data)
	}
	if f := b.until("presence"); string(f.Data) != fmt.Sprintf(`{"user_id":%q,"status":"offline"}`, ann) {
		t.Errorf("%s", f.Data)
	}
	s.send(`{"type":"presence","data":{"status":"busy"}}`)
	if f := b.until("presence"); string(f.Data) != fmt.Sprintf(`{"user_id":%q,"status":"busy"}`, boss) {
		t.Errorf("%s", f.Data)
	}
	for _, v := range r.hub.online(auth.WorkspaceID("w")) {
		if v.UserID == ann || v.UserID == boss && v.Status != "busy" {
			t.Errorf("online: %+v", v)
		}
	}
}

func TestHostileClientsGetNowhere(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	c, bytes := r.dial("ann", nil), r.dial("ann", nil)
	c.until("hello")
	for _, s := range []string{
		``, `null`, `[]`, `{`, `"typing"`, `{"type":7}`, `{"type":"typing","data":"x"}`, `{"type":"presence","data":{"status":"offline"}}`,
		`{"type":"presence","data":{"status":"god"}}`, `{"type":"message.created","data":{}}`,
		`{"type":"viewing","data":{"conversation_id":""}}`, "\xff\xfe",
	} {
		if err := bytes.conn.Write(t.Context(), websocket.MessageBinary, []byte(s)); err != nil {
			t.Fatal(err)
		}
		if s != "\xff\xfe" {
			c.send(s)
		}
	}
	for _, c := range []*client{c, bytes} {
		c.send(`{"type":"ping"}`)
		c.until("pong")
	}
	c.send(`{"type":"typing","data":{"conversation_id":"` + strings.Repeat("x", 5000) + `"}}`)
	if code := c.closing(); code != websocket.StatusMessageTooBig {
		t.Errorf("a frame that is too large: closed with %v", code)
	}
}

func TestOnlyOurOwnPagesMayUseTheCookie(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	for _, c := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"no token", http.Header{}, 401},
		{"a wrong token", http.Header{"Authorization": {"Bearer nonsense"}}, 401},
		{"bearer", http.Header{"Authorization": {"Bearer " + r.tokens["ann"]}}, 101},
		{"cookie from our page", http.Header{"Cookie": {"wasl_session=" + r.tokens["ann"]}, "Origin": {"http://" + r.host}}, 101},
		{"cookie from another site", http.Header{"Cookie": {"wasl_session=" + r.tokens["ann"]}, "Origin": {"https://evil.example"}}, 403},
		{"cookie, other port", http.Header{"Cookie": {"wasl_session=" + r.tokens["ann"]}, "Origin": {"http://127.0.0.1:1"}}, 403},
		{"cookie, fetch metadata", http.Header{"Cookie": {"wasl_session=" + r.tokens["ann"]}, "Sec-Fetch-Site": {"cross-site"}}, 403},
	} {
		conn, resp, err := websocket.Dial(t.Context(), "ws://"+r.host+"/api/v1/ws", &websocket.DialOptions{HTTPHeader: c.header})
		if resp == nil || resp.StatusCode != c.want {
			t.Errorf("%s: %v, %v; want %d", c.name, resp, err, c.want)
		}
		if conn != nil {
			_ = conn.CloseNow()
		}
	}
}

func TestSigningOutClosesTheSockets(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	r.user("ben", "w", access.Agent)
	a, b := r.dial("ann", nil), r.dial("ben", nil)
	a.until("hello")
	b.until("hello")
	if err := r.guard.Logout(t.Context(), r.tokens["ann"]); err != nil {
		t.Fatal(err)
	}
	if code := a.closing(); code != websocket.StatusPolicyViolation {
		t.Errorf("closed with %v", code)
	}
	r.say("w", "x", all, `{}`)
	b.until("message.created")
}

func TestAStopClosesWithGoingAwayAndTakesNoMore(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	var clients []*client
	for range 20 {
		c := r.dial("ann", nil)
		c.until("hello")
		clients = append(clients, c)
	}
	codes := make(chan websocket.StatusCode, len(clients))
	for _, c := range clients {
		go func() { codes <- c.closing() }()
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r.hub.Stop(ctx)
	for range clients {
		if code := <-codes; code != websocket.StatusGoingAway {
			t.Errorf("closed with %v", code)
		}
	}
	if r.hub.Sockets() != 0 {
		t.Errorf("%d sockets after the stop", r.hub.Sockets())
	}
	_, resp, err := websocket.Dial(t.Context(), "ws://"+r.host+"/api/v1/ws?token="+r.tokens["ann"], nil)
	if err == nil || resp == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new socket: %v, %v", resp, err)
	}
}

// TestRecycledConnectionsNeverCrossTalk: sockets of different people come and go on the same server; nobody reads what is another's.
func TestRecycledConnectionsNeverCrossTalk(t *testing.T) {
	r := newRig(t)
	var people []string
	for n := range 6 {
		name := fmt.Sprint("user", n)
		r.user(name, fmt.Sprint("workspace", n%3), access.Agent)
		people = append(people, name)
	}
	stop := make(chan struct{})
	var talk, wg sync.WaitGroup
	talk.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, name := range people {
				u := r.users[name]
				ev := events.Event{
					Type: "message.created", WorkspaceID: u.WorkspaceID, Subject: "x", At: time.Now(),
					Data: []byte(fmt.Sprintf(`{"for":%q}`, u.ID)), Audience: access.Audience{Users: []string{u.ID}},
				}
				if err := r.bus.Stream().Append(context.Background(), []events.Event{ev}); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for _, name := range people {
		wg.Go(func() {
			for range 25 {
				c := r.dial(name, nil)
				c.until("hello")
				for range rand.IntN(6) {
					f, err := c.next()
					if err != nil {
						break // too slow for this flood
					}
					if f.Seq != 0 && string(f.Data) != fmt.Sprintf(`{"for":%q}`, r.users[name].ID) {
						t.Errorf("%s read %s", name, f.Data)
					}
				}
				_ = c.conn.CloseNow()
			}
		})
	}
	wg.Wait()
	close(stop)
	talk.Wait()
}

// TestAClientThatClosesWithoutACodeIsAnsweredProperly: 1005 must never be on the wire.
func TestAClientThatClosesWithoutACodeIsAnsweredProperly(t *testing.T) {
	r := newRig(t)
	r.user("ann", "w", access.Agent)
	conn, err := net.Dial("tcp", r.host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(conn,
		"GET /api/v1/ws?token=%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", r.tokens["ann"], r.host)
	_, _ = conn.Write([]byte{0x88, 0x80, 1, 2, 3, 4}) // a masked close frame with nothing in it
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndexByte(all, 0x88)
	if at < 0 {
		t.Fatalf("no close frame in %q", all)
	}
	if size := all[at+1]; size >= 2 {
		if code := binary.BigEndian.Uint16(all[at+2:]); code != 1000 {
			t.Errorf("answered with %d", code)
		}
	}
}
