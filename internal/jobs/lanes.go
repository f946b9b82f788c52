package jobs

import "sync"

// lanes runs functions of the same key one after the other and of different keys in parallel.
type lanes struct {
	mu      sync.Mutex
	waiting map[string][]func()
	slots   chan struct{} // bounds what runs at the same time
	wg      sync.WaitGroup
}

func newLanes(parallel int) *lanes {
	return &lanes{waiting: map[string][]func(){}, slots: make(chan struct{}, parallel)}
}

func (l *lanes) add(key string, fn func()) {
	l.wg.Add(1)
	if key == "" {
		go l.run(fn)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if queue, busy := l.waiting[key]; busy {
		l.waiting[key] = append(queue, fn)
		return
	}
	l.waiting[key] = nil
	go l.drain(key, fn)
}

func (l *lanes) run(fn func()) {
	l.slots <- struct{}{}
	defer func() { <-l.slots; l.wg.Done() }()
	fn()
}

func (l *lanes) drain(key string, fn func()) {
	for {
		l.run(fn)
		l.mu.Lock()
		queue := l.waiting[key]
		if len(queue) == 0 {
			delete(l.waiting, key)
			l.mu.Unlock()
			return
		}
		fn, l.waiting[key] = queue[0], queue[1:]
		l.mu.Unlock()
	}
}
