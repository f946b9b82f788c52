package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// format changes when the gateway's folders or the seed do: those of another one are made anew.
const format = 1

const (
	perConversation = 10 // messages, on average
	longOnes        = 10 // conversations of a thousand messages among them
	longLength      = 1000
	perWebhook      = 100
	seeders         = 4
	maxActive       = 100 // webhooks under way while seeding
)

// seeded returns a folder of that many conversations, all of them open, which is the hardest case for lists. It is made through the
// front door where it is missing; a file beside it says that it is whole.
func seeded(s settings, sub *subject, size int) (dir string, err error) {
	if dir, err = filepath.Abs(filepath.Join(s.cache, fmt.Sprintf("format-%d", format), strconv.Itoa(size))); err != nil {
		return "", err
	}
	whole := dir + ".whole"
	if _, err := os.Stat(whole); err == nil {
		return dir, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	p, err := sub.start(dir)
	if err != nil {
		return "", err
	}
	begin := time.Now()
	err = errors.Join(fill(p, size), p.stop())
	if err != nil {
		return "", err
	}
	total := size * perConversation
	_, _ = fmt.Fprintf(os.Stderr, "seeded %d conversations with %d messages through the front door, %.0f/s\n", size, total,
		float64(total)/time.Since(begin).Seconds())
	return dir, os.WriteFile(whole, nil, 0o600)
}

// fill delivers everything in batched webhooks, waits until it is done and counts it.
func fill(p *process, size int) error {
	var next atomic.Int64
	var group errgroup.Group
	total := size * perConversation
	start := time.Now().Add(-time.Duration(total) * time.Second) // one message a second until now
	for range seeders {
		group.Go(func() error {
			for {
				first := int(next.Add(perWebhook)) - perWebhook
				if first >= total {
					return nil
				}
				batch := make([]message, 0, perWebhook)
				for n := first; n < min(total, first+perWebhook); n++ {
					batch = append(batch, message{n, senderOf(n, size), start.Add(time.Duration(n) * time.Second), sentence(n)})
				}
				if err := errors.Join(p.insist(webhook(batch...)), p.settle(maxActive)); err != nil {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := p.settle(0); err != nil {
		return err
	}
	conversations, messages := 0, 0
	err := eachPage(p, "/api/v1/conversations?limit=200", func(c struct {
		InboundCount int `json:"inbound_count"`
	},
	) error {
		conversations++
		messages += c.InboundCount
		return nil
	})
	if err == nil && (conversations != size || messages != total) {
		err = fmt.Errorf("the store has %d conversations with %d messages instead of %d with %d", conversations, messages, size, total)
	}
	return err
}

// insist delivers again what was not acknowledged, as providers do.
func (p *process) insist(body []byte) (err error) {
	for range 5 {
		if err = p.deliver(body); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// senderOf gives every conversation its first message in the first tenth, and a share of the rest to the long ones.
func senderOf(n, size int) int {
	if long := min(longOnes*longLength, size); n >= size && n < size+long {
		return n % longOnes
	}
	return n % size
}

// settle waits until at most so many jobs are under way.
func (p *process) settle(most int) error {
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		_, metrics, err := p.http.Get(nil, "http://"+p.address+"/metrics")
		if err != nil {
			return err
		}
		active, err := gauge(string(metrics), "wasl_jobs_active")
		if err != nil || active <= most {
			return err
		}
		if time.Since(begin) > time.Minute {
			return fmt.Errorf("%d jobs are still under way", active)
		}
	}
}

func gauge(metrics, name string) (int, error) {
	_, rest, found := strings.Cut(metrics, "\n"+name+" ")
	if !found {
		return 0, fmt.Errorf("%s: %w", name, io.ErrUnexpectedEOF)
	}
	value, err := strconv.ParseFloat(strings.SplitN(rest, "\n", 2)[0], 64)
	return int(value), err
}
