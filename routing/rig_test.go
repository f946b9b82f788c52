package routing

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"wasl/activity"
	"wasl/auth"
	"wasl/channels"
	"wasl/channels/meta"
	"wasl/channels/whatsapp"
	"wasl/contacts"
	"wasl/files"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/limit"
	"wasl/internal/secret"
	"wasl/internal/web"
	"wasl/notify"
	"wasl/search"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest"
	"wasl/work"
)

func TestMain(m *testing.M) {
	// what the web server keeps for the process begins outside of every bubble
	if resp, err := web.New(zerolog.Nop()).App.Test(httptest.NewRequest(http.MethodGet, "/", nil)); err == nil {
		_ = resp.Body.Close()
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// world is what outlives a process.
type world struct {
	t     *testing.T
	disk  store.Engine
	blobs blob.Store
	box   *secret.Box
	boots int
	said  int
	down  atomic.Bool // nobody reaches the store
}

// wire is the way to the store, which may be down.
type wire struct {
	store.Engine
	down *atomic.Bool
}

func (l wire) reach() error {
	if l.down.Load() {
		return store.ErrUnavailable
	}
	return nil
}

// Get reaches the store or does not.
func (l wire) Get(ctx context.Context, collection string, ids ...string) ([]store.Doc, error) {
	if err := l.reach(); err != nil {
		return nil, err
	}
	return l.Engine.Get(ctx, collection, ids...)
}

// Find reaches the store or does not.
func (l wire) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	if err := l.reach(); err != nil {
		return store.Page{}, err
	}
	return l.Engine.Find(ctx, collection, q)
}

// Write reaches the store or does not.
func (l wire) Write(ctx context.Context, changes ...store.Change) error {
	if err := l.reach(); err != nil {
		return err
	}
	return l.Engine.Write(ctx, changes...)
}

// bubble runs a test with fake time.
func bubble(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(testTime.AddDate(1, 0, 0)))
		disk, err := pebble.Open("routing", pebble.Options{InMemory: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = disk.Close() })
		for _, schemas := range [][]store.Schema{
			events.Schemas(), jobs.Schemas(), auth.Schemas(), channels.Schemas(), contacts.Schemas(), activity.Schemas(), notify.Schemas(),
			search.Schemas(), files.Schemas(), work.Schemas(), inbox.Schemas(), Schemas(),
		} {
			if err := disk.Ensure(t.Context(), schemas...); err != nil {
				t.Fatal(err)
			}
		}
		blobs, err := blob.NewFiles(filepath.Join(dir, "blobs"))
		if err != nil {
			t.Fatal(err)
		}
		box, err := secret.Parse(secret.NewKey())
		if err != nil {
			t.Fatal(err)
		}
		fn(t, &world{t: t, disk: disk, blobs: blobs, box: box})
	})
}

// process is one instance over the world.
type process struct {
	*Service
	w      *world
	engine *storetest.Faulty
	chs    *channels.Service
	ch     *channels.Connected
	boss   access.Viewer
	stop   func()

	mu   sync.Mutex
	seen []events.Numbered
}

// refused is a provider that nobody talks to.
type refused struct{}

// RoundTrip answers that there is nothing.
func (refused) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusNotFound, Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}}, nil
}

// boot starts an instance; sole: it is the only one.
func (w *world) boot(sole bool) *process {
	w.t.Helper()
	p := w.build()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = p.Bus.Run(ctx, sole) })
	wg.Go(func() { _ = p.Jobs.Serve(ctx, sole) })
	wg.Go(func() { _ = p.Run(ctx, sole) })
	p.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	w.t.Cleanup(p.stop)
	synctest.Wait()
	return p
}

