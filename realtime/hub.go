// Package realtime is the live socket: every event of a workspace goes, numbered, to each browser whose user may see it.
//
// Events arrive from the workspace's stream, already in order. A socket that comes back names the last number it
// saw and gets what it missed, exactly once; one that cannot be caught up is told to reload. Typing, viewing and presence
// are signals: not numbered, not kept. Nothing here reads the store: events carry their audience and their view.
package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/store"
)

const (
	pingEvery = 25 * time.Second
	// silentFor is how long a socket may say nothing, not even pong.
	silentFor = 70 * time.Second
)

// Options are what the hub is made of.
type Options struct {
	Bus      *events.Bus
	Clock    clock.Clock
	Log      zerolog.Logger
	Instance string
	// Audience returns who may see a conversation, or an error where the viewer may not.
	Audience func(ctx context.Context, v access.Viewer, conversationID string) (access.Audience, error)
	// Viewer returns what a user may do and see now, or store.ErrNotFound for one who is no longer active.
	Viewer func(ctx context.Context, userID string) (access.Viewer, error)
	// Typing shows the customer that an answer is being written.
	Typing func(ctx context.Context, v access.Viewer, conversationID string)
	// Here is told whether a user has sockets on this instance, whenever one comes or goes. It must not block.
	Here func(workspaceID, userID string, here bool)
	// Watches is told whether a user has the app on a screen by a socket of this instance, whenever that may have changed. It must not
	// block.
	Watches func(workspaceID, userID string, watches bool)
	// Chose is told of the status that a user has chosen over their socket, whose next frame waits for it.
	Chose func(v access.Viewer, status string)
}

// Hub holds this instance's sockets.
type Hub struct {
	Options
	mu       sync.RWMutex
	rooms    map[string]*room // by workspace
	stopping bool
	renewing sync.Mutex
	here     sync.Mutex // held while Here and Watches are told, so that they are told in order
	presence presence
}

// room is the sockets of one workspace: those of its users, and those of customers on the other side, who are told little.
type room struct {
	mu      sync.RWMutex
	sockets map[*socket]struct{}
	guests  map[*socket]struct{}

	queueMu  sync.Mutex
	space    sync.Cond         // of turn: there is room in waiting again
	queue    []events.Numbered // to be told
	bytes    int               // how large they are
	draining bool              // by a goroutine that lives only while there are any
}

// kind is the part of the room that the socket belongs to.
func (r *room) kind(s *socket) map[*socket]struct{} {
	if s.guest != "" {
		return r.guests
	}
	return r.sockets
}

func newRoom() *room {
	r := &room{sockets: map[*socket]struct{}{}, guests: map[*socket]struct{}{}}
	r.space.L = &r.queueMu
	return r
}

// NewHub returns the hub, subscribed to the bus.
func NewHub(o Options) *Hub {
	if o.Here == nil {
		o.Here = func(string, string, bool) {}
	}
	if o.Watches == nil {
		o.Watches = func(string, string, bool) {}
	}
	if o.Chose == nil {
		o.Chose = func(access.Viewer, string) {}
	}
	h := &Hub{Options: o, rooms: map[string]*room{}, presence: presence{users: map[string]map[string]map[string]state{}}}
	o.Bus.SubscribeTogether(h.deliver)
	o.Bus.OnSignal(h.signal)
	o.Bus.Need(h.hasSockets)
	return h
}

