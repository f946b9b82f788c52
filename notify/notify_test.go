package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/web"
	"wasl/notify"
	"wasl/store"
	"wasl/store/pebble"
)

// watch is a clock that goes on by a second at each look.
type watch struct{ now time.Time }

func (w *watch) Now() time.Time {
	w.now = w.now.Add(time.Second)
	return w.now
}

// rig is the service with its routes, over an empty store.
type rig struct {
	*testing.T
	*notify.Service
	bus    *events.Bus
	server *web.Server
	clock  *watch
	shown  []events.Numbered
}

func newRig(t *testing.T) *rig {
	t.Helper()
	disk, err := pebble.Open("notify", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, schemas := range [][]store.Schema{events.Schemas(), jobs.Schemas(), notify.Schemas()} {
		if err := disk.Ensure(t.Context(), schemas...); err != nil {
			t.Fatal(err)
		}
	}
	r := &rig{T: t, clock: &watch{time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}, server: web.New(zerolog.Nop())}
	r.Service = notify.NewService(disk, r.clock)
	r.bus = events.NewBus(disk, events.NewLocal(), jobs.NewRunner(disk, r.clock, zerolog.Nop(), "one"), r.clock, zerolog.Nop())
	r.bus.Subscribe(func(n events.Numbered) { r.shown = append(r.shown, n) })
	r.Routes(r.server.API, guard{}, func(ctx context.Context) access.Viewer { return viewers[ctx.Value(caller{}).(string)] })
	return r
}

type caller struct{}

// guard takes the caller's word for who it is.
type guard struct{}

func (guard) Operation(op huma.Operation, p access.Permission) huma.Operation {
	if p != access.ReadNotifications {
		panic("the routes ask for " + p)
	}
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		next(huma.WithValue(ctx, caller{}, ctx.Header("Caller")))
	})
	return op
}

var viewers = map[string]access.Viewer{
	"boss":    {WorkspaceID: "w", UserID: "boss", Role: access.Supervisor, TeamIDs: []string{"sales"}},
	"noga":    {WorkspaceID: "w", UserID: "noga", Role: access.Agent, TeamIDs: []string{"billing", "sales"}},
	"omar":    {WorkspaceID: "w", UserID: "omar", Role: access.Agent},
	"removed": {WorkspaceID: "w", UserID: "removed", Role: "none", TeamIDs: []string{"sales"}},
	"other":   {WorkspaceID: "v", UserID: "other", Role: access.Owner, TeamIDs: []string{"sales"}},
}

func (r *rig) add(to access.Audience, n notify.Notice) {
	r.Helper()
	w := &events.Write{}
	if err := r.Add(r.Context(), w, "w", to, n); err != nil {
		r.Fatal(err)
	}
	if err := r.bus.Commit(r.Context(), w); err != nil {
		r.Fatal(err)
	}
}

// call returns the status and the body of an answer.
func (r *rig) call(who, method, path, body string) (int, string) {
	r.Helper()
	if !strings.HasPrefix(path, "/me/") {
		path = "/notifications" + path
	}
	req := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Caller", who)
	req.Header.Set("Content-Type", "application/json")
	res, err := r.server.App.Test(req, -1)
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var out bytes.Buffer
	if _, err := out.ReadFrom(res.Body); err != nil {
		r.Fatal(err)
	}
	return res.StatusCode, strings.TrimSpace(out.String())
}

type page struct {
	Items []struct {
		ID     string  `json:"id"`
		At     string  `json:"at"`
		ReadAt *string `json:"read_at"`
	} `json:"items"`
	Next string `json:"next_cursor"`
}

// ids lists the ids of the whole list, over pages of the given size.
func (r *rig) ids(who string, limit int, query string) (ids []string) {
	r.Helper()
	for cursor, pages := "", 0; ; pages++ {
		status, body := r.call(who, http.MethodGet, fmt.Sprintf("?limit=%d&cursor=%s%s", limit, cursor, query), "")
		var p page
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != 200 || len(p.Items) > limit || pages > 100 {
			r.Fatalf("%d %s %v", status, body, err)
		}
		for _, item := range p.Items {
			ids = append(ids, item.ID)
		}
		if cursor = p.Next; cursor == "" {
			return ids
		}
	}
}

// left says how many notices the caller has not read.
func (r *rig) left(who string, want int) {
	r.Helper()
	if status, body := r.call(who, http.MethodGet, "/count", ""); status != 200 || body != fmt.Sprintf(`{"unread":%d}`, want) {
		r.Errorf("%s: %d %s, want %d unread", who, status, body, want)
	}
}

func (r *rig) read(who, body string, left int) {
	r.Helper()
	if status, answer := r.call(who, http.MethodPost, "/read", body); status != 200 || answer != fmt.Sprintf(`{"unread":%d}`, left) {
		r.Errorf("%s: %d %s, want %d left", body, status, answer, left)
	}
}

var everyone = access.Audience{Everyone: true}

func TestANoticeIsKeptAndShownOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	n := notify.Notice{ID: "ntf_1", Kind: "channel_silent", Title: "Sales: silent", Severity: notify.Warning, ChannelID: "chn_1"}
	w := &events.Write{}
	for range 2 {
		if err := r.Add(t.Context(), w, "w", everyone, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.bus.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	r.add(everyone, n)
	const frame = `{"id":"ntf_1","kind":"channel_silent","title":"Sales: silent","detail":"","severity":"warning","channel_id":"chn_1"`
	if len(r.shown) != 1 || string(r.shown[0].Data) != frame+"}" || r.shown[0].Type != "notification.created" ||
		r.shown[0].Subject != "ntf_1" || !r.shown[0].Audience.Everyone {
		t.Errorf("%+v", r.shown)
	}
	want := `{"items":[` + frame + `,"at":"2026-03-01T08:00:01.000Z","read_at":null}],"next_cursor":""}`
	if status, body := r.call("omar", http.MethodGet, "", ""); status != 200 || body != want {
		t.Errorf("%d %s\nwant %s", status, body, want)
	}
}

// Two writes that add the same notice at the same moment do not both succeed, and the one that tries again finds it.
func TestTheSameNoticeFromTwoPlaces(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var first, second events.Write
	for _, w := range []*events.Write{&first, &second} {
		if err := r.Add(t.Context(), w, "w", everyone, notify.Notice{ID: "ntf_1"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.bus.Commit(t.Context(), &first); err != nil {
		t.Fatal(err)
	}
	if err := r.bus.Commit(t.Context(), &second); !errors.Is(err, store.ErrExists) {
		t.Errorf("the second: %v", err)
	}
	r.add(everyone, notify.Notice{ID: "ntf_1"})
	if len(r.shown) != 1 {
		t.Errorf("shown %d times", len(r.shown))
	}
}

// The list and the count hold what Viewer.In says, and nothing of another workspace.
func TestOnlyTheAudienceSeesANotice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	audiences := []access.Audience{
		{},
		everyone,
		{Unassigned: true},
		{Supervisors: true},
		{Teams: []string{"sales"}},
		{Teams: []string{
			"billing",
			"support",
		}},
		{Users: []string{"noga"}},
		{Users: []string{"boss", "omar", "other"}},
		{Guest: "noga"},
		{
			Supervisors: true, Unassigned: true,
			Users: []string{"noga", "removed"}, Teams: []string{"sales"},
		},
		{Users: []string{"", "noga\x00"}},
		{Users: []string{"user:omar"}},
	}
	for n, to := range audiences {
		r.add(to, notify.Notice{ID: fmt.Sprintf("ntf_%02d", n)})
	}
	for who, v := range viewers {
		var want []string
		for n := len(audiences) - 1; n >= 0; n-- {
			if v.WorkspaceID == "w" && v.In(audiences[n]) {
				want = append(want, fmt.Sprintf("ntf_%02d", n))
			}
		}
		for _, limit := range []int{1, 2, 200} {
			if got := r.ids(who, limit, ""); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s, %d a page: %v, want %v", who, limit, got, want)
			}
		}
		r.left(who, len(want))
	}
	r.read("omar", `{"ids":["ntf_03","ntf_06"]}`, 4) // those of others
	r.read("other", `{"ids":["ntf_01"]}`, 0)
	r.read("other", `{"all":true}`, 0)
	r.left("noga", 4)
}

func TestReadMarksAreEachUsersOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n := range 6 {
		r.add(everyone, notify.Notice{ID: fmt.Sprint("ntf_", n)})
	}
	r.read("noga", `{"ids":["ntf_4","ntf_1","ntf_4","gone"]}`, 4)
	r.read("noga", `{"ids":["ntf_1"]}`, 4)
	r.left("omar", 6)
	for _, limit := range []int{1, 3, 50} {
		if got := r.ids("noga", limit, "&unread=true"); fmt.Sprint(got) != "[ntf_5 ntf_3 ntf_2 ntf_0]" {
			t.Errorf("%d a page: %v", limit, got)
		}
	}
	if _, body := r.call("noga", http.MethodGet, "?limit=2", ""); strings.Count(body, `"read_at":null`) != 1 ||
		!strings.Contains(body, `"read_at":"2026-03-01T`) {
		t.Error(body)
	}
	r.read("noga", `{"all":true}`, 0)
	r.read("noga", `{"all":true}`, 0)
	if _, body := r.call("noga", http.MethodGet, "", ""); strings.Contains(body, `"read_at":null`) {
		t.Error(body)
	}
	r.add(everyone, notify.Notice{ID: "ntf_6"})
	if got := r.ids("noga", 1, "&unread=true"); fmt.Sprint(got) != "[ntf_6]" {
		t.Errorf("after all was read: %v", got)
	}
	r.left("noga", 1)
	r.left("omar", 7)
}

// The marks of one user are bounded: where there are too many, what is older than all of them counts as read.
func TestSingleMarksAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var batch []string
	w := &events.Write{}
	for n := range 503 {
		id := fmt.Sprintf("ntf_%03d", n)
		if err := r.Add(t.Context(), w, "w", everyone, notify.Notice{ID: id}); err != nil {
			t.Fatal(err)
		}
		if n > 0 && n < 502 { // neither the oldest nor the newest
			batch = append(batch, `"`+id+`"`)
		}
	}
	if err := r.bus.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	r.read("noga", `{"ids":[`+strings.Join(batch[:200], ",")+`]}`, 303)
	r.read("noga", `{"ids":[`+strings.Join(batch[200:400], ",")+`]}`, 103)
	r.read("noga", `{"ids":[`+strings.Join(batch[400:500], ",")+`]}`, 3)
	r.read("noga", `{"ids":[`+batch[500]+`]}`, 1)
	if got := r.ids("noga", 50, "&unread=true"); fmt.Sprint(got) != "[ntf_502]" {
		t.Error(got)
	}
}

