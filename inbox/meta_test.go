package inbox

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/channels/instagram"
	"wasl/channels/messenger"
	"wasl/files"
	"wasl/search"
	"wasl/store"
)

const (
	pageID   = "100000000000011"
	psid     = "20000000000000021"
	igID     = "17841400000000001"
	igsid    = "30000000000000031"
	metaDir  = "meta/messaging/testdata"
	fromPSID = `"sender":{"id":"` + psid + `"},"recipient":{"id":"` + pageID + `"}`
)

// connectMeta connects the page or the Instagram account of the samples.
func (p *process) connectMeta(kind channels.Kind) *process {
	p.w.t.Helper()
	credentials := map[string]string{"page_id": pageID, "page_access_token": "token", "app_secret": appSecret, "verify_token": "verify"}
	if kind == instagram.Kind {
		credentials = map[string]string{"account_id": igID, "access_token": "token", "app_secret": appSecret, "verify_token": "verify"}
	}
	ch, err := p.Channels.Create(p.w.t.Context(), "w", channels.New{Kind: kind, Name: "Shop", Credentials: credentials})
	if err != nil {
		p.w.t.Fatal(err)
	}
	if p.ch, err = p.Channels.Connected(p.w.t.Context(), ch.ID); err != nil {
		p.w.t.Fatal(err)
	}
	return p
}

func metaSample(t *testing.T, kind, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "channels", metaDir, kind, "in", kind+"-"+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// page is a webhook of the page with one item at seconds after sampleTime.
func page(at int, inner string) []byte {
	return fmt.Appendf(nil, `{"object":"page","entry":[{"id":%q,"time":1790001000000,"messaging":[{%s,"timestamp":%d000}]}]}`, pageID,
		inner, sampleTime.Unix()+int64(at))
}

// after lets a long time pass between two processes, which is quicker than to let one tick through it.
func (p *process) after(long time.Duration) *process {
	p.w.t.Helper()
	p.stop()
	settle(long)
	next := p.w.boot()
	ch, err := next.Channels.Connected(p.w.t.Context(), p.ch.ID)
	if err != nil {
		p.w.t.Fatal(err)
	}
	next.ch = ch
	return next
}

// insta is the same of the Instagram account; echo is from our side.
func insta(at int, echo bool, inner string) []byte {
	from, to := igsid, igID
	if echo {
		from, to = to, from
	}
	return fmt.Appendf(nil,
		`{"object":"instagram","entry":[{"id":%q,"time":1790001000000,"messaging":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d000,%s}]}]}`,
		igID, from, to, sampleTime.Unix()+int64(at), inner)
}

// TestEverySampleOfMessengerAndInstagramBecomesWhatItMeans sends each sample twice through the whole way in.
func TestEverySampleOfMessengerAndInstagramBecomesWhatItMeans(t *testing.T) {
	t.Parallel()
	for _, kind := range []channels.Kind{messenger.Kind, instagram.Kind} {
		for name, messages := range meanings(t, filepath.Join(metaDir, string(kind)), "%s") {
			t.Run(string(kind)+"-"+name, func(t *testing.T) {
				bubble(t, func(t *testing.T, w *world) {
					p := w.boot().connectMeta(kind)
					for range 2 {
						p.receive(metaSample(t, string(kind), name))
						w.finish()
					}
					checkMessages(t, w, messages)
					checkConversations(t, w, messages)
					if name != "message-edit-bare" {
						onlyStrangers(t, w, messages)
					}
					p.stop()
				})
			})
		}
	}
}

func TestAnAnswerOnMessengerIsSentEchoedDeliveredAndRead(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connectMeta(messenger.Kind)
		w.provider.names = map[string]string{psid: "Ines Valdoro"}
		p.receive(page(0, fromPSID+`,"message":{"mid":"m_IN","text":"Hello"}`))
		settle(time.Second)
		if c := w.contacts()[0]; c.Name != "Ines Valdoro" {
			t.Errorf("the contact is called %q", c.Name)
		}
		conv := w.only()
		if _, err := p.MarkRead(t.Context(), ann, conv.ID); err != nil {
			t.Fatal(err)
		}
		m, _, err := p.Reply(t.Context(), ann, conv.ID, words("1", "Hi Ines"))
		if err != nil {
			t.Fatal(err)
		}
		settle(time.Second)
		sent := w.provider.sent[0]
		if fmt.Sprint(sent["recipient"]) != "map[id:"+psid+"]" || sent["messaging_type"] != "RESPONSE" ||
			fmt.Sprint(sent["message"]) != "map[metadata:"+m.ID+" text:Hi Ines]" {
			t.Errorf("sent %v", sent)
		}
		if len(w.provider.marks) != 1 || w.provider.marks[0] != "mark_seen" {
			t.Errorf("marks %v", w.provider.marks)
		}
		for _, step := range []struct {
			body   []byte
			status channels.MessageStatus
		}{
			{page(2,
				`"sender":{"id":"`+pageID+`"},"recipient":{"id":"`+psid+`"},"message":{"mid":"m_SENT1","is_echo":true,"metadata":"`+
					m.ID+`","text":"Hi Ines"}`), Sent},
			{page(3, fromPSID+`,"delivery":{"watermark":1790001002000}`), Delivered},
			{page(4, fromPSID+`,"read":{"watermark":1790001000000}`), Delivered}, // before it was sent
			{page(5, fromPSID+`,"read":{"watermark":1790001005000}`), Read},
			{page(6, fromPSID+`,"delivery":{"mids":["m_SENT1"],"watermark":1790001002000}`), Read},
		} {
			p.receive(step.body)
			if got := w.message("Hi Ines"); got.Status != step.status || got.ProviderID != "m_SENT1" {
				t.Errorf("%s: %s %s", step.body, got.Status, got.ProviderID)
			}
		}
		if n := len(w.messages()); n != 2 {
			t.Errorf("%d messages, want 2", n)
		}
		settle(time.Minute)
		w.quiet()
		p.stop()
	})
}

