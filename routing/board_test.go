package routing

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/events"
	"wasl/store"
)

// heard are the changes of the board that supervisors were told of since, in order.
func (p *process) heard(since int) (out []BoardChange) {
	p.w.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.seen[since:] {
		if n.Type != "board.updated" {
			continue
		}
		if !n.Audience.Supervisors || n.Audience.Everyone || n.Audience.Users != nil {
			p.w.t.Errorf("told to %+v", n.Audience)
		}
		var c BoardChange
		p.w.ok(json.Unmarshal(n.Data, &c))
		out = append(out, c)
	}
	return out
}

func (p *process) soFar() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

// Supervisors see at once who has what, whoever gave or took it.
func TestTheBoardFollowsWhatAgentsHave(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		team := p.team("Support", auth.WorkEdit{HandOver: ptr(auth.ByOffer)}, "ann")
		p.arrive("ann")
		settle(time.Second)
		var id string
		for _, step := range []struct {
			what string
			do   func()
			want map[string]string // the state in which the agents told of have it; empty: they have nothing
		}{
			{"offered", func() { id = p.waiting(team, "none") }, map[string]string{"usr_ann": "offered"}},
			{"taken", func() { w.ok(p.AnswerOffer(t.Context(), p.viewers("ann")["ann"], id, true, "")) },
				map[string]string{"usr_ann": "assigned"}},
			{"given to somebody else", func() { p.assignTo(id, "ben") }, map[string]string{"usr_ann": "", "usr_ben": "assigned"}},
			{"resolved", func() { p.status(id, inbox.Resolved) }, map[string]string{"usr_ben": ""}},
		} {
			since := p.soFar()
			step.do()
			settle(time.Second)
			told := p.heard(since)
			if len(told) == 0 {
				t.Fatalf("%s: nobody is told", step.what)
			}
			got := map[string]string{}
			for _, a := range told[len(told)-1].Agents {
				got[a.UserID] = ""
				for _, c := range a.Conversations {
					if c.ID != id || c.Kind != "whatsapp" || a.Load != 1 {
						t.Errorf("%s: %s has %+v, load %d", step.what, a.Name, c, a.Load)
					}
					got[a.UserID] = "assigned"
					if c.Offered {
						got[a.UserID] = "offered"
					}
				}
			}
			for who, state := range step.want {
				if has, is := got[who]; !is || has != state {
					t.Errorf("%s: %s is told as %q instead of %q", step.what, who, has, state)
				}
			}
		}
	})
}

// However much happens, supervisors get at most four events a second, and the last one is true.
func TestTheBoardIsToldAtMostFourTimesASecond(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		since, begun := p.soFar(), time.Now()
		var ids []string
		for range 40 {
			ids = append(ids, w.conversation())
		}
		for _, id := range ids {
			p.assignTo(id, "ann")
			time.Sleep(50 * time.Millisecond)
		}
		settle(time.Second)
		told := p.heard(since)
		if most := int(time.Since(begun)/boardEvery) + 1; len(told) > most || len(told) < 3 {
			t.Errorf("%d events, at most %d", len(told), most)
		}
		last := told[len(told)-1].Agents[0]
		if last.Load != 40 || len(last.Conversations) != 40 {
			t.Errorf("at last load %d, %d conversations", last.Load, len(last.Conversations))
		}
	})
}

// Who is no longer active leaves the board, and another capacity shows.
func TestTheBoardFollowsProfilesAndUsers(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		since := p.soFar()
		p.capacity("ann", 3)
		settle(time.Second)
		told := p.heard(since)
		if len(told) == 0 || *told[len(told)-1].Agents[0].Capacity.Total != 3 {
			t.Fatalf("told %+v", told)
		}
		since = p.soFar()
		ann, err := p.Users.User(t.Context(), "w", "usr_ann")
		w.ok(err)
		ann.Active = false
		left := &events.Write{Changes: []store.Change{store.NewCollection[auth.User](w.disk, auth.Schemas()[1]).Replace(ann)}}
		p.followUsers(left, "w", ann)
		w.ok(p.Bus.Commit(t.Context(), left))
		settle(time.Second)
		if told = p.heard(since); len(told) == 0 || !slices.Equal(told[len(told)-1].Gone, []string{"usr_ann"}) {
			t.Errorf("told %+v", told)
		}
	})
}

// The board shows every team's queue, every active user with what they have and are offered, and whether channels work.
func TestTheBoard(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		w.customers(p, "ann")
		p.arrive("ann")
		p.capacity("ann", 1)
		first := p.says("972540000001", "hello")
		settle(time.Minute)
		p.says("972540000002", "hello")
		b, err := p.board(t.Context(), "w")
		w.ok(err)
		if len(b.Queues) != 1 || b.Queues[0].Length != 1 || b.Queues[0].OldestAt == nil {
			t.Errorf("queues %+v", b.Queues)
		}
		if len(b.Agents) != 2 {
			t.Fatalf("agents %+v", b.Agents)
		}
		for _, a := range b.Agents {
			switch a.UserID {
			case "usr_ann":
				if a.State != Online || a.Load != 1 || a.Today.Given != 1 || len(a.Conversations) != 1 || a.Conversations[0].ID != first {
					t.Errorf("ann %+v", a)
				}
			case "usr_ben":
				if a.State != Offline || a.Since != nil || a.Load != 0 || len(a.Conversations) != 0 {
					t.Errorf("ben %+v", a)
				}
			}
		}
		if len(b.Channels) != 1 || b.Channels[0].Name != "Shop" || b.Channels[0].Health != "ok" || b.Channels[0].LastInboundAt == nil {
			t.Errorf("channels %+v", b.Channels)
		}
	})
}

// The board of a past moment is the one that was seen then.
func TestTheBoardOfAPastMoment(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		w.customers(p, "ann")
		p.arrive("ann")
		p.capacity("ann", 1)
		p.says("972540000001", "hello")
		settle(time.Minute)
		p.says("972540000002", "hello")
		settle(time.Minute)
		then, err := p.board(t.Context(), "w")
		w.ok(err)
		settle(time.Hour)
		p.leave("ann")
		settle(time.Hour)
		past, err := p.pastBoard(t.Context(), "w", then.At.Time)
		w.ok(err)
		if len(past.Queues) != 1 || past.Queues[0].Length != 1 || !past.Queues[0].OldestAt.Equal(then.Queues[0].OldestAt.Time) {
			t.Errorf("queues %+v instead of %+v", past.Queues, then.Queues)
		}
		var ann, was *BoardAgent
		for n := range past.Agents {
			if past.Agents[n].UserID == "usr_ann" {
				ann = &past.Agents[n]
			}
		}
		for n := range then.Agents {
			if then.Agents[n].UserID == "usr_ann" {
				was = &then.Agents[n]
			}
		}
		if ann == nil || ann.State != Online || ann.Load != 1 || *ann.Capacity.Total != 1 || ann.Today != nil ||
			!slices.Equal(ann.TeamIDs, was.TeamIDs) || !slices.Equal(ann.Conversations, was.Conversations) {
			t.Errorf("ann was %+v, not %+v", ann, was)
		}
	})
}
