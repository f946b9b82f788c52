package routing

import (
	"cmp"
	"slices"
	"strings"

	"wasl/auth"
)

// criterion compares two candidates who could have it: negative, the first is the better one. reason is what the worse one is told.
type criterion struct {
	compare func(a, b *Candidate) int
	reason  Reason
}

var (
	lessLoaded  = criterion{func(a, b *Candidate) int { return cmp.Compare(a.Load, b.Load) }, LessLoaded}
	longerIdle  = criterion{func(a, b *Candidate) int { return cmp.Compare(b.Idle, a.Idle) }, LongerIdle}
	betterSkill = criterion{func(a, b *Candidate) int { return cmp.Compare(b.Skill, a.Skill) }, BetterSkill}
	theirTurn   = criterion{func(a, b *Candidate) int { return cmp.Compare(a.turn, b.turn) }, NotTheirTurn}
	// byID ends every comparison, so that a decision is the same wherever it is made.
	byID = criterion{func(a, b *Candidate) int { return strings.Compare(a.AgentID, b.AgentID) }, NotTheirTurn}
)

// criteria are what a strategy compares by, one after the other.
var criteria = map[auth.Strategy][]criterion{
	auth.RoundRobin:  {theirTurn, byID},
	auth.LeastLoaded: {lessLoaded, longerIdle, theirTurn, byID},
	auth.LongestIdle: {longerIdle, theirTurn, byID},
	auth.BestSkilled: {betterSkill, lessLoaded, longerIdle, theirTurn, byID},
}

// choose picks the best of the eligible candidates and tells the others why not they.
func choose(d *Decision, team *auth.Team, w *Waiting) {
	by := criteria[team.Work.Strategy]
	best, sticky := -1, false
	for n := range d.Candidates {
		c := &d.Candidates[n]
		if !c.Eligible {
			continue
		}
		if c.AgentID == w.sticksTo(team) {
			best, sticky = n, true
			break
		}
		if best < 0 || decisive(by, c, &d.Candidates[best]).better {
			best = n
		}
	}
	if best < 0 {
		return
	}
	chosen := &d.Candidates[best]
	d.Chosen, chosen.Reason = chosen.AgentID, Chosen
	for n := range d.Candidates {
		c := &d.Candidates[n]
		switch {
		case n == best || !c.Eligible:
		case sticky:
			c.Reason = StickyElse
		default:
			c.Reason = decisive(by, chosen, c).reason
		}
	}
}

// sticksTo is who comes first in the team, where they can take it; empty: nobody in particular.
func (w *Waiting) sticksTo(team *auth.Team) string {
	switch team.Work.Sticky {
	case auth.StickyLastAgent:
		return w.LastAgent
	case auth.StickyOwner:
		return w.OwnerID
	}
	return ""
}

// outcome is how two candidates compare: by the first criterion that tells them apart.
type outcome struct {
	better bool
	reason Reason
}

func decisive(by []criterion, a, b *Candidate) outcome {
	for _, c := range by {
		if n := c.compare(a, b); n != 0 {
			return outcome{n < 0, c.reason}
		}
	}
	return outcome{}
}

// maxCandidates bounds how many candidates of a decision are kept.
const maxCandidates = 50

// kept are the candidates worth keeping: those who were nearest to getting it, and who is not in the team last.
func (d *Decision) kept() []Candidate {
	if len(d.Candidates) <= maxCandidates {
		return d.Candidates
	}
	nearness := func(c *Candidate) int {
		switch {
		case c.Reason == Chosen:
			return 0
		case c.Eligible:
			return 1
		case c.Reason == NotInTeam:
			return 4
		case c.Reason == IsOffline:
			return 3
		}
		return 2
	}
	kept := slices.Clone(d.Candidates)
	slices.SortStableFunc(kept, func(a, b Candidate) int { return cmp.Compare(nearness(&a), nearness(&b)) })
	return kept[:maxCandidates]
}
