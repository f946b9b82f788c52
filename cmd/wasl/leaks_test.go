package main

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Nobody is answered, by any operation of the API's document or any frame of a live socket, with what their role and their part in it
// do not let them see. The tables are in leaks_table_test.go.
func TestNobodyIsShownWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	p := startPlanted(t)
	p.furnish(t)
	w := &walk{planted: p, seen: map[string]map[string]bool{}}
	sockets := w.listenAll(t)
	w.counts(t)
	for _, op := range w.operations(t) {
		w.ask(t, op)
	}
	w.suggestions(t)
	w.allSeen(t)
	w.script(t, sockets)
	w.frames(t, sockets)
}

// walk asks on behalf of every caller and remembers who saw which secret.
type walk struct {
	*planted
	seen map[string]map[string]bool
}

// operations are those of the document, those last that change what others are asked about.
func (w *walk) operations(t *testing.T) []*huma.Operation {
	t.Helper()
	var all []*huma.Operation
	documented := map[string]bool{}
	for _, item := range apiOf().OpenAPI().Paths {
		for _, op := range operations(item) {
			if op == nil {
				continue
			}
			documented[op.OperationID] = true
			if _, known := routes[op.OperationID]; !known {
				t.Errorf("%s is not in the table of routes: who may see what of it?", op.OperationID)
				continue
			}
			all = append(all, op)
		}
	}
	for id := range routes {
		if !documented[id] {
			t.Errorf("%s is in the table of routes and nowhere else", id)
		}
	}
	late := func(op *huma.Operation) int {
		switch {
		case !routes[op.OperationID].once:
			return 0
		case op.Method == http.MethodDelete:
			return 1
		case routes[op.OperationID].scope == workspace: // on all that there is
			return 3
		}
		return 2
	}
	slices.SortFunc(all, func(a, b *huma.Operation) int {
		return cmp.Or(cmp.Compare(late(a), late(b)), cmp.Compare(a.OperationID, b.OperationID))
	})
	return all
}

// ask has every caller call the operation in all its ways.
func (w *walk) ask(t *testing.T, op *huma.Operation) {
	t.Helper()
	r := routes[op.OperationID]
	if r.scope == socket {
		return
	}
	done := false
	for _, caller := range callers {
		if r.unasked && w.callers[caller].token != "" {
			continue
		}
		want := r.want(caller)
		for _, query := range w.queriesOf(r, caller) {
			var body any
			if op.RequestBody != nil {
				body = w.filled(r.body, caller)
			}
			status := w.call(t, caller, op.Method, w.pathOf(t, op, r)+query, body)
			switch refused := want >= 400 && want != http.StatusUnprocessableEntity; {
			case want == 0 || status == want:
			case !refused && r.once && done && status != http.StatusUnauthorized && status != http.StatusForbidden:
			default:
				t.Errorf("%s%s by the %s: %d instead of %d", op.OperationID, query, caller, status, want)
			}
			done = done || status < 300
		}
	}
}

// call asks as the caller, looks for what they must not see, and returns the status.
func (w *walk) call(t *testing.T, caller, method, path string, body any) int {
	t.Helper()
	a := w.callers[caller].call(t, method, path, body)
	text := string(a.body)
	for _, values := range a.header {
		text += "\n" + strings.Join(values, "\n")
	}
	w.search(t, caller, method+" "+path, text, false)
	return a.status
}

// search looks for secrets in what a caller was shown.
func (w *walk) search(t *testing.T, caller, where, text string, idsToo bool) {
	t.Helper()
	for word, seenBy := range w.secrets {
		if !strings.Contains(text, word) {
			continue
		}
		if w.seen[word] == nil {
			w.seen[word] = map[string]bool{}
		}
		w.seen[word][caller] = true
		if !slices.Contains(seenBy, caller) && !(idsToo && strings.Contains(word, "_")) {
			t.Errorf("%s shows the %s %q: %s", where, caller, word, clip([]byte(text)))
		}
	}
}

