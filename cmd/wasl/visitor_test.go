package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// site is a website of the shared gateway's workspace.
type site struct {
	*shared
	id, root, hook string
	secret         string
}

const siteOrigin = "https://shop.example"

func newSite(t *testing.T, s *shared) site {
	t.Helper()
	secret := strings.Repeat("visitors-secret-", 2) + strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels", object{
		"kind": "widget", "name": "Shop", "credentials": object{
			"origins": siteOrigin + ", http://localhost:4173", "secret": secret,
			"greeting": "Hi there",
		},
	})
	id := ch["id"].(string)
	settings := ch["settings"].(object)
	if settings["origins"] != siteOrigin+" http://localhost:4173" || settings["site_key"] == "" || settings["secret"] != nil ||
		ch["account"] != settings["site_key"] {
		t.Errorf("connected: %v", ch)
	}
	return site{shared: s, id: id, root: "/widget/" + id, hook: "/webhooks/widget/" + id, secret: secret}
}

// visitor is a browser on the site.
type visitor struct {
	client
	site
	id, files string
}

func (w site) visitor(t *testing.T) visitor {
	t.Helper()
	a := client{base: w.base}.do(t, http.StatusOK, http.MethodPost, w.root+"/visitor", nil)
	if a["new"] != true || strings.Contains(fmt.Sprint(a), w.secret) {
		t.Errorf("a new visitor: %v", a)
	}
	return visitor{
		client: client{base: w.base, token: a["token"].(string)}, site: w, id: a["visitor"].(string),
		files: a["files_token"].(string),
	}
}

// says posts events as the page's script does.
func (v visitor) says(t *testing.T, events ...object) {
	t.Helper()
	a := v.client.call(t, http.MethodPost, v.hook, object{"visitor": v.id, "events": events}, "Origin", siteOrigin)
	if a.status != http.StatusOK || a.header.Get("Access-Control-Allow-Origin") != siteOrigin {
		t.Fatalf("%d %s %v", a.status, a.body, a.header)
	}
}

func message(id, text string, files ...string) object {
	return object{"type": "message", "id": id, "text": text, "files": files}
}

// seen waits for the visitor's conversation in the inbox.
func (v visitor) seen(t *testing.T) object {
	t.Helper()
	name := "Visitor " + strings.ToUpper(v.id[len(v.id)-4:])
	var conv object
	until(t, name+" is in the list", func() bool { conv = conversationWith(t, v.owner, name); return conv != nil })
	return conv
}

// history is what the visitor sees, newest first.
func (v visitor) history(t *testing.T) []any {
	t.Helper()
	return v.client.get(t, v.root+"/messages")["items"].([]any)
}

func TestAVisitorTalksWithAnAgent(t *testing.T) {
	t.Parallel()
	v := newSite(t, gatewayFor(t)).visitor(t)
	socket := v.client.listenAt(t, v.root+"/ws?token="+v.token)
	socket.next(t, "hello")
	watch := v.owner.listen(t, "")
	watch.next(t, "hello")
	v.says(t, message("m1", "Is this in stock?"))
	v.says(t, message("m1", "Is this in stock?")) // the answer was lost on the way
	if mine := socket.next(t, "message.created"); mine.Data["client_id"] != "m1" || mine.Data["from"] != "visitor" {
		t.Errorf("the visitor sees %s", mine.raw)
	}
	conv := v.seen(t)
	path := "/api/v1/conversations/" + conv["id"].(string)
	if conv["channel_kind"] != "widget" || conv["unread_count"] != 1.0 {
		t.Errorf("an agent sees %v", conv)
	}
	v.owner.do(t, http.StatusCreated, http.MethodPost, path+"/messages", object{"client_id": "n", "type": "note", "text": "a careful note"})
	out := v.owner.do(t, http.StatusCreated, http.MethodPost, path+"/messages",
		object{"client_id": "a", "type": "text", "text": "Yes, it is."})
	answer := socket.next(t, "message.updated")
	if answer.Data["text"] != "Yes, it is." || answer.Data["from"] != "us" || answer.Data["status"] != "sent" {
		t.Errorf("the visitor hears %s", answer.raw)
	}
	v.says(t, object{"type": "receipt", "status": "read", "messages": []any{out["id"]}})
	until(t, "the answer is read", func() bool { return lastMessage(t, v.owner, conv["id"].(string))["status"] == "read" })
	v.owner.do(t, http.StatusOK, http.MethodPost, path+"/read", nil)
	if f := socket.next(t, "conversation.updated"); f.Data["read_to"] != "m1" || len(f.Data) != 1 {
		t.Errorf("what was read: %s", f.raw)
	}
	thread := v.client.get(t, v.root+"/messages")
	if items := thread["items"].([]any); len(items) != 2 || thread["read_to"] != "m1" || strings.Contains(fmt.Sprint(thread), "careful") {
		t.Errorf("the visitor's history: %v", thread)
	}
	for _, inner := range []string{"conversation_id", "contact_id", "author", "channel_id", "provider_id", "usr_"} {
		if strings.Contains(fmt.Sprint(thread)+string(answer.raw), inner) {
			t.Errorf("the visitor sees %s of ours: %v", inner, thread)
		}
	}
	v.says(t, object{"type": "details", "name": "Dana Levi", "email": "Dana@Example.com"})
	until(t, "the contact has a name and an address", func() bool {
		c := v.owner.get(t, "/api/v1/contacts/"+conv["contact"].(object)["id"].(string))
		return c["name"] == "Dana Levi" && fmt.Sprint(c["emails"]) == "[dana@example.com]"
	})
	for len(socket.frames) > 0 {
		if f := <-socket.frames; strings.Contains(string(f.raw), "careful") || f.Type == "presence" {
			t.Errorf("not for visitors: %s", f.raw)
		}
	}
}

