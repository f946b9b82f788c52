package jobs

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wasl/store"
)

// read counts the bytes that are read of a store.
type read struct {
	store.Engine
	bytes atomic.Int64
}

func (r *read) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	page, err := r.Engine.Find(ctx, collection, q)
	for _, doc := range page.Docs {
		r.bytes.Add(int64(len(doc.Data)))
	}
	return page, err
}

func rows(t *testing.T, disk store.Engine, collection string) int {
	t.Helper()
	page, err := disk.Find(t.Context(), collection, store.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Docs)
}

// TestLargePayloadsAreReadWhenTheirJobsRun: neither looking for jobs nor counting them reads them, and only so many are under way
// as there is memory for.
func TestLargePayloadsAreReadWhenTheirJobsRun(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		const n, size = 12, 7 << 20
		first := newProcess(disk, "first")
		first.Handle("k", Inbound, Single(first.count))
		for i := range n {
			payload := bytes.Repeat([]byte{byte(i)}, size)
			_, insert := first.New(Spec{Kind: "k", WorkspaceID: "w", Ref: "x", Share: "c", Payload: payload, Key: []string{fmt.Sprint(i)}})
			if err := disk.Write(t.Context(), insert...); err != nil { // and then the instance dies
				t.Fatal(err)
			}
		}
		counting := &read{Engine: disk}
		second := newProcess(counting, "second")
		var mu sync.Mutex
		seen := map[byte]bool{}
		most := int64(0)
		second.Handle("k", Inbound, func(job *Job) ([]Task, error) {
			return []Task{{Run: func(context.Context, *Job) error {
				time.Sleep(10 * time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				most = max(most, second.bytes.Load())
				if len(job.Payload) == size && job.Payload[size-1] == job.Payload[0] {
					seen[job.Payload[0]] = true
				}
				return nil
			}}}, nil
		})
		backlog, err := second.Backlog(t.Context(), "k")
		if err != nil || backlog["x"].Count != n {
			t.Errorf("counted %+v, %v", backlog, err)
		}
		second.serve(t, false)
		settle(2 * lease)
		if len(seen) != n {
			t.Errorf("%d of %d ran with their payload", len(seen), n)
		}
		if got := counting.bytes.Load(); got > 1<<20 {
			t.Errorf("%d bytes were read to find and count them", got)
		}
		if most > maxPayloads {
			t.Errorf("%d bytes were under way at once", most)
		}
		wantNoJobs(t, disk)
		if left := rows(t, disk, "job_payloads"); left != 0 {
			t.Errorf("%d payloads are left", left)
		}
	})
}

func TestALargePayloadOutlivesADeadLetterThatIsDiscarded(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, Single(func(context.Context, *Job) error { return ErrDead }))
		p.serve(t, true)
		payload := bytes.Repeat([]byte("p"), inline+1)
		spec := Spec{Kind: "k", WorkspaceID: "w", Ref: "x", Payload: payload, Key: []string{"x"}}
		if err := p.Take(t.Context(), spec); err != nil { // nothing of it was stored before it failed
			t.Fatal(err)
		}
		settle(time.Second)
		found, _, err := p.DeadLetters(t.Context(), DeadQuery{WorkspaceID: "w", Limit: 10})
		if err != nil || len(found) != 1 || len(found[0].Payload) != 0 {
			t.Fatalf("%d dead letters, %v", len(found), err)
		}
		if got, err := p.Payload(t.Context(), found[0]); err != nil || !bytes.Equal(got, payload) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		one, err := p.DeadLetter(t.Context(), "w", found[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Discard(t.Context(), one, "usr_boss"); err != nil {
			t.Fatal(err)
		}
		gone, _, err := p.DiscardedLetters(t.Context(), "w", "", 10)
		if err != nil || len(gone) != 1 {
			t.Fatal(gone, err)
		}
		if got, err := p.Payload(t.Context(), &gone[0].Job); err != nil || !bytes.Equal(got, payload) {
			t.Errorf("after it was discarded: %d bytes, %v", len(got), err)
		}
		if err := p.Take(t.Context(), spec); err != nil { // the same once more is not in the way of what is kept
			t.Error(err)
		}
		settle(KeepDiscarded / (24 * 60 * 60)) // a while
		if n, err := p.CountDead(t.Context(), "w"); n != 1 || err != nil {
			t.Errorf("%d dead letters, %v", n, err)
		}
	})
}

func TestJobsFromBeforeClassesAreUpgradedAndRun(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		large := bytes.Repeat([]byte("p"), 1<<20)
		for n, payload := range [][]byte{[]byte("small"), large} {
			old := &Job{
				Meta: store.Meta{ID: ID("k", fmt.Sprint(n))}, Kind: "k", WorkspaceID: "w", Ref: fmt.Sprint("x",
					n), State: Ready, RunAt: time.Now(), Payload: payload,
				CreatedAt: time.Now(),
			}
			if err := disk.Write(t.Context(), p.jobs.Insert(old)); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // it may begin anew
			if err := Upgrade.Run(t.Context(), disk, nil); err != nil {
				t.Fatal(err)
			}
		}
		if n := rows(t, disk, "job_payloads"); n != 1 {
			t.Errorf("%d payloads are stored apart", n)
		}
		sizes := map[string]int{}
		var mu sync.Mutex // the two run side by side
		p.Handle("k", Send, Single(func(ctx context.Context, job *Job) error {
			mu.Lock()
			sizes[job.Ref] = len(job.Payload)
			mu.Unlock()
			return p.count(ctx, job)
		}))
		p.serve(t, true)
		settle(time.Second)
		if sizes["x0"] != 5 || sizes["x1"] != 1<<20 {
			t.Errorf("they ran with %v", sizes)
		}
		wantNoJobs(t, disk)
		if n := rows(t, disk, "job_payloads"); n != 0 {
			t.Errorf("%d payloads are left", n)
		}
	})
}

// TestInstancesShareWhatIsDue: each job runs once, and they are claimed in pages, not one by one.
func TestInstancesShareWhatIsDue(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		const n = 1000
		var procs []*process
		for _, owner := range []string{"one", "two", "three"} {
			p := newProcess(disk, owner)
			p.Handle("k", Bulk, func(*Job) ([]Task, error) { return []Task{{Run: p.count}}, nil })
			procs = append(procs, p)
		}
		var changes []store.Change
		for i := range n {
			changes = append(changes, procs[0].At(time.Now(),
				Spec{Kind: "k", WorkspaceID: "w", Ref: fmt.Sprint(i), Key: []string{fmt.Sprint(i)}})...)
		}
		if err := disk.Write(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
		for _, p := range procs {
			p.serve(t, false)
		}
		settle(10 * time.Second)
		for i := range n {
			if c := counted(t, disk, fmt.Sprint(i)); c != 1 {
				t.Fatalf("%d was done %d times", i, c)
			}
		}
		wantNoJobs(t, disk)
		writes := 0
		for _, p := range procs {
			writes += p.engine.Writes()
		}
		if writes > n+n/4 {
			t.Errorf("%d writes for %d jobs", writes, n)
		}
	})
}
