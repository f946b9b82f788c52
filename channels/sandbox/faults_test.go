package sandbox_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels/sandbox"
)

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func fault(t *testing.T, s *sandbox.Sandbox, kind string, f sandbox.Fault) {
	t.Helper()
	if err := s.SetFaults(map[string]sandbox.Fault{kind: f}); err != nil {
		t.Fatal(err)
	}
}

func TestFaultsOfTheAPI(t *testing.T) {
	b := newBench(t)
	b.say(t, "noa", "hello")
	b.gate.next(t)

	fault(t, b.Sandbox, sandbox.FaultThrottle, sandbox.Fault{Count: 1, RetryAfter: 7})
	if a := b.send(t, text("x")); a.status != 429 || a.header.Get("Retry-After") != "7" || a.Error.Code != 130429 {
		t.Errorf("throttle: %d %s", a.status, a.raw)
	}
	fault(t, b.Sandbox, sandbox.FaultError, sandbox.Fault{Count: 2})
	for range 2 {
		if a := b.send(t, text("x")); a.status != 500 {
			t.Errorf("error: %d %s", a.status, a.raw)
		}
	}
	if len(b.Chat("noa")) != 1 {
		t.Fatal("a refused message arrived")
	}
	fault(t, b.Sandbox, sandbox.FaultReset, sandbox.Fault{Count: 1})
	if a, err := b.try(http.MethodPost, "/v26.0/800000000000001/messages", text("lost answer")); err == nil {
		t.Errorf("reset: an answer came: %s", a.raw)
	}
	if chat := b.Chat("noa"); len(chat) != 2 || chat[1].Opaque != "msg_1" {
		t.Errorf("reset: the message was not taken: %+v", chat)
	}
	if a := b.send(t, text("x")); a.status != 200 {
		t.Errorf("counts are used up, and still: %s", a.raw)
	}
}

func TestFaultOfAnEarlyReport(t *testing.T) {
	b := newBench(t)
	b.say(t, "noa", "hello")
	b.gate.next(t)
	fault(t, b.Sandbox, sandbox.FaultEarly, sandbox.Fault{Count: 1})
	a := b.send(t, text("x"))
	select {
	case body := <-b.gate.news: // it is here before the answer is looked at
		if !strings.Contains(string(body), `"sent"`) || !strings.Contains(string(body), `"biz_opaque_callback_data":"msg_1"`) {
			t.Errorf("%s", body)
		}
	default:
		t.Errorf("no report before the answer %s", a.raw)
	}
}

func TestFaultsOfWebhooks(t *testing.T) {
	for name, c := range map[string]struct {
		fault string
		count int
		want  string
	}{
		"duplicate": {sandbox.FaultDuplicate, 1, "1 1 2 3"},
		"reorder":   {sandbox.FaultReorder, 1, "2 1 3"},
		"lost":      {sandbox.FaultLost, 1, "2 3"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := &memoryGate{}
				s := newMemoryBench(t, gate)
				fault(t, s, c.fault, sandbox.Fault{Count: c.count})
				for _, words := range []string{"1", "2", "3"} {
					say(t, s, "noa", words)
					synctest.Wait()
				}
				time.Sleep(time.Second)
				if got := strings.Join(gate.texts(), " "); got != c.want {
					t.Errorf("came as %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestReorderedWebhookDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &memoryGate{}
		s := newMemoryBench(t, gate)
		fault(t, s, sandbox.FaultReorder, sandbox.Fault{Probability: 1})
		say(t, s, "noa", "alone")
		time.Sleep(time.Second)
		if got := gate.texts(); len(got) != 1 {
			t.Errorf("%v", got)
		}
	})
}

func TestFaultsOfReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &memoryGate{}
		s := newMemoryBench(t, gate)
		say(t, s, "noa", "hello")
		fault(t, s, sandbox.FaultScrambled, sandbox.Fault{Count: 1})
		send(t, s, text("x"))
		time.Sleep(time.Minute)
		if got := gate.statuses(); !slices.Equal(got, []string{"read", "delivered", "sent"}) {
			t.Errorf("scrambled: %v", got)
		}
		fault(t, s, sandbox.FaultUndeliver, sandbox.Fault{Count: 1, Code: 131049})
		if a := send(t, s, text("x")); a.status != 200 {
			t.Fatalf("it is taken first: %s", a.raw)
		}
		time.Sleep(time.Minute)
		posts := gate.all()
		if last := string(posts[len(posts)-1].body); !strings.Contains(last, `"failed"`) || !strings.Contains(last, "131049") ||
			strings.Contains(last, `"contacts"`) {
			t.Errorf("undeliver: %s", last)
		}
	})
}

func TestSlowAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemoryBench(t, &memoryGate{})
		say(t, s, "noa", "hello")
		fault(t, s, sandbox.FaultSlow, sandbox.Fault{Count: 1, Millis: 1500})
		start := time.Now()
		if a := send(t, s, text("x")); a.status != 200 || time.Since(start) != 1500*time.Millisecond {
			t.Errorf("%d after %s", a.status, time.Since(start))
		}
	})
}

func TestFaultsAreSetOverHTTP(t *testing.T) {
	b := newBench(t)
	for body, status := range map[string]int{
		`{"slow":{"probability":0.5,"ms":300},"lost":{"count":2}}`: 200,
		`{"nonsense":{"count":1}}`:                                 422, `{"slow":{"probability":2}}`: 422, `{"slow":{"chance":1}}`: 422,
		`[]`: 422,
	} {
		if a := b.call(t, http.MethodPost, "/_sandbox/faults", body); a.status != status {
			t.Errorf("%s: %d %s", body, a.status, a.raw)
		}
	}
	state := b.State().Faults
	if state["slow"].Probability != 0.5 || state["lost"].Count != 2 || len(state) != 2 {
		t.Errorf("%+v", state)
	}
	b.call(t, http.MethodPost, "/_sandbox/faults", `{"slow":{"probability":0}}`)
	if _, ok := b.State().Faults["slow"]; ok {
		t.Error("not taken away")
	}
	b.call(t, http.MethodDelete, "/_sandbox/faults", "")
	if len(b.State().Faults) != 0 {
		t.Error("not cleared")
	}
}
