package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"wasl/auth"
	"wasl/config"
	"wasl/internal/clock"
)

// planted is a gateway in this process with one of everything, and who may see what of it.
type planted struct {
	*shared
	callers map[string]client
	files   map[string]string // the visitors' tokens for files
	ids     map[string]string // of what was planted
	secrets map[string][]string
}

// startPlanted wires the gateway as serve does and lets it run for the test.
func startPlanted(t *testing.T) *planted {
	t.Helper()
	c, err := config.Load(serving(t.TempDir()), "")
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGateway(t.Context(), c, clock.System{}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &planted{
		shared:  &shared{base: "http://" + listener.Addr().String(), secret: demoAccount.AppSecret},
		callers: map[string]client{}, files: map[string]string{}, ids: map[string]string{}, secrets: map[string][]string{},
	}
	for name, role := range roleOf {
		workspace := "Tests"
		if name == theStranger {
			workspace = "Others"
		}
		u, err := g.access.Bootstrap(t.Context(), workspace, auth.NewUser{
			Name: name, Email: name + "@wasl.example", Password: testPassword,
			Role: role,
		})
		if err != nil {
			t.Fatal(err)
		}
		token, err := g.access.Open(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		p.callers[name], p.ids[name] = client{base: p.base, token: token}, u.ID
	}
	p.callers[nobodyAtAll] = client{base: p.base}
	p.owner, p.agent, p.stranger = p.callers[theOwner], p.callers[theAgent], p.callers[theStranger]
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- g.run(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return p
}

// refusing is a provider that takes everything but messages with the word.
func refusing(t *testing.T, word string) *httptest.Server {
	t.Helper()
	var sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodPost && strings.Contains(string(body), word):
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":{"message":"Undeliverable","code":131026}}`)
		case r.Method == http.MethodPost && path.Base(r.URL.Path) == "media":
			_, _ = io.WriteString(w, `{"id":"700000000000001"}`)
		case r.Method == http.MethodPost:
			_, _ = fmt.Fprintf(w, `{"messages":[{"id":"wamid.sent.%d"}]}`, sent.Add(1))
		default:
			_, _ = fmt.Fprintf(w, `{"id":%q,"data":[]}`, path.Base(r.URL.Path))
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// justNow is textBody of a message that may be answered.
func justNow(account, from, id, text string) string {
	return strings.Replace(textBody(account, from, id, text), "1795000000", strconv.FormatInt(time.Now().Unix(), 10), 1)
}

// secret notes words that only some may see.
func (p *planted) secret(seenBy []string, words ...string) {
	for _, word := range words {
		p.secrets[word] = seenBy
	}
}

// arrived waits for the conversation with somebody, until it is known what it is about, and notes it and its contact under the names.
func (p *planted) arrived(t *testing.T, c client, name, conversation, contact string) {
	t.Helper()
	var conv object
	until(t, name+" is in the list", func() bool {
		conv = conversationWith(t, c, name)
		return conv != nil && conv["type_source"] != ""
	})
	p.ids[conversation], p.ids[contact] = conv["id"].(string), conv["contact"].(object)["id"].(string)
}

// given makes a conversation the agent's and its contact's name a secret.
func (p *planted) given(t *testing.T, conversation, contact, name string) {
	t.Helper()
	p.owner.do(t, http.StatusOK, http.MethodPost, "/api/v1/conversations/"+p.ids[conversation]+"/assign",
		object{"agent_id": p.ids[theAgent]})
	p.owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/contacts/"+p.ids[contact], object{"name": name})
	p.secret(thoseWithIt, name, p.ids[conversation], p.ids[contact])
}

// said is a message of the agent in a conversation of theirs.
func (p *planted) said(t *testing.T, conversation string, message object) string {
	t.Helper()
	id := p.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+p.ids[conversation]+"/messages",
		message)["id"].(string)
	p.secret(thoseWithIt, id)
	return id
}

// furnish plants one of everything.
func (p *planted) furnish(t *testing.T) {
	t.Helper()
	provider := refusing(t, "zebradoomed")
	p.channel = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		connection(provider.URL, demoAccount.ID))["id"].(string)
	p.ids["channel"] = p.channel
	p.ids["spare_channel"] = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		connection(provider.URL, "800000000000333"))["id"].(string)
	foreign := p.stranger.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		connection(provider.URL, "800000000000444"))["id"].(string)
	p.ids["foreign_channel"] = foreign
	p.secret(theWorkspace, "commonwords", "commoncontact")
	p.secret([]string{theStranger}, "foreignwords", "972540003001")

	// What the agent was given.
	p.hook(t, p.channel, justNow(demoAccount.ID, "972540001001", "wamid.z1", "zebramessage"))
	p.arrived(t, p.owner, "Hook 972540001001", "conversation", "contact")
	p.given(t, "conversation", "contact", "zebraname")
	p.secret(thoseWithIt, "zebramessage", "972540001001", "zebranote", "zebradoomed", "zebrascheduled", "zebrafile",
		"zebralabel", "zebraaddress")
	at := "/api/v1/conversations/" + p.ids["conversation"]
	p.ids["message"] = lastMessage(t, p.owner, p.ids["conversation"])["id"].(string)
	p.said(t, "conversation", object{"client_id": "n", "type": "note", "text": "zebranote"})
	p.ids["media"] = upload(t, p.agent, "zebrafile.png", pngFile(t))["id"].(string)
	p.said(t, "conversation", object{"client_id": "f", "type": "media", "attachments": []object{{"id": p.ids["media"]}}})
	p.ids["failed"] = p.said(t, "conversation", object{"client_id": "x", "type": "text", "text": "zebradoomed"})
	p.ids["spare_failed"] = p.said(t, "conversation", object{"client_id": "y", "type": "text", "text": "zebradoomed too"})
	p.ids["scheduled"] = p.said(t, "conversation", object{
		"client_id": "s", "type": "text", "text": "zebrascheduled", "send_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	})
	p.agent.do(t, http.StatusOK, http.MethodPatch, at, object{"labels": []string{"zebralabel"}})
	p.agent.do(t, http.StatusOK, http.MethodPut, at+"/draft", object{"text": "zebradraft", "mode": "reply"})
	for _, name := range []string{"reminder", "spare_reminder"} {
		p.ids[name] = p.agent.do(t, http.StatusCreated, http.MethodPost, at+"/reminders", object{
			"at": tomorrow, "text": "zebra" + name,
		})["id"].(string)
	}
	p.secret([]string{theAgent}, "zebradraft", "zebrareminder", p.ids["reminder"])
	p.secret(thoseWithIt, p.ids["message"], p.ids["media"])
	until(t, "both failed", func() bool { return len(p.owner.get(t, "/api/v1/failed-messages")["items"].([]any)) == 2 })
	bulk := p.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/bulk", object{
		"ids": []string{p.ids["conversation"], "cnv_zebrajob"}, "actions": []object{{"action": "add_label", "label": "zebralabel"}},
	})
	p.ids["job"], p.ids["undo"] = bulk["job_id"].(string), bulk["undo_token"].(string)
	p.secret([]string{theAgent}, "cnv_zebrajob", p.ids["job"])
	for _, name := range []string{"canned", "spare_canned"} {
		p.ids[name] = p.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/canned-replies",
			object{"shortcut": "zebra-" + name, "text": object{"en": "zebrareply"}, "scope": "me"})["id"].(string)
	}
	for _, name := range []string{"macro", "spare_macro"} {
		p.ids[name] = p.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/macros", object{
			"name": "zebramacro", "scope": "me", "actions": []object{{"action": "set_priority", "priority": "high"}},
		})["id"].(string)
	}
	for _, name := range []string{"view", "spare_view"} {
		p.ids[name] = p.agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/views",
			object{"name": "zebraview", "scope": "me", "filter": object{"all": []object{}}})["id"].(string)
	}
	for _, name := range []string{"label", "spare_label"} {
		p.ids[name] = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/labels",
			object{"name": "common" + name, "colour": "red"})["id"].(string)
	}
	p.secret(theWorkspace, "commonlabel")
	p.secret([]string{theAgent}, "zebrareply", "zebramacro", "zebraview", p.ids["canned"], p.ids["macro"], p.ids["view"])
	p.persons(t)
	p.queue(t)
	p.website(t)
	p.mail(t)

	// What nobody has, what another workspace has, and what was not understood.
	p.hook(t, p.channel, justNow(demoAccount.ID, "972540002001", "wamid.c1", "commonwords"))
	p.arrived(t, p.owner, "Hook 972540002001", "free", "free_contact")
	p.hook(t, foreign, justNow("800000000000444", "972540003001", "wamid.f1", "foreignwords"))
	p.arrived(t, p.stranger, "Hook 972540003001", "foreign", "foreign_contact")
	p.hook(t, p.channel, `{"object":"zebraletter","n":1}`)
	p.hook(t, p.channel, `{"object":"zebraletter","n":2}`)
	p.secret(supervisors, "zebraletter")
	until(t, "both letters are there", func() bool {
		items := p.owner.get(t, "/api/v1/dead-letters")["items"].([]any)
		for n, item := range items {
			p.ids[[]string{"letter", "spare_letter"}[n]] = item.(object)["id"].(string)
		}
		return len(items) == 2
	})
}