// build wires an instance as the command does.
func (w *world) build() *process {
	now, engine := clock.System{}, storetest.NewFaulty(wire{w.disk, &w.down})
	p := &process{w: w, engine: engine, boss: access.Viewer{UserID: "usr_boss", WorkspaceID: "w", Name: "Boss", Role: access.Owner}}
	w.boots++
	name := fmt.Sprint("instance ", w.boots)
	runner := jobs.NewRunner(engine, now, zerolog.Nop(), name)
	bus := events.NewBus(engine, events.NewLocal(), runner, now, zerolog.Nop())
	limiter := limit.NewMemory(now)
	users := auth.NewService(auth.Options{Engine: engine, Bus: bus, Clock: now, Limiter: limiter, OnRevoke: func(string) {}})
	notices := notify.NewService(engine, now)
	p.chs = channels.NewService(channels.Options{
		Engine: engine, Bus: bus, Jobs: runner, Clock: now, Log: zerolog.Nop(), Box: w.box, PublicURL: "https://inbox.example",
		Adapters:     []channels.Adapter{whatsapp.New(whatsapp.Options{HTTP: &http.Client{Transport: refused{}}})},
		AllowPrivate: true, Blobs: w.blobs, Notices: notices,
	})
	history := activity.NewLog(engine)
	customers := contacts.NewService(engine, bus, history, runner, now)
	in := inbox.NewService(inbox.Options{
		Engine: engine, Bus: bus, Jobs: runner, Clock: now, Log: zerolog.Nop(), Channels: p.chs, Contacts: customers, Activity: history,
		Notices: notices, Blobs: w.blobs, Limiter: limiter, Users: users, Actions: action.NewRegistry(inbox.Verbs()...),
		Files: files.NewService(files.Options{Engine: engine, Jobs: runner, Clock: now, Blobs: w.blobs, Box: w.box}),
		Works: work.NewService(engine, bus, runner, now),
	})
	customers.ShowTo(in.ContactAudience)
	p.Service = NewService(Options{
		Engine: engine, Bus: bus, Jobs: runner, Clock: now, Log: zerolog.Nop(), Inbox: in, Users: users, Activity: history,
		Instance: name, Channels: p.chs, Works: in.Works, Notices: notices,
	})
	bus.Subscribe(func(n events.Numbered) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen = append(p.seen, n)
	})
	return p
}

// ok fails the test on an error.
func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// settle lets time pass until what is due has run.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// staff makes agents who may answer, and returns them by name.
func (w *world) staff(names ...string) map[string]access.Viewer {
	w.t.Helper()
	out := map[string]access.Viewer{}
	users := store.NewCollection[auth.User](w.disk, auth.Schemas()[1])
	for _, name := range names {
		u := &auth.User{Meta: store.Meta{ID: "usr_" + name}, WorkspaceID: "w", Name: name, Role: access.Agent, Active: true}
		w.ok(w.disk.Write(w.t.Context(), users.Insert(u)))
		out[name] = access.Viewer{UserID: u.ID, WorkspaceID: "w", Name: name, Role: access.Agent}
	}
	return out
}

// viewers are users as they see now.
func (p *process) viewers(names ...string) map[string]access.Viewer {
	p.w.t.Helper()
	out := map[string]access.Viewer{}
	for _, name := range names {
		v, err := p.Users.ViewerOf(p.w.t.Context(), "usr_"+name)
		p.w.ok(err)
		out[name] = v
	}
	return out
}

// team makes a team of agents by their names.
func (p *process) team(name string, edit auth.WorkEdit, members ...string) *auth.Team {
	p.w.t.Helper()
	ids := make([]string, len(members))
	for n, m := range members {
		ids[n] = "usr_" + m
	}
	t, _, err := p.Users.CreateTeam(p.w.t.Context(), p.boss, "", auth.NewTeam{Name: name, MemberIDs: ids, WorkEdit: edit})
	p.w.ok(err)
	return t
}

// room gives an agent a capacity.
func (p *process) capacity(agent string, total int, skills ...Skill) {
	p.w.t.Helper()
	e := ProfileEdit{Capacity: &Capacity{Total: &total}}
	if skills != nil {
		e.Skills = &skills
	}
	_, err := p.ChangeProfile(p.w.t.Context(), p.boss, "usr_"+agent, e)
	p.w.ok(err)
}

