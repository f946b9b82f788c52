package email_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/email"
)

// apart makes a form of the default mode.
func apart(fields [][2]string, files ...string) channels.Webhook {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		_ = w.WriteField(f[0], f[1])
	}
	for n, content := range files {
		part, _ := w.CreateFormFile(fmt.Sprintf("attachment%d", n+1), fmt.Sprintf("file %d.txt", n+1))
		_, _ = io.WriteString(part, content)
	}
	_ = w.Close()
	return channels.Webhook{Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: b.Bytes()}
}

var head = [2]string{"headers", "From: Ines <ines@example.org>\nTo: support@example.com\nSubject: Re: Order\nMessage-ID: <1@example.org>\n"}

func TestFilesKeepTheirOrder(t *testing.T) {
	e := parseOne(t, apart([][2]string{head, {"text", "six files"}}, "one", "two", "three", "four", "five", "six"))
	var got []string
	for _, a := range e.Message.Content.Attachments {
		got = append(got, a.Name+"="+string(a.Data))
	}
	if want := "file 1.txt=one file 2.txt=two file 3.txt=three file 4.txt=four file 5.txt=five file 6.txt=six"; strings.Join(got,
		" ") != want {
		t.Errorf("%q", got)
	}
}

// TestBothModesReadAlike: what stands in a mail is the same, whoever took it apart.
func TestBothModesReadAlike(t *testing.T) {
	const said, quoted = "כן, יום רביעי מתאים לנו.", "בתאריך יום ב׳, 23 בנוב׳ 2026 ב-10:00 מאת Support <support@example.com>:\n> מתי?"
	whole := parseOne(t, letter("From: Ines <ines@example.org>", "To: support@example.com", "Subject: Re: Order",
		"Message-ID: <1@example.org>", "Content-Type: text/plain; charset=iso-8859-1", "", said+"\n\n"+quoted))
	parts := parseOne(t, apart([][2]string{head, {"text", said + "\n\n" + quoted}, {"charsets", `{"text":"iso-8859-1"}`}}))
	for name, e := range map[string]channels.Event{"whole": whole, "in parts": parts} {
		if c := e.Message.Content; c.Text != said || c.Mail.Quoted != quoted || c.Mail.Subject != "Re: Order" || e.Contact.Name != "Ines" {
			t.Errorf("%s: %q %q %q from %q", name, c.Text, c.Mail.Quoted, c.Mail.Subject, e.Contact.Name)
		}
	}
}

func TestAFormThatWasCutIsNone(t *testing.T) {
	hook := apart([][2]string{head, {"text", "hello"}}, "a file")
	for _, cut := range []int{4, 40, len(hook.Body) / 2} {
		short := hook
		short.Body = hook.Body[:len(hook.Body)-cut]
		if events, err := email.New(email.Options{}).Parse(account, short); !errors.Is(err, channels.ErrBody) {
			t.Errorf("without %d bytes: %d events, %v", cut, len(events), err)
		}
	}
}

func TestFormsOfAnyMakeAreRead(t *testing.T) {
	const begin,
		end = "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nFrom: a@example.org\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n",
		"--b--\r\n"
	field := "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n"
	for name, body := range map[string]string{
		"many parts": begin + strings.Repeat(field, 1100) + end, "a part without a head": begin + "--b\r\nno head at all\r\n" +
			end, "a part without a name": begin + "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + end,
		"a preamble": "x\r\n" + begin + end, "bare line feeds": strings.ReplaceAll(begin+end, "\r\n", "\n"), "nothing after it": begin +
			"--b--",
	} {
		e := parseOne(t, channels.Webhook{Header: http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}, Body: []byte(body)})
		if e.Message.Content.Text != "hello" {
			t.Errorf("%s: %q", name, e.Message.Content.Text)
		}
	}
}

// TestEventsOfOtherPrograms that send through the same account are let go; what the owner of an address asks for is not.
func TestEventsOfOtherPrograms(t *testing.T) {
	for event, want := range map[string]int{
		`{"event":"delivered","sg_event_id":"1","email":"a@example.org","timestamp":1,"sg_message_id":"m"}`:  0,
		`{"event":"open","sg_event_id":"2","email":"a@example.org","timestamp":1,"sg_message_id":"m"}`:       0,
		`{"event":"bounce","sg_event_id":"3","email":"a@example.org","timestamp":1,"sg_message_id":"m"}`:     0,
		`{"event":"bounce","sg_event_id":"4","email":"a@example.org","timestamp":1,"sg_message_id":""}`:      1,
		`{"event":"spamreport","sg_event_id":"5","email":"a@example.org","timestamp":1,"sg_message_id":"m"}`: 1,
		`{"event":"group_unsubscribe","sg_event_id":"6","email":"a@example.org","timestamp":1}`:              1,
		`{"event":"pondered","sg_event_id":"7","email":"a@example.org","timestamp":1}`:                       1,
	} {
		hook := channels.Webhook{Suffix: "events", Header: http.Header{}, Body: []byte("[" + event + "]")}
		if events, err := email.New(email.Options{}).Parse(account, hook); len(events) != want || err != nil {
			t.Errorf("%s: %d events, %v", event, len(events), err)
		}
	}
}

// sends returns what the provider is asked, and the refusal.
func sends(t *testing.T, out channels.Outgoing) (asked map[string]any, err error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if json.NewDecoder(r.Body).Decode(&asked) != nil {
			t.Error("no JSON")
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	to := newSigner().account
	to.BaseURL = server.URL
	_, err = email.New(email.Options{HTTP: server.Client()}).Send(t.Context(), to, out)
	return asked, err
}

func TestNoLineBreakLeavesInASubject(t *testing.T) {
	for _, subject := range []string{"Order\r\nBcc: x@y.example", "Order\nBcc: x@y.example", "Order\u2028Bcc: x@y.example"} {
		for _, out := range []channels.Outgoing{
			{
				To:      []channels.Identity{{Kind: "email", Value: "a@example.org"}},
				Content: channels.Content{Type: "text", Text: "x", Mail: &channels.Mail{Subject: subject}},
			},
			{
				To: []channels.Identity{{Kind: "email", Value: "a@example.org"}}, Content: channels.Content{Type: "text", Text: "x"},
				Thread: &channels.Thread{Subject: subject},
			},
		} {
			if asked, err := sends(t, out); err != nil || asked["subject"] != "Order Bcc: x@y.example" {
				t.Errorf("%q, %v", asked["subject"], err)
			}
		}
	}
}

func TestNobodyAnswersToAnAddressThatNobodyReads(t *testing.T) {
	for _, address := range []string{
		"no-reply@shop.example", "NoReply+12@shop.example", "do-not-reply@shop.example",
		"mailer-daemon@mx.example", "unknown.x@unknown.invalid", "support@example.com",
	} {
		out := channels.Outgoing{
			To:      []channels.Identity{{Kind: "email", Value: strings.ToLower(address)}},
			Content: channels.Content{Type: "text", Text: "x"},
		}
		if asked, err := sends(t, out); asked != nil || channels.AsSendError(err).Code != "no_address" {
			t.Errorf("%s: %v %v", address, asked, err)
		}
		out.To = append(out.To, channels.Identity{Kind: "email", Value: "ines@example.org"})
		if asked, err := sends(t, out); err != nil || !strings.Contains(fmt.Sprint(asked["personalizations"]), "ines@example.org") {
			t.Errorf("%s: %v %v", address, asked, err)
		}
	}
}