// persons plants contacts: some of the agent's conversations, two of them merged, and one of none, with whom one of those may be the same.
func (p *planted) persons(t *testing.T) {
	t.Helper()
	for n, name := range []string{"another", "merged", "absorbed"} {
		number := fmt.Sprint("97254000110", n)
		p.hook(t, p.channel, justNow(demoAccount.ID, number, "wamid."+name, "zebra"+name+"words"))
		p.arrived(t, p.owner, "Hook "+number, name+"_conversation", name)
		p.given(t, name+"_conversation", name, "zebra"+name)
		p.secret(thoseWithIt, "zebra"+name+"words")
	}
	merged := p.owner.do(t, http.StatusOK, http.MethodPost, "/api/v1/contacts/"+p.ids["merged"]+"/merge",
		object{"contact_id": p.ids["absorbed"]})
	p.ids["merge"] = merged["merged_from"].([]any)[0].(object)["merge_id"].(string)
	p.ids["plain"] = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/contacts",
		object{"name": "commoncontact", "phones": []string{"+972540001100"}})["id"].(string)
}

// queue plants teams, and a conversation that the mate's team was given and nobody has. The colleague is in another team.
func (p *planted) queue(t *testing.T) {
	t.Helper()
	for name, members := range map[string][]string{"team": {theMate}, "other_team": {theColleague}, "spare_team": {}} {
		ids := []string{}
		for _, m := range members {
			ids = append(ids, p.ids[m])
		}
		p.ids[name] = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/teams",
			object{"name": "common" + name, "member_ids": ids})["id"].(string)
	}
	p.secret(theWorkspace, "commonteam", p.ids["team"])
	for _, name := range []string{theMate, theColleague} { // so that the engine gives them nothing
		p.owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/users/"+p.ids[name]+"/profile", object{"capacity": object{"total": 0}})
	}
	p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/skills", object{"key": "spare", "name": "Spare"})
	p.ids["skill"] = "spare"
	p.ids["hours"] = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/business-hours", object{
		"name": "commonhours", "zone": "Asia/Jerusalem", "week": [][][]string{{}, {{"09:00", "17:00"}}, {}, {}, {}, {}, {}},
	})["id"].(string)
	p.secret(theWorkspace, "commonhours")
	for _, name := range []string{"rule", "spare_rule"} {
		p.ids[name] = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/routing/rules", object{
			"name": "zebrarule", "when": object{"any": []object{}}, "then": object{"priority": "high"},
		})["id"].(string)
	}
	p.secret(supervisors, "zebrarule")
	for _, name := range []string{"policy", "spare_policy"} {
		p.ids[name] = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/sla-policies", object{
			"name": "zebrapolicy", "when": object{"any": []object{}}, "first_answer_minutes": 5,
		})["id"].(string)
	}
	for _, name := range []string{"auto", "spare_auto"} {
		p.ids[name] = p.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/auto-messages", object{
			"kind": "welcome", "enabled": false, "text": object{"en": "zebragreeting"},
		})["id"].(string)
	}
	p.secret(supervisors, "zebrapolicy", "zebragreeting")
	p.hook(t, p.channel, justNow(demoAccount.ID, "972540004001", "wamid.t1", "zebraqueuewords"))
	p.arrived(t, p.owner, "Hook 972540004001", "queued", "queued_contact")
	p.owner.do(t, http.StatusOK, http.MethodPost, "/api/v1/conversations/"+p.ids["queued"]+"/assign", object{"team_id": p.ids["team"]})
	p.owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/contacts/"+p.ids["queued_contact"], object{"name": "zebraqueuename"})
	p.secret(theTeam, "zebraqueuewords", "zebraqueuename", "972540004001", p.ids["queued"], p.ids["queued_contact"])
}

