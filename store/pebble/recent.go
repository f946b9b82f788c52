package pebble

import (
	"hash/maphash"
	"sync"
)

const (
	// recentLargest is the longest document worth keeping.
	recentLargest = 8 << 10
	recentShards  = 64
)

// recent keeps documents as they are stored, for the contact, the identities and the conversation of somebody who writes again, and for
// the beginning of lists. Whoever writes a document holds it, under its lock, before the database changes and sets it after: what others
// read meanwhile may be the old or the new one, and is not kept. What is kept is in two halves: when the younger is full it becomes the
// older, whose documents go unless they are used again.
type recent struct {
	seed   maphash.Seed
	shards [recentShards]recentShard
}

type recentShard struct {
	mu         sync.Mutex
	young, old map[document][]byte
	suspended  map[document]struct{}
	size       int    // of young
	most       int    // of young
	epoch      uint64 // changes with every document of the shard that is suspended or set
}

// newRecent keeps documents of so many bytes in all.
func newRecent(size int) *recent {
	r := &recent{seed: maphash.MakeSeed()}
	for n := range r.shards {
		r.shards[n].suspended, r.shards[n].most = map[document]struct{}{}, size/2/recentShards
	}
	return r
}

func (r *recent) shard(d document) *recentShard {
	return &r.shards[maphash.String(r.seed, d.id)%recentShards]
}

// get returns what is stored, which must not be changed. Who gets nil and reads it himself may add it, with the epoch.
func (r *recent) get(d document) (data []byte, epoch uint64) {
	s := r.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if data = s.young[d]; data != nil {
		return data, s.epoch
	}
	if data = s.old[d]; data != nil {
		delete(s.old, d)
		s.put(d, data)
	}
	return data, s.epoch
}

// add keeps what was read, unless it is being written, or something of the shard was since.
func (r *recent) add(d document, data []byte, epoch uint64) {
	s := r.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, suspended := s.suspended[d]; !suspended && s.epoch == epoch {
		s.put(d, data)
	}
}

// suspend has a document read from the database until it is set.
func (r *recent) suspend(d document) {
	s := r.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(d)
	s.suspended[d] = struct{}{}
}

// set keeps what is stored from now on; nil: it is to be read.
func (r *recent) set(d document, data []byte) {
	s := r.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(d)
	delete(s.suspended, d)
	if data != nil {
		s.put(d, data)
	}
}

// drop forgets a document; mu is held.
func (s *recentShard) drop(d document) {
	s.epoch++
	s.size -= len(s.young[d])
	delete(s.young, d)
	delete(s.old, d)
}

// put adds a document that is not there; mu is held.
func (s *recentShard) put(d document, data []byte) {
	if len(data) > recentLargest {
		return
	}
	if s.young == nil || s.size+len(data) > s.most {
		s.young, s.old, s.size = map[document][]byte{}, s.young, 0
	}
	s.size += len(data) - len(s.young[d]) // two may have read it
	s.young[d] = data
}
