package inbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/internal/jobs"
)

const ines = "12025550143"

// reacts is a reaction of the customer; an empty emoji removes it.
func reacts(phone, id, target, emoji string, at int) []byte {
	return hook(fmt.Sprintf(`"contacts":[{"profile":{"name":"Ines"},"wa_id":%[1]q}],"messages":[{"from":%[1]q,"id":%[2]q,"timestamp":"%[3]d","type":"reaction","reaction":{"message_id":%[4]q,"emoji":%[5]q}}]`,
		phone, id, sampleTime.Unix()+int64(at), target, emoji))
}

// edits is an edit of a text by the customer.
func edits(t *testing.T, id, target, said string, at int) []byte {
	t.Helper()
	return replace(t, sample(t, "edit-image-caption"), map[string]string{
		"wamid.HBgLFIXTUREIN0005AA==": target, "Both corners broken": said, "1790000322": fmt.Sprint(sampleTime.Unix() + int64(at)),
		"wamid.HBgLFIXTUREIN0046AA==": id,
	})
}

// revokes withdraws a message.
func revokes(t *testing.T, target string, at int) []byte {
	t.Helper()
	return replace(t, sample(t, "revoke"), map[string]string{
		"wamid.HBgLFIXTUREIN0001AA==": target, "1790000329": fmt.Sprint(sampleTime.Unix() + int64(at)),
	})
}

func replace(t *testing.T, body []byte, with map[string]string) []byte {
	t.Helper()
	s := string(body)
	for old, fresh := range with {
		if !strings.Contains(s, old) {
			t.Fatalf("the sample does not say %q: %s", old, s)
		}
		s = strings.ReplaceAll(s, old, fresh)
	}
	return []byte(s)
}

// answered is a conversation in which we answered; it returns the answer, sent.
func (p *process) answered() *Message {
	p.w.t.Helper()
	p.receive(says(ines, "wamid.IN1", "hello", 0))
	p.answers(p.w.only().ID, "a", "our answer")
	settle(time.Second)
	m := p.w.message("our answer")
	if m.Status != Sent {
		p.w.t.Fatalf("the answer is %s", m.Status)
	}
	return m
}

func TestTwoAccountsInOneBodyGoEachToItsOwnChannel(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		sibling := p.channel("w", "800000000000002")
		stranger := p.channel("another workspace", "800000000000002")
		p.receive(sample(t, "batch-two-wabas"))
		settle(time.Minute)
		m := w.message("for another number")
		if m.ChannelID != sibling.ID || m.ChannelID == stranger.ID || m.WorkspaceID != "w" {
			t.Errorf("it went to %s of %s", m.ChannelID, m.WorkspaceID)
		}
		if len(w.messages()) != 3 || len(w.conversations()) != 3 {
			t.Errorf("%d messages in %d conversations", len(w.messages()), len(w.conversations()))
		}
	})
}

func TestAPersonWhoIsFirstKnownWithoutANumberStaysOneContact(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(sample(t, "bsuid-only-text"), sample(t, "text"), sample(t, "text-legacy-no-bsuid"))
		settle(time.Second)
		contacts := w.contacts()
		if len(contacts) != 1 || !slices.Equal(contacts[0].Phones, []string{"+12025550143"}) {
			t.Fatalf("contacts: %+v", contacts)
		}
		if conv := w.only(); conv.InboundCount != 3 {
			t.Errorf("%d messages came in", conv.InboundCount)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, n := range p.seen {
			if n.Type == "contact.updated" && (!strings.Contains(string(n.Data), "whatsapp_bsuid") ||
				!strings.Contains(string(n.Data), "whatsapp_phone")) {
				t.Errorf("the live contact does not have all identities: %s", n.Data)
			}
		}
	})
}

