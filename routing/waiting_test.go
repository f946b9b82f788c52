package routing

import (
	"strings"
	"testing"
	"time"

	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/store"
)

// reminding is how long a customer may wait in the workspace.
func (w *world) reminding(minutes int) {
	w.t.Helper()
	workspaces := store.NewCollection[auth.Workspace](w.disk, auth.Schemas()[0])
	kept, err := workspaces.GetMany(w.t.Context(), "w")
	w.ok(err)
	if len(kept) == 0 {
		w.ok(w.disk.Write(w.t.Context(), workspaces.Insert(&auth.Workspace{Meta: store.Meta{ID: "w"}, Name: "W", RemindMinutes: minutes})))
		return
	}
	kept[0].RemindMinutes = minutes
	w.ok(w.disk.Write(w.t.Context(), workspaces.Replace(kept[0])))
}

// Of a customer who waits too long whoever has the conversation is reminded, once for each time, also by an instance that starts later.
func TestAReminderOfWhoWaits(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		staff := w.staff("ann")
		w.reminding(10)
		w.customers(p, "ann")
		id := p.says("972540000001", "hello")
		p.assignTo(id, "ann")
		settle(9 * time.Minute)
		p.says("972540000001", "are you there?")
		if got := p.kinds(); got != "assigned ann" {
			t.Fatalf("too early: %s", got)
		}
		p.stop()
		settle(2 * time.Minute)
		p = w.boot(true)
		settle(20 * time.Minute)
		shown, _ := p.noticed()
		if got := p.kinds(); got != "waiting ann" || shown[0].ConversationID != id || shown[0].Since == nil {
			t.Fatalf("%s, %+v", got, shown)
		}
		p.status(id, inbox.Pending)
		p.status(id, inbox.Open)
		settle(time.Minute)
		if got := p.kinds(); got != "waiting ann" {
			t.Fatalf("of one wait twice: %s", got)
		}
		p.ch, _ = p.chs.Connected(t.Context(), p.shown(id).ChannelID)
		p.answers(staff["ann"], id, "yes")
		settle(time.Hour)
		p.says("972540000001", "and now?")
		settle(11 * time.Minute)
		if got := p.kinds(); strings.Count(got, "waiting ann") != 2 {
			t.Errorf("of the next wait: %s", got)
		}
	})
}

// Nobody is reminded of who has an answer, of what is put aside or resolved, nor where the workspace wants none. What nobody has is told
// of to the supervisors in the team, or to all where it has none.
func TestWhoIsReminded(t *testing.T) {
	for name, c := range map[string]struct {
		minutes int
		then    func(p *process, id string)
		want    string
	}{
		"off":      {0, func(*process, string) {}, ""},
		"answered": {10, func(p *process, _ string) { p.answersElsewhere("972540000001", "yes") }, ""},
		"aside":    {10, func(p *process, id string) { p.status(id, inbox.Pending) }, ""},
		"resolved": {10, func(p *process, id string) { p.status(id, inbox.Resolved) }, ""},
		"put aside and taken up again": {10, func(p *process, id string) {
			p.status(id, inbox.Pending)
			settle(15 * time.Minute)
			p.status(id, inbox.Open)
		}, "waiting supervisors"},
		"nobody's":    {10, func(*process, string) {}, "waiting supervisors"},
		"turned off":  {10, func(p *process, _ string) { p.w.reminding(0) }, ""},
		"later since": {10, func(p *process, _ string) { p.w.reminding(25) }, "waiting supervisors"},
		"with a supervisor in the team": {10, func(p *process, _ string) {
			users := store.NewCollection[auth.User](p.w.disk, auth.Schemas()[1])
			_, err := users.Update(p.w.t.Context(), "usr_ann", func(u *auth.User) error { u.Role = access.Supervisor; return nil })
			p.w.ok(err)
		}, "waiting ann"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot(true)
				w.staff("ann", "ben")
				w.reminding(c.minutes)
				w.customers(p, "ann", "ben")
				id := p.says("972540000001", "hello")
				settle(time.Second)
				c.then(p, id)
				settle(30 * time.Minute)
				if got := p.kinds(); got != c.want {
					t.Errorf("%q, not %q", got, c.want)
				}
			})
		})
	}
}
