package pebble

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"wasl/store"
)

// The environment that makes the test binary a child that writes until it is killed.
const (
	childDir   = "WASL_TEST_CRASH_DIR"
	childPoint = "WASL_TEST_CRASH_POINT"
	childRound = "WASL_TEST_CRASH_ROUND"
)

// crashPoint names an operation on the disk at which the child dies.
type crashPoint struct {
	kind errorfs.OpKind
	file string // part of its name
	nth  int64
}

var crashPoints = map[string]crashPoint{
	"before a log write":       {errorfs.OpFileWrite, ".log", 300},
	"before a log sync":        {errorfs.OpFileSyncData, ".log", 200},
	"before a new log":         {errorfs.OpCreate, ".log", 2},
	"while a table is written": {errorfs.OpFileWrite, ".sst", 2},
	"before a table is synced": {errorfs.OpFileSyncData, ".sst", 1},
	"before the manifest grew": {errorfs.OpFileWrite, "MANIFEST", 2},
	"before a manifest sync":   {errorfs.OpFileSync, "MANIFEST", 2},
	"before a log is removed":  {errorfs.OpRemove, "", 1},
}

// killer ends the process at its point.
type killer struct {
	crashPoint
	left atomic.Int64
}

func (k *killer) String() string { return "killer" }

func (k *killer) MaybeError(op errorfs.Op) error {
	if op.Kind == k.kind && strings.Contains(op.Path, k.file) && k.left.Add(-1) == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return nil
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		writeUntilKilled(dir)
		return
	}
	os.Exit(m.Run())
}

// pair is written in twos: a write inserts one and raises the other, which counts the insertions of its writer.
func pairSchema() store.Schema {
	return store.Schema{
		Name:    "pairs",
		Indexes: []store.Index{{Name: "owner", Fields: []store.Field{store.Asc("owner"), store.Asc("rank")}}},
	}
}

func writeUntilKilled(dir string) {
	inner := vfs.Default
	if p, ok := crashPoints[os.Getenv(childPoint)]; ok {
		k := &killer{crashPoint: p}
		k.left.Store(p.nth)
		inner = errorfs.Wrap(inner, k)
	}
	e, err := Open(dir, Options{fs: inner, memTableSize: 1 << 20})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	if err := e.Ensure(context.Background(), pairSchema()); err != nil {
		fmt.Println("error", err)
		return
	}
	var out sync.Mutex
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() { writePairs(e, fmt.Sprintf("%s_%d", os.Getenv(childRound), w), &out) })
	}
	all.Wait()
}

func writePairs(e *Engine, writer string, out *sync.Mutex) {
	pairs := store.NewCollection[thing](e, pairSchema())
	counter := &thing{Meta: store.Meta{ID: "counter_" + writer}, Owner: "counters"}
	if err := e.Write(context.Background(), pairs.Insert(counter)); err != nil {
		fmt.Println("error", err)
		return
	}
	for n := 1; ; n++ {
		one := &thing{
			Meta: store.Meta{ID: fmt.Sprintf("%s_%06d", writer, n)}, Owner: writer, Rank: n,
			Tags: []string{strings.Repeat("long text ", 20)},
		}
		counter.Rank = n
		if err := e.Write(context.Background(), pairs.Insert(one), pairs.Replace(counter)); err != nil {
			fmt.Println("error", err)
			return
		}
		out.Lock()
		fmt.Println("ack", writer, n)
		out.Unlock()
	}
}

// runChild starts a child on the folder, kills it after that many acknowledgements unless it dies by itself, and
// returns how much of each writer was acknowledged.
func runChild(t *testing.T, dir, point string, round, killAfter int) map[string]int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childPoint+"="+point, fmt.Sprintf("%s=%d", childRound, round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acked, count := map[string]int{}, 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var writer string
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "ack %s %d", &writer, &n); err != nil {
			t.Errorf("the child says %q", lines.Text())
			continue
		}
		acked[writer] = n
		if count++; count == killAfter {
			_ = cmd.Process.Kill()
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return acked
}

