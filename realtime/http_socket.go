package realtime

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	fastws "github.com/fasthttp/websocket"
	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/web"
)

const (
	// maxFrame is the largest frame of a client.
	maxFrame = 4096
	// framesPerSecond is how many frames a client may send before the rest is not read for a while.
	framesPerSecond = 20
)

// Routes adds the socket and the list of who is here.
func (h *Hub) Routes(app *fiber.App, api huma.API, guard *auth.Service) {
	h.socketAt(app, "/api/v1/ws", func(ctx context.Context, c *fiber.Ctx) (principal, error) {
		v, err := h.viewer(ctx, c, guard)
		return principal{viewer: v}, err
	})
	api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: "/api/v1/ws", OperationID: "live-socket", Summary: "The live socket (WebSocket)",
		Tags:        []string{"Live"},
		Description: "Authenticate with the cookie, a Bearer header or ?token=. With since and epoch of the last frame seen, what was missed follows.",
		Parameters: []*huma.Param{
			{Name: "token", In: "query", Schema: &huma.Schema{Type: "string"}},
			{Name: "since", In: "query", Schema: &huma.Schema{Type: "integer"}},
			{Name: "epoch", In: "query", Schema: &huma.Schema{Type: "string"}},
		},
		Security:  []map[string][]string{{"bearer": {}}, {"cookie": {}}, {"token": {}}},
		Responses: map[string]*huma.Response{"101": {Description: "Switching protocols"}},
	})
	op := huma.Operation{
		Method: http.MethodGet, Path: "/api/v1/presence", OperationID: "list-presence", Summary: "Who is here",
		Tags: []string{"Live"},
	}
	huma.Register(api, guard.Operation(op, ""), func(ctx context.Context, _ *struct{}) (*web.Body[web.List[presenceView]], error) {
		return web.Items(h.online(auth.From(ctx).WorkspaceID), ""), nil
	})
}

// principal is who a socket belongs to: a user, or a guest of the viewer's workspace.
type principal struct {
	viewer access.Viewer
	guest  string
	place  func(context.Context) (string, access.Audience, error)
}

// GuestRoute adds a socket for customers, who see only what is meant for them; authenticate says who they are.
func (h *Hub) GuestRoute(app *fiber.App, path string, authenticate func(context.Context, *fiber.Ctx) (Guest, error)) {
	h.socketAt(app, path, func(ctx context.Context, c *fiber.Ctx) (principal, error) {
		guest, err := authenticate(ctx, c)
		if err == nil && h.overLimit(guest.WorkspaceID, guest.ID) {
			err = errs.New(errs.RateLimited, "too_many_requests", "Too many windows are open.")
		}
		return principal{viewer: access.Viewer{WorkspaceID: guest.WorkspaceID}, guest: guest.ID, place: guest.Conversation}, err
	})
}

// Guest is a customer who listens to their own conversation.
type Guest struct {
	WorkspaceID, ID string
	// Conversation returns the guest's conversation and who may see it.
	Conversation func(context.Context) (id string, to access.Audience, err error)
}

// maxWindows is how many sockets a guest may have here.
const maxWindows = 12

func (h *Hub) overLimit(workspaceID, guest string) bool {
	n := 0
	h.eachGuest(workspaceID, func(s *socket) {
		if s.guest == guest {
			n++
		}
	})
	return n >= maxWindows
}

func (h *Hub) socketAt(app *fiber.App, path string, authenticate func(context.Context, *fiber.Ctx) (principal, error)) {
	upgrade := websocket.New(h.serve, websocket.Config{
		ReadBufferSize: 512, WriteBufferSize: 256, HandshakeTimeout: 10 * time.Second, RecoverHandler: h.recovered,
	})
	app.Get(path, func(c *fiber.Ctx) error {
		if !websocket.IsWebSocketUpgrade(c) {
			return fiber.NewError(fiber.StatusUpgradeRequired, "This address speaks WebSocket.")
		}
		ctx, cancel := context.WithTimeout(c.UserContext(), 10*time.Second)
		defer cancel()
		who, err := authenticate(ctx, c)
		if err != nil {
			return err
		}
		h.mu.RLock()
		stopping := h.stopping
		h.mu.RUnlock()
		if stopping {
			return errs.New(errs.Unavailable, "stopping", "This instance is stopping; connect again.")
		}
		c.Locals("principal", who)
		return upgrade(c)
	})
}

// viewer authenticates the handshake. A browser's cookie counts only from our own pages.
func (h *Hub) viewer(ctx context.Context, c *fiber.Ctx, guard *auth.Service) (access.Viewer, error) {
	if token := c.Query("token"); token != "" {
		return guard.Authenticate(ctx, token)
	}
	if _, cookie := auth.Token(c); cookie && !auth.SameOrigin(c) {
		return access.Viewer{}, errs.New(errs.Forbidden, "cross_origin", "This request came from another site.")
	}
	return guard.Viewer(ctx, c)
}

func (h *Hub) recovered(*websocket.Conn) {
	if p := recover(); p != nil {
		h.Log.Error().Interface("panic", p).Msg("a socket panicked")
	}
}

// serve runs one socket until it ends. The wrapper c is recycled afterwards, so only the inner connection is kept, and the
// writer has ended before this returns.
func (h *Hub) serve(c *websocket.Conn) {
	who, _ := c.Locals("principal").(principal)
	since, err := strconv.ParseInt(c.Query("since"), 10, 64)
	resume := err == nil && since >= 0
	inner := c.Conn
	s := newSocket(who, systemConn(inner.NetConn()))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	err = h.join(ctx, s, c.Query("epoch"), since, resume)
	cancel()
	if err != nil {
		h.Log.Warn().Err(err).Msg("a socket could not be brought up to date")
		s.end(closeTryLater, "try again")
	} else {
		h.read(inner, s)
	}
	h.leave(s)
	s.end(closeGoingAway, "")
	s.idle.Wait()
}

