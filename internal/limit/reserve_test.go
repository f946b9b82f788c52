package limit_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"wasl/internal/limit"
)

// Whoever reserves gets a time of its own, as far apart as the rate says, and nobody who asks for now gets between.
func TestReservedTimesFollowTheRate(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_700_000_000_000)
	hand := &stopped{at}
	mini := miniredis.RunT(t)
	mini.SetTime(at)
	shared := limit.NewRedis(redis.Options{Addr: mini.Addr()}, hand, zerolog.Nop())
	t.Cleanup(func() { _ = shared.Close() })
	rate := limit.Rate{Every: 100 * time.Millisecond, Burst: 2}
	for name, l := range map[string]limit.Limiter{"memory": limit.NewMemory(hand), "redis": shared} {
		set := func(after time.Duration) {
			hand.at = at.Add(after)
			mini.SetTime(hand.at)
		}
		set(0)
		for n, want := range []time.Duration{0, 0, 100, 200, 300} {
			got, err := l.Reserve(t.Context(), "k", rate)
			if err != nil || got.Sub(at) != want*time.Millisecond {
				t.Errorf("%s: the reservation %d is for %v, %v", name, n, got.Sub(at), err)
			}
		}
		if ok, wait, err := l.Allow(t.Context(), "k", rate); ok || wait != 400*time.Millisecond || err != nil {
			t.Errorf("%s: allowed %v before those who reserved, wait %v, %v", name, ok, wait, err)
		}
		if got, err := l.Reserve(t.Context(), "another", rate); err != nil || !got.Equal(at) {
			t.Errorf("%s: another key waits until %v, %v", name, got.Sub(at), err)
		}
		set(350 * time.Millisecond)
		if got, err := l.Reserve(t.Context(), "k", rate); err != nil || got.Sub(at) != 400*time.Millisecond {
			t.Errorf("%s: later it is for %v, %v", name, got.Sub(at), err)
		}
		set(time.Hour)
		if got, err := l.Reserve(t.Context(), "k", rate); err != nil || !got.Equal(hand.at) {
			t.Errorf("%s: after a rest it is for %v, %v", name, got.Sub(at), err)
		}
	}
}

// What counts several times, what only asks and what counts once share one allowance.
func TestRatesOfOneKeyCountTogether(t *testing.T) {
	t.Parallel()
	now := &stopped{time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)}
	m, rate := limit.NewMemory(now), limit.Rate{Every: time.Second, Burst: 10}
	allow := func(r limit.Rate) bool {
		ok, _, err := m.Allow(t.Context(), "k", r)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	for n := range 1000 {
		if !allow(rate.Peek()) {
			t.Fatalf("asking %d times takes everything", n)
		}
	}
	if !allow(rate.Times(5)) || !allow(rate.Times(4)) || allow(rate.Times(5)) || allow(rate) {
		t.Error("nine of ten were taken, and asking took less than one")
	}
	if _, err := m.Reserve(t.Context(), "k", rate); err != nil {
		t.Fatal(err)
	}
	if allow(rate.Peek()) {
		t.Error("all is taken, and there seems to be more")
	}
	now.at = now.at.Add(2 * time.Second)
	if !allow(rate.Peek()) || !allow(rate.Times(0)) {
		t.Error("it does not come back")
	}
}
