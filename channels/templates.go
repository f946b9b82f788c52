package channels

import (
	"context"
	"errors"
	"time"

	"wasl/internal/errs"
	"wasl/internal/jobs"
	"wasl/store"
)

// JobTemplates is the kind of job that asks the provider for the templates.
const JobTemplates = "templates"

// Templates lists a channel's templates by name, as of the last synchronisation.
func (s *Service) Templates(ctx context.Context, workspaceID, channelID string) ([]Template, error) {
	out := []Template{}
	q := store.Query{Index: "channel", Eq: []any{workspaceID, channelID}, Limit: 500}
	err := s.templates.Each(ctx, q, func(t *storedTemplate) error {
		out = append(out, t.Template)
		return nil
	})
	return out, err
}

// Template returns one template of the channel, or nil where there is none.
func (s *Service) Template(ctx context.Context, channelID, name, language string) (*Template, error) {
	t, err := s.templates.Get(ctx, templateID(channelID, name, language))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // absence is an ordinary answer here
	}
	if err != nil {
		return nil, err
	}
	return &t.Template, nil
}

func (s *Service) runSync(ctx context.Context, job *jobs.Job) error {
	c, err := s.Connected(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.Sync(ctx, c)
	var refused *SendError
	if errors.As(err, &refused) && refused.Outcome != Throttled && refused.Outcome != Down && refused.Outcome != Uncertain {
		return nil // the channel shows it, or the person who asks for the list again sees it
	}
	return err
}

// SyncAll asks for the templates of all the workspace's channels that have any.
func (s *Service) SyncAll(ctx context.Context, workspaceID string) error {
	found, _, err := s.List(ctx, workspaceID, "", 200)
	if err != nil {
		return err
	}
	for _, ch := range found {
		c, err := s.Connected(ctx, ch.ID)
		if err != nil {
			return err
		}
		if _, lists := c.Adapter.(TemplateLister); !lists {
			continue
		}
		if err := s.Sync(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// Sync replaces the stored templates by the provider's list. A notice that comes while it is asked for is newer than the list.
func (s *Service) Sync(ctx context.Context, c *Connected) error {
	lister, ok := c.Adapter.(TemplateLister)
	if !ok {
		return errs.New(errs.Conflict, "no_templates", "This kind of channel has no templates.")
	}
	old, asked := map[string]*storedTemplate{}, s.Clock.Now().Truncate(time.Second) // as notices tell their times
	q := store.Query{Index: "channel", Eq: []any{c.WorkspaceID, c.ID}, Limit: 500}
	err := s.templates.Each(ctx, q, func(t *storedTemplate) error {
		old[t.ID] = t
		return nil
	})
	if err != nil {
		return err
	}
	listed, err := lister.Templates(ctx, c.Account)
	if err != nil {
		return err
	}
	for _, t := range listed {
		next := &storedTemplate{
			Meta: store.Meta{ID: templateID(c.ID, t.Name, t.Language)}, WorkspaceID: c.WorkspaceID, ChannelID: c.ID, Template: t,
			ListedAt: asked,
		}
		change := s.templates.Insert(next)
		if before := old[next.ID]; before != nil {
			next.Version = before.Version
			change = s.templates.Replace(next)
		}
		delete(old, next.ID)
		if err := s.settle(ctx, change); err != nil {
			return err
		}
	}
	for _, gone := range old {
		if err := s.settle(ctx, s.templates.Delete(gone)); err != nil {
			return err
		}
	}
	return nil
}

// settle writes one template; where a notice or another instance was faster, its word is as new.
func (s *Service) settle(ctx context.Context, change store.Change) error {
	err := s.Engine.Write(ctx, change)
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) {
		return nil
	}
	return err
}

// ChangeTemplate applies what a notice said at a time about a template that is known here. What was said or listed later stays.
func (s *Service) ChangeTemplate(ctx context.Context, channelID string, at time.Time, change TemplateChange) error {
	at = store.Millis(at)
	_, err := s.templates.Update(ctx, templateID(channelID, change.Name, change.Language), func(t *storedTemplate) error {
		for name, f := range map[string]struct {
			field *string
			value string
		}{
			"status":   {&t.Template.Status, change.Status},
			"category": {&t.Template.Category, change.Category},
			"quality":  {&t.Template.Quality, change.Quality},
			"reason":   {&t.Template.Reason, change.Reason},
		} {
			if f.value == "" || at.Before(t.ListedAt) || at.Before(t.SaidAt[name]) {
				continue
			}
			if t.SaidAt == nil {
				t.SaidAt = map[string]time.Time{}
			}
			*f.field, t.SaidAt[name] = f.value, at
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil // the next synchronisation brings it
	}
	return err
}

// explain turns a provider's refusal into an answer, and pauses the channel where its credentials are dead.
func (s *Service) explain(ctx context.Context, c *Connected, err error) error {
	var e *SendError
	if !errors.As(err, &e) {
		return err
	}
	if e.Outcome == Dead {
		if err := s.Fail(ctx, c, Trouble{Code: e.Code, Title: e.Title, Detail: e.Detail}); err != nil {
			return err
		}
	}
	return errs.Wrap(err, errs.Conflict, e.Code, e.Title+". "+e.Detail)
}
