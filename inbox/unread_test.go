package inbox

import (
	"slices"
	"testing"
	"time"

	"wasl/inbox/live"
	"wasl/internal/access"
)

// What a colleague answered is unread for nobody any more, in counts, lists and views, until the customer writes again. Who marks it
// unread has it so, alone, until they read it.
func TestWhatIsAnsweredIsUnreadForNobody(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "first", 0), says(ines, "wamid.IN2", "second", 5))
		id := w.only().ID
		check := func(when string, ofAnn, ofBoss int64) {
			t.Helper()
			for _, reloaded := range []bool{false, true} { // as kept, and as loaded anew
				if reloaded {
					p.live.Forget(boss.WorkspaceID)
				}
				for v, want := range map[*access.Viewer]int64{&ann: ofAnn, &boss: ofBoss} {
					views, err := p.conversationViews(t.Context(), v.UserID, []*Conversation{w.only()})
					if err != nil || views[0].UnreadCount != want {
						t.Errorf("%s, %s: %d unread, want %d, %v", when, v.Name, views[0].UnreadCount, want, err)
					}
					counts, err := p.Counts(t.Context(), *v)
					if err != nil || (counts.Unread == 1) != (want > 0) {
						t.Errorf("%s, %s: %+v, %v", when, v.Name, counts, err)
					}
					unread := true
					found := p.listed(*v, Filter{Status: names(Open), Unread: &unread}, 10)
					if (len(found) == 1) != (want > 0) {
						t.Errorf("%s, %s: the list of what is unread has %v", when, v.Name, found)
					}
				}
			}
		}
		mark := func(v access.Viewer, how func(access.Viewer) error) {
			t.Helper()
			if err := how(v); err != nil {
				t.Fatal(err)
			}
			settle(time.Second)
		}
		unread := func(v access.Viewer) error { _, err := p.MarkUnread(t.Context(), v, id); return err }
		read := func(v access.Viewer) error { _, err := p.MarkRead(t.Context(), v, id); return err }
		check("at first", 2, 2)
		p.answers(id, "k1", "our answer")
		settle(time.Second)
		check("when ann answered", 0, 0)
		mark(boss, unread)
		check("when boss marked it", 0, 1)
		p.receive(says(ines, "wamid.IN3", "third", 30))
		check("when the customer wrote again", 1, 2)
		mark(boss, read)
		check("when boss read", 1, 0)
		mark(ann, read)
		mark(ann, unread)
		check("when ann marked what nobody has answered", 1, 0)
		w.quiet()
	})
}

// Who waits for a person for longest comes first, then who does not wait, newest first; pages go on where they ended.
func TestWhoWaitsForLongestComesFirst(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		phones := []string{"447700900001", "447700900002", "447700900003", "447700900004"}
		for n, phone := range phones {
			p.receive(says(phone, "wamid.W"+phone, "hello", n))
			time.Sleep(time.Minute)
		}
		p.receive(says(phones[0], "wamid.AGAIN", "still there?", 10))
		p.answers(w.convOf(phones[1]).ID, "k1", "our answer")
		settle(time.Second)
		want := []string{w.convOf(phones[0]).ID, w.convOf(phones[2]).ID, w.convOf(phones[3]).ID, w.convOf(phones[1]).ID}
		for limit := 1; limit < 5; limit++ {
			if got := p.listed(boss, Filter{Status: names(Open), Sort: live.ByWaiting}, limit); !slices.Equal(got, want) {
				t.Errorf("in pages of %d: %v, want %v", limit, got, want)
			}
		}
	})
}
