package inbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/internal/access"
)

// TestATeamWantsMoreBeforeItsConversationsAreResolved: by patch, by send and resolve, by macro and bulk alike people are refused and told
// what is missing; with everything there it is one write. A program is not asked.
func TestATeamWantsMoreBeforeItsConversationsAreResolved(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		conv := w.only()
		owner := access.Viewer{UserID: s.ids["owner"], WorkspaceID: conv.WorkspaceID, Role: access.Owner, Name: "Owner"}
		team := s.team("w", "Support", owner)
		body := `{"closing":{"note":true,"type":true,"labels":true}}`
		if status, _, answer := s.call("owner", http.MethodPatch, "/api/v1/teams/"+team, body); status != http.StatusOK ||
			!strings.Contains(answer, `"note":true`) {
			t.Fatal(status, answer)
		}
		s.edit(owner, conv.ID, Edit{Assignment: Assignment{TeamID: &team}})
		path := "/api/v1/conversations/" + conv.ID
		refused := func(what string, status int, answer string) {
			t.Helper()
			for _, said := range []string{"closing_required", `"closing_note"`, `"type"`, `"labels"`} {
				if status != http.StatusConflict || !strings.Contains(answer, said) {
					t.Errorf("%s: %d %s does not say %s", what, status, answer, said)
				}
			}
		}
		status, _, answer := s.call("owner", http.MethodPatch, path, `{"status":"resolved"}`)
		refused("patch", status, answer)
		status, _, answer = s.call("owner", http.MethodPost, path+"/messages",
			`{"client_id":"1","type":"text","text":"bye","undo_seconds":5,"afterwards":{"status":"resolved"}}`)
		refused("send and resolve", status, answer)
		_, _, err := s.Do(t.Context(), owner, conv.ID, Doing{Actions: []byte(`[{"action":"set_status","status":"resolved"}]`), Key: "m"})
		if code(err) != "closing_required" {
			t.Errorf("a macro: %v", err)
		}
		all := `[{"action":"set_status","status":"resolved","closing_note":"refunded"},{"action":"set_type","type":"support"},` +
			`{"action":"add_label","label":"refund"}]`
		if _, _, err := s.Do(t.Context(), owner, conv.ID, Doing{Actions: []byte(all), Key: "n"}); err != nil {
			t.Errorf("with everything, in any order: %v", err)
		}
		if c, m := w.only(), w.message("refunded"); c.Status != Resolved || m.Type != channels.TypeNote || m.System != closingNote {
			t.Errorf("%s, with %+v", c.Status, m.Content)
		}
		s.edit(owner, conv.ID, Edit{Status: ptr(Open)})
		status, _, answer = s.call("owner", http.MethodPost, path+"/messages",
			`{"client_id":"2","type":"text","text":"bye","undo_seconds":5,"afterwards":{"status":"resolved","closing_note":"all done"}}`)
		if status != http.StatusCreated {
			t.Fatal(answer)
		}
		settle(time.Minute)
		if c, m := w.only(), w.message("all done"); c.Status != Resolved || m.System != closingNote || m.Author.ID != owner.UserID {
			t.Errorf("%s after the answer left, with a note by %s", c.Status, m.Author.ID)
		}
		s.edit(owner, conv.ID, Edit{Status: ptr(Open)})
		status, _, answer = s.call("owner", http.MethodPatch, path, `{"status":"pending","closing_note":"x"}`)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("a closing note of what goes on: %d %s", status, fmt.Sprint(answer))
		}
	})
}
