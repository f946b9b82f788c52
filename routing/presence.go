package routing

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/internal/web"
	"wasl/store"
)

// State is whether a user works now.
type State string

// The states.
const (
	Online  State = "online"
	Busy    State = "busy" // there, but to be given nothing
	Away    State = "away"
	Offline State = "offline"
)

const (
	// graceTime is how long after their last socket a user still counts as there.
	graceTime = 60 * time.Second
	// backTime is how long what a user left is theirs again when they come back before somebody took it.
	backTime = 2 * time.Minute
	// logTime is how long the past states are kept.
	logTime = 400 * 24 * time.Hour
)

// Presence is whether a user works now, on whichever instance; it has the user's id.
type Presence struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	// State is what counts. It is Chosen as long as the user has a socket anywhere, or had one until a short time ago.
	State  State  `bson:"state"`
	Chosen State  `bson:"chosen"`
	Reason string `bson:"reason,omitempty"` // in the words of whoever chose it
	// Since is when State began.
	Since time.Time `bson:"since"`
	// Instances are those on which the user has sockets.
	Instances []string `bson:"instances"`
	// Watched are those of the instances by whose sockets they have the app on a screen.
	Watched []string `bson:"watched,omitempty"`
	// GoneAt is since when there is no socket; zero: there is one, or there never was.
	GoneAt time.Time `bson:"gone_at,omitempty"`
}

var presenceSchema = store.Schema{Name: "presences", Indexes: []store.Index{
	{Name: "state", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("state")}},
	{Name: "instance", Fields: []store.Field{store.Asc("instances")}}, // an instance serves all workspaces
}}

// PresenceLog is one state of a user's past: it lasted until the next one.
type PresenceLog struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string       `bson:"workspace_id"`
	UserID      string       `bson:"user_id"`
	State       State        `bson:"state"`
	Reason      string       `bson:"reason,omitempty"`
	At          time.Time    `bson:"at"`
	Actor       access.Actor `bson:"actor"`
	ExpiresAt   time.Time    `bson:"expires_at"`
}

var presenceLogSchema = store.Schema{Name: "presence_log", Expire: "expires_at", Indexes: []store.Index{
	{Name: "user", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("user_id"), store.Desc("at")}},
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("at")}},
}}

// settle makes State what follows from the rest.
func (p *Presence) settle(now time.Time) {
	p.State = p.Chosen
	if len(p.Instances) == 0 && (p.GoneAt.IsZero() || !now.Before(p.GoneAt.Add(graceTime))) {
		p.State = Offline
	}
}

// presenceOf reads a user's presence; who never was there is offline.
func (s *Service) presenceOf(ctx context.Context, workspaceID, userID string) (*Presence, error) {
	p, err := s.presences.Get(ctx, userID)
	if errors.Is(err, store.ErrNotFound) {
		return &Presence{
			Meta: store.Meta{ID: userID}, WorkspaceID: workspaceID, State: Offline, Chosen: Online, Instances: []string{},
		}, nil
	}
	return p, err
}

// changePresence changes a user's presence, with what follows from it in the same write: the log, the event, and jobs for what they get and
// what they leave.
func (s *Service) changePresence(
	ctx context.Context, who user, by access.Actor, change func(*Presence) []store.Change,
) (p *Presence, err error) {
	err = store.Retry(ctx, func() error {
		if p, err = s.presenceOf(ctx, who.workspaceID, who.id); err != nil {
			return err
		}
		now := s.Clock.Now()
		before := *p
		before.Instances, before.Watched = slices.Clone(p.Instances), slices.Clone(p.Watched)
		w := &events.Write{Changes: change(p)}
		p.settle(now)
		write := s.presences.Replace
		switch {
		case p.Version == 0:
			write = s.presences.Insert
		case p.State == before.State && p.Chosen == before.Chosen && p.Reason == before.Reason && p.GoneAt.Equal(before.GoneAt) &&
			slices.Equal(p.Instances, before.Instances) && slices.Equal(p.Watched, before.Watched):
			return s.Bus.Commit(ctx, w)
		}
		gone := len(p.Instances) == 0 && !p.GoneAt.IsZero() && !p.GoneAt.Equal(before.GoneAt)
		if p.State != before.State {
			p.Since = store.Millis(now)
		}
		w.Changes = append(w.Changes, write(p))
		if p.State != before.State || p.Reason != before.Reason {
			if err := s.followPresence(ctx, w, p, &before, by); err != nil {
				return err
			}
		}
		if gone {
			timer, err := s.Jobs.Schedule(ctx, p.GoneAt.Add(graceTime), jobs.Spec{
				Kind: jobGone, WorkspaceID: p.WorkspaceID, Ref: p.ID, Key: []string{p.ID},
			})
			if err != nil {
				return err
			}
			w.Changes = append(w.Changes, timer)
		}
		return s.Bus.Commit(ctx, w)
	})
	return p, err
}

