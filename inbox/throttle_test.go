package inbox

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wasl/internal/limit"
)

// counted counts what is reserved.
type counted struct {
	limit.Limiter
	mu       sync.Mutex
	reserved map[string]int
}

func (c *counted) Reserve(ctx context.Context, key string, rate limit.Rate) (time.Time, error) {
	c.mu.Lock()
	c.reserved[key]++
	c.mu.Unlock()
	return c.Limiter.Reserve(ctx, key, rate)
}

// TestOneReservationAMessage: a message that waits for its turn reserves once, and leaves at its time.
func TestOneReservationAMessage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		rates := p.ch.Can.Rate
		count := &counted{Limiter: p.Limiter, reserved: map[string]int{}}
		p.Limiter = count
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		var mu sync.Mutex
		var left []time.Time
		w.provider.answer = func(map[string]any) *reply {
			mu.Lock()
			defer mu.Unlock()
			left = append(left, time.Now())
			return nil
		}
		n := rates.PairBurst + 5
		for k := range n {
			p.answers(id, fmt.Sprint(k), fmt.Sprint("line ", k))
		}
		settle(5 * rates.PairEvery)
		settle(time.Second)
		if len(left) != n || count.reserved["send-to:"+id] != n || count.reserved["send:"+p.ch.ID] != n {
			t.Fatalf("%d of %d left; reserved: %v", len(left), n, count.reserved)
		}
		for k := rates.PairBurst + 1; k < n; k++ {
			if gap := left[k].Sub(left[k-1]); (gap - rates.PairEvery).Abs() > 20*time.Millisecond {
				t.Errorf("message %d left %v after the one before, want %v", k, gap, rates.PairEvery)
			}
		}
		w.outboxes()
		w.quiet()
	})
}

// TestAProviderThatIsSparedCostsNoReservations: the breaker is asked first.
func TestAProviderThatIsSparedCostsNoReservations(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		count := &counted{Limiter: p.Limiter, reserved: map[string]int{}}
		p.Limiter = count
		const people = 12
		for n := range people {
			p.receive(says(fmt.Sprint(12025550100+n), fmt.Sprint("wamid.IN", n), "hello", 0))
		}
		w.provider.answer = func(map[string]any) *reply {
			time.Sleep(50 * time.Millisecond)
			return graphError(503, 131057)
		}
		for n, c := range w.conversations() {
			p.answers(c.ID, "a", fmt.Sprint("answer ", n))
		}
		settle(5 * time.Minute)
		if asked, reserved := w.provider.calls.Load(), count.reserved["send:"+p.ch.ID]; int64(reserved) != asked {
			t.Errorf("%d reservations for %d calls", reserved, asked)
		}
	})
}

// TestABusyChannelLeavesOthersAlone: while hundreds of sends of one channel hang, another channel's webhook, reply and timer are as quick
// as ever.
func TestABusyChannelLeavesOthersAlone(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		const people = 300 // more than the class has slots
		for n := range people {
			p.receive(says(fmt.Sprint(12025550100+n), fmt.Sprint("wamid.IN", n), "hello", 0))
		}
		busy := w.conversations()
		quiet := p.channel("w", "800000000000002")
		var hanging atomic.Int64
		w.provider.answer = func(body map[string]any) *reply {
			if body["to"] == ines {
				return nil
			}
			hanging.Add(1)
			time.Sleep(14 * time.Second)
			return nil
		}
		for _, c := range busy {
			p.answers(c.ID, "a", "busy")
		}
		settle(2 * time.Second)
		if hanging.Load() < 80 {
			t.Fatalf("only %d sends hang", hanging.Load())
		}
		began := time.Now()
		p.ch = quiet
		p.receive(bytes.ReplaceAll(says(ines, "wamid.QUIET", "me too", 0), []byte(phoneID),
			[]byte(quiet.Account.Credentials["phone_number_id"])))
		if m := w.message("wamid.QUIET"); m == nil || time.Since(began) > 10*time.Millisecond {
			t.Errorf("the webhook took %v", time.Since(began))
		}
		id := w.message("wamid.QUIET").ConversationID
		p.answers(id, "b", "quiet")
		p.edit(boss, id, Edit{Status: ptr(Snoozed), SnoozedUntil: ptr(time.Now().Add(time.Second))})
		settle(1010 * time.Millisecond)
		if m := w.message("quiet"); m.Status != Sent {
			t.Errorf("the reply is %s after a second", m.Status)
		}
		conv, err := p.Conversation(t.Context(), boss, id)
		if err != nil || conv.Status != Open {
			t.Errorf("the timer was not on time: %s, %v", conv.Status, err)
		}
		settle(2 * time.Minute)
		if got := len(w.provider.sent); got != people+1 {
			t.Errorf("%d messages left", got)
		}
	})
}
