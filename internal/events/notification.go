package events

import (
	"encoding/json"
	"time"

	"wasl/internal/access"
)

// Notification is a notice for people, as the live socket carries it.
type Notification struct {
	ID             string `json:"id"`
	Kind           string `json:"kind"`
	Title          string `json:"title"`
	Detail         string `json:"detail"`
	Severity       string `json:"severity" enum:"info,warning,critical"`
	ChannelID      string `json:"channel_id,omitempty"`
	ConversationID string `json:"conversation_id,omitempty"`
}

// Notify returns the event that carries a notice.
func Notify(workspaceID string, to access.Audience, n Notification, at time.Time) Event {
	data, _ := json.Marshal(n) // strings always encode
	return Event{Type: "notification.created", WorkspaceID: workspaceID, Subject: n.ID, At: at, Audience: to, Data: data}
}
