package routing

import (
	"testing"
	"time"

	"wasl/channels"
	"wasl/inbox"
	"wasl/internal/jobs"
	"wasl/store"
)

// auto adds an automatic message.
func (p *process) automatic(kind AutoKind, text string, edit ...func(*AutoMessage)) *AutoMessage {
	p.w.t.Helper()
	a := AutoMessage{Kind: kind, Enabled: true, Text: AutoText{English: text, Hebrew: "עברית: " + text}}
	for _, e := range edit {
		e(&a)
	}
	made, _, err := p.auto.create(p.w.t.Context(), p.boss, "", a)
	p.w.ok(err)
	return made
}

// written are the texts that went to the customer of a conversation without anybody's doing, the first one first.
func (p *process) written(id string) (texts []string) {
	p.w.t.Helper()
	for _, m := range everything[inbox.Message](p.w, inbox.Schemas()[1]) {
		if m.ConversationID == id && m.Direction == inbox.Out && m.Author.Type == inbox.BySystem {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// wrote fails unless exactly these texts were written.
func (p *process) wrote(id, what string, want ...string) {
	p.w.t.Helper()
	settle(time.Second) // others may be faster
	got := map[string]int{}
	for _, text := range p.written(id) {
		got[text]++
	}
	for _, text := range want {
		got[text]--
	}
	for text, n := range got {
		if n != 0 {
			p.w.t.Errorf("%s: %q was written %d times more than it should", what, text, n)
		}
	}
}

// Whoever begins a conversation is welcomed once for each visit, in their language, and told their place where they wait; that is no
// answer.
func TestACustomerIsGreetedOnceAVisit(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		w.staff("ann")
		w.customers(p, "ann")
		p.arrive("ann")
		p.capacity("ann", 0)
		p.automatic(Welcome, "Hello!")
		p.automatic(QueuePosition, "You are number {{position}}.")
		p.policy(Policy{Name: "Usual", Promise: inbox.Promise{FirstAnswer: 10}})
		one := p.says("972540000001", "I would like to know the price of a table")
		settle(time.Second)
		two := p.says("972540000002", "כמה עולה שולחן אצלכם בחנות?")
		p.wrote(one, "the first", "Hello!", "You are number 1.")
		p.wrote(two, "the second, in Hebrew", "עברית: Hello!", "עברית: You are number 2.")
		p.says("972540000001", "are you there?")
		settle(time.Minute)
		p.wrote(one, "nothing new in the same visit", "Hello!", "You are number 1.")
		if l := p.level(one, inbox.FirstAnswer); l.MetAt != nil || p.shown(one).WaitingSince == nil {
			t.Errorf("a greeting is no answer: %+v", l)
		}
		p.status(one, inbox.Resolved)
		p.capacity("ann", 5)
		p.says("972540000001", "one more question about the table")
		settle(time.Second)
		p.wrote(one, "the next visit, without a wait", "Hello!", "You are number 1.", "Hello!")
		w.exact()
	})
}

// Where nobody is there, or outside of hours, that is said instead.
func TestWhoComesWhileNobodyIsThereIsTold(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) { // it begins at 09:00 in UTC
		p := w.boot(true)
		w.staff("ann")
		w.customers(p, "ann")
		h := &Hours{Meta: store.Meta{ID: "hrs_1"}, WorkspaceID: "w", Zone: "UTC", Week: week([]string{"10:00", "11:00"})}
		w.ok(w.disk.Write(t.Context(), p.hours.Insert(h)))
		p.automatic(Welcome, "Hello!")
		away := p.automatic(AwayMessage, "Nobody is here.")
		p.wrote(p.says("972540000001", "good morning to you all"), "nobody is there", "Nobody is here.")
		p.arrive("ann")
		p.wrote(p.says("972540000002", "good morning to you all"), "somebody is there", "Hello!")
		any := func(int64) error { return nil }
		_, err := p.auto.change(t.Context(), p.boss, away.ID, any, func(a *AutoMessage) { a.HoursID = "hrs_1" })
		w.ok(err)
		p.wrote(p.says("972540000003", "good morning to you all"), "outside of hours", "Nobody is here.")
		settle(time.Hour)
		p.wrote(p.says("972540000004", "good morning to you all"), "within hours", "Hello!")
		_, err = p.auto.change(t.Context(), p.boss, away.ID, any, func(a *AutoMessage) { a.Enabled = false })
		w.ok(err)
		p.leave("ann")
		settle(2 * time.Minute)
		p.wrote(p.says("972540000005", "good morning to you all"), "switched off", "Hello!")
	})
}