func TestAChangedNumberKeepsTheContactAndAnswersGoToTheNewOne(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		p.receive(hook(fmt.Sprintf(`"messages":[{"from":%q,"id":"wamid.SYS","timestamp":"%d","type":"system","system":{"body":"Ines changed her number","wa_id":"12025550199","type":"user_changed_number"}}]`,
			ines, sampleTime.Unix()+10)))
		settle(time.Second)
		conv := w.only()
		if len(w.contacts()) != 1 || conv.InboundCount != 1 {
			t.Fatalf("%d contacts, %d unread", len(w.contacts()), conv.InboundCount)
		}
		if m := w.message("Ines changed her number"); m.Type != channels.TypeSystem || m.Thread != conv.ID {
			t.Errorf("the notice: %+v", m)
		}
		p.answers(conv.ID, "a", "to the new number")
		settle(time.Second)
		if to := w.provider.sent[0]["to"]; to != "12025550199" {
			t.Errorf("the answer went to %v", to)
		}
		p.receive(says("12025550199", "wamid.IN2", "from the new number", 20))
		p.receive(says(ines, "wamid.IN3", "the old phone again", 30))
		p.answers(conv.ID, "b", "to where she wrote last")
		settle(10 * time.Second)
		if w.only().InboundCount != 3 || w.provider.sent[1]["to"] != ines {
			t.Errorf("%d came in, the answer went to %v", w.only().InboundCount, w.provider.sent[1]["to"])
		}
	})
}

func TestReportsMoveAMessageForwardOnly(t *testing.T) {
	for _, c := range []struct {
		name    string
		reports []string
		want    channels.MessageStatus
		failed  bool
	}{
		{"as expected", []string{"sent", "delivered", "read"}, Read, false},
		{"read before delivered", []string{"read", "delivered", "sent"}, Read, false},
		{"failed", []string{"failed"}, FailedMsg, true},
		{"failed after sent", []string{"sent", "failed"}, FailedMsg, true},
		{"sent after failed", []string{"failed", "sent"}, FailedMsg, true},
		{"failed after delivered", []string{"delivered", "failed"}, Delivered, false},
		{"delivered lifts failed", []string{"failed", "delivered"}, Delivered, false},
		{"read lifts failed", []string{"failed", "read"}, Read, false},
		{"everything twice", []string{"sent", "sent", "delivered", "delivered"}, Delivered, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot().connect()
				sent := p.answered()
				for n, state := range c.reports {
					p.receive(status(sent.ProviderID, state, "", 10+n))
				}
				settle(time.Minute)
				if m := w.message("our answer"); m.Status != c.want || (m.Error != nil) != c.failed {
					t.Errorf("it is %s with %+v", m.Status, m.Error)
				}
				w.quiet()
			})
		})
	}
}

func TestAReportMayOvertakeTheAnswerToTheSend(t *testing.T) {
	for _, ours := range []bool{true, false} { // with our own id, and with the provider's alone, which nobody knows yet
		bubble(t, func(t *testing.T, w *world) {
			p := w.boot().connect()
			p.receive(says(ines, "wamid.IN1", "hello", 0))
			w.provider.answer = func(body map[string]any) *reply {
				id := ""
				if ours {
					id = fmt.Sprint(body["biz_opaque_callback_data"])
				}
				if err := p.post(status("wamid.SENT1", "delivered", id, 5)); err != nil {
					t.Error(err)
				}
				time.Sleep(3 * time.Second)
				return nil
			}
			p.answers(w.only().ID, "a", "our answer")
			settle(20 * time.Second)
			if m := w.message("our answer"); m.Status != Delivered || m.ProviderID != "wamid.SENT1" {
				t.Errorf("ours %v: it is %s, %s", ours, m.Status, m.ProviderID)
			}
			w.quiet()
		})
	}
}

