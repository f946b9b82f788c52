package email_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/email"
	"wasl/channels/mailbox"
)

// noon is when mails are sent.
type noon struct{}

func (noon) Now() time.Time { return time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC) }

// sampleHook is what was fetched: the first line says what is known beside the mail.
func sampleHook(body []byte) channels.Webhook {
	said, raw, _ := bytes.Cut(body, []byte("\n"))
	query, _ := url.ParseQuery(string(said))
	return channels.Webhook{Method: http.MethodPost, Suffix: mailbox.Suffix, Header: http.Header{}, Query: query, Body: raw}
}

func boxAccount() channels.Account {
	return channels.Account{ChannelID: "chn_2", Credentials: map[string]string{
		"imap_host": "mail.test", "smtp_host": "mail.test", "username": "desk.user@example.com", "password": "box-secret-5",
		"from_address": "support@example.com", "from_name": "Example Desk",
	}}
}

func TestConformanceOfAMailbox(t *testing.T) {
	channeltest.Run(t, channeltest.Suite{
		New:      func(*http.Client) channels.Adapter { return email.New(email.Options{Clock: noon{}}) },
		Account:  boxAccount(),
		Dir:      "testdata/mailbox",
		Hook:     sampleHook,
		Fetched:  true,
		Outgoing: outgoing(),
		Host:     func(t *testing.T, f channeltest.Fault) channeltest.Host { return newSMTP(t, f).host() },
	})
}

// smtpHost is a host that sends, after a script.
type smtpHost struct {
	t       *testing.T
	fault   channeltest.Fault
	cert    tls.Certificate
	pin     string
	mu      sync.Mutex
	said    []string
	replies map[string]string // by the beginning of a command
}

func newSMTP(t *testing.T, f channeltest.Fault) *smtpHost {
	server := httptest.NewTLSServer(nil)
	server.Close()
	h := &smtpHost{t: t, fault: f, cert: server.TLS.Certificates[0], replies: map[string]string{}}
	sum := sha256.Sum256(h.cert.Certificate[0])
	h.pin = hex.EncodeToString(sum[:])
	switch f {
	case channeltest.SignIn:
		h.replies["AUTH"] = "535 5.7.8 Error: authentication failed\r\n"
	case channeltest.TooFast:
		h.replies["MAIL"] = "450 4.7.0 Too many messages, slow down\r\n"
	case channeltest.Passing:
		h.replies["MAIL"] = "451 4.3.0 Error: queue file write error\r\n"
	case channeltest.Refusing:
		h.replies["."] = "554 5.7.1 Message refused as spam\r\n"
	}
	return h
}

func (h *smtpHost) host() channeltest.Host {
	account := boxAccount()
	account.Credentials["tls_fingerprint"] = h.pin
	return channeltest.Host{Adapter: email.New(email.Options{Dial: h.dial, Clock: noon{}}), Account: account, Said: func() any {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.said == nil {
			return nil
		}
		return slices.Clone(h.said)
	}}
}

func (h *smtpHost) dial(context.Context, string, string) (net.Conn, error) {
	if h.fault == channeltest.Nobody {
		return nil, errors.New("connection refused")
	}
	ours, theirs := net.Pipe()
	go func() {
		defer func() { _ = theirs.Close() }()
		h.serve(tls.Server(theirs, &tls.Config{Certificates: []tls.Certificate{h.cert}}))
	}()
	return ours, nil
}

func (h *smtpHost) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	say := func(text string) { _, _ = io.WriteString(conn, text) }
	say("220 mail.test ready\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		command := strings.TrimRight(line, "\r\n")
		word, _, _ := strings.Cut(command, " ")
		h.note(command)
		reply := h.replies[word]
		switch {
		case reply != "":
		case word == "EHLO":
			reply = "250-mail.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN\r\n"
		case word == "AUTH":
			reply = "235 in\r\n"
		case word == "DATA":
			say("354 go\r\n")
			if h.fault == channeltest.Early {
				return
			}
			var mail strings.Builder
			for line, err = in.ReadString('\n'); err == nil && line != ".\r\n"; line, err = in.ReadString('\n') {
				mail.WriteString(line)
			}
			h.note(inOneOrder.ReplaceAllString(boundaries.ReplaceAllString(mail.String(), "BOUNDARY"), "$2$1"))
			switch h.fault {
			case channeltest.Late:
				return
			case channeltest.Silent:
				_, _ = in.ReadString('\n')
				return
			}
			if reply = h.replies["."]; reply == "" {
				reply = "250 2.0.0 taken\r\n"
			}
		default:
			reply = "250 fine\r\n"
		}
		say(reply)
	}
}

var (
	boundaries = regexp.MustCompile(`[0-9a-f]{40,}`)
	// inOneOrder finds the two fields that the library writes in the order of a map.
	inOneOrder = regexp.MustCompile(`(References: (?:[^\r]*\r\n[ \t])*[^\r]*\r\n)(In-Reply-To: [^\r]*\r\n)`)
)

func (h *smtpHost) note(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = append(h.said, text)
}

// TestWhatAHostSaysIsTranslated: replies of hosts, and what people read then.
func TestWhatAHostSaysIsTranslated(t *testing.T) {
	for _, c := range []struct {
		command, reply, code string
		outcome              channels.Outcome
	}{
		{"AUTH", "535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 https://x.example\r\n", "sign_in_refused", channels.Dead},
		{"AUTH", "534-5.7.9 Application-specific password required.\r\n534 5.7.9 more\r\n", "app_password_needed", channels.Dead},
		{"AUTH", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.\r\n", "access_disabled", channels.Dead},
		{"AUTH", "454 4.7.0 Temporary authentication failure\r\n", "mailbox_busy", channels.Throttled},
		{"MAIL", "550 5.4.5 Daily user sending limit exceeded.\r\n", "rate_limited", channels.Throttled},
		{"MAIL", "553 5.7.1 Sender address rejected: not owned by user\r\n", "sender_invalid", channels.Dead},
		{"MAIL", "552 5.3.4 Message size exceeds fixed limit\r\n", "mail_too_large", channels.Refused},
		{"RCPT", "550 5.1.1 The email account that you tried to reach does not exist.\r\n", "recipient_unknown", channels.Refused},
		{"RCPT", "501 5.1.3 Bad recipient address syntax\r\n", "recipient_invalid", channels.Refused},
		{"RCPT", "450 4.2.1 The user you are trying to contact is receiving mail too quickly\r\n", "provider_down", channels.Down},
		{"RCPT", "452 4.5.3 Too many recipients\r\n", "rate_limited", channels.Throttled},
		{"DATA", "421 4.3.2 Service not available\r\n", "provider_down", channels.Down},
		{".", "554 5.2.252 SendAsDenied; support@example.com not allowed to send as other@example.com\r\n", "sender_invalid", channels.Dead},
		{".", "550 5.7.1 Message contains spam\r\n", "filtered", channels.Refused},
		{".", "552 5.2.3 Message is too large\r\n", "mail_too_large", channels.Refused},
	} {
		h := newSMTP(t, channeltest.Healthy)
		h.replies[c.command] = c.reply
		host := h.host()
		_, err := host.Adapter.Send(t.Context(), host.Account, outgoing()[0].Out)
		if e := channels.AsSendError(err); e.Code != c.code || e.Outcome != c.outcome {
			t.Errorf("%s %q: %s (%d), want %s (%d)", c.command, c.reply, e.Code, e.Outcome, c.code, c.outcome)
		} else if strings.Contains(e.Error(), "@") || strings.Contains(e.Error(), "example") {
			t.Errorf("the log gets addresses: %v", e)
		}
	}
}
