package realtime

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"wasl/internal/access"
	"wasl/internal/events"
)

// The availability of a user, as the user chose it; offline is who has no socket.
const (
	available = "available"
	offline   = "offline"
)

var choices = map[string]bool{available: true, "busy": true, "away": true}

// believed is how long an instance's word about its users holds without a repetition.
const presenceExpiry = 3 * pingEvery

// presence is what every instance said of its users: workspace, user, instance.
type presence struct {
	mu    sync.Mutex
	users map[string]map[string]map[string]state
}

type state struct {
	status string
	at     time.Time
}

// said is one instance's word about one user.
type presenceSignal struct {
	UserID   string `json:"user_id"`
	Status   string `json:"status"`
	Instance string `json:"instance"`
}

type presenceView struct {
	UserID string `json:"user_id"`
	Status string `json:"status" enum:"available,busy,away,offline"`
}

// status merges what the instances say; mu is held.
func (p *presence) status(workspaceID, userID string, now time.Time) string {
	best := offline
	var newest time.Time
	for _, st := range p.users[workspaceID][userID] {
		if now.Sub(st.at) < presenceExpiry && !st.at.Before(newest) {
			best, newest = st.status, st.at
		}
	}
	return best
}

// set keeps an instance's word; mu is held.
func (p *presence) set(workspaceID, userID, instance string, st state) {
	users := p.users[workspaceID]
	if users == nil {
		users = map[string]map[string]state{}
		p.users[workspaceID] = users
	}
	if users[userID] == nil {
		users[userID] = map[string]state{}
	}
	users[userID][instance] = st
}

// drop forgets an instance's word, and what is empty then; mu is held.
func (p *presence) drop(workspaceID, userID, instance string) {
	users := p.users[workspaceID]
	if delete(users[userID], instance); len(users[userID]) == 0 {
		delete(users, userID)
	}
	if len(users) == 0 {
		delete(p.users, workspaceID)
	}
}

func (h *Hub) publishPresence(workspaceID, userID, status string) {
	data, _ := json.Marshal(presenceSignal{userID, status, h.Instance}) // strings always encode
	h.Bus.Signal(context.Background(), events.Signal{
		Type: "presence", WorkspaceID: workspaceID, Audience: access.Audience{Everyone: true}, Data: data,
	})
}

// receivePresence takes an instance's word and tells the sockets where it changes a user's status.
func (h *Hub) receivePresence(sig events.Signal) {
	var w presenceSignal
	if json.Unmarshal(sig.Data, &w) != nil {
		return
	}
	now := h.Clock.Now()
	h.presence.mu.Lock()
	before := h.presence.status(sig.WorkspaceID, w.UserID, now)
	if w.Status == offline {
		h.presence.drop(sig.WorkspaceID, w.UserID, w.Instance)
	} else {
		h.presence.set(sig.WorkspaceID, w.UserID, w.Instance, state{w.Status, now})
	}
	after := h.presence.status(sig.WorkspaceID, w.UserID, now)
	h.presence.mu.Unlock()
	if before != after {
		frame := notice("presence", now, presenceView{w.UserID, after})
		h.each(sig.WorkspaceID, func(s *socket) { s.push(frame) })
	}
}

// chosen is the status that the user has here, available where nothing was chosen yet.
func (h *Hub) chosen(workspaceID, userID string) string {
	h.presence.mu.Lock()
	defer h.presence.mu.Unlock()
	if st := h.presence.users[workspaceID][userID][h.Instance].status; choices[st] {
		return st
	}
	return available
}

func (h *Hub) socketJoined(s *socket) {
	h.tellHere(s)
	h.publishPresence(s.viewer().WorkspaceID, s.viewer().UserID, h.chosen(s.viewer().WorkspaceID, s.viewer().UserID))
}

func (h *Hub) socketLeft(s *socket) {
	if !h.tellHere(s) {
		h.publishPresence(s.viewer().WorkspaceID, s.viewer().UserID, offline)
	}
}

