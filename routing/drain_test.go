package routing

import (
	"testing"
	"time"

	"wasl/auth"
	"wasl/inbox"
)

// What waits is taken by the first place that becomes free, within two seconds, in the order of priority and waiting time.
func TestAFreedPlaceIsTakenAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		p.capacity("ann", 1)
		team := p.team("Support", auth.WorkEdit{}, "ann")
		first := p.waiting(team, "none")
		settle(time.Second)
		second, urgent := p.waiting(team, "none"), p.waiting(team, "urgent")
		if p.has(first) != "" {
			t.Fatal("somebody has it who is not there")
		}
		p.arrive("ann")
		if p.has(urgent) != "ann" || p.has(first) != "" {
			t.Fatalf("%q has the urgent one", p.has(urgent))
		}
		for _, next := range []string{first, second} {
			before := urgent
			if next == second {
				before = first
			}
			p.status(before, inbox.Resolved)
			settle(2 * time.Second)
			if p.has(next) != "ann" {
				t.Fatalf("%q has it, two seconds after a place became free", p.has(next))
			}
			w.exact()
		}
		if got := p.reasons(second); got["ann"] != Chosen {
			t.Errorf("%v", got)
		}
	})
}

// Every way in which a place becomes free or somebody becomes able to take something is felt at once.
func TestWhatMakesAPlaceFree(t *testing.T) {
	for name, free := range map[string]func(p *process, busy string){
		"resolved": func(p *process, busy string) { p.status(busy, inbox.Resolved) },
		"unassigned": func(p *process, busy string) {
			p.edit(busy, inbox.Edit{Assignment: inbox.Assignment{AgentID: ptr(""), TeamID: ptr("")}})
		},
		"handed on": func(p *process, busy string) { p.assignTo(busy, "boss") },
		"snoozed": func(p *process, busy string) {
			p.edit(busy, inbox.Edit{Status: ptr(inbox.Snoozed), UntilAnswered: true})
		},
		"more capacity": func(p *process, _ string) { p.capacity("ann", 2) },
		"a colleague":   func(p *process, _ string) { p.arrive("ben") },
		"a new member": func(p *process, _ string) {
			p.arrive("cem")
			teams, _ := p.Users.AllTeams(p.w.t.Context(), "w")
			for id := range teams {
				_, err := p.ChangeProfile(p.w.t.Context(), p.boss, "usr_cem", ProfileEdit{TeamIDs: &[]string{id}})
				p.w.ok(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot(true)
				w.staff("ann", "ben", "cem", "boss")
				p.capacity("ann", 1)
				team := p.team("Support", auth.WorkEdit{}, "ann", "ben")
				p.arrive("ann")
				busy, next := p.waiting(team, "none"), p.waiting(team, "none")
				if p.has(busy) != "ann" || p.has(next) != "" {
					t.Fatalf("%q and %q have them", p.has(busy), p.has(next))
				}
				free(p, busy)
				settle(2 * time.Second)
				if p.has(next) == "" {
					t.Error("nobody has it two seconds later")
				}
				w.exact()
			})
		})
	}
}

// People assign as they like, over any capacity, and no engine undoes it; it only gives nothing more.
func TestByHandIsAboveAll(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		p.capacity("ann", 1)
		team := p.team("Support", auth.WorkEdit{}, "ann")
		p.arrive("ann")
		for range 3 {
			id := p.waiting(team, "none")
			p.assignTo(id, "ann")
			if p.has(id) != "ann" {
				t.Fatal("not given")
			}
		}
		rest := p.waiting(team, "none")
		settle(time.Minute)
		if p.has(rest) != "" || p.route(rest).State != Queued {
			t.Errorf("the engine gave it to %q, who has three of one", p.has(rest))
		}
		w.exact()
	})
}

// Who is asked for a skill that nobody has holds up nobody behind; when it has waited long enough for that, it goes to anybody.
func TestSkillsAndOverflow(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		_, _, err := p.CreateSkill(t.Context(), p.boss, "vat", "VAT")
		w.ok(err)
		other := p.team("Others", auth.WorkEdit{}, "ben")
		team := p.team("Support", auth.WorkEdit{Overflow: &[]auth.Overflow{{AfterSeconds: 30, TeamID: other.ID}}}, "ann")
		p.arrive("ann", "ben")
		p.capacity("ann", 1)
		asked := w.conversation()
		p.skilled(asked, team, Need{Key: "vat", Level: 2, RelaxAfter: 20})
		plain := p.waiting(team, "none")
		if p.has(asked) != "" || p.has(plain) != "ann" {
			t.Fatalf("%q and %q have them", p.has(asked), p.has(plain))
		}
		late := p.waiting(team, "none")
		settle(21 * time.Second) // the skill is no longer asked for, but ann is full
		if p.has(asked) != "" {
			t.Fatal("given over capacity")
		}
		settle(8 * time.Second)
		if p.has(asked) != "" || p.has(late) != "" {
			t.Fatal("overflowed too early")
		}
		settle(3 * time.Second)
		if p.has(asked) != "ben" || p.has(late) != "ben" {
			t.Errorf("after 32 seconds %q and %q have them", p.has(asked), p.has(late))
		}
		// a skill that is removed is no longer asked for
		p.capacity("ann", 9)
		gone := w.conversation()
		p.skilled(gone, team, Need{Key: "vat", Level: 5})
		w.ok(p.DeleteSkill(t.Context(), p.boss, "vat"))
		settle(2 * time.Second)
		if p.has(gone) != "ann" {
			t.Errorf("%q has what asked for a skill that is gone", p.has(gone))
		}
		w.exact()
	})
}

// skilled puts a conversation into a queue with what it asks for.
func (p *process) skilled(id string, team *auth.Team, needs ...Need) {
	p.w.t.Helper()
	p.edit(id, inbox.Edit{
		Assignment: inbox.Assignment{TeamID: &team.ID}, Told: &verdict{shape: func(r *Route) { r.Skills = needs }},
	})
}

// A flood of thousands is worked off in order, in one go, whatever it is that waits before it.
func TestAFloodKeepsItsOrder(t *testing.T) {
	waiting, places := 5000, 250
	if testing.Short() {
		waiting, places = 500, 25
	}
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		p.capacity("ann", 0)
		team, empty := p.team("Support", auth.WorkEdit{}, "ann"), p.team("Nobody", auth.WorkEdit{})
		p.arrive("ann")
		lost := p.waiting(empty, "urgent")
		var ids []string
		for range waiting {
			id := w.conversation()
			_, err := p.Inbox.Change(t.Context(), p.boss, id, inbox.Edit{Assignment: inbox.Assignment{TeamID: &team.ID}})
			w.ok(err)
			ids = append(ids, id)
			time.Sleep(time.Millisecond)
		}
		p.capacity("ann", places)
		settle(2 * time.Second)
		for n, id := range ids {
			if got := p.has(id); (got == "ann") != (n < places) {
				t.Fatalf("number %d has %q", n, got)
			}
		}
		if r := p.route(lost); r.State != Queued || r.TeamID != empty.ID {
			t.Errorf("what waits for a team without members is %s", r.State)
		}
		p.capacity("ann", places-5) // less than she has: nothing is taken away, and nothing is given
		p.status(ids[0], inbox.Resolved)
		settle(2 * time.Second)
		if p.has(ids[1]) != "ann" || p.has(ids[places]) != "" {
			t.Error("a lowered capacity is not kept to")
		}
		w.exact()
	})
}
