package mailbox_test

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
	"wasl/internal/httpclient"
)

// answering gives one answer to the commands that begin so.
func answering(prefix, text string, err error) func(string) (string, error) {
	return func(command string) (string, error) {
		if strings.HasPrefix(command, prefix) {
			return text, err
		}
		return "", nil
	}
}

// begun has a mailbox connected, so that what comes next is new.
func begun(t *testing.T, h *host) *intake {
	t.Helper()
	in := &intake{}
	if err := read(t, h.client(), h.settings(), in, time.Second); len(in.State()) == 0 {
		t.Fatal(err)
	}
	return in
}

func TestAServerThatStopsInTheMiddleOfAMailIsLeftAndTheMailFetchedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		in := begun(t, h)
		h.put("INBOX", mail("a", "whole"), time.Now())
		h.answer = func(command string) (string, error) {
			if strings.Contains(command, "BODY.PEEK[]") {
				return "* 1 FETCH (UID 1 BODY[] {5000}\r\nFrom: Ann", nil // and nothing more: the connection stays open
			}
			return "", nil
		}
		began := time.Now()
		err := read(t, h.client(), h.settings(), in, time.Hour)
		took := time.Since(began)
		if e := channels.AsSendError(err); e.Code != "mailbox_broken_off" || e.Outcome != channels.Down || took > 2*time.Minute {
			t.Errorf("%v after %s", err, took)
		}
		if got := in.texts(); got != nil {
			t.Errorf("half a mail is taken: %q", got)
		}
		h.answer = nil
		_ = read(t, h.client(), h.settings(), in, time.Second)
		if got := in.texts(); !slices.Equal(got, []string{" whole"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestAFolderNumberedAnewBringsOnlyWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		in := begun(t, h)
		h.put("INBOX", mail("a", "seen before"), time.Now())
		_ = read(t, h.client(), h.settings(), in, time.Second)
		time.Sleep(time.Hour)
		// the host is restored from elsewhere: other numbers, 100,000 old mails, all of which came in just now
		f := h.folders["INBOX"]
		f.validity, f.next, f.letters = 99, 1, nil
		old := strings.ReplaceAll(mail("old", "long ago"), "30 Nov 2026", "30 Nov 1995")
		for range 100_000 {
			f.letters = append(f.letters, letter{uid: f.next, raw: old, date: time.Now()})
			f.next++
		}
		h.put("INBOX", strings.ReplaceAll(mail("a", "seen before"), "30 Nov 2026", time.Now().Format("02 Jan 2006")), time.Now())
		h.put("INBOX", strings.ReplaceAll(mail("b", "came meanwhile"), "30 Nov 2026", time.Now().Format("02 Jan 2006")), time.Now())
		_ = read(t, h.client(), h.settings(), in, time.Minute)
		// what is known is handed over again, and known by its id
		if got := in.texts(); !slices.Equal(got, []string{" seen before", " seen before", " came meanwhile"}) {
			t.Errorf("%d: %q", len(got), got[:min(5, len(got))])
		}
		h.put("INBOX", mail("c", "next"), time.Now())
		_ = read(t, h.client(), h.settings(), in, time.Second)
		if got := in.texts(); got[len(got)-1] != " next" || len(got) != 4 {
			t.Errorf("%q", got)
		}
	})
}

func TestAHugeMailIsReadInPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		in := begun(t, h)
		h.put("INBOX", mail("a", "look at the film"+strings.Repeat(" film", 2<<20)), time.Now())
		h.folders["INBOX"].letters[0].size = 200 << 20
		h.put("INBOX", mail("b", "next"), time.Now())
		_ = read(t, h.client(), h.settings(), in, time.Minute)
		if len(in.taken) != 2 || len(in.taken[0].Body) > 5<<20 || in.taken[0].Query.Get(mailbox.AskSize) != "209715200" {
			t.Errorf("%d taken, %d bytes, %s", len(in.taken), len(in.taken[0].Body), in.taken[0].Query)
		}
	})
}

func TestAServerThatLiesAboutASizeFillsNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		in := begun(t, h)
		h.put("INBOX", mail("a", "tiny"), time.Now())
		endless := strings.Repeat("x", 1<<20)
		h.answer = func(command string) (string, error) {
			if strings.Contains(command, "BODY.PEEK[]<0.") {
				return "* 1 FETCH (UID 1 BODY[]<0> {9}\r\nFrom: Ann)\r\n%s OK\r\n", nil
			}
			if strings.Contains(command, "BODY.PEEK[]") {
				return "* 1 FETCH (UID 1 BODY[] {209715200}\r\n" + strings.Repeat(endless, 40), nil
			}
			return "", nil
		}
		c := h.client()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 2 { // it is tried again, and then in part
			if err := read(t, c, h.settings(), in, time.Hour); code(err) != "mailbox_protocol" {
				t.Errorf("%v", err)
			}
		}
		_ = read(t, c, h.settings(), in, time.Second)
		runtime.ReadMemStats(&after)
		if len(in.taken) != 1 || string(in.taken[0].Body) != "From: Ann" {
			t.Errorf("%d taken", len(in.taken))
		}
	})
}

func TestAMailAtWhichTheServerAlwaysHangsUpIsLetGoInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		in := begun(t, h)
		h.put("INBOX", mail("a", "cursed"), time.Now())
		h.put("INBOX", mail("b", "after it"), time.Now())
		h.answer = func(command string) (string, error) {
			if strings.HasPrefix(command, "UID FETCH 1 ") && strings.Contains(command, "BODY.PEEK") {
				return "", errCut
			}
			return "", nil
		}
		c := h.client()
		for n := 0; n < 10 && len(in.taken) < 2; n++ {
			_ = read(t, c, h.settings(), in, time.Second)
		}
		if got := in.texts(); len(got) != 2 || got[1] != " after it" || in.taken[0].Query.Get(mailbox.AskLost) != "1" {
			t.Errorf("%q", got)
		}
	})
}

func TestAFolderIsFoundByItsNameInAnyLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		h.folders["&BdQF1QXTBeIF1QXq-"] = &folder{validity: 5, next: 1}
		set, in := h.settings("folder", "הודעות"), &intake{}
		_ = read(t, h.client(), set, in, time.Second)
		h.put("&BdQF1QXTBeIF1QXq-", mail("a", "shalom"), time.Now())
		_ = read(t, h.client(), set, in, time.Second)
		if got := in.texts(); !slices.Equal(got, []string{" shalom"}) {
			t.Errorf("%q: %q", got, h.commands())
		}
		delete(h.folders, "&BdQF1QXTBeIF1QXq-")
		err := read(t, h.client(), set, in, time.Second)
		if channels.AsSendError(err).Outcome != channels.Dead || code(err) != "folder_missing" {
			t.Errorf("a folder that was renamed: %v", err)
		}
	})
}

func TestAListOfFoldersThatCannotBeReadHindersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, in := newHost(t), &intake{}
		h.list = "* LIST () \"/\" \"R&D\"\r\n* LIST (\\Sent) \"/\" Sent\r\n%s OK\r\n" // no modified UTF-7
		c := h.client()
		if err := read(t, c, h.settings(), in, time.Second); code(err) != "mailbox_protocol" {
			t.Errorf("%v", err)
		}
		_ = read(t, c, h.settings(), in, time.Second)
		h.put("INBOX", mail("a", "in"), time.Now())
		h.put("Sent", mail("b", "out"), time.Now())
		_ = read(t, c, h.settings(), in, time.Second)
		if got := in.texts(); !slices.Equal(got, []string{"sent out", " in"}) {
			t.Errorf("%q", got)
		}
	})
}

