package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync/atomic"
	"testing"
)

// sign is the provider's signature of a body.
func sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// textBody is a webhook with one message of one customer to an account.
func textBody(account, from, id, text string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"12025550100","phone_number_id":"%s"},"contacts":[{"profile":{"name":"Hook %s"},"wa_id":"%s"}],`+
		`"messages":[{"from":"%s","id":"%s","timestamp":"1795000000","type":"text","text":{"body":"%s"}}]},"field":"messages"}]}]}`,
		demoAccount.BusinessID, account, from, from, from, id, text)
}

// hook posts a signed body to a channel and returns the answer.
func hook(ctx context.Context, base, channel, secret, body string) (answer, error) {
	return client{base: base}.try(ctx, http.MethodPost, "/webhooks/whatsapp/"+channel, body, "X-Hub-Signature-256", sign(secret, body))
}

func (s *shared) hook(t *testing.T, channel, body string) {
	t.Helper()
	a, err := hook(t.Context(), s.base, channel, s.secret, body)
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s %v", a.status, a.body, err)
	}
	checkAnswer(t, http.MethodPost, "/webhooks/whatsapp/"+channel, a)
}

func TestAWebhookThatIsNotProvenIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	nobody := client{base: s.base}
	path := "/webhooks/whatsapp/" + s.channel
	body := textBody(demoAccount.ID, "972540000041", "wamid.forged", "forged words")
	for what, header := range map[string][]string{
		"none":           nil,
		"empty":          {"X-Hub-Signature-256", ""},
		"another key":    {"X-Hub-Signature-256", sign("not the secret", body)},
		"another body":   {"X-Hub-Signature-256", sign(s.secret, body+" ")},
		"no algorithm":   {"X-Hub-Signature-256", strings.TrimPrefix(sign(s.secret, body), "sha256=")},
		"the old header": {"X-Hub-Signature", sign(s.secret, body)},
		"cut short":      {"X-Hub-Signature-256", sign(s.secret, body)[:40]},
	} {
		if a := nobody.refused(t, 401, "bad_signature", http.MethodPost, path, body, header...); a.status == http.StatusOK {
			t.Errorf("with %s signature it is taken", what)
		}
	}
	signed := []string{"X-Hub-Signature-256", sign(s.secret, body)}
	nobody.refused(t, 404, "unknown_channel", http.MethodPost, "/webhooks/whatsapp/chn_none", body, signed...)
	nobody.refused(t, 404, "unknown_channel", http.MethodPost, "/webhooks/messenger/"+s.channel, body, signed...)
	nobody.refused(t, 404, "not_found", http.MethodPost, path+"/more", body, signed...)
	nobody.refused(t, 415, "compressed_body", http.MethodPost, path, body, append(signed, "Content-Encoding", "gzip")...)
	s.hook(t, s.channel, textBody(demoAccount.ID, "972540000042", "wamid.genuine", "genuine words")) // what came later is there
	until(t, "the genuine one is there", func() bool { return conversationWith(t, s.owner, "Hook 972540000042") != nil })
	if conversationWith(t, s.owner, "Hook 972540000041") != nil {
		t.Error("a forged webhook made a conversation")
	}
}

func TestTheProviderConfirmsTheAddress(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	nobody := client{base: s.base}
	path := "/webhooks/whatsapp/" + s.channel
	a := nobody.call(t, http.MethodGet, path+"?hub.mode=subscribe&hub.challenge=c%2B4711&hub.verify_token="+demoAccount.VerifyToken, nil)
	if a.status != http.StatusOK || string(a.body) != "c+4711" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, query := range []string{
		"", "?hub.mode=subscribe&hub.challenge=1", "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong",
		"?hub.mode=other&hub.challenge=1&hub.verify_token=" + demoAccount.VerifyToken,
	} {
		nobody.refused(t, 403, "verify_token_mismatch", http.MethodGet, path+query, nil)
	}
	nobody.refused(t, 404, "unknown_channel", http.MethodGet, "/webhooks/whatsapp/chn_none?hub.mode=subscribe", nil)
	if shown := s.owner.get(t, "/api/v1/channels/"+s.channel)["webhook_url"]; shown != "https://inbox.example"+path {
		t.Errorf("the address for the provider is %v", shown)
	}
}

// deadLetters returns those whose body has the text.
func (s *shared) deadLetters(t *testing.T, text string) []object {
	t.Helper()
	var found []object
	for _, item := range s.supervisor.get(t, "/api/v1/dead-letters?limit=200")["items"].([]any) {
		if strings.Contains(item.(object)["body"].(string), text) {
			found = append(found, item.(object))
		}
	}
	return found
}

func TestWhatIsSignedButNotUnderstoodIsKeptForPeople(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	for _, body := range []string{
		`this is no JSON, letter-1`, `["letter-2"]`, `{"object":"letter-3"}`,
		`{"object":"whatsapp_business_account","entry":"letter-4"}`,
	} {
		mark := body[strings.Index(body, "letter"):][:8]
		s.hook(t, s.channel, body)
		until(t, mark+" is shown", func() bool { return len(s.deadLetters(t, mark)) == 1 })
		letter := s.deadLetters(t, mark)[0]
		has(t, "a dead letter", letter, "id kind ref error attempts body created_at")
		if letter["body"] != body || letter["error"] == "" {
			t.Errorf("kept as %v", letter)
		}
		s.hook(t, s.channel, body) // the provider sends it again
		path := "/api/v1/dead-letters/" + letter["id"].(string)
		s.supervisor.do(t, http.StatusOK, http.MethodPost, path+"/replay", nil)
		until(t, "it failed once more", func() bool { return len(s.deadLetters(t, mark)) == 1 })
		s.supervisor.do(t, http.StatusNoContent, http.MethodDelete, path, nil)
		s.supervisor.refused(t, 404, "not_found", http.MethodPost, path+"/replay", nil)
	}
	// What is the provider's JSON but of a field that nobody knows yet is kept as well.
	watch := s.supervisor.listen(t, "")
	watch.next(t, "hello")
	s.hook(t, s.channel,
		fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"telepathy","value":{"letter":5}}]}]}`,
			demoAccount.BusinessID))
	until(t, "the unknown field is shown", func() bool { return len(s.deadLetters(t, "telepathy")) == 1 })
	for n := watch.next(t, "notification.created"); n.Data["kind"] != "dead_letter"; n = watch.next(t, "notification.created") {
		has(t, "a notification", n.Data, "id kind title detail severity")
	}
}

