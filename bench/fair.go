package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// backlog is how many replies of one channel wait for its rate while another channel is measured.
	backlog = 2000
	// fairSamples of each kind are taken on the idle gateway, and as many beside the backlog.
	fairSamples = 600
	// quietPeople share the samples: the provider takes only so many messages to one person.
	quietPeople = 40
	fairEvery   = 50 * time.Millisecond
	timerIn     = 200 * time.Millisecond
	quietNumber = "800000000000002"
)

// fair measures whether a channel with a backlog leaves another channel's webhooks, replies and timers alone.
func fair(s settings, subjects []*subject, provider *nothing, work string, t *table) error {
	for round := range s.rounds {
		for _, sub := range subjects {
			if sub.bare {
				continue
			}
			_, _ = fmt.Fprintf(os.Stderr, "fairness, round %d of %d: %s\n", round+1, s.rounds, sub.name)
			dir := filepath.Join(work, fmt.Sprintf("fair-%s-%d", sub.name, round))
			if err := fairRound(sub, provider, dir, t); err != nil {
				t.void(sub, fmt.Errorf("fairness: %w", err))
			}
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

func fairRound(sub *subject, provider *nothing, dir string, t *table) (err error) {
	p, err := sub.start(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := people(p, phoneNumberID, 0, backlog); err != nil {
		return err
	}
	var busy []string
	if err := eachPage(p, "/api/v1/conversations?limit=200",
		func(c struct{ ID string }) error { busy = append(busy, c.ID); return nil }); err != nil {
		return err
	}
	quiet, err := p.second(sub.provider)
	if err != nil {
		return err
	}
	if err := people(quiet, quietNumber, backlog, quietPeople); err != nil {
		return err
	}
	var conversations []string
	list := "/api/v1/conversations?limit=200&channel=" + strings.TrimPrefix(quiet.hook, "/webhooks/whatsapp/")
	if err := eachPage(p, list, func(c struct{ ID string }) error {
		conversations = append(conversations, "/api/v1/conversations/"+c.ID)
		return nil
	}); err != nil || len(conversations) != quietPeople {
		return errors.Join(fmt.Errorf("%d quiet conversations", len(conversations)), err)
	}
	idle, err := sample(quiet, provider, conversations, "idle")
	if err != nil {
		return err
	}
	var posts errgroup.Group
	posts.SetLimit(8)
	for _, id := range busy {
		posts.Go(func() error {
			return p.call(http.MethodPost, "/api/v1/conversations/"+id+"/messages", text("busy "+id), nil)
		})
	}
	if err := posts.Wait(); err != nil {
		return err
	}
	beside, err := sample(quiet, provider, conversations, "busy")
	if err != nil {
		return err
	}
	for n, kind := range []string{"webhook", "reply", "timer"} {
		alone, with := quantile(idle[n], .99), quantile(beside[n], .99)
		t.add(sub, "another channel's "+kind+" p99, idle", alone)
		t.add(sub, "another channel's "+kind+" p99, backlog", with)
		t.add(sub, "another channel's "+kind+", backlog to idle", with/alone)
	}
	return nil
}

func text(key string) map[string]any {
	return map[string]any{"client_id": key, "type": "text", "text": key}
}

// people have somebody new write each of these messages.
func people(p *process, number string, first, count int) error {
	for n := first; n < first+count; n += perWebhook {
		var batch []message
		for k := n; k < min(n+perWebhook, first+count); k++ {
			batch = append(batch, message{k, k, time.Now(), sentence(k)})
		}
		if err := p.insist(of(number, webhook(batch...))); err != nil {
			return err
		}
	}
	return p.settle(0)
}

// of makes a webhook one of another number.
func of(number string, body []byte) []byte {
	return []byte(strings.ReplaceAll(string(body), phoneNumberID, number))
}

// second connects another number and returns the process as that number's provider sees it.
func (p *process) second(provider string) (*process, error) {
	var made struct{ ID string }
	err := p.call(http.MethodPost, "/api/v1/channels", whatsAppChannel("Quiet", provider, quietNumber), &made)
	other := *p
	other.hook = "/webhooks/whatsapp/" + made.ID
	return &other, err
}

// sample measures webhooks, replies and timers of the quiet channel: from the post to its acknowledgement, from the post to the provider,
// and from its time to its effect, each in milliseconds and sorted.
func sample(p *process, provider *nothing, conversations []string, name string) (took [3][]float64, err error) {
	note := func(kind int, since time.Time) { took[kind] = append(took[kind], time.Since(since).Seconds()*1000) }
	for n := range fairSamples {
		conversation, begin := conversations[n%quietPeople], time.Now()
		number := 1_000_000 + n
		if name == "busy" {
			number += fairSamples
		}
		if err := p.deliver(of(quietNumber, webhook(message{number, backlog + n%quietPeople, begin, sentence(number)}))); err != nil {
			return took, err
		}
		note(0, begin)
		key := fmt.Sprintf("quiet %s %d", name, n)
		sent := provider.expect(key)
		begin = time.Now()
		if err := p.call(http.MethodPost, conversation+"/messages", text(key), nil); err != nil {
			return took, err
		}
		select {
		case <-sent:
			note(1, begin)
		case <-time.After(patience):
			return took, errors.New("a reply never left")
		}
		if n%4 == 0 { // fewer, because each takes its time
			if err := timer(p, conversation, func(due time.Time) { note(2, due) }); err != nil {
				return took, err
			}
		}
		time.Sleep(fairEvery)
	}
	for _, values := range took {
		slices.Sort(values)
	}
	return took, nil
}

// timer snoozes the conversation and looks when it is open again.
func timer(p *process, conversation string, note func(due time.Time)) error {
	due := time.Now().Add(timerIn).Truncate(time.Millisecond)
	if err := p.call(http.MethodPatch, conversation, map[string]any{
		"status":        "snoozed",
		"snoozed_until": due.UTC().Format("2006-01-02T15:04:05.000Z"),
	}, nil); err != nil {
		return err
	}
	time.Sleep(time.Until(due))
	for time.Since(due) < patience {
		var now struct{ Status string }
		if err := p.call(http.MethodGet, conversation, nil, &now); err != nil {
			return err
		}
		if now.Status == "open" {
			note(due)
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return errors.New("a timer never came")
}

// expected are the texts that somebody waits for at the provider.
type expected struct {
	mu sync.Mutex
	of map[string]chan struct{}
}

func (e *expected) expect(text string) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.of == nil {
		e.of = map[string]chan struct{}{}
	}
	e.of[text] = make(chan struct{})
	return e.of[text]
}

// came notes what the provider was sent.
func (e *expected) came(body []byte) {
	var in struct{ Text struct{ Body string } }
	_ = json.Unmarshal(body, &in) // what is no message has no text
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.of[in.Text.Body]; c != nil {
		close(c)
		delete(e.of, in.Text.Body)
	}
}
