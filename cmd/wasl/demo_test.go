package main

import (
	"net/http"
	"regexp"
	"testing"
	"time"
)

var loginLine = regexp.MustCompile(`(?m)^login: (\S+@\S+)  password: (\S+)$`)

// demo is a running demo.
type demo struct {
	*program
	inbox, phones string
	logins        [][]string // whole line, address, password
}

func startDemo(t *testing.T, dir string, options ...string) demo {
	t.Helper()
	p := start(t, dir, settings("WASL_LISTEN=127.0.0.1:0"), append([]string{"demo", "--sandbox-listen=127.0.0.1:0"}, options...)...)
	d := demo{
		program: p, inbox: p.says(t, p.stdout, `(?m)^inbox: (http://\S+)$`),
		phones: p.says(t, p.stdout, `(?m)^phones: (http://\S+)$`),
	}
	p.says(t, p.stdout, `(?m)^login: .*\n$`)
	d.logins = loginLine.FindAllStringSubmatch(p.stdout.String(), -1)
	return d
}

func TestTheDemoListensOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]string{
		{":8080", ":8080", "", "127.0.0.1:8080"}, {":8080", ":8080", ":8080", ":8080"}, {"10.0.0.1:80", ":8080", "", "10.0.0.1:80"},
	} {
		if got := demoAddress(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%q: %s", c[:3], got)
		}
	}
}

func TestTheDemoIsTheWholeProductAndKeepsWhatHappensInIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := startDemo(t, dir, "--no-floor")
	if len(d.logins) < 2 {
		t.Fatalf("no logins in:\n%s", d.stdout)
	}
	for _, l := range d.logins {
		if me := login(t, d.inbox, l[1], l[2]).get(t, "/api/v1/me"); me["user"].(object)["email"] != l[1] {
			t.Errorf("%s is signed in as %v", l[1], me["user"])
		}
	}
	if a, err := (client{base: d.phones}).try(t.Context(), http.MethodGet, "/", nil); err != nil || a.status != http.StatusOK {
		t.Fatalf("the phones' page: %d %v", a.status, err)
	}
	agent := login(t, d.inbox, d.logins[0][1], d.logins[0][2])
	socket := agent.listen(t, "")
	socket.next(t, "hello")
	noor := newCustomer(t, d.phones, "Noor Haddad", "972541112233")
	noor.writes(t, "is the course still open?")
	created := socket.next(t, "message.created")
	if created.Data["text"] != "is the course still open?" || created.Data["direction"] != "in" {
		t.Fatalf("on the socket: %v", created.Data)
	}
	conversation := created.Data["conversation_id"].(string)
	sent := agent.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+conversation+"/messages",
		object{"client_id": "c1", "type": "text", "text": "it is, until Sunday"})
	if sent["status"] != "queued" {
		t.Errorf("answered with status %v", sent["status"])
	}
	noor.reads(t, "it is, until Sunday")
	until(t, "the message is read", func() bool { return lastMessage(t, agent, conversation)["status"] == "read" })

	if code, took := d.terminate(t); code != 0 || took > 10*time.Second {
		t.Fatalf("stopped with %d after %v", code, took)
	}
	again := startDemo(t, dir, "--no-floor")
	if len(again.logins) != len(d.logins) || again.logins[0][0] != d.logins[0][0] {
		t.Errorf("other logins after a restart: %v", again.logins)
	}
	agent.base = again.inbox
	if last := lastMessage(t, agent, conversation); last["id"] != sent["id"] || last["status"] != "read" {
		t.Errorf("after a restart the last message is %v", last)
	}
	noor.sandbox = again.phones
	noor.writes(t, "good, thank you")
	until(t, "the demo goes on", func() bool { return lastMessage(t, agent, conversation)["text"] == "good, thank you" })
}

func lastMessage(t *testing.T, c client, conversation string) object {
	t.Helper()
	items := c.get(t, "/api/v1/conversations/"+conversation+"/messages?limit=1")["items"].([]any)
	if len(items) == 0 {
		t.Fatalf("%s has no message", conversation)
	}
	return items[0].(object)
}

// The demo has a floor that lives: queues in three languages, and simulated agents who take what waits and answer it.
func TestTheDemosFloorLives(t *testing.T) {
	t.Parallel()
	d := startDemo(t, t.TempDir())
	owner := login(t, d.inbox, d.logins[0][1], d.logins[0][2])
	until(t, "agents work and customers wait", func() bool {
		b := owner.get(t, "/api/v1/board")
		waiting, working := 0.0, 0
		for _, q := range b["queues"].([]any) {
			waiting += q.(object)["length"].(float64)
		}
		for _, a := range b["agents"].([]any) {
			if a := a.(object); a["state"] == "online" && a["load"].(float64) > 0 {
				working++
			}
		}
		return waiting > 0 && working == len(demoAgents)
	})
	until(t, "somebody answers", func() bool {
		for _, c := range owner.get(t, "/api/v1/conversations?status=open&limit=200")["items"].([]any) {
			last, _ := c.(object)["last_message"].(object)
			if c.(object)["team_id"] != nil && last != nil && last["direction"] == "out" {
				return true
			}
		}
		return false
	})
	if code, took := d.terminate(t); code != 0 || took > 10*time.Second {
		t.Fatalf("stopped with %d after %v", code, took)
	}
}