func TestEntriesOfSiblingChannelsGoToTheirOwn(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	sibling := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		connection(s.sandbox, "800000000000777"))["id"].(string)
	foreign := connection(s.sandbox, "800000000000778")
	foreign["credentials"].(object)["app_secret"] = "another app's secret"
	other := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", foreign)["id"].(string)
	s.hook(t, s.channel, textBody("800000000000777", "972540000051", "wamid.sibling", "to the sibling"))
	s.hook(t, s.channel, textBody("800000000000778", "972540000052", "wamid.foreign", "to another app"))
	s.hook(t, s.channel, textBody("800000000000779", "972540000053", "wamid.nobody", "to nobody"))
	s.hook(t, s.channel, textBody(demoAccount.ID, "972540000054", "wamid.own", "to its own"))
	var conv object
	until(t, "the sibling's is there", func() bool { conv = conversationWith(t, s.owner, "Hook 972540000051"); return conv != nil })
	if conv["channel_id"] != sibling {
		t.Errorf("the sibling's entry went to %v", conv["channel_id"])
	}
	until(t, "its own is there", func() bool { return conversationWith(t, s.owner, "Hook 972540000054") != nil })
	for number, account := range map[string]string{"972540000052": "800000000000778", "972540000053": "800000000000779"} {
		if c := conversationWith(t, s.owner, "Hook "+number); c != nil {
			t.Errorf("an entry for an account that is not this app's made %v", c)
		}
		until(t, "what is not its own is kept for people", func() bool { return len(s.deadLetters(t, number)) == 1 })
		letter := s.deadLetters(t, number)[0]
		if !strings.Contains(letter["error"].(string), account) {
			t.Errorf("kept as %v", letter["error"])
		}
		s.supervisor.do(t, http.StatusNoContent, http.MethodDelete, "/api/v1/dead-letters/"+letter["id"].(string), nil)
	}
	for _, id := range []string{sibling, other} {
		s.owner.do(t, http.StatusNoContent, http.MethodDelete, "/api/v1/channels/"+id, nil)
		s.owner.refused(t, 404, "not_found", http.MethodGet, "/api/v1/channels/"+id, nil)
		client{base: s.base}.refused(t, 404, "unknown_channel", http.MethodPost, "/webhooks/whatsapp/"+id, "{}")
	}
	s.owner.get(t, "/api/v1/conversations/"+conv["id"].(string)+"/messages") // what was said stays
	s.owner.refused(t, 409, "channel_removed", http.MethodPost, "/api/v1/conversations/"+conv["id"].(string)+"/messages",
		object{"client_id": "x", "type": "text", "text": "x"})
}

