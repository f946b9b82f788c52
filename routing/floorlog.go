package routing

import (
	"time"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/ids"
	"wasl/store"
)

const (
	// floorTime is how far back one can ask how the floor was.
	floorTime = 90 * 24 * time.Hour
	// floorKept is how long the log of the floor is kept: longer by what lies between two checkpoints.
	floorKept = floorTime + 3*24*time.Hour
)

// floorEntry is one change of the floor, written with it: of a conversation, of whether a user works, or of what a user can do. What it was
// a change of is there as it became. Entries are never changed.
type floorEntry struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	At          time.Time `bson:"at"`
	// Seq orders the entries of one thing, whatever clocks say: it is the version of what changed.
	Seq       int64            `bson:"seq"`
	ExpiresAt time.Time        `bson:"expires_at"`
	Cause     Cause            `bson:"cause,omitempty"` // of a decision; empty: there was none
	ByKind    access.ActorKind `bson:"by_kind,omitempty"`
	ByID      string           `bson:"by_id,omitempty"`
	Turn      int64            `bson:"turn,omitempty"` // as in step
	Route     *Route           `bson:"route,omitempty"`
	Presence  *presenceFact    `bson:"presence,omitempty"`
	Profile   *Profile         `bson:"profile,omitempty"`
	Begun     *begunFact       `bson:"begun,omitempty"`
	Load      *Load            `bson:"load,omitempty"` // only of what was there before the log
}

// fromBefore is the cause of an entry of what was there before there was a log.
const fromBefore Cause = "from_before"

// presenceFact is what of a presence is seen on the floor.
type presenceFact struct {
	UserID  string    `bson:"user_id"`
	State   State     `bson:"state"`
	Reason  string    `bson:"reason,omitempty"`
	Since   time.Time `bson:"since"`
	Version int64     `bson:"version"`
}

// wasThere reports whether the user ever was anything but offline; who only chose what to be was not.
func (p *presenceFact) wasThere() bool { return p != nil && !p.Since.IsZero() }

var floorLogSchema = store.Schema{Name: "floor_log", Expire: "expires_at", Indexes: []store.Index{
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("at"), store.Asc("seq")}},
}}

// logged completes an entry.
func (s *Service) logged(e *floorEntry) store.Change {
	e.At = store.Millis(e.At)
	e.ID, e.ExpiresAt = ids.New("flr", e.At), e.At.Add(floorKept)
	return s.floorLog.Insert(e)
}

// logRoute is the entry of a route that the same write changes.
func (s *Service) logRoute(r *Route, of step) store.Change {
	e := &floorEntry{
		WorkspaceID: r.WorkspaceID, At: r.ChangedAt, Seq: r.Version, ByKind: of.by.Kind, ByID: of.by.ID, Turn: of.turn, Route: r,
	}
	switch {
	case len(of.made) > 0:
		e.Cause = of.made[len(of.made)-1].Cause
	case of.begun != nil:
		e.Cause = ByRule
	}
	e.Begun = of.begun
	return s.logged(e)
}

// begunFact is what rules were asked about, and what they said.
type begunFact struct {
	ConversationID string `bson:"conversation_id"`
	Kind           string `bson:"kind"`
	Type           string `bson:"type,omitempty"`
	Sentiment      string `bson:"sentiment,omitempty"`
	Language       string `bson:"language,omitempty"`
	Priority       string `bson:"priority,omitempty"`
	TeamID         string `bson:"team_id,omitempty"`
	AssigneeID     string `bson:"assignee_id,omitempty"`
	RuleID         string `bson:"rule_id,omitempty"` // the first that held
	OwnerID        string `bson:"owner_id,omitempty"`
	Then           Then   `bson:"then"`
}

func begunWith(conv inbox.Standing, about *inbox.Classification, o *ruling) *begunFact {
	f := &begunFact{
		ConversationID: conv.ID, Kind: conv.ChannelKind, Type: conv.Type, Sentiment: conv.Sentiment, Priority: conv.Priority,
		TeamID: conv.TeamID, AssigneeID: conv.AssigneeID, RuleID: o.ruleID, Then: o.then,
	}
	if about != nil {
		f.Type, f.Sentiment, f.Language = about.Type, about.Sentiment, about.Language
	}
	return f
}

// logBegun is the entry of a conversation that begins and does not come onto the floor.
func (s *Service) logBegun(f *begunFact, workspaceID string, by access.Actor) store.Change {
	return s.logged(&floorEntry{
		WorkspaceID: workspaceID, At: s.Clock.Now(), Cause: ByRule, ByKind: by.Kind, ByID: by.ID, Begun: f,
	})
}

// logPresence is the entry of a presence that the same write changes.
func (s *Service) logPresence(p *Presence, at time.Time, by access.Actor) store.Change {
	return s.logged(&floorEntry{
		WorkspaceID: p.WorkspaceID, At: at, Seq: p.Version, ByKind: by.Kind, ByID: by.ID, Presence: factOf(p),
	})
}

func factOf(p *Presence) *presenceFact {
	return &presenceFact{p.ID, p.State, p.Reason, p.Since, p.Version}
}

// logProfile is the entry of a profile that the same write changes.
func (s *Service) logProfile(p *Profile, at time.Time, by access.Actor) store.Change {
	return s.logged(&floorEntry{WorkspaceID: p.WorkspaceID, At: at, Seq: p.Version, ByKind: by.Kind, ByID: by.ID, Profile: p})
}