// user names a user of a workspace.
type user struct{ workspaceID, id string }

// followPresence adds what follows from another state.
func (s *Service) followPresence(ctx context.Context, w *events.Write, p, before *Presence, by access.Actor) error {
	now := s.Clock.Now()
	w.Changes = append(w.Changes, s.log.Insert(&PresenceLog{
		Meta: store.Meta{ID: ids.New("prs", now)}, WorkspaceID: p.WorkspaceID, UserID: p.ID, State: p.State, Reason: p.Reason,
		At: store.Millis(now), Actor: by, ExpiresAt: now.Add(logTime),
	}), s.logPresence(p, now, by))
	switch {
	case p.State == before.State:
	case p.State == Offline:
		s.returnLater(w, p.WorkspaceID, p.ID)
	case before.State == Offline:
		s.later(w, jobs.Spec{Kind: jobBack, WorkspaceID: p.WorkspaceID, Ref: p.ID, Share: p.WorkspaceID, Key: []string{freshKey()}})
	case p.State == Online:
		s.drainLater(w, p.WorkspaceID)
	}
	data, err := json.Marshal(StateView{UserID: p.ID, State: p.State, Reason: p.Reason, Since: web.At(p.Since)})
	w.Events = append(w.Events, events.Event{
		Type: "agent.updated", WorkspaceID: p.WorkspaceID, Subject: p.ID, At: now, Actor: by, Data: data,
		Audience: access.Audience{Everyone: true},
	})
	return err
}

// SetPresence makes a user what they, or a supervisor, chose. It is kept until another choice; without a socket they are offline all the
// same.
func (s *Service) SetPresence(ctx context.Context, v access.Viewer, userID string, state State, reason string) (*Presence, error) {
	if _, err := s.Users.User(ctx, v.WorkspaceID, userID); err != nil {
		return nil, err
	}
	p, err := s.changePresence(ctx, user{v.WorkspaceID, userID}, v.Actor(), func(p *Presence) []store.Change {
		p.Chosen, p.Reason = state, reason
		return nil
	})
	if err == nil {
		s.ShowPresence(v.WorkspaceID, userID, state)
	}
	return p, err
}

// gone ends the time in which a user without a socket still counts as there.
func (s *Service) gone(ctx context.Context, job *jobs.Job) error {
	by := access.Actor{Kind: access.System, Cause: access.Cause{Kind: access.Timer}}
	_, err := s.changePresence(ctx, user{job.WorkspaceID, job.Ref}, by, func(*Presence) []store.Change { return nil })
	return err
}

// choiceTime bounds the writing of a choice.
const choiceTime = 5 * time.Second

// shownAs are the states in the words of the live socket's presence, which knows no offline of whom has a socket.
var shownAs = map[State]string{Online: "available", Busy: "busy", Away: "away", Offline: "away"}

// Shown is a state in the words of the live socket's presence.
func (s State) Shown() string { return shownAs[s] }

// Chose takes what a user has chosen over their live socket, in its words.
func (s *Service) Chose(v access.Viewer, status string) {
	state := State(status)
	if status == shownAs[Online] {
		state = Online
	}
	ctx, cancel := context.WithTimeout(context.Background(), choiceTime)
	defer cancel()
	if _, err := s.SetPresence(ctx, v, v.UserID, state, ""); err != nil {
		s.Log.Warn().Err(err).Str("user", v.UserID).Msg("a presence that was chosen could not be written")
	}
}
