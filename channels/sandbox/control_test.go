package sandbox_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels/sandbox"
)

// stream is what the page hears.
type stream struct{ lines *bufio.Scanner }

func (b *bench) listen(t *testing.T) stream {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.api.URL+"/_sandbox/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := b.api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	return stream{lines}
}

// until reads events of a kind until one satisfies the test.
func (s stream) until(t *testing.T, kind string, fits func(data string) bool) {
	t.Helper()
	for s.lines.Scan() {
		if s.lines.Text() == "event: "+kind && s.lines.Scan() {
			if data := strings.TrimPrefix(s.lines.Text(), "data: "); fits(data) {
				return
			}
		}
	}
	t.Fatalf("no fitting %s: %v", kind, s.lines.Err())
}

func contains(all ...string) func(string) bool {
	return func(data string) bool {
		return !slices.ContainsFunc(all, func(part string) bool { return !strings.Contains(data, part) })
	}
}

func TestPageHearsEverythingAtOnce(t *testing.T) {
	b := newBench(t)
	b.say(t, "noa", "before")
	page := b.listen(t)
	page.until(t, "state", contains(`"key":"noa"`, `"key":"ghost"`, `"before"`, `"accounts"`))
	m := b.say(t, "noa", "after")
	page.until(t, "message", contains(m.ID, `"after"`))
	page.until(t, "message", contains(m.ID, `"delivered"`))
	b.send(t, `{"messaging_product":"whatsapp","status":"read","message_id":"`+m.ID+`","typing_indicator":{"type":"text"}}`)
	page.until(t, "typing", contains(`"phone":"noa"`))
	b.send(t, text("an answer"))
	page.until(t, "message", contains("an answer", `"from":"business"`))
	if _, err := b.Switch("noa", true, false); err != nil {
		t.Fatal(err)
	}
	page.until(t, "phone", contains(`"key":"noa"`, `"off":true`))
}