func TestReactions(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		sent := p.answered()
		emoji := func() (out string) {
			view := viewMessage(w.message("our answer"))
			for _, r := range view.Reactions {
				out += r.Emoji + " by " + r.By.Name
			}
			return out
		}
		steps := []struct {
			body   []byte
			want   string
			unread int64
		}{
			{reacts(ines, "wamid.R1", sent.ProviderID, "👍", 10), "👍 by Name of " + ines, 2},
			{reacts(ines, "wamid.R2", sent.ProviderID, "❤️", 11), "❤️ by Name of " + ines, 3},
			{reacts(ines, "wamid.R3", sent.ProviderID, "", 12), "", 3},
			{append(reacts(ines, "wamid.R1", sent.ProviderID, "👍", 10), ' '), "", 3}, // the first one, delivered again after its removal
			{reacts(ines, "wamid.R4", sent.ProviderID, "🎉", 13), "🎉 by Name of " + ines, 4},
		}
		for n, step := range steps {
			p.receive(step.body)
			settle(time.Second)
			if got := emoji(); got != step.want {
				t.Errorf("step %d: %q, want %q", n, got, step.want)
			}
			if c := w.only(); c.InboundCount != step.unread {
				t.Errorf("step %d: %d unread, want %d", n, c.InboundCount, step.unread)
			}
		}
		w.quiet()
	})
}

func TestAReactionIsNewsThatReopens(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		sent := p.answered()
		p.edit(boss, w.only().ID, Edit{Status: ptr(Resolved)})
		p.receive(reacts(ines, "wamid.R1", sent.ProviderID, "👍", 10))
		if c := w.only(); c.Status != Open {
			t.Errorf("it is %s", c.Status)
		}
	})
}

func TestEditsAndDeletionsKeepWhatWasSaid(t *testing.T) {
	inOrder := []int{0, 1, 2}
	for _, order := range [][]int{inOrder, {1, 0, 2}, {2, 1, 0}, {0, 1, 1, 0, 2, 2}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot().connect()
				p.receive(says(ines, "wamid.IN1", "first words", 0))
				news := [][]byte{
					edits(t, "wamid.E1", "wamid.IN1", "second words", 10), edits(t, "wamid.E2", "wamid.IN1", "third words", 20), revokes(t,
						"wamid.IN1", 30),
				}
				for n, which := range order {
					p.receive(append(news[which], strings.Repeat(" ", n)...)) // each delivery is its own
				}
				settle(time.Second)
				view := viewMessage(w.message("wamid.IN1"))
				var history []string
				for _, r := range view.History {
					history = append(history, r.Text)
				}
				if want := []string{"first words", "second words", "third words"}; !slices.Equal(history, want) {
					t.Errorf("history %v, want %v", history, want)
				}
				if view.Text != "" || view.DeletedAt == nil {
					t.Errorf("after the deletion it says %q", view.Text)
				}
				if hits, _, err := p.Search(t.Context(), boss, "words", "", 10); err != nil || len(hits) != 0 {
					t.Errorf("the search finds %d withdrawn messages, %v", len(hits), err)
				}
			})
		})
	}
}

func TestWhatIsImportedNotifiesNobodyAndOpensNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(sample(t, "history-chunk"))
		settle(time.Minute)
		c := w.only()
		if c.Status != Resolved || c.InboundCount != 0 || !c.WindowFrom.IsZero() {
			t.Errorf("%s, %d unread, window from %v", c.Status, c.InboundCount, c.WindowFrom)
		}
		if kinds := p.types(""); strings.Contains(kinds, "message.created") || strings.Contains(kinds, "notification") {
			t.Errorf("events: %s", kinds)
		}
		if _, _, err := p.Reply(t.Context(), ann, c.ID, words("a", "hello")); code(err) != "window_closed" {
			t.Errorf("an answer without a window: %v", err)
		}
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		if c = w.only(); c.Status != Open || c.InboundCount != 1 || w.message("hello").ID != c.LastMessageID {
			t.Errorf("after a message: %s, %d unread", c.Status, c.InboundCount)
		}
	})
}

