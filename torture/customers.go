package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// delivery is one webhook that the provider repeats until it is answered 200.
type delivery struct {
	channel int
	body    []byte
	parts   []*part
	done    func()
}

// post delivers until it is taken, as a provider does, or until the rig ends.
func (w *world) post(ctx context.Context, d *delivery) {
	w.book.onTheWay(d.parts)
	for pause := 200 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 2*time.Second) {
		if w.plant.webhook(w, d) {
			w.book.taken(d.parts)
			if d.done != nil {
				d.done()
			}
			return
		}
		w.repeated.Add(1)
		wait(ctx, pause)
	}
}

// wait is a pause that the end of the rig cuts short.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// customers make up what people write. What they make depends on the seed alone; when it leaves depends on the machine.
type customers struct {
	w      *world
	r      *rand.Rand
	count  int
	last   map[int]int64  // each one's newest time
	mails  map[int]string // each one's last mail
	made   int
	bodies int
	lanes  []chan []*delivery
	late   []*delivery // repetitions that come much later
	flying sync.WaitGroup
	sent   atomic.Int64
}

const senderLanes = 16

func newCustomers(w *world, seed uint64, count int) *customers {
	c := &customers{
		w: w, r: rand.New(rand.NewPCG(seed, 1)), count: count, last: map[int]int64{}, mails: map[int]string{},
		lanes: make([]chan []*delivery, senderLanes),
	}
	for n := range c.lanes {
		c.lanes[n] = make(chan []*delivery, 1000)
	}
	return c
}

// run sends bodies at the rate until load ends, and returns when all was taken.
func (c *customers) run(ctx, load context.Context, perSecond int) {
	var lanes sync.WaitGroup
	for _, lane := range c.lanes {
		lanes.Go(func() {
			for ds := range lane {
				c.deliver(ctx, ds)
			}
		})
	}
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for load.Err() == nil {
		select {
		case <-load.Done():
		case <-tick.C:
			ds := c.next()
			c.flying.Add(len(ds))
			c.lanes[ds[0].parts[0].about.customer%senderLanes] <- ds
		}
	}
	for _, lane := range c.lanes {
		close(lane)
	}
	lanes.Wait()
	c.flying.Wait()
	for _, d := range c.late {
		c.w.post(ctx, d)
	}
}

// deliver sends a group: its bodies at the same time. One that is not taken at once holds up nobody else.
func (c *customers) deliver(ctx context.Context, group []*delivery) {
	for _, d := range group {
		c.sent.Add(1)
		first := make(chan struct{})
		go func() {
			defer c.flying.Done()
			once := sync.OnceFunc(func() { close(first) })
			patience := time.AfterFunc(100*time.Millisecond, once)
			defer patience.Stop()
			c.w.post(ctx, d)
			once()
		}()
		if len(group) == 1 {
			<-first
		}
	}
}

// next draws what is sent next.
func (c *customers) next() []*delivery {
	if c.r.IntN(10) == 0 {
		return c.mail()
	}
	who := c.r.IntN(c.count)
	if c.r.IntN(10) < 7 { // a few write most of it
		who = c.r.IntN(max(1, c.count/10))
	}
	channel := (who + c.r.IntN(10)/9) % len(numbers) // most write to one number, some to both
	var ds []*delivery
	switch draw := c.r.IntN(100); {
	case draw < 55: // one message
		ds = []*delivery{c.body(channel, c.write(who, channel).said)}
	case draw < 70: // a batch, of several people or of one
		var parts []*part
		for n := range 2 + c.r.IntN(4) {
			if n%2 == 0 {
				who = (who + c.r.IntN(2)*senderLanes) % c.count
			}
			parts = append(parts, c.write(who, channel).said)
		}
		ds = []*delivery{c.body(channel, parts...)}
	case draw < 80: // several at the same time, in any order
		for range 2 + c.r.IntN(3) {
			c.last[who]++
			ds = append(ds, c.body(channel, c.write(who, channel).said))
		}
		c.r.Shuffle(len(ds), func(i, j int) { ds[i], ds[j] = ds[j], ds[i] })
	default: // something about a message, before or after it
		m := c.write(who, channel)
		about := c.about(m)
		ds = []*delivery{c.body(channel, m.said), c.body(channel, about)}
		if c.r.IntN(2) == 0 {
			ds[0], ds[1] = ds[1], ds[0]
		}
		if c.r.IntN(3) == 0 {
			ds = []*delivery{c.body(channel, about, m.said)}
		}
	}
	for _, d := range ds {
		c.again(d)
	}
	return ds
}

// mail draws a mail of a customer, or one to a customer that was written in another program.
func (c *customers) mail() []*delivery {
	m := c.write(mailFrom+c.r.IntN(c.count/10+1), mailChannel)
	m.echo = c.r.IntN(6) == 0
	if c.r.IntN(2) == 0 {
		m.follows = c.mails[m.customer]
	}
	c.mails[m.customer] = m.id
	d := c.body(mailChannel, m.said)
	c.again(d)
	return []*delivery{d}
}

func (c *customers) write(who, channel int) *message {
	c.made++
	c.last[who] = max(c.last[who], time.Now().Unix())
	m := &message{
		customer: who, channel: channel, id: fmt.Sprintf("wamid.IN%d", c.made), at: c.last[who],
		text: fmt.Sprintf("message m%dq", c.made), made: c.made,
	}
	if channel == mailChannel {
		m.id = fmt.Sprintf("in%d@people.example", c.made)
	}
	m.said = &part{kind: "text", id: m.id, at: m.at, text: m.text, about: m}
	c.w.book.mu.Lock()
	c.w.book.messages[m.id] = m
	c.w.book.mu.Unlock()
	return m
}

// about makes an edit, a deletion or a reaction.
func (c *customers) about(m *message) *part {
	c.last[m.customer]++
	p := &part{id: m.id + ".about", at: c.last[m.customer], about: m}
	switch c.r.IntN(3) {
	case 0:
		p.kind, p.text, m.edit = "edit", m.text+" edited", p
	case 1:
		p.kind, m.revoke = "revoke", p
	default:
		p.kind, p.text, m.reaction = "reaction", "👍", p
	}
	return p
}

func (c *customers) body(channel int, parts ...*part) *delivery {
	c.bodies++
	for n, p := range parts {
		if p.body == 0 {
			p.body, p.place = c.bodies, n
		}
	}
	return &delivery{channel: channel, body: webhook(channel, parts), parts: parts}
}

// again lets one in twenty come a second time: the same body, or its parts in bodies of their own, soon or much later.
func (c *customers) again(d *delivery) {
	if c.r.IntN(20) > 0 {
		return
	}
	copies := []*delivery{{channel: d.channel, body: d.body, parts: d.parts}}
	if c.r.IntN(2) == 0 && d.channel != mailChannel {
		copies = nil
		for _, p := range d.parts {
			copies = append(copies, &delivery{channel: d.channel, body: append(webhook(d.channel, []*part{p}), ' '), parts: []*part{p}})
		}
	}
	if c.r.IntN(2) == 0 {
		c.late = append(c.late, copies...)
		return
	}
	later := time.Duration(c.r.IntN(3000)) * time.Millisecond
	d.done = func() {
		c.flying.Go(func() {
			wait(c.w.ctx, later)
			for _, copied := range copies {
				c.w.post(c.w.ctx, copied)
			}
		})
	}
}
