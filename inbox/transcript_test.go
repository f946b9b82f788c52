package inbox

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wasl/internal/access"
	"wasl/store"
)

// A transcript tells who said what and when, in its language and direction, and nothing that is only for colleagues or has not left; what
// was written in it stays text.
func TestATranscriptTellsWhatTheCustomerKnows(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		w.provider.files = map[string][]byte{"700000000000011": pngOf(t, 20, 10)}
		p.receive(says(ines, "wamid.IN1", "<script>alert(1)</script> שלום", 0), sample(t, "image"))
		id := w.message("Broken corner").ConversationID
		p.write(ann, id, NewMessage{ClientID: "n", Content: noteOf("only for us")})
		p.write(ann, id, words("a", "on its way"))
		p.write(ann, id, at("later", "not yet", time.Now().Add(time.Hour)))
		settle(time.Minute)
		tr, err := p.Transcript(t.Context(), ann, id, "he", "Asia/Jerusalem")
		if err != nil {
			t.Fatal(err)
		}
		page, err := tr.HTML()
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"page": page, "text": tr.Text()} {
			for _, want := range []string{"שיחה עם", "on its way", "Ann", "Broken corner", "IDT"} {
				if !strings.Contains(text, want) {
					t.Errorf("the %s does not have %q:\n%s", name, want, text)
				}
			}
			if strings.Contains(text, "only for us") || strings.Contains(text, "not yet") {
				t.Errorf("the %s tells what it must not:\n%s", name, text)
			}
			if strings.Index(text, "שלום") > strings.Index(text, "on its way") {
				t.Errorf("the %s is out of order", name)
			}
		}
		if !strings.Contains(page, `dir="rtl"`) || strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
			t.Errorf("the page:\n%s", page)
		}
		var file bytes.Buffer
		if err := tr.PDF(t.Context(), &file); err != nil || !bytes.HasPrefix(file.Bytes(), []byte("%PDF-")) || file.Len() > 100_000 {
			t.Errorf("a PDF of %d bytes: %v", file.Len(), err)
		}
		said := copied(t, file.Bytes())
		if !strings.Contains(said, "on its way") || !strings.Contains(said, "שיחה עם") || strings.Contains(said, "only for us") {
			t.Errorf("the PDF: %s", said)
		}
		if _, err := p.Transcript(t.Context(), ann, id, "", "Mars/Base"); code(err) != "invalid_time_zone" {
			t.Errorf("a zone that there is not: %v", err)
		}
		stranger := access.Viewer{UserID: "usr_x", WorkspaceID: "other", Role: access.Owner}
		if _, err := p.Transcript(t.Context(), stranger, id, "", ""); err != store.ErrNotFound { //nolint:errorlint // it is never wrapped
			t.Errorf("another workspace: %v", err)
		}
	})
}

// copied is the text of a PDF.
func copied(t *testing.T, file []byte) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pdftotext", "-q", "-", "-") // scripts/test-needs installs it
	cmd.Stdin = bytes.NewReader(file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
