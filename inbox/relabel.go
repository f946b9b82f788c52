package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// jobRelabel takes a label from the conversations that have it, and gives them another one.
const jobRelabel = "relabel"

const (
	// relabelPage is how many conversations are read at once.
	relabelPage = 100
	// relabelTurn is how long it goes on before other jobs have their turn.
	relabelTurn = 5 * time.Second
)

// relabeling is what such a job carries.
type relabeling struct {
	From string       `json:"from"`
	To   string       `json:"to"` // empty: none
	By   access.Actor `json:"by"`
}

// Relabel has all conversations of the viewer's workspace with a label carry another name soon after the caller's write; empty: none.
func (s *Service) Relabel(_ context.Context, w *events.Write, v access.Viewer, from, to string) error {
	data, err := json.Marshal(relabeling{from, to, v.Actor()})
	if err != nil {
		return err
	}
	job, insert := s.Jobs.New(jobs.Spec{Kind: jobRelabel, WorkspaceID: v.WorkspaceID, Ref: from, Payload: data})
	w.Changes, w.Jobs = append(w.Changes, insert...), append(w.Jobs, job)
	return nil
}

// runRelabel works on those that still have the label, each in a write of its own, until none has it.
func (s *Service) runRelabel(ctx context.Context, job *jobs.Job) error {
	var in relabeling
	if err := json.Unmarshal(job.Payload, &in); err != nil {
		return fmt.Errorf("%w: %w", jobs.ErrDead, err)
	}
	began := s.Clock.Now()
	for {
		found, _, err := s.conversations.Find(ctx, store.Query{Index: "label", Eq: []any{job.WorkspaceID, in.From}, Limit: relabelPage})
		if err != nil || len(found) == 0 {
			return err
		}
		for _, c := range found {
			if err := s.relabel(ctx, c.ID, in); err != nil {
				return err
			}
			if s.Clock.Now().Sub(began) >= relabelTurn {
				return &jobs.Later{At: s.Clock.Now(), Reason: "others have their turn"}
			}
		}
	}
}

func (s *Service) relabel(ctx context.Context, id string, in relabeling) error {
	return store.Retry(ctx, func() error {
		conv, err := s.stored(ctx, id)
		if err != nil {
			return err
		}
		n := slices.Index(conv.Labels, in.From)
		if n < 0 {
			return nil
		}
		labels := slices.Delete(slices.Clone(conv.Labels), n, n+1)
		if in.To != "" {
			labels = append(labels, in.To)
		}
		c := &change{conv: conv, actor: in.By}
		if err := s.edit(ctx, c, Edit{Labels: &labels}); err != nil {
			return err
		}
		return s.commit(ctx, c)
	})
}
