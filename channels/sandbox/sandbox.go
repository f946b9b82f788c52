package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"wasl/internal/clock"
)

// What a phone needs to receive, and its owner to read.
const (
	deliveredAfter = 80 * time.Millisecond
	readAfter      = 700 * time.Millisecond
)

// Options is what a sandbox is made of. The zero value of each field is usable.
type Options struct {
	Dir         string // where chats and files are kept; empty: in memory only
	Clock       clock.Clock
	Log         zerolog.Logger
	ListenURL   string // the sandbox's own address, for links to files; empty: taken from each request
	Accounts    []Account
	Customers   []Customer
	Site        Site
	HTTP        *http.Client // for webhooks and files; nil: a client that reaches this machine and private networks only
	AllowPublic bool         // webhooks may go to public addresses; never to a provider's
	// Public is how the gateway calls itself, and Local where it listens: what is addressed to the one goes to the other, while
	// signatures over addresses are of the public one. Empty: addresses are called as they are.
	Public, Local string
	// Mail is where the accounts are read and sent from that are mailboxes.
	Mail MailServers
}

// Account is a business' account with a provider, and what the provider and the business keep secret together.
type Account struct {
	Kind        string       `json:"kind"`        // the dialect: whatsapp messenger instagram sms email; empty: whatsapp
	ID          string       `json:"id"`          // phone number id, page id, Instagram account id, account SID or mail address
	BusinessID  string       `json:"business_id"` // WhatsApp: the WABA id; SMS: the messaging service, if there is one
	Name        string       `json:"name"`
	Address     string       `json:"address"` // as people see it: a number, a user name, a mail address
	AccessToken string       `json:"access_token"`
	AppSecret   string       `json:"app_secret"`   // signs webhooks; e-mail: of which the key that signs events is made
	VerifyToken string       `json:"verify_token"` // Meta only
	Callback    string       `json:"callback"`     // where webhooks go; empty: nowhere
	Reports     string       `json:"reports"`      // e-mail: where events go
	Raw         bool         `json:"raw"`          // e-mail: mails go out as they are, not in parts
	Mailbox     bool         `json:"mailbox"`      // e-mail: it lies at a host with IMAP and SMTP, not with SendGrid
	PerSecond   int          `json:"per_second"`   // messages that the API takes in a second; 0: 80
	Credentials []Credential `json:"credentials"`  // what the business connects with, made of the above
}

// Credential is one value of those that a business connects with.
type Credential struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// dialect is how one provider words what happens.
type dialect interface {
	// routes adds the provider's API.
	routes(mux *http.ServeMux)
	// credentials are the account's, by the gateway's names.
	credentials(a Account) []Credential
	// newID makes the provider's id of a message.
	newID(p Phone, c Content) string
	// address is what the provider calls a person towards this account; empty: the person does not use it.
	address(a Account, p Phone) string
	// webhook words a happening; nil means that this provider does not report it.
	webhook(a Account, h happening) (*wording, error)
	// headers signs a body on its way to an address.
	headers(a Account, w *wording, address string) http.Header
	// judge says what becomes of a webhook of this age after an attempt that was answered with the status; 0: with nothing.
	judge(w *wording, status, tries int, age time.Duration) verdict
	// confirm asks the address whether it wants this account's webhooks.
	confirm(ctx context.Context, a Account, address, verifyToken string) error
}

// composer is a dialect in which a customer's message has more to it than what the customer typed.
type composer interface {
	compose(a Account, p Phone, m *Message) error
}

// listener is a dialect that answers some messages by itself.
type listener interface {
	heard(a Account, p Phone, m Message)
}

// newDialects returns the dialects by kind.
func newDialects(s *Sandbox) map[string]dialect {
	g := &graph{s}
	return map[string]dialect{
		"whatsapp": newWhatsApp(g), "messenger": newMessenger(g), "instagram": newInstagram(g), "sms": &sms{s},
		"email": &email{s},
	}
}

