package email

import (
	"context"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
	"wasl/internal/clock"
	"wasl/internal/errs"
)

// Kind is this channel's kind.
const Kind channels.Kind = "email"

// The names of the credentials.
const (
	credKey      = "api_key"
	credFrom     = "from_address"
	credName     = "from_name"
	credUser     = "inbound_user"
	credPassword = "inbound_password"
	credEvents   = "event_public_key"
)

// App is how a mail host knows this system.
type App = mailbox.App

// Options are what the adapter is made of.
type Options struct {
	HTTP  *http.Client // makes all calls to SendGrid, see internal/httpclient
	Dial  mailbox.Dial // makes all connections to mail hosts
	Clock clock.Clock
	Poll  time.Duration // see mailbox.Options
	// Google and Microsoft are how those know this system, for people who sign in there; empty: they do not.
	Google, Microsoft App
}

// Adapter speaks to SendGrid, or to the hosts of mailboxes, for any number of channels.
type Adapter struct {
	http  *http.Client
	clock clock.Clock
	box   *mailbox.Client
}

var (
	_ channels.Adapter    = (*Adapter)(nil)
	_ channels.Completer  = (*Adapter)(nil)
	_ channels.Identifier = (*Adapter)(nil)
	_ channels.Checker    = (*Adapter)(nil)
	_ channels.Fetcher    = (*Adapter)(nil)
	_ channels.Importer   = (*Adapter)(nil)
	_ channels.Authorizer = (*Adapter)(nil)
	_ channels.Discoverer = (*Adapter)(nil)
	_ channels.Renewer    = (*Adapter)(nil)
)

// New returns the adapter.
func New(o Options) *Adapter {
	return &Adapter{
		http: o.HTTP, clock: o.Clock,
		box: mailbox.New(mailbox.Options{
			Dial: o.Dial, Clock: o.Clock, Poll: o.Poll, Ours: isOurs, HTTP: o.HTTP,
			Apps: map[mailbox.Provider]mailbox.App{mailbox.Google: o.Google, mailbox.Microsoft: o.Microsoft},
		}),
	}
}

// Kind returns "email".
func (*Adapter) Kind() channels.Kind { return Kind }

// Credentials returns what SendGrid or a mailbox is connected with; Complete says which of them are wanted.
func (*Adapter) Credentials() []channels.Credential {
	return []channels.Credential{
		{Name: credFrom, Required: true},
		{Name: credName, Shown: true},
		{Name: credKey, Secret: true},
		{Name: credUser, Secret: true},
		{Name: credPassword, Secret: true},
		{Name: credEvents},
		{Name: mailbox.CredIMAPHost, Shown: true, Host: true},
		{Name: mailbox.CredIMAPPort, Shown: true},
		{Name: mailbox.CredSMTPHost, Shown: true, Host: true},
		{Name: mailbox.CredSMTPPort, Shown: true},
		{Name: mailbox.CredUser, Shown: true},
		{Name: mailbox.CredPassword, Secret: true},
		{Name: mailbox.CredOAuth, Shown: true},
		{Name: mailbox.CredRefresh, Secret: true},
		{Name: mailbox.CredFolder, Shown: true},
		{Name: mailbox.CredPins, Shown: true},
		{Name: mailbox.CredHistory, Shown: true},
	}
}

// Complete refuses what is neither SendGrid nor a mailbox.
func (*Adapter) Complete(given map[string]string) (map[string]string, error) {
	if mailbox.Is(given) {
		if given[credKey] != "" {
			return nil, errs.InvalidField("invalid_credentials", "credentials."+credKey, "a channel has either a mailbox or SendGrid")
		}
		_, err := mailbox.Parse(given)
		return given, err
	}
	var missing []errs.Field
	for _, name := range []string{credKey, credUser, credPassword} {
		if strings.TrimSpace(given[name]) == "" {
			missing = append(missing, errs.Field{Field: "credentials." + name, Detail: "required"})
		}
	}
	if missing != nil {
		return nil, &errs.Error{
			Kind: errs.Invalid, Code: "invalid_credentials", Text: "Some credentials are missing or unknown.", Fields: missing,
		}
	}
	return given, nil
}

// Account returns the mailbox.
func (*Adapter) Account(credentials map[string]string) (account, missing string) {
	at, err := mail.ParseAddress(strings.TrimSpace(credentials[credFrom]))
	if err != nil {
		return "", credFrom
	}
	return strings.ToLower(at.Address), ""
}

const megabyte = 1 << 20

// Capabilities returns the platform's limits: a mail has 30 MB at most, in which files take four thirds of their size.
func (*Adapter) Capabilities() channels.Capabilities {
	return channels.Capabilities{
		Mail: true, Format: "html", FilesMax: 10, Replies: true,
		Media: []channels.MediaRule{
			{Kind: "image", MIME: []string{"image/*"}, MaxBytes: 20 * megabyte},
			{Kind: "video", MIME: []string{"video/*"}, MaxBytes: 20 * megabyte},
			{Kind: "audio", MIME: []string{"audio/*"}, MaxBytes: 20 * megabyte},
			{Kind: "voice", MIME: []string{"audio/*"}, MaxBytes: 20 * megabyte},
			{Kind: "document", MIME: []string{"*/*"}, MaxBytes: 20 * megabyte},
		},
		Rate: channels.RateLimits{PerSecond: 50},
	}
}

// Check asks SendGrid, or the mailbox's servers, whether they let us in.
func (a *Adapter) Check(ctx context.Context, account channels.Account) error {
	if mailbox.Is(account.Credentials) {
		return a.checkMailbox(ctx, account)
	}
	return a.checkSendGrid(ctx, account)
}

// Send sends one mail.
func (a *Adapter) Send(ctx context.Context, account channels.Account, out channels.Outgoing) (channels.Sent, error) {
	if out.Content.Type != "text" && out.Content.Type != "media" {
		return channels.Sent{}, refused("type_not_supported", "This kind of message cannot go out by mail", "Write it as text.")
	}
	own, missing := a.Account(account.Credentials)
	if missing != "" {
		return channels.Sent{}, &channels.SendError{
			Outcome: channels.Dead, Code: "sender_invalid",
			Title: "The channel's own address is unusable", Detail: "An administrator has to correct it.",
		}
	}
	if err := ctx.Err(); err != nil {
		return channels.Sent{}, a.call(account).Failure(err)
	}
	l, err := compose(ctx, own, account, out)
	if err != nil {
		return channels.Sent{}, err
	}
	if mailbox.Is(account.Credentials) {
		return a.sendByHost(ctx, account, l)
	}
	if err := a.sendBySendGrid(ctx, account, l); err != nil {
		return channels.Sent{}, err
	}
	return channels.Sent{ProviderID: l.id}, nil
}
