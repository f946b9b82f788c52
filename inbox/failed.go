package inbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/web"
	"wasl/store"
)

// failedSend is the row of a message that did not go out, or perhaps not. It has the message's id and is written with it; rows
// stand apart from the messages, so that what goes well pays for no index. A row never changes: it comes and goes.
type failedSend struct {
	store.Meta     `bson:",inline"`
	WorkspaceID    string    `bson:"workspace_id"`
	ConversationID string    `bson:"conversation_id"`
	ChannelID      string    `bson:"channel_id"`
	At             time.Time `bson:"at"`
}

var failedSchema = store.Schema{Name: "failed_sends", Indexes: []store.Index{
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("at")}},
	{Name: "channel", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("channel_id"), store.Desc("at")}},
}}

// countFailed is where counting failed sends ends: nobody reads more.
const countFailed = 1000

// replaced returns what stores a changed message: itself, and its row among the failed sends where that comes or goes.
func (s *Service) replaced(m *Message) []store.Change {
	stuck := m.Direction == Out && m.Thread != "" && (m.Status == FailedMsg || m.Status == Unknown)
	m.LetGo = m.LetGo && stuck
	listed := stuck && !m.LetGo
	row := &failedSend{
		Meta: store.Meta{ID: m.ID, Version: 1}, WorkspaceID: m.WorkspaceID, ConversationID: m.ConversationID,
		ChannelID: m.ChannelID, At: s.Clock.Now(),
	}
	var changes []store.Change
	switch {
	case listed && !m.Listed:
		changes = []store.Change{s.failed.Insert(row)}
	case m.Listed && !listed:
		changes = []store.Change{s.failed.Delete(row)}
	}
	m.Listed = listed
	changes = append(changes, s.messages.Replace(m))
	if m.indexed != nil {
		changes = append(changes, s.words.changes(m.WorkspaceID, *m.indexed, m.findable())...)
		m.indexed = nil
	}
	return changes
}

// failedQuery asks for the failed sends of a workspace, newest first; an empty channel is any.
func failedQuery(workspaceID, channelID string) store.Query {
	if channelID != "" {
		return store.Query{Index: "channel", Eq: []any{workspaceID, channelID}}
	}
	return store.Query{Index: "workspace", Eq: []any{workspaceID}}
}

// RetryAll sends again a page of what failed before now, the oldest first, and returns how much that was. The cursor leads to the next page
// and keeps the time: what fails again meanwhile is not sent a second time. What may have gone out is left alone: sending that
// again is a decision about each message.
func (s *Service) RetryAll(ctx context.Context, v access.Viewer, channelID string, page web.Page) (n int, next string, err error) {
	until := s.Clock.Now()
	since, from, follows := strings.Cut(page.Cursor, ".")
	if follows {
		millis, err := strconv.ParseInt(since, 10, 64)
		if err != nil || from == "" {
			return 0, "", store.ErrBadCursor
		}
		until = time.UnixMilli(millis).UTC()
	} else if page.Cursor != "" {
		return 0, "", store.ErrBadCursor
	}
	q := failedQuery(v.WorkspaceID, channelID)
	q.Reverse, q.Limit, q.Cursor, q.Range = true, page.Limit, from, &store.Range{To: until, ExcludeTo: true}
	rows, next, err := s.failed.Find(ctx, q)
	if next != "" {
		next = fmt.Sprintf("%d.%s", until.UnixMilli(), next)
	}
	for _, row := range rows {
		retried, err := s.retryRow(ctx, v, row)
		if err != nil {
			return n, "", err
		}
		if retried {
			n++
		}
	}
	return n, next, err
}

func (s *Service) retryRow(ctx context.Context, v access.Viewer, row *failedSend) (bool, error) {
	m, err := s.messages.Get(ctx, row.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && m.Status != FailedMsg {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = s.Retry(ctx, v, m.ConversationID, row.ID)
	if errs.Is(err, errs.Conflict) {
		return false, nil // somebody else was faster
	}
	return err == nil, err
}

// LetGo takes a message off the failed sends; it stays failed where it is shown.
func (s *Service) LetGo(ctx context.Context, v access.Viewer, id string) error {
	return store.Retry(ctx, func() error {
		row, err := s.failed.Get(ctx, id)
		if err == nil && row.WorkspaceID != v.WorkspaceID {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		m, err := s.messages.Get(ctx, id)
		if err != nil {
			return err
		}
		conv, err := s.Conversation(ctx, v, m.ConversationID)
		if err != nil {
			return err
		}
		m.LetGo = true
		return s.writeMessage(ctx, conv, m)
	})
}
