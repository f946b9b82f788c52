package inbox

import (
	"context"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/store"
)

// Edit changes a conversation within the caller's write: how other features change one. Who may is for them to ask. Where the write finds
// that others were faster, everything must be read again.
func (s *Service) Edit(ctx context.Context, w *events.Write, by access.Actor, workspaceID, id string, e Edit) (*Conversation, error) {
	editing, err := s.openUnmerged(ctx, by, workspaceID, id)
	if err == nil {
		err = editing.Edit(ctx, e)
	}
	if err != nil {
		return nil, err
	}
	return editing.c.conv, editing.addTo(ctx, w)
}

// Send puts a message into a conversation within the caller's write: composed, checked and placed as one that a user writes. What is there
// already under the author's client id is returned as it is, with nothing written.
func (s *Service) Send(ctx context.Context, w *events.Write, by access.Actor, workspaceID, id string, n NewMessage) (*Message, error) {
	editing, err := s.openUnmerged(ctx, by, workspaceID, id)
	if err != nil {
		return nil, err
	}
	m, created, err := editing.Send(ctx, n)
	if err != nil || !created {
		return m, err
	}
	return m, editing.addTo(ctx, w)
}

// openUnmerged is open for what is to be changed: one that was merged is not there.
func (s *Service) openUnmerged(ctx context.Context, by access.Actor, workspaceID, id string) (*Editing, error) {
	editing, err := s.open(ctx, by, workspaceID, id)
	if err == nil && editing.c.conv.Status == Merged {
		err = store.ErrNotFound
	}
	return editing, err
}

// open reads a conversation of the workspace, as it is stored.
func (s *Service) open(ctx context.Context, by access.Actor, workspaceID, id string) (*Editing, error) {
	conv, err := s.stored(ctx, id)
	if err == nil && conv.WorkspaceID != workspaceID {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return s.editing(conv, by), nil
}

// Editing is a conversation that somebody changes step by step, all of which is one change: what actions are done to.
type Editing struct {
	s *Service
	c *change
	// key begins the client ids of what is written in it: the same work on the same conversation writes the same messages.
	key     string
	written int
}

func (s *Service) editing(conv *Conversation, by access.Actor) *Editing {
	return &Editing{s: s, c: &change{conv: conv, actor: by}}
}

// Edit changes the conversation's own fields.
func (e *Editing) Edit(ctx context.Context, edit Edit) error { return e.s.edit(ctx, e.c, edit) }

// Send puts a message into the conversation; created is false where it is there already.
func (e *Editing) Send(ctx context.Context, n NewMessage) (m *Message, created bool, err error) {
	by := access.Viewer{WorkspaceID: e.c.conv.WorkspaceID, UserID: e.c.actor.ID}
	return e.s.newMessage(ctx, by, e.c, n)
}

// addTo completes the change and makes it part of the caller's write.
func (e *Editing) addTo(ctx context.Context, w *events.Write) error {
	if err := e.s.prepare(ctx, e.c); err != nil {
		return err
	}
	w.Add(&e.c.Write)
	return nil
}