// allSeen checks that each secret was shown to those who may see it: one that is never shown proves nothing.
func (w *walk) allSeen(t *testing.T) {
	t.Helper()
	for word, seenBy := range w.secrets {
		for _, caller := range seenBy {
			if !w.seen[word][caller] {
				t.Errorf("no answer shows the %s %q", caller, word)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// filled puts what was planted into a query or a body.
func (w *walk) filled(text, caller string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		switch name = strings.Trim(name, "{}"); name {
		case "caller":
			return caller
		case "files":
			return w.files[caller]
		}
		return w.ids[name]
	})
}

// queriesOf are the ways to call an operation.
func (w *walk) queriesOf(r route, caller string) []string {
	var all []string
	for _, query := range r.queries {
		if query == "" {
			all = append(all, "")
			continue
		}
		if !strings.Contains(query, "{word}") {
			all = append(all, "?"+w.filled(query, caller))
			continue
		}
		for word := range w.secrets {
			all = append(all, "?"+strings.ReplaceAll(query, "{word}", url.QueryEscape(word)))
		}
	}
	if len(r.queries) == 0 {
		return []string{""}
	}
	return all
}

// planteds are the ids of what the segments of a path stand for.
var planteds = map[string]string{
	"conversations": "conversation", "contacts": "contact", "channels": "channel", "media": "media", "messages": "message",
	"users": theAgent, "teams": "team", "jobs": "job", "skills": "skill", "business-hours": "hours", "rules": "rule",
	"sla-policies": "policy", "auto-messages": "auto", "reminders": "reminder", "canned-replies": "canned",
	"labels": "label", "macros": "macro", "views": "view",
	"dead-letters": "letter", "failed-messages": "failed",
}

// pathOf fills the path of an operation.
func (w *walk) pathOf(t *testing.T, op *huma.Operation, r route) string {
	t.Helper()
	parts := strings.Split(op.Path, "/")
	site := parts[1] == "widget"
	last := strings.LastIndex(op.Path, "{")
	at := 0
	for n, part := range parts {
		if placeholder.MatchString(part) {
			name := planteds[parts[n-1]]
			switch {
			case part == "{kind}":
				parts[n] = "whatsapp"
				continue
			case part == "{token}":
				parts[n] = "none"
				continue
			case site:
				name = map[string]string{"{channel_id}": "site", "{message_id}": "visit_message", "{id}": "visit_file"}[part]
			case part == "{channel_id}":
				name = "channel"
			case r.id != "" && at == last:
				name = r.id
			}
			if parts[n] = w.ids[name]; parts[n] == "" {
				t.Fatalf("%s: tell this test what %s stands for", op.OperationID, part)
			}
		}
		at += len(part) + 1
	}
	return strings.Join(parts, "/")
}

// counts compares what each user is told of numbers with what they see: numbers leak too.
func (w *walk) counts(t *testing.T) {
	t.Helper()
	total := map[string]float64{}
	for caller := range roleOf {
		c := w.callers[caller]
		for view, filter := range map[string]string{"all": "", "unassigned": "&assignee=none", "mine": "&assignee=me"} {
			counted := c.get(t, "/api/v1/conversations/counts")[view].(float64)
			listed := len(c.get(t, "/api/v1/conversations?limit=200&status=open"+filter)["items"].([]any))
			if int(counted) != listed {
				t.Errorf("the %s is told of %v conversations in %s and sees %d", caller, counted, view, listed)
			}
			if view == "all" {
				total[caller] = counted
			}
		}
	}
	if total[theColleague] != 1 || total[theMate] != 2 || total[theStranger] != 1 || total[theAgent] != 7 || total[theOwner] != 8 {
		t.Errorf("conversations are counted as %v", total)
	}
	for _, path := range []string{"/api/v1/dead-letters/count", "/api/v1/failed-messages/count"} {
		if theirs, ours := w.stranger.get(t, path)["count"], w.owner.get(t, path)["count"]; theirs != 0.0 || ours != 2.0 {
			t.Errorf("%s: %v in the workspace, %v in another", path, ours, theirs)
		}
	}
}

// suggestions asks for who may be the same person as somebody whom everybody sees.
func (w *walk) suggestions(t *testing.T) {
	t.Helper()
	for _, caller := range theWorkspace {
		w.call(t, caller, http.MethodGet, "/api/v1/contacts/"+w.ids["plain"]+"/suggestions", nil)
	}
}

// listenAll opens a socket for everybody who may have one.
func (w *walk) listenAll(t *testing.T) map[string]*listener {
	t.Helper()
	sockets := map[string]*listener{}
	for _, caller := range callers {
		c := w.callers[caller]
		if _, user := roleOf[caller]; user {
			sockets[caller] = c.listen(t, "")
		} else if c.token != "" {
			sockets[caller] = c.listenAt(t, "/widget/"+w.ids["site"]+"/ws?token="+c.token)
			if _, _, err := c.dial(t, "", nil); err == nil {
				t.Errorf("the live socket opens for the %s", caller)
			}
		}
	}
	if _, _, err := w.callers[nobodyAtAll].dial(t, "", http.Header{}); err == nil {
		t.Error("the live socket opens for nobody")
	}
	return sockets
}

// script changes what was planted while the sockets are open.
func (w *walk) script(t *testing.T, sockets map[string]*listener) {
	t.Helper()
	at := "/api/v1/conversations/" + w.ids["conversation"]
	w.secret(thoseWithIt, "zebralater", "zebrareply", "zebraending", "zebrarenamed", "zebrawriting")
	w.secret(theWorkspace, "commonend")
	w.secret([]string{theStranger}, "foreignend")
	w.secret([]string{theVisitor, theAgent, theSupervisor, theAdmin, theOwner}, "zebravisitend")
	w.hook(t, w.channel, justNow(demoAccount.ID, "972540001001", "wamid.z2", "zebralater"))
	w.agent.do(t, http.StatusCreated, http.MethodPost, at+"/messages", object{"client_id": "r", "type": "text", "text": "zebrareply"})
	until(t, "the reply is sent", func() bool {
		last := lastMessage(t, w.owner, w.ids["conversation"])
		return last["text"] == "zebrareply" && last["status"] == "sent"
	})
	sockets[theAgent].send(t, object{"type": "viewing", "data": object{"conversation_id": w.ids["conversation"]}})
	sockets[theAgent].send(t, object{"type": "typing", "data": object{"conversation_id": w.ids["visit"], "typing": true}})
	w.agent.do(t, http.StatusOK, http.MethodPost, at+"/lock", object{"take_over": true, "text": "zebrawriting"})
	sockets[theAgent].send(t, object{"type": "presence", "data": object{"status": "busy"}})
	w.owner.do(t, http.StatusOK, http.MethodPatch, at, object{"status": "resolved"})
	w.agent.do(t, http.StatusOK, http.MethodPost, at+"/read", nil)
	w.owner.do(t, http.StatusOK, http.MethodPatch, "/api/v1/contacts/"+w.ids["contact"], object{"name": "zebrarenamed"})

	// What nobody had is given to the agent: from then on the colleague hears nothing more of it.
	w.given(t, "free", "free_contact", "zebrataken")
	w.secret(thoseWithIt, "zebrataken")
	w.hook(t, w.channel, justNow(demoAccount.ID, "972540002001", "wamid.c2", "zebraending"))
	until(t, "the last words are there", func() bool { return lastMessage(t, w.owner, w.ids["free"])["text"] == "zebraending" })

	w.offers(t)
	w.teams(t, sockets)
	w.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+w.ids["visit"]+"/messages",
		object{"client_id": "e", "type": "text", "text": "zebravisitend"})
	w.hook(t, w.channel, justNow(demoAccount.ID, "972540002002", "wamid.c3", "commonend"))
	w.hook(t, w.ids["foreign_channel"], justNow("800000000000444", "972540003001", "wamid.f2", "foreignend"))
}

// offers has the supervisor asked for something that waits for a team of theirs, and decline it.
func (w *walk) offers(t *testing.T) {
	t.Helper()
	asked := w.callers[theSupervisor]
	team := w.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/teams",
		object{"name": "Offers", "member_ids": []string{w.ids[theSupervisor]}, "hand_over": "offer", "offer_seconds": 600})["id"].(string)
	asked.do(t, http.StatusOK, http.MethodPut, "/api/v1/me/presence", object{"state": "online"})
	w.secret(supervisors, "zebraoffered")
	w.hook(t, w.channel, justNow(demoAccount.ID, "972540005001", "wamid.o1", "anything"))
	w.arrived(t, w.owner, "Hook 972540005001", "offered", "offered_contact")
	at := "/api/v1/conversations/" + w.ids["offered"]
	w.owner.do(t, http.StatusOK, http.MethodPost, at+"/assign", object{"team_id": team})
	until(t, "it is offered", func() bool { return asked.get(t, at+"/routing")["state"] == "offered" })
	mine := func(c client) []any { return c.get(t, "/api/v1/me/offers")["items"].([]any) }
	if open := mine(asked); len(open) != 1 || open[0].(map[string]any)["conversation_id"] != w.ids["offered"] ||
		open[0].(map[string]any)["left_ms"].(float64) <= 0 || len(mine(w.owner)) != 0 {
		t.Errorf("offers: %v, and of somebody else %v", open, mine(w.owner))
	}
	w.hook(t, w.channel, justNow(demoAccount.ID, "972540005001", "wamid.o2", "zebraoffered"))
	until(t, "the words are there", func() bool { return lastMessage(t, w.owner, w.ids["offered"])["text"] == "zebraoffered" })
	asked.do(t, http.StatusNoContent, http.MethodPost, at+"/offer", object{"accept": false, "reason": "lunch"})
	if got := asked.get(t, at+"/routing")["state"]; got != "queued" || len(mine(asked)) != 0 {
		t.Errorf("declined: %v", got)
	}
}

