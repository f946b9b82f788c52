package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
)

// code is the code of why fetching ended.
func code(err error) string {
	var e *channels.SendError
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

func TestWhatComesIsHandedOverOnceAndAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, in := newHost(t), &intake{}
		old := time.Now().Add(-24 * time.Hour)
		for n := range 300 {
			h.put("INBOX", mail(fmt.Sprint("old", n), "long ago"), old)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- h.client().Fetch(ctx, "chn_1", h.settings(), in) }()
		synctest.Wait()
		if got := in.texts(); got != nil || in.works == 0 {
			t.Fatalf("what lay there before the connection: %q", got)
		}
		h.put("INBOX", mail("a", "one"), time.Now())
		synctest.Wait() // IDLE tells: no time passes
		h.put("INBOX", mail("b", "two"), time.Now())
		synctest.Wait()
		if got := in.texts(); !slices.Equal(got, []string{" one", " two"}) {
			t.Errorf("%q", got)
		}
		h.put("Sent", mail("c", "by hand"), time.Now())
		h.put("Sent", "X-Wasl-Message: msg_1\r\n"+mail("d", "by us"), time.Now())
		time.Sleep(time.Minute)
		if got := in.texts(); !slices.Equal(got[2:], []string{"sent by hand", "sent "}) {
			t.Errorf("%q", got)
		}
		if head := in.taken[3].Query.Get(mailbox.AskHead); head != "1" {
			t.Errorf("our own mail is fetched whole")
		}
		cancel()
		<-done
		h.put("INBOX", mail("e", "between"), time.Now())
		_ = read(t, h.client(), h.settings(), in, time.Minute)
		if got := in.texts(); len(got) != 5 || got[4] != " between" {
			t.Errorf("%q", got)
		}
	})
}

func TestWhatComesRightAfterTheConnectionIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		h.put("INBOX", mail("a", "before"), time.Now())
		smtp := h.client() // the scripted host speaks no SMTP: that both servers are asked is tested with a real one
		state, err := smtp.Begin(t.Context(), h.settings())
		if channels.AsSendError(err).Outcome == channels.Dead {
			t.Fatal(err)
		}
		h.put("INBOX", mail("b", "at once"), time.Now())
		in := &intake{state: state}
		_ = read(t, h.client(), h.settings(), in, time.Second)
		if got := in.texts(); !slices.Equal(got, []string{" at once"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestAServerWithoutIdleIsAskedAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, in := newHost(t), &intake{}
		h.caps = "IMAP4rev1"
		h.answer = func(command string) (string, error) {
			if command == "NOOP" {
				h.mu.Lock()
				defer h.mu.Unlock()
				return fmt.Sprintf("* %d EXISTS\r\n%%s OK\r\n", len(h.folders["INBOX"].letters)), nil
			}
			return "", nil
		}
		done := make(chan error)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { done <- h.client().Fetch(ctx, "chn_1", h.settings(), in) }()
		synctest.Wait()
		h.put("INBOX", mail("a", "one"), time.Now())
		time.Sleep(time.Minute)
		h.put("INBOX", mail("b", "two"), time.Now())
		time.Sleep(time.Minute)
		cancel()
		<-done
		if got := in.texts(); !slices.Equal(got, []string{" one", " two"}) {
			t.Errorf("%q", got)
		}
	})
}
