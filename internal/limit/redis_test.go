package limit_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"wasl/internal/clock"
	"wasl/internal/limit"
	"wasl/internal/redistest"
)

// stopped is a clock that stands still.
type stopped struct{ at time.Time }

func (s *stopped) Now() time.Time { return s.at }

// Both limiters allow the same: the burst at once, then one each time the rate says so.
func TestTheBurstAtOnceThenOneAtATime(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_700_000_000_000)
	hand := &stopped{at}
	mini := miniredis.RunT(t)
	mini.SetTime(at)
	shared := limit.NewRedis(redis.Options{Addr: mini.Addr()}, hand, zerolog.Nop())
	t.Cleanup(func() { _ = shared.Close() })
	rate := limit.Rate{Every: 2 * time.Second, Burst: 3}
	for name, l := range map[string]limit.Limiter{"memory": limit.NewMemory(hand), "redis": shared} {
		hand.at = at
		mini.SetTime(at)
		take := func(after time.Duration, want bool, wantWait time.Duration) {
			t.Helper()
			hand.at = hand.at.Add(after)
			mini.SetTime(hand.at)
			if ok, wait, err := l.Allow(t.Context(), "someone@example.com", rate); ok != want || wait != wantWait || err != nil {
				t.Errorf("%s: %v %v %v instead of %v %v", name, ok, wait, err, want, wantWait)
			}
		}
		for range 3 {
			take(0, true, 0)
		}
		take(0, false, 2*time.Second)
		take(500*time.Millisecond, false, 1500*time.Millisecond)
		take(1500*time.Millisecond, true, 0)
		take(0, false, 2*time.Second)
		if ok, _, err := l.Allow(t.Context(), "another", rate); !ok || err != nil {
			t.Errorf("%s: another key: %v %v", name, ok, err)
		}
		if err := l.Forget(t.Context(), "someone@example.com"); err != nil {
			t.Error(err)
		}
		take(0, true, 0)
		take(time.Hour, true, 0)
	}
	for _, key := range mini.Keys() {
		if len(key) > 40 || key == "wasl:someone@example.com" {
			t.Errorf("Redis holds %q", key)
		}
		if mini.TTL(key) <= 0 {
			t.Errorf("%s stays for ever", key)
		}
	}
}

func TestInstancesShareWhatIsAllowed(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		l := limit.NewRedis(s.Options(), clock.System{}, zerolog.Nop())
		t.Cleanup(func() { _ = l.Close() })
		wg.Go(func() {
			for range 50 {
				ok, _, err := l.Allow(t.Context(), "k", limit.Rate{Every: time.Hour, Burst: 10})
				if err != nil {
					t.Error(err)
				}
				if ok {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 10 {
		t.Errorf("four instances allowed %d instead of 10", allowed.Load())
	}
}

// However much is asked at the same time, and on however many processors, an instance holds a few connections.
func TestQuestionsShareAFewConnections(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	l := limit.NewRedis(s.Options(), clock.System{}, zerolog.Nop())
	t.Cleanup(func() { _ = l.Close() })
	var wg sync.WaitGroup
	for n := range 64 {
		wg.Go(func() {
			for range 20 {
				if ok, _, err := l.Allow(t.Context(), fmt.Sprint(n), limit.Rate{Every: time.Hour, Burst: 20}); err != nil || !ok {
					t.Errorf("%v, %v", ok, err)
				}
			}
		})
	}
	wg.Wait()
	client := s.Client()
	defer func() { _ = client.Close() }()
	if n := strings.Count(client.ClientList(t.Context()).Val(), "\n") - 1; n < 1 || n > 2 {
		t.Errorf("%d connections", n)
	}
}

func TestWithoutRedisEachInstanceLimitsByItself(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	hand := &stopped{time.UnixMilli(1_700_000_000_000)}
	l := limit.NewRedis(s.Options(), hand, zerolog.Nop())
	t.Cleanup(func() { _ = l.Close() })
	rate := limit.Rate{Every: time.Hour, Burst: 2}
	allow := func() bool {
		ok, _, err := l.Allow(t.Context(), "k", rate)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !allow() || !allow() || allow() {
		t.Fatal("shared, it does not limit")
	}
	s.Kill()
	begin := time.Now()
	got := []bool{allow(), allow(), allow(), allow()}
	if !got[0] || !got[1] || got[2] || got[3] {
		t.Errorf("alone: %v", got)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("took %v: a Redis that is down is asked every time", took)
	}
	s.Run()
	hand.at = hand.at.Add(2 * time.Second)
	if !allow() || !allow() || allow() {
		t.Error("shared again, it does not limit: Redis came back empty")
	}
}