// teams has the mate and the colleague change places: each hears of the team's work exactly while they are its member, on the socket that
// was open all the time.
func (w *walk) teams(t *testing.T, sockets map[string]*listener) {
	t.Helper()
	team := "/api/v1/teams/" + w.ids["team"]
	says := func(n int, text string, heardBy ...string) {
		w.secret(append(heardBy, supervisors...), text)
		w.hook(t, w.channel, justNow(demoAccount.ID, "972540004001", fmt.Sprint("wamid.t", n), text))
		until(t, text+" is there", func() bool { return lastMessage(t, w.owner, w.ids["queued"])["text"] == text })
	}
	says(2, "zebraqueuefirst", theMate)
	w.owner.do(t, http.StatusOK, http.MethodPatch, team, object{"member_ids": []string{w.ids[theColleague]}})
	for _, who := range []string{theMate, theColleague} {
		sockets[who].greeted(t, 2)
	}
	w.secret(append([]string{theColleague}, theTeam...), "zebraqueuewords", "zebraqueuename", "972540004001", w.ids["queued"],
		w.ids["queued_contact"])
	says(3, "zebraqueuenext", theColleague)
	spare := w.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/teams", object{"name": "Spare"})["id"].(string)
	w.owner.do(t, http.StatusNoContent, http.MethodDelete, "/api/v1/teams/"+spare, nil)
	w.owner.do(t, http.StatusNoContent, http.MethodDelete, team, nil)
	sockets[theColleague].greeted(t, 3)
	says(4, "zebraqueuelast")
}

