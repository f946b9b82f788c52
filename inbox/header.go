package inbox

import (
	"bytes"
	"slices"
	"strings"
	"unique"

	"wasl/internal/access"
	"wasl/internal/ids"
)

// header is what filters and orders ask of a conversation. There is one in memory for each that is not resolved, so ids are packed
// and what many of them say the same is kept once (see rows).
type header struct {
	plain
	channel, assignee, team unique.Handle[string]
	labels                  names
	users                   names // who besides supervisors sees it once somebody has it
	seen                    names // who has read all that came in
}

// plain is the part of a header without names, which is all that orders ask.
type plain struct {
	id, contact            ids.Packed
	activity               int64 // unix milliseconds
	window                 int64 // when the customer last opened it; noWindow: never
	version                int64
	status, kind, priority uint8 // places in states, kinds and priorities
	spoken                 bool  // the customer has written
}

// noWindow sorts after every window.
const noWindow = 1 << 60

var (
	states = []string{Open, Pending, Snoozed, Resolved}
	kinds  = []string{"", "sales", "support", "complaint", "other"}
)

// headerFields are the fields that headerOf looks at: one that is missing here is missing in lists after a start.
var headerFields = []string{
	"origin", "channel_id", "status", "type", "priority", "labels", "assignee_id", "team_id", "participants", "last_activity_at",
	"window_from", "inbound_count", "reads",
}

func headerOf(c *Conversation) *header {
	h := &header{
		plain: plain{
			id: ids.Pack(c.ID), contact: ids.Pack(c.Origin), activity: c.LastActivityAt.UnixMilli(), window: noWindow, version: c.Version,
			status: placeIn(states, c.Status), kind: placeIn(kinds, c.Type), priority: placeIn(priorities, c.Priority), spoken: c.InboundCount > 0,
		},
		channel: unique.Make(c.ChannelID), assignee: unique.Make(c.AssigneeID), team: unique.Make(c.TeamID),
		labels: namesOf(c.Labels), users: namesOf(c.audience().Users),
	}
	if !c.WindowFrom.IsZero() {
		h.window = c.WindowFrom.UnixMilli()
	}
	var seen []string
	for user := range c.Reads {
		if h.spoken && c.unread(user) == 0 {
			seen = append(seen, user)
		}
	}
	slices.Sort(seen)
	h.seen = namesOf(seen)
	return h
}

func placeIn(list []string, v string) uint8 { return uint8(max(0, slices.Index(list, v))) }

// names is a set of strings that many headers share.
type names struct{ joined unique.Handle[string] }

const between = "\x00"

func namesOf(list []string) names { return names{unique.Make(strings.Join(list, between))} }

// each calls fn for every name until it answers false.
func (n names) each(fn func(name string) bool) {
	for rest := n.joined.Value(); rest != ""; {
		var name string
		if name, rest, _ = strings.Cut(rest, between); !fn(name) {
			return
		}
	}
}

func (n names) has(name string) bool { return n.any(func(one string) bool { return one == name }) }

func (n names) any(is func(name string) bool) (found bool) {
	n.each(func(name string) bool {
		found = is(name)
		return !found
	})
	return found
}

func (h *header) unread(userID string) bool { return h.spoken && !h.seen.has(userID) }

// free reports whether nobody has it, so that everybody sees it.
func (h *header) free() bool { return h.assignee.Value() == "" }

func (h *header) seenBy(v access.Viewer) bool {
	return v.SeesAll() || h.free() || h.users.has(v.UserID)
}

// weight is smaller for what comes first in an order of urgency or of the time that is left in the window.
func (h *plain) weight(sort string) int64 {
	switch sort {
	case "priority":
		return -int64(h.priority)
	case "window":
		return h.window
	}
	return 0
}

// before returns a sort's order; what is equal comes newest first.
func before(sort string) func(a, b *plain) bool {
	return func(a, b *plain) bool {
		if a, b := a.weight(sort), b.weight(sort); a != b {
			return a < b
		}
		if a.activity != b.activity {
			return a.activity > b.activity
		}
		return bytes.Compare(a.id[:], b.id[:]) > 0
	}
}

func (f Filter) placeOf(h *plain) *place {
	return &place{Activity: h.activity, ID: h.id.ID("cnv"), Weight: h.weight(f.Sort)}
}

// plain stands where the place is in a sort's order.
func (p *place) plain(sort string) *plain {
	h := &plain{activity: p.Activity, id: ids.Pack(p.ID), window: noWindow}
	switch sort {
	case "priority":
		h.priority = uint8(max(0, -p.Weight))
	case "window":
		h.window = p.Weight
	}
	return h
}

func (f Filter) matches(h *header, v access.Viewer) bool {
	return h.seenBy(v) && any1(f.Status, states[h.status]) && any1(f.Channel, h.channel.Value()) && any1(f.Team, h.team.Value()) &&
		any1(f.Type, kinds[h.kind]) && any1(f.Priority, priorities[h.priority]) && f.assigned(h.assignee.Value(), v.UserID) &&
		(f.Contact == nil || slices.Contains(f.packed, h.contact)) &&
		(f.Label == nil || h.labels.any(func(label string) bool { return slices.Contains(f.Label, label) })) &&
		(f.Unread == nil || *f.Unread == h.unread(v.UserID))
}

func (f Filter) assigned(assignee, viewer string) bool {
	if f.Assignee == nil {
		return true
	}
	return slices.ContainsFunc(f.Assignee, func(want string) bool {
		switch want {
		case "me":
			return assignee == viewer
		case "none":
			return assignee == ""
		}
		return assignee == want
	})
}

func any1(wanted []string, has string) bool { return wanted == nil || slices.Contains(wanted, has) }