// A browser that comes back with its token is the same visitor; a token that is forged or of another site is nobody's.
func TestAVisitorIsKnownByTheirTokenOnly(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	w := newSite(t, s)
	v := w.visitor(t)
	again := v.client.do(t, http.StatusOK, http.MethodPost, w.root+"/visitor", nil)
	if again["visitor"] != v.id || again["new"] != false {
		t.Errorf("the same browser is %v", again)
	}
	v.says(t, message("1", "only mine"))
	v.seen(t)
	other := newSite2(t, s).visitor(t)
	body := object{"visitor": v.id, "events": []object{message("forged", "forged words")}}
	for what, token := range map[string]string{
		"no": "", "made up": "visit." + v.id + ".9999999999.AAAA", "of another visitor": w.visitor(t).token, "of another site": other.token,
		"for files": v.files, "cut short": v.token[:len(v.token)-1], "of a user": s.owner.token,
	} {
		if a := (client{base: s.base, token: token}).refused(t, 401, "bad_signature", http.MethodPost, w.hook,
			body); a.status == http.StatusOK {
			t.Errorf("a token %s is taken", what)
		}
		if what == "of another visitor" {
			continue // who is somebody, only not this one
		}
		client{base: s.base, token: token}.refused(t, 401, "unknown_visitor", http.MethodGet, w.root+"/messages", nil)
		client{base: s.base, token: token}.refused(t, 401, "unknown_visitor", http.MethodPost, w.root+"/media", object{})
		if _, res, err := (client{base: s.base}).dialAt(t, w.root+"/ws?token="+token, http.Header{}); err == nil || res == nil ||
			res.StatusCode != http.StatusUnauthorized {
			t.Errorf("a socket with a token %s: %v", what, err)
		}
		if a := (client{base: s.base, token: token}).do(t, http.StatusOK, http.MethodPost, w.root+"/visitor", nil); a["visitor"] == v.id ||
			a["new"] != true {
			t.Errorf("a token %s begins as %v", what, a)
		}
	}
	v.says(t, message("2", "after the forgeries"))
	until(t, "the genuine one is there", func() bool { return len(v.history(t)) == 2 })
	if strings.Contains(fmt.Sprint(v.history(t)), "forged") {
		t.Error("forged words were stored")
	}
	if items := w.visitor(t).history(t); len(items) != 0 {
		t.Errorf("a stranger sees %v", items)
	}
}

// newSite2 is another website of the same workspace.
func newSite2(t *testing.T, s *shared) site {
	t.Helper()
	ch := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/channels",
		object{"kind": "widget", "name": "Blog", "credentials": object{"origins": "*"}})
	id := ch["id"].(string)
	return site{shared: s, id: id, root: "/widget/" + id, hook: "/webhooks/widget/" + id, secret: "never shown"}
}

func (v visitor) upload(t *testing.T, name string, content []byte) answer {
	t.Helper()
	body, kind := multipartFile(t, name, content)
	return v.client.call(t, http.MethodPost, v.root+"/media", body, "Content-Type", kind)
}

