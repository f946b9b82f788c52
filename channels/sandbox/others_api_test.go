package sandbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	_ "image/png" // of the pictures that people show
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"wasl/channels/sandbox"
)

// listener is the business' side of any provider: it keeps what comes, and has a file to give.
type listener struct {
	*httptest.Server
	came chan request
}

type request struct {
	path, user string
	header     http.Header
	body       string
}

func newListener(t *testing.T) *listener {
	t.Helper()
	l := &listener{came: make(chan request, 100)}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "image/png")
			content, _, _ := sandbox.Sample("chart.png")
			_, _ = w.Write(content)
			return
		}
		body, _ := io.ReadAll(r.Body)
		user, _, _ := r.BasicAuth()
		l.came <- request{r.URL.RequestURI(), user, r.Header, string(body)}
	}))
	t.Cleanup(l.Close)
	return l
}

// next waits for a webhook that holds the text.
func (l *listener) next(t *testing.T, text string) request {
	t.Helper()
	for late := time.After(10 * time.Second); ; {
		select {
		case r := <-l.came:
			if strings.Contains(r.body, text) {
				return r
			}
		case <-late:
			t.Fatalf("nothing came with %q", text)
		}
	}
}

// others is a sandbox of every kind with one person, whose webhooks come to one listener.
type others struct {
	*bench
	l       *listener
	account map[string]sandbox.Account
}

func newOthers(t *testing.T, change ...func(*sandbox.Options)) *others {
	t.Helper()
	l := newListener(t)
	b := newBench(t, func(o *sandbox.Options) {
		o.Accounts = sandbox.DemoAccounts()
		for i := range o.Accounts {
			o.Accounts[i].Callback = l.URL + "/in/" + o.Accounts[i].Kind
		}
		o.Accounts[4].Callback = strings.Replace(l.URL, "//", "//inbound:secret@", 1) + "/in/email"
		o.Accounts[4].Reports = l.URL + "/events"
		o.Customers = []sandbox.Customer{
			{Key: "olivia", Name: "Olivia Grant", Phone: "14155550126", Email: "olivia@example.com", Language: "en"},
			{Key: "silent", Name: "Silent", Phone: "14155550127", Email: "silent@example.com", Language: "en"},
		}
		for _, f := range change {
			f(o)
		}
	})
	o := &others{b, l, map[string]sandbox.Account{}}
	for _, a := range b.Accounts() {
		o.account[a.Kind] = a
	}
	return o
}

func (o *others) says(t *testing.T, kind string, c sandbox.Content) sandbox.Message {
	t.Helper()
	m, err := o.Say(sandbox.Message{Phone: "olivia", Account: o.account[kind].ID, Content: c})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (o *others) do(t *testing.T, method, path, body string, change func(*http.Request)) answer {
	t.Helper()
	req, err := http.NewRequest(method, o.api.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	change(req)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a)
	return a
}

func (o *others) graph(t *testing.T, kind, path, body string) answer {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	return o.do(t, method, "/v26.0/"+path, body, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+o.account[kind].AccessToken)
		r.Header.Set("Content-Type", "application/json")
	})
}

// person is what the provider calls Olivia.
func person(t *testing.T, body string) string {
	t.Helper()
	_, rest, _ := strings.Cut(body, `"sender":{"id":"`)
	id, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no sender in %s", body)
	}
	return id
}

func last(o *others, kind string) sandbox.Message {
	var found sandbox.Message
	for _, m := range o.Chat("olivia") {
		if m.Account == o.account[kind].ID {
			found = m
		}
	}
	return found
}

