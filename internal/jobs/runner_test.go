package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wasl/store"
	"wasl/store/storetest"
)

func TestALaneKeepsTheOrderOfItsJobsAndLanesRunInParallel(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		var mu sync.Mutex
		order, now, most := map[string][]string{}, 0, 0
		p.Handle("k", Inbound, func(job *Job) ([]Task, error) {
			lane := job.Ref[:1]
			return []Task{{Lane: lane, Run: func(context.Context, *Job) error {
				mu.Lock()
				order[lane] = append(order[lane], job.Ref)
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				mu.Lock()
				now--
				mu.Unlock()
				return nil
			}}}, nil
		})
		p.serve(t, true)
		want := map[string][]string{}
		for n := range 10 {
			for _, lane := range []string{"a", "b", "c"} {
				ref := fmt.Sprintf("%s%d", lane, n)
				want[lane] = append(want[lane], ref)
				if err := p.submit(t.Context(), "k", ref, ref); err != nil {
					t.Fatal(err)
				}
			}
		}
		settle(1100 * time.Millisecond)
		for lane := range want {
			if !slices.Equal(order[lane], want[lane]) {
				t.Errorf("lane %s ran %v", lane, order[lane])
			}
		}
		if most != 3 {
			t.Errorf("%d ran at the same time, want one of each lane", most)
		}
		wantNoJobs(t, disk)
	})
}

func TestWhatRunsAtTheSameTimeIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		var mu sync.Mutex
		now, most := 0, 0
		p.Handle("k", Inbound, func(*Job) ([]Task, error) {
			return []Task{{Run: func(context.Context, *Job) error {
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				now--
				mu.Unlock()
				return nil
			}}}, nil
		})
		p.serve(t, true)
		for n := range 300 {
			if err := p.submit(t.Context(), "k", "x", fmt.Sprint(n)); err != nil {
				t.Fatal(err)
			}
		}
		settle(time.Minute)
		if most != 128 { // of one channel: half of the class's slots
			t.Errorf("%d ran at the same time", most)
		}
		wantNoJobs(t, disk)
	})
}

func TestLaterIsNoFailure(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		start, runs := time.Now(), []time.Duration{}
		p.Handle("k", Inbound, Single(func(_ context.Context, job *Job) error {
			runs = append(runs, time.Since(start).Round(time.Second))
			if job.Attempts != 0 {
				t.Errorf("attempts %d", job.Attempts)
			}
			if len(runs) < 3 {
				return fmt.Errorf("wrapped: %w", &Later{At: time.Now().Add(time.Minute), Reason: "not yet"})
			}
			return nil
		}))
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(3 * time.Minute)
		if want := []time.Duration{0, time.Minute, 2 * time.Minute}; !slices.Equal(runs, want) {
			t.Errorf("ran after %v, want %v", runs, want)
		}
		wantNoJobs(t, disk)
	})
}

func TestAFailureIsRepeatedWithGrowingPausesAndThenDead(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		var pauses []time.Duration
		last := time.Now()
		p.Handle("k", Inbound, Single(func(context.Context, *Job) error {
			pauses = append(pauses, time.Since(last).Round(time.Second))
			last = time.Now()
			return errors.New("no luck")
		}))
		var told []Job
		p.OnDead(func(j Job) { told = append(told, j) })
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(3 * time.Minute)
		if len(pauses) != 8 {
			t.Fatalf("%d attempts in three minutes", len(pauses))
		}
		for n, seconds := range []int{0, 1, 2, 4, 8, 16, 32, 64} {
			want := time.Duration(seconds) * time.Second
			if got := pauses[n]; got < want || got > want+time.Second {
				t.Errorf("pause %d: %v, want about %v", n, got, want)
			}
		}
		jobs := left(t, disk)
		jobs[0].Attempts, jobs[0].RunAt = maxAttempts-1, time.Now() // as after some hours
		if err := disk.Write(t.Context(), p.jobs.Replace(jobs[0])); err != nil {
			t.Fatal(err)
		}
		settle(2 * pollEvery)
		if got := backoff(maxAttempts); got != maxBackoff {
			t.Errorf("the longest pause is %v", got)
		}
		jobs = left(t, disk)
		if len(told) != 1 || len(jobs) != 1 || jobs[0].State != Dead || jobs[0].Error != "no luck" {
			t.Errorf("told of %d dead letters, stored %+v", len(told), jobs)
		}
	})
}

func TestWhatCannotSucceedIsADeadLetterAtOnce(t *testing.T) {
	for name, plan := range map[string]Plan{
		"a plan that fails":  func(*Job) ([]Task, error) { return nil, errors.New("not a body") },
		"a plan that panics": func(*Job) ([]Task, error) { panic("plan") },
		"a task that says so": Single(func(context.Context, *Job) error {
			return fmt.Errorf("%w: nothing to do", ErrDead)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, disk store.Engine) {
				p := newProcess(disk, "one")
				p.Handle("k", Inbound, plan)
				told := 0
				p.OnDead(func(Job) { told++ })
				p.serve(t, true)
				if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
					t.Fatal(err)
				}
				settle(time.Second)
				if jobs := left(t, disk); told != 1 || len(jobs) != 1 || jobs[0].State != Dead || jobs[0].Error == "" {
					t.Errorf("told of %d dead letters, stored %+v", told, jobs)
				}
			})
		})
	}
}

