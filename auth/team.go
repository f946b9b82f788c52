package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"wasl/activity"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

// Team is users who share work: what a team is given, its members see while nobody has it. A team knows its members and a user their
// teams; both change in one write.
type Team struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	Name        string    `bson:"name"`
	MemberIDs   []string  `bson:"member_ids"` // sorted
	Work        TeamWork  `bson:"work"`
	CreatedAt   time.Time `bson:"created_at"`
}

var teams = store.Schema{Name: "teams", Indexes: []store.Index{
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("name")}},
}}

const (
	// maxMembers bounds a team, and with it how many users one write changes.
	maxMembers = 200
	// maxTeams bounds the teams of a user, who is read with every request.
	maxTeams = 50
	// maxWorkspaceTeams bounds what people choose from.
	maxWorkspaceTeams = 200
)

// The events of a team. Their data is the team as REST shows it.
const (
	teamCreated = "team.created"
	teamUpdated = "team.updated"
	teamDeleted = "team.deleted"
)

// What is done with teams, in the history.
const (
	actionTeamCreated = "team.created"
	actionTeamChanged = "team.changed"
	actionTeamDeleted = "team.deleted"
)

// Team returns a team of the workspace or store.ErrNotFound.
func (s *Service) Team(ctx context.Context, workspaceID, id string) (*Team, error) {
	t, err := s.teams.Get(ctx, id)
	if err == nil && t.WorkspaceID != workspaceID {
		return nil, store.ErrNotFound
	}
	if err == nil {
		t.Work.complete()
	}
	return t, err
}

// Teams lists the workspace's teams by name.
func (s *Service) Teams(ctx context.Context, workspaceID, cursor string, limit int) ([]*Team, string, error) {
	found, next, err := s.teams.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: limit, Cursor: cursor})
	for _, t := range found {
		t.Work.complete()
	}
	return found, next, err
}

// AllTeams are the workspace's teams, of which there are few, by id.
func (s *Service) AllTeams(ctx context.Context, workspaceID string) (map[string]*Team, error) {
	found, _, err := s.Teams(ctx, workspaceID, "", maxWorkspaceTeams)
	teams := make(map[string]*Team, len(found))
	for _, t := range found {
		teams[t.ID] = t
	}
	return teams, err
}

// roster is a change of teams and their members that is being put together: one write, with history and events.
type roster struct {
	s           *Service
	workspaceID string
	by          access.Actor
	write       events.Write
	moved       []string // users whose teams change
}

// changeRoster repeats a change of teams from the start as long as others are faster, and lets open sockets feel it.
func (s *Service) changeRoster(ctx context.Context, workspaceID string, by access.Actor, change func(*roster) error) error {
	var r *roster
	err := store.Retry(ctx, func() error {
		r = &roster{s: s, workspaceID: workspaceID, by: by}
		if err := change(r); err != nil {
			return err
		}
		if len(r.write.Changes) > 0 {
			s.beside(&r.write, workspaceID, nil)
		}
		return s.bus.Commit(ctx, &r.write)
	})
	if err != nil {
		return err
	}
	for _, id := range r.moved {
		s.onAccessChange(id)
	}
	return nil
}

// note adds a team's history and its event.
func (r *roster) note(t *Team, action, event string, changes []events.Change) {
	at := r.s.clock.Now()
	r.s.activity.Add(&r.write, activity.Activity{
		WorkspaceID: r.workspaceID, Subject: activity.Subject{Kind: activity.Team, ID: t.ID}, Actor: r.by, Action: action, Changes: changes,
		At: at,
	})
	data, _ := json.Marshal(viewTeam(t)) // strings always encode
	r.write.Events = append(r.write.Events, events.Event{
		Type: event, WorkspaceID: r.workspaceID, Subject: t.ID, Version: t.Version, At: at, Actor: r.by, Changes: changes,
		Audience: access.Audience{Everyone: true}, Data: data,
	})
}