func TestPeopleMayAnswerForSevenDaysWithTheTagForIt(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connectMeta(messenger.Kind)
		p.receive(page(0, fromPSID+`,"message":{"mid":"m_IN","text":"Hello"}`))
		conv := w.only()
		p = p.after(25 * time.Hour)
		window := p.windowView(t.Context(), conv)
		if window.Open || window.HumanClosesAt == nil {
			t.Errorf("window %+v", window)
		}
		if _, _, err := p.Reply(t.Context(), ann, conv.ID, words("1", "Sorry for the delay")); err != nil {
			t.Fatal(err)
		}
		settle(time.Second)
		if sent := w.provider.sent[0]; sent["messaging_type"] != "MESSAGE_TAG" || sent["tag"] != "HUMAN_AGENT" {
			t.Errorf("sent %v", sent)
		}
		p = p.after(7 * 24 * time.Hour)
		if _, _, err := p.Reply(t.Context(), ann, conv.ID, words("2", "Too late")); code(err) != "window_closed" {
			t.Errorf("after 7 days: %v", err)
		}
		p.receive(page(8*24*3600+7200, fromPSID+`,"reaction":{"mid":"m_SENT1","action":"react","emoji":"👍"}`))
		if _, _, err := p.Reply(t.Context(), ann, conv.ID, words("3", "Thanks")); err != nil {
			t.Errorf("a reaction opens the window: %v", err)
		}
		settle(time.Second)
		if sent := w.provider.sent[len(w.provider.sent)-1]; sent["messaging_type"] != "RESPONSE" {
			t.Errorf("sent %v", sent)
		}
		p.stop()
	})
}

