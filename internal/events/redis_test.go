package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/redistest"
)

const patience = 10 * time.Second

// instance is one process's end of the stream, and what reached it.
type instance struct {
	*events.Redis
	mu      sync.Mutex
	got     []events.Numbered
	signals []events.Signal
	changed chan struct{}
	idle    atomic.Bool // nobody here needs any workspace
}

func connect(t *testing.T, o redis.Options) *instance {
	t.Helper()
	stream, err := events.NewRedis(t.Context(), o, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	in := &instance{Redis: stream, changed: make(chan struct{})}
	in.Receive(events.Receiver{
		Events: func(batch []events.Numbered) { in.note(func() { in.got = append(in.got, batch...) }) },
		Signal: func(s events.Signal) { in.note(func() { in.signals = append(in.signals, s) }) },
		Needed: func(string) bool { return !in.idle.Load() },
	})
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in
}

func (in *instance) note(fn func()) {
	in.mu.Lock()
	defer in.mu.Unlock()
	fn()
	close(in.changed)
	in.changed = make(chan struct{})
}

// until waits until what came satisfies the condition.
func (in *instance) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	timeout := time.After(patience)
	for {
		in.mu.Lock()
		done, changed := ok(), in.changed
		in.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			in.mu.Lock()
			defer in.mu.Unlock()
			t.Fatalf("waited in vain for %s; there are %d: %v", what, len(in.got), shown(in.got))
		}
	}
}

// shown writes events as subject or RESET with their numbers.
func shown(got []events.Numbered) []string {
	var out []string
	for _, n := range got {
		name := n.Subject
		if n.Type == events.Reset {
			name = "RESET"
		}
		out = append(out, fmt.Sprintf("%d:%s", n.Seq, name))
	}
	return out
}

func (in *instance) subjects() []string {
	var out []string
	for _, n := range in.got {
		if n.Type != events.Reset {
			out = append(out, n.Subject)
		}
	}
	return out
}

func (in *instance) append(t *testing.T, subjects ...string) {
	t.Helper()
	if err := in.Append(t.Context(), made(subjects...)); err != nil {
		t.Fatal(err)
	}
}

func made(subjects ...string) []events.Event {
	var evs []events.Event
	for _, s := range subjects {
		evs = append(evs, events.Event{
			Type: "message.created", WorkspaceID: "wsp_1", Subject: s, Data: json.RawMessage(`{"text":"שלום"}`),
			Audience: access.Audience{Supervisors: true},
			Own:      &events.Own{Field: "unread_count", Total: 3, Seen: map[string]int64{"usr_1": 1}},
			At:       time.UnixMilli(1700000000000).UTC(),
		})
	}
	return evs
}

// servers runs the test over the stand-in and over a real server.
func servers(t *testing.T, fn func(t *testing.T, o redis.Options, flush func())) {
	t.Run("miniredis", func(t *testing.T) {
		m := miniredis.RunT(t)
		fn(t, redis.Options{Addr: m.Addr()}, m.FlushAll)
	})
	t.Run("redis-server", func(t *testing.T) {
		s := redistest.Start(t)
		fn(t, s.Options(), s.Flush)
	})
}

func TestWhatOneInstanceSaysReachesAllInTheSameOrderWithTheSameNumbers(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, o redis.Options, _ func()) {
		a, b := connect(t, o), connect(t, o)
		a.Follow(t.Context(), "wsp_1")
		b.Follow(t.Context(), "wsp_1")
		a.append(t, "one", "two")
		b.append(t, "three")
		for _, in := range []*instance{a, b} {
			in.until(t, "three events", func() bool { return len(in.got) == 3 })
			if got := strings.Join(in.subjects(), " "); got != "one two three" {
				t.Fatal(got)
			}
			for i, n := range in.got {
				if n.Seq != in.got[0].Seq+int64(i) || n.Epoch != in.got[0].Epoch || n.Epoch == "" {
					t.Errorf("number %d of epoch %q", n.Seq, n.Epoch)
				}
				if local := (in == a) == (i < 2); n.Local != local {
					t.Errorf("%s is local: %v", n.Subject, n.Local)
				}
			}
		}
		n, want := b.got[0], made("one")[0]
		if string(n.Data) != string(want.Data) || !n.At.Equal(want.At) || n.Own.Of("usr_1") != 2 || !n.Audience.Supervisors ||
			n.Audience.Everyone {
			t.Errorf("came as %+v", n.Event)
		}
	})
}

