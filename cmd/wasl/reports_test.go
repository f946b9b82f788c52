package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"wasl/channels/sandbox"
)

// newReporter connects an account of a sandbox of the test's own to the gateway.
func newReporter(t *testing.T, s *shared, a sandbox.Account, c sandbox.Customer) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{Accounts: []sandbox.Account{a}, Customers: []sandbox.Customer{c}})
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(box.Handler())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = box.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; api.Close(); _ = box.Close() })
	credentials := object{"verify_token": "v", "app_secret": a.AppSecret, "inbound_user": "in", "inbound_password": "inbound-password-1"}
	if a.Kind == "email" {
		delete(credentials, "verify_token")
		delete(credentials, "app_secret")
	} else {
		delete(credentials, "inbound_user")
		delete(credentials, "inbound_password")
	}
	for _, given := range box.Accounts()[0].Credentials {
		credentials[given.Name] = given.Value
	}
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		object{"kind": a.Kind, "name": a.Name, "credentials": credentials, "api_base_url": api.URL})
	address := s.base + "/webhooks/" + a.Kind + "/" + ch["id"].(string)
	callback := address
	if a.Kind == "email" {
		callback = "http://in:inbound-password-1@" + address[len("http://"):]
		if err := box.SetReports(a.ID, address+"/events"); err != nil {
			t.Fatal(err)
		}
	}
	if err := box.SetCallback(t.Context(), a.ID, callback, ""); err != nil {
		t.Fatal(err)
	}
	return box
}

func TestWhatSendGridTellsOnDemand(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	box := newReporter(t, s, sandbox.Account{
		Kind: "email", ID: "desk@reports.example", Name: "Reports", Address: "desk@reports.example",
		AccessToken: "SG.reports", AppSecret: "seed",
	},
		sandbox.Customer{Key: "rita", Name: "Rita Reports", Email: "rita@reports.example.org"})
	// Nobody's phone: what is sent stays where the provider says it is.
	if _, err := box.Switch("rita", true, true); err != nil {
		t.Fatal(err)
	}
	if _, err := box.Say(sandbox.Message{Phone: "rita", Content: sandbox.Content{
		Type: "mail", Text: "Hello",
		Mail: &sandbox.Mail{Subject: "Reports"},
	}}); err != nil {
		t.Fatal(err)
	}
	var id string
	conversation := func() object {
		conv := conversationWith(t, s.owner, "Rita Reports")
		if conv != nil {
			id = conv["id"].(string)
		}
		return conv
	}
	until(t, "the mail is there", func() bool { return conversation() != nil })
	for _, c := range []struct{ report, status, code string }{
		{"deferred", "sent", ""}, {"machine_open", "delivered", ""}, {"click", "read", ""}, {
			"dropped", "failed",
			"recipient_unknown",
		}, {"bounce", "failed", "recipient_unknown"}, {"blocked", "failed", "filtered"},
	} {
		m := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+id+"/messages",
			object{"client_id": c.report, "type": "text", "text": "about " + c.report})
		becomes(t, s.owner, id, m["id"].(string), "sent")
		chat := box.Chat("rita")
		if err := box.Report("rita", "", chat[len(chat)-1].ID, c.report); err != nil {
			t.Fatal(err)
		}
		got := becomes(t, s.owner, id, m["id"].(string), c.status)
		if e, _ := got["error"].(object); c.code != "" && (e == nil || e["code"] != c.code) {
			t.Errorf("%s: %v, want %s", c.report, got["error"], c.code)
		}
	}
	chat := box.Chat("rita")
	for _, c := range []struct {
		report  string
		stopped bool
	}{{"unsubscribe", true}, {"group_resubscribe", false}, {"spamreport", true}, {"group_resubscribe", false}, {
		"group_unsubscribe",
		true,
	}} {
		reported := time.Now().Unix() // the provider tells seconds, and of two wishes of one second the one for silence counts
		if err := box.Report("rita", "", chat[len(chat)-1].ID, c.report); err != nil {
			t.Fatal(err)
		}
		until(t, "the second is over", func() bool { return time.Now().Unix() > reported })
		until(t, c.report+" counts", func() bool { return (conversation()["opted_out_at"] != nil) == c.stopped })
	}
}

func TestAnotherAppAnswersForAWhile(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	for _, kind := range []string{"messenger", "instagram"} {
		account := sandbox.Account{Kind: kind, ID: map[string]string{
			"messenger": "100000000000877",
			"instagram": "17841400000000877",
		}[kind], Name: kind + " reports", AccessToken: kind + "-token", AppSecret: "the-secret-of-" +
			kind, VerifyToken: "v"}
		name := "Hanna Over " + kind
		box := newReporter(t, s, account, sandbox.Customer{Key: "hanna", Name: name, Username: "@hanna"})
		says := func(text string) {
			if _, err := box.Say(sandbox.Message{Phone: "hanna", Content: sandbox.Content{Type: "text", Text: text}}); err != nil {
				t.Fatal(err)
			}
		}
		tell := func(report string) {
			if err := box.Report("hanna", account.ID, "", report); err != nil {
				t.Fatal(err)
			}
		}
		var conv object
		shows := func(what, text string) {
			until(t, what, func() bool {
				conv = conversationWith(t, s.owner, name)
				return conv != nil && slices.ContainsFunc(messages(t, s.owner, conv["id"].(string)),
					func(m object) bool { return m["text"] == text || m["system"] == text })
			})
			conv = s.owner.get(t, "/api/v1/conversations/"+conv["id"].(string)) // as it is with that message
		}
		says("to the business")
		shows("the message", "to the business")
		s.owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/conversations/"+conv["id"].(string), object{"status": "resolved"})
		tell("take_thread_control")
		shows("that it is taken", "thread_taken")
		says("to the other app")
		shows("what the other app hears", "to the other app")
		if conv["status"] != "resolved" {
			t.Errorf("%s: what another app answers opens the conversation: %v", kind, conv["status"])
		}
		tell("request_thread_control")
		shows("that it is asked for", "thread_requested")
		tell("pass_thread_control")
		shows("that it is handed over", "thread_passed")
		if conv["status"] != "open" {
			t.Errorf("%s: nobody sees what was handed over: %v", kind, conv["status"])
		}
		if kind == "instagram" {
			if err := box.Report("hanna", account.ID, "", "optin"); err == nil {
				t.Error("Instagram has no opt-in")
			}
			continue
		}
		tell("optin")
		shows("the opt-in", "opted_in")
		tell("optin_stop")
		shows("the opt-out", "opted_out")
	}
}
