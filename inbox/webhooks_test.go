package inbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/channels/email"
	"wasl/channels/messenger"
	"wasl/channels/sms"
	"wasl/internal/jobs"
)

// webhookCase is what a provider posts, in order, and what people then see.
type webhookCase struct {
	Name, Kind, Suffix string
	Post               []json.RawMessage
	Want               []string
}

// TestWhatProvidersPostIsWhatPeopleSee goes through bodies as they come in practice: whose they are, what they say, and what needs
// somebody.
func TestWhatProvidersPostIsWhatPeopleSee(t *testing.T) {
	file, err := os.Open("testdata/webhooks.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c webhookCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		t.Run(c.Kind+" "+c.Name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot()
				p.connectKind(channels.Kind(c.Kind))
				for _, body := range c.Post {
					p.take(c, body)
				}
				settle(time.Second)
				if got := p.seenByPeople(); !slices.Equal(got, c.Want) {
					t.Errorf("\n got %q\nwant %q", got, c.Want)
				}
				p.stop()
			})
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// connectKind connects the account of the cases.
func (p *process) connectKind(kind channels.Kind) {
	p.w.t.Helper()
	switch kind {
	case messenger.Kind:
		p.connectMeta(kind)
	case email.Kind:
		p.ch = p.mailbox("support@shop.example")
	case sms.Kind:
		p.connectTexts()
	default:
		p.connect()
	}
}

// connectTexts connects a number of Twilio's.
func (p *process) connectTexts() {
	p.w.t.Helper()
	ch, err := p.Channels.Create(p.w.t.Context(), "w", channels.New{Kind: sms.Kind, Name: "Texts", Credentials: map[string]string{
		"account_sid": "AC1", "auth_token": "token", "from_number": "+12025550100",
	}})
	if err != nil {
		p.w.t.Fatal(err)
	}
	if p.ch, err = p.Channels.Connected(p.w.t.Context(), ch.ID); err != nil {
		p.w.t.Fatal(err)
	}
}