// tellHere tells whether the socket's user has sockets here now, which it returns, and whether one of them is on a screen.
func (h *Hub) tellHere(s *socket) (here bool) {
	h.here.Lock()
	defer h.here.Unlock()
	workspaceID, userID := s.viewer().WorkspaceID, s.viewer().UserID
	watches := false
	h.each(workspaceID, func(s *socket) {
		if s.viewer().UserID == userID {
			s.mu.Lock()
			here, watches = true, watches || s.visible
			s.mu.Unlock()
		}
	})
	h.Here(workspaceID, userID, here)
	h.Watches(workspaceID, userID, watches)
	return here
}

func (h *Hub) isHere(workspaceID, userID string) (here bool) {
	h.each(workspaceID, func(s *socket) { here = here || s.viewer().UserID == userID })
	return here
}

// ShowPresence has every instance on which the user has sockets show a status, which the user, or somebody for them, has chosen.
func (h *Hub) ShowPresence(workspaceID, userID, status string) {
	data, _ := json.Marshal(presenceSignal{userID, status, h.Instance}) // strings always encode
	h.Bus.Signal(context.Background(), events.Signal{Type: presenceChosen, WorkspaceID: workspaceID, Data: data})
}

// adoptPresence shows what a user has chosen elsewhere, where they are here.
func (h *Hub) adoptPresence(sig events.Signal) {
	var w presenceSignal
	if json.Unmarshal(sig.Data, &w) == nil && choices[w.Status] && h.isHere(sig.WorkspaceID, w.UserID) {
		go h.publishPresence(sig.WorkspaceID, w.UserID, w.Status)
	}
}

// sendPresence repeats this instance's word, so that the others keep believing it.
func (h *Hub) sendPresence(workspaceID string) {
	here := map[string]bool{}
	h.each(workspaceID, func(s *socket) { here[s.viewer().UserID] = true })
	for userID := range here {
		h.publishPresence(workspaceID, userID, h.chosen(workspaceID, userID))
	}
}

func (h *Hub) sendAllPresence() {
	h.mu.RLock()
	workspaces := slices.Collect(maps.Keys(h.rooms))
	h.mu.RUnlock()
	for _, id := range workspaces {
		h.sendPresence(id)
	}
}

// expirePresence tells the sockets of users whose instance has fallen silent: it was killed, and its users did not come back elsewhere.
func (h *Hub) expirePresence() {
	now := h.Clock.Now()
	gone := map[string][]string{} // by workspace
	h.presence.mu.Lock()
	for workspaceID, users := range h.presence.users {
		for userID, instances := range users {
			lapsed := false
			for instance, st := range instances {
				if now.Sub(st.at) >= presenceExpiry {
					h.presence.drop(workspaceID, userID, instance)
					lapsed = true
				}
			}
			if lapsed && h.presence.status(workspaceID, userID, now) == offline {
				gone[workspaceID] = append(gone[workspaceID], userID)
			}
		}
	}
	h.presence.mu.Unlock()
	for workspaceID, users := range gone {
		for _, userID := range users {
			frame := notice("presence", now, presenceView{userID, offline})
			h.each(workspaceID, func(s *socket) { s.push(frame) })
		}
	}
}

// online lists who is not offline.
func (h *Hub) online(workspaceID string) []presenceView {
	now := h.Clock.Now()
	h.presence.mu.Lock()
	defer h.presence.mu.Unlock()
	out := []presenceView{}
	for userID := range h.presence.users[workspaceID] {
		if st := h.presence.status(workspaceID, userID, now); st != offline {
			out = append(out, presenceView{userID, st})
		}
	}
	return out
}

// Attended reports whether somebody of the workspace is there to answer.
func (h *Hub) Attended(workspaceID string) bool {
	return slices.ContainsFunc(h.online(workspaceID), func(u presenceView) bool { return u.Status == available })
}
