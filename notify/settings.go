package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
)

// Ways are the ways in which a user is told of a kind of notice.
type Ways struct {
	InApp   bool `bson:"in_app" json:"in_app"`
	Sound   bool `bson:"sound" json:"sound"`
	Desktop bool `bson:"desktop" json:"desktop" doc:"By the browser, where it allows that"`
	// Push is nil only in what a client sends, and in what was kept before there was it.
	Push *bool `bson:"push,omitempty" json:"push,omitempty" doc:"On devices that are subscribed, while Wasl is closed; missing: as usual"`
}

// Calls are the ways in which a user is told of what their screens show anyhow.
type Calls struct {
	Sound   bool `bson:"sound" json:"sound"`
	Desktop bool `bson:"desktop" json:"desktop" doc:"By the browser, where it allows that"`
}

// Choices are the ways in which a user is told, for each kind of event.
type Choices struct {
	Assigned      Ways `bson:"assigned" json:"assigned" doc:"A conversation was given to them"`
	LevelWarning  Ways `bson:"sla_warning" json:"sla_warning" doc:"What a service level promises is due soon"`
	LevelBreached Ways `bson:"sla_breached" json:"sla_breached" doc:"What a service level promised was due"`
	// Mention is nil only in what a client sends, and in what was kept before it was a kind of its own.
	Mention *Ways `bson:"mention,omitempty" json:"mention,omitempty" doc:"A note names them; missing: as usual"`
	// Reminder is nil likewise.
	Reminder *Ways `bson:"reminder,omitempty" json:"reminder,omitempty" doc:"What they promised a customer is due; missing: as usual"`
	// Waiting is nil likewise.
	Waiting *Ways `bson:"waiting,omitempty" json:"waiting,omitempty" doc:"A customer waits too long for an answer; missing: as usual"`
	Other   Ways  `bson:"other" json:"other" doc:"Every other notice: channels, messages that failed"`
	Offered Calls `bson:"offered" json:"offered" doc:"A conversation is offered to them"`
	Message Calls `bson:"message" json:"message" doc:"A customer has written"`
}

// of are the ways for a kind of notice.
func (c *Choices) of(k Kind) Ways {
	switch k {
	case Assigned:
		return c.Assigned
	case LevelWarning:
		return c.LevelWarning
	case LevelBreached:
		return c.LevelBreached
	case Mention:
		return *c.Mention
	case Reminder:
		return *c.Reminder
	case Waiting:
		return *c.Waiting
	}
	return c.Other
}

// complete chooses what was never chosen: what is about one's work is pushed; somebody is told of a mention as of other notices, of a
// promise that is due as of what they are given, and of who waits as of what is due soon.
func (c *Choices) complete() {
	if c.Mention == nil {
		ways := Ways{InApp: c.Other.InApp, Sound: c.Other.Sound, Desktop: c.Other.Desktop}
		c.Mention = &ways
	}
	if c.Reminder == nil {
		ways := Ways{InApp: c.Assigned.InApp, Sound: c.Assigned.Sound, Desktop: c.Assigned.Desktop}
		c.Reminder = &ways
	}
	if c.Waiting == nil {
		ways := Ways{InApp: c.LevelWarning.InApp, Sound: c.LevelWarning.Sound, Desktop: c.LevelWarning.Desktop}
		c.Waiting = &ways
	}
	for ways, usual := range map[*Ways]bool{
		&c.Assigned: true, &c.LevelWarning: true, &c.LevelBreached: true, c.Mention: true, c.Reminder: true,
		c.Waiting: true, &c.Other: false,
	} {
		if ways.Push == nil {
			ways.Push = &usual
		}
	}
}

// Scope is whose conversations' messages a user is told of.
type Scope string

// The scopes.
const (
	Mine Scope = "mine" // one's own, and those that neither a user nor a team has
	All  Scope = "all"  // all that one sees
)

