package inbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/rs/zerolog"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/web"
	"wasl/search"
)

// site is a process with its HTTP routes.
type site struct {
	*process
	server *web.Server
	tokens map[string]string
	ids    map[string]string // of users, by name
}

func (p *process) site() *site {
	s := &site{process: p, server: web.New(zerolog.Nop()), tokens: map[string]string{}, ids: map[string]string{}}
	p.users.Routes(s.server.API)
	p.Channels.Routes(s.server.API, p.users)
	p.Contacts.Routes(s.server.API, p.users)
	p.Service.Routes(s.server.API, p.users)
	found := &search.Registry{}
	p.RegisterSearch(found)
	p.Contacts.RegisterSearch(found)
	found.Routes(s.server.API, p.users, auth.From)
	p.HTMLRoute(s.server, p.users)
	p.Files.Routes(s.server, p.users)
	return s
}

// user adds a user and signs in.
func (s *site) user(name, workspace string, role access.Role) access.Viewer {
	s.w.t.Helper()
	u, err := s.users.Bootstrap(s.w.t.Context(), workspace, auth.NewUser{
		Name: name, Email: name + "@example.com",
		Password: "a long password", Role: role,
	})
	if err != nil {
		s.w.t.Fatal(err)
	}
	if s.tokens[name], err = s.users.Open(s.w.t.Context(), u); err != nil {
		s.w.t.Fatal(err)
	}
	s.ids[name] = u.ID
	return access.Viewer{UserID: u.ID, WorkspaceID: u.WorkspaceID, Name: name, Role: role}
}

// team makes a team of the workspace and returns its id.
func (s *site) team(workspace, name string, members ...access.Viewer) string {
	s.w.t.Helper()
	var ids []string
	for _, m := range members {
		ids = append(ids, m.UserID)
	}
	v := access.Viewer{UserID: "usr_setup", WorkspaceID: auth.WorkspaceID(workspace), Role: access.Owner}
	t, _, err := s.users.CreateTeam(s.w.t.Context(), v, "", auth.NewTeam{Name: name, MemberIDs: ids})
	if err != nil {
		s.w.t.Fatal(err)
	}
	return t.ID
}

// call makes a request as the user.
func (s *site) call(name, method, path, body string, header ...string) (int, http.Header, string) {
	s.w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.tokens[name])
	r.Header.Set("Content-Type", "application/json")
	for n := 0; n+1 < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	resp, err := s.server.App.Test(r, -1)
	if err != nil {
		s.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(answer)
}

// bodies are what the operations that want one are asked with.
var bodies = map[string]string{
	"patch-conversation": `{"priority":"high"}`, "assign-conversation": `{"agent_id":null}`, "patch-channel": `{"name":"x"}`,
	"create-message": `{"client_id":"intruder","type":"note","text":"x"}`, "put-draft": `{"text":"x","mode":"reply"}`,
	"merge-conversations": `{"into":"cnv_x"}`, "split-conversation": `{"from_message_id":"msg_x"}`,
	"transcript-conversation": `{"format":"txt"}`,
	"patch-user":              `{"name":"x"}`, "lock-conversation": `{"text":"x"}`,
	"patch-contact": `{"name":"x"}`, "add-identity": `{"kind":"email","value":"a@b.example"}`, "merge-contact": `{"contact_id":"con_x"}`,
	"unmerge-contact":    `{"merge_id":"mrg_x"}`,
	"dismiss-suggestion": `{"contact_id":"con_x"}`, "begin-conversation": `{"channel_id":"chn_x"}`, "patch-me": `{"language":"en"}`,
	"patch-workspace": `{"country":"IL"}`, "patch-team": `{"name":"x"}`, "patch-user-profile": `{"team_ids":[]}`,
}