// numbers answers about any number, as a provider.
func numbers() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"id":%q,"data":[]}`, path.Base(r.URL.Path))
	}))
}

// The app's secret is changed at the provider and at one of its channels, whose address the webhooks of all come to.
func TestRotatingASecretLosesNothingOfItsSiblings(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	provider := numbers()
	defer provider.Close()
	connect := func(account string) string {
		in := connection(provider.URL, account)
		in["credentials"].(object)["app_secret"] = "the old secret"
		return s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", in)["id"].(string)
	}
	first, sibling := connect("800000000000661"), connect("800000000000662")
	s.owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/channels/"+first, object{"credentials": object{"app_secret": "the new secret"}})
	n := 0
	for _, address := range []string{first, sibling} {
		for _, secret := range []string{"the old secret", "the new secret"} {
			for _, account := range []string{"800000000000661", "800000000000662"} {
				n++
				number := fmt.Sprint(972540001000 + n)
				a, err := hook(t.Context(), s.base, address, secret, textBody(account, number, "wamid.rotated"+number, "said meanwhile"))
				if err != nil || a.status != http.StatusOK {
					t.Errorf("at %s with %s: %d %v", address, secret, a.status, err)
					continue
				}
				var conv object
				until(t, "what "+number+" said is there", func() bool {
					conv = conversationWith(t, s.owner, "Hook "+number)
					return conv != nil
				})
				if want := map[string]string{"800000000000661": first, "800000000000662": sibling}[account]; conv["channel_id"] != want {
					t.Errorf("%s went to %v", account, conv["channel_id"])
				}
			}
		}
	}
	s.owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/channels/"+first, object{"end_old_credentials": true})
	a, err := hook(t.Context(), s.base, first, "the new secret", textBody("800000000000662", "972540001099", "wamid.unproven", "unproven"))
	if err != nil || a.status != http.StatusOK {
		t.Fatal(a.status, err)
	}
	until(t, "what nothing proves any more is kept for people", func() bool { return len(s.deadLetters(t, "972540001099")) == 1 })
	for _, id := range []string{first, sibling} {
		s.owner.do(t, http.StatusNoContent, http.MethodDelete, "/api/v1/channels/"+id, nil)
	}
}

// Whoever may change a channel cannot read its secrets by naming a server of their own.
func TestAnotherServerIsShownNoSecretThatWasNotEnteredForIt(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	provider := numbers()
	defer provider.Close()
	var seen atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	defer thief.Close()
	id := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", connection(provider.URL, "800000000000663"))["id"].(string)
	path := "/api/v1/channels/" + id
	for _, patch := range []object{
		{"api_base_url": thief.URL},
		{"api_base_url": thief.URL, "credentials": object{"business_account_id": "1"}},
		{"api_base_url": thief.URL, "credentials": object{"app_secret": "a", "verify_token": "b"}},
	} {
		a := s.owner.refused(t, 422, "secrets_required", http.MethodPatch, path, patch)
		if !strings.Contains(string(a.body), `"credentials.access_token"`) {
			t.Errorf("which one is not said: %s", a.body)
		}
	}
	s.owner.do(t, http.StatusOK, http.MethodPost, path+"/check", nil)
	if seen.Load() != 0 {
		t.Errorf("it was asked %d times", seen.Load())
	}
	s.owner.do(t, http.StatusOK, http.MethodPatch, path, object{"api_base_url": provider.URL + "/v2"})
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, path, nil)
}

func TestTheSameWebhookTwiceIsOneMessage(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	body := textBody(demoAccount.ID, "972540000061", "wamid.twice", "said once")
	s.hook(t, s.channel, body)
	s.hook(t, s.channel, body)
	s.hook(t, s.channel, strings.Replace(body, "1795000000", "1795000001", 1)) // the same message in another body
	after := textBody(demoAccount.ID, "972540000061", "wamid.after", "said after")
	s.hook(t, s.channel, strings.Replace(after, "1795000000", "1795000002", 1)) // whichever body of the first message was faster
	var conv object
	until(t, "all is there", func() bool {
		conv = conversationWith(t, s.owner, "Hook 972540000061")
		return conv != nil && conv["last_message"].(object)["text"] == "said after"
	})
	if items := s.owner.get(t, "/api/v1/conversations/"+conv["id"].(string)+"/messages")["items"].([]any); len(items) != 2 ||
		conv["unread_count"] != 2.0 {
		t.Errorf("%d messages, %v unread", len(items), conv["unread_count"])
	}
}

// Credentials go in and never come out, and what a channel is cannot be changed under it.
func TestChannelsAreConnectedAndChanged(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer refused-token" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"message":"Invalid OAuth access token","type":"OAuthException","code":190}}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"800000000000555"}`)
	}))
	defer provider.Close()
	in := connection(provider.URL, "800000000000555")
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", in)
	path := "/api/v1/channels/" + ch["id"].(string)
	has(t, "capabilities", ch["capabilities"],
		"window_seconds text_max caption_max media templates interactive location contacts reactions replies read_receipts typing format")
	if ch["status"] != "active" || ch["error"] != nil || ch["account"] != "800000000000555" || ch["api_base_url"] != provider.URL {
		t.Errorf("connected: %v", ch)
	}
	if got := s.owner.do(t, http.StatusOK, http.MethodPatch, path, object{
		"name":   "Renamed",
		"status": "paused",
	}); got["name"] != "Renamed" || got["status"] != "paused" {
		t.Errorf("changed: %v", got)
	}
	s.owner.do(t, http.StatusOK, http.MethodPatch, path, object{"credentials": object{"app_secret": "rotated-secret-value"}})
	body := textBody("800000000000555", "972540000071", "wamid.rotated", "with the new key")
	for key, status := range map[string]int{
		// what is under way is signed with the old one
		s.secret: http.StatusOK, "rotated-secret-value": http.StatusOK, "never a key": http.StatusUnauthorized,
	} {
		if a, err := hook(t.Context(), s.base, ch["id"].(string), key, body); err != nil || a.status != status {
			t.Errorf("a webhook signed with %s: %d %v", key, a.status, err)
		}
	}
	s.owner.refused(t, 422, "credentials_refused", http.MethodPatch, path, object{"credentials": object{"access_token": "refused-token"}})
	if got := s.owner.do(t, http.StatusOK, http.MethodPost, path+"/check", nil); got["ok"] != true || got["error"] != nil {
		t.Errorf("the old token went before the new one was tested: %v", got)
	}
	s.owner.refused(t, 422, "account_changed", http.MethodPatch, path, object{"credentials": object{"phone_number_id": "1"}})
	s.owner.refused(t, 422, "invalid_credentials", http.MethodPatch, path, object{"credentials": object{"password": "1"}})
	s.owner.refused(t, 422, "invalid_base_url", http.MethodPatch, path, object{"api_base_url": "ftp://x"})
	s.owner.refused(t, 422, "invalid_input", http.MethodPatch, path, object{"status": "error"})
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, path, nil)
}
