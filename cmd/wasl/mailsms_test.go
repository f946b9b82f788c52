package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// standIn is a provider's API that answers and remembers what it was asked.
type standIn struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
}

func newStandIn(t *testing.T, answer func(w http.ResponseWriter, n int)) *standIn {
	s := &standIn{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.bodies = append(s.bodies, string(body))
		n := len(s.bodies)
		s.mu.Unlock()
		answer(w, n)
	}))
	t.Cleanup(s.Close)
	return s
}

// last returns what was asked last, once n were.
func (s *standIn) last(t *testing.T, n int) string {
	t.Helper()
	var body string
	until(t, fmt.Sprintf("call %d of the provider", n), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.bodies) == n {
			body = s.bodies[n-1]
		}
		return len(s.bodies) >= n
	})
	return body
}

// messages returns a conversation's messages, newest first.
func messages(t *testing.T, c client, conversation string) []object {
	t.Helper()
	var out []object
	for _, m := range c.get(t, "/api/v1/conversations/"+conversation+"/messages")["items"].([]any) {
		out = append(out, m.(object))
	}
	return out
}

// becomes waits for a message's status.
func becomes(t *testing.T, c client, conversation, message, status string) object {
	t.Helper()
	var found object
	until(t, "the message is "+status, func() bool {
		for _, m := range messages(t, c, conversation) {
			if m["id"] == message {
				found = m
			}
		}
		return found != nil && found["status"] == status
	})
	return found
}

// TestAFormIsTakenAsItCame: a form that is signed is verified and kept by its bytes, however often it comes and however it is made.
func TestAFormIsTakenAsItCame(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		object{"kind": "email", "name": "Forms", "credentials": object{
			"api_key": "SG.k", "from_address": "forms@meridian.example", "inbound_user": "u", "inbound_password": "p",
			"event_public_key": base64.StdEncoding.EncodeToString(der),
		}})
	path := "/webhooks/email/" + ch["id"].(string)
	post := func(body string) int {
		sum := sha256.Sum256([]byte("1795000000" + body))
		signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		a, err := client{base: s.base}.try(t.Context(), http.MethodPost, path, body, "Content-Type", "multipart/form-data; boundary=b",
			"X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature),
			"X-Twilio-Email-Event-Webhook-Timestamp", "1795000000")
		if err != nil {
			t.Fatal(err)
		}
		return a.status
	}
	form := func(who, more string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nFrom: " + who + " <" + who +
			"@form.example>\r\nMessage-ID: <" + who + "@form.example>\r\n\r\nhello\r\n" + more + "--b--\r\n"
	}
	field := "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n"
	for name, body := range map[string]string{
		"again": form("again", ""), "many": form("many", strings.Repeat(field, 1100)), "malformed": form("malformed",
			"--b\r\n: no header at all\r\x00\r\n\r\nx\r\n"),
		"large": form("large", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n"+strings.Repeat("x",
			30_000_000)+"\r\n"), "cut": strings.TrimSuffix(form("cut", ""), "--b--\r\n"),
	} {
		for range 3 {
			if status := post(body); status != http.StatusOK {
				t.Errorf("%s: %d", name, status)
			}
		}
		if name != "cut" {
			until(t, "the mail is there: "+name, func() bool { return conversationWith(t, s.owner, name) != nil })
		}
	}
}

