package jobs

import "sync"

// lanes runs functions of the same key one after the other and of different keys in parallel.
type lanes struct {
	mu      sync.Mutex
	waiting map[string][]func()
	wg      sync.WaitGroup
}

func newLanes() *lanes { return &lanes{waiting: map[string][]func(){}} }

// add returns what the caller is to run now, nil where others of the key come first and will run it.
func (l *lanes) add(key string, fn func()) (run func()) {
	l.wg.Add(1)
	if key == "" {
		return func() { l.run(fn) }
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if queue, busy := l.waiting[key]; busy {
		l.waiting[key] = append(queue, fn)
		return nil
	}
	l.waiting[key] = nil
	return func() {
		l.run(fn)
		if next := l.next(key); next != nil {
			go l.drain(key, next)
		}
	}
}

func (l *lanes) run(fn func()) {
	defer l.wg.Done()
	fn()
}

func (l *lanes) drain(key string, fn func()) {
	for ; fn != nil; fn = l.next(key) {
		l.run(fn)
	}
}

// next takes the first that waits; where none does, the lane is free.
func (l *lanes) next(key string) (fn func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.waiting[key]
	if len(queue) == 0 {
		delete(l.waiting, key)
		return nil
	}
	l.waiting[key] = queue[1:]
	return queue[0]
}
