// Package access says who does something (Actor), who is asking (Viewer) and who may see something (Audience).
// Viewer.In is the one question about sight, and Viewer.Can the one about deeds; lists, counters, search, files, frames
// and timelines all ask these two. Everything here is a pure function of its arguments.
package access

import "slices"

// ActorKind is what kind of actor does something.
type ActorKind string

// The kinds of actor.
const (
	User     ActorKind = "user"
	Contact  ActorKind = "contact" // a customer
	Rule     ActorKind = "rule"
	Sequence ActorKind = "sequence"
	Token    ActorKind = "token" // a program with an API token
	System   ActorKind = "system"
)

// Actor is who does something, and because of what.
type Actor struct {
	Kind ActorKind `bson:"kind" json:"kind" enum:"user,contact,rule,sequence,token,system"`
	ID   string    `bson:"id,omitempty" json:"id"`
	// Name is how the actor was called at the time; empty for contacts, whose names are looked up when shown.
	Name  string `bson:"name,omitempty" json:"name"`
	Cause Cause  `bson:"cause,omitempty" json:"cause"`
}

// Cause is what led to a deed.
type Cause struct {
	Kind CauseKind `bson:"kind,omitempty" json:"kind" enum:",request,event,webhook,timer,macro,undo"`
	ID   string    `bson:"id,omitempty" json:"id"`
	// Name is how a macro was called at the time.
	Name string `bson:"name,omitempty" json:"name,omitempty"`
	// Depth counts the reactions between a person's or customer's own deed and this one. Automation stops at MaxDepth.
	Depth int `bson:"depth,omitempty" json:"depth"`
}

// CauseKind is what kind of thing led to a deed; empty: not known.
type CauseKind string

// The kinds of cause.
const (
	Request CauseKind = "request" // of a user or a program
	Event   CauseKind = "event"   // one that something reacted to
	Webhook CauseKind = "webhook" // what a provider reported
	Timer   CauseKind = "timer"   // a time that was reached
	ByMacro CauseKind = "macro"   // one that a user ran
	Undoing CauseKind = "undo"    // what is taken back, by its token
)

// MaxDepth is how many reactions may follow from one another: rules that trigger each other end here.
const MaxDepth = 3

// Because returns the actor for a deed that follows from an event which this actor caused.
func (a Actor) Because(eventID string) Actor {
	a.Cause = Cause{Kind: Event, ID: eventID, Depth: a.Cause.Depth + 1}
	return a
}

// Audience is who may see something. The zero value is nobody. Whoever took part in something is listed in Users where that lets
// them see it; having taken part is recorded elsewhere.
type Audience struct {
	// Everyone: all users of the workspace.
	Everyone bool `bson:"everyone,omitempty" json:"everyone,omitempty"`
	// Unassigned: it belongs to nobody and no team yet, so all users see it whose visibility reaches unassigned work.
	Unassigned bool `bson:"unassigned,omitempty" json:"unassigned,omitempty"`
	// Supervisors: users who see everything.
	Supervisors bool `bson:"supervisors,omitempty" json:"supervisors,omitempty"`
	// Teams: members see it whose visibility reaches their team's work.
	Teams []string `bson:"teams,omitempty" json:"teams,omitempty"`
	// Queues are teams of whom nobody has it yet: members see it whose visibility reaches their team's or unassigned work.
	Queues []string `bson:"queues,omitempty" json:"queues,omitempty"`
	Users  []string `bson:"users,omitempty" json:"users,omitempty"`
	// Guest is the website visitor on the other side, whose browser listens.
	Guest string `bson:"guest,omitempty" json:"guest,omitempty"`
}

// And returns the audience of those who are in either one.
func (a Audience) And(b Audience) Audience {
	union := func(x, y []string) []string {
		all := slices.Concat(x, y)
		slices.Sort(all)
		return slices.Compact(all)
	}
	out := Audience{
		Everyone: a.Everyone || b.Everyone, Unassigned: a.Unassigned || b.Unassigned, Supervisors: a.Supervisors || b.Supervisors,
		Teams: union(a.Teams, b.Teams), Queues: union(a.Queues, b.Queues), Users: union(a.Users, b.Users), Guest: a.Guest,
	}
	if out.Guest == "" {
		out.Guest = b.Guest
	}
	return out
}

// Viewer is who is asking: a user of a workspace with what their role lets them do and see.
type Viewer struct {
	UserID      string
	WorkspaceID string
	Name        string
	Role        Role
	TeamIDs     []string
}

// Can reports whether the viewer may do something.
func (v Viewer) Can(p Permission) bool { return v.Role.Can(p) }

// SeesAll reports whether the viewer sees everything in the workspace.
func (v Viewer) SeesAll() bool { return v.Role.Visibility() == All }

// In reports whether the viewer belongs to an audience of their workspace.
func (v Viewer) In(a Audience) bool {
	sees := v.Role.Visibility()
	switch {
	case a.Everyone, a.Supervisors && sees == All, a.Unassigned && sees.unassigned():
		return true
	case sees.team() && v.memberOf(a.Teams), (sees.team() || sees.unassigned()) && v.memberOf(a.Queues):
		return true
	}
	return slices.Contains(a.Users, v.UserID)
}

// memberOf reports whether the viewer is a member of one of the teams.
func (v Viewer) memberOf(teams []string) bool {
	return slices.ContainsFunc(teams, func(team string) bool { return slices.Contains(v.TeamIDs, team) })
}

// Actor returns the viewer as who does something by a request.
func (v Viewer) Actor() Actor {
	return Actor{Kind: User, ID: v.UserID, Name: v.Name, Cause: Cause{Kind: Request}}
}
