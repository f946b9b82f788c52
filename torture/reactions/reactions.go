// Package reactions proves that what must follow from a commit does: processes commit and react, are killed at any moment, and in the end
// every reaction has succeeded once for every commit, in the order of each subject. The count of commits is the version of the subjects'
// own documents, and does not depend on what it is compared with.
package reactions

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"

	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest/storeserver"
)

// Plan is one run.
type Plan struct {
	Dir       string // an empty folder
	Instances int    // 1: with the embedded store; more: with a shared store and a Redis
	Commits   int    // at least so many
	Subjects  int
	Split     bool // plant the fault that jobs are not in the write of what they follow from
	Say       func(format string, args ...any)
}

const (
	// livesFor is how long a process lives on average, give or take a half.
	livesFor = time.Second
	// stuckAfter is how long settling may bring nothing to an end: leases of 30 s, one after the other where those who took over died too.
	stuckAfter = 2 * time.Minute
)

// rig is a run under way.
type rig struct {
	Plan
	orders  orders
	engine  *pebble.Engine // where it is shared
	links   []*storeserver.Link
	workers []*process
	acked   atomic.Int64
	kills   int
}

// process is one life of a worker.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	works chan struct{} // it has committed something, or ended
	less  chan struct{} // fewer jobs are left than before
	gone  chan struct{}
}

// Run carries out the plan and returns what is wrong.
func Run(ctx context.Context, p Plan) (wrong []string, err error) {
	r := &rig{Plan: p, orders: orders{Subjects: p.Subjects, Split: p.Split}, workers: make([]*process, p.Instances)}
	defer func() {
		for _, l := range r.links {
			_ = l.Close()
		}
		if r.engine != nil {
			err = errors.Join(err, r.engine.Close())
		}
	}()
	if p.Instances == 1 {
		r.orders.Folder = filepath.Join(p.Dir, "store")
	} else {
		server, err := miniredis.Run()
		if err != nil {
			return nil, err
		}
		defer server.Close()
		r.orders.Redis = server.Addr()
		if r.engine, err = pebble.Open(filepath.Join(p.Dir, "store"), pebble.Options{}); err != nil {
			return nil, err
		}
	}
	defer r.killAll()
	begin := time.Now()
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	p.Say("reactions: %d instances, %d commits in %.1fs, %d kills", p.Instances, r.acked.Load(), time.Since(begin).Seconds(), r.kills)
	begin = time.Now()
	if err := r.drain(ctx); err != nil {
		return nil, err
	}
	wrong, err = r.check(ctx)
	p.Say("reactions: settled after %.1fs, %d wrong", time.Since(begin).Seconds(), len(wrong))
	return wrong, err
}

// start begins a life of worker n.
func (r *rig) start(n int) error {
	o := r.orders
	if r.engine != nil {
		for len(r.links) <= n {
			link, err := storeserver.Listen(r.engine, "127.0.0.1:0")
			if err != nil {
				return err
			}
			r.links = append(r.links, link)
		}
		o.Address = r.links[n].Addr()
	}
	given, err := json.Marshal(o)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Env, cmd.Stderr = append(os.Environ(), workerEnv+"="+string(given)), os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w := &process{cmd: cmd, stdin: stdin, works: make(chan struct{}), less: make(chan struct{}, 1), gone: make(chan struct{})}
	r.workers[n] = w
	works := sync.OnceFunc(func() { close(w.works) })
	go func() {
		defer close(w.gone)
		defer works()
		last, least := int64(0), int64(math.MaxInt64)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if left, ok := strings.CutPrefix(lines.Text(), leftPrefix); ok {
				if n, err := strconv.ParseInt(strings.TrimSpace(left), 10, 64); err == nil && n < least {
					least = n
					select {
					case w.less <- struct{}{}:
					default:
					}
				}
				continue
			}
			if n, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil && n > 0 {
				r.acked.Add(n - last)
				last = n
				works()
			}
		}
		_ = cmd.Wait()
	}()
	return nil
}