// A greeting that is worked off twice is said once; one that comes too late, or after an answer of a person, is not said.
func TestAGreetingThatRunsTwiceIsSaidOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		one, two := p.says("972540000001", "good morning to you all"), p.says("972540000002", "good morning to you all")
		p.automatic(Welcome, "Hello!")
		greet := func(id string, began time.Time) {
			for range 2 {
				w.ok(p.greet(t.Context(), &jobs.Job{WorkspaceID: "w", Ref: id, Payload: []byte("visit"), CreatedAt: began}))
			}
		}
		greet(one, time.Now().Add(-greetWithin-time.Second))
		p.wrote(one, "too late")
		greet(one, time.Now())
		p.wrote(one, "twice", "Hello!")
		p.answers(p.boss, two, "good morning")
		greet(two, time.Now())
		p.wrote(two, "after an answer")
	})
}

// Of several messages the one that names the channel is meant, then the one that names its kind.
func TestTheClosestMessageIsSaid(t *testing.T) {
	t.Parallel()
	all := []*AutoMessage{
		{Kind: Welcome, Enabled: true, Text: AutoText{English: "all"}},
		{Kind: Welcome, Enabled: true, ChannelKinds: []channels.Kind{channels.KindWhatsApp}, Text: AutoText{English: "kind"}},
		{Kind: Welcome, Enabled: false, ChannelIDs: []string{"chn_1"}, Text: AutoText{English: "off"}},
		{Kind: Welcome, Enabled: true, ChannelIDs: []string{"chn_2"}, Text: AutoText{English: "channel"}},
		{Kind: AwayMessage, Enabled: true, ChannelIDs: []string{"chn_2"}, Text: AutoText{English: "away"}},
	}
	for _, c := range []struct{ channel, kind, want string }{
		{"chn_1", "whatsapp", "kind"}, {"chn_2", "whatsapp", "channel"}, {"chn_3", "email", "all"},
	} {
		of := meant(all, c.channel, c.kind)
		if got := of[Welcome].Text.in(); got != c.want || (of[AwayMessage] != nil) != (c.channel == "chn_2") {
			t.Errorf("on %s of %s: %q", c.channel, c.kind, got)
		}
	}
	text := AutoText{Hebrew: "he", Arabic: "ar"}
	for _, c := range []struct{ want, first, second string }{
		{"ar", "ar", "he"}, {"he", "", languageOf("IL")}, {"ar", "en", languageOf("AE")}, {"he", "en", ""},
	} {
		if got := text.in(c.first, c.second); got != c.want {
			t.Errorf("in %q, else %q: %q", c.first, c.second, got)
		}
	}
}

// What cannot be an automatic message is refused.
func TestBadAutomaticMessages(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true)
		for want, a := range map[string]AutoMessage{
			"empty_message":        {Kind: Welcome},
			"position_missing":     {Kind: QueuePosition, Text: AutoText{English: "wait"}},
			"channel_not_found":    {Kind: Welcome, ChannelIDs: []string{"chn_none"}, Text: AutoText{English: "hi"}},
			"unknown_channel_kind": {Kind: Welcome, ChannelKinds: []channels.Kind{"fax"}, Text: AutoText{English: "hi"}},
			"unknown_hours":        {Kind: AwayMessage, HoursID: "hrs_none", Text: AutoText{English: "hi"}},
		} {
			if _, _, err := p.auto.create(t.Context(), p.boss, "", a); code(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
	})
}
