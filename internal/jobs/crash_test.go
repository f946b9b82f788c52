package jobs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"wasl/store"
	"wasl/store/storetest"
)

// handlers are the ways in which a task can end its job.
var handlers = map[string]func(p *process) Plan{
	"done in the write of the effect": func(p *process) Plan { return Single(p.count) },
	"several tasks": func(p *process) Plan {
		return func(job *Job) ([]Task, error) {
			var tasks []Task
			for _, lane := range []string{"a", "b", "a"} {
				key := fmt.Sprint(lane, len(tasks))
				tasks = append(tasks, Task{Lane: lane, Key: key, Run: func(ctx context.Context, job *Job) error {
					err := p.engine.Write(ctx, p.effects.Insert(&effect{Meta: store.Meta{ID: job.Ref + key}, Count: 1}))
					if errors.Is(err, store.ErrExists) {
						return nil
					}
					return err
				}})
			}
			return tasks, nil
		}
	},
}

// TestACrashAtAnyWriteLosesAndDoublesNothing runs two jobs with every fault at every write, then a new process over what the first one
// left.
func TestACrashAtAnyWriteLosesAndDoublesNothing(t *testing.T) {
	for name, plan := range handlers {
		t.Run(name, func(t *testing.T) {
			writes := crashAt(t, plan, 0, storetest.Cut)
			if writes < 4 {
				t.Fatalf("only %d writes without a fault", writes)
			}
			for _, fault := range storetest.Faults() {
				for n := 1; n <= writes; n++ {
					t.Run(fmt.Sprintf("%v %d", fault, n), func(t *testing.T) { crashAt(t, plan, n, fault) })
				}
			}
		})
	}
}

func crashAt(t *testing.T, plan func(*process) Plan, n int, fault storetest.Fault) (writes int) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		first := newProcess(disk, "first")
		first.Handle("k", Inbound, plan(first))
		first.engine.Fail(n, fault)
		first.serve(t, true)
		for _, ref := range []string{"x", "y"} {
			deliver(t, first, ref)
		}
		settle(time.Minute)
		writes = first.engine.Writes()
		first.stop()
		second := newProcess(disk, "second")
		second.Handle("k", Inbound, plan(second))
		second.serve(t, true)
		for _, ref := range []string{"x", "y"} {
			deliver(t, second, ref) // as a provider does that got no answer
		}
		settle(time.Minute)
		second.stop()
		wantNoJobs(t, disk)
		for _, ref := range []string{"x", "y"} {
			if once, many := counted(t, disk, ref), counted(t, disk, ref+"a0")+counted(t, disk, ref+"b1")+counted(t, disk,
				ref+"a2"); once != 1 && many != 3 {
				t.Errorf("%s: the effect happened %d times, of the several tasks %d", ref, once, many)
			}
		}
	})
	return writes
}

// deliver submits a job until it is known to be stored. What was already done is not submitted again, as the
// providers' message ids see to in the inbox.
func deliver(t *testing.T, p *process, ref string) {
	t.Helper()
	for range 3 {
		if counted(t, p.engine.Engine, ref)+counted(t, p.engine.Engine, ref+"a0") > 0 {
			return
		}
		err := p.submit(t.Context(), "k", ref, ref)
		if err == nil || errors.Is(err, store.ErrExists) || p.engine.Dead() {
			return
		}
	}
	t.Fatalf("%s could not be stored", ref)
}

func TestASecondInstanceTakesOverWhenTheLeaseLapsed(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		first, second := newProcess(disk, "first"), newProcess(disk, "second")
		first.Handle("k", Inbound, Single(first.count))
		second.Handle("k", Inbound, Single(second.count))
		second.serve(t, false)
		_, insert := first.New(Spec{Kind: "k", WorkspaceID: "w", Ref: "x", Key: []string{"x"}}) // stored, and then the instance dies
		if err := disk.Write(t.Context(), insert...); err != nil {
			t.Fatal(err)
		}
		settle(lease - time.Second)
		if n := counted(t, disk, "x"); n != 0 {
			t.Fatal("taken over before the lease lapsed")
		}
		settle(2 * time.Second)
		if n := counted(t, disk, "x"); n != 1 {
			t.Fatalf("effect %d times after the lease lapsed, want 1", n)
		}
		wantNoJobs(t, disk)
	})
}

