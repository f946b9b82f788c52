package sms_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/sms"
)

const query = "tenant=7"

var account = channels.Account{
	ChannelID: "chn_1", WebhookURL: "https://inbox.example.com/webhooks/twilio/in",
	Credentials: map[string]string{
		"account_sid": "AC00000000000000000000000000000001", "auth_token": "fixture-twilio-auth-token",
		"messaging_service_sid": "MG00000000000000000000000000000001",
	},
}

// signed signs with Twilio's own library.
func signed(body []byte) channels.Webhook {
	form, _ := url.ParseQuery(string(body))
	flat := map[string]string{}
	for name := range form {
		flat[name] = form.Get(name)
	}
	h := http.Header{}
	h.Set("X-Twilio-Signature", signature(account.WebhookURL+"?"+query, flat))
	return channels.Webhook{Method: http.MethodPost, Header: h, Query: url.Values{"tenant": {"7"}}, RawQuery: query, Body: body}
}

func file(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return data
}

func TestConformance(t *testing.T) {
	channeltest.Run(t, channeltest.Suite{
		New:             func(h *http.Client) channels.Adapter { return sms.New(h) },
		Account:         account,
		Dir:             "testdata",
		Hook:            signed,
		SignatureHeader: "X-Twilio-Signature",
		Vectors:         vectors(t),
		Unknown: map[string]string{
			"a status":            "MessageSid=SM1&MessageStatus=pondered",
			"no message":          "AccountSid=AC1&Weather=fine",
			"an event stream":     `[{"type":"com.twilio.messaging.x"}]`,
			"a sms status":        "SmsSid=SM1&SmsStatus=dreaming&From=%2B12025550143",
			"a message of nobody": "MessageSid=SM1&SmsStatus=received&Body=hi",
		},
		Outgoing:     outgoing(),
		Provider:     twilio,
		IsSend:       func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/Messages.json") },
		Unauthorized: `{"code":20003,"message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401}`,
	})
}

func vectors(t *testing.T) []channeltest.Vector {
	var in struct {
		Twilio struct {
			Token  string            `json:"auth_token"`
			URL    string            `json:"url"`
			Values map[string]string `json:"values"`
		} `json:"twilio"`
		Ports struct {
			Without string `json:"without_port"`
			With    string `json:"with_443"`
		} `json:"twilio_port_variants"`
	}
	if err := json.Unmarshal(file("testdata/vectors.json"), &in); err != nil || in.Twilio.Token != account.Credentials["auth_token"] ||
		in.Twilio.URL != account.WebhookURL+"?"+query {
		t.Fatal("vectors.json is not for the test account", err)
	}
	var out []channeltest.Vector
	for name, signature := range in.Twilio.Values {
		out = append(out, channeltest.Vector{Name: name, Body: file("testdata/in/" + name), Signature: signature, Valid: true})
	}
	text := file("testdata/in/sms-inbound-text.txt")
	return append(out,
		channeltest.Vector{Name: "with port", Body: text, Signature: in.Ports.With, Valid: true},
		channeltest.Vector{Name: "without port", Body: text, Signature: in.Ports.Without, Valid: true},
		channeltest.Vector{
			Name: "a parameter twice", Body: append(slices.Clone(text), "&Body=Hello+from+SMS"...),
			Signature: in.Ports.Without,
		},
	)
}

func TestABodyThatIsSignedByItsHash(t *testing.T) {
	var in struct {
		JSON struct {
			Body, URL, Signature string
		} `json:"twilio_json"`
	}
	if err := json.Unmarshal(file("testdata/vectors.json"), &in); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(in.JSON.URL)
	if err != nil {
		t.Fatal(err)
	}
	at := account
	at.WebhookURL = u.Scheme + "://" + u.Host + u.Path
	hook := channels.Webhook{
		Header: http.Header{"X-Twilio-Signature": {in.JSON.Signature}}, Query: u.Query(), RawQuery: u.RawQuery,
		Body: []byte(in.JSON.Body),
	}
	if err := sms.New(nil).Verify(at, hook); err != nil {
		t.Error(err)
	}
	hook.Body = []byte(in.JSON.Body + " ")
	if sms.New(nil).Verify(at, hook) == nil {
		t.Error("another body passes")
	}
}

