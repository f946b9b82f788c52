package mailhost

import (
	"crypto/tls"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Program is another mail program that a user reads the mailbox with; it ends with the test.
func (h *Host) Program(user string) *imapclient.Client {
	h.t.Helper()
	c, err := imapclient.DialTLS(fmt.Sprintf("127.0.0.1:%d", h.IMAP), &imapclient.Options{
		TLSConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // our own server, on loopback
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(user, Password).Wait(); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// Append puts a mail into a user's folder, as a mail program does with what it sent.
func (h *Host) Append(user, folder, raw string, flags ...imap.Flag) {
	h.t.Helper()
	c := h.Program(user)
	defer func() { _ = c.Close() }()
	put := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: flags})
	if _, err := put.Write([]byte(raw)); err != nil {
		h.t.Fatal(err)
	}
	if err := put.Close(); err != nil {
		h.t.Fatal(err)
	}
	if _, err := put.Wait(); err != nil {
		h.t.Fatal(err)
	}
}
