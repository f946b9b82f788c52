package routing

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"wasl/auth"
	"wasl/contacts"
	"wasl/inbox"
	"wasl/internal/errs"
	"wasl/store"
)

// code is the stable code of an error, with the place where it has one.
func code(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

// The first rule that holds says where what begins belongs; one that is to go on leaves room for those behind it.
func TestRulesSayWhereItBelongs(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		w.staff("ann", "ben")
		sales, support := p.team("Sales", auth.WorkEdit{}, "ann"), p.team("Support", auth.WorkEdit{}, "ben")
		p.rule(Rule{
			Name: "urgent", When: `{"field":"text","op":"matches_word","value":"urgent"}`, GoOn: true,
			Then: Then{Priority: "urgent", Labels: []string{"hot"}},
		})
		price := p.rule(Rule{
			Name: "prices", When: `{"field":"text","op":"contains","value":"price"}`, Then: Then{TeamID: sales.ID, Type: "sales"},
		})
		p.rule(Rule{Name: "rest", When: `{"all":[]}`, Then: Then{TeamID: support.ID, Priority: "low"}})
		p.arrive("ann", "ben")
		one := p.says("972540000001", "urgent: what is the price?")
		two := p.says("972540000002", "hello")
		if p.has(one) != "ann" || p.has(two) != "ben" {
			t.Fatalf("%q and %q have them", p.has(one), p.has(two))
		}
		c, err := p.Inbox.Standing(t.Context(), "w", one)
		w.ok(err)
		if c.Priority != "urgent" || c.TeamID != sales.ID || len(c.Labels) != 1 || c.Labels[0] != "hot" {
			t.Errorf("%+v", c)
		}
		d, err := p.decisions.Get(t.Context(), one)
		w.ok(err)
		if first := d.All[0]; first.Cause != ByRule || first.TeamID != sales.ID {
			t.Errorf("the first decision: %+v", first)
		}
		// a rule that is switched off, and one whose team is gone, hold of nothing
		_, err = p.ChangeRule(t.Context(), p.boss, price.ID, func(int64) error { return nil }, func(r *Rule) { r.Enabled = false })
		w.ok(err)
		if id := p.says("972540000003", "the price?"); p.has(id) != "ben" {
			t.Errorf("%q has it", p.has(id))
		}
		w.exact()
	})
}

// Where nothing waits, whoever is to have what begins has it with the write that says where it belongs; what would overtake does not.
func TestWhatNothingWaitsBeforeIsGivenAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		p.capacity("ann", 2)
		w.customers(p, "ann")
		p.arrive("ann")
		id := p.says("972540000001", "hello")
		d, err := p.decisions.Get(t.Context(), id)
		w.ok(err)
		if p.has(id) != "ann" || len(d.All) != 2 || d.All[0].Cause != ByRule || d.All[1].Cause != ByQueue || d.All[1].Chosen != "usr_ann" {
			t.Fatalf("%q has it, because of %+v", p.has(id), d.All)
		}
		if r := p.route(id); r.Version != 1 || d.Version != 1 { // it never was in a queue
			t.Errorf("its route was written %d times, its decisions %d times", r.Version, d.Version)
		}
		held := p.drains.of("w")
		held <- struct{}{} // somebody looks at the queues
		before := p.says("972540000002", "hello")
		if p.has(before) != "" {
			t.Fatalf("%q has it beside a look at the queues", p.has(before))
		}
		settle(time.Second) // of what comes in one millisecond anybody is first
		after := p.says("972540000003", "hello")
		<-held
		settle(2 * time.Second)
		if p.has(before) != "ann" || p.has(after) != "" {
			t.Errorf("%q has the first, %q what came after it", p.has(before), p.has(after))
		}
		w.exact()
	})
}

// owns makes an agent the owner of a conversation's customer, where there is one.
func (p *process) owns(agent, conversationID string) {
	p.w.t.Helper()
	conv, err := p.Inbox.Standing(p.w.t.Context(), "w", conversationID)
	p.w.ok(err)
	id := "usr_" + agent
	err = p.Inbox.Contacts.EditPerson(p.w.t.Context(), p.Users, p.boss, conv.ContactID, contacts.Edit{OwnerID: &id})
	if !errors.Is(err, store.ErrNotFound) {
		p.w.ok(err)
	}
}

