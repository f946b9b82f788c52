package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	outMark = "wamid.OUTWARD"
	// stormDuplicates: one webhook of the storm in so many comes twice.
	stormDuplicates = 20
	stormParallel   = 64
	perEcho         = 100
)

// reports are what the provider says about each message that went out.
var reports = []string{"sent", "delivered", "read"}

func change(field, value string) []byte {
	return fmt.Appendf(nil,
		`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"messaging_product":"whatsapp",`+
			`"metadata":{"display_phone_number":"12025550100","phone_number_id":"%s"},%s},"field":"%s"}]}]}`, accountID, phoneNumberID,
		value, field)
}

func outID(n int) string { return fmt.Sprintf("%s%0*d", outMark, idDigits, n) }

// outward puts messages into the inbox that went out from the phone app, for the storm's receipts to be about.
func outward(p *process, count, senders int) error {
	for first := 0; first < count; first += perEcho {
		var said []string
		for n := first; n < min(count, first+perEcho); n++ {
			said = append(said, fmt.Sprintf(`{"from":"12025550100","to":"%s","id":"%s","timestamp":"%d","type":"text","text":{"body":%q}}`,
				phone(n%senders), outID(n), time.Now().Unix(), sentence(n)))
		}
		if err := p.insist(change("smb_message_echoes", `"message_echoes":[`+strings.Join(said, ",")+`]`)); err != nil {
			return err
		}
	}
	return p.settle(0)
}

func receipt(n int, status string, senders int) []byte {
	return change("messages", fmt.Sprintf(`"statuses":[{"id":"%s","status":"%s","timestamp":"%d","recipient_id":"%s"}]`,
		outID(n), status, time.Now().Unix(), phone(n%senders)))
}

// storm delivers every message of the load with three receipts around it, and returns how long each delivery took, in milliseconds.
func (l *load) storm(senders int) []float64 {
	var hooks [][]byte
	for n, body := range l.bodies {
		for i, status := range reports {
			hooks = append(hooks, receipt(n, status, senders))
			if i == 0 {
				hooks = append(hooks, body)
			}
		}
	}
	took := make([]float64, len(hooks))
	var wg sync.WaitGroup
	var next atomic.Int64
	l.begin = time.Now()
	for range stormParallel {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(hooks); n = int(next.Add(1)) - 1 {
				begin := time.Now()
				err := l.p.deliver(hooks[n])
				took[n] = time.Since(begin).Seconds() * 1000
				if err == nil && rand.IntN(stormDuplicates) == 0 {
					err = l.p.deliver(hooks[n])
				}
				l.fail(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	return took
}

// stormy is the storm on a gateway that runs.
func stormy(s settings, sub *subject, p *process, sockets []*socket, first int, t *table) error {
	if err := outward(p, s.storm, s.senders); err != nil {
		return err
	}
	time.Sleep(time.Second) // their frames are none of the load's
	l := newLoad(p, sockets, first, s.storm, oneOf(s.senders))
	before := cpu(p.cmd.Process.Pid)
	var took []float64
	rest, err := others(func() error { took = l.storm(s.senders); return l.wait() }, p.cmd.Process.Pid)
	t.busy(rest)
	if err == nil {
		err = p.settle(0)
	}
	if err != nil {
		t.void(sub, fmt.Errorf("storm: %w", err))
		return nil
	}
	t.add(sub, "storm of webhooks", float64(len(took))/time.Since(l.begin).Seconds())
	t.add(sub, "storm, acknowledgement p50", quantile(took, .5))
	t.add(sub, "storm, acknowledgement p99", quantile(took, .99))
	t.add(sub, "storm, CPU per webhook", (cpu(p.cmd.Process.Pid)-before).Seconds()*1000/float64(len(took)))
	return nil
}