func (h *Hub) room(workspaceID string) *room {
	h.mu.RLock()
	r := h.rooms[workspaceID]
	h.mu.RUnlock()
	if r != nil {
		return r
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r = h.rooms[workspaceID]; r == nil {
		r = newRoom()
		h.rooms[workspaceID] = r
	}
	return r
}

// each calls fn for every socket of the workspace's users.
func (h *Hub) each(workspaceID string, fn func(*socket)) {
	r := h.room(workspaceID)
	r.mu.RLock()
	defer r.mu.RUnlock()
	for s := range r.sockets {
		fn(s)
	}
}

// eachGuest calls fn for every socket of customers of the workspace.
func (h *Hub) eachGuest(workspaceID string, fn func(*socket)) {
	r := h.room(workspaceID)
	r.mu.RLock()
	defer r.mu.RUnlock()
	for s := range r.guests {
		fn(s)
	}
}

const (
	// atOnce and bytesAtOnce are how much a room is told in one go, each socket in one write: a small part of how far one may be behind.
	batchMax   = 128
	batchBytes = queueBytes / 16
	// maxWaiting is how many bytes may wait for a room before those who make more of them wait too.
	maxWaiting = 8 << 20
)

func (h *Hub) hasSockets(workspaceID string) bool {
	h.mu.RLock()
	r := h.rooms[workspaceID]
	h.mu.RUnlock()
	if r == nil {
		return false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.sockets)+len(r.guests) > 0
}

// deliver brings events of one workspace to its room. Who made them does not wait until everybody was told.
func (h *Hub) deliver(batch []events.Numbered) {
	if len(batch) == 0 {
		return
	}
	r := h.room(batch[0].WorkspaceID)
	r.mu.RLock()
	empty := len(r.sockets)+len(r.guests) == 0
	r.mu.RUnlock()
	if empty {
		return // who joins now asks the stream where it stands, and it has numbered these
	}
	r.queueMu.Lock()
	defer r.queueMu.Unlock()
	for r.bytes >= maxWaiting {
		r.space.Wait()
	}
	r.queue = append(r.queue, batch...)
	for _, n := range batch {
		r.bytes += n.Size()
	}
	if !r.draining {
		r.draining = true
		go h.drainRoom(r)
	}
}

// drainRoom tells the room what waits, in order, until nothing does.
func (h *Hub) drainRoom(r *room) {
	for {
		r.queueMu.Lock()
		batch := r.queue[:batchSize(r.queue)]
		for _, n := range batch {
			r.bytes -= n.Size()
		}
		if r.queue = r.queue[len(batch):]; len(r.queue) == 0 {
			r.queue = nil
		}
		r.draining = len(batch) > 0
		r.space.Broadcast()
		r.queueMu.Unlock()
		if len(batch) == 0 {
			return
		}
		h.deliverToRoom(r, batch)
	}
}

// batchSize is how many of the events are told in one go.
func batchSize(waiting []events.Numbered) (n int) {
	for size := 0; n < min(batchMax, len(waiting)) && size < batchBytes; n++ {
		size += waiting[n].Size()
	}
	return n
}

// deliverToRoom brings events to the sockets that may see them: what happened together leaves in one write.
func (h *Hub) deliverToRoom(r *room, batch []events.Numbered) {
	encoders := make([]*encoder, len(batch))
	var outside []events.Numbered
	var outsiders []*encoder
	for i, n := range batch {
		encoders[i] = h.encoder(n)
		if n.Outside != nil || n.Type == events.Reset {
			outside, outsiders = append(outside, n), append(outsiders, encoders[i])
		}
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	deliverToSockets(r.sockets, batch, encoders)
	if len(outside) > 0 {
		deliverToSockets(r.guests, outside, outsiders)
	}
}

// deliverToSockets brings events to those of the sockets that may see them.
func deliverToSockets(sockets map[*socket]struct{}, batch []events.Numbered, encoders []*encoder) {
	var frames [][]byte
	var which []int
	var told runs
	for s := range sockets {
		which, frames = s.wanted(which[:0], batch), frames[:0]
		for _, i := range which {
			frames = append(frames, encoders[i].frame(s))
		}
		if len(frames) > 0 {
			s.pushRun(len(frames), told.pieces(frames))
		}
	}
}

// encoder makes the frames of an event. Where the numbers begin again that is a hello: load everything.
func (h *Hub) encoder(n events.Numbered) *encoder {
	e := &encoder{n: n}
	if n.Type == events.Reset {
		e.shared = hello(n.Epoch, n.Seq, h.Clock.Now(), false)
	}
	return e
}

const (
	revoked = "session.revoked"
	// roll asks every instance to say who is here: an instance that has just started does not know.
	presenceQuery = "presence.roll"
	// presenceChosen has the instances on which a user is show what they have chosen elsewhere.
	presenceChosen = "presence.chosen"
	// accessChanged says that what a user may see is not what it was.
	accessChanged = "access.changed"
)

// signal brings a live notice to the sockets that may see it.
func (h *Hub) signal(sig events.Signal) {
	switch sig.Type {
	case revoked:
		h.mu.RLock()
		defer h.mu.RUnlock()
		for _, r := range h.rooms {
			r.mu.RLock()
			for s := range r.sockets {
				if s.viewer().UserID == sig.From {
					s.end(closePolicy, "signed out")
				}
			}
			r.mu.RUnlock()
		}
		return
	case accessChanged:
		go h.renewViewer(sig.From)
		return
	case "presence":
		h.receivePresence(sig)
		return
	case presenceQuery:
		h.sendAllPresence()
		return
	case presenceChosen:
		h.adoptPresence(sig)
		return
	}
	frame := notice(sig.Type, h.Clock.Now(), json.RawMessage(sig.Data))
	h.each(sig.WorkspaceID, func(s *socket) {
		if s.viewer().UserID != sig.From && s.may(sig.Audience) {
			s.push(frame)
		}
	})
	if sig.Audience.Guest == "" || sig.Outside == nil {
		return
	}
	frame = notice(sig.Type, h.Clock.Now(), json.RawMessage(sig.Outside))
	h.eachGuest(sig.WorkspaceID, func(s *socket) {
		if s.may(sig.Audience) {
			s.push(frame)
		}
	})
}

// Revoke closes a user's sockets on every instance: whoever may still sign in comes back by itself.
func (h *Hub) Revoke(userID string) {
	h.Bus.Signal(context.Background(), events.Signal{Type: revoked, From: userID})
}

// AccessChanged makes the user's open sockets, on every instance, see what the user may see from now on. The change must be durable.
func (h *Hub) AccessChanged(userID string) {
	h.Bus.Signal(context.Background(), events.Signal{Type: accessChanged, From: userID})
}

// renewViewer takes what the user may see now over to their sockets here.
func (h *Hub) renewViewer(userID string) {
	h.renewing.Lock() // of two changes the later one is read last
	defer h.renewing.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), accessTime)
	defer cancel()
	viewer, err := h.Viewer(ctx, userID)
	h.everySocket(func(s *socket) {
		switch {
		case s.guest != "" || s.viewer().UserID != userID:
		case errors.Is(err, store.ErrNotFound):
			s.end(closePolicy, "signed out")
		case err != nil:
			s.end(closeTryLater, "try again") // it is asked again when it comes back
		default:
			s.setViewer(viewer, h.Clock.Now())
		}
	})
}

