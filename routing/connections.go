package routing

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"wasl/internal/access"
	"wasl/store"
)

const (
	// heartbeatEvery is how often an instance says that it lives. Whoever is there when it dies is gone since half of it after the last.
	heartbeatEvery = 5 * time.Second
	// missedHeartbeats is how many times in succession another instance must see the same heartbeat before it believes in a death. Only
	// looks that the store answered count, so that nobody is gone because the store was.
	missedHeartbeats = 4
	// connectionRetry is the pause after a connection could not be written.
	connectionRetry = time.Second
	maxHeartbeats   = 1000
)

// heartbeat is the sign of life of an instance, whose name it has.
type heartbeat struct {
	store.Meta `bson:",inline"`
	At         time.Time `bson:"at"`
}

var heartbeatSchema = store.Schema{Name: "instance_heartbeats"}

// connections are the users who have sockets on this instance, as the hub says, and what of that is not stored yet.
type connections struct {
	mu     sync.Mutex
	wanted map[string]*connection // by user
	base   context.Context        //nolint:containedctx // of the writes; nil: not running, so nothing is written
}

type connection struct {
	user user
	link
	writing bool
	stored  bool
}

// link is whether a user has sockets on an instance, since when, and whether the app is on a screen by one of them.
type link struct {
	here    bool
	at      time.Time
	watched bool
}

// Here is told whenever a user's sockets on this instance change whether there are any now. It does not wait for the store.
func (s *Service) Here(workspaceID, userID string, here bool) {
	s.connections.mu.Lock()
	defer s.connections.mu.Unlock()
	p := s.connections.wanted[userID]
	if p == nil {
		p = &connection{user: user{workspaceID, userID}}
		s.connections.wanted[userID] = p
	} else if p.here == here {
		return
	}
	p.link, p.stored = link{here: here, at: s.Clock.Now(), watched: here && p.watched}, false
	s.writeConnection(p)
}

// Watches is told, behind Here, whether a user has the app on a screen by a socket of this instance. It does not wait for the store.
func (s *Service) Watches(_, userID string, watches bool) {
	s.connections.mu.Lock()
	defer s.connections.mu.Unlock()
	if p := s.connections.wanted[userID]; p != nil && p.here && p.watched != watches {
		p.watched, p.stored = watches, false
		s.writeConnection(p)
	}
}

// Watched reports whether the user has the app on a screen, by whichever instance.
func (s *Service) Watched(ctx context.Context, workspaceID, userID string) (bool, error) {
	p, err := s.presenceOf(ctx, workspaceID, userID)
	if err != nil {
		return false, err
	}
	return p.WorkspaceID == workspaceID && len(p.Watched) > 0, nil
}

// writeConnection has a connection stored; the lock of connections is held.
func (s *Service) writeConnection(p *connection) {
	base := s.connections.base
	if base == nil || p.writing || p.stored {
		return
	}
	p.writing = true
	s.rest.Go(func() {
		for s.storeConnection(base, p) {
			select {
			case <-base.Done():
				return
			case <-time.After(connectionRetry):
			}
		}
	})
}

// storeConnection stores what is wanted until nothing else is; it reports whether to try again.
func (s *Service) storeConnection(ctx context.Context, p *connection) (again bool) {
	for {
		s.connections.mu.Lock()
		if p.stored {
			p.writing = false
			if !p.here {
				delete(s.connections.wanted, p.user.id)
			}
			s.connections.mu.Unlock()
			return false
		}
		now := p.link
		p.stored = true
		s.connections.mu.Unlock()
		err := s.setConnected(ctx, p.user, s.Instance, now)
		if err == nil {
			continue
		}
		s.Log.Warn().Err(err).Str("user", p.user.id).Msg("a presence could not be written; it is tried again")
		s.connections.mu.Lock()
		p.stored = false
		s.connections.mu.Unlock()
		return ctx.Err() == nil
	}
}

// setConnected says that the user has sockets on an instance, or none since a time.
func (s *Service) setConnected(ctx context.Context, who user, instance string, now link) error {
	by := access.Actor{Kind: access.System}
	if now.here {
		by = access.Actor{Kind: access.User, ID: who.id}
	}
	this := func(name string) bool { return name == instance }
	_, err := s.changePresence(ctx, who, by, func(p *Presence) []store.Change {
		had := slices.Contains(p.Instances, instance)
		switch {
		case now.here && !had:
			p.Instances, p.GoneAt = append(p.Instances, instance), time.Time{}
		case !now.here && had:
			p.Instances = slices.DeleteFunc(p.Instances, this)
			if len(p.Instances) == 0 {
				p.GoneAt = store.Millis(now.at)
			}
		}
		p.Watched = slices.DeleteFunc(p.Watched, this)
		if now.here && now.watched {
			p.Watched = append(p.Watched, instance)
		}
		return nil
	})
	return err
}

