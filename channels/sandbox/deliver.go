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
	retryFor     = 7 * 24 * time.Hour
	swapPatience = 500 * time.Millisecond
)

// hook is one webhook on its way.
type hook struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Phone   string    `json:"phone"`
	Message string    `json:"message,omitempty"` // the customer's message that it carries
	Body    []byte    `json:"body"`
	Since   time.Time `json:"since"`

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
	GivenUp    int `json:"given_up"`   // after seven days
	Unwanted   int `json:"unwanted"`   // no webhook address was set
}

// deliverer posts webhooks: at least once, in order for one customer, again with growing delay for seven days.
// Whatever newly happens to a customer prompts what is still waiting for that customer at once, so that order
// costs no patience after the gateway is back.
type deliverer struct {
	s      *Sandbox
	client *http.Client
	slots  chan struct{}
	wake   chan struct{}

	mu    sync.Mutex
	lanes map[string]*lane
	ready []string
	count Deliveries
}

func newDeliverer(s *Sandbox, client *http.Client) *deliverer {
	return &deliverer{s: s, client: client, slots: make(chan struct{}, inFlight), wake: make(chan struct{}, 1), lanes: map[string]*lane{}}
}

// send words a happening and puts it on its way, with the faults that are set. It returns nil where nothing leaves.
func (d *deliverer) send(a Account, h happening) *hook {
	body, err := d.s.dialects[a.Kind].webhook(a, h)
	if err != nil {
		d.s.log.Error().Err(err).Str("kind", h.kind).Msg("webhook not worded")
		return nil
	}
	if body == nil {
		return nil
	}
	k := &hook{ID: ids.New("hok", d.s.clock.Now()), Account: a.ID, Phone: h.phone.Key, Body: body, Since: d.s.clock.Now(), tried: make(chan struct{})}
	if h.kind == "message" {
		k.Message = h.message.ID
	}
	if a.Callback == "" || d.s.faults.hit(FaultLost) {
		d.mu.Lock()
		if a.Callback == "" {
			d.count.Unwanted++
		} else {
			d.count.Lost++
		}
		d.mu.Unlock()
		close(k.tried)
		return nil
	}
	k.swap = d.s.faults.hit(FaultReorder)
	d.enqueue(k)
	if d.s.faults.hit(FaultDuplicate) {
		again := *k
		again.ID, again.Message, again.swap, again.tried = ids.New("hok", d.s.clock.Now()), "", false, make(chan struct{}) // the first one counts
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
	key := h.Account + " " + h.Phone
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
		if d.attempt(ctx, h) {
			d.drop(l)
			d.s.settled(h)
			continue
		}
		if ctx.Err() != nil {
			return
		}
		h.tries++
		if d.s.clock.Now().Sub(h.Since) >= retryFor {
			d.drop(l)
			d.giveUp(h)
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

// attempt posts once and says whether it was taken.
func (d *deliverer) attempt(ctx context.Context, h *hook) bool {
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	err := d.post(ctx, h)
	<-d.slots
	if h.tries == 0 {
		close(h.tried)
	}
	if err == nil {
		return true
	}
	d.mu.Lock()
	d.count.Failures++
	d.mu.Unlock()
	d.s.log.Debug().Err(err).Str("hook", h.ID).Int("tries", h.tries+1).Msg("webhook not taken")
	return false
}

func (d *deliverer) post(ctx context.Context, h *hook) error {
	a, ok := d.s.account(h.Account)
	if !ok || a.Callback == "" {
		return fmt.Errorf("no webhook address")
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Callback, bytes.NewReader(h.Body))
	if err != nil {
		return fmt.Errorf("webhook request: %w", err)
	}
	req.Header = d.s.dialects[a.Kind].headers(a, h.Body)
	res, err := d.client.Do(req)
	if err != nil {
		return fmt.Errorf("post webhook: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("webhook answered %d", res.StatusCode)
	}
	return nil
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