// Quiet are the hours in which a user hears nothing and gets nothing on the desktop: by the wall clock of their zone, so that an
// hour that comes twice is quiet twice. Where To is not after From they end on the next day.
type Quiet struct {
	From string `bson:"from" json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"22:00"`
	To   string `bson:"to" json:"to" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"07:00"`
	Zone string `bson:"zone" json:"zone" maxLength:"64" doc:"Of the IANA database, such as Asia/Jerusalem"`
	Days []int  `bson:"days,omitempty" json:"days,omitempty" maxItems:"7" doc:"On which they begin, from Sunday (0); missing: every day"`
}

const clockForm = "15:04"

// check says what is wrong with the hours.
func (q *Quiet) check() error {
	if q == nil {
		return nil
	}
	if _, err := time.LoadLocation(q.Zone); err != nil || q.Zone == "" || q.Zone == "Local" {
		return errs.InvalidField("unknown_zone", "quiet_hours.zone", "a zone of the IANA database, such as Asia/Jerusalem")
	}
	_, err := time.Parse(clockForm, q.From)
	_, err2 := time.Parse(clockForm, q.To)
	if err != nil || err2 != nil || q.From == q.To {
		return errs.InvalidField("invalid_quiet_hours", "quiet_hours", "two different times of the day, such as 22:00 and 07:00")
	}
	for _, day := range q.Days {
		if day < int(time.Sunday) || day > int(time.Saturday) {
			return errs.InvalidField("invalid_quiet_hours", "quiet_hours.days", "days from 0, Sunday, to 6")
		}
	}
	return nil
}

// holds reports whether a time is in the hours. Hours that were never chosen hold never.
func (q *Quiet) holds(at time.Time) bool {
	if q == nil {
		return false
	}
	zone, err := time.LoadLocation(q.Zone)
	if err != nil { // the database has changed
		return false
	}
	local := at.In(zone)
	begun := func(day time.Weekday) bool { return len(q.Days) == 0 || slices.Contains(q.Days, int(day)) }
	now, today := local.Format(clockForm), local.Weekday()
	if q.From < q.To {
		return begun(today) && q.From <= now && now < q.To
	}
	const week = 7
	return begun(today) && q.From <= now || begun((today+week-1)%week) && now < q.To
}

// settings are how a user wants to be told; they have the user's id.
type settings struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string  `bson:"workspace_id"`
	Choices     Choices `bson:"choices"`
	Messages    Scope   `bson:"messages"`
	Quiet       *Quiet  `bson:"quiet,omitempty"`
}

var settingsSchema = store.Schema{Name: "notification_settings"}

// settingsOf are a user's settings: until they choose something (version 0), everything in the app, and their work by sound and by push.
func (s *Service) settingsOf(ctx context.Context, workspaceID, userID string) (kept *settings, err error) {
	defer func() {
		if err == nil {
			kept.Choices.complete()
		}
	}()
	kept, err = s.settings.Get(ctx, userID)
	if err == nil && kept.WorkspaceID != workspaceID {
		return nil, fmt.Errorf("notify: the settings of %s are another workspace's", userID)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return kept, err
	}
	work, call := Ways{InApp: true, Sound: true}, Calls{Sound: true}
	return &settings{
		Meta: store.Meta{ID: userID}, WorkspaceID: workspaceID, Messages: Mine, Choices: Choices{
			Assigned: work, LevelWarning: work, LevelBreached: work, Other: Ways{InApp: true}, Offered: call, Message: call,
		},
	}, nil
}

// choose replaces a user's settings.
func (s *Service) choose(ctx context.Context, v access.Viewer, n SettingsView) (kept *settings, err error) {
	if err := n.Quiet.check(); err != nil {
		return nil, err
	}
	err = store.Retry(ctx, func() error {
		if kept, err = s.settingsOf(ctx, v.WorkspaceID, v.UserID); err != nil {
			return err
		}
		kept.Choices, kept.Messages, kept.Quiet = n.Events, n.Messages, n.Quiet
		kept.Choices.complete()
		if kept.Version == 0 {
			return s.engine.Write(ctx, s.settings.Insert(kept))
		}
		return s.engine.Write(ctx, s.settings.Replace(kept))
	})
	return kept, err
}