// setMembers makes these users the team's members, and the team one of theirs. It returns what the history says of it.
func (r *roster) setMembers(ctx context.Context, t *Team, memberIDs []string) ([]events.Change, error) {
	before, after := t.MemberIDs, sorted(memberIDs)
	if slices.Equal(before, after) {
		return nil, nil
	}
	if len(after) > maxMembers {
		return nil, errs.InvalidField("too_many_members", "member_ids", fmt.Sprintf("a team has at most %d members", maxMembers))
	}
	t.MemberIDs = after
	in := func(list []string) func(string) bool {
		return func(id string) bool { return slices.Contains(list, id) }
	}
	joining, leaving := slices.DeleteFunc(slices.Clone(after), in(before)), slices.DeleteFunc(slices.Clone(before), in(after))
	users, err := r.s.users.GetMany(ctx, slices.Concat(joining, leaving)...)
	if err != nil {
		return nil, err
	}
	found := 0
	for _, u := range users {
		if u.WorkspaceID != r.workspaceID {
			continue
		}
		if found++; slices.Contains(joining, u.ID) {
			err = r.setTeams(u, append(slices.Clone(u.TeamIDs), t.ID))
		} else {
			err = r.setTeams(u, slices.DeleteFunc(slices.Clone(u.TeamIDs), func(id string) bool { return id == t.ID }))
		}
		if err != nil {
			return nil, err
		}
	}
	if found < len(joining)+len(leaving) {
		return nil, errs.InvalidField("unknown_user", "member_ids", "ids of users of this workspace")
	}
	return []events.Change{{Field: "member_ids", Before: before, After: after}}, nil
}

// setTeams changes the teams of a user, not those teams.
func (r *roster) setTeams(u *User, teamIDs []string) error {
	before := *u
	if u.TeamIDs = sorted(teamIDs); len(u.TeamIDs) > maxTeams {
		return errs.InvalidField("too_many_teams", "team_ids", fmt.Sprintf("%s would be in more than %d teams", u.Name, maxTeams))
	}
	r.write.Changes = append(r.write.Changes, r.s.users.Replace(u))
	r.s.record(&r.write, r.by, u, actionUserChanged, u.changesSince(&before))
	r.moved = append(r.moved, u.ID)
	return nil
}

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// NewTeam is what a team is made of.
type NewTeam struct {
	Name      string
	MemberIDs []string
	WorkEdit
}

// CreateTeam makes a team. The same key of the same caller, which may be empty, is the same team: created is false then.
func (s *Service) CreateTeam(ctx context.Context, v access.Viewer, key string, n NewTeam) (t *Team, created bool, err error) {
	now := s.clock.Now()
	id := ids.New("tem", now)
	if key != "" {
		id = ids.Derived("tem", v.WorkspaceID, v.UserID, key)
	}
	err = s.changeRoster(ctx, v.WorkspaceID, v.Actor(), func(r *roster) error {
		t, err = s.Team(ctx, v.WorkspaceID, id)
		if created = errors.Is(err, store.ErrNotFound); !created {
			return err
		}
		there, err := s.teams.Count(ctx, store.Query{Index: "workspace", Eq: []any{v.WorkspaceID}}, maxWorkspaceTeams)
		if err != nil {
			return err
		}
		if there >= maxWorkspaceTeams {
			return errs.New(errs.Conflict, "team_limit", fmt.Sprintf("A workspace has at most %d teams.", maxWorkspaceTeams))
		}
		t = &Team{Meta: store.Meta{ID: id}, WorkspaceID: v.WorkspaceID, Name: n.Name, MemberIDs: []string{}, CreatedAt: now}
		t.Work.complete()
		changes, err := r.setMembers(ctx, t, n.MemberIDs)
		if err != nil {
			return err
		}
		more, err := r.setWork(ctx, t, n.WorkEdit)
		if err != nil {
			return err
		}
		changes = append(changes, more...)
		r.write.Changes = append(r.write.Changes, s.teams.Insert(t))
		r.note(t, actionTeamCreated, teamCreated, append([]events.Change{{Field: "name", After: n.Name}}, changes...))
		return nil
	})
	return t, created, err
}

// TeamEdit is a change of a team; nil fields stay.
type TeamEdit struct {
	Name      *string
	MemberIDs *[]string
	WorkEdit
}

