package mailbox_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestACutAtAnyPlaceLosesAndDoublesNothing cuts the connection before each command and after it, and fails each write of the store before
// and after it was done, as a kill does; each time a new process goes on, with what is durable and nothing else.
func TestACutAtAnyPlaceLosesAndDoublesNothing(t *testing.T) {
	for _, kind := range []string{"command unheard", "command unanswered", "write undone", "write done"} {
		t.Run(kind, func(t *testing.T) {
			for at := 1; ; at++ {
				reached := false
				synctest.Test(t, func(t *testing.T) { reached = cutAt(t, kind, at) })
				if !reached {
					if at < 5 {
						t.Errorf("only %d places", at)
					}
					return
				}
			}
		})
	}
}

// cutAt reports whether there was such a place.
func cutAt(t *testing.T, kind string, at int) (reached bool) {
	h := newHost(t)
	in := begun(t, h)
	var want []string
	for n := range 3 {
		h.put("INBOX", mail(fmt.Sprint("in", n), fmt.Sprint("in ", n)), time.Now())
		h.put("Sent", mail(fmt.Sprint("out", n), fmt.Sprint("out ", n)), time.Now())
	}
	for n := range 3 {
		want = append(want, fmt.Sprint("sent out ", n))
	}
	for n := range 3 {
		want = append(want, fmt.Sprint(" in ", n))
	}
	commands := 0
	h.answer = func(command string) (string, error) {
		commands++
		if commands != at {
			return "", nil
		}
		switch kind {
		case "command unheard":
			reached = true
			return "", errCut
		case "command unanswered": // the host does it, and the answer is lost half way
			reached = true
			return "", errHalf
		}
		return "", nil
	}
	in.n, in.fault = 0, func(n int) (before, after bool) {
		before, after = n == at && kind == "write undone", n == at && kind == "write done"
		reached = reached || before || after
		return before, after
	}
	for range 3 {
		_ = read(t, h.client(), h.settings(), in, time.Second) // another process: nothing is remembered
	}
	if got := in.texts(); !slices.Equal(got, want) {
		t.Errorf("%s %d: %q", kind, at, got)
	}
	return reached
}