func TestSMSFromTheWebhookToTheReport(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	const token, sid = "twilio-token-5521", "AC00000000000000000000000000000077"
	api := newStandIn(t, func(w http.ResponseWriter, n int) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"sid":"SM%032d","status":"queued"}`, n)
	})
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", object{
		"kind": "sms", "name": "Texts", "api_base_url": api.URL,
		"credentials": object{"account_sid": sid, "auth_token": token, "from_number": "+12025550190"},
	})
	path := "/webhooks/sms/" + ch["id"].(string)
	if caps := ch["capabilities"].(object); caps["segments"] != true || ch["account"] != "+12025550190" {
		t.Errorf("%v", ch)
	}
	s.owner.refused(t, 422, "invalid_credentials", http.MethodPost, "/api/v1/channels",
		object{"kind": "sms", "name": "x", "credentials": object{"account_sid": sid, "auth_token": token}})
	hook := func(tail string, form url.Values, key string) answer {
		text := "https://inbox.example" + path + tail
		for _, name := range slices.Sorted(maps.Keys(form)) {
			text += name + form.Get(name)
		}
		mac := hmac.New(sha1.New, []byte(key))
		mac.Write([]byte(text))
		a, err := client{base: s.base}.try(t.Context(), http.MethodPost, path+tail, form.Encode(), "X-Twilio-Signature",
			base64.StdEncoding.EncodeToString(mac.Sum(nil)), "Content-Type", "application/x-www-form-urlencoded")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	inbound := func(id, text string) url.Values {
		return url.Values{
			"MessageSid": {id}, "AccountSid": {sid}, "From": {"+12025550171"}, "To": {"+12025550190"}, "Body": {text},
			"SmsStatus": {"received"}, "NumMedia": {"0"},
		}
	}
	if a := hook("", inbound("SM1", "forged"), "another"); a.status != http.StatusUnauthorized {
		t.Errorf("a forged webhook: %d", a.status)
	}
	a := hook("", inbound("SM1", "is it ready?"), token)
	if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/xml") ||
		!strings.Contains(string(a.body), "<Response></Response>") {
		t.Errorf("%d %s", a.status, a.body)
	}
	var conv object
	until(t, "the conversation is there", func() bool { conv = conversationWith(t, s.owner, "+1 202-555-0171"); return conv != nil })
	id := conv["id"].(string)
	reply := func(key, text string) object {
		return s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+id+"/messages",
			object{"client_id": key, "type": "text", "text": text})
	}
	m := reply("sms-1", "yes, today")
	form, _ := url.ParseQuery(api.last(t, 1))
	callback := "https://inbox.example" + path + "/status?message=" + m["id"].(string)
	if form.Get("To") != "+12025550171" || form.Get("From") != "+12025550190" || form.Get("Body") != "yes, today" ||
		form.Get("StatusCallback") != callback {
		t.Errorf("sent %v", form)
	}
	becomes(t, s.owner, id, m["id"].(string), "sent")
	report := func(message, status, code string) {
		form := url.Values{
			"MessageSid": {"SM" + fmt.Sprintf("%032d", 1)}, "MessageStatus": {status}, "To": {"+12025550171"},
			"From": {"+12025550190"},
		}
		if code != "" {
			form.Set("ErrorCode", code)
		}
		if a := hook("/status?message="+message, form, token); a.status != http.StatusOK {
			t.Fatalf("report: %d %s", a.status, a.body)
		}
	}
	report(m["id"].(string), "delivered", "")
	becomes(t, s.owner, id, m["id"].(string), "delivered")

	hook("", inbound("SM2", "STOP"), token)
	until(t, "the conversation is stopped", func() bool { return s.owner.get(t, "/api/v1/conversations/"+id)["opted_out_at"] != nil })
	s.owner.refused(t, 422, "opted_out", http.MethodPost, "/api/v1/conversations/"+id+"/messages",
		object{"client_id": "sms-2", "type": "text", "text": "but…"})
	hook("", inbound("SM3", "START"), token)
	until(t, "the conversation goes on", func() bool { return s.owner.get(t, "/api/v1/conversations/"+id)["opted_out_at"] == nil })
	again := reply("sms-3", "welcome back")
	becomes(t, s.owner, id, again["id"].(string), "sent")
	report(again["id"].(string), "failed", "21610")
	if failed := becomes(t, s.owner, id, again["id"].(string), "failed"); failed["error"].(object)["code"] != "opted_out" {
		t.Errorf("%v", failed["error"])
	}
	if s.owner.get(t, "/api/v1/conversations/"+id)["opted_out_at"] == nil {
		t.Error("what Twilio says about the opt-out is not kept")
	}
}

func TestAFileGoesOutByALinkThatOnlyWeCanMake(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	api := newStandIn(t, func(w http.ResponseWriter, _ int) {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"sid":"SM7"}`)
	})
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", object{
		"kind": "sms", "name": "Pictures", "api_base_url": api.URL,
		"credentials": object{"account_sid": "AC1", "auth_token": "twilio-token-9", "from_number": "+12025550191"},
	})
	path := "/webhooks/sms/" + ch["id"].(string)
	mac := hmac.New(sha1.New, []byte("twilio-token-9"))
	mac.Write([]byte("https://inbox.example" + path + "Bodyhi" + "From+12025550172" + "MessageSidSM71"))
	if a := (client{base: s.base}).call(t, http.MethodPost, path, "Body=hi&From=%2B12025550172&MessageSid=SM71", "X-Twilio-Signature",
		base64.StdEncoding.EncodeToString(mac.Sum(nil))); a.status != http.StatusOK {
		t.Fatal(a.status)
	}
	var conv object
	until(t, "the conversation is there", func() bool { conv = conversationWith(t, s.owner, "+1 202-555-0172"); return conv != nil })
	file := s.uploaded(t, "note.pdf", "%PDF-1.4 words")
	s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+conv["id"].(string)+"/messages",
		object{"client_id": "mms-1", "type": "media", "text": "see", "attachments": []object{{"id": file}}})
	form, _ := url.ParseQuery(api.last(t, 1))
	link, ours := strings.CutPrefix(form.Get("MediaUrl"), "https://inbox.example")
	if !ours {
		t.Fatalf("%v", form)
	}
	nobody := client{base: s.base}
	if a := nobody.call(t, http.MethodGet, link, nil); a.status != http.StatusOK || string(a.body) != "%PDF-1.4 words" ||
		a.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("%d %s %s", a.status, a.header, a.body)
	}
	nobody.refused(t, 404, "not_found", http.MethodGet, "/m/"+strings.Repeat("A", len(link)-3), nil)
	nobody.refused(t, 404, "not_found", http.MethodGet, "/m/x", nil)
}