func (w *process) kill() {
	_ = w.cmd.Process.Kill()
	<-w.gone
	_ = w.stdin.Close()
}

func (r *rig) killAll() {
	var all sync.WaitGroup
	for _, w := range r.workers {
		if w != nil {
			all.Go(w.kill)
		}
	}
	all.Wait()
}

// load lets the workers commit and kills them, until there are commits enough; then it kills all.
func (r *rig) load(ctx context.Context) error {
	defer r.killAll()
	for n := range r.workers {
		if err := r.start(n); err != nil {
			return err
		}
	}
	for r.acked.Load() < int64(r.Commits) {
		n := rand.IntN(len(r.workers))
		<-r.workers[n].works
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After((livesFor/2 + rand.N(livesFor)) / time.Duration(len(r.workers))):
		}
		r.workers[n].kill()
		r.kills++
		if err := r.start(n); err != nil {
			return err
		}
	}
	return nil
}

// drain lets workers do what is left.
func (r *rig) drain(ctx context.Context) error {
	r.orders.Drain = true
	for n := range r.workers {
		if err := r.start(n); err != nil {
			return err
		}
	}
	for _, w := range r.workers {
		if settled, err := w.settled(ctx); !settled || err != nil {
			return err // what is left is wrong
		}
	}
	return nil
}

// settled waits until the worker has ended because nothing is left, and reports false where it no longer comes nearer to that.
func (w *process) settled(ctx context.Context) (bool, error) {
	for {
		select {
		case <-w.gone:
			if !w.cmd.ProcessState.Success() {
				return false, fmt.Errorf("a worker ended with %v", w.cmd.ProcessState)
			}
			return true, nil
		case <-w.less:
		case <-time.After(stuckAfter):
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// check compares what followed with what was committed.
func (r *rig) check(ctx context.Context) (wrong []string, err error) {
	var engine store.Engine = r.engine
	if r.engine == nil {
		r.killAll()
		own, err := pebble.Open(r.orders.Folder, pebble.Options{})
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, own.Close()) }()
		engine = own
		if err := engine.Ensure(ctx, subjects, effects, progresses, store.Schema{Name: "jobs"}); err != nil {
			return nil, err
		}
	}
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	seen := map[string]map[int64]int{} // by reaction and subject, how often each version was reacted to
	err = store.NewCollection[effect](engine, effects).Each(ctx, store.Query{Limit: 1000}, func(e *effect) error {
		key := e.Name + " " + e.Subject
		if seen[key] == nil {
			seen[key] = map[int64]int{}
		}
		seen[key][e.Version]++
		return nil
	})
	if err != nil {
		return nil, err
	}
	var total int64
	err = store.NewCollection[subject](engine, subjects).Each(ctx, store.Query{Limit: 1000}, func(s *subject) error {
		total += s.Value
		for _, name := range []string{once, keyed} {
			key := name + " " + s.ID
			for v := int64(1); v <= s.Value; v++ {
				if seen[key][v] != 1 {
					add("%s: commit %d was followed %d times by the reaction", key, v, seen[key][v])
				}
			}
			p, err := store.NewCollection[progress](engine, progresses).Get(ctx, key)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if p == nil {
				p = &progress{}
			}
			if p.Count != s.Value || int64(len(seen[key])) != s.Value {
				add("%s: %d commits, %d effects, %d successes", key, s.Value, len(seen[key]), p.Count)
			}
			if p.Wrong > 0 || p.Last != s.Value {
				add("%s: %d times out of order, the last was %d of %d", key, p.Wrong, p.Last, s.Value)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if total < r.acked.Load() {
		add("%d commits were answered, %d are there", r.acked.Load(), total)
	}
	left, err := engine.Count(ctx, "jobs", store.Query{}, 1000)
	if left > 0 {
		add("%d jobs are left", left)
	}
	return wrong, err
}
