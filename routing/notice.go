package routing

import (
	"context"
	"strconv"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/notify"
)

// noticeGiven adds to the write that somebody is told of a conversation which was given to them, unless they took it themselves. The
// version is part of the notice's id because the same conversation may be given to the same person again.
func (s *Service) noticeGiven(ctx context.Context, w *events.Write, c *inbox.Changed) error {
	to := c.After.AssigneeID
	if to == "" || to == c.Before.AssigneeID || to == c.Actor.ID || c.After.Status == inbox.Resolved {
		return nil
	}
	n := notify.Notice{
		ID: ids.Derived("ntf", c.After.ID, string(notify.Assigned), strconv.FormatInt(c.Version, 10)), Kind: notify.Assigned,
		Title: "A conversation was given to you", Severity: notify.Info, ConversationID: c.After.ID, Priority: c.After.Priority,
	}
	if c.Handed() {
		n.Title, n.Detail = "A conversation was given to you with a note", c.Actor.Name
	}
	if c.After.WaitingSince != nil {
		n.Since = *c.After.WaitingSince
	}
	return s.Notices.Add(ctx, w, c.After.WorkspaceID, access.Audience{Users: []string{to}}, n)
}

// levelTitles are the titles of notices about service levels, by what has come to pass.
var levelTitles = map[occurrence]map[inbox.Metric]string{
	warned: {
		inbox.FirstAnswer: "The first answer is due soon", inbox.NextAnswer: "An answer is due soon",
		inbox.Resolution: "A conversation has to be resolved soon",
	},
	breached: {
		inbox.FirstAnswer: "The first answer is late", inbox.NextAnswer: "An answer is late",
		inbox.Resolution: "A conversation should be resolved by now",
	},
}

// noticeLevels adds to the write that people are told of a service level's warning or breach: whoever has the conversation, or those who
// could take it, and of a breach supervisors too. A time that something is due at is told of once, whatever policy named it.
func (s *Service) noticeLevels(ctx context.Context, w *events.Write, c *inbox.Changed, happened []happening) error {
	for _, h := range happened {
		title := levelTitles[h.what][h.metric]
		if title == "" || h.what == warned && !h.due.After(s.Clock.Now()) { // it was met, or is told of as a breach
			continue
		}
		n := notify.Notice{
			ID: ids.Derived("ntf", c.After.ID, string(h.what), string(h.metric), strconv.FormatInt(h.due.UnixMilli(), 10)), Title: title,
			Kind: notify.LevelWarning, Severity: notify.Warning, ConversationID: c.After.ID, Metric: string(h.metric), DueAt: h.due,
		}
		to := c.After.Responsible()
		if h.what == breached {
			n.Kind, to.Supervisors = notify.LevelBreached, true
		}
		if err := s.Notices.Add(ctx, w, c.After.WorkspaceID, to, n); err != nil {
			return err
		}
	}
	return nil
}