// wording is a webhook as its provider words it.
type wording struct {
	Body []byte `json:"body"`
	Type string `json:"type,omitempty"` // of the body; empty: JSON
	URL  string `json:"url,omitempty"`  // where it goes; empty: to the account's callback
}

// verdict is what becomes of a webhook after an attempt.
type verdict int

const (
	taken verdict = iota
	again
	lost
)

// happening is one thing to report to the business. Kind: message echo reaction edit deletion status, or report, whose name is the status.
type happening struct {
	kind    string
	phone   Phone
	message Message // what happened or what it happened to
	quoted  *Message
	id      string    // the provider's id of the report itself, where it has one of its own
	at      time.Time // zero: now
	emoji   string
	status  string
	failure int // the provider's code, for a failed status
	inside  bool
}

// Sandbox is the providers and the phones.
type Sandbox struct {
	clock    clock.Clock
	log      zerolog.Logger
	listen   string
	guard    guard
	book     *book
	out      *deliverer
	faults   *faults
	traffic  *traffic
	client   *http.Client
	public   string
	local    string
	dialects map[string]dialect
	mail     *mailHost // nil: there is none
	handler  http.Handler

	mu       sync.Mutex
	accounts []Account
	limits   map[string]*bucket
	closed   chan struct{}
	once     sync.Once
}

// New returns a sandbox with its phones as they were left in the folder.
func New(o Options) (*Sandbox, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	s := &Sandbox{
		clock: o.Clock, log: o.Log, listen: strings.TrimSuffix(o.ListenURL, "/"), guard: guard{public: o.AllowPublic},
		accounts: slices.Clone(o.Accounts), closed: make(chan struct{}), faults: newFaults(), traffic: &traffic{}, client: o.HTTP,
		public: strings.TrimSuffix(o.Public, "/"), local: strings.TrimSuffix(o.Local, "/"), limits: map[string]*bucket{},
	}
	if s.client == nil {
		s.client = s.guard.client()
	}
	s.dialects = newDialects(s)
	var pending []*hook
	var err error
	if s.book, pending, err = openBook(o.Dir, o.Clock); err != nil {
		return nil, fmt.Errorf("sandbox: open %s: %w", o.Dir, err)
	}
	if o.Mail.IMAP != nil {
		if s.mail, err = newMailHost(&email{s}, o.Mail); err != nil {
			return nil, errors.Join(err, s.book.close())
		}
	}
	for i := range s.accounts {
		if err := s.prepare(&s.accounts[i]); err != nil {
			return nil, errors.Join(err, s.book.close())
		}
	}
	for _, c := range o.Customers {
		if _, ok := s.book.phone(c.Key); ok && c.Key != "" {
			continue // as it was left
		}
		if _, err := s.AddCustomer(c); err != nil {
			return nil, errors.Join(err, s.book.close())
		}
	}
	s.out = newDeliverer(s)
	for _, h := range pending {
		s.out.enqueue(h)
	}
	s.handler = s.routes(o.Site)
	return s, nil
}

// prepare completes an account and gives it the webhook address that was set before the last stop, if the options name none.
func (s *Sandbox) prepare(a *Account) error {
	if a.Kind == "" {
		a.Kind = "whatsapp"
	}
	if s.dialects[a.Kind] == nil {
		return fmt.Errorf("sandbox: account %s: no such kind %q", a.ID, a.Kind)
	}
	if a.PerSecond == 0 {
		a.PerSecond = 80
	}
	if a.Callback == "" {
		a.Callback = s.book.callback(a.ID)
	}
	if a.Reports == "" {
		a.Reports = s.book.callback(a.ID + reportsKey)
	}
	if a.Mailbox {
		if s.mail == nil {
			return fmt.Errorf("sandbox: account %s: there are no servers for mailboxes", a.ID)
		}
		if err := s.mail.open(*a); err != nil {
			return fmt.Errorf("sandbox: account %s: %w", a.ID, err)
		}
	}
	a.Credentials = s.dialects[a.Kind].credentials(*a)
	for _, address := range []string{a.Callback, a.Reports} {
		if address == "" {
			continue
		}
		if err := s.guard.check(s.reach(address)); err != nil {
			return fmt.Errorf("sandbox: account %s: %w", a.ID, err)
		}
	}
	return nil
}