// filled replaces the parameters of a path by the ids of this world; ok is false where it has none.
func (w *world) filled(t *testing.T, path string, user string) (out string, ok bool) {
	t.Helper()
	if !strings.Contains(path, "{") {
		return path, false
	}
	m := w.message("Broken corner")
	dead := ""
	for _, j := range w.jobs() {
		dead = j.ID
	}
	team := ""
	for _, one := range everything[auth.Team](w, auth.Schemas()[2]) {
		team = one.ID
	}
	kinds := map[string]string{
		"conversations": m.ConversationID, "contacts": m.ContactID, "channels": m.ChannelID, "media": m.Attachments[0].ID, "users": user,
		"dead-letters": dead, "messages": m.ID, "failed-messages": m.ID, "teams": team,
	}
	parts := strings.Split(path, "/")
	for n, part := range parts {
		switch part {
		case "{id}":
			id := kinds[parts[n-1]]
			if id == "" {
				t.Fatalf("%s: tell this test which id to ask for", path)
			}
			parts[n] = id
		case "{message_id}":
			parts[n] = m.ID
		}
	}
	out = strings.Join(parts, "/")
	if strings.Contains(out, "{") {
		t.Fatalf("%s: tell this test what to fill in", path)
	}
	return out, true
}

// operation is one of the document.
type operation struct{ method, path, id string }

func (s *site) operations() (out []operation) {
	doc, err := json.Marshal(s.server.API.OpenAPI())
	if err != nil {
		s.w.t.Fatal(err)
	}
	var api struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(doc, &api); err != nil {
		s.w.t.Fatal(err)
	}
	for path, methods := range api.Paths {
		for method, op := range methods {
			out = append(out, operation{strings.ToUpper(method), path, op.OperationID})
		}
	}
	if len(out) < 25 {
		s.w.t.Fatalf("only %d operations", len(out))
	}
	return out
}

// furnished is a workspace with one of everything: conversation, message with a picture, contact, channel, user, team, dead letter.
func furnished(t *testing.T, w *world) *site {
	t.Helper()
	w.provider.files = map[string][]byte{"700000000000011": pngOf(t, 20, 10)}
	p := w.boot()
	s := p.site()
	s.user("owner", "w", access.Owner)
	s.team("w", "Everybody")
	p.ch = p.channel(auth.WorkspaceID("w"), phoneID)
	p.receive(sample(t, "image"), []byte("not understood"))
	settle(time.Second)
	if m := w.message("Broken corner"); m.Attachments[0].State != "ready" {
		t.Fatalf("%+v", m.Attachments)
	}
	return s
}

// TestAnotherWorkspaceIsNotThere asks every operation of the API for another workspace's things.
func TestAnotherWorkspaceIsNotThere(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		s.user("intruder", "v", access.Owner)
		own := s.user("victim", "w", access.Agent)
		secrets := []string{"Broken corner", "Ines", s.ch.ID, w.only().ID, w.message("Broken corner").ID, own.UserID, own.WorkspaceID}
		for _, op := range s.operations() {
			// that is for whoever has its link
			if op.id == "login" || op.id == "logout" || op.id == "upload-media" || op.id == "create-user" || op.id == "create-channel" ||
				op.id == "create-contact" || op.id == "get-linked-media" || op.id == "create-team" ||
				op.id == "bulk-conversations" || op.id == "undo" ||
				// channels tests those two
				op.id == "begin-authorization" || op.id == "complete-authorization" || op.path == "/api/v1/mail-hosts" {
				continue
			}
			path, hasID := w.filled(t, op.path, s.ids["victim"])
			path += map[string]string{"search": "?q=broken", "remove-identity": "?kind=phone&value=%2B12025550143"}[op.id]
			status, _, answer := s.call("intruder", op.method, path, bodies[op.id])
			if hasID && status != http.StatusNotFound || !hasID && status != http.StatusOK {
				t.Errorf("%s %s: %d %s", op.method, op.path, status, answer)
			}
			for _, secret := range secrets {
				if strings.Contains(answer, secret) {
					t.Errorf("%s %s gives away %q: %s", op.method, op.path, secret, answer)
				}
			}
			if status, _, _ := s.call("nobody", op.method, path, bodies[op.id]); status != http.StatusUnauthorized {
				t.Errorf("%s %s without a token: %d", op.method, op.path, status)
			}
		}
		if c := w.only(); c.Priority != "none" || c.AssigneeID != "" || len(w.messages()) != 1 {
			t.Errorf("the intruder changed something: %+v", c)
		}
	})
}

