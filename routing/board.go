package routing

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/store"
)

const (
	// maxAgents bounds the agents of a board.
	maxAgents = 500
	// boardEvery is how often at most supervisors are told what changed, in one event for each workspace.
	boardEvery = 250 * time.Millisecond
	// boardTime bounds the reading of what changed.
	boardTime = 10 * time.Second
)

// boards are the agents of whom supervisors are to be told, by workspace. A workspace that is being told of has an entry.
type boards struct {
	mu      sync.Mutex
	changed map[string]map[string]bool
}

// tellBoard has supervisors told, once the write is durable, that the work of the agents changed.
func (s *Service) tellBoard(w *events.Write, workspaceID string, userIDs ...string) {
	userIDs = slices.DeleteFunc(userIDs, func(id string) bool { return id == "" })
	if len(userIDs) > 0 {
		w.After = append(w.After, func() { s.boardChanged(workspaceID, userIDs) })
	}
}

// boardChanged notes whom to tell of. Whatever else changes within a moment goes out with it.
func (s *Service) boardChanged(workspaceID string, userIDs []string) {
	s.connections.mu.Lock() // a goroutine begins under it or, once Run ends, not at all
	defer s.connections.mu.Unlock()
	base := s.connections.base
	if base == nil {
		return
	}
	s.boards.mu.Lock()
	defer s.boards.mu.Unlock()
	changed, telling := s.boards.changed[workspaceID]
	if !telling {
		changed = map[string]bool{}
		s.boards.changed[workspaceID] = changed
		s.rest.Go(func() { s.tellOfBoard(base, workspaceID) })
	}
	for _, id := range userIDs {
		changed[id] = true
	}
}

// tellOfBoard tells supervisors what changed as long as something does. What could not be read is tried again.
func (s *Service) tellOfBoard(ctx context.Context, workspaceID string) {
	for {
		s.boards.mu.Lock()
		changed := slices.Sorted(maps.Keys(s.boards.changed[workspaceID]))
		if len(changed) == 0 {
			delete(s.boards.changed, workspaceID)
			s.boards.mu.Unlock()
			return
		}
		clear(s.boards.changed[workspaceID])
		s.boards.mu.Unlock()
		pause := boardEvery
		if err := s.writeBoard(ctx, workspaceID, changed); err != nil && ctx.Err() == nil {
			s.Log.Warn().Err(err).Str("workspace", workspaceID).Msg("supervisors could not be told of the floor; it is tried again")
			s.boards.mu.Lock()
			for _, id := range changed {
				s.boards.changed[workspaceID][id] = true
			}
			s.boards.mu.Unlock()
			pause = connectionRetry
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// writeBoard writes the event that has the agents as they are now.
func (s *Service) writeBoard(ctx context.Context, workspaceID string, userIDs []string) error {
	ctx, cancel := context.WithTimeout(ctx, boardTime)
	defer cancel()
	users, err := s.Users.UsersByID(ctx, workspaceID, userIDs...)
	if err != nil {
		return err
	}
	v := BoardChange{Gone: []string{}}
	if v.Agents, err = s.boardAgents(ctx, workspaceID, users); err != nil {
		return err
	}
	for _, id := range userIDs {
		if !slices.ContainsFunc(v.Agents, func(a BoardAgent) bool { return a.UserID == id }) {
			v.Gone = append(v.Gone, id)
		}
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.Bus.Commit(ctx, &events.Write{Events: []events.Event{{
		Type: "board.updated", WorkspaceID: workspaceID, Subject: workspaceID, At: s.Clock.Now(), Data: data,
		Actor: access.Actor{Kind: access.System}, Audience: access.Audience{Supervisors: true},
	}}})
}

// boardAgents are those of the users who are active, with what they have.
func (s *Service) boardAgents(ctx context.Context, workspaceID string, users []*auth.User) ([]BoardAgent, error) {
	views, err := s.agentViews(ctx, users)
	if err != nil {
		return nil, err
	}
	agents := make([]BoardAgent, len(views))
	for n, v := range views {
		agents[n] = BoardAgent{AgentView: v, Today: &v.Today, Conversations: []FloorConversation{}}
		if len(v.ByKind) == 0 {
			continue
		}
		held, _, err := s.routes.Find(ctx, store.Query{
			Index: "agent", Eq: []any{workspaceID, v.UserID, store.In{string(Assigned), string(Offered)}}, Limit: maxShown,
		})
		if err != nil {
			return nil, err
		}
		for _, r := range held {
			agents[n].Conversations = append(agents[n].Conversations, viewHeld(r))
		}
	}
	return agents, nil
}
