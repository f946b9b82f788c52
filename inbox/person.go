package inbox

import (
	"context"
	"errors"

	"wasl/internal/jobs"
	"wasl/store"
)

// runMoved shows the conversations of a contact, and of all that was merged into it, with the person that they belong to now: one
// small write for each, so that a merge itself is small whatever there is.
func (s *Service) runMoved(ctx context.Context, job *jobs.Job) error {
	origins, err := s.Contacts.Descendants(ctx, job.WorkspaceID, job.Ref)
	if err != nil {
		return err
	}
	q := store.Query{Index: "contact", Eq: []any{job.WorkspaceID, anyOf(origins)}, Limit: 200}
	err = s.conversations.Each(ctx, q, func(c *Conversation) error {
		return again(ctx, func() error { return s.move(ctx, c.ID) })
	})
	if err != nil {
		return err
	}
	return s.commit(ctx, &change{changes: []store.Change{job.Done()}})
}

func (s *Service) move(ctx context.Context, conversationID string) error {
	conv, err := s.conversations.Get(ctx, conversationID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	person, err := s.Contacts.Contact(ctx, conv.WorkspaceID, conv.Origin)
	if err != nil || conv.ContactID == person.ID {
		return err
	}
	conv.ContactID = person.ID
	return s.commit(ctx, &change{conv: conv, contact: person})
}