func TestMessengerAndInstagramGoBothWays(t *testing.T) {
	for _, kind := range []string{"messenger", "instagram"} {
		t.Run(kind, func(t *testing.T) {
			o := newOthers(t)
			o.says(t, kind, sandbox.Content{Type: "text", Text: "are you open?"})
			who := person(t, o.l.next(t, "are you open?").body)
			if a := o.graph(t, kind, who+"?fields=name", ""); !strings.Contains(string(a.raw), "Olivia Grant") {
				t.Errorf("profile: %s", a.raw)
			}
			a := o.graph(t, kind, "me/messages",
				`{"recipient":{"id":"`+who+`"},"messaging_type":"RESPONSE","message":{"text":"Yes, until six"}}`)
			if a.status != 200 || !strings.Contains(string(a.raw), `"recipient_id":"`+who+`"`) {
				t.Fatalf("not taken: %s", a.raw)
			}
			o.l.next(t, `"is_echo":true`)
			if kind == "messenger" {
				o.l.next(t, `"delivery":{"mids":["m_`)
			}
			o.l.next(t, `"read":{`)
			if m := last(o, kind); m.Content.Text != "Yes, until six" || m.Status != sandbox.StatusRead {
				t.Errorf("the phone shows %+v", m)
			}
			a = o.graph(t, kind, "me/messages",
				`{"recipient":{"id":"`+who+`"},"message":{"attachment":{"type":"image","payload":{"url":"`+o.l.URL+`/chart.png"}}}}`)
			if m := last(o, kind); a.status != 200 || m.Content.Media == nil || m.Content.Media.MIME != "image/png" {
				t.Errorf("a picture by its address: %s, %+v", a.raw, m.Content)
			}
			if _, err := o.Native("olivia", o.account[kind].ID, "from the app itself"); err != nil {
				t.Fatal(err)
			}
			if echo := o.l.next(t, "from the app itself").body; !strings.Contains(echo, `"is_echo":true`) ||
				strings.Contains(echo, "metadata") {
				t.Errorf("echo: %s", echo)
			}
		})
	}
}

func TestEverybodyOnMessengerAndInstagramShowsAPicture(t *testing.T) {
	began := time.Now()
	now := &setClock{now: began}
	o := newOthers(t, func(options *sandbox.Options) { options.Clock = now })
	faces := map[string]string{}
	for _, kind := range []string{"messenger", "instagram"} {
		o.says(t, kind, sandbox.Content{Type: "text", Text: "Hello " + kind})
		var profile struct {
			Picture string `json:"profile_pic"`
		}
		a := o.graph(t, kind, person(t, o.l.next(t, "Hello "+kind).body)+"?fields=name,profile_pic", "")
		if err := json.Unmarshal(a.raw, &profile); err != nil || profile.Picture == "" {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		path := strings.TrimPrefix(profile.Picture, o.api.URL)
		picture := o.do(t, http.MethodGet, path, "", func(*http.Request) {})
		size, format, err := image.DecodeConfig(bytes.NewReader(picture.raw))
		if err != nil || format != "png" || size.Width != 160 || picture.header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %d, %+v, %v", path, picture.status, size, err)
		}
		faces[string(picture.raw)] = path
		if a := o.do(t, http.MethodGet, strings.Replace(path, "olivia", "silent", 1), "",
			func(*http.Request) {}); a.status != http.StatusForbidden {
			t.Errorf("an address that was made up: %d", a.status)
		}
	}
	if len(faces) != 1 {
		t.Error("one person has two faces")
	}
	now.set(began.Add(5 * 24 * time.Hour))
	for _, path := range faces {
		if a := o.do(t, http.MethodGet, path, "", func(*http.Request) {}); a.status != http.StatusForbidden {
			t.Errorf("after its end: %d", a.status)
		}
	}
}

func TestInstagramRenewsTokensThatAreADayOld(t *testing.T) {
	began := time.Now()
	now := &setClock{now: began}
	o := newOthers(t, func(options *sandbox.Options) { options.Clock = now })
	renew := func(token string) answer {
		return o.do(t, http.MethodGet, "/refresh_access_token?grant_type=ig_refresh_token&access_token="+token, "", func(*http.Request) {})
	}
	works := func(token string) bool {
		return o.do(t, http.MethodGet, "/v26.0/me", "",
			func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }).status == http.StatusOK
	}
	first := o.account["instagram"].AccessToken
	for _, bad := range []string{"", "nobody", first + ".1790000000.0", o.account["messenger"].AccessToken, "EAA" + first} {
		if a := renew(bad); a.status != http.StatusUnauthorized || a.Error.Code != 190 {
			t.Errorf("%q: %d %s", bad, a.status, a.raw)
		}
	}
	var fresh struct {
		Token   string `json:"access_token"`
		Seconds int    `json:"expires_in"`
	}
	a := renew(first)
	if err := json.Unmarshal(a.raw, &fresh); err != nil || fresh.Seconds != 60*24*3600 || fresh.Token == first || !works(fresh.Token) ||
		!works(first) {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if a := renew(fresh.Token); a.status != http.StatusBadRequest || a.Error.Code != 10 {
		t.Errorf("at once: %d %s", a.status, a.raw)
	}
	now.set(began.Add(25 * time.Hour))
	if a := renew(fresh.Token); a.status != http.StatusOK {
		t.Errorf("a day later: %d %s", a.status, a.raw)
	}
	now.set(began.Add(60 * 24 * time.Hour))
	if a := renew(fresh.Token); a.status != http.StatusUnauthorized || works(fresh.Token) {
		t.Errorf("after its end: %d %s", a.status, a.raw)
	}
}

