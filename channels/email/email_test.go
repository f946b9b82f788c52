package email_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/channeltest"
	"wasl/channels/email"
)

const (
	boundary  = "multipart/form-data; boundary=xYzZYfixture"
	timestamp = "1790000100"
	signature = "X-Twilio-Email-Event-Webhook-Signature"
)

// signer is the provider's key, made anew for each run.
type signer struct {
	key     *ecdsa.PrivateKey
	account channels.Account
}

func newSigner() signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	return signer{key: key, account: channels.Account{
		ChannelID: "chn_1", WebhookURL: "https://inbox.example.com/webhooks/email/chn_1",
		Credentials: map[string]string{
			"api_key": "SG.fixture-key", "from_address": "support@example.com", "from_name": "Example Desk", "inbound_user": "inbound-user",
			"inbound_password": "inbound-password",
			"event_public_key": base64.StdEncoding.EncodeToString(der),
		},
	}}
}

func (s signer) hook(body []byte) channels.Webhook {
	sum := sha256.Sum256(append([]byte(timestamp), body...))
	sig, err := ecdsa.SignASN1(rand.Reader, s.key, sum[:])
	if err != nil {
		panic(err)
	}
	h := unsigned(body)
	h.Header.Set(signature, base64.StdEncoding.EncodeToString(sig))
	h.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", timestamp)
	return h
}

func unsigned(body []byte) channels.Webhook {
	h := channels.Webhook{Method: http.MethodPost, Header: http.Header{"Content-Type": {boundary}}, Body: body}
	if bytes.HasPrefix(body, []byte("[")) {
		h.Suffix = "events"
		h.Header.Set("Content-Type", "application/json")
	}
	return h
}

func file(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return data
}

func TestConformance(t *testing.T) {
	s := newSigner()
	channeltest.Run(t, channeltest.Suite{
		New:             func(h *http.Client) channels.Adapter { return email.New(email.Options{HTTP: h}) },
		Account:         s.account,
		Dir:             "testdata",
		Hook:            s.hook,
		SignatureHeader: signature,
		Unknown: map[string]string{
			"an event":             `[{"event":"pondered","sg_event_id":"x1","smtp-id":"<a@b>","email":"a@example.org","timestamp":1}]`,
			"an entry":             `[7]`,
			"an event without one": `[{"sg_event_id":"x3"}]`,
		},
		Many: func(n int) []byte {
			parts := make([]string, n)
			for i := range parts {
				parts[i] = fmt.Sprintf(`{"event":"delivered","sg_event_id":"e%d","smtp-id":"<m%d@example.com>","email":"a@example.org","timestamp":1790000001}`, i, i)
			}
			return []byte("[" + strings.Join(parts, ",") + "]\r\n")
		},
		Outgoing: outgoing(),
		Provider: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Message-Id", "fixture")
			w.WriteHeader(http.StatusAccepted)
		},
		IsSend:       func(r *http.Request) bool { return r.URL.Path == "/v3/mail/send" },
		Unauthorized: `{"errors":[{"message":"The provided authorization grant is invalid, expired, or revoked","field":null,"help":null}]}`,
	})
}

const messageID = "msg_01kf00000000000000000000aa.01kf00000000000000000000cc.wasl@example.com"

