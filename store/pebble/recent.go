package pebble

import (
	"hash/maphash"
	"sync"
)

const (
	// recentSize bounds, in bytes, what is kept of the documents used last. It is kept in two halves: when the younger is full it becomes
	// the older, whose documents go unless they are used again.
	recentSize = 8 << 20
	// recentLargest is the longest document worth keeping.
	recentLargest = 8 << 10
	recentShards  = 64
)

// recent keeps documents as they are stored, for the contact, the identities and the conversation of somebody who writes again. Whoever
// writes a document sets it, under its lock, before the database changes and once more after, so that nobody can keep what he read before.
type recent struct {
	seed   maphash.Seed
	shards [recentShards]recentShard
}

type recentShard struct {
	mu         sync.Mutex
	young, old map[document][]byte
	size       int    // of young
	epoch      uint64 // changes with every document of the shard that is set
}

func newRecent() *recent { return &recent{seed: maphash.MakeSeed()} }

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

// add keeps what was read, unless something of the shard was set since.
func (r *recent) add(d document, data []byte, epoch uint64) {
	s := r.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch == epoch {
		s.put(d, data)
	}
}

// set keeps what is stored from now on; nil: it is to be read.
func (r *recent) set(d document, data []byte) {
	s := r.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
	s.size -= len(s.young[d])
	delete(s.young, d)
	delete(s.old, d)
	if data != nil {
		s.put(d, data)
	}
}

// put adds a document that is not there; mu is held.
func (s *recentShard) put(d document, data []byte) {
	if len(data) > recentLargest {
		return
	}
	if s.young == nil || s.size+len(data) > recentSize/2/recentShards {
		s.young, s.old, s.size = map[document][]byte{}, s.young, 0
	}
	s.size += len(data) - len(s.young[d]) // two may have read it
	s.young[d] = data
}