// Where owners come first, a customer comes to the one whose customer they are, at once and out of the queue, where that one can take it.
func TestOwnersComeFirst(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		p.connect()
		sticky := auth.StickyOwner
		team := p.team("Support", auth.WorkEdit{Sticky: &sticky}, "ann", "ben")
		p.rule(Rule{Name: "all", When: `{"all":[]}`, Then: Then{TeamID: team.ID}})
		p.arrive("ann", "ben")
		id := p.says("972540000001", "hello")
		other := map[string]string{"ann": "ben", "ben": "ann"}[p.has(id)]
		p.owns(other, id)
		p.status(id, inbox.Resolved)
		p.assignTo(id, "") // so that nobody has it when it begins again
		settle(time.Minute)
		for n := range 3 { // who owns it has the more to do
			p.assignTo(p.says(fmt.Sprintf("97254100000%d", n), "hello"), other)
		}
		p.says("972540000001", "again")
		if p.has(id) != other {
			t.Errorf("%q has the customer of %s", p.has(id), other)
		}
		p.status(id, inbox.Resolved)
		p.assignTo(id, "")
		p.leave("ann", "ben")
		settle(3 * time.Minute)
		p.says("972540000001", "and again")
		settle(time.Minute)
		held := p.drains.of("w")
		held <- struct{}{} // nobody looks at the queue before both are there
		p.arrive("ann", "ben")
		<-held
		settle(2 * time.Second)
		if p.has(id) != other {
			t.Errorf("out of the queue %q has the customer of %s", p.has(id), other)
		}
	})
}

// What begins again stays with whoever had it, if they are there; else it goes to their team. What people have given stays given.
func TestWhatBeginsAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		team := w.customers(p, "ann", "ben")
		p.arrive("ann")
		id := p.says("972540000001", "hello")
		p.status(id, inbox.Resolved)
		settle(time.Minute)
		p.says("972540000001", "again")
		if p.has(id) != "ann" {
			t.Fatalf("%q has it", p.has(id))
		}
		p.status(id, inbox.Resolved)
		p.leave("ann")
		settle(2 * time.Minute)
		p.arrive("ben")
		p.says("972540000001", "and again")
		settle(time.Second)
		if p.has(id) != "ben" {
			t.Fatalf("%q has what ann had, who has gone home", p.has(id))
		}
		p.assignTo(id, "ann") // by hand, although she is not there
		p.says("972540000001", "more")
		settle(time.Minute)
		if p.has(id) != "ann" {
			t.Errorf("by hand given to ann, now %q's", p.has(id))
		}
		if r := p.route(id); r.TeamID != team.ID {
			t.Errorf("%+v", r)
		}
		w.exact()
	})
}

// What the business began in the provider's own app begins for the rules when the customer first writes, and not again with the next word.
func TestWhatTheBusinessBeganBeginsWithTheCustomersFirstWord(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		team := w.customers(p, "ann")
		p.arrive("ann")
		id := p.answersElsewhere("972540000001", "Your order is ready")
		settle(time.Second)
		if p.has(id) != "" {
			t.Fatalf("%q has what no customer has written in", p.has(id))
		}
		p.says("972540000001", "thanks, when can I come?")
		settle(time.Second)
		if p.has(id) != "ann" || p.route(id).TeamID != team.ID {
			t.Fatalf("%q of team %q has it", p.has(id), p.route(id).TeamID)
		}
		p.edit(id, inbox.Edit{Assignment: inbox.Assignment{AgentID: ptr(""), TeamID: ptr("")}})
		p.says("972540000001", "hello?")
		settle(time.Second)
		if p.has(id) != "" {
			t.Errorf("the second word is given to %q", p.has(id))
		}
		w.exact()
	})
}

// A rule may name a person: with a team beside it if they can take it, without one in any case.
func TestRulesThatNameAPerson(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		w.staff("ann", "ben")
		team := p.team("Support", auth.WorkEdit{}, "ben")
		r := p.rule(Rule{Name: "ann", When: `{"all":[]}`, Then: Then{TeamID: team.ID, AgentID: "usr_ann"}})
		p.arrive("ben")
		if id := p.says("972540000001", "hello"); p.has(id) != "ben" {
			t.Errorf("%q has it while ann is not there", p.has(id))
		}
		p.arrive("ann")
		if id := p.says("972540000002", "hello"); p.has(id) != "ann" {
			t.Errorf("%q has it while ann is there", p.has(id))
		}
		p.capacity("ann", 1)
		if id := p.says("972540000003", "hello"); p.has(id) != "ben" {
			t.Errorf("%q has it while ann is at capacity", p.has(id))
		}
		_, err := p.ChangeRule(t.Context(), p.boss, r.ID, func(int64) error { return nil },
			func(r *Rule) { r.Then = Then{AgentID: "usr_ann"} })
		w.ok(err)
		if id := p.says("972540000004", "hello"); p.has(id) != "ann" {
			t.Errorf("%q has it, whose rule names ann alone", p.has(id))
		}
		w.exact()
	})
}

