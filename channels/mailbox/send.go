package mailbox

import (
	"context"
	"errors"
	"net"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
	"golang.org/x/sync/semaphore"

	"wasl/channels"
)

const (
	// turnTime is how long a mail waits for its turn where many are sent at once.
	turnTime = 5 * time.Second
	// turnAgain is when it tries anew.
	turnAgain = 2 * time.Second
	// overQuota is the pause after a host said that a mailbox has sent enough for now.
	overQuota = time.Hour
)

// Mail is a mail ready to be sent.
type Mail struct {
	From string
	To   []string // all who get it, also hidden ones
	Raw  []byte   // with CRLF at the ends of lines
}

// Send sends a mail. Without an error the host has taken it for all of its recipients; otherwise the error is a *channels.SendError, and
// certainly nobody gets it unless that is Uncertain.
func (c *Client) Send(ctx context.Context, channelID string, set Settings, m Mail) error {
	release, err := c.turn(ctx, channelID)
	if err != nil {
		return err
	}
	defer release()
	client, done, err := c.openSMTP(ctx, set)
	if err != nil {
		return err
	}
	defer done()
	client.SkipSMTPUTF8(!m.wide()) // else mails would be refused that the next host needs no extension for
	if err := client.Mail("<" + m.From + ">"); err != nil {
		return refusedMail(err, "sender")
	}
	for _, to := range m.To {
		if err := client.Rcpt("<" + to + ">"); err != nil {
			return refusedMail(err, "recipient")
		}
	}
	if err := transfer(client, m.Raw); err != nil {
		return err
	}
	_ = client.Quit()
	return nil
}

// transfer hands over the mail itself. Until its last line is written no host takes it; the library does not tell whether that was.
func transfer(client *smtp.Client, raw []byte) error {
	id, err := client.Text.Cmd("DATA")
	if err != nil {
		return broken(err)
	}
	client.Text.StartResponse(id)
	_, _, err = client.Text.ReadResponse(354)
	client.Text.EndResponse(id)
	if err != nil {
		return refusedMail(err, "mail")
	}
	w := client.Text.DotWriter()
	if _, err = w.Write(raw); err == nil {
		err = w.Close()
	}
	if err != nil {
		return broken(err)
	}
	if _, _, err = client.Text.ReadResponse(250); err != nil {
		return unsure(err)
	}
	return nil
}

// wide reports whether an address has letters beyond ASCII, which only some hosts can deliver to.
func (m Mail) wide() bool {
	return strings.ContainsFunc(m.From+strings.Join(m.To, ""), func(r rune) bool { return r > 127 })
}

// turn waits for a place among the connections that are made to one host at a time.
func (c *Client) turn(ctx context.Context, channelID string) (release func(), err error) {
	c.mu.Lock()
	places := c.sends[channelID]
	if places == nil {
		places = semaphore.NewWeighted(sendsAtOnce)
		c.sends[channelID] = places
	}
	c.mu.Unlock()
	waiting, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()
	if err := places.Acquire(waiting, 1); err != nil {
		e := trouble(channels.Throttled, "mailbox_busy", "Other mails of this mailbox go first", "It follows by itself.")
		e.RetryAfter, e.Cause = turnAgain, err
		return nil, e
	}
	return func() { places.Release(1) }, nil
}

// openSMTP connects to the host that sends, and signs in.
func (c *Client) openSMTP(ctx context.Context, set Settings) (client *smtp.Client, done func(), err error) {
	err = c.withSecret(ctx, set, func(secret string) error {
		client, done, err = c.openSMTPWith(ctx, set, secret)
		return err
	})
	return client, done, err
}

func (c *Client) openSMTPWith(ctx context.Context, set Settings, secret string) (client *smtp.Client, done func(), err error) {
	w, unhook, err := c.connect(ctx, set.SMTP, set.Pins)
	if err != nil {
		return nil, nil, unreachable(err)
	}
	if deadline, has := ctx.Deadline(); has {
		w.allow(time.Until(deadline), talk) //nolint:forbidigo // of the operating system's connection
		_ = w.SetWriteDeadline(deadline)
	}
	hangUp := func() {
		unhook()
		_ = w.Close()
	}
	defer func() {
		if err != nil {
			hangUp()
		}
	}()
	if client, err = smtp.NewClient(w, set.SMTP.Host); err != nil {
		return nil, nil, notGreeted(err)
	}
	if err = client.Hello(literal(w.LocalAddr())); err != nil {
		return nil, nil, notGreeted(err)
	}
	if set.SMTP.StartTLS {
		if err = client.StartTLS(tlsConfig(set.SMTP.Host, set.Pins)); err != nil {
			return nil, nil, unreachable(err)
		}
	}
	if err = client.Auth(auth(client, set, secret)); err != nil {
		return nil, nil, refusedSignIn(err)
	}
	return client, hangUp, nil
}

// auth chooses how to sign in. The connection is encrypted, which the library cannot know.
func auth(client *smtp.Client, set Settings, secret string) smtp.Auth {
	_, offered := client.Extension("AUTH")
	if set.OAuth != "" {
		return smtp.XOAuth2Auth(set.User, secret)
	}
	if strings.Contains(" "+strings.ToUpper(offered)+" ", " PLAIN ") || !strings.Contains(strings.ToUpper(offered), "LOGIN") {
		return smtp.PlainAuth("", set.User, secret, set.SMTP.Host, true)
	}
	return smtp.LoginAuth(set.User, secret, set.SMTP.Host, true)
}