// TestEveryFailureIsToldInPlainWords: what a server or the net does, and what people read then.
func TestEveryFailureIsToldInPlainWords(t *testing.T) {
	dead, down, slow := channels.Dead, channels.Down, channels.Throttled
	for name, c := range map[string]struct {
		want    string
		outcome channels.Outcome
		answer  func(string) (string, error)
		dial    error
	}{
		"a wrong password": {
			want: "sign_in_refused", outcome: dead,
			answer: answering("AUTHENTICATE", "%s NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", nil),
		},
		"an old server": {want: "sign_in_refused", outcome: dead, answer: answering("AUTHENTICATE", "%s NO wrong\r\n", nil)},
		"an app password": {
			want: "app_password_needed", outcome: dead,
			answer: answering("AUTHENTICATE", "%s NO [ALERT] Application-specific password required: https://x.example (Failure)\r\n", nil),
		},
		"passwords switched off": {
			want: "password_not_allowed", outcome: dead,
			answer: answering("AUTHENTICATE", "%s NO BasicAuthBlocked\r\n", nil),
		},
		"IMAP switched off": {
			want: "access_disabled", outcome: dead,
			answer: answering("AUTHENTICATE", "%s NO [ALERT] Your account is not enabled for IMAP use. (Failure)\r\n", nil),
		},
		"the eleventh connection": {
			want: "mailbox_busy", outcome: slow,
			answer: answering("AUTHENTICATE", "%s NO [ALERT] Too many simultaneous connections. (Failure)\r\n", nil),
		},
		"a limit of logins": {
			want: "mailbox_busy", outcome: slow,
			answer: answering("AUTHENTICATE", "%s NO [LIMIT] no more today\r\n", nil),
		},
		"an internal error": {
			want: "mailbox_busy", outcome: slow,
			answer: answering("AUTHENTICATE", "%s NO [UNAVAILABLE] Internal error occurred\r\n", nil),
		},
		"a cut while we enter": {want: "mailbox_broken_off", outcome: down, answer: answering("AUTHENTICATE", "", errCut)},
		"no folder": {
			want: "folder_missing", outcome: dead,
			answer: answering("SELECT", "%s NO [NONEXISTENT] Unknown Mailbox\r\n", nil),
		},
		"a folder for now away": {
			want: "mailbox_busy", outcome: slow,
			answer: answering("SELECT", "%s NO [UNAVAILABLE] temporarily unavailable\r\n", nil),
		},
		"no numbers": {want: "mailbox_protocol", outcome: down, answer: answering("SELECT", "* 5 EXISTS\r\n%s OK\r\n", nil)},
		"rubbish":    {want: "mailbox_protocol", outcome: down, answer: answering("SELECT", "<html>hello</html>\r\n", nil)},
		"an endless line": {
			want: "mailbox_protocol", outcome: down,
			answer: answering("SELECT", "* OK "+strings.Repeat("a", 5<<20), nil),
		},
		"a cut at the folder":   {want: "mailbox_broken_off", outcome: down, answer: answering("SELECT", "", errCut)},
		"silence":               {want: "mailbox_broken_off", outcome: down, answer: answering("SELECT", "", errSilent)},
		"an internal network":   {want: "mailbox_forbidden", outcome: dead, dial: fmt.Errorf("dial: %w", httpclient.ErrForbidden)},
		"an unknown name":       {want: "mailbox_unreachable", outcome: down, dial: &net.DNSError{IsNotFound: true}},
		"nobody on the port":    {want: "mailbox_unreachable", outcome: down, dial: errors.New("connection refused")},
		"another's certificate": {want: "mailbox_untrusted", outcome: down},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost(t)
				h.answer = c.answer
				set := h.settings()
				client := h.client()
				if c.dial != nil {
					client = mailbox.New(mailbox.Options{Dial: failing(c.dial)})
				}
				if c.want == "mailbox_untrusted" {
					set = h.settings("tls_fingerprint", strings.Repeat("00", 32))
				}
				in := &intake{}
				err := read(t, client, set, in, time.Hour)
				e := channels.AsSendError(err)
				if e.Code != c.want || e.Outcome != c.outcome || e.Title == "" || e.Detail == "" {
					t.Errorf("%s (%d): %v", e.Code, e.Outcome, err)
				}
				if c.outcome == slow && e.RetryAfter < 30*time.Second {
					t.Errorf("it comes again after %s", e.RetryAfter)
				}
				if strings.Contains(err.Error()+e.Detail, "box-secret-5") {
					t.Error("the password is told")
				}
			})
		})
	}
}
