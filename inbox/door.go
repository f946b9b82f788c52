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
	conv, err := s.ofWorkspace(ctx, workspaceID, id)
	if err != nil {
		return nil, err
	}
	c := &change{conv: conv, actor: by}
	if err := s.edit(ctx, c, e); err != nil {
		return nil, err
	}
	return conv, s.addTo(ctx, w, c)
}

// Send puts a message into a conversation within the caller's write: composed, checked and placed as one that a user writes. What is there
// already under the author's client id is returned as it is, with nothing written.
func (s *Service) Send(ctx context.Context, w *events.Write, by access.Actor, workspaceID, id string, n NewMessage) (*Message, error) {
	conv, err := s.ofWorkspace(ctx, workspaceID, id)
	if err != nil {
		return nil, err
	}
	m, c, err := s.newMessage(ctx, access.Viewer{WorkspaceID: workspaceID, UserID: by.ID}, by, conv, n)
	if err != nil || c == nil {
		return m, err
	}
	return m, s.addTo(ctx, w, c)
}

// ofWorkspace reads a conversation of the workspace, to be changed.
func (s *Service) ofWorkspace(ctx context.Context, workspaceID, id string) (*Conversation, error) {
	conv, err := s.getConversation(ctx, id)
	if err == nil && conv.WorkspaceID != workspaceID {
		return nil, store.ErrNotFound
	}
	return conv, err
}

// addTo completes a change and makes it part of the caller's write.
func (s *Service) addTo(ctx context.Context, w *events.Write, c *change) error {
	if err := s.prepare(ctx, c); err != nil {
		return err
	}
	w.Add(&c.Write)
	return nil
}
