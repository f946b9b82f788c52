package routing

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"wasl/inbox"
	"wasl/internal/access"
	"wasl/notify"
)

// noticed are the notices that were shown, in their order, each with those to whom it was.
func (p *process) noticed() (shown []notify.Shown, to []access.Audience) {
	p.w.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.seen {
		if n.Type == notify.EventCreated {
			var s notify.Shown
			p.w.ok(json.Unmarshal(n.Data, &s))
			shown, to = append(shown, s), append(to, n.Audience)
		}
	}
	return shown, to
}

// kinds are the kinds of the notices that were shown, each with the users to whom it was.
func (p *process) kinds() string {
	p.w.t.Helper()
	var lines []string
	shown, to := p.noticed()
	for n, s := range shown {
		line := strings.TrimSpace(fmt.Sprint(s.Kind, " ", s.Metric))
		for _, id := range to[n].Users {
			line += " " + strings.TrimPrefix(id, "usr_")
		}
		if len(to[n].Queues) > 0 {
			line += " queue"
		}
		if to[n].Unassigned {
			line += " unassigned"
		}
		if to[n].Supervisors {
			line += " supervisors"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

// Whoever is given a conversation, by a colleague or by the engine, is told so once, with its priority and since when the customer waits;
// whoever takes one is not told what they did.
func TestNoticeOfWhatOneIsGiven(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann", "ben")
		team := w.customers(p, "ann", "ben")
		id := p.says("972540000001", "hello")
		came := time.Now()
		settle(time.Minute)
		high := "high"
		p.edit(id, inbox.Edit{Priority: &high, Assignment: inbox.Assignment{AgentID: ptr("usr_ann")}})
		shown, _ := p.noticed()
		if len(shown) != 1 || shown[0].Priority != high || shown[0].Since == nil || !shown[0].Since.Equal(came) ||
			shown[0].ConversationID != id {
			t.Fatalf("%+v", shown)
		}
		p.status(id, inbox.Pending)
		p.assignTo(id, "")
		p.assignTo(id, "ann")
		if got := p.kinds(); got != "assigned ann, assigned ann" {
			t.Errorf("given twice: %s", got)
		}
		ben := p.viewers("ben")["ben"]
		_, err := p.Inbox.Change(t.Context(), ben, id, inbox.Edit{Assignment: inbox.Assignment{AgentID: &ben.UserID}})
		if err == nil || p.has(id) != "ann" {
			t.Fatal("the test wants a conversation that ben cannot see")
		}
		p.assignTo(id, "")
		_, err = p.Inbox.Change(t.Context(), ben, id, inbox.Edit{Assignment: inbox.Assignment{AgentID: &ben.UserID}})
		w.ok(err)
		if got := p.kinds(); got != "assigned ann, assigned ann" {
			t.Errorf("who takes one is told: %s", got)
		}
		p.arrive("ann")
		p.waiting(team, "none")
		settle(time.Second)
		if got := p.kinds(); got != "assigned ann, assigned ann, assigned ann" {
			t.Errorf("by the engine: %s", got)
		}
	})
}

// A service level's warning is for whoever has the conversation, or for the team where nobody has it; its breach is for supervisors too.
// Each is told of once, also after a restart in between.
func TestNoticeOfServiceLevels(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		w.customers(p, "ann")
		p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 10, Resolution: 60}})
		id := p.says("972540000001", "hello")
		settle(8 * time.Minute)
		if got := p.kinds(); got != "sla_warning first_answer queue" {
			t.Fatal(got)
		}
		p.stop()
		p = w.boot(true)
		p.assignTo(id, "ann")
		settle(2 * time.Minute)
		shown, _ := p.noticed()
		if got := p.kinds(); got != "assigned ann, sla_breached first_answer ann supervisors" {
			t.Fatal(got)
		}
		if late := shown[1]; late.DueAt == nil || time.Since(late.DueAt.Time) > time.Second {
			t.Errorf("due at %v", late.DueAt)
		}
		settle(time.Hour)
		if got := p.kinds(); strings.Count(got, "first_answer") != 1 || strings.Count(got, "resolution") != 2 {
			t.Errorf("%s", got)
		}
	})
}

// What warned and was breached while no instance ran is told of as a breach only.
func TestNoNoticeOfAWarningThatIsOver(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		w.customers(p, "ann")
		p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 10}})
		p.says("972540000001", "hello")
		p.stop()
		settle(time.Hour)
		p = w.boot(true)
		settle(time.Minute)
		if got := p.kinds(); got != "sla_breached first_answer queue supervisors" {
			t.Fatal(got)
		}
	})
}
