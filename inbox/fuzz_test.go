package inbox

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"wasl/activity"
	"wasl/files"
	"wasl/inbox/live"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/search"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/work"
)

// still is an inbox with a few conversations, without anything running.
func still(f *testing.F) *Service {
	f.Helper()
	disk, err := pebble.Open("fuzz", pebble.Options{InMemory: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = disk.Close() })
	for _, s := range [][]store.Schema{events.Schemas(), jobs.Schemas(), search.Schemas(), activity.Schemas(), Schemas()} {
		if err := disk.Ensure(context.Background(), s...); err != nil {
			f.Fatal(err)
		}
	}
	now := clock.System{}
	runner := jobs.NewRunner(disk, now, zerolog.Nop(), "fuzz")
	bus := events.NewBus(disk, events.NewLocal(), runner, now, zerolog.Nop())
	s := NewService(Options{
		Engine: disk, Bus: bus, Jobs: runner, Clock: now, Log: zerolog.Nop(), Activity: activity.NewLog(disk),
		Files: files.NewService(files.Options{Engine: disk, Jobs: runner, Clock: now}),
		Works: work.NewService(disk, bus, runner, now),
	})
	for _, id := range []string{ids.Derived("cnv", "1"), ids.Derived("cnv", "2"), ids.Derived("cnv", "3")} {
		c := &Conversation{
			Meta: store.Meta{ID: id}, WorkspaceID: "w", Status: Open, Priority: "none", Labels: []string{},
			LastActivityAt: sampleTime,
		}
		m := &Message{
			Meta: store.Meta{ID: "msg_" + id}, WorkspaceID: "w", ConversationID: id, Thread: id, SentAt: sampleTime,
			Tokens: []string{"word", "other"},
		}
		if err := disk.Write(context.Background(), append(s.words.changes("w", findable{}, m.findable()), s.conversations.Insert(c),
			s.messages.Insert(m))...); err != nil {
			f.Fatal(err)
		}
	}
	return s
}

// FuzzCursors: a cursor is whatever a caller sends; it finds conversations and messages of the workspace, or is refused.
func FuzzCursors(f *testing.F) {
	s := still(f)
	_, stored, err := s.List(context.Background(), boss, Filter{Status: names(Open)}, "", 1) // nothing is loaded yet
	if err != nil || stored == "" {
		f.Fatal(stored, err)
	}
	f.Add(stored, "newest", true)
	f.Add(stored, "priority", true)
	if err := s.LoadHeaders(context.Background(), "w"); err != nil {
		f.Fatal(err)
	}
	for _, sort := range []string{"newest", "oldest", "priority", "window"} {
		_, next, err := s.List(context.Background(), boss, Filter{Status: names(Open), Sort: live.Order(sort)}, "", 1)
		if err != nil || next == "" {
			f.Fatal(next, err)
		}
		f.Add(next, sort, true)
	}
	_, next, _ := s.List(context.Background(), boss, Filter{}, "", 1)
	f.Add(next, "newest", false)
	_, next, _ = s.Search(context.Background(), boss, "word", "", 1)
	f.Add(next, "", true)
	_, next, _ = s.Search(context.Background(), boss, "other wo", "", 1)
	f.Add(next, "", true)
	f.Add("eyJhIjowLCJiIjp0cnVlLCJ3IjpbXX0", "", true) // words, but none
	f.Add("e30", "newest", true)
	f.Add("\xff", "", false)
	f.Add("p", "", false)
	f.Fuzz(func(t *testing.T, cursor, sort string, unresolved bool) {
		filter := Filter{Sort: live.Order(sort)}
		if unresolved {
			filter.Status = names(Open)
		}
		found, _, err := s.List(context.Background(), boss, filter, cursor, 2)
		if err != nil && !errors.Is(err, store.ErrBadCursor) {
			t.Errorf("list: %v", err)
		}
		for _, c := range found {
			if c.WorkspaceID != "w" {
				t.Errorf("%s of %s", c.ID, c.WorkspaceID)
			}
		}
		if _, _, err := s.Search(context.Background(), boss, "word other", cursor, 2); err != nil && !errors.Is(err, store.ErrBadCursor) {
			t.Errorf("search: %v", err)
		}
	})
}

// FuzzFilters: whatever a caller filters by is understood or refused with the field's name, and never finds what is not the caller's.
func FuzzFilters(f *testing.F) {
	s := still(f)
	f.Add("open,pending", "me", "none", "true")
	f.Add("resolved", "usr_1,none", "urgent,high", "")
	f.Add(",", ",,", "\x00", "x")
	f.Fuzz(func(t *testing.T, status, assignee, priority, unread string) {
		in := listInput{Status: status, Assignee: assignee, Label: priority, Priority: priority, Unread: unread, Sort: "newest"}
		filter, err := in.filter()
		if err != nil {
			if code(err) != "invalid_filter" {
				t.Errorf("%v", err)
			}
			return
		}
		if strings.Contains(status+",", ",,") {
			t.Errorf("%q was taken", status)
		}
		if _, _, err := s.List(context.Background(), ann, filter, "", 10); err != nil {
			t.Errorf("%+v: %v", filter, err)
		}
	})
}
