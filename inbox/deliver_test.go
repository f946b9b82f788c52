package inbox

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wasl/channels"
	"wasl/internal/jobs"
	"wasl/store"
)

func TestAConversationsMessagesLeaveOneAtATimeAndInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0), says("12025550150", "wamid.IN2", "hi", 0))
		var mu sync.Mutex
		now, most := map[string]int{}, 0
		all := 0
		w.provider.answer = func(body map[string]any) *reply {
			to := fmt.Sprint(body["to"])
			mu.Lock()
			now[to]++
			if now[to] > 1 {
				t.Errorf("two messages to %s at the same time", to)
			}
			all++
			most = max(most, all)
			mu.Unlock()
			time.Sleep(200 * time.Millisecond)
			mu.Lock()
			now[to]--
			all--
			mu.Unlock()
			return nil
		}
		var want []string
		for n := range 20 {
			want = append(want, fmt.Sprint("line ", n))
			for _, c := range w.conversations() {
				p.answers(c.ID, fmt.Sprint(n), want[n])
			}
		}
		settle(20 * time.Second)
		got := map[string][]string{}
		for _, body := range w.provider.sent {
			to := fmt.Sprint(body["to"])
			said, _ := body["text"].(map[string]any)
			got[to] = append(got[to], fmt.Sprint(said["body"]))
		}
		if !slices.Equal(got[ines], want) || !slices.Equal(got["12025550150"], want) {
			t.Errorf("they left as %v", got)
		}
		if most != 2 {
			t.Errorf("%d conversations were served at the same time, want 2", most)
		}
		w.outboxes()
		w.quiet()
	})
}

// TestWhatTheProviderAnswersDecides: what becomes of a message, when it is tried again, and whether the channel goes on.
func TestWhatTheProviderAnswersDecides(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []*reply // then it takes everything
		after   time.Duration
		status  channels.MessageStatus
		code    string
		calls   int
		channel string
	}{
		{"taken", nil, time.Second, Sent, "", 1, channels.Active},
		{"refused", []*reply{graphError(400, 131026)}, time.Minute, FailedMsg, "not_reachable", 1, channels.Active},
		{"window closed over there", []*reply{graphError(400, 131047)}, time.Minute, FailedMsg, "window_closed", 1, channels.Active},
		{"throttled", []*reply{graphError(429, 130429)}, time.Minute, Sent, "", 2, channels.Active},
		{
			"throttled with a time",
			[]*reply{{status: 429, body: graphError(0, 130429).body, header: map[string]string{"Retry-After": "40"}}},
			30 * time.Second, Queued, "", 1, channels.Active,
		},
		{
			"throttled with a time, later",
			[]*reply{{
				status: 429, body: graphError(0, 130429).body,
				header: map[string]string{"Retry-After": "40"},
			}},
			50 * time.Second, Sent, "", 2, channels.Active,
		},
		{"token dead", []*reply{graphError(401, 190)}, time.Minute, Queued, "", 1, channels.Failed},
		{"no answer", []*reply{{broken: true}}, time.Minute, Unknown, "unknown_outcome", 1, channels.Active},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot().connect()
				p.receive(says(ines, "wamid.IN1", "hello", 0))
				w.provider.answer = func(map[string]any) *reply {
					if n := int(w.provider.calls.Load()); n <= len(c.answers) {
						return c.answers[n-1]
					}
					return nil
				}
				p.answers(w.only().ID, "a", "our answer")
				settle(c.after)
				m := w.message("our answer")
				if m.Status != c.status || int(w.provider.calls.Load()) != c.calls {
					t.Errorf("it is %s after %d calls, want %s after %d; %+v", m.Status, w.provider.calls.Load(), c.status, c.calls,
						m.Error)
				}
				if got := m.Error; (got != nil) != (c.code != "") || got != nil &&
					(got.Code != c.code && c.code != "unknown_outcome" || got.Title == "" || got.Detail == "") {
					t.Errorf("the words for the agent: %+v, want code %q", got, c.code)
				}
				ch, err := p.Channels.Of(t.Context(), "w", p.ch.ID)
				if err != nil || ch.Status != c.channel {
					t.Errorf("the channel is %s, want %s", ch.Status, c.channel)
				}
				if c.status == FailedMsg && !strings.Contains(p.types(""), "notification.created") {
					t.Error("the author was not told")
				}
				w.outboxes()
				p.stop()
			})
		})
	}
}

