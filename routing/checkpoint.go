package routing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"wasl/internal/ids"
	"wasl/store"
)

const (
	// settledAfter is how old an entry of the log is before it is certain that none before it is still being written.
	settledAfter = 5 * time.Minute
	// checkpointEvery is how far apart checkpoints are while the floor changes, if fewer than maxStretch entries come meanwhile.
	checkpointEvery = time.Hour
	maxStretch      = 5000
	// renewEvery is after how long there is a new checkpoint although nothing changed, because old ones expire.
	renewEvery = 24 * time.Hour
	// partSize is how many things a document of a checkpoint holds.
	partSize = 500
	// checkpointSchedule is how often it is looked whether a workspace needs one.
	checkpointSchedule = "*/5 * * * *"
	logPage            = 1000
)

// checkpoint says how the floor was at a moment, as the log says, so that the log need not be read from its beginning. Its parts are
// written before it.
type checkpoint struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	At          time.Time `bson:"at"`
	// From is since when the log knows everything; zero: since ever.
	From      time.Time `bson:"from,omitempty"`
	First     bool      `bson:"first,omitempty"` // before it there is the beginning of the log
	Parts     int       `bson:"parts"`
	ExpiresAt time.Time `bson:"expires_at"`
}

// checkpointPart is a part of what was on the floor.
type checkpointPart struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string          `bson:"workspace_id"`
	Routes      []*Route        `bson:"routes"`
	Presences   []*presenceFact `bson:"presences"`
	Profiles    []*Profile      `bson:"profiles"`
	Loads       []*Load         `bson:"loads"` // without counts, which follow from the routes
	ExpiresAt   time.Time       `bson:"expires_at"`
}

var (
	checkpointSchema = store.Schema{Name: "floor_checkpoints", Expire: "expires_at", Indexes: []store.Index{
		{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("at")}},
	}}
	checkpointPartSchema = store.Schema{Name: "floor_checkpoint_parts", Expire: "expires_at"}
)

func partID(checkpointID string, n int) string {
	return ids.Derived("fcp", checkpointID, fmt.Sprint(n))
}

// checkpoints makes those that are due in any workspace.
func (s *Service) checkpoints(ctx context.Context) error {
	return s.Users.EachWorkspace(ctx, func(id string) error { return s.checkpointDue(ctx, id) })
}

// checkpointDue makes a workspace's checkpoint where the last one is old, or much has happened since.
func (s *Service) checkpointDue(ctx context.Context, workspaceID string) error {
	upTo := store.Millis(s.Clock.Now().Add(-settledAfter))
	last, err := s.checkpointBefore(ctx, workspaceID, s.Clock.Now())
	if err != nil {
		return err
	}
	if last == nil {
		return s.firstCheckpoint(ctx, workspaceID, upTo)
	}
	enough := maxStretch
	switch age := upTo.Sub(last.At); {
	case age >= renewEvery:
		enough = 0
	case age >= checkpointEvery:
		enough = 1
	}
	n, err := s.floorLog.Count(ctx, logBetween(workspaceID, last.At, upTo), enough+1)
	if err != nil || n < enough {
		return err
	}
	f, err := s.floorFrom(ctx, last)
	if err != nil {
		return err
	}
	if err := s.replay(ctx, f, workspaceID, last.At, upTo); err != nil {
		return err
	}
	return s.keepCheckpoint(ctx, f, &checkpoint{WorkspaceID: workspaceID, At: upTo, From: last.From})
}

