package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wasl/store"
)

func TestAKindThatIsHandledTwiceStopsTheStart(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		p.Handle("k", Send, Single(p.count))
		defer func() {
			if said := fmt.Sprint(recover()); !strings.Contains(said, `"k"`) || !strings.Contains(said, "twice") {
				t.Errorf("it says %s", said)
			}
		}()
		p.Handle("k", Timer, Single(p.count))
	})
}

func TestWhatIsScheduledAnewRunsOnceAtTheNewTime(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		var ran []string
		began := time.Now()
		p.Handle("k", Timer, Single(func(_ context.Context, job *Job) error {
			ran = append(ran, fmt.Sprint(string(job.Payload), " ", time.Since(began)))
			return nil
		}))
		p.serve(t, true)
		schedule := func(in time.Duration, payload string) {
			t.Helper()
			change, err := p.Schedule(t.Context(), time.Now().Add(in),
				Spec{Kind: "k", WorkspaceID: "w", Ref: "x", Payload: []byte(payload), Key: []string{"x"}})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.engine.Write(t.Context(), change); err != nil {
				t.Fatal(err)
			}
		}
		schedule(time.Minute, "first")
		schedule(10*time.Minute, "second")
		schedule(3*time.Minute, "third")
		settle(11 * time.Minute)
		if len(ran) != 1 || !strings.HasPrefix(ran[0], "third 3m0") {
			t.Errorf("ran %v", ran)
		}
		schedule(time.Minute, "fourth") // after its end the key is free
		settle(2 * time.Minute)
		if len(ran) != 2 {
			t.Errorf("ran %v", ran)
		}
		wantNoJobs(t, disk)
		if _, err := p.Schedule(t.Context(), time.Now(), Spec{Kind: "k", Payload: make([]byte, inline+1)}); !errors.Is(err, ErrLarge) {
			t.Errorf("a large payload: %v", err)
		}
	})
}

// TestSchedulingFencesOutTheRunThatIsUnderWay: what it decided before is not written, and the new time is not lost.
func TestSchedulingFencesOutTheRunThatIsUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		runs := 0
		p.Handle("k", Timer, Single(func(ctx context.Context, job *Job) error {
			if runs++; runs == 1 {
				change, err := p.Schedule(ctx, time.Now().Add(time.Minute), Spec{Kind: "k", WorkspaceID: "w", Ref: "x", Key: []string{"x"}})
				if err != nil {
					return err
				}
				if err := p.engine.Write(ctx, change); err != nil {
					return err
				}
			}
			return p.count(ctx, job)
		}))
		p.serve(t, true)
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(30 * time.Second)
		if n := counted(t, disk, "x"); n != 0 {
			t.Errorf("the run that was fenced out wrote %d times", n)
		}
		settle(time.Minute)
		if n := counted(t, disk, "x"); n != 1 || runs != 2 {
			t.Errorf("done %d times in %d runs", n, runs)
		}
		wantNoJobs(t, disk)
	})
}

func TestLaterIsKeptToMilliseconds(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		p := newProcess(disk, "one")
		at := time.Now().Add(1234 * time.Millisecond)
		var ran time.Time
		p.Handle("k", Send, Single(func(context.Context, *Job) error {
			if ran = time.Now(); ran.Before(at) {
				return &Later{At: at}
			}
			return nil
		}))
		p.serve(t, true)
		time.Sleep(17 * time.Millisecond) // out of step with the poll
		if err := p.submit(t.Context(), "k", "x", "x"); err != nil {
			t.Fatal(err)
		}
		settle(5 * time.Second)
		if late := ran.Sub(at); late < 0 || late > 5*time.Millisecond {
			t.Errorf("it ran %v after its time", late)
		}
	})
}

func TestAReservationIsKeptOverRunsUntilItHasPassed(t *testing.T) {
	job, now, taken := &Job{}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0
	reserve := func() (time.Time, error) { taken++; return now.Add(time.Duration(taken) * time.Second), nil }
	for range 3 {
		if at, err := job.Reserve("k", now, reserve); err != nil || !at.Equal(now.Add(time.Second)) {
			t.Errorf("%v, %v", at, err)
		}
	}
	if _, err := job.Reserve("other", now, reserve); err != nil || taken != 2 {
		t.Errorf("%d reserved, %v", taken, err)
	}
	if at, _ := job.Reserve("k", now.Add(time.Second+reservationHolds+1), reserve); !at.Equal(now.Add(3 * time.Second)) {
		t.Errorf("of one that has passed: %v", at)
	}
	job.Spend()
	if _, _ = job.Reserve("k", now, reserve); taken != 4 {
		t.Errorf("%d reserved after it was spent", taken)
	}
}

func TestEveryTicksOnceForAllInstances(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine) {
		var mu sync.Mutex
		var ticks []string
		begin := func(owner string) *process {
			p := newProcess(disk, owner)
			p.Every("sweep", "*/2 * * * *", func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				ticks = append(ticks, time.Now().UTC().Format("15:04"))
				if len(ticks) == 2 {
					return errors.New("not now") // and once more
				}
				return nil
			})
			return p.serve(t, false)
		}
		one, two := begin("one"), begin("two")
		settle(7 * time.Minute)
		mu.Lock()
		if got := strings.Join(ticks, " "); got != "00:02 00:04 00:04 00:06" {
			t.Errorf("ticks at %s", got)
		}
		ticks = nil
		mu.Unlock()
		one.stop()
		two.stop()
		time.Sleep(10 * time.Minute) // nobody is there for five of them
		begin("three")
		settle(90 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if got := strings.Join(ticks, " "); got != "00:17 00:18 00:18" {
			t.Errorf("after a pause, ticks at %s", got)
		}
		wantNoJobs(t, disk)
	})
}

func TestSchedulesThatCannotBeReadAreRefused(t *testing.T) {
	for _, spec := range []string{"", "TZ=0", "CRON_TZ=", "* * *", "61 * * * *", "@every", "@never"} {
		if times, err := ParseSchedule(spec); err == nil {
			t.Errorf("%q is read as %v", spec, times)
		}
	}
	if _, err := ParseSchedule("0 3 * * 1-5"); err != nil {
		t.Error(err)
	}
}

func FuzzParseSchedule(f *testing.F) {
	for _, spec := range []string{"TZ=0", "*/5 * * * *", "@every 1s", "CRON_TZ=Asia/Jerusalem 0 1 * * *", "0 0 30 2 *"} {
		f.Add(spec)
	}
	f.Fuzz(func(_ *testing.T, spec string) {
		if times, err := ParseSchedule(spec); err == nil {
			times.Next(time.Unix(0, 0))
		}
	})
}
