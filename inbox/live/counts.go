package live

import (
	"slices"
	"strings"
	"unique"

	"wasl/internal/access"
)

// Counts is how much live work the viewer sees in each view.
type Counts struct {
	Mine       int `json:"mine" doc:"Open or pending, assigned to the caller"`
	Unassigned int `json:"unassigned" doc:"Open or pending, assigned to nobody"`
	All        int `json:"all" doc:"Open or pending"`
	Unread     int `json:"unread" doc:"Open or pending, with something that the caller has not read"`
	Pending    int `json:"pending"`
	Snoozed    int `json:"snoozed"`
}

// counters keep everybody's counts as headers come and go, one counter for each audience, so that nobody walks over all live work to
// count it. A viewer's counts are the sum over the audiences that they are in.
type counters struct {
	byAudience map[unique.Handle[string]]*counter
	all        *counter
	// members says which audiences a team or a user is in, and which everybody must ask about.
	members map[string]map[unique.Handle[string]]struct{}
}

// anybody is the member of audiences that depend on the viewer's role alone.
const anybody = ""

func newCounters() counters {
	return counters{
		byAudience: map[unique.Handle[string]]*counter{}, all: newCounter(),
		members: map[string]map[unique.Handle[string]]struct{}{},
	}
}

// membersOf lists under which names an audience is found.
func membersOf(a access.Audience) []string {
	names := slices.Concat(a.Teams, a.Queues, a.Users)
	if a.Everyone || a.Unassigned {
		names = append(names, anybody)
	}
	return names
}

// count adds a header (by 1) or takes it away again (by -1).
func (c *counters) count(h *Header, by int) {
	c.all.count(h, by)
	counter := c.byAudience[h.audience]
	if counter == nil {
		counter = newCounter()
		c.byAudience[h.audience] = counter
		for _, name := range membersOf(decodeAudience(h.audience.Value())) {
			if c.members[name] == nil {
				c.members[name] = map[unique.Handle[string]]struct{}{}
			}
			c.members[name][h.audience] = struct{}{}
		}
	}
	counter.count(h, by)
	if counter.headers > 0 {
		return
	}
	delete(c.byAudience, h.audience)
	for _, name := range membersOf(decodeAudience(h.audience.Value())) {
		if delete(c.members[name], h.audience); len(c.members[name]) == 0 {
			delete(c.members, name)
		}
	}
}

// of sums the counts of the audiences that the viewer is in.
func (c *counters) of(v access.Viewer) (n Counts) {
	if v.SeesAll() { // every conversation's audience includes them
		c.all.add(&n, v.UserID)
		return n
	}
	sight := SightOf(v)
	for _, name := range append([]string{anybody, v.UserID}, v.TeamIDs...) {
		for audience := range c.members[name] {
			if _, asked := sight.known[audience]; !asked && sight.Sees(&Header{audience: audience}) {
				c.byAudience[audience].add(&n, v.UserID)
			}
		}
	}
	return n
}

// counter counts the work that one audience sees. What differs between its users is counted for each.
type counter struct {
	headers                           int
	all, unassigned, pending, snoozed int
	spoken                            int            // the customer has written, and nobody has answered
	assigned                          map[string]int // by assignee
	read                              map[string]int // of what is spoken and not answered, by users who have read all of it
	marked                            map[string]int // of what is answered, by users who have marked it unread
}

func newCounter() *counter {
	return &counter{assigned: map[string]int{}, read: map[string]int{}, marked: map[string]int{}}
}

func (c *counter) count(h *Header, by int) {
	c.headers += by
	if h.Status() == "snoozed" {
		c.snoozed += by
		return
	}
	c.all += by
	if h.Status() == "pending" {
		c.pending += by
	}
	if h.Assignee() == "" {
		c.unassigned += by
	} else {
		c.assigned[h.Assignee()] += by
	}
	if h.inbound == 0 {
		return
	}
	if h.answered {
		h.readBy().each(func(user string) bool {
			if user, marked := strings.CutPrefix(user, MarkedUnread); marked {
				c.marked[user] += by
			}
			return true
		})
		return
	}
	c.spoken += by
	h.readBy().each(func(user string) bool {
		c.read[user] += by
		return true
	})
}

// add puts the user's share into n.
func (c *counter) add(n *Counts, userID string) {
	n.Mine += c.assigned[userID]
	n.Unassigned += c.unassigned
	n.All += c.all
	n.Unread += c.spoken - c.read[userID] + c.marked[userID]
	n.Pending += c.pending
	n.Snoozed += c.snoozed
}
