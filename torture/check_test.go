package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/whatsapp"
	"wasl/internal/httpclient"
)

var moment = time.Unix(1_790_000_000, 0)

// sample is a small world in which everything is as it should be: customer 7 wrote twice in one second, edited the first and was
// answered once.
type sample struct {
	book *ledger
	seen *picture
	a, b *message
	r    *reply
}

func newSample() *sample {
	s := &sample{book: newLedger(), seen: &picture{conversations: map[string]*conversation{}, threads: map[string][]*shown{}}}
	say := func(n int, posted int) *message {
		m := &message{customer: 7, id: fmt.Sprint("in", n), at: moment.Unix(), text: fmt.Sprint("said ", n), made: n}
		m.said = &part{
			kind: "text", id: m.id, at: m.at, about: m, body: n, posted: moment.Add(time.Duration(posted) * time.Second),
			acked: moment.Add(time.Duration(posted+1) * time.Second),
		}
		s.book.messages[m.id] = m
		return m
	}
	s.a, s.b = say(1, 0), say(2, 5)
	s.a.edit = &part{kind: "edit", text: "said better", about: s.a, acked: moment}
	s.r = &reply{
		key: "answer", conversation: "c", customer: 7, id: "out", posted: moment, answered: moment, asked: []string{"accepted"},
		accepted: []accepted{{"p", moment, 1}}, reported: map[string]bool{"sent": true, "delivered": true},
	}
	s.book.replies[s.r.key] = s.r
	c := &conversation{ID: "c", ChannelID: "chn", Status: "open", Inbound: 2, Unread: 2}
	c.Contact.Name, c.LastMessage = name(7), &struct{ ID string }{"out"}
	s.seen.conversations["c"], s.seen.unread = c, 1
	at := moment.UTC().Format("2006-01-02T15:04:05.000Z")
	s.seen.threads["c"] = []*shown{
		{ID: "out", Direction: "out", ClientID: "answer", Status: "delivered", SentAt: at, Seq: 3},
		{ID: "m2", Direction: "in", ProviderID: "in2", Text: "said 2", SentAt: at, Seq: 2, ConversationID: "c"},
		{ID: "m1", Direction: "in", ProviderID: "in1", Text: "said better", SentAt: at, Seq: 1, ConversationID: "c"},
	}
	s.seen.contacts = []contact{{ID: "con", Name: name(7), Identities: []struct{ Value string }{{phone(7)}}}}
	return s
}

// Every promise can be seen to be broken, and nothing else is said then.
func TestTheCheckerSeesEveryBrokenPromise(t *testing.T) {
	for want, spoil := range map[string]func(*sample){
		"":                    func(*sample) {},
		"is not there":        func(s *sample) { s.thread(func(m *shown) bool { return m.ID == "m2" }); s.counts(1) },
		"stored twice":        func(s *sample) { s.book.messages["in1"].id = "in1"; s.copyOf("m1") },
		"nobody sent":         func(s *sample) { s.copyOf("m1").ProviderID = "other" },
		"of the same second":  func(s *sample) { s.swap("in1", "in2") },
		"as its last message": func(s *sample) { s.seen.conversations["c"].LastMessage.ID = "m2" },
		"is listed after":     func(s *sample) { s.seen.threads["c"][0].Seq = 0 },
		"says":                func(s *sample) { s.seen.threads["c"][2].Text = "said 1" },
		"recounted":           func(s *sample) { s.counts(3) },
		"the counter says":    func(s *sample) { s.seen.unread = 2 },
		"is two contacts":     func(s *sample) { s.seen.contacts = append(s.seen.contacts, s.seen.contacts[0]) },
		"is no contact":       func(s *sample) { s.seen.contacts = nil },
		"nobody who wrote":    func(s *sample) { s.seen.contacts = append(s.seen.contacts, contact{Name: "Somebody"}) },
		"was sent 2 times":    func(s *sample) { s.r.accepted = append(s.r.accepted, s.r.accepted[0]) },
		"is lost":             func(s *sample) { s.thread(func(m *shown) bool { return m.ID == "out" }) },
		"ends as sent":        func(s *sample) { s.seen.threads["c"][0].Status = "sent" },
		"ends as queued":      func(s *sample) { s.r.accepted, s.r.reported, s.seen.threads["c"][0].Status = nil, nil, "queued" },
		"unknown without a reason": func(s *sample) {
			s.r.accepted, s.r.reported, s.r.asked, s.seen.threads["c"][0].Status = nil, nil, nil, "unknown"
		},
		"went out":           func(s *sample) { s.seen.threads["c"][1].Direction = "out" },
		"the provider got":   func(s *sample) { s.later("next", 0) },
		"a dead letter":      func(s *sample) { s.seen.dead = []string{"inbound"} },
		"never acknowledged": func(s *sample) { s.b.said.acked = time.Time{} },
		"which is another's": func(s *sample) { s.seen.conversations["c"].ChannelID = "chn2" },
		"messages of customers 7 and": func(s *sample) {
			s.a.customer = 8
			s.seen.contacts = append(s.seen.contacts, contact{Name: name(8), Identities: []struct{ Value string }{{phone(8)}}})
		},
	} {
		s := newSample()
		spoil(s)
		wrong := strings.Join(s.book.judge(s.seen, []string{"chn", "chn2"}), "\n")
		if (want == "") != (wrong == "") || !strings.Contains(wrong, want) {
			t.Errorf("%q: %s", want, wrong)
		}
	}
}

