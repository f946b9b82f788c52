// Package mailhost runs a real mail host for tests: Dovecot for IMAP and submission, OpenSMTPD behind it and for mails from elsewhere.
// Everybody's password is Password, at example.com and anywhere else: all mail stays on this machine.
package mailhost

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"wasl/internal/selfsigned"
)

// Password opens every mailbox.
const Password = "mailbox-secret-77"

// Host is a mail host on loopback ports of its own.
type Host struct {
	IMAP, IMAPClear, Submission, SubmissionClear int // ports; the clear ones want STARTTLS
	MX                                           int // takes mails from elsewhere
	Fingerprint                                  string
	Dir                                          string
	t                                            testing.TB
	dovecot, opensmtpd                           *daemon
	Connections                                  int // how many one user may have at a time
	User                                         string
}

// Start runs a host until the test ends. Without its programs on the machine the test fails: it is never skipped. OpenSMTPD knows one queue
// on a machine, so hosts of other processes are waited for.
func Start(t testing.TB) *Host {
	t.Helper()
	for _, program := range []string{"dovecot", "smtpd"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("this test needs %s: scripts/test-needs installs it", program)
		}
	}
	dir, err := os.MkdirTemp("", "mailhost-") // a short path: sockets lie in it
	if err != nil {
		t.Fatal(err)
	}
	h := &Host{t: t, Dir: dir, Connections: 10, User: "nobody"}
	t.Cleanup(func() { _ = sudo("rm", "-rf", dir).Run() })
	for _, port := range []*int{&h.IMAP, &h.IMAPClear, &h.Submission, &h.SubmissionClear, &h.MX} {
		*port = freePort(t)
	}
	h.certify()
	mail := filepath.Join(dir, "mail")
	if err := os.Mkdir(mail, 0o777); err != nil { //nolint:gosec // the servers' users write there
		t.Fatal(err)
	}
	for _, path := range []string{dir, mail} {
		if err := os.Chmod(path, 0o777); err != nil { //nolint:gosec // likewise
			t.Fatal(err)
		}
	}
	h.lock()
	h.StartIMAP()
	h.opensmtpd = h.run("smtpd", "-d", "-f", h.write("smtpd.conf", smtpdConf))
	t.Cleanup(func() { h.opensmtpd.stop(syscall.SIGTERM) })
	h.answers(h.MX)
	return h
}

// Credentials are those of a user's channel.
func (h *Host) Credentials(user string) map[string]string {
	return map[string]string{
		"imap_host": "127.0.0.1", "imap_port": strconv.Itoa(h.IMAP), "smtp_host": "127.0.0.1", "smtp_port": strconv.Itoa(h.Submission),
		"username": user, "password": Password, "from_address": user, "from_name": "Example Desk", "tls_fingerprint": h.Fingerprint,
	}
}

// StartIMAP runs Dovecot.
func (h *Host) StartIMAP() {
	h.dovecot = h.run("dovecot", "-F", "-c", h.write("dovecot.conf", dovecotConf))
	h.t.Cleanup(func() { h.dovecot.stop(syscall.SIGTERM) })
	h.answers(h.IMAP)
	h.answers(h.Submission)
}

// StopIMAP ends Dovecot, and cuts its connections.
func (h *Host) StopIMAP() { h.dovecot.stop(syscall.SIGTERM) }

// Deliver brings a mail from elsewhere.
func (h *Host) Deliver(from, to string, lines ...string) {
	h.t.Helper()
	err := smtp.SendMail(fmt.Sprintf("127.0.0.1:%d", h.MX), nil, from, []string{to}, []byte(strings.Join(lines, "\r\n")+"\r\n"))
	if err != nil {
		h.t.Fatal(err)
	}
}

// Folder returns the folder on the disk that keeps a user's mails; name is empty for the inbox.
func (h *Host) Folder(user, name string) string {
	if name != "" {
		name = "." + name
	}
	return filepath.Join(h.Dir, "mail", user, name)
}

// Mails returns the mails that lie in a user's folder, with the names of their files, which tell the flags.
func (h *Host) Mails(user, name string) map[string][]byte {
	h.t.Helper()
	out := map[string][]byte{}
	for _, part := range []string{"new", "cur"} {
		dir := filepath.Join(h.Folder(user, name), part)
		list, err := sudo("ls", dir).Output()
		if err != nil {
			continue // not there yet
		}
		for file := range strings.FieldsSeq(string(list)) {
			if data, err := sudo("cat", filepath.Join(dir, file)).Output(); err == nil {
				out[file] = data
			}
		}
	}
	return out
}

// Log is what Dovecot said.
func (h *Host) Log() string {
	data, _ := sudo("cat", filepath.Join(h.Dir, "dovecot.log")).Output()
	return string(data)
}

func (h *Host) certify() {
	h.t.Helper()
	made, fingerprint, err := selfsigned.New("mail.test", time.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Fingerprint = fingerprint
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: made.Certificate[0]}, "key.pem": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(h.Dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *Host) write(name, text string) string {
	h.t.Helper()
	var b bytes.Buffer
	if err := template.Must(template.New(name).Parse(text)).Execute(&b, h); err != nil {
		h.t.Fatal(err)
	}
	path := filepath.Join(h.Dir, name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// lock waits until no other process's host runs.
func (h *Host) lock() {
	h.t.Helper()
	file, err := os.OpenFile(filepath.Join(os.TempDir(), "mailhost.lock"), os.O_CREATE|os.O_RDWR, 0o666) //nolint:gosec // of all users
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = file.Close() })
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil { //nolint:gosec // a descriptor
		h.t.Fatal(err)
	}
}

// daemon is a server that stays in the foreground.
type daemon struct {
	cmd  *exec.Cmd
	done chan error
	said *bytes.Buffer
}

func (h *Host) run(program string, args ...string) *daemon {
	h.t.Helper()
	d := &daemon{cmd: sudo(program, args...), done: make(chan error, 1), said: &bytes.Buffer{}}
	d.cmd.Stdout, d.cmd.Stderr = d.said, d.said
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	go func() { d.done <- d.cmd.Wait() }()
	return d
}

// stop ends a server with its children. Ending it twice does no harm.
func (d *daemon) stop(how syscall.Signal) {
	if d.cmd.Process == nil {
		return
	}
	_ = sudo("kill", "-"+strconv.Itoa(int(how)), strconv.Itoa(d.cmd.Process.Pid)).Run()
	select {
	case <-d.done:
	case <-time.After(10 * time.Second):
		_ = sudo("kill", "-9", "--", "-"+strconv.Itoa(d.cmd.Process.Pid)).Run()
		<-d.done
	}
	d.done <- errors.New("ended")
}

// sudo runs what needs an administrator.
func sudo(program string, args ...string) *exec.Cmd {
	path, err := exec.LookPath(program)
	if err != nil {
		path = program
	}
	if os.Getuid() != 0 {
		return exec.Command("sudo", slices.Concat([]string{"-n", path}, args)...)
	}
	return exec.Command(path, args...)
}

// answers waits until a port is listened on.
func (h *Host) answers(port int) {
	h.t.Helper()
	for range 500 {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	said := "smtpd did not start: is another one running?"
	if h.opensmtpd != nil {
		said += " " + h.opensmtpd.said.String()
	}
	h.t.Fatalf("nobody listens on port %d: %s %s %s", port, h.dovecot.said, h.Log(), said)
}

func freePort(t testing.TB) int {
	t.Helper()
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = probe.Close() }()
	return probe.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // we listen on TCP
}
