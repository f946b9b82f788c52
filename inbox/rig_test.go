package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"slices"
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
	"wasl/channels/email"
	"wasl/channels/instagram"
	"wasl/channels/messenger"
	"wasl/channels/meta"
	"wasl/channels/sms"
	"wasl/channels/whatsapp"
	"wasl/contacts"
	"wasl/files"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/jobs"
	"wasl/internal/limit"
	"wasl/internal/secret"
	"wasl/notify"
	"wasl/search"
	"wasl/store"
	"wasl/store/pebble"
	"wasl/store/storetest"
	"wasl/work"
)

func TestMain(m *testing.M) {
	warm()
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// sampleTime is shortly after the time of the WhatsApp samples.
var sampleTime = time.Unix(1_790_001_000, 0)

// world is what outlives a process: the store, the files, the provider.
type world struct {
	t        *testing.T
	disk     store.Engine
	blobs    blob.Store
	box      *secret.Box
	provider *provider
}

// bubble runs a test with fake time that begins at sampleTime.
func bubble(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(sampleTime))
		fn(t, newWorld(t, dir))
	})
}

func newWorld(t *testing.T, dir string) *world {
	t.Helper()
	disk, err := pebble.Open("inbox", pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, schemas := range [][]store.Schema{
		events.Schemas(), jobs.Schemas(), auth.Schemas(), channels.Schemas(), contacts.Schemas(), activity.Schemas(), notify.Schemas(),
		search.Schemas(), files.Schemas(), work.Schemas(), Schemas(),
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
	return &world{t: t, disk: disk, blobs: blobs, box: box, provider: &provider{took: map[string]int{}}}
}

// provider stands in for the Graph API at the transport.
type provider struct {
	mu    sync.Mutex
	calls atomic.Int64
	took  map[string]int   // how often each message of ours was taken
	sent  []map[string]any // the bodies, in order
	marks []string         // the messages marked read
	// answer, where set, decides about a send; nil means that it is taken.
	answer  func(body map[string]any) *reply
	files   map[string][]byte // by media id; missing is 404
	uploads atomic.Int64
	upload  func(*http.Request) (*http.Response, error) // where set, decides about an upload
	// hiccups is how often the provider fails before it answers about files.
	hiccups int
	// filesTake is how long a mail with files is on its way.
	filesTake time.Duration
	names     map[string]string // of people, by the id under which the provider is asked
	faces     map[string]string // likewise, the addresses of their pictures
}

// reply is a provider's answer: a status with a body, or a connection that breaks.
type reply struct {
	status int
	body   string
	header map[string]string
	broken bool          // the request was written, and then nothing came
	taken  bool          // the message went out all the same
	late   time.Duration // then, where it is broken: some time after
}

func graphError(status, code int) *reply {
	return &reply{status: status, body: fmt.Sprintf(`{"error":{"message":"m","type":"OAuthException","code":%d,"fbtrace_id":"f"}}`, code)}
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	var body map[string]any
	if r.Body != nil {
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &body)
	}
	switch {
	case body["sender_action"] != nil:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.marks = append(p.marks, fmt.Sprint(body["sender_action"]))
		return answer(200, `{"recipient_id":"1"}`), nil
	case strings.Contains(r.URL.Query().Get("fields"), "name") && p.names[filepath.Base(r.URL.Path)] != "":
		who := filepath.Base(r.URL.Path)
		return answer(200, fmt.Sprintf(`{"name":%q,"username":"ines.v","profile_pic":%q}`, p.names[who], p.faces[who])), nil
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/messages") && body["status"] == "read":
		p.mu.Lock()
		defer p.mu.Unlock()
		p.marks = append(p.marks, fmt.Sprint(body["message_id"]))
		return answer(200, `{"success":true}`), nil
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/messages"):
		return p.send(r, body)
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/media"):
		n := p.uploads.Add(1)
		if p.upload == nil {
			return answer(200, fmt.Sprintf(`{"id":"MEDIA%d"}`, n)), nil
		}
		return p.upload(r)
	case strings.HasSuffix(r.URL.Path, "/mail/send"):
		if files, _ := body["attachments"].([]any); files != nil {
			select {
			case <-time.After(p.filesTake):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sent = append(p.sent, body)
		return answer(202, ""), nil
	case strings.HasPrefix(r.URL.RawQuery, "fields=id%2Cdisplay_phone_number"): // new credentials are tried
		return answer(200, fmt.Sprintf(`{"id":%q}`, filepath.Base(r.URL.Path))), nil
	case strings.HasSuffix(r.URL.Path, "/message_templates"):
		return answer(200, `{"data":[]}`), nil
	case r.URL.Host == "files.example.com":
		p.mu.Lock()
		defer p.mu.Unlock()
		return answer(200, string(p.files[filepath.Base(r.URL.Path)])), nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hiccups > 0 {
		p.hiccups--
		return answer(500, `{"error":{"message":"later","code":2,"is_transient":true}}`), nil
	}
	id := filepath.Base(r.URL.Path)
	if content, ok := p.files[id]; ok && r.URL.Host == "scontent.cdninstagram.com" {
		return answer(200, string(content)), nil
	} else if !ok {
		return answer(404, `{"error":{"message":"gone","code":100,"error_subcode":33}}`), nil
	}
	return answer(200, fmt.Sprintf(`{"url":"https://files.example.com/%s","mime_type":"image/png","id":%q}`, id, id)), nil
}

func (p *provider) send(r *http.Request, body map[string]any) (*http.Response, error) {
	p.mu.Lock()
	n := p.calls.Add(1)
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteHeaders != nil {
		trace.WroteHeaders() // as a real transport says
	}
	decide := p.answer
	p.mu.Unlock()
	var a *reply
	if decide != nil {
		a = decide(body)
	}
	take := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.took[fmt.Sprint(body["biz_opaque_callback_data"])]++
		p.sent = append(p.sent, body)
	}
	switch {
	case a != nil && a.taken && a.late > 0:
		time.AfterFunc(a.late, take)
	case a == nil || a.taken:
		take()
	}
	switch {
	case a == nil:
		return answer(200, fmt.Sprintf(`{"messages":[{"id":"wamid.SENT%d"}],"message_id":"m_SENT%[1]d"}`, n)), nil
	case a.broken:
		select {
		case <-time.After(time.Second):
			return nil, io.ErrUnexpectedEOF
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	resp := answer(a.status, a.body)
	for name, value := range a.header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), ProtoMajor: 1, ProtoMinor: 1,
	}
}

// process is one instance over the world.
type process struct {
	*Service
	w      *world
	engine *storetest.Faulty
	runner *jobs.Runner
	ch     *channels.Connected
	users  *auth.Service
	stop   func()

	mu   sync.Mutex
	seen []events.Numbered
}

var processes atomic.Int64

// boot starts a process.
func (w *world) boot() *process {
	w.t.Helper()
	p := w.build()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = p.Bus.Run(ctx, true) })
	wg.Go(func() {
		if err := p.runner.Serve(ctx, true); err != nil && !errors.Is(err, store.ErrUnavailable) {
			w.t.Errorf("jobs: %v", err)
		}
	})
	p.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	w.t.Cleanup(p.stop)
	synctest.Wait()
	return p
}

// build wires a process as the command does.
func (w *world) build() *process {
	now := clock.System{}
	engine := storetest.NewFaulty(w.disk)
	p := &process{w: w, engine: engine}
	stream := events.NewLocal()
	p.runner = jobs.NewRunner(engine, now, zerolog.Nop(), fmt.Sprint("process ", processes.Add(1)))
	bus := events.NewBus(engine, stream, p.runner, now, zerolog.Nop())
	limiter := limit.NewMemory(now)
	p.users = auth.NewService(auth.Options{Engine: engine, Bus: bus, Clock: now, Limiter: limiter, OnRevoke: func(string) {}})
	calls := &http.Client{Transport: w.provider}
	notices := notify.NewService(engine, now)
	chs := channels.NewService(channels.Options{
		Engine: engine, Bus: bus, Jobs: p.runner, Clock: now, Log: zerolog.Nop(), Box: w.box, PublicURL: "https://inbox.example",
		Adapters: []channels.Adapter{
			whatsapp.New(whatsapp.Options{HTTP: calls}), messenger.New(calls), instagram.New(calls),
			email.New(email.Options{HTTP: calls}), sms.New(calls),
		}, AllowPrivate: true, Blobs: w.blobs, Notices: notices,
	})
	history := activity.NewLog(engine)
	customers := contacts.NewService(engine, bus, history, p.runner, now)
	p.Service = NewService(Options{
		Engine: engine, Bus: bus, Jobs: p.runner, Clock: now, Log: zerolog.Nop(), Channels: chs, Contacts: customers, Activity: history,
		Notices: notices,
		Files: files.NewService(files.Options{
			Engine: engine, Jobs: p.runner, Clock: now, Blobs: w.blobs,
			PublicURL: "https://inbox.example", Box: w.box,
		}),
		Blobs: w.blobs, Limiter: limiter, Users: p.users, Actions: action.NewRegistry(append(Verbs(), countVerb())...),
		Works: work.NewService(engine, bus, p.runner, now),
	})
	customers.ShowTo(p.ContactAudience)
	p.KeepBeside(func(_ context.Context, _ *events.Write, c *Changed) error {
		if !c.Created && c.Before.Status == "" {
			w.t.Errorf("conversation %s is changed, but nobody noted what it was before", c.After.ID)
		}
		return nil
	})
	bus.Subscribe(func(n events.Numbered) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen = append(p.seen, n)
	})
	return p
}