func TestCustomerDoesEverythingFromThePage(t *testing.T) {
	b := newBench(t)
	b.say(t, "noa", "hello")
	b.gate.next(t)
	offer := b.send(t, sendCases["buttons"].bodyWithoutHeader()).Messages[0].ID
	post := func(path, body string) answer {
		t.Helper()
		return b.call(t, http.MethodPost, "/_sandbox/phones/noa"+path, body)
	}
	for name, c := range map[string]struct{ body, webhook string }{
		"text": {`{"type":"text","text":"typed"}`, `"text":{"body":"typed"}`},
		"reply": {`{"type":"text","text":"typed","reply_to":"` + offer + `"}`, `"context":{"from":"12025550100","id":"` + offer +
			`"}`},
		"image":    {`{"type":"image","sample":"image"}`, `"mime_type":"image/png"`},
		"voice":    {`{"type":"voice","sample":"voice"}`, `"voice":true`},
		"document": {`{"type":"document","sample":"document"}`, `"filename":"syllabus.pdf"`},
		"sticker":  {`{"type":"sticker","sample":"sticker"}`, `"mime_type":"image/webp"`},
		"location": {`{"type":"location","sample":"location"}`, `"latitude":32.0853`},
		"contacts": {`{"type":"contacts","sample":"contacts"}`, `"formatted_name":"Maya Cohen"`},
		"order":    {`{"type":"order","sample":"order"}`, `"item_price":1249.90`},
		"button": {
			`{"type":"answer","reply_to":"` + offer + `","answer":{"kind":"reply","id":"1","title":"Yes"}}`,
			`"button_reply":{"id":"1","title":"Yes"}`,
		},
		"quick reply": {
			`{"type":"answer","reply_to":"` + offer + `","answer":{"kind":"quick_reply","id":"P","title":"Yes"}}`,
			`"button":{"payload":"P","text":"Yes"}`,
		},
		"permission": {
			`{"type":"answer","reply_to":"` + offer + `","answer":{"kind":"call_permission","id":"accept","title":"Allow"}}`,
			`"response":"accept"`,
		},
		"own contact": {
			`{"type":"contact_share","contacts":[{"name":"Noa Levi","phones":[{"phone":"+972501234567"}]}]}`,
			`"origin":"contact_request/other"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if a := post("/messages", c.body); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.raw)
			}
			for {
				got := b.gate.next(t).Entry[0].Changes[0].Value.Messages
				if len(got) == 0 {
					continue // a report
				}
				if body := strings.ReplaceAll(string(got[0]), `\/`, "/"); !strings.Contains(body, c.webhook) {
					t.Fatalf("want %s in %s", c.webhook, body)
				}
				return
			}
		})
	}
	own := b.say(t, "noa", "with a tpyo")
	for path, body := range map[string]string{"/edit": `{"message":"` + own.ID + `","text":"without"}`, "/reactions": `{"message":"` +
		offer + `","emoji":"👍"}`} {
		if a := post(path, body); a.status != 200 {
			t.Errorf("%s: %s", path, a.raw)
		}
	}
	if a := post("/delete", `{"message":"`+own.ID+`"}`); a.status != 200 || strings.Contains(string(a.raw), "without") {
		t.Errorf("delete: %s", a.raw)
	}
	for path, c := range map[string]struct {
		body   string
		status int
	}{
		"/messages ":    {`{"type":"text","text":"  "}`, 422},
		"/messages  ":   {`{"type":"image"}`, 422},
		"/messages   ":  {`{"type":"poll"}`, 422},
		"/messages    ": {`{"type":"order","order":{"items":[{"product_id":"A","quantity":1,"price":"free","currency":"ILS"}]}}`, 422},
		"/edit":         {`{"message":"` + offer + `","text":"not mine"}`, 422},
		"/delete":       {`{"message":"` + offer + `"}`, 422},
		"/reactions":    {`{"message":"nothing","emoji":"👍"}`, 404},
		"/dance":        {`{}`, 404},
	} {
		if a := post(strings.TrimSpace(path), c.body); a.status != c.status {
			t.Errorf("%s %s: %d %s", path, c.body, a.status, a.raw)
		}
	}
	if a := b.call(t, http.MethodPost, "/_sandbox/phones/nobody/messages", `{"type":"text","text":"x"}`); a.status != 404 {
		t.Errorf("a phone that is not there: %d", a.status)
	}
}

// bodyWithoutHeader is for tests that upload nothing.
func (c sendCase) bodyWithoutHeader() string {
	return strings.Replace(c.body, `"header":{"type":"image","image":{"id":"PNG"}},`, "", 1)
}

func TestRecordingIsSentAsAVoiceMessage(t *testing.T) {
	b := newBench(t)
	upload := func(mime, content string) answer {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.api.URL+"/_sandbox/phones/noa/media?name=a",
			strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", mime)
		res, err := b.api.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		a := answer{status: res.StatusCode}
		a.raw, _ = io.ReadAll(res.Body)
		_ = json.Unmarshal(a.raw, &a)
		return a
	}
	if a := upload("audio/webm; codecs=opus", "noise"); a.status != 422 {
		t.Errorf("no recording: %d %s", a.status, a.raw)
	}
	a := upload("audio/ogg; codecs=opus", "OggS")
	if a.status != 200 {
		t.Fatalf("%s", a.raw)
	}
	if sent := b.call(t, http.MethodPost, "/_sandbox/phones/noa/messages", `{"type":"voice","media":"`+a.ID+`"}`); sent.status != 200 {
		t.Fatalf("%s", sent.raw)
	}
	if got := string(b.gate.next(t).Entry[0].Changes[0].Value.Messages[0]); !strings.Contains(got, `"voice":true`) ||
		!strings.Contains(got, a.ID) {
		t.Errorf("%s", got)
	}
}

func TestOtherSitesPressNoButtons(t *testing.T) {
	b := newBench(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.api.URL+"/_sandbox/faults",
		strings.NewReader(`{"lost":{"count":1}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := b.api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden || len(b.State().Faults) != 0 {
		t.Errorf("%d", res.StatusCode)
	}
}

func TestPageIsServedWhole(t *testing.T) {
	b := newBench(t)
	page := string(b.call(t, http.MethodGet, "/", "").raw)
	for _, name := range []string{
		"app.js", "dom.js", "phone.js", "bubble.js", "panel.js", "words.js", "style.css", "phone.css",
		"icon.svg",
	} {
		a := b.call(t, http.MethodGet, "/page/"+name, "")
		if a.status != 200 || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: %d", name, a.status)
		}
		page += string(a.raw)
	}
	for _, id := range []string{
		"phone-input", "phone-send", "phone-message", "phone-attach", "phone-power", "phone-noread",
		"message-button", "message-row", "customer-add", "panel-toggle",
	} {
		if !strings.Contains(page, id) {
			t.Errorf("the page lost its data-testid %s", id)
		}
	}
	if a := b.call(t, http.MethodGet, "/page/../sandbox.go", ""); a.status == 200 && strings.Contains(string(a.raw), "package sandbox") {
		t.Error("the page serves more than itself")
	}
}

func TestTrafficIsBoundedAndCounted(t *testing.T) {
	b := newBench(t)
	for _, bad := range []sandbox.TrafficPlan{
		{},
		{Rate: 2001, Seconds: 1, Customers: 1},
		{Rate: 1, Seconds: 601, Customers: 1},
		{Rate: 1, Seconds: 1, Customers: 5001},
		{Rate: 1, Seconds: 1, Customers: 1, Mix: map[string]int{"dance": 1}},
		{
			Rate: 1, Seconds: 1,
			Customers: 1, Mix: map[string]int{"text": 0},
		},
	} {
		if err := b.StartTraffic(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	page := b.listen(t)
	if a := b.call(t, http.MethodPost, "/_sandbox/traffic",
		`{"rate":200,"seconds":1,"customers":20,"mix":{"text":3,"image":1}}`); a.status != 200 {
		t.Fatalf("%s", a.raw)
	}
	if err := b.StartTraffic(sandbox.TrafficPlan{Rate: 1, Seconds: 1, Customers: 1}); err == nil {
		t.Error("two at once")
	}
	page.until(t, "counts", contains(`"finished_at"`, `"running":false`))
	got := b.Traffic()
	if got.Sent != 200 || got.Accepted != 200 || got.P99 < got.P50 || got.Max < got.P99 {
		t.Errorf("%+v", got)
	}
	if n := len(b.Phones()); n != len(people) {
		t.Errorf("the page would show %d phones", n)
	}
	if a := b.send(t, `{"messaging_product":"whatsapp","to":"15550100001","type":"text","text":{"body":"hi"}}`); a.status != 200 ||
		b.Traffic().Replies != 1 {
		t.Errorf("a reply: %s %+v", a.raw, b.Traffic())
	}
}

func TestTrafficCountsEachMessageOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemoryBench(t, &memoryGate{})
		fault(t, s, sandbox.FaultDuplicate, sandbox.Fault{Probability: 1})
		if err := s.StartTraffic(sandbox.TrafficPlan{Rate: 20, Seconds: 2, Customers: 3}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		if got, d := s.Traffic(), s.State().Deliveries; got.Sent != 40 || got.Accepted != 40 || d.Delivered != 80 || d.Duplicates != 40 {
			t.Errorf("%+v %+v", got, d)
		}
	})
}

func TestTrafficKeepsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &memoryGate{}
		s := newMemoryBench(t, gate)
		start := time.Now()
		if err := s.StartTraffic(sandbox.TrafficPlan{Rate: 50, Seconds: 10, Customers: 7}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if n := len(gate.all()); n < 245 || n > 255 {
			t.Errorf("%d after five seconds", n)
		}
		time.Sleep(6 * time.Second)
		if got := s.Traffic(); got.Running || got.Sent != 500 || got.Finished.Sub(start) > 10*time.Second+100*time.Millisecond {
			t.Errorf("%+v", got)
		}
	})
}
