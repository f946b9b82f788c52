package routing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"wasl/auth"
	"wasl/store"
)

var testTime = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// drawSnapshot is any floor of few teams and agents.
func drawSnapshot(r *rand.Rand) *Snapshot {
	s := &Snapshot{At: testTime, Teams: map[string]*auth.Team{}, Agents: map[string]*Agent{}, Skills: map[string]bool{"vat": true},
		Closed: map[string]bool{"t0": r.IntN(6) == 0, "t1": r.IntN(6) == 0}}
	names := []string{"a", "b", "c", "d", "e", "f"}
	for t := range 3 {
		var members []string
		for _, n := range names {
			if r.IntN(2) == 0 {
				members = append(members, n)
			}
		}
		team := &auth.Team{Meta: store.Meta{ID: fmt.Sprint("t", t)}, MemberIDs: members}
		team.Work.Strategy = []auth.Strategy{auth.RoundRobin, auth.LeastLoaded, auth.LongestIdle, auth.BestSkilled}[r.IntN(4)]
		team.Work.Sticky = []auth.Sticky{auth.StickyNone, auth.StickyLastAgent, auth.StickyOwner}[r.IntN(3)]
		if t > 0 && r.IntN(2) == 0 {
			team.Work.Overflow = []auth.Overflow{{AfterSeconds: 30, TeamID: "t0"}}
		}
		s.Teams[team.ID] = team
	}
	for _, n := range names {
		if r.IntN(6) == 0 {
			continue
		}
		total := r.IntN(6)
		a := &Agent{
			ID: n, State: []State{Online, Online, Online, Busy, Away}[r.IntN(5)], MayAnswer: r.IntN(8) > 0, Outside: r.IntN(8) == 0,
			Skills: map[string]int{}, Load: map[string]int{}, Turns: map[string]int64{},
			IdleSince: testTime.Add(-time.Duration(r.IntN(4)) * time.Minute),
		}
		if r.IntN(4) > 0 {
			a.Capacity.Total = &total
		}
		if r.IntN(2) == 0 {
			a.Capacity.Weights = map[string]int{"email": r.IntN(3)}
		}
		if r.IntN(3) == 0 {
			a.Capacity.ByKind = map[string]int{"whatsapp": r.IntN(3)}
		}
		for _, k := range []string{"vat", "lang:he", "gone"} {
			if r.IntN(2) == 0 {
				a.Skills[k] = 1 + r.IntN(5)
			}
		}
		for _, k := range []string{"email", "whatsapp"} {
			if n := r.IntN(4); n > 0 {
				a.Load[k] = n
			}
		}
		for t := range s.Teams {
			a.Turns[t] = int64(r.IntN(4))
		}
		s.Agents[n] = a
	}
	s.prepare()
	return s
}

func drawWaiting(r *rand.Rand) *Waiting {
	w := &Waiting{
		TeamID: fmt.Sprint("t", r.IntN(3)), Kind: []string{"email", "whatsapp"}[r.IntN(2)],
		Since: testTime.Add(-time.Duration(r.IntN(60)) * time.Second), LastAgent: []string{"", "a", "b"}[r.IntN(3)],
		OwnerID: []string{"", "c", "d"}[r.IntN(3)],
	}
	for _, k := range []string{"vat", "lang:he", "gone"} {
		if r.IntN(3) == 0 {
			w.Skills = append(w.Skills, Need{Key: k, Level: 1 + r.IntN(2), RelaxAfter: []int{0, 20}[r.IntN(2)]})
		}
	}
	if r.IntN(4) == 0 {
		w.Declined = []Refusal{{"c", testTime.Add(-time.Duration(r.IntN(240)) * time.Second)}}
	}
	return w
}

// judged is what the model says of one candidate.
type judged struct {
	id     string
	reason Reason // empty: they could have it
	load   int
	skill  int
	idle   int64
	turn   int64
}

