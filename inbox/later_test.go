package inbox

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wasl/internal/access"
	"wasl/store/storetest"
)

// write sends a text with what is asked of it, and must be taken.
func (p *process) write(v access.Viewer, conversationID string, n NewMessage) *Message {
	p.w.t.Helper()
	m, _, err := p.Reply(p.w.t.Context(), v, conversationID, n)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return m
}

func undo(key, said string, seconds int) NewMessage {
	n := words(key, said)
	n.Undo = seconds
	return n
}

func at(key, said string, when time.Time) NewMessage {
	n := words(key, said)
	n.SendAt = when
	return n
}

// TestWhatIsUndoneNeverLeavesAndCountsForNothing: until its time is over a message is as if nobody had answered; then it goes, in order.
func TestWhatIsUndoneNeverLeavesAndCountsForNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		first := p.write(ann, id, undo("1", "one", 5))
		p.write(ann, id, words("2", "two")) // stands behind it
		if first.Status != Queued || !first.SendAt.Equal(first.CreatedAt.Add(5*time.Second)) {
			t.Errorf("%s until %v", first.Status, first.SendAt)
		}
		settle(4 * time.Second)
		if n := w.provider.calls.Load(); n != 0 {
			t.Fatalf("the provider was asked %d times within the undo time", n)
		}
		settle(20 * time.Second)
		if got := w.provider.sentTo(ines); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("sent %v", got)
		}
		if _, err := p.Cancel(t.Context(), ann, first.ID); code(err) != "too_late" {
			t.Errorf("taking back what left: %v", err)
		}
		p.receive(says(ines, "wamid.IN2", "and now?", 60))
		before := w.only()
		third := p.write(ann, id, undo("3", "three", 30))
		if c := w.only(); c.WaitingSince == nil || c.LastMessageID != before.LastMessageID {
			t.Error("what can be undone counts as an answer")
		}
		settle(29 * time.Second)
		for range 2 { // a browser asks again whose line broke
			if m, err := p.Cancel(t.Context(), ann, third.ID); err != nil || m.Status != Canceled {
				t.Fatalf("%v, %v", m, err)
			}
		}
		settle(time.Minute)
		if got := w.provider.sentTo(ines); len(got) != 2 {
			t.Errorf("sent %v", got)
		}
		if c := w.only(); c.WaitingSince == nil || c.LastMessageID != before.LastMessageID || len(c.Outbox) != 0 {
			t.Error("what was undone left something")
		}
		if hits, _, _ := p.Search(t.Context(), ann, "three", "", 10); len(hits) != 0 {
			t.Error("a search finds what was undone")
		}
		p.write(ann, id, undo("4", "four", 1))
		settle(time.Minute)
		if c := w.only(); c.WaitingSince != nil || c.LastMessageID != w.message("four").ID {
			t.Error("what left is no answer")
		}
		w.quiet()
	})
}

// TestAScheduledMessageGoesWhenItIsDueAndBlocksNobody, also after a merge of its contact.
func TestAScheduledMessageGoesWhenItIsDueAndBlocksNobody(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0), says("12025550199", "wamid.IN2", "hi", 0))
		conv := w.message("hello").ConversationID
		due := time.Now().Add(10 * time.Minute)
		m := p.write(ann, conv, at("1", "good evening", due))
		if m.Status != Scheduled {
			t.Fatal(m.Status)
		}
		p.write(ann, conv, words("2", "at once"))
		settle(time.Minute)
		if got := w.provider.sentTo(ines); !slices.Equal(got, []string{"at once"}) {
			t.Errorf("sent %v", got)
		}
		if _, err := p.Contacts.Merge(t.Context(), "w", w.message("hi").ContactID, w.message("hello").ContactID, ann.Actor()); err != nil {
			t.Fatal(err)
		}
		settle(8*time.Minute + 50*time.Second)
		if got := w.provider.sentTo(ines); len(got) != 1 {
			t.Errorf("sent %v before it was due", got)
		}
		settle(2 * time.Minute)
		sent := w.message("good evening")
		if got := w.provider.sentTo(ines); len(got) != 2 || sent.Status != Sent || sent.SentAt.Before(due.Truncate(time.Second)) {
			t.Errorf("sent %v, %s at %v", got, sent.Status, sent.SentAt)
		}
		if c, _ := p.getConversation(t.Context(), conv); c.LastMessageID != sent.ID || len(c.Scheduled) != 0 {
			t.Error("the conversation does not show what was sent")
		}
		w.quiet()
	})
}