// literal is an address as a host that has no name introduces itself. https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3
func literal(a net.Addr) string {
	tcp, is := a.(*net.TCPAddr)
	if !is || tcp.IP == nil {
		return "[127.0.0.1]"
	}
	if tcp.IP.To4() == nil {
		return "[IPv6:" + tcp.IP.String() + "]"
	}
	return "[" + tcp.IP.String() + "]"
}

// notGreeted says why a host does not want to talk.
func notGreeted(err error) *channels.SendError {
	var said *textproto.Error
	if errors.As(err, &said) {
		return busyServer(err)
	}
	return broken(err)
}

var (
	enhancedForm = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	quotaForm    = regexp.MustCompile(`(?i)(?:daily|hourly|user|sending|message|recipient|submission)[^.]{0,40}(?:limit|quota)|(?:limit|quota)[^.]{0,20}exceeded|too many (?:messages|recipients|mails)`)
	tooLargeForm = regexp.MustCompile(`(?i)too (?:large|big)|exceeds[^.]{0,40}size|size (?:limit )?exceed`)
	senderForm   = regexp.MustCompile(`(?i)not (?:owned|allowed|permitted|authori[sz]ed)|sendasdenied|cannot send as|sender address rejected|send as`)
)

// refusedMail says why a host does not take a mail, before it had all of it.
func refusedMail(err error, what string) *channels.SendError {
	var said *textproto.Error
	if !errors.As(err, &said) {
		return broken(err)
	}
	enhanced := enhancedForm.FindString(said.Msg)
	e := trouble(channels.Refused, "invalid_request", "The mail server does not take this mail",
		"It may take it for spam, or not allow what is in it. Change the mail and send it again.")
	switch temporary := said.Code < 500; {
	case quotaForm.MatchString(said.Msg) && !strings.HasPrefix(enhanced, "5.3.4"), enhanced == "5.4.5":
		e = trouble(channels.Throttled, "rate_limited", "The mailbox has sent as many mails as its host allows for now",
			"The mail waits and follows by itself.")
		e.RetryAfter = overQuota
	case temporary:
		e = trouble(channels.Down, "provider_down", "The mail server has a passing problem", "It is tried again by itself.")
		if enhanced == "4.7.0" || busy(said.Msg) {
			e.Outcome, e.RetryAfter = channels.Throttled, busyAgain
		}
	case said.Code == 552 || enhanced == "5.3.4" || tooLargeForm.MatchString(said.Msg):
		e = trouble(channels.Refused, "mail_too_large", "The mail is too large for the mail server", "Send fewer or smaller files.")
	case senderForm.MatchString(said.Msg) && !strings.HasPrefix(enhanced, "5.1"), what == "sender":
		e = trouble(channels.Dead, "sender_invalid", "The mail server does not let this mailbox send from its address",
			"The address to send from must be one of the account's. An administrator has to correct it, or allow it at the host.")
	case what == "recipient" && strings.HasPrefix(enhanced, "5.1.1"):
		e = trouble(channels.Refused, "recipient_unknown", "A recipient's address does not exist",
			"Check how the addresses are written, or reach the customer another way.")
	case what == "recipient":
		e = trouble(channels.Refused, "recipient_invalid", "The mail server does not take mails for a recipient",
			"Check the addresses, also those of the copies. Nobody got the mail.")
	case strings.HasPrefix(enhanced, "5.7"):
		e = trouble(channels.Refused, "filtered", "The mail server refused the mail",
			"It may take it for spam. Change the words, and look at the links in it.")
	}
	e.Provider, e.Cause = strconv.Itoa(said.Code)+" "+enhanced, quiet(err)
	return e
}

// unsure says what became of a mail of which the host has all: only an answer is certain.
func unsure(err error) *channels.SendError {
	var said *textproto.Error
	if errors.As(err, &said) {
		return refusedMail(err, "mail")
	}
	e := trouble(channels.Uncertain, "delivery_unknown", "It is not known whether the mail was sent",
		"The connection broke off before the mail server answered. Look into the folder of sent mails, or wait for a report, before you send it again.")
	e.Cause = quiet(err)
	return e
}

// Check signs in to both servers of a mailbox and opens its folder. The error is a *channels.SendError.
func (c *Client) Check(ctx context.Context, set Settings) error {
	s, err := c.open(ctx, set)
	if err != nil {
		return err
	}
	defer s.close()
	if _, err := s.selectFolder(set.Folder, true); err != nil {
		return noFolder(err)
	}
	return c.checkSMTP(ctx, set)
}

// Begin is Check, and returns the state behind all that lies in the mailbox.
func (c *Client) Begin(ctx context.Context, set Settings) ([]byte, error) {
	s, err := c.open(ctx, set)
	if err != nil {
		return nil, err
	}
	defer s.close()
	r := &reading{session: s, client: c, set: set}
	if r.sent, err = r.sentFolder(); err != nil {
		r.sent = "" // it is looked for again
	}
	for folder, cur := range map[string]*cursor{set.Folder: &r.st.Inbox, r.sent: &r.st.Sent} {
		if folder == "" {
			continue
		}
		data, err := r.selectFolder(folder, true)
		if err == nil {
			err = r.number(folder, cur, data)
		}
		if err != nil && folder == set.Folder {
			return nil, noFolder(err)
		}
	}
	return r.st.encode(), c.checkSMTP(ctx, set)
}

func (c *Client) checkSMTP(ctx context.Context, set Settings) error {
	_, done, err := c.openSMTP(ctx, set)
	if err != nil {
		var e *channels.SendError
		if errors.As(err, &e) && e.Code == "sign_in_refused" {
			e.Title = "The server that sends refuses the user name or the password"
		}
		return err
	}
	done()
	return nil
}
