package channels_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"wasl/channels"
	"wasl/channels/instagram"
	"wasl/channels/whatsapp"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/secret"
	"wasl/notify"
	"wasl/store"
	"wasl/store/pebble"
)

// nobody answers.
type nobody struct{}

func (nobody) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nobody answers")
}

// instance is a process that watches channels.
type instance struct {
	*channels.Service
	runner *jobs.Runner
	stop   func()
	mu     sync.Mutex
	told   []notify.Notice
	shown  []string // the states of health that open screens were shown
}

func (i *instance) kinds() (out []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, n := range i.told {
		out = append(out, string(n.Kind))
	}
	return out
}

func start(t *testing.T, disk store.Engine, box *secret.Box) *instance {
	t.Helper()
	return startWith(t, disk, box, nobody{})
}

func startWith(t *testing.T, disk store.Engine, box *secret.Box, provider http.RoundTripper) *instance {
	t.Helper()
	client := &http.Client{Transport: provider}
	i := &instance{runner: jobs.NewRunner(disk, clock.System{}, zerolog.Nop(), "one")}
	bus := events.NewBus(disk, events.NewLocal(), i.runner, clock.System{}, zerolog.Nop())
	i.Service = channels.NewService(channels.Options{
		Engine: disk, Bus: bus, Jobs: i.runner, Clock: clock.System{}, Log: zerolog.Nop(), Box: box, PublicURL: "https://inbox.example",
		Notices:  notify.NewService(disk, clock.System{}),
		Adapters: []channels.Adapter{whatsapp.New(whatsapp.Options{HTTP: client}), instagram.New(client)},
	})
	bus.Subscribe(func(n events.Numbered) {
		if n.Type == "channel.updated" {
			var v channels.ChannelView
			if err := json.Unmarshal(n.Data, &v); err != nil {
				t.Error(err)
			}
			i.mu.Lock()
			defer i.mu.Unlock()
			i.shown = append(i.shown, v.Health.State)
		}
		if n.Type != notify.EventCreated {
			return
		}
		var told notify.Notice
		if err := json.Unmarshal(n.Data, &told); err != nil {
			t.Error(err)
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		i.told = append(i.told, told)
	})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := i.Watch(ctx); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() { // the schedule, without the runner's other work
		for tick := time.NewTicker(time.Hour); ctx.Err() == nil; {
			if err := i.RenewDue(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				tick.Stop()
			}
		}
	})
	i.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(i.stop)
	synctest.Wait()
	return i
}

func bubble(t *testing.T, fn func(t *testing.T, disk store.Engine, box *secret.Box)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		disk, err := pebble.Open("channels", pebble.Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := disk.Close(); err != nil {
				t.Error(err)
			}
		})
		for _, schemas := range [][]store.Schema{events.Schemas(), jobs.Schemas(), notify.Schemas(), channels.Schemas()} {
			if err := disk.Ensure(t.Context(), schemas...); err != nil {
				t.Fatal(err)
			}
		}
		box, err := secret.Parse(secret.NewKey())
		if err != nil {
			t.Fatal(err)
		}
		fn(t, disk, box)
	})
}

