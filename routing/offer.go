package routing

import (
	"context"
	"errors"
	"slices"
	"time"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/store"
)

var errOfferOver = errs.New(errs.Conflict, "offer_over", "This offer is over, or somebody has the conversation already.")

// AnswerOffer takes what was offered to the viewer, or lets somebody else have it; why is what they say about that.
func (s *Service) AnswerOffer(ctx context.Context, v access.Viewer, conversationID string, accept bool, why string) error {
	return store.Retry(ctx, func() error {
		r, err := s.routes.Get(ctx, conversationID)
		if errors.Is(err, store.ErrNotFound) {
			return s.unseenOr(ctx, v, conversationID, errOfferOver)
		}
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		if r.WorkspaceID != v.WorkspaceID || r.State != Offered || r.AgentID != v.UserID || !now.Before(r.OfferUntil) {
			return s.unseenOr(ctx, v, conversationID, errOfferOver)
		}
		if !accept {
			return s.endOfferOf(ctx, r, ByDecline, v.Actor(), why)
		}
		w := &events.Write{}
		told := &verdict{records: []*Record{{Cause: ByAccept, TeamID: r.TeamID, Chosen: v.UserID}}}
		edit := inbox.Edit{Assignment: inbox.Assignment{AgentID: &v.UserID}, Told: told}
		if _, err := s.Inbox.Edit(ctx, w, v.Actor(), v.WorkspaceID, conversationID, edit); err != nil {
			return err
		}
		if err := s.passDraft(ctx, w, conversationID, r.KeptFor, v.UserID); err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
}

// unseenOr is store.ErrNotFound for who does not see the conversation, else the error.
func (s *Service) unseenOr(ctx context.Context, v access.Viewer, conversationID string, err error) error {
	if _, unseen := s.Inbox.Conversation(ctx, v, conversationID); unseen != nil {
		return unseen
	}
	return err
}

// endOffer lets an offer lapse whose time has come.
func (s *Service) endOffer(ctx context.Context, job *jobs.Job) error {
	return store.Retry(ctx, func() error {
		r, err := s.routes.Get(ctx, job.Ref)
		if errors.Is(err, store.ErrNotFound) || err == nil && r.State != Offered {
			return nil
		}
		if err != nil {
			return err
		}
		if s.Clock.Now().Before(r.OfferUntil) {
			return nil // a later offer, which has its own timer
		}
		return s.endOfferOf(ctx, r, ByTimeout, engine(ByTimeout), "", job.Done()...)
	})
}

// endOfferOf puts what was offered back into its queue, where it waits as long as before, and remembers who did not take it.
func (s *Service) endOfferOf(ctx context.Context, r *Route, cause Cause, by access.Actor, why string, more ...store.Change) error {
	now := s.Clock.Now()
	over := s.offerEvent(r, "assignment.offer_over", by)
	w := &events.Write{Changes: more, Events: []events.Event{over}}
	s.tellBoard(w, r.WorkspaceID, r.AgentID)
	l := &loads{s: s, workspaceID: r.WorkspaceID, now: now}
	if _, err := l.add(ctx, r.AgentID, r.Kind, -1); err != nil {
		return err
	}
	asked := Candidate{AgentID: r.AgentID, Reason: IsOffline}
	if cause != ByAbsence {
		asked.Reason = Declined
		r.refusedBy(r.AgentID, now)
	}
	if r.Shown {
		if _, err := s.Inbox.Edit(ctx, w, by, r.WorkspaceID, r.ID, inbox.Edit{OfferedTo: new(string)}); err != nil {
			return err
		}
	}
	record := &Record{Cause: cause, TeamID: r.TeamID, Why: why, Candidates: []Candidate{asked}}
	r.hold(Queued, "", now)
	if err := s.addRoute(ctx, w, r, step{made: []*Record{record}, by: by, at: now}); err != nil {
		return err
	}
	w.Changes = append(w.Changes, l.changes()...)
	if err := s.wakeAt(ctx, w, r); err != nil {
		return err
	}
	if cause != ByAbsence { // then it is one of all that somebody left
		s.drainLater(w, r.WorkspaceID, r.TeamID)
	}
	return s.Bus.Commit(ctx, w)
}

// refusedBy remembers who did not take it.
func (r *Route) refusedBy(agentID string, now time.Time) {
	r.Declined = slices.DeleteFunc(r.Declined, func(d Refusal) bool {
		return d.AgentID == agentID || !now.Before(d.At.Add(refusalHolds))
	})
	r.Declined = append(r.Declined, Refusal{agentID, store.Millis(now)})
}
