package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wasl/store"
)

func TestAllDeadLettersOfAChoiceAreReplayedOnce(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		var ran atomic.Int32
		var mended sync.Map
		run := Single(func(ctx context.Context, job *Job) error {
			ran.Add(1)
			if _, ok := mended.Load(job.Ref); !ok {
				return fmt.Errorf("%w: not yet", ErrDead)
			}
			return p.count(ctx, job)
		})
		p.Handle("k", Inbound, run)
		p.Handle("other", Inbound, run)
		p.serve(t, true)
		for n, kind := range []string{"k", "k", "other", "k"} {
			if err := p.submit(t.Context(), kind, fmt.Sprint("r", n), fmt.Sprint(n)); err != nil {
				t.Fatal(err)
			}
			settle(time.Second)
		}
		if n, err := p.CountDead(t.Context(), "w"); n != 4 || err != nil {
			t.Fatalf("%d dead letters, %v", n, err)
		}
		ran.Store(0)
		mended.Store("r0", true)
		mended.Store("r3", true)
		total, all := 0, DeadQuery{WorkspaceID: "w", Kind: "k", Limit: 1}
		for first := true; first || all.Cursor != ""; first = false {
			n, next, err := p.ReplayAll(t.Context(), all)
			if n > 1 || err != nil || total > 3 {
				t.Fatalf("%d replayed, %v", n, err)
			}
			total, all.Cursor = total+n, next
			settle(time.Minute)
		}
		if total != 3 {
			t.Errorf("%d replayed", total)
		}
		if n := ran.Load(); n != 3 {
			t.Errorf("%d ran again", n)
		}
		left, _, err := p.DeadLetters(t.Context(), DeadQuery{WorkspaceID: "w", Limit: 10})
		if err != nil || len(left) != 2 {
			t.Fatalf("%d are left, %v", len(left), err)
		}
		only, _, err := p.DeadLetters(t.Context(), DeadQuery{WorkspaceID: "w", Ref: "r1", Limit: 10})
		if err != nil || len(only) != 1 || only[0].Ref != "r1" || only[0].DiedAt.IsZero() {
			t.Errorf("%+v, %v", only, err)
		}
		if n, _, err := p.ReplayAll(t.Context(), DeadQuery{WorkspaceID: "another", Limit: 10}); n != 0 || err != nil {
			t.Errorf("another workspace replayed %d, %v", n, err)
		}
	})
}

func TestWhatIsDiscardedIsGoneButKnown(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, Single(func(context.Context, *Job) error { return ErrDead }))
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(time.Second)
		found, _, err := p.DeadLetters(t.Context(), DeadQuery{WorkspaceID: "w", Limit: 10})
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		job, err := p.DeadLetter(t.Context(), "w", found[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Discard(t.Context(), job, "usr_boss"); err != nil {
			t.Fatal(err)
		}
		wantNoJobs(t, disk)
		gone, _, err := p.DiscardedLetters(t.Context(), "w", "", 10)
		if err != nil || len(gone) != 1 || gone[0].By != "usr_boss" || gone[0].Job.ID != job.ID || gone[0].At.IsZero() {
			t.Errorf("%+v, %v", gone, err)
		}
		if other, _, err := p.DiscardedLetters(t.Context(), "v", "", 10); err != nil || len(other) != 0 {
			t.Errorf("another workspace sees %d", len(other))
		}
	})
}

func TestADeadLetterSaysWhy(t *testing.T) {
	for _, c := range []struct {
		err    error
		reason string
		detail string
	}{
		{fmt.Errorf("%w: %w", ErrDead, errors.New("no JSON")), NotUnderstood, "no JSON"},
		{fmt.Errorf("%w: panic: %v", ErrDead, "index"), Broken, "panic: index"},
		{errors.New("panic: nil map"), Broken, "panic: nil map"},
		{fmt.Errorf("%w: %w", ErrDead, store.ErrNotFound), Missing, "store: not found"},
		{errors.New("the provider does not answer"), GaveUp, "the provider does not answer"},
	} {
		if reason, detail := (&Job{Error: c.err.Error()}).Reason(); reason != c.reason || detail != c.detail {
			t.Errorf("%v: %s, %s", c.err, reason, detail)
		}
	}
}

// Pages of what two choices select follow one another.
func TestDeadLettersOfAKindAndAThingComeInPages(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, Single(func(context.Context, *Job) error { return ErrDead }))
		p.serve(t, true)
		for n := range 3 {
			if err := p.submit(t.Context(), "k", "r", fmt.Sprint(n)); err != nil {
				t.Fatal(err)
			}
			settle(time.Second)
		}
		for range 10 { // a cursor that is refused only now and then is found
			found, q := 0, DeadQuery{WorkspaceID: "w", Kind: "k", Ref: "r", Limit: 1}
			for first := true; first || q.Cursor != ""; first = false {
				page, next, err := p.DeadLetters(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				found, q.Cursor = found+len(page), next
			}
			if found != 3 {
				t.Errorf("%d dead letters", found)
			}
		}
	})
}