// systemConn returns the connection under fasthttp's wrapper, which can write many frames in one system call.
func systemConn(c net.Conn) net.Conn {
	if wrapped, ok := c.(interface{ UnsafeConn() net.Conn }); ok {
		return wrapped.UnsafeConn()
	}
	return c
}

// read takes the client's frames until the socket ends.
func (h *Hub) read(conn *fastws.Conn, s *socket) {
	conn.SetReadLimit(maxFrame)
	alive := func() { _ = conn.SetReadDeadline(time.Now().Add(silentFor)) } //nolint:forbidigo // a deadline of the operating system
	alive()
	conn.SetPongHandler(func(string) error { alive(); return nil })
	conn.SetPingHandler(func(data string) error {
		alive()
		s.push(wire(opPong, []byte(data)))
		return nil
	})
	conn.SetCloseHandler(func(code int, _ string) error {
		if code == fastws.CloseNoStatusReceived { // which must not be on the wire
			code = fastws.CloseNormalClosure
		}
		s.end(uint16(code), "") //nolint:gosec // a close code has 16 bits on the wire
		return nil
	})
	tokens, refilled := framesPerSecond, h.Clock.Now()
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		alive()
		if now := h.Clock.Now(); now.Sub(refilled) >= time.Second {
			tokens, refilled = framesPerSecond, now
		}
		if tokens--; tokens >= 0 && kind == fastws.TextMessage {
			h.handleFrame(s, data)
		}
	}
}

type clientFrame struct {
	Type string `json:"type"`
	Data struct {
		ConversationID string `json:"conversation_id"`
		Typing         bool   `json:"typing"`
		Status         string `json:"status"`
		Visible        bool   `json:"visible"`
	} `json:"data"`
}

// handleFrame does what a client's frame asks. What cannot be understood is ignored: it is only live notices.
func (h *Hub) handleFrame(s *socket, data []byte) {
	var f clientFrame
	if json.Unmarshal(data, &f) != nil {
		return
	}
	if f.Type == "ping" {
		s.push(notice("pong", h.Clock.Now(), struct{}{}))
	}
	if s.guest != "" {
		if f.Type == "typing" { // else guests listen only
			h.guestTyping(s, f.Data.Typing)
		}
		return
	}
	switch f.Type {
	case "presence":
		if choices[f.Data.Status] {
			h.publishPresence(s.viewer().WorkspaceID, s.viewer().UserID, f.Data.Status)
			h.Chose(s.viewer(), f.Data.Status)
		}
	case "typing":
		h.typing(s, f.Data.ConversationID, f.Data.Typing)
	case "viewing":
		h.view(s, f.Data.ConversationID)
	case "visible":
		s.mu.Lock()
		s.visible = f.Data.Visible
		s.mu.Unlock()
		h.tellHere(s)
	}
}

func (h *Hub) typing(s *socket, conversationID string, typing bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	to, err := h.Audience(ctx, s.viewer(), conversationID)
	if err != nil {
		return
	}
	sig := h.word(s, to, "typing", map[string]any{"conversation_id": conversationID, "user_id": s.viewer().UserID, "typing": typing})
	if to.Guest != "" {
		first, _, _ := strings.Cut(s.viewer().Name, " ")
		sig.Outside, _ = json.Marshal(map[string]any{"name": first, "typing": typing}) // plain values always encode
	}
	h.Bus.Signal(ctx, sig)
	if typing {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			h.Typing(ctx, s.viewer(), conversationID)
		}()
	}
}

// guestEvery is how often a guest's window says that they type; that they stopped, it says once after each.
const guestEvery = time.Second

// guestTyping tells those who see the guest's conversation that the customer types. Only the socket's reader calls it.
func (h *Hub) guestTyping(s *socket, typing bool) {
	now := h.Clock.Now()
	if s.place == nil || (typing && now.Sub(s.typedAt) < guestEvery) || (!typing && !s.typing) {
		return
	}
	if s.typing = typing; typing {
		s.typedAt = now
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	id, to, err := s.place(ctx)
	if err != nil {
		return // there is no conversation before the first message
	}
	h.Bus.Signal(ctx, h.word(s, to, "typing", map[string]any{"conversation_id": id, "typing": typing}))
}

// view records which conversation the user looks at and tells those who see it.
func (h *Hub) view(s *socket, conversationID string) {
	s.mu.Lock()
	before := s.viewing
	s.viewing = conversationID
	s.mu.Unlock()
	if before == conversationID {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for id, viewing := range map[string]bool{before: false, conversationID: true} {
		if id == "" {
			continue
		}
		if to, err := h.Audience(ctx, s.viewer(), id); err == nil {
			h.Bus.Signal(ctx, h.word(s, to, "viewing",
				map[string]any{"conversation_id": id, "user_id": s.viewer().UserID, "viewing": viewing}))
		}
	}
}

// word is a live notice of the socket's user.
func (*Hub) word(s *socket, to access.Audience, kind string, data map[string]any) events.Signal {
	encoded, _ := json.Marshal(data) // plain values always encode
	return events.Signal{Type: kind, WorkspaceID: s.viewer().WorkspaceID, Audience: to, From: s.viewer().UserID, Data: encoded}
}
