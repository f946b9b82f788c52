package inbox

import (
	"context"
	"errors"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// Draft is what one user has begun to write in one conversation.
type Draft struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	Text        string `bson:"text"`
	Mode        string `bson:"mode"` // reply note
	ReplyTo     string `bson:"reply_to"`
	// Mail is what was written around the text of a mail; nil: nothing.
	Mail *DraftMail `bson:"mail,omitempty"`
}

// DraftMail is what somebody has begun to write around a mail's text; nil fields are as the conversation has them.
type DraftMail struct {
	Subject  *string `bson:"subject,omitempty" json:"subject,omitempty" maxLength:"900"`
	To       *string `bson:"to,omitempty" json:"to,omitempty" maxLength:"5000" doc:"As it was typed"`
	CC       *string `bson:"cc,omitempty" json:"cc,omitempty" maxLength:"5000"`
	BCC      *string `bson:"bcc,omitempty" json:"bcc,omitempty" maxLength:"5000"`
	Unsigned bool    `bson:"unsigned,omitempty" json:"unsigned,omitempty"`
}

// empty drafts are not kept.
func (d *Draft) empty() bool { return d.Text == "" && d.Mail == nil }

func draftID(userID, conversationID string) string { return ids.Derived("drf", userID, conversationID) }

// Draft returns the viewer's draft, empty where there is none.
func (s *Service) Draft(ctx context.Context, v access.Viewer, conversationID string) (*Draft, error) {
	if _, err := s.Conversation(ctx, v, conversationID); err != nil {
		return nil, err
	}
	d, err := s.drafts.Get(ctx, draftID(v.UserID, conversationID))
	if errors.Is(err, store.ErrNotFound) {
		return &Draft{Mode: "reply"}, nil
	}
	return d, err
}

// SaveDraft keeps the viewer's draft; an empty one is removed. base is the text that the viewer's device knows it to have: what another
// device wrote since is not overwritten (changed_meanwhile); nil: the newest one counts.
func (s *Service) SaveDraft(ctx context.Context, v access.Viewer, conversationID string, d Draft, base *string) (*Draft, error) {
	if _, err := s.Conversation(ctx, v, conversationID); err != nil {
		return nil, err
	}
	err := store.Retry(ctx, func() error {
		d.Meta = store.Meta{ID: draftID(v.UserID, conversationID)}
		d.WorkspaceID = v.WorkspaceID
		old, err := s.drafts.Get(ctx, d.ID)
		there := ""
		if err == nil {
			there = old.Text
		}
		switch {
		case base != nil && there != *base && there != d.Text && (err == nil || errors.Is(err, store.ErrNotFound)):
			return errs.New(errs.Stale, "changed_meanwhile", "Another device of yours has changed this draft since.")
		case errors.Is(err, store.ErrNotFound) && d.empty():
			return nil
		case errors.Is(err, store.ErrNotFound):
			return s.Engine.Write(ctx, s.drafts.Insert(&d))
		case err != nil:
			return err
		case d.empty():
			return s.Engine.Write(ctx, s.drafts.Delete(old))
		}
		d.Version = old.Version
		return s.Engine.Write(ctx, s.drafts.Replace(&d))
	})
	return &d, err
}

// PassDraft gives what one user has begun to write in a conversation to another one, in the caller's write, unless they have begun
// themselves. Whoever wrote it keeps it too.
func (s *Service) PassDraft(ctx context.Context, w *events.Write, conversationID, from, to string) error {
	found, err := s.drafts.GetMany(ctx, draftID(from, conversationID), draftID(to, conversationID))
	if err != nil || len(found) != 1 || found[0].ID != draftID(from, conversationID) {
		return err
	}
	passed := *found[0]
	passed.Meta = store.Meta{ID: draftID(to, conversationID)}
	w.Changes = append(w.Changes, s.drafts.Insert(&passed))
	return nil
}