func TestAVisitorsFilesAreTheirs(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	w := newSite(t, s)
	v, thief := w.visitor(t), w.visitor(t)
	up := v.upload(t, `C:\pictures\receipt.png`, pngFile(t))
	if up.status != http.StatusCreated || up.json["kind"] != "image" || up.json["name"] != "receipt.png" {
		t.Fatalf("%d %s", up.status, up.body)
	}
	file := up.json["id"].(string)
	thief.says(t, message("t", "", file), message("own", "", upload(t, s.owner, "secret.png", pngFile(t))["id"].(string)))
	stolen := thief.seen(t)
	v.says(t, message("f", "", file))
	mine := lastMessage(t, s.owner, v.seen(t)["id"].(string))
	if a := mine["attachments"].([]any)[0].(object); a["id"] != file || a["state"] != "ready" || a["kind"] != "image" {
		t.Errorf("an agent sees %v", a)
	}
	for _, m := range s.owner.get(t, "/api/v1/conversations/"+stolen["id"].(string)+"/messages")["items"].([]any) {
		if a := m.(object)["attachments"].([]any)[0].(object); a["state"] != "failed" {
			t.Errorf("somebody else's file was sent: %v", a)
		}
	}
	s.owner.call(t, http.MethodGet, "/api/v1/media/"+file, nil)
	place := w.root + "/messages/" + mine["id"].(string) + "/media/" + file
	nobody := client{base: s.base}
	for _, path := range []string{place, place + "/thumbnail"} {
		if a := nobody.call(t, http.MethodGet, path+"?token="+v.files, nil); a.status != http.StatusOK ||
			!strings.HasPrefix(a.header.Get("Content-Type"), "image/") {
			t.Errorf("%s: %d %s", path, a.status, a.header)
		}
		nobody.refused(t, 401, "unknown_visitor", http.MethodGet, path, nil)
		nobody.refused(t, 404, "not_found", http.MethodGet, path+"?token="+thief.files, nil)
	}
	nobody.refused(t, 404, "not_found", http.MethodGet, w.root+"/messages/"+mine["id"].(string)+"/media/med_other?token="+v.files, nil)
	if a := v.upload(t, "empty.txt", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty file: %d", a.status)
	}
	if a := v.upload(t, "page.html", []byte("<html><script>alert(1)</script>")); a.json["kind"] != "document" {
		t.Errorf("a page: %s", a.body)
	}
	v.client.refused(t, 413, "too_large", http.MethodPost, v.hook, object{
		"visitor": v.id,
		"events":  []object{message("big", strings.Repeat("x", 200<<10))},
	})
	thief.client.token = "none"
	thief.client.refused(t, 401, "unknown_visitor", http.MethodPost, v.root+"/media", bytes.Repeat([]byte("x"), 2<<20))
}

func TestOnlyTheChannelsOriginsMayAskAndNotTooFast(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	w := newSite(t, s)
	v := w.visitor(t)
	nobody := client{base: s.base}
	for _, origin := range []string{"https://evil.example", "null", "http://shop.example", siteOrigin + ".evil.example"} {
		for method, path := range map[string]string{http.MethodGet: w.root, http.MethodPost: w.hook} {
			if a := v.client.refused(t, 403, "origin_not_allowed", method, path, nil, "Origin",
				origin); a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s is let in", origin)
			}
		}
		if _, res, err := nobody.dialAt(t, w.root+"/ws?token="+v.token, http.Header{"Origin": {origin}}); err == nil || res == nil ||
			res.StatusCode != http.StatusForbidden {
			t.Errorf("a socket from %s: %v", origin, err)
		}
	}
	a := nobody.call(t, http.MethodGet, w.root, nil, "Origin", siteOrigin)
	has(t, "the settings", a.json, "title greeting colour language online")
	if a.header.Get("Access-Control-Allow-Origin") != siteOrigin || a.header.Get("Access-Control-Allow-Credentials") != "" ||
		!strings.Contains(a.header.Get("Vary"), "Origin") {
		t.Errorf("headers for the site: %v", a.header)
	}
	asked, err := nobody.try(t.Context(), http.MethodOptions, w.hook, nil, "Origin", siteOrigin, "Access-Control-Request-Method", "POST")
	if err != nil || asked.status != http.StatusNoContent || !strings.Contains(asked.header.Get("Access-Control-Allow-Headers"),
		"Authorization") {
		t.Errorf("a browser that asks first: %d %v %v", asked.status, asked.header, err)
	}
	nobody.refused(t, 404, "unknown_channel", http.MethodGet, "/widget/chn_none", nil)
	nobody.refused(t, 404, "unknown_channel", http.MethodGet, "/widget/"+s.channel, nil) // a channel, but no website
	nobody.refused(t, 404, "not_found", http.MethodGet, w.root+"/secrets", nil)
	flooded := false
	for n := range 200 {
		a, err := v.client.try(t.Context(), http.MethodPost, w.hook, object{
			"visitor": v.id,
			"events":  []object{message(fmt.Sprint(n), "flood")},
		})
		if err != nil {
			t.Fatal(err)
		}
		if flooded = a.status == http.StatusTooManyRequests; flooded {
			if a.header.Get("Retry-After") == "" || a.json["code"] != "too_many_requests" {
				t.Errorf("%v %s", a.header, a.body)
			}
			break
		}
	}
	if !flooded {
		t.Error("a flood of one visitor is taken whole")
	}
	w.visitor(t).says(t, message("1", "others are not held up"))
}

