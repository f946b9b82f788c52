package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/emersion/go-imap/v2"

	"wasl/channels"
	"wasl/internal/httpclient"
)

// busyAgain is the pause after a server said that there are too many connections, or too much is asked of it.
const busyAgain = time.Minute

func trouble(outcome channels.Outcome, code, title, detail string) *channels.SendError {
	return &channels.SendError{Outcome: outcome, Code: code, Title: title, Detail: detail}
}

// unreachable says why a server cannot be talked to.
func unreachable(err error) *channels.SendError {
	e := trouble(channels.Down, "mailbox_unreachable", "The mail server cannot be reached",
		"It is tried again by itself. If it lasts, check the server's name and port, and whether the host is down.")
	var dns *net.DNSError
	digest, certificate := untrusted(err)
	switch {
	case errors.Is(err, httpclient.ErrForbidden):
		e = trouble(channels.Dead, "mailbox_forbidden", "The mail server lies in an internal network",
			"Connections into internal networks are not allowed. Whoever runs this system can allow them.")
	case certificate:
		e = trouble(channels.Down, "mailbox_untrusted", "The mail server's certificate is not trusted",
			"Check the server's name. If the server signed its certificate itself, enter the certificate's fingerprint: "+digest)
	case errors.As(err, &dns) && dns.IsNotFound:
		e = trouble(channels.Down, "mailbox_unreachable", "There is no mail server of this name", "Check how the server's name is written.")
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Detail = "The server takes no connections on this port. It is tried again by itself; check the port if it lasts."
	case strings.Contains(err.Error(), "tls: first record does not look like a TLS handshake"):
		e = trouble(channels.Down, "mailbox_unencrypted", "The mail server does not encrypt on this port",
			"Mail is never sent in the clear. Use port 993 for IMAP and 465 or 587 for SMTP.")
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		e.Title = "The mail server does not answer"
	}
	e.Cause = quiet(err)
	return e
}

// quiet leaves out what a server says in words of its own: addresses may stand in it, which no log is to have.
func quiet(err error) error {
	var said *imap.Error
	var code *textproto.Error
	switch {
	case errors.As(err, &said):
		return fmt.Errorf("imap: %s [%s]", said.Type, said.Code)
	case errors.As(err, &code):
		return fmt.Errorf("smtp: %d %s", code.Code, enhancedForm.FindString(code.Msg))
	}
	return err
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// broken says why a conversation with a server ended.
func broken(err error) *channels.SendError {
	var known *channels.SendError
	if errors.As(err, &known) {
		return known
	}
	e := trouble(channels.Down, "mailbox_broken_off", "The connection to the mail server broke off", "It is made again by itself.")
	var said *imap.Error
	switch {
	case errors.As(err, &said) && busy(said.Text):
		return busyServer(err)
	case errors.As(err, &said):
		e = trouble(channels.Down, "mailbox_refuses", "The mail server refuses what is asked of it",
			"It is tried again by itself. If it lasts, ask the host.")
	case isTimeout(err):
		e.Title = "The mail server stopped answering"
	case errors.Is(err, errTooMuch), errors.Is(err, errProtocol), !errors.Is(err, io.EOF) && !errors.As(err, new(*net.OpError)) &&
		!errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, net.ErrClosed) && strings.Contains(err.Error(), "in response"):
		e = trouble(channels.Down, "mailbox_protocol", "The mail server answers in a way that is not understood",
			"It is tried again by itself. If it lasts, ask the host whether the server keeps to IMAP.")
	}
	e.Cause = quiet(err)
	return e
}

func busyServer(err error) *channels.SendError {
	e := trouble(channels.Throttled, "mailbox_busy", "The mail server takes no more connections at the moment",
		"It is tried again by itself. If it lasts, close other programs that read this mailbox, or ask the host for its limit.")
	e.RetryAfter, e.Cause = busyAgain, quiet(err)
	return e
}

var busyForm = regexp.MustCompile(`(?i)too many|maximum number|rate.?limit|try again|temporar|unavailable|exceeded|overload|in use|system error|internal error|timeout`)

func busy(text string) bool { return busyForm.MatchString(text) }

// refusedSignIn says why a server does not let us in.
func refusedSignIn(err error) *channels.SendError {
	var said *imap.Error
	var code *textproto.Error
	text, reply := "", ""
	switch {
	case errors.As(err, &said):
		text, reply = said.Text, string(said.Code)
	case errors.As(err, &code):
		text, reply = code.Msg, strconv.Itoa(code.Code)
	default:
		return broken(err)
	}
	definite := reply == string(imap.ResponseCodeAuthenticationFailed) || reply == "535"
	e := trouble(channels.Dead, "sign_in_refused", "The mail server refuses the user name or the password",
		"Enter them anew. Many hosts want a password made for one program instead of your own.")
	switch lower := strings.ToLower(text); {
	case reply == string(imap.ResponseCodeUnavailable), reply == string(imap.ResponseCodeInUse), reply == string(imap.ResponseCodeLimit),
		strings.HasPrefix(reply, "4"), !definite && busy(text):
		return busyServer(err)
	case strings.Contains(lower, "application-specific"), strings.Contains(lower, "app password"), strings.Contains(lower, "app-password"):
		e = trouble(channels.Dead, "app_password_needed", "The mail host wants a password made for one program",
			"Make an app password in the account's security settings and enter it here instead of your own.")
	case strings.Contains(lower, "basic authentication is disabled"), strings.Contains(lower, "basicauthblocked"),
		strings.Contains(lower, "authentication unsuccessful, basic"):
		e = trouble(channels.Dead, "password_not_allowed", "The mail host lets nobody sign in with a password",
			"Connect the mailbox with the host's own sign-in instead.")
	case strings.Contains(lower, "imap access is disabled"), strings.Contains(lower, "not enabled for imap"),
		strings.Contains(lower, "smtpclientauthentication is disabled"):
		e = trouble(channels.Dead, "access_disabled", "The mail host has switched off this kind of access for the mailbox",
			"Switch on IMAP and authenticated SMTP in the mailbox's settings at the host.")
	}
	e.Provider, e.Cause = reply, quiet(err)
	return e
}

// noFolder says that the folder to read is not there.
func noFolder(err error) *channels.SendError {
	var said *imap.Error
	if !errors.As(err, &said) || busy(said.Text) && said.Code != imap.ResponseCodeNonExistent {
		return broken(err)
	}
	e := trouble(channels.Dead, "folder_missing", "The mailbox has no folder of this name",
		"It was renamed or removed. Enter the name of the folder to read, or leave it empty for the inbox.")
	e.Provider, e.Cause = string(said.Code), quiet(err)
	return e
}
