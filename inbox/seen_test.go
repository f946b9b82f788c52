package inbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wasl/internal/access"
)

// TestWhoHasNotSeenTheNewestIsAskedBeforeTheyAnswer: what the customer or a colleague wrote since is shown to the writer, and nothing is
// sent; notes, the writer's own messages and what they have seen are no reason.
func TestWhoHasNotSeenTheNewestIsAskedBeforeTheyAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		conv, first := w.only(), w.message("hello")
		say := func(v access.Viewer, key, text, seen string) error {
			n := words(key, text)
			n.Seen = seen
			_, _, err := p.Reply(t.Context(), v, conv.ID, n)
			return err
		}
		since := func(err error) (texts []string) {
			var again *WrittenAgain
			if errors.As(err, &again) {
				for _, m := range again.Messages {
					texts = append(texts, m.Text)
				}
			}
			return texts
		}
		if err := say(ann, "1", "hi", first.ID); err != nil {
			t.Fatal(err)
		}
		if err := say(ann, "2", "me again", first.ID); err != nil {
			t.Errorf("one's own message is a reason to ask: %v", err)
		}
		note := words("note", "he is angry")
		note.Content.Type = "note"
		if _, _, err := p.Reply(t.Context(), boss, conv.ID, note); err != nil {
			t.Fatal(err)
		}
		if err := say(ann, "3", "and again", first.ID); err != nil {
			t.Errorf("a note is a reason to ask: %v", err)
		}
		// what came late stands before what was seen, by the provider's time, and is new all the same
		p.receive(says(ines, "wamid.IN2", "are you there?", 1), says(ines, "wamid.IN3", "written before", -60))
		err := say(ann, "4", "yes?", first.ID)
		if code(err) != "written_again" || !slices.Equal(since(err), []string{"are you there?", "written before"}) {
			t.Fatalf("%v with %v", err, since(err))
		}
		if err := say(boss, "b2", "boss answers", w.message("written before").ID); err != nil {
			t.Fatal(err)
		}
		err = say(ann, "4", "yes?", w.message("written before").ID)
		if !slices.Equal(since(err), []string{"boss answers"}) {
			t.Fatalf("%v with %v", err, since(err))
		}
		settle(time.Minute)
		if got := w.provider.calls.Load(); got != 4 {
			t.Errorf("the provider was asked %d times", got)
		}
		if err := say(ann, "4", "yes?", w.message("boss answers").ID); err != nil {
			t.Error(err)
		}
		if err := say(ann, "4", "yes?", first.ID); err != nil {
			t.Errorf("the same message again: %v", err)
		}
		if err := say(ann, "5", "x", "msg_nowhere"); code(err) != "unknown_message" {
			t.Errorf("a message that is not there: %v", err)
		}
	})
}

// TestForcedRacesNeverGiveTwoAnswersThatNobodyConfirmed: two agents answer what they see while the customer writes on, 200 times. An answer
// goes out only when its writer saw everything that came before it, or was shown that and sent all the same.
func TestForcedRacesNeverGiveTwoAnswersThatNobodyConfirmed(t *testing.T) {
	t.Parallel()
	const races = 200
	bubble(t, func(t *testing.T, w *world) {
		chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a repeatable test
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN", "hello", 0))
		conv := w.only()
		refused := 0
		for race := range races {
			seen := w.newestArrived()
			agents := []access.Viewer{ann, boss}
			errs := make([]error, len(agents))
			var wg sync.WaitGroup
			for n, v := range agents {
				wait := time.Duration(chance.IntN(3)) * time.Millisecond
				wg.Go(func() {
					time.Sleep(wait)
					said := words(fmt.Sprint(race), fmt.Sprintf("%s %d", v.UserID, race))
					said.Seen = seen.ID
					_, _, errs[n] = p.Reply(t.Context(), v, conv.ID, said)
				})
			}
			if wait := time.Duration(chance.IntN(4)) * time.Millisecond; wait > 0 {
				wg.Go(func() {
					time.Sleep(wait)
					if err := p.post(says(ines, fmt.Sprint("wamid.R", race), fmt.Sprint("more ", race), race-races)); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			synctest.Wait()
			taken := 0
			for n, err := range errs {
				var again *WrittenAgain
				switch {
				case err == nil:
					taken++
				case errors.As(err, &again):
					refused++
					for _, m := range again.Messages {
						if m.Arrived <= seen.Arrived || m.Author.ID == agents[n].UserID {
							t.Errorf("race %d: %q is called new", race, m.Text)
						}
					}
				default:
					t.Errorf("race %d: %v", race, err)
				}
			}
			if taken > 1 {
				t.Fatalf("race %d: both answered what only one of them should have", race)
			}
			settle(time.Second)
		}
		if refused < races {
			t.Errorf("only %d answers were refused in %d races", refused, races)
		}
		settle(2 * time.Hour) // the provider's rate for one person
		w.quiet()
	})
}

// newestArrived is the message that came last.
func (w *world) newestArrived() *Message {
	w.t.Helper()
	return slices.MaxFunc(w.messages(), func(a, b *Message) int { return int(a.Arrived - b.Arrived) })
}
