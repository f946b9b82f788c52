package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"

	"wasl/internal/selfsigned"
)

const (
	ownMail    = "desk@torture.example"
	inbox      = "INBOX"
	sentFolder = "Sent"
)

// mailHost is the stand-in for a mail host: one mailbox, read over IMAP and sent from over SMTP. What lies in it is durable.
type mailHost struct {
	w          *world
	imap, smtp net.Listener
	pin        string
	user       *imapmemserver.User
	readers    *imapserver.Server
	writers    *smtp.Server

	mu      sync.Mutex
	lines   map[*line]bool
	numbers uint32 // the UIDVALIDITY of the folders
	refuses bool
	stage   string // "imap asked" or "imap done": the gateway is killed there, after so many others
	skip    int
	copies  map[string]int // how often a message of the gateway lies among what was sent
}

func startMailHost(w *world) (*mailHost, error) {
	made, pin, err := selfsigned.New("mail.torture.example", time.Now())
	if err != nil {
		return nil, err
	}
	h := &mailHost{
		w: w, pin: pin, user: imapmemserver.NewUser(ownMail, password), lines: map[*line]bool{}, numbers: 1, copies: map[string]int{},
	}
	for _, folder := range []string{inbox, sentFolder} {
		if err := h.user.Create(folder, nil); err != nil {
			return nil, err
		}
	}
	for _, l := range []*net.Listener{&h.imap, &h.smtp} {
		plain, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		*l = tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{made}, MinVersion: tls.VersionTLS12})
	}
	h.readers = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &reader{UserSession: imapmemserver.NewUserSession(h.user), host: h}, nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIdle: {}, imap.CapUIDPlus: {}, imap.CapESearch: {}},
		InsecureAuth: true, // each connection is encrypted, which the library does not see through a line
		Logger:       quiet{},
	})
	h.writers = smtp.NewServer(h)
	h.writers.Domain, h.writers.AllowInsecureAuth = "mail.torture.example", true
	h.writers.ErrorLog = quiet{}
	go func() { _ = h.readers.Serve(lines{h.imap, h}) }()
	go func() { _ = h.writers.Serve(h.smtp) }()
	return h, nil
}

// quiet hears what the libraries say of the connections that are cut here.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (h *mailHost) close() {
	_ = h.readers.Close()
	_ = h.writers.Close()
}

// credentials are those of the channel.
func (h *mailHost) credentials() object {
	port := func(l net.Listener) string {
		_, port, _ := net.SplitHostPort(l.Addr().String()) // a listener's address has both
		return port
	}
	return object{
		"imap_host": "127.0.0.1", "imap_port": port(h.imap), "smtp_host": "127.0.0.1", "smtp_port": port(h.smtp), "username": ownMail,
		"password": password, "from_address": ownMail, "from_name": "Desk", "tls_fingerprint": h.pin,
	}
}

// put lays a mail into a folder.
func (h *mailHost) put(folder string, raw []byte) bool {
	_, err := h.user.Append(folder, bytes.NewReader(raw), &imap.AppendOptions{Time: time.Now()})
	if err != nil {
		h.w.book.trouble("the rig: a mail cannot be laid into %s: %v", folder, err)
	}
	if m, bad := netmail.ReadMessage(bytes.NewReader(raw)); bad == nil && folder == sentFolder {
		h.mu.Lock()
		h.copies[m.Header.Get(headMessage)]++
		h.mu.Unlock()
	}
	return err == nil
}

// suffer carries out a fault of the mail host; it reports whether it knows it.
func (h *mailHost) suffer(f fault) bool {
	switch f.kind {
	case "mail cut": // in the middle of what is said next
		h.eachLine(func(l *line) { l.cut = true })
	case "mail numbered anew":
		h.mu.Lock()
		h.numbers++
		h.mu.Unlock()
		h.eachLine(func(l *line) { _ = l.Close() })
	case "mail refuses":
		h.refuse(true)
		h.eachLine(func(l *line) { _ = l.Close() })
		wait(h.w.ctx, f.lasts)
		h.refuse(false)
	case "imap asked", "imap done":
		h.arm(f.kind, int(f.lasts%10))
		h.w.fallen(5 * time.Second)
		h.arm("", 0)
	default:
		return false
	}
	return true
}

