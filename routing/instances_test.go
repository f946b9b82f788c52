package routing

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wasl/activity"
	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/store"
	"wasl/store/storetest"
)

// crowd is several instances with agents who come and go, and customers who do.
type crowd struct {
	w      *world
	r      *rand.Rand
	mu     sync.Mutex
	all    []*process
	teams  []*auth.Team
	agents map[string]int // capacities
	names  []string
	open   []string // conversations
}

// TestSeveralInstancesKeepWhatIsPromised has customers arrive, agents resolve, pull, come and go, on three instances at once, of which some
// die at a write: nobody is ever given more than their capacity, nothing is given twice, and within a priority of a team the order holds.
func TestSeveralInstancesKeepWhatIsPromised(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 30
	}
	bubble(t, func(t *testing.T, w *world) {
		c := &crowd{w: w, r: rand.New(rand.NewPCG(7, 9)), agents: map[string]int{}}
		for range 3 {
			c.all = append(c.all, w.boot(false))
		}
		for n := range 50 {
			c.names = append(c.names, fmt.Sprintf("a%02d", n))
		}
		w.staff(c.names...)
		for n, name := range c.names {
			c.agents[name] = n % 4
			c.all[0].capacity(name, n%4)
		}
		for n, strategy := range []auth.Strategy{auth.RoundRobin, auth.LeastLoaded, auth.LongestIdle} {
			c.teams = append(c.teams, c.all[0].team(fmt.Sprint("team ", n), auth.WorkEdit{Strategy: &strategy}, c.names[n*10:n*10+30]...))
		}
		for _, name := range c.names[:30] {
			c.all[c.r.IntN(3)].arrive(name)
		}
		for round := range rounds {
			if round%25 == 24 {
				c.crash()
			}
			c.round()
			settle(3 * time.Second)
			c.check(round)
			if t.Failed() {
				return
			}
		}
		settle(2 * time.Minute)
		c.check(rounds)
		w.exact()
		c.never()
	})
}

// crash replaces an instance that dies at one of its next writes.
func (c *crowd) crash() {
	n := c.r.IntN(len(c.all))
	faults := storetest.Faults()
	c.all[n].engine.Fail(1+c.r.IntN(20), faults[c.r.IntN(len(faults))])
	c.round()
	c.all[n].engine.Kill()
	c.all[n].stop()
	c.all[n] = c.w.boot(false)
	settle(90 * time.Second) // what it had is taken over
}

// round does many things at once.
func (c *crowd) round() {
	var wg sync.WaitGroup
	for range 20 {
		p := c.all[c.r.IntN(len(c.all))]
		team, priority := c.teams[c.r.IntN(len(c.teams))], []string{"none", "urgent"}[c.r.IntN(2)]
		name := c.names[c.r.IntN(len(c.names))]
		switch k := c.r.IntN(10); {
		case k < 5:
			id := c.w.conversation()
			c.open = append(c.open, id)
			wg.Go(func() {
				c.bear(p, func() error {
					_, err := p.Inbox.Change(c.w.t.Context(), p.boss, id, inbox.Edit{
						Assignment: inbox.Assignment{TeamID: &team.ID}, Priority: &priority,
					})
					return err
				})
			})
		case k < 8 && len(c.open) > 0:
			n := c.r.IntN(len(c.open))
			id := c.open[n]
			c.open = append(c.open[:n:n], c.open[n+1:]...)
			wg.Go(func() {
				c.bear(p, func() error {
					_, err := p.Inbox.Change(c.w.t.Context(), p.boss, id, inbox.Edit{Status: ptr(inbox.Resolved)})
					return err
				})
			})
		case k == 8:
			v := access.Viewer{WorkspaceID: "w", UserID: "usr_" + name, Role: access.Agent}
			wg.Go(func() { c.bear(p, func() error { _, err := p.Next(c.w.t.Context(), v); return err }) })
		default:
			p.Here("w", "usr_"+name, c.r.IntN(3) > 0)
		}
	}
	wg.Wait()
}

// bear does something that may fail because the instance dies, or because the agent is at capacity.
func (c *crowd) bear(p *process, do func() error) {
	err := do()
	if err == nil || p.engine.Dead() || errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrNotFound) {
		return
	}
	if code(err) != "at_capacity" {
		c.w.t.Error(err)
	}
}

// check looks at a floor where nothing is under way.
func (c *crowd) check(round int) {
	t := c.w.t
	type key struct {
		team string
		rank int
	}
	latest, earliest := map[key]*Route{}, map[key]*Route{}
	for _, r := range everything[Route](c.w, routeSchema) {
		k := key{r.TeamID, r.Rank}
		switch {
		case r.State == Assigned && (latest[k] == nil || r.Since.After(latest[k].Since)):
			latest[k] = r
		case r.State == Queued && (earliest[k] == nil || r.Since.Before(earliest[k].Since)):
			earliest[k] = r
		}
	}
	for k, waits := range earliest {
		if has := latest[k]; has != nil && has.Since.After(waits.Since) {
			t.Errorf("round %d: %s waits since %s, and %s since %s was given", round, waits.ID, waits.Since, has.ID, has.Since)
		}
	}
	for _, l := range everything[Load](c.w, loadSchema) {
		sum := 0
		for _, n := range l.ByKind {
			sum += n
		}
		if most := c.agents[l.ID[len("usr_"):]]; sum > most {
			t.Errorf("round %d: %s has %d of %d", round, l.ID, sum, most)
		}
	}
}

// never looks at what was done for what must never be.
func (c *crowd) never() {
	given := 0
	for _, a := range everything[activity.Activity](c.w, activity.Schemas()[0]) {
		for _, change := range a.Changes {
			if change.Field != "assignee_id" || a.Actor.Kind != access.System {
				continue
			}
			given++
			if change.Before != "" && change.After != "" {
				c.w.t.Errorf("%s was given to %v although %v had it", a.Subject.ID, change.After, change.Before)
			}
		}
	}
	decided := 0
	for _, d := range everything[decisions](c.w, decisionSchema) {
		for _, r := range d.All {
			for _, one := range r.Candidates {
				if one.Reason == Chosen {
					decided++
					if one.AgentID != r.Chosen || one.Load+1 > one.Capacity {
						c.w.t.Errorf("%s: %s was chosen with %d of %d", d.ID, one.AgentID, one.Load, one.Capacity)
					}
				}
			}
		}
	}
	if given < 100 || decided < given {
		c.w.t.Errorf("%d were given, %d decisions", given, decided)
	}
	c.w.t.Logf("%d conversations, %d given by the engine", c.w.said, given)
}
