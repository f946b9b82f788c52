package channels

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Kind names a provider family; it is the {kind} of the webhook address.
type Kind string

// The kinds of channels.
const (
	KindWhatsApp  Kind = "whatsapp"
	KindMessenger Kind = "messenger"
	KindInstagram Kind = "instagram"
	KindSMS       Kind = "sms"
	KindEmail     Kind = "email"
	KindWidget    Kind = "widget"
)

// Kinds are all of them.
var Kinds = []Kind{KindWhatsApp, KindMessenger, KindInstagram, KindSMS, KindEmail, KindWidget}

// Account is one connected channel as its adapter sees it.
type Account struct {
	ChannelID   string
	Credentials map[string]string // decrypted; the names are those of Adapter.Credentials
	BaseURL     string            // replaces scheme and host of the provider's address; empty: the provider's own
	WebhookURL  string            // the public address that the provider was given for this channel
}

// Credential is one value that a channel of a kind is connected with.
type Credential struct {
	Name     string
	Required bool
	Secret   bool
	Shown    bool // a setting: people see it again
	Host     bool // names the server that the secrets are shown to: another one wants them again
}

// Webhook is one request of a provider, copied out of the HTTP server's buffers.
type Webhook struct {
	Method string
	Suffix string // what follows the channel in the path: "", "status" or "events"
	Header http.Header
	Query  url.Values
	// RawQuery is the query as it was in the address, which some providers sign.
	RawQuery string
	Body     []byte // as it was on the wire
}

// Adapter is what every kind of channel provides. Verify and Parse do no I/O and are safe for any input.
type Adapter interface {
	Kind() Kind
	// Credentials says what a channel is connected with. The first is the provider's own id of the account,
	// which Event.Account refers to.
	Credentials() []Credential
	// Capabilities is what the channel can do and allows, for the composer and for checking before sending.
	Capabilities() Capabilities
	// Screen refuses, as Verify does, a request whose header alone shows that it is not genuine: its body is not even read.
	Screen(account Account, hook Webhook) error
	// Verify checks the request's signature over its raw bytes in constant time. It fails closed with ErrSignature.
	Verify(account Account, hook Webhook) error
	// Parse turns a verified body into events, in the body's order. Whatever it cannot understand inside a body that it
	// can read becomes an event with an unsupported message or notice; ErrBody means the body is no webhook at all.
	Parse(account Account, hook Webhook) ([]Event, error)
	// Send hands one message to the provider. A nil error means that it was taken; otherwise the error is a *SendError.
	Send(ctx context.Context, account Account, out Outgoing) (Sent, error)
}

// Handshaker answers the provider's GET that confirms a webhook address; ErrSignature where the token is wrong.
type Handshaker interface {
	Handshake(account Account, hook Webhook) (answer string, err error)
}

// Completer makes the credentials that no provider gives, and refuses what cannot be used with an *errs.Error.
type Completer interface {
	Complete(credentials map[string]string) (map[string]string, error)
}

// Identifier tells accounts of a kind apart where that takes more than the first credential. An empty account with the name of a
// credential means that this one is missing.
type Identifier interface {
	Account(credentials map[string]string) (account, missing string)
}

// Acknowledger answers webhooks with what the provider wants to read; without it the answer is empty.
type Acknowledger interface {
	Acknowledge(hook Webhook) (contentType, body string)
}

// MediaFetcher gets the bytes of an attachment that came in. The type and size are the provider's claims.
type MediaFetcher interface {
	FetchMedia(ctx context.Context, account Account, a Attachment) (Media, error)
}

// Uploader takes a file before the message that has it, where Capabilities.Uploads says so. It returns the provider's id of the file,
// for Attachment.ProviderID. The error is a *SendError and never Uncertain: the same file twice does no harm.
type Uploader interface {
	Upload(ctx context.Context, account Account, file Attachment, content io.Reader) (id string, err error)
}

// ReadMarker tells the customer's phone that a message was read or that an answer is being written.
type ReadMarker interface {
	MarkRead(ctx context.Context, account Account, mark ReadMark) error
}