// model decides as the documentation says, step by step and without regard to speed; it shares no code with Decide.
func model(s *Snapshot, w *Waiting) (chosen string, reasons map[string]Reason) {
	team, reasons := s.Teams[w.TeamID], map[string]Reason{}
	may, works := map[string]bool{}, map[string]bool{}
	for _, id := range team.MemberIDs {
		may[id], works[id] = true, !s.Closed[w.TeamID]
	}
	for _, o := range team.Work.Overflow {
		if s.At.Sub(w.Since) >= time.Duration(o.AfterSeconds)*time.Second {
			for _, id := range s.Teams[o.TeamID].MemberIDs {
				may[id], works[id] = true, works[id] || !s.Closed[o.TeamID]
			}
		}
	}
	all := map[string]bool{}
	for id := range may {
		all[id] = true
	}
	for id := range s.Agents {
		all[id] = true
	}
	var could []judged
	for id := range all {
		j := judge(s, w, id, may[id], works[id])
		if reasons[id] = j.reason; j.reason == "" {
			could = append(could, j)
		}
	}
	if len(could) == 0 {
		return "", reasons
	}
	keys := func(j judged) (values []int64, names []Reason) {
		load, idle, skill, turn := int64(j.load), -j.idle, int64(-j.skill), j.turn
		switch team.Work.Strategy {
		case auth.RoundRobin:
			return []int64{turn}, []Reason{NotTheirTurn}
		case auth.LeastLoaded:
			return []int64{load, idle, turn}, []Reason{LessLoaded, LongerIdle, NotTheirTurn}
		case auth.LongestIdle:
			return []int64{idle, turn}, []Reason{LongerIdle, NotTheirTurn}
		}
		return []int64{skill, load, idle, turn}, []Reason{BetterSkill, LessLoaded, LongerIdle, NotTheirTurn}
	}
	sort.Slice(could, func(a, b int) bool {
		x, _ := keys(could[a])
		y, _ := keys(could[b])
		if n := slices.Compare(x, y); n != 0 {
			return n < 0
		}
		return could[a].id < could[b].id
	})
	first := could[0]
	preferred := map[auth.Sticky]string{auth.StickyLastAgent: w.LastAgent, auth.StickyOwner: w.OwnerID}[team.Work.Sticky]
	for _, j := range could {
		if j.id == preferred && j.id != first.id {
			for _, other := range could {
				reasons[other.id] = StickyElse
			}
			reasons[j.id] = Chosen
			return j.id, reasons
		}
	}
	sticky := first.id == preferred
	best, names := keys(first)
	for _, j := range could[1:] {
		reasons[j.id] = NotTheirTurn
		mine, _ := keys(j)
		for n := range best {
			if best[n] != mine[n] {
				reasons[j.id] = names[n]
				break
			}
		}
		if sticky {
			reasons[j.id] = StickyElse
		}
	}
	reasons[first.id] = Chosen
	return first.id, reasons
}

func judge(s *Snapshot, w *Waiting, id string, may, works bool) judged {
	a := s.Agents[id]
	if a == nil {
		return judged{id: id, reason: IsOffline}
	}
	j := judged{id: id, idle: int64(s.At.Sub(a.IdleSince).Seconds()), turn: a.Turns[w.TeamID]}
	weight := func(kind string) int {
		if n, given := a.Capacity.Weights[kind]; given {
			return n
		}
		return 1
	}
	for kind, n := range a.Load {
		j.load += n * weight(kind)
	}
	lacks := false
	for _, n := range w.Skills {
		if n.Key == "gone" || n.RelaxAfter > 0 && s.At.Sub(w.Since) >= time.Duration(n.RelaxAfter)*time.Second {
			continue
		}
		if j.skill += a.Skills[n.Key]; a.Skills[n.Key] < n.Level {
			lacks = true
		}
	}
	refused := false
	for _, d := range w.Declined {
		refused = refused || d.AgentID == id && s.At.Sub(d.At) < 2*time.Minute
	}
	total := 10
	if a.Capacity.Total != nil {
		total = *a.Capacity.Total
	}
	full := j.load+weight(w.Kind) > total
	if most, given := a.Capacity.ByKind[w.Kind]; given && a.Load[w.Kind]+1 > most {
		full = true
	}
	for _, c := range []struct {
		is     bool
		reason Reason
	}{
		{!may, NotInTeam},
		{a.State == Away, IsAway},
		{a.State == Busy, IsBusy},
		{!a.MayAnswer, NoPermission},
		{a.Outside || !works, OutsideHours},
		{lacks, MissingSkill},
		{refused, Declined},
		{full, AtCapacity},
	} {
		if c.is {
			j.reason = c.reason
			break
		}
	}
	return j
}

