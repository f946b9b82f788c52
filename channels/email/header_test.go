package email_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wasl/channels"
	"wasl/channels/email"
)

// Whoever chose the words, and wherever they come from: what stands in a header of the mail stays in that header.
func TestNoLineBreakPassesIntoAHeader(t *testing.T) {
	var letter map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&letter); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	const bad = "x\r\nBcc: thief@example.com\n\u2028y"
	account := newSigner().account
	account.BaseURL, account.Credentials = server.URL, maps.Clone(account.Credentials)
	account.Credentials["from_name"] = bad
	people := func(at string) []channels.Address { return []channels.Address{{Name: bad, Address: at}} }
	_, err := email.New(email.Options{HTTP: server.Client()}).Send(t.Context(), account, channels.Outgoing{
		MessageID: "msg_1", ReplyTo: "a\r\nb@example.org", Thread: &channels.Thread{Token: "t", References: []string{bad + "@example.org"}},
		Open: func(context.Context, channels.Attachment) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("file")), nil
		},
		Content: channels.Content{
			Type: channels.TypeText, Text: "one\r\ntwo", Mail: &channels.Mail{
				Subject: bad, To: people("a@example.org"), CC: people("b@example.org"), BCC: people("c@example.org"),
			},
			Attachments: []channels.Attachment{{Name: bad, MIME: "image/png\r\nX: y", ContentID: bad, Inline: true}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var look func(path string, v any)
	look = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, part := range v {
				look(path+"."+name, part)
			}
		case []any:
			for _, part := range v {
				look(path, part)
			}
		case string:
			if path != ".content.value" && strings.ContainsAny(v, "\r\n\u2028") {
				t.Errorf("%s has %q", path, v)
			}
		}
	}
	look("", letter)
	if text := letter["content"].([]any)[0].(map[string]any)["value"]; text != "one\r\ntwo" {
		t.Errorf("the text is %q", text)
	}
}
