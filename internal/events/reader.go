package events

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/redis/go-redis/v9"
)

// reader brings one workspace's events here, in the order of their numbers and without a gap, or with a Reset where there is one.
type reader struct {
	workspaceID string
	begun       chan struct{} // closed when the first position was asked for
	epoch       string        // empty until a position is known
	last        int64         // the number delivered last
}

// Follow begins to deliver what comes after now and returns when it is sure to. Where Redis is down it begins later, with a Reset.
func (r *Redis) Follow(ctx context.Context, workspaceID string) {
	r.mu.Lock()
	f, known := r.readers[workspaceID]
	if !known && r.base.Err() == nil {
		f = &reader{workspaceID: workspaceID, begun: make(chan struct{})}
		r.readers[workspaceID] = f
		r.wg.Go(func() { r.read(f) })
	}
	r.mu.Unlock()
	if f == nil {
		return
	}
	select {
	case <-f.begun:
	case <-ctx.Done():
	}
}

// read delivers until the stream is closed.
func (r *Redis) read(f *reader) {
	if epoch, seq, err := r.Position(r.base, f.workspaceID); err == nil {
		f.epoch, f.last = epoch, seq
	}
	close(f.begun)
	pause := 50 * time.Millisecond
	for r.base.Err() == nil {
		err := r.step(f)
		if err == nil {
			pause = 50 * time.Millisecond
			continue
		}
		r.log.Debug().Err(err).Str("workspace", f.workspaceID).Msg("the stream cannot be read")
		select {
		case <-r.base.Done():
		case <-time.After(pause/2 + rand.N(pause)): // instances do not come back in step
		}
		pause = min(2*pause, maxRetry)
	}
}

// step waits for what is new and delivers it.
func (r *Redis) step(f *reader) error {
	if f.epoch == "" {
		epoch, seq, err := r.Position(r.base, f.workspaceID)
		if err == nil {
			r.reset(f, epoch, seq)
		}
		return err
	}
	streams, err := r.blocking.XRead(r.base, &redis.XReadArgs{
		Streams: []string{streamKey(f.workspaceID), entryID(f.last)}, Count: redisBatch, Block: redisBlock,
	}).Result()
	if errors.Is(err, redis.Nil) { // nothing new, unless everything is
		epoch, _, err := r.Position(r.base, f.workspaceID)
		if err == nil && epoch != f.epoch {
			r.reset(f, epoch, startOf(epoch))
		}
		return err
	}
	if err != nil {
		return err
	}
	var batch []Numbered
	defer func() { r.deliver(batch) }()
	for _, entry := range streams[0].Messages {
		n, err := r.decode(entry)
		if err != nil {
			r.log.Error().Err(err).Str("workspace", f.workspaceID).Msg("an event was left out")
			n.Type = "" // its place is kept
		}
		if n.Epoch != f.epoch { // the rest is read again, from where the epoch begins
			f.epoch, f.last = n.Epoch, startOf(n.Epoch)
			batch = append(batch, f.notice())
			return nil
		}
		if n.Seq != f.last+1 { // no longer kept
			f.last = n.Seq - 1
			batch = append(batch, f.notice())
		}
		f.last = n.Seq
		if n.Type != "" && n.Type != Reset {
			batch = append(batch, n)
		}
	}
	return nil
}

func (r *Redis) reset(f *reader, epoch string, seq int64) {
	f.epoch, f.last = epoch, seq
	r.deliver([]Numbered{f.notice()})
}

// notice says that the numbers go on after the present place and that something may have been missed.
func (f *reader) notice() Numbered {
	return Numbered{Event: Event{Type: Reset, WorkspaceID: f.workspaceID}, Seq: f.last, Epoch: f.epoch}
}

func (r *Redis) deliver(batch []Numbered) {
	if len(batch) > 0 {
		r.onEvents(batch)
	}
}