// website plants a conversation with a visitor, which the agent was given.
func (p *planted) website(t *testing.T) {
	t.Helper()
	w := newSite(t, p.shared)
	v, other := w.visitor(t), w.visitor(t)
	p.callers[theVisitor], p.callers[thePasserby] = v.client, other.client
	p.files[theVisitor], p.files[thePasserby] = v.files, other.files
	file := v.upload(t, "zebrareceipt.png", pngFile(t))
	v.says(t, message("m1", "zebravisit", file.json["id"].(string)))
	conv := v.seen(t)
	p.ids["site"], p.ids["visit"], p.ids["visit_contact"] = w.id, conv["id"].(string), conv["contact"].(object)["id"].(string)
	p.ids["visit_file"], p.ids["visit_message"] = file.json["id"].(string), lastMessage(t, p.owner, p.ids["visit"])["id"].(string)
	p.given(t, "visit", "visit_contact", "zebravisitor")
	p.said(t, "visit", object{"client_id": "n", "type": "note", "text": "zebraaside"})
	p.secret(thoseWithIt, "zebraaside")
	p.secret(append([]string{theVisitor}, thoseWithIt...), "zebravisit", "zebrareceipt", p.ids["visit_file"])
}

// mail plants a formatted mail, in a conversation that the agent was given.
func (p *planted) mail(t *testing.T) {
	t.Helper()
	b := p.mailbox(t, "desk@mail-leaks.example")
	if a := b.arrives(t, mailPassword, "From: Zoe Mail <zebramail@example.org>", "To: desk@mail-leaks.example", "Subject: zebrasubject",
		"Message-ID: <z1@example.org>",
		"Content-Type: text/html; charset=utf-8", "", "<p>zebra<b>html</b></p>"); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	p.arrived(t, p.owner, "Zoe Mail", "mail_conversation", "mail_contact")
	p.ids["mail"] = lastMessage(t, p.owner, p.ids["mail_conversation"])["id"].(string)
	p.given(t, "mail_conversation", "mail_contact", "zebrasender")
	p.secret(thoseWithIt, "zebramail", "zebrasubject", "zebra<b>html</b>", p.ids["mail"])
}
