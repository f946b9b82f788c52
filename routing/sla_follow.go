package routing

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/web"
	"wasl/store"
)

// The events of service levels, and what the history calls them.
const (
	slaWarning, slaBreached      = "sla.warning", "sla.breached"
	actionWarned, actionBreached = "conversation.sla_warning", "conversation.sla_breached"
)

// byTime is who moves a conversation because a time of its service levels has come.
var byTime = access.Actor{Kind: access.System, Name: "routing", Cause: access.Cause{Kind: access.Timer, ID: "routing.sla"}}

// struck is what the engine tells itself when a time of a conversation's service levels has come (inbox.Edit.Told).
type struck struct {
	again bool // the job is set for the next one
}

// LevelEvent is the data of sla.warning and sla.breached.
type LevelEvent struct {
	ConversationID string       `json:"conversation_id"`
	Metric         inbox.Metric `json:"metric" enum:"first_answer,next_answer,resolution"`
	DueAt          web.Time     `json:"due_at"`
	PolicyID       string       `json:"policy_id"`
	AssigneeID     string       `json:"assignee_id"`
	TeamID         string       `json:"team_id"`
}

// followLevels adds to the write of a conversation's change what becomes of its service levels. It costs nothing where there are none and
// nothing begins.
func (s *Service) followLevels(ctx context.Context, w *events.Write, c *inbox.Changed, begins bool) error {
	now := s.Clock.Now()
	m := moment{now: now, before: c.Before, after: c.After, begins: begins, spoke: c.Spoke, answered: c.Answered}
	if begins || c.After.Levels == nil && c.Spoke && c.Before.WaitingSince == nil || c.After.Levels != nil && asksAnew(c) {
		p, known, err := s.promised(ctx, c, begins)
		if err != nil {
			return err
		}
		if begins && !known {
			c.After.Levels = nil
		}
		if !known && c.After.Levels == nil {
			return nil
		}
		if known {
			m.promise = &p
		}
	}
	if m.promise == nil && (c.After.Levels == nil || !moves(c, now)) {
		return nil
	}
	if err := s.hoursOfPromise(ctx, c, &m); err != nil {
		return err
	}
	before := next(c.After.Levels)
	after, happened := advance(c.After.Levels, m)
	c.After.Levels = after
	if err := tellLevels(c, happened); err != nil {
		return err
	}
	if err := s.noticeLevels(ctx, w, c, happened); err != nil {
		return err
	}
	if err := s.countAnswers(ctx, w, &c.After, happened); err != nil {
		return err
	}
	at := next(after)
	told, isStruck := c.Told.(*struck)
	if at.IsZero() || at.Equal(before) && !isStruck {
		return nil
	}
	timer, err := s.Jobs.Schedule(ctx, at, jobs.Spec{
		Kind: jobLevel, WorkspaceID: c.After.WorkspaceID, Ref: c.After.ID, Share: c.After.ChannelKind, Key: []string{c.After.ID},
	})
	if isStruck {
		told.again = true
	}
	w.Changes = append(w.Changes, timer)
	return err
}

// hoursOfPromise reads the hours by which the time of what is promised is counted. Hours that are gone count all the time.
func (s *Service) hoursOfPromise(ctx context.Context, c *inbox.Changed, m *moment) error {
	id := ""
	if c.After.Levels != nil {
		id = c.After.Levels.Promise.HoursID
	}
	if m.promise != nil && (c.After.Levels == nil || m.begins || c.After.Levels.Promise.PolicyID != m.promise.PolicyID) {
		id = m.promise.HoursID
	}
	if id == "" {
		return nil
	}
	h, err := s.hoursOf(ctx, c.After.WorkspaceID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		m.hours, err = h.calendar()
	}
	return err
}

// asksAnew reports whether another policy may hold of a conversation than before.
func asksAnew(c *inbox.Changed) bool {
	b, a := &c.Before, &c.After
	_, ruled := c.Told.(*verdict)
	return a.Status != inbox.Resolved && (ruled || a.Type != b.Type || a.Sentiment != b.Sentiment || a.Priority != b.Priority ||
		a.TeamID != b.TeamID || a.AssigneeID != b.AssigneeID || !slices.Equal(a.Labels, b.Labels))
}

// moves reports whether a change moves service levels.
func moves(c *inbox.Changed, now time.Time) bool {
	_, isStruck := c.Told.(*struck)
	if at := next(c.After.Levels); isStruck || c.Answered || c.Before.Status != c.After.Status || !at.IsZero() && !now.Before(at) {
		return true
	}
	return c.Spoke && (c.After.Levels.Aside || c.Before.WaitingSince == nil)
}

// tellLevels adds to the write that people are told of what happened.
func tellLevels(c *inbox.Changed, happened []happening) error {
	for _, h := range happened {
		event, action := slaWarning, actionWarned
		switch h.what {
		case met:
			continue
		case breached:
			event, action = slaBreached, actionBreached
		}
		data, err := json.Marshal(LevelEvent{
			c.After.ID, h.metric, web.At(h.due), c.After.Levels.Promise.PolicyID, c.After.AssigneeID, c.After.TeamID,
		})
		if err != nil {
			return err
		}
		c.Note(action, events.Change{Field: "sla_" + string(h.what), After: string(h.metric)})
		c.Tell(event, data)
	}
	return nil
}

// strike has service levels whose time has come warn, or be breached. What has moved since is looked at again at its new time.
func (s *Service) strike(ctx context.Context, job *jobs.Job) error {
	return store.Retry(ctx, func() error {
		if held, err := job.Held(ctx); err != nil || !held { // set anew since
			return err
		}
		told := &struck{}
		w := &events.Write{}
		conv, err := s.Inbox.Standing(ctx, job.WorkspaceID, job.Ref)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		at := next(conv.Levels)
		if at.IsZero() {
			return nil
		}
		if at.After(s.Clock.Now()) {
			return &jobs.Later{At: at, Reason: "what is promised is due later by now"}
		}
		if _, err := s.Inbox.Edit(ctx, w, byTime, job.WorkspaceID, job.Ref, inbox.Edit{Told: told}); err != nil {
			return err
		}
		if !told.again {
			w.Changes = append(w.Changes, job.Done()...)
		}
		return s.Bus.Commit(ctx, w)
	})
}
