package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// until waits for a time of the plan, or reports that the load is over.
func until(ctx context.Context, begin time.Time, at time.Duration) bool {
	wait(ctx, time.Until(begin.Add(at)))
	return ctx.Err() == nil
}

// blow changes the provider's behaviour as planned.
func (w *world) blow(load context.Context, begin time.Time, sky []fault) {
	for _, f := range sky {
		if !until(load, begin, f.at) {
			break
		}
		w.provider.weather.Store(&f.weather)
		wait(load, f.lasts)
		w.provider.weather.Store(&weather{})
	}
}

// suffer carries out the plan, one fault after the other.
func (w *world) suffer(load context.Context, begin time.Time, faults []fault, sockets []*socket) error {
	for _, f := range faults {
		if !until(load, begin, f.at) {
			return nil
		}
		w.say("%6.1fs %s %d", time.Since(begin).Seconds(), f.kind, f.instance)
		if f.kind == "vanish" {
			for _, s := range sockets {
				s.vanish()
			}
			continue
		}
		if err := w.one(f); err != nil {
			return err
		}
	}
	return nil
}

// one carries out one fault and waits until the gateway serves again.
func (w *world) one(f fault) error {
	i := w.instances[f.instance]
	switch f.kind {
	case "kill":
		w.kill(i)
		wait(w.ctx, f.lasts)
	case "term":
		return w.roll()
	case "freeze":
		_, _ = i.signal(syscall.SIGSTOP, 0)
		wait(w.ctx, f.lasts)
		_, _ = i.signal(syscall.SIGCONT, 0)
	case "called", "accepted":
		w.provider.arm(f.kind)
		w.fallen(5 * time.Second)
		w.provider.arm("")
	default:
		if !w.mail.suffer(f) && !w.tools.suffer(w, f) {
			return fmt.Errorf("nobody knows the fault %q", f.kind)
		}
	}
	return w.raise()
}

// fallen waits for an instance to be killed from inside one of its calls.
func (w *world) fallen(patience time.Duration) {
	for end := time.Now().Add(patience); time.Now().Before(end) && w.ctx.Err() == nil; wait(w.ctx, 10*time.Millisecond) {
		for _, i := range w.instances {
			if !i.alive() {
				return
			}
		}
	}
}

// raise starts what has fallen and waits for it, as long as it can serve at all.
func (w *world) raise() error {
	for _, i := range w.instances {
		if i.alive() {
			continue
		}
		if err := i.start(); err != nil {
			return err
		}
		if err := i.await(w.ctx); err != nil {
			return err
		}
	}
	return nil
}

// roll restarts the instances one after the other, as an operator does.
func (w *world) roll() error {
	for _, i := range w.instances {
		begin := time.Now()
		code, err := i.signal(syscall.SIGTERM, 20*time.Second)
		if err != nil {
			w.book.trouble("%v", err)
		} else if took := time.Since(begin); code != 0 || took > 12*time.Second {
			w.book.trouble("instance %d took %v to stop and ended with %d", i.number, took, code)
		}
		if err := w.raise(); err != nil {
			return err
		}
	}
	return nil
}