func outgoing() []channeltest.Case {
	out := func(c channels.Content) channels.Outgoing {
		return channels.Outgoing{
			MessageID: "msg_01kf00000000000000000000aa", To: []channels.Identity{{
				Kind: "email", Value: "ines@example.org",
				Display: "Ines@Example.org",
			}}, Content: c,
			Thread: &channels.Thread{
				Token: "01kf00000000000000000000cc", Subject: "Order 1042",
				References: []string{"first@mail.example.org", "reply-1@mail.example.org"},
			},
			Open: func(context.Context, channels.Attachment) (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader("file")), nil
			},
		}
	}
	sent := channels.Sent{ProviderID: messageID}
	return []channeltest.Case{
		{Name: "text", Sent: sent, Out: out(channels.Content{Type: "text", Text: "Shalom שלום <b> & 👋🏽"})},
		{Name: "html", Sent: sent, Out: out(channels.Content{Type: "text", Text: "Hello", Mail: &channels.Mail{
			Subject: "Re: Order 1042", HTML: "<p>Hello</p>",
			CC:  []channels.Address{{Name: "Bo", Address: "bo@example.net"}, {Address: "INES@example.org"}},
			BCC: []channels.Address{{Address: "audit@example.com"}, {Address: "bo@example.net"}},
		}})},
		{Name: "files", Sent: sent, Out: out(channels.Content{Type: "media", Attachments: []channels.Attachment{
			{Kind: "document", MIME: "application/pdf", Name: "חשבונית.pdf"}, {
				Kind: "image", MIME: "image/png", Name: "logo.png",
				Inline: true, ContentID: "ii_1",
			},
		}})},
		{Name: "first", Sent: channels.Sent{ProviderID: "msg_1.t.wasl@example.com"}, Out: channels.Outgoing{
			MessageID: "msg_1", To: []channels.Identity{{Kind: "email", Value: "ines@example.org"}}, Thread: &channels.Thread{Token: "t"},
			Content: channels.Content{Type: "text", Text: "Hi", Mail: &channels.Mail{Subject: "News"}},
		}},
		{Name: "automatic", Sent: channels.Sent{ProviderID: "msg_1.t.wasl@example.com"}, Out: channels.Outgoing{
			MessageID: "msg_1", To: []channels.Identity{{Kind: "email", Value: "ines@example.org"}}, Thread: &channels.Thread{Token: "t"},
			Content: channels.Content{Type: "text", Text: "Hi", Mail: &channels.Mail{Subject: "News", Auto: "reply"}},
		}},
	}
}

// TestSignaturesOfAnotherProgram: those that were computed independently of this one.
func TestSignaturesOfAnotherProgram(t *testing.T) {
	var in struct {
		Key    string            `json:"public_key_b64_der"`
		Time   string            `json:"timestamp"`
		Values map[string]string `json:"values"`
	}
	if err := json.Unmarshal(file("testdata/vectors.json"), &in); err != nil || len(in.Values) < 20 {
		t.Fatal(err, len(in.Values))
	}
	account := newSigner().account
	account.Credentials["event_public_key"] = in.Key
	for name, sig := range in.Values {
		hook := unsigned(file("testdata/in/" + name))
		hook.Header.Set(signature, sig)
		hook.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", in.Time)
		if err := email.New(email.Options{}).Verify(account, hook); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		hook.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", in.Time+"0")
		if email.New(email.Options{}).Verify(account, hook) == nil {
			t.Errorf("%s passes at another time", name)
		}
	}
}

func TestTheInboundAddressHasAPassword(t *testing.T) {
	account := newSigner().account
	basic := func(user, password string) channels.Webhook {
		hook := unsigned(file("testdata/in/email-inbound-reply.txt"))
		hook.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
		return hook
	}
	if err := email.New(email.Options{}).Verify(account, basic("inbound-user", "inbound-password")); err != nil {
		t.Error(err)
	}
	for _, hook := range []channels.Webhook{
		basic("inbound-user", "wrong"), basic("", ""), basic("wrong", "inbound-password"),
		unsigned([]byte("x")),
	} {
		if err := email.New(email.Options{}).Verify(account, hook); err == nil || !strings.Contains(err.Error(), "come again") {
			t.Errorf("%v: it must be refused so that it comes again", err)
		}
	}
	account.Credentials["inbound_user"], account.Credentials["inbound_password"] = "", ""
	if email.New(email.Options{}).Verify(account, basic("", "")) == nil {
		t.Error("no password is no proof")
	}
	events := basic("inbound-user", "inbound-password")
	events.Suffix = "events"
	if email.New(email.Options{}).Verify(newSigner().account, events) == nil {
		t.Error("reports need a signature")
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
		t.Errorf("%d samples, %d expectations: %v", len(files), len(want), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "email-"), filepath.Ext(f))
		events, err := email.New(email.Options{}).Parse(newSigner().account, unsigned(file(f)))
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
	who := ""
	if e.Contact != nil {
		who = " | " + strings.TrimSpace(e.Contact.Name+" "+e.Contact.Identities[0].Value)
	}
	switch {
	case e.Message != nil:
		m := e.Message
		out := fmt.Sprintf("%s %q about %q", m.Content.Type, m.Content.Text, m.Content.Mail.Subject)
		say := func(on bool, format string, args ...any) {
			if on {
				out += " " + fmt.Sprintf(format, args...)
			}
		}
		say(m.Content.Mail.Quoted != "", "quoting %d lines", strings.Count(m.Content.Mail.Quoted, "\n")+1)
		say(m.Content.Mail.HTML != "", "html")
		for _, a := range m.Content.Attachments {
			say(true, "[%s %s %s %d]", a.Kind, a.MIME, a.Name, a.Size)
			say(a.Inline, "inline")
		}
		for _, a := range m.Content.Mail.CC {
			say(true, "cc=%s", a.Address)
		}
		for _, a := range m.Content.Mail.BCC {
			say(true, "bcc=%s", a.Address)
		}
		say(m.Content.Mail.Auto != "", "AUTO=%s", m.Content.Mail.Auto)
		say(m.Content.Mail.Unproven, "UNPROVEN")
		say(len(m.Thread.References) > 0, "re=%s", strings.Join(m.Thread.References, ","))
		say(m.Thread.Token != "", "token=%s", m.Thread.Token)
		say(m.Thread.Subject != "", "key=%q", m.Thread.Subject)
		say(m.AnswerTo != nil, "answer elsewhere")
		return out + who + " | " + m.ProviderID
	case e.Receipt != nil:
		out := strings.TrimSpace(string(e.Receipt.Status) + " " + string(e.Receipt.Consent))
		if e.Receipt.Error != nil {
			out += " " + e.Receipt.Error.Code + "/" + e.Receipt.Error.Provider
		}
		if e.Receipt.Bounced {
			out += " for good"
		}
		return out + " of " + e.Receipt.ProviderID + who
	case e.Notice != nil:
		return "notice " + e.Notice.Kind + " " + e.Notice.Severity
	}
	return "?"
}

