package inbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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

// TestNothingOvertakesWhatWasCutOff: the provider takes some messages seconds after the connection broke or the process died, and what
// stands behind them comes after all the same.
func TestNothingOvertakesWhatWasCutOff(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				chance := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a repeatable test
				pause := rand.New(rand.NewPCG(seed, 2))  //nolint:gosec // likewise
				const people, each = 3, 10
				kills := map[int64]bool{5 + chance.Int64N(5): true, 14 + chance.Int64N(6): true}
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
				phone := func(n int) string { return fmt.Sprint(12025550100 + n) }
				p.Store(w.boot().connect())
				for n := range people {
					p.Load().receive(says(phone(n), fmt.Sprint("wamid.IN", n), "hello", 0))
				}
				conversations := w.conversations()
				for n := range each {
					for _, c := range conversations {
						for range 3 { // as a browser does whose gateway starts again
							p.Load().answers(c.ID, fmt.Sprint(n), fmt.Sprint("line ", n))
							if !p.Load().engine.Dead() {
								break
							}
							p.Load().stop()
							p.Store(w.boot().connect())
						}
					}
					settle(time.Duration(pause.IntN(2000)) * time.Millisecond)
				}
				for range 3 {
					settle(5 * time.Minute)
					if p.Load().engine.Dead() {
						p.Load().stop()
						p.Store(w.boot().connect())
					}
				}
				for n := range people {
					got := w.provider.sentTo(phone(n))
					if !slices.IsSortedFunc(got, func(a,
						b string,
					) int {
						return strings.Compare(fmt.Sprintf("%8s", a), fmt.Sprintf("%8s", b))
					}) || len(got) != each {
						t.Errorf("%d of %d were taken, as %v", len(got), each, got)
					}
				}
				w.outboxes()
			})
		})
	}
}
