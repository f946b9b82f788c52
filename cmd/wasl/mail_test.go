package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// letter is a mail as the provider is asked to send it.
type letter struct {
	Personalizations []struct {
		To, CC, BCC []struct{ Email string }
	}
	Subject string
	Content []struct{ Type, Value string }
}

func (l letter) to() (out []string) {
	for _, a := range l.Personalizations[0].To {
		out = append(out, a.Email)
	}
	return out
}

// sent returns the n-th mail that the provider was asked to send.
func (b *mailbox) sent(t *testing.T, n int) (l letter) {
	t.Helper()
	if err := json.Unmarshal([]byte(b.api.last(t, n)), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestAMailGoesOutWithTheSignatureAndWhatItAnswers(t *testing.T) {
	t.Parallel()
	b := newMailbox(t, "desk@mail-c.example")
	channel := strings.TrimPrefix(b.path, "/webhooks/email/")
	b.agent.refused(t, 422, "invalid_signature", http.MethodPatch, "/api/v1/me", object{"signatures": object{"channels": object{"x": "y"}}})
	me := b.agent.do(t, http.StatusOK, http.MethodPatch, "/api/v1/me", object{"signatures": object{
		"everywhere": `<b>Rina</b><script>x()</script>`, "channels": object{channel: `<p onclick="x()">Rina, <i>Desk</i></p>`},
	}})
	if s := me["signatures"].(object); s["everywhere"] != "<b>Rina</b>" || s["channels"].(object)[channel] != "<p>Rina, <i>Desk</i></p>" {
		t.Errorf("%v", s)
	}
	b.arrives(t, mailPassword, "From: Gil Quote <gil@example.org>", "To: desk@mail-c.example", "Subject: Chair",
		"Message-ID: <g1@example.org>", "Date: Sun, 22 Nov 2026 08:05:00 +0000",
		"Content-Type: text/html; charset=utf-8", "", `<div>Where is <b>it</b>?</blockquote><img src="https://tracker.example/p.gif">`)
	var conv object
	until(t, "the conversation is there", func() bool { conv = conversationWith(t, b.owner, "Gil Quote"); return conv != nil })
	path := "/api/v1/conversations/" + conv["id"].(string) + "/messages"
	answer := b.agent.do(t, http.StatusCreated, http.MethodPost, path,
		object{"client_id": "c1", "type": "text", "text": "On its way.", "mail": object{}})
	if answer["text"] != "On its way." {
		t.Errorf("what is below counts as written: %v", answer["text"])
	}
	below := "-- \nRina, Desk\n\nOn 2026-11-22 08:05 UTC, Gil Quote <gil@example.org> wrote:\n> Where is it?"
	l := b.sent(t, 1)
	if answer["mail"].(object)["quoted"] != below || l.Content[0].Value != "On its way.\n\n"+below {
		t.Errorf("%q\n%q", answer["mail"], l.Content[0].Value)
	}
	formatted := l.Content[1].Value
	if !strings.Contains(formatted, "-- <br><p>Rina, <i>Desk</i></p>") || !strings.Contains(formatted, "Where is <b>it</b>?") ||
		strings.Contains(formatted, "tracker.example") || strings.Count(formatted, "</blockquote>") != 1 {
		t.Errorf("%s", formatted)
	}
	if !slices.Equal(l.to(), []string{"gil@example.org"}) {
		t.Errorf("%v", l.to())
	}

	b.agent.do(t, http.StatusCreated, http.MethodPost, path, object{"client_id": "c2", "type": "text", "text": "בדרך אליך", "mail": object{
		"unsigned": true, "to": []string{"Gil <gil@example.org>", "other@example.net"}, "cc": []string{"third@example.net"},
	}})
	l = b.sent(t, 2)
	if want := "בדרך אליך\n\nבתאריך 2026-11-22 08:05 UTC, מאת Gil Quote <gil@example.org>:\n> Where is it?"; l.Content[0].Value != want {
		t.Errorf("%q", l.Content[0].Value)
	}
	if !slices.Equal(l.to(), []string{"gil@example.org", "other@example.net"}) || l.Personalizations[0].CC[0].Email != "third@example.net" {
		t.Errorf("%+v", l.Personalizations)
	}
	b.agent.do(t, http.StatusOK, http.MethodPatch, "/api/v1/me",
		object{"signatures": object{"everywhere": "<p> </p>", "channels": object{channel: ""}}})
	b.agent.do(t, http.StatusCreated, http.MethodPost, path, object{"client_id": "c3", "type": "text", "text": "Bye"})
	if l = b.sent(t, 3); strings.Contains(l.Content[0].Value, "-- ") {
		t.Errorf("an empty signature: %q", l.Content[0].Value)
	}
}

func TestANewSubjectIsANewConversationAndADraftKeepsTheMailAround(t *testing.T) {
	t.Parallel()
	b := newMailbox(t, "desk@mail-d.example")
	b.arrives(t, mailPassword, "From: Lea Subject <lea@example.org>", "To: desk@mail-d.example", "Subject: First",
		"Message-ID: <l1@example.org>", "", "hello")
	var conv object
	until(t, "the conversation is there", func() bool { conv = conversationWith(t, b.owner, "Lea Subject"); return conv != nil })
	begin := "/api/v1/contacts/" + conv["contact"].(object)["id"].(string) + "/conversations"
	channel := strings.TrimPrefix(b.path, "/webhooks/email/")
	if same := b.owner.do(t, http.StatusOK, http.MethodPost, begin, object{"channel_id": channel}); same["id"] != conv["id"] {
		t.Error("without a subject the conversation does not go on")
	}
	fresh := b.owner.do(t, http.StatusCreated, http.MethodPost, begin, object{"channel_id": channel, "subject": "Second"})
	if fresh["id"] == conv["id"] || fresh["subject"] != "Second" {
		t.Errorf("%v", fresh)
	}
	if again := b.owner.do(t, http.StatusOK, http.MethodPost, begin, object{
		"channel_id": channel,
		"subject":    " Second ",
	}); again["id"] != fresh["id"] {
		t.Error("asking twice makes two")
	}
	draft := "/api/v1/conversations/" + fresh["id"].(string) + "/draft"
	b.owner.do(t, http.StatusOK, http.MethodPut, draft, object{
		"text": "", "mode": "reply",
		"mail": object{"cc": "a@example.net, ", "subject": "", "unsigned": true},
	})
	if kept := b.owner.get(t, draft)["mail"].(object); kept["cc"] != "a@example.net, " || kept["subject"] != "" ||
		kept["unsigned"] != true || kept["to"] != nil {
		t.Errorf("%v", kept)
	}
	b.owner.do(t, http.StatusOK, http.MethodPut, draft, object{"text": "", "mode": "reply"})
	if kept := b.owner.get(t, draft); kept["mail"] != nil {
		t.Errorf("%v", kept)
	}
	b.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+fresh["id"].(string)+"/messages",
		object{"client_id": "d1", "type": "text", "text": "News"})
	if l := b.sent(t, 1); l.Subject != "Second" || strings.Contains(l.Content[0].Value, "wrote:") {
		t.Errorf("the first mail: %q %q", l.Subject, l.Content)
	}
}

func TestAnOptOutIsOfTheAddressInEveryConversation(t *testing.T) {
	t.Parallel()
	b := newMailbox(t, "desk@mail-e.example")
	b.arrives(t, mailPassword, "From: Avi Stop <avi@example.org>", "Subject: One", "Message-ID: <o1@example.org>", "", "one")
	var one object
	until(t, "the conversation is there", func() bool { one = conversationWith(t, b.owner, "Avi Stop"); return one != nil })
	begin := "/api/v1/contacts/" + one["contact"].(object)["id"].(string) + "/conversations"
	channel := strings.TrimPrefix(b.path, "/webhooks/email/")
	two := b.owner.do(t, http.StatusCreated, http.MethodPost, begin, object{"channel_id": channel, "subject": "Two"})
	path := func(c object) string { return "/api/v1/conversations/" + c["id"].(string) }
	m := b.owner.do(t, http.StatusCreated, http.MethodPost, path(one)+"/messages", object{"client_id": "s1", "type": "text", "text": "hi"})
	b.sent(t, 1)
	becomes(t, b.owner, one["id"].(string), m["id"].(string), "sent")
	wrote := time.Now().Unix() // their mail wants an answer; the provider tells seconds
	until(t, "a second has passed", func() bool { return time.Now().Unix() > wrote })
	b.reports(t, "spamreport", m["id"].(string), "avi@example.org", "")
	stopped := func(c object) bool { return b.owner.get(t, path(c))["opted_out_at"] != nil }
	until(t, "both conversations are stopped", func() bool { return stopped(one) && stopped(two) })
	three := b.owner.do(t, http.StatusCreated, http.MethodPost, begin, object{"channel_id": channel, "subject": "Three"})
	if three["opted_out_at"] == nil {
		t.Error("a later conversation knows nothing of it")
	}
	b.owner.refused(t, 422, "opted_out", http.MethodPost, path(two)+"/messages", object{"client_id": "s2", "type": "text", "text": "hi"})
	b.arrives(t, mailPassword, "From: Ron Third <ron@example.org>", "Subject: Re: One", "In-Reply-To: <o1@example.org>",
		"Message-ID: <o2@example.org>", "", "me too")
	until(t, "another's mail is there", func() bool { return len(messages(t, b.owner, one["id"].(string))) == 3 })
	if !stopped(one) {
		t.Error("somebody else lifts it")
	}
	b.arrives(t, mailPassword, "From: avi@example.org", "Subject: Fresh", "Message-ID: <o3@example.org>", "", "hello again")
	until(t, "all go on", func() bool { return !stopped(one) && !stopped(two) && !stopped(three) })
}

func TestAContactByHandIsKnownByWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newMailbox(t, "desk@mail-f.example")
	b.agent.refused(t, 422, "empty_contact", http.MethodPost, "/api/v1/contacts", object{})
	b.agent.refused(t, 422, "invalid_phone", http.MethodPost, "/api/v1/contacts", object{"phones": []string{"12"}})
	made := b.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/contacts",
		object{"name": "Maya Typed", "phones": []string{"+12025550181"}, "emails": []string{"Maya@Example.org", "maya@work.example"}})
	path := "/api/v1/contacts/" + made["id"].(string)
	identities := made["identities"].([]any)
	if made["name"] != "Maya Typed" || len(identities) != 3 || identities[0].(object)["typed"] != true {
		t.Errorf("%v", made)
	}
	b.arrives(t, mailPassword, "From: M <maya@example.org>", "Subject: Hello", "Message-ID: <m1@example.org>", "", "it is me")
	until(t, "the mail is hers", func() bool { return conversationWith(t, b.owner, "Maya Typed") != nil })
	b.agent.refused(t, 409, "identity_proven", http.MethodDelete, path+"/identities?kind=email&value=maya@example.org", nil)
	less := b.agent.do(t, http.StatusOK, http.MethodDelete, path+"/identities?kind=email&value=MAYA@work.example", nil)
	if len(less["identities"].([]any)) != 2 || len(less["emails"].([]any)) != 1 {
		t.Errorf("%v", less)
	}
	b.agent.refused(t, 404, "not_found", http.MethodDelete, path+"/identities?kind=email&value=maya@work.example", nil)
	other := b.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/contacts",
		object{"emails": []string{"maya@example.org"}, "phones": []string{"+1 202 555 0181"}})
	if len(other["identities"].([]any)) != 0 || len(other["emails"].([]any)) != 1 {
		t.Errorf("it takes what is another's: %v", other)
	}
	suggestions := b.agent.get(t, "/api/v1/contacts/"+other["id"].(string)+"/suggestions")["items"].([]any)
	if len(suggestions) != 1 || suggestions[0].(object)["contact"].(object)["id"] != made["id"] ||
		len(suggestions[0].(object)["reasons"].([]any)) != 2 {
		t.Errorf("%v", suggestions)
	}
	b.stranger.refused(t, 404, "not_found", http.MethodDelete, path+"/identities?kind=phone&value=%2B12025550181", nil)
}

