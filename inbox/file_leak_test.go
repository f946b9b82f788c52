package inbox

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"wasl/internal/access"
)

// upload sends a file as the user and returns its id.
func (s *site) upload(name, content string) string {
	s.w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "a.txt")
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		s.w.t.Fatal(err)
	}
	status, _, answer := s.call(name, "POST", "/api/v1/media", body.String(), "Content-Type", form.FormDataContentType())
	_, id, _ := strings.Cut(answer, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	if status != 201 || id == "" {
		s.w.t.Fatalf("upload: %d %s", status, answer)
	}
	return id
}

// TestFilesAreSeenAndSentByThoseWhoMaySeeThem: an upload by its uploader until it is sent, then by whoever may see the conversation.
func TestFilesAreSeenAndSentByThoseWhoMaySeeThem(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		s.user("outsider", "w", access.Agent)
		s.user("holder", "w", access.Agent)
		s.user("supervisor", "w", access.Supervisor)
		hidden, received := w.only().ID, w.message("Broken corner").Attachments[0].ID
		s.receive(says("12025550150", "wamid.OPEN", "everybody sees this", 0))
		open := w.message("everybody sees this").ConversationID
		if status, _, answer := s.call("owner", "POST", "/api/v1/conversations/"+hidden+"/assign",
			fmt.Sprintf(`{"agent_id":%q}`, s.ids["holder"])); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
		sees := func(what, file string, names ...string) {
			t.Helper()
			for _, name := range []string{"outsider", "holder", "supervisor"} {
				want := 404
				for _, n := range names {
					if n == name {
						want = 200
					}
				}
				if status, _, _ := s.call(name, "GET", "/api/v1/media/"+file, ""); status != want {
					t.Errorf("%s: %s gets %d, want %d", what, name, status, want)
				}
			}
		}
		sends := func(what, name, file, to string, want int) {
			t.Helper()
			body := fmt.Sprintf(`{"client_id":%q,"type":"note","text":"see","attachments":[{"id":%q}]}`, what, file)
			status, _, answer := s.call(name, "POST", "/api/v1/conversations/"+to+"/messages", body)
			if status != want || want == 422 && !strings.Contains(answer, `"code":"unknown_media"`) {
				t.Errorf("%s: %s gets %d %s, want %d", what, name, status, answer, want)
			}
		}
		upload := s.upload("holder", "the secret price")
		sees("an unsent upload", upload, "holder")
		sends("another's unsent upload", "supervisor", upload, open, 422)
		sends("one's own upload", "holder", upload, hidden, 201)
		sees("a sent upload", upload, "holder", "supervisor")
		sends("a sent upload of a hidden conversation", "outsider", upload, open, 422)
		sends("a received file of a hidden conversation", "outsider", received, open, 422)
		sends("a sent upload once more", "holder", upload, hidden, 201)
		sends("a received file, back to its conversation", "holder", received, hidden, 201)
		sends("a received file, on to another conversation", "supervisor", received, open, 201)
		sees("a file that was passed on", received, "outsider", "holder", "supervisor")
		settle(time.Second)
	})
}
