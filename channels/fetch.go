package channels

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"wasl/store"
)

const (
	// fetchLease is how long a source belongs to an instance that gives no sign of life, fetchRenew how often it gives one.
	fetchLease, fetchRenew = 45 * time.Second, 15 * time.Second
	// fetchSweep is how often an instance looks for sources that nobody fetches from.
	fetchSweep = 5 * time.Second
	// fetchFirst and fetchMost are the limits between which the pauses after failures grow.
	fetchFirst, fetchMost = 2 * time.Second, 5 * time.Minute
	// fetchSteady is how long fetching must have worked for the next failure to count as the first. Where it worked for less, failures
	// count to fetchCut, so that pauses stay at about half a minute.
	fetchSteady, fetchCut = time.Minute, 3
	// refusedFor is how long a source may refuse credentials that worked before until the channel stops: some do so for a while.
	refusedFor = 10 * time.Minute
	// stoppedAgain is how often it is tried whether a channel that stopped works again.
	stoppedAgain = time.Hour
	// sweepMost bounds how many sources an instance takes at a time.
	sweepMost = 100
)

// fetching is what this instance fetches from.
type fetching struct {
	kick    chan struct{} // look for sources now
	mu      sync.Mutex
	holders map[string]*holder // by channel
	wg      sync.WaitGroup
}

func newFetching() fetching {
	return fetching{kick: make(chan struct{}, 1), holders: map[string]*holder{}}
}

// fetchSoon has this instance look for new sources, or for what changed of a channel that it fetches.
func (s *Service) fetchSoon(channelID string) {
	s.fetching.mu.Lock()
	h := s.fetching.holders[channelID]
	s.fetching.mu.Unlock()
	wake := s.fetching.kick
	if h != nil {
		wake = h.changed
	}
	select {
	case wake <- struct{}{}:
	default:
	}
}

// Fetch fetches for channels whose provider does not come by itself, until ctx ends. An instance that ends by itself lets others go on at
// once; one that dies, when its leases lapse. sole says that no other process shares the store: nobody else's lease counts then.
func (s *Service) Fetch(ctx context.Context, sole bool) error {
	tick := time.NewTicker(fetchSweep)
	defer tick.Stop()
	for {
		if err := s.takeSources(ctx, sole); err != nil && ctx.Err() == nil {
			s.Log.Warn().Err(err).Msg("sources could not be taken")
		} else {
			sole = false
		}
		select {
		case <-ctx.Done():
			s.fetching.wg.Wait()
			return nil
		case <-tick.C:
		case <-s.fetching.kick:
		}
	}
}

// takeSources begins to fetch from what nobody fetches from.
func (s *Service) takeSources(ctx context.Context, all bool) error {
	q := store.Query{Index: "lapsed", Range: &store.Range{To: s.Clock.Now()}, Limit: sweepMost}
	if all {
		q.Range = nil
	}
	return s.sources.Each(ctx, q, func(src *source) error {
		s.fetching.mu.Lock()
		_, here := s.fetching.holders[src.ChannelID]
		s.fetching.mu.Unlock()
		if here {
			return nil
		}
		src.Owner, src.Until = s.Instance, s.Clock.Now().Add(fetchLease)
		err := s.Engine.Write(ctx, s.sources.Replace(src))
		if errors.Is(err, store.ErrConflict) {
			return nil // another instance was faster
		}
		if err != nil {
			return err
		}
		h := &holder{
			service: s, id: src.ID, channel: src.ChannelID, workspace: src.WorkspaceID, src: *src, changed: make(chan struct{}, 1),
			more: make(chan struct{}, 1),
		}
		s.fetching.mu.Lock()
		s.fetching.holders[src.ChannelID] = h
		s.fetching.mu.Unlock()
		s.fetching.wg.Go(func() {
			h.run(ctx)
			s.fetching.mu.Lock()
			delete(s.fetching.holders, src.ChannelID)
			s.fetching.mu.Unlock()
		})
		return nil
	})
}

// holder fetches from one source, whose lease it has.
type holder struct {
	service   *Service
	changed   chan struct{} // the channel may have changed
	more      chan struct{} // there may be something to do at the source
	end       context.CancelCauseFunc
	id        string // of the source
	channel   string // its channel's id
	workspace string
	mu        sync.Mutex // of src and lost
	src       source     // as stored
	lost      error
	// of the present session
	used   *Connected
	worked time.Time // since when it works; zero: it does not
	// of those before
	fails        int
	refusedSince time.Time
	stoppedAt    time.Time
}

