package mailbox_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
	"wasl/internal/clock"
	"wasl/internal/selfsigned"
)

// letter is a mail in a folder of the host.
type letter struct {
	uid  uint32
	raw  string
	date time.Time
	size int64 // what the host says; 0: the truth
}

type folder struct {
	validity uint32
	next     uint32
	letters  []letter
}

// host is a mail host after a script: it answers as IMAP wants, except where a test has it do otherwise.
type host struct {
	t       *testing.T
	mu      sync.Mutex
	folders map[string]*folder
	caps    string
	list    string // instead of the answer to LIST
	logins  int
	said    []string // the commands, without their tags
	conns   []net.Conn
	idle    []func()
	// answer gives another answer to a command, with "%s" for its tag; "": the usual one. A closed connection follows errCut.
	answer func(command string) (string, error)
}

// certificate is that of every scripted host, valid at the time of a synctest bubble.
var certificate, fingerprint, errCertificate = selfsigned.New("mail.test", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))

func newHost(t *testing.T) *host {
	if errCertificate != nil {
		t.Fatal(errCertificate)
	}
	return &host{t: t, caps: "IMAP4rev1 IDLE ESEARCH SPECIAL-USE LIST-EXTENDED AUTH=PLAIN SASL-IR", folders: map[string]*folder{
		"INBOX": {validity: 7, next: 1}, "Sent": {validity: 8, next: 1},
	}}
}

// put lays a mail into a folder, and tells whoever waits there.
func (h *host) put(name, raw string, date time.Time) uint32 {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.folders[name]
	f.letters = append(f.letters, letter{uid: f.next, raw: raw, date: date})
	f.next++
	for _, tell := range h.idle {
		tell()
	}
	return f.next - 1
}

func (h *host) commands() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.said)
}

// dial connects to the host in memory.
func (h *host) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	h.mu.Lock()
	h.conns = append(h.conns, theirs)
	h.mu.Unlock()
	go func() {
		conn := tls.Server(theirs, &tls.Config{Certificates: []tls.Certificate{certificate}})
		h.serve(conn)
		_ = theirs.Close()
	}()
	return ours, nil
}

// errCut: the host hangs up; errHalf: in the middle of the usual answer; errSilent: it says nothing.
var errCut, errHalf, errSilent = errors.New("cut"), errors.New("half"), errors.New("silent")

func (h *host) serve(conn net.Conn) {
	var writing sync.Mutex
	say := func(text string) bool {
		writing.Lock()
		defer writing.Unlock()
		_, err := io.WriteString(conn, text)
		return err == nil
	}
	if !say("* OK [CAPABILITY " + h.caps + "] ready\r\n") {
		return
	}
	in, open := bufio.NewReader(conn), ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		h.mu.Lock()
		h.said = append(h.said, command)
		answer := h.answer
		h.mu.Unlock()
		text := ""
		if answer != nil {
			text, err = answer(command)
		}
		if errors.Is(err, errSilent) {
			continue
		}
		if errors.Is(err, errHalf) {
			text = h.usual(command, &open)
			text = text[:len(text)/2]
		}
		if text == "" && err == nil {
			if command == "IDLE" {
				h.wait(in, say, tag, open)
				continue
			}
			text = h.usual(command, &open)
		}
		if put := putForm.FindStringSubmatch(command); put != nil && !h.take(in, say, put) {
			return
		}
		if !say(strings.ReplaceAll(text, "%s", tag)) || err != nil || strings.HasPrefix(command, "LOGOUT") {
			return
		}
	}
}

// take is what follows an APPEND.
func (h *host) take(in *bufio.Reader, say func(string) bool, put []string) bool {
	size, _ := strconv.Atoi(put[2])
	if put[3] == "" && !say("+ go\r\n") {
		return false
	}
	raw := make([]byte, size+2)
	if _, err := io.ReadFull(in, raw); err != nil {
		return false
	}
	h.put(put[1], string(raw[:size]), time.Now())
	return true
}

// wait is IDLE.
func (h *host) wait(in *bufio.Reader, say func(string) bool, tag, open string) {
	h.mu.Lock()
	n := len(h.idle)
	h.idle = append(h.idle, func() { go say(fmt.Sprintf("* %d EXISTS\r\n", len(h.folders[open].letters))) })
	h.mu.Unlock()
	say("+ idling\r\n")
	_, _ = in.ReadString('\n')
	h.mu.Lock()
	h.idle[n] = func() {}
	h.mu.Unlock()
	say(tag + " OK done\r\n")
}

