package inbox

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"wasl/internal/access"
	"wasl/internal/ids"
)

// TestCountsAreThoseOfTheConversations: whatever happens to conversations, in whatever order writes arrive, every user's counts are
// what a walk over the present conversations finds.
func TestCountsAreThoseOfTheConversations(t *testing.T) {
	users := []string{"ann", "ben", "cid"}
	rapid.Check(t, func(t *rapid.T) {
		sp := newSpace()
		present := map[string]*Conversation{}
		for range rapid.IntRange(1, 60).Draw(t, "writes") {
			id := ids.Derived("cnv", strconv.Itoa(rapid.IntRange(1, 5).Draw(t, "conversation")))
			c := &Conversation{
				Status:       rapid.SampledFrom([]string{Open, Pending, Snoozed, Resolved}).Draw(t, "status"),
				AssigneeID:   rapid.SampledFrom([]string{"", "ann", "ben"}).Draw(t, "assignee"),
				Participants: rapid.SliceOfNDistinct(rapid.SampledFrom(users), 0, 2, rapid.ID).Draw(t, "participants"),
				InboundCount: rapid.Int64Range(0, 2).Draw(t, "inbound"),
				Reads:        rapid.MapOf(rapid.SampledFrom(users), rapid.Int64Range(0, 2)).Draw(t, "reads"),
			}
			c.ID, c.Version = id, rapid.Int64Range(1, 20).Draw(t, "version")
			sp.put(c)
			if old := present[id]; old == nil || old.Version < c.Version {
				present[id] = c
			}
		}
		for _, user := range users {
			for _, role := range []access.Role{access.Agent, access.Supervisor} {
				v := access.Viewer{UserID: user, Role: role}
				if got, want := sp.counts(v), walked(present, v); got != want {
					t.Fatalf("%s as %s: %+v, want %+v", user, role, got, want)
				}
			}
		}
	})
}

func walked(present map[string]*Conversation, v access.Viewer) (n Counts) {
	for _, c := range present {
		if c.Status == Resolved || !v.In(c.audience()) {
			continue
		}
		if c.Status == Snoozed {
			n.Snoozed++
			continue
		}
		n.All++
		if c.Status == Pending {
			n.Pending++
		}
		if c.AssigneeID == "" {
			n.Unassigned++
		}
		if c.AssigneeID == v.UserID {
			n.Mine++
		}
		if c.unread(v.UserID) > 0 {
			n.Unread++
		}
	}
	return n
}
