// Package webpush sends messages to browsers through their push services (RFC 8030): encrypted for the browser alone (RFC 8188, RFC 8291),
// with the sender's name and signature (VAPID, RFC 8292).
package webpush

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	"wasl/internal/httpclient"
)

const (
	// MaxPayload is how many bytes a message may have: a push service takes bodies of 4096 bytes (RFC 8030, section 7.2), of which the
	// header (RFC 8188, section 2.1) and the end of the only record take 103.
	MaxPayload = recordSize - headerSize - 1 - tagSize

	recordSize = 4096
	headerSize = saltSize + 4 + 1 + pointSize
	saltSize   = 16
	tagSize    = 16
	pointSize  = 65 // of an uncompressed point on P-256
	authSize   = 16

	// answerTime bounds the exchange with a push service, answerSize what is read of its answer.
	answerTime = 10 * time.Second
	answerSize = 4 << 10
)

// ErrKeys: the keys of a subscription are not those of a browser.
var ErrKeys = errors.New("webpush: unusable keys of a subscription")

// Subscription is where a browser is reached and what it can decrypt.
type Subscription struct {
	Endpoint string
	public   *ecdh.PublicKey
	auth     []byte
}

// NewSubscription reads a subscription as browsers give it; p256dh and auth are base64url, with or without padding.
func NewSubscription(endpoint, p256dh, auth string) (Subscription, error) {
	point, err := decode(p256dh)
	secret, err2 := decode(auth)
	if err = errors.Join(err, err2); err != nil || len(secret) != authSize {
		return Subscription{}, errors.Join(ErrKeys, err)
	}
	public, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return Subscription{}, errors.Join(ErrKeys, err)
	}
	return Subscription{Endpoint: endpoint, public: public, auth: secret}, nil
}

func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

// Urgency is how soon a message is worth waking a device that saves its battery (RFC 8030, section 5.3).
type Urgency string

// The urgencies that are used.
const (
	Normal Urgency = "normal"
	High   Urgency = "high"
)

// Message is what is sent.
type Message struct {
	Payload []byte
	// TTL is how long the push service keeps it for a browser that cannot be reached, in whole seconds.
	TTL     time.Duration
	Urgency Urgency
	// Topic: of two messages of one topic that wait at the push service only the later one is delivered. At most 32 characters of
	// base64url.
	Topic string
}

// Outcome is what became of a message.
type Outcome int

// The outcomes.
const (
	Taken   Outcome = iota // by the push service
	Gone                   // the subscription is no more
	Later                  // the push service did not take it for now, or was not reached at all
	Refused                // the push service does not take this message
	Unknown                // it was handed over, and no answer came
)

// Result is what became of a message, with the status of the answer (0: none came) and how long to wait before it is tried again
// (0: it was not said).
type Result struct {
	Outcome Outcome
	Status  int
	After   time.Duration
	Err     error
}

// Send encrypts a message and hands it to the subscription's push service. Redirects are not followed: they would lead the message to
// somebody whom the subscription does not name.
func Send(ctx context.Context, client *http.Client, key *Key, to Subscription, m Message) Result {
	req, err := newRequest(ctx, key, to, m)
	if err != nil {
		return Result{Outcome: Refused, Err: err}
	}
	reached := false
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { reached = true }}
	ctx, cancel := context.WithTimeout(httptrace.WithClientTrace(ctx, trace), answerTime)
	defer cancel()
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(req.WithContext(ctx))
	switch {
	case errors.Is(err, httpclient.ErrForbidden):
		return Result{Outcome: Refused, Err: err}
	case err != nil && reached:
		return Result{Outcome: Unknown, Err: err}
	case err != nil:
		return Result{Outcome: Later, Err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, answerSize))
	return Result{Outcome: outcomeOf(resp.StatusCode), Status: resp.StatusCode, After: httpclient.RetryAfter(resp.Header)}
}

func outcomeOf(status int) Outcome {
	switch {
	case status >= 200 && status < 300:
		return Taken
	case status == http.StatusNotFound, status == http.StatusGone: // RFC 8030, section 7.3
		return Gone
	case status == http.StatusTooManyRequests, status >= 500:
		return Later
	}
	return Refused
}

func newRequest(ctx context.Context, key *Key, to Subscription, m Message) (*http.Request, error) {
	sender, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	body, err := encrypt(to, sender, salt, m.Payload)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.GetBody = nil // it is not to be sent twice by itself
	authorization, err := key.authorize(req.URL)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Authorization": authorization, "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
		"TTL": strconv.Itoa(int(m.TTL / time.Second)), "Urgency": string(m.Urgency), "Topic": m.Topic,
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	return req, nil
}

// encrypt makes the body of a message: the header and the one record of aes128gcm (RFC 8188), under a key that only the subscription's
// browser can derive from the sender's public key and its own (RFC 8291, section 3).
func encrypt(to Subscription, sender *ecdh.PrivateKey, salt, plain []byte) ([]byte, error) {
	if len(plain) > MaxPayload {
		return nil, fmt.Errorf("webpush: %d bytes are more than %d", len(plain), MaxPayload)
	}
	shared, err := sender.ECDH(to.public)
	if err != nil {
		return nil, err
	}
	browser, point := to.public.Bytes(), sender.PublicKey().Bytes()
	input, err := hkdf.Key(sha256.New, shared, to.auth, "WebPush: info\x00"+string(browser)+string(point), sha256.Size)
	if err != nil {
		return nil, err
	}
	contentKey, err := hkdf.Key(sha256.New, input, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, input, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(contentKey)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, headerSize+len(plain)+1+tagSize)
	out = append(out, salt...)
	out = binary.BigEndian.AppendUint32(out, recordSize)
	out = append(append(out, pointSize), point...)
	const lastRecord = 2
	return gcm.Seal(out, nonce, append(bytes.Clone(plain), lastRecord), nil), nil
}