// uploaded stores a file of the owner's.
func (s *shared) uploaded(t *testing.T, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreateFormFile("file", name)
	_, _ = io.WriteString(part, content)
	_ = w.Close()
	a := s.owner.call(t, http.MethodPost, "/api/v1/media", b.Bytes(), "Content-Type", w.FormDataContentType())
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return a.json["id"].(string)
}

// mailbox is a connected mail channel with its provider.
type mailbox struct {
	*shared
	api  *standIn
	path string
	key  *ecdsa.PrivateKey
}

const mailUser, mailPassword = "inbound-77", "inbound-secret-77"

func newMailbox(t *testing.T, address string) *mailbox {
	t.Helper()
	return gatewayFor(t).mailbox(t, address)
}

func (s *shared) mailbox(t *testing.T, address string) *mailbox {
	t.Helper()
	b := &mailbox{shared: s}
	b.api = newStandIn(t, func(w http.ResponseWriter, _ int) {
		w.Header().Set("X-Message-Id", "x")
		w.WriteHeader(http.StatusAccepted)
	})
	var err error
	if b.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, _ := x509.MarshalPKIXPublicKey(&b.key.PublicKey)
	ch := b.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		object{"kind": "email", "name": "Mail", "api_base_url": b.api.URL, "credentials": object{
			"api_key": "SG.mail-key-77", "from_address": address, "from_name": "Desk", "inbound_user": mailUser,
			"inbound_password": mailPassword, "event_public_key": base64.StdEncoding.EncodeToString(der),
		}})
	b.path = "/webhooks/email/" + ch["id"].(string)
	return b
}

