package mailbox_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
)

func copyOf(id, raw string) channels.Operation {
	return channels.Operation{
		ID: "op_" + id, Kind: channels.KeepCopy, IDs: []string{id + "@example.org"},
		Body: func(context.Context) ([]byte, error) { return []byte(raw), nil },
	}
}

func TestTheCopyOfWhatWasSentIsKeptOnceWhateverIsCut(t *testing.T) {
	for at := 0; ; at++ {
		reached := false
		synctest.Test(t, func(t *testing.T) {
			h := newHost(t)
			in := begun(t, h)
			in.to = []channels.Operation{copyOf("a", mail("a", "sent"))}
			commands := 0
			h.answer = func(string) (string, error) {
				if commands++; commands == at {
					reached = true
					return "", errHalf
				}
				return "", nil
			}
			for range 2 {
				_ = read(t, h.client(), h.settings(), in, time.Second)
			}
			if n := len(h.folders["Sent"].letters); n != 1 || len(in.to) != 0 {
				t.Errorf("cut at %d: %d copies, %d left to do", at, n, len(in.to))
			}
		})
		if at > 0 && !reached {
			return
		}
	}
}

func TestFlagsAreSetWhereTheMailIsAndWhatIsRefusedHindersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		in := begun(t, h)
		in.more = make(chan struct{}, 1)
		h.put("INBOX", mail("a", "one"), time.Now())
		done := make(chan error)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { done <- h.client().Fetch(ctx, "chn_1", h.settings(), in) }()
		synctest.Wait()
		time.Sleep(2 * time.Second)
		in.mu.Lock()
		in.to = []channels.Operation{
			{ID: "op_1", Kind: channels.MarkSeen, IDs: []string{"a@example.org", "gone@example.org", "x@local"}},
			{ID: "op_2", Kind: channels.MarkAnswered, IDs: []string{"a@example.org 0123456789"}},
		}
		in.mu.Unlock()
		in.more <- struct{}{}
		synctest.Wait() // at once: no time passes
		var stores []string
		for _, c := range h.commands() {
			if strings.HasPrefix(c, "UID STORE") {
				stores = append(stores, c)
			}
		}
		if !slices.Equal(stores, []string{`UID STORE 1 +FLAGS.SILENT (\Seen)`, `UID STORE 1 +FLAGS.SILENT (\Seen \Answered)`}) {
			t.Errorf("%q", stores)
		}
		h.answer = answering("UID STORE", "%s NO [NOPERM] read only\r\n", nil)
		in.mu.Lock()
		in.to = []channels.Operation{{ID: "op_3", Kind: channels.MarkSeen, IDs: []string{"a@example.org"}}}
		in.mu.Unlock()
		time.Sleep(time.Minute) // of another instance: it is looked for it now and then
		if want := []string{"op_1 <nil>", "op_2 <nil>", "op_3 flag_not_set"}; !slices.Equal(in.done, want) {
			t.Errorf("%q", in.done)
		}
		cancel()
		<-done
	})
}

func TestTheLastDaysAreImportedByChoiceWithTrueProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, in := newHost(t), &intake{}
		day := 24 * time.Hour
		for n := range 45 {
			h.put("INBOX", mail(fmt.Sprint("in", n), fmt.Sprint("in ", n)), time.Now().Add(-time.Duration(60-n)*day))
		}
		h.put("Sent", mail("out", "out"), time.Now().Add(-5*day))
		h.put("Sent", "X-Wasl-Message: msg_1\r\n"+mail("ours", "ours"), time.Now().Add(-4*day))
		set, cut := h.settings("history_days", "30"), 0
		h.answer = func(command string) (string, error) {
			if strings.Contains(command, "BODY.PEEK[]") {
				if cut++; cut == 7 {
					h.put("INBOX", mail("news", "news"), time.Now())
					return "", errCut
				}
			}
			return "", nil
		}
		_ = read(t, h.client(), set, in, 2*time.Second)
		if done, total, is := mailbox.Progress(in.State()); done != 6 || total != 17 || !is {
			t.Errorf("%d of %d", done, total)
		}
		_ = read(t, h.client(), set, in, 10*time.Second)
		var old, news []string
		for n, text := range in.texts() {
			if in.taken[n].Query.Get(mailbox.AskOld) == "1" {
				old = append(old, text)
			} else {
				news = append(news, text)
			}
		}
		if !slices.Equal(news, []string{" news"}) || len(old) != 17 || old[0] != " in 30" || old[14] != " in 44" || old[15] != "sent out" {
			t.Errorf("%q, %q", news, old)
		}
		if done, total, _ := mailbox.Progress(in.State()); done != 17 || total != 17 {
			t.Errorf("%d of %d in the end", done, total)
		}
		before := len(h.commands())
		_ = read(t, h.client(), set, in, 3*time.Second)
		for _, c := range h.commands()[before:] {
			if strings.Contains(c, "SINCE") {
				t.Errorf("it is over, and asked again: %s", c)
			}
		}
	})
}
