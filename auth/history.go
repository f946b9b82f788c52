package auth

import (
	"context"
	"slices"

	"wasl/activity"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/store"
)

// What is done with users, in the history.
const (
	actionUserCreated = "user.created"
	actionUserChanged = "user.changed"
)

// changeUser changes a user, with its history in the same write. Where others are faster it changes what they have made.
func (s *Service) changeUser(ctx context.Context, by access.Actor, id string, change func(*User) error) (u *User, err error) {
	err = store.Retry(ctx, func() error {
		if u, err = s.users.Get(ctx, id); err != nil {
			return err
		}
		before := *u
		before.TeamIDs = slices.Clone(u.TeamIDs)
		if err := change(u); err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{s.users.Replace(u)}}
		if changes := u.changesSince(&before); len(changes) > 0 {
			s.record(w, by, u, actionUserChanged, changes)
			s.beside(w, u.WorkspaceID, u)
		}
		return s.bus.Commit(ctx, w)
	})
	return u, err
}

func (s *Service) record(w *events.Write, by access.Actor, u *User, action string, changes []events.Change) {
	s.activity.Add(w, activity.Activity{
		WorkspaceID: u.WorkspaceID, Subject: activity.Subject{Kind: activity.User, ID: u.ID}, Actor: by, Action: action, Changes: changes,
		At: s.clock.Now(),
	})
}

// changesSince lists what is not as it was. Of a password only that it is another one.
func (u *User) changesSince(before *User) (changes []events.Change) {
	if before.Name != u.Name {
		changes = append(changes, events.Change{Field: "name", Before: before.Name, After: u.Name})
	}
	if before.Role != u.Role {
		changes = append(changes, events.Change{Field: "role", Before: string(before.Role), After: string(u.Role)})
	}
	if before.Active != u.Active {
		changes = append(changes, events.Change{Field: "active", Before: before.Active, After: u.Active})
	}
	if before.PasswordHash != u.PasswordHash {
		changes = append(changes, events.Change{Field: "password"})
	}
	if !slices.Equal(before.TeamIDs, u.TeamIDs) {
		changes = append(changes, events.Change{Field: "team_ids", Before: before.TeamIDs, After: u.TeamIDs})
	}
	return changes
}