// On Instagram nothing of ours travels with a message: its echo is known by the provider's id, or by what it says.
func TestAnEchoOnInstagramIsNoSecondMessage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connectMeta(instagram.Kind)
		p.receive(insta(0, false, `"message":{"mid":"IN","text":"Hello"}`))
		conv := w.only()
		w.provider.answer = func(map[string]any) *reply { return &reply{broken: true, taken: true} }
		if _, _, err := p.Reply(t.Context(), ann, conv.ID, words("1", "Lost answer")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the provider has it and has not answered
		p.receive(insta(1, true, `"message":{"mid":"OUT1","is_echo":true,"text":"Lost answer"}`))
		if got := w.message("Lost answer"); got.Status != Sending {
			t.Errorf("while it is sent: %s", got.Status)
		}
		settle(10 * time.Second)
		if got := w.message("Lost answer"); got.Status != Sent || got.ProviderID != "OUT1" {
			t.Errorf("settled by its echo: %s %q", got.Status, got.ProviderID)
		}
		p.receive(insta(20, true, `"message":{"mid":"OUT2","is_echo":true,"text":"From the phone"}`))
		p.receive(insta(30, false, `"read":{"mid":"OUT2"}`))
		for _, text := range []string{"Lost answer", "From the phone"} {
			if got := w.message(text); got.Status != Read || got.Direction != Out {
				t.Errorf("%s: %s %s", text, got.Direction, got.Status)
			}
		}
		if n := len(w.messages()); n != 3 {
			t.Errorf("%d messages, want 3", n)
		}
		settle(time.Minute)
		w.quiet()
		p.stop()
	})
}

// The echo may come at any moment of the send: before the provider's answer, with it, or while the answer is being stored.
func TestAnEchoThatRacesTheAnswerIsNoSecondMessage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connectMeta(instagram.Kind)
		p.receive(insta(0, false, `"message":{"mid":"IN","text":"Hello"}`))
		conv := w.only()
		w.provider.answer = func(map[string]any) *reply {
			id := w.provider.calls.Load()
			go func() {
				if err := p.post(insta(int(id), true, fmt.Sprintf(`"message":{"mid":"m_SENT%d","is_echo":true,"text":"Answer %[1]d"}`,
					id))); err != nil {
					t.Error(err)
				}
			}()
			return nil
		}
		const answers = 40
		for n := range answers {
			if _, _, err := p.Reply(t.Context(), ann, conv.ID, words(fmt.Sprint(n), fmt.Sprint("Answer ", n+1))); err != nil {
				t.Fatal(err)
			}
			settle(10 * time.Second)
		}
		if n := len(w.messages()); n != 1+answers {
			t.Errorf("%d messages, want %d", n, 1+answers)
		}
		if m := w.message("Answer 1"); m.ProviderID != "m_SENT1" {
			t.Errorf("the echo was of another message: %q", m.ProviderID)
		}
		settle(time.Minute)
		w.quiet()
		p.stop()
	})
}

func TestWhatIsUnsentIsForgotten(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connectMeta(instagram.Kind)
		w.provider.files = map[string][]byte{}
		p.receive(insta(0, false,
			`"message":{"mid":"IN","attachments":[{"type":"image","payload":{"url":"https://files.example.com/secret"}}]}`))
		settle(time.Minute)
		file := w.message("IN").Attachments[0]
		p.receive(insta(5, false, `"message":{"mid":"IN","is_deleted":true}`))
		m := w.message("IN")
		if m.DeletedAt == nil || len(m.Attachments)+len(m.History) > 0 {
			t.Errorf("left: %+v", m)
		}
		if _, _, err := w.blobs.Open(t.Context(), file.ID); err == nil {
			t.Error("the file is still there")
		}
		p.receive(insta(6, false, `"message":{"mid":"IN2","text":"a secret"}`),
			insta(7, false, `"message":{"mid":"IN2","is_deleted":true}`))
		if m := w.message("IN2"); m.Text != "" || len(m.History) > 0 || strings.Contains(fmt.Sprint(m.Tokens), "secret") {
			t.Errorf("left: %+v", m)
		}
		p.stop()
	})
}

