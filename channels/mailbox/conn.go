package mailbox

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"time"
)

// Dial connects to a server; it decides where connections may go: see internal/httpclient.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

const (
	// dialTime bounds connecting and encrypting.
	dialTime = 20 * time.Second
	// silence is how long a server may say nothing while an answer is due.
	silence = time.Minute
	// talk is how many bytes a server may say to a command, beside the mails that were asked for.
	talk = 4 << 20
)

// errTooMuch: a server says more than anybody asked for.
var errTooMuch = errors.New("mailbox: the server says too much")

// errUntrusted: the server shows a certificate that is none of those to trust.
type errUntrusted struct{ digest string }

// Error names the certificate, for whoever wants to trust it.
func (e *errUntrusted) Error() string { return "mailbox: certificate " + e.digest + " is not trusted" }

// wire is a connection that bounds how long the other side is silent and how much it says, whatever the protocol's library waits for.
type wire struct {
	net.Conn
	patience atomic.Int64 // nanoseconds
	left     atomic.Int64 // bytes
	cause    atomic.Pointer[error]
}

func newWire(conn net.Conn) *wire {
	w := &wire{Conn: conn}
	w.allow(silence, talk)
	return w
}

// allow sets what the other side may do from now on.
func (w *wire) allow(patience time.Duration, bytes int64) {
	w.patience.Store(int64(patience))
	w.left.Store(bytes)
	_ = w.Conn.SetReadDeadline(w.deadline()) // what waits already waits no longer than that
}

func (w *wire) deadline() time.Time {
	return time.Now().Add(time.Duration(w.patience.Load())) //nolint:forbidigo // of the operating system's connection
}

// Read reads within the bounds.
func (w *wire) Read(p []byte) (int, error) {
	left := w.left.Load()
	if left <= 0 {
		return 0, w.ended(errTooMuch)
	}
	if err := w.Conn.SetReadDeadline(w.deadline()); err != nil {
		return 0, w.ended(err)
	}
	n, err := w.Conn.Read(p[:min(int64(len(p)), left)])
	w.left.Add(-int64(n))
	return n, w.ended(err)
}

// ended remembers why nothing more can be read: the library does not tell.
func (w *wire) ended(err error) error {
	if err != nil {
		w.cause.CompareAndSwap(nil, &err)
	}
	return err
}

// SetReadDeadline is the wire's own matter.
func (*wire) SetReadDeadline(time.Time) error { return nil }

// SetDeadline sets the time for writing.
func (w *wire) SetDeadline(t time.Time) error { return w.SetWriteDeadline(t) }

// connect connects to a server, encrypted from the start where its port says so. The connection ends with the context.
func (c *Client) connect(ctx context.Context, to Server, pins []string) (*wire, func() bool, error) {
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, err := c.dial(dialing, "tcp", to.address())
	if err != nil {
		return nil, nil, err
	}
	if !to.StartTLS {
		encrypted := tls.Client(conn, tlsConfig(to.Host, pins))
		if err := encrypted.HandshakeContext(dialing); err != nil {
			_ = conn.Close()
			return nil, nil, err
		}
		conn = encrypted
	}
	w := newWire(conn)
	return w, context.AfterFunc(ctx, func() { _ = conn.Close() }), nil
}

// tlsConfig trusts the certificates that everybody trusts, or only those that the channel names.
func tlsConfig(host string, pins []string) *tls.Config {
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	check := func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("mailbox: no certificate")
		}
		sum := sha256.Sum256(state.PeerCertificates[0].Raw)
		if digest := hex.EncodeToString(sum[:]); !slices.Contains(pins, digest) {
			return &errUntrusted{digest}
		}
		return nil
	}
	if len(pins) > 0 {
		config.InsecureSkipVerify = true //nolint:gosec // VerifyConnection takes its place
		config.VerifyConnection = check
	}
	return config
}

// untrusted returns the digest of a certificate that is not trusted.
func untrusted(err error) (digest string, is bool) {
	var other *errUntrusted
	var usual *tls.CertificateVerificationError
	switch {
	case errors.As(err, &other):
		return other.digest, true
	case errors.As(err, &usual) && len(usual.UnverifiedCertificates) > 0:
		sum := sha256.Sum256(usual.UnverifiedCertificates[0].Raw)
		return hex.EncodeToString(sum[:]), true
	case errors.As(err, &usual):
		return "", true
	}
	return "", false
}

// panicked turns what a protocol's library does on hostile input into an error.
func panicked(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", errProtocol, p)
	}
}

// errProtocol: the server does not keep to the protocol.
var errProtocol = errors.New("mailbox: the server does not keep to the protocol")
