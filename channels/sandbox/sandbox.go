package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	HTTP        *http.Client // for webhooks; nil: a client that reaches this machine and private networks only
	AllowPublic bool         // webhooks may go to public addresses; never to a provider's
}

// Account is a business' account with a provider, and the credentials that the business was given.
type Account struct {
	Kind        string `json:"kind"`        // the dialect; empty: whatsapp
	ID          string `json:"id"`          // WhatsApp: the phone number id
	BusinessID  string `json:"business_id"` // WhatsApp: the WABA id
	Name        string `json:"name"`
	Address     string `json:"address"` // WhatsApp: the display number
	AccessToken string `json:"access_token"`
	AppSecret   string `json:"app_secret"`
	VerifyToken string `json:"verify_token"`
	Callback    string `json:"callback"`   // where webhooks go; empty: nowhere
	PerSecond   int    `json:"per_second"` // messages that the API takes in a second; 0: 80
}

// dialect is how one provider words what happens.
type dialect interface {
	// routes adds the provider's API.
	routes(mux *http.ServeMux)
	// newID makes the provider's id of a message.
	newID(p Phone) string
	// webhook words a happening; a nil body means that this provider does not report it.
	webhook(a Account, h happening) ([]byte, error)
	// headers signs a body.
	headers(a Account, body []byte) http.Header
	// confirm asks the address whether it wants this account's webhooks.
	confirm(ctx context.Context, a Account, address, verifyToken string) error
}

// happening is one thing to report to the business. Kind: message echo reaction edit deletion status.
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
	dialects map[string]dialect
	handler  http.Handler

	mu       sync.Mutex
	accounts []Account
	closed   chan struct{}
	once     sync.Once
}

// New returns a sandbox with its phones as they were left in the folder.
func New(o Options) (*Sandbox, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	s := &Sandbox{clock: o.Clock, log: o.Log, listen: strings.TrimSuffix(o.ListenURL, "/"), guard: guard{public: o.AllowPublic},
		accounts: o.Accounts, closed: make(chan struct{}), faults: newFaults(), traffic: &traffic{}}
	if o.HTTP == nil {
		o.HTTP = s.guard.client()
	}
	s.dialects = map[string]dialect{"whatsapp": newWhatsApp(s, o.HTTP)}
	var pending []*hook
	var err error
	if s.book, pending, err = openBook(o.Dir, o.Clock); err != nil {
		return nil, fmt.Errorf("sandbox: open %s: %w", o.Dir, err)
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
	s.out = newDeliverer(s, o.HTTP)
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
	if a.Callback == "" {
		return nil
	}
	if err := s.guard.check(a.Callback); err != nil {
		return fmt.Errorf("sandbox: account %s: %w", a.ID, err)
	}
	return nil
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
	s.out.run(ctx)
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
		if err := s.guard.check(address); err != nil {
			return err
		}
		if verifyToken == "" {
			verifyToken = a.VerifyToken
		}
		if err := s.dialects[a.Kind].confirm(ctx, a, address, verifyToken); err != nil {
			return err
		}
	}
	s.mu.Lock()
	for i := range s.accounts {
		if s.accounts[i].ID == a.ID {
			s.accounts[i].Callback = address
		}
	}
	s.mu.Unlock()
	s.book.keepCallback(a.ID, address)
	s.book.publish("accounts", s.Accounts())
	return nil
}