func TestWhatComesInReopens(t *testing.T) {
	for _, state := range []Status{Open, Pending, Snoozed, Resolved} {
		bubble(t, func(t *testing.T, w *world) {
			p := w.boot().connect()
			p.receive(says(ines, "wamid.IN1", "hello", 0))
			until := time.Now().Add(time.Hour)
			e := Edit{Status: &state}
			if state == Snoozed {
				e.SnoozedUntil = &until
			}
			p.edit(boss, w.only().ID, e)
			p.receive(says(ines, "wamid.IN2", "anybody there?", 5))
			want := Open
			if state == Pending {
				want = Pending
			}
			if c := w.only(); c.Status != want || c.SnoozedUntil != nil {
				t.Errorf("%s became %s until %v", state, c.Status, c.SnoozedUntil)
			}
		})
	}
}

func TestMessagesOfOneSecondKeepTheOrderOfTheirArrival(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		for n := range 12 {
			p.receive(says(ines, fmt.Sprint("wamid.IN", n), fmt.Sprint("line ", n), 0))
		}
		p.receive(says(ines, "wamid.LATE", "said earlier", -5))
		conv := w.only()
		if got := w.message("line 11"); got.ID != conv.LastMessageID {
			t.Error("the last line is not the newest message")
		}
		want := []string{}
		for n := range 12 {
			want = append(want, fmt.Sprint("line ", 11-n))
		}
		if got := p.thread(boss, conv.ID, 5); !slices.Equal(got, append(want, "said earlier")) {
			t.Errorf("the thread is %v", got)
		}
	})
}

func TestAnAnswerComesAfterTheQuestionThoughTheProvidersClockIsAhead(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "question", 30)) // half a minute ahead of us
		conv := w.only()
		note := words("n", "a note")
		note.Content.Type = "note"
		if _, _, err := p.Reply(t.Context(), ann, conv.ID, note); err != nil {
			t.Fatal(err)
		}
		p.answers(conv.ID, "a", "answer")
		settle(time.Second)
		if got := p.thread(boss, conv.ID, 50); !slices.Equal(got, []string{"answer", "a note", "question"}) {
			t.Errorf("newest first: %v", got)
		}
	})
}

// Another instance, whose clock is ahead, has just changed the conversation: what is newer must look newer.
func TestAConversationsTimeOnlyGrows(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "first", 0))
		conv := w.only()
		conv.UpdatedAt = conv.UpdatedAt.Add(2 * time.Second)
		if err := w.disk.Write(t.Context(), p.conversations.Replace(conv)); err != nil {
			t.Fatal(err)
		}
		ahead := conv.UpdatedAt
		p.receive(says(ines, "wamid.IN2", "second", 0))
		if after := w.only().UpdatedAt; !after.After(ahead) {
			t.Errorf("changed at %v, and then at %v", ahead, after)
		}
	})
}

func TestAMessageFromNobodyIsADeadLetter(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive([]byte(`{"object":"something else"}`), []byte(`not json`))
		settle(time.Second)
		if n := len(w.jobs()); n != 2 {
			t.Errorf("%d dead letters, want 2", n)
		}
		if strings.Count(p.types(""), "notification.created") != 2 {
			t.Errorf("events %s", p.types(""))
		}
	})
}

func TestARemovedChannelLeavesADeadLetter(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		if err := p.Channels.Remove(t.Context(), "w", p.ch.ID); err != nil {
			t.Fatal(err)
		}
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		settle(time.Second)
		found, _, err := p.Jobs.DeadLetters(t.Context(), jobs.DeadQuery{WorkspaceID: "w", Limit: 10})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d dead letters, %v", len(found), err)
		}
		if body, _, err := p.Channels.Body(t.Context(), found[0], 1<<20); err != nil || !strings.Contains(string(body), "hello") {
			t.Errorf("%d dead letters, %v", len(found), err)
		}
	})
}
