package events

import (
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// followed is a workspace whose events are brought here, in the order of their numbers and without a gap, or with a Reset where there is
// one. After begun only its reader uses it.
type followed struct {
	workspaceID string
	begun       chan struct{} // closed when the first position was asked for
	epoch       string        // empty until a position is known
	last        int64         // the number delivered last
}

// reader is one connection that waits for the events of many workspaces.
type reader struct {
	redis    *Redis
	wakeKey  string        // a stream of its own, to which it listens too
	wakeID   string        // the last entry of it
	unsure   bool          // the connection was lost: an epoch may have begun with nothing in it yet
	next     int           // whose epoch is looked at next
	wake     chan struct{} // there is something to follow
	mu       sync.Mutex
	waking   bool // it will look at the list again before it waits
	followed []*followed
}

func (r *Redis) readerOf(workspaceID string) *reader {
	h := fnv.New32a()
	_, _ = h.Write([]byte(workspaceID)) // never fails
	return r.readers[h.Sum32()%redisReaders]
}

// Follow begins to deliver what comes after now and returns when it is sure to. Where Redis is down it begins later, with a Reset.
func (r *Redis) Follow(ctx context.Context, workspaceID string) {
	r.mu.Lock()
	f, known := r.followed[workspaceID]
	if !known {
		f = &followed{workspaceID: workspaceID, begun: make(chan struct{})}
		r.followed[workspaceID] = f
	}
	r.mu.Unlock()
	if known {
		select {
		case <-f.begun:
		case <-ctx.Done():
		}
		return
	}
	if epoch, seq, err := r.Position(r.base, workspaceID); err == nil {
		f.epoch, f.last = epoch, seq
	}
	close(f.begun)
	r.readerOf(workspaceID).add(f)
}

// add gives the reader another workspace; it reads from its position on, so that nothing is lost until it does.
func (d *reader) add(f *followed) {
	d.mu.Lock()
	d.followed = append(d.followed, f)
	first, waking := len(d.followed) == 1, d.waking
	d.waking = true
	d.mu.Unlock()
	switch {
	case first:
		select {
		case d.wake <- struct{}{}:
		default:
		}
	case !waking: // it waits in Redis, which is asked to let it go; where that fails it looks soon enough
		ctx, cancel := context.WithTimeout(d.redis.base, redisPatience)
		defer cancel()
		pipe := d.redis.client.Pipeline()
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: d.wakeKey, MaxLen: 1, Values: []string{"w", ""}})
		pipe.Expire(ctx, d.wakeKey, time.Minute)
		_, _ = pipe.Exec(ctx)
	}
}

// list returns what is to be read now.
func (d *reader) list() []*followed {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waking = false
	return slices.Clone(d.followed)
}

// read delivers until the stream is closed.
func (d *reader) read() {
	pause := leastRetry
	for d.redis.base.Err() == nil {
		all := d.list()
		if len(all) == 0 {
			select {
			case <-d.wake:
			case <-d.redis.base.Done():
			}
			continue
		}
		err := d.step(all)
		if err == nil {
			pause = leastRetry
			continue
		}
		d.unsure = true
		d.redis.log.Debug().Err(err).Msg("the streams cannot be read")
		select {
		case <-d.redis.base.Done():
		case <-time.After(pause/2 + rand.N(pause)): // instances do not come back in step
		}
		pause = min(2*pause, maxRetry)
	}
}

// step waits for what is new and delivers it.
func (d *reader) step(all []*followed) error {
	for _, f := range all {
		if f.epoch != "" && !d.unsure {
			continue
		}
		if err := d.check(f); err != nil {
			return err
		}
	}
	d.unsure = false
	streams, positions := make([]string, 0, 2*len(all)+2), make([]string, 0, len(all)+1)
	byKey := make(map[string]*followed, len(all))
	for _, f := range all {
		key := streamKey(f.workspaceID)
		byKey[key] = f
		streams, positions = append(streams, key), append(positions, entryID(f.last))
	}
	streams, positions = append(streams, d.wakeKey), append(positions, d.wakeID)
	found, err := d.redis.blocking.XRead(d.redis.base, &redis.XReadArgs{
		Streams: append(streams, positions...), Count: redisBatch, Block: redisBlock,
	}).Result()
	if errors.Is(err, redis.Nil) { // nothing new, unless everything is
		d.next = (d.next + 1) % len(all)
		if f := all[d.next]; d.redis.needed(f.workspaceID) {
			return d.check(f)
		}
		d.drop(all[d.next])
		return nil
	}
	for _, stream := range found {
		if f := byKey[stream.Stream]; f != nil {
			d.deliver(f, stream.Messages)
		} else {
			d.wakeID = stream.Messages[len(stream.Messages)-1].ID
		}
	}
	return err
}

// drop ends the following of a workspace. Whoever came to need it meanwhile loads anew because of the Reset.
func (d *reader) drop(f *followed) {
	d.redis.mu.Lock()
	delete(d.redis.followed, f.workspaceID)
	d.redis.mu.Unlock()
	d.mu.Lock()
	d.followed = slices.DeleteFunc(d.followed, func(one *followed) bool { return one == f })
	d.mu.Unlock()
	d.redis.onEvents([]Numbered{f.reset()})
	if d.redis.needed(f.workspaceID) {
		d.redis.Follow(d.redis.base, f.workspaceID)
	}
}

// check asks for the position, which also keeps the stream alive, and says so where another epoch has begun.
func (d *reader) check(f *followed) error {
	epoch, seq, err := d.redis.Position(d.redis.base, f.workspaceID)
	switch {
	case err != nil || epoch == f.epoch:
	case f.epoch == "": // it could not be asked for when this began
		f.epoch, f.last = epoch, seq
		d.redis.onEvents([]Numbered{f.reset()})
	default:
		f.epoch, f.last = epoch, startOf(epoch)
		d.redis.onEvents([]Numbered{f.reset()})
	}
	return err
}

// deliver hands on what was read of a workspace.
func (d *reader) deliver(f *followed, entries []redis.XMessage) {
	var batch []Numbered
	for _, entry := range entries {
		n, err := d.redis.decode(entry)
		if err != nil {
			d.redis.log.Error().Err(err).Str("workspace", f.workspaceID).Msg("an event was left out")
			n.Type = "" // its number is used
		}
		if n.Epoch != f.epoch { // the rest is read again, from where the epoch begins
			f.epoch, f.last = n.Epoch, startOf(n.Epoch)
			batch = append(batch, f.reset())
			break
		}
		if n.Seq != f.last+1 { // no longer kept
			f.last = n.Seq - 1
			batch = append(batch, f.reset())
		}
		f.last = n.Seq
		if n.Type != "" && n.Type != Reset {
			batch = append(batch, n)
		}
	}
	if len(batch) > 0 {
		d.redis.onEvents(batch)
	}
}

// reset says that the numbers go on after the present one and that something may have been missed.
func (f *followed) reset() Numbered {
	return Numbered{Event: Event{Type: Reset, WorkspaceID: f.workspaceID}, Seq: f.last, Epoch: f.epoch}
}
