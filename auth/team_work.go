package auth

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wasl/internal/errs"
	"wasl/internal/events"
)

// Strategy is by what a team's work is given to one of those who could have it.
type Strategy string

// The strategies.
const (
	RoundRobin  Strategy = "round_robin"
	LeastLoaded Strategy = "least_loaded" // of equals to the longest idle
	BestSkilled Strategy = "best_skilled" // of equals to the least loaded
	LongestIdle Strategy = "longest_idle"
)

// HandOver is how a team's work is given to somebody.
type HandOver string

// The ways to hand over.
const (
	Direct  HandOver = "direct"
	ByOffer HandOver = "offer" // who is asked may decline
)

// Sticky is to whom work goes first, where they can take it.
type Sticky string

// The ways to be sticky.
const (
	StickyNone      Sticky = "none"
	StickyLastAgent Sticky = "last_agent" // who had it last
	StickyOwner     Sticky = "owner"      // whose customer it is
)

// Overflow is another team whose members may be given what has waited for so long.
type Overflow struct {
	AfterSeconds int    `bson:"after_seconds" json:"after_seconds" minimum:"1" maximum:"86400"`
	TeamID       string `bson:"team_id" json:"team_id"`
}

// Closing is what a team wants before one of its conversations is resolved by a person.
type Closing struct {
	Note   bool `bson:"note,omitempty" json:"note,omitempty" doc:"A closing note"`
	Type   bool `bson:"type,omitempty" json:"type,omitempty" doc:"What it is about"`
	Labels bool `bson:"labels,omitempty" json:"labels,omitempty" doc:"At least one label"`
}

// TeamWork is how a team's work is given to its members.
type TeamWork struct {
	Strategy     Strategy   `bson:"strategy,omitempty"`
	HandOver     HandOver   `bson:"hand_over,omitempty"`
	OfferSeconds int        `bson:"offer_seconds,omitempty"`
	Sticky       Sticky     `bson:"sticky,omitempty"`
	Overflow     []Overflow `bson:"overflow,omitempty"`
	Closing      Closing    `bson:"closing,omitempty"`
	HoursID      string     `bson:"hours_id,omitempty"` // business hours, which routing keeps: outside of them nobody is given its work
}

// defaultOffer is for how many seconds an offer holds where nobody has said.
const defaultOffer = 30

// complete puts in what nobody has chosen.
func (w *TeamWork) complete() {
	if w.Strategy == "" {
		w.Strategy = LeastLoaded
	}
	if w.HandOver == "" {
		w.HandOver = Direct
	}
	if w.OfferSeconds == 0 {
		w.OfferSeconds = defaultOffer
	}
	if w.Sticky == "" {
		w.Sticky = StickyNone
	}
}

// OfferTime is how long an offer holds.
func (w *TeamWork) OfferTime() time.Duration { return time.Duration(w.OfferSeconds) * time.Second }

// maxOverflows bounds the overflows of a team.
const maxOverflows = 5

// WorkEdit is a change of a team's work; nil fields stay.
type WorkEdit struct {
	Strategy     *Strategy
	HandOver     *HandOver
	OfferSeconds *int
	Sticky       *Sticky
	Overflow     *[]Overflow
	Closing      *Closing
	HoursID      *string // empty: at any time
}