// TestWhatIsScheduledHasDefinedEnds: bad times, the window, the customer's answer, at once, and taken back.
func TestWhatIsScheduledHasDefinedEnds(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id, now := w.only().ID, time.Now()
		both, alone, note := at("x", "x", now.Add(time.Hour)), words("x", "x"), at("x", "x", now.Add(time.Hour))
		both.Undo, alone.CancelIfAnswered, note.Content.Type = 5, true, "note"
		for want, n := range map[string]NewMessage{
			"send_at_in_the_past": at("x", "x", now.Add(-24*time.Hour)), "window_closes_before": at("x", "x", now.Add(25*time.Hour)),
			"invalid_send_at": at("x", "x", now.AddDate(2, 0, 0)),
		} {
			if _, _, err := p.Reply(t.Context(), ann, id, n); code(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		for _, n := range []NewMessage{both, alone, note} {
			if _, _, err := p.Reply(t.Context(), ann, id, n); code(err) != "invalid_send_at" {
				t.Errorf("%+v gives %v", n, err)
			}
		}
		asked := at("asked", "did it arrive?", now.Add(2*time.Minute))
		asked.CancelIfAnswered = true
		answered, early := p.write(ann, id, asked), p.write(ann, id, at("early", "sooner", now.Add(4*time.Minute)))
		back := p.write(ann, id, at("back", "no", now.Add(5*time.Minute)))
		late := p.write(ann, id, at("late", "too late", now.Add(8*time.Minute)))
		if _, err := p.Retry(t.Context(), ann, id, early.ID); err != nil {
			t.Fatal(err)
		}
		p.receive(says(ines, "wamid.IN2", "it arrived", 60))
		if m := w.message("did it arrive?"); m.Status != Canceled || m.Error.Code != "customer_answered" {
			t.Errorf("%s is %s", answered.ID, m.Status)
		}
		if _, err := p.Cancel(t.Context(), boss, back.ID); err != nil {
			t.Error(err)
		}
		if _, err := p.Cancel(t.Context(), access.Viewer{UserID: "usr_x", WorkspaceID: "other", Role: access.Owner}, late.ID); err == nil {
			t.Error("another workspace took it back")
		}
		// the customer's address closes early: the time for free answers is over when it is due
		c, err := p.getConversation(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		c.WindowFrom = c.WindowFrom.Add(-24*time.Hour + 5*time.Minute)
		if err := p.commit(t.Context(), &change{conv: c}); err != nil {
			t.Fatal(err)
		}
		settle(15 * time.Minute)
		if got := w.provider.sentTo(ines); !slices.Equal(got, []string{"sooner"}) {
			t.Errorf("sent %v", got)
		}
		if m := w.message("too late"); m.Status != FailedMsg || m.Error.Code != "window_closed" {
			t.Errorf("what was due too late is %s, %v", m.Status, m.Error)
		}
		if c := w.only(); c.WaitingSince == nil {
			t.Error("what failed counts as an answer")
		}
		w.quiet()
	})
}

// TestOfAnUndoAndTheEndOfItsTimeOneWins: whoever takes a message back at the last moment learns truly whether it left.
func TestOfAnUndoAndTheEndOfItsTimeOneWins(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id, undone := w.only().ID, map[string]bool{}
		for n := range 60 {
			text := fmt.Sprint("message ", n)
			said := undo(text, text, 1)
			if n%2 == 0 {
				said = at(text, text, time.Now().Add(time.Second))
			}
			m := p.write(ann, id, said)
			time.Sleep(time.Until(m.SendAt))
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := p.Cancel(t.Context(), ann, m.ID)
				if undone[text] = err == nil; err != nil && code(err) != "too_late" {
					t.Error(err)
				}
			})
			wg.Wait()
			settle(10 * time.Second)
		}
		synctest.Wait()
		sent := w.provider.sentTo(ines)
		for text, is := range undone {
			if slices.Contains(sent, text) == is {
				t.Errorf("%s: undone %v, and sent %v", text, is, !is)
			}
		}
		w.quiet()
	})
}

// TestWhatWaitsGoesOnceOrNotAtAllWhateverFails: one that is undone, one whose undo time is over and one that is scheduled.
func TestWhatWaitsGoesOnceOrNotAtAllWhateverFails(t *testing.T) {
	t.Parallel()
	everyFault(t, func(t *testing.T, n int, fault storetest.Fault) (writes int) {
		bubble(t, func(t *testing.T, w *world) {
			first := w.boot().connect()
			first.receive(says(ines, "wamid.IN1", "hello", 0))
			settle(time.Minute)
			id, due := w.only().ID, time.Now().Add(time.Minute)
			before := first.engine.Writes()
			if n > 0 {
				first.engine.Fail(before+n, fault)
			}
			p := first
			insist := func(do func() error) {
				for range 10 {
					if p.engine.Dead() {
						p.stop()
						w.outboxes()
						p = w.boot().connect()
					}
					if do() == nil {
						return
					}
				}
				t.Fatal("never taken")
			}
			var gone *Message
			say := func(m NewMessage) {
				insist(func() (err error) { gone, _, err = p.Reply(t.Context(), ann, id, m); return err })
			}
			say(at("later", "scheduled", due))
			say(undo("kept", "kept", 5))
			say(undo("gone", "gone", 30))
			settle(20 * time.Second)
			insist(func() error { _, err := p.Cancel(t.Context(), ann, gone.ID); return err })
			settle(3 * time.Minute)
			writes = first.engine.Writes() - before
			if p.engine.Dead() {
				p.stop()
				p = w.boot().connect()
				settle(3 * time.Minute)
			}
			for text, want := range map[string]int{"scheduled": 1, "kept": 1, "gone": 0} {
				m := w.message(text)
				taken := w.provider.took[m.ID]
				switch {
				case taken == want && (m.Status == Sent || want == 0 && m.Status == Canceled):
				case n > 0 && want == 1 && m.Status == Unknown && taken <= 1:
				default:
					t.Errorf("%s is %s, taken %d times", text, m.Status, taken)
				}
			}
			p.stop()
			w.outboxes()
			w.quiet()
		})
		return writes
	})
}
