package sandbox

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
	"wasl/internal/clock"
)

// taker hands on what is fetched.
type taker struct {
	state []byte
	came  chan channels.Webhook
}

func (i *taker) State() []byte                              { return i.state }
func (i *taker) Keep(_ context.Context, state []byte) error { i.state = state; return nil }
func (i *taker) Take(_ context.Context, hook channels.Webhook, state []byte) error {
	i.state = state
	i.came <- hook
	return nil
}
func (*taker) Works(context.Context) error                              { return nil }
func (*taker) Operations(context.Context) ([]channels.Operation, error) { return nil, nil }
func (*taker) More() <-chan struct{}                                    { return nil }
func (*taker) Done(context.Context, channels.Operation, error) error    { return nil }

func TestTheMailboxIsReadAndSentFrom(t *testing.T) {
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	s, err := New(Options{
		Accounts: []Account{DemoMailbox()}, Mail: MailServers{IMAP: listen(), SMTP: listen()},
		Customers: []Customer{{Key: "ann", Name: "Ann", Email: "ann@example.org"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- s.Run(ctx) }()
	credentials := map[string]string{}
	for _, c := range s.Accounts()[0].Credentials {
		credentials[c.Name] = c.Value
	}
	set, err := mailbox.Parse(credentials)
	if err != nil {
		t.Fatal(err)
	}
	client := mailbox.New(mailbox.Options{Dial: new(net.Dialer).DialContext, Clock: clock.System{}, Poll: 100 * time.Millisecond})
	in := &taker{came: make(chan channels.Webhook, 10)}
	if in.state, err = client.Begin(ctx, set); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Say(Message{Account: set.User, Phone: "ann", Content: Content{
		Type: "mail", Text: "hello", Mail: &Mail{Subject: "Hi"},
	}}); err != nil {
		t.Fatal(err)
	}
	go func() { done <- client.Fetch(ctx, "chn_1", set, in) }()
	select {
	case hook := <-in.came:
		if body := string(hook.Body); !strings.Contains(body, "Subject: Hi\r\n") || !strings.Contains(body, "hello") {
			t.Errorf("%s", body)
		}
	case err := <-done:
		t.Fatal(err)
	}
	m := mailbox.Mail{From: set.User, To: []string{"ann@example.org"}, Raw: []byte("From: desk@meridian.example\r\n" +
		"To: ann@example.org\r\nSubject: Re: Hi\r\nMessage-ID: <r1@meridian.example>\r\n\r\nhello Ann\r\n")}
	if err := client.Send(ctx, "chn_1", set, m); err != nil {
		t.Fatal(err)
	}
	chat := s.Chat("ann")
	last := chat[len(chat)-1]
	if last.Content.Text != "hello Ann" || last.From != FromBusiness || last.Content.Mail.Subject != "Re: Hi" {
		t.Errorf("%+v", last)
	}
	m.From = "somebody@else.example"
	if e := channels.AsSendError(client.Send(ctx, "chn_1", set, m)); e.Code != "sender_invalid" {
		t.Errorf("%v", e)
	}
	cancel()
	<-done
	<-done
}
