package channels

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/notify"
	"wasl/store"
)

const (
	// saveEvery is how often what was seen of a channel is saved: seldom, and never with a message.
	saveEvery = time.Minute
	// lagFresh is how long the backlog is believed without asking the store.
	lagFresh = 2 * time.Second
	// lagging is the age of undone work at which a channel is said to lag.
	lagging = 30 * time.Second
)

// watch is what the service knows of the channels' traffic.
type watch struct {
	beats     map[string]*beat // not saved yet, by channel
	saving    map[string]*beat // being saved: in neither of the two others
	pulses    map[string]*pulse
	savedOnce map[string]bool // channels whose first message in this process was saved at once
	lag       map[string]jobs.Backlog
	lagAt     time.Time
	told      map[string]string // the state of health that people were told of last, by channel
	saveNow   chan struct{}     // save now
}

func newWatch() watch {
	return watch{
		beats: map[string]*beat{}, pulses: map[string]*pulse{}, savedOnce: map[string]bool{}, told: map[string]string{},
		saveNow: make(chan struct{}, 1),
	}
}

// record records something about a channel until it is saved.
func (s *Service) record(id string, record func(*beat, time.Time)) {
	now := store.Millis(s.Clock.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.beats[id]
	if b == nil {
		b = &beat{}
		s.beats[id] = b
	}
	record(b, now)
}

// unsaved lists what is known of a channel beside its pulse. mu is held.
func (s *Service) unsaved(id string) (beats []*beat) {
	for _, from := range []map[string]*beat{s.saving, s.beats} {
		if b := from[id]; b != nil {
			beats = append(beats, b)
		}
	}
	return beats
}

// NoteInbound records that a customer's message came in.
func (s *Service) NoteInbound(id string) {
	s.record(id, func(b *beat, now time.Time) {
		b.in, b.lastIn = b.in+1, now
		if p := s.pulses[id]; !s.savedOnce[id] || (p != nil && p.SilentSince != nil) {
			s.savedOnce[id] = true
			s.saveSoon()
		}
	})
}

// NoteOutbound records that the provider took a message.
func (s *Service) NoteOutbound(id string) {
	s.record(id, func(b *beat, now time.Time) { b.lastOut = now })
}

// hear records that a webhook came.
func (s *Service) hear(id string) { s.record(id, func(b *beat, now time.Time) { b.lastHook = now }) }

// refuse records that a webhook with a wrong signature came. That says nothing about the channel: it may be a stranger's.
func (s *Service) refuse(id string) {
	s.record(id, func(b *beat, now time.Time) { b.refused, b.lastRefused = b.refused+1, now })
}

// NoteTrouble records what went wrong on a channel, in plain words.
func (s *Service) NoteTrouble(id string, t Trouble) {
	s.record(id, func(b *beat, now time.Time) { b.mishap = &Mishap{Trouble: t, At: now} })
}

// outage records that a channel cannot be fetched at the moment, for people to see at once.
func (s *Service) outage(id string, why Trouble) {
	s.record(id, func(b *beat, now time.Time) {
		if b.outage == nil {
			b.outage = &Outage{Since: now}
			s.saveSoon()
		}
		b.outage.Trouble, b.over, b.mishap = why, false, &Mishap{Trouble: why, At: now}
	})
}

// outageOver records that it can be fetched.
func (s *Service) outageOver(id string) {
	s.record(id, func(b *beat, _ time.Time) {
		if p := s.pulses[id]; b.outage != nil || p == nil || p.Outage != nil {
			s.saveSoon()
		}
		b.outage, b.over = nil, true
	})
}

func (s *Service) saveSoon() {
	select {
	case s.saveNow <- struct{}{}:
	default:
	}
}

// Watch saves what is seen of the channels and tells people when one falls silent, until ctx ends.
func (s *Service) Watch(ctx context.Context) error {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		if err := s.checkSilence(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn().Err(err).Msg("the channels' health could not be judged")
		}
		select {
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
			defer cancel()
			s.save(end)
			return nil
		case <-tick.C:
		case <-s.saveNow:
		}
		s.save(ctx)
		if err := s.tellHealth(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn().Err(err).Msg("people could not be told of the channels' health")
		}
	}
}

