package sandbox

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func messageOf(id string, c Content) happening {
	return happening{kind: "message", message: Message{ID: id, Content: c}}
}

func answering(id string, c Content, to string, quoted *Message) happening {
	h := messageOf(id, c)
	h.message.ReplyTo, h.quoted = to, quoted
	return h
}

var (
	page   = Account{Kind: "messenger", ID: "100000000000011"}
	studio = Account{Kind: "instagram", ID: "17841400000000001"}
	photo  = &Media{ID: "700000000000001", MIME: "image/jpeg", Name: "1.jpg"}
)

// messagingSamples are the providers' bodies and what causes them; addresses of files are the sandbox's own.
var messagingSamples = map[string]happening{
	"messenger-text": messageOf("m_FIXTUREmid0000-AbCdEf",
		Content{Type: "text", Text: "Hello, are you open on Sunday?"}),
	"messenger-image": messageOf("m_FIXTUREmid0010-AbCdEf", Content{Type: "image", Text: "lost", Media: photo}),
	"messenger-file":  messageOf("m_FIXTUREmid0018-AbCdEf", Content{Type: "document", Media: photo}),
	"messenger-quick-reply": messageOf("m_FIXTUREmid0006-AbCdEf",
		Content{Type: "answer", Text: "Red", Answer: &Answer{Kind: "quick_reply", ID: "PICK_RED", Title: "Red"}}),
	"messenger-postback-button": messageOf("m_FIXTUREpb02",
		Content{Type: "answer", Text: "Track order", Answer: &Answer{Kind: "reply", ID: "TRACK:1042", Title: "Track order"}}),
	"messenger-reply-to": answering("m_FIXTUREmid0008-AbCdEf", Content{Type: "text", Text: "this one"},
		"m_FIXTUREmid9999", &Message{From: FromBusiness}),
	"messenger-read":             {kind: "status", status: StatusRead, message: Message{At: time.UnixMilli(1790000007000)}},
	"messenger-reaction":         {kind: "reaction", emoji: "❤️", message: Message{ID: "m_FIXTUREout01"}},
	"messenger-reaction-removed": {kind: "reaction", message: Message{ID: "m_FIXTUREout01"}},
	"messenger-message-edit": {kind: "edit", message: Message{
		ID: "m_FIXTUREmid0001", Edits: 1,
		Content: Content{Type: "text", Text: "Hello, are you open on Saturday?"},
	}},
	"messenger-unsend-undocumented": {kind: "deletion", message: Message{ID: "m_FIXTUREmid0001"}},
	"messenger-echo-own-app": {
		kind: "status", status: StatusSent,
		message: Message{
			ID: "m_FIXTUREmid0076-AbCdEf", Opaque: "outbox:01HFIXTURE",
			Content: Content{Type: "text", Text: "We are open 9-5"},
		},
	},
	"messenger-pass-thread-control":         {kind: "report", status: "pass_thread_control"},
	"messenger-take-thread-control":         {kind: "report", status: "take_thread_control"},
	"messenger-request-thread-control":      {kind: "report", status: "request_thread_control"},
	"messenger-optin-notification-messages": {kind: "report", status: "optin"},
	"messenger-standby-message": messageOf("m_FIXTUREmid0092-AbCdEf",
		Content{Type: "text", Text: "while another app owns the thread"}),
	"instagram-standby": messageOf("aWdfZAG1faXRlbToFIXTURE0173ZD",
		Content{Type: "text", Text: "another app owns this thread"}),
	"instagram-handover-pass": {kind: "report", status: "pass_thread_control"},
	"instagram-text":          messageOf("aWdfZAG1faXRlbToFIXTURE0111ZD", Content{Type: "text", Text: "hey! price?"}),
	"instagram-image":         messageOf("aWdfZAG1faXRlbToFIXTURE0115ZD", Content{Type: "image", Media: photo}),
	"instagram-file-pdf":      messageOf("aWdfZAG1faXRlbToFIXTURE0123ZD", Content{Type: "document", Media: photo}),
	"instagram-story-mention": messageOf("aWdfZAG1faXRlbToFIXTURE0133ZD", Content{Type: "story_mention", Media: photo}),
	"instagram-story-reply": messageOf("aWdfZAG1faXRlbToFIXTURE0135ZD",
		Content{Type: "story_reply", Text: "love this", Media: &Media{ID: "18000000000000010"}}),
	"instagram-ig-post": messageOf("aWdfZAG1faXRlbToFIXTURE0129ZD",
		Content{Type: "share", Text: "caption", Media: &Media{ID: "18000000000000007"}}),
	"instagram-like-heart": messageOf("aWdfZAG1faXRlbToFIXTURE0145ZD", Content{Type: "like"}),
	"instagram-quick-reply": messageOf("aWdfZAG1faXRlbToFIXTURE0113ZD",
		Content{Type: "answer", Text: "Blue", Answer: &Answer{Kind: "quick_reply", ID: "PICK_BLUE", Title: "Blue"}}),
	"instagram-reaction": {kind: "reaction", emoji: "❤", message: Message{ID: "aWdfFIXTUREOUT01"}},
	"instagram-seen":     {kind: "status", status: StatusRead, message: Message{ID: "aWdfFIXTUREOUT01"}},
	"instagram-unsend":   {kind: "deletion", message: Message{ID: "aWdfZAG1faXRlbToFIXTURE0001ZD"}},
	"instagram-message-edit": {kind: "edit", message: Message{
		ID: "aWdfZAG1faXRlbToFIXTURE0001ZD", Edits: 1,
		Content: Content{Type: "text", Text: "hey! price for two?"},
	}},
	"instagram-echo": {kind: "echo", message: Message{
		ID:      "aWdfZAG1faXRlbToFIXTURE0169ZD",
		Content: Content{Type: "text", Text: "Sent from the app or from us"},
	}},
}

