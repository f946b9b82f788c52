package routing

import (
	"context"
	"encoding/json"
	"time"

	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/web"
	"wasl/store"
)

// maxCounted is up to where queues are counted exactly.
const maxCounted = 100_000

// QueueView is a team's queue as REST and the socket show it. What is offered to somebody still waits.
type QueueView struct {
	TeamID     string         `json:"team_id"`
	Length     int            `json:"length"`
	OldestAt   *web.Time      `json:"oldest_at" doc:"Since when what has waited longest waits; null: nothing waits"`
	ByPriority map[string]int `json:"by_priority" doc:"How many wait, by priority; those without any are left out"`
	// ServiceLevel is of those that were in time or late by then, whatever became of them since.
	ServiceLevel *float64 `json:"service_level" doc:"The share, 0 to 1, of the first answers of the last 24 hours that were in time; null: there were none"`
}

// waits are the states of what is in a queue.
var waits = store.In{string(Queued), string(Offered)}

// queue counts a team's queue.
func (s *Service) queue(ctx context.Context, workspaceID, teamID string) (QueueView, error) {
	v := QueueView{TeamID: teamID, ByPriority: map[string]int{}}
	var err error
	if v.ServiceLevel, err = s.serviceLevel(ctx, workspaceID, teamID); err != nil {
		return v, err
	}
	total, err := s.routes.Count(ctx, store.Query{Index: "queue", Eq: []any{workspaceID, waits, teamID}}, maxCounted)
	if err != nil || total == 0 {
		return v, err
	}
	v.Length = total
	var oldest time.Time
	for rank := range live.Priorities {
		q := store.Query{Index: "queue", Eq: []any{workspaceID, waits, teamID, rank}, Limit: 1}
		n, err := s.routes.Count(ctx, q, maxCounted)
		if err != nil {
			return v, err
		}
		if n == 0 {
			continue
		}
		v.ByPriority[(&Route{Rank: rank}).priority()] = n
		first, _, err := s.routes.Find(ctx, q)
		if err != nil {
			return v, err
		}
		if len(first) > 0 && (oldest.IsZero() || first[0].Since.Before(oldest)) {
			oldest = first[0].Since
		}
	}
	if !oldest.IsZero() {
		v.OldestAt = web.AtOrNull(&oldest)
	}
	return v, nil
}

// position is the route's place in its team's queue; the first is 1.
func (s *Service) position(ctx context.Context, r *Route) (int, error) {
	before := 1
	for rank := 0; rank <= r.Rank; rank++ {
		q := store.Query{Index: "queue", Eq: []any{r.WorkspaceID, waits, r.TeamID, rank}}
		if rank == r.Rank {
			q.Range = &store.Range{To: r.Since, ExcludeTo: true}
		}
		n, err := s.routes.Count(ctx, q, maxCounted)
		if err != nil {
			return 0, err
		}
		before += n
	}
	return before, nil
}

// tellQueues tells those who may see them how long the queues of the teams are now.
func (s *Service) tellQueues(ctx context.Context, workspaceID string, teamIDs map[string]bool) error {
	w := &events.Write{}
	for id := range teamIDs {
		v, err := s.queue(ctx, workspaceID, id)
		if err != nil {
			return err
		}
		data, err := json.Marshal(v)
		if err != nil {
			return err
		}
		w.Events = append(w.Events, events.Event{
			Type: "queue.updated", WorkspaceID: workspaceID, Subject: id, At: s.Clock.Now(), Data: data,
			Actor: access.Actor{Kind: access.System}, Audience: access.Audience{Supervisors: true, Queues: []string{id}},
		})
	}
	if len(w.Events) == 0 {
		return nil
	}
	return s.Bus.Commit(ctx, w)
}