func TestTheFormerOwnerIsFencedOut(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		first, second := newProcess(disk, "first"), newProcess(disk, "second")
		slow := make(chan struct{})
		var outcome error
		first.Handle("k", Inbound, Single(func(_ context.Context, job *Job) error {
			<-slow // a pause of the whole process: its deadline does not help
			doc := &effect{Meta: store.Meta{ID: "x first"}, Count: 1}
			outcome = first.engine.Write(context.Background(), append(job.Done(), first.effects.Insert(doc))...)
			return outcome
		}))
		second.Handle("k", Inbound, Single(second.count))
		first.serve(t, false)
		if err := first.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		second.serve(t, false)
		settle(lease + time.Second)
		if counted(t, disk, "x") != 1 {
			t.Fatal("the second instance did not take over")
		}
		close(slow)
		synctest.Wait()
		if !errors.Is(outcome, store.ErrConflict) {
			t.Errorf("the slow owner's write: %v, want a conflict", outcome)
		}
		if counted(t, disk, "x first") != 0 {
			t.Error("the slow owner's effect happened")
		}
		wantNoJobs(t, disk)
	})
}

func TestAJobThatWaitedInItsLaneIsNotRunWhileAnotherInstanceHasIt(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		first, second := newProcess(disk, "first"), newProcess(disk, "second")
		began := make(chan string, 4)
		hold := make(chan struct{})
		first.Handle("k", Inbound, func(*Job) ([]Task, error) {
			return []Task{{Lane: "one", Run: func(ctx context.Context, job *Job) error {
				began <- "first " + job.Ref
				if job.Ref == "slow" {
					<-hold
				}
				return first.count(ctx, job)
			}}}, nil
		})
		holdSecond := make(chan struct{})
		second.Handle("k", Inbound, Single(func(ctx context.Context, job *Job) error {
			began <- "second " + job.Ref
			<-holdSecond
			return second.count(context.WithoutCancel(ctx), job)
		}))
		first.serve(t, true)
		for _, ref := range []string{"slow", "waiting"} {
			if err := first.submit(t.Context(), "k", ref, ref); err != nil {
				t.Fatal(err)
			}
		}
		if got := <-began; got != "first slow" {
			t.Fatal(got)
		}
		second.serve(t, false)
		settle(lease + time.Second)
		if a, b := <-began, <-began; a+b != "second slowsecond waiting" && a+b != "second waitingsecond slow" {
			t.Fatal(a, b)
		}
		close(hold) // the first instance wakes up, and the lane comes to the job that waited
		synctest.Wait()
		select {
		case got := <-began:
			t.Errorf("%s began although the other instance has it", got)
		default:
		}
		close(holdSecond)
		settle(time.Second)
		for _, ref := range []string{"slow", "waiting"} {
			if n := counted(t, disk, ref); n != 1 {
				t.Errorf("%s: effect %d times", ref, n)
			}
		}
		wantNoJobs(t, disk)
	})
}

func TestAJobThatWaitedInItsLaneKeepsItsLease(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		first, second := newProcess(disk, "first"), newProcess(disk, "second")
		first.Handle("k", Inbound, func(*Job) ([]Task, error) {
			return []Task{{Lane: "one", Run: func(ctx context.Context, job *Job) error {
				time.Sleep(20 * time.Second)
				return first.count(ctx, job)
			}}}, nil
		})
		second.Handle("k", Inbound, Single(func(context.Context, *Job) error {
			t.Error("taken over although the owner works on it")
			return nil
		}))
		first.serve(t, true)
		for _, ref := range []string{"a", "b"} { // b begins after 20 s and ends after 40
			if err := first.submit(t.Context(), "k", ref, ref); err != nil {
				t.Fatal(err)
			}
		}
		second.serve(t, false)
		settle(41 * time.Second)
		if counted(t, disk, "a") != 1 || counted(t, disk, "b") != 1 {
			t.Error("not both were done")
		}
		wantNoJobs(t, disk)
	})
}

func TestARestartTakesUpWhatTheFormerProcessLeftAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		first := newProcess(disk, "first")
		_, insert := first.New(Spec{Kind: "k", WorkspaceID: "w", Ref: "x", Key: []string{"x"}})
		if err := disk.Write(t.Context(), insert...); err != nil {
			t.Fatal(err)
		}
		second := newProcess(disk, "second")
		second.Handle("k", Inbound, Single(second.count))
		began := time.Now()
		second.serve(t, true)
		if n := counted(t, disk, "x"); n != 1 || time.Since(began) > time.Second {
			t.Errorf("effect %d times after %v", n, time.Since(began))
		}
	})
}

func TestAJobStoredWhileTheRunnerStartsRunsOnce(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "first")
		runs := 0
		p.Handle("k", Inbound, Single(func(ctx context.Context, job *Job) error { runs++; return p.count(ctx, job) }))
		job, insert := p.New(Spec{Kind: "k", WorkspaceID: "w", Ref: "x", Key: []string{"x"}})
		if err := p.engine.Write(t.Context(), insert...); err != nil {
			t.Fatal(err)
		}
		p.serve(t, true) // its first look falls between the write and Start
		p.Start(job)
		settle(time.Minute)
		if runs != 1 {
			t.Errorf("it ran %d times", runs)
		}
		wantNoJobs(t, disk)
	})
}
