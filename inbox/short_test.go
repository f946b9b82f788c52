package inbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"wasl/channels"
	"wasl/internal/access"
)

// TestWordsInPassing: a mere thank-you and a mere yes or no are told from what says more, in three languages.
func TestWordsInPassing(t *testing.T) {
	t.Parallel()
	heard := func(said string) *Message {
		return &Message{Direction: In, Content: channels.Content{Type: channels.TypeText, Text: said}}
	}
	for _, said := range []string{
		"thanks", "Thank you very much!!", "thx 🙏", "תודה", "תודה רבה על הכל", "شكرا", "شكرًا جزيلًا", "👍", "👍🏽", "ok thanks",
	} {
		if !heard(said).merelyThanks() {
			t.Errorf("%q is a mere thank-you", said)
		}
	}
	for _, said := range []string{
		"thanks, but it is still broken", "ok", "", "👎", "תודה אבל זה לא עובד", "شكرا لكن لم يصل", "thanks? ", "no", "please call me",
	} {
		if heard(said).merelyThanks() {
			t.Errorf("%q is taken as a mere thank-you", said)
		}
	}
	for said, want := range map[string]bool{
		"ok": true, "כן": true, "تمام": true, "👍": true, "Yes, thanks": true, "לא": true, "نعم": true,
		"yes but at five": false, "thanks": false, "": false, "מחר": false,
	} {
		if heard(said).merelyAnswers() != want {
			t.Errorf("%q answers: %v", said, !want)
		}
	}
}

// TestThanksDoNotOpen what is resolved, unless the workspace wants it, and the history tells; what says more does. A yes to a question of
// ours opens it and is shown as the answer to it.
func TestThanksDoNotOpen(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		owner := access.Viewer{UserID: s.ids["owner"], WorkspaceID: w.only().WorkspaceID, Role: access.Owner}
		conv := w.only()
		phone := conv.Address.Value
		resolve := func() {
			t.Helper()
			s.edit(owner, conv.ID, Edit{Status: ptr(Resolved)})
		}
		resolve()
		s.receive(says(phone, "wamid.T1", "תודה רבה!", 100))
		if c := w.only(); c.Status != Resolved || c.WaitingSince != nil || c.InboundCount != 2 {
			t.Errorf("%s, waiting since %v, %d in", c.Status, c.WaitingSince, c.InboundCount)
		}
		told := 0
		history, _, err := s.History(t.Context(), owner, conv.ID, "", 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range history {
			for _, c := range a.Changes {
				if c.Field == "thanked" {
					told++
				}
			}
		}
		if told != 1 {
			t.Errorf("the history tells %d times that they only thanked", told)
		}
		s.receive(says(phone, "wamid.T2", "thanks, but one is missing", 160))
		if c := w.only(); c.Status != Open || c.WaitingSince == nil {
			t.Errorf("%s although they said more", c.Status)
		}
		asked := s.write(owner, conv.ID, words("q", "Shall I send it tomorrow?"))
		settle(time.Minute)
		resolve()
		s.receive(says(phone, "wamid.T3", "ok", 400))
		if c := w.only(); c.Status != Open || w.message("ok").ReplyTo != asked.ID {
			t.Errorf("%s; the answer is to %q", c.Status, w.message("ok").ReplyTo)
		}
		if status, _, answer := s.call("owner", http.MethodPatch, "/api/v1/workspace", `{"thanks_reopen":true}`); status != http.StatusOK {
			t.Fatal(answer)
		}
		resolve()
		s.receive(says(phone, "wamid.T4", "شكرا", 500))
		if c := w.only(); c.Status != Open {
			t.Errorf("%s although the workspace wants thanks to open it", c.Status)
		}
	})
}

// TestAConversationIsHandedOverWithANote: both in one write, the note once for each key, also as a macro's action.
func TestAConversationIsHandedOverWithANote(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		other := s.user("other", "w", access.Agent)
		conv := w.only()
		path := "/api/v1/conversations/" + conv.ID + "/assign"
		body := fmt.Sprintf(`{"agent_id":%q,"note":"they want a refund"}`, other.UserID)
		for range 2 {
			if status, _, answer := s.call("owner", http.MethodPost, path, body, "Idempotency-Key", "k"); status != http.StatusOK {
				t.Fatal(answer)
			}
		}
		notes := 0
		for _, m := range w.messages() {
			if m.Type == channels.TypeNote && m.Text == "they want a refund" {
				notes++
			}
		}
		if c := w.only(); c.AssigneeID != other.UserID || notes != 1 {
			t.Errorf("%q has it, with %d notes", c.AssigneeID, notes)
		}
		if status, _, _ := s.call("owner", http.MethodPost, path, `{"note":"x"}`); status != http.StatusUnprocessableEntity {
			t.Errorf("a note for nobody is %d", status)
		}
		gone := `{"agent_id":"usr_gone","note":"lost"}`
		if status, _, _ := s.call("owner", http.MethodPost, path, gone); status != http.StatusUnprocessableEntity {
			t.Errorf("to somebody who is not there: %d", status)
		}
		for _, m := range w.messages() {
			if m.Text == "lost" {
				t.Error("the note of what was refused is there")
			}
		}
	})
}