func TestMessengerAndInstagramRefuseWhatTheyRefuse(t *testing.T) {
	o := newOthers(t)
	yesterday := func(kind string) string {
		_, err := o.Say(sandbox.Message{
			Phone: "silent", Account: o.account[kind].ID, At: time.Now().Add(-25 * time.Hour),
			Content: sandbox.Content{Type: "text", Text: "long ago"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return person(t, o.l.next(t, "long ago").body)
	}
	o.says(t, "messenger", sandbox.Content{Type: "text", Text: "hello"})
	page := person(t, o.l.next(t, `"object":"page"`).body)
	o.says(t, "instagram", sandbox.Content{Type: "text", Text: "hello"})
	studio := person(t, o.l.next(t, `"object":"instagram"`).body)
	oldPage, oldStudio := yesterday("messenger"), yesterday("instagram")
	text := func(to, rest string) string { return `{"recipient":{"id":"` + to + `"},` + rest + `}` }
	hello := `"message":{"text":"hi"}`
	for name, c := range map[string]struct {
		kind, body    string
		code, subcode int
	}{
		"nobody":                   {"messenger", text("1", hello), 100, 2018001},
		"nobody there either":      {"instagram", text("1", hello), 100, 2534014},
		"an id of another page":    {"messenger", text(studio, hello), 100, 2018001},
		"after a day":              {"messenger", text(oldPage, hello), 10, 2018278},
		"after a day on Instagram": {"instagram", text(oldStudio, hello), 10, 2534022},
		"after a day, by a person": {"messenger", text(oldPage, `"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT",`+hello), 0, 0},
		"a retired tag":            {"messenger", text(page, `"messaging_type":"MESSAGE_TAG","tag":"ACCOUNT_UPDATE",`+hello), 100, 0},
		"too long":                 {"messenger", text(page, `"message":{"text":"`+strings.Repeat("a", 2001)+`"}`), 100, 0},
		"too many bytes":           {"instagram", text(studio, `"message":{"text":"`+strings.Repeat("א", 501)+`"}`), 100, 0},
		"just fits":                {"instagram", text(studio, `"message":{"text":"`+strings.Repeat("א", 500)+`"}`), 0, 0},
		"text and file": {"messenger", text(page,
			`"message":{"text":"a","attachment":{"type":"image","payload":{"url":"`+o.l.URL+`"}}}`), 100, 0},
		"a file nobody has": {"messenger", text(page,
			`"message":{"attachment":{"type":"image","payload":{"url":"http://127.0.0.1:1/x.png"}}}`), 100, 2018047},
		"a file in the real world": {"messenger", text(page,
			`"message":{"attachment":{"type":"image","payload":{"url":"https://8.8.8.8/x.png"}}}`), 100, 2018047},
		"a picture that is a film": {"messenger", text(page,
			`"message":{"attachment":{"type":"video","payload":{"url":"`+o.l.URL+`/x.png"}}}`), 100, 2018048},
		"four buttons": {"messenger", text(page,
			`"message":{"attachment":{"type":"template","payload":{"template_type":"button","text":"t","buttons":[`+strings.Repeat(`{"type":"postback","title":"a","payload":"b"},`, 3)+`{"type":"postback","title":"a","payload":"b"}]}}}`), 100, 0},
		"a phone number's answer": {"instagram", text(studio,
			`"message":{"text":"t","quick_replies":[{"content_type":"user_phone_number"}]}`), 100, 0},
		"an unknown key": {"messenger", text(page, `"message":{"txt":"hi"}`), 100, 0},
		"a reaction it does not have": {
			"instagram", text(studio, `"sender_action":"react","payload":{"message_id":"x","reaction":"wow"}`),
			100, 0,
		},
		"seen":   {"messenger", text(page, `"sender_action":"mark_seen"`), 0, 0},
		"typing": {"instagram", text(studio, `"sender_action":"typing_on"`), 0, 0},
	} {
		a := o.graph(t, c.kind, "me/messages", c.body)
		if a.Error.Code != c.code || a.Error.Subcode != c.subcode || (c.code == 0) != (a.status == 200) {
			t.Errorf("%s: %d %s, want %d/%d", name, a.status, a.raw, c.code, c.subcode)
		}
	}
	if a := o.do(t, "POST", "/v26.0/me/messages", text(page, hello),
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer wrong") }); a.Error.Code != 190 {
		t.Errorf("a wrong token: %s", a.raw)
	}
	for _, m := range o.Chat("olivia") {
		if m.Account == o.account["messenger"].ID && m.From == sandbox.FromCustomer && m.Status != sandbox.StatusRead {
			t.Errorf("what was seen is %s", m.Status)
		}
	}
}

func TestFilesAreUploadedToMessengerBefore(t *testing.T) {
	o := newOthers(t)
	o.says(t, "messenger", sandbox.Content{Type: "text", Text: "send me the plan"})
	who := person(t, o.l.next(t, "the plan").body)
	a := o.graph(t, "messenger", "me/message_attachments",
		`{"message":{"attachment":{"type":"image","payload":{"url":"`+o.l.URL+`/plan.png","is_reusable":true}}}}`)
	var up struct {
		ID string `json:"attachment_id"`
	}
	if err := json.Unmarshal(a.raw, &up); err != nil || up.ID == "" {
		t.Fatalf("%s", a.raw)
	}
	a = o.graph(t, "messenger", "me/messages",
		`{"recipient":{"id":"`+who+`"},"message":{"attachment":{"type":"image","payload":{"attachment_id":"`+up.ID+`"}}}}`)
	if m := last(o, "messenger"); a.status != 200 || m.Content.Type != "image" {
		t.Fatalf("%s: %+v", a.raw, m)
	}
}

func (o *others) twilio(t *testing.T, form url.Values) answer {
	t.Helper()
	a := o.account["sms"]
	return o.do(t, http.MethodPost, "/2010-04-01/Accounts/"+a.ID+"/Messages.json", form.Encode(), func(r *http.Request) {
		r.SetBasicAuth(a.ID, a.AccessToken)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
}

func TestTextMessagesGoBothWays(t *testing.T) {
	o := newOthers(t)
	o.says(t, "sms", sandbox.Content{Type: "text", Text: "running late"})
	if in, err := url.ParseQuery(o.l.next(t, "running").body); err != nil || in.Get("From") != "+14155550126" ||
		in.Get("To") != "+12025550177" {
		t.Fatalf("%v %v", in, err)
	}
	form := url.Values{
		"To": {"+14155550126"}, "From": {"+12025550177"}, "Body": {"No problem"}, "MediaUrl": {o.l.URL + "/a.png"},
		"StatusCallback": {o.l.URL + "/status?message=7"},
	}
	a := o.twilio(t, form)
	if a.status != http.StatusCreated || !strings.Contains(string(a.raw), `"status":"queued"`) {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	for _, status := range []string{"sent", "delivered"} {
		if r := o.l.next(t, "MessageStatus="+status); r.path != "/status?message=7" || r.header.Get("X-Twilio-Signature") == "" {
			t.Errorf("%s came to %s", status, r.path)
		}
	}
	if m := last(o, "sms"); m.Content.Text != "No problem" || m.Content.Media == nil {
		t.Errorf("the phone shows %+v", m)
	}
	form.Set("To", "+14155559999")
	if a = o.twilio(t, form); a.status != http.StatusCreated {
		t.Fatalf("an unknown number is taken at first: %s", a.raw)
	}
	if r := o.l.next(t, "MessageStatus=undelivered"); !strings.Contains(r.body, "ErrorCode=30005") {
		t.Errorf("%s", r.body)
	}
}

func TestTwilioRefusesWhatItRefuses(t *testing.T) {
	o := newOthers(t)
	good := map[string]string{"To": "+14155550126", "From": "+12025550177", "Body": "hi"}
	for name, c := range map[string]struct {
		key, value string
		code       int
	}{
		"no recipient": {"To", "", 21604}, "no number": {"To", "0501234567", 21211}, "another sender": {
			"From", "+12025550100",
			21606,
		}, "no sender": {"From", "", 21603},
		"nothing said": {"Body", "", 21602}, "too long": {
			"Body", strings.Repeat("a", 1601),
			21617,
		}, "a service of nobody": {"MessagingServiceSid", "MG1", 21703},
		"a file nobody has": {"MediaUrl", "http://127.0.0.1:1/", 21620}, "reports to the world": {
			"StatusCallback", "https://8.8.8.8/",
			21609,
		},
	} {
		form := url.Values{}
		for key, value := range good {
			form.Set(key, value)
		}
		form.Set(c.key, c.value)
		if a := o.twilio(t, form); !strings.Contains(string(a.raw), fmt.Sprintf(`"code":%d,`, c.code)) || a.status != 400 {
			t.Errorf("%s: %d %s, want %d", name, a.status, a.raw, c.code)
		}
	}
	a := o.do(t, "GET", "/2010-04-01/Accounts/"+o.account["sms"].ID+".json", "",
		func(r *http.Request) { r.SetBasicAuth(o.account["sms"].ID, "wrong") })
	if a.status != 401 {
		t.Errorf("a wrong token: %d %s", a.status, a.raw)
	}
}

func TestStopIsObeyedUntilStart(t *testing.T) {
	o := newOthers(t)
	form := url.Values{"To": {"+14155550126"}, "From": {"+12025550177"}, "Body": {"news"}}
	o.says(t, "sms", sandbox.Content{Type: "text", Text: " stop "})
	o.l.next(t, "stop") // the business hears of it all the same
	if m := last(o, "sms"); m.From != sandbox.FromBusiness || !strings.Contains(m.Content.Text, "unsubscribed") {
		t.Errorf("no confirmation: %+v", m)
	}
	if a := o.twilio(t, form); !strings.Contains(string(a.raw), `"code":21610`) {
		t.Errorf("%s", a.raw)
	}
	o.says(t, "sms", sandbox.Content{Type: "text", Text: "START"})
	if a := o.twilio(t, form); a.status != http.StatusCreated {
		t.Errorf("%s", a.raw)
	}
}

func (o *others) mail(t *testing.T, body string) answer {
	t.Helper()
	return o.do(t, http.MethodPost, "/v3/mail/send", body,
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+o.account["email"].AccessToken) })
}

func TestMailsGoBothWays(t *testing.T) {
	o := newOthers(t)
	asked := o.says(t, "email", sandbox.Content{Type: "mail", Text: "Is there a discount?", Mail: &sandbox.Mail{Subject: "Price"}})
	if in := o.l.next(t, "Is there a discount?"); in.path != "/in/email" || in.user != "inbound" ||
		!strings.Contains(in.body, "Subject: Price\n") {
		t.Fatalf("%s by %q: %s", in.path, in.user, in.body)
	}
	body := `{"personalizations":[{"to":[{"email":"olivia@example.com","name":"Olivia"}],"cc":[{"email":"nobody@example.com"}],"headers":{"Message-ID":"<m8@meridian.example>","In-Reply-To":"<` + asked.Content.Mail.MessageID + `>"},"custom_args":{"message_id":"8"}}],
		"from":{"email":"support@meridian.example","name":"Meridian"},"reply_to":{"email":"support+c42.t@meridian.example"},"subject":"Re: Price",
		"content":[{"type":"text/plain","value":"For students"},{"type":"text/html","value":"<b>For students</b><img src=\"cid:logo\">"}],
		"attachments":[{"content":"` + base64.StdEncoding.EncodeToString([]byte("png")) + `","type":"image/png","filename":"logo.png","disposition":"inline","content_id":"logo"}]}`
	a := o.mail(t, body)
	if a.status != http.StatusAccepted || a.header.Get("X-Message-Id") == "" {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	m := last(o, "email")
	if m.Content.Mail.Subject != "Re: Price" || m.ReplyTo != asked.ID || m.Content.Files[0].CID != "logo" {
		t.Errorf("the mailbox shows %+v", m)
	}
	o.l.next(t, `"event":"bounce"`) // of the copy to nobody
	for _, event := range []string{"delivered", "open"} {
		if r := o.l.next(t, `"event":"`+event+`"`); r.path != "/events" || !strings.Contains(r.body, `"message_id":"8"`) ||
			r.header.Get("X-Twilio-Email-Event-Webhook-Signature") == "" {
			t.Errorf("%s: %s", r.path, r.body)
		}
	}
	again, err := o.Say(sandbox.Message{
		Phone: "olivia", Account: o.account["email"].ID, ReplyTo: m.ID,
		Content: sandbox.Content{Type: "mail", Text: "Thank you"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if l := again.Content.Mail; l.Subject != "Re: Price" || l.To[0] != "support+c42.t@meridian.example" ||
		l.InReplyTo != "m8@meridian.example" || !strings.Contains(again.Content.Text, "\n> For students") {
		t.Errorf("the answer is %+v %q", l, again.Content.Text)
	}
}

func TestSendGridRefusesWhatItRefuses(t *testing.T) {
	o := newOthers(t)
	good := `{"personalizations":[{"to":[{"email":"olivia@example.com"}]}],"from":{"email":"support@meridian.example"},"subject":"s","content":[{"type":"text/plain","value":"v"}]}`
	for name, c := range map[string]struct {
		from, to string
		status   int
	}{
		"as it is": {"", "", 202}, "nobody's sender": {
			"support@meridian.example", "support@other.example",
			403,
		}, "nothing said": {`"value":"v"`, `"value":""`, 400},
		"twice to one": {`"to":[`, `"cc":[{"email":"olivia@example.com"}],"to":[`, 400}, "no address": {
			"olivia@example.com", "olivia",
			400,
		}, "a reserved header": {`"to":[`, `"headers":{"Subject":"x"},"to":[`, 400},
		"no subject": {`"subject":"s"`, `"subject":""`, 400}, "html before text": {
			`{"type":"text/plain"`,
			`{"type":"text/html","value":"<p>"},{"type":"text/plain"`, 400,
		}, "no JSON": {`{"pers`, `pers`, 400},
	} {
		if a := o.mail(t, strings.Replace(good, c.from, c.to, 1)); a.status != c.status ||
			(c.status != 202 && !strings.Contains(string(a.raw), `"errors":[{`)) {
			t.Errorf("%s: %d %s, want %d", name, a.status, a.raw, c.status)
		}
	}
	if a := o.do(t, "GET", "/v3/scopes", "", func(r *http.Request) { r.Header.Set("Authorization", "Bearer SG.wrong") }); a.status != 401 {
		t.Errorf("a wrong key: %d %s", a.status, a.raw)
	}
}

func TestFaultsAreThoseOfEveryProvider(t *testing.T) {
	o := newOthers(t)
	o.says(t, "messenger", sandbox.Content{Type: "text", Text: "hello"})
	who := person(t, o.l.next(t, "hello").body)
	for kind, send := range map[string]func() answer{
		"messenger": func() answer {
			return o.graph(t, "messenger", "me/messages", `{"recipient":{"id":"`+who+`"},"message":{"text":"hi"}}`)
		},
		"sms": func() answer {
			return o.twilio(t, url.Values{"To": {"+14155550126"}, "From": {"+12025550177"}, "Body": {"hi"}})
		},
		"email": func() answer {
			return o.mail(t,
				`{"personalizations":[{"to":[{"email":"olivia@example.com"}]}],"from":{"email":"support@meridian.example"},"subject":"s","content":[{"type":"text/plain","value":"v"}]}`)
		},
	} {
		for fault, status := range map[string]int{sandbox.FaultThrottle: 429, sandbox.FaultError: 500} {
			if err := o.SetFaults(map[string]sandbox.Fault{fault: {Count: 1, RetryAfter: 3}}); err != nil {
				t.Fatal(err)
			}
			if a := send(); a.status != status || (status == 429 && a.header.Get("Retry-After") != "3") {
				t.Errorf("%s, %s: %d %s", kind, fault, a.status, a.raw)
			}
		}
	}
}