// What a rule cannot be is refused with the place.
func TestBadRules(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		team := p.team("Support", auth.WorkEdit{}, "ann")
		always := `{"all":[]}`
		for _, c := range []struct {
			rule        Rule
			code, field string
		}{
			{
				Rule{When: `{"all":[{"field":"colour","op":"is","value":"red"}]}`, Then: Then{TeamID: team.ID}},
				"unknown_field", "when/all/0/field",
			},
			{Rule{When: `{"field":"text","op":"gt","value":"a"}`, Then: Then{TeamID: team.ID}}, "unknown_operator", "when/op"},
			{Rule{When: `no`, Then: Then{TeamID: team.ID}}, "invalid_condition", "when"},
			{Rule{When: always, Then: Then{TeamID: "tem_none"}}, "unknown_team", "then/team_id"},
			{Rule{When: always, Then: Then{AgentID: "usr_none"}}, "unknown_agent", "then/agent_id"},
			{Rule{When: always, Then: Then{Skills: []Need{{Key: "vat", Level: 1}}}}, "unknown_skill", "then/skills"},
			{Rule{When: always, Then: Then{Labels: []string{"a,b"}}}, "invalid_label", "then/labels"},
			{Rule{When: always}, "nothing_to_do", "then"},
		} {
			_, _, err := p.CreateRule(t.Context(), p.boss, "", c.rule)
			var e *errs.Error
			if !errors.As(err, &e) || e.Code != c.code || e.Fields[0].Field != c.field {
				t.Errorf("%s: %v", c.code, err)
			}
		}
		_, _, err := p.CreateRule(t.Context(), p.boss, "", Rule{When: always, Then: Then{Skills: []Need{{Key: "lang:he", Level: 1}}}})
		w.ok(err)
	})
}

// Rules are asked in the order that they were put into.
func TestRulesHaveAnOrder(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		var ids []string
		for n := range 3 {
			ids = append(ids, p.rule(Rule{Name: fmt.Sprint(n), When: `{"all":[]}`, Then: Then{Priority: "high"}}).ID)
		}
		want := []string{ids[2], ids[0], ids[1]}
		for range 2 {
			if _, err := p.OrderRules(t.Context(), p.boss, want); err != nil {
				t.Fatal(err)
			}
		}
		rules, err := p.Rules(t.Context(), "w")
		w.ok(err)
		for n, r := range rules {
			if r.ID != want[n] {
				t.Errorf("number %d is %s", n, r.Name)
			}
		}
		for _, bad := range [][]string{ids[:2], {ids[0], ids[0], ids[1]}, {ids[0], ids[1], "rrl_none"}} {
			if _, err := p.OrderRules(t.Context(), p.boss, bad); code(err) != "invalid_order" {
				t.Errorf("%v: %v", bad, err)
			}
		}
		w.ok(p.DeleteRule(t.Context(), p.boss, ids[0], func(int64) error { return nil }))
		if _, err := p.rule1(ids[0]); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("deleted: %v", err)
		}
	})
}

func (p *process) rule1(id string) (*Rule, error) { return p.Service.rule(p.w.t.Context(), "w", id) }

// Conversations from before there was routing are counted once, however often the upgrade is cut off.
func TestTheUpgradeCountsWhatIsThere(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		conversations := store.NewCollection[inbox.Conversation](w.disk, inbox.Schemas()[0])
		for n := range 20 {
			c, err := conversations.Get(t.Context(), w.conversation())
			w.ok(err)
			c.AssigneeID, c.TeamID = []string{"", "usr_ann", "usr_ben"}[n%3], []string{"", "tem_1"}[n%2]
			c.Status = []inbox.Status{inbox.Open, inbox.Pending, inbox.Resolved, inbox.Snoozed}[n%4]
			w.ok(w.disk.Write(t.Context(), conversations.Replace(c)))
		}
		for range 2 {
			w.ok(Upgrade.Run(t.Context(), w.disk, &store.Progress{}))
			w.exact()
		}
		if n := len(everything[Load](w, loadSchema)); n != 2 {
			t.Errorf("%d loads", n)
		}
	})
}