// TestAnAgentDoesNotSeeWhatAnotherHas: list, counts, the conversation, its messages, drafts, search, media and live frames.
func TestAnAgentDoesNotSeeWhatAnotherHas(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		outsider := s.user("outsider", "w", access.Agent)
		s.user("holder", "w", access.Agent)
		s.user("supervisor", "w", access.Supervisor)
		conv := w.only().ID
		if status, _, answer := s.call("outsider", "GET", "/api/v1/conversations/"+conv, ""); status != 200 {
			t.Fatalf("unassigned, everybody sees it: %d %s", status, answer)
		}
		if status, _, answer := s.call("owner", "POST", "/api/v1/conversations/"+conv+"/assign",
			fmt.Sprintf(`{"agent_id":%q}`, s.ids["holder"])); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
		before := len(s.seen)
		s.receive(replace(t, sample(t, "text"), map[string]string{"is order 1042 shipped yet?": "the secret word"}))
		settle(time.Second)
		for _, name := range []string{"outsider", "holder", "supervisor", "owner"} {
			sees := name != "outsider"
			for _, op := range s.operations() {
				if op.method != "GET" || !strings.Contains(op.path, "conversations") && !strings.Contains(op.path, "media") &&
					op.id != "search" {
					continue
				}
				path, hasID := w.filled(t, op.path, s.ids["holder"])
				if op.id == "search" {
					path += "?q=secret"
				}
				status, _, answer := s.call(name, op.method, path, "")
				if hasID && (status == 200) != sees || !hasID && status != 200 {
					t.Errorf("%s: %s %s: %d %s", name, op.method, op.path, status, answer)
				}
				if op.id == "count-conversations" && strings.Contains(answer, `"all":1`) != sees {
					t.Errorf("%s counts %s", name, answer)
				}
				if op.id == "search" && strings.Contains(answer, "secret word") != sees || op.id == "list-conversations" &&
					strings.Contains(answer, "Broken") != sees {
					t.Errorf("%s: %s: %s", name, op.id, answer)
				}
			}
		}
		for _, n := range s.seen[before:] {
			if outsider.In(n.Audience) && n.Type != "contact.updated" {
				t.Errorf("a frame for an outsider: %s %s", n.Type, n.Data)
			}
		}
		if _, err := s.Audience(t.Context(), outsider, conv); err == nil {
			t.Error("an outsider may show typing there")
		}
	})
}

func TestFilesAreServedInRanges(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		whole := string(w.provider.files["700000000000011"])
		path := "/api/v1/media/" + w.message("Broken corner").Attachments[0].ID
		size := len(whole)
		for _, c := range []struct {
			header string
			status int
			want   string
			ranged string
		}{
			{"", 200, whole, ""},
			{"bytes=0-9", 206, whole[:10], fmt.Sprintf("bytes 0-9/%d", size)},
			{"bytes=10-", 206, whole[10:], fmt.Sprintf("bytes 10-%d/%d", size-1, size)},
			{"bytes=-5", 206, whole[size-5:], fmt.Sprintf("bytes %d-%d/%d", size-5, size-1, size)},
			{"bytes=0-99999", 206, whole, fmt.Sprintf("bytes 0-%d/%d", size-1, size)},
			{fmt.Sprintf("bytes=%d-", size), 416, "", fmt.Sprintf("bytes */%d", size)},
			{"bytes=5-3", 200, whole, ""},
			{"bytes=a-b", 200, whole, ""},
			{"pages=1-2", 200, whole, ""},
			{"bytes=0-1,3-4", 200, whole, ""},
			{"bytes=-0", 416, "", fmt.Sprintf("bytes */%d", size)},
		} {
			status, header, body := s.call("owner", "GET", path, "", "Range", c.header)
			if status != c.status || header.Get("Content-Range") != c.ranged || (c.status != 416 && body != c.want) {
				t.Errorf("%q: %d %q, %d bytes", c.header, status, header.Get("Content-Range"), len(body))
			}
		}
		_, header, _ := s.call("owner", "GET", path, "")
		if header.Get("Content-Type") != "image/png" || !strings.Contains(header.Get("Content-Security-Policy"), "sandbox") ||
			header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%v", header)
		}
		if status, header, _ := s.call("owner", "GET", path+"/thumbnail", ""); status != 200 || header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("thumbnail: %d %v", status, header)
		}
	})
}

