// Package pebble is the embedded storage engine: a folder on this machine, owned by one process. Documents lie as
// BSON under their id, index entries beside them as keys that sort as their values do; a write is one synced
// batch. The underlying library is CockroachDB's Pebble.
package pebble

import (
	"context"
	"errors"
	"fmt"
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

	fs vfs.FS
}

const (
	cacheSize     = 16 << 20
	memTableSize  = 8 << 20
	sweepInterval = time.Minute
	stripes       = 1024
)

// Engine is an open folder. It implements store.Engine.
type Engine struct {
	db     *pdb.DB
	cache  *pdb.Cache
	opts   Options
	health health

	// mu is held for reading by everything that uses the database, for writing by Ensure and Close.
	mu          sync.RWMutex
	closed      bool
	collections map[string]*collection
	catalog     catalog
	locks       [stripes]sync.Mutex

	stop chan struct{}
	done chan struct{}
}

// health remembers that the database can no longer write.
type health struct{ cause atomic.Pointer[error] }

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
	e := &Engine{opts: opts, cache: pdb.NewCache(cacheSize), stop: make(chan struct{}), done: make(chan struct{})}
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
	go e.sweepRegularly()
	return e, nil
}

func (e *Engine) settings() *pdb.Options {
	o := &pdb.Options{
		FS:                          e.opts.fs,
		Cache:                       e.cache,
		MemTableSize:                memTableSize,
		MemTableStopWritesThreshold: 4,
		MaxOpenFiles:                512,
		L0StopWritesThreshold:       40,
		FormatMajorVersion:          pdb.FormatNewest,
		Logger:                      logger{e},
	}
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	o.EnsureDefaults()
	return o
}

// Close waits for the writes under way and releases the folder.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	e.mu.Unlock()
	close(e.stop)
	<-e.done
	return e.release()
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
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.usable()
}

// usable must be called with mu held.
func (e *Engine) usable() error {
	if e.closed {
		return fmt.Errorf("%w: closed", store.ErrUnavailable)
	}
	if cause := e.health.cause.Load(); cause != nil {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, *cause)
	}
	return nil
}

// Checkpoint writes a consistent copy of everything durable into a new folder, which Open opens.
func (e *Engine) Checkpoint(dir string) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if err := e.usable(); err != nil {
		return err
	}
	if err := e.db.Checkpoint(dir, pdb.WithFlushedWAL()); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// logger takes what Pebble has to say. Its Fatalf must not end the process: the store becomes unavailable instead.
type logger struct{ e *Engine }

func (l logger) Infof(string, ...any) {}

func (l logger) Errorf(format string, args ...any) { l.e.opts.Report(fmt.Errorf(format, args...)) }

func (l logger) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if l.e.health.cause.CompareAndSwap(nil, &err) {
		l.e.opts.Report(err)
	}
}