var (
	fileAddress = regexp.MustCompile(`"url":"[^"]*"`)
	entryTime   = regexp.MustCompile(`"time":(\d+)`)
	itemTime    = regexp.MustCompile(`"timestamp":(\d+)`)
)

func decoded(t *testing.T, body string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func timeIn(t *testing.T, pattern *regexp.Regexp, body string) time.Time {
	t.Helper()
	n, err := strconv.ParseInt(pattern.FindStringSubmatch(body)[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMilli(n)
}

func TestMessengerAndInstagramAreWordedAsTheProviderDoes(t *testing.T) {
	for name, h := range messagingSamples {
		t.Run(name, func(t *testing.T) {
			want := read(t, name+".json")
			s := &Sandbox{clock: at{timeIn(t, entryTime, want)}}
			d, a, person := newMessenger(&graph{s}), page, "20000000000000021"
			if strings.HasPrefix(name, "instagram") {
				d, a, person = newInstagram(&graph{s}), studio, "30000000000000031"
			}
			if h.phone = ines; strings.Contains(name, "standby") {
				h.phone.Held = []string{a.ID}
			}
			if h.at = timeIn(t, itemTime, want); h.message.At.IsZero() {
				h.message.At = h.at
			}
			got, err := d.webhook(a, h)
			if err != nil {
				t.Fatal(err)
			}
			want = fileAddress.ReplaceAllString(strings.ReplaceAll(want, person, d.address(a, ines)), `"url":""`)
			want = strings.ReplaceAll(want, `"metadata":"m"`, `"metadata":"handoff"`)
			body := fileAddress.ReplaceAllString(string(got.Body), `"url":""`)
			if !reflect.DeepEqual(decoded(t, body), decoded(t, want)) {
				t.Fatalf("\n got %s\nwant %s", body, want)
			}
		})
	}
}

func TestWhatAProviderDoesNotReportStaysUnsaid(t *testing.T) {
	g := &graph{&Sandbox{clock: at{time.Now()}}}
	for _, c := range []struct {
		d dialect
		a Account
		h happening
	}{
		{newInstagram(g), studio, happening{kind: "status", status: StatusDelivered}},
		{newMessenger(g), page, happening{kind: "status", status: StatusFailed}},
		{&sms{g.s}, Account{Kind: "sms"}, happening{kind: "status", status: StatusRead, message: Message{Reports: "http://127.0.0.1/"}}},
		{&sms{g.s}, Account{Kind: "sms"}, happening{kind: "status", status: StatusSent}},
		{&sms{g.s}, Account{Kind: "sms"}, happening{kind: "reaction", emoji: "👍"}},
		{&email{g.s}, Account{Kind: "email"}, happening{kind: "status", status: StatusSent}},
	} {
		if w, err := c.d.webhook(c.a, c.h); w != nil || err != nil {
			t.Errorf("%T says of %+v: %v %v", c.d, c.h, w, err)
		}
	}
}

var number1 = Account{
	Kind: "sms", ID: "AC00000000000000000000000000000001", BusinessID: "MG00000000000000000000000000000001",
	Address: "+12025550100", AccessToken: "fixture-twilio-auth-token",
}

func TestTextMessagesAreWordedAsTheProviderDoes(t *testing.T) {
	const out = "SM00000000000000000000000000000032"
	reported := func(status string) happening {
		return happening{kind: "status", status: status, message: Message{ID: out, Reports: "http://127.0.0.1:1/status?message=7"}}
	}
	for name, h := range map[string]happening{
		"sms-inbound-text": messageOf("SM00000000000000000000000000000001", Content{Type: "text", Text: "Hello from SMS"}),
		"sms-inbound-unicode": messageOf("SM00000000000000000000000000000003",
			Content{Type: "text", Text: "Привет 👋 ¿qué tal? + & = %"}),
		"sms-inbound-mms-one-image": messageOf("MM00000000000000000000000000000009",
			Content{Type: "image", Text: "see photo", Media: photo}),
		"sms-inbound-stop":             messageOf("SM0000000000000000000000000000000b", Content{Type: "text", Text: "STOP"}),
		"sms-status-sent":              reported(StatusSent),
		"sms-status-delivered":         reported(StatusDelivered),
		"sms-status-undelivered-30003": reported(StatusFailed),
	} {
		t.Run(name, func(t *testing.T) {
			want, err := url.ParseQuery(read(t, name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			d := &sms{&Sandbox{clock: at{time.Date(2026, 11, 22, 10, 4, 0, 0, time.UTC)}}}
			h.phone = ines
			w, err := d.webhook(number1, h)
			if err != nil {
				t.Fatal(err)
			}
			got, err := url.ParseQuery(string(w.Body))
			if err != nil || w.URL != h.message.Reports {
				t.Fatalf("%v, to %q", err, w.URL)
			}
			for key, values := range want {
				optional := regexp.MustCompile(`^(From|To)(City|State|Zip)$`).MatchString(key)
				if !optional && key != "MediaUrl0" && !slices.Equal(values, got[key]) {
					t.Errorf("%s is %v, want %v", key, got[key], values)
				}
			}
			for key := range got {
				if want[key] == nil {
					t.Errorf("the provider does not say %s there", key)
				}
			}
		})
	}
}

func TestTwilioSignaturesAreTheProvidersForTheSameBytes(t *testing.T) {
	var vectors struct {
		URL    string
		Values map[string]string
	}
	if err := json.Unmarshal([]byte(read(t, "signatures-twilio.json")), &vectors); err != nil || len(vectors.Values) < 7 {
		t.Fatalf("%d vectors, %v", len(vectors.Values), err)
	}
	for name, want := range vectors.Values {
		h := (&sms{}).headers(number1, &wording{Body: []byte(read(t, name))}, vectors.URL+"#rc=2")
		if got := h.Get("X-Twilio-Signature"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

var desk = Account{
	Kind: "email", ID: "support@in.example.com", Address: "support@in.example.com", AppSecret: "seed",
	Reports: "http://127.0.0.1:1/events",
}

func TestMailEventsAreWordedAndSignedAsTheProviderDoes(t *testing.T) {
	d := &email{&Sandbox{clock: at{time.Unix(1790000001, 0)}}}
	about := map[string]happening{
		"processed": {kind: "status", status: StatusSent}, "delivered": {
			kind:   "status",
			status: StatusDelivered,
		}, "bounce-hard": {kind: "status", status: StatusFailed}, "open": {kind: "status", status: StatusRead},
		"open-machine": {kind: "report", status: "machine_open"},
	}
	for _, name := range []string{"deferred", "dropped", "click", "spamreport", "unsubscribe", "group-unsubscribe", "group-resubscribe"} {
		about[name] = happening{kind: "report", status: strings.ReplaceAll(name, "-", "_")}
	}
	for name, h := range about {
		m := Message{
			ID: "FIXTUREmsgid00000000AA", Category: "inbox", Opaque: `{"conversation_id":"42","message_id":"7"}`,
			Content: Content{Type: "mail", Mail: &Mail{MessageID: "c42.m7.s3cr3t@in.example.com"}},
		}
		h.message, h.phone = m, Phone{Customer: Customer{Email: "ines@example.org"}}
		w, err := d.webhook(desk, h)
		if err != nil {
			t.Fatal(err)
		}
		want := read(t, "email-event-"+name+".json")
		missing := slices.DeleteFunc(keys(t, []byte(want)), func(key string) bool {
			return key == ".send_at" ||
				slices.Contains(keys(t, w.Body), key)
		})
		if len(missing) > 0 || !strings.HasSuffix(string(w.Body), "]\r\n") {
			t.Errorf("%s lacks %v: %s", name, missing, w.Body)
		}
		event := regexp.MustCompile(`"event":"[a-z_]+"`).FindString(want)
		for _, part := range []string{
			event, `"email":"ines@example.org"`, `"message_id":"7"`,
			`"smtp-id":"\u003cc42.m7.s3cr3t@in.example.com\u003e"`,
		} {
			if !strings.Contains(string(w.Body), part) {
				t.Errorf("%s lacks %s: %s", name, part, w.Body)
			}
		}
		der, _ := base64.StdEncoding.DecodeString(d.credentials(desk)[3].Value)
		public, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			t.Fatal(err)
		}
		head := d.headers(desk, w, w.URL)
		signature, _ := base64.StdEncoding.DecodeString(head.Get("X-Twilio-Email-Event-Webhook-Signature"))
		sum := sha256.Sum256([]byte(head.Get("X-Twilio-Email-Event-Webhook-Timestamp") + string(w.Body)))
		if !ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), sum[:], signature) {
			t.Errorf("%s: the signature does not fit the key that was given out", name)
		}
	}
}

// formOf reads a mail as the gateway does.
func formOf(t *testing.T, contentType, body string) map[string]string {
	t.Helper()
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for r := multipart.NewReader(strings.NewReader(body), params["boundary"]); ; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return fields
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		fields[part.FormName()] = string(text)
	}
}

func TestMailsComeInPartsOrAsTheyAre(t *testing.T) {
	s := &Sandbox{clock: at{time.Unix(1790000001, 0)}, book: &book{media: map[string]*file{}}}
	s.book.media["1"] = &file{Media: Media{ID: "1"}, bytes: []byte("%PDF-1.4")}
	d := &email{s}
	m := Message{ID: "reply-1@mail.example.org", At: s.clock.Now(), Content: Content{
		Type: "mail", Text: "Yes – please ship it.", Files: []Media{{ID: "1", Name: "año.pdf", MIME: "application/pdf"}},
		Mail: &Mail{
			Subject: "Re: Größe", From: "Ines Valdoro <ines@example.org>", To: []string{"support+c42.t@in.example.com"},
			CC:   []string{"boss@example.org"},
			HTML: "<p>Yes</p>", MessageID: "reply-1@mail.example.org", InReplyTo: "m7@in.example.com",
			References: []string{"m1@in.example.com", "m7@in.example.com"},
		},
	}}
	h := happening{kind: "message", message: m, phone: Phone{Customer: Customer{Email: "ines@example.org"}}}
	w, err := d.webhook(desk, h)
	if err != nil {
		t.Fatal(err)
	}
	sample := formOf(t, "multipart/form-data; boundary=xYzZYfixture",
		strings.ReplaceAll(strings.ReplaceAll(read(t, "email-inbound-reply.txt"), "\r\n", "\n"), "\n", "\r\n"))
	got := formOf(t, w.Type, string(w.Body))
	for name := range sample {
		if got[name] == "" {
			t.Errorf("lacks %s", name)
		}
	}
	if got["attachment1"] != "%PDF-1.4" || got["cc"] != "boss@example.org" ||
		got["envelope"] != `{"from":"ines@example.org","to":["support+c42.t@in.example.com"]}` {
		t.Errorf("%v", got)
	}
	account := desk
	account.Raw = true
	if w, err = d.webhook(account, h); err != nil {
		t.Fatal(err)
	}
	raw := formOf(t, w.Type, string(w.Body))
	if raw["text"] != "" || raw["headers"] != "" {
		t.Errorf("raw mode has parts: %v", slices.Sorted(maps.Keys(raw)))
	}
	letter, err := mail.ReadMessage(bytes.NewReader([]byte(raw["email"])))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
	if err != nil || subject != "Re: Größe" || letter.Header.Get("In-Reply-To") != "<m7@in.example.com>" ||
		!strings.HasPrefix(letter.Header.Get("Content-Type"), "multipart/mixed") {
		t.Errorf("%v %v", err, letter.Header)
	}
}

func TestEachProviderHasItsOwnPatience(t *testing.T) {
	g := &graph{&Sandbox{}}
	event := &wording{URL: "http://127.0.0.1/"}
	for _, c := range []struct {
		name          string
		d             dialect
		w             *wording
		status, tries int
		age           time.Duration
		want          verdict
	}{
		{"whatsapp tries for a week", newWhatsApp(g), &wording{}, 500, 9, 6 * 24 * time.Hour, again},
		{"messenger tries for 36 hours", newMessenger(g), &wording{}, 503, 9, 35 * time.Hour, again},
		{"and gives up", newMessenger(g), &wording{}, 503, 9, 36 * time.Hour, lost},
		{"twilio tries again where nobody answers", &sms{}, &wording{}, 0, 0, 0, again},
		{"once", &sms{}, &wording{}, 0, 1, time.Second, lost},
		{"and never after an answer", &sms{}, &wording{}, 500, 0, 0, lost},
		{"sendgrid repeats a mail after 503", &email{}, &wording{}, 503, 3, 71 * time.Hour, again},
		{"for three days", &email{}, &wording{}, 503, 3, 72 * time.Hour, lost},
		{"and drops it at once after a refusal", &email{}, &wording{}, 401, 0, 0, lost},
		{"but not an event", &email{}, event, 401, 0, 0, again},
		{"which it repeats for a day", &email{}, event, 401, 0, 24 * time.Hour, lost},
		{"any success will do", &email{}, event, 204, 0, 0, taken},
	} {
		if got := c.d.judge(c.w, c.status, c.tries, c.age); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAddressesOfTheGatewayAreCalledWhereItListens(t *testing.T) {
	s := &Sandbox{public: "https://inbox.example", local: "http://127.0.0.1:8080"}
	for address, want := range map[string]string{
		"https://inbox.example/webhooks/sms/x?a=1": "http://127.0.0.1:8080/webhooks/sms/x?a=1",
		"https://u:p@inbox.example/webhooks/email": "http://u:p@127.0.0.1:8080/webhooks/email",
		"https://inbox.example.evil.test/":         "https://inbox.example.evil.test/",
		"http://127.0.0.1:9/":                      "http://127.0.0.1:9/",
	} {
		if got := s.reach(address); got != want {
			t.Errorf("%s is called as %s, want %s", address, got, want)
		}
	}
}
