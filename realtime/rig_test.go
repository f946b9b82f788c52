package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"wasl/activity"
	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/limit"
	"wasl/internal/web"
	"wasl/store"
	"wasl/store/pebble"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, // the HTTP server's own, which sleep through its end
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// rig is a hub behind a real server on loopback.
type rig struct {
	t      *testing.T
	hub    *Hub
	bus    *events.Bus
	guard  *auth.Service
	host   string
	tokens map[string]string
	users  map[string]*auth.User
}

func newRig(t *testing.T) *rig {
	t.Helper()
	engine, err := pebble.Open("realtime", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	for _, s := range [][]store.Schema{events.Schemas(), auth.Schemas(), activity.Schemas()} {
		if err := engine.Ensure(t.Context(), s...); err != nil {
			t.Fatal(err)
		}
	}
	now := clock.System{}
	r := &rig{t: t, tokens: map[string]string{}, users: map[string]*auth.User{}}
	r.bus = events.NewBus(engine, events.NewLocal(), nil, now, zerolog.Nop())
	r.guard = auth.NewService(auth.Options{
		Engine: engine, Bus: r.bus, Clock: now, Limiter: limit.NewMemory(now), OnRevoke: func(id string) { r.hub.Revoke(id) },
	})
	r.hub = NewHub(Options{
		Bus: r.bus, Clock: now, Log: zerolog.Nop(), Instance: "one", Viewer: r.guard.ViewerOf, Typing: func(context.Context, access.Viewer,
			string) {
		},
		Audience: func(_ context.Context, v access.Viewer, id string) (access.Audience, error) {
			if id == "secret" && v.Role == access.Agent {
				return access.Audience{}, store.ErrNotFound
			}
			if id == "secret" {
				return access.Audience{Supervisors: true}, nil
			}
			return access.Audience{Everyone: true}, nil
		},
	})
	server := web.New(zerolog.Nop())
	r.guard.Routes(server.API)
	r.hub.Routes(server.App, server.API, r.guard)
	r.guestRoute(server.App)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.host = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- server.App.Listener(l) }()
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- r.bus.Run(ctx, true) }()
	t.Cleanup(func() {
		end, done := context.WithTimeout(context.Background(), patience)
		defer done()
		r.hub.Stop(end)
		if n := r.hub.Sockets(); n != 0 {
			t.Errorf("%d sockets are left after the stop", n)
		}
		_ = server.App.ShutdownWithTimeout(time.Second)
		<-served
		cancel()
		<-ran
		http.DefaultClient.CloseIdleConnections()
	})
	return r
}

// user adds a user and signs in.
func (r *rig) user(name, workspace string, role access.Role) string {
	r.t.Helper()
	u, err := r.guard.Bootstrap(r.t.Context(), workspace, auth.NewUser{
		Name: name, Email: name + "@example.com",
		Password: "a long password", Role: role,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	token, err := r.guard.Open(r.t.Context(), u)
	if err != nil {
		r.t.Fatal(err)
	}
	r.tokens[name], r.users[name] = token, u
	return u.ID
}

// say commits an event of the workspace.
func (r *rig) say(workspace, subject string, to access.Audience, data string) {
	r.t.Helper()
	ev := events.Event{
		Type: "message.created", WorkspaceID: auth.WorkspaceID(workspace), Subject: subject, At: time.Now(), Audience: to,
		Data: json.RawMessage(data),
	}
	if err := r.bus.Commit(r.t.Context(), &events.Write{Events: []events.Event{ev}}); err != nil {
		r.t.Fatal(err)
	}
}

var all = access.Audience{Everyone: true}

// frame is what a client reads.
type frame struct {
	Type  string          `json:"type"`
	Seq   int64           `json:"seq"`
	Epoch string          `json:"epoch"`
	At    string          `json:"at"`
	Data  json.RawMessage `json:"data"`
}

type client struct {
	t    *testing.T
	conn *websocket.Conn
}

// dial connects as a user; query may name where to go on.
func (r *rig) dial(name string, query url.Values) *client {
	r.t.Helper()
	if query == nil {
		query = url.Values{}
	}
	query.Set("token", r.tokens[name])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws://"+r.host+"/api/v1/ws?"+query.Encode(), &websocket.DialOptions{HTTPClient: narrow})
	if err != nil {
		r.t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20)
	r.t.Cleanup(func() { _ = conn.CloseNow() })
	return &client{r.t, conn}
}

// narrow connects so that little waits on the client's side of a connection.
var narrow = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if tcp, is := conn.(*net.TCPConn); is {
		err = tcp.SetReadBuffer(64 << 10)
	}
	return conn, err
}}}

func (c *client) next() (frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, data, err := c.conn.Read(ctx)
	if err != nil {
		return frame{}, err
	}
	var f frame
	return f, json.Unmarshal(data, &f)
}

// until reads to the first frame of the type and returns it; unnumbered notices in between are passed over.
func (c *client) until(kind string) frame {
	c.t.Helper()
	for {
		f, err := c.next()
		if err != nil {
			c.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if f.Type == kind {
			return f
		}
		if f.Seq != 0 {
			c.t.Fatalf("waiting for %s, got %s %d", kind, f.Type, f.Seq)
		}
	}
}

func (c *client) send(s string) {
	c.t.Helper()
	if err := c.conn.Write(context.Background(), websocket.MessageText, []byte(s)); err != nil {
		c.t.Fatal(err)
	}
}

// closing reads to the end and returns the code with which the server closed.
func (c *client) closing() websocket.StatusCode {
	for {
		if _, err := c.next(); err != nil {
			var e *json.SyntaxError
			if errors.As(err, &e) {
				continue
			}
			return websocket.CloseStatus(err)
		}
	}
}
