package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// weather is how the provider behaves: the share of sends, in percent, that each trouble befalls.
type weather struct {
	Slow, Throttled, Broken, CutBefore, CutAfter, CutLate int
}

// provider is the stand-in for the Graph API. It writes down what it accepts before it says so.
type provider struct {
	w       *world
	seed    uint64
	address string
	server  *http.Server
	weather atomic.Pointer[weather]
	order   atomic.Int64
	reports sync.WaitGroup
	mu      sync.Mutex
	kill    string // "called" or "accepted": the next send kills its caller there
}

func startProvider(w *world, seed uint64) (*provider, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &provider{w: w, seed: seed, address: l.Addr().String()}
	p.weather.Store(&weather{})
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

func (p *provider) close() { _ = p.server.Close() }

func answer(rw http.ResponseWriter, status int, body any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(body)
}

func (p *provider) serve(rw http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/message_templates"):
		answer(rw, http.StatusOK, object{"data": []any{}})
		return
	case r.Method == http.MethodGet:
		answer(rw, http.StatusOK, object{"id": r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]})
		return
	}
	var in struct {
		Status   string
		To       string
		Callback string `json:"biz_opaque_callback_data"`
		Text     struct{ Body string }
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &in) != nil {
		answer(rw, http.StatusBadRequest, object{"error": object{"code": 100, "message": "unreadable"}})
		return
	}
	if in.Status == "read" {
		answer(rw, http.StatusOK, object{"success": true})
		return
	}
	p.send(rw, r, in.Text.Body, in.To, in.Callback)
}

// chance is a number below n that depends on the seed and the words alone.
func (p *provider) chance(n int, words ...any) int {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, p.seed, words)
	return rand.New(rand.NewPCG(h.Sum64(), 3)).IntN(n)
}

// What befalls a send, in the order of weather.
const (
	throttled = iota
	broken
	cutBefore
	cutLate
	cutAfter
	taken
)

// isThrottled is noted of a send that was put off, which hides nothing of its fate.
const isThrottled = "put off"

// asked notes that a reply is to be sent; nil: nobody wrote it.
func (p *provider) asked(text, to, ours string) (known *reply, try int) {
	book := p.w.book
	book.mu.Lock()
	known = book.replies[text]
	if known != nil {
		try = len(known.asked)
		known.asked = append(known.asked, "nothing yet")
		if known.id == "" {
			known.id = ours
			book.byID[ours] = known
		}
	}
	strange := known == nil || known.to != to || known.id != ours
	book.mu.Unlock()
	if strange {
		book.trouble("the provider was asked to send what nobody wrote: %q to %s for %s", text, to, ours)
		return nil, 0
	}
	return known, try
}

// meet draws what befalls a send, and notes it. A caller may be slowed or killed here.
func (p *provider) meet(ctx context.Context, r *reply, try int, ours string) (what int) {
	note := func(what string) { p.w.book.mu.Lock(); r.asked[try] = what; p.w.book.mu.Unlock() }
	w, draw := p.weather.Load(), p.chance(100, r.key, try)
	if p.chance(100, "slow", r.key, try) < w.Slow {
		wait(ctx, time.Duration(500+p.chance(2000, "long", r.key))*time.Millisecond)
	}
	if p.struck("called") {
		note("killed before")
		if p.chance(2, "late", r.key) == 0 {
			p.acceptLate(r, ours, try)
		}
		return cutBefore
	}
	steps := [...]int{throttled: w.Throttled, broken: w.Broken, cutBefore: w.CutBefore, cutLate: w.CutLate, cutAfter: w.CutAfter}
	for what < len(steps) && draw >= steps[what] {
		draw -= steps[what]
		what++
	}
	switch what {
	case throttled:
		note(isThrottled)
	case broken:
		note("500")
	case cutBefore:
		note("cut before")
	case cutLate:
		note("cut, to be taken late")
		p.acceptLate(r, ours, try)
	}
	return what
}