// arrive has agents open their browsers.
func (p *process) arrive(agents ...string) {
	for _, a := range agents {
		p.Here("w", "usr_"+a, true)
	}
	synctest.Wait()
}

// leave has them close the last one here.
func (p *process) leave(agents ...string) {
	for _, a := range agents {
		p.Here("w", "usr_"+a, false)
	}
	synctest.Wait()
}

// waiting puts a new conversation into a team's queue without a webhook, and returns its id.
func (p *process) waiting(team *auth.Team, priority string) string {
	p.w.t.Helper()
	id := p.w.conversation()
	p.edit(id, inbox.Edit{Assignment: inbox.Assignment{TeamID: &team.ID}, Priority: &priority})
	return id
}

// conversation stores a conversation that nobody has.
func (w *world) conversation() string {
	w.t.Helper()
	w.said++
	c := &inbox.Conversation{
		Meta: store.Meta{ID: fmt.Sprintf("cnv_%05d", w.said)}, WorkspaceID: "w", Origin: "con_1", ContactID: "con_1", ChannelID: "chn_1",
		ChannelKind: channels.KindWhatsApp, Status: inbox.Open, Priority: "none", Labels: []string{}, Participants: []string{},
		Outbox: []string{},
	}
	w.ok(w.disk.Write(w.t.Context(), store.NewCollection[inbox.Conversation](w.disk, inbox.Schemas()[0]).Insert(c)))
	return c.ID
}

// edit changes a conversation as a supervisor does, and lets what follows happen.
func (p *process) edit(id string, e inbox.Edit) {
	p.w.t.Helper()
	_, err := p.Inbox.Change(p.w.t.Context(), p.boss, id, e)
	p.w.ok(err)
	synctest.Wait()
}

// status changes a conversation's.
func (p *process) status(id string, s inbox.Status) {
	p.w.t.Helper()
	p.edit(id, inbox.Edit{Status: &s})
}

// assignTo gives it to an agent by hand; empty: to nobody.
func (p *process) assignTo(id, agent string) {
	p.w.t.Helper()
	if agent != "" {
		agent = "usr_" + agent
	}
	p.edit(id, inbox.Edit{Assignment: inbox.Assignment{AgentID: &agent}})
}

// has returns who has a conversation, by name.
func (p *process) has(id string) string {
	p.w.t.Helper()
	c, err := p.Inbox.Standing(p.w.t.Context(), "w", id)
	p.w.ok(err)
	return strings.TrimPrefix(c.AssigneeID, "usr_")
}

// route returns where a conversation stands.
func (p *process) route(id string) *Route {
	p.w.t.Helper()
	r, err := p.routes.Get(p.w.t.Context(), id)
	p.w.ok(err)
	return r
}

// state is a user's.
func (p *process) stateOf(agent string) State {
	p.w.t.Helper()
	got, err := p.presenceOf(p.w.t.Context(), "w", "usr_"+agent)
	p.w.ok(err)
	return got.State
}

// everything of a kind that is stored.
func everything[T any, P store.Entity[T]](w *world, schema store.Schema) (out []P) {
	w.t.Helper()
	err := store.NewCollection[T, P](w.disk, schema).Each(w.t.Context(), store.Query{Limit: 1000}, func(doc P) error {
		out = append(out, doc)
		return nil
	})
	w.ok(err)
	return out
}