// take has a proven body worked off; that of Twilio is a form.
func (p *process) take(c webhookCase, body []byte) {
	p.w.t.Helper()
	header := http.Header{"Content-Type": {"application/json"}}
	if c.Kind == string(sms.Kind) {
		var params map[string]string
		if err := json.Unmarshal(body, &params); err != nil {
			p.w.t.Fatal(err)
		}
		form := url.Values{}
		for name, value := range params {
			form.Set(name, value)
		}
		body, header = []byte(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	}
	hook := channels.Webhook{Method: http.MethodPost, Suffix: c.Suffix, Header: header, Body: bytes.Clone(body)}
	if err := p.Channels.Accept(p.w.t.Context(), p.ch, hook); err != nil {
		p.w.t.Fatal(err)
	}
	settle(100 * time.Millisecond)
}

// seenByPeople says what there is for people: who, what was said with whom, and what needs somebody.
func (p *process) seenByPeople() []string {
	p.w.t.Helper()
	synctest.Wait()
	lines := []string{}
	for _, c := range p.w.contacts() {
		rows, err := p.Contacts.Addresses(p.w.t.Context(), c)
		if err != nil {
			p.w.t.Fatal(err)
		}
		var known []string
		for _, row := range rows {
			if !row.Alias {
				known = append(known, row.Kind+" "+row.Value)
			}
		}
		slices.Sort(known)
		lines = append(lines, "contact "+c.Name+": "+strings.Join(known, ", "))
	}
	for _, conv := range p.w.conversations() {
		var said []string
		for _, m := range p.messagesOf(conv) {
			said = append(said, describeSaid(m))
		}
		slices.Reverse(said)
		if conv.OptedOutAt != nil {
			said = append(said, "opted out")
		}
		to := "somebody who has not written" // where only our side has
		if conv.Address != nil {
			to = conv.Address.Value
		}
		lines = append(lines, "to "+to+": "+strings.Join(said, ", "))
	}
	for _, row := range everything[consent](p.w, consentSchema) {
		if row.Stopped && len(p.w.conversations()) == 0 {
			lines = append(lines, "no mails to "+row.Value)
		}
	}
	for _, j := range p.w.jobs() {
		if j.State == jobs.Dead {
			_, why := j.Reason()
			lines = append(lines, "dead letter: "+why)
		}
	}
	return lines
}

// messagesOf returns a conversation's messages, newest first.
func (p *process) messagesOf(conv *Conversation) []*Message {
	p.w.t.Helper()
	found, _, err := p.page(p.w.t.Context(), conv, &messagesInput{ID: conv.ID, Limit: 100})
	if err != nil {
		p.w.t.Fatal(err)
	}
	return found
}

func describeSaid(m *Message) string {
	out := fmt.Sprintf("%s %s %q", m.Direction, m.Type, m.Text)
	for _, a := range m.Attachments {
		out += " [" + a.Kind + "]"
	}
	if m.Interactive != nil && m.Interactive.Reply != nil {
		out += " reply=" + m.Interactive.Reply.ID
	}
	if m.Referral != nil {
		out += " ref=" + m.Referral.Ref
	}
	if m.Product != nil {
		out += fmt.Sprintf(" product=%s %q %q", m.Product.ProductID, m.Product.Title, m.Product.Detail)
	}
	return out
}

// asks says that somebody asked for silence or for messages, at seconds after sampleTime.
func (p *process) asks(conv *Conversation, what channels.Consent, at int) {
	p.w.t.Helper()
	c := &change{conv: conv.toChange()}
	err := p.applyConsent(p.w.t.Context(), c, conv.consentRequest(*conv.Address, what, sampleTime.Add(time.Duration(at)*time.Second)))
	if err == nil {
		err = p.commit(p.w.t.Context(), c)
	}
	if err != nil {
		p.w.t.Fatal(err)
	}
	settle(time.Second)
}

// What the owner of an address asked for last counts, in whatever order it comes and however often they say it.
func TestTheLastWishCounts(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		p.connectTexts()
		p.take(webhookCase{Kind: "sms"}, []byte(`{"MessageSid":"SM1","SmsStatus":"received","From":"+447700900300","Body":"hello"}`))
		for _, wish := range []struct {
			what    channels.Consent
			at      int
			stopped bool
		}{
			{"start", 100, false},
			{"stop", 50, false}, // of before
			{"stop", 200, true},
			{"stop", 400, true},
			{"start", 300, true}, // between the two
			{"start", 400, true}, // of the same moment: silence counts
			{"start", 500, false},
			{"stop", 500, true},
		} {
			p.asks(w.only(), wish.what, wish.at)
			if got := w.only().OptedOutAt; (got != nil) != wish.stopped {
				t.Errorf("after %s of %d: %v", wish.what, wish.at, got)
			}
		}
		p.stop()
	})
}

// A name or a wish that comes late is not newer because of that.
func TestWhatComesLateAboutAPersonLoses(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		named := func(id, name string, at int) []byte {
			return bytes.Replace(says("447700900301", id, "hi", at), []byte("Name of 447700900301"), []byte(name), 1)
		}
		wish := func(value string, at int) []byte {
			return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":%q,"changes":[{"field":"user_preferences","value":{"metadata":{"phone_number_id":%q},"user_preferences":[{"wa_id":"447700900301","category":"marketing_messages","value":%q,"timestamp":%d}]}}]}]}`,
				wabaID, phoneID, value, sampleTime.Unix()+int64(at))
		}
		p.receive(named("w1", "Now", 100), named("w2", "Before", 50), wish("stop", 100), wish("resume", 50))
		c := w.contacts()[0]
		if c.Name != "Now" || !c.NoMarketing {
			t.Errorf("%q, no marketing %v", c.Name, c.NoMarketing)
		}
		p.receive(named("w3", "Later", 150), wish("resume", 150))
		if c := w.contacts()[0]; c.Name != "Later" || c.NoMarketing {
			t.Errorf("%q, no marketing %v", c.Name, c.NoMarketing)
		}
		p.stop()
	})
}
