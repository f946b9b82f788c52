package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"wasl/store"
	"wasl/store/storetest"
)

// Whoever hands a job over is told that it is sure only when it is: done, or stored and done later.
func TestAJobThatWasTakenIsDoneOrStored(t *testing.T) {
	for name, test := range map[string]struct {
		first error // of the first attempt; the virtual day is the first of 2000
		fails int   // which write of the store is cut off
		sure  bool
		kept  int // jobs in the store at once
	}{
		"done at once":        {sure: true},
		"failed, to go again": {first: errors.New("not now"), sure: true, kept: 1},
		"put off by itself": {
			first: &Later{At: time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC), Reason: "too early"}, sure: true,
			kept: 1,
		},
		"never to succeed":              {first: ErrDead, sure: true, kept: 1},
		"its write failed":              {fails: 1, sure: true, kept: 1},
		"failed, and could not be kept": {first: errors.New("not now"), fails: 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, disk store.Engine) {
				p := newProcess(disk, "p")
				attempts := 0
				p.Handle("x", Inbound, Single(func(ctx context.Context, job *Job) error {
					if attempts++; attempts == 1 && test.first != nil {
						return test.first
					}
					return p.engine.Write(ctx, p.effects.Insert(&effect{Meta: store.Meta{ID: "x"}, Count: 1}))
				}))
				p.serve(t, true)
				if test.fails > 0 {
					p.engine.Fail(p.engine.Writes()+test.fails, storetest.Cut)
				}
				err := p.Take(t.Context(), Spec{Kind: "x", WorkspaceID: "w", Ref: "x", Payload: []byte("payload")})
				if (err == nil) != test.sure || (err != nil && !errors.Is(err, store.ErrUnavailable)) {
					t.Errorf("told %v", err)
				}
				if kept := left(t, disk); len(kept) != test.kept || (len(kept) == 1 && string(kept[0].Payload) != "payload") {
					t.Errorf("%d jobs are stored", len(kept))
				}
				settle(2 * time.Hour)
				if want := test.sure && !errors.Is(test.first, ErrDead); (counted(t, disk, "x") == 1) != want {
					t.Errorf("done: %v", !want)
				}
				p.stop()
				if err := p.Take(t.Context(), Spec{Kind: "x", WorkspaceID: "w", Ref: "x", Payload: nil}); !errors.Is(err,
					store.ErrUnavailable) {
					t.Errorf("while stopping: %v", err)
				}
			})
		})
	}
}

// Under a long backlog a job is stored first, so that nobody waits for its turn.
func TestUnderABacklogAJobIsStoredFirst(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "p")
		blocked := make(chan struct{})
		p.Handle("x", Inbound, Single(func(context.Context, *Job) error { <-blocked; return nil }))
		p.serve(t, true)
		p.classes[Inbound].active.Add(eager)
		if err := p.Take(t.Context(), Spec{Kind: "x", WorkspaceID: "w", Ref: "x", Payload: nil}); err != nil {
			t.Fatal(err)
		}
		if n := len(left(t, disk)); n != 1 {
			t.Errorf("%d jobs are stored", n)
		}
		close(blocked)
		p.classes[Inbound].active.Add(-eager)
		settle(time.Second)
		wantNoJobs(t, disk)
	})
}

// While instances are replaced one after the other, what only the newer version knows waits for it, and nothing becomes a dead letter.
func TestAnOlderVersionLeavesNewKindsToTheNewerOne(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		older, newer := newProcess(disk, "older"), newProcess(disk, "newer")
		older.Handle("x", Inbound, Single(func(context.Context, *Job) error { return nil }))
		older.serve(t, false)
		newer.Handle("new", Timer, Single(func(ctx context.Context, job *Job) error {
			return newer.engine.Write(ctx, newer.effects.Insert(&effect{Meta: store.Meta{ID: "done"}, Count: 1}))
		}))
		_, changes := newer.New(Spec{Kind: "new", WorkspaceID: "w", Ref: "x"})
		if err := disk.Write(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
		settle(2 * time.Minute) // its lease lapses, and the older version finds it
		if kept := left(t, disk); len(kept) != 1 || kept[0].State != Ready || kept[0].Class != Timer {
			t.Fatalf("the older version left %+v", kept)
		}
		newer.serve(t, false)
		settle(2 * time.Minute)
		if counted(t, disk, "done") != 1 {
			t.Error("the newer version did not do it")
		}
		orphan := newer.job(Spec{Kind: "nobody's", WorkspaceID: "w", Ref: "x"})
		orphan.RunAt, orphan.CreatedAt = newer.clock.Now(), newer.clock.Now().Add(-25*time.Hour)
		if err := disk.Write(t.Context(), newer.jobs.Insert(orphan)); err != nil {
			t.Fatal(err)
		}
		settle(2 * time.Minute)
		if kept := left(t, disk); len(kept) != 1 || kept[0].State != Dead {
			t.Errorf("what nobody knows for a day is %+v", kept)
		}
		older.stop()
		newer.stop()
	})
}
