package pebble

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"wasl/store"
)

// faultyDisk fails writing operations with its error, if it has one.
type faultyDisk struct {
	err   atomic.Pointer[error]
	kinds func(errorfs.OpKind) bool
}

func (d *faultyDisk) String() string { return "faulty disk" }

func (d *faultyDisk) MaybeError(op errorfs.Op) error {
	if err := d.err.Load(); err != nil && op.Kind.ReadOrWrite() == errorfs.OpIsWrite && (d.kinds == nil || d.kinds(op.Kind)) {
		return *err
	}
	return nil
}

func (d *faultyDisk) fail(err error) { d.err.Store(&err) }
func (d *faultyDisk) heal()          { d.err.Store(nil) }

// A full disk refuses to take bytes; what it took it also syncs.
func takesBytes(k errorfs.OpKind) bool {
	return k == errorfs.OpFileWrite || k == errorfs.OpFilePreallocate || k == errorfs.OpCreate || k == errorfs.OpReuseForWrite
}

func openOn(t *testing.T, disk *faultyDisk, inner vfs.FS) (*Engine, store.Collection[thing, *thing]) {
	t.Helper()
	e := open(t, "data", Options{fs: errorfs.Wrap(inner, disk)})
	e.guard.retry = func() <-chan time.Time { return time.After(time.Millisecond) }
	if err := e.Ensure(t.Context(), thingSchema); err != nil {
		t.Fatal(err)
	}
	return e, store.NewCollection[thing](e, thingSchema)
}

func newThing(n int) *thing {
	return &thing{Meta: store.Meta{ID: fmt.Sprintf("t_%06d", n)}, Owner: "a", Rank: n, Tags: []string{"x"}}
}

// A full disk refuses writes and keeps answering reads; with room again the store goes on by itself, and
// nothing acknowledged is lost.
func TestDiskFull(t *testing.T) {
	ctx, disk, inner := t.Context(), &faultyDisk{kinds: takesBytes}, vfs.NewMem()
	e, things := openOn(t, disk, inner)
	if err := e.Write(ctx, things.Insert(newThing(0))); err != nil {
		t.Fatal(err)
	}
	disk.fail(syscall.ENOSPC)
	var all sync.WaitGroup
	for n := range 50 {
		all.Go(func() {
			if err := e.Write(ctx, things.Insert(newThing(n+1))); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("write %d on a full disk: %v", n, err)
			}
		})
	}
	all.Wait()
	if err := e.Ping(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("ping on a full disk: %v", err)
	}
	if _, err := things.Get(ctx, "t_000000"); err != nil {
		t.Errorf("read on a full disk: %v", err)
	}

	disk.heal()
	waitUp(t, e)
	if err := e.Write(ctx, things.Insert(newThing(100))); err != nil {
		t.Fatalf("write after there was room again: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	_, things = openOn(t, disk, inner)
	for _, id := range []string{"t_000000", "t_000100"} {
		if _, err := things.Get(ctx, id); err != nil {
			t.Errorf("after opening again: %v", err)
		}
	}
}

// The disk fills up while tables are flushed and logs change, over and over: every acknowledged write is there.
func TestDiskFullAgainAndAgain(t *testing.T) {
	ctx, disk, inner := t.Context(), &faultyDisk{kinds: takesBytes}, vfs.NewMem()
	e, things := openOn(t, disk, inner)
	stop, filler := make(chan struct{}), sync.WaitGroup{}
	filler.Go(func() {
		for {
			select {
			case <-stop:
				disk.heal()
				return
			case <-time.After(3 * time.Millisecond):
				disk.fail(syscall.ENOSPC)
			}
			<-time.After(2 * time.Millisecond)
			disk.heal()
		}
	})
	var acknowledged sync.Map
	var refused atomic.Int64
	var writers sync.WaitGroup
	payload := make([]string, 300)
	for i := range payload {
		payload[i] = fmt.Sprintf("tag %d of a long list", i)
	}
	for w := range 8 {
		writers.Go(func() {
			for n := range 50 {
				one := newThing(w*1000 + n)
				one.Tags = payload
				for err := e.Write(ctx, things.Insert(one)); err != nil &&
					!errors.Is(err, store.ErrExists); err = e.Write(ctx, things.Insert(one)) {
					refused.Add(1)
					waitUp(t, e)
				}
				acknowledged.Store(one.ID, true)
			}
		})
	}
	writers.Wait()
	close(stop)
	filler.Wait()
	waitUp(t, e)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	_, things = openOn(t, disk, inner)
	count := 0
	for id := range acknowledged.Range {
		count++
		if _, err := things.Get(ctx, id.(string)); err != nil {
			t.Errorf("acknowledged, but %v", err)
		}
	}
	if count != 400 || refused.Load() == 0 {
		t.Fatalf("%d of 400 writes acknowledged after %d refusals", count, refused.Load())
	}
}

// After a sync that failed the store takes no more writes, does not hang and does not end the process.
func TestDiskBroken(t *testing.T) {
	for name, kinds := range map[string]func(errorfs.OpKind) bool{
		"everything": nil,
		"syncs":      func(k errorfs.OpKind) bool { return k == errorfs.OpFileSync || k == errorfs.OpFileSyncData },
		"writes":     func(k errorfs.OpKind) bool { return k == errorfs.OpFileWrite },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, disk := t.Context(), &faultyDisk{kinds: kinds}
			e, things := openOn(t, disk, vfs.NewMem())
			if err := e.Write(ctx, things.Insert(newThing(0))); err != nil {
				t.Fatal(err)
			}
			disk.fail(syscall.EIO)
			for n := range 3 {
				if err := e.Write(ctx, things.Insert(newThing(n+1))); !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("write on a broken disk: %v", err)
				}
			}
			disk.heal()
			if err := e.Write(ctx, things.Insert(newThing(9))); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("write after a failed sync: %v", err)
			}
			if _, err := things.Get(ctx, "t_000000"); err != nil {
				t.Errorf("read on a broken disk: %v", err)
			}
			if err := e.Close(); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("close on a broken disk: %v", err)
			}
		})
	}
}

// A backup that fails because its own disk is full does not stop the store.
func TestBackupDiskFull(t *testing.T) {
	ctx, disk := t.Context(), &faultyDisk{kinds: func(k errorfs.OpKind) bool { return k == errorfs.OpMkdirAll }}
	e, things := openOn(t, disk, vfs.NewMem())
	disk.fail(syscall.ENOSPC)
	if err := e.Checkpoint(ctx, "backup"); err == nil {
		t.Error("the backup succeeded")
	}
	if err := e.Write(ctx, things.Insert(newThing(1))); err != nil {
		t.Error(err)
	}
}

func waitUp(t *testing.T, e *Engine) {
	t.Helper()
	for e.Ping(t.Context()) != nil {
		if t.Context().Err() != nil {
			t.Fatal("the store stays down")
		}
		<-time.After(time.Millisecond)
	}
}
