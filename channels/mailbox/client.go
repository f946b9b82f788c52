package mailbox

import (
	"crypto/sha256"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"wasl/internal/clock"
)

const (
	// MaxMail is the largest mail that is fetched whole.
	MaxMail = 30 << 20
	// firstPart is how much is fetched of a larger one.
	firstPart = 4 << 20
	// inMemory bounds the mails that are in memory at a time, of all mailboxes together.
	inMemory = 3 * MaxMail
	// sendsAtOnce is how many connections are made to one host to send for one mailbox.
	sendsAtOnce = 3
)

// Options are what a client is made of.
type Options struct {
	Dial  Dial
	Clock clock.Clock
	// Poll is how often it is looked for what the server does not tell by itself; zero: every 15 seconds.
	Poll time.Duration
	HTTP *http.Client     // asks for tokens
	Apps map[Provider]App // how the providers know this system
	// Resolver finds the servers of domains; nil: the system's.
	Resolver Resolver
	// Ours reports whether a mail with these fields of the head is one that was sent from here.
	Ours func(head []byte) bool
}

// Client reads and sends for any number of mailboxes. Of each it remembers only what hinders reading it.
type Client struct {
	dial     Dial
	clock    clock.Clock
	poll     time.Duration
	ours     func([]byte) bool
	http     *http.Client
	apps     map[Provider]App
	resolver Resolver
	asking   singleflight.Group
	tokens   map[[sha256.Size]byte]token // by the digest of the grant
	memory   *semaphore.Weighted
	mu       sync.Mutex
	stuck    map[string]stuck // by channel
	noList   map[string]bool  // channels whose server's list of folders cannot be read
	sends    map[string]*semaphore.Weighted
}

// stuck is a mail at which reading a mailbox ended before.
type stuck struct {
	folder string
	uid    uint32
	tries  int
}

// New returns a client.
func New(o Options) *Client {
	if o.Poll == 0 {
		o.Poll = 15 * time.Second
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	return &Client{
		resolver: o.Resolver,
		dial:     o.Dial, clock: o.Clock, poll: o.Poll, ours: o.Ours, http: o.HTTP, apps: o.Apps, tokens: map[[sha256.Size]byte]token{},
		memory: semaphore.NewWeighted(inMemory),
		stuck:  map[string]stuck{}, noList: map[string]bool{}, sends: map[string]*semaphore.Weighted{},
	}
}

// begin counts a try to fetch a mail and returns how many there were before.
func (c *Client) begin(channelID, folder string, uid uint32) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.stuck[channelID]
	if now.folder != folder || now.uid != uid {
		now = stuck{folder: folder, uid: uid}
	}
	now.tries++
	c.stuck[channelID] = now
	return now.tries - 1
}

// done forgets that a mail was tried to be fetched.
func (c *Client) done(channelID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.stuck, channelID)
}
