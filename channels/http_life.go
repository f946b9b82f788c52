package channels

import (
	"context"

	"wasl/internal/web"
)

// maxOnBoard is how many channels a board shows.
const maxOnBoard = 200

// SignOfLife is what those who watch over everything see of a channel.
type SignOfLife struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	Kind          Kind      `json:"kind" enum:"whatsapp,messenger,instagram,sms,email,widget"`
	Health        string    `json:"health" enum:"ok,new,silent,lagging,ending,disconnected,paused,stopped"`
	LagSeconds    float64   `json:"lag_seconds" doc:"The age of the oldest webhook that is not worked off; 0: none"`
	LastInboundAt *web.Time `json:"last_inbound_at"`
}

// SignsOfLife tells of the workspace's channels whether they work; of at most 200.
func (s *Service) SignsOfLife(ctx context.Context, workspaceID string) ([]SignOfLife, error) {
	found, _, err := s.List(ctx, workspaceID, "", maxOnBoard)
	if err != nil {
		return nil, err
	}
	channelIDs := make([]string, len(found))
	for n, ch := range found {
		channelIDs[n] = ch.ID
	}
	if err := s.refresh(ctx, channelIDs...); err != nil {
		return nil, err
	}
	signs := make([]SignOfLife, len(found))
	for n, ch := range found {
		h := s.health(ch)
		signs[n] = SignOfLife{
			ID: ch.ID, Name: ch.Name, Kind: ch.Kind, Health: h.State, LagSeconds: h.LagSeconds, LastInboundAt: h.LastInboundAt,
		}
	}
	return signs, nil
}