// ChangeTeam edits a team, unless check refuses the version that it has.
func (s *Service) ChangeTeam(ctx context.Context, v access.Viewer, id string, check func(version int64) error, e TeamEdit) (t *Team,
	err error,
) {
	err = s.changeRoster(ctx, v.WorkspaceID, v.Actor(), func(r *roster) error {
		if t, err = s.Team(ctx, v.WorkspaceID, id); err != nil {
			return err
		}
		if err := check(t.Version); err != nil {
			return err
		}
		var changes []events.Change
		if e.Name != nil && *e.Name != t.Name {
			changes = append(changes, events.Change{Field: "name", Before: t.Name, After: *e.Name})
			t.Name = *e.Name
		}
		if e.MemberIDs != nil {
			more, err := r.setMembers(ctx, t, *e.MemberIDs)
			if err != nil {
				return err
			}
			changes = append(changes, more...)
		}
		work, err := r.setWork(ctx, t, e.WorkEdit)
		if err != nil {
			return err
		}
		if changes = append(changes, work...); len(changes) == 0 {
			return nil
		}
		r.write.Changes = append(r.write.Changes, s.teams.Replace(t))
		r.note(t, actionTeamChanged, teamUpdated, changes)
		return nil
	})
	return t, err
}

// DeleteTeam removes a team, also from its members, unless check refuses the version that it has. What it was given and nobody has stays
// its own: supervisors see it and give it to somebody.
func (s *Service) DeleteTeam(ctx context.Context, v access.Viewer, id string, check func(version int64) error) error {
	return s.changeRoster(ctx, v.WorkspaceID, v.Actor(), func(r *roster) error {
		t, err := s.Team(ctx, v.WorkspaceID, id)
		if err != nil {
			return err
		}
		if err := check(t.Version); err != nil {
			return err
		}
		members := t.MemberIDs
		if _, err := r.setMembers(ctx, t, nil); err != nil {
			return err
		}
		r.write.Changes = append(r.write.Changes, s.teams.Delete(t))
		r.note(t, actionTeamDeleted, teamDeleted, []events.Change{
			{Field: "name", Before: t.Name}, {Field: "member_ids", Before: members},
		})
		return nil
	})
}

// SetTeams makes a user a member of exactly these teams; also, where it is not nil, adds to the same write.
func (s *Service) SetTeams(
	ctx context.Context, v access.Viewer, userID string, teamIDs []string, also func(*events.Write) error,
) (u *User, err error) {
	err = s.changeRoster(ctx, v.WorkspaceID, v.Actor(), func(r *roster) error {
		if u, err = s.User(ctx, v.WorkspaceID, userID); err != nil {
			return err
		}
		if also != nil {
			if err := also(&r.write); err != nil {
				return err
			}
		}
		had, has := u.TeamIDs, sorted(teamIDs)
		if slices.Equal(had, has) {
			return nil
		}
		if err := r.setTeams(u, has); err != nil {
			return err
		}
		for _, id := range sorted(slices.Concat(had, has)) {
			if slices.Contains(had, id) == slices.Contains(has, id) {
				continue
			}
			t, err := s.Team(ctx, v.WorkspaceID, id)
			if errors.Is(err, store.ErrNotFound) {
				return errs.InvalidField("unknown_team", "team_ids", "ids of teams of this workspace")
			}
			if err != nil {
				return err
			}
			before := t.MemberIDs
			if slices.Contains(has, id) {
				t.MemberIDs = sorted(append(slices.Clone(before), u.ID))
			} else {
				t.MemberIDs = slices.DeleteFunc(slices.Clone(before), func(member string) bool { return member == u.ID })
			}
			if len(t.MemberIDs) > maxMembers {
				return errs.InvalidField("too_many_members", "team_ids", fmt.Sprintf("%s has %d members already", t.Name, maxMembers))
			}
			r.write.Changes = append(r.write.Changes, s.teams.Replace(t))
			r.note(t, actionTeamChanged, teamUpdated, []events.Change{{Field: "member_ids", Before: before, After: t.MemberIDs}})
		}
		return nil
	})
	return u, err
}
