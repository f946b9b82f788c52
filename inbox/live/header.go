// Package live keeps, in memory and for each workspace, a header of every conversation that is not resolved, so that any mixture of
// filters and every counter is answered without the store. The inbox loads the headers from an index and puts in each change.
package live

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unique"

	"wasl/internal/access"
	"wasl/internal/ids"
)

// Entry is what lists, filters and counters ask of a conversation.
type Entry struct {
	ID, Contact             string
	Version                 int64 // of the conversation's document: the newer entry counts
	Activity                time.Time
	Window                  time.Time // when the customer last opened the channel's window; zero: never
	Status, Type, Priority  string
	Channel, Assignee, Team string
	Labels                  []string
	Audience                access.Audience
	Inbound                 int64 // how many messages came in
	Answered                bool  // a person has answered since the last of them: it is unread only for who has marked it so
	Gone                    bool  // it is resolved: it leaves the index
	Level                   string
	Due                     time.Time // when what is promised about it is due; zero: nothing runs
	Waiting                 time.Time // since when the customer waits for a person; zero: they do not
}

// Header is an entry as it is kept. There is one for each conversation that is not resolved, so ids are packed, and what many of them
// share is kept once (see rows).
type Header struct {
	plain
	channel, assignee, team unique.Handle[string]
	labels                  list
	audience                unique.Handle[string]             // an encoded access.Audience
	columns                 [maxColumns]unique.Handle[string] // as many as are registered
}

// plain is the part of a header without strings, which is all that orders ask.
type plain struct {
	id, contact            ids.Packed
	activity               int64 // unix milliseconds
	window                 int64 // when the customer last opened it, in unix milliseconds; never: they have not
	version                int64
	due                    int64 // when what is promised about it is due, in unix milliseconds; never: nothing runs
	status, kind, priority uint8 // indexes into Statuses, Types and Priorities
	level                  uint8 // an index into Levels
	answered               bool
	waiting                int64 // since when the customer waits, in unix milliseconds; never: they do not
	inbound                int64
}

// never sorts after every time.
const never = 1 << 60

// The values that headers keep as numbers.
var (
	Statuses   = []string{"open", "pending", "snoozed", "resolved"}
	Types      = []string{"", "sales", "support", "complaint", "other"}
	Priorities = []string{"none", "low", "medium", "high", "urgent"} // from the least to the most urgent
	Levels     = []string{"", "in_time", "warning", "breached"}      // how it stands with what is promised; empty: nothing runs
)

// newHeader packs an entry with the values of the registered columns.
func newHeader(e *Entry, columns []string) *Header {
	h := &Header{
		plain: plain{
			id: ids.Pack(e.ID), contact: ids.Pack(e.Contact), activity: e.Activity.UnixMilli(), window: never, version: e.Version,
			status: indexIn(Statuses, e.Status), kind: indexIn(Types, e.Type), priority: indexIn(Priorities,
				e.Priority), inbound: e.Inbound, level: indexIn(Levels, e.Level), due: never, answered: e.Answered,
			waiting: never,
		},
		channel: unique.Make(e.Channel), assignee: unique.Make(e.Assignee), team: unique.Make(e.Team),
		labels: listOf(e.Labels), audience: unique.Make(encodeAudience(e.Audience)),
	}
	for n, value := range columns {
		h.columns[n] = unique.Make(value)
	}
	if !e.Window.IsZero() {
		h.window = e.Window.UnixMilli()
	}
	if !e.Due.IsZero() {
		h.due = e.Due.UnixMilli()
	}
	if !e.Waiting.IsZero() {
		h.waiting = e.Waiting.UnixMilli()
	}
	return h
}

func indexIn(list []string, v string) uint8 { return uint8(max(0, slices.Index(list, v))) }

// Contact is the packed id of the contact that the conversation was born with.
func (h *Header) Contact() ids.Packed { return h.contact }

// Activity is when something last happened in the conversation.
func (h *Header) Activity() time.Time { return time.UnixMilli(h.activity).UTC() }

// Status is the conversation's.
func (h *Header) Status() string { return Statuses[h.status] }

// Type is the conversation's.
func (h *Header) Type() string { return Types[h.kind] }

// Priority is the conversation's.
func (h *Header) Priority() string { return Priorities[h.priority] }

// Level is how the conversation stands with what is promised about it, one of Levels.
func (h *Header) Level() string { return Levels[h.level] }

// Due is when what is promised about it is due; zero: nothing runs.
func (h *Header) Due() time.Time {
	if h.due == never {
		return time.Time{}
	}
	return time.UnixMilli(h.due).UTC()
}

// Waiting is since when the customer waits for a person; zero: they do not.
func (h *Header) Waiting() time.Time {
	if h.waiting == never {
		return time.Time{}
	}
	return time.UnixMilli(h.waiting).UTC()
}

// Channel is the channel's id.
func (h *Header) Channel() string { return h.channel.Value() }

// Assignee is the id of the user who has it; empty: nobody.
func (h *Header) Assignee() string { return h.assignee.Value() }

// Team is the id of its team; empty: none.
func (h *Header) Team() string { return h.team.Value() }

// Labels lists its labels.
func (h *Header) Labels() (labels []string) {
	h.labels.each(func(label string) bool {
		labels = append(labels, label)
		return true
	})
	return labels
}

// HasLabel reports whether it has one of the labels.
func (h *Header) HasLabel(labels []string) bool {
	return h.labels.any(func(label string) bool { return slices.Contains(labels, label) })
}

