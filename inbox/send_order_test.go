package inbox

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"
)

// sentTo lists the texts that the provider took for a person, in the order in which it took them.
func (p *provider) sentTo(phone string) (texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, body := range p.sent {
		if said, _ := body["text"].(map[string]any); body["to"] == phone {
			texts = append(texts, fmt.Sprint(said["body"]))
		}
	}
	return texts
}

// TestNothingOvertakesWhatWasCutOff: 600 replies, two kills. The provider takes some messages seconds after the connection broke or the
// process died, and what stands behind them comes after all the same.
func TestNothingOvertakesWhatWasCutOff(t *testing.T) {
	t.Parallel()
	const people, each = 30, 20
	for seed := range uint64(orderSeeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				chance := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a repeatable test
				pause := rand.New(rand.NewPCG(seed, 2))  //nolint:gosec // likewise
				kills := map[int64]bool{50 + chance.Int64N(200): true, 300 + chance.Int64N(200): true}
				var p atomic.Pointer[process]
				w.provider.answer = func(map[string]any) *reply {
					w.provider.mu.Lock()
					defer w.provider.mu.Unlock()
					n := w.provider.calls.Load()
					late := &reply{broken: true, taken: true, late: time.Duration(1+chance.IntN(13)) * time.Second}
					switch {
					case kills[n]:
						delete(kills, n)
						p.Load().engine.Kill()
						return late
					case chance.IntN(6) == 0:
						return late
					}
					return nil
				}
				again := func() { // as an operator's supervisor does
					if p.Load().engine.Dead() {
						p.Load().stop()
						p.Store(w.boot().connect())
					}
				}
				phone := func(n int) string { return fmt.Sprint(12025550100 + n) }
				p.Store(w.boot().connect())
				for n := range people {
					p.Load().receive(says(phone(n), fmt.Sprint("wamid.IN", n), "hello", 0))
				}
				conversations := w.conversations()
				for n := range each {
					for _, c := range conversations {
						for range 3 { // as a browser does whose gateway starts again
							if p.Load().answers(c.ID, fmt.Sprint(n), fmt.Sprint("line ", n)); !p.Load().engine.Dead() {
								break
							}
							again()
						}
					}
					settle(time.Duration(pause.IntN(20000)) * time.Millisecond)
				}
				for w.waiting() > 0 {
					again()
					settle(time.Minute)
				}
				again()
				settle(time.Minute)
				early := 0
				for n := range people {
					got := w.provider.sentTo(phone(n))
					if len(got) != each {
						t.Errorf("%d of %d replies were taken", len(got), each)
					}
					for i := 1; i < len(got); i++ {
						if fmt.Sprintf("%8s", got[i]) < fmt.Sprintf("%8s", got[i-1]) {
							early++
						}
					}
				}
				if early > 0 {
					t.Errorf("of %d replies %d were taken out of order", people*each, early)
				}
				if len(kills) > 0 {
					t.Errorf("%d kills did not happen", len(kills))
				}
				w.outboxes()
			})
		})
	}
}

// waiting is how many replies are not sent yet.
func (w *world) waiting() (n int) {
	for _, c := range w.conversations() {
		n += len(c.Outbox)
	}
	return n
}
