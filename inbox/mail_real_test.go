package inbox

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"wasl/channels"
)

// posted delivers a whole mail, with more fields of the form.
func (p *process) posted(ch *channels.Connected, raw string, fields map[string]string) {
	p.w.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("email", raw)
	for name, value := range fields {
		_ = w.WriteField(name, value)
	}
	_ = w.Close()
	p.hooked(ch, channels.Webhook{
		Method: http.MethodPost, Header: http.Header{"Content-Type": {w.FormDataContentType()}},
		Body: body.Bytes(),
	})
}

func (p *process) hooked(ch *channels.Connected, hook channels.Webhook) {
	p.w.t.Helper()
	if err := p.Channels.Accept(p.w.t.Context(), ch, hook); err != nil {
		p.w.t.Fatal(err)
	}
	synctest.Wait()
	if dead, err := p.Jobs.CountDead(p.w.t.Context(), "w"); dead != 0 || err != nil {
		p.w.t.Errorf("%d dead letters, %v", dead, err)
	}
}

// reported delivers an event of the provider's.
func (p *process) reported(ch *channels.Connected, event string) {
	p.w.t.Helper()
	p.hooked(ch, channels.Webhook{Method: http.MethodPost, Suffix: "events", Header: http.Header{}, Body: []byte("[" + event + "]")})
}

// texts are the messages, by what they say.
func (w *world) texts() map[string]*Message {
	out := map[string]*Message{}
	for _, m := range w.messages() {
		out[strings.TrimSpace(m.Text)] = m
	}
	return out
}

// proven and forged are what the mail servers said of a sender.
var (
	proven = map[string]string{
		"SPF": "pass", "dkim": "{@segev.example : pass}",
		"envelope": `{"to":["desk@us.example"],"from":"noga@segev.example"}`,
	}
	forged = map[string]string{"SPF": "fail", "dkim": "none", "envelope": `{"to":["desk@us.example"],"from":"x@evil.example"}`}
)

const noga = "From: Noga Segev <noga@segev.example>\r\nTo: desk@us.example\r\n"

// answers has an agent answer a conversation by mail and returns what was sent.
func (p *process) mails(id, text string) (*Message, map[string]any) {
	p.w.t.Helper()
	_, _, err := p.Reply(p.w.t.Context(), boss, id, NewMessage{
		ClientID: text,
		Content:  channels.Content{Type: "text", Text: text, Mail: &channels.Mail{}},
	})
	if err != nil {
		p.w.t.Fatal(err)
	}
	synctest.Wait()
	p.w.provider.mu.Lock()
	defer p.w.provider.mu.Unlock()
	if len(p.w.provider.sent) == 0 {
		return p.w.texts()[text], nil
	}
	return p.w.texts()[text], p.w.provider.sent[len(p.w.provider.sent)-1]
}

func TestOneMessageIDForDifferentMails(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		first := "From: Parcel Desk <desk@parcel.example>\r\nSubject: Delivered\r\nDate: Sun, 29 Nov 2026 20:19:00 +0000\r\nMessage-ID: <fixed.773@parcel.example>\r\n\r\nParcel 4471 was delivered."
		second := "From: Parcel Desk <desk@parcel.example>\r\nSubject: Held\r\nDate: Sun, 29 Nov 2026 20:49:00 +0000\r\nMessage-ID: <fixed.773@parcel.example>\r\n\r\nParcel 5902 is held."
		for range 2 {
			p.posted(ch, first, nil)
			p.posted(ch, second, nil)
			p.posted(ch, "Received: from b by c; Sun, 29 Nov 2026 20:59:00 +0000\r\n"+second, nil)
		}
		said := w.texts()
		if len(w.messages()) != 2 || said["Parcel 4471 was delivered."] == nil || said["Parcel 5902 is held."] == nil {
			t.Fatalf("%d messages", len(w.messages()))
		}
		_, sent := p.mails(said["Parcel 5902 is held."].ConversationID, "thank you")
		headers := sent["personalizations"].([]any)[0].(map[string]any)["headers"].(map[string]any)
		if headers["In-Reply-To"] != "<fixed.773@parcel.example>" || headers["References"] != "<fixed.773@parcel.example>" {
			t.Errorf("%v", headers)
		}
		p.stop()
	})
}

func TestTheSameFormWithoutAnIDIsOneMail(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		for range 5 { // each form has a boundary of its own
			p.posted(ch, noga+"Subject: Form\r\n\r\nthe same", proven)
		}
		if n := len(w.messages()); n != 1 {
			t.Errorf("%d messages", n)
		}
		p.stop()
	})
}

func TestAnAnswerThatOvertookItsMail(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		p.posted(ch,
			noga+"Subject: Re: Booking\r\nReferences: <parent@segev.example>\r\nMessage-ID: <child@segev.example>\r\n\r\ntwo beds please",
			proven)
		p.posted(ch, noga+"Subject: Booking\r\nMessage-ID: <parent@segev.example>\r\n\r\nI want to book", proven)
		p.posted(ch, "From: rami@example.net\r\nSubject: Booking\r\nMessage-ID: <parent2@segev.example>\r\n\r\nsomebody else", nil)
		said := w.texts()
		if said["two beds please"].ConversationID != said["I want to book"].ConversationID ||
			said["somebody else"].ConversationID == said["I want to book"].ConversationID {
			t.Error("they are not where they belong")
		}
		p.stop()
	})
}