func TestAStatusCallbackIsSignedWithItsOwnAddress(t *testing.T) {
	body := file("testdata/in/sms-status-delivered.txt")
	form, _ := url.ParseQuery(string(body))
	flat := map[string]string{}
	for name := range form {
		flat[name] = form.Get(name)
	}
	hook := channels.Webhook{
		Suffix: "status", Query: url.Values{"message": {"msg_1"}}, RawQuery: "message=msg_1", Body: body,
		Header: http.Header{"X-Twilio-Signature": {signature(account.WebhookURL+"/status?message=msg_1", flat)}},
	}
	if err := sms.New(nil).Verify(account, hook); err != nil {
		t.Error(err)
	}
	hook.RawQuery = "message=msg_2"
	if sms.New(nil).Verify(account, hook) == nil {
		t.Error("a report about another message passes")
	}
	hook.RawQuery = "message=msg_1"
	events, err := sms.New(nil).Parse(account, hook)
	if err != nil || len(events) != 1 || events[0].Receipt == nil || events[0].Receipt.MessageID != "msg_1" ||
		events[0].Receipt.Status != "delivered" {
		t.Errorf("%+v %v", events, err)
	}
}

// twilio answers as the healthy provider.
func twilio(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(file("testdata/api/sms-api-create-response.json"))
}

func outgoing() []channeltest.Case {
	phone := channels.Identity{Kind: "phone", Value: "+12025550143", Display: "+1 202-555-0143"}
	contents := map[string]channels.Content{
		"text": {Type: "text", Text: "Shalom שלום <b> & 👋🏽 +1%"},
		"media": {Type: "media", Text: "Look", Attachments: []channels.Attachment{
			{ID: "med_1", Kind: "image", MIME: "image/png"},
			{ID: "med_2", Kind: "document", MIME: "application/pdf"},
		}},
	}
	var cases []channeltest.Case
	for _, name := range []string{"text", "media"} {
		cases = append(cases, channeltest.Case{
			Name: name, Sent: channels.Sent{ProviderID: "SM00000000000000000000000000000032"},
			Out: channels.Outgoing{
				MessageID: "msg_1", To: []channels.Identity{phone}, Content: contents[name],
				Link: func(a channels.Attachment) string { return "https://inbox.example.com/m/" + a.ID },
			},
		})
	}
	return append(cases, channeltest.Case{
		Name: "short-code", Sent: cases[0].Sent,
		Out: channels.Outgoing{
			MessageID: "msg_2", To: []channels.Identity{{Kind: "sms_sender", Value: "12345", Display: "12345"}},
			Content: contents["text"],
		},
	})
}

func TestTheNumberSendsWhereThereIsNoService(t *testing.T) {
	var form url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		form, _ = url.ParseQuery(string(raw))
		twilio(w, r)
	}))
	defer server.Close()
	at := account
	at.BaseURL = server.URL
	at.Credentials = map[string]string{"account_sid": "AC1", "auth_token": "t-1", "from_number": "+12025550100"}
	if _, err := sms.New(server.Client()).Send(t.Context(), at, outgoing()[0].Out); err != nil {
		t.Fatal(err)
	}
	if form.Get("From") != "+12025550100" || form.Has("MessagingServiceSid") ||
		form.Get("StatusCallback") != account.WebhookURL+"/status?message=msg_1" {
		t.Errorf("%v", form)
	}
}