// errLeaseLost: another instance fetches, or nobody is to any more.
var errLeaseLost = errors.New("channels: the lease of a source is lost")

func (h *holder) run(ctx context.Context) {
	ctx, h.end = context.WithCancelCause(ctx)
	defer h.end(nil)
	var renewing sync.WaitGroup
	renewing.Go(func() { h.renew(ctx) })
	for ctx.Err() == nil {
		h.rest(ctx, h.session(ctx))
	}
	renewing.Wait()
	h.release()
}

// rest waits, but not longer than until the channel is another one.
func (h *holder) rest(ctx context.Context, wait time.Duration) {
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	before, _ := h.service.Connected(ctx, h.channel)
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-h.changed:
		}
		now, err := h.service.Connected(ctx, h.channel)
		if errors.Is(err, store.ErrNotFound) || err == nil && before != nil && (now.Status != before.Status || !sameAccount(now, before)) {
			return
		}
	}
}

// sameAccount reports whether what is fetched is the same in both.
func sameAccount(a, b *Connected) bool {
	return bytes.Equal(a.Sealed, b.Sealed) && a.BaseURL == b.BaseURL && a.SourceID == b.SourceID
}

// renew keeps the lease.
func (h *holder) renew(ctx context.Context) {
	tick := time.NewTicker(fetchRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := h.write(ctx, func(*source) {}); err != nil && !errors.Is(err, errLeaseLost) && ctx.Err() == nil {
			h.service.Log.Warn().Err(err).Str("channel", h.channel).Msg("the lease of a source could not be renewed")
		}
		select {
		case h.changed <- struct{}{}: // another instance may have changed the channel
		default:
		}
	}
}

// write changes the source together with what else is to be written, and renews the lease. Where nobody knows whether it was written, the
// source is read anew before the next write.
func (h *holder) write(ctx context.Context, change func(*source), more ...store.Change) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost != nil {
		return h.lost
	}
	next := h.src
	change(&next)
	next.Until = store.Millis(h.service.Clock.Now().Add(fetchLease))
	err := h.service.Engine.Write(ctx, append([]store.Change{h.service.sources.Replace(&next)}, more...)...)
	switch {
	case err == nil:
		h.src = next
	case errors.Is(err, store.ErrConflict):
		return h.lose()
	case !errors.Is(err, store.ErrExists):
		h.reread(ctx)
	}
	return err
}

// reread learns whether a write whose outcome is not known was done. mu is held.
func (h *holder) reread(ctx context.Context) {
	stored, err := h.service.sources.Get(context.WithoutCancel(ctx), h.src.ID)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && stored.Owner != h.service.Instance:
		_ = h.lose()
	case err == nil:
		h.src = *stored
	}
}

// lose ends everything that is done under the lease. mu is held.
func (h *holder) lose() error {
	h.lost = errLeaseLost
	h.end(errLeaseLost)
	return errLeaseLost
}

// release lets another instance go on at once.
func (h *holder) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	h.src.Owner, h.src.Until = "", store.Millis(h.service.Clock.Now())
	if err := h.service.Engine.Write(ctx, h.service.sources.Replace(&h.src)); err != nil {
		h.service.Log.Debug().Err(err).Str("channel", h.channel).Msg("a source waits for its lease")
	}
}

// session fetches until something fails or changes, and returns how long to wait before the next one.
func (h *holder) session(ctx context.Context) time.Duration {
	s := h.service
	c, err := s.Connected(ctx, h.channel)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.SourceID != h.id {
		h.drop(ctx)
		return 0
	}
	if err != nil {
		return fetchSweep
	}
	fetcher, can := c.Adapter.(Fetcher)
	if !can {
		return stoppedAgain
	}
	if since := s.Clock.Now().Sub(h.stoppedAt); c.Status == Failed && h.used != nil && sameAccount(c, h.used) && since < stoppedAgain {
		return stoppedAgain - since
	}
	h.used, h.worked = c, time.Time{}
	running, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { h.watch(running, stop, c) })
	err = fetcher.Fetch(running, c.Account, h)
	stopped := running.Err() != nil
	stop()
	watching.Wait()
	if ctx.Err() != nil || stopped {
		return 0
	}
	return h.failed(ctx, err)
}