func TestTheInboundPasswordIsReplacedWithoutAGap(t *testing.T) {
	t.Parallel()
	b := newMailbox(t, "desk@mail-g.example")
	mail := func(id string) []string {
		return []string{"From: Zoe Gap <zoe@example.org>", "Subject: " + id, "Message-ID: <" + id + "@example.org>", "", id}
	}
	ch := "/api/v1/channels/" + strings.TrimPrefix(b.path, "/webhooks/email/")
	works := newStandIn(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusOK) })
	b.owner.do(t, http.StatusOK, http.MethodPatch, ch, object{
		"api_base_url": works.URL,
		"credentials":  object{"inbound_password": "inbound-secret-78", "inbound_user": mailUser, "api_key": "SG.mail-key-77"},
	})
	for id, password := range map[string]string{"z1": "inbound-secret-78", "z2": mailPassword} {
		if a := b.arrives(t, password, mail(id)...); a.status != http.StatusOK {
			t.Errorf("%s: %d", id, a.status)
		}
	}
	if a := b.arrives(t, "inbound-secret-79", mail("z3")...); a.status != http.StatusServiceUnavailable {
		t.Errorf("a password that never was: %d", a.status)
	}
	b.owner.do(t, http.StatusOK, http.MethodPatch, ch, object{"credentials": object{"inbound_password": "inbound-secret-80"}})
	if a := b.arrives(t, mailPassword, mail("z4")...); a.status != http.StatusOK {
		t.Errorf("the password before the last, on its day: %d", a.status)
	}
	// A secret leaked: the day is cut short, afterwards or with the replacement itself.
	for n, patch := range []object{{"end_old_credentials": true}, {
		"end_old_credentials": true,
		"credentials":         object{"inbound_password": "inbound-secret-81"},
	}} {
		before, now := []string{"inbound-secret-78", "inbound-secret-80"}[n], []string{"inbound-secret-80", "inbound-secret-81"}[n]
		if a := b.arrives(t, before, mail(fmt.Sprint("z5", n))...); a.status != http.StatusOK {
			t.Errorf("the old password before its end: %d", a.status)
		}
		b.owner.do(t, http.StatusOK, http.MethodPatch, ch, patch)
		if a := b.arrives(t, before, mail(fmt.Sprint("z6", n))...); a.status != http.StatusServiceUnavailable {
			t.Errorf("a password that leaked: %d", a.status)
		}
		if a := b.arrives(t, now, mail(fmt.Sprint("z7", n))...); a.status != http.StatusOK {
			t.Errorf("the new password: %d", a.status)
		}
	}
}

func TestALargeMailIsTakenOnce(t *testing.T) {
	t.Parallel()
	b := newMailbox(t, "desk@mail-h.example")
	file := strings.Repeat("QUJD", 5<<20)
	big := func(id, boundary string) []string {
		return []string{
			"From: Tal Large <tal@example.org>", "Subject: Large", "Message-ID: <" + id +
				">", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=" + boundary, "",
			"--" + boundary, "Content-Type: text/plain", "", "see the file", "--" +
				boundary, "Content-Type: application/octet-stream; name=a.bin", "Content-Transfer-Encoding: base64",
			"Content-Disposition: attachment; filename=a.bin", "", file, "--" + boundary + "--",
		}
	}
	for range 2 { // the same again changes nothing
		if a := b.arrives(t, mailPassword, big("big1@example.org", "b")...); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	var conv object
	until(t, "the conversation is there", func() bool { conv = conversationWith(t, b.owner, "Tal Large"); return conv != nil })
	found := messages(t, b.owner, conv["id"].(string))
	if len(found) != 1 || found[0]["text"] != "see the file" || found[0]["attachments"].([]any)[0].(object)["size"] != float64(15<<20) {
		t.Errorf("%d messages", len(found))
	}
}
