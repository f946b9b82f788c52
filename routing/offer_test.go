package routing

import (
	"testing"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
)

// offering is a team that asks its members, the first of whom is ann.
func offering(p *process) *auth.Team {
	strategy, offer, seconds := auth.RoundRobin, auth.ByOffer, 30
	return p.team("Support", auth.WorkEdit{Strategy: &strategy, HandOver: &offer, OfferSeconds: &seconds}, "ann", "ben")
}

// An offer reserves a place, is taken by whom it is made to only, and goes to the next one when it is declined or lapses.
func TestOffers(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		p.capacity("ann", 1)
		team := offering(p)
		staff := p.viewers("ann", "ben")
		p.arrive("ann")
		id, second := p.waiting(team, "none"), p.waiting(team, "none")
		if r := p.route(id); r.State != Offered || r.AgentID != "usr_ann" || p.route(second).State != Queued {
			t.Fatalf("%+v", r)
		}
		w.exact()
		p.arrive("ben")
		if r := p.route(second); r.State != Offered || r.AgentID != "usr_ben" {
			t.Fatalf("%+v", r)
		}
		if err := p.AnswerOffer(t.Context(), staff["ben"], id, true, ""); errs.Code(err) != "offer_over" {
			t.Errorf("somebody else's offer: %v", err)
		}
		w.ok(p.AnswerOffer(t.Context(), staff["ben"], second, true, ""))
		w.ok(p.AnswerOffer(t.Context(), staff["ann"], id, false, "lunch"))
		settle(time.Second)
		if r := p.route(id); p.has(second) != "ben" || r.AgentID != "usr_ben" || r.State != Offered {
			t.Fatalf("%q has the second one, and %+v", p.has(second), r)
		}
		settle(28 * time.Second)
		if p.route(id).State != Offered {
			t.Fatal("it lapsed too early")
		}
		settle(2 * time.Second)
		if r := p.route(id); r.State != Queued || len(r.Declined) != 2 {
			t.Fatalf("after the time %+v", r)
		}
		if err := p.AnswerOffer(t.Context(), staff["ben"], id, true, ""); errs.Code(err) != "offer_over" {
			t.Errorf("an offer that is over: %v", err)
		}
		settle(95 * time.Second) // whoever declined is asked again
		if r := p.route(id); r.State != Offered || r.AgentID != "usr_ann" {
			t.Errorf("two minutes later %+v", r)
		}
		w.exact()
		l, err := p.loads.Get(t.Context(), "usr_ben")
		w.ok(err)
		if l.Today.Given != 1 {
			t.Errorf("one was accepted, %+v", l.Today)
		}
		p.assignTo(id, "ben") // by hand, whoever was asked
		if r := p.route(id); r.State != Assigned || p.has(id) != "ben" {
			t.Errorf("by hand %+v", r)
		}
		w.exact()
	})
}

// Whoever pulls gets the first that they can take, up to their capacity.
func TestTakeNext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		staff := w.staff("ann", "ben")
		p.capacity("ann", 2)
		team := p.team("Support", auth.WorkEdit{}, "ann")
		low, high, last := p.waiting(team, "low"), p.waiting(team, "high"), p.waiting(team, "low")
		for _, want := range []string{high, low} {
			if got, err := p.Next(t.Context(), staff["ann"]); got != want || err != nil {
				t.Fatalf("%q instead of %q, %v", got, want, err)
			}
		}
		if _, err := p.Next(t.Context(), staff["ann"]); errs.Code(err) != "at_capacity" {
			t.Errorf("over capacity: %v", err)
		}
		if got, err := p.Next(t.Context(), staff["ben"]); got != "" || err != nil {
			t.Errorf("of a team that is not theirs: %q, %v", got, err)
		}
		if p.has(last) != "" {
			t.Error("somebody has the last one")
		}
		w.exact()
	})
}

// Whoever is asked because of an overflow, and could not see the conversation otherwise, reads it as long as they are asked, and not after
// that unless they took it.
func TestWhoIsAskedMayReadIt(t *testing.T) {
	for name, end := range map[string]func(p *process, ben access.Viewer, id string) error{
		"declined": func(p *process, ben access.Viewer, id string) error {
			return p.AnswerOffer(p.w.t.Context(), ben, id, false, "")
		},
		"lapsed": func(*process, access.Viewer, string) error { settle(31 * time.Second); return nil },
		"gone": func(p *process, _ access.Viewer, _ string) error {
			p.leave("ben")
			settle(61 * time.Second)
			return nil
		},
		"given to somebody else": func(p *process, _ access.Viewer, id string) error {
			p.assignTo(id, "ann")
			return nil
		},
		"resolved": func(p *process, _ access.Viewer, id string) error {
			p.edit(id, inbox.Edit{Status: ptr(inbox.Resolved)})
			return nil
		},
		"accepted": func(p *process, ben access.Viewer, id string) error {
			return p.AnswerOffer(p.w.t.Context(), ben, id, true, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot(true)
				w.staff("ann", "ben")
				offer, seconds := auth.ByOffer, 30
				if name == "gone" {
					seconds = 600
				}
				helpers := p.team("Helpers", auth.WorkEdit{}, "ben")
				team := p.team("Support", auth.WorkEdit{
					HandOver: &offer, OfferSeconds: &seconds, Overflow: &[]auth.Overflow{{AfterSeconds: 60, TeamID: helpers.ID}},
				}, "ann")
				ben := p.viewers("ben")["ben"]
				p.arrive("ben")
				id := p.waiting(team, "none")
				sees := func() bool {
					_, err := p.Inbox.View(t.Context(), ben, id)
					return err == nil
				}
				if sees() {
					t.Fatal("it is seen before it is offered")
				}
				settle(62 * time.Second)
				if r := p.route(id); r.State != Offered || r.AgentID != "usr_ben" || !sees() {
					t.Fatalf("%+v, seen %v", r, sees())
				}
				w.ok(end(p, ben, id))
				settle(time.Second)
				if want := name == "accepted"; sees() != want || p.route(id).State == Offered {
					t.Errorf("afterwards seen %v, %+v", sees(), p.route(id))
				}
				w.exact()
			})
		})
	}
}
