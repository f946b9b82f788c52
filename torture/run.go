package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	instances   = 3
	socketCount = 6
	deskCount   = 4
	// patience is how long everything may take to settle: leases of 30 s, pauses of a minute.
	patience = 3 * time.Minute
	shownAt  = 20 // so many violations are printed
)

// run carries out one run and returns what was wrong.
func (s settings) run(ctx context.Context) (wrong []string, err error) {
	dir, err := os.MkdirTemp("", "wasl-torture-")
	if err != nil {
		return nil, err
	}
	if s.mode == modeReactions {
		return s.react(ctx, dir)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := newWorld(ctx, newPlant(s.plant))
	if w.provider, err = startProvider(w, s.seed); err != nil {
		return nil, err
	}
	if w.mail, err = startMailHost(w); err != nil {
		return nil, err
	}
	if err = s.install(w, dir); err != nil {
		return nil, err
	}
	defer func() {
		w.close()
		if len(wrong) == 0 && err == nil && !s.keep {
			_ = os.RemoveAll(dir)
		} else {
			say("what the instances said is in %s", dir)
		}
	}()
	if err := w.prepare(); err != nil {
		return nil, err
	}
	if w.staff, err = hire(w); err != nil {
		return nil, err
	}
	faults, sky := draw(s.seed, s.mode, len(w.instances), s.load)
	say("torture: %s, seed %d, %v, %d customers, %d webhooks a second %s", s.mode, s.seed, s.load, s.customers, s.rate, s.plant)
	for _, f := range append(faults, sky...) {
		say("  %s", f)
	}
	sockets, err := w.load(s, faults, sky)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	wrong, err = w.settle(sockets)
	say("torture: settled after %.1fs: %d wrong", time.Since(begin).Seconds(), len(wrong))
	report(wrong)
	if s.mode == modeOrder {
		w.sayOrder(s.seed, wrong)
	}
	return wrong, err
}

// sayOrder prints what a run for the order of replies has shown.
func (w *world) sayOrder(seed uint64, wrong []string) {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	early := 0
	for _, line := range wrong {
		if strings.HasSuffix(line, tooEarly) {
			early++
		}
	}
	say("order: seed %d: %d replies, %d kills, %d taken out of order", seed, len(w.book.replies), len(w.book.kills), early)
}

// report prints violations.
func report(wrong []string) {
	for n, line := range wrong {
		if n == shownAt {
			say("  … and %d more", len(wrong)-n)
			break
		}
		say("  WRONG: %s", line)
	}
}

func (s settings) install(w *world, dir string) (err error) {
	if s.mode == modeCluster {
		binary, err := built(dir)
		if err != nil {
			return err
		}
		return newCluster(w, binary, dir, instances)
	}
	binary, err := filepath.Abs(s.binary)
	if err != nil {
		return err
	}
	if s.mode == modeMongoDB {
		return newReplicaSet(w, binary, dir, instances)
	}
	return newSingle(w, binary, dir)
}

// load runs everything against everything and returns when all that was begun has been taken.
func (w *world) load(s settings, faults, sky []fault) ([]*socket, error) {
	load, end := context.WithTimeout(w.ctx, s.load)
	defer end()
	var sockets []*socket
	for n := range socketCount {
		u := w.users["owner"]
		if n%2 == 1 {
			u = w.users["second"]
		}
		k := newSocket(w, fmt.Sprint(n), u, s.seed)
		k.slow, k.forget = n == 2, n == 3
		sockets = append(sockets, k)
		go k.run()
	}
	people, agents := newCustomers(w, s.seed, s.customers), newDesks(w, s.seed)
	if s.mode == modeOrder {
		agents.most = orderReplies
	}
	w.staff.work(load, s.seed)
	begin := time.Now()
	var all, breaking sync.WaitGroup
	var broken error
	all.Go(func() { people.run(w.ctx, load, s.rate) })
	all.Go(func() { agents.run(w.ctx, load, deskCount) })
	all.Go(func() { w.blow(load, begin, sky) })
	breaking.Go(func() { broken = w.suffer(load, begin, faults, sockets) })
	breaking.Wait()
	if broken != nil {
		return nil, broken
	}
	all.Wait()
	w.provider.reports.Wait()
	if s.mode == modeOrder && (agents.made != orderReplies || len(w.book.kills) != orderKills) {
		w.book.trouble("the rig: only %d replies and %d kills", agents.made, len(w.book.kills))
	}
	say("torture: %d webhooks and mails with %d messages taken, %d times repeated; %d replies, %d of them lie in Sent; %d faults, %d kills",
		people.sent.Load(), len(w.book.messages), w.repeated.Load(),
		agents.wrote.Load(), w.mail.sentSoFar(), len(faults), len(w.book.kills))
	say("torture: the staff finished %d conversations and refused %d offers", w.staff.finished.Load(), w.staff.refused.Load())
	return sockets, nil
}

// settle asks until nothing is wrong any more, or patience ends; then everything is started anew and must be the same.
func (w *world) settle(sockets []*socket) (wrong []string, err error) {
	if err := w.raise(); err != nil {
		return nil, err
	}
	var seen *picture
	end := time.Now().Add(patience)
	if w.plant.name != "" {
		end = time.Now().Add(15 * time.Second)
	}
	for n := 0; ; n++ {
		var found []string
		if wrong, err = w.tools.waits(w); err == nil && (len(wrong) == 0 || time.Now().After(end)) {
			w.provider.reports.Wait() // of what was sent since the load ended
			found, seen, err = w.judge(sockets)
			wrong = append(wrong, found...)
		}
		if err != nil || len(wrong) == 0 || time.Now().After(end) || w.ctx.Err() != nil {
			break
		}
		if n%10 == 9 {
			say("  not settled yet: %d, such as %.300s", len(wrong), wrong[0])
		}
		wait(w.ctx, time.Second)
	}
	w.staff.leave()
	reloads, resumes := 0, 0
	for _, s := range sockets {
		s.end()
		reloads, resumes = reloads+s.reloads, resumes+s.resumes
	}
	say("torture: %d sockets loaded anew %d times and went on %d times", len(sockets), reloads, resumes)
	wrong = append(w.book.troubles, wrong...)
	for _, i := range w.instances {
		wrong = append(wrong, i.screams()...)
	}
	if err != nil || len(wrong) > 0 {
		return wrong, err
	}
	return w.again(seen, end)
}

// judge reads everything and compares it.
func (w *world) judge(sockets []*socket) (wrong []string, seen *picture, err error) {
	i := w.any()
	if seen, err = w.look(i, w.users["owner"]); err != nil {
		return nil, nil, err
	}
	w.plant.look(seen)
	wrong = append(w.book.judge(seen, w.channels[:]), w.mail.judge(seen)...)
	given, err := w.staff.judge(seen)
	if err != nil {
		return nil, nil, err
	}
	wrong = append(wrong, given...)
	for _, i := range w.instances {
		for _, u := range []*user{w.users["owner"], w.users["second"]} {
			headers, twice, err := w.headers(i, u)
			if err != nil {
				return nil, nil, err
			}
			for _, id := range twice {
				wrong = append(wrong, fmt.Sprintf("instance %d lists conversation %s twice", i.number, id))
			}
			if len(headers) != len(seen.conversations) {
				wrong = append(wrong, fmt.Sprintf("instance %d lists %d conversations to %s, not %d", i.number, len(headers), u.name,
					len(seen.conversations)))
			}
			for _, s := range sockets {
				if s.user == u && i == w.instances[0] {
					wrong = append(wrong, w.judgeSocket(s, headers, seen)...)
				}
			}
		}
	}
	return wrong, seen, nil
}

// again restarts everything: nothing may be left to do, and everything must be as it was.
func (w *world) again(before *picture, end time.Time) (wrong []string, err error) {
	for {
		if wrong, err = w.tools.left(w); err != nil || len(wrong) == 0 || time.Now().After(end) {
			break
		}
		if err := w.raise(); err != nil {
			return nil, err
		}
		wait(w.ctx, 3*time.Second)
		// What was left is done meanwhile: an outbox is emptied of what a report has settled, which moves its conversation's updated_at.
		if before, err = w.look(w.any(), w.users["owner"]); err != nil {
			return nil, err
		}
		if wrong = w.book.judge(before, w.channels[:]); len(wrong) > 0 {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	for _, i := range w.instances {
		if i.alive() {
			w.kill(i)
		}
	}
	if err := w.raise(); err != nil {
		return nil, err
	}
	after, err := w.look(w.any(), w.users["owner"])
	if err != nil {
		return nil, err
	}
	return append(wrong, before.differences(after)...), nil
}
