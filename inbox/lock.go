package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/text"
	"wasl/internal/web"
	"wasl/store"
)

const (
	// lockTime is how long after the last key of whoever writes an answer the right to do so ends.
	lockTime = 20 * time.Second
	// lockedShown is how many characters of what they have written others are shown.
	lockedShown = 2000
)

// lock is who writes the answer in a conversation. A row whose time is over says nothing; the next writer replaces it.
type lock struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	UserID      string    `bson:"user_id"`
	Name        string    `bson:"name"`
	Text        string    `bson:"text"`
	Until       time.Time `bson:"until"`
}

var lockSchema = store.Schema{Name: "conversation_locks"}

func lockID(conversationID string) string { return ids.Derived("lck", conversationID) }

// Locked is why the right to write was not given: a colleague has it.
type Locked struct{ By LockView }

var errLocked = errs.New(errs.Locked, "locked", "A colleague is writing an answer here; you can take over.")

// Error says so.
func (l *Locked) Error() string { return errLocked.Error() }

// Unwrap returns the error without who it is.
func (l *Locked) Unwrap() error { return errLocked }

// LockView is who has the right to write, as REST and the socket show it.
type LockView struct {
	ConversationID string    `json:"conversation_id"`
	UserID         *string   `json:"user_id" doc:"null: nobody any more"`
	Name           string    `json:"name"`
	Text           string    `json:"text" doc:"What they have written so far, cut to 2,000 characters"`
	Until          *web.Time `json:"until" doc:"When it ends unless they write on"`
	TookFrom       string    `json:"took_from,omitempty" doc:"The user from whom it was taken just now"`
}

func (l *lock) view(conversationID string) LockView {
	return LockView{
		ConversationID: conversationID, UserID: &l.UserID, Name: l.Name, Text: l.Text, Until: web.AtOrNull(&l.Until),
	}
}

// Lock gives the viewer the right to write the answer, or keeps it theirs for another while, and shows colleagues what they have written.
// A colleague who has it keeps it (Locked), unless the viewer takes over: that one learns it, and their text stays their draft.
func (s *Service) Lock(ctx context.Context, v access.Viewer, conversationID, written string, takeOver bool) (LockView, error) {
	conv, err := s.Conversation(ctx, v, conversationID)
	if err != nil {
		return LockView{}, err
	}
	var view LockView
	err = store.Retry(ctx, func() error {
		now := s.Clock.Now()
		l := &lock{
			Meta: store.Meta{ID: lockID(conv.ID)}, WorkspaceID: conv.WorkspaceID, UserID: v.UserID, Name: v.Name,
			Text: text.Preview(written, lockedShown), Until: store.Millis(now.Add(lockTime)),
		}
		before, err := s.locks.Get(ctx, l.ID)
		if errors.Is(err, store.ErrNotFound) {
			view = l.view(conv.ID)
			return s.Engine.Write(ctx, s.locks.Insert(l))
		}
		if err != nil {
			return err
		}
		others := before.UserID != v.UserID && before.Until.After(now)
		if others && !takeOver {
			return &Locked{before.view(conv.ID)}
		}
		if view = l.view(conv.ID); others {
			view.TookFrom = before.UserID
		}
		l.Version = before.Version
		return s.Engine.Write(ctx, s.locks.Replace(l))
	})
	if err == nil {
		s.tellLock(ctx, v, conv, view)
	}
	return view, err
}

// Unlock gives the right to write back; where the viewer does not have it nothing happens.
func (s *Service) Unlock(ctx context.Context, v access.Viewer, conversationID string) error {
	conv, err := s.Conversation(ctx, v, conversationID)
	if err != nil {
		return err
	}
	gone := false
	err = store.Retry(ctx, func() error {
		l, err := s.locks.Get(ctx, lockID(conv.ID))
		if errors.Is(err, store.ErrNotFound) || err == nil && l.UserID != v.UserID {
			return nil
		}
		if err != nil {
			return err
		}
		gone = true
		return s.Engine.Write(ctx, s.locks.Delete(l))
	})
	if err == nil && gone {
		s.tellLock(ctx, v, conv, LockView{ConversationID: conv.ID})
	}
	return err
}

// tellLock shows those who see the conversation who writes in it.
func (s *Service) tellLock(ctx context.Context, v access.Viewer, conv *Conversation, view LockView) {
	data, _ := json.Marshal(view) // a view always encodes
	to := conv.audience()
	to.Guest = ""
	s.Bus.Signal(ctx, events.Signal{Type: "lock", WorkspaceID: conv.WorkspaceID, Audience: to, From: v.UserID, Data: data})
}