// letter makes the form of a raw mail.
func letter(lines ...string) channels.Webhook {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("email", strings.Join(lines, "\r\n"))
	_ = w.WriteField("envelope", `{"to":["support@example.com"],"from":"a@example.org"}`)
	_ = w.Close()
	return channels.Webhook{Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: b.Bytes()}
}

func parseOne(t *testing.T, hook channels.Webhook) channels.Event {
	t.Helper()
	events, err := email.New(email.Options{}).Parse(newSigner().account, hook)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	return events[0]
}

func TestCharacterSets(t *testing.T) {
	for label, encoded := range map[string]string{
		"windows-1255": "\xf9\xec\xe5\xed", "iso-8859-8-i": "\xf9\xec\xe5\xed", "ISO-8859-8": "\xf9\xec\xe5\xed", "utf-8": "שלום",
		"": "שלום", "x-unheard-of": "שלום",
	} {
		e := parseOne(t, letter("From: =?windows-1255?B?+ezl7Q==?= <a@example.org>", "Subject: =?iso-8859-8-i?Q?=F9=EC=E5=ED?=",
			`Content-Type: text/plain; charset="`+label+`"`, "Content-Transfer-Encoding: 8bit", "Message-ID: <1@x>", "", encoded))
		if e.Message.Content.Text != "שלום" || e.Contact.Name != "שלום" || e.Message.Content.Mail.Subject != "שלום" {
			t.Errorf("%s: %q from %q about %q", label, e.Message.Content.Text, e.Contact.Name, e.Message.Content.Mail.Subject)
		}
	}
	for label, sample := range map[string][2]string{
		"iso-8859-6": {"\xe5\xd1\xcd\xc8\xc7", "مرحبا"}, "windows-1256": {
			"\xe3\xd1\xcd\xc8\xc7",
			"مرحبا",
		}, "shift_jis": {"\x93\xfa\x96\x7b", "日本"}, "iso-8859-1": {"caf\xe9", "café"}, "koi8-r": {"\xd0\xd2\xc9", "при"},
	} {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("headers", "From: a@example.org\nMessage-ID: <2@x>\n")
		_ = w.WriteField("text", sample[0])
		_ = w.WriteField("charsets", `{"text":"`+label+`"}`)
		_ = w.Close()
		if e := parseOne(t, channels.Webhook{
			Header: http.Header{"Content-Type": {w.FormDataContentType()}},
			Body:   b.Bytes(),
		}); e.Message.Content.Text != sample[1] {
			t.Errorf("%s: %q", label, e.Message.Content.Text)
		}
	}
}

