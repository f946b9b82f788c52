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

// read measures the inbox over seeded folders, one caller at a time, each kind in every round.
func read(s settings, subjects []*subject, t *table) error {
	for _, size := range s.sizes {
		dir, err := seeded(s, subjects[0], size)
		if err != nil {
			return fmt.Errorf("seed %d conversations: %w", size, err)
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
				_, _ = fmt.Fprintf(os.Stderr, "reads of %d conversations, round %d of %d: %s\n", size, round+1, s.rounds, sub.name)
				if err := readRound(s, sub, size, dir, t); err != nil {
					return fmt.Errorf("%s, reads of %d conversations: %w", sub.name, size, err)
				}
			}
		}
	}
	return nil
}

func readRound(s settings, sub *subject, size int, dir string, t *table) (err error) {
	p, err := sub.start(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	add := func(name string, value float64) { t.add(sub, sized(name, size), value) }
	add("start", p.started.Seconds())
	var page struct{ Items []struct{ ID string } }
	begin := time.Now()
	if err := p.call(http.MethodGet, "/api/v1/conversations?status=open", nil, &page); err != nil {
		return err
	}
	add("first list after the start", time.Since(begin).Seconds()*1000)
	time.Sleep(2 * time.Second)
	add("memory idle", resident(p.cmd.Process.Pid))
	var all []string
	for cursor := ""; len(all) < 1000; {
		var page struct {
			Items      []struct{ ID string }
			NextCursor string `json:"next_cursor"`
		}
		if err := p.call(http.MethodGet, "/api/v1/conversations?sort=oldest&limit=200&cursor="+cursor, nil, &page); err != nil {
			return err
		}
		for _, c := range page.Items {
			all = append(all, c.ID)
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	total := size * perConversation
	rest, err := others(p.cmd.Process.Pid, func() error {
		for _, kind := range kinds(total, all) {
			took, err := timed(p, s.reads, kind)
			if err != nil {
				return fmt.Errorf("%s: %w", kind.name, err)
			}
			add(kind.name+" p50", quantile(took, .5))
			add(kind.name+" p99", quantile(took, .99))
		}
		return nil
	})
	t.busy(rest)
	add("memory after the reads", resident(p.cmd.Process.Pid))
	return err
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

// timed asks so often and returns the sorted times in milliseconds. An answer with too little in it is an error.
func timed(p *process, times int, k kind) ([]float64, error) {
	took := make([]float64, 0, times)
	for range times {
		paths := k.paths()
		begin := time.Now()
		for n, path := range paths {
			var found struct{ Items, Messages []struct{} }
			if err := p.call(http.MethodGet, path, nil, &found); err != nil {
				return nil, err
			}
			if got := len(found.Items) + len(found.Messages); n == 0 && got < k.least {
				return nil, fmt.Errorf("%s found %d, want %d", path, got, k.least)
			}
		}
		took = append(took, time.Since(begin).Seconds()*1000)
	}
	slices.Sort(took)
	return took, nil
}
