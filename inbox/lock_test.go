package inbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/store"
)

// TestOnePersonWritesAtATime: a second one is shown what the first has written and has to take over; without keys the right ends by itself.
func TestOnePersonWritesAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		var told []LockView
		p.Bus.OnSignal(func(s events.Signal) {
			var v LockView
			if err := json.Unmarshal(s.Data, &v); err != nil || s.Type != "lock" || len(s.Outside) > 0 || s.Audience.Guest != "" {
				t.Errorf("%+v, %v", s, err)
			}
			told = append(told, v)
		})
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		take := func(v access.Viewer, text string, over bool) (LockView, error) {
			return p.Lock(t.Context(), v, id, text, over)
		}
		if v, err := take(ann, "Your par", false); err != nil || *v.UserID != ann.UserID {
			t.Fatalf("%+v, %v", v, err)
		}
		settle(19 * time.Second)
		if _, err := take(ann, "Your parcel is", false); err != nil {
			t.Fatal(err)
		}
		settle(19 * time.Second)
		_, err := take(boss, "It", false)
		var locked *Locked
		if !errors.As(err, &locked) || locked.By.Name != "Ann" || locked.By.Text != "Your parcel is" {
			t.Fatalf("%v", err)
		}
		if err := p.Unlock(t.Context(), boss, id); err != nil { // it is not theirs to give
			t.Fatal(err)
		}
		v, err := take(boss, "It", true)
		if err != nil || v.TookFrom != ann.UserID || told[len(told)-1].TookFrom != ann.UserID {
			t.Fatalf("%+v, %v, told %+v", v, err, told)
		}
		if _, err := take(ann, "Your parcel is here", false); code(err) != "locked" {
			t.Errorf("who lost it: %v", err)
		}
		settle(21 * time.Second)
		if v, err := take(ann, "Your parcel is here", false); err != nil || v.TookFrom != "" {
			t.Errorf("after its end: %+v, %v", v, err)
		}
		if err := p.Unlock(t.Context(), ann, id); err != nil {
			t.Fatal(err)
		}
		if last := told[len(told)-1]; last.UserID != nil || last.ConversationID != id {
			t.Errorf("its end is told as %+v", last)
		}
		if _, err := take(boss, "", false); err != nil {
			t.Error(err)
		}
		stranger := access.Viewer{UserID: "usr_x", WorkspaceID: "other", Role: access.Owner}
		if _, err := take(stranger, "", true); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another workspace: %v", err)
		}
	})
}

// TestOfManyWhoBeginToWriteOneHasTheRight, on two instances.
func TestOfManyWhoBeginToWriteOneHasTheRight(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		processes := []*process{w.boot().connect(), w.build()}
		processes[0].receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		for round := range 50 {
			var wg sync.WaitGroup
			var mu sync.Mutex
			got := 0
			for n := range 6 {
				v := boss
				v.UserID = fmt.Sprint("usr_", n)
				wg.Go(func() {
					_, err := processes[n%2].Lock(t.Context(), v, id, "", false)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						got++
					} else if code(err) != "locked" {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if got != 1 {
				t.Fatalf("round %d: %d have the right to write", round, got)
			}
			settle(21 * time.Second)
		}
	})
}