var (
	uidForm   = regexp.MustCompile(`UID (\d+):(\d+|\*)`)
	idForm    = regexp.MustCompile(`HEADER "?Message-ID"? "?(<[^>]+>)`)
	putForm   = regexp.MustCompile(`^APPEND "?([^ "]+)"? .*\{(\d+)(\+?)\}$`)
	sinceForm = regexp.MustCompile(`SINCE (\S+)`)
	setForm   = regexp.MustCompile(`^UID FETCH (\S+) \((.*)\)$`)
	partForm  = regexp.MustCompile(`BODY\.PEEK\[\]<0\.(\d+)>`)
)

// usual is what the standard wants as the answer.
func (h *host) usual(command string, open *string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	word, rest, _ := strings.Cut(command, " ")
	switch word {
	case "CAPABILITY":
		return "* CAPABILITY " + h.caps + "\r\n%s OK\r\n"
	case "AUTHENTICATE", "LOGIN":
		h.logins++
		return "%s OK [CAPABILITY " + h.caps + "] in\r\n"
	case "LIST":
		if h.list != "" {
			return h.list
		}
		return "* LIST (\\Sent) \"/\" Sent\r\n%s OK\r\n"
	case "SELECT", "EXAMINE":
		name := strings.Trim(rest, `"`)
		f := h.folders[name]
		if f == nil {
			return "%s NO [NONEXISTENT] no such folder\r\n"
		}
		*open = name
		return fmt.Sprintf("* %d EXISTS\r\n* OK [UIDVALIDITY %d] .\r\n* OK [UIDNEXT %d] .\r\n%%s OK\r\n", len(f.letters), f.validity, f.next)
	case "STATUS":
		name, _, _ := strings.Cut(rest, " ")
		f := h.folders[strings.Trim(name, `"`)]
		if f == nil {
			return "%s NO none\r\n"
		}
		return fmt.Sprintf("* STATUS %s (UIDNEXT %d UIDVALIDITY %d)\r\n%%s OK\r\n", name, f.next, f.validity)
	case "UID":
		return h.uid(command, h.folders[*open])
	case "LOGOUT":
		return "* BYE\r\n%s OK\r\n"
	}
	return "%s OK\r\n"
}

func (h *host) uid(command string, f *folder) string {
	var found []string
	if strings.HasPrefix(command, "UID SEARCH") {
		from, to, since, id := 0, int(f.next), time.Time{}, ""
		if m := uidForm.FindStringSubmatch(command); m != nil {
			from, _ = strconv.Atoi(m[1])
			if m[2] != "*" {
				to, _ = strconv.Atoi(m[2])
			}
		}
		if m := idForm.FindStringSubmatch(command); m != nil {
			id = m[1]
		}
		if m := sinceForm.FindStringSubmatch(command); m != nil {
			since, _ = time.Parse("2-Jan-2006", strings.Trim(m[1], `"`))
		}
		for _, l := range f.letters {
			if int(l.uid) >= from && int(l.uid) <= to && !l.date.Before(since) && strings.Contains(l.raw, id) {
				found = append(found, fmt.Sprint(l.uid))
			}
		}
		if !strings.Contains(h.caps, "ESEARCH") {
			return "* SEARCH " + strings.Join(found, " ") + "\r\n%s OK\r\n"
		}
		if len(found) == 0 {
			return "* ESEARCH (TAG \"%s\") UID\r\n%s OK\r\n"
		}
		return "* ESEARCH (TAG \"%s\") UID ALL " + strings.Join(found, ",") + "\r\n%s OK\r\n"
	}
	m := setForm.FindStringSubmatch(command)
	if m == nil {
		return "%s OK\r\n"
	}
	var b strings.Builder
	for n, l := range f.letters {
		if !within(m[1], l.uid) {
			continue
		}
		fmt.Fprintf(&b, "* %d FETCH (UID %d", n+1, l.uid)
		size := l.size
		if size == 0 {
			size = int64(len(l.raw))
		}
		if strings.Contains(m[2], "RFC822.SIZE") {
			fmt.Fprintf(&b, " RFC822.SIZE %d INTERNALDATE %q", size, l.date.Format("02-Jan-2006 15:04:05 -0700"))
		}
		head, _, _ := strings.Cut(l.raw, "\r\n\r\n")
		head += "\r\n\r\n"
		part := partForm.FindStringSubmatch(m[2])
		switch {
		case strings.Contains(m[2], "HEADER.FIELDS"):
			fmt.Fprintf(&b, " BODY[HEADER.FIELDS (MESSAGE-ID DATE X-WASL-MESSAGE)] {%d}\r\n%s", len(head), head)
		case strings.Contains(m[2], "BODY.PEEK[HEADER]"):
			fmt.Fprintf(&b, " BODY[HEADER] {%d}\r\n%s", len(head), head)
		case part != nil:
			most, _ := strconv.Atoi(part[1])
			cut := l.raw[:min(most, len(l.raw))]
			fmt.Fprintf(&b, " BODY[]<0> {%d}\r\n%s", len(cut), cut)
		case strings.Contains(m[2], "BODY.PEEK[]"):
			fmt.Fprintf(&b, " BODY[] {%d}\r\n%s", len(l.raw), l.raw)
		}
		b.WriteString(")\r\n")
	}
	return strings.ReplaceAll(b.String(), "%s", "%%s") + "%s OK\r\n"
}

