package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/store"
)

// maxFormer is how many of its former names a workspace keeps.
const maxFormer = 50

// rename gives the workspace another name. The one before stays known: nobody else comes in by it.
func (w *Workspace) rename(name string) {
	if name == w.Name {
		return
	}
	w.FormerNames = append(slices.DeleteFunc(w.FormerNames, func(n string) bool { return n == w.Name }), w.Name)
	w.FormerNames = w.FormerNames[max(0, len(w.FormerNames)-maxFormer):]
	w.Name = name
}

// had reports whether the workspace once had the name: it is among those before, or the one that the id was made of.
func (w *Workspace) had(name string) bool {
	return w.Name != name && (w.ID == WorkspaceID(name) || slices.Contains(w.FormerNames, name))
}

// Workspace returns a workspace.
func (s *Service) Workspace(ctx context.Context, id string) (*Workspace, error) {
	return s.workspaces.Get(ctx, id)
}

// Settings returns a workspace for what is set in it: one of which nobody has said anything, where there is none.
func (s *Service) Settings(ctx context.Context, id string) (*Workspace, error) {
	found, err := s.workspaces.GetMany(ctx, id)
	if err != nil || len(found) == 0 {
		return &Workspace{}, err
	}
	return found[0], nil
}

// Added is what AddTo made.
type Added struct {
	User      *User
	Workspace *Workspace
	Created   bool // the workspace is new
}

// AddTo creates a user in the workspace that has this id or, at present, this name. Where no workspace has the name, or had it before,
// it creates one; with fresh also where one had it. It is for commands: it reads every workspace.
func (s *Service) AddTo(ctx context.Context, workspace string, fresh bool, u NewUser) (Added, error) {
	workspace = strings.TrimSpace(workspace)
	has, had, err := s.named(ctx, workspace)
	if err != nil {
		return Added{}, err
	}
	var unusable string
	switch {
	case workspace == "":
		unusable = "a workspace has a name"
	case len(has) > 1:
		unusable = fmt.Sprintf("several are called %s: name one by its id, %s or %s", workspace, has[0].ID, has[1].ID)
	case len(has) == 1 && fresh:
		unusable = fmt.Sprintf("there is one called %s: %s", workspace, has[0].ID)
	case len(has) == 0 && len(had) > 0 && !fresh:
		unusable = fmt.Sprintf("what was called %s is %s now: name it by its id, %s, or make a new one with --create-workspace",
			workspace, had[0].Name, had[0].ID)
	}
	if unusable != "" {
		return Added{}, errs.InvalidField("unusable_workspace", "workspace", unusable)
	}
	if len(has) == 1 {
		u.WorkspaceID = has[0].ID
		user, err := s.build(u)
		if err != nil {
			return Added{}, err
		}
		return Added{User: user, Workspace: has[0]}, taken(s.engine.Write(ctx, s.users.Insert(user)))
	}
	return s.found(ctx, workspace, u)
}

// found creates a workspace with its first user.
func (s *Service) found(ctx context.Context, name string, u NewUser) (Added, error) {
	w := &Workspace{Meta: store.Meta{ID: WorkspaceID(name)}, Name: name, CreatedAt: s.clock.Now()}
	if _, err := s.workspaces.Get(ctx, w.ID); err == nil { // of the one that had the name
		w.ID = ids.New("wsp", s.clock.Now())
	} else if !errors.Is(err, store.ErrNotFound) {
		return Added{}, err
	}
	u.WorkspaceID = w.ID
	user, err := s.build(u)
	if err != nil {
		return Added{}, err
	}
	return Added{User: user, Workspace: w, Created: true}, taken(s.engine.Write(ctx, s.users.Insert(user), s.workspaces.Insert(w)))
}

// named returns the workspaces that a command means by an id or a name, and those that had the name before.
func (s *Service) named(ctx context.Context, text string) (has, had []*Workspace, err error) {
	err = s.workspaces.Each(ctx, store.Query{Limit: 200}, func(w *Workspace) error {
		switch {
		case w.ID == text || w.Name == text:
			has = append(has, w)
		case w.had(text):
			had = append(had, w)
		}
		return nil
	})
	return has, had, err
}
