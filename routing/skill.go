package routing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wasl/activity"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/store"
)

func skillID(workspaceID, key string) string { return ids.Derived("skl", workspaceID, key) }

// Skills lists the workspace's skills by key, without those of languages.
func (s *Service) Skills(ctx context.Context, workspaceID string) ([]*SkillName, error) {
	found, _, err := s.skills.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: maxSkills})
	return found, err
}

// CreateSkill makes a skill, or finds the one that has this key: created is false then.
func (s *Service) CreateSkill(ctx context.Context, v access.Viewer, key, name string) (k *SkillName, created bool, err error) {
	if !skillForm.MatchString(key) {
		return nil, false, errs.InvalidField("invalid_skill", "key",
			"1 to 60 small letters, digits, - and _; those of languages are there always")
	}
	there, err := s.Skills(ctx, v.WorkspaceID)
	if err != nil {
		return nil, false, err
	}
	if n := slices.IndexFunc(there, func(k *SkillName) bool { return k.Key == key }); n >= 0 {
		return there[n], false, nil
	}
	if len(there) >= maxSkills {
		return nil, false, errs.New(errs.Conflict, "skill_limit", fmt.Sprintf("A workspace has at most %d skills.", maxSkills))
	}
	k = &SkillName{Meta: store.Meta{ID: skillID(v.WorkspaceID, key)}, WorkspaceID: v.WorkspaceID, Key: key, Name: name}
	w := &events.Write{Changes: []store.Change{s.skills.Insert(k)}}
	s.drainLater(w, v.WorkspaceID)
	if err = s.Bus.Commit(ctx, w); errors.Is(err, store.ErrExists) {
		k, err = s.skills.Get(ctx, k.ID)
		return k, false, err
	}
	return k, err == nil, err
}

// DeleteSkill removes a skill: nothing that waits asks for it any more.
func (s *Service) DeleteSkill(ctx context.Context, v access.Viewer, key string) error {
	return store.Retry(ctx, func() error {
		k, err := s.skills.Get(ctx, skillID(v.WorkspaceID, key))
		if err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{s.skills.Delete(k)}}
		s.drainLater(w, v.WorkspaceID)
		return s.Bus.Commit(ctx, w)
	})
}

// knownSkills refuses skills that there are not, and the same one twice.
func (s *Service) knownSkills(ctx context.Context, workspaceID, field string, keys []string) error {
	rowIDs := make([]string, 0, len(keys))
	for n, key := range keys {
		if slices.Contains(keys[:n], key) {
			return errs.InvalidField("unknown_skill", field, fmt.Sprintf("each skill once, not %.60q again", key))
		}
		if !languageForm.MatchString(key) {
			rowIDs = append(rowIDs, skillID(workspaceID, key))
		}
	}
	found, err := s.skills.GetMany(ctx, rowIDs...)
	if err != nil {
		return err
	}
	if len(found) < len(rowIDs) {
		return errs.InvalidField("unknown_skill", field, "keys of skills of this workspace, or of languages such as lang:he")
	}
	return nil
}

// profileOf reads a user's profile; who has none has no skills and the usual capacity.
func (s *Service) profileOf(ctx context.Context, workspaceID, userID string) (*Profile, error) {
	p, err := s.profiles.Get(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return &Profile{Meta: store.Meta{ID: userID}, WorkspaceID: workspaceID, Skills: []Skill{}}, nil
	}
	return p, err
}

// ProfileEdit is a change of a profile; nil fields stay.
type ProfileEdit struct {
	TeamIDs  *[]string
	Skills   *[]Skill
	Capacity *Capacity
	HoursID  *string // empty: any time
}

// ChangeProfile changes what decides about a user's work, teams too, all in one write.
func (s *Service) ChangeProfile(ctx context.Context, v access.Viewer, userID string, e ProfileEdit) (p *Profile, err error) {
	if _, err := s.Users.User(ctx, v.WorkspaceID, userID); err != nil {
		return nil, err
	}
	if e.Capacity != nil {
		if err := e.Capacity.check(); err != nil {
			return nil, err
		}
	}
	if e.HoursID != nil && *e.HoursID != "" {
		if _, err := s.hoursOf(ctx, v.WorkspaceID, *e.HoursID); errors.Is(err, store.ErrNotFound) {
			return nil, errs.InvalidField("unknown_hours", "working_hours_id", "the id of business hours of this workspace")
		} else if err != nil {
			return nil, err
		}
	}
	if e.Skills != nil {
		if len(*e.Skills) > maxLearned {
			return nil, errs.InvalidField("unknown_skill", "skills", fmt.Sprintf("at most %d skills", maxLearned))
		}
		keys := make([]string, len(*e.Skills))
		for n, k := range *e.Skills {
			keys[n] = k.Key
		}
		if err := s.knownSkills(ctx, v.WorkspaceID, "skills", keys); err != nil {
			return nil, err
		}
	}
	write := func(w *events.Write) error {
		p, err = s.addProfile(ctx, w, v, userID, e)
		return err
	}
	if e.TeamIDs != nil {
		_, err = s.Users.SetTeams(ctx, v, userID, *e.TeamIDs, write)
		return p, err
	}
	err = store.Retry(ctx, func() error {
		w := &events.Write{}
		if err := write(w); err != nil {
			return err
		}
		s.drainLater(w, v.WorkspaceID)
		return s.Bus.Commit(ctx, w)
	})
	return p, err
}

// addProfile adds the change of a profile to the write, where it is one.
func (s *Service) addProfile(ctx context.Context, w *events.Write, v access.Viewer, userID string, e ProfileEdit) (*Profile, error) {
	p, err := s.profileOf(ctx, v.WorkspaceID, userID)
	if err != nil || e.Skills == nil && e.Capacity == nil && e.HoursID == nil {
		return p, err
	}
	var changes []events.Change
	if e.Skills != nil {
		changes = append(changes, events.Change{Field: "skills", Before: namedSkills(p.Skills), After: namedSkills(*e.Skills)})
		p.Skills = *e.Skills
	}
	if e.Capacity != nil {
		changes = append(changes, events.Change{Field: "capacity", Before: int64(p.Capacity.total()), After: int64(e.Capacity.total())})
		p.Capacity = *e.Capacity
	}
	if e.HoursID != nil {
		changes = append(changes, events.Change{Field: "working_hours_id", Before: p.HoursID, After: *e.HoursID})
		p.HoursID = *e.HoursID
	}
	change := s.profiles.Replace
	if p.Version == 0 {
		change = s.profiles.Insert
	}
	w.Changes = append(w.Changes, change(p), s.logProfile(p, s.Clock.Now(), v.Actor()))
	s.tellBoard(w, v.WorkspaceID, userID)
	s.Activity.Add(w, activity.Activity{
		WorkspaceID: v.WorkspaceID, Subject: activity.Subject{Kind: activity.User, ID: userID}, Actor: v.Actor(), Action: "user.changed",
		Changes: changes, At: s.Clock.Now(),
	})
	return p, nil
}

// namedSkills are skills as the history has them.
func namedSkills(skills []Skill) []string {
	out := make([]string, len(skills))
	for n, k := range skills {
		out[n] = fmt.Sprintf("%s %d", k.Key, k.Level)
	}
	return out
}
