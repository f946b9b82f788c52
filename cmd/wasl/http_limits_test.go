package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEveryErrorIsAProblemWithACode(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	me, nobody := s.owner, client{base: s.base}
	for _, c := range []struct {
		who          client
		status       int
		code, method string
		path         string
		body         any
		header       []string
	}{
		{me, 404, "not_found", "GET", "/api/v1/nothing", nil, nil},
		{me, 404, "not_found", "DELETE", "/api/", nil, nil},
		{me, 404, "not_found", "GET", "/api/v1/me/", nil, nil},
		{me, 404, "not_found", "GET", "/api/v1/conversations/cnv_nothing", nil, nil},
		{me, 404, "not_found", "GET", "/webhooks/whatsapp", nil, nil},
		{me, 405, "method_not_allowed", "DELETE", "/api/v1/me", nil, nil},
		{me, 405, "method_not_allowed", "PUT", "/api/v1/channels", object{}, nil},
		{me, 405, "method_not_allowed", "POST", "/healthz", nil, nil},
		{me, 405, "method_not_allowed", "BREW", "/api/v1/me", nil, nil},
		{me, 405, "method_not_allowed", "DELETE", "/webhooks/whatsapp/" + s.channel, nil, nil},
		{me, 404, "not_found", "POST", "/", nil, nil},
		{nobody, 401, "unauthorized", "GET", "/api/v1/me", nil, nil},
		{client{base: s.base, token: "made-up"}, 401, "unauthorized", "GET", "/api/v1/me", nil, nil},
		{nobody, 422, "invalid_input", "POST", "/api/v1/auth/login", object{"email": "x"}, nil},
		{nobody, 400, "bad_request", "POST", "/api/v1/auth/login", `{"email":`, nil},
		{nobody, 400, "bad_request", "POST", "/api/v1/auth/login", nil, nil},
		{
			nobody, 422, "invalid_input", "POST", "/api/v1/auth/login",
			object{"email": "a@b.example", "password": "12345678", "extra": 1},
			nil,
		},
		{
			nobody, 415, "unsupported_media_type", "POST", "/api/v1/auth/login", "email=a",
			[]string{"Content-Type", "application/x-www-form-urlencoded"},
		},
		{nobody, 415, "compressed_body", "POST", "/api/v1/auth/login", object{}, []string{"Content-Encoding", "gzip"}},
		{
			nobody, 401, "bad_credentials", "POST", "/api/v1/auth/login",
			object{"email": "nobody@wasl.example", "password": "a wrong one"},
			nil,
		},
		{nobody, 426, "upgrade_required", "GET", "/api/v1/ws", nil, nil},
		{me, 422, "missing_file", "POST", "/api/v1/media", "x", []string{"Content-Type", "text/plain"}},
		{me, 404, "not_found", "GET", "/api/v1/media/med_nothing", nil, nil},
		{me, 422, "invalid_input", "POST", "/api/v1/channels", object{"kind": "pigeon", "name": "Mail", "credentials": object{}}, nil},
		{me, 422, "invalid_credentials", "POST", "/api/v1/channels", object{
			"kind": "whatsapp", "name": "Half",
			"credentials": object{"access_token": "x"},
		}, nil},
		{me, 409, "channel_exists", "POST", "/api/v1/channels", connection(s.sandbox, demoAccount.ID), nil},
	} {
		a := c.who.refused(t, c.status, c.code, c.method, c.path, c.body, c.header...)
		if c.status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "" {
			t.Errorf("%s %s: 405 without Allow", c.method, c.path)
		}
	}
}

func TestBodiesAreBoundedByWhereTheyGo(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	nobody := client{base: s.base}
	mega := func(n int) []byte { return bytes.Repeat([]byte("x"), n<<20) }
	json := func(n int) []byte { return append(append([]byte(`{"email":"`), mega(n)...), `"}`...) }
	hook := "/webhooks/whatsapp/" + s.channel
	file, kind := multipartFile(t, "big.bin", mega(20))
	for _, c := range []struct {
		what   string
		who    client
		status int
		path   string
		body   []byte
		header []string
	}{
		{"JSON over 1 MiB", nobody, 413, "/api/v1/auth/login", json(1), nil},
		{"an unknown address", nobody, 413, "/anything", mega(2), nil},
		{"a webhook under 5 MiB", nobody, 401, hook, mega(4), nil},
		{"a webhook over 5 MiB", nobody, 413, hook, mega(6), nil},
		{"mail under 30 MiB", nobody, 404, "/webhooks/email/chn_none", mega(20), nil},
		{"mail over 30 MiB", nobody, 413, "/webhooks/email/chn_none", mega(31), nil},
		{"an upload of nobody", nobody, 401, "/api/v1/media", mega(2), []string{"Content-Type", kind}},
		{"an upload of 20 MiB", s.agent, 201, "/api/v1/media", file, []string{"Content-Type", kind}},
	} {
		if a := c.who.call(t, http.MethodPost, c.path, c.body, c.header...); a.status != c.status {
			t.Errorf("%s: %d instead of %d: %s", c.what, a.status, c.status, clip(a.body))
		}
	}
}