func TestAPlanWithoutTheStoreIsRepeated(t *testing.T) {
	for _, cause := range []error{store.ErrUnavailable, context.DeadlineExceeded} {
		bubble(t, func(t *testing.T, disk store.Engine) {
			p := newProcess(disk, "one")
			plans := 0
			p.Handle("k", Inbound, func(job *Job) ([]Task, error) {
				if plans++; plans == 1 {
					return nil, fmt.Errorf("reading: %w", cause)
				}
				return Single(p.count)(job)
			})
			p.serve(t, true)
			if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
				t.Fatal(err)
			}
			settle(5 * time.Second)
			if n := counted(t, disk, "x"); n != 1 {
				t.Errorf("%v: effect %d times", cause, n)
			}
			wantNoJobs(t, disk)
		})
	}
}

func TestATaskThatPanicsIsRepeated(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		runs := 0
		p.Handle("k", Inbound, Single(func(ctx context.Context, job *Job) error {
			if runs++; runs == 1 {
				panic("task")
			}
			return p.count(ctx, job)
		}))
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(5 * time.Second)
		if n := counted(t, disk, "x"); n != 1 || runs != 2 {
			t.Errorf("effect %d times in %d runs", n, runs)
		}
		wantNoJobs(t, disk)
	})
}

func TestADeadTaskDoesNotTakeTheOthersRepetitionAway(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		runs := map[string]int{}
		var mu sync.Mutex
		task := func(key string, outcome func(run int) error) Task {
			return Task{Key: key, Lane: "one", Run: func(context.Context, *Job) error {
				mu.Lock()
				defer mu.Unlock()
				runs[key]++
				return outcome(runs[key])
			}}
		}
		p.Handle("k", Inbound, func(*Job) ([]Task, error) {
			return []Task{
				task("waits", func(run int) error {
					if run < 3 {
						return &Later{At: time.Now().Add(time.Second)}
					}
					return nil
				}),
				task("dead", func(int) error { return ErrDead }),
				task("good", func(int) error { return nil }),
			}, nil
		})
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(time.Minute)
		if runs["waits"] != 3 || runs["good"] != 1 {
			t.Errorf("runs: %v; want waits 3 times, and good only once", runs)
		}
		if jobs := left(t, disk); len(jobs) != 1 || jobs[0].State != Dead {
			t.Errorf("left: %+v; want the dead letter", jobs)
		}
	})
}

// TestWhatStandsBehindWaitsForTheStoreToo: else a job that is then given up, and brought again, would be done in another order.
func TestWhatStandsBehindWaitsForTheStoreToo(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		var mu sync.Mutex
		var runs []string
		task := func(lane, key string, first error) Task {
			return Task{Lane: lane, Key: key, Run: func(context.Context, *Job) error {
				mu.Lock()
				defer mu.Unlock()
				again := slices.Contains(runs, key)
				runs = append(runs, key)
				if again {
					return nil
				}
				return first
			}}
		}
		p.Handle("k", Inbound, func(*Job) ([]Task, error) {
			return []Task{
				task("a", "a1", store.ErrUnavailable), task("a", "a2", nil), task("b", "b1", errors.New("its own")),
				task("b", "b2", nil),
			}, nil
		})
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(time.Minute)
		for lane, want := range map[string][]string{"a": {"a1", "a1", "a2"}, "b": {"b1", "b2", "b1"}} {
			got := slices.DeleteFunc(slices.Clone(runs), func(key string) bool { return !strings.HasPrefix(key, lane) })
			if !slices.Equal(got, want) {
				t.Errorf("lane %s ran %v, want %v", lane, got, want)
			}
		}
	})
}

func TestAPlanWithoutTasksEndsTheJob(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, func(*Job) ([]Task, error) { return nil, nil })
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(time.Second)
		wantNoJobs(t, disk)
	})
}