func TestWhatAnybodyMaySendMovesNoAddress(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		address := func() string { return w.conversations()[0].Address.Value }
		p.posted(ch, noga+"Subject: Order\r\nReply-To: <evil@evil.example>\r\nMessage-ID: <0@segev.example>\r\n\r\nforged first", forged)
		if address() != "noga@segev.example" {
			t.Errorf("answers go to %s", address())
		}
		p.posted(ch,
			noga+"Subject: Re: Order\r\nReply-To: <home@segev.example>\r\nMessage-ID: <1@segev.example>\r\nIn-Reply-To: <0@segev.example>\r\n\r\ngenuine", proven)
		if address() != "home@segev.example" {
			t.Errorf("answers go to %s", address())
		}
		p.posted(ch,
			noga+"Subject: Re: Order\r\nReply-To: <evil@evil.example>\r\nMessage-ID: <2@segev.example>\r\nIn-Reply-To: <1@segev.example>\r\n\r\nforged", forged)
		if address() != "home@segev.example" || len(w.conversations()) != 1 || !w.texts()["forged"].Mail.Unproven {
			t.Errorf("answers go to %s", address())
		}
		_, sent := p.mails(w.only().ID, "hello")
		if to := fmt.Sprint(sent["personalizations"].([]any)[0].(map[string]any)["to"]); !strings.Contains(to, "home@segev.example") ||
			strings.Contains(to, "evil") {
			t.Errorf("sent to %s", to)
		}
		p.stop()
	})
}

func TestSomebodyElseInAThreadIsShownAsHimself(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		p.posted(ch, noga+"Subject: Order\r\nMessage-ID: <1@segev.example>\r\n\r\nquestion", proven)
		p.posted(ch,
			"From: Rami Haddad <rami@haddad.example>\r\nSubject: Re: Order\r\nMessage-ID: <2@haddad.example>\r\nIn-Reply-To: <1@segev.example>\r\n\r\nI am his brother", nil)
		first, second := w.texts()["question"], w.texts()["I am his brother"]
		if second.ConversationID != first.ConversationID || second.Author.Name != "Rami Haddad" || second.Author.ID == first.Author.ID ||
			w.only().Address.Value != "noga@segev.example" {
			t.Errorf("%+v, answers go to %s", second.Author, w.only().Address.Value)
		}
		p.stop()
	})
}

func TestPeopleBehindOneAddressAreApart(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		group := func(name, address, id, text string) {
			p.posted(ch,
				"From: \"'"+name+"' via Support\" <desk@us.example>\r\nTo: desk@us.example\r\nSubject: Re: Invoice\r\nMessage-ID: <"+id+">\r\nReply-To: "+name+" <"+address+">\r\nX-Original-From: "+
					name+" <"+address+">\r\nPrecedence: list\r\n\r\n"+text, map[string]string{
					"SPF":      "pass",
					"envelope": `{"to":["desk@us.example"],"from":"desk@us.example"}`,
				})
		}
		group("Tamsin Okoro", "tamsin@bank.example", "a@g", "I paid")
		group("Piotr Zielak", "piotr@firm.example", "b@g", "the code is ZZ")
		p.posted(ch, "From: Website\r\nSubject: Re: Invoice\r\nMessage-ID: <c@g>\r\n\r\nnobody", nil)
		p.posted(ch, "From: Website\r\nSubject: Re: Invoice\r\nMessage-ID: <d@g>\r\n\r\nnobody else", nil)
		if len(w.conversations()) != 4 || len(w.contacts()) != 4 {
			t.Fatalf("%d conversations with %d contacts", len(w.conversations()), len(w.contacts()))
		}
		for text, want := range map[string]string{
			"I paid":         "Tamsin Okoro tamsin@bank.example",
			"the code is ZZ": "Piotr Zielak piotr@firm.example",
		} {
			m := w.texts()[text]
			conv, err := p.conversations.Get(t.Context(), m.ConversationID)
			if err != nil || m.Author.Name+" "+conv.Address.Value != want || m.Mail.Auto == "loop" {
				t.Errorf("%s: %s %s %q", text, m.Author.Name, conv.Address.Value, m.Mail.Auto)
			}
		}
		m, sent := p.mails(w.texts()["nobody"].ConversationID, "whom do I answer?")
		if sent != nil || m.Status != FailedMsg || m.Error.Code != "no_address" {
			t.Errorf("%v %+v", sent, m.Error)
		}
		p.stop()
	})
}

