package inbox

import (
	"context"
	"errors"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
	"wasl/work"
)

// undoKind is what an undo token takes back.
type undoKind string

// The kinds of what can be taken back.
const (
	undoBulk  undoKind = "bulk"
	undoMacro undoKind = "macro"
	undoMerge undoKind = "merge"
	undoSplit undoKind = "split"
)

const (
	// undoFor is how long something can be taken back.
	undoFor = 24 * time.Hour
	// undoKept is how long it is remembered, so that whoever comes later is told that it is too late.
	undoKept = 7 * 24 * time.Hour
)

// undoable is one thing that can be taken back, once, by whoever did it. Its id is the token. What it was before stands in the traces.
type undoable struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	UserID      string    `bson:"user_id"`
	Kind        undoKind  `bson:"kind"`
	Ref         string    `bson:"ref"` // the work, or the conversation
	UsedAt      time.Time `bson:"used_at,omitempty"`
	Until       time.Time `bson:"until"`
	ExpiresAt   time.Time `bson:"expires_at"`
}

var undoSchema = store.Schema{Name: "undos", Expire: "expires_at"}

// undoToken is the token of what a user did under a key.
func undoToken(v access.Viewer, kind undoKind, key string) string {
	return ids.Derived("und", v.WorkspaceID, v.UserID, string(kind), key)
}

// addUndo adds to a write that what it does can be taken back, under a token.
func (s *Service) addUndo(w *events.Write, v access.Viewer, of undoable) {
	now := s.Clock.Now()
	of.WorkspaceID, of.UserID, of.Until, of.ExpiresAt = v.WorkspaceID, v.UserID, now.Add(undoFor), now.Add(undoKept)
	w.Changes = append(w.Changes, s.undos.Insert(&of))
}

// Undone is what became of an undo.
type Undone struct {
	Kind undoKind
	// Work goes on with it in the background; nil: it is done.
	Work *work.Work
	// ConversationID is the conversation that it was about, where that is one; Left names what was not put back, because it has changed
	// since or cannot be taken back.
	ConversationID string
	Left           []Left
}

// Undo takes back what the viewer did under a token: everything that is still as they left it. It works once, for a day. Errors:
// undo_unknown, also for what somebody else did, undo_used, undo_expired.
func (s *Service) Undo(ctx context.Context, v access.Viewer, token string) (*Undone, error) {
	var done *Undone
	err := store.Retry(ctx, func() error {
		u, err := s.undos.Get(ctx, token)
		if errors.Is(err, store.ErrNotFound) || err == nil && (u.WorkspaceID != v.WorkspaceID || u.UserID != v.UserID) {
			return errs.New(errs.NotFound, "undo_unknown", "There is nothing to undo under this token.")
		}
		now := s.Clock.Now()
		switch {
		case err != nil:
			return err
		case !u.UsedAt.IsZero():
			return errs.New(errs.Conflict, "undo_used", "This has been undone already.")
		case !now.Before(u.Until):
			return errs.New(errs.Conflict, "undo_expired", "This can no longer be undone: a day is over.")
		}
		u.UsedAt = store.Millis(now)
		w := &events.Write{Changes: []store.Change{s.undos.Replace(u)}}
		done = &Undone{Kind: u.Kind}
		switch u.Kind {
		case undoBulk:
			done.Work, err = s.undoWork(ctx, w, v, u)
		case undoMacro:
			done.ConversationID = u.Ref
			done.Left, err = s.undoTrace(ctx, w, v, u.ID, u.Ref)
		case undoMerge, undoSplit:
			done.ConversationID = u.Ref
			done.Left, err = s.undoMovement(ctx, w, v, u)
		}
		if err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}
