package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"wasl/internal/ids"
)

const (
	inFlight     = 64 // webhooks on their way at once
	retryAtMost  = time.Hour
	retryFor     = 7 * 24 * time.Hour // Meta's patience for WhatsApp
	swapPatience = 500 * time.Millisecond
)

// hook is one webhook on its way.
type hook struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Phone   string    `json:"phone"`
	Message string    `json:"message,omitempty"` // the customer's message that it carries
	Since   time.Time `json:"since"`
	wording

	tries int
	swap  bool          // lets the next one pass
	kept  bool          // written down, because its first attempt failed
	tried chan struct{} // closed after the first attempt
}

// lane is the webhooks about one customer, in order. Different lanes are delivered side by side.
type lane struct {
	queue []*hook
	busy  bool
	kick  chan struct{} // something changed: do not wait any longer
}

// Deliveries counts webhooks.
type Deliveries struct {
	Delivered  int `json:"delivered"`
	Failures   int `json:"failures"` // attempts that were not answered with 200
	Pending    int `json:"pending"`
	Lost       int `json:"lost"`       // by the fault
	Duplicates int `json:"duplicates"` // by the fault
	GivenUp    int `json:"given_up"`   // when the provider's patience was over
	Unwanted   int `json:"unwanted"`   // no webhook address was set
}

// deliverer posts webhooks: in order for one customer and address, and again with growing delay as long as the provider would.
// Whatever newly happens to a customer prompts what is still waiting for that customer at once, so that order
// costs no patience after the gateway is back.
type deliverer struct {
	s     *Sandbox
	slots chan struct{}
	wake  chan struct{}

	mu    sync.Mutex
	lanes map[string]*lane
	ready []string
	count Deliveries
}

func newDeliverer(s *Sandbox) *deliverer {
	return &deliverer{s: s, slots: make(chan struct{}, inFlight), wake: make(chan struct{}, 1), lanes: map[string]*lane{}}
}

// send words a happening and puts it on its way, with the faults that are set. It returns nil where nothing leaves.
func (d *deliverer) send(a Account, h happening) *hook {
	w, err := d.s.dialects[a.Kind].webhook(a, h)
	if err != nil {
		d.s.log.Error().Err(err).Str("kind", h.kind).Msg("webhook not worded")
		return nil
	}
	if w == nil {
		return nil
	}
	k := &hook{
		ID: ids.New("hok", d.s.clock.Now()), Account: a.ID, Phone: h.phone.Key, Since: d.s.clock.Now(), wording: *w,
		tried: make(chan struct{}),
	}
	if h.kind == "message" {
		k.Message = h.message.ID
	}
	nowhere := a.Callback == "" && w.URL == ""
	if nowhere || d.s.faults.hit(FaultLost) {
		d.mu.Lock()
		if nowhere {
			d.count.Unwanted++
		} else {
			d.count.Lost++
		}
		d.mu.Unlock()
		close(k.tried)
		return nil
	}
	k.swap = d.s.faults.hit(FaultReorder)
	again := *k // before it belongs to its lane
	d.enqueue(k)
	if d.s.faults.hit(FaultDuplicate) {
		// the first one counts
		again.ID, again.Message, again.swap, again.tried = ids.New("hok", d.s.clock.Now()), "", false, make(chan struct{})
		d.mu.Lock()
		d.count.Duplicates++
		d.mu.Unlock()
		d.enqueue(&again)
	}
	return k
}

// enqueue puts a webhook at the end of its customer's lane.
func (d *deliverer) enqueue(h *hook) {
	if h.tried == nil {
		h.tried = make(chan struct{})
	}
	key := h.Account + " " + h.Phone + " " + h.URL
	d.mu.Lock()
	l := d.lanes[key]
	if l == nil {
		l = &lane{kick: make(chan struct{}, 1)}
		d.lanes[key] = l
	}
	l.queue = append(l.queue, h)
	d.count.Pending++
	if !l.busy {
		l.busy = true
		d.ready = append(d.ready, key)
	}
	d.mu.Unlock()
	poke(l.kick)
	poke(d.wake)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run delivers until the context ends, and returns when nothing is on its way any more.
func (d *deliverer) run(ctx context.Context) {
	var lanes sync.WaitGroup
	defer lanes.Wait()
	for {
		d.mu.Lock()
		ready := d.ready
		d.ready = nil
		d.mu.Unlock()
		for _, key := range ready {
			lanes.Go(func() { d.drain(ctx, key) })
		}
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		}
	}
}