func (i *instance) connect(t *testing.T) *channels.Channel {
	t.Helper()
	ch, err := i.Create(t.Context(), "w", channels.New{Kind: whatsapp.Kind, Name: "Sales", Credentials: map[string]string{
		"phone_number_id": "1", "business_account_id": "2", "access_token": "t", "app_secret": "s", "verify_token": "v",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// read returns the channel as it is now.
func (i *instance) read(t *testing.T, id string) *channels.Connected {
	t.Helper()
	c, err := i.Connected(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (i *instance) health(t *testing.T, id string) channels.HealthView {
	t.Helper()
	v, err := i.Health(t.Context(), "w", id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheLastMessageIsKnownAfterARestartAndElsewhere(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := start(t, disk, box)
		ch := one.connect(t)
		if v := one.health(t, ch.ID); v.State != "new" || v.LastInboundAt != nil {
			t.Errorf("a new channel: %+v", v)
		}
		one.NoteInbound(ch.ID)
		first := time.Now()
		synctest.Wait()
		two := start(t, disk, box)
		if v := two.health(t, ch.ID); v.State != "ok" || v.LastInboundAt == nil || !v.LastInboundAt.Equal(first) {
			t.Errorf("the first message is not known elsewhere: %+v", v)
		}
		time.Sleep(10 * time.Second)
		one.NoteInbound(ch.ID)
		one.NoteOutbound(ch.ID)
		one.NoteTrouble(ch.ID, channels.Trouble{Code: "provider_down", Title: "x"})
		second := time.Now()
		if v := one.health(t, ch.ID); !v.LastInboundAt.Equal(second) || v.LastError == nil {
			t.Errorf("here it is known at once: %+v", v)
		}
		if v := two.health(t, ch.ID); !v.LastInboundAt.Equal(first) {
			t.Error("it was saved with the message, not once a minute")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if v := two.health(t, ch.ID); !v.LastInboundAt.Equal(second) || v.LastOutboundAt == nil || v.LastError.Code != "provider_down" {
			t.Errorf("a minute later it is not known elsewhere: %+v", v)
		}
		one.NoteInbound(ch.ID)
		third := time.Now()
		one.stop()
		if v := start(t, disk, box).health(t, ch.ID); !v.LastInboundAt.Equal(third) {
			t.Errorf("a stop lost the last message: %+v", v)
		}
	})
}

func TestASilenceIsToldOnceAndItsEndToo(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := start(t, disk, box)
		ch := one.connect(t)
		if err := one.Learn(t.Context(), ch.ID, time.Now().Add(-20*24*time.Hour), 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		two := start(t, disk, box) // of several instances one tells
		if v := one.health(t, ch.ID); v.State != "ok" || v.UsualGap == nil || *v.UsualGap < 540 || *v.UsualGap > 660 {
			t.Fatalf("after two weeks: %+v %v", v, v.UsualGap)
		}
		time.Sleep(12 * time.Minute)
		if told := one.kinds(); len(told) != 0 {
			t.Errorf("told too early: %v", told)
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if told := slices.Concat(one.kinds(), two.kinds()); len(told) != 1 || told[0] != "channel_silent" {
			t.Errorf("told %v", told)
		}
		if v := two.health(t, ch.ID); v.State != "silent" || v.Problem == nil || v.SilentSince == nil {
			t.Errorf("%+v", v)
		}
		one.NoteInbound(ch.ID)
		synctest.Wait()
		if v := one.health(t, ch.ID); v.State != "ok" {
			t.Errorf("heard again: %+v", v)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if told := slices.Concat(one.kinds(), two.kinds()); len(told) != 2 || told[0] == told[1] {
			t.Errorf("told %v", told)
		}
	})
}

func TestAStopIsToldOnceAndItsEndToo(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := start(t, disk, box)
		ch := one.connect(t)
		for range 3 {
			if err := one.Fail(t.Context(), one.read(t, ch.ID), channels.Trouble{
				Code: "token_invalid", Title: "The token is dead",
				Detail: "Make a new one.",
			}); err != nil {
				t.Fatal(err)
			}
		}
		if v := one.health(t, ch.ID); v.State != "stopped" || v.Problem.Detail != "Make a new one." {
			t.Errorf("%+v", v)
		}
		if _, err := one.Change(t.Context(), "w", ch.ID,
			channels.Patch{Credentials: map[string]string{"access_token": "new"}}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if told := one.kinds(); len(told) != 2 || told[0] != "channel_stopped" || told[1] != "channel_works" {
			t.Errorf("told %v", told)
		}
	})
}

func TestUndoneWebhooksAreALag(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := start(t, disk, box)
		one.runner.Handle(channels.JobInbound, jobs.Inbound, jobs.Single(func(context.Context, *jobs.Job) error { return nil }))
		ch := one.connect(t)
		c, err := one.Connected(t.Context(), ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{"a", "b"} { // stored by an instance that dies at once
			_, insert := one.runner.New(jobs.Spec{Kind: channels.JobInbound, WorkspaceID: "w", Ref: ch.ID, Key: []string{body}})
			if err := disk.Write(t.Context(), insert...); err != nil {
				t.Fatal(err)
			}
			time.Sleep(40 * time.Second)
		}
		if v := one.health(t, c.ID); v.State != "lagging" || v.Waiting != 2 || v.LagSeconds != 80 {
			t.Errorf("%+v", v)
		}
		if lag := one.IngestLag(); lag != 80 {
			t.Errorf("the metric says %v", lag)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = one.runner.Serve(ctx, true) })
		time.Sleep(5 * time.Second)
		if v := one.health(t, c.ID); v.State == "lagging" || v.Waiting != 0 || one.IngestLag() != 0 {
			t.Errorf("worked off: %+v", v)
		}
		cancel()
		wg.Wait()
	})
}

// Whoever has a board open sees within a minute that messages come in late, how late while it lasts, and that it is over.
func TestOpenScreensAreShownALag(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		one := start(t, disk, box)
		one.runner.Handle(channels.JobInbound, jobs.Inbound, jobs.Single(func(context.Context, *jobs.Job) error { return nil }))
		ch := one.connect(t)
		one.NoteInbound(ch.ID)
		time.Sleep(2 * time.Minute)
		one.mu.Lock()
		one.shown = nil
		one.mu.Unlock()
		_, insert := one.runner.New(jobs.Spec{Kind: channels.JobInbound, WorkspaceID: "w", Ref: ch.ID, Key: []string{"a"}})
		if err := disk.Write(t.Context(), insert...); err != nil { // stored by an instance that dies at once
			t.Fatal(err)
		}
		time.Sleep(2*time.Minute + time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = one.runner.Serve(ctx, true) })
		time.Sleep(3 * time.Minute)
		cancel()
		wg.Wait()
		one.mu.Lock()
		defer one.mu.Unlock()
		if want := []string{"lagging", "lagging", "ok"}; !slices.Equal(one.shown, want) {
			t.Errorf("shown %v instead of %v", one.shown, want)
		}
	})
}