// Somebody who announces a large body is refused at once: nobody waits for it.
func TestALargeBodyIsRefusedBeforeItIsRead(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn,
		"POST /api/v1/media HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", 90<<20)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer := make([]byte, 512)
	n, err := conn.Read(answer)
	if err != nil || !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 401")) {
		t.Fatalf("%s %v", answer[:n], err)
	}
}

func TestHeadIsGetWithoutABodyAndOptionsNamesTheMethods(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	for _, path := range []string{"/api/v1/me", "/healthz", "/api/openapi.json", "/api/v1/channels/" + s.channel} {
		get, head := s.owner.call(t, http.MethodGet, path, nil), s.owner.call(t, http.MethodHead, path, nil)
		if head.status != get.status || len(head.body) != 0 || head.header.Get("Content-Type") != get.header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d with %d bytes, %v", path, head.status, len(head.body), head.header)
		}
	}
	if a := s.owner.call(t, http.MethodHead, "/api/v1/nothing", nil); a.status != http.StatusNotFound {
		t.Errorf("HEAD of nothing: %d", a.status)
	}
	a := s.owner.call(t, http.MethodOptions, "/api/v1/channels/"+s.channel, nil, "Origin", "https://evil.example",
		"Access-Control-Request-Method", "DELETE")
	if a.status != http.StatusNoContent || a.header.Get("Allow") != "DELETE, GET, HEAD, PATCH, OPTIONS" ||
		a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("OPTIONS: %d %v", a.status, a.header)
	}
	s.owner.refused(t, 404, "not_found", http.MethodOptions, "/api/v1/nothing", nil)
}

func TestPagesAndOperationsAnswer(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	nobody := client{base: s.base}
	for path, has := range map[string]string{
		"/healthz": "ok", "/readyz": "ok", "/metrics": "wasl_http_request_duration_seconds",
		"/api/docs": "<html",
	} {
		a := nobody.call(t, http.MethodGet, path, nil)
		if a.status != http.StatusOK || !bytes.Contains(a.body, []byte(has)) {
			t.Errorf("%s: %d %s", path, a.status, clip(a.body))
		}
	}
	if a := nobody.call(t, http.MethodGet, "/api/docs", nil); !strings.Contains(a.header.Get("Content-Security-Policy"),
		"default-src 'none'") {
		t.Errorf("the docs' policy: %v", a.header)
	}
	// Channels are few, and whoever watches them needs to know which one; nothing that grows with the customers is a label.
	for _, label := range []string{"usr_", "cnv_", "con_", "msg_"} {
		if a := nobody.call(t, http.MethodGet, "/metrics", nil); bytes.Contains(a.body, []byte(label)) {
			t.Errorf("the metrics are labelled with %s", label)
		}
	}
}

func TestCookiesCountOnlyFromOurOwnPages(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	nobody := client{base: s.base}
	a := nobody.call(t, http.MethodPost, "/api/v1/auth/login", object{"email": "colleague@wasl.example", "password": testPassword})
	set := (&http.Response{Header: a.header}).Cookies()
	if len(set) != 2 || set[0].Name != "wasl_session" || set[0].Path != "/" || set[1].Name != "wasl_device" ||
		set[1].Path != "/api/v1/auth" {
		t.Fatalf("the cookies: %v", a.header["Set-Cookie"])
	}
	for _, c := range set {
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.MaxAge <= 0 {
			t.Errorf("the cookie %v", c)
		}
	}
	cookie := "wasl_session=" + set[0].Value
	rename := object{"name": "colleague"}
	ours := strings.TrimPrefix(s.base, "http://")
	for _, c := range []struct {
		status int
		method string
		header []string
	}{
		{200, "GET", nil},
		{200, "GET", []string{"Sec-Fetch-Site", "cross-site"}}, // reading: the browser keeps the answer from the other site
		{200, "PATCH", nil},
		{200, "PATCH", []string{"Sec-Fetch-Site", "same-origin"}},
		{200, "PATCH", []string{"Origin", "http://" + ours}},
		{403, "PATCH", []string{"Sec-Fetch-Site", "cross-site"}},
		{403, "PATCH", []string{"Sec-Fetch-Site", "same-site"}},
		{403, "PATCH", []string{"Origin", "https://evil.example"}},
		{403, "PATCH", []string{"Origin", "null"}},
	} {
		var body any
		if c.method == "PATCH" {
			body = rename
		}
		if a := nobody.call(t, c.method, "/api/v1/me", body, append(c.header, "Cookie", cookie)...); a.status != c.status {
			t.Errorf("%s with %v: %d %s", c.method, c.header, a.status, a.body)
		}
	}
	_, res, err := nobody.dial(t, "", http.Header{"Cookie": {cookie}, "Origin": {"https://evil.example"}})
	if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("another site's page opened the socket: %v", err)
	}
	conn, _, err := nobody.dial(t, "", http.Header{"Cookie": {cookie}, "Origin": {"http://" + ours}})
	if err != nil {
		t.Fatal(err)
	}
	socket := collect(t, conn)
	socket.next(t, "hello")
	a = nobody.call(t, http.MethodPost, "/api/v1/auth/logout", nil, "Cookie", cookie)
	if gone := (&http.Response{Header: a.header}).Cookies(); a.status != http.StatusNoContent || len(gone) != 1 || gone[0].MaxAge >= 0 {
		t.Errorf("logout: %d %v", a.status, a.header["Set-Cookie"])
	}
	nobody.refused(t, 401, "unauthorized", http.MethodGet, "/api/v1/me", nil, "Cookie", cookie)
	nobody.refused(t, 401, "unauthorized", http.MethodGet, "/api/v1/me", nil, "Authorization", "Bearer "+set[0].Value)
	if code := socket.closing(t); code != 1008 {
		t.Errorf("the socket of who signed out closed with %d", code)
	}
}