// TestWhatReportsSay: of a mail of ours it is part of that mail; of another one it is shown, each by itself.
func TestWhatReportsSay(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		p.posted(ch, noga+"Subject: Order\r\nMessage-ID: <1@segev.example>\r\n\r\nquestion", proven)
		id := w.only().ID
		m, _ := p.mails(id, "answer")
		before := len(w.messages())
		p.posted(ch,
			noga+"Subject: Read: Order\r\nMessage-ID: <mdn@segev.example>\r\nReferences: <"+m.ProviderID+">\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"+
				"--b\r\n\r\nIt was read.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\nOriginal-Message-ID: <"+m.ProviderID+">\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--", proven)
		if got := w.texts()["answer"]; got.Status != Read || len(w.messages()) != before {
			t.Errorf("after a read receipt it is %s, %d messages", got.Status, len(w.messages()))
		}
		p.posted(ch,
			noga+"Subject: Re: Order\r\nMessage-ID: <r@segev.example>\r\nIn-Reply-To: <"+m.ProviderID+">\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"+
				"--b\r\n\r\nNoga reacted via Gmail\r\n--b\r\nContent-Type: text/vnd.google.email-reaction+json\r\n\r\n{\"version\":1,\"emoji\":\"👍\"}\r\n--b--", proven)
		if got := w.texts()["answer"]; len(got.Reactions) != 1 || got.Reactions[0].Emoji != "👍" || len(w.messages()) != before {
			t.Errorf("reactions: %v, %d messages", got.Reactions, len(w.messages()))
		}
		p.posted(ch,
			"From: Mail Delivery System <Mailer-Daemon@mx.segev.example>\r\nX-Failed-Recipients: noga@segev.example\r\nSubject: Mail delivery failed: returning message to sender\r\nMessage-ID: <exim@mx>\r\n\r\n"+
				"This message was created automatically by mail delivery software.\r\n\r\n  noga@segev.example\r\n    Unrouteable address\r\n\r\n------ This is a copy of the message, including all the headers. ------\r\n\r\nSubject: Re: Order\r\nMessage-ID: <"+m.ProviderID+">\r\n", forged)
		if got := w.texts()["answer"]; got.Status != FailedMsg || !got.Bounced || len(w.messages()) != before {
			t.Errorf("after a bounce it is %s, %d messages", got.Status, len(w.messages()))
		}
		for _, who := range []string{"ana", "boaz"} {
			p.posted(ch,
				"From: Mail Delivery Subsystem <mailer-daemon@bigmail.example>\r\nSubject: Delivery Status Notification (Failure)\r\nMessage-ID: <"+who+"@mx>\r\nReferences: <unknown@us.example>\r\n\r\n"+who+"@one.example: no such user", nil)
		}
		ana, boaz := w.texts()["ana@one.example: no such user"], w.texts()["boaz@one.example: no such user"]
		if ana == nil || boaz == nil || ana.ConversationID == boaz.ConversationID || ana.Mail.Auto != "bounce" {
			t.Errorf("bounces of other mails: %v %v", ana, boaz)
		}
		p.stop()
	})
}

// TestReportsThatNameNoMail: a late bounce is about the last mail to its address, a complaint about the address, and the rest about
// mails of others.
func TestReportsThatNameNoMail(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		ch := p.mailbox("desk@us.example")
		p.posted(ch, noga+"Subject: Order\r\nMessage-ID: <1@segev.example>\r\n\r\nquestion", proven)
		id := w.only().ID
		p.mails(id, "first")
		m, _ := p.mails(id, "second")
		event := func(kind, more string) {
			p.reported(ch, fmt.Sprintf(`{"event":%q,"email":"noga@segev.example","sg_event_id":%q,"timestamp":%d%s}`, kind, kind+more,
				p.Clock.Now().Unix(), more))
		}
		event("delivered", fmt.Sprintf(`,"smtp-id":"<%s>"`, m.ProviderID))
		event("open", `,"sg_message_id":"another"`)
		event("bounce", `,"sg_message_id":"another","status":"5.1.1","type":"bounce"`)
		if got := w.texts()["second"].Status; got != Delivered {
			t.Errorf("a report of somebody else's mail made it %s", got)
		}
		event("bounce", `,"sg_message_id":"","status":"5.1.10","type":"bounce"`)
		if first, second := w.texts()["first"].Status, w.texts()["second"]; first != Sent || second.Status != FailedMsg ||
			second.Error.Code != "recipient_unknown" {
			t.Errorf("%s, %s %+v", first, second.Status, second.Error)
		}
		event("spamreport", `,"sg_message_id":"another"`)
		if w.only().OptedOutAt == nil {
			t.Error("a complaint was not noted")
		}
		p.reported(ch, `{"event":"unsubscribe","email":"New@Person.example","sg_event_id":"u","timestamp":1795000000}`)
		p.posted(ch, "From: new@person.example\r\nSubject: Hi\r\nMessage-ID: <n@person.example>\r\n\r\nforged hello", forged)
		conv, err := p.conversations.Get(t.Context(), w.texts()["forged hello"].ConversationID)
		if err != nil || conv.OptedOutAt == nil {
			t.Errorf("who wants no mails is written to: %v", err)
		}
		p.stop()
	})
}
