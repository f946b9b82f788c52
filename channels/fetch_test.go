package channels_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"wasl/channels"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/secret"
	"wasl/notify"
	"wasl/store"
)

// well is a provider that has to be asked.
type well struct {
	mu      sync.Mutex
	answer  error         // why fetching ends at once; nil: it goes on
	lasts   time.Duration // how long a session goes until its connection is cut; zero: for ever
	running int
	most    int // how many sessions there were at a time
	tries   int
	with    []string // the passwords of the sessions
	in      channels.Intake
}

func (*well) Kind() channels.Kind { return "email" }
func (*well) Credentials() []channels.Credential {
	return []channels.Credential{{Name: "account", Required: true}, {Name: "box"}, {Name: "password", Secret: true}}
}

func (*well) Capabilities() channels.Capabilities { return channels.Capabilities{} }

func (*well) Screen(channels.Account, channels.Webhook) error { return channels.ErrSignature }
func (*well) Verify(channels.Account, channels.Webhook) error { return channels.ErrSignature }

func (*well) Source(credentials map[string]string) string                        { return credentials["box"] }
func (*well) Parse(channels.Account, channels.Webhook) ([]channels.Event, error) { return nil, nil }
func (*well) Send(context.Context, channels.Account, channels.Outgoing) (channels.Sent, error) {
	return channels.Sent{}, nil
}

func (*well) Begin(context.Context, channels.Account) ([]byte, error) { return nil, nil }

func (w *well) become(answer error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

func (w *well) Fetch(ctx context.Context, account channels.Account, in channels.Intake) error {
	w.mu.Lock()
	w.tries++
	w.with = append(w.with, account.Credentials["password"])
	if w.answer != nil {
		defer w.mu.Unlock()
		return w.answer
	}
	w.running++
	w.most, w.in = max(w.most, w.running), in
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.running--
		w.mu.Unlock()
	}()
	if err := in.Works(ctx); err != nil {
		return err
	}
	for begin := time.Now(); ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
		if w.lasts > 0 && time.Since(begin) >= w.lasts {
			return refusal(channels.Down)
		}
		w.mu.Lock()
		answer := w.answer
		w.mu.Unlock()
		if answer != nil {
			return answer
		}
	}
	return ctx.Err()
}

// mortal is a store that an instance reaches until it dies.
type mortal struct {
	store.Engine
	dead atomic.Bool
}

func (m *mortal) Write(ctx context.Context, changes ...store.Change) error {
	if m.dead.Load() {
		return store.ErrUnavailable
	}
	return m.Engine.Write(ctx, changes...)
}

// fetcher is an instance that fetches.
type fetcher struct {
	*channels.Service
	disk *mortal
	jobs *jobs.Runner
	stop func()
	told func() []string
}

func fetches(t *testing.T, disk store.Engine, box *secret.Box, name string, a channels.Adapter) *fetcher {
	t.Helper()
	f := &fetcher{disk: &mortal{Engine: disk}}
	files, err := blob.NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f.jobs = jobs.NewRunner(f.disk, clock.System{}, zerolog.Nop(), name)
	f.jobs.Handle(channels.JobInbound, jobs.Inbound, jobs.Single(func(context.Context, *jobs.Job) error { return nil }))
	bus := events.NewBus(f.disk, events.NewLocal(), f.jobs, clock.System{}, zerolog.Nop())
	f.Service = channels.NewService(channels.Options{
		Engine: f.disk, Bus: bus, Jobs: f.jobs, Clock: clock.System{}, Log: zerolog.Nop(), Box: box, PublicURL: "https://inbox.example",
		Notices: notify.NewService(f.disk, clock.System{}), Adapters: []channels.Adapter{a}, Instance: name,
		Blobs: files,
	})
	var mu sync.Mutex
	var kinds []string
	bus.Subscribe(func(n events.Numbered) {
		if n.Type == notify.EventCreated {
			mu.Lock()
			defer mu.Unlock()
			kinds = append(kinds, string(n.Data))
		}
	})
	f.told = func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(kinds)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = f.Watch(ctx) })
	wg.Go(func() { _ = f.Fetch(ctx, false) })
	f.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(f.stop)
	return f
}

func (f *fetcher) connect(t *testing.T, account, box string) (*channels.Channel, error) {
	t.Helper()
	return f.Create(t.Context(), "w", channels.New{Kind: "email", Name: "Box", Credentials: map[string]string{
		"account": account, "box": box, "password": "one",
	}})
}

func (f *fetcher) state(t *testing.T, id string) string {
	t.Helper()
	v, err := f.Health(t.Context(), "w", id)
	if err != nil {
		t.Fatal(err)
	}
	return v.State
}