// frames looks at all that came through the sockets, up to the last words that each is to get.
func (w *walk) frames(t *testing.T, sockets map[string]*listener) {
	t.Helper()
	came := map[string]bool{}
	for caller, l := range sockets {
		end := map[string]string{theVisitor: "zebravisitend", theStranger: "foreignend", thePasserby: "pong"}[caller]
		if end == "" {
			end = "commonend"
		}
		l.send(t, object{"type": "ping"})
		timeout := time.After(patience)
		for ended, ponged := false, false; !ended || !ponged; {
			var f frame
			select {
			case f = <-l.frames:
			case <-timeout:
				t.Fatalf("the %s never hears %s", caller, end)
			}
			text := string(f.raw)
			came[f.Type], ponged, ended = true, ponged || f.Type == "pong", ended || strings.Contains(text, end)
			may, known := frameTypes[f.Type]
			if !known {
				t.Errorf("%s is not in the table of frames: who may get it? %s", f.Type, clip(f.raw))
			} else if !slices.Contains(may, caller) {
				t.Errorf("the %s gets %s", caller, clip(f.raw))
			}
			w.search(t, caller, "a frame "+f.Type, text, namesOnly[f.Type])
		}
	}
	for kind := range frameTypes {
		if !came[kind] {
			t.Errorf("no %s came: what is in the table is not tested", kind)
		}
	}
	for caller, word := range map[string]string{theMate: "zebraqueuefirst", theColleague: "zebraqueuenext", theOwner: "zebraqueuelast"} {
		if !w.seen[word][caller] {
			t.Errorf("no frame tells the %s %q", caller, word)
		}
	}
	for _, caller := range thoseWithIt {
		for _, word := range []string{"zebralater", "zebrareply", "zebrarenamed", "zebraending"} {
			if !w.seen[word][caller] {
				t.Errorf("no frame tells the %s %q", caller, word)
			}
		}
	}
}