// watch ends a session once its channel is another one.
func (h *holder) watch(ctx context.Context, stop func(), used *Connected) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.changed:
		}
		c, err := h.service.Connected(ctx, h.channel)
		if errors.Is(err, store.ErrNotFound) || err == nil && !sameAccount(c, used) {
			stop()
			return
		}
	}
}

// drop removes a source whose channel is gone.
func (h *holder) drop(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.service.Engine.Write(ctx, h.service.sources.Delete(&h.src)); err != nil && ctx.Err() == nil {
		h.service.Log.Debug().Err(err).Str("channel", h.channel).Msg("a source without a channel is still there")
	}
	_ = h.lose()
}

// failed records why a session ended, and returns how long to wait before the next one.
func (h *holder) failed(ctx context.Context, err error) time.Duration {
	s, now := h.service, h.service.Clock.Now()
	if errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrConflict) || err == nil {
		return fetchSweep // ours, not the source's
	}
	e := AsSendError(err)
	s.Log.Info().Str("channel", h.channel).Str("code", e.Code).Str("provider_code", e.Provider).Msg("fetching failed")
	if worked := !h.worked.IsZero(); worked && now.Sub(h.worked) >= fetchSteady {
		h.fails = 0
	} else if worked {
		h.fails = min(h.fails, fetchCut)
	}
	s.outage(h.channel, e.words())
	if e.Outcome == Dead {
		if h.refusedSince.IsZero() {
			h.refusedSince = now
		}
		if !bytes.Equal(h.stored().Worked, digestOf(h.used)) || now.Sub(h.refusedSince) >= refusedFor {
			return h.stopChannel(ctx, e.words())
		}
	}
	h.fails++
	wait := min(fetchFirst<<min(h.fails, 10), fetchMost)
	return max(e.RetryAfter, wait/2+rand.N(wait/2))
}

// stopChannel stops the channel, until a person mends it or the source takes the credentials again.
func (h *holder) stopChannel(ctx context.Context, why Trouble) time.Duration {
	h.stoppedAt = h.service.Clock.Now()
	err := h.service.Stop(ctx, h.channel, h.refusedSince, why)
	if err == nil {
		err = h.write(ctx, func(src *source) { src.Stopped = true })
	}
	if err != nil && ctx.Err() == nil {
		h.service.Log.Warn().Err(err).Str("channel", h.channel).Msg("a channel could not be stopped")
		h.stoppedAt = time.Time{}
		return fetchSweep
	}
	return stoppedAgain
}

func digestOf(c *Connected) []byte {
	sum := sha256.Sum256(c.Sealed)
	return sum[:]
}

// State returns what the adapter noted last.
func (h *holder) State() []byte { return bytes.Clone(h.stored().State) }

// stored returns the source as it is stored.
func (h *holder) stored() source {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.src
}

// Keep makes the adapter's notes durable.
func (h *holder) Keep(ctx context.Context, state []byte) error {
	return h.write(ctx, func(src *source) { src.State = state })
}

// Take makes what was fetched durable, and in the same write the adapter's notes after it.
func (h *holder) Take(ctx context.Context, hook Webhook, state []byte) error {
	s := h.service
	spec, bodyID, err := s.inbound(ctx, h.used, hook)
	if err != nil {
		return err
	}
	job, insert := s.Jobs.New(spec)
	note := func(src *source) { src.State = state }
	switch err = h.write(ctx, note, insert...); {
	case err == nil:
		s.Jobs.Start(job)
	case errors.Is(err, store.ErrExists): // the job of an earlier time is not done yet
		if err = s.spoil(ctx, bodyID); err == nil {
			err = h.write(ctx, note)
		}
	}
	s.hear(h.channel)
	return err
}

// Works records that the source is reached and lets us in.
func (h *holder) Works(ctx context.Context) error {
	s, id := h.service, h.channel
	s.hear(id)
	if !h.worked.IsZero() {
		return nil
	}
	h.worked, h.refusedSince, h.stoppedAt = s.Clock.Now(), time.Time{}, time.Time{}
	s.outageOver(id)
	src := h.stored()
	if src.Stopped {
		if _, err := s.update(ctx, id, func(ch *Channel) error {
			if ch.Status == Failed {
				ch.Status, ch.Problem = Active, nil
			}
			return nil
		}); err != nil {
			return err
		}
	}
	digest := digestOf(h.used)
	if !src.Stopped && bytes.Equal(src.Worked, digest) {
		return nil
	}
	return h.write(ctx, func(src *source) { src.Worked, src.Stopped = digest, false })
}