func within(set string, uid uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		from, to, ranged := strings.Cut(part, ":")
		low, _ := strconv.Atoi(from)
		high := low
		if ranged {
			high, _ = strconv.Atoi(to)
		}
		if int(uid) >= low && int(uid) <= high {
			return true
		}
	}
	return false
}

// intake keeps what is handed over as the gateway does: the mail and the state in one write.
type intake struct {
	mu    sync.Mutex
	state []byte
	taken []channels.Webhook
	works int
	to    []channels.Operation // to be done
	done  []string
	more  chan struct{}
	// fault happens around a write: before says that nothing was written.
	fault func(n int) (before, after bool)
	n     int
}

var errStore = errors.New("the store is gone")

func (i *intake) State() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.state
}

func (i *intake) write(change func()) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.n++
	before, after := false, false
	if i.fault != nil {
		before, after = i.fault(i.n)
	}
	if before {
		return errStore
	}
	change()
	if after {
		return errStore
	}
	return nil
}

func (i *intake) Keep(_ context.Context, state []byte) error {
	return i.write(func() { i.state = state })
}

func (i *intake) Take(_ context.Context, hook channels.Webhook, state []byte) error {
	return i.write(func() { i.state, i.taken = state, append(i.taken, hook) })
}

func (i *intake) Works(context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.works++
	return nil
}

func (i *intake) More() <-chan struct{} { return i.more }

func (i *intake) Operations(context.Context) ([]channels.Operation, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.to), nil
}

func (i *intake) Done(_ context.Context, op channels.Operation, refused error) error {
	return i.write(func() {
		i.to = slices.DeleteFunc(i.to, func(other channels.Operation) bool { return other.ID == op.ID })
		i.done = append(i.done, op.ID+" "+code(refused))
	})
}

// texts are the first lines of what was taken, by folder.
func (i *intake) texts() (out []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, hook := range i.taken {
		_, text, _ := strings.Cut(string(hook.Body), "\r\n\r\n")
		out = append(out, hook.Query.Get(mailbox.AskFolder)+" "+strings.TrimSpace(text))
	}
	return out
}

func (h *host) client() *mailbox.Client {
	return mailbox.New(mailbox.Options{Dial: h.dial, Clock: clock.System{}, Ours: func(head []byte) bool {
		return strings.Contains(string(head), "X-Wasl-Message")
	}})
}

func (h *host) settings(more ...string) mailbox.Settings {
	c := map[string]string{
		"imap_host": "mail.test", "smtp_host": "mail.test", "username": "desk@example.com", "password": "box-secret-5",
		"tls_fingerprint": fingerprint,
	}
	for n := 0; n+1 < len(more); n += 2 {
		c[more[n]] = more[n+1]
	}
	set, err := mailbox.Parse(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return set
}

// read fetches with one session that ends after so long, unless something ends it before.
func read(t *testing.T, c *mailbox.Client, set mailbox.Settings, in channels.Intake, long time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	return c.Fetch(ctx, "chn_1", set, in)
}

func mail(id, text string) string {
	return "From: Ann <ann@example.org>\r\nMessage-ID: <" + id + "@example.org>\r\nDate: Mon, 30 Nov 2026 07:00:00 +0000\r\n\r\n" + text + "\r\n"
}

func failing(err error) mailbox.Dial {
	return func(context.Context, string, string) (net.Conn, error) { return nil, err }
}