func (s *sample) thread(without func(*shown) bool) {
	s.seen.threads["c"] = slices.DeleteFunc(s.seen.threads["c"], without)
}

func (s *sample) counts(n int64) {
	s.seen.conversations["c"].Inbound, s.seen.conversations["c"].Unread = n, n
}

func (s *sample) copyOf(id string) *shown {
	for _, m := range s.seen.threads["c"] {
		if m.ID == id {
			other := *m
			other.Seq = 0
			s.seen.threads["c"] = append(s.seen.threads["c"], &other)
			s.counts(3)
			return &other
		}
	}
	return nil
}

func (s *sample) swap(a, b string) {
	for _, m := range s.seen.threads["c"] {
		switch m.ProviderID {
		case a:
			m.ProviderID, m.Text = b, "said 2"
		case b:
			m.ProviderID, m.Text = a, "said better"
		}
	}
}

// later adds a reply after the other that the provider got as number n.
func (s *sample) later(key string, n int) {
	s.book.replies[key] = &reply{
		key: key, conversation: "c", made: 9, answered: moment, asked: []string{"accepted"},
		accepted: []accepted{{"q", moment, n}}, reported: map[string]bool{"read": true},
	}
	s.seen.threads["c"] = slices.Insert(s.seen.threads["c"], 0, &shown{
		ID: key, Direction: "out", ClientID: key, Status: "read",
		SentAt: s.seen.threads["c"][0].SentAt, Seq: 4,
	})
}

// A socket that missed something, was shown too much or shows something old is found.
func TestTheCheckerSeesWhatASocketMissed(t *testing.T) {
	for want, spoil := range map[string]func(*world, *socket){
		"":                   func(*world, *socket) {},
		"never got e 2":      func(_ *world, k *socket) { delete(k.seen["e"], 2) },
		"never got message":  func(_ *world, k *socket) { delete(k.messages, "m2") },
		"as {open, 1 in":     func(_ *world, k *socket) { k.conversations["c"] = &conversation{Status: "open", Inbound: 1} },
		"as queued":          func(_ *world, k *socket) { k.messages["out"] = &shown{Status: "queued"} },
		"which is not there": func(_ *world, k *socket) { k.messages["ghost"] = &shown{} },
	} {
		s := newSample()
		w := newWorld(t.Context(), newPlant(""))
		w.book = s.book
		k := newSocket(w, "0", &user{}, 1)
		k.stretches, k.seen["e"] = []stretch{{"e", 0, 3}}, map[int64]bool{}
		k.conversations, k.messages = s.seen.conversations, map[string]*shown{}
		headers := map[string]*conversation{"c": s.seen.conversations["c"]}
		k.conversations = map[string]*conversation{"c": headers["c"]}
		for n := range int64(3) {
			w.sights.add(frame{Epoch: "e", Seq: n + 1})
			k.seen["e"][n+1] = true
		}
		for _, m := range s.seen.threads["c"] {
			k.messages[m.ID] = m
		}
		k.since = moment.Add(-time.Hour)
		spoil(w, k)
		wrong := strings.Join(w.judgeSocket(k, headers, s.seen), "\n")
		if (want == "") != (wrong == "") || !strings.Contains(wrong, want) {
			t.Errorf("%q: %s", want, wrong)
		}
	}
}

// Frames that come twice, backwards or before hello are found at once.
func TestASocketSeesDoublesAndGapsAtOnce(t *testing.T) {
	hello := `{"type":"hello","seq":4,"epoch":"e","data":{"resumed":true}}`
	for want, frames := range map[string][]string{
		"":                   {`{"type":"presence","data":{}}`, `{"type":"message.created","seq":5,"epoch":"e","data":{"id":"m"}}`},
		"which was at e 4":   {`{"type":"message.created","seq":4,"epoch":"e","data":{"id":"m"}}`},
		"got f 5":            {`{"type":"message.created","seq":5,"epoch":"f","data":{"id":"m"}}`},
		"no JSON":            {`{`},
		"that it goes on at": {hello},
	} {
		w := newWorld(t.Context(), newPlant(""))
		k := newSocket(w, "0", &user{}, 1)
		k.epoch, k.seq, k.stretches, k.messages = "e", 4, []stretch{{"e", 4, 4}}, map[string]*shown{}
		if !k.take(nil, []byte(hello), true, true) {
			t.Fatal("hello ends the connection")
		}
		for _, f := range frames {
			k.take(nil, []byte(f), false, true)
		}
		wrong := strings.Join(w.book.troubles, "\n")
		if (want == "") != (wrong == "") || !strings.Contains(wrong, want) {
			t.Errorf("%q: %s", want, wrong)
		}
		k.take(nil, []byte(`{"type":"presence","data":{}}`), true, true)
		if !strings.Contains(strings.Join(w.book.troubles, "\n"), "before its hello") {
			t.Error("a notice before hello was not seen")
		}
	}
}