func TestAnInstanceHearsOnlyTheWorkspacesItFollowsAndFromThenOn(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, o redis.Options, _ func()) {
		a, b := connect(t, o), connect(t, o)
		a.append(t, "before")
		b.Follow(t.Context(), "wsp_1")
		other := made("elsewhere")
		other[0].WorkspaceID = "wsp_2"
		if err := a.Append(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		a.append(t, "after")
		b.until(t, "an event", func() bool { return len(b.got) > 0 })
		if got := strings.Join(shown(b.got), " "); !strings.HasSuffix(got, ":after") || len(b.got) != 1 {
			t.Fatal(got)
		}
	})
}

func TestCatchingUpGivesExactlyWhatWasMissed(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, o redis.Options, flush func()) {
		a, b := connect(t, o), connect(t, o)
		a.append(t, "1", "2", "3", "4")
		epoch, seq, err := b.Position(t.Context(), "wsp_1")
		if err != nil {
			t.Fatal(err)
		}
		for behind := range int64(4) {
			missed, ok, err := b.Since(t.Context(), "wsp_1", epoch, seq-behind)
			if err != nil || !ok || int64(len(missed)) != behind || (behind > 0 &&
				(missed[behind-1].Subject != "4" || missed[0].Seq != seq-behind+1)) {
				t.Errorf("%d behind: %v %v %v", behind, shown(missed), ok, err)
			}
		}
		for name, ask := range map[string]struct {
			epoch string
			seq   int64
		}{"another epoch": {"x", seq}, "the future": {epoch, seq + 1}, "before the epoch": {
			epoch,
			0,
		}, "hostile": {"none-99999999999999999999-x", -5}} {
			if missed, ok, err := b.Since(t.Context(), "wsp_1", ask.epoch, ask.seq); ok || err != nil || missed != nil {
				t.Errorf("%s: %v %v %v", name, shown(missed), ok, err)
			}
		}
		if err := a.Renew(t.Context(), "wsp_1"); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := b.Since(t.Context(), "wsp_1", epoch, seq); ok || err != nil {
			t.Errorf("after a renewal: %v %v", ok, err)
		}
		flush()
		if _, ok, err := b.Since(t.Context(), "wsp_1", epoch, seq); ok || err != nil {
			t.Errorf("after a flush: %v %v", ok, err)
		}
	})
}

func TestWhatIsNoLongerKeptCannotBeCaughtUp(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a := connect(t, s.Options())
	a.append(t, "first")
	epoch, seq, err := a.Position(t.Context(), "wsp_1")
	if err != nil {
		t.Fatal(err)
	}
	many := make([]string, 1000)
	for range 12 {
		a.append(t, many...)
	}
	if _, ok, err := a.Since(t.Context(), "wsp_1", epoch, seq); ok || err != nil {
		t.Errorf("12000 later: %v %v", ok, err)
	}
	if missed, ok, err := a.Since(t.Context(), "wsp_1", epoch, seq+3000); !ok || err != nil || len(missed) != 9000 {
		t.Errorf("9000 later: %d %v %v", len(missed), ok, err)
	}
}

// Who comes back after a long while loads everything anew, instead of being brought more than all that is.
func TestWhoMissedTooMuchLoadsAnew(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, o redis.Options, _ func()) {
		a := connect(t, o)
		epoch, seq, err := a.Position(t.Context(), "wsp_1")
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			large := made("large")
			large[0].Data = json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)
			if err := a.Append(t.Context(), large); err != nil {
				t.Fatal(err)
			}
		}
		if missed, ok, err := a.Since(t.Context(), "wsp_1", epoch, seq); ok || err != nil || missed != nil {
			t.Errorf("twenty megabytes: %d %v %v", len(missed), ok, err)
		}
		if missed, ok, err := a.Since(t.Context(), "wsp_1", epoch, seq+6); !ok || err != nil || len(missed) != 14 {
			t.Errorf("fourteen megabytes: %d %v %v", len(missed), ok, err)
		}
	})
}

