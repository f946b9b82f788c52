package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// twiceEvery: one in so many webhooks is delivered again, as providers do.
	twiceEvery = 50
	// patience is how long the last message may take to arrive.
	patience = 30 * time.Second
	// closedLoop is how many deliveries are under way at saturation.
	closedLoop = 64
)

// load is one stretch of messages and what became of each.
type load struct {
	p                  *process
	sockets            []*socket
	first              int
	due, acked, landed []time.Duration // since begin; landed on the first socket
	begin              time.Time
	bodies             [][]byte
	seen               map[*socket][]bool // written by the socket's own goroutine only
	left               atomic.Int64
	twice, strange     atomic.Int64
	done               chan struct{}
	patience           time.Duration
	mu                 sync.Mutex
	failed             error
}

// newLoad makes messages with the numbers from first on; from says who writes the message of a number.
func newLoad(p *process, sockets []*socket, first, count int, from func(number int) int) *load {
	l := &load{
		p: p, sockets: sockets, first: first, done: make(chan struct{}), patience: patience, seen: map[*socket][]bool{},
		due: make([]time.Duration, count), acked: make([]time.Duration, count), landed: make([]time.Duration, count), bodies: make([][]byte,
			count),
	}
	now := time.Now()
	for n := range count {
		l.bodies[n] = webhook(message{first + n, from(first + n), now, sentence(first + n)})
	}
	l.left.Store(int64(count * len(sockets)))
	for _, s := range sockets {
		l.seen[s] = make([]bool, count)
		s.load.Store(l)
	}
	l.begin = time.Now()
	return l
}

// oneOf is any of so many people, who have mostly written before.
func oneOf(people int) func(int) int { return func(int) int { return rand.IntN(people) } }

// everybody is somebody else for each message.
func everybody(number int) int { return number }

// arrive notes that a message came over a socket.
func (l *load) arrive(s *socket, number int) {
	n := number - l.first
	switch seen := l.seen[s]; {
	case n < 0 || n >= len(l.due):
		l.strange.Add(1)
	case seen[n]:
		l.twice.Add(1)
	default:
		seen[n] = true
		if s == l.sockets[0] {
			l.landed[n] = time.Since(l.begin)
		}
		if l.left.Add(-1) == 0 {
			close(l.done)
		}
	}
}

func (l *load) deliver(n int) {
	err := l.p.deliver(l.bodies[n])
	l.acked[n] = time.Since(l.begin)
	if err == nil && n%twiceEvery == 0 {
		err = l.p.deliver(l.bodies[n])
	}
	l.fail(err)
}

func (l *load) fail(err error) {
	if err != nil {
		l.mu.Lock()
		l.failed = err
		l.mu.Unlock()
	}
}

// open delivers at a steady rate, whether the subject keeps up or not.
func (l *load) open(rate int) {
	var wg sync.WaitGroup
	for n := range l.due {
		l.due[n] = time.Duration(n) * time.Second / time.Duration(rate)
		time.Sleep(l.due[n] - time.Since(l.begin))
		wg.Go(func() { l.deliver(n) })
	}
	wg.Wait()
}

// closed keeps so many deliveries under way.
func (l *load) closed(parallel int) {
	var wg sync.WaitGroup
	var next atomic.Int64
	for range parallel {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(l.due); n = int(next.Add(1)) - 1 {
				l.due[n] = time.Since(l.begin)
				l.deliver(n)
			}
		})
	}
	wg.Wait()
}

// wait returns when everything came over every socket, or says why the figure is void.
func (l *load) wait() error {
	select {
	case <-l.done:
	case <-time.After(l.patience):
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed != nil:
		return fmt.Errorf("not acknowledged: %w", l.failed)
	case l.left.Load() > 0:
		return fmt.Errorf("%d of %d frames never came", l.left.Load(), len(l.due)*len(l.sockets))
	case l.twice.Load()+l.strange.Load() > 0:
		return fmt.Errorf("%d frames came twice, %d were not asked for", l.twice.Load(), l.strange.Load())
	}
	return nil
}

// took returns the sorted times from due to the given moments, in milliseconds.
func (l *load) took(moments []time.Duration) []float64 {
	out := make([]float64, len(moments))
	for n, at := range moments {
		out[n] = (at - l.due[n]).Seconds() * 1000
	}
	slices.Sort(out)
	return out
}

// quantile of sorted values.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