// ReadMark is what a ReadMarker tells.
type ReadMark struct {
	To         Identity // whose message it is
	ProviderID string
	Typing     bool // an answer is being written; may mark the message read too
}

// Profiler asks the provider who a person is, where messages do not say it. The error is a *SendError.
type Profiler interface {
	Profile(ctx context.Context, account Account, who Identity) (Person, error)
}

// Person is what a Profiler found out; any part may be empty.
type Person struct {
	Name     string
	Username string
	Picture  string // the address of their picture at the provider, which ends soon
}

// TemplateLister lists the templates that the account may send.
type TemplateLister interface {
	Templates(ctx context.Context, account Account) ([]Template, error)
}

// Checker asks the provider whether the account works; the error is a *SendError in plain words.
type Checker interface {
	Check(ctx context.Context, account Account) error
}

// Renewer renews credentials that end by themselves.
type Renewer interface {
	// Ends reports whether the account's do; it asks nobody.
	Ends(account Account) bool
	// Renew returns the credentials to replace and how long they last. Those before hold until their own end. The error is a
	// *SendError.
	Renew(ctx context.Context, account Account) (fresh map[string]string, lasts time.Duration, err error)
}

// Fetcher is an adapter of a provider that does not come to us: somebody has to ask it. One instance does at a time, under a lease.
type Fetcher interface {
	// Source names what messages are fetched from with these credentials; two channels of a workspace never share one. Empty: the provider
	// comes by itself.
	Source(credentials map[string]string) string
	// Begin asks whether the source lets us in, and returns the notes with which fetching begins: what comes from now on is new. The error
	// is a *SendError.
	Begin(ctx context.Context, account Account) (state []byte, err error)
	// Fetch hands over what is there and what comes, until ctx ends. It returns early with a *SendError, or with what the intake returned,
	// and is called again after a pause: Dead where a person has to mend something.
	Fetch(ctx context.Context, account Account, in Intake) error
}

// Authorizer is an adapter whose accounts can be connected by signing in at the provider.
type Authorizer interface {
	// SignInPage returns the address of the provider's page on which a person lets us in; false: there is no such provider, or it does
	// not know this system.
	SignInPage(provider string, ask AuthorizationRequest) (address string, is bool)
	// Exchange turns the code that the page returned into credentials. The error is a *SendError.
	Exchange(ctx context.Context, provider string, done AuthorizationResult) (credentials map[string]string, err error)
}

// AuthorizationRequest is what a provider's page is asked with. https://www.rfc-editor.org/rfc/rfc7636
type AuthorizationRequest struct {
	State, Challenge string
	Redirect         string // where the page leads back to
	Hint             string // the account; may be empty
}

// AuthorizationResult is what a provider's page returned: a code, or why not.
type AuthorizationResult struct {
	Code, Verifier, Redirect string
	Refused, Detail          string
}

// Discoverer finds the servers of mail addresses.
type Discoverer interface {
	// Discover returns them where that is certain.
	Discover(ctx context.Context, address string) (host MailHost, certain bool)
}

// MailHost is how a mail host is reached.
type MailHost struct {
	Name               string
	IMAPHost, SMTPHost string
	IMAPPort, SMTPPort int
	SignIn             string // the provider at which its customers sign in; empty: none that knows this system
	AppPassword        bool   // it wants a password made for one program
	PasswordRefused    bool   // it takes no passwords
}

// Importer is a Fetcher that imports what was there before the connection.
type Importer interface {
	// Progress says how far that has come, by the adapter's notes; false: nothing is imported.
	Progress(state []byte) (done, total int, is bool)
}