// TestQuotationsAreFolded: what the writer added, in the styles and languages of many programs.
func TestQuotationsAreFolded(t *testing.T) {
	for name, c := range map[string]struct{ text, added string }{
		"gmail": {"Yes.\n\nOn Sat, 21 Nov 2026 at 10:00, Support <s@example.com> wrote:\n> Shall we?\n>\n> Bye", "Yes."},
		"gmail, two lines": {
			"Yes.\n\nOn Sat, 21 Nov 2026 at 10:00, Support of the Example Company\n<s@example.com> wrote:\n\n> Shall we?",
			"Yes.",
		},
		"gmail in Hebrew": {"כן.\n\n\u200fבתאריך יום א׳, 22 בנוב׳ 2026 ב-10:00 מאת \u202aSupport\u202c\u200f <\u202as@example.com\u202c\u200f>:\u200f\n\n> האם?", "כן."},
		"apple in Hebrew": {"כן.\n\nב-22 בנוב׳ 2026, בשעה 10:00, Support כתב/ה:\n\n> האם?", "כן."},
		"gmail in Arabic": {
			"نعم.\n\nفي الأحد، 22 نوفمبر 2026 في 10:00 ص تمت كتابة ما يلي بواسطة Support <s@example.com>:\n\n> هل؟",
			"نعم.",
		},
		"apple in Arabic":   {"نعم.\n\nفي 22 نوفمبر 2026، الساعة 10:00، كتب Support <s@example.com>:\n\n> هل؟", "نعم."},
		"outlook":           {"Yes.\n\n________________________________\nFrom: Support <s@example.com>\nSent: Saturday, 21 November 2026 10:00\nTo: Ines\nSubject: Order\n\nShall we?", "Yes."},
		"outlook in Hebrew": {"כן.\n\nמאת: Support <s@example.com>\nנשלח: יום שבת 21 נובמבר 2026\nאל: Ines\nנושא: הזמנה\n\nהאם?", "כן."},
		"outlook in Arabic": {"نعم.\n\nمن: Support\nتم الإرسال: السبت\nإلى: Ines\nالموضوع: طلب\n\nهل؟", "نعم."},
		"divider":           {"Yes.\n\n-----Original Message-----\nShall we?", "Yes."},
		"divider in Hebrew": {"כן.\n\n-----הודעה מקורית-----\nהאם?", "כן."},
		"german":            {"Ja.\n\nAm 21.11.2026 um 10:00 schrieb Support:\n> Sollen wir?", "Ja."},
		"signature":         {"Yes.\n\n-- \nInes\n+1 202", "Yes."},
		"a phone":           {"Yes.\n\nSent from my iPhone", "Yes."},
		"between the lines": {
			"On Sat, Support <s@example.com> wrote:\n> One?\nYes.\n> Two?\nNo.",
			"On Sat, Support <s@example.com> wrote:\n> One?\nYes.\n> Two?\nNo.",
		},
		"only a quotation": {"> Shall we?", "> Shall we?"},
		"no quotation":     {"From: here\nto there", "From: here\nto there"},
		"on the way":       {"On my way I wrote:\nthis poem\n\nand that.", "On my way I wrote:\nthis poem\n\nand that."},
	} {
		e := parseOne(t,
			letter(append([]string{
				"From: a@example.org", "Message-ID: <1@x>", "Subject: Re: Order",
				"Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
			}, strings.Split(c.text, "\n")...)...))
		if got := e.Message.Content.Text; got != c.added {
			t.Errorf("%s: %q, want %q", name, got, c.added)
		}
		if whole := e.Message.Content.Text +
			e.Message.Content.Mail.Quoted; len(strings.Join(strings.Fields(whole), "")) != len(strings.Join(strings.Fields(c.text), "")) {
			t.Errorf("%s: something was lost: %q", name, whole)
		}
	}
}

func TestSubjectsAreCompared(t *testing.T) {
	for subject, want := range map[string]string{
		"Order 1042": "order 1042", "RE: Order 1042": "order 1042 re", "Re: Fwd: re[2]: Order  1042": "order 1042 re",
		"תגובה: הזמנה": "הזמנה re", "השב: הועבר: הזמנה": "הזמנה re",
		"رد: طلب": "طلب re", "إعادة توجيه: طلب": "طلب re", "AW: WG: Auftrag": "auftrag re", "回复：订单": "订单 re", "Re:": " re",
		"Regarding: x": "regarding: x", "\u200fRe: x": "x re",
	} {
		e := parseOne(t, letter("From: a@example.org", "Message-ID: <1@x>", "Subject: "+subject, "", "x"))
		got := e.Message.Thread.Subject
		if e.Message.Thread.Reply {
			got += " re"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", subject, got, want)
		}
	}
}

