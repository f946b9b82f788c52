package inbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/store/storetest"
)

// texts is a webhook with several messages of one person and one second.
func texts(ids ...string) []byte {
	said := make([]string, 0, len(ids))
	for _, id := range ids {
		said = append(said, fmt.Sprintf(`{"from":%q,"id":%q,"timestamp":"%d","type":"text","text":{"body":%q}}`, ines, "wamid."+id,
			sampleTime.Unix(), id))
	}
	return hook(fmt.Sprintf(`"contacts":[{"profile":{"name":"Ines"},"wa_id":%q}],"messages":[%s]`, ines, strings.Join(said, ",")))
}

// TestWhatHadToWaitStandsWhereItArrived: in one second of the provider's clock, a store that fails for a moment changes no order.
func TestWhatHadToWaitStandsWhereItArrived(t *testing.T) {
	for name, bodies := range map[string][][]byte{
		"overtaken by what stood behind it":             {texts("A", "B"), texts("C")},
		"overtaken by the next":                         {texts("A"), texts("B"), texts("C")},
		"it came alone before the rest went on":         {texts("A", "B"), append(texts("A"), ' '), texts("C")},
		"what stood behind it came alone before it":     {texts("A", "B"), append(texts("B"), ' '), texts("C")},
		"all of it came again, the later one the first": {texts("A", "B", "C"), append(texts("C"), ' '), append(texts("B"), ' ')},
	} {
		t.Run(name, func(t *testing.T) {
			failed := false
			for n := range 4 { // whichever write fails
				bubble(t, func(t *testing.T, w *world) {
					p := w.boot().connect()
					settle(time.Minute)
					p.receive(says(ines, "wamid.first", "first", -5)) // the person is known
					settle(time.Second)
					p.engine.Fail(p.engine.Writes()+n, storetest.Cut)
					for _, body := range bodies {
						p.receive(body)
						settle(20 * time.Millisecond)
						failed = failed || len(w.jobs()) > 0
					}
					settle(2 * time.Minute)
					conv := w.only()
					got := p.thread(boss, conv.ID, 2)
					if want := []string{"C", "B", "A", "first"}; !slices.Equal(got, want) {
						t.Errorf("write %d failed: %v instead of %v", n, got, want)
					}
					if w.message("C").ID != conv.LastMessageID {
						t.Errorf("write %d failed: the newest is %s", n, conv.LastMessageID)
					}
					w.quiet()
					p.stop()
				})
			}
			if !failed {
				t.Error("nothing had to wait")
			}
		})
	}
}

// TestNoTwoMessagesHaveOnePlace: what waited finds its place taken by what arrived in the same millisecond.
func TestNoTwoMessagesHaveOnePlace(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		settle(time.Minute)
		p.receive(says(ines, "wamid.first", "first", -5))
		p.engine.Fail(p.engine.Writes(), storetest.Cut)
		p.receive(texts("A"), texts("B"), texts("C")) // time stands still
		settle(2 * time.Minute)
		if got := p.thread(boss, w.only().ID, 1); len(got) != 4 {
			t.Errorf("a page at a time shows %v", got)
		}
		p.stop()
	})
}

// TestWhatEventsShowIsWhatIsStored: the last picture of everything is the newest one, with the version that is stored.
func TestWhatEventsShowIsWhatIsStored(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		conv := w.only()
		p.answers(conv.ID, "1", "good morning")
		settle(time.Second)
		id := w.message("good morning").ProviderID
		p.receive(status(id, "sent", "", 1), status(id, "delivered", "", 2), edits(t, "wamid.E1", "wamid.IN1", "hello!", 3),
			reacts(ines, "wamid.R1", id, "👍", 4))
		settle(10 * time.Second)
		pictures := map[string]json.RawMessage{}
		for _, n := range p.seen {
			pictures[n.Subject] = n.Data
			var shown struct {
				LastMessage *Snippet `json:"last_message"`
			}
			if err := json.Unmarshal(n.Data, &shown); err != nil || shown.LastMessage == nil {
				continue
			}
			var m MessageView
			if err := json.Unmarshal(pictures[shown.LastMessage.ID], &m); err != nil || m.Status != shown.LastMessage.Status ||
				m.Version != shown.LastMessage.Version {
				t.Errorf("%s shows %+v, %v, while the message is %s in version %d", n.Type, shown.LastMessage, err, m.Status, m.Version)
			}
		}
		for _, m := range w.messages() {
			want, _ := json.Marshal(viewMessage(m))
			if m.Type != channels.TypeReaction && !bytes.Equal(want, pictures[m.ID]) {
				t.Errorf("the last event shows\n%s\ninstead of\n%s", pictures[m.ID], want)
			}
		}
		p.stop()
	})
}