// upload stores a file that the user will send.
func (p *process) upload(v access.Viewer, name string, r io.Reader) (*files.File, error) {
	return p.Files.Upload(p.w.t.Context(), files.New{WorkspaceID: v.WorkspaceID, CreatedBy: v.UserID, Name: name}, r)
}

const (
	appSecret = "app-secret"
	phoneID   = "800000000000001"
	wabaID    = "900000000000001"
)

// connect connects the WhatsApp number of the samples, or finds it.
func (p *process) connect() *process {
	p.w.t.Helper()
	p.ch = p.channel("w", phoneID)
	return p
}

func (p *process) channel(workspace, account string) *channels.Connected {
	p.w.t.Helper()
	ctx := p.w.t.Context()
	ch, err := p.Channels.Create(ctx, workspace, channels.New{Kind: whatsapp.Kind, Name: "Shop", Credentials: map[string]string{
		"phone_number_id": account, "business_account_id": wabaID, "access_token": "token", "app_secret": appSecret,
		"verify_token": "verify",
	}})
	if err != nil {
		all, _, err := p.Channels.List(ctx, workspace, "", 100)
		if err != nil {
			p.w.t.Fatal(err)
		}
		for _, c := range all {
			if c.Account == account {
				ch = c
			}
		}
	}
	connected, err := p.Channels.Connected(ctx, ch.ID)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return connected
}