func TestTheTokenIsFound(t *testing.T) {
	const token = "01kf00000000000000000000cc"
	for name, line := range map[string]string{
		"address": "To: support+w" + token + "@example.com", "upper case": "To: SUPPORT+W" + strings.ToUpper(token) +
			"@EXAMPLE.COM", "references": "References: <x@y> <msg_01kf00000000000000000000aa." + token + ".wasl@example.com>",
	} {
		if e := parseOne(t, letter("From: a@example.org", "Message-ID: <1@x>", line, "", "x")); e.Message.Thread.Token != token {
			t.Errorf("%s: %q", name, e.Message.Thread.Token)
		}
	}
}

func TestWhatProgramsWroteIsMarked(t *testing.T) {
	for line, want := range map[string]string{
		"X-Nothing: 1": "", "Auto-Submitted: no": "", "Auto-Submitted: auto-replied": "reply", "Auto-Submitted: auto-generated": "bulk",
		"X-Autoreply: yes": "reply", "Precedence: bulk": "bulk",
		"Precedence: list": "list", "List-Id: <l.example.org>": "list", "X-Auto-Response-Suppress: OOF": "reply",
		"X-Auto-Response-Suppress: None": "", "List-Unsubscribe: <mailto:x@y>": "bulk", "X-Wasl-Loop: 1": "loop",
	} {
		e := parseOne(t, letter("From: a@example.org", "Message-ID: <1@x>", line, "", "x"))
		if got := e.Message.Content.Mail.Auto; got != want || (want == "") != e.Message.OpensWindow {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	for from, want := range map[string]string{
		"noreply@shop.example": "bulk", "MAILER-DAEMON@mx.example": "bounce",
		"support@example.com": "", "norbert@example.org": "",
	} {
		if got := parseOne(t, letter("From: "+from, "Message-ID: <1@x>", "", "x")).Message.Content.Mail.Auto; got != want {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
}

func TestABounceOfAMailServerFailsTheMessage(t *testing.T) {
	e := parseOne(t, letter("From: MAILER-DAEMON@mx.example", "Message-ID: <1@x>",
		`Content-Type: multipart/report; report-type=delivery-status; boundary=b`, "MIME-Version: 1.0", "",
		"--b", "Content-Type: text/plain", "", "Sorry.", "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; x", "",
		"Final-Recipient: rfc822; gone@example.net", "Action: failed", "Status: 5.1.1", "",
		"--b", "Content-Type: text/rfc822-headers", "", "Message-ID: <"+messageID+">", "Subject: x", "", "--b--"))
	if r := e.Receipt; r == nil || r.MessageID != "msg_01kf00000000000000000000aa" || r.Status != "failed" || !r.Bounced ||
		r.Error.Code != "recipient_unknown" || r.Recipient != "gone@example.net" {
		t.Errorf("%+v", e)
	}
}

func TestRefusalsInPlainWords(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		outcome channels.Outcome
		code    string
	}{
		"sender": {
			403, `{"errors":[{"message":"The from address does not match a verified Sender Identity."}]}`, channels.Dead,
			"sender_invalid",
		},
		"rights": {403, `{"errors":[{"message":"access forbidden"}]}`, channels.Dead, "token_invalid"},
		"recipient": {
			400, `{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to.0.email"}]}`,
			channels.Refused, "recipient_invalid",
		},
		"content": {400, `{"errors":[{"message":"x","field":"content"}]}`, channels.Refused, "invalid_request"},
		"size":    {413, ``, channels.Refused, "mail_too_large"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}))
		account := newSigner().account
		account.BaseURL = server.URL
		_, err := email.New(email.Options{HTTP: server.Client()}).Send(t.Context(), account, outgoing()[0].Out)
		server.Close()
		if e := channels.AsSendError(err); e.Outcome != c.outcome || e.Code != c.code || e.Title == "" || e.Detail == "" {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/in/*")
	for _, name := range files {
		f.Add(file(name))
	}
	account := newSigner().account
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Check(t, email.New(email.Options{}), account, unsigned(body))
	})
}

// FuzzMail is about whole mails.
func FuzzMail(f *testing.F) {
	f.Add("From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--b--")
	f.Fuzz(func(t *testing.T, mail string) {
		channeltest.Check(t, email.New(email.Options{}), account, letter(mail))
	})
}

var account = newSigner().account
