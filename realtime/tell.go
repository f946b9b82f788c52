package realtime

import "wasl/internal/access"

// Viewers are the users of a workspace who have sockets here, as what they may see is known now.
func (h *Hub) Viewers(workspaceID string) (all []access.Viewer) {
	if !h.hasSockets(workspaceID) {
		return nil
	}
	seen := map[string]bool{}
	h.each(workspaceID, func(s *socket) {
		if v := s.viewer(); !seen[v.UserID] {
			seen[v.UserID] = true
			all = append(all, v)
		}
	})
	return all
}

// Tell sends a frame that is not numbered to a user's sockets here.
func (h *Hub) Tell(workspaceID, userID, kind string, data any) {
	frame := notice(kind, h.Clock.Now(), data)
	h.each(workspaceID, func(s *socket) {
		if s.viewer().UserID == userID {
			s.push(frame)
		}
	})
}