// Intake takes over what a Fetcher fetches. Its methods are called one at a time.
type Intake interface {
	// State is what the adapter noted last, on whichever instance; nil: nothing yet.
	State() []byte
	// Keep makes the adapter's notes durable.
	Keep(ctx context.Context, state []byte) error
	// Take makes what was fetched durable, as if a webhook had brought it, and in the same write the adapter's notes after it.
	Take(ctx context.Context, hook Webhook, state []byte) error
	// Works records that the source is reached and lets us in: what was wrong is over.
	Works(ctx context.Context) error
	// Operations are what is to be done at the source, oldest first; More tells that there may be some.
	Operations(ctx context.Context) ([]Operation, error)
	More() <-chan struct{}
	// Done ends an operation; refused says why the source does not do it, a *SendError, or nil.
	Done(ctx context.Context, op Operation, refused error) error
}

// Media is an attachment's content on its way in; the caller closes it.
type Media struct {
	Content io.ReadCloser
	MIME    string
	Name    string
	Size    int64 // -1 where unknown
}

// Outgoing is one message to send.
type Outgoing struct {
	MessageID string     // ours; it travels with the message so that the provider's reports name it
	To        []Identity // the contact's identities that this kind of channel can address, most recently seen first
	Content   Content
	ReplyTo   string  // the provider's id of the message that this answers; empty: none
	Thread    *Thread // of mail: what it belongs to
	// Human: a person wrote it after the free window, within Capabilities.HumanWindow; the provider wants to know.
	Human bool
	// Open returns the content of one of Content.Attachments.
	Open func(ctx context.Context, a Attachment) (io.ReadCloser, error)
	// Link returns an address under which the provider can fetch one of them for some hours.
	Link func(a Attachment) string
}

// Sent is the provider's receipt for a message that it took.
type Sent struct {
	ProviderID string
	To         []Identity // the address as the provider spells it, where it said so
	// Copy is the message as it was sent, where it is to be kept at the source, and Answered the provider's id of the message that it
	// answers, where that is to be marked there.
	Copy     []byte
	Answered string
}

// Capabilities is what a kind of channel can do, and its limits. Zero means: cannot, or no limit.
type Capabilities struct {
	Precision    time.Duration    // of the provider's times; ours are cut to it, so that both order alike
	Window       time.Duration    // free-form messages are allowed this long after the customer's last message
	HumanWindow  time.Duration    // what a person (no program) writes is allowed this long, where it is longer
	TextMax      int              // in Unicode code points
	TextBytes    int              // likewise, in bytes of UTF-8
	CaptionMax   int              // likewise, for the text beside an attachment
	Media        []MediaRule      // what may be attached, most specific first
	Uploads      time.Duration    // files are uploaded before the message and may be used this long; zero: no Uploader
	FilesMax     int              // how many files one message carries; zero: one
	Mail         bool             // a message has a subject, copies and formatted text
	Segments     bool             // a text is sent, and paid, in parts: see package sms
	Templates    bool             // templates exist, and open a closed window
	Interactive  InteractiveRules // buttons and lists
	Location     bool
	Contacts     bool
	Reactions    bool
	ReactionSet  []string // the only emoji to react with; empty: any
	Replies      bool     // an answer can quote
	ReadReceipts bool     // the customer can be shown that we read
	Typing       bool
	Format       string     // the markup that the customer's app shows: "whatsapp", "html" or "" for none
	Rate         RateLimits // how fast the provider takes messages
}

// MediaRule allows one kind of attachment.
type MediaRule struct {
	Kind     string   // image video audio voice document sticker
	MIME     []string // accepted types; "*/*" accepts any
	MaxBytes int64
	// NoCaption: no text may stand beside it.
	NoCaption bool
}

// InteractiveRules limits buttons and lists. Lengths are in code points.
type InteractiveRules struct {
	Buttons, ButtonTitleMax                        int
	Rows, RowTitleMax, RowTextMax, SectionTitleMax int
	BodyMax, HeaderMax, FooterMax                  int
	Link, LocationRequest, ContactRequest          bool
}

// RateLimits is how fast the provider takes messages: of the whole account, and to one customer.
type RateLimits struct {
	PerSecond float64
	PairEvery time.Duration // one message to the same customer in this time…
	PairBurst int           // …after a burst of this many
}
