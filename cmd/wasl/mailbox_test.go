package main

import (
	"net/http"
	"strings"
	"testing"

	"wasl/internal/mailhost"
)

// lettersTo returns the mails that lie in somebody's inbox.
func lettersTo(h *mailhost.Host, user string) (out []string) {
	for _, raw := range h.Mails(user, "") {
		out = append(out, string(raw))
	}
	return out
}

func TestAMailboxOfARealHostIsReadAndAnswered(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	host := mailhost.Start(t)
	s.owner.refused(t, 422, "credentials_refused", http.MethodPost, "/api/v1/channels", object{
		"kind": "email", "name": "Box", "credentials": with(host.Credentials("box@example.com"), "password", "wrong"),
	})
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", object{
		"kind": "email", "name": "Box", "credentials": host.Credentials("box@example.com"),
	})
	shown := ch["settings"].(object)
	if ch["account"] != "box@example.com" || shown["imap_host"] != "127.0.0.1" || shown["password"] != nil {
		t.Errorf("%v", ch)
	}
	until(t, "the mailbox is read", func() bool {
		return s.owner.get(t, "/api/v1/channels/"+ch["id"].(string)+"/health")["last_webhook_at"] != nil
	})
	host.Deliver("tom@example.org", "box@example.com", "From: Tom Box <tom@example.org>", "To: box@example.com", "Subject: Kettle",
		"Message-ID: <t1@example.org>", "Date: Mon, 30 Nov 2026 07:00:00 +0000", "Content-Type: text/plain; charset=utf-8", "",
		"Does it whistle? שלום")
	var conv object
	until(t, "the conversation is there", func() bool { conv = conversationWith(t, s.owner, "Tom Box"); return conv != nil })
	id := conv["id"].(string)
	if in := messages(t, s.owner, id); len(in) != 1 || in[0]["text"] != "Does it whistle? שלום" {
		t.Fatalf("%v", in)
	}
	sent := s.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+id+"/messages",
		object{"client_id": "k1", "type": "text", "text": "It sings. כן"})
	becomes(t, s.owner, id, sent["id"].(string), "sent")
	var letter string
	until(t, "the answer arrives", func() bool {
		for _, l := range lettersTo(host, "tom@example.org") {
			letter = l
		}
		return letter != ""
	})
	for _, want := range []string{
		"In-Reply-To: <t1@example.org>", "Subject: Re: Kettle", "From: \"Example Desk\" <box@example.com>",
		"Message-ID: <" + sent["id"].(string) + ".", "X-Wasl-Message: " + sent["id"].(string),
	} {
		if !strings.Contains(letter, want) {
			t.Errorf("no %q in\n%s", want, letter)
		}
	}
	s.agent.do(t, http.StatusOK, http.MethodPost, "/api/v1/conversations/"+id+"/read", object{})
	until(t, "the mail is seen and answered in the mailbox, and the answer lies among what was sent", func() bool {
		for file := range host.Mails("box@example.com", "") {
			if strings.Contains(file, ":2,RS") {
				return len(host.Mails("box@example.com", "Sent")) == 1
			}
		}
		return false
	})
	// what somebody answers with another program is our side's
	host.Append("box@example.com", "Sent", strings.Join([]string{
		"From: box@example.com", "To: Tom Box <tom@example.org>", "Subject: Re: Kettle", "Message-ID: <other1@example.com>",
		"In-Reply-To: <t1@example.org>", "Date: Mon, 30 Nov 2026 07:05:00 +0000", "", "And it is red.", "",
	}, "\r\n"))
	until(t, "it is in the conversation", func() bool { return len(messages(t, s.owner, id)) == 3 })
	for _, m := range messages(t, s.owner, id) {
		if m["text"] == "And it is red." && (m["direction"] != "out" || m["status"] != "sent") {
			t.Errorf("%v", m)
		}
	}
}

// with returns a copy of credentials with one replaced.
func with(credentials map[string]string, name, value string) map[string]string {
	out := map[string]string{}
	for n, v := range credentials {
		out[n] = v
	}
	out[name] = value
	return out
}

func TestTheSandboxHasAMailbox(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	var state struct {
		Accounts []struct {
			ID          string `json:"id"`
			Mailbox     bool   `json:"mailbox"`
			Credentials []struct{ Name, Value string }
		} `json:"accounts"`
	}
	control(t, http.MethodGet, s.sandbox+"/_sandbox/state", nil, &state)
	credentials, account := map[string]string{}, ""
	for _, a := range state.Accounts {
		for _, c := range a.Credentials {
			if a.Mailbox {
				credentials[c.Name], account = c.Value, a.ID
			}
		}
	}
	s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", object{
		"kind": "email", "name": "Desk", "credentials": credentials,
	})
	control(t, http.MethodPost, s.sandbox+"/_sandbox/phones", object{"name": "Dov Desk", "email": "dov@example.org"}, nil)
	dov := customer{s.sandbox, "dov-desk"}
	write := func(path string, message object) {
		message["account"] = account
		control(t, http.MethodPost, s.sandbox+"/_sandbox/phones/"+dov.key+path, message, nil)
	}
	write("/messages", object{"type": "mail", "text": "Is the desk oak?", "mail": object{"subject": "Desk"}})
	var conv object
	until(t, "the conversation is there", func() bool { conv = conversationWith(t, s.owner, "Dov Desk"); return conv != nil })
	path := "/api/v1/conversations/" + conv["id"].(string)
	s.agent.do(t, http.StatusCreated, http.MethodPost, path+"/messages",
		object{"client_id": "d1", "type": "text", "text": "Solid oak.", "mail": object{"unsigned": true}})
	until(t, "the phone shows the answer", func() bool {
		var chat struct{ Items []bubble }
		control(t, http.MethodGet, s.sandbox+"/_sandbox/phones/"+dov.key+"/messages", nil, &chat)
		for _, b := range chat.Items {
			if b.From == "business" && strings.HasPrefix(b.Content.Text, "Solid oak.") {
				return true
			}
		}
		return false
	})
	lost := s.agent.do(t, http.StatusCreated, http.MethodPost, path+"/messages", object{
		"client_id": "d2", "type": "text", "text": "To nobody", "mail": object{"to": []string{"nobody@example.net"}},
	})
	becomes(t, s.owner, conv["id"].(string), lost["id"].(string), "failed")
	write("/native", object{"text": "From my own program"})
	until(t, "what another program sent is there", func() bool {
		for _, m := range messages(t, s.owner, conv["id"].(string)) {
			if m["text"] == "From my own program" && m["direction"] == "out" {
				return true
			}
		}
		return false
	})
}
