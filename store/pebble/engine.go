// Package pebble is the embedded storage engine: a folder on this machine, owned by one process. Documents lie as
// BSON under their id, index entries beside them as keys that sort as their values do; a write is one synced
// batch. The underlying library is CockroachDB's Pebble.
package pebble

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	pdb "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"wasl/internal/clock"
	"wasl/store"
)

// Options are what a caller may choose.
type Options struct {
	// Clock says what has expired; the system's if nil.
	Clock clock.Clock
	// InMemory keeps everything in memory, for tests: nothing is on disk and Close forgets it.
	InMemory bool
	// Report is called with what goes wrong in the background; nil drops it.
	Report func(error)
	// CacheSize is how many bytes what is kept of the disk may take in memory, what is not written there yet included; 0: LargestCache.
	CacheSize int64

	fs           vfs.FS
	memTableSize uint64 // of tests that want tables on disk soon
}

// LargestCache is the CacheSize beyond which nothing gets faster that was measured, SmallestCache the one that lists and searches need.
const (
	LargestCache  = 40 << 20
	SmallestCache = 8 << 20
)

const (
	indexOnlyCache = 4 << 20 // what such a query leaves of the cache
	sweepInterval  = time.Minute
)

// memTable is how large a table in memory gets before it is written; Pebble takes its memory out of the cache.
func (o Options) memTable() uint64 { return uint64(o.CacheSize) * 2 / 5 }

// recentSize bounds what is kept of the documents used last, beside the cache.
func (o Options) recentSize() int { return int(o.CacheSize / 5) }

// Engine is an open folder. It implements store.Engine.
type Engine struct {
	db    *pdb.DB
	cache *pdb.Cache
	opts  Options
	guard *guard

	// life is held for reading by reads; what writes holds locks instead, because it may wait for the disk.
	life      sync.RWMutex
	closed    bool
	locks     locks
	committer *committer
	recent    *recent

	collections atomic.Pointer[map[string]*collection]
	catalog     catalog // belongs to who writes alone

	stopSweeping context.CancelFunc
	swept        chan struct{}
}

// Open opens the folder, making it if it is new. A folder in use by another process is refused.
func Open(dir string, opts Options) (*Engine, error) {
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if opts.Report == nil {
		opts.Report = func(error) {}
	}
	if opts.fs == nil {
		opts.fs = vfs.Default
	}
	if opts.InMemory {
		opts.fs = vfs.NewMem()
	}
	if opts.CacheSize == 0 {
		opts.CacheSize = LargestCache
	}
	if opts.memTableSize == 0 {
		opts.memTableSize = opts.memTable()
	}
	dir = filepath.Clean(dir)
	e := &Engine{
		opts: opts, cache: pdb.NewCache(opts.CacheSize), guard: newGuard(opts.fs, dir, opts.Report),
		locks: locks{waiting: map[document][]chan struct{}{}}, swept: make(chan struct{}), committer: newCommitter(),
		recent: newRecent(opts.recentSize()),
	}
	db, err := pdb.Open(dir, e.settings())
	if err != nil {
		e.cache.Unref()
		if errors.Is(err, syscall.EAGAIN) || strings.Contains(err.Error(), "lock held by current process") {
			return nil, fmt.Errorf("the store in %s is in use by another process", dir)
		}
		return nil, fmt.Errorf("open the store in %s: %w", dir, err)
	}
	e.db = db
	if err := e.loadCatalog(); err != nil {
		return nil, errors.Join(err, e.release())
	}
	e.guard.arm()
	go e.commitRegularly()
	ctx, cancel := context.WithCancel(context.Background())
	e.stopSweeping = cancel
	go e.sweepRegularly(ctx)
	return e, nil
}

func (e *Engine) settings() *pdb.Options {
	o := &pdb.Options{
		FS:                          e.guard,
		Cache:                       e.cache,
		MemTableSize:                e.opts.memTableSize,
		MemTableStopWritesThreshold: 4,
		MaxOpenFiles:                512,
		L0StopWritesThreshold:       40,
		FormatMajorVersion:          pdb.FormatNewest,
		Logger:                      logger{e},
	}
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		o.Levels[i].IndexBlockSize = 256 << 10 // one level of index a table: half the work of a look-up
	}
	o.EnsureDefaults()
	return o
}

// Close waits for the reads and writes under way and releases the folder. If the disk cannot be written it
// gives up waiting with ErrUnavailable, and the folder stays taken until the process ends.
func (e *Engine) Close() error {
	e.life.Lock()
	if e.closed {
		e.life.Unlock()
		return nil
	}
	e.closed = true
	e.life.Unlock()
	e.stopSweeping()
	<-e.swept
	return e.writingAlone(context.Background(), func() error {
		e.committer.close()
		return e.release()
	})
}

func (e *Engine) release() error {
	err := e.db.Close()
	e.cache.Unref()
	if err != nil {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// Ping reports whether the store can be read and written now.
func (e *Engine) Ping(context.Context) error {
	leave, err := e.enter()
	if err != nil {
		return err
	}
	defer leave()
	_, err = e.guard.state()
	return err
}

// enter keeps the database open until leave is called.
func (e *Engine) enter() (leave func(), err error) {
	e.life.RLock()
	if e.closed {
		e.life.RUnlock()
		return nil, fmt.Errorf("%w: closed", store.ErrUnavailable)
	}
	return e.life.RUnlock, nil
}

func (e *Engine) collection(name string) (*collection, error) {
	c := (*e.collections.Load())[name]
	if c == nil {
		return nil, fmt.Errorf("%w: collection %q is not declared", store.ErrBadQuery, name)
	}
	return c, nil
}

// Checkpoint writes a consistent copy of everything durable into a new folder, which Open opens.
func (e *Engine) Checkpoint(ctx context.Context, dir string) error {
	return e.writing(ctx, checkpointLock, func() error {
		if err := e.db.Checkpoint(dir, pdb.WithFlushedWAL()); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
		return nil
	})
}

// logger takes what Pebble has to say. Its Fatalf must not end the process: writing is over instead.
type logger struct{ e *Engine }

func (l logger) Infof(string, ...any) {}

func (l logger) Errorf(format string, args ...any) { l.e.opts.Report(fmt.Errorf(format, args...)) }

func (l logger) Fatalf(format string, args ...any) { l.e.guard.kill(fmt.Errorf(format, args...)) }
