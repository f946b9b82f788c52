package routing

import (
	"testing"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/store"
)

// customers is a gateway with a number whose conversations all go to a team.
func (w *world) customers(p *process, members ...string) *auth.Team {
	w.t.Helper()
	p.connect()
	team := p.team("Support", auth.WorkEdit{}, members...)
	p.rule(Rule{Name: "all", When: `{"all":[]}`, Then: Then{TeamID: team.ID}})
	return team
}

// rule adds a rule.
func (p *process) rule(r Rule) *Rule {
	p.w.t.Helper()
	r.Enabled = true
	made, _, err := p.CreateRule(p.w.t.Context(), p.boss, "", r)
	p.w.ok(err)
	return made
}

// A minute after an agent's last socket is gone what they have not answered goes to somebody else, with what they had begun to write.
func TestWhoIsGoneLosesWhatWaits(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		staff := w.staff("ann", "ben")
		w.customers(p, "ann", "ben")
		p.arrive("ann")
		id := p.says("972540000001", "hello")
		if p.has(id) != "ann" {
			t.Fatalf("%q has it", p.has(id))
		}
		_, err := p.Inbox.SaveDraft(t.Context(), staff["ann"], id, inbox.Draft{Text: "Dear", Mode: "reply"}, nil)
		w.ok(err)
		p.arrive("ben")
		p.leave("ann")
		settle(55 * time.Second)
		if p.has(id) != "ann" || p.stateOf("ann") != Online {
			t.Fatalf("55 seconds later %q has it, ann is %s", p.has(id), p.stateOf("ann"))
		}
		settle(10 * time.Second)
		if p.has(id) != "ben" || p.stateOf("ann") != Offline {
			t.Fatalf("65 seconds later %q has it, ann is %s", p.has(id), p.stateOf("ann"))
		}
		for _, who := range []string{"ann", "ben"} {
			if d, err := p.Inbox.Draft(t.Context(), staff[who], id); err != nil || d.Text != "Dear" {
				t.Errorf("%s's draft is %+v, %v", who, d, err)
			}
		}
		w.exact()
	})
}

// Who is back before somebody took it has it again; after two minutes it is anybody's. What was answered stays where it is.
func TestWhoIsBackHasItAgain(t *testing.T) {
	for _, c := range []struct {
		away  time.Duration
		again bool
	}{{50 * time.Second, true}, {150 * time.Second, true}, {200 * time.Second, false}} {
		t.Run(c.away.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot(true)
				w.staff("ann", "ben")
				w.customers(p, "ann", "ben")
				p.arrive("ann")
				id := p.says("972540000001", "hello")
				p.leave("ann")
				settle(c.away)
				p.arrive("ann")
				settle(time.Second)
				if p.has(id) != "ann" { // there is nobody else either way
					t.Fatalf("%q has it", p.has(id))
				}
				d, err := p.decisions.Get(t.Context(), id)
				w.ok(err)
				last := d.All[len(d.All)-1]
				if c.away > graceTime && (last.Cause == ByReturn) != c.again {
					t.Errorf("because of %s", last.Cause)
				}
				w.exact()
			})
		})
	}
}

// What is chosen by hand counts, is kept in the log, and a supervisor may choose for others.
func TestPresenceByHand(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		staff := w.staff("ann")
		team := p.team("Support", auth.WorkEdit{}, "ann")
		choose := func(state State) {
			_, err := p.SetPresence(t.Context(), staff["ann"], "usr_ann", state, "why")
			w.ok(err)
			settle(time.Second)
		}
		choose(Online)
		if p.stateOf("ann") != Offline {
			t.Error("online without a socket")
		}
		p.arrive("ann")
		settle(time.Second)
		choose(Busy)
		id := p.waiting(team, "none")
		if p.has(id) != "" || p.stateOf("ann") != Busy {
			t.Errorf("%q has it although ann is %s", p.has(id), p.stateOf("ann"))
		}
		p.leave("ann")
		settle(30 * time.Second)
		p.arrive("ann") // a reload, or another browser: what was chosen stays
		if p.stateOf("ann") != Busy {
			t.Errorf("after a reload ann is %s", p.stateOf("ann"))
		}
		choose(Online)
		if p.has(id) != "ann" {
			t.Errorf("%q has it", p.has(id))
		}
		choose(Offline)
		var states []State
		for _, l := range everything[PresenceLog](w, presenceLogSchema) {
			if len(states) == 0 || states[len(states)-1] != l.State {
				states = append(states, l.State)
			}
		}
		want := []State{Offline, Online, Busy, Online, Offline}
		if len(states) != len(want) {
			t.Fatalf("the log has %v", states)
		}
		for n := range want {
			if states[n] != want[n] {
				t.Errorf("the log has %v", states)
			}
		}
		stranger := access.Viewer{WorkspaceID: "other", Role: access.Owner}
		if _, err := p.SetPresence(t.Context(), stranger, "usr_ann", Online, ""); err == nil {
			t.Error("somebody else's user")
		}
	})
}

// In two browsers on two instances one is gone only with the last socket anywhere; an instance that dies takes its users' connections
// with it a minute later.
func TestConnectionsOfSeveralInstances(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		first, second := w.boot(false), w.boot(false)
		w.staff("ann", "ben")
		first.arrive("ann", "ben")
		second.arrive("ann")
		first.leave("ann")
		settle(2 * time.Minute)
		if got := second.stateOf("ann"); got != Online {
			t.Fatalf("with a socket elsewhere ann is %s", got)
		}
		first.engine.Kill()
		settle(54 * time.Second)
		if got := second.stateOf("ben"); got != Online {
			t.Errorf("54 seconds after the death ben is %s", got)
		}
		settle(12 * time.Second)
		if got := second.stateOf("ben"); got != Offline {
			t.Errorf("66 seconds after the death ben is %s", got)
		}
		if got := second.stateOf("ann"); got != Online {
			t.Errorf("ann, who is elsewhere, is %s", got)
		}
	})
}