// exact checks that routes say of conversations what is true, and that loads count them.
func (w *world) exact() {
	w.t.Helper()
	routes := map[string]*Route{}
	counted := map[string]map[string]int{}
	for _, r := range everything[Route](w, routeSchema) {
		routes[r.ID] = r
		if agent := r.counts(); agent != "" {
			if counted[agent] == nil {
				counted[agent] = map[string]int{}
			}
			counted[agent][r.Kind]++
		}
	}
	for _, c := range everything[inbox.Conversation](w, inbox.Schemas()[0]) {
		want := None
		switch open := c.Status == inbox.Open || c.Status == inbox.Pending; {
		case open && c.AssigneeID != "":
			want = Assigned
		case open && c.TeamID != "":
			want = Queued
		}
		r := routes[c.ID]
		switch {
		case r == nil && want == None:
		case r == nil:
			w.t.Errorf("%s is %s and has no route", c.ID, want)
		case r.State == Offered && want == Queued:
		case r.State != want, want == Assigned && r.AgentID != c.AssigneeID, want != None && r.TeamID != c.TeamID:
			w.t.Errorf("%s is %s of %q in %q, its route %s of %q in %q", c.ID, want, c.AssigneeID, c.TeamID, r.State, r.AgentID, r.TeamID)
		}
	}
	for _, l := range everything[Load](w, loadSchema) {
		if got, want := fmt.Sprint(l.ByKind), fmt.Sprint(counted[l.ID]); got != want {
			w.t.Errorf("the load of %s is %s instead of %s", l.ID, got, want)
		}
		delete(counted, l.ID)
	}
	for agent, kinds := range counted {
		w.t.Errorf("%s has no load, and %v", agent, kinds)
	}
}

const (
	appSecret = "app-secret"
	phoneID   = "800000000000001"
)

// connect connects a WhatsApp number.
func (p *process) connect() *process {
	p.w.t.Helper()
	ch, err := p.chs.Create(p.w.t.Context(), "w", channels.New{Kind: whatsapp.Kind, Name: "Shop", Credentials: map[string]string{
		"phone_number_id": phoneID, "business_account_id": "900000000000001", "access_token": "token", "app_secret": appSecret,
		"verify_token": "verify",
	}})
	p.w.ok(err)
	p.ch, err = p.chs.Connected(p.w.t.Context(), ch.ID)
	p.w.ok(err)
	return p
}

// says has a customer write, and returns the id of the conversation.
func (p *process) says(phone, words string) string {
	p.w.t.Helper()
	encoded, _ := json.Marshal(words)
	return p.hears(phone, "messages", fmt.Sprintf(`"contacts":[{"profile":{"name":"Customer"},"wa_id":%[1]q}],`+
		`"messages":[{"from":%[1]q,"type":"text","text":{"body":%[2]s}`, phone, encoded))
}

// answersElsewhere is what somebody of the business writes to a customer in the provider's own app.
func (p *process) answersElsewhere(phone, words string) string {
	p.w.t.Helper()
	return p.hears(phone, "smb_message_echoes", fmt.Sprintf(
		`"message_echoes":[{"from":"12025550100","to":%q,"type":"text","text":{"body":%q}`, phone, words))
}

// hears takes in a webhook about a message, whose time and id are added, and returns the conversation with the number.
func (p *process) hears(phone, field, message string) string {
	p.w.t.Helper()
	p.w.said++
	body := []byte(fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"900000000000001","changes":[{"field":%q,`+
		`"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"12025550100","phone_number_id":%q},`+
		`%s,"id":"wamid.%d","timestamp":"%d"}]}}]}]}`, field, phoneID, message, p.w.said, clock.System{}.Now().Unix()))
	hook := channels.Webhook{Method: http.MethodPost, Header: http.Header{"X-Hub-Signature-256": {meta.Sign(appSecret, body)}}, Body: body}
	p.w.ok(p.chs.Accept(p.w.t.Context(), p.ch, hook))
	synctest.Wait()
	for _, c := range everything[inbox.Conversation](p.w, inbox.Schemas()[0]) {
		if c.Address == nil || c.Address.Value == phone { // of whom has not written there is none
			return c.ID
		}
	}
	p.w.t.Fatalf("no conversation with %s", phone)
	return ""
}

// reasons are why a conversation's latest decision chose or passed over each agent.
func (p *process) reasons(id string) map[string]Reason {
	p.w.t.Helper()
	d, err := p.decisions.Get(p.w.t.Context(), id)
	p.w.ok(err)
	out := map[string]Reason{}
	for _, c := range d.All[len(d.All)-1].Candidates {
		out[strings.TrimPrefix(c.AgentID, "usr_")] = c.Reason
	}
	return out
}

func ptr[T any](v T) *T { return &v }
