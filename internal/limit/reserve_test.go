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