func TestHostileInput(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add(everyone, notify.Notice{
		ID: "ntf_1", Kind: "channel_account", Title: strings.Repeat("\xff<b>\n", 1000), Detail: strings.Repeat("שלום ",
			10_000), Severity: "apocalyptic",
	})
	_, body := r.call("omar", http.MethodGet, "", "")
	if len(body) > 30_000 || !strings.Contains(body, `"severity":"info"`) || !json.Valid([]byte(body)) {
		t.Errorf("%d bytes: %.300s", len(body), body)
	}
	many := `"x"` + strings.Repeat(`,"x"`, 200)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "?cursor=nonsense", "", 422},
		{"GET", "?cursor=" + strings.Repeat("A", 2001), "", 422},
		{"GET", "?limit=0", "", 422},
		{"GET", "?limit=201", "", 422},
		{"GET", "?unread=perhaps", "", 422},
		{"POST", "/read", `{}`, 422},
		{"POST", "/read", `{"ids":[]}`, 422},
		{"POST", "/read", `{"ids":["ntf_1"],"all":true}`, 422},
		{"POST", "/read", `{"ids":[` + many + `]}`, 422},
		{"POST", "/read", `{"ids":"ntf_1"}`, 422},
		{"POST", "/read", `{"all":true,"user_id":"noga"}`, 422},
		{"POST", "/read", `{"ids":`, 400},
		{"POST", "/read", `{"ids":["","\u0000","` + strings.Repeat("x", 10_000) + `"]}`, 200},
	} {
		if status, body := r.call("omar", c.method, c.path, c.body); status != c.status {
			t.Errorf("%s %.60s %.60s: %d %s, want %d", c.method, c.path, c.body, status, body, c.status)
		}
	}
	r.left("omar", 1)
}

// How somebody wants to be told is theirs: kept as a whole, the same on every device, and refused where the hours mean nothing.
func TestSettingsAreKeptForEachUser(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const path = "/me/notification-settings"
	status, fresh := r.call("noga", http.MethodGet, path, "")
	if status != 200 || !strings.Contains(fresh, `"chosen":false`) || strings.Contains(fresh, "quiet_hours") ||
		!strings.Contains(fresh, `"assigned":{"in_app":true,"sound":true,"desktop":false,"push":true}`) ||
		!strings.Contains(fresh, `"other":{"in_app":true,"sound":false,"desktop":false,"push":false}`) {
		t.Fatal(status, fresh)
	}
	chosen := strings.Replace(fresh, `"chosen":false`,
		`"quiet_hours":{"from":"22:00","to":"07:00","zone":"Asia/Jerusalem","days":[0,6]},"chosen":true`, 1)
	chosen = strings.Replace(chosen, `"sound":true`, `"sound":false`, 1)
	body := strings.Replace(chosen, `,"chosen":true`, "", 1)
	for range 2 {
		if status, got := r.call("noga", http.MethodPut, path, body); status != 200 || got != chosen {
			t.Fatal(status, got)
		}
	}
	if _, got := r.call("noga", http.MethodGet, path, ""); got != chosen {
		t.Error(got)
	}
	if _, got := r.call("omar", http.MethodGet, path, ""); got != fresh {
		t.Errorf("somebody else's: %s", got)
	}
	without := strings.NewReplacer(`,"push":true`, "", `,"push":false`, "").Replace(body) // of a client that knows nothing of it
	if status, got := r.call("noga", http.MethodPut, path, without); status != 200 || got != chosen {
		t.Error(status, got)
	}
	for _, bad := range []struct{ from, to, code string }{
		{"Asia/Jerusalem", "Jerusalem", "unknown_zone"}, {"Asia/Jerusalem", "Local", "unknown_zone"},
		{"07:00", "22:00", "invalid_quiet_hours"}, {"[0,6]", "[7]", "invalid_quiet_hours"}, {"22:00", "24:00", "invalid_input"},
	} {
		status, got := r.call("noga", http.MethodPut, path, strings.Replace(body, bad.from, bad.to, 1))
		if status != 422 || !strings.Contains(got, bad.code) {
			t.Errorf("%s: %d %s", bad.to, status, got)
		}
	}
}