// send takes a reply, or does to it what the weather wants.
func (p *provider) send(rw http.ResponseWriter, r *http.Request, text, to, callback string) {
	known, try := p.asked(text, to, callback)
	if known == nil {
		answer(rw, http.StatusBadRequest, object{"error": object{"code": 100, "message": "who?"}})
		return
	}
	what := p.meet(r.Context(), known, try, callback)
	switch what {
	case throttled:
		rw.Header().Set("Retry-After", "1")
		answer(rw, http.StatusTooManyRequests, object{"error": object{"code": 130429, "message": "slow down"}})
		return
	case broken:
		answer(rw, http.StatusInternalServerError, object{"error": object{"code": 131000, "message": "something went wrong"}})
		return
	case cutBefore, cutLate:
		panic(http.ErrAbortHandler)
	}
	id := p.accept(known, callback, try, what == cutAfter)
	if p.w.plant.is("double_send") && p.chance(10, known.key) == 0 {
		p.accept(known, callback, try, false)
	}
	if what == cutAfter || p.struck("accepted") {
		panic(http.ErrAbortHandler)
	}
	answer(rw, http.StatusOK, object{
		"messaging_product": "whatsapp", "contacts": []any{object{"input": to, "wa_id": to}}, "messages": []any{object{"id": id}},
	})
}

// struck kills the caller where a fault waits for a send to come this far.
func (p *provider) struck(stage string) bool {
	p.mu.Lock()
	hit := p.kill == stage
	if hit {
		p.kill = ""
	}
	p.mu.Unlock()
	return hit && p.w.strike()
}

// arm makes the next send kill its caller.
func (p *provider) arm(stage string) {
	p.mu.Lock()
	p.kill = stage
	p.mu.Unlock()
}

// acceptLate takes a reply some seconds after its caller is gone, within the time that a caller has.
func (p *provider) acceptLate(r *reply, ours string, try int) {
	after := time.Duration(1000+p.chance(9000, "taken after", r.key, try)) * time.Millisecond
	p.reports.Go(func() {
		if wait(p.w.ctx, after); p.w.ctx.Err() == nil {
			p.accept(r, ours, try, true)
		}
	})
}

// accept writes the reply down as taken and has it reported, before the answer or later.
func (p *provider) accept(r *reply, ours string, try int, cut bool) string {
	n := int(p.order.Add(1))
	id := fmt.Sprintf("wamid.OUT%d", n)
	p.w.book.mu.Lock()
	r.asked[try] = "accepted"
	r.accepted = append(r.accepted, accepted{id, time.Now(), n})
	p.w.book.mu.Unlock()
	if r.channel == mailChannel {
		p.w.mail.sent(r, ours)
		return id
	}
	courses := [][]string{
		{"sent", "delivered", "read"},
		{"sent", "delivered"},
		{"delivered", "sent"},
		{"read", "sent", "delivered"},
		{"sent", "failed"},
		{"failed", "sent"},
		{"sent"},
	}
	course := courses[p.chance(len(courses), "course", r.key)]
	at := time.Now().Unix()
	early := p.chance(4, "early", r.key) == 0
	for k, status := range course {
		d := &delivery{channel: r.channel, body: reportBody(r, ours, id, status, at+int64(k))}
		d.done = func() {
			p.w.book.mu.Lock()
			r.reported[status] = true
			p.w.book.mu.Unlock()
		}
		if early && k == 0 && !cut { // before the answer to the send
			ctx, cancel := context.WithTimeout(p.w.ctx, 300*time.Millisecond)
			p.w.post(ctx, d)
			cancel()
		}
		late := time.Duration(p.chance(1500, "late", r.key, status)) * time.Millisecond
		p.reports.Go(func() {
			wait(p.w.ctx, late)
			p.w.post(p.w.ctx, d)
			if p.chance(20, "again", r.key, status) == 0 {
				p.w.post(p.w.ctx, d)
			}
		})
	}
	return id
}
