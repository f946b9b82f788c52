package inbox

import "wasl/internal/access"

// Counts is how much live work the viewer sees in each view.
type Counts struct {
	Mine       int `json:"mine" doc:"Open or pending, assigned to the caller"`
	Unassigned int `json:"unassigned" doc:"Open or pending, assigned to nobody"`
	All        int `json:"all" doc:"Open or pending"`
	Unread     int `json:"unread" doc:"Open or pending, with something that the caller has not read"`
	Pending    int `json:"pending"`
	Snoozed    int `json:"snoozed"`
}

// tallies keep the counts of everybody as headers come and go, so that nobody walks over all live work to count it.
type tallies struct {
	all, everyone *tally            // what supervisors see; what nobody was given
	given         map[string]*tally // what somebody was given, for each user who sees it
}

func newTallies() tallies {
	return tallies{all: newTally(), everyone: newTally(), given: map[string]*tally{}}
}

// count adds a header (by 1) or takes it away again (by -1).
func (t tallies) count(h *header, by int) {
	t.all.count(h, by)
	if h.free() {
		t.everyone.count(h, by)
		return
	}
	h.users.each(func(user string) bool {
		if t.given[user] == nil {
			t.given[user] = newTally()
		}
		t.given[user].count(h, by)
		return true
	})
}

// tally counts the work that one audience sees. What differs between its users is counted for each.
type tally struct {
	all, unassigned, pending, snoozed int
	spoken                            int            // the customer has written
	mine                              map[string]int // by assignee
	seen                              map[string]int // of what is spoken, by users who have read all of it
}

func newTally() *tally { return &tally{mine: map[string]int{}, seen: map[string]int{}} }

func (t *tally) count(h *header, by int) {
	if states[h.status] == Snoozed {
		t.snoozed += by
		return
	}
	t.all += by
	if states[h.status] == Pending {
		t.pending += by
	}
	if h.free() {
		t.unassigned += by
	} else {
		t.mine[h.assignee.Value()] += by
	}
	if h.spoken {
		t.spoken += by
	}
	h.seen.each(func(user string) bool {
		t.seen[user] += by
		return true
	})
}

// add puts the user's share into n.
func (t *tally) add(n *Counts, userID string) {
	if t == nil {
		return
	}
	n.Mine += t.mine[userID]
	n.Unassigned += t.unassigned
	n.All += t.all
	n.Unread += t.spoken - t.seen[userID]
	n.Pending += t.pending
	n.Snoozed += t.snoozed
}

func (sp *space) counts(v access.Viewer) Counts {
	sp.mu.RLock()
	defer sp.mu.RUnlock()
	var n Counts
	if v.SeesAll() {
		sp.tallies.all.add(&n, v.UserID)
		return n
	}
	sp.tallies.everyone.add(&n, v.UserID)
	sp.tallies.given[v.UserID].add(&n, v.UserID)
	return n
}
