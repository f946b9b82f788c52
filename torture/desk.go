package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// desks are agents who answer and mark what they read.
type desks struct {
	w     *world
	r     *rand.Rand
	mu    sync.Mutex // of r and busy
	busy  map[string]bool
	made  int
	most  int // so many answers are written; 0: as many as there is time for
	wrote atomic.Int64
}

func newDesks(w *world, seed uint64) *desks {
	return &desks{w: w, r: rand.New(rand.NewPCG(seed, 2)), busy: map[string]bool{}}
}

// run lets the desks work until load ends and returns when every answer that was begun is in.
func (d *desks) run(ctx, load context.Context, count int) {
	var all sync.WaitGroup
	for range count {
		all.Go(func() {
			for load.Err() == nil && !d.done() {
				d.visit(ctx)
				wait(load, 100*time.Millisecond)
			}
		})
	}
	all.Wait()
}

// done reports whether all answers are written, or being written.
func (d *desks) done() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.most > 0 && d.made >= d.most
}

// visit answers in one conversation and marks it read.
func (d *desks) visit(ctx context.Context) {
	var list struct{ Items []conversation }
	if _, err := d.w.call(d.w.any(), d.w.users["desk"], http.MethodGet, "/api/v1/conversations?limit=100", nil, &list); err != nil {
		return
	}
	c, answers := d.choose(list.Items)
	if c == nil {
		return
	}
	defer func() {
		d.mu.Lock()
		delete(d.busy, c.ID)
		d.mu.Unlock()
	}()
	if answers == 0 {
		_, _ = d.w.call(d.w.any(), d.w.users["desk"], http.MethodPost, "/api/v1/conversations/"+c.ID+"/read", nil, nil)
		return
	}
	for range answers {
		d.answer(ctx, c)
	}
}

// choose takes a conversation where nobody is, and says how many answers it gets.
func (d *desks) choose(list []conversation) (c *conversation, answers int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(list) == 0 {
		return nil, 0
	}
	c = &list[d.r.IntN(len(list))]
	if d.busy[c.ID] {
		return nil, 0
	}
	d.busy[c.ID] = true
	return c, d.r.IntN(4)
}

// answer writes one reply and repeats it, under the same key, until it is answered, as a browser does.
func (d *desks) answer(ctx context.Context, c *conversation) {
	customer, channel := c.whose(d.w)
	d.mu.Lock()
	if d.most > 0 && d.made >= d.most {
		d.mu.Unlock()
		return
	}
	d.made++
	r := &reply{
		key: fmt.Sprintf("reply r%dq", d.made), conversation: c.ID, customer: customer, channel: channel, to: identity(customer),
		made: d.made, posted: time.Now(), reported: map[string]bool{},
	}
	d.mu.Unlock()
	book := d.w.book
	book.mu.Lock()
	book.replies[r.key] = r
	book.mu.Unlock()
	for ctx.Err() == nil {
		id, err := d.w.plant.reply(d.w, r)
		if err == nil {
			d.wrote.Add(1)
			book.mu.Lock()
			r.answered = time.Now()
			other := r.id != "" && r.id != id
			r.id = id
			book.byID[id] = r
			book.mu.Unlock()
			if other {
				book.trouble("%q is %s for its writer and another message for the provider", r.key, id)
			}
			return
		}
		if !errors.Is(err, errAgain) {
			book.trouble("%q was refused: %v", r.key, err)
			return
		}
		wait(ctx, 300*time.Millisecond)
	}
}

// write posts a reply once.
func (w *world) write(r *reply) (id string, err error) {
	var out struct{ ID string }
	_, err = w.call(w.any(), w.users["desk"], http.MethodPost, "/api/v1/conversations/"+r.conversation+"/messages",
		object{"client_id": r.key, "type": "text", "text": r.key}, &out)
	return out.ID, err
}

// whose says which customer's conversation with which number it is.
func (c *conversation) whose(w *world) (customer, channel int) {
	_, _ = fmt.Sscanf(strings.TrimPrefix(c.Contact.Name, "Customer "), "%d", &customer)
	for n, id := range w.channels {
		if id == c.ChannelID {
			channel = n
		}
	}
	return customer, channel
}
