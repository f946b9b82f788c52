package remind

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"wasl/activity"
	"wasl/auth"
	"wasl/channels"
	"wasl/contacts"
	"wasl/files"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/limit"
	"wasl/notify"
	"wasl/search"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest"
	"wasl/work"
)

// world is a workspace with a conversation of ann's.
type world struct {
	*testing.T
	disk  store.Engine
	blobs blob.Store
	ann   access.Viewer
	conv  string
}

func bubble(t *testing.T, fn func(w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		disk, err := pebble.Open("remind", pebble.Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = disk.Close() })
		for _, schemas := range [][]store.Schema{
			events.Schemas(), jobs.Schemas(), auth.Schemas(), channels.Schemas(), contacts.Schemas(), activity.Schemas(), notify.Schemas(),
			search.Schemas(), files.Schemas(), work.Schemas(), inbox.Schemas(), Schemas(),
		} {
			if err := disk.Ensure(t.Context(), schemas...); err != nil {
				t.Fatal(err)
			}
		}
		blobs, err := blob.NewFiles(filepath.Join(dir, "blobs"))
		if err != nil {
			t.Fatal(err)
		}
		ann := access.Viewer{UserID: "usr_ann", WorkspaceID: "w", Role: access.Agent}
		w := &world{T: t, disk: disk, blobs: blobs, conv: "cnv_1", ann: ann}
		for _, name := range []string{"ann", "ben"} {
			put(w, auth.Schemas()[1], &auth.User{
				Meta: store.Meta{ID: "usr_" + name}, WorkspaceID: "w", Name: name, Role: access.Agent, Active: true,
			})
		}
		put(w, inbox.Schemas()[0], &inbox.Conversation{
			Meta: store.Meta{ID: w.conv}, WorkspaceID: "w", Origin: "con_1", ContactID: "con_1", ChannelID: "chn_1",
			ChannelKind: channels.KindWhatsApp, Status: inbox.Open, Priority: "none", AssigneeID: "usr_ann", Labels: []string{},
			Participants: []string{}, Outbox: []string{},
		})
		fn(w)
	})
}

func put[T any, P store.Entity[T]](w *world, schema store.Schema, doc P) {
	w.Helper()
	w.ok(w.disk.Write(w.Context(), store.NewCollection[T, P](w.disk, schema).Insert(doc)))
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// boot starts an instance and returns what ends it.
func (w *world) boot() (*Service, *storetest.Faulty, func()) {
	now, engine := clock.System{}, storetest.NewFaulty(w.disk)
	runner := jobs.NewRunner(engine, now, zerolog.Nop(), "one")
	bus := events.NewBus(engine, events.NewLocal(), runner, now, zerolog.Nop())
	limiter := limit.NewMemory(now)
	users := auth.NewService(auth.Options{Engine: engine, Bus: bus, Clock: now, Limiter: limiter, OnRevoke: func(string) {}})
	notices, history := notify.NewService(engine, now), activity.NewLog(engine)
	customers := contacts.NewService(engine, bus, history, runner, now)
	in := inbox.NewService(inbox.Options{
		Engine: engine, Bus: bus, Jobs: runner, Clock: now, Log: zerolog.Nop(), Contacts: customers, Activity: history,
		Channels: channels.NewService(channels.Options{
			Engine: engine, Bus: bus, Jobs: runner, Clock: now, Log: zerolog.Nop(), PublicURL: "https://inbox.example", Blobs: w.blobs,
			Notices: notices,
		}),
		Notices: notices, Blobs: w.blobs, Limiter: limiter, Users: users, Actions: action.NewRegistry(inbox.Verbs()...),
		Files: files.NewService(files.Options{Engine: engine, Jobs: runner, Clock: now, Blobs: w.blobs}),
		Works: work.NewService(engine, bus, runner, now),
	})
	s := NewService(Options{Engine: engine, Bus: bus, Jobs: runner, Clock: now, Inbox: in, Users: users, Notices: notices})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = bus.Run(ctx, true) })
	running.Go(func() { _ = runner.Serve(ctx, true) })
	stop := sync.OnceFunc(func() { cancel(); running.Wait() })
	w.Cleanup(stop)
	synctest.Wait()
	return s, engine, stop
}

