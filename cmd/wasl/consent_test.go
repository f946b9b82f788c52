package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

// texts is a Twilio account that is connected to the gateway.
type texts struct {
	*shared
	api     *standIn
	channel string
}

func newTexts(t *testing.T, number string) *texts {
	t.Helper()
	s := &texts{shared: gatewayFor(t)}
	s.api = newStandIn(t, func(w http.ResponseWriter, n int) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"sid":"SM%s%020d","status":"queued"}`, number[1:], n)
	})
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", object{
		"kind": "sms", "name": "Texts", "api_base_url": s.api.URL,
		"credentials": object{
			"account_sid": "AC" + number[1:] + "00000000000000000000a", "auth_token": "token-of-texts",
			"from_number": number,
		},
	})
	s.channel = ch["id"].(string)
	return s
}

// arrives signs and posts a webhook.
func (s *texts) arrives(t *testing.T, tail string, form url.Values) {
	t.Helper()
	path := "/webhooks/sms/" + s.channel + tail
	signed := "https://inbox.example" + path
	for _, name := range slices.Sorted(maps.Keys(form)) {
		signed += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte("token-of-texts"))
	mac.Write([]byte(signed))
	a := client{base: s.base}.call(t, http.MethodPost, path, form.Encode(), "X-Twilio-Signature",
		base64.StdEncoding.EncodeToString(mac.Sum(nil)), "Content-Type", "application/x-www-form-urlencoded")
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

func (s *texts) writes(t *testing.T, sid, from, text string) {
	t.Helper()
	s.arrives(t, "", url.Values{
		"MessageSid": {sid}, "From": {from}, "To": {"+12025550166"}, "Body": {text}, "SmsStatus": {"received"},
		"NumMedia": {"0"},
	})
}

// A number that was first noted for one contact and then for another has two conversations; STOP is its owner's word in both.
func TestStopAndStartCountInEveryConversationWithTheNumber(t *testing.T) {
	t.Parallel()
	const number = "+12025550167"
	s := newTexts(t, "+12025550166")
	begin := func(name string) (contact, conversation string) {
		contact = s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/contacts",
			object{"name": name, "phones": []string{number}})["id"].(string)
		return contact, s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/contacts/"+contact+"/conversations",
			object{"channel_id": s.channel})["id"].(string)
	}
	wrong, one := begin("Stop Mistaken")
	s.owner.do(t, http.StatusOK, http.MethodDelete, "/api/v1/contacts/"+wrong+"/identities?kind=phone&value="+url.QueryEscape(number), nil)
	_, two := begin("Stop Rightful")
	if one == two {
		t.Fatal("there are no two conversations with the number")
	}
	stopped := func(id string) bool { return s.owner.get(t, "/api/v1/conversations/"+id)["opted_out_at"] != nil }
	both := func(is bool) func() bool { return func() bool { return stopped(one) == is && stopped(two) == is } }
	send := func(id, key string) object {
		return s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+id+"/messages",
			object{"client_id": key, "type": "text", "text": "hi"})
	}
	s.writes(t, "SM-stop-1", number, " Stop. ")
	until(t, "both are stopped", both(true))
	for _, id := range []string{one, two} {
		s.owner.refused(t, 422, "opted_out", http.MethodPost, "/api/v1/conversations/"+id+"/messages",
			object{"client_id": "no", "type": "text", "text": "but…"})
	}
	s.writes(t, "SM-stop-2", "whatsapp:"+number, "START") // another channel of Twilio's: the text messages stay stopped
	s.writes(t, "SM-stop-3", number, "stop please start") // no keyword
	until(t, "what was written is there", func() bool { return lastMessage(t, s.owner, two)["text"] == "stop please start" })
	if !both(true)() {
		t.Error("something else than START lifts it")
	}
	s.writes(t, "SM-stop-4", number, "START")
	until(t, "both go on", both(false))
	for _, id := range []string{one, two} {
		becomes(t, s.owner, id, send(id, "yes")["id"].(string), "sent")
	}
	m := send(one, "late")
	becomes(t, s.owner, one, m["id"].(string), "sent")
	s.arrives(t, "/status?message="+m["id"].(string), url.Values{
		"MessageSid": {"SM9"}, "MessageStatus": {"failed"}, "ErrorCode": {"21610"},
		"To": {number}, "From": {"+12025550166"},
	})
	until(t, "what Twilio says stops both", both(true))
	s.writes(t, "SM-stop-5", number, "UNSTOP")
	until(t, "both go on again", both(false))
}