// The same seed is the same plan, and every kind of fault has its turn.
func TestASeedIsAPlan(t *testing.T) {
	show := func(seed uint64) string {
		faults, sky := draw(seed, modeCluster, 3, 10*time.Minute)
		return fmt.Sprint(faults, sky)
	}
	if show(5) != show(5) || show(5) == show(6) {
		t.Error("a plan is not its seed's")
	}
	for _, kind := range slices.Concat(commonFaults, redisFaults, clusterFaults) {
		if !strings.Contains(show(5), kind) {
			t.Errorf("%s never happens", kind)
		}
	}
	for _, p := range points {
		if !strings.Contains(show(5), "point "+p.name) {
			t.Errorf("%s never happens", p.name)
		}
	}
}

// What was sent lies in the folder of what was sent once.
func TestTheCheckerCountsCopiesOfWhatWasSent(t *testing.T) {
	w := newWorld(t.Context(), newPlant(""))
	w.channels[mailChannel] = "chn"
	h := &mailHost{w: w, copies: map[string]int{"m1": 1, "m2": 2, "m5": 2}}
	p := &picture{conversations: map[string]*conversation{"c": {ChannelID: "chn"}, "d": {ChannelID: "other"}}, threads: map[string][]*shown{
		"c": {
			{ID: "m1", ClientID: "r1", Status: "sent"}, {ID: "m2", ClientID: "r2", Status: "failed"},
			{ID: "m3", ClientID: "r3", Status: "sent"}, {ID: "m4", ClientID: "r4", Status: "unknown"},
		},
		"d": {{ID: "m5", ClientID: "r5", Status: "sent"}},
	}}
	wrong := strings.Join(h.judge(p), "\n")
	if strings.Count(wrong, "stands in Sent") != 2 || !strings.Contains(wrong, `"r2" (m2), which is failed, stands in Sent 2 times`) ||
		!strings.Contains(wrong, `"r3" (m3), which is sent, stands in Sent 0 times`) {
		t.Errorf("said: %s", wrong)
	}
}

// What the rig sends is what WhatsApp sends: the gateway's own adapter understands all of it.
func TestWebhooksAreWhatsApps(t *testing.T) {
	c := newCustomers(newWorld(t.Context(), newPlant("")), 1, 50)
	adapter := whatsapp.New(whatsapp.Options{HTTP: httpclient.New(httpclient.Options{})})
	account := channels.Account{ChannelID: "chn", Credentials: map[string]string{
		"app_secret": appSecret, "phone_number_id": numbers[0],
		"business_account_id": businessID,
	}}
	kinds := map[string]int{}
	read := func(body []byte) []channels.Event {
		hook := channels.Webhook{Method: "POST", Header: map[string][]string{"X-Hub-Signature-256": {sign(body)}}, Body: body}
		if err := adapter.Verify(account, hook); err != nil {
			t.Fatal(err)
		}
		events, err := adapter.Parse(account, hook)
		if err != nil {
			t.Fatal(err)
		}
		return events
	}
	for range 300 {
		for _, d := range c.next() {
			if d.channel == mailChannel {
				continue
			}
			events := read(d.body)
			if len(events) != len(d.parts) {
				t.Fatalf("%d events of %d parts: %s", len(events), len(d.parts), d.body)
			}
			for n, ev := range events {
				p := d.parts[n]
				kinds[p.kind]++
				if (p.kind == "text") != (ev.Message != nil) || (p.kind == "edit") != (ev.Edit != nil) ||
					(p.kind == "revoke") != (ev.Deletion != nil) || (p.kind == "reaction") != (ev.Reaction != nil) {
					t.Errorf("a %s became %+v", p.kind, ev)
				}
			}
		}
	}
	if len(kinds) != 4 {
		t.Errorf("only %v were drawn", kinds)
	}
	events := read(reportBody(&reply{to: "1"}, "msg_1", "p", "delivered", 1_790_000_000))
	if len(events) != 1 || events[0].Receipt == nil || events[0].Receipt.MessageID != "msg_1" || events[0].Receipt.Status != "delivered" {
		t.Errorf("a report became %+v", events)
	}
}