func TestADeadLetterCanBeReplayed(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		mended := false
		p.Handle("k", Inbound, Single(func(ctx context.Context, job *Job) error {
			if !mended {
				return ErrDead
			}
			return p.count(ctx, job)
		}))
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(time.Second)
		found, _, err := p.DeadLetters(t.Context(), DeadQuery{WorkspaceID: "w", Limit: 10})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d dead letters, %v", len(found), err)
		}
		if _, err := p.DeadLetter(t.Context(), "another workspace", found[0].ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another workspace's dead letter: %v", err)
		}
		one, err := p.DeadLetter(t.Context(), "w", found[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		same, err := p.DeadLetter(t.Context(), "w", found[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		mended = true
		if err := p.Replay(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		if err := p.Replay(t.Context(), same); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the same dead letter replayed at the same time: %v", err)
		}
		settle(time.Second)
		if n := counted(t, disk, "x"); n != 1 {
			t.Errorf("effect %d times", n)
		}
		wantNoJobs(t, disk)
		if _, err := p.DeadLetter(t.Context(), "w", found[0].ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("after the replay: %v", err)
		}
	})
}

func TestOneKeyIsOneJob(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		hold := make(chan struct{})
		p.Handle("k", Inbound, Single(func(ctx context.Context, job *Job) error { <-hold; return p.count(ctx, job) }))
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "same", "key"); err != nil {
			t.Fatal(err)
		}
		if err := p.submit(t.Context(), "k", "x", "same", "key"); !errors.Is(err, store.ErrExists) {
			t.Errorf("the same key: %v", err)
		}
		if err := p.submit(t.Context(), "k", "y", "samekey"); err != nil {
			t.Errorf("another key: %v", err)
		}
		close(hold)
		settle(time.Second)
		if counted(t, disk, "x") != 1 || counted(t, disk, "y") != 1 {
			t.Error("not each once")
		}
	})
}

func TestAJobForLaterRunsAtItsTime(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, Single(p.count))
		p.serve(t, true)
		if err := p.engine.Write(t.Context(), p.At(time.Now().Add(time.Minute),
			Spec{Kind: "k", WorkspaceID: "w", Ref: "x", Key: []string{"x"}})...); err != nil {
			t.Fatal(err)
		}
		settle(time.Minute - time.Second)
		if counted(t, disk, "x") != 0 {
			t.Fatal("too early")
		}
		settle(time.Second + pollEvery)
		if counted(t, disk, "x") != 1 {
			t.Error("not at its time")
		}
		wantNoJobs(t, disk)
	})
}

func TestAStopLetsWhatIsUnderWayEnd(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, Single(func(ctx context.Context, job *Job) error {
			time.Sleep(stopTime - time.Second)
			return p.count(ctx, job)
		}))
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		p.stop()
		if counted(t, disk, "x") != 1 {
			t.Error("the task was not let end")
		}
		job, insert := p.New(Spec{Kind: "k", WorkspaceID: "w", Ref: "y", Key: []string{"y"}}) // accepted in the last moment
		if err := disk.Write(t.Context(), insert...); err != nil {
			t.Fatal(err)
		}
		p.Start(job)
		settle(time.Minute)
		if counted(t, disk, "y") != 0 {
			t.Error("a task began after the stop")
		}
		next := newProcess(disk, "two")
		next.Handle("k", Inbound, Single(next.count))
		next.serve(t, true)
		if counted(t, disk, "y") != 1 {
			t.Error("the next process did not take it up")
		}
	})
}

func TestAStopCutsWhatTakesTooLongAndTheNextProcessTakesItUp(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, Single(func(ctx context.Context, _ *Job) error { <-ctx.Done(); return ctx.Err() }))
		p.serve(t, true)
		for _, ref := range []string{"a", "b", "c"} {
			if err := p.submit(t.Context(), "k", ref, ref); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		p.stop()
		if took := time.Since(began); took != stopTime {
			t.Errorf("the stop took %v", took)
		}
		for _, j := range left(t, disk) {
			if j.Attempts != 0 {
				t.Errorf("what the stop cut short counts as a failure: %+v", j)
			}
		}
		next := newProcess(disk, "two")
		next.Handle("k", Inbound, Single(next.count))
		next.serve(t, true)
		for _, ref := range []string{"a", "b", "c"} {
			if n := counted(t, disk, ref); n != 1 {
				t.Errorf("%s: effect %d times", ref, n)
			}
		}
	})
}

func TestUnderOverloadJobsWaitInTheStore(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, Single(p.count))
		p.serve(t, true)
		p.classes[Inbound].active.Add(backlog + 1)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(10 * time.Second)
		if jobs := left(t, disk); len(jobs) != 1 || jobs[0].Owner != "" {
			t.Fatalf("left: %+v; want one that nobody owns", jobs)
		}
		p.classes[Inbound].active.Add(-backlog - 1)
		settle(pollEvery)
		if n := counted(t, disk, "x"); n != 1 {
			t.Errorf("effect %d times", n)
		}
		wantNoJobs(t, disk)
	})
}

func TestAStoreThatComesBackIsServedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Inbound, Single(p.count))
		p.serve(t, true)
		for n := range 5 {
			p.engine.Fail(p.engine.Writes()+1+n%2, storetest.Faults()[n%2])
			ref := fmt.Sprint(n)
			if err := p.submit(t.Context(), "k", ref, ref); err != nil &&
				!errors.Is(p.submit(t.Context(), "k", ref, ref), store.ErrExists) {
				continue
			}
		}
		settle(2 * time.Minute)
		for n := range 5 {
			if c := counted(t, disk, fmt.Sprint(n)); c != 1 {
				t.Errorf("%d: effect %d times", n, c)
			}
		}
		wantNoJobs(t, disk)
	})
}
