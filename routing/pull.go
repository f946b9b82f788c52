package routing

import (
	"context"
	"errors"
	"slices"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
)

// maxPulled is how many routes are looked at for one that somebody can take.
const maxPulled = 1000

// Next gives the viewer the first conversation of their queues that they can take, whatever their presence is, and returns its id; empty:
// there is none. Who is at capacity is told so.
func (s *Service) Next(ctx context.Context, v access.Viewer) (conversationID string, err error) {
	err = store.Retry(ctx, func() error {
		conversationID, err = s.pull(ctx, v)
		return err
	})
	return conversationID, err
}

func (s *Service) pull(ctx context.Context, v access.Viewer) (string, error) {
	f, err := s.snapshot(ctx, v.WorkspaceID)
	if err != nil {
		return "", err
	}
	f.Agents[v.UserID] = &Agent{ID: v.UserID, State: Online}
	if err := s.fill(ctx, f, []string{v.UserID}); err != nil {
		return "", err
	}
	me, full := f.Agents[v.UserID], false
	q := s.queues(f, func(teamID string) bool { return f.reaches(teamID, v.UserID) })
	for range maxPulled {
		r, err := q.next(ctx)
		if err != nil {
			return "", err
		}
		if r == nil {
			break
		}
		w := r.waiting()
		c := f.candidate(me, w, f.asked(w), f.belongs(f.pool(w), v.UserID))
		if full = full || c.Reason == AtCapacity; !c.Eligible {
			continue
		}
		c.Reason = Chosen
		a := &award{f: f, route: r, agentID: v.UserID, by: v.Actor(), record: &Record{
			Cause: ByPull, TeamID: r.TeamID, Chosen: v.UserID, Candidates: []Candidate{c},
		}}
		if err := s.assign(ctx, a); errors.Is(err, errMoved) {
			continue
		} else if err != nil {
			return "", err
		}
		return r.ID, s.tellQueues(ctx, v.WorkspaceID, map[string]bool{r.TeamID: true})
	}
	if full {
		return "", errs.New(errs.Conflict, "at_capacity", "You have as many conversations as your capacity allows.")
	}
	return "", nil
}

// reaches reports whether the user may be given what waits for the team, now or after it overflows.
func (s *Snapshot) reaches(teamID, userID string) bool {
	team := s.Teams[teamID]
	if slices.Contains(team.MemberIDs, userID) {
		return true
	}
	for _, o := range team.Work.Overflow {
		if to := s.Teams[o.TeamID]; to != nil && slices.Contains(to.MemberIDs, userID) {
			return true
		}
	}
	return false
}