func TestAWebsiteIsConnectedWithWhatCanBeUsed(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	for field, value := range map[string]string{
		"origins": "shop.example", "secret": "short", "colour": "red", "language": "tlh", "title": strings.Repeat("x", 61), "site_key": " ",
	} {
		credentials := object{"origins": "https://a.example", field: value}
		a := s.owner.refused(t, 422, "invalid_credentials", http.MethodPost, "/api/v1/channels",
			object{"kind": "widget", "name": "Site", "credentials": credentials})
		if !strings.Contains(string(a.body), "credentials."+field) {
			t.Errorf("%s: %s", field, a.body)
		}
	}
	w := newSite(t, s)
	path := "/api/v1/channels/" + w.id
	got := s.owner.do(t, http.StatusOK, http.MethodPatch, path,
		object{"credentials": object{"title": "Ask us", "colour": "#123456", "origins": "*"}})
	if settings := got["settings"].(object); settings["title"] != "Ask us" || settings["greeting"] != "Hi there" ||
		settings["origins"] != "*" {
		t.Errorf("changed: %v", got)
	}
	s.owner.refused(t, 422, "invalid_credentials", http.MethodPatch, path, object{"credentials": object{"colour": "url(x)"}})
	s.owner.refused(t, 422, "account_changed", http.MethodPatch, path, object{"credentials": object{"site_key": "another"}})
	shown := client{base: s.base}.get(t, w.root)
	if shown["title"] != "Ask us" || shown["colour"] != "#123456" {
		t.Errorf("a page shows %v", shown)
	}
	v := w.visitor(t)
	s.owner.do(t, http.StatusOK, http.MethodPatch, path, object{"credentials": object{"secret": strings.Repeat("rotated-", 5)}})
	v.client.refused(t, 401, "unknown_visitor", http.MethodGet, w.root+"/messages", nil)
	s.owner.do(t, http.StatusNoContent, http.MethodDelete, path, nil)
	client{base: s.base}.refused(t, 404, "unknown_channel", http.MethodGet, w.root, nil)
}

// Whom agents take for one person may still be two: each browser keeps seeing what was said with it, and no more.
func TestAMergeShowsNoVisitorTheOthersWords(t *testing.T) {
	t.Parallel()
	w := newSite(t, gatewayFor(t))
	one, two := w.visitor(t), w.visitor(t)
	one.says(t, message("1", "the first one's words"))
	two.says(t, message("1", "the second one's words"))
	a, b := one.seen(t), two.seen(t)
	socket := two.client.listenAt(t, w.root+"/ws?token="+two.token)
	socket.next(t, "hello")
	w.owner.do(t, http.StatusOK, http.MethodPost, "/api/v1/contacts/"+a["contact"].(object)["id"].(string)+"/merge", object{
		"contact_id": b["contact"].(object)["id"],
	})
	one.says(t, message("2", "the first one's again"))
	w.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+a["id"].(string)+"/messages",
		object{"client_id": "a", "type": "text", "text": "to the first one"})
	two.says(t, message("2", "the second one's again"))
	until(t, "both see their own", func() bool { return len(one.history(t)) == 3 && len(two.history(t)) == 2 })
	if seen := fmt.Sprint(two.history(t)); strings.Contains(seen, "first one") {
		t.Errorf("the second visitor sees %s", seen)
	}
	for f := (frame{}); f.Data["text"] != "the second one's again"; {
		if f = <-socket.frames; strings.Contains(string(f.raw), "first one") {
			t.Errorf("the second visitor hears %s", f.raw)
		}
	}
}
