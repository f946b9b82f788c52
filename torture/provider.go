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

// send takes a reply, or does to it what the weather wants.
func (p *provider) send(rw http.ResponseWriter, r *http.Request, text, to, callback string) {
	book := p.w.book
	book.mu.Lock()
	known, try := book.replies[text], 0
	if known != nil {
		try = len(known.asked)
		known.asked = append(known.asked, "nothing yet")
		if known.id == "" {
			known.id = callback
			book.byID[callback] = known
		}
	}
	strange := known == nil || known.to != to || known.id != callback
	book.mu.Unlock()
	if strange {
		book.trouble("the provider was asked to send what nobody wrote: %q to %s for %s", text, to, callback)
		answer(rw, http.StatusBadRequest, object{"error": object{"code": 100, "message": "who?"}})
		return
	}
	fate := func(what string) { book.mu.Lock(); known.asked[try] = what; book.mu.Unlock() }
	w, draw := p.weather.Load(), p.chance(100, text, try)
	if p.chance(100, "slow", text, try) < w.Slow {
		wait(r.Context(), time.Duration(500+p.chance(2000, "long", text))*time.Millisecond)
	}
	if p.struck("called", r) {
		fate("killed before")
		if p.chance(2, "late", text) == 0 {
			p.acceptLate(known, callback, try)
		}
		panic(http.ErrAbortHandler)
	}
	steps := [...]int{w.Throttled, w.Broken, w.CutBefore, w.CutLate, w.CutAfter}
	what := 0
	for ; what < len(steps) && draw >= steps[what]; what++ {
		draw -= steps[what]
	}
	switch what {
	case 0:
		fate("429")
		rw.Header().Set("Retry-After", "1")
		answer(rw, http.StatusTooManyRequests, object{"error": object{"code": 130429, "message": "slow down"}})
		return
	case 1:
		fate("500")
		answer(rw, http.StatusInternalServerError, object{"error": object{"code": 131000, "message": "something went wrong"}})
		return
	case 2:
		fate("cut before")
		panic(http.ErrAbortHandler)
	case 3:
		fate("cut, to be taken late")
		p.acceptLate(known, callback, try)
		panic(http.ErrAbortHandler)
	}
	id := p.accept(known, callback, try, what == 4)
	if p.w.plant.is("double_send") && p.chance(10, known.key) == 0 {
		p.accept(known, callback, try, false)
	}
	if what == 4 || p.struck("accepted", r) {
		panic(http.ErrAbortHandler)
	}
	answer(rw, http.StatusOK, object{
		"messaging_product": "whatsapp", "contacts": []any{object{"input": to, "wa_id": to}}, "messages": []any{object{"id": id}},
	})
}

// struck kills the caller where a fault waits for a send to come this far.
func (p *provider) struck(stage string, r *http.Request) bool {
	p.mu.Lock()
	hit := p.kill == stage
	if hit {
		p.kill = ""
	}
	p.mu.Unlock()
	return hit && p.w.strike(r.RemoteAddr)
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
