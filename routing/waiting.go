package routing

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/notify"
	"wasl/store"
)

// remindAfter is after what time without an answer somebody is reminded; 0: never.
func (s *Service) remindAfter(ctx context.Context, workspaceID string) (time.Duration, error) {
	w, err := s.Users.Workspace(ctx, workspaceID)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return time.Duration(w.RemindMinutes) * time.Minute, nil
}

// followWaiting adds to the write of a conversation's change the timer of the reminder, where the customer begins to wait in it, or where
// it is opened while they wait.
func (s *Service) followWaiting(ctx context.Context, w *events.Write, c *inbox.Changed) error {
	since := c.After.WaitingSince
	if since == nil || c.After.Status != inbox.Open || c.Before.WaitingSince != nil && c.Before.Status == inbox.Open && !c.Created {
		return nil
	}
	after, err := s.remindAfter(ctx, c.After.WorkspaceID)
	if err != nil || after == 0 {
		return err
	}
	at := since.Add(after)
	if now := s.Clock.Now(); at.Before(now) {
		at = now
	}
	timer, err := s.Jobs.Schedule(ctx, at, jobs.Spec{
		Kind: jobRemind, WorkspaceID: c.After.WorkspaceID, Ref: c.After.ID, Share: c.After.ChannelKind, Key: []string{c.After.ID},
	})
	w.Changes = append(w.Changes, timer)
	return err
}

// remind tells of a customer who still waits, once for each time that they wait. What was put aside is not told of.
func (s *Service) remind(ctx context.Context, job *jobs.Job) error {
	return store.Retry(ctx, func() error {
		if held, err := job.Held(ctx); err != nil || !held { // set anew since
			return err
		}
		c, err := s.Inbox.Standing(ctx, job.WorkspaceID, job.Ref)
		if errors.Is(err, store.ErrNotFound) || err == nil && (c.WaitingSince == nil || c.Status != inbox.Open) {
			return nil
		}
		if err != nil {
			return err
		}
		after, err := s.remindAfter(ctx, job.WorkspaceID)
		if err != nil || after == 0 {
			return err
		}
		if at := c.WaitingSince.Add(after); at.After(s.Clock.Now()) {
			return &jobs.Later{At: at, Reason: "people are reminded later by now, or the customer waits anew"}
		}
		to, err := s.reminded(ctx, &c)
		if err != nil {
			return err
		}
		w := &events.Write{Changes: job.Done()}
		n := notify.Notice{
			ID:   ids.Derived("ntf", c.ID, string(notify.Waiting), strconv.FormatInt(c.WaitingSince.UnixMilli(), 10)),
			Kind: notify.Waiting, Title: "A customer waits for an answer", Severity: notify.Warning, ConversationID: c.ID,
			Priority: c.Priority, Since: *c.WaitingSince,
		}
		if err := s.Notices.Add(ctx, w, c.WorkspaceID, to, n); err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
}

// reminded are who is told that a customer waits: whoever has the conversation, else the supervisors in its team, else all of them.
func (s *Service) reminded(ctx context.Context, c *inbox.Standing) (access.Audience, error) {
	all := access.Audience{Supervisors: true}
	switch {
	case c.AssigneeID != "":
		return access.Audience{Users: []string{c.AssigneeID}}, nil
	case c.TeamID == "":
		return all, nil
	}
	team, err := s.Users.Team(ctx, c.WorkspaceID, c.TeamID)
	if errors.Is(err, store.ErrNotFound) {
		return all, nil
	}
	if err != nil {
		return all, err
	}
	members, err := s.Users.UsersByID(ctx, c.WorkspaceID, team.MemberIDs...)
	var to []string
	for _, u := range members {
		if u.Active && u.Role.Visibility() == access.All {
			to = append(to, u.ID)
		}
	}
	if len(to) == 0 {
		return all, err
	}
	slices.Sort(to)
	return access.Audience{Users: to}, err
}
