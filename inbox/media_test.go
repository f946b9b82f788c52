package inbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/blob"
	"wasl/internal/filetype"
	"wasl/store"
)

func TestSniffing(t *testing.T) {
	voice := []byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead")
	for _, c := range []struct {
		name, claimed, want string
		head                []byte
	}{
		{"a picture that is called one", "image/png", "image/png", pngOf(t, 2, 2)},
		{"a picture that is called a document", "application/pdf", "image/png", pngOf(t, 2, 2)},
		{"a page that is called a picture", "image/png", "text/html", []byte("<!DOCTYPE html><script>alert(1)</script>")},
		{"a drawing that could act", "image/png", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`)},
		{"a voice note", "audio/ogg; codecs=opus", "audio/ogg", voice},
		{"a spreadsheet as text", "text/csv", "text/csv", []byte("a,b\n1,2\n")},
		{"text that is called a page", "text/html", "text/plain", []byte("just words")},
		{"what nobody knows", "", "application/octet-stream", []byte{0, 1, 2, 3, 250}},
		{"nothing", "", "text/plain", nil},
	} {
		if got := filetype.Detect(c.head, c.claimed, ""); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestNamesOfFilesAreHarmless(t *testing.T) {
	for given, want := range map[string]string{
		"a.pdf": "a.pdf", "../../etc/passwd": "passwd", `C:\Users\x\a.pdf`: "a.pdf", "..": "..", "/": "", "": "", "a\r\nb\x00.pdf": "ab.pdf",
		"invoice\u202efdp.exe": "invoicefdp.exe", "חשבונית.pdf": "חשבונית.pdf", strings.Repeat("x", 300) + ".pdf": strings.Repeat("x", 196) + ".pdf",
	} {
		if got := cleanName(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

// bomb is a small picture that claims to be huge.
func bomb(t *testing.T) []byte {
	t.Helper()
	img := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(img[16:], 60000)
	binary.BigEndian.PutUint32(img[20:], 60000)
	binary.BigEndian.PutUint32(img[29:], crc32.ChecksumIEEE(img[12:29]))
	return img
}

func TestUploads(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot()
		v := access.Viewer{UserID: "usr_ann", WorkspaceID: "w"}
		m, err := p.Upload(t.Context(), v, "big.png", "", bytes.NewReader(bomb(t)))
		if err != nil || m.Thumbnail || m.Width != 0 || m.MIME != "image/png" {
			t.Errorf("a pixel bomb: %+v, %v", m, err)
		}
		if m, err = p.Upload(t.Context(), v, "wide.png", "", bytes.NewReader(pngOf(t, 4000, 3))); err != nil || !m.Thumbnail || m.Width != 4000 || m.Height != 3 {
			t.Errorf("a wide picture: %+v, %v", m, err)
		}
		if m, err = p.Upload(t.Context(), v, "cut.png", "", bytes.NewReader(pngOf(t, 100, 100)[:60])); err != nil || m.Thumbnail {
			t.Errorf("half a picture: %+v, %v", m, err)
		}
		if _, err = p.Upload(t.Context(), v, "none", "", strings.NewReader("")); code(err) != "empty_file" {
			t.Errorf("an empty file: %v", err)
		}
		if _, err := p.File(t.Context(), access.Viewer{UserID: "x", WorkspaceID: "v", Role: access.Owner}, m.ID); err == nil {
			t.Error("another workspace has the file")
		}
	})
}

func TestAFileThatComesLaterIsFetchedInTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		w.provider.files = map[string][]byte{}
		w.provider.hiccups = 3
		p.receive(sample(t, "image"))
		if m := w.message("Broken corner"); m.Attachments[0].State != "pending" {
			t.Errorf("the message is shown with its file %s", m.Attachments[0].State)
		}
		w.provider.mu.Lock()
		w.provider.files["700000000000011"] = pngOf(t, 8, 8)
		w.provider.mu.Unlock()
		settle(time.Minute)
		m := w.message("Broken corner")
		if a := m.Attachments[0]; a.State != "ready" || a.Width != 8 || a.Size == 0 {
			t.Errorf("%+v", a)
		}
		if !strings.HasSuffix(p.types(m.ID), "message.updated") {
			t.Errorf("events: %s", p.types(m.ID))
		}
		w.quiet()
		left, err := os.ReadDir(os.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range left {
			if info, err := f.Info(); err == nil && strings.HasPrefix(f.Name(), "wasl-media-") && info.Size() == m.Attachments[0].Size {
				t.Errorf("%s was left behind", f.Name())
			}
		}
	})
}

// TestUploadsThatNobodySentAreRemovedAfterADay, with their files; what a message has stays.
func TestUploadsThatNobodySentAreRemovedAfterADay(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550141", "1", "a", 1))
		picture := func() *Media {
			m, err := p.Upload(t.Context(), ann, "a.txt", "", strings.NewReader("words"))
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		sent, left := picture(), picture()
		twice := []AttachmentRef{{ID: sent.ID}}
		for _, key := range []string{"k1", "k2"} {
			n := NewMessage{ClientID: key, Content: channels.Content{Type: "note", Text: "see"}, Attachments: twice}
			if _, _, err := p.Reply(t.Context(), ann, w.only().ID, n); err != nil {
				t.Fatal(err)
			}
		}
		pass := func(d time.Duration) { // nothing runs meanwhile: it would run very often
			p.stop()
			time.Sleep(d)
			p = w.boot()
			settle(time.Minute)
		}
		pass(23 * time.Hour)
		if _, err := p.File(t.Context(), ann, left.ID); err != nil {
			t.Errorf("before its time: %v", err)
		}
		pass(2 * time.Hour)
		if _, err := p.File(t.Context(), ann, left.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the row is left: %v", err)
		}
		if _, _, err := w.blobs.Open(t.Context(), left.ID); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("the file is left: %v", err)
		}
		if r, _, err := w.blobs.Open(t.Context(), sent.ID); err != nil {
			t.Errorf("what was sent is gone: %v", err)
		} else {
			_ = r.Close()
		}
		w.quiet()
		p.stop()
	})
}
