package sandbox_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels/sandbox"
)

func newDemo(t *testing.T, gate *memoryGate) *sandbox.Sandbox {
	t.Helper()
	a := sandbox.DemoAccount()
	a.Callback = "http://127.0.0.1:1/hook"
	s, err := sandbox.New(sandbox.Options{Accounts: []sandbox.Account{a}, Customers: sandbox.DemoCustomers(), HTTP: &http.Client{Transport: gate}})
	if err != nil {
		t.Fatal(err)
	}
	run(t, s)
	return s
}

func TestStoriesAreToldWithTheirOwnTimesAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &memoryGate{}
		s := newDemo(t, gate)
		told, err := s.Tell("", sandbox.DemoStories(), true)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		fields, types := map[string]int{}, map[string]int{}
		last := map[string]string{}
		for _, p := range gate.all() {
			var h hook
			if err := json.Unmarshal(p.body, &h); err != nil {
				t.Fatal(err)
			}
			c := h.Entry[0].Changes[0]
			fields[c.Field]++
			for _, raw := range append(c.Value.Messages, c.Value.Echoes...) {
				var m struct{ Type, Timestamp string }
				if err := json.Unmarshal(raw, &m); err != nil {
					t.Fatal(err)
				}
				types[m.Type]++
				if who := c.Value.Contacts[0].UserID; m.Timestamp < last[who] {
					t.Errorf("%s goes back in time", c.Value.Contacts[0].Profile.Name)
				} else {
					last[who] = m.Timestamp
				}
			}
		}
		for _, want := range []string{"text", "image", "audio", "document", "sticker", "location", "contacts", "order", "reaction"} {
			if types[want] == 0 {
				t.Errorf("no %s is told", want)
			}
		}
		if fields["smb_message_echoes"] == 0 || fields["messages"] == 0 || len(told) < 40 {
			t.Errorf("%d lines, %v", len(told), fields)
		}
		open := 0
		for _, story := range sandbox.DemoStories() {
			chat := s.Chat(story.Customer)
			if age := time.Since(chat[0].At).Round(time.Minute); age != story.Lines[0].Ago {
				t.Errorf("%s began %s ago, not %s", story.Customer, age, story.Lines[0].Ago)
			}
			if chat[len(chat)-1].From == sandbox.FromCustomer {
				open++
			}
		}
		if open < 4 {
			t.Errorf("only %d stories wait for an answer", open)
		}
	})
}

func TestStoriesWithoutEchoReportTheCustomersSideOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &memoryGate{}
		s := newDemo(t, gate)
		told, err := s.Tell("", sandbox.DemoStories(), false)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		customers := 0
		for _, line := range told {
			if line.Message.ID == "" {
				t.Errorf("no id for %+v", line.Line)
			}
			if line.Line.From == sandbox.FromCustomer {
				customers++
			}
		}
		if n := len(gate.all()); n != customers {
			t.Errorf("%d webhooks for %d lines of customers", n, customers)
		}
	})
}

func TestStoryThatRefersToNothingIsRefused(t *testing.T) {
	s := newMemoryBench(t, &memoryGate{})
	for _, story := range []sandbox.Story{
		{Customer: "nobody", Lines: []sandbox.Line{{From: sandbox.FromCustomer}}},
		{Customer: "noa", Lines: []sandbox.Line{{From: sandbox.FromCustomer, To: "before", React: "👍"}}},
		{Customer: "noa", Lines: []sandbox.Line{{From: sandbox.FromCustomer, Sample: "nothing.png", Content: sandbox.Content{Type: "image"}}}},
	} {
		if _, err := s.Tell("", []sandbox.Story{story}, true); err == nil {
			t.Errorf("%+v was told", story)
		}
	}
}

func TestSamplesAreWhatTheySay(t *testing.T) {
	for name, want := range map[string]string{"syllabus.pdf": "%PDF-1.4", "statement.pdf": "%PDF-1.4", "voice.ogg": "OggS", "sticker.webp": "RIFF"} {
		content, mime, err := sandbox.Sample(name)
		if err != nil || !bytes.HasPrefix(content, []byte(want)) || mime == "" {
			t.Errorf("%s: %v %s", name, err, mime)
		}
	}
	for _, name := range []string{"chart.png", "transfer.png"} {
		content, _, err := sandbox.Sample(name)
		if err != nil {
			t.Fatal(err)
		}
		if img, err := png.Decode(bytes.NewReader(content)); err != nil || img.Bounds().Dx() < 400 {
			t.Errorf("%s: %v", name, err)
		}
	}
	sticker, _, _ := sandbox.Sample("sticker.webp")
	voice, _, _ := sandbox.Sample("voice.ogg")
	if len(sticker) > 100<<10 || len(voice) > 512<<10 || !strings.Contains(string(voice[:64]), "OpusHead\x01\x01") {
		t.Error("too large for what they are, or not mono")
	}
}