// TestWhatRedisKeepsIsBoundedByBytes: large events leave room for no more than is brought to one who comes back, small ones for thousands.
func TestWhatRedisKeepsIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	in, client := connect(t, server.Options()), server.Client()
	kept := func() (total int) {
		found, err := client.XRange(t.Context(), "wasl:{w}:events", "-", "+").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range found {
			text, _ := entry.Values["d"].(string)
			total += len(text)
		}
		return total
	}
	large, err := json.Marshal(strings.Repeat("x", 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if err := in.Append(t.Context(), []events.Event{{Type: "t", WorkspaceID: "w", Data: large}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := kept(); n > 17<<20 || n < 12<<20 {
		t.Errorf("of 40 events of 1 MB %d MB are kept", n>>20)
	}
	small := slices.Repeat([]events.Event{{Type: "t", WorkspaceID: "w"}}, 500)
	for range 8 {
		if err := in.Append(t.Context(), small); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := client.XLen(t.Context(), "wasl:{w}:events").Result(); err != nil || n < 4000 {
		t.Errorf("of small events %d are kept: %v", n, err)
	}
	epoch, last, err := in.Position(t.Context(), "w")
	if err != nil {
		t.Fatal(err)
	}
	if missed, ok, err := in.Since(t.Context(), "w", epoch, last-4005); err != nil || !ok || len(missed) != 4005 {
		t.Errorf("who missed the last 4,005, five of them large, gets %d of them: %v %v", len(missed), ok, err)
	}
}

func TestAFlushBeginsAnotherEpochAndEverybodyIsTold(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, o redis.Options, flush func()) {
		a, b := connect(t, o), connect(t, o)
		a.Follow(t.Context(), "wsp_1")
		b.Follow(t.Context(), "wsp_1")
		a.append(t, "1", "2", "3")
		for _, in := range []*instance{a, b} {
			in.until(t, "three", func() bool { return len(in.got) == 3 })
		}
		old := b.got[0].Epoch
		flush()
		a.append(t, "4")
		for _, in := range []*instance{a, b} {
			in.until(t, "the reset and the fourth", func() bool { return len(in.got) == 5 })
			if r, n := in.got[3], in.got[4]; r.Type != events.Reset || r.Epoch == old || n.Subject != "4" || n.Epoch != r.Epoch ||
				n.Seq != r.Seq+1 {
				t.Errorf("after the flush: %v", shown(in.got))
			}
		}
	})
}

func TestARenewalReachesEverybodyInItsPlace(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, o redis.Options, _ func()) {
		a, b := connect(t, o), connect(t, o)
		b.Follow(t.Context(), "wsp_1")
		a.append(t, "1")
		if err := a.Renew(t.Context(), "wsp_1"); err != nil {
			t.Fatal(err)
		}
		a.append(t, "2")
		b.until(t, "all three", func() bool { return len(b.got) == 3 })
		if got := b.got; got[0].Subject != "1" || got[1].Type != events.Reset || got[2].Subject != "2" || got[1].Epoch == got[0].Epoch ||
			got[2].Epoch != got[1].Epoch {
			t.Fatal(shown(got))
		}
	})
}

func TestARestartedRedisCannotPassForTheOldOne(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a, b := connect(t, s.Options()), connect(t, s.Options())
	b.Follow(t.Context(), "wsp_1")
	a.append(t, "1")
	b.until(t, "the first", func() bool { return len(b.got) == 1 })
	// what a server that lost its last second on disk comes back with: the same key, somewhat older
	client := s.Client()
	kept, err := client.Dump(t.Context(), "wasl:{wsp_1}:events").Result()
	if err != nil {
		t.Fatal(err)
	}
	a.append(t, "2")
	b.until(t, "the second", func() bool { return len(b.got) == 2 })
	s.Kill()
	begin := time.Now()
	if err := a.Append(t.Context(), made("lost")); err == nil {
		t.Fatal("nobody took it")
	}
	if _, _, err := a.Position(t.Context(), ""); err == nil || time.Since(begin) > 3*time.Second {
		t.Fatalf("readiness: %v after %v", err, time.Since(begin))
	}
	s.Run()
	if err := client.RestoreReplace(t.Context(), "wasl:{wsp_1}:events", 0, kept).Err(); err != nil {
		t.Fatal(err)
	}
	_ = client.Close()
	a.append(t, "3")
	b.until(t, "the third", func() bool { return b.got[len(b.got)-1].Subject == "3" })
	got := b.got // where it asked before the key was back there are two resets
	if third := got[len(got)-1]; got[len(got)-2].Type != events.Reset || got[len(got)-2].Epoch != third.Epoch ||
		third.Epoch == got[1].Epoch || len(got) > 5 {
		t.Fatal(shown(got))
	}
}

func TestFollowingWhileRedisIsDownBeginsWithAReset(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a := connect(t, s.Options())
	s.Kill()
	a.Follow(t.Context(), "wsp_1")
	s.Run()
	a.until(t, "the reset", func() bool { return len(a.got) == 1 })
	if a.got[0].Type != events.Reset {
		t.Fatal(shown(a.got))
	}
	a.append(t, "1")
	a.until(t, "the event", func() bool { return len(a.got) == 2 })
}

