package sandbox

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const earlyWait = 2 * time.Second

// The faults that can be asked for. The first four spoil the answer of the provider's API, the others its reports.
const (
	FaultSlow      = "slow"      // answers after Millis
	FaultThrottle  = "throttle"  // 429 with Retry-After
	FaultError     = "error"     // 500
	FaultReset     = "reset"     // takes the message and closes the connection without an answer
	FaultEarly     = "early"     // the first report arrives before the answer
	FaultDuplicate = "duplicate" // every webhook twice
	FaultReorder   = "reorder"   // a webhook lets the next one of the same customer pass
	FaultLost      = "lost"      // a webhook that never comes
	FaultScrambled = "scrambled" // read before delivered before sent
	FaultUndeliver = "undeliver" // taken, and reported as failed with Code afterwards
)

var faultKinds = []string{
	FaultSlow, FaultThrottle, FaultError, FaultReset, FaultEarly, FaultDuplicate, FaultReorder, FaultLost,
	FaultScrambled, FaultUndeliver,
}

// Fault is how often something goes wrong, and how.
type Fault struct {
	Probability float64 `json:"probability"` // 0 to 1; 0 with a Count means every time
	Count       int     `json:"count,omitempty"`
	Millis      int     `json:"ms,omitempty"`          // slow: how long; 0: 2000
	RetryAfter  int     `json:"retry_after,omitempty"` // throttle: seconds; 0: 1
	Code        int     `json:"code,omitempty"`        // undeliver: the provider's code; 0: its usual one
}

// faults decides what goes wrong.
type faults struct {
	mu  sync.Mutex
	set map[string]Fault
}

func newFaults() *faults { return &faults{set: map[string]Fault{}} }

// change sets faults by kind; one that could never happen is taken away.
func (f *faults) change(set map[string]Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for kind, fault := range set {
		if fault.Probability <= 0 && fault.Count <= 0 {
			delete(f.set, kind)
			continue
		}
		if fault.Probability <= 0 {
			fault.Probability = 1
		}
		f.set[kind] = fault
	}
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.set)
}

func (f *faults) all() map[string]Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[string]Fault, len(f.set))
	for kind, fault := range f.set {
		all[kind] = fault
	}
	return all
}

// draw says whether the fault happens now, and uses one of its count.
func (f *faults) draw(kind string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fault, ok := f.set[kind]
	if !ok || rand.Float64() >= fault.Probability { //nolint:gosec // chance, not secrecy
		return Fault{}, false
	}
	if fault.Count > 0 {
		if fault.Count--; fault.Count == 0 {
			delete(f.set, kind)
		} else {
			f.set[kind] = fault
		}
	}
	return fault, true
}

func (f *faults) hit(kind string) bool {
	_, ok := f.draw(kind)
	return ok
}

// spoil lets the faults of the API happen before a call that sends; it says whether the call is over. refuse answers in the
// provider's words.
func (s *Sandbox) spoil(w http.ResponseWriter, r *http.Request, refuse func(kind string)) bool {
	if fault, slow := s.faults.draw(FaultSlow); slow {
		pause := time.Duration(fault.Millis) * time.Millisecond
		if pause == 0 {
			pause = 2 * time.Second
		}
		select {
		case <-time.After(pause):
		case <-r.Context().Done():
			return true
		}
	}
	if fault, throttled := s.faults.draw(FaultThrottle); throttled {
		w.Header().Set("Retry-After", strconv.Itoa(max(fault.RetryAfter, 1)))
		refuse(FaultThrottle)
		return true
	}
	if s.faults.hit(FaultError) {
		refuse(FaultError)
		return true
	}
	return false
}

// vanish closes the connection of a call that sent, without an answer, if the fault says so.
func (s *Sandbox) vanish() {
	if s.faults.hit(FaultReset) {
		panic(http.ErrAbortHandler)
	}
}

// deliver puts a message of the business on a phone. With the fault, its first report arrives before this returns.
func (s *Sandbox) deliver(a Account, p Phone, m Message) {
	early := s.faults.hit(FaultEarly)
	first := s.take(a, p, m)
	if !early || first == nil {
		return
	}
	select {
	case <-first.tried:
	case <-time.After(earlyWait):
	}
}
