package routing

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) boardRoutes(api huma.API, op operation) {
	get := op(http.MethodGet, "/board", "get-board", "The floor: queues, agents, channels", access.WatchFloor)
	get.Description = "Now, or as it was at a moment of the last 90 days, from what was noted then; names and teams are those of today, and " +
		"channels are not noted. Now it is live as board.updated (agents whose work changed, at most four times a second), agent.updated, queue.updated and " +
		"channel.updated."
	huma.Register(api, get, s.getBoard)
}

// BoardView is the floor as REST shows it.
type BoardView struct {
	At       web.Time              `json:"at"`
	Queues   []QueueView           `json:"queues" nullable:"false"`
	Agents   []BoardAgent          `json:"agents" nullable:"false" doc:"At most 500"`
	Channels []channels.SignOfLife `json:"channels" nullable:"false" doc:"Of a past moment none"`
}

// BoardAgent is an agent with the conversations that they have or are offered. These have no words and no names: whoever looks at one asks
// for the conversation.
type BoardAgent struct {
	AgentView
	Today         *Today              `json:"today" doc:"null: of a past moment it is not known"`
	Conversations []FloorConversation `json:"conversations" nullable:"false" doc:"At most 50"`
}

// BoardChange is the data of board.updated.
type BoardChange struct {
	Agents []BoardAgent `json:"agents"`
	Gone   []string     `json:"gone"` // users who are no longer active
}

type boardInput struct {
	At time.Time `query:"at" doc:"A moment of the last 90 days since which the floor is noted; left out: now"`
}

func (s *Service) getBoard(ctx context.Context, in *boardInput) (b *web.Body[BoardView], err error) {
	workspaceID := auth.From(ctx).WorkspaceID
	var view *BoardView
	if in.At.IsZero() {
		view, err = s.board(ctx, workspaceID)
	} else {
		view, err = s.pastBoard(ctx, workspaceID, in.At)
	}
	if err != nil {
		return nil, err
	}
	return web.Answer(*view), nil
}

// pastBoard is the floor of a workspace as it was.
func (s *Service) pastBoard(ctx context.Context, workspaceID string, at time.Time) (*BoardView, error) {
	f, err := s.floorAt(ctx, workspaceID, at)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(f.Agents))
	for n, a := range f.Agents {
		ids[n] = a.UserID
	}
	users, err := s.Users.UsersByID(ctx, workspaceID, ids...)
	if err != nil {
		return nil, err
	}
	teams := map[string][]string{}
	for _, u := range users {
		teams[u.ID] = u.TeamIDs
	}
	b := &BoardView{At: f.At, Queues: f.Queues, Agents: make([]BoardAgent, len(f.Agents)), Channels: []channels.SignOfLife{}}
	for n, a := range f.Agents {
		b.Agents[n] = BoardAgent{Conversations: a.Conversations, AgentView: AgentView{
			UserID: a.UserID, Name: a.Name, State: a.State, Reason: a.Reason, Since: a.Since, Load: a.Load, ByKind: a.ByKind,
			Capacity: Capacity{Total: &a.Capacity}, TeamIDs: append([]string{}, teams[a.UserID]...), Skills: []Skill{},
		}}
	}
	return b, nil
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
