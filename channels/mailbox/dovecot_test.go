package mailbox_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
	"wasl/internal/clock"
	"wasl/internal/httpclient"
	"wasl/internal/mailhost"
)

// real is a client of a real host. Ports of the standard lead to the host's own.
func real(h *mailhost.Host) *mailbox.Client {
	ports := map[string]int{
		"mail.test:993": h.IMAP, "mail.test:143": h.IMAPClear, "mail.test:465": h.Submission, "mail.test:587": h.SubmissionClear,
	}
	return mailbox.New(mailbox.Options{
		Clock: clock.System{}, Poll: 500 * time.Millisecond,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, fmt.Sprintf("127.0.0.1:%d", ports[address]))
		},
	})
}

func realSettings(t *testing.T, h *mailhost.Host, more ...string) mailbox.Settings {
	t.Helper()
	c := map[string]string{
		"imap_host": "mail.test", "smtp_host": "mail.test", "username": "box@example.com", "password": mailhost.Password,
		"tls_fingerprint": h.Fingerprint,
	}
	for n := 0; n+1 < len(more); n += 2 {
		c[more[n]] = more[n+1]
	}
	set, err := mailbox.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// eventually waits for something.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited in vain: %s", what)
}

func TestARealHost(t *testing.T) {
	h := mailhost.Start(t)
	c := real(h)
	t.Run("sign-in by TLS and STARTTLS", func(t *testing.T) {
		for _, set := range []mailbox.Settings{realSettings(t, h), realSettings(t, h, "imap_port", "143", "smtp_port", "587")} {
			if err := c.Check(t.Context(), set); err != nil {
				t.Error(err)
			}
		}
		for want, set := range map[string]mailbox.Settings{
			"sign_in_refused":   realSettings(t, h, "password", "wrong"),
			"mailbox_untrusted": realSettings(t, h, "tls_fingerprint", ""),
			"folder_missing":    realSettings(t, h, "folder", "Nowhere"),
		} {
			err := c.Check(t.Context(), set)
			if code(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
			if e := channels.AsSendError(err); want == "mailbox_untrusted" && !strings.Contains(e.Detail, h.Fingerprint) {
				t.Errorf("what to trust is not told: %s", e.Detail)
			}
		}
		local := mailbox.New(mailbox.Options{Clock: clock.System{}, Dial: httpclient.Dialer(false).DialContext})
		if err := local.Check(t.Context(), realSettings(t, h, "imap_host", "127.0.0.1")); code(err) != "mailbox_forbidden" {
			t.Errorf("an internal address: %v", err)
		}
	})
	t.Run("a cut, a folder in Hebrew, and a restored mailbox", func(t *testing.T) {
		program := h.Program("box@example.com")
		if err := program.Create("הודעות", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		set, in := realSettings(t, h, "folder", "הודעות"), &intake{}
		session := func() (end func() error) {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- c.Fetch(ctx, "chn_1", set, in) }()
			return func() error { cancel(); return <-done }
		}
		taken := func(want ...string) func() bool { return func() bool { return slices.Equal(in.texts(), want) } }
		end := session()
		eventually(t, "it works", func() bool { in.mu.Lock(); defer in.mu.Unlock(); return in.works > 0 })
		h.Append("box@example.com", "הודעות", mail("a", "one"))
		eventually(t, "the first", taken(" one"))
		h.StopIMAP()
		if err := end(); err == nil {
			t.Error("nobody noticed that the host went away")
		}
		h.StartIMAP()
		h.Append("box@example.com", "הודעות", mail("b", "two"))
		end = session()
		eventually(t, "the second", taken(" one", " two"))
		_ = end()
		program = h.Program("box@example.com")
		if err := program.Delete("הודעות").Wait(); err != nil {
			t.Fatal(err)
		}
		if err := program.Create("הודעות", nil).Wait(); err != nil { // another UIDVALIDITY
			t.Fatal(err)
		}
		h.Append("box@example.com", "הודעות", mail("b", "two"))
		h.Append("box@example.com", "הודעות", mail("c", "three"))
		end = session()
		eventually(t, "the third", taken(" one", " two", " two", " three"))
		_ = end()
	})
	t.Run("no more connections", func(t *testing.T) {
		for range h.Connections {
			h.Program("full@example.com")
		}
		err := c.Fetch(t.Context(), "chn_2", realSettings(t, h, "username", "full@example.com"), &intake{})
		if e := channels.AsSendError(err); e.Code != "mailbox_busy" || e.RetryAfter < 30*time.Second {
			t.Errorf("%v", err)
		}
	})
}
