package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wasl/store"
)

// queue lets somebody wait for a slot and notes the turn.
func queue(s *slots, order *[]string, mu *sync.Mutex, workspace, share string) {
	go func() {
		release, err := s.acquire(context.Background(), workspace, share)
		if err != nil {
			return
		}
		mu.Lock()
		*order = append(*order, workspace+share)
		mu.Unlock()
		time.Sleep(time.Second)
		release()
	}()
	synctest.Wait()
}

func TestSlotsAreGivenInTurnToWorkspacesAndTheirShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		var order []string
		var mu sync.Mutex
		for _, who := range []string{"a1", "a1", "a1", "a2", "a2", "b1", "b1", "c1"} {
			queue(s, &order, &mu, who[:1], who[1:])
		}
		settle(time.Minute)
		want := []string{"a1", "a1", "b1", "c1", "a2", "b1", "a1", "a2"}
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(order, want) {
			t.Errorf("the turns were %v, want %v", order, want)
		}
		if len(s.workspaces)+len(s.turn) > 0 || s.free != 1 {
			t.Errorf("kept of those who are gone: %v %v, %d free", s.workspaces, s.turn, s.free)
		}
	})
}

func TestSlowWorkOfOneLeavesSlotsForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(8)
		var order []string
		var mu sync.Mutex
		for range 20 {
			queue(s, &order, &mu, "a", "1")
		}
		for range 20 {
			queue(s, &order, &mu, "a", "2")
		}
		queue(s, &order, &mu, "b", "1")
		mu.Lock()
		got := strings.Join(order, " ")
		mu.Unlock()
		if got != "a1 a1 a1 a1 a2 a2 b1" { // half of them for a channel, three quarters for a workspace
			t.Errorf("at once: %s", got)
		}
		settle(time.Minute)
		if len(order) != 41 || s.free != 8 {
			t.Errorf("%d had a slot, %d are free", len(order), s.free)
		}
	})
}

func TestTheWaitForASlotEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		release, err := s.acquire(t.Context(), "a", "1")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.acquire(ctx, "a", "2"); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("told %v", err)
		}
		var order []string
		var mu sync.Mutex
		queue(s, &order, &mu, "b", "1")
		release()
		synctest.Wait()
		if len(order) != 1 {
			t.Error("who gave up is in the way of the next")
		}
		settle(time.Minute)
		if _, err := s.acquire(ctx, "a", "1"); err == nil {
			t.Error("a slot after the end")
		}
		if len(s.workspaces)+len(s.turn) > 0 || s.free != 1 {
			t.Errorf("kept: %v %v, %d free", s.workspaces, s.turn, s.free)
		}
	})
}

// TestABusyChannelAndABusyClassLeaveOthersAlone: with two thousand sends of one channel waiting for its rate and hundreds of others
// hanging, another channel's webhook, reply and timer start at once.
func TestABusyChannelAndABusyClassLeaveOthersAlone(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		next := time.Now()
		var mu sync.Mutex
		p.Handle("send", Send, Single(func(_ context.Context, job *Job) error {
			switch job.Share {
			case "hanging":
				time.Sleep(20 * time.Second)
				return nil
			case "busy":
				now := time.Now()
				at, err := job.Reserve("rate", now, func() (time.Time, error) {
					mu.Lock()
					defer mu.Unlock()
					next = next.Add(100 * time.Millisecond)
					return next, nil
				})
				if err == nil && at.After(now) {
					return &Later{At: at, Reason: "the rate"}
				}
				job.Spend()
				return err
			}
			return nil
		}))
		ran := map[string]time.Time{}
		note := Single(func(_ context.Context, job *Job) error {
			mu.Lock()
			defer mu.Unlock()
			ran[job.Ref] = time.Now()
			return nil
		})
		p.Handle("reply", Send, note)
		p.Handle("webhook", Inbound, note)
		p.Handle("timer", Timer, note)
		p.serve(t, true)
		add := func(kind, share, ref string) {
			t.Helper()
			if _, err := p.Keep(t.Context(), Spec{Kind: kind, WorkspaceID: "w", Ref: ref, Share: share, Key: []string{ref}}); err != nil {
				t.Fatal(err)
			}
		}
		for n := range 2000 {
			add("send", "busy", fmt.Sprint("busy ", n))
		}
		for n := range 300 {
			add("send", "hanging", fmt.Sprint("hanging ", n))
		}
		settle(time.Second)
		for n := range 20 {
			at := time.Now()
			due := at.Add(70 * time.Millisecond)
			if err := p.engine.Write(t.Context(), p.At(due,
				Spec{
					Kind: "timer", WorkspaceID: "w", Ref: fmt.Sprint("timer ", n), Share: "quiet",
					Key: []string{fmt.Sprint(n)},
				})...); err != nil {
				t.Fatal(err)
			}
			add("webhook", "quiet", fmt.Sprint("webhook ", n))
			add("reply", "quiet", fmt.Sprint("reply ", n))
			settle(130 * time.Millisecond)
			mu.Lock()
			for ref, from := range map[string]time.Time{"webhook": at, "reply": at, "timer": due} {
				if got, ok := ran[fmt.Sprint(ref, " ", n)]; !ok || got.Sub(from) > 5*time.Millisecond {
					t.Errorf("%s %d began after %v (began: %v)", ref, n, got.Sub(from), ok)
				}
			}
			mu.Unlock()
		}
	})
}
