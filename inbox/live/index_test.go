package live_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"wasl/inbox/live"
	"wasl/internal/access"
	"wasl/internal/clock"
	"wasl/internal/ids"
)

// shelf is the store of the tests: conversations by id, and what was read of them.
type shelf struct {
	entries map[string]*live.Entry
	read    map[string]map[string]int64 // by conversation and user
	fails   bool
}

func (s *shelf) Follow(context.Context, string) {}

func (s *shelf) Each(_ context.Context, _ string, fn func([]*live.Entry) error) error {
	if s.fails {
		return errors.New("no store")
	}
	for _, e := range s.entries {
		if e.Gone {
			continue
		}
		if err := fn([]*live.Entry{e}); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) readBy(_ context.Context, _ string, of []*live.Entry) (map[string]string, error) {
	values := map[string]string{}
	for _, e := range of {
		var users []string
		for user, upTo := range s.read[e.ID] {
			if upTo >= e.Inbound && e.Inbound > 0 {
				users = append(users, user)
			}
		}
		slices.Sort(users)
		values[e.ID] = live.Join(users)
	}
	return values, nil
}

var (
	users   = []string{"ann", "ben", "cid"}
	viewers = []access.Viewer{
		{UserID: "ann", Role: access.Agent},
		{UserID: "ben", Role: access.Agent, TeamIDs: []string{"t"}},
		{
			UserID: "cid",
			Role:   access.Agent,
		},
		{UserID: "ann", Role: access.Supervisor},
		{UserID: "ben", Role: "gone"},
	}
)

// counted counts one by one.
func (s *shelf) counted(v access.Viewer) (n live.Counts) {
	for _, e := range s.entries {
		if e.Gone || !v.In(e.Audience) {
			continue
		}
		if e.Status == "snoozed" {
			n.Snoozed++
			continue
		}
		n.All++
		if e.Status == "pending" {
			n.Pending++
		}
		if e.Assignee == "" {
			n.Unassigned++
		}
		if e.Assignee == v.UserID {
			n.Mine++
		}
		if e.Inbound > s.read[e.ID][v.UserID] {
			n.Unread++
		}
	}
	return n
}

// Whatever happens, in whatever order it arrives, everybody's counts and lists are those of the store, also after loading it anew.
func TestTheIndexAgreesWithTheStore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		s := &shelf{entries: map[string]*live.Entry{}, read: map[string]map[string]int64{}}
		index := live.NewIndex(s, clock.System{}, live.Column{Name: "read_by", Load: s.readBy})
		if rapid.Bool().Draw(t, "loaded first") {
			if _, err := index.Get(ctx, "w"); err != nil {
				t.Fatal(err)
			}
		}
		var late []*live.Entry
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			id := ids.Derived("cnv", strconv.Itoa(rapid.IntRange(1, 5).Draw(t, "conversation")))
			old := s.entries[id]
			if old != nil && rapid.IntRange(0, 2).Draw(t, "what") == 0 {
				user := rapid.SampledFrom(users).Draw(t, "reader")
				if s.read[id] == nil {
					s.read[id] = map[string]int64{}
				}
				s.read[id][user] = rapid.Int64Range(s.read[id][user], old.Inbound).Draw(t, "up to")
				index.Read("w", id, user, s.read[id][user])
				continue
			}
			e := draw(t, id, old)
			if old != nil && rapid.Bool().Draw(t, "an older one comes late") {
				late = append(late, old)
			}
			s.entries[id] = e
			if rapid.Bool().Draw(t, "by another instance") {
				var readBy []string
				for user, upTo := range s.read[id] {
					if upTo >= e.Inbound {
						readBy = append(readBy, user)
					}
				}
				index.PutRemote(ctx, "w", e, readBy)
			} else {
				index.Put(ctx, "w", e, old == nil)
			}
		}
		for _, old := range late {
			index.Put(ctx, "w", old, false)
		}
		for range 2 {
			w, err := index.Get(ctx, "w")
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range viewers {
				if got, want := w.Counts(v), s.counted(v); got != want {
					t.Fatalf("%s as %s: %+v, want %+v", v.UserID, v.Role, got, want)
				}
				seen, _ := w.Page(live.SightOf(v), live.Newest, nil, 100, func(*live.Header) bool { return true })
				for id, e := range s.entries {
					sees := slices.ContainsFunc(seen, func(p live.Position) bool { return p.ID == id })
					if want := !e.Gone && v.In(e.Audience); sees != want {
						t.Fatalf("%s as %s sees %s: %v, want %v", v.UserID, v.Role, id, !want, want)
					}
				}
			}
			index.Forget("w")
		}
	})
}

func draw(t *rapid.T, id string, old *live.Entry) *live.Entry {
	e := &live.Entry{
		ID: id, Version: 1, Status: rapid.SampledFrom(live.Statuses[:3]).Draw(t, "status"),
		Assignee: rapid.SampledFrom([]string{"", "ann", "ben"}).Draw(t, "assignee"), Gone: rapid.IntRange(0, 4).Draw(t, "resolved") == 0,
	}
	if old != nil {
		e.Version, e.Inbound = old.Version+1, old.Inbound
	}
	e.Inbound += rapid.Int64Range(0, 1).Draw(t, "came in")
	e.Audience = access.Audience{
		Supervisors: true, Users: rapid.SliceOfNDistinct(rapid.SampledFrom(users), 0, 2, rapid.ID).Draw(t,
			"took part"),
	}
	if rapid.Bool().Draw(t, "of a team") {
		e.Team = "t"
	}
	switch {
	case e.Team == "":
		e.Audience.Unassigned = e.Assignee == ""
	case e.Assignee == "":
		e.Audience.Queues = []string{"t"}
	default:
		e.Audience.Teams = []string{"t"}
	}
	if e.Assignee != "" {
		e.Audience.Users = append(e.Audience.Users, e.Assignee)
	}
	slices.Sort(e.Audience.Users)
	e.Audience.Users = slices.Compact(e.Audience.Users)
	return e
}

// A workspace that could not be loaded is tried again at the next use.
func TestLoadingIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := &shelf{fails: true}
	index := live.NewIndex(s, clock.System{}, live.Column{Name: "read_by", Load: s.readBy})
	if _, err := index.Get(t.Context(), "w"); err == nil {
		t.Error("it answers without a store")
	}
	s.fails = false
	if _, err := index.Get(t.Context(), "w"); err != nil {
		t.Error(err)
	}
}