// tellHealth shows people the channels whose state of health is another than before, and while one lags how far.
func (s *Service) tellHealth(ctx context.Context) error {
	if err := s.refresh(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	channelIDs := slices.Collect(maps.Keys(s.pulses))
	s.mu.Unlock()
	for _, id := range channelIDs {
		ch, err := s.Connected(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		state := s.health(&ch.Channel).State
		s.mu.Lock()
		before, known := s.told[id]
		s.told[id] = state
		s.mu.Unlock()
		if !known || state == before && state != stateLagging {
			continue
		}
		if err := s.Bus.Commit(ctx, &events.Write{Events: []events.Event{s.updated(&ch.Channel)}}); err != nil {
			return err
		}
	}
	return nil
}

// save adds what this process has seen to what is kept. What cannot be saved now is kept for the next time.
func (s *Service) save(ctx context.Context) {
	s.mu.Lock()
	beats := s.beats
	s.beats, s.saving = map[string]*beat{}, maps.Clone(beats)
	s.mu.Unlock()
	for id, b := range beats {
		p, err := s.change(ctx, id, func(p *pulse) { p.add(*b) })
		s.mu.Lock()
		delete(s.saving, id)
		switch {
		case errors.Is(err, store.ErrNotFound): // the channel is gone
		case err != nil:
			s.Log.Warn().Err(err).Str("channel", id).Msg("a channel's traffic could not be saved yet")
			if newer := s.beats[id]; newer != nil {
				b.in, b.refused = b.in+newer.in, b.refused+newer.refused
				b.lastIn, b.lastOut, b.lastHook = later(b.lastIn, newer.lastIn), later(b.lastOut, newer.lastOut), later(b.lastHook,
					newer.lastHook)
				b.lastRefused = later(b.lastRefused, newer.lastRefused)
				if newer.mishap != nil {
					b.mishap = newer.mishap
				}
				if newer.over || newer.outage != nil {
					b.outage, b.over = newer.outage, newer.over
				}
			}
			s.beats[id] = b
		default:
			s.pulses[id] = p
		}
		s.mu.Unlock()
	}
}

// change reads a pulse, changes and writes it: other instances see the same channel.
func (s *Service) change(ctx context.Context, channelID string, fn func(*pulse)) (p *pulse, err error) {
	err = store.Retry(ctx, func() error {
		write := s.kept.Replace
		p, err = s.kept.Get(ctx, pulseID(channelID))
		if errors.Is(err, store.ErrNotFound) {
			var ch *Channel
			if ch, err = s.channels.Get(ctx, channelID); err == nil {
				p, write = &pulse{
					Meta: store.Meta{ID: pulseID(channelID)}, WorkspaceID: ch.WorkspaceID,
					ChannelID: channelID,
				}, s.kept.Insert
			}
		}
		if err != nil {
			return err
		}
		fn(p)
		return s.Engine.Write(ctx, write(p))
	})
	return p, err
}

// checkSilence reads all pulses and says once when a channel falls silent or cannot be fetched for a while, and when that is over.
func (s *Service) checkSilence(ctx context.Context) error {
	now := s.Clock.Now()
	return s.kept.Each(ctx, store.Query{Limit: 200}, func(p *pulse) error {
		if p.silentAt(now) != (p.SilentSince != nil) || p.Outage.toTell(now) {
			ch, err := s.channels.Get(ctx, p.ChannelID)
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			err = s.setSilent(ctx, ch, p)
			if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) {
				return nil // another instance was faster
			}
			if err != nil {
				return err
			}
		}
		s.put(p)
		return nil
	})
}

func (s *Service) put(p *pulse) {
	s.mu.Lock()
	s.pulses[p.ChannelID] = p
	s.mu.Unlock()
}

// setSilent writes that a channel fell silent or cannot be fetched, or that this is over, with the notice about it.
func (s *Service) setSilent(ctx context.Context, ch *Channel, p *pulse) error {
	w := &events.Write{}
	n := silence
	if p.Outage.toTell(s.Clock.Now()) {
		n = outageNotice
	}
	if err := s.tellSupervisors(ctx, w, ch, n(ch, p)); err != nil {
		return err
	}
	s.put(p)
	s.forget(ch.ID)
	w.Changes = append(w.Changes, s.kept.Replace(p), s.channels.Replace(ch))
	w.Events = append(w.Events, s.updated(ch))
	return s.Bus.Commit(ctx, w)
}

// tellSupervisors adds a notice about the channel to a write.
func (s *Service) tellSupervisors(ctx context.Context, w *events.Write, ch *Channel, n notify.Notice) error {
	return s.Notices.Add(ctx, w, ch.WorkspaceID, access.Audience{Supervisors: true}, n)
}

// silence turns the pulse over and returns the notice about it.
func silence(ch *Channel, p *pulse) notify.Notice {
	n := notify.Notice{
		Kind: "channel_silent", Severity: notify.Warning, ChannelID: ch.ID, Title: ch.Name +
			": no message for an unusually long time", Detail: silentDetail,
	}
	if p.SilentSince == nil {
		since := p.LastIn
		p.SilentSince = &since
	} else {
		p.SilentSince = nil
		n.Kind, n.Severity, n.Title, n.Detail = "channel_heard", notify.Info, ch.Name+": messages come in again", ""
	}
	n.ID = ids.Derived("ntf", ch.ID, string(n.Kind), fmt.Sprint(p.Version))
	return n
}

// outageTold is how long an outage lasts before people are told.
const outageTold = 5 * time.Minute

// toTell reports whether people are to be told of the outage, or of its end.
func (o *Outage) toTell(now time.Time) bool {
	return o != nil && (o.Over || !o.Told && now.Sub(o.Since) >= outageTold)
}

// outageNotice marks the outage as told, or over, and returns the notice about it.
func outageNotice(ch *Channel, p *pulse) notify.Notice {
	n := notify.Notice{
		Kind: "channel_disconnected", Severity: notify.Warning, ChannelID: ch.ID, Title: ch.Name + ": " + p.Outage.Title,
		Detail: p.Outage.Detail,
	}
	if p.Outage.Over {
		n.Kind, n.Severity, n.Title, n.Detail = "channel_connected", notify.Info, ch.Name+": can be reached again", ""
		p.Outage = nil
	} else {
		told := *p.Outage
		told.Told, p.Outage = true, &told
	}
	n.ID = ids.Derived("ntf", ch.ID, string(n.Kind), fmt.Sprint(p.Version))
	return n
}

// turned returns the notice that a channel stopped, works again or will stop; ok is false where nothing of that happened.
func turned(ch, before *Channel) (n notify.Notice, ok bool) {
	n = notify.Notice{ChannelID: ch.ID}
	switch {
	case before.Status != Failed && ch.Status == Failed && ch.Problem != nil:
		n.Kind, n.Severity, n.Title, n.Detail = "channel_stopped", notify.Critical, ch.Name+": "+ch.Problem.Title, ch.Problem.Detail
	case before.Status == Failed && ch.Status == Active:
		n.Kind, n.Severity, n.Title = "channel_works", notify.Info, ch.Name+": works again"
	case ch.Status != Failed && ch.ending() != nil && before.ending() == nil:
		n.Kind, n.Severity, n.Title, n.Detail = "channel_ending", notify.Warning, ch.Name+": "+ch.Renewal.Problem.Title,
			ch.Renewal.Problem.Detail
	default:
		return n, false
	}
	n.ID = ids.Derived("ntf", ch.ID, string(n.Kind), fmt.Sprint(ch.Version))
	return n, true
}

// refresh reads what other instances know, where what is known here is old.
func (s *Service) refresh(ctx context.Context, channelIDs ...string) error {
	now := s.Clock.Now()
	s.mu.Lock()
	fresh := now.Sub(s.lagAt) < lagFresh
	s.mu.Unlock()
	pulseIDs := make([]string, 0, len(channelIDs))
	for _, id := range channelIDs {
		pulseIDs = append(pulseIDs, pulseID(id))
	}
	found, err := s.kept.GetMany(ctx, pulseIDs...)
	if err != nil {
		return err
	}
	var lag map[string]jobs.Backlog
	if !fresh {
		if lag, err = s.Jobs.Backlog(ctx, JobInbound); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range found {
		s.pulses[p.ChannelID] = p
	}
	if !fresh {
		s.lag, s.lagAt = lag, now
	}
	return nil
}

// IngestLag is how old the oldest webhook is that is not worked off, for the metrics.
func (s *Service) IngestLag() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.refresh(ctx); err != nil {
		s.Log.Debug().Err(err).Msg("the ingest lag is that of before")
	}
	now := s.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	worst := 0.0
	for _, b := range s.lag {
		worst = max(worst, now.Sub(b.Oldest).Seconds())
	}
	return worst
}

// InboundAges says how many seconds ago each channel's last message came, for the metrics.
func (s *Service) InboundAges() map[string]float64 {
	now := s.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]float64{}
	for id, p := range s.pulses {
		at := p.LastIn
		for _, b := range s.unsaved(id) {
			at = later(at, b.lastIn)
		}
		if !at.IsZero() {
			out[id] = now.Sub(at).Seconds()
		}
	}
	return out
}
