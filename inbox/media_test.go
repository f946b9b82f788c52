package inbox

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"strings"
	"testing"
	"time"

	"wasl/channels"
	"wasl/files"
	"wasl/internal/blob"
	"wasl/store"
)

// bomb is a small picture that claims to be huge.
func bomb(t *testing.T) []byte {
	t.Helper()
	img := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(img[16:], 60000)
	binary.BigEndian.PutUint32(img[20:], 60000)
	binary.BigEndian.PutUint32(img[29:], crc32.ChecksumIEEE(img[12:29]))
	return img
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
		picture := func() *files.File {
			m, err := p.upload(ann, "a.txt", strings.NewReader("words"))
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
		if _, err := p.Files.Seen(t.Context(), ann, left.ID); err != nil {
			t.Errorf("before its time: %v", err)
		}
		pass(2 * time.Hour)
		if _, err := p.Files.Seen(t.Context(), ann, left.ID); !errors.Is(err, store.ErrNotFound) {
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