func refusal(outcome channels.Outcome) error {
	return &channels.SendError{Outcome: outcome, Code: "why", Title: "It does not work", Detail: "Mend it."}
}

func TestOneInstanceFetchesAndAnotherGoesOnWhenItStopsOrDies(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		w := &well{}
		one := fetches(t, disk, box, "one", w)
		if _, err := one.connect(t, "a@example.com", "a"); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if w.running != 1 {
			t.Fatalf("%d fetch after a second", w.running)
		}
		two := fetches(t, disk, box, "two", w)
		pass(10 * time.Minute)
		if w.tries != 1 || w.most != 1 {
			t.Errorf("%d sessions, %d at a time", w.tries, w.most)
		}
		first := w.in
		if err := first.Take(t.Context(), channels.Webhook{Body: []byte("mail")}, []byte("behind it")); err != nil {
			t.Fatal(err)
		}
		one.disk.dead.Store(true)
		pass(time.Minute)
		if w.tries != 2 || string(w.in.State()) != "behind it" {
			t.Fatalf("%d sessions a minute after an instance died; %s", w.tries, w.in.State())
		}
		one.disk.dead.Store(false) // it was only away
		if err := first.Take(t.Context(), channels.Webhook{Body: []byte("mail 2")}, []byte("late")); err == nil {
			t.Error("who lost the lease still writes")
		}
		pass(time.Minute)
		if w.running != 1 || string(w.in.State()) != "behind it" {
			t.Errorf("%d fetch; %s", w.running, w.in.State())
		}
		two.stop()
		pass(6 * time.Second)
		if w.running != 1 || w.tries != 3 {
			t.Errorf("%d fetch after the other stopped, %d sessions", w.running, w.tries)
		}
	})
}

func TestWhatIsFetchedAndTheCursorAreOneWrite(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		w := &well{}
		f := fetches(t, disk, box, "one", w)
		if _, err := f.connect(t, "a@example.com", "a"); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		f.disk.dead.Store(true)
		if err := w.in.Take(t.Context(), channels.Webhook{Body: []byte("mail")}, []byte("x")); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%v", err)
		}
		f.disk.dead.Store(false)
		if w.in.State() != nil {
			t.Error("the cursor is ahead of the mail")
		}
		for range 2 { // the same again, as after a write whose outcome nobody knows
			if err := w.in.Take(t.Context(), channels.Webhook{Body: []byte("mail")}, []byte("y")); err != nil {
				t.Error(err)
			}
		}
		if string(w.in.State()) != "y" {
			t.Errorf("%s", w.in.State())
		}
	})
}

func TestWhatIsToBeDoneAtASourceWaitsForWhoeverFetches(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		w := &well{}
		one := fetches(t, disk, box, "one", w)
		ch, err := one.connect(t, "a@example.com", "a")
		if err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		c, err := one.Connected(t.Context(), ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		write := &events.Write{}
		for n, body := range []string{"small", strings.Repeat("large", 100_000)} {
			if err := one.AtSource(t.Context(), write, c, channels.KeepCopy, []byte(body), fmt.Sprint("m", n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := one.AtSource(t.Context(), write, c, channels.MarkSeen, nil); err != nil {
			t.Fatal(err)
		}
		if err := disk.Write(t.Context(), write.Changes...); err != nil {
			t.Fatal(err)
		}
		found, err := w.in.Operations(t.Context())
		if err != nil || len(found) != 2 {
			t.Fatalf("%v: %+v", err, found)
		}
		for _, op := range found {
			if body, err := op.Body(t.Context()); err != nil || len(body) != map[string]int{"m0": 5, "m1": 500_000}[op.IDs[0]] {
				t.Errorf("%d bytes: %v", len(body), err)
			}
			for range 2 { // again does no harm
				if err := w.in.Done(t.Context(), op, nil); err != nil {
					t.Error(err)
				}
			}
		}
		if found, err := w.in.Operations(t.Context()); err != nil || len(found) != 0 {
			t.Errorf("%v: %+v", err, found)
		}
	})
}

func TestTwoChannelsDoNotFetchFromOneMailbox(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		f := fetches(t, disk, box, "one", &well{})
		a, err := f.connect(t, "a@example.com", "shared")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.connect(t, "a@example.com", "shared"); errs.Code(err) != "channel_exists" {
			t.Errorf("the same channel again: %v", err)
		}
		if _, err := f.connect(t, "b@example.com", "shared"); errs.Code(err) != "mailbox_taken" {
			t.Errorf("another channel: %v", err)
		}
		b, err := f.connect(t, "b@example.com", "own")
		if err != nil {
			t.Fatal(err)
		}
		change := channels.Patch{Credentials: map[string]string{"box": "shared"}}
		if _, err := f.Change(t.Context(), "w", b.ID, change); errs.Code(err) != "mailbox_taken" {
			t.Errorf("by a change: %v", err)
		}
		pass(time.Minute)
		if err := f.Remove(t.Context(), "w", a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Change(t.Context(), "w", b.ID, change); err != nil {
			t.Errorf("it is free: %v", err)
		}
	})
}

func TestAChangeBeginsAnewAndARemovalEnds(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		w := &well{}
		one, two := fetches(t, disk, box, "one", w), fetches(t, disk, box, "two", w)
		ch, err := one.connect(t, "a@example.com", "a")
		if err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		for n, password := range []string{"two", "three"} { // here, and on the other instance
			by := []*fetcher{one, two}[n]
			change := channels.Patch{Credentials: map[string]string{"password": password}}
			if _, err := by.Change(t.Context(), "w", ch.ID, change); err != nil {
				t.Fatal(err)
			}
			pass(30 * time.Second)
		}
		if !slices.Equal(w.with, []string{"one", "two", "three"}) || w.most != 1 {
			t.Errorf("%v, %d at a time", w.with, w.most)
		}
		if _, err := one.Change(t.Context(), "w", ch.ID, channels.Patch{Name: ptr("Renamed")}); err != nil {
			t.Fatal(err)
		}
		pass(30 * time.Second)
		if w.tries != 3 {
			t.Error("a name is no reason to begin anew")
		}
		if err := two.Remove(t.Context(), "w", ch.ID); err != nil {
			t.Fatal(err)
		}
		pass(30 * time.Second)
		if w.running != 0 {
			t.Error("a channel that was removed is fetched")
		}
	})
}