// drain delivers one lane until it is empty.
func (d *deliverer) drain(ctx context.Context, key string) {
	for {
		h, l := d.head(key)
		if h == nil {
			return
		}
		if h.swap {
			d.letPass(ctx, l, h)
			continue
		}
		result := d.attempt(ctx, h)
		if result != taken && ctx.Err() != nil {
			return
		}
		h.tries++
		if result != again {
			d.drop(l)
			if result == taken {
				d.s.settled(h)
			} else {
				d.giveUp(h)
			}
			continue
		}
		if !h.kept {
			h.kept = true
			d.s.book.keepHook(h)
		}
		select {
		case <-ctx.Done():
			return
		case <-l.kick:
		case <-time.After(retryDelay(h.tries)):
		}
	}
}

// retryDelay doubles from a second to an hour.
func retryDelay(tries int) time.Duration {
	if tries > 12 {
		return retryAtMost
	}
	return min(time.Second<<(tries-1), retryAtMost)
}

// head returns the next webhook of a lane; without one the lane is over.
func (d *deliverer) head(key string) (*hook, *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.lanes[key]
	if len(l.queue) == 0 {
		delete(d.lanes, key)
		return nil, nil
	}
	select {
	case <-l.kick: // it told of what is seen here
	default:
	}
	return l.queue[0], l
}

// letPass waits a moment for another webhook about the same customer and lets it go first.
func (d *deliverer) letPass(ctx context.Context, l *lane, h *hook) {
	deadline := time.After(swapPatience)
	for {
		d.mu.Lock()
		if len(l.queue) > 1 {
			l.queue[0], l.queue[1] = l.queue[1], h
			h.swap = false
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
		select {
		case <-l.kick:
		case <-deadline:
			h.swap = false
			return
		case <-ctx.Done():
			h.swap = false
			return
		}
	}
}

// attempt posts once and says what becomes of the webhook.
func (d *deliverer) attempt(ctx context.Context, h *hook) verdict {
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return again
	}
	defer func() { <-d.slots }()
	a, ok := d.s.account(h.Account)
	if !ok {
		return lost // it was closed since
	}
	status, err := d.post(ctx, a, h)
	if h.tries == 0 {
		close(h.tried)
	}
	result := d.s.dialects[a.Kind].judge(&h.wording, status, h.tries, d.s.clock.Now().Sub(h.Since))
	if result == taken {
		return taken
	}
	d.mu.Lock()
	d.count.Failures++
	d.mu.Unlock()
	d.s.log.Debug().Err(err).Str("hook", h.ID).Int("status", status).Int("tries", h.tries+1).Msg("webhook not taken")
	return result
}

// post returns the status of the answer; 0: there was none.
func (d *deliverer) post(ctx context.Context, a Account, h *hook) (int, error) {
	address := h.URL
	if address == "" {
		address = a.Callback
	}
	if address == "" {
		return 0, fmt.Errorf("no webhook address")
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.s.reach(address), bytes.NewReader(h.Body))
	if err != nil {
		return 0, fmt.Errorf("webhook request: %w", err)
	}
	req.Header = d.s.dialects[a.Kind].headers(a, &h.wording, address)
	res, err := d.s.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("post webhook: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again
	return res.StatusCode, nil
}

// patient is the verdict of a provider that wants 200 and tries for so long.
func patient(status int, age, limit time.Duration) verdict {
	switch {
	case status == http.StatusOK:
		return taken
	case age >= limit:
		return lost
	}
	return again
}

// drop takes a lane's first webhook away.
func (d *deliverer) drop(l *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.queue = l.queue[1:]
	d.count.Pending--
}

func (d *deliverer) giveUp(h *hook) {
	d.mu.Lock()
	d.count.GivenUp++
	d.mu.Unlock()
	d.s.book.dropHook(h)
}

// retry prompts everything that waits.
func (d *deliverer) retry() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.lanes {
		poke(l.kick)
	}
}

// pending returns what is not delivered yet.
func (d *deliverer) pending() []*hook {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []*hook
	for _, l := range d.lanes {
		all = append(all, l.queue...)
	}
	return all
}

func (d *deliverer) counts() Deliveries {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count
}

// settled is told of every webhook that was taken.
func (s *Sandbox) settled(h *hook) {
	s.out.mu.Lock()
	s.out.count.Delivered++
	s.out.mu.Unlock()
	if h.kept {
		s.book.dropHook(h)
	}
	if h.Message != "" {
		s.traffic.accepted(h.Phone, s.clock.Now().Sub(h.Since))
		s.book.change(h.Message, func(m *Message) bool {
			if rank(m.Status) >= rank(StatusDelivered) {
				return false
			}
			m.Status = StatusDelivered
			return true
		})
	}
}