// accessTime bounds how long it may take to ask what a user may see.
const accessTime = 10 * time.Second

// join adds the socket and brings it up to date: hello first, then what it missed, then what happens.
func (h *Hub) join(ctx context.Context, s *socket, epoch string, since int64, resume bool) error {
	r := h.room(s.viewer().WorkspaceID)
	r.mu.Lock()
	r.kind(s)[s] = struct{}{}
	r.mu.Unlock()
	h.Bus.Stream().Follow(ctx, s.viewer().WorkspaceID)
	var missed []events.Numbered
	var err error
	if s.guest == "" { // what changed since the handshake, nobody has told this socket
		viewer, err := h.Viewer(ctx, s.viewer().UserID)
		if err != nil {
			return err
		}
		s.setViewer(viewer, h.Clock.Now())
	}
	resumed := false
	if resume {
		if missed, resumed, err = h.Bus.Stream().Since(ctx, s.viewer().WorkspaceID, epoch, since); err != nil {
			return err
		}
	}
	nowEpoch, seq, err := h.Bus.Stream().Position(ctx, s.viewer().WorkspaceID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	resumed = resumed && nowEpoch == epoch && !s.changed // not where another began meanwhile
	frames := [][]byte{hello(nowEpoch, seq, h.Clock.Now(), resumed)}
	s.epoch, s.at = nowEpoch, seq // without a resumption the client loads everything after hello
	if resumed {
		s.at = since
	}
	for _, n := range append(missed, s.missed...) {
		if s.advance(n) {
			frames = append(frames, h.encoder(n).frame(s))
		}
	}
	s.missed, s.bytes, s.live = nil, 0, true
	if !s.closed {
		s.queue = append(s.queue, frames...)
		s.kick()
	}
	s.mu.Unlock()
	if s.guest == "" {
		h.socketJoined(s)
	}
	return nil
}

func (h *Hub) leave(s *socket) {
	r := h.room(s.viewer().WorkspaceID)
	r.mu.Lock()
	delete(r.kind(s), s)
	r.mu.Unlock()
	if s.guest != "" {
		return
	}
	s.mu.Lock()
	viewing := s.viewing
	s.mu.Unlock()
	if viewing != "" {
		h.view(s, "")
	}
	h.socketLeft(s)
}

// Run pings the sockets and drops the silent ones until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	ping := wire(opPing, nil)
	h.Bus.Signal(ctx, events.Signal{Type: presenceQuery})
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			h.sendAllPresence()
			h.expirePresence()
			h.everySocket(func(s *socket) { s.push(ping) })
		}
	}
}

func (h *Hub) everySocket(fn func(*socket)) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, r := range h.rooms {
		r.mu.RLock()
		for s := range r.sockets {
			fn(s)
		}
		for s := range r.guests {
			fn(s)
		}
		r.mu.RUnlock()
	}
}

// Stop closes every socket with 1001, takes no more, and returns when they are gone or ctx ends.
func (h *Hub) Stop(ctx context.Context) {
	h.mu.Lock()
	h.stopping = true
	h.mu.Unlock()
	h.everySocket(func(s *socket) { s.end(closeGoingAway, "stopping") })
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for h.Sockets() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sockets is how many are connected here.
func (h *Hub) Sockets() int {
	n := 0
	h.everySocket(func(*socket) { n++ })
	return n
}