func TestAnOutageIsShownTriedSeldomAndToldOnce(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		w := &well{}
		f := fetches(t, disk, box, "one", w)
		ch, err := f.connect(t, "a@example.com", "a")
		if err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Minute)
		w.become(refusal(channels.Down))
		pass(30 * time.Second)
		if got := f.state(t, ch.ID); got != "disconnected" || len(f.told()) != 0 {
			t.Errorf("%s, %v", got, f.told())
		}
		pass(2 * time.Hour)
		if w.tries > 45 || w.tries < 20 {
			t.Errorf("%d tries in two hours", w.tries)
		}
		w.become(nil)
		pass(6 * time.Minute)
		if got := f.state(t, ch.ID); got != "new" {
			t.Errorf("%s", got)
		}
		pass(2 * time.Minute)
		if told := f.told(); len(told) != 2 {
			t.Errorf("%v", told)
		}
	})
}

// Something on the way that cuts every connection after half a minute makes mails late by seconds, not by minutes.
func TestAConnectionThatIsCutOftenIsMadeAnewSoon(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		w := &well{lasts: 30 * time.Second}
		f := fetches(t, disk, box, "one", w)
		if _, err := f.connect(t, "a@example.com", "a"); err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		if w.tries < 65 {
			t.Errorf("%d sessions in an hour", w.tries)
		}
	})
}

func TestARefusedSignInStopsTheChannelUntilItWorksAgain(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		w := &well{answer: refusal(channels.Dead)}
		f := fetches(t, disk, box, "one", w)
		ch, err := f.connect(t, "a@example.com", "a")
		if err != nil {
			t.Fatal(err)
		}
		pass(10 * time.Second)
		if got := f.state(t, ch.ID); got != "stopped" {
			t.Errorf("with credentials that never worked: %s", got)
		}
		pass(50 * time.Minute)
		if w.tries > 2 {
			t.Errorf("%d tries within an hour lock the account", w.tries)
		}
		w.become(nil)
		if _, err := f.Change(t.Context(), "w", ch.ID, channels.Patch{Credentials: map[string]string{"password": "right"}}); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if got := f.state(t, ch.ID); got != "new" {
			t.Errorf("after the right password: %s", got)
		}
		w.become(refusal(channels.Dead)) // some hosts do for a while
		pass(5 * time.Minute)
		if got := f.state(t, ch.ID); got != "disconnected" {
			t.Errorf("with credentials that worked: %s", got)
		}
		pass(20 * time.Minute)
		if got := f.state(t, ch.ID); got != "stopped" {
			t.Errorf("after a while: %s", got)
		}
		w.become(nil)
		pass(70 * time.Minute)
		if got := f.state(t, ch.ID); got != "new" {
			t.Errorf("it works again by itself: %s", got)
		}
	})
}

func ptr[T any](v T) *T { return &v }