// setWork carries out a change of a team's work and returns what the history says of it.
func (r *roster) setWork(ctx context.Context, t *Team, e WorkEdit) (changes []events.Change, err error) {
	before := t.Work
	t.Work.Apply(e)
	if before.HoursID != t.Work.HoursID && t.Work.HoursID != "" {
		if err := r.s.knownHours(ctx, t.WorkspaceID, t.Work.HoursID); err != nil {
			return nil, err
		}
	}
	for _, f := range []struct{ field, before, after string }{
		{"strategy", string(before.Strategy), string(t.Work.Strategy)},
		{"hand_over", string(before.HandOver), string(t.Work.HandOver)},
		{"sticky", string(before.Sticky), string(t.Work.Sticky)},
		{"business_hours_id", before.HoursID, t.Work.HoursID},
	} {
		if f.before != f.after {
			changes = append(changes, events.Change{Field: f.field, Before: f.before, After: f.after})
		}
	}
	if before.Closing != t.Work.Closing {
		changes = append(changes, events.Change{Field: "closing", Before: before.Closing.names(), After: t.Work.Closing.names()})
	}
	if before.OfferSeconds != t.Work.OfferSeconds {
		changes = append(changes, events.Change{
			Field: "offer_seconds", Before: int64(before.OfferSeconds), After: int64(t.Work.OfferSeconds),
		})
	}
	if e.Overflow != nil && !slices.Equal(before.Overflow, *e.Overflow) {
		teams, err := r.s.AllTeams(ctx, t.WorkspaceID)
		if err != nil {
			return nil, err
		}
		teams[t.ID] = t
		if err := CheckOverflow(teams, t); err != nil {
			return nil, err
		}
		changes = append(changes, events.Change{Field: "overflow", Before: named(before.Overflow), After: named(t.Work.Overflow)})
	}
	return changes, nil
}

// names are what is wanted as the history has it.
func (c Closing) names() []string {
	out := []string{}
	for _, f := range []struct {
		name   string
		wanted bool
	}{{"note", c.Note}, {"type", c.Type}, {"labels", c.Labels}} {
		if f.wanted {
			out = append(out, f.name)
		}
	}
	return out
}

// named are overflows as the history has them.
func named(overflow []Overflow) []string {
	out := make([]string, len(overflow))
	for n, o := range overflow {
		out[n] = fmt.Sprintf("%s after %d s", o.TeamID, o.AfterSeconds)
	}
	return out
}

// Apply takes a change over. What it overflows to then is to be checked.
func (w *TeamWork) Apply(e WorkEdit) {
	set(&w.Strategy, e.Strategy)
	set(&w.HandOver, e.HandOver)
	set(&w.OfferSeconds, e.OfferSeconds)
	set(&w.Sticky, e.Sticky)
	set(&w.HoursID, e.HoursID)
	set(&w.Closing, e.Closing)
	if e.Overflow != nil {
		w.Overflow = slices.Clone(*e.Overflow)
	}
}

// CheckOverflow refuses overflows of a team, one of all that there are by id, to teams that there are not, times that do not grow, and a
// way that leads back to the team.
func CheckOverflow(teams map[string]*Team, t *Team) error {
	if len(t.Work.Overflow) > maxOverflows {
		return errs.InvalidField("invalid_overflow", "overflow", fmt.Sprintf("a team overflows to at most %d teams", maxOverflows))
	}
	last := 0
	for n, o := range t.Work.Overflow {
		field := fmt.Sprintf("overflow/%d", n)
		if o.AfterSeconds <= last {
			return errs.InvalidField("invalid_overflow", field+"/after_seconds", "later than the one before")
		}
		last = o.AfterSeconds
		if teams[o.TeamID] == nil {
			return errs.InvalidField("unknown_team", field+"/team_id", "there is no such team in this workspace")
		}
		if back := leadsTo(teams, t, o.TeamID); back != "" {
			return errs.InvalidField("overflow_cycle", field+"/team_id", back)
		}
	}
	return nil
}

// leadsTo says how overflows lead from a team back to another one; empty: they do not.
func leadsTo(teams map[string]*Team, target *Team, from string) string {
	if from == target.ID {
		return "a team cannot overflow to itself"
	}
	seen, left := map[string]bool{from: true}, []string{from}
	for len(left) > 0 {
		t := teams[left[0]]
		left = left[1:]
		if t == nil { // it was deleted since
			continue
		}
		for _, o := range t.Work.Overflow {
			if o.TeamID == target.ID {
				return fmt.Sprintf("%s overflows to %s, so work would go round in a circle", t.Name, target.Name)
			}
			if !seen[o.TeamID] {
				seen[o.TeamID] = true
				left = append(left, o.TeamID)
			}
		}
	}
	return ""
}