// arrives posts a raw mail as SendGrid does.
func (b *mailbox) arrives(t *testing.T, password string, lines ...string) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("email", strings.Join(lines, "\r\n"))
	_ = w.WriteField("envelope", `{"to":["desk@in.example"],"from":"x@example.org"}`)
	_ = w.Close()
	a, err := client{base: b.base}.try(t.Context(), http.MethodPost, b.path, body.Bytes(), "Content-Type", w.FormDataContentType(),
		"Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(mailUser+":"+password)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// reports posts an event about a message.
func (b *mailbox) reports(t *testing.T, event, message, to, more string) {
	t.Helper()
	body := []byte(fmt.Sprintf(`[{"event":%q,"sg_event_id":"%s-%s-%s","email":%q,"timestamp":%d,"wasl_message":%q%s}]`+"\r\n",
		event, event, message, to, to, time.Now().Unix(), message, more))
	sum := sha256.Sum256(append([]byte("1795000000"), body...))
	sig, err := ecdsa.SignASN1(rand.Reader, b.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	a := client{base: b.base}.call(t, http.MethodPost, b.path+"/events", body, "X-Twilio-Email-Event-Webhook-Signature",
		base64.StdEncoding.EncodeToString(sig), "X-Twilio-Email-Event-Webhook-Timestamp", "1795000000")
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

func TestMailFromTheWebhookToTheBounce(t *testing.T) {
	t.Parallel()
	b := newMailbox(t, "desk@mail-a.example")
	first := []string{
		"From: Noa Mail <noa@example.org>", "To: desk@mail-a.example", "Cc: bo@example.net", "Subject: Broken lamp",
		"Message-ID: <n1@example.org>", "Date: Sun, 22 Nov 2026 08:00:00 +0000", "MIME-Version: 1.0",
		`Content-Type: multipart/related; boundary=b`, "", "--b", "Content-Type: text/html; charset=utf-8", "",
		`<p onclick="x()">It is <b>broken</b>.</p><script>x()</script><img src="cid:pic"><img src="https://tracker.example/p.gif">`, "--b",
		"Content-Type: image/png", "Content-ID: <pic>", "Content-Transfer-Encoding: base64", "",
		"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "--b--",
	}
	if a := b.arrives(t, "wrong", first...); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("without proof: %d", a.status)
	}
	if a := b.arrives(t, mailPassword, first...); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var conv object
	until(t, "the conversation is there", func() bool { conv = conversationWith(t, b.owner, "Noa Mail"); return conv != nil })
	id := conv["id"].(string)
	m := messages(t, b.owner, id)[0]
	mail := m["mail"].(object)
	if conv["subject"] != "Broken lamp" || m["text"] != "It is broken." || mail["has_html"] != true ||
		mail["cc"].([]any)[0].(object)["address"] != "bo@example.net" {
		t.Errorf("%v\n%v", conv, m)
	}
	page := b.owner.call(t, http.MethodGet, "/api/v1/messages/"+m["id"].(string)+"/html", nil)
	for _, bad := range []string{"onclick", "script", "tracker.example"} {
		if strings.Contains(string(page.body), bad) {
			t.Errorf("%s in %s", bad, page.body)
		}
	}
	if !strings.Contains(string(page.body), "<b>broken</b>") || !strings.Contains(string(page.body), "data:image/png;base64,iVBOR") ||
		!strings.Contains(page.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%s\n%s", page.header, page.body)
	}
	if with := b.owner.call(t, http.MethodGet, "/api/v1/messages/"+m["id"].(string)+"/html?images=1",
		nil); !strings.Contains(string(with.body), "https://tracker.example/p.gif") {
		t.Error("pictures that were asked for are missing")
	}
	b.stranger.refused(t, 404, "not_found", http.MethodGet, "/api/v1/messages/"+m["id"].(string)+"/html", nil)

	answer := b.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+id+"/messages", object{
		"client_id": "mail-1", "type": "text",
		"mail": object{"html": `<p>We send a <b>new</b> one.<script>1</script></p>`, "cc": []string{"Bo <bo@example.net>"}},
	})
	var sent struct {
		Personalizations []struct {
			To, CC  []struct{ Email string }
			Headers map[string]string
			Args    map[string]string `json:"custom_args"`
		}
		ReplyTo struct{ Email string } `json:"reply_to"`
		Subject string
		Content []struct{ Type, Value string }
	}
	if err := json.Unmarshal([]byte(b.api.last(t, 1)), &sent); err != nil {
		t.Fatal(err)
	}
	p, token := sent.Personalizations[0], strings.TrimPrefix(id, "cnv_")
	ours := answer["id"].(string) + "." + token + ".wasl@mail-a.example"
	if p.To[0].Email != "noa@example.org" || p.CC[0].Email != "bo@example.net" || p.Headers["In-Reply-To"] != "<n1@example.org>" ||
		p.Headers["Message-ID"] != "<"+ours+">" || p.Args["wasl_message"] != answer["id"] ||
		sent.Subject != "Re: Broken lamp" || sent.ReplyTo.Email != "desk+w"+token+"@mail-a.example" ||
		!strings.HasPrefix(sent.Content[0].Value, "We send a new one.\n\nOn ") || strings.Contains(sent.Content[1].Value, "script") {
		t.Errorf("%+v", sent)
	}
	b.owner.refused(t, 422, "address_invalid", http.MethodPost, "/api/v1/conversations/"+id+"/messages",
		object{"client_id": "mail-2", "type": "text", "text": "x", "mail": object{"cc": []string{"nobody"}}})
	becomes(t, b.owner, id, answer["id"].(string), "sent")
	b.reports(t, "delivered", answer["id"].(string), "noa@example.org", "")
	becomes(t, b.owner, id, answer["id"].(string), "delivered")
	b.reports(t, "bounce", answer["id"].(string), "bo@example.net", `,"status":"5.1.1","type":"bounce"`) // only a copy
	b.reports(t, "bounce", answer["id"].(string), "noa@example.org", `,"status":"5.2.2","type":"bounce"`)
	if failed := becomes(t, b.owner, id, answer["id"].(string), "failed"); failed["error"].(object)["code"] != "mailbox_full" {
		t.Errorf("the bounce of a copy counts: %v", failed["error"])
	}
	b.reports(t, "delivered", answer["id"].(string), "NOA@example.org", "") // late: it changes nothing
	b.arrives(t, mailPassword, "From: noa@example.org", "Subject: AW: something else", "In-Reply-To: <"+ours+">",
		"Message-ID: <n2@example.org>", "", "thanks\r\n\r\nOn Sunday, Desk <desk@mail-a.example> wrote:\r\n> We send")
	until(t, "the answer is in the same conversation", func() bool {
		return messages(t, b.owner, id)[0]["text"] == "thanks" || messages(t, b.owner, id)[1]["text"] == "thanks"
	})
	if m := becomes(t, b.owner, id, answer["id"].(string), "failed"); m["status"] != "failed" {
		t.Error("a late report lifts a bounce")
	}
}

func TestMailsFindTheirConversation(t *testing.T) {
	t.Parallel()
	b := newMailbox(t, "desk@mail-b.example")
	count := 0
	arrive := func(from, subject string, more ...string) string {
		count++
		mark := fmt.Sprintf("mail number %d.", count)
		lines := append([]string{
			"From: " + from, "Subject: " + subject, fmt.Sprintf("Message-ID: <t%d@example.org>", count),
			fmt.Sprintf("Date: Sun, 22 Nov 2026 08:00:%02d +0000", count),
		}, more...)
		if a := b.arrives(t, mailPassword, append(lines, "", mark)...); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		place := ""
		until(t, mark+" is there", func() bool {
			for _, c := range b.owner.get(t, "/api/v1/conversations?limit=200")["items"].([]any) {
				if last, ok := c.(object)["last_message"].(object); ok && last["text"] == mark {
					place = c.(object)["id"].(string)
				}
			}
			return place != ""
		})
		return place
	}
	lamp := arrive("Dana Mail <dana@example.org>", "Lamp")
	if chair := arrive("dana@example.org", "Chair"); chair == lamp {
		t.Error("another subject is another conversation")
	}
	if again := arrive("dana@example.org", "Lamp"); again == lamp {
		t.Error("a new mail is not an answer, whatever its subject")
	}
	lamp = arrive("dana@example.org", "Second lamp")
	for _, c := range [][]string{
		{"by subject", "dana@example.org", "תגובה: Second lamp"},
		{"by reference", "dana@example.org", "x", "References: <t1@example.org> <t4@example.org>"},
		{"by token", "dana@example.org", "y", "To: desk+w" + strings.TrimPrefix(lamp, "cnv_") + "@mail-b.example"},
		{"of a third", "Rami Third <rami@example.org>", "Re: Second lamp", "In-Reply-To: <t4@example.org>"},
		{
			"automatically", "dana@example.org", "Automatic reply: Second lamp", "In-Reply-To: <t4@example.org>",
			"Auto-Submitted: auto-replied",
		},
	} {
		if got := arrive(c[1], c[2], c[3:]...); got != lamp {
			t.Errorf("an answer is not found %s", c[0])
		}
	}
	if other := arrive("Uri Other <uri@example.org>", "Re: Second lamp"); other == lamp {
		t.Error("the subject alone joins strangers")
	}
	if empty := arrive("dana@example.org", "Re:"); empty == lamp {
		t.Error("an empty subject joins mails")
	}
	if auto := messages(t, b.owner, lamp)[0]["mail"].(object)["auto"]; auto != "reply" {
		t.Errorf("the automatic reply is marked %v", auto)
	}
	if contact := b.owner.get(t, "/api/v1/conversations/"+lamp)["contact"].(object)["name"]; contact != "Dana Mail" {
		t.Errorf("a third person took the conversation over: %v", contact)
	}
}