// Whatever form it had, and whatever comes late: nothing of it is kept, shown or found.
func TestWhatIsUnsentLeavesNothingInAnyForm(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connectMeta(instagram.Kind)
		for n, inner := range []string{
			`"text":"our secret plan"`,
			`"attachments":[{"type":"ig_reel","payload":{"url":"https://files.example.com/secret","title":"a secret reel"}}]`,
			`"text":"secret size","quick_reply":{"payload":"SECRET"}`,
			`"text":"secret wish","referral":{"ref":"secret-page","product":{"id":"secret-7"}}`,
			`"text":"a secret","reply_to":{"story":{"id":"1","url":"https://files.example.com/secret"}}`,
			`"is_unsupported":true,"text":"secret"`,
		} {
			mid := fmt.Sprint("IN", n)
			p.receive(insta(n*10, false, `"message":{"mid":"`+mid+`",`+inner+`}`),
				insta(n*10+1, false, `"message_edit":{"mid":"`+mid+`","text":"secret, edited","num_edit":1}`),
				insta(n*10+5, false, `"message":{"mid":"`+mid+`","is_deleted":true}`),
				insta(n*10+3, false, `"message_edit":{"mid":"`+mid+`","text":"secret, edited late","num_edit":2}`),
				insta(n*10+8, false, `"message_edit":{"mid":"`+mid+`","text":"secret, edited after","num_edit":3}`),
				insta(n*10, false, `"message":{"mid":"`+mid+`",`+inner+`}`))
			settle(time.Minute)
			m := w.message(mid)
			view, err := p.messageViews(t.Context(), []*Message{m})
			if err != nil {
				t.Fatal(err)
			}
			shown, _ := json.Marshal(view)
			stored := strings.ToLower(fmt.Sprintf("%+v %s %s", m, m.Raw, shown))
			if m.DeletedAt == nil || strings.Contains(stored, "secret") {
				t.Errorf("of %s is left %s", inner, stored)
			}
		}
		if found, _, err := p.Search(t.Context(), boss, "secret", "", 10); err != nil || len(found) != 0 {
			t.Errorf("found %d, %v", len(found), err)
		}
		index, err := w.disk.Find(t.Context(), search.Schemas()[0].Name, store.Query{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range index.Docs {
			if strings.Contains(row.ID, "secret") {
				t.Errorf("the index has %q", row.ID)
			}
		}
		p.stop()
	})
}

// Instagram fetches what is sent to it.
func TestAFileOnInstagramIsSentAsALinkThatOpensIt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connectMeta(instagram.Kind)
		p.receive(insta(0, false, `"message":{"mid":"IN","text":"Hello"}`))
		file, err := p.upload(ann, "price list.pdf", strings.NewReader("%PDF-1.7 prices"))
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = p.Reply(t.Context(), ann, w.only().ID, NewMessage{
			ClientID: "1", Content: channels.Content{Type: "media"}, Attachments: []AttachmentRef{{ID: file.ID}},
		})
		if err != nil {
			t.Fatal(err)
		}
		settle(time.Second)
		attachment := w.provider.sent[0]["message"].(map[string]any)["attachment"].(map[string]any)
		token, ours := strings.CutPrefix(fmt.Sprint(attachment["payload"].(map[string]any)["url"]), "https://inbox.example/m/")
		if id, err := p.Files.Linked(token); !ours || err != nil || id != file.ID || attachment["type"] != "file" {
			t.Errorf("%v: %v", attachment, err)
		}
		if _, err := p.Files.Linked(token[:len(token)-2] + "AA"); err == nil {
			t.Error("a link that somebody made up opens a file")
		}
		p = p.after(files.LinkTime + time.Minute)
		if _, err := p.Files.Linked(token); err == nil {
			t.Error("the link opens the file for good")
		}
		p.stop()
	})
}
