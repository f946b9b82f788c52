package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ingest measures what comes in, in rounds of all subjects, each in a fresh folder and alone on the machine.
func ingest(s settings, subjects []*subject, work string, t *table) error {
	for round := range s.rounds {
		for n := range subjects {
			sub := subjects[n]
			if round%2 == 1 { // there and back, so that a drift of the machine favours nobody
				sub = subjects[len(subjects)-1-n]
			}
			_, _ = fmt.Fprintf(os.Stderr, "messages, round %d of %d: %s\n", round+1, s.rounds, sub.name)
			dir := filepath.Join(work, fmt.Sprintf("%s-%d", sub.name, round))
			if err := ingestRound(s, sub, dir, t); err != nil {
				return fmt.Errorf("%s, round %d: %w", sub.name, round+1, err)
			}
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

func ingestRound(s settings, sub *subject, dir string, t *table) (err error) {
	p, err := sub.start(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	pid := p.cmd.Process.Pid
	t.add(sub, "start, new folder", p.started.Seconds())
	time.Sleep(time.Second)
	t.add(sub, "memory idle, new folder", resident(pid))
	sockets := make([]*socket, s.sockets)
	for n := range sockets {
		if sockets[n], err = p.listen(); err != nil {
			return err
		}
		defer sockets[n].close()
	}
	total := 0
	from := everybody
	stretch := func(count int, run func(*load)) (l *load, used time.Duration, err error) {
		l = newLoad(p, sockets, total, count, from)
		total += count
		before := cpu(pid)
		rest, err := others(func() error { run(l); return l.wait() }, pid)
		t.busy(rest)
		return l, cpu(pid) - before, err
	}
	// A first message costs more than others (it makes a contact and a conversation), so that everybody writes one before the rest.
	_, used, err := stretch(s.senders, func(l *load) { l.closed(closedLoop) })
	if err != nil {
		t.void(sub, err)
	}
	t.add(sub, "CPU per message, of a new person", used.Seconds()*1000/float64(s.senders))
	from = oneOf(s.senders)
	for _, rate := range []int{100, 500} {
		count := rate * s.seconds
		l, used, err := stretch(count, func(l *load) { l.open(rate) })
		if err != nil {
			t.void(sub, fmt.Errorf("%d/s: %w", rate, err))
			continue
		}
		latencies(sub, rate, l, used, t)
	}
	count, out := s.peak, 0
	for _, name := range []string{"peak", "sustained"} {
		l, used, err := stretch(count, func(l *load) { l.closed(closedLoop) })
		if err != nil {
			t.void(sub, fmt.Errorf("%s: %w", name, err))
			break
		}
		rate := float64(count) / slices.Max(l.landed).Seconds()
		t.add(sub, name+", stored and shown", rate)
		t.add(sub, "CPU per message, "+name, used.Seconds()*1000/float64(count))
		if count = int(rate * float64(s.sustained)); sub.bare || count == 0 {
			break
		}
	}
	t.add(sub, "memory after the peak", resident(pid))
	if !sub.bare {
		if err := stormy(s, sub, p, sockets, total, t); err != nil {
			return err
		}
		total, out = total+s.storm, s.storm
	}
	for _, s := range sockets {
		t.resumed(s.resumes.Load())
	}
	if !sub.bare {
		if err := stored(p, total, out); err != nil {
			t.void(sub, err)
		}
	}
	return nil
}

// latencies adds the figures of messages at a steady rate.
func latencies(sub *subject, rate int, l *load, used time.Duration, t *table) {
	acks, lands := l.took(l.acked), l.took(l.landed)
	for _, q := range []struct {
		name string
		at   float64
	}{{"p50", .5}, {"p99", .99}} {
		t.add(sub, fmt.Sprintf("acknowledgement %s, %d/s", q.name, rate), quantile(acks, q.at))
		t.add(sub, fmt.Sprintf("POST to socket %s, %d/s", q.name, rate), quantile(lands, q.at))
	}
	t.add(sub, fmt.Sprintf("CPU per message, %d/s", rate), used.Seconds()*1000/float64(len(l.due)))
}

// stored reads the whole store back: every message is there, once, and all receipts of the storm had their effect.
func stored(p *process, total, out int) error {
	seen := make([]bool, total)
	found, read := 0, 0
	err := eachPage(p, "/api/v1/conversations?limit=200", func(conv struct{ ID string }) error {
		return eachPage(p, "/api/v1/conversations/"+conv.ID+"/messages?limit=200", func(m struct {
			ProviderID string `json:"provider_id"`
			Status     string
		},
		) error {
			if strings.HasPrefix(m.ProviderID, outMark) {
				if m.Status == "read" {
					read++
				}
				return nil
			}
			n := numberOf([]byte(m.ProviderID))
			if n < 0 || n >= total || seen[n] {
				return fmt.Errorf("the store has %q twice, or nobody sent it", m.ProviderID)
			}
			seen[n] = true
			found++
			return nil
		})
	})
	if err == nil && (found != total || read != out) {
		err = fmt.Errorf("the store has %d of %d messages, and %d of %d that were read", found, total, read, out)
	}
	return err
}

// eachPage walks a list of the API.
func eachPage[T any](p *process, path string, fn func(T) error) error {
	for cursor := ""; ; {
		var page struct {
			Items      []T
			NextCursor string `json:"next_cursor"`
		}
		next := path
		if cursor != "" {
			next += "&cursor=" + cursor
		}
		if err := p.call(http.MethodGet, next, nil, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := fn(item); err != nil {
				return err
			}
		}
		if cursor = page.NextCursor; cursor == "" {
			return nil
		}
	}
}