// checkPairs finds every acknowledged write whole, and no write half done.
func checkPairs(t *testing.T, e *Engine, acked map[string]int) {
	t.Helper()
	pairs := store.NewCollection[thing](e, pairSchema())
	for writer, n := range acked {
		counter, err := pairs.Get(t.Context(), "counter_"+writer)
		if err != nil {
			t.Fatal(err)
		}
		if counter.Rank < n {
			t.Errorf("%s: %d writes acknowledged, %d there", writer, n, counter.Rank)
		}
		if counter.Version != int64(counter.Rank)+1 {
			t.Errorf("%s: version %d of %d writes", writer, counter.Version, counter.Rank)
		}
		next := 1
		err = pairs.Each(t.Context(), store.Query{Index: "owner", Eq: []any{writer}, Limit: 500}, func(p *thing) error {
			if p.Rank != next {
				return fmt.Errorf("%s: number %d follows %d", writer, p.Rank, next-1)
			}
			next++
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if next-1 != counter.Rank {
			t.Errorf("%s: %d documents, but the write of the last counted %d: half a write", writer, next-1, counter.Rank)
		}
	}
}

// A process killed at any moment loses nothing that it acknowledged and leaves nothing half done.
func TestKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	acked := map[string]int{}
	round := 0
	run := func(point string, killAfter int) {
		round++
		for writer, n := range runChild(t, dir, point, round, killAfter) {
			acked[writer] = n
		}
		e := open(t, dir, Options{})
		checkPairs(t, e, acked)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 6 {
		run("", 1+rand.IntN(1500))
	}
	for point := range crashPoints {
		t.Run(point, func(*testing.T) { run(point, -1) })
	}
	if len(acked) == 0 {
		t.Fatal("nothing was acknowledged, so this test showed nothing")
	}
}

// A machine that loses power keeps every acknowledged write: what is acknowledged was synced.
func TestPowerLoss(t *testing.T) {
	disk := vfs.NewCrashableMem()
	e := open(t, "data", Options{fs: disk})
	if err := e.Ensure(t.Context(), pairSchema()); err != nil {
		t.Fatal(err)
	}
	pairs := store.NewCollection[thing](e, pairSchema())
	counter := &thing{Meta: store.Meta{ID: "counter_w"}, Owner: "counters"}
	if err := e.Write(t.Context(), pairs.Insert(counter)); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 60; n++ {
		one := &thing{Meta: store.Meta{ID: fmt.Sprintf("w_%06d", n)}, Owner: "w", Rank: n}
		counter.Rank = n
		if err := e.Write(t.Context(), pairs.Insert(one), pairs.Replace(counter)); err != nil {
			t.Fatal(err)
		}
		if n%5 != 0 {
			continue
		}
		after := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: n % 100, RNG: rand.New(rand.NewPCG(1, uint64(n)))})
		again := open(t, "data", Options{fs: after})
		checkPairs(t, again, map[string]int{"w": n})
	}
}

// A build of an index that a crash cut short is done again from the start.
func TestCrashInIndexBuild(t *testing.T) {
	disk := vfs.NewCrashableMem()
	e := open(t, "data", Options{fs: disk})
	bare := store.Schema{Name: thingSchema.Name}
	if err := e.Ensure(t.Context(), bare); err != nil {
		t.Fatal(err)
	}
	things := store.NewCollection[thing](e, bare)
	for n := range 20 {
		if err := e.Write(t.Context(), things.Insert(newThing(n))); err != nil {
			t.Fatal(err)
		}
	}
	built := []indexEntry{{Number: e.catalog.Next, Index: thingSchema.Indexes[0]}}
	if err := e.build(t.Context(), prefixOf(spaceDocument, 0), built); err != nil {
		t.Fatal(err)
	}
	last, err := things.Get(t.Context(), newThing(19).ID)
	if err != nil {
		t.Fatal(err)
	}
	// The catalog was not saved. This deletion, of a process that does not know the index, leaves its entry behind.
	if err := e.Write(t.Context(), things.Delete(last)); err != nil {
		t.Fatal(err)
	}
	e = open(t, "data", Options{fs: disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 2))})})
	if err := e.Ensure(t.Context(), thingSchema); err != nil {
		t.Fatal(err)
	}
	if n, err := e.Count(t.Context(), "things", store.Query{Index: "owner_rank", Eq: []any{"a"}}, 100); err != nil || n != 19 {
		t.Errorf("%d entries, want 19 (%v)", n, err)
	}
	if _, err := e.Find(t.Context(), "things", store.Query{Index: "owner_rank", Eq: []any{"a"}, Limit: 100}); err != nil {
		t.Error(err)
	}
}

// No cursor, whatever a stranger sends, makes the store panic or leave the query's own documents.
func FuzzCursor(f *testing.F) {
	e, err := Open("fuzz", Options{InMemory: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	if err := e.Ensure(f.Context(), thingSchema); err != nil {
		f.Fatal(err)
	}
	things := store.NewCollection[thing](e, thingSchema)
	for n := range 20 {
		one := newThing(n)
		one.Owner = string(rune('a' + n%2))
		if err := e.Write(f.Context(), things.Insert(one)); err != nil {
			f.Fatal(err)
		}
	}
	queries := []store.Query{
		{Index: "owner_rank", Eq: []any{"a"}, Limit: 3},
		{Index: "owner_rank", Eq: []any{store.In{"a"}}, Range: &store.Range{From: 2}, Reverse: true, Limit: 3},
	}
	for _, q := range queries {
		page, err := e.Find(f.Context(), "things", q)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(page.NextCursor, []byte{1})
	}
	f.Fuzz(func(t *testing.T, cursor string, tail []byte) {
		for _, q := range queries {
			first, err := e.Find(t.Context(), "things", q)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []string{cursor, first.NextCursor[:10] + cursor, withTail(first.NextCursor, tail)} {
				q.Cursor = c
				found, _, err := things.Find(t.Context(), q)
				if err != nil && !errors.Is(err, store.ErrBadCursor) {
					t.Fatalf("cursor %q: %v", c, err)
				}
				for _, one := range found {
					if one.Owner != "a" {
						t.Fatalf("cursor %q left the query", c)
					}
				}
			}
		}
	})
}

// withTail keeps the part of a cursor that names its query and replaces the position.
func withTail(cursor string, tail []byte) string {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(append(raw[:8], tail...))
}

// A folder that another process has open is refused in one line.
func TestFolderOfAnotherProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		t.Fatal("the child says nothing")
	}
	_, err = Open(dir, Options{})
	if err == nil || err.Error() != "the store in "+dir+" is in use by another process" {
		t.Error(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