func TestGuessingAPasswordIsSlowedDown(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	nobody := client{base: s.base}
	for range 20 {
		a := nobody.call(t, http.MethodPost, "/api/v1/auth/login", object{"email": "guessed@wasl.example", "password": "not the one"})
		if a.status == http.StatusTooManyRequests {
			if a.json["code"] != "too_many_attempts" || a.header.Get("Retry-After") == "" || a.header.Get("Retry-After") == "0" {
				t.Errorf("429 with %s, Retry-After %q", a.body, a.header.Get("Retry-After"))
			}
			return
		}
		if a.status != http.StatusUnauthorized {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	t.Error("20 guesses for one user are let through")
}

func TestNothingOfAnotherWorkspaceIsThere(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	_, conv := s.conversation(t, "Private Person", "972540000010")
	id := conv["id"].(string)
	message := lastMessage(t, s.owner, id)["id"].(string)
	file := upload(t, s.owner, "private.png", pngFile(t))["id"].(string)
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/api/v1/conversations/" + id, nil},
		{"PATCH", "/api/v1/conversations/" + id, object{"priority": "high"}},
		{"POST", "/api/v1/conversations/" + id + "/assign", object{"agent_id": nil}},
		{"POST", "/api/v1/conversations/" + id + "/read", nil},
		{"GET", "/api/v1/conversations/" + id + "/messages", nil},
		{"GET", "/api/v1/conversations/" + id + "/draft", nil},
		{"POST", "/api/v1/conversations/" + id + "/messages", object{"client_id": "x", "type": "note", "text": "x"}},
		{"PUT", "/api/v1/conversations/" + id + "/draft", object{"text": "x", "mode": "reply"}},
		{"POST", "/api/v1/conversations/" + id + "/messages/" + message + "/retry", nil},
		{"GET", "/api/v1/contacts/" + conv["contact"].(object)["id"].(string), nil},
		{"PATCH", "/api/v1/contacts/" + conv["contact"].(object)["id"].(string), object{"name": "x"}},
		{"GET", "/api/v1/channels/" + s.channel, nil},
		{"PATCH", "/api/v1/channels/" + s.channel, object{"name": "x"}},
		{"DELETE", "/api/v1/channels/" + s.channel, nil},
		{"POST", "/api/v1/channels/" + s.channel + "/templates/sync", nil},
		{"GET", "/api/v1/channels/" + s.channel + "/templates", nil},
		{"PATCH", "/api/v1/users/" + s.ids["agent"], object{"name": "x"}},
		{"GET", "/api/v1/media/" + file, nil},
		{"GET", "/api/v1/media/" + file + "/thumbnail", nil},
		{"POST", "/api/v1/dead-letters/job_nothing/replay", nil},
		{"DELETE", "/api/v1/dead-letters/job_nothing", nil},
	} {
		s.stranger.refused(t, 404, "not_found", c.method, c.path, c.body)
	}
	for _, path := range []string{"/api/v1/conversations", "/api/v1/contacts", "/api/v1/channels", "/api/v1/dead-letters"} {
		if items := s.stranger.get(t, path)["items"].([]any); len(items) != 0 {
			t.Errorf("%s shows a stranger %v", path, items)
		}
	}
	found := s.stranger.get(t, "/api/v1/search?q=private")
	if len(found["messages"].([]any)) != 0 || len(found["contacts"].([]any)) != 0 {
		t.Errorf("a stranger finds %v", found)
	}
	if users := s.stranger.get(t, "/api/v1/users")["items"].([]any); len(users) != 1 {
		t.Errorf("a stranger sees the users %v", users)
	}
}

func TestTheLogHoldsNoMessageNumberOrSecret(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	who, conv := s.conversation(t, "Discreet Person", "972540000011")
	s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/conversations/"+conv["id"].(string)+"/messages",
		object{"client_id": "d", "type": "text", "text": "strictly between us"})
	who.reads(t, "strictly between us")
	log := s.gateway.stderr.String()
	for _, private := range append([]string{"972540000011", "Discreet", "strictly", s.owner.token}, secrets...) {
		if strings.Contains(log, private) {
			t.Errorf("the log holds %q", private)
		}
	}
}
