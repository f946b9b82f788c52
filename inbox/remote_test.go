package inbox

import (
	"encoding/json"
	"fmt"
	"testing"

	"wasl/internal/events"
	"wasl/internal/ids"
)

// TestWhatOtherInstancesChangeIsNotReadAgain: their events carry what lists and counters ask, so that they cost this instance no read, and
// a store that does not answer just then costs nobody a reload.
func TestWhatOtherInstancesChangeIsNotReadAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		here := w.boot().connect()
		here.receive(says(ines, "wamid.IN1", "hello", 0))
		if err := here.LoadHeaders(t.Context(), "w"); err != nil {
			t.Fatal(err)
		}
		here.engine.Kill() // from now on every read fails
		var came []events.Numbered
		tell := func(conv *Conversation) {
			header, err := json.Marshal(conv.entry())
			if err != nil {
				t.Fatal(err)
			}
			came = append(came, events.Numbered{Seq: int64(len(came) + 1), Epoch: "e", Event: events.Event{
				Type: conversationUpdated, WorkspaceID: "w", Subject: conv.ID, Header: header,
				Own: &events.Own{Field: "unread_count", Total: conv.InboundCount, Seen: map[string]int64{boss.UserID: 1}},
			}})
		}
		conv := w.only()
		conv.Version, conv.AssigneeID = conv.Version+1, boss.UserID
		tell(conv)
		for n := range 50 { // conversations of which this instance knows nothing yet
			other := *conv
			other.ID, other.Version, other.AssigneeID = ids.Derived("cnv", fmt.Sprint(n)), 1, ""
			tell(&other)
		}
		here.followEvents(came)
		counts, err := here.Counts(t.Context(), boss)
		if err != nil || counts.All != 51 || counts.Mine != 1 || counts.Unassigned != 50 || counts.Unread != 0 {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}