// post is the provider's POST: verified, then durable. It returns what the provider is told.
func (p *process) post(body []byte) error {
	hook := channels.Webhook{Method: http.MethodPost, Header: http.Header{"X-Hub-Signature-256": {meta.Sign(appSecret, body)}}, Body: body}
	if err := p.ch.Adapter.Verify(p.ch.Account, hook); err != nil {
		return err
	}
	return p.Channels.Accept(p.w.t.Context(), p.ch, hook)
}

// receive posts a body that must be taken, and lets it be worked off.
func (p *process) receive(bodies ...[]byte) {
	p.w.t.Helper()
	for _, body := range bodies {
		if err := p.post(body); err != nil {
			p.w.t.Fatal(err)
		}
		synctest.Wait()
	}
}

// sample reads a webhook of the WhatsApp samples.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "channels", "whatsapp", "testdata", "in", "whatsapp-"+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// hook builds a webhook body: one change with these messages or statuses.
func hook(value string) []byte {
	return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"` + wabaID +
		`","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"12025550100","phone_number_id":"` + phoneID + `"},` + value + `}}]}]}`)
}

// says is a text message of a customer, at seconds after sampleTime.
func says(phone, id, words string, at int) []byte {
	encoded, _ := json.Marshal(words)
	return hook(fmt.Sprintf(`"contacts":[{"profile":{"name":"Name of %[1]s"},"wa_id":%[1]q}],"messages":[{"from":%[1]q,"id":%[2]q,"timestamp":"%[3]d","type":"text","text":{"body":%[4]s}}]`,
		phone, id, sampleTime.Unix()+int64(at), encoded))
}

// status is a report about a message of ours; ours, where given, is the id that travelled with it.
func status(id, state, ours string, at int) []byte {
	more := ""
	if ours != "" {
		more = fmt.Sprintf(`,"biz_opaque_callback_data":%q`, ours)
	}
	if state == "failed" {
		more += `,"errors":[{"code":131026,"title":"Message undeliverable"}]`
	}
	return hook(fmt.Sprintf(`"statuses":[{"id":%q,"status":%q,"timestamp":"%d","recipient_id":"12025550143"%s}]`, id, state,
		sampleTime.Unix()+int64(at), more))
}

