package main

import (
	"fmt"
	"sync"
	"time"
)

// ledger is what the rig itself did and was promised. It is the only thing that the checker believes.
type ledger struct {
	mu       sync.Mutex
	messages map[string]*message // by the provider's id
	replies  map[string]*reply   // by client id, which is also their text
	byID     map[string]*reply   // by the gateway's id
	troubles []string            // what was wrong at once
	kills    []time.Time
	stepped  time.Time // since when clocks of instances are apart; zero: they are not
}

func newLedger() *ledger {
	return &ledger{messages: map[string]*message{}, replies: map[string]*reply{}, byID: map[string]*reply{}}
}

// message is what a customer wrote, with what became of it.
type message struct {
	customer, channel int
	id                string
	at                int64 // seconds, as the provider says
	text              string
	made              int    // the order in which the customer made things
	echo              bool   // the business wrote it to the customer, in a program of its own
	follows           string // of a mail: the one before it
	said              *part
	edit, revoke      *part
	reaction          *part
}

// part is one thing in a webhook: a message, or something about one.
type part struct {
	kind   string // text edit revoke reaction
	id     string
	at     int64
	text   string
	about  *message
	body   int // the first body that carried it, and its place there
	place  int
	posted time.Time // when it was first on its way
	acked  time.Time // when it was first answered 200; zero: not yet
}

// reply is what an agent wrote.
type reply struct {
	key          string // client id and text
	conversation string
	to           string
	customer     int
	channel      int
	made         int
	posted       time.Time
	answered     time.Time
	id           string // the gateway's
	asked        []string
	accepted     []accepted
	reported     map[string]bool // statuses whose report was answered 200
	mail         []byte          // as it was sent last, where it is one
}

// accepted is one time that the provider took a reply.
type accepted struct {
	id string
	at time.Time
	n  int // the provider's own order
}

// trouble notes a violation that is one whatever comes later.
func (l *ledger) trouble(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.troubles) < 100 {
		l.troubles = append(l.troubles, fmt.Sprintf(format, args...))
	}
}

// killed notes that a process ended without a farewell.
func (l *ledger) killed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kills = append(l.kills, time.Now())
}

// apart notes that clocks of instances do not agree any more.
func (l *ledger) apart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stepped.IsZero() {
		l.stepped = time.Now()
	}
}

// onTheWay and taken note the fate of parts.
func (l *ledger) onTheWay(parts []*part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range parts {
		if p.posted.IsZero() {
			p.posted = time.Now()
		}
	}
}

func (l *ledger) taken(parts []*part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range parts {
		if p.acked.IsZero() {
			p.acked = time.Now()
		}
	}
}
