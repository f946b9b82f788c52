package routing

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"wasl/inbox"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

// answers count the first answers of an hour that were in time, and those that were late, of conversations of one team. They are several
// for each hour, so that those who answer at the same moment seldom wait for each other.
type answers struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	TeamID      string    `bson:"team_id"`
	Hour        time.Time `bson:"hour"`
	InTime      int       `bson:"in_time"`
	Late        int       `bson:"late"`
	Until       time.Time `bson:"until"`
}

var answersSchema = store.Schema{Name: "sla_answers", Expire: "until", Indexes: []store.Index{
	{Name: "team", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("team_id"), store.Asc("hour")}},
}}

const (
	// answerShards is how many documents an hour has.
	answerShards = 8
	// answersCount is how long an answer counts, in whole hours.
	answersCount = 24 * time.Hour
	// answersKept is how long the counts are kept.
	answersKept = 3 * 24 * time.Hour
)

// countAnswers adds to the write the first answers that ended, late or in time, and that people see the team's share of them.
func (s *Service) countAnswers(ctx context.Context, w *events.Write, c *inbox.Standing, happened []happening) error {
	inTime, late := 0, 0
	for _, h := range happened {
		switch {
		case h.metric != inbox.FirstAnswer:
		case h.what == met:
			inTime++
		case h.what == breached:
			late++
		}
	}
	if inTime+late == 0 || c.TeamID == "" {
		return nil
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(c.ID)) // never fails
	hour := s.Clock.Now().UTC().Truncate(time.Hour)
	id := ids.Derived("sla", c.WorkspaceID, c.TeamID, hour.Format(time.RFC3339), fmt.Sprint(hash.Sum32()%answerShards))
	a, err := s.answers.Get(ctx, id)
	write := s.answers.Replace
	if errors.Is(err, store.ErrNotFound) {
		a, err, write = &answers{
			Meta: store.Meta{ID: id}, WorkspaceID: c.WorkspaceID, TeamID: c.TeamID, Hour: hour, Until: hour.Add(answersKept),
		}, nil, s.answers.Insert
	}
	if err != nil {
		return err
	}
	a.InTime, a.Late = a.InTime+inTime, a.Late+late
	w.Changes = append(w.Changes, write(a))
	s.later(w, jobs.Spec{
		Kind: jobTell, WorkspaceID: c.WorkspaceID, Ref: c.WorkspaceID, Key: []string{freshKey()}, Payload: []byte(c.TeamID),
	})
	return nil
}

// tellQueue tells those who may see it how a team's queue is now.
func (s *Service) tellQueue(ctx context.Context, job *jobs.Job) error {
	return s.tellQueues(ctx, job.WorkspaceID, map[string]bool{string(job.Payload): true})
}

// serviceLevel is the share of a team's first answers of the last 24 hours that were in time; nil: there were none.
func (s *Service) serviceLevel(ctx context.Context, workspaceID, teamID string) (*float64, error) {
	from := s.Clock.Now().UTC().Add(-answersCount).Truncate(time.Hour)
	found, _, err := s.answers.Find(ctx, store.Query{
		Index: "team", Eq: []any{workspaceID, teamID}, Range: &store.Range{From: from},
		Limit: answerShards * (int(answersCount/time.Hour) + 1),
	})
	inTime, all := 0, 0
	for _, a := range found {
		inTime, all = inTime+a.InTime, all+a.InTime+a.Late
	}
	if err != nil || all == 0 {
		return nil, err
	}
	share := float64(inTime) / float64(all)
	return &share, nil
}