// Run keeps this instance's sign of life and looks after those of others until ctx ends. sole: there are no others.
func (s *Service) Run(ctx context.Context, sole bool) error {
	base, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		s.connections.mu.Lock()
		s.connections.base = nil // nothing is begun any more
		s.connections.mu.Unlock()
		s.rest.Wait()
	}()
	w := &watch{s: s, own: &heartbeat{Meta: store.Meta{ID: s.Instance}}, seen: map[string]int64{}, same: map[string]int{}}
	tick := time.NewTicker(heartbeatEvery)
	defer tick.Stop()
	begun := false
	for {
		if err := w.turn(base, sole); err == nil && !begun {
			begun = true
			s.connections.mu.Lock()
			s.connections.base = base
			for _, p := range s.connections.wanted {
				s.writeConnection(p)
			}
			s.connections.mu.Unlock()
		} else if err != nil && ctx.Err() == nil {
			s.Log.Warn().Err(err).Msg("this instance's sign of life could not be written")
		}
		if begun && sole {
			<-ctx.Done()
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// watch is what this instance knows of the signs of life.
type watch struct {
	s    *Service
	own  *heartbeat
	seen map[string]int64 // versions of the others' heartbeats
	same map[string]int   // how often in succession each was the same
}

// turn writes this instance's heartbeat and looks at the others'.
func (w *watch) turn(ctx context.Context, sole bool) error {
	if err := w.beatOnce(ctx); err != nil {
		return err
	}
	others, _, err := w.s.heartbeats.Find(ctx, store.Query{Limit: maxHeartbeats})
	if err != nil {
		return err
	}
	for _, b := range others {
		if b.ID == w.s.Instance {
			continue
		}
		if w.seen[b.ID] == b.Version {
			w.same[b.ID]++
		} else {
			w.seen[b.ID], w.same[b.ID] = b.Version, 1
		}
		since := b.At.Add(heartbeatEvery / 2)
		if sole {
			since = w.s.Clock.Now() // since when nobody could have come back
		} else if w.same[b.ID] < missedHeartbeats {
			continue
		}
		if err := w.s.clear(ctx, b, since); err != nil {
			return err
		}
		delete(w.seen, b.ID)
		delete(w.same, b.ID)
	}
	return nil
}

// beatOnce writes the own heartbeat. Where others have taken this instance for dead, its connections are written again.
func (w *watch) beatOnce(ctx context.Context) error {
	write := w.s.heartbeats.Replace
	again := w.own.Version > 0
	if !again {
		write = w.s.heartbeats.Insert
	}
	next := *w.own
	next.At = store.Millis(w.s.Clock.Now())
	err := w.s.Engine.Write(ctx, write(&next))
	switch {
	case err == nil:
		w.own = &next
	case errors.Is(err, store.ErrConflict) && again:
		w.own.Version = 0
		if err = w.beatOnce(ctx); err == nil {
			w.s.writeAllConnections()
		}
	case errors.Is(err, store.ErrExists): // the write before had an unknown end
		found, getErr := w.s.heartbeats.Get(ctx, w.s.Instance)
		if getErr != nil {
			return getErr
		}
		w.own, err = found, nil
	}
	return err
}

// writeAllConnections has all connections here stored anew.
func (s *Service) writeAllConnections() {
	s.connections.mu.Lock()
	defer s.connections.mu.Unlock()
	for _, p := range s.connections.wanted {
		p.stored = false
		s.writeConnection(p)
	}
}

// clear removes the connections of an instance that has died, and then its heartbeat.
func (s *Service) clear(ctx context.Context, dead *heartbeat, since time.Time) error {
	q := store.Query{Index: "instance", Eq: []any{dead.ID}, Limit: 200}
	err := each(ctx, s.presences, q, func(p *Presence) error {
		return s.setConnected(ctx, user{p.WorkspaceID, p.ID}, dead.ID, link{at: since})
	})
	if err != nil {
		return err
	}
	err = s.Engine.Write(ctx, s.heartbeats.Delete(dead))
	if errors.Is(err, store.ErrConflict) {
		return nil // it lives after all, and writes its connections when it finds out, or another instance was faster
	}
	return err
}
