package contacts

import (
	"context"

	"wasl/internal/access"
	"wasl/store"
)

// AudienceOf answers who may see something because of what was said with a contact. known is false where nothing was said.
type AudienceOf func(ctx context.Context, workspaceID, contactID string) (a access.Audience, known bool, err error)

// ShowTo sets who knows what was said with contacts, before anything is served.
func (s *Service) ShowTo(of AudienceOf) { s.said = of }

// Audience is who may see a contact: those who may see one of its conversations, and everybody while there are none.
func (s *Service) Audience(ctx context.Context, workspaceID, contactID string) (access.Audience, error) {
	a, known, err := s.said(ctx, workspaceID, contactID)
	if !known {
		a.Everyone = true
	}
	return a, err
}

// Seen returns the person that a contact belongs to where the viewer may see them, else store.ErrNotFound.
func (s *Service) Seen(ctx context.Context, v access.Viewer, id string) (*Contact, error) {
	c, err := s.Contact(ctx, v.WorkspaceID, id)
	if err != nil {
		return nil, err
	}
	may, err := s.sees(ctx, v, c)
	if err == nil && !may {
		return nil, store.ErrNotFound
	}
	return c, err
}

// everything is a viewer who sees every contact of the workspace: what the program itself looks up.
func everything(workspaceID string) access.Viewer {
	return access.Viewer{WorkspaceID: workspaceID, Role: access.Supervisor}
}

func (s *Service) sees(ctx context.Context, v access.Viewer, c *Contact) (bool, error) {
	if v.SeesAll() {
		return true, nil
	}
	to, err := s.Audience(ctx, v.WorkspaceID, c.ID)
	return v.In(to), err
}