// told are the notices that there are, each as its words and whom it is for.
func (w *world) told() (out []string) {
	type notice struct {
		store.Meta `bson:",inline"`
		Kind       notify.Kind     `bson:"kind"`
		Detail     string          `bson:"detail"`
		Audience   access.Audience `bson:"audience"`
	}
	all := store.NewCollection[notice](w.disk, notify.Schemas()[0])
	w.ok(all.Each(w.Context(), store.Query{Limit: 100}, func(n *notice) error {
		out = append(out, string(n.Kind)+" "+n.Detail+" "+strings.Join(append(n.Audience.Users, n.Audience.Queues...), ","))
		return nil
	}))
	return out
}

// What was promised is told of when its time has come, once, whatever write fails and wherever the process is cut off.
func TestAPromiseIsToldOfOnce(t *testing.T) {
	for _, fault := range storetest.Faults() {
		for n := 1; n <= 3; n++ {
			bubble(t, func(w *world) {
				s, engine, stop := w.boot()
				_, _, err := s.add(w.Context(), w.ann, w.conv, time.Now().Add(5*time.Minute), "I'll call at 4")
				w.ok(err)
				time.Sleep(5*time.Minute - time.Second)
				if told := w.told(); told != nil {
					w.Fatal("too early: ", told)
				}
				engine.Fail(engine.Writes()+n, fault)
				time.Sleep(2 * time.Minute)
				engine.Kill()
				stop()
				w.boot()
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if told := w.told(); len(told) != 1 || told[0] != "reminder I'll call at 4 usr_ann" {
					w.Errorf("%v at write %d: %q", fault, n, told)
				}
			})
		}
	}
}

// A promise of somebody who has gone is told to whoever has the conversation.
func TestAPromiseOutlivesWhoMadeIt(t *testing.T) {
	bubble(t, func(w *world) {
		s, _, _ := w.boot()
		_, _, err := s.add(w.Context(), w.ann, w.conv, time.Now().Add(5*time.Minute), "call")
		w.ok(err)
		all := store.NewCollection[inbox.Conversation](w.disk, inbox.Schemas()[0])
		conv, err := all.Get(w.Context(), w.conv)
		w.ok(err)
		conv.AssigneeID = "usr_ben"
		w.ok(w.disk.Write(w.Context(), all.Replace(conv)))
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if told := w.told(); len(told) != 1 || told[0] != "reminder call usr_ben" {
			w.Errorf("%q", told)
		}
	})
}

// The same promise twice is one reminder; what is taken back is not told of; a wrong time and a stranger are refused.
func TestWhatIsRemindedOf(t *testing.T) {
	bubble(t, func(w *world) {
		s, _, _ := w.boot()
		ctx, at := w.Context(), time.Now().Add(5*time.Minute)
		first, created, err := s.add(ctx, w.ann, w.conv, at, "call")
		if w.ok(err); !created {
			w.Error("not made")
		}
		if again, created, err := s.add(ctx, w.ann, w.conv, at, "call"); err != nil || created || again.ID != first.ID {
			w.Errorf("again: %v, %v, %v", again, created, err)
		}
		ben := w.ann
		ben.UserID = "usr_ben"
		if _, _, err := s.add(ctx, ben, w.conv, at, "call"); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("who does not see it: %v", err)
		}
		if err := s.remove(ctx, ben, first.ID); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("somebody else's: %v", err)
		}
		for _, wrong := range []time.Time{{}, time.Now(), time.Now().Add(-time.Hour), time.Now().Add(401 * 24 * time.Hour)} {
			if _, _, err := s.add(ctx, w.ann, w.conv, wrong, ""); errs.Code(err) != "not_in_future" {
				w.Errorf("%v: %v", wrong, err)
			}
		}
		w.ok(s.remove(ctx, w.ann, first.ID))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if told := w.told(); told != nil {
			w.Errorf("%q", told)
		}
		for n := range maxOpen {
			_, _, err := s.add(ctx, w.ann, w.conv, time.Now().Add(time.Duration(n+1)*time.Hour/2), "call")
			w.ok(err)
		}
		if _, _, err := s.add(ctx, w.ann, w.conv, at.Add(100*time.Hour), "call"); errs.Code(err) != "reminder_limit" {
			w.Errorf("one too many: %v", err)
		}
	})
}