func (h *mailHost) refuse(refuses bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuses = refuses
}

func (h *mailHost) arm(stage string, skip int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stage, h.skip = stage, skip
}

// reached kills the gateway where a fault waits for this stage.
func (h *mailHost) reached(stage string) bool {
	h.mu.Lock()
	hit := h.stage == stage
	if hit && h.skip > 0 {
		h.skip--
		hit = false
	}
	if hit {
		h.stage = ""
	}
	h.mu.Unlock()
	return hit && h.w.strike()
}

func (h *mailHost) eachLine(do func(*line)) {
	h.mu.Lock()
	all := make([]*line, 0, len(h.lines))
	for l := range h.lines {
		all = append(all, l)
	}
	h.mu.Unlock()
	for _, l := range all {
		l.mu.Lock()
		do(l)
		l.mu.Unlock()
	}
}

// sentSoFar is how many replies lie among what was sent.
func (h *mailHost) sentSoFar() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.copies)
}

// judge: what was sent lies among what was sent once, and what was not, at most once.
func (h *mailHost) judge(p *picture) (wrong []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, thread := range p.threads {
		if p.conversations[id].ChannelID != h.w.channels[mailChannel] {
			continue
		}
		for _, m := range thread {
			if n := h.copies[m.ID]; m.ClientID != "" && (n > 1 || n == 0 && m.Status == "sent") {
				wrong = append(wrong, fmt.Sprintf("%q (%s), which is %s, stands in Sent %d times", m.ClientID, m.ID, m.Status, n))
			}
		}
	}
	return wrong
}

// lines accepts connections that can be cut.
type lines struct {
	net.Listener
	h *mailHost
}

func (ls lines) Accept() (net.Conn, error) {
	c, err := ls.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l := &line{Conn: c, h: ls.h}
	l.h.mu.Lock()
	l.h.lines[l] = true
	l.h.mu.Unlock()
	return l, nil
}

// line is a connection to the mailbox, in the clear.
type line struct {
	net.Conn
	h   *mailHost
	mu  sync.Mutex // of cut
	cut bool       // in the middle of what is said next
}

func (l *line) Read(into []byte) (int, error) {
	n, err := l.Conn.Read(into)
	if n > 0 && l.h.reached("imap asked") {
		return 0, net.ErrClosed
	}
	return n, err
}

func (l *line) Write(said []byte) (int, error) {
	if l.h.reached("imap done") {
		return 0, net.ErrClosed
	}
	l.mu.Lock()
	cut := l.cut
	l.mu.Unlock()
	if cut {
		_, _ = l.Conn.Write(said[:len(said)/2])
		_ = l.Close()
		return 0, net.ErrClosed
	}
	return l.Conn.Write(said)
}

func (l *line) Close() error {
	l.h.mu.Lock()
	delete(l.h.lines, l)
	l.h.mu.Unlock()
	return l.Conn.Close()
}

// reader is one connection to the mailbox.
type reader struct {
	*imapmemserver.UserSession
	host *mailHost
}

// Login refuses now and then.
func (r *reader) Login(username, secret string) error {
	r.host.mu.Lock()
	refuses := r.host.refuses
	r.host.mu.Unlock()
	if refuses {
		return imapserver.ErrAuthFailed
	}
	return r.host.user.Login(username, secret)
}

// Select opens a folder under its present numbers.
func (r *reader) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := r.UserSession.Select(name, options)
	if err == nil {
		r.host.mu.Lock()
		data.UIDValidity = r.host.numbers
		r.host.mu.Unlock()
	}
	return data, err
}

// Append takes a copy of what was sent.
func (r *reader) Append(folder string, body imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	r.host.put(folder, raw)
	if r.host.w.plant.every("double_copy", 3) {
		r.host.put(folder, raw)
	}
	return &imap.AppendData{}, nil
}
