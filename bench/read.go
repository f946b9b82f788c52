package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"
)

// reader is a gateway over a seeded folder.
type reader struct {
	*process
	size  int
	kinds []kind
	took  []float64 // milliseconds, of the kind that is measured
}

// read measures the inbox over seeded folders, one caller at a time, each kind in every round. The gateways over all folders run side
// by side and are asked in turn, so that what else the machine does falls on all alike.
func read(s settings, subjects []*subject, t *table) error {
	dirs := map[int]string{}
	for _, size := range s.sizes {
		var err error
		if dirs[size], err = seeded(s, subjects[0], size); err != nil {
			return fmt.Errorf("seed %d conversations: %w", size, err)
		}
	}
	for round := range s.rounds {
		for n := range subjects {
			sub := subjects[n]
			if round%2 == 1 {
				sub = subjects[len(subjects)-1-n]
			}
			if sub.bare {
				continue
			}
			_, _ = fmt.Fprintf(os.Stderr, "reads, round %d of %d: %s\n", round+1, s.rounds, sub.name)
			if err := readRound(s, sub, dirs, t); err != nil {
				return fmt.Errorf("%s, reads: %w", sub.name, err)
			}
		}
	}
	return nil
}

func readRound(s settings, sub *subject, dirs map[int]string, t *table) (err error) {
	var readers []*reader
	defer func() {
		for _, r := range readers {
			err = errors.Join(err, r.stop())
		}
	}()
	var pids []int
	for _, size := range s.sizes {
		p, err := sub.start(dirs[size])
		if err != nil {
			return err
		}
		r := &reader{process: p, size: size}
		readers, pids = append(readers, r), append(pids, p.cmd.Process.Pid)
		if err := r.begin(sub, t); err != nil {
			return fmt.Errorf("%d conversations: %w", size, err)
		}
	}
	rest, err := others(func() error {
		for n := range readers[0].kinds {
			if err := timed(sub, t, readers, n, s.reads); err != nil {
				return err
			}
		}
		return nil
	}, pids...)
	t.busy(rest)
	for _, r := range readers {
		t.add(sub, sized("memory after the reads", r.size), resident(r.cmd.Process.Pid))
	}
	time.Sleep(2 * time.Second)
	for _, r := range readers {
		t.add(sub, sized("memory idle after the reads", r.size), resident(r.cmd.Process.Pid))
	}
	return err
}

// begin takes the figures of the start and finds what is to be opened.
func (r *reader) begin(sub *subject, t *table) error {
	add := func(name string, value float64) { t.add(sub, sized(name, r.size), value) }
	add("start", r.started.Seconds())
	begin := time.Now()
	if err := r.call(http.MethodGet, "/api/v1/conversations?status=open", nil, nil); err != nil {
		return err
	}
	add("first list after the start", time.Since(begin).Seconds()*1000)
	time.Sleep(2 * time.Second)
	add("memory idle", resident(r.cmd.Process.Pid))
	var all []string
	for cursor := ""; len(all) < 1000; {
		var page struct {
			Items      []struct{ ID string }
			NextCursor string `json:"next_cursor"`
		}
		if err := r.call(http.MethodGet, "/api/v1/conversations?sort=oldest&limit=200&cursor="+cursor, nil, &page); err != nil {
			return err
		}
		for _, c := range page.Items {
			all = append(all, c.ID)
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	r.kinds = kinds(r.size*perConversation, all)
	return nil
}

// kind is one way of reading: the addresses asked one after the other, and how many items at least the first answers.
type kind struct {
	name  string
	paths func() []string
	least int
}

func kinds(total int, conversations []string) []kind {
	list := func(query string) func() []string {
		return func() []string { return []string{"/api/v1/conversations?" + query} }
	}
	search := func(words func() string) func() []string {
		return func() []string { return []string{"/api/v1/search?q=" + url.QueryEscape(words())} }
	}
	return []kind{
		{"list", list("status=open"), 50},
		{"list with filters", list("status=open,pending&assignee=none&unread=true&type=&channel="), 50},
		{"list by priority", list("status=open,pending&sort=priority"), 50},
		{"list of all, resolved too", list(""), 50},
		{"a view", func() []string { return []string{"/api/v1/views/unanswered/conversations"} }, 50},
		{"numbers of views", func() []string { return []string{"/api/v1/views/counts"} }, 4},
		{"counters", func() []string { return []string{"/api/v1/conversations/counts"} }, 0},
		{"open a conversation", func() []string {
			id := conversations[rand.IntN(len(conversations))]
			return []string{"/api/v1/conversations/" + id + "/messages", "/api/v1/conversations/" + id}
		}, 1},
		{"search, rare word", search(func() string { return reference(rand.IntN(total)) }), 1},
		{"search, word of a fifth", search(func() string { return words[0] }), 50},
		{"search, two words", search(func() string { return words[rand.IntN(4)] + " " + words[4+rand.IntN(8)] }), 1},
		{"search, beginning of a word", search(func() string { return words[20+rand.IntN(200)][:2] }), 1},
		{"search, nothing found", search(func() string { return fmt.Sprintf("absent%d", rand.Int()) }), 0},
	}
}

// timed asks every reader so often for the kind with this number, and takes how long that took and how much of the processor.
func timed(sub *subject, t *table, readers []*reader, number, times int) error {
	spent := map[*reader]time.Duration{}
	for _, r := range readers {
		r.took, spent[r] = nil, -cpu(r.cmd.Process.Pid)
	}
	for range times {
		for _, r := range readers {
			begin := time.Now()
			if err := r.ask(r.kinds[number]); err != nil {
				return fmt.Errorf("%s, %d conversations: %w", r.kinds[number].name, r.size, err)
			}
			r.took = append(r.took, time.Since(begin).Seconds()*1000)
		}
	}
	for _, r := range readers {
		slices.Sort(r.took)
		add := func(name string, value float64) { t.add(sub, sized(r.kinds[number].name+name, r.size), value) }
		add(" p50", quantile(r.took, .5))
		add(" p99", quantile(r.took, .99))
		add(", CPU", (spent[r]+cpu(r.cmd.Process.Pid)).Seconds()*1000/float64(times))
	}
	return nil
}

// ask reads once. An answer with too little in it is an error.
func (p *process) ask(k kind) error {
	for n, path := range k.paths() {
		var found struct{ Items, Messages []struct{} }
		if err := p.call(http.MethodGet, path, nil, &found); err != nil {
			return err
		}
		if got := len(found.Items) + len(found.Messages); n == 0 && got < k.least {
			return fmt.Errorf("%s found %d, want %d", path, got, k.least)
		}
	}
	return nil
}
