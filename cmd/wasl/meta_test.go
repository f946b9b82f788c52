package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A page and an Instagram account are connected over REST, hear a customer and answer.
func TestAPageAndAnInstagramAccountFromConnectingToTheAnswer(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	for _, kind := range []struct {
		kind, object, account, customer string
		credentials                     object
	}{
		{"messenger", "page", "100000000000011", "20000000000000021", object{"page_id": "100000000000011", "page_access_token": "t"}},
		{
			"instagram", "instagram", "17841400000000001", "30000000000000031",
			object{"account_id": "17841400000000001", "access_token": "t"},
		},
	} {
		sent := make(chan string, 10)
		graph := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			switch {
			case r.Method == http.MethodGet:
				_, _ = io.WriteString(w, `{"name":"Ines of `+kind.kind+`"}`)
			case strings.Contains(string(body), `"text"`):
				sent <- r.URL.Path + " " + string(body)
				_, _ = io.WriteString(w, `{"recipient_id":"1","message_id":"m_OUT"}`)
			default:
				_, _ = io.WriteString(w, `{"recipient_id":"1"}`)
			}
		}))
		t.Cleanup(graph.Close)
		kind.credentials["app_secret"], kind.credentials["verify_token"] = "the app's secret", "the verify token"
		channel := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", object{
			"kind": kind.kind, "name": "Our " + kind.kind, "credentials": kind.credentials, "api_base_url": graph.URL,
		})
		path := "/webhooks/" + kind.kind + "/" + channel["id"].(string)
		nobody := client{base: s.base}
		if a := nobody.call(t, http.MethodGet, path+"?hub.mode=subscribe&hub.challenge=4711&hub.verify_token=the+verify+token",
			nil); string(a.body) != "4711" {
			t.Errorf("the address is not confirmed: %d %s", a.status, a.body)
		}
		body := fmt.Sprintf(`{"object":%q,"entry":[{"id":%q,"time":1,"messaging":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,"message":{"mid":"m_IN","text":"Hello"}}]}]}`,
			kind.object, kind.account, kind.customer, kind.account, time.Now().UnixMilli())
		nobody.refused(t, 401, "bad_signature", http.MethodPost, path, body, "X-Hub-Signature-256", sign("another", body))
		if a := nobody.call(t, http.MethodPost, path, body, "X-Hub-Signature-256",
			sign("the app's secret", body)); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		var conv object
		until(t, "the customer is there by name", func() bool {
			conv = conversationWith(t, s.owner, "Ines of "+kind.kind)
			return conv != nil
		})
		if window := conv["window"].(object); window["open"] != true || window["human_closes_at"] == nil {
			t.Errorf("window %v", window)
		}
		messages := "/api/v1/conversations/" + conv["id"].(string) + "/messages"
		s.owner.do(t, http.StatusCreated, http.MethodPost, messages, object{"client_id": "1", "type": "text", "text": "Hi Ines"})
		if got := <-sent; !strings.HasPrefix(got, "/v26.0/"+kind.account+"/messages ") ||
			!strings.Contains(got, `"recipient":{"id":"`+kind.customer+`"}`) {
			t.Errorf("sent %s", got)
		}
		until(t, "the answer is sent", func() bool { return lastMessage(t, s.owner, conv["id"].(string))["status"] == "sent" })
	}
}