// checkpointBefore is the last checkpoint at or before a time; nil: there is none.
func (s *Service) checkpointBefore(ctx context.Context, workspaceID string, at time.Time) (*checkpoint, error) {
	found, _, err := s.floorPoints.Find(ctx, store.Query{
		Index: "workspace", Eq: []any{workspaceID}, Range: &store.Range{To: at}, Limit: 1,
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// logBetween are the entries after a time, up to another one.
func logBetween(workspaceID string, after, upTo time.Time) store.Query {
	return store.Query{
		Index: "workspace", Eq: []any{workspaceID}, Range: &store.Range{From: after, ExcludeFrom: true, To: upTo}, Limit: logPage,
	}
}

// replay brings the floor from a moment to a later one.
func (s *Service) replay(ctx context.Context, f *pastFloor, workspaceID string, after, upTo time.Time) error {
	return each(ctx, s.floorLog, logBetween(workspaceID, after, upTo), func(e *floorEntry) error { f.apply(e); return nil })
}

// firstCheckpoint begins a workspace's checkpoints. What was there before there was a log is put into the log now.
func (s *Service) firstCheckpoint(ctx context.Context, workspaceID string, upTo time.Time) error {
	known := newPastFloor()
	if err := s.replay(ctx, known, workspaceID, time.Time{}, s.Clock.Now()); err != nil {
		return err
	}
	if err := s.logWhatIs(ctx, workspaceID, known); err != nil {
		return err
	}
	c := &checkpoint{WorkspaceID: workspaceID, At: upTo, First: true}
	if known.found {
		c.From = store.Millis(s.Clock.Now().Add(time.Millisecond))
	}
	f := newPastFloor()
	if err := s.replay(ctx, f, workspaceID, time.Time{}, upTo); err != nil {
		return err
	}
	return s.keepCheckpoint(ctx, f, c)
}

// logWhatIs puts into the log what is there and the log does not know.
func (s *Service) logWhatIs(ctx context.Context, workspaceID string, known *pastFloor) error {
	var changes []store.Change
	add := func(e *floorEntry) {
		e.WorkspaceID, e.At, e.Cause = workspaceID, s.Clock.Now(), fromBefore
		known.found = true
		changes = append(changes, s.logged(e))
	}
	q := store.Query{Index: "queue", Eq: []any{workspaceID, store.In{string(Queued), string(Offered), string(Assigned)}}, Limit: partSize}
	err := each(ctx, s.routes, q, func(r *Route) error {
		if known.routes[r.ID] == nil {
			add(&floorEntry{Seq: r.Version, Route: r})
		}
		return nil
	})
	if err != nil {
		return err
	}
	cursor := ""
	for {
		users, next, err := s.Users.Users(ctx, workspaceID, cursor, 200)
		if err != nil {
			return err
		}
		userIDs := make([]string, len(users))
		for n, u := range users {
			userIDs[n] = u.ID
		}
		if err := s.logUsers(ctx, userIDs, known, add); err != nil {
			return err
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	for part := range slices.Chunk(changes, partSize) {
		if err := s.Engine.Write(ctx, part...); err != nil {
			return err
		}
	}
	return nil
}

// logUsers adds what is there of users and the log does not know.
func (s *Service) logUsers(ctx context.Context, userIDs []string, known *pastFloor, add func(*floorEntry)) error {
	presences, err := s.presences.GetMany(ctx, userIDs...)
	if err != nil {
		return err
	}
	for _, p := range presences {
		if known.presences[p.ID] == nil {
			add(&floorEntry{Seq: p.Version, Presence: factOf(p)})
		}
	}
	profiles, err := s.profiles.GetMany(ctx, userIDs...)
	if err != nil {
		return err
	}
	for _, p := range profiles {
		if known.profiles[p.ID] == nil {
			add(&floorEntry{Seq: p.Version, Profile: p})
		}
	}
	loads, err := s.loads.GetMany(ctx, userIDs...)
	if err != nil {
		return err
	}
	for _, l := range loads {
		if known.loads[l.ID] == nil {
			add(&floorEntry{Seq: l.Version, Load: l})
		}
	}
	return nil
}

// keepCheckpoint writes a checkpoint, its parts first.
func (s *Service) keepCheckpoint(ctx context.Context, f *pastFloor, c *checkpoint) error {
	c.ID, c.ExpiresAt = ids.New("fck", c.At), c.At.Add(floorKept)
	for _, part := range f.parts() {
		part.ID, part.WorkspaceID, part.ExpiresAt = partID(c.ID, c.Parts), c.WorkspaceID, c.ExpiresAt
		if err := s.Engine.Write(ctx, s.floorParts.Insert(part)); err != nil {
			return err
		}
		c.Parts++
	}
	return s.Engine.Write(ctx, s.floorPoints.Insert(c))
}

// parts are the floor in documents of a bounded size.
func (f *pastFloor) parts() (parts []*checkpointPart) {
	routes := slices.Collect(maps.Values(f.routes))
	routes = slices.DeleteFunc(routes, func(r *Route) bool { return r.State == None })
	for chunk := range slices.Chunk(routes, partSize) {
		parts = append(parts, &checkpointPart{Routes: chunk})
	}
	for chunk := range slices.Chunk(slices.Collect(maps.Values(f.presences)), partSize) {
		parts = append(parts, &checkpointPart{Presences: chunk})
	}
	for chunk := range slices.Chunk(slices.Collect(maps.Values(f.profiles)), partSize) {
		parts = append(parts, &checkpointPart{Profiles: chunk})
	}
	for chunk := range slices.Chunk(slices.Collect(maps.Values(f.loads)), partSize) {
		parts = append(parts, &checkpointPart{Loads: chunk})
	}
	return parts
}

// floorFrom reads the floor of a checkpoint.
func (s *Service) floorFrom(ctx context.Context, c *checkpoint) (*pastFloor, error) {
	f := newPastFloor()
	for n := range c.Parts {
		part, err := s.floorParts.Get(ctx, partID(c.ID, n))
		if err != nil {
			return nil, err
		}
		for _, r := range part.Routes {
			f.routes[r.ID] = r
		}
		for _, p := range part.Presences {
			f.presences[p.UserID] = p
		}
		for _, p := range part.Profiles {
			f.profiles[p.ID] = p
		}
		for _, l := range part.Loads {
			f.loads[l.ID] = l
		}
	}
	return f, nil
}