// everything of a kind that is stored.
func everything[T any, P store.Entity[T]](w *world, schema store.Schema) []P {
	w.t.Helper()
	var out []P
	err := store.NewCollection[T, P](w.disk, schema).Each(w.t.Context(), store.Query{Limit: 1000}, func(doc P) error {
		out = append(out, doc)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) conversations() []*Conversation {
	return everything[Conversation](w, conversationSchema)
}
func (w *world) messages() []*Message { return everything[Message](w, messageSchema) }
func (w *world) contacts() []*contacts.Contact {
	return everything[contacts.Contact](w, contacts.Schemas()[0])
}
func (w *world) jobs() []*jobs.Job { return everything[jobs.Job](w, jobs.Schemas()[0]) }

// only returns the one conversation that there is.
func (w *world) only() *Conversation {
	w.t.Helper()
	all := w.conversations()
	if len(all) != 1 {
		w.t.Fatalf("%d conversations, want 1", len(all))
	}
	return all[0]
}

// message returns the message with this provider's id or text.
func (w *world) message(name string) *Message {
	w.t.Helper()
	for _, m := range w.messages() {
		if m.ProviderID == name || m.Text == name {
			return m
		}
	}
	w.t.Fatalf("no message %q", name)
	return nil
}

// outboxes checks that a conversation has something to send exactly as long as it has a job that sends it.
func (w *world) outboxes() {
	w.t.Helper()
	sending := map[string]int{}
	for _, j := range w.jobs() {
		if j.Kind == jobSend || j.Kind == jobUpload {
			sending[j.Ref]++
		}
	}
	for _, c := range w.conversations() {
		if want := min(1, len(c.Outbox)); sending[c.ID] != want {
			w.t.Errorf("outbox %v has %d send jobs", c.Outbox, sending[c.ID])
		}
	}
}

// quiet checks that nothing is left to do.
func (w *world) quiet() {
	w.t.Helper()
	for _, j := range w.jobs() {
		w.t.Errorf("a job is left: %s of %s, %s, attempts %d, error %q", j.Kind, j.Ref, j.State, j.Attempts, j.Error)
	}
	page, err := w.disk.Find(w.t.Context(), "events", store.Query{Limit: 10})
	if err != nil || len(page.Docs) > 0 {
		w.t.Errorf("%d batches of events are left, %v", len(page.Docs), err)
	}
}

var ann = access.Viewer{UserID: "usr_ann", WorkspaceID: "w", Name: "Ann", Role: access.Agent}

var boss = access.Viewer{UserID: "usr_boss", WorkspaceID: "w", Name: "Boss", Role: access.Supervisor}

func words(clientID, said string) NewMessage {
	return NewMessage{ClientID: clientID, Content: channels.Content{Type: "text", Text: said}}
}

// settle lets time pass until what is due has run.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// finish lets time pass until nothing waits, at most as long as reports wait for their message.
func (w *world) finish() {
	w.t.Helper()
	settle(time.Second)
	if slices.ContainsFunc(w.jobs(), func(j *jobs.Job) bool { return j.State == jobs.Ready }) {
		settle(10 * time.Minute)
	}
}

// types are the kinds of the events that were handed on, of a subject where one is given.
func (p *process) types(subject string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b bytes.Buffer
	for _, n := range p.seen {
		if subject == "" || n.Subject == subject {
			fmt.Fprintf(&b, "%s ", n.Type)
		}
	}
	return strings.TrimSpace(b.String())
}

func ptr[T any](v T) *T { return &v }

// code is the stable code of an error.
func code(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

// edit changes a conversation as PATCH does.
func (p *process) edit(v access.Viewer, id string, e Edit) {
	p.w.t.Helper()
	if _, err := p.Change(p.w.t.Context(), v, id, e); err != nil {
		p.w.t.Fatal(err)
	}
}

// thread reads a whole conversation page by page, newest first, as texts.
func (p *process) thread(v access.Viewer, id string, limit int) (texts []string) {
	p.w.t.Helper()
	conv, err := p.Conversation(p.w.t.Context(), v, id)
	if err != nil {
		p.w.t.Fatal(err)
	}
	in := &messagesInput{ID: id, Limit: limit}
	for {
		found, next, err := p.page(p.w.t.Context(), conv, in)
		if err != nil {
			p.w.t.Fatal(err)
		}
		for _, m := range found {
			texts = append(texts, m.Text)
		}
		if next == "" {
			return texts
		}
		in.Cursor = next
	}
}

// serveJobs runs only the jobs of a process, beside another one.
func (p *process) serveJobs() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = p.runner.Serve(ctx, false) })
	return func() { cancel(); wg.Wait() }
}

// names are typed constants as the strings that a filter has.
func names[T ~string](of ...T) []string {
	out := make([]string, len(of))
	for n, one := range of {
		out[n] = string(one)
	}
	return out
}
