package desk

import (
	"context"
	"fmt"
	"slices"
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
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/search"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/work"
)

// lookers are users who look, and what they were told last, with how often.
type lookers struct {
	viewers []access.Viewer
	told    map[string]map[string]CountView
	times   map[string]int
}

func (l *lookers) Viewers(workspaceID string) []access.Viewer {
	return slices.DeleteFunc(slices.Clone(l.viewers), func(v access.Viewer) bool { return v.WorkspaceID != workspaceID })
}

func (l *lookers) Tell(_, userID, kind string, data any) {
	if kind != viewCounts {
		return
	}
	l.times[userID]++
	l.told[userID] = map[string]CountView{}
	for _, c := range data.(ViewCounts).Items {
		l.told[userID][c.ID] = c
	}
}

var (
	ann  = access.Viewer{UserID: "usr_ann", WorkspaceID: "w", Role: access.Agent}
	ben  = access.Viewer{UserID: "usr_ben", WorkspaceID: "w", Role: access.Agent}
	boss = access.Viewer{UserID: "usr_boss", WorkspaceID: "w", Role: access.Owner}
	from = access.Viewer{UserID: "usr_else", WorkspaceID: "v", Role: access.Owner}
)

// newDesk returns a desk over open conversations, all of which wait and are nobody's.
func newDesk(t *testing.T, waiting int) (*Service, *lookers) {
	t.Helper()
	disk, err := pebble.Open("desk", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	schemas := slices.Concat(events.Schemas(), jobs.Schemas(), activity.Schemas(), auth.Schemas(),
		search.Schemas(), contacts.Schemas(), channels.Schemas(),
		files.Schemas(), work.Schemas(), inbox.Schemas(), Schemas())
	if err := disk.Ensure(t.Context(), schemas...); err != nil {
		t.Fatal(err)
	}
	now := clock.System{}
	runner := jobs.NewRunner(disk, now, zerolog.Nop(), "one")
	bus := events.NewBus(disk, events.NewLocal(), runner, now, zerolog.Nop())
	log := activity.NewLog(disk)
	lines := channels.NewService(channels.Options{Engine: disk, Bus: bus, Jobs: runner, Clock: now, Log: zerolog.Nop()})
	box := inbox.NewService(inbox.Options{
		Engine: disk, Bus: bus, Jobs: runner, Clock: now, Log: zerolog.Nop(), Activity: log, Channels: lines,
		Contacts: contacts.NewService(disk, bus, log, runner, now),
		Files:    files.NewService(files.Options{Engine: disk, Jobs: runner, Clock: now}), Works: work.NewService(disk, bus, runner, now),
	})
	conversations := store.NewCollection[inbox.Conversation](disk, inbox.Schemas()[0])
	for n := range waiting {
		since := time.Now()
		c := &inbox.Conversation{
			Meta: store.Meta{ID: conversation(n)}, WorkspaceID: "w", Status: inbox.Open, Priority: "none", Labels: []string{},
			LastActivityAt: since, WaitingSince: &since,
		}
		if err := disk.Write(t.Context(), conversations.Insert(c)); err != nil {
			t.Fatal(err)
		}
	}
	s := NewService(Options{Engine: disk, Bus: bus, Clock: now, Inbox: box, Activity: log, Log: zerolog.Nop()})
	bus.SubscribeTogether(s.Heard)
	return s, &lookers{[]access.Viewer{ann, ben, boss, from}, map[string]map[string]CountView{}, map[string]int{}}
}

func conversation(n int) string { return ids.Derived("cnv", fmt.Sprint(n)) }

// status changes a conversation.
func (s *Service) status(t *testing.T, n int, to inbox.Status) {
	t.Helper()
	if _, err := s.Inbox.Change(t.Context(), boss, conversation(n), inbox.Edit{Status: &to}); err != nil {
		t.Fatal(err)
	}
}

// Who looks is told of the counts of their views within a moment, at most once a second, and nobody of another workspace; fifty changes a
// second go through no view again.
func TestCountsFollowWhatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := newDesk(t, 150)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.TellCounts(ctx, l) }()
		s.status(t, 0, inbox.Resolved)
		time.Sleep(2 * countEvery)
		synctest.Wait()
		want := CountView{"unanswered", maxCounted, true}
		for _, v := range []access.Viewer{ann, ben, boss} {
			if got := l.told[v.UserID]["unanswered"]; got != want || l.times[v.UserID] != 1 {
				t.Errorf("%s was told %+v, %d times", v.UserID, got, l.times[v.UserID])
			}
		}
		walked := s.counting.walked
		for n := range 100 { // fifty a second
			s.status(t, n+1, inbox.Resolved)
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(2 * countEvery)
		synctest.Wait()
		if got := l.told[ann.UserID]["unanswered"]; got != (CountView{"unanswered", 49, false}) {
			t.Errorf("after a hundred were resolved: %+v", got)
		}
		if again := s.counting.walked - walked; again != 0 {
			t.Errorf("a hundred changes went through views %d times", again)
		}
		if l.times[ann.UserID] > 5 {
			t.Errorf("told %d times in four seconds", l.times[ann.UserID])
		}
		if l.times[from.UserID] != 0 {
			t.Errorf("another workspace was told %v", l.told[from.UserID])
		}
		// What one may no longer see is not counted for them.
		l.viewers[1].TeamIDs = []string{"tem_1"}
		s.status(t, 149, inbox.Resolved)
		s.status(t, 149, inbox.Open)
		time.Sleep(2 * countEvery)
		synctest.Wait()
		for _, v := range l.viewers[:3] {
			counts, err := s.Counts(t.Context(), v)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range counts {
				if got := l.told[v.UserID][c.ID]; got != c {
					t.Errorf("%s was told %+v, and there are %+v", v.UserID, got, c)
				}
			}
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