func TestDeadCredentialsHoldTheMessagesUntilSomebodyMendsThem(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0), says("12025550150", "wamid.IN2", "hi", 0))
		var dead atomic.Bool
		dead.Store(true)
		w.provider.answer = func(map[string]any) *reply {
			if dead.Load() {
				return graphError(401, 190)
			}
			return nil
		}
		for n, c := range w.conversations() {
			p.answers(c.ID, "a", fmt.Sprint("answer ", n))
		}
		settle(10 * time.Minute)
		ch, err := p.Channels.Of(t.Context(), "w", p.ch.ID)
		if err != nil || ch.Status != channels.Failed || ch.Problem == nil || ch.Problem.Title == "" || ch.Problem.Detail == "" {
			t.Fatalf("the channel is %s, %+v", ch.Status, ch.Problem)
		}
		if w.provider.calls.Load() > 2 {
			t.Errorf("the provider was asked %d times although the credentials are dead", w.provider.calls.Load())
		}
		dead.Store(false)
		if _, err := p.Channels.Change(t.Context(), "w", p.ch.ID,
			channels.Patch{Credentials: map[string]string{"access_token": "fresh"}}); err != nil {
			t.Fatal(err)
		}
		settle(20 * time.Second)
		for n := range 2 {
			if m := w.message(fmt.Sprint("answer ", n)); m.Status != Sent {
				t.Errorf("%s is %s", m.Text, m.Status)
			}
		}
		w.quiet()
	})
}

// TestAProviderThatIsDownIsSparedAndEverythingGoesOutWhenItIsBack is a whole outage with many conversations: nothing is marked as
// unknown, because the provider certainly took nothing.
func TestAProviderThatIsDownIsSparedAndEverythingGoesOutWhenItIsBack(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		const people = 12
		for n := range people {
			p.receive(says(fmt.Sprint(12025550100+n), fmt.Sprint("wamid.IN", n), "hello", 0))
		}
		var down atomic.Bool
		down.Store(true)
		w.provider.answer = func(map[string]any) *reply {
			time.Sleep(50 * time.Millisecond)
			if down.Load() {
				return graphError(503, 131057) // maintenance: not taken
			}
			return nil
		}
		for n, c := range w.conversations() {
			p.answers(c.ID, "a", fmt.Sprint("answer ", n))
		}
		settle(5 * time.Minute)
		asked := w.provider.calls.Load()
		if asked > 5*60/4 {
			t.Errorf("a provider that is down was asked %d times in five minutes", asked)
		}
		down.Store(false)
		settle(2 * time.Minute)
		for n := range people {
			if m := w.message(fmt.Sprint("answer ", n)); m.Status != Sent || w.provider.took[m.ID] != 1 {
				t.Errorf("%s is %s two minutes after the outage, sent %d times", m.Text, m.Status, w.provider.took[m.ID])
			}
		}
		w.outboxes()
		w.quiet()
	})
}

func TestWhatIsUnknownIsSettledByTheReportOrByAPerson(t *testing.T) {
	for name, settleIt := range map[string]func(p *process, m *Message){
		"its report": func(p *process, m *Message) { p.receive(status("wamid.LATE", "sent", m.ID, 60)) },
		"a person": func(p *process, m *Message) {
			if _, err := p.Retry(p.w.t.Context(), ann, m.ConversationID, m.ID); err != nil {
				p.w.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot().connect()
				p.receive(says(ines, "wamid.IN1", "hello", 0))
				w.provider.answer = func(map[string]any) *reply { return &reply{broken: true, taken: true} }
				p.answers(w.only().ID, "a", "our answer")
				settle(time.Hour)
				m := w.message("our answer")
				if m.Status != Unknown || w.provider.calls.Load() != 1 {
					t.Fatalf("it is %s after %d calls", m.Status, w.provider.calls.Load())
				}
				w.provider.answer = nil
				settleIt(p, m)
				settle(time.Minute)
				if m = w.message("our answer"); m.Status != Sent || m.Error != nil || m.ProviderID == "" {
					t.Errorf("it is %s, %q, %+v", m.Status, m.ProviderID, m.Error)
				}
				w.quiet()
			})
		})
	}
}

