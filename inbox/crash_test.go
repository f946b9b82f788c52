package inbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wasl/internal/events"
	"wasl/store"
	"wasl/store/storetest"
)

// everyFault runs a story without a fault, to count its writes, and then with every fault at every write.
func everyFault(t *testing.T, story func(t *testing.T, n int, fault storetest.Fault) (writes int)) {
	t.Helper()
	writes := story(t, 0, storetest.Cut)
	if writes < 2 {
		t.Fatalf("the story has only %d writes", writes)
	}
	for _, fault := range storetest.Faults() {
		for n := 1; n <= writes; n++ {
			t.Run(fmt.Sprintf("%v write %d of %d", fault, n, writes), func(t *testing.T) { story(t, n, fault) })
		}
	}
}

// insist posts a body as a provider does: until it is told 200, or the process is gone.
func (p *process) insist(body []byte) {
	p.w.t.Helper()
	for range 5 {
		if p.post(body) == nil || p.engine.Dead() {
			return
		}
	}
	p.w.t.Fatal("the webhook was never taken")
}

// TestAMessageThatComesInIsStoredOnceWhateverFails: one contact, one conversation, one message with its picture.
func TestAMessageThatComesInIsStoredOnceWhateverFails(t *testing.T) {
	everyFault(t, func(t *testing.T, n int, fault storetest.Fault) (writes int) {
		bubble(t, func(t *testing.T, w *world) {
			w.provider.files = map[string][]byte{"700000000000011": pngOf(t, 20, 10)}
			first := w.boot().connect()
			settle(time.Minute)
			before := first.engine.Writes()
			first.engine.Fail(before+n, fault)
			if n == 0 {
				first.engine.Fail(0, fault)
			}
			body := sample(t, "image")
			first.insist(body)
			settle(2 * time.Minute)
			writes = first.engine.Writes() - before
			first.stop()
			w.outboxes()
			second := w.boot().connect()
			second.insist(body) // the provider never learned that it was taken
			settle(2 * time.Minute)
			second.stop()
			conv, m := w.only(), w.message("Broken corner")
			if len(w.contacts()) != 1 || len(w.messages()) != 1 {
				t.Errorf("%d contacts, %d messages", len(w.contacts()), len(w.messages()))
			}
			if conv.InboundCount != 1 || conv.Seq != m.Seq || conv.LastMessageSeq != m.Seq || conv.LastMessageID != m.ID ||
				conv.Status != Open {
				t.Errorf("conversation: %d in, seq %d, last %s, %s", conv.InboundCount, conv.Seq, conv.LastMessageID, conv.Status)
			}
			if a := m.Attachments[0]; a.State != "ready" || a.Width != 20 || !a.Thumbnail {
				t.Errorf("attachment %+v", a)
			}
			told := strings.Contains(first.types(m.ID)+second.types(m.ID), "message.created")
			// of a dead process, all sockets load anew
			if !told && !first.engine.Dead() && !strings.Contains(first.types(""), events.Reset) {
				t.Error("nobody was told of the message")
			}
			w.quiet()
		})
		return writes
	})
}

// TestAnAnswerGoesOutOnceWhateverFails: the provider is asked at most once unless it certainly took nothing, and the message
// ends as sent, or as unknown until the provider's report.
func TestAnAnswerGoesOutOnceWhateverFails(t *testing.T) {
	t.Parallel()
	everyFault(t, func(t *testing.T, n int, fault storetest.Fault) (writes int) {
		bubble(t, func(t *testing.T, w *world) {
			first := w.boot().connect()
			first.receive(says("12025550143", "wamid.IN1", "hello", 0))
			settle(time.Minute)
			conv := w.only()
			before := first.engine.Writes()
			if n > 0 {
				first.engine.Fail(before+n, fault)
			}
			first.answers(conv.ID, "key", "shipped yesterday")
			settle(2 * time.Minute)
			writes = first.engine.Writes() - before
			first.stop()
			w.outboxes()
			second := w.boot().connect()
			second.answers(conv.ID, "key", "shipped yesterday") // the browser never learned that it was taken
			settle(2 * time.Minute)
			m := w.message("shipped yesterday")
			taken := w.provider.took[m.ID]
			if len(w.messages()) != 2 || taken > 1 || w.provider.calls.Load() > 1 {
				t.Errorf("%d messages, the provider was asked %d times and took it %d times", len(w.messages()), w.provider.calls.Load(),
					taken)
			}
			if m.Status == Unknown && w.provider.calls.Load() == 0 && !first.engine.Dead() {
				t.Error("the message is unknown although the process that lives knows that nobody was asked")
			}
			switch {
			case m.Status == Sent && taken == 1 && m.ProviderID == "wamid.SENT1":
			case m.Status == Unknown && (fault == storetest.KilledBefore || fault == storetest.KilledAfter || n > 0):
				second.receive(status("wamid.SENT1", "delivered", m.ID, 100))
				if m = w.message("shipped yesterday"); m.Status != Delivered || m.ProviderID != "wamid.SENT1" || m.Error != nil {
					t.Errorf("after its report the message is %s, %s", m.Status, m.ProviderID)
				}
			default:
				t.Errorf("the message is %s with %q, taken %d times", m.Status, m.ProviderID, taken)
			}
			settle(time.Minute)
			second.stop()
			w.outboxes()
			w.quiet()
		})
		return writes
	})
}

// answers writes as a browser does: again with the same key until it gets an answer.
func (p *process) answers(conversationID, key, said string) {
	p.w.t.Helper()
	for range 5 {
		_, _, err := p.Reply(p.w.t.Context(), ann, conversationID, words(key, said))
		if err == nil || p.engine.Dead() {
			return
		}
		if !errors.Is(err, store.ErrUnavailable) {
			p.w.t.Fatal(err)
		}
	}
	p.w.t.Fatal("the answer was never taken")
}

// TestAProcessThatDiesWhileTheProviderIsAskedNeverSendsTwice kills it inside the call, with and without the message going out.
func TestAProcessThatDiesWhileTheProviderIsAskedNeverSendsTwice(t *testing.T) {
	for _, taken := range []bool{false, true} {
		t.Run(fmt.Sprintf("taken %v", taken), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				first := w.boot().connect()
				first.receive(says("12025550143", "wamid.IN1", "hello", 0))
				w.provider.answer = func(map[string]any) *reply {
					first.engine.Kill()
					return &reply{broken: true, taken: taken}
				}
				conv := w.only()
				first.answers(conv.ID, "one", "first answer")
				settle(time.Minute)
				first.stop()
				w.outboxes()
				w.provider.answer = nil
				second := w.boot().connect()
				second.answers(conv.ID, "two", "second answer")
				settle(time.Minute)
				one, two := w.message("first answer"), w.message("second answer")
				if one.Status != Unknown || one.Error == nil || w.provider.took[one.ID] > 1 {
					t.Errorf("the first is %s, sent %d times", one.Status, w.provider.took[one.ID])
				}
				if two.Status != Sent || w.provider.took[two.ID] != 1 {
					t.Errorf("the second is %s, sent %d times", two.Status, w.provider.took[two.ID])
				}
				second.stop()
				w.outboxes()
				w.quiet()
			})
		})
	}
}
