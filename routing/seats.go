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
	// beatEvery is how often an instance says that it lives. Whoever is there when it dies is gone since half of it after the last one.
	beatEvery = 5 * time.Second
	// silentBeats is how many times in succession another instance must see the same beat before it believes in a death. Only looks that
	// the store answered count, so that nobody is gone because the store was.
	silentBeats = 4
	// seatRetry is the pause after a seat could not be written.
	seatRetry = time.Second
	maxBeats  = 1000
)

// beat is the sign of life of an instance, whose name it has.
type beat struct {
	store.Meta `bson:",inline"`
	At         time.Time `bson:"at"`
}

var beatSchema = store.Schema{Name: "instance_beats"}

// seats are the users who have sockets on this instance, as the hub says, and what of that is not stored yet.
type seats struct {
	mu     sync.Mutex
	wanted map[string]*seat // by user
	base   context.Context  //nolint:containedctx // of the writes; nil: not running, so nothing is written
}

type seat struct {
	user    user
	here    bool
	at      time.Time // since when
	writing bool
	stored  bool
}

// Here is told whenever a user's sockets on this instance change whether there are any now. It does not wait for the store.
func (s *Service) Here(workspaceID, userID string, here bool) {
	s.seats.mu.Lock()
	defer s.seats.mu.Unlock()
	p := s.seats.wanted[userID]
	if p == nil {
		p = &seat{user: user{workspaceID, userID}}
		s.seats.wanted[userID] = p
	} else if p.here == here {
		return
	}
	p.here, p.at, p.stored = here, s.Clock.Now(), false
	s.writeSeat(p)
}

// writeSeat has a seat stored; the seats' lock is held.
func (s *Service) writeSeat(p *seat) {
	base := s.seats.base
	if base == nil || p.writing || p.stored {
		return
	}
	p.writing = true
	s.rest.Go(func() {
		for s.storeSeat(base, p) {
			select {
			case <-base.Done():
				return
			case <-time.After(seatRetry):
			}
		}
	})
}

// storeSeat stores what is wanted until nothing else is; it reports whether to try again.
func (s *Service) storeSeat(ctx context.Context, p *seat) (again bool) {
	for {
		s.seats.mu.Lock()
		if p.stored {
			p.writing = false
			if !p.here {
				delete(s.seats.wanted, p.user.id)
			}
			s.seats.mu.Unlock()
			return false
		}
		here, at := p.here, p.at
		p.stored = true
		s.seats.mu.Unlock()
		err := s.takeSeat(ctx, p.user, s.Instance, here, at)
		if err == nil {
			continue
		}
		s.Log.Warn().Err(err).Str("user", p.user.id).Msg("a presence could not be written; it is tried again")
		s.seats.mu.Lock()
		p.stored = false
		s.seats.mu.Unlock()
		return ctx.Err() == nil
	}
}

// takeSeat says that the user has sockets on an instance, or none since a time.
func (s *Service) takeSeat(ctx context.Context, who user, instance string, here bool, at time.Time) error {
	by := access.Actor{Kind: access.System}
	if here {
		by = access.Actor{Kind: access.User, ID: who.id}
	}
	_, err := s.changePresence(ctx, who, by, func(p *Presence) []store.Change {
		had := slices.Contains(p.Seats, instance)
		switch {
		case here && !had:
			p.Seats, p.GoneAt = append(p.Seats, instance), time.Time{}
		case !here && had:
			p.Seats = slices.DeleteFunc(p.Seats, func(name string) bool { return name == instance })
			if len(p.Seats) == 0 {
				p.GoneAt = store.Millis(at)
			}
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
		s.seats.mu.Lock()
		s.seats.base = nil // nothing is begun any more
		s.seats.mu.Unlock()
		s.rest.Wait()
	}()
	w := &watch{s: s, own: &beat{Meta: store.Meta{ID: s.Instance}}, seen: map[string]int64{}, same: map[string]int{}}
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	begun := false
	for {
		if err := w.turn(base, sole); err == nil && !begun {
			begun = true
			s.seats.mu.Lock()
			s.seats.base = base
			for _, p := range s.seats.wanted {
				s.writeSeat(p)
			}
			s.seats.mu.Unlock()
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
	own  *beat
	seen map[string]int64 // versions of the others' beats
	same map[string]int   // how often in succession each was the same
}

// turn writes this instance's beat and looks at the others'.
func (w *watch) turn(ctx context.Context, sole bool) error {
	if err := w.beat(ctx); err != nil {
		return err
	}
	others, _, err := w.s.beats.Find(ctx, store.Query{Limit: maxBeats})
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
		since := b.At.Add(beatEvery / 2)
		if sole {
			since = w.s.Clock.Now() // since when nobody could have come back
		} else if w.same[b.ID] < silentBeats {
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

// beat writes the own sign of life. Where others have taken this instance for dead, its users take their seats again.
func (w *watch) beat(ctx context.Context) error {
	write := w.s.beats.Replace
	again := w.own.Version > 0
	if !again {
		write = w.s.beats.Insert
	}
	next := *w.own
	next.At = store.Millis(w.s.Clock.Now())
	err := w.s.Engine.Write(ctx, write(&next))
	switch {
	case err == nil:
		w.own = &next
	case errors.Is(err, store.ErrConflict) && again:
		w.own.Version = 0
		if err = w.beat(ctx); err == nil {
			w.s.seatAll()
		}
	case errors.Is(err, store.ErrExists): // the write before had an unknown end
		found, getErr := w.s.beats.Get(ctx, w.s.Instance)
		if getErr != nil {
			return getErr
		}
		w.own, err = found, nil
	}
	return err
}

// seatAll has all seats here stored anew.
func (s *Service) seatAll() {
	s.seats.mu.Lock()
	defer s.seats.mu.Unlock()
	for _, p := range s.seats.wanted {
		p.stored = false
		s.writeSeat(p)
	}
}

// clear takes the seats on an instance that has died away, and then its sign of life.
func (s *Service) clear(ctx context.Context, dead *beat, since time.Time) error {
	q := store.Query{Index: "seat", Eq: []any{dead.ID}, Limit: 200}
	err := each(ctx, s.presences, q, func(p *Presence) error {
		return s.takeSeat(ctx, user{p.WorkspaceID, p.ID}, dead.ID, false, since)
	})
	if err != nil {
		return err
	}
	err = s.Engine.Write(ctx, s.beats.Delete(dead))
	if errors.Is(err, store.ErrConflict) {
		return nil // it lives after all, and takes its seats when it finds out, or another instance was faster
	}
	return err
}