// A message that fails again after it was sent again is a new notice for its author.
func TestEachFailureOfAMessageHasItsNotice(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		w.provider.answer = func(map[string]any) *reply { return graphError(400, 131026) }
		p.answers(w.only().ID, "a", "our answer")
		settle(time.Minute)
		m := w.message("our answer")
		if _, err := p.Retry(t.Context(), ann, m.ConversationID, m.ID); err != nil {
			t.Fatal(err)
		}
		settle(time.Minute)
		if told := strings.Count(p.types(""), "notification.created"); told != 2 {
			t.Errorf("%d notices of two failures", told)
		}
	})
}

func TestALateReportOfTheFirstTryDoesNotFailTheSecond(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		sent := p.answered()
		failed := status(sent.ProviderID, "failed", sent.ID, 10)
		p.receive(failed)
		if m := w.message("our answer"); m.Status != FailedMsg {
			t.Fatalf("it is %s", m.Status)
		}
		if _, err := p.Retry(t.Context(), ann, sent.ConversationID, sent.ID); err != nil {
			t.Fatal(err)
		}
		p.receive(append(failed, ' ')) // delivered again, as Meta does
		settle(time.Second)
		p.receive(append(failed, '\n'))
		settle(time.Second)
		m := w.message("our answer")
		if m.Status != Sent || m.ProviderID == sent.ProviderID || w.provider.took[m.ID] != 2 {
			t.Errorf("it is %s as %s, sent %d times", m.Status, m.ProviderID, w.provider.took[m.ID])
		}
		if _, err := p.Retry(t.Context(), ann, sent.ConversationID, sent.ID); code(err) != "not_failed" {
			t.Errorf("a retry of what was sent: %v", err)
		}
	})
}

func TestOneClientIDIsOneMessage(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		fresh := make(chan bool, 20)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				m, created, err := p.Reply(t.Context(), ann, id, words("same", "once"))
				if err != nil || m.Text != "once" {
					t.Errorf("%v", err)
				}
				fresh <- created
			})
		}
		wg.Wait()
		close(fresh)
		n := 0
		for created := range fresh {
			if created {
				n++
			}
		}
		settle(time.Second)
		if n != 1 || len(w.messages()) != 2 || w.provider.calls.Load() != 1 {
			t.Errorf("%d were new, %d messages, %d calls", n, len(w.messages()), w.provider.calls.Load())
		}
		if _, created, err := p.Reply(t.Context(), boss, id, words("same", "another writer")); err != nil || !created {
			t.Errorf("another writer with the same key: created %v, %v", created, err)
		}
	})
}

func TestAfterTheWindowOnlyTemplatesAndNotesAreTaken(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		p.stop()
		settle(24*time.Hour - 2*time.Minute)
		p = w.boot().connect()
		if _, _, err := p.Reply(t.Context(), ann, id, words("a", "in time")); err != nil {
			t.Fatalf("before the window closes: %v", err)
		}
		settle(time.Minute + 30*time.Second)
		if _, _, err := p.Reply(t.Context(), ann, id, words("b", "too late")); code(err) != "window_closed" {
			t.Errorf("after the window: %v", err)
		}
		calls := w.provider.calls.Load()
		note := words("c", "for us only")
		note.Content.Type = "note"
		m, _, err := p.Reply(t.Context(), ann, id, note)
		settle(time.Minute)
		if err != nil || m.Status != Sent || w.provider.calls.Load() != calls {
			t.Errorf("a note: %v, %d calls", err, w.provider.calls.Load()-calls)
		}
		p.receive(says(ines, "wamid.IN2", "again", 24*3600))
		if _, _, err := p.Reply(t.Context(), ann, id, words("d", "open again")); err != nil {
			t.Errorf("after the customer wrote: %v", err)
		}
	})
}

