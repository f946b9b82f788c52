package inbox

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"wasl/channels"
)

// picture writes an answer with an uploaded picture.
func (p *process) picture(conversationID, key, caption string) {
	p.w.t.Helper()
	file, err := p.upload(ann, "a.png", bytes.NewReader(pngOf(p.w.t, 20, 10)))
	if err != nil {
		p.w.t.Fatal(err)
	}
	n := NewMessage{ClientID: key, Content: channels.Content{Type: "media", Text: caption}, Attachments: []AttachmentRef{{ID: file.ID}}}
	if _, _, err := p.Reply(p.w.t.Context(), ann, conversationID, n); err != nil {
		p.w.t.Fatal(err)
	}
}

// TestASlowUploadIsNoUncertainSend: it has minutes, happens once, and keeps its place in the order.
func TestASlowUploadIsNoUncertainSend(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0), says("12025550150", "wamid.IN2", "hi", 0))
		var mine, other string
		for _, c := range w.conversations() {
			if c.LastInbound == "wamid.IN1" {
				mine = c.ID
			} else {
				other = c.ID
			}
		}
		w.provider.upload = func(*http.Request) (*http.Response, error) {
			time.Sleep(2 * time.Minute)
			return answer(200, `{"id":"MEDIA1"}`), nil
		}
		p.picture(mine, "a", "a picture")
		p.answers(mine, "b", "after it")
		p.answers(other, "c", "to another")
		settle(time.Minute)
		if m := w.message("a picture"); m.Status != Queued {
			t.Errorf("while it is uploaded it is %s", m.Status)
		}
		if m := w.message("to another"); m.Status != Sent {
			t.Errorf("the upload holds up another conversation: %s", m.Status)
		}
		w.outboxes()
		settle(90 * time.Second)
		one, two := w.message("a picture"), w.message("after it")
		if one.Status != Sent || two.Status != Sent || w.provider.uploads.Load() != 1 {
			t.Errorf("they are %s and %s after %d uploads", one.Status, two.Status, w.provider.uploads.Load())
		}
		if kinds := w.provider.kindsTo(ines); len(kinds) != 2 || kinds[0] != "image" || kinds[1] != "text" {
			t.Errorf("they left as %v", kinds)
		}
		w.outboxes()
	})
}

func (p *provider) kindsTo(phone string) (kinds []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, body := range p.sent {
		if kind, _ := body["type"].(string); body["to"] == phone {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// TestAnUploadThatBreaksIsRepeatedAndOneThatWorkedIsNot, over refusals, a restart and a person who sends the message again.
func TestAnUploadThatBreaksIsRepeatedAndOneThatWorkedIsNot(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		w.provider.upload = func(*http.Request) (*http.Response, error) {
			if w.provider.uploads.Load() < 3 {
				return nil, io.ErrUnexpectedEOF
			}
			return answer(200, `{"id":"MEDIA"}`), nil
		}
		w.provider.answer = func(map[string]any) *reply {
			if w.provider.calls.Load() == 1 {
				return graphError(429, 130429)
			}
			return graphError(400, 131026)
		}
		p.picture(id, "a", "a picture")
		settle(2 * time.Second)
		if m := w.message("a picture"); m.Status != Queued || w.provider.calls.Load() != 0 {
			t.Errorf("after a broken upload it is %s, the provider was asked %d times", m.Status, w.provider.calls.Load())
		}
		p.stop()
		w.outboxes()
		p = w.boot().connect()
		settle(5 * time.Minute)
		m := w.message("a picture")
		if m.Status != FailedMsg || w.provider.uploads.Load() != 3 || w.provider.calls.Load() != 2 {
			t.Fatalf("it is %s after %d uploads and %d calls", m.Status, w.provider.uploads.Load(), w.provider.calls.Load())
		}
		w.provider.answer = nil
		again := func() {
			t.Helper()
			if _, err := p.Retry(t.Context(), ann, id, m.ID); err != nil {
				t.Fatal(err)
			}
			settle(time.Minute)
			if m = w.message("a picture"); m.Status != Sent {
				t.Errorf("sent again it is %s", m.Status)
			}
		}
		again()
		if n := w.provider.uploads.Load(); n != 3 {
			t.Errorf("%d uploads of a file that the provider has", n)
		}
		p.receive(status(m.ProviderID, "failed", m.ID, 10))
		m = w.message("a picture")
		m.Attachments[0].ProviderUntil = time.Now() // the provider has forgotten it
		if err := w.disk.Write(t.Context(), p.messages.Replace(m)); err != nil {
			t.Fatal(err)
		}
		again()
		if n := w.provider.uploads.Load(); n != 4 {
			t.Errorf("%d uploads after the provider forgot the file", n)
		}
		w.outboxes()
	})
}

// TestAFileThatIsRefusedFailsItsMessageOnly: what stands behind it is sent.
func TestAFileThatIsRefusedFailsItsMessageOnly(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		w.provider.upload = func(*http.Request) (*http.Response, error) { return answer(400, graphError(0, 131053).body), nil }
		p.picture(id, "a", "a picture")
		p.answers(id, "b", "after it")
		settle(time.Minute)
		if one, two := w.message("a picture"), w.message("after it"); one.Status != FailedMsg || one.Error == nil || two.Status != Sent {
			t.Errorf("they are %s and %s", one.Status, two.Status)
		}
		w.outboxes()
	})
}

// TestALargeMailHasMinutesAndKeepsItsPlace: a slow line is no reason to give up, or to let others overtake.
func TestALargeMailHasMinutesAndKeepsItsPlace(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		conv := p.mailed(p.mailbox("desk@us.example"), "a@example.org", "From: ines@example.org")
		w.provider.filesTake = 2 * time.Minute
		file, err := p.upload(boss, "film.bin", bytes.NewReader(bytes.Repeat([]byte("film"), 1<<19)))
		if err != nil {
			t.Fatal(err)
		}
		for n, m := range []NewMessage{
			{Content: channels.Content{Type: channels.TypeMedia, Text: "the film"}, Attachments: []AttachmentRef{{ID: file.ID}}},
			{Content: channels.Content{Type: channels.TypeText, Text: "after it"}},
		} {
			m.ClientID = fmt.Sprint(n)
			if _, _, err := p.Reply(t.Context(), boss, conv.ID, m); err != nil {
				t.Fatal(err)
			}
		}
		settle(3 * time.Minute)
		if len(w.provider.sent) != 2 || w.provider.sent[0]["attachments"] == nil || w.provider.sent[1]["attachments"] != nil {
			t.Errorf("%d sent", len(w.provider.sent))
		}
		for _, text := range []string{"the film", "after it"} {
			if m := w.texts()[text]; m.Status != Sent {
				t.Errorf("%s is %s", text, m.Status)
			}
		}
		w.outboxes()
	})
}
