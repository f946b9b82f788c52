package sandbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"wasl/internal/errs"
)

const (
	trafficTick  = 10 * time.Millisecond
	trafficDrain = 15 * time.Second // what is still on its way after the last message
	timesKept    = 20_000           // from which the percentiles are taken
)

// TrafficPlan asks for messages of many customers.
type TrafficPlan struct {
	Account   string         `json:"account"`
	Rate      int            `json:"rate"`      // messages in a second, at most 2000
	Seconds   int            `json:"seconds"`   // at most 600
	Customers int            `json:"customers"` // at most 5000
	Mix       map[string]int `json:"mix"`       // weights of text image voice document location; empty: text only
}

// Traffic is the report of scripted traffic.
type Traffic struct {
	Running  bool        `json:"running"`
	Plan     TrafficPlan `json:"plan"`
	Started  time.Time   `json:"started_at,omitzero"`
	Finished time.Time   `json:"finished_at,omitzero"`
	Sent     int         `json:"sent"`     // messages that customers sent
	Accepted int         `json:"accepted"` // of these, webhooks that were answered with 200
	Replies  int         `json:"replies"`  // messages that the business sent to these customers
	// How long until the webhook was answered, in milliseconds.
	P50 float64 `json:"p50_ms"`
	P95 float64 `json:"p95_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

// traffic is the scripted traffic that runs or ran last.
type traffic struct {
	mu     sync.Mutex
	now    Traffic
	phones map[string]bool
	took   []time.Duration
	stop   context.CancelFunc
	ended  chan struct{} // every message was answered
}

func (t *traffic) accepted(phone string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.now.Running || !t.phones[phone] {
		return
	}
	t.now.Accepted++
	if len(t.took) < timesKept {
		t.took = append(t.took, took)
	} else if i := rand.IntN(t.now.Accepted); i < timesKept { //nolint:gosec // chance, not secrecy
		t.took[i] = took // so that each had the same chance to stay
	}
	t.now.Max = max(t.now.Max, took.Seconds()*1000)
	if t.now.Accepted == t.now.Plan.Rate*t.now.Plan.Seconds {
		close(t.ended)
	}
}

func (t *traffic) replied(phone string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phones[phone] {
		t.now.Replies++
	}
}

func (t *traffic) cancel() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop != nil {
		t.stop()
	}
}

// Traffic reports on the scripted traffic that runs or ran last.
func (s *Sandbox) Traffic() Traffic {
	t := s.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	report := t.now
	if len(t.took) > 0 {
		sorted := slices.Sorted(slices.Values(t.took))
		at := func(p float64) float64 { return sorted[int(p*float64(len(sorted)-1))].Seconds() * 1000 }
		report.P50, report.P95, report.P99 = at(0.50), at(0.95), at(0.99)
	}
	return report
}

func (s *Sandbox) postTraffic(r *http.Request) (any, error) {
	plan, err := readControl[TrafficPlan](r)
	if err != nil {
		return nil, err
	}
	err = s.StartTraffic(plan)
	return s.Traffic(), err
}

// StartTraffic lets customers write at the given rate. They are made for it and stay off the page.
func (s *Sandbox) StartTraffic(plan TrafficPlan) error {
	if plan.Rate < 1 || plan.Rate > 2000 || plan.Seconds < 1 || plan.Seconds > 600 || plan.Customers < 1 || plan.Customers > 5000 {
		return errs.New(errs.Invalid, "traffic_invalid", "rate is 1 to 2000, seconds 1 to 600, customers 1 to 5000.")
	}
	if len(plan.Mix) == 0 {
		plan.Mix = map[string]int{"text": 1}
	}
	var bag []Content
	for kind, weight := range plan.Mix {
		content := Content{Type: "text"}
		if kind != "text" {
			var err error
			if content, err = s.sample(kind); err != nil {
				return err
			}
		}
		if weight < 0 || weight > 100 {
			return errs.InvalidField("mix_invalid", "mix", "A weight is 0 to 100.")
		}
		for range weight {
			bag = append(bag, content)
		}
	}
	if len(bag) == 0 {
		return errs.InvalidField("mix_invalid", "mix", "The mix is empty.")
	}
	phones := s.scriptedPhones(plan.Customers)
	t := s.traffic
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now.Running {
		return errs.New(errs.Conflict, "traffic_running", "Scripted traffic is running.")
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.now, t.took, t.stop, t.ended = Traffic{Running: true, Plan: plan, Started: s.clock.Now()}, nil, cancel, make(chan struct{})
	t.phones = make(map[string]bool, len(phones))
	for _, key := range phones {
		t.phones[key] = true
	}
	go s.play(ctx, plan, phones, bag)
	return nil
}

// scriptedPhones returns as many phones as are asked for, made when they are missing.
func (s *Sandbox) scriptedPhones(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("traffic-%04d", i+1)
		if _, ok := s.book.phone(keys[i]); !ok {
			c := Customer{
				Key: keys[i], Name: fmt.Sprintf("Visitor %04d", i+1), Phone: fmt.Sprintf("1555010%04d", i+1),
				Email: fmt.Sprintf("visitor%04d@example.net", i+1), Language: "en",
			}
			c.UserID = userID(c)
			s.book.savePhone(Phone{Customer: c, Scripted: true})
		}
	}
	return keys
}

// play sends the messages on time and then waits for what is on its way.
func (s *Sandbox) play(ctx context.Context, plan TrafficPlan, phones []string, bag []Content) {
	t, total := s.traffic, plan.Rate*plan.Seconds
	ticks := time.NewTicker(trafficTick)
	defer ticks.Stop()
	start := s.clock.Now()
	for sent := 0; sent < total && ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-s.closed:
			t.cancel()
		case <-ticks.C:
			due := min(total, int(s.clock.Now().Sub(start).Seconds()*float64(plan.Rate)))
			for ; sent < due; sent++ {
				content := bag[rand.IntN(len(bag))] //nolint:gosec // chance, not secrecy
				if content.Type == "text" {
					content.Text = fmt.Sprintf("Scripted message %d", sent+1)
				}
				t.mu.Lock()
				t.now.Sent++
				t.mu.Unlock()
				if _, err := s.Say(Message{Phone: phones[sent%len(phones)], Account: plan.Account, Content: content}); err != nil {
					s.log.Error().Err(err).Msg("scripted message not sent")
				}
			}
		}
	}
	select {
	case <-ctx.Done():
	case <-t.ended:
	case <-time.After(trafficDrain):
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Running, t.now.Finished = false, s.clock.Now()
	t.stop()
}