func TestASnoozedConversationWakesAtItsTime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		for _, after := range []time.Duration{time.Minute, 10 * time.Minute} { // the second replaces the first
			p.edit(boss, id, Edit{Status: ptr(Snoozed), SnoozedUntil: ptr(time.Now().Add(after))})
		}
		p.edit(boss, id, Edit{Status: ptr(Snoozed), SnoozedUntil: ptr(time.Now().Add(10 * time.Minute))}) // twice at the same moment
		settle(9 * time.Minute)
		if c := w.only(); c.Status != Snoozed {
			t.Fatalf("it is %s before its time", c.Status)
		}
		settle(time.Minute + time.Second)
		if c := w.only(); c.Status != Open || c.SnoozedUntil != nil {
			t.Errorf("it is %s until %v", c.Status, c.SnoozedUntil)
		}
		w.quiet()
		if _, err := p.change(t.Context(), boss, id, func(c *Conversation, _ *change) error {
			return c.apply(Edit{Status: ptr(Snoozed), SnoozedUntil: ptr(time.Now())}, time.Now())
		}); code(err) != "snooze_in_the_past" {
			t.Errorf("a snooze into the past: %v", err)
		}
	})
}

func TestReadingIsShownToTheCustomerOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN2", "second", 5), says(ines, "wamid.IN1", "first, but late", 0))
		id := w.only().ID
		for range 3 {
			if _, err := p.MarkRead(t.Context(), ann, id); err != nil {
				t.Fatal(err)
			}
			settle(time.Second)
		}
		if !slices.Equal(w.provider.marks, []string{"wamid.IN2"}) {
			t.Errorf("the provider was told of %v", w.provider.marks)
		}
		c := w.only()
		r, err := p.readsOf(t.Context(), c)
		if err != nil || r.unread(c, "usr_ann") != 0 || r.unread(c, "usr_boss") != 2 {
			t.Errorf("unread: %d and %d, %v", r.unread(c, "usr_ann"), r.unread(c, "usr_boss"), err)
		}
		w.quiet()
	})
}

// TestAnInstanceThatWasTakenForDeadRecordsWhatItSent: its lease lapsed in the middle of a send; the other instance waits for what becomes
// of the message, and the late success settles it.
func TestAnInstanceThatWasTakenForDeadRecordsWhatItSent(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		first := w.boot().connect()
		first.receive(says(ines, "wamid.IN1", "hello", 0))
		w.provider.answer = func(map[string]any) *reply {
			second := w.build() // takes over while the provider is being asked
			for _, j := range w.jobs() {
				if j.Kind != jobSend {
					continue
				}
				j.Owner, j.RunAt = "", time.Now().Add(-time.Second)
				if err := w.disk.Write(t.Context(), store.NewCollection[jobs.Job](w.disk, jobs.Schemas()[0]).Replace(j)); err != nil {
					t.Error(err)
				}
			}
			stop := second.serveJobs()
			time.Sleep(2 * time.Second)
			stop()
			if m := w.message("our answer"); m.Status != Sending {
				t.Errorf("the other instance made it %s", m.Status)
			}
			return nil
		}
		first.answers(w.only().ID, "a", "our answer")
		settle(3 * time.Second)
		if m := w.message("our answer"); m.Status != Sent || m.ProviderID != "wamid.SENT1" || w.provider.calls.Load() != 1 {
			t.Errorf("it is %s as %q after %d calls", m.Status, m.ProviderID, w.provider.calls.Load())
		}
		settle(30 * time.Second)
		first.stop()
		synctest.Wait()
		w.outboxes()
		w.quiet()
	})
}