// Whoever has the app on a screen by some socket of some instance watches, until it is on none, the sockets are gone or the instance is.
func TestWhoWatches(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		first, second := w.boot(false), w.boot(false)
		w.staff("ann")
		want := func(is bool, when string) {
			t.Helper()
			settle(2 * connectionRetry) // of two instances that write at once one tries again
			if got, err := second.Watched(t.Context(), "w", "usr_ann"); err != nil || got != is {
				t.Errorf("%s: watched %v, %v", when, got, err)
			}
		}
		want(false, "never there")
		first.Watches("w", "usr_ann", true)
		want(false, "without a socket")
		first.arrive("ann")
		want(false, "in a tab that nobody sees")
		first.Watches("w", "usr_ann", true)
		second.arrive("ann")
		want(true, "on a screen")
		second.Watches("w", "usr_ann", true)
		first.Watches("w", "usr_ann", false)
		want(true, "on another one")
		second.leave("ann")
		want(false, "the other one is closed")
		second.arrive("ann")
		want(false, "opened again behind another window")
		first.Watches("w", "usr_ann", true)
		want(true, "on a screen again")
		if got, err := second.Watched(t.Context(), "v", "usr_ann"); err != nil || got {
			t.Errorf("of another workspace: %v, %v", got, err)
		}
		first.engine.Kill()
		settle(66 * time.Second)
		want(false, "the instance has died")
	})
}

// Nobody is gone because the store could not be reached, however long: the instances find each other again. Who leaves meanwhile is gone
// since then.
func TestNobodyIsGoneBecauseTheStoreIs(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		first, second := w.boot(false), w.boot(false)
		w.staff("ann", "ben", "cem")
		first.arrive("ann", "cem")
		second.arrive("ben")
		settle(7 * time.Second)
		w.down.Store(true)
		settle(time.Minute)
		first.leave("cem")
		settle(2 * time.Minute)
		w.down.Store(false)
		settle(20 * time.Second)
		for who, want := range map[string]State{"ann": Online, "ben": Online, "cem": Offline} {
			if got := second.stateOf(who); got != want {
				t.Errorf("%s is %s instead of %s", who, got, want)
			}
		}
		settle(2 * time.Minute)
		if first.stateOf("ann") != Online || first.stateOf("ben") != Online {
			t.Errorf("later ann is %s and ben %s", first.stateOf("ann"), first.stateOf("ben"))
		}
	})
}

// A single process that is started again gives those who were there a minute to come back.
func TestAStartGivesAMinute(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		first := w.boot(true)
		w.staff("ann", "ben")
		first.arrive("ann", "ben")
		first.engine.Kill()
		first.stop()
		settle(time.Hour)
		second := w.boot(true)
		settle(30 * time.Second)
		second.arrive("ann")
		settle(20 * time.Second)
		if second.stateOf("ann") != Online || second.stateOf("ben") != Online {
			t.Errorf("50 seconds after the start ann is %s, ben %s", second.stateOf("ann"), second.stateOf("ben"))
		}
		settle(20 * time.Second)
		if second.stateOf("ann") != Online || second.stateOf("ben") != Offline {
			t.Errorf("70 seconds after the start ann is %s, ben %s", second.stateOf("ann"), second.stateOf("ben"))
		}
	})
}

// A deactivated agent's conversations all go back, however many.
func TestADeactivatedAgentKeepsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		p.capacity("ann", 100)
		p.capacity("ben", 100)
		team := p.team("Support", auth.WorkEdit{}, "ann", "ben")
		p.arrive("ann")
		var ids []string
		for range 40 {
			ids = append(ids, p.waiting(team, "none"))
		}
		alone := w.conversation()
		p.assignTo(alone, "ann")
		p.arrive("ben")
		w.ok(p.deactivate("ann"))
		settle(2 * time.Second)
		for _, id := range ids {
			if p.has(id) != "ben" {
				t.Fatalf("%q has %s", p.has(id), id)
			}
		}
		if p.has(alone) != "" {
			t.Errorf("what belongs to no team is still %q's", p.has(alone))
		}
		w.exact()
	})
}

// deactivate makes a user inactive as auth does it: with what is kept beside users.
func (p *process) deactivate(agent string) error {
	users := store.NewCollection[auth.User](p.engine, auth.Schemas()[1])
	u, err := users.Get(p.w.t.Context(), "usr_"+agent)
	if err != nil {
		return err
	}
	u.Active = false
	write := &events.Write{Changes: []store.Change{users.Replace(u)}}
	p.followUsers(write, "w", u)
	return p.Bus.Commit(p.w.t.Context(), write)
}

// Of what somebody leaves the most urgent is given to others first, whatever is put back first.
func TestWhatIsLeftIsGivenInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		team := w.customers(p, "ann", "ben")
		p.capacity("ben", 1)
		p.arrive("ann")
		first, second := p.says("972540000001", "hello"), p.says("972540000002", "hello")
		if first > second {
			first, second = second, first
		}
		p.edit(second, inbox.Edit{Priority: ptr("urgent")})
		p.arrive("ben")
		p.leave("ann")
		settle(65 * time.Second)
		if p.has(second) != "ben" || p.has(first) != "" || p.route(first).TeamID != team.ID {
			t.Errorf("%q has the urgent one, %q the other", p.has(second), p.has(first))
		}
		w.exact()
	})
}
