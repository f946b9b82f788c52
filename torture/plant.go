package main

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
)

// plant stands between the rig and the gateway and breaks a promise in the gateway's place, to prove that the checker sees it.
// Without a name it only passes on. The store of a cluster has one of its own, in tap.go.
type plant struct {
	name string
	n    atomic.Int64
	mu   sync.Mutex
	held map[[2]int]*delivery // by conversation
}

func newPlant(name string) *plant { return &plant{name: name, held: map[[2]int]*delivery{}} }

// plants are the promises that can be broken, with a word of the violation that must be found.
var plants = []struct{ name, mode, want string }{
	{"ack_early", "one", "acknowledged at"},
	{"no_dedupe", "one", "nobody sent"},
	{"reorder", "one", "of the same second"},
	{"drop_event", "one", "never got"},
	{"double_event", "one", "which was at"},
	{"double_send", "one", "was sent 2 times"},
	{"lose_reply", "one", "is lost"},
	{"lose_report", "one", "ends as"},
	{"miscount", "one", "recounted"},
	{"double_copy", "one", "stands in Sent 2 times"},
	{"lose_write", "cluster", "is left"},
	{splitWrite, "reactions", "was followed 0 times"},
}

func (p *plant) is(name string) bool { return p.name == name }

// every is true once in so many times.
func (p *plant) every(name string, times int64) bool { return p.name == name && p.n.Add(1)%times == 0 }

// webhook delivers one and reports whether it was answered 200.
func (p *plant) webhook(w *world, d *delivery) bool {
	switch {
	case len(d.parts) > 0 && p.every("ack_early", 20): // answered, and lost before it was durable
		return true
	case len(d.parts) == 0 && p.every("lose_report", 10):
		return true
	case len(d.parts) > 0 && p.every("no_dedupe", 20): // a repetition that the gateway takes for another message
		other := *d
		other.body = bytes.ReplaceAll(d.body, []byte(`"wamid.IN`), []byte(`"wamid.AGAIN`))
		w.deliver(&other)
	case p.is("reorder") && len(d.parts) == 1 && d.parts[0].kind == "text":
		return p.reorder(w, d)
	}
	return w.deliver(d)
}

// reorder keeps a message back, although it is acknowledged, until the next one of its conversation overtook it.
func (p *plant) reorder(w *world, d *delivery) bool {
	m := d.parts[0].about
	key := [2]int{m.customer, m.channel}
	p.mu.Lock()
	defer p.mu.Unlock()
	held := p.held[key]
	if held == nil {
		p.held[key] = d
		return true
	}
	delete(p.held, key)
	if held.parts[0].at == d.parts[0].at {
		return w.deliver(d) && w.deliver(held)
	}
	return w.deliver(held) && w.deliver(d)
}

// frame passes a frame on to a socket.
func (p *plant) frame(raw []byte) [][]byte {
	switch {
	case bytes.HasPrefix(raw, []byte(`{"type":"hello"`)):
	case p.every("drop_event", 200):
		return nil
	case p.every("double_event", 200):
		return [][]byte{raw, raw}
	}
	return [][]byte{raw}
}

// reply posts a reply.
func (p *plant) reply(w *world, r *reply) (string, error) {
	if p.every("lose_reply", 10) {
		return "msg_lost" + strings.TrimPrefix(r.key, "reply "), nil
	}
	return w.write(r)
}

// look changes what REST shows.
func (p *plant) look(seen *picture) {
	if !p.is("miscount") {
		return
	}
	for _, c := range seen.conversations {
		c.Unread--
		return
	}
}