func TestMessagesOverHTTP(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		conv := "/api/v1/conversations/" + w.only().ID
		body := `{"client_id":"k","type":"text","text":"hello"}`
		for n, want := range []int{201, 200, 200} {
			if status, _, answer := s.call("owner", "POST", conv+"/messages", body); status != want ||
				!strings.Contains(answer, `"text":"hello"`) {
				t.Errorf("time %d: %d %s", n, status, answer)
			}
			settle(time.Second)
		}
		for name, c := range map[string]struct {
			body string
			code string
		}{
			"unknown file":     {`{"client_id":"a","type":"media","attachments":[{"id":"med_nope"}]}`, "unknown_media"},
			"unknown quote":    {`{"client_id":"b","type":"text","text":"x","reply_to":"msg_nope"}`, "unknown_message"},
			"empty note":       {`{"client_id":"c","type":"note"}`, "empty_message"},
			"no reaction":      {`{"client_id":"d","type":"reaction"}`, "missing_reaction"},
			"too long":         {fmt.Sprintf(`{"client_id":"e","type":"text","text":%q}`, strings.Repeat("x", 5000)), "text_too_long"},
			"unknown template": {`{"client_id":"f","type":"template","template":{"name":"x","language":"en"}}`, "template_unknown"},
		} {
			if status, _, answer := s.call("owner", "POST", conv+"/messages", c.body); status != 422 ||
				!strings.Contains(answer, fmt.Sprintf(`"code":%q`, c.code)) {
				t.Errorf("%s: %d %s, want %s", name, status, answer, c.code)
			}
		}
		for _, bad := range []string{
			"?limit=0", "?limit=201", "?limit=abc", "?cursor=x", "?status=gone", "?priority=9", "?type=x",
			"?unread=maybe", "?sort=x", "?status=open,", "?filter=x", "?filter=%7B%7D",
			"?filter=" + url.QueryEscape(`{"field":"contact.colour","op":"is","value":"red"}`),
		} {
			if status, _, answer := s.call("owner", "GET", "/api/v1/conversations"+bad, ""); status != 422 {
				t.Errorf("%s: %d %s", bad, status, answer)
			}
		}
	})
}

func TestAssigning(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		s.user("holder", "w", access.Agent)
		s.user("elsewhere", "v", access.Agent)
		team, foreign := s.team("w", "Support"), s.team("v", "Support")
		path := "/api/v1/conversations/" + w.only().ID + "/assign"
		for body, want := range map[string]int{
			`{"agent_id":"usr_nobody"}`: 422, fmt.Sprintf(`{"agent_id":%q}`, s.ids["elsewhere"]): 422,
			`{}`: 422, `{"team_id":"tem_none"}`: 422, fmt.Sprintf(`{"team_id":%q}`, foreign): 422,
		} {
			if status, _, answer := s.call("owner", "POST", path, body); status != want {
				t.Errorf("%s: %d %s", body, status, answer)
			}
		}
		s.seen = nil
		both := fmt.Sprintf(`{"agent_id":%q,"team_id":%q}`, s.ids["holder"], team)
		if status, _, _ := s.call("owner", "POST", path, both); status != 200 {
			t.Fatal(status)
		}
		if c := w.only(); c.AssigneeID != s.ids["holder"] || c.TeamID != team {
			t.Errorf("%+v", c)
		}
		var told events.Numbered
		for _, n := range s.seen {
			if n.Type == "assignment.changed" {
				told = n
			}
		}
		if !told.Audience.Unassigned || !strings.Contains(string(told.Data), s.ids["holder"]) ||
			strings.Contains(string(told.Data), "Ines") {
			t.Errorf("those who lose it are told by %s %s", told.Type, told.Data)
		}
		if status, _, _ := s.call("holder", "POST", path, `{"agent_id":null}`); status != 200 || w.only().AssigneeID != "" ||
			w.only().TeamID != team {
			t.Errorf("unassigning: %d, %+v", status, w.only())
		}
	})
}

// warm starts what the HTTP server keeps for good, outside of every bubble.
func warm() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("") })
	_, _ = app.Test(httptest.NewRequest(http.MethodGet, "/", http.NoBody), -1)
}