// Who gets a conversation, and why the others do not, is what an independent model says, whatever the floor.
func TestDecisionsAreThoseOfTheModel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[Reason]int{}
	for range 30_000 {
		s, w := drawSnapshot(r), drawWaiting(r)
		d := s.Decide(w)
		chosen, reasons := model(s, w)
		if d.Chosen != chosen || len(d.Candidates) != len(reasons) {
			t.Fatalf("%q instead of %q\n%+v\n%+v\n%v", d.Chosen, chosen, w, d.Candidates, reasons)
		}
		for _, c := range d.Candidates {
			if c.Reason != reasons[c.AgentID] {
				t.Fatalf("%s: %s instead of %s\n%+v\n%+v", c.AgentID, c.Reason, reasons[c.AgentID], w, d.Candidates)
			}
			if c.Eligible && c.Reason == Chosen && c.AgentID != chosen {
				t.Fatalf("%s is chosen too", c.AgentID)
			}
			seen[c.Reason]++
		}
		if again := s.Decide(w); !slices.Equal(again.Candidates, d.Candidates) {
			t.Fatal("the same snapshot gave another decision")
		}
	}
	for _, reason := range []Reason{
		NotInTeam, IsOffline, IsAway, IsBusy, NoPermission, OutsideHours, MissingSkill, Declined, AtCapacity, Chosen, LessLoaded,
		LongerIdle, BetterSkill, NotTheirTurn, StickyElse,
	} {
		if seen[reason] < 20 {
			t.Errorf("%s came up %d times only", reason, seen[reason])
		}
	}
}

// Of a decision over many agents those are kept who were nearest to getting it.
func TestKeptCandidatesAreTheNearest(t *testing.T) {
	t.Parallel()
	d := Decision{}
	for n := range 200 {
		d.Candidates = append(d.Candidates, Candidate{AgentID: fmt.Sprint(n), Reason: NotInTeam})
	}
	d.Candidates[150] = Candidate{AgentID: "150", Reason: Chosen, Eligible: true}
	d.Candidates[180] = Candidate{AgentID: "180", Reason: LessLoaded, Eligible: true}
	kept := d.kept()
	if len(kept) != maxCandidates || kept[0].AgentID != "150" || kept[1].AgentID != "180" {
		t.Errorf("%d kept, first %+v", len(kept), kept[:2])
	}
}

// bigFloor is a floor of many agents, of whom all but a few could take what waits.
func bigFloor(agents int) (*Snapshot, *Waiting) {
	s := &Snapshot{At: testTime, Teams: map[string]*auth.Team{}, Agents: map[string]*Agent{}, Skills: map[string]bool{"vat": true}}
	team := &auth.Team{Meta: store.Meta{ID: "t"}}
	team.Work.Strategy = auth.BestSkilled
	r := rand.New(rand.NewPCG(1, 2))
	for n := range agents {
		id := fmt.Sprintf("usr_%04d", n)
		team.MemberIDs = append(team.MemberIDs, id)
		s.Agents[id] = &Agent{
			ID: id, State: Online, MayAnswer: true, Skills: map[string]int{"vat": 1 + r.IntN(5), "lang:he": 5},
			Load: map[string]int{"whatsapp": r.IntN(9), "email": r.IntN(4)}, IdleSince: testTime.Add(-time.Minute),
		}
	}
	s.Teams["t"] = team
	s.prepare()
	return s, &Waiting{TeamID: "t", Kind: "whatsapp", Since: testTime, Skills: []Need{{Key: "vat", Level: 2}, {Key: "lang:he", Level: 1}}}
}

// BenchmarkDecide is a decision over 500 agents: under a millisecond is promised.
func BenchmarkDecide(b *testing.B) {
	s, w := bigFloor(500)
	b.ReportAllocs()
	for b.Loop() {
		if d := s.Decide(w); d.Chosen == "" {
			b.Fatal("nobody")
		}
	}
}