// reportsKey tells the address of reports from that of messages, where the journal keeps both.
const reportsKey = " reports"

// reach is where an address of the gateway is called.
func (s *Sandbox) reach(address string) string {
	if rest, ok := strings.CutPrefix(address, s.public); ok && s.public != "" && (rest == "" || strings.ContainsAny(rest[:1], "/?#")) {
		return s.local + rest
	}
	u, err := url.Parse(address)
	if err != nil || u.User == nil || s.public == "" {
		return address
	}
	user := u.User // a password inside the address must not hide whose address it is
	u.User = nil
	if u, err = url.Parse(s.reach(u.String())); err != nil {
		return address
	}
	u.User = user
	return u.String()
}

// Handler serves the providers' APIs and the page.
func (s *Sandbox) Handler() http.Handler { return s.handler }

// Run delivers webhooks and runs scripted traffic until the context ends.
func (s *Sandbox) Run(ctx context.Context) error {
	for _, m := range s.book.waiting() {
		if m.Status == StatusSent {
			s.later(deliveredAfter, func() { s.arrive(m.ID) })
		} else {
			s.later(readAfter, func() { s.see(m.ID) })
		}
	}
	var serving sync.WaitGroup
	if s.mail != nil {
		serving.Go(func() { s.mail.run(ctx) })
	}
	s.out.run(ctx)
	serving.Wait()
	return nil
}

// Close keeps what is still to be delivered and closes the files. Run has returned before.
func (s *Sandbox) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closed)
		for _, h := range s.out.pending() {
			s.book.keepHook(h)
		}
		err = s.book.close()
	})
	return err
}

// Accounts returns the accounts with their present webhook addresses.
func (s *Sandbox) Accounts() []Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Account(nil), s.accounts...)
}

// account finds an account by its id; an empty id means the first one.
func (s *Sandbox) account(id string) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if a.ID == id || id == "" {
			return a, true
		}
	}
	return Account{}, false
}

// SetCallback sends the webhooks of an account to another address, after the provider's own question whether it wants
// them. An empty address ends them.
func (s *Sandbox) SetCallback(ctx context.Context, accountID, address, verifyToken string) error {
	a, ok := s.account(accountID)
	if !ok {
		return fmt.Errorf("sandbox: no account %q", accountID)
	}
	if address != "" {
		if err := s.guard.check(s.reach(address)); err != nil {
			return err
		}
		if verifyToken == "" {
			verifyToken = a.VerifyToken
		}
		if err := s.dialects[a.Kind].confirm(ctx, a, address, verifyToken); err != nil {
			return err
		}
	}
	s.change(a.ID, func(a *Account) { a.Callback = address })
	s.book.keepCallback(a.ID, address)
	return nil
}

// SetReports sends the events of a mail account to an address; an empty one ends them.
func (s *Sandbox) SetReports(accountID, address string) error {
	a, ok := s.account(accountID)
	if !ok {
		return fmt.Errorf("sandbox: no account %q", accountID)
	}
	if address != "" {
		if err := s.guard.check(s.reach(address)); err != nil {
			return err
		}
	}
	s.change(a.ID, func(a *Account) { a.Reports = address })
	s.book.keepCallback(a.ID+reportsKey, address)
	return nil
}

func (s *Sandbox) change(accountID string, f func(*Account)) {
	s.mu.Lock()
	for i := range s.accounts {
		if s.accounts[i].ID == accountID {
			f(&s.accounts[i])
		}
	}
	s.mu.Unlock()
	s.book.publish("accounts", s.Accounts())
}