func TestWhoCannotBeAnswered(t *testing.T) {
	for code, to := range map[string][]channels.Identity{
		"no_address":      {{Kind: "email", Value: "a@example.org"}},
		"not_repliable":   {{Kind: "sms_sender", Value: "EXAMPLECO"}},
		"not_repliable ":  {{Kind: "whatsapp_phone", Value: "12025550143"}, {Kind: "phone", Value: "+12025550143"}},
		"not_repliable  ": {{Kind: "whatsapp_bsuid", Value: "US.7"}, {Kind: "phone", Value: "+12025550143"}},
	} {
		_, err := sms.New(http.DefaultClient).Send(t.Context(), account,
			channels.Outgoing{To: to, Content: channels.Content{Type: "text", Text: "x"}})
		if e := channels.AsSendError(err); e.Code != strings.TrimSpace(code) || e.Outcome != channels.Refused {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// TestErrorsInPlainWords: every code of the reference has words of its own, and the outcome that it means.
func TestErrorsInPlainWords(t *testing.T) {
	for code, want := range map[int]struct {
		outcome channels.Outcome
		code    string
	}{
		20003: {channels.Dead, "token_invalid"}, 20404: {channels.Dead, "account_mismatch"}, 20429: {channels.Throttled, "rate_limited"},
		21211: {channels.Refused, "recipient_invalid"}, 21214: {channels.Refused, "recipient_invalid"}, 21612: {
			channels.Refused,
			"not_mobile",
		}, 21614: {channels.Refused, "not_mobile"},
		21408: {channels.Refused, "country_not_allowed"}, 21601: {channels.Dead, "sender_invalid"}, 21606: {
			channels.Dead,
			"sender_invalid",
		}, 21603: {channels.Dead, "sender_invalid"},
		21602: {channels.Refused, "text_empty"}, 21617: {channels.Refused, "text_too_long"}, 21620: {
			channels.Refused,
			"media_rejected",
		}, 21623: {channels.Refused, "media_rejected"},
		21608: {channels.Refused, "trial_account"}, 21610: {channels.Refused, "opted_out"}, 21611: {channels.Throttled, "rate_limited"},
		21654: {channels.Refused, "template_invalid"}, 30001: {channels.Refused, "congested"}, 30002: {
			channels.Dead,
			"account_restricted",
		}, 30003: {channels.Refused, "not_reachable"},
		30004: {channels.Refused, "blocked"}, 30005: {channels.Refused, "recipient_unknown"}, 30006: {
			channels.Refused,
			"not_mobile",
		}, 30007: {channels.Refused, "filtered"},
		30008: {channels.Refused, "delivery_failed"}, 30009: {channels.Refused, "delivery_failed"}, 30010: {
			channels.Refused,
			"price_limit",
		}, 30011: {channels.Refused, "media_not_supported"},
		30019: {channels.Refused, "media_rejected"}, 30032: {channels.Refused, "sender_not_registered"}, 30034: {
			channels.Refused,
			"sender_not_registered",
		},
		63016: {channels.Refused, "window_closed"}, 63001: {channels.Dead, "sender_invalid"}, 63018: {
			channels.Throttled,
			"rate_limited",
		}, 63024: {channels.Refused, "not_reachable"},
		99999: {channels.Refused, "provider_refused"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"code":%d,"message":"to +12025550143","status":400}`, code)
		}))
		at := account
		at.BaseURL = server.URL
		_, err := sms.New(server.Client()).Send(t.Context(), at, outgoing()[0].Out)
		server.Close()
		e := channels.AsSendError(err)
		if e.Outcome != want.outcome || e.Code != want.code || e.Title == "" || e.Detail == "" || e.Provider != fmt.Sprint(code) ||
			strings.Contains(e.Error(), "5550143") {
			t.Errorf("%d: %+v", code, e)
		}
	}
}

// TestSamplesMeanWhatTheyMean: what somebody decided that each sample means.
func TestSamplesMeanWhatTheyMean(t *testing.T) {
	want := map[string]string{}
	for line := range strings.Lines(string(file("testdata/meaning.txt"))) {
		if name, meaning, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			want[name] = meaning
		}
	}
	files, err := filepath.Glob("testdata/in/*")
	if err != nil || len(files) != len(want) || len(files) == 0 {
		t.Fatalf("%d samples, %d expectations: %v", len(files), len(want), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "sms-"), ".txt")
		events, err := sms.New(nil).Parse(account, signed(file(f)))
		if err != nil || len(events) != 1 {
			t.Errorf("%s: %d events, %v", name, len(events), err)
			continue
		}
		if got := describe(events[0]); got != want[name] {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want[name])
		}
	}
}

func describe(e channels.Event) string {
	from := ""
	if e.Contact != nil {
		i := e.Contact.Identities[0]
		from = " | " + strings.TrimSpace(e.Contact.Name+" "+i.Kind+" "+i.Value)
	}
	switch {
	case e.Message != nil:
		m := e.Message
		out := fmt.Sprintf("%s %q", m.Content.Type, m.Content.Text[:min(len(m.Content.Text), 48)])
		for _, a := range m.Content.Attachments {
			out += fmt.Sprintf(" [%s %s %s]", a.Kind, a.MIME, a.ProviderID)
		}
		if m.Consent != "" {
			out += " " + strings.ToUpper(string(m.Consent))
		}
		return out + from + " | " + m.ProviderID
	case e.Receipt != nil:
		out := string(e.Receipt.Status)
		if e.Receipt.Error != nil {
			out += " " + e.Receipt.Error.Code + "/" + e.Receipt.Error.Provider
		}
		return out + " of " + e.Receipt.ProviderID + from
	}
	return "?"
}

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		text  string
		parts int
		short bool
	}{
		{"", 0, true},
		{strings.Repeat("a", 160), 1, true},
		{strings.Repeat("a", 161), 2, true},
		{strings.Repeat("a", 306), 2, true},
		{strings.Repeat("a", 307), 3, true},
		{strings.Repeat("a", 159) + "€", 2, true},
		{strings.Repeat("a", 158) + "€", 1, true},
		{strings.Repeat("a", 152) + "€" + strings.Repeat("a", 153), 3, true}, // the pair is not split
		{strings.Repeat("я", 70), 1, false},
		{strings.Repeat("я", 71), 2, false},
		{strings.Repeat("👍", 35), 1, false},
		{strings.Repeat("👍", 36), 2, false},
		{strings.Repeat("a", 71) + "`", 2, false},
		{strings.Repeat("ש", 134), 2, false},
		{strings.Repeat("ש", 135), 3, false},
		{"Ç", 1, true},
		{"ç", 1, false},
	} {
		if parts, short := sms.Segments(c.text); parts != c.parts || short != c.short {
			t.Errorf("%.20q… of %d: %d %v, want %d %v", c.text, len(c.text), parts, short, c.parts, c.short)
		}
	}
}

func TestFilesAreFetchedFromTwilioOnly(t *testing.T) {
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token went to the storage")
		}
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = io.WriteString(w, "picture")
	}))
	defer storage.Close()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, token, _ := r.BasicAuth(); user != account.Credentials["account_sid"] || token != account.Credentials["auth_token"] {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/gone") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		http.Redirect(w, r, storage.URL+"/x", http.StatusTemporaryRedirect)
	}))
	defer api.Close()
	at := account
	at.BaseURL = api.URL
	fetch := func(address string) (string, error) {
		m, err := sms.New(api.Client()).FetchMedia(t.Context(), at, channels.Attachment{SourceURL: address})
		if err != nil {
			return "", err
		}
		defer func() { _ = m.Content.Close() }()
		data, err := io.ReadAll(m.Content)
		return string(data), err
	}
	if got, err := fetch("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"); err != nil || got != "picture" {
		t.Errorf("%q %v", got, err)
	}
	for address, outcome := range map[string]channels.Outcome{
		"https://api.twilio.com/gone": channels.Refused, "https://twilio.com.evil.example/x": channels.Refused,
		"http://169.254.169.254/": channels.Refused, "": channels.Refused,
	} {
		if _, err := fetch(address); channels.AsSendError(err).Outcome != outcome || err == nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestTheAccountIsChecked(t *testing.T) {
	status, body := http.StatusOK, `{"status":"active"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	at := account
	at.BaseURL = server.URL
	check := func() error { return sms.New(server.Client()).Check(context.Background(), at) }
	if err := check(); err != nil {
		t.Error(err)
	}
	body = `{"status":"suspended"}`
	if e := channels.AsSendError(check()); e.Code != "account_restricted" {
		t.Error(e)
	}
	status = http.StatusUnauthorized
	if e := channels.AsSendError(check()); e.Outcome != channels.Dead {
		t.Error(e)
	}
	status = http.StatusBadGateway
	if e := channels.AsSendError(check()); e.Outcome != channels.Down {
		t.Error(e)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/in/*")
	for _, name := range files {
		f.Add(file(name))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Check(t, sms.New(nil), account, channels.Webhook{Query: url.Values{}, Body: body})
		_, _ = sms.Segments(string(body))
	})
}

// signature is Twilio's, and its own library agrees.
func signature(address string, form map[string]string) string {
	mac := hmac.New(sha1.New, []byte(account.Credentials["auth_token"]))
	text := address
	for _, name := range slices.Sorted(maps.Keys(form)) {
		text += name + form[name]
	}
	mac.Write([]byte(text))
	out := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if v := client.NewRequestValidator(account.Credentials["auth_token"]); !v.Validate(address, form, out) {
		panic("Twilio's library does not accept the signature")
	}
	return out
}