// Unread reports whether something came in that neither the user has read nor anybody has answered, or the user has marked it unread.
func (h *Header) Unread(userID string) bool {
	if h.answered {
		return h.readBy().has(MarkedUnread + userID)
	}
	return h.inbound > 0 && !h.readBy().has(userID)
}

// MarkedUnread stands before a user in ReadBy who has marked an answered conversation unread.
const MarkedUnread = "-"

func (h *Header) readBy() list { return list{h.columns[ReadBy]} }

// list is a list of strings that many headers share.
type list struct{ joined unique.Handle[string] }

// separator stands between the joined strings, none of which has it.
const separator = "\x00"

func listOf(values []string) list { return list{unique.Make(Join(values))} }

// Join makes the value of a column that is a list of strings.
func Join(values []string) string { return strings.Join(values, separator) }

// each calls fn for every string until it answers false.
func (l list) each(fn func(value string) bool) {
	for rest := l.joined.Value(); rest != ""; {
		var value string
		if value, rest, _ = strings.Cut(rest, separator); !fn(value) {
			return
		}
	}
}

func (l list) has(value string) bool { return l.any(func(one string) bool { return one == value }) }

func (l list) any(is func(value string) bool) (found bool) {
	l.each(func(value string) bool {
		found = is(value)
		return !found
	})
	return found
}

// The parts of an encoded audience: flags, teams, queues, users.
const (
	flagEveryone    = "e"
	flagUnassigned  = "u"
	flagSupervisors = "s"
	partSeparator   = "\x01"
)

// encodeAudience makes the text under which conversations of the same audience share it. A guest is no viewer of lists.
func encodeAudience(a access.Audience) string {
	flags := ""
	for _, f := range []struct {
		set  bool
		flag string
	}{{a.Everyone, flagEveryone}, {a.Unassigned, flagUnassigned}, {a.Supervisors, flagSupervisors}} {
		if f.set {
			flags += f.flag
		}
	}
	return strings.Join([]string{flags, Join(a.Teams), Join(a.Queues), Join(a.Users)}, partSeparator)
}

func decodeAudience(encoded string) access.Audience {
	parts := strings.SplitN(encoded, partSeparator, 4)
	split := func(joined string) []string {
		if joined == "" {
			return nil
		}
		return strings.Split(joined, separator)
	}
	return access.Audience{
		Everyone: strings.Contains(parts[0], flagEveryone), Unassigned: strings.Contains(parts[0], flagUnassigned),
		Supervisors: strings.Contains(parts[0], flagSupervisors), Teams: split(parts[1]), Queues: split(parts[2]), Users: split(parts[3]),
	}
}

// Sight answers for one viewer which headers they may see; each audience is asked once. It is for one goroutine.
type Sight struct {
	Viewer access.Viewer
	known  map[unique.Handle[string]]bool
}

// SightOf returns what the viewer may see.
func SightOf(v access.Viewer) *Sight {
	return &Sight{Viewer: v, known: map[unique.Handle[string]]bool{}}
}

// Sees reports whether the viewer may see the conversation.
func (s *Sight) Sees(h *Header) bool {
	sees, known := s.known[h.audience]
	if !known {
		sees = s.Viewer.In(decodeAudience(h.audience.Value()))
		s.known[h.audience] = sees
	}
	return sees
}

// Order is an order of a list.
type Order string

// The orders. What is equal in one comes newest first.
const (
	Newest     Order = "newest"
	Oldest     Order = "oldest"
	ByPriority Order = "priority"
	ByWindow   Order = "window"  // the one that closes first
	ByDue      Order = "due"     // what is promised soonest
	ByWaiting  Order = "waiting" // who waits for longest
)

// ByTime reports whether the order is one that the store has too.
func (o Order) ByTime() bool { return o == Newest || o == Oldest || o == "" }

// Position is where a list goes on: behind the header that is described.
type Position struct {
	Activity int64  `json:"a,omitempty"` // unix milliseconds
	ID       string `json:"i,omitempty"`
	Weight   int64  `json:"w,omitempty"` // in the list's order
}

// weight is smaller for what comes first in an order of urgency or of the time that is left.
func (h *plain) weight(o Order) int64 {
	switch o {
	case ByPriority:
		return -int64(h.priority)
	case ByWindow:
		return h.window
	case ByDue:
		return h.due
	case ByWaiting:
		return h.waiting
	}
	return 0
}

// before returns an order's comparison.
func before(o Order) func(a, b *plain) bool {
	return func(a, b *plain) bool {
		if a, b := a.weight(o), b.weight(o); a != b {
			return a < b
		}
		if a.activity != b.activity {
			return a.activity > b.activity
		}
		return bytes.Compare(a.id[:], b.id[:]) > 0
	}
}

func (h *plain) position(o Order) Position {
	return Position{Activity: h.activity, ID: h.id.ID("cnv"), Weight: h.weight(o)}
}

// plain is a header at the position in an order.
func (p *Position) plain(o Order) *plain {
	h := &plain{activity: p.Activity, id: ids.Pack(p.ID), window: never, due: never, waiting: never}
	switch o {
	case ByPriority:
		h.priority = uint8(max(0, -p.Weight)) //nolint:gosec // a cursor that says more than there are priorities sorts first
	case ByWindow:
		h.window = p.Weight
	case ByDue:
		h.due = p.Weight
	case ByWaiting:
		h.waiting = p.Weight
	}
	return h
}
