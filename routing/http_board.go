package routing

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) boardRoutes(api huma.API, op operation) {
	get := op(http.MethodGet, "/board", "get-board", "The floor now: queues, agents, channels", access.WatchFloor)
	get.Description = "Live as board.updated (agents whose work changed, at most four times a second), agent.updated, queue.updated and " +
		"channel.updated."
	huma.Register(api, get, s.getBoard)
}

// BoardView is the floor as REST shows it.
type BoardView struct {
	At       web.Time              `json:"at"`
	Queues   []QueueView           `json:"queues" nullable:"false"`
	Agents   []BoardAgent          `json:"agents" nullable:"false" doc:"At most 500"`
	Channels []channels.SignOfLife `json:"channels" nullable:"false"`
}

// BoardAgent is an agent with the conversations that they have or are offered.
type BoardAgent struct {
	AgentView
	Conversations []HeldView `json:"conversations" nullable:"false" doc:"Assigned or offered to them; at most 50"`
}

// HeldView is a conversation that an agent has, or is offered. It has no words and no name: whoever looks at it asks for the conversation.
type HeldView struct {
	ID     string     `json:"id"`
	State  RouteState `json:"state" enum:"offered,assigned"`
	Kind   string     `json:"kind" enum:"whatsapp,messenger,instagram,sms,email,widget" doc:"Of its channel"`
	TeamID string     `json:"team_id"`
	Since  web.Time   `json:"since" doc:"When it last began to wait for somebody"`
}

func viewHeld(r *Route) HeldView {
	return HeldView{ID: r.ID, State: r.State, Kind: r.Kind, TeamID: r.TeamID, Since: web.At(r.Since)}
}

// BoardChange is the data of board.updated.
type BoardChange struct {
	Agents []BoardAgent `json:"agents"`
	Gone   []string     `json:"gone"` // users who are no longer active
}

func (s *Service) getBoard(ctx context.Context, _ *struct{}) (*web.Body[BoardView], error) {
	b, err := s.board(ctx, auth.From(ctx).WorkspaceID)
	if err != nil {
		return nil, err
	}
	return web.Answer(*b), nil
}

// board is the floor of a workspace now.
func (s *Service) board(ctx context.Context, workspaceID string) (*BoardView, error) {
	b := &BoardView{At: web.At(s.Clock.Now()), Agents: []BoardAgent{}}
	teams, err := s.Users.AllTeams(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	if b.Queues, err = s.queuesOf(ctx, workspaceID, teams); err != nil {
		return nil, err
	}
	for cursor := ""; len(b.Agents) < maxAgents; {
		users, next, err := s.Users.Users(ctx, workspaceID, cursor, maxAgents)
		if err != nil {
			return nil, err
		}
		agents, err := s.boardAgents(ctx, workspaceID, users)
		if err != nil {
			return nil, err
		}
		b.Agents = append(b.Agents, agents...)
		if cursor = next; cursor == "" {
			break
		}
	}
	b.Agents = b.Agents[:min(len(b.Agents), maxAgents)]
	if b.Channels, err = s.Channels.SignsOfLife(ctx, workspaceID); err != nil {
		return nil, err
	}
	return b, nil
}
