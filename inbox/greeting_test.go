package inbox

import (
	"testing"

	"wasl/channels"
)

// Programs answer people only: no list, no absence notice, no mail that comes back, nobody whose answers nobody reads, and nobody in whose
// name somebody else may have written.
func TestWhatAProgramMayAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		mail *channels.Mail
		may  bool
	}{
		{"no mail", nil, true},
		{"a person's mail", &channels.Mail{From: "ines@example.org"}, true},
		{"an absence notice", &channels.Mail{From: "ines@example.org", Auto: "reply"}, false},
		{"a mail that comes back", &channels.Mail{Auto: "bounce"}, false},
		{"a mailing list", &channels.Mail{From: "ines@example.org", Auto: "list"}, false},
		{"our own mail", &channels.Mail{From: "ines@example.org", Auto: "loop"}, false},
		{"a robot's", &channels.Mail{From: "no-reply@example.org"}, false},
		{"perhaps somebody else's", &channels.Mail{From: "ines@example.org", Unproven: true}, false},
	} {
		m := &Message{Content: channels.Content{Mail: c.mail}}
		if m.answerable() != c.may {
			t.Errorf("%s: %v", c.name, !c.may)
		}
	}
}

// A program's mail keeps nobody waiting and is not greeted; a person's is both.
func TestWhoWaits(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("support@example.com")
		away := p.mailed(ch, "a@example.org", "From: ines@example.org", "Subject: Away", "Auto-Submitted: auto-replied")
		if g, err := p.Greeting(t.Context(), "w", away.ID); err != nil || g.Address != "" || g.WaitingSince != nil {
			t.Errorf("an absence notice: %q waits since %v, %v", g.Address, g.WaitingSince, err)
		}
		asked := p.mailed(ch, "b@example.org", "From: rami@example.net", "Subject: A table")
		if g, err := p.Greeting(t.Context(), "w", asked.ID); err != nil || g.Address != "rami@example.net" || g.WaitingSince == nil {
			t.Errorf("a person's mail: %q waits since %v, %v", g.Address, g.WaitingSince, err)
		}
	})
}
