package inbox

import (
	"context"
	"errors"
	"fmt"

	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/errs"
	"wasl/store"
)

// Doing is actions that somebody does to one conversation.
type Doing struct {
	Actions []byte       // as Actions parses them
	Key     string       // the same key writes the same messages
	Cause   access.Cause // why; the history tells it
}

// Do does actions to a conversation for the viewer and as far as they may: all of them in one change, or none; what the key has done before
// is not done again. The token takes it back (Undo).
func (s *Service) Do(ctx context.Context, v access.Viewer, id string, d Doing) (conv *Conversation, token string, err error) {
	actions, err := s.Actions.Parse(d.Actions, "actions")
	if err != nil {
		return nil, "", err
	}
	if err := mayDo(v, actions); err != nil {
		return nil, "", err
	}
	by := v.Actor()
	by.Cause = d.Cause
	token = undoToken(v, undoMacro, d.Key)
	err = store.Retry(ctx, func() error {
		if conv, err = s.Conversation(ctx, v, id); err != nil {
			return err
		}
		if _, err := s.traces.Get(ctx, traceID(token, id)); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		e := s.editing(conv, by)
		e.key = d.Key
		before := conv.fields()
		if err := e.do(ctx, actions, by); err != nil {
			return err
		}
		e.addTrace(token, before)
		s.addUndo(&e.c.Write, v, undoable{Meta: store.Meta{ID: token}, Kind: undoMacro, Ref: id})
		return s.commit(ctx, e.c)
	})
	return conv, token, err
}

// do does the actions one after the other. An error says which of them it is of.
func (e *Editing) do(ctx context.Context, actions []action.Action[*Editing], by access.Actor) error {
	for n, a := range actions {
		if err := a.Run(ctx, e, by); err != nil {
			return ofAction(err, n)
		}
	}
	return nil
}

// ofAction says of an error that would be answered to a caller which action it is of.
func ofAction(err error, n int) error {
	var e *errs.Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Fields = append([]errs.Field{{Field: fmt.Sprintf("actions/%d", n), Detail: e.Text}}, e.Fields...)
	return &told
}

// ViewsFor shows conversations to the viewer.
func (s *Service) ViewsFor(ctx context.Context, v access.Viewer, convs []*Conversation) ([]ConversationView, error) {
	return s.conversationViews(ctx, v.UserID, convs)
}
