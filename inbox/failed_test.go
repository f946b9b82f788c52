package inbox

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"wasl/internal/access"
	"wasl/internal/web"
	"wasl/store"
)

// failedSends checks that the rows of failed sends are exactly the messages that did not go out, or perhaps not, and returns the
// texts of those in the order in which people see them.
func (p *process) failedSends(channelID string) (texts []string) {
	p.w.t.Helper()
	stuck := 0
	for _, m := range p.w.messages() {
		if is := m.Direction == Out && m.Thread != "" && (m.Status == FailedMsg || m.Status == Unknown); is != m.Listed && !m.LetGo {
			p.w.t.Errorf("%q is %s, listed: %v", m.Text, m.Status, m.Listed)
		}
		if m.Listed {
			stuck++
		}
	}
	if rows := everything[failedSend](p.w, failedSchema); len(rows) != stuck {
		p.w.t.Errorf("%d rows for %d messages", len(rows), stuck)
	}
	q := failedQuery("w", channelID)
	q.Limit = 100
	rows, _, err := p.failed.Find(p.w.t.Context(), q)
	if err != nil {
		p.w.t.Fatal(err)
	}
	views, err := p.failedViews(p.w.t.Context(), rows)
	if err != nil {
		p.w.t.Fatal(err)
	}
	for _, v := range views {
		texts = append(texts, v.Message.Text)
		if v.Contact.Name == "" || v.Message.Error == nil || v.Message.Error.Title == "" || v.FailedAt.IsZero() {
			p.w.t.Errorf("it does not say who, why and when: %+v", v)
		}
	}
	return texts
}

// TestSupervisorsFindWhatWasNotSent: what failed and what may have gone out is listed until it goes out or is let go; all that
// failed goes out again once and in order, and what may have gone out never by itself.
func TestSupervisorsFindWhatWasNotSent(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		say := func(text string, how *reply) {
			w.provider.answer = func(map[string]any) *reply { return how }
			p.answers(id, text, text)
			settle(time.Minute)
		}
		say("refused once", graphError(400, 131026))
		say("refused twice", graphError(400, 131026))
		say("uncertain", &reply{broken: true})
		say("taken", nil)
		want := "[uncertain refused twice refused once]"
		if got := p.failedSends(""); fmt.Sprint(got) != want {
			t.Fatalf("failed sends: %v, want %s", got, want)
		}
		if got := p.failedSends(p.ch.ID); fmt.Sprint(got) != want {
			t.Errorf("of the channel: %v", got)
		}
		if got := p.failedSends("another"); got != nil {
			t.Errorf("of another channel: %v", got)
		}
		w.provider.answer = func(map[string]any) *reply { return graphError(400, 131026) }
		n, pages, page := 0, 0, web.Page{Limit: 1}
		for pages == 0 || page.Cursor != "" { // what fails at once while this goes on is not sent once more
			some, next, err := p.RetryAll(t.Context(), boss, "", page)
			if err != nil || some > 1 || pages > 9 {
				t.Fatalf("%d are sent again, %v", some, err)
			}
			n, page.Cursor, pages = n+some, next, pages+1
			settle(time.Minute)
		}
		if n != 2 || pages < 3 {
			t.Fatalf("%d are sent again in %d pages", n, pages)
		}
		for _, cursor := range []string{"x", "1.", "1.x", ".1", "99999999999999999999.x"} {
			if _, _, err := p.RetryAll(t.Context(), boss, "", web.Page{Limit: 1, Cursor: cursor}); !errors.Is(err, store.ErrBadCursor) {
				t.Errorf("%q: %v", cursor, err)
			}
		}
		if got := p.failedSends(""); len(got) != 3 {
			t.Errorf("they fail again: %v", got)
		}
		w.provider.answer = nil
		before := w.provider.calls.Load()
		if n, _, err := p.RetryAll(t.Context(), boss, p.ch.ID, web.Page{Limit: 50}); err != nil || n != 2 {
			t.Fatalf("%d are sent again, %v", n, err)
		}
		settle(time.Minute)
		if got := p.failedSends(""); fmt.Sprint(got) != "[uncertain]" || w.provider.calls.Load() != before+2 {
			t.Errorf("left: %v after %d calls", got, w.provider.calls.Load()-before)
		}
		other := access.Viewer{UserID: "usr_x", WorkspaceID: "x", Role: access.Owner}
		if n, _, err := p.RetryAll(t.Context(), other, "", web.Page{Limit: 50}); n != 0 || err != nil {
			t.Errorf("another workspace sends %d, %v", n, err)
		}
		uncertain := w.message("uncertain")
		if err := p.LetGo(t.Context(), other, uncertain.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another workspace lets go: %v", err)
		}
		if err := p.LetGo(t.Context(), boss, uncertain.ID); err != nil {
			t.Fatal(err)
		}
		if got := p.failedSends(""); got != nil || w.message("uncertain").Status != Unknown {
			t.Errorf("let go, but listed: %v, %s", got, w.message("uncertain").Status)
		}
		p.receive(status("wamid.LATE", "failed", uncertain.ID, 60))
		if got := p.failedSends(""); got != nil {
			t.Errorf("what was let go comes back: %v", got)
		}
		p.receive(status("wamid.LATE", "delivered", uncertain.ID, 90))
		if m := w.message("uncertain"); m.Status != Delivered || m.LetGo {
			t.Errorf("it is %s, let go: %v", m.Status, m.LetGo)
		}
		w.quiet()
	})
}

// TestAReportListsAndUnlists: what the provider says later counts as much as its answer.
func TestAReportListsAndUnlists(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		sent := p.answered()
		p.receive(status(sent.ProviderID, "failed", sent.ID, 10))
		if got := p.failedSends(""); fmt.Sprint(got) != "[our answer]" {
			t.Errorf("after the report: %v", got)
		}
		p.receive(status(sent.ProviderID, "delivered", sent.ID, 20))
		if got := p.failedSends(""); got != nil {
			t.Errorf("delivered after all: %v", got)
		}
	})
}