func TestSignalsReachEveryInstanceAndHereEvenWithoutRedis(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a, b := connect(t, s.Options()), connect(t, s.Options())
	sig := events.Signal{
		Type: "typing", WorkspaceID: "wsp_1", From: "usr_1", Data: []byte(`{}`),
		Audience: access.Audience{Users: []string{"usr_2"}},
	}
	if err := a.Signal(t.Context(), sig); err != nil {
		t.Fatal(err)
	}
	for _, in := range []*instance{a, b} {
		in.until(t, "the signal", func() bool { return len(in.signals) == 1 })
		if got := in.signals[0]; got.From != "usr_1" || string(got.Data) != "{}" || !slices.Contains(got.Audience.Users, "usr_2") {
			t.Fatalf("%+v", got)
		}
	}
	s.Kill()
	if err := a.Signal(t.Context(), sig); err == nil {
		t.Fatal("nobody took it")
	}
	a.until(t, "the signal here", func() bool { return len(a.signals) == 2 })
	s.Run()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for { // what is said before the other listens again is lost
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				_ = a.Signal(context.Background(), sig)
			}
		}
	}()
	b.until(t, "the connection to be there again", func() bool { return len(b.signals) > 1 })
	close(stop)
	<-stopped
}

func TestAnUnreachableRedisIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	if _, err := events.NewRedis(t.Context(), redis.Options{Addr: "127.0.0.1:1"}, zerolog.Nop()); err == nil ||
		time.Since(begin) > 3*time.Second {
		t.Fatalf("%v after %v", err, time.Since(begin))
	}
}

// Whatever is cut and however many write at the same time, every instance gets every event once, in one order.
func TestCutConnectionsLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	a, b := connect(t, s.Options()), connect(t, s.Options())
	a.Follow(t.Context(), "wsp_1")
	b.Follow(t.Context(), "wsp_1")
	client := s.Client()
	defer func() { _ = client.Close() }()
	stop := make(chan struct{})
	var cutting, writing sync.WaitGroup
	cutting.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(rand.N(30 * time.Millisecond)):
				// the readers' connections: a cut while appending leaves open whether it was done
				for _, line := range strings.Split(client.ClientList(context.Background()).Val(), "\n") {
					if strings.Contains(line, " cmd=xread ") && rand.IntN(2) == 0 {
						for _, field := range strings.Fields(line) {
							if id, is := strings.CutPrefix(field, "id="); is {
								client.ClientKillByFilter(context.Background(), "ID", id)
							}
						}
					}
				}
			}
		}
	})
	var failed sync.Map
	const writers, each = 4, 300
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				subject := fmt.Sprintf("%d/%d", w, i)
				if err := []*instance{a, b}[w%2].Append(context.Background(), made(subject)); err != nil {
					failed.Store(subject, err)
				}
			}
		})
	}
	writing.Wait()
	close(stop)
	cutting.Wait()
	failed.Range(func(k, v any) bool { t.Errorf("%v: %v", k, v); return true })
	for _, in := range []*instance{a, b} {
		in.until(t, "all of them", func() bool { return len(in.got) >= writers*each })
	}
	last := map[string]string{}
	for i := range a.got {
		if a.got[i].Seq != b.got[i].Seq || a.got[i].Subject != b.got[i].Subject || a.got[i].Seq != a.got[0].Seq+int64(i) {
			t.Fatalf("place %d: %v and %v", i, shown(a.got[i:i+1]), shown(b.got[i:i+1]))
		}
		w, n, _ := strings.Cut(a.got[i].Subject, "/")
		if before := last[w]; before != "" && fmt.Sprintf("%05s", before) >= fmt.Sprintf("%05s", n) {
			t.Fatalf("writer %s: %s after %s", w, n, before)
		}
		last[w] = n
	}
	if len(a.got) != writers*each || len(b.got) != writers*each {
		t.Fatalf("%d and %d events of %d", len(a.got), len(b.got), writers*each)
	}
}

// What nobody needs any more costs nothing, and whoever comes back to it misses nothing without being told.
func TestAWorkspaceThatNobodyNeedsIsNotFollowed(t *testing.T) {
	s := redistest.Start(t)
	one, other := connect(t, s.Options()), connect(t, s.Options())
	for _, in := range []*instance{one, other} {
		in.Follow(t.Context(), "wsp_1")
	}
	say := func(what string) {
		if err := other.Append(t.Context(), made(what)); err != nil {
			t.Fatal(err)
		}
	}
	one.idle.Store(true)
	one.until(t, "being told that something may be missed", func() bool { return len(one.got) == 1 && one.got[0].Type == events.Reset })
	say("unheard")
	other.until(t, "the event", func() bool { return len(other.got) == 1 })
	one.idle.Store(false)
	one.Follow(t.Context(), "wsp_1")
	say("heard")
	one.until(t, "the next event", func() bool { return len(one.got) == 2 })
	other.until(t, "the same event", func() bool { return len(other.got) == 2 })
	if got := one.got[1]; got.Type == events.Reset || got.Subject != "heard" || got.Seq != other.got[1].Seq {
		t.Errorf("it got %+v", got)
	}
}
