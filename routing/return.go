package routing

import (
	"context"
	"errors"
	"slices"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

// returnAll puts back into their queues what a user left who is offline: what is offered to them, and what they have not answered. Of who
// is no longer active that is all that they have. What belongs to no team stays, but with whoever is active. The queues are looked at when
// all is back, so that the most urgent is given first.
func (s *Service) returnAll(ctx context.Context, job *jobs.Job) error {
	u, err := s.Users.User(ctx, job.WorkspaceID, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if u.Active {
		if p, err := s.presenceOf(ctx, job.WorkspaceID, job.Ref); err != nil || p.State != Offline {
			return err
		}
	}
	q := store.Query{
		Index: "agent", Eq: []any{job.WorkspaceID, job.Ref, store.In{string(Assigned), string(Offered)}}, Limit: queuePage,
	}
	var teamIDs []string
	err = each(ctx, s.routes, q, func(r *Route) error {
		teamIDs = append(teamIDs, r.TeamID)
		return s.putBack(ctx, r.ID, job.Ref, !u.Active)
	})
	if err != nil {
		return err
	}
	return s.drained(ctx, job.WorkspaceID, slices.DeleteFunc(teamIDs, func(id string) bool { return id == "" })...)
}

// putBack takes one conversation from a user, if it is still theirs.
func (s *Service) putBack(ctx context.Context, conversationID, userID string, inactive bool) error {
	return store.Retry(ctx, func() error {
		r, err := s.routes.Get(ctx, conversationID)
		if err != nil || r.AgentID != userID {
			return err
		}
		by := engine(ByAbsence)
		if r.State == Offered {
			return s.endOfferOf(ctx, r, ByAbsence, by, "")
		}
		if r.State != Assigned || r.TeamID == "" && !inactive {
			return nil
		}
		if !inactive {
			if c, err := s.Inbox.Standing(ctx, r.WorkspaceID, r.ID); err != nil || c.WaitingSince == nil {
				return err
			}
		}
		since, until := r.Since, store.Millis(s.Clock.Now().Add(backTime))
		told := &verdict{
			quiet:   true,
			records: []*Record{{Cause: ByAbsence, TeamID: r.TeamID, Candidates: []Candidate{{AgentID: userID, Reason: IsOffline}}}},
			shape: func(r *Route) {
				if r.State == Queued {
					r.Since, r.KeptFor, r.KeptUntil = since, userID, until
				}
			},
		}
		return s.reassign(ctx, r.ID, user{r.WorkspaceID, ""}, by, told)
	})
}

// reassign gives a conversation to a user, or to nobody.
func (s *Service) reassign(ctx context.Context, conversationID string, to user, by access.Actor, told *verdict) error {
	w := &events.Write{}
	edit := inbox.Edit{Assignment: inbox.Assignment{AgentID: &to.id}, Told: told}
	if _, err := s.Inbox.Edit(ctx, w, by, to.workspaceID, conversationID, edit); err != nil {
		return err
	}
	return s.Bus.Commit(ctx, w)
}

// back gives a user what they left a moment ago and nobody took, and then looks at the queues.
func (s *Service) back(ctx context.Context, job *jobs.Job) error {
	q := store.Query{Index: "kept", Eq: []any{job.WorkspaceID, job.Ref}, Limit: queuePage}
	err := each(ctx, s.routes, q, func(r *Route) error {
		return store.Retry(ctx, func() error {
			r, err := s.routes.Get(ctx, r.ID)
			if err != nil || r.State != Queued || r.KeptFor != job.Ref || !s.Clock.Now().Before(r.KeptUntil) {
				return err
			}
			load, fits, err := s.room(ctx, r.WorkspaceID, job.Ref, r.Kind)
			if err != nil || !fits {
				return err
			}
			told := &verdict{
				route: r, loads: map[string]*Load{job.Ref: load}, records: []*Record{{Cause: ByReturn, TeamID: r.TeamID, Chosen: job.Ref}},
			}
			err = s.reassign(ctx, r.ID, user{r.WorkspaceID, job.Ref}, engine(ByReturn), told)
			if errors.Is(err, errMoved) || errs.Is(err, errs.Invalid) {
				return nil // somebody was faster, or the user is no longer active
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	return s.drained(ctx, job.WorkspaceID)
}

// room returns a user's load, and whether one more of the kind fits.
func (s *Service) room(ctx context.Context, workspaceID, userID, kind string) (l *Load, fits bool, err error) {
	known := &loads{s: s, workspaceID: workspaceID}
	if l, err = known.of(ctx, userID); err != nil {
		return nil, false, err
	}
	profile, err := s.profileOf(ctx, workspaceID, userID)
	if err != nil {
		return nil, false, err
	}
	return l, profile.Capacity.fits(l.ByKind, kind), nil
}
