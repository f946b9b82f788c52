package pebble

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"wasl/store"
)

// retryEvery is how often a full disk is tried again.
const retryEvery = 250 * time.Millisecond

// guard stands between Pebble and the disk, because Pebble ends the process when its log cannot be written. A
// full disk holds the operation until there is room again; any other failure to write holds it for good, for
// after a failed sync nobody knows what the disk kept. Meanwhile the store is down: reads go on, writes are refused.
type guard struct {
	vfs.FS
	dir    string // only what lies below matters: a backup may fail by itself
	report func(error)
	retry  func() <-chan time.Time

	mu      sync.Mutex
	armed   bool
	waiting int // operations that wait for room
	dead    bool
	cause   error
	down    chan struct{} // closed while down
}

func newGuard(inner vfs.FS, dir string, report func(error)) *guard {
	return &guard{
		FS: inner, dir: dir, report: report, down: make(chan struct{}),
		retry: func() <-chan time.Time { return time.After(retryEvery) },
	}
}

// arm begins the watch. Until then, while the folder is opened, errors go to the opener.
func (g *guard) arm() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.armed = true
}

// state returns a channel that closes when writing fails, and why it fails now.
func (g *guard) state() (down <-chan struct{}, cause error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.down, g.failure()
}

// failure is what writers are told, nil while up. It must be called with mu held.
func (g *guard) failure() error {
	if g.cause == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, g.cause)
}

// kill takes the store down for good.
func (g *guard) kill(cause error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dead = true
	g.fall(cause)
}

func (g *guard) fall(cause error) {
	if g.cause == nil {
		close(g.down)
		g.report(fmt.Errorf("the store cannot write: %w", cause))
	}
	g.cause = cause
}

// wait waits for room after a failed operation. It does not return if the disk is beyond waiting.
func (g *guard) wait(cause error, transient bool) {
	g.mu.Lock()
	g.fall(cause)
	if !transient {
		g.dead = true
		g.mu.Unlock()
		select {}
	}
	g.waiting++
	g.mu.Unlock()
	<-g.retry()
	g.mu.Lock()
	g.waiting--
	g.mu.Unlock()
}

// rise ends the state of being down once no operation waits for room any more.
func (g *guard) rise() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cause != nil && g.waiting == 0 && !g.dead {
		g.cause = nil
		g.down = make(chan struct{})
	}
}

// attempt runs an operation on the disk until it succeeds or fails in a way that Pebble expects.
func (g *guard) attempt(op func() error) error {
	for waited := false; ; waited = true {
		err := op()
		if err == nil {
			if waited {
				g.rise()
			}
			return nil
		}
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) || !g.isArmed() {
			return err
		}
		g.wait(err, transient(err))
	}
}

// sync is attempt for an operation that may not be repeated.
func (g *guard) sync(op func() error) error {
	err := op()
	if err != nil && g.isArmed() {
		g.wait(err, false)
	}
	return err
}

func (g *guard) isArmed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.armed
}

func transient(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (g *guard) below(name string) bool { return strings.HasPrefix(name, g.dir) }

// open opens a file that the guard watches if it lies below its folder.
func (g *guard) open(name string, op func() (vfs.File, error)) (vfs.File, error) {
	if !g.below(name) {
		return op()
	}
	var file vfs.File
	err := g.attempt(func() (err error) {
		file, err = op()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &guardedFile{file, g}, nil
}

// Create implements vfs.FS.
func (g *guard) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return g.open(name, func() (vfs.File, error) { return g.FS.Create(name, category) })
}

// OpenReadWrite implements vfs.FS.
func (g *guard) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return g.open(name, func() (vfs.File, error) { return g.FS.OpenReadWrite(name, category, opts...) })
}

// OpenDir implements vfs.FS.
func (g *guard) OpenDir(name string) (vfs.File, error) {
	return g.open(name, func() (vfs.File, error) { return g.FS.OpenDir(name) })
}

// ReuseForWrite implements vfs.FS.
func (g *guard) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return g.open(newname, func() (vfs.File, error) { return g.FS.ReuseForWrite(oldname, newname, category) })
}

// Rename implements vfs.FS.
func (g *guard) Rename(oldname, newname string) error {
	op := func() error { return g.FS.Rename(oldname, newname) }
	if !g.below(newname) {
		return op()
	}
	return g.attempt(op)
}

// Unwrap implements vfs.FS.
func (g *guard) Unwrap() vfs.FS { return g.FS }

type guardedFile struct {
	vfs.File
	g *guard
}

// Write implements vfs.File. What a full disk took of p is not written again.
func (f *guardedFile) Write(p []byte) (int, error) {
	written := 0
	err := f.g.attempt(func() error {
		n, err := f.File.Write(p[written:])
		written += n
		return err
	})
	return written, err
}

// WriteAt implements vfs.File.
func (f *guardedFile) WriteAt(p []byte, off int64) (int, error) {
	n := 0
	err := f.g.attempt(func() (err error) {
		n, err = f.File.WriteAt(p, off)
		return err
	})
	return n, err
}

// Preallocate implements vfs.File.
func (f *guardedFile) Preallocate(offset, length int64) error {
	return f.g.attempt(func() error { return f.File.Preallocate(offset, length) })
}

// Sync implements vfs.File.
func (f *guardedFile) Sync() error { return f.g.sync(f.File.Sync) }

// SyncData implements vfs.File.
func (f *guardedFile) SyncData() error { return f.g.sync(f.File.SyncData) }

// SyncTo implements vfs.File.
func (f *guardedFile) SyncTo(length int64) (full bool, err error) {
	err = f.g.sync(func() (err error) {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

// Close implements vfs.File.
func (f *guardedFile) Close() error { return f.g.sync(f.File.Close) }
